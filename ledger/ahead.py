"""Blocks looked at in another process, ahead of the one that is carried out.

To recover who signed the transactions is a fifth of what a block takes, and needs nothing but the block. So one other
process is always ahead, and more would have nothing to do.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from itertools import islice
from typing import Final

from ledger.blocks import BlockError, decode_block
from ledger.checked import CheckedBlock, check_block
from ledger.workers import pool_of, submit
from spec.messages import Address

WORTH_IT: Final = 1 << 20
"""Bytes of blocks; of fewer, all are carried out before another process has even started."""

WINDOW: Final = 8
"""Blocks that are read ahead."""

Found = tuple[bytes, CheckedBlock | None]
"""An encoded block, and what it holds; None if that is for the caller to find out."""


def checked_ahead(blocks: Iterable[bytes], chain_id: int, sequencer: Address) -> Generator[Found, None, None]:
    """Yield encoded blocks of a chain in their order, with what `check_block` makes of them.

    It is None if the block is not right, so that the caller finds out why, and until the other process has started.
    An error of ``blocks`` comes in its place, after all before it.
    """
    source = _Source(blocks)
    size, first = 0, []
    while size < WORTH_IT and (item := next(source, None)) is not None:
        first.append(item)
        size += len(item)
    if size < WORTH_IT or os.cpu_count() == 1:
        yield from ((item, None) for item in first)
        yield from ((item, None) for item in source)
    else:
        source.put_back(first)
        yield from _by_another(source, chain_id, sequencer)
    if source.failure is not None:
        raise source.failure


class _Source:
    """An iterator that ends where there is an error, and keeps it."""

    def __init__(self, items: Iterable[bytes]) -> None:
        self._items: Final = iter(items)
        self._back: Final = deque[bytes]()
        self.failure: Exception | None = None

    def put_back(self, items: Iterable[bytes]) -> None:
        self._back.extend(items)

    def __iter__(self) -> _Source:
        return self

    def __next__(self) -> bytes:
        if self._back:
            return self._back.popleft()
        if self.failure is not None:
            raise StopIteration
        try:
            return next(self._items)
        except StopIteration:
            raise
        except Exception as error:
            self.failure = error
            raise StopIteration from None


def _by_another(source: _Source, chain_id: int, sequencer: Address) -> Generator[Found, None, None]:
    waiting = deque[tuple[bytes, Future[CheckedBlock | None]]]()
    has_begun = False
    # Spawned, because LevelDB has threads of its own, which a forked process would be without.
    with pool_of(1, "spawn") as pool:
        while True:
            missing = WINDOW - len(waiting)
            waiting.extend((item, _submitted(pool, item, chain_id, sequencer)) for item in islice(source, missing))
            if not waiting:
                return
            item, future = waiting.popleft()
            has_begun = has_begun or future.done()
            yield item, _result(future) if has_begun else None


def _submitted(
    pool: ProcessPoolExecutor, item: bytes, chain_id: int, sequencer: Address
) -> Future[CheckedBlock | None]:
    try:
        return submit(pool, _looked_at, item, chain_id, sequencer)
    except BrokenExecutor:
        none: Future[CheckedBlock | None] = Future()
        none.set_result(None)
        return none


def _result(future: Future[CheckedBlock | None]) -> CheckedBlock | None:
    """What the other process found; nothing if it died."""
    try:
        return future.result()
    except BrokenExecutor:
        return None


def _looked_at(item: bytes, chain_id: int, sequencer: Address) -> CheckedBlock | None:
    try:
        return check_block(decode_block(item), chain_id, sequencer)
    except BlockError:
        return None
