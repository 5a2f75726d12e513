"""The inputs of component vectors, by hand: ordinary ones, boundaries, roundings, and what is refused."""

from __future__ import annotations

from typing import Any, Final

from spec.curve_table import curve_table
from spec.uint256 import MAX_UINT256

UNIT: Final = 10**18
SCALE: Final = 10**36

_LAUNCH: Final = {"base_mint_rate": 90, "adjustment_power": 2, "target": 38_000, "steps": 256, "step_width": 500}
_MINIMAL: Final = {"base_mint_rate": 90, "adjustment_power": 2, "target": 80, "steps": 8, "step_width": 10}
_TABLE: Final = curve_table(**_MINIMAL)
_CURVE: Final[dict[str, Any]] = {
    "supply": [int(end) for end in _TABLE.supply[:8]],
    "rates": [int(rate) for rate in _TABLE.rates[:8]],
}
_LAUNCH_TABLE: Final = curve_table(**_LAUNCH)
_LAUNCH_CURVE: Final[dict[str, Any]] = {"supply": list(_LAUNCH_TABLE.supply), "rates": list(_LAUNCH_TABLE.rates)}


def _quote(diem: int, amount: int, **curve: Any) -> dict[str, Any]:
    return {**(curve or _CURVE), "diem_total_supply": diem, "svvv_amount": amount}


