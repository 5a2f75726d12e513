"""The environment: the block that the transactions are to be in."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from pydantic import Field, TypeAdapter

from conformance.transition.errors import ExitStatus, TransitionError
from conformance.transition.fields import AccountAddress, Document, Uint64, Uint256, read, show
from spec.messages import Address


class Environment(NamedTuple):
    """What is known of a block before it is made."""

    coinbase: Address
    """Who seals the block; it earns nothing."""

    gas_limit: int
    """A number for tools to read, as no gas is counted."""

    number: int

    timestamp: int
    """Seconds since 1970."""


class _Environment(Document):
    """What the contracts cannot see, such as ``currentRandom`` and ``blockHashes``, is not looked at."""

    coinbase: AccountAddress = Field(alias="currentCoinbase")
    gas_limit: Uint64 = Field(alias="currentGasLimit")
    number: Uint64 = Field(alias="currentNumber")
    timestamp: Uint64 = Field(alias="currentTimestamp")
    parent_timestamp: Uint64 | None = Field(None, alias="parentTimestamp")
    base_fee: Uint256 | None = Field(None, alias="currentBaseFee")
    parent_base_fee: Uint256 | None = Field(None, alias="parentBaseFee")
    difficulty: Uint256 | None = Field(None, alias="currentDifficulty")
    ommers: list[Any] | None = None
    withdrawals: list[Any] | None = None


_ENVIRONMENT: Final = TypeAdapter(_Environment)


def read_environment(place: str, content: object) -> Environment:
    """Return the environment of a block; fields without a meaning here are not looked at.

    Raises
    ------
    TransitionError : JSON : as from `fields.read`. CONFIGURATION : a base fee, a difficulty, ommers or withdrawals,
        which this ledger's blocks have none of; a time before the parent's.
    """
    found = read(place, _ENVIRONMENT, content)
    for name, value, reason in (
        ("currentBaseFee", found.base_fee, "no fee is charged"),
        ("parentBaseFee", found.parent_base_fee, "no fee is charged"),
        ("currentDifficulty", found.difficulty, "blocks are those after the merge"),
    ):
        if value:
            _refuse(place, name, f"0 or none, as {reason}", hex(value))
    for name, items in (("ommers", found.ommers), ("withdrawals", found.withdrawals)):
        if items:
            _refuse(place, name, "none, as Paris has none", show(items))
    if found.timestamp < (found.parent_timestamp or 0):
        _refuse(place, "currentTimestamp", f"at least parentTimestamp, {found.parent_timestamp}", str(found.timestamp))
    return Environment(found.coinbase, found.gas_limit, found.number, found.timestamp)


def _refuse(place: str, name: str, expected: str, found: str) -> None:
    raise TransitionError(ExitStatus.CONFIGURATION, f"{place}: {name}: expected {expected}; found {found}")
