"""What an import cannot do without, each part alone: what it would take at least if all the rest cost nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Final

from btclib_secp256k1 import recovery

from ledger.blocks import decode_block
from ledger.chain import Chain, CheckedBlock
from ledger.checked import check_block
from ledger.execution import Execution
from ledger.genesis import Genesis
from ledger.recursive_length_prefix import split_list
from ledger.state import HeadState
from ledger.store import LevelStore, MemoryStore
from ledger.store.interface import Changes
from ledger.transactions import Transaction, TransactionType, signing_digest

ROUNDS: Final = 3


class Floor:
    """The parts of an import of some blocks; each is the least of several rounds."""

    def __init__(self, genesis: Genesis, blocks: Sequence[bytes], folder: Path) -> None:
        """Take the blocks apart, to have each part by itself; ``folder`` is for stores that are written."""
        self._genesis: Final = genesis
        self._folder: Final = folder
        self._blocks: Final = [
            check_block(decode_block(block), genesis.chain_id, genesis.sequencer) for block in blocks
        ]
        self._count: Final = sum(len(block.transactions) for block in self._blocks)

    def parts(self) -> Iterator[tuple[str, float]]:
        """Yield what each part is, and what it takes (µs for each transaction)."""
        yield "libsecp256k1 recovers the signers", self._least(self._recovering)
        yield "the specification carries out the calls", self._least(self._carrying_out)
        yield "LevelDB takes what the blocks come to", self._least(self._storing)

    def _least(self, prepare: Callable[[], Callable[[], None]]) -> float:
        seconds = []
        for _ in range(ROUNDS):
            work = prepare()
            started = perf_counter()
            work()
            seconds.append(perf_counter() - started)
        return 1e6 * min(seconds) / self._count

    def _recovering(self) -> Callable[[], None]:
        signed = [(_signature(each), each.y_parity, _digest(each)) for each in self._transactions()]

        def work() -> None:
            for signature, y_parity, digest in signed:
                recovery.recover(digest, signature, y_parity)

        return work

    def _carrying_out(self) -> Callable[[], None]:
        store = MemoryStore()
        Chain(store, self._genesis)
        execution = Execution(HeadState(store), self._genesis.chain_id)

        def work() -> None:
            for block, transactions in self._blocks:
                for transaction in transactions:
                    execution.transact(transaction, block.header.timestamp)
                execution.settle()

        return work

    def _storing(self) -> Callable[[], None]:
        batches = _batches(self._genesis, self._blocks)
        store = LevelStore(self._folder / f"floor-{perf_counter()}", create=True)

        def work() -> None:
            for batch in batches:
                store.write(batch)

        return work

    def _transactions(self) -> Iterator[Transaction]:
        for block in self._blocks:
            yield from block.transactions


class _Recorder(MemoryStore):
    """A store in memory that keeps what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: Final[list[Changes]] = []

    def write(self, changes: Changes) -> None:
        """Keep the changes, and make them."""
        self.batches.append(dict(changes))
        super().write(changes)


def _batches(genesis: Genesis, blocks: Sequence[CheckedBlock]) -> list[Changes]:
    """Return what the blocks put into a store, block by block."""
    store = _Recorder()
    chain = Chain(store, genesis)
    store.batches.clear()
    for block in blocks:
        chain.extend(block)
    return store.batches


def _signature(transaction: Transaction) -> bytes:
    return transaction.r.to_bytes(32, "big") + transaction.s.to_bytes(32, "big")


def _digest(transaction: Transaction) -> bytes:
    raw = transaction.raw if transaction.type is TransactionType.LEGACY else transaction.raw[1:]
    return signing_digest(transaction.type, transaction.chain_id, split_list(raw)[:-3])
