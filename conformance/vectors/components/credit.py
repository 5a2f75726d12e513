"""What an epoch allows an account to spend. PROTOCOL 6."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from conformance.vectors.components.component import ACCOUNT, CHAIN_ID, Asked, Input, Trial, call, shown
from conformance.vectors.encoding import Json
from conformance.vectors.executors import Executor
from spec import addresses
from spec.daily_credits import DAILY_CREDITS
from spec.messages import Receipt
from spec.uint256 import U256
from spec.world import World


def _credit_trial(given: Input) -> Trial:
    world = World(CHAIN_ID)
    credits = world.credits
    credits.diem = addresses.DIEM
    credits.epoch_duration, credits.minimum_stake = U256(given["epoch_duration"]), U256(given["minimum_stake"])
    account = credits.accounts[ACCOUNT]
    account.epoch, account.allocation = U256(given["account_epoch"]), U256(given["account_allocation"])
    account.staked, account.spent = U256(given["account_staked"]), U256(given["account_spent"])
    views = ("allocation", "spent", "available")
    data = [
        DAILY_CREDITS.by_name["epoch"].calldata(),
        *(DAILY_CREDITS.by_name[view].calldata(ACCOUNT) for view in views),
    ]
    return Trial(world, [call(each, given["timestamp"], addresses.DAILY_CREDITS) for each in data])


def _credit_values(_: Executor, __: World, receipts: Sequence[Receipt]) -> Json:
    names = ("epoch", "allocation", "spent", "available")
    return {name: shown(receipt.output) for name, receipt in zip(names, receipts, strict=True)}


EPOCH_ALLOCATION: Final = Asked(
    "PROTOCOL 6",
    "E",
    (
        *("timestamp", "epoch_duration", "minimum_stake"),
        *("account_epoch", "account_allocation", "account_staked", "account_spent"),
    ),
    _credit_trial,
    _credit_values,
)
