"""The mint curve: its table from the formula's parameters, and quotes from a table. PROTOCOL 5."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from conformance.vectors.components.component import Asked, Computed, Input, Trial, call, shown, staking_world
from conformance.vectors.encoding import Json, Malformed, plain
from conformance.vectors.executors import Executor
from spec.curve_table import curve_table
from spec.messages import Receipt
from spec.staking import STAKING
from spec.staking.storage import CURVE_STEPS
from spec.uint256 import U256
from spec.world import World


def _table(given: Input) -> Json:
    table = curve_table(
        given["base_mint_rate"], given["adjustment_power"], given["target"], given["steps"], given["step_width"]
    )
    return {"supply": plain(table.supply[: given["steps"]]), "rates": plain(table.rates[: given["steps"]])}


def _quote_trial(given: Input) -> Trial:
    world = staking_world()
    world.staking.diem_supply.replace(_filled(given["supply"]))
    world.staking.diem_mint_rates.replace(_filled(given["rates"]))
    world.diem.total_supply = U256(given["diem_total_supply"])
    return Trial(world, [call(STAKING.by_name["getDiemAmountOut"].calldata(given["svvv_amount"]), 1)])


def _filled(values: Sequence[int]) -> tuple[U256, ...]:
    if len(values) > CURVE_STEPS:
        raise Malformed(f"expected at most {CURVE_STEPS} steps, found {len(values)}")
    return tuple(U256(value) for value in [*values, *[0] * (CURVE_STEPS - len(values))])


def _quote_values(_: Executor, __: World, receipts: Sequence[Receipt]) -> Json:
    return {"diem_amount": shown(receipts[0].output)}


CURVE_TABLE: Final = Computed(
    "PROTOCOL 5", "A", ("base_mint_rate", "adjustment_power", "target", "steps", "step_width"), _table
)
QUOTE: Final = Asked(
    "PROTOCOL 5", "A", ("supply", "rates", "diem_total_supply", "svvv_amount"), _quote_trial, _quote_values
)
