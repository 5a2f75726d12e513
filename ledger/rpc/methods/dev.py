"""What only a development chain has: time and head that are moved at will, as in anvil, Hardhat and Ganache."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from ledger.chain import ChainError
from ledger.node import ClockError, NotSequencerError
from ledger.rpc.context import Context
from ledger.rpc.encoding import ZERO, quantity
from ledger.rpc.errors import INVALID_PARAMS, REFUSED, RpcError
from ledger.rpc.method import Method, Parameter
from ledger.rpc.parameters import count, optional_field

_T = TypeVar("_T")


def _increase_time(context: Context, seconds: int) -> int:
    return _moved(lambda: context.node.increase_time(seconds))


def _set_next_timestamp(context: Context, timestamp: int) -> None:
    _moved(lambda: context.node.set_next_timestamp(timestamp))


def _mine(context: Context, timestamp: int | None) -> str:
    _moved(lambda: context.node.mine(timestamp))
    return ZERO


def _mine_many(context: Context, blocks: int, interval: int | None) -> None:
    if blocks > context.limits.mined_blocks:
        raise RpcError(INVALID_PARAMS, f"too many blocks: at most {context.limits.mined_blocks}")
    for at in range(blocks):
        # The first block comes at the time that it would have anyway.
        after = None if interval is None or not at else context.chain.head.timestamp + interval
        _mine(context, after)


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


def _timestamp(value: object) -> int | None:
    """Take a time (s), or Ganache's object with it."""
    if isinstance(value, dict):
        return optional_field(value, "timestamp", count, None)
    return count(value)


_INCREASE: Final = Method(_increase_time, Parameter("seconds", count), dev=True)
_SET_NEXT: Final = Method(_set_next_timestamp, Parameter("timestamp", count), dev=True)
_SNAPSHOT: Final = Method(_snapshot, dev=True)
_REVERT: Final = Method(_revert, Parameter("snapshot", count), dev=True)

METHODS: Final[Mapping[str, Method]] = {
    "evm_increaseTime": _INCREASE,
    "evm_setNextBlockTimestamp": _SET_NEXT,
    "evm_mine": Method(_mine, Parameter("timestamp", _timestamp, None), dev=True),
    "evm_snapshot": _SNAPSHOT,
    "evm_revert": _REVERT,
    "anvil_increaseTime": _INCREASE,
    "anvil_setNextBlockTimestamp": _SET_NEXT,
    "anvil_mine": Method(_mine_many, Parameter("blocks", count, 1), Parameter("interval", count, None), dev=True),
    "anvil_snapshot": _SNAPSHOT,
    "anvil_revert": _REVERT,
}
