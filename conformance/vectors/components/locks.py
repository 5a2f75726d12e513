"""What burning DIEM unlocks. PROTOCOL 3.2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from conformance.vectors.components.component import ACCOUNT, Asked, Input, Trial, call, staking_world
from conformance.vectors.encoding import Json
from conformance.vectors.executors import Executor
from spec import addresses
from spec.messages import Receipt
from spec.staking import STAKING
from spec.uint256 import U256
from spec.world import World


def _unlock_trial(given: Input) -> Trial:
    world = staking_world()
    state = world.staking
    state.last_reward_timestamp = U256(1)
    locked = state.locked_stakes[ACCOUNT]
    locked.svvv_locked_amount = state.total_locked_staked_vvv = U256(given["svvv_locked"])
    locked.outstanding_diem_amount = U256(given["diem_outstanding"])
    state.svvv.balance_of[ACCOUNT] = state.svvv.total_supply = U256(given["svvv_locked"])
    world.diem.balance_of[ACCOUNT] = world.diem.total_supply = U256(given["diem_balance"])
    return Trial(world, [call(STAKING.by_name["burnDiem"].calldata(given["diem_amount"]), 1)])


def _unlock_values(executor: Executor, world: World, _: Sequence[Receipt]) -> Json:
    base = world.staking.locked_stakes[ACCOUNT].base
    locked, outstanding = (executor.word(addresses.STAKING, base + offset) for offset in (0, 1))
    before = world.staking.locked_stakes[ACCOUNT].svvv_locked_amount
    return {
        "svvv_unlocked": str(int(before) - locked),
        "svvv_locked": str(locked),
        "diem_outstanding": str(outstanding),
    }


UNLOCK: Final = Asked(
    "PROTOCOL 3.2",
    "C",
    ("diem_amount", "diem_balance", "svvv_locked", "diem_outstanding"),
    _unlock_trial,
    _unlock_values,
)
