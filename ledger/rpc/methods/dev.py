"""What only a development chain has: time and head that are moved at will, as in anvil, Hardhat and Ganache."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, TypeVar

from ledger.chain import ChainError
from ledger.node import ClockError, NotSequencerError
from ledger.rpc.context import Context
from ledger.rpc.encoding import ZERO, Json, quantity
from ledger.rpc.errors import INVALID_PARAMS, REFUSED, RpcError
from ledger.rpc.method import Method, Parameter
from ledger.rpc.parameters import ParameterError, count, optional_field

_T = TypeVar("_T")


def _increase_time(context: Context, seconds: int) -> int:
    return _moved(lambda: context.node.increase_time(seconds))


def _set_next_timestamp(context: Context, timestamp: int) -> None:
    _moved(lambda: context.node.set_next_timestamp(timestamp))


class Mining(NamedTuple):
    """Which blocks are to be made at once."""

    timestamp: int | None = None
    """Of the first (s), if it is given."""

    blocks: int = 1


def _mine(context: Context, mining: Mining) -> str:
    _check_number(context, mining.blocks)
    for at in range(mining.blocks):
        _mine_one(context, None if at else mining.timestamp)
    return ZERO


def _mine_many(context: Context, blocks: int, interval: int | None) -> None:
    _check_number(context, blocks)
    for _ in range(blocks):
        _mine_one(context, _time_after(context, interval))


def _time_after(context: Context, interval: int | None) -> int | None:
    """The time (s) to give to the next block; None if it is to come at the one that it would have anyway."""
    if interval is None or context.node.clock.is_given:
        return None
    return context.node.next_timestamp() + interval


def _mine_one(context: Context, timestamp: int | None) -> None:
    _moved(lambda: context.node.mine(timestamp))


def _check_number(context: Context, blocks: int) -> None:
    if blocks > context.limits.mined_blocks:
        raise RpcError(INVALID_PARAMS, f"too many blocks: at most {context.limits.mined_blocks}")


def _snapshot(context: Context) -> str:
    return quantity(context.node.snapshot())


def _revert(context: Context, number: int) -> bool:
    return _moved(lambda: context.node.revert(number))


def _moved(move: Callable[[], _T]) -> _T:
    try:
        return move()
    except ClockError as error:
        raise RpcError(INVALID_PARAMS, f"invalid time: {error}") from error
    except (ChainError, NotSequencerError) as error:
        raise RpcError(REFUSED, str(error)) from error


def _mining(value: Json) -> Mining:
    """Take a time (s), or the object that Ganache and anvil take in its place."""
    if not isinstance(value, dict):
        return Mining(count(value))
    unknown = sorted(value.keys() - set(Mining._fields))
    if unknown:
        raise ParameterError("no other fields than timestamp and blocks", unknown[0])
    none = Mining()
    timestamp = optional_field(value, "timestamp", count, none.timestamp)
    return Mining(timestamp, optional_field(value, "blocks", count, none.blocks))


_INCREASE: Final = Method(_increase_time, Parameter("seconds", count), dev=True)
_SET_NEXT: Final = Method(_set_next_timestamp, Parameter("timestamp", count), dev=True)
_SNAPSHOT: Final = Method(_snapshot, dev=True)
_REVERT: Final = Method(_revert, Parameter("snapshot", count), dev=True)

METHODS: Final[Mapping[str, Method]] = {
    "evm_increaseTime": _INCREASE,
    "evm_setNextBlockTimestamp": _SET_NEXT,
    "evm_mine": Method(_mine, Parameter("timestamp", _mining, Mining()), dev=True),
    "evm_snapshot": _SNAPSHOT,
    "evm_revert": _REVERT,
    "anvil_increaseTime": _INCREASE,
    "anvil_setNextBlockTimestamp": _SET_NEXT,
    "anvil_mine": Method(_mine_many, Parameter("blocks", count, 1), Parameter("interval", count, None), dev=True),
    "anvil_snapshot": _SNAPSHOT,
    "anvil_revert": _REVERT,
}