def _step(number: int, supply: int = 0) -> int:
    """Return what the rest of a step costs (sVVV base units)."""
    return int(-(-(_CURVE["supply"][number] - supply) * _CURVE["rates"][number] // UNIT))


def _settlement(**changes: int) -> dict[str, int]:
    ordinary = {
        "last_reward_timestamp": 1_000_000,
        "timestamp": 1_086_399,
        "emission_rate_per_second": 79_274_479_959_411_466,
        "venice_emissions_percentage": UNIT // 20,
        "venice_emissions_percentage_when_locked": UNIT // 5,
        "total_svvv": 33_941_208_987_993_140_790_795_723,
        "total_locked_staked_vvv": 8_954_489_934_888_212_779_041_642,
        "acc_reward_per_share": 7 * SCALE,
        "acc_reward_per_share_locked": 5 * SCALE + 1,
    }
    return ordinary | changes


def _reward(**changes: int) -> dict[str, int]:
    ordinary = {
        "svvv_balance": 1_000 * UNIT + 7,
        "svvv_locked": 400 * UNIT + 3,
        "reward_debt": 123 * UNIT,
        "acc_reward_per_share": SCALE // 3,
        "acc_reward_per_share_locked": SCALE // 7,
    }
    return ordinary | changes


def _unlock(amount: int, balance: int, locked: int, outstanding: int) -> dict[str, int]:
    return {"diem_amount": amount, "diem_balance": balance, "svvv_locked": locked, "diem_outstanding": outstanding}


def _credit(**changes: int) -> dict[str, int]:
    ordinary = {
        "timestamp": 20_000 * 86_400 + 5,
        "epoch_duration": 86_400,
        "minimum_stake": UNIT // 10,
        "account_epoch": 20_000,
        "account_allocation": 25 * UNIT + 1,
        "account_staked": 39 * UNIT + 3,
        "account_spent": 2 * UNIT + 1,
    }
    return ordinary | changes


CASES: Final[dict[str, dict[str, dict[str, Any]]]] = {
    "emission_rate": {
        "two-and-a-half-million-a-year": {"annual": 2_500_000 * UNIT},
        "fourteen-million-a-year": {"annual": 14_000_000 * UNIT},
        "a-base-unit-a-second": {"annual": 31_536_000},
        "just-below-a-base-unit-a-second": {"annual": 31_535_999},
        "nothing": {"annual": 0},
    },
    "curve_table": {
        "launch": _LAUNCH,
        "since-september-2026": _LAUNCH | {"target": 40_000},
        "minimal": _MINIMAL,
        "one-step": _MINIMAL | {"steps": 1},
        "flat": _MINIMAL | {"adjustment_power": 0},
        "beyond-the-target": _MINIMAL | {"target": 20},
        "cubes-that-powers-round-otherwise": _MINIMAL | {"target": 3, "steps": 5, "step_width": 1},
    },
    "quote": {
        "nothing": _quote(0, 0),
        "one-base-unit-is-too-little": _quote(0, 1),
        "least-that-mints": _quote(0, 91),
        "within-a-step": _quote(3 * UNIT, 100 * UNIT),
        "exactly-a-step": _quote(0, _step(0)),
        "one-less-than-a-step": _quote(0, _step(0) - 1),
        "one-over-a-step": _quote(0, _step(0) + 1),
        "rest-of-a-step-rounded-up": _quote(10 * UNIT - 1, 90),
        "one-over-the-rest-of-a-step": _quote(10 * UNIT - 1, 92),
        "across-three-steps": _quote(7 * UNIT + 123, 3_000 * UNIT + 1),
        "supply-at-a-boundary": _quote(10 * UNIT, 500 * UNIT),
        "all-that-the-table-has": _quote(0, 10**42, supply=[UNIT], rates=[10**42]),
        "rate-of-zero-is-passed-over": _quote(0, 5 * UNIT, supply=[UNIT, 2 * UNIT], rates=[0, 4 * UNIT]),
        "empty-table": _quote(0, UNIT, supply=[], rates=[]),
        "supply-beyond-the-table": _quote(81 * UNIT, 1),
        "supply-at-the-end-of-the-table": _quote(80 * UNIT, 1),
        "last-base-unit-of-the-table": _quote(80 * UNIT - 1, 1),
        "one-too-many-for-the-table": _quote(79 * UNIT, _step(7, 79 * UNIT) + 1),
        "exactly-the-rest-of-the-table": _quote(79 * UNIT, _step(7, 79 * UNIT)),
        "rest-of-the-table-rounded-up": _quote(79 * UNIT + 1, _step(7, 79 * UNIT + 1)),
        "falling-bounds": _quote(0, 50 * UNIT, supply=[5 * UNIT, 3 * UNIT, 9 * UNIT], rates=[UNIT, UNIT, 2 * UNIT]),
        "product-overflows": _quote(0, MAX_UINT256),
        "cost-overflows": _quote(0, 1, supply=[MAX_UINT256], rates=[MAX_UINT256]),
        "launch-table": _quote(37_713 * UNIT, 1_000_000 * UNIT, **_LAUNCH_CURVE),
        "launch-table-first-diem": _quote(0, 90 * UNIT, **_LAUNCH_CURVE),
    },
    "settlement": {
        "ordinary": _settlement(),
        "same-second": _settlement(timestamp=1_000_000),
        "one-second": _settlement(timestamp=1_000_001),
        "nothing-locked": _settlement(total_locked_staked_vvv=0),
        "all-locked": _settlement(total_locked_staked_vvv=33_941_208_987_993_140_790_795_723),
        "no-emissions": _settlement(emission_rate_per_second=0),
        "all-to-the-treasury": _settlement(venice_emissions_percentage=UNIT),
        "fee-takes-all": _settlement(venice_emissions_percentage_when_locked=UNIT),
        "no-fee": _settlement(venice_emissions_percentage_when_locked=0, venice_emissions_percentage=0),
        "dust-that-nobody-gets": _settlement(emission_rate_per_second=1, timestamp=1_000_003),
        "rounds-at-every-division": _settlement(
            timestamp=1_000_001, emission_rate_per_second=1_999, total_svvv=7, total_locked_staked_vvv=3
        ),
        "locked-part-rounds-to-nothing": _settlement(
            timestamp=1_000_001, emission_rate_per_second=10, total_locked_staked_vvv=1
        ),
        "accumulator-overflows": _settlement(acc_reward_per_share=MAX_UINT256),
        "locked-accumulator-overflows": _settlement(acc_reward_per_share_locked=MAX_UINT256),
        "emission-overflows": _settlement(emission_rate_per_second=MAX_UINT256),
        "share-overflows": _settlement(emission_rate_per_second=MAX_UINT256 // 86_399),
        "no-stake-at-all": _settlement(total_svvv=0, total_locked_staked_vvv=0),
        "more-locked-than-staked": _settlement(total_svvv=1, total_locked_staked_vvv=2),
        "more-than-all-to-the-treasury": _settlement(venice_emissions_percentage=UNIT + UNIT // 10),
        "fee-of-more-than-all": _settlement(venice_emissions_percentage_when_locked=2 * UNIT),
    },
    "pending_rewards": {
        "both-parts": _reward(),
        "nothing-locked": _reward(svvv_locked=0),
        "all-locked": _reward(svvv_locked=1_000 * UNIT + 7, reward_debt=0),
        "nothing-staked": _reward(svvv_balance=0, svvv_locked=0, reward_debt=0),
        "each-part-rounds-down": _reward(svvv_balance=5, svvv_locked=2, reward_debt=0),
        "nothing-pending": _reward(svvv_balance=3, svvv_locked=0, reward_debt=0, acc_reward_per_share=SCALE // 4),
        "exactly-the-debt": _reward(svvv_balance=10, svvv_locked=0, reward_debt=10, acc_reward_per_share=SCALE),
        "debt-of-one-more": _reward(svvv_balance=10, svvv_locked=0, reward_debt=11, acc_reward_per_share=SCALE),
        "more-locked-than-staked": _reward(svvv_locked=1_001 * UNIT),
        "unlocked-part-overflows": _reward(acc_reward_per_share=MAX_UINT256),
        "locked-part-overflows": _reward(acc_reward_per_share_locked=MAX_UINT256),
    },
    "unlock": {
        "all": _unlock(11 * UNIT, 11 * UNIT, 1_000 * UNIT, 11 * UNIT),
        "a-part-rounds-down": _unlock(UNIT, 11 * UNIT, 1_000 * UNIT, 11 * UNIT),
        "dust-unlocks-nothing": _unlock(1, UNIT, 2, 3),
        "one-less-than-all": _unlock(11 * UNIT - 1, 11 * UNIT, 1_000 * UNIT, 11 * UNIT),
        "exactly-the-balance": _unlock(2 * UNIT, 2 * UNIT, 1_000 * UNIT, 11 * UNIT),
        "nothing": _unlock(0, 11 * UNIT, 1_000 * UNIT, 11 * UNIT),
        "nothing-of-nothing": _unlock(0, 0, 0, 0),
        "more-than-the-balance": _unlock(2 * UNIT + 1, 2 * UNIT, 1_000 * UNIT, 11 * UNIT),
        "no-balance-and-none-outstanding": _unlock(1, 0, 0, 0),
        "none-outstanding": _unlock(1, UNIT, 0, 0),
        "more-than-outstanding": _unlock(12 * UNIT, 20 * UNIT, 1_000 * UNIT, 11 * UNIT),
        "one-more-than-outstanding-of-a-cheap-lock": _unlock(4, 5, 2, 3),
        "more-than-outstanding-by-rounding": _unlock(7, 10, 2, 5),
        "product-overflows": _unlock(2**200, 2**200, 2**100, 2**200),
    },
    "epoch_allocation": {
        "touched-in-this-epoch": _credit(),
        "untouched-since-yesterday": _credit(account_epoch=19_999),
        "first-second-of-an-epoch": _credit(timestamp=20_001 * 86_400),
        "last-second-of-an-epoch": _credit(timestamp=20_001 * 86_400 - 1),
        "touched-in-a-later-epoch": _credit(account_epoch=20_001),
        "exactly-the-minimum": _credit(account_allocation=UNIT // 10, account_spent=0),
        "one-below-the-minimum": _credit(account_allocation=UNIT // 10 - 1, account_spent=0),
        "new-epoch-below-the-minimum": _credit(account_epoch=0, account_staked=UNIT // 10 - 1),
        "all-spent": _credit(account_spent=25 * UNIT + 1),
        "more-spent-than-allocated": _credit(account_spent=25 * UNIT + 2),
        "more-spent-than-allocated-yesterday": _credit(account_spent=25 * UNIT + 2, account_epoch=19_999),
        "no-account": _credit(account_epoch=0, account_allocation=0, account_staked=0, account_spent=0),
        "no-minimum": _credit(account_allocation=0, account_spent=0, minimum_stake=0),
        "epoch-of-no-length": _credit(epoch_duration=0),
    },
}
"""Component |-> name |-> input."""
