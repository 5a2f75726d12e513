"""The contract staking: its address, and what it takes from OpenZeppelin."""

from __future__ import annotations

from typing import Final

from spec import addresses
from spec.contract import Contract
from spec.erc20 import ERC20
from spec.errors import string_error
from spec.messages import Call
from spec.ownable import Ownable

NOT_TRANSFERRABLE: Final = string_error("NOT_TRANSFERRABLE")

STAKING: Final = Contract("staking", addresses.STAKING)
SVVV: Final = ERC20(STAKING, lambda world: world.staking.svvv, frozen=NOT_TRANSFERRABLE)
OWNABLE: Final = Ownable(STAKING, lambda world: world.staking.ownable)


def as_staking(call: Call) -> Call:
    """Return the call that staking itself makes to another contract within ``call``; nobody looks at its calldata."""
    return Call(addresses.STAKING, call.to, b"", call.timestamp)
