"""The mint curve as a table, from its formula: PROTOCOL 5.

The one place with floating point: the table is data that the owner sets, computed off chain in IEEE double; no
transition computes with it.
"""

from __future__ import annotations

from math import exp
from typing import Final, NamedTuple

from spec.staking.storage import CURVE_STEPS
from spec.uint256 import U256, ZERO

DIEM_UNIT: Final = 10**18
EXPONENT: Final = 3
"""The power of supply over target; of 1 to 4, the one that gives the published rate of 93.34 after 10,000 DIEM."""


class CurveTable(NamedTuple):
    """The arguments of ``setDiemMintCurve``: 256 entries each, zero past the last step."""

    supply: tuple[U256, ...]
    """The DIEM supply at which each step ends (DIEM base units)."""

    rates: tuple[U256, ...]
    """sVVV per DIEM in each step (10^18 = one for one)."""


def mint_rate(base_mint_rate: int, adjustment_power: int, target: int, diem_supply: int) -> int:
    """Return rate(S) = base · exp(power · (S / target)^3), scaled by 10^18; S and target in whole DIEM.

    Source : PROTOCOL 5, grade A: evaluated in IEEE double, in this order, and cut off to an integer.
    """
    return int(base_mint_rate * exp(adjustment_power * (diem_supply / target) ** EXPONENT) * 10**18)


def curve_table(base_mint_rate: int, adjustment_power: int, target: int, steps: int, step_width: int) -> CurveTable:
    """Return the table of ``steps`` steps of ``step_width`` DIEM, each at the rate of its upper bound."""
    bounds = [step_width * step for step in range(1, steps + 1)]
    rates = [mint_rate(base_mint_rate, adjustment_power, target, bound) for bound in bounds]
    unused = (ZERO,) * (CURVE_STEPS - steps)
    return CurveTable(
        tuple(U256(bound * DIEM_UNIT) for bound in bounds) + unused, tuple(U256(rate) for rate in rates) + unused
    )
