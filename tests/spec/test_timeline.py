"""Emission rates by governance: PROTOCOL 7."""

from __future__ import annotations

import pytest

from spec.timeline import TIMELINE, emission_rate_per_second
from spec.uint256 import U256
from tests.spec.conftest import UNIT


def test_timeline_is_the_protocols() -> None:
    assert TIMELINE == (
        ("2025-01-27", 14_000_000, "B"),
        ("2025-08-20", 10_000_000, "B"),
        ("2025-11-23", 8_000_000, "D"),
        ("2026-02-10", 6_000_000, "D"),
        ("2026-05-01", 5_000_000, "D"),
        ("2026-06-01", 4_000_000, "D"),
        ("2026-07-01", 3_000_000, "D"),
        ("2026-09-01", 2_500_000, "A"),
        ("2026-10-01", 2_000_000, "B"),
    )


@pytest.mark.parametrize(
    "annual,rate",
    [
        (2_500_000 * UNIT, 79274479959411466),
        (10_000_000 * UNIT, 317097919837645865),
        (31_536_000 * UNIT, UNIT),
        (31_535_999, 0),
        (31_536_000, 1),
        (0, 0),
    ],
)
def test_rate_per_second_is_the_annual_one_rounded_down(annual: int, rate: int) -> None:
    assert emission_rate_per_second(annual) == rate
    assert type(emission_rate_per_second(annual)) is U256
