"""The emission rate over the years, set by governance: PROTOCOL 7. No schedule is coded on chain."""

from __future__ import annotations

from typing import Final, NamedTuple

from spec.uint256 import U256, floor_div

SECONDS_PER_YEAR: Final = 31_536_000


class EmissionPeriod(NamedTuple):
    """From a day on, so much a year."""

    since: str
    """The day (UTC) on which the rate was set, as year-month-day."""

    vvv_per_year: int
    """whole VVV"""

    grade: str


TIMELINE: Final = (
    EmissionPeriod("2025-01-27", 14_000_000, "B"),
    EmissionPeriod("2025-08-20", 10_000_000, "B"),
    EmissionPeriod("2025-11-23", 8_000_000, "D"),
    EmissionPeriod("2026-02-10", 6_000_000, "D"),
    EmissionPeriod("2026-05-01", 5_000_000, "D"),
    EmissionPeriod("2026-06-01", 4_000_000, "D"),
    EmissionPeriod("2026-07-01", 3_000_000, "D"),
    EmissionPeriod("2026-09-01", 2_500_000, "A"),
    EmissionPeriod("2026-10-01", 2_000_000, "B"),
)
"""Source: PROTOCOL 7; the day of the third is approximate, the last was announced."""


def emission_rate_per_second(annual: int) -> U256:
    """Return the argument of ``setEmissionRate`` for an annual emission (both in VVV base units), rounded down."""
    return floor_div(U256(annual), SECONDS_PER_YEAR)
