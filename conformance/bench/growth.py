"""``ledger.scale`` and ``ledger.midnight``: does a block cost more where there is more, or where a day begins?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time, thread_time
from typing import Final

from conformance.bench.holders import KINDS, SEQUENCER, TRANSFERS, Holders
from conformance.bench.ledger import BLOCK_TIME
from conformance.bench.row import Finding, Note, Rates, Work
from ledger.blocks import decode_block
from ledger.chain import Chain, CheckedBlock
from ledger.store import LevelStore
from ledger.transactions import decode_transaction
from spec.parameters import load_preset

PRESET: Final = "snapshot-2026-09-19"
FEW: Final = 10**3
MANY: Final = 10**6
CREDITED: Final = 10**5
SENDERS: Final = 10**3
"""Of the accounts at either scale; the others receive."""
MINTLESS: Final = tuple(kind for kind in KINDS if kind != "mintDiem")
"""The DIEM of so many accounts is beyond the end of the curve, where nobody can mint more."""
BLOCK_SIZE: Final = 50
"""Transactions in a block."""
ROUNDS: Final = 5
SLICES: Final = 12
"""Blocks in a round."""


def bench_scale() -> Iterator[Finding]:
    """Yield the import of blocks at a million accounts against that at a thousand, to random receivers among them.

    Raises
    ------
    ValueError : a transaction is refused.
    """
    with TemporaryDirectory(prefix="diem-bench-") as folder:
        chains = {}
        for number in (MANY, FEW):
            started = process_time()
            holders = Holders(load_preset(PRESET), number, SENDERS)
            name = f"{number:,} accounts"
            chains[name] = _Replay(Path(folder) / str(number), holders, TRANSFERS, _within_a_day(holders))
            yield Note("ledger.scale", f"making {name} and the blocks", process_time() - started, "s")
        rates = Rates({name: replay.next_blocks for name, replay in chains.items()}, ROUNDS, thread_time)
        many, few = chains
        yield rates.row("ledger.scale", "tx/s", many, few, at_least=0.5)
        for replay in chains.values():
            replay.close()


def bench_midnight() -> Iterator[Finding]:
    """Yield what the first block of a UTC day costs against any other, with a hundred thousand credited accounts.

    Raises
    ------
    ValueError : a transaction is refused.
    """
    with TemporaryDirectory(prefix="diem-bench-") as folder:
        holders = Holders(load_preset(PRESET), CREDITED, CREDITED)
        replay = _Replay(Path(folder) / "store", holders, MINTLESS, _around_midnights(holders))
        # They take turns block by block, and every other block is the first of its day.
        first, other = "first of a day", "any other block"
        rates = Rates({first: replay.next_blocks, other: replay.next_blocks}, ROUNDS, thread_time)
        yield rates.costs("ledger.midnight", "µs/tx", first, other, at_most=1.1)
        replay.close()


class _Replay:
    """A chain on disk that goes once more through blocks which were made on it and undone."""

    def __init__(self, folder: Path, holders: Holders, kinds: tuple[str, ...], times: Iterator[int]) -> None:
        self._store: Final = LevelStore(folder, create=True)
        self._chain: Final = Chain(self._store, holders.genesis)
        transactions = holders.transactions("growth", kinds)
        self._blocks: Final = iter([self._made(transactions, time) for time in islice(times, 2 * SLICES * ROUNDS)])
        self._chain.adopt(holders.genesis.hash)

    def next_blocks(self) -> Work:
        """Import the next blocks, one a slice."""
        for encoded in islice(self._blocks, SLICES):
            self._chain.extend(decode_block(encoded))
            yield BLOCK_SIZE

    def close(self) -> None:
        """Let go of the store."""
        self._store.close()

    def _made(self, transactions: Iterator[bytes], time: int) -> bytes:
        batch = [decode_transaction(raw, self._chain.chain_id) for raw in islice(transactions, BLOCK_SIZE)]
        block = self._chain.propose(batch, time, SEQUENCER)
        self._chain.extend(CheckedBlock(block, tuple(batch)))
        if not all(receipt.status for receipt in self._chain.receipts(block.header.hash)):
            raise ValueError(f"a transaction of block {block.header.number} is refused")
        return block.encode()


def _within_a_day(holders: Holders) -> Iterator[int]:
    return count(holders.preset.timestamp + BLOCK_TIME, BLOCK_TIME)


def _around_midnights(holders: Holders) -> Iterator[int]:
    """Yield the first second of a day, a time in that day, the first second of the next day, and so on."""
    length = holders.preset.credits.epoch_duration
    today = holders.preset.timestamp // length
    for day in count(today + 1):
        yield day * length
        yield day * length + length // 2
