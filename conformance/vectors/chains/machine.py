"""What carries out the steps of chain and crash vectors: the ledger, in memory or on disk."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from os import truncate
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Protocol, runtime_checkable

from conformance.faults import FaultyStore, image, until_death
from conformance.vectors.chains.steps import Cut, Kind, Step
from ledger.blocks import BlockError, BlockErrorCode, Header, decode_block
from ledger.chain import Chain, ChainError
from ledger.chain.check import check
from ledger.genesis import Genesis
from ledger.state import AccountState
from ledger.store import LevelStore, MemoryStore, Store, schema
from ledger.transactions import TransactionError
from spec.messages import Address, Receipt

UNKNOWN_BLOCK: Final = "unknown block"
"""Why a block cannot be adopted."""


class StepRefused(Exception):
    """A step is refused, and has changed nothing; the message is the reason's name."""


class BlockMachine(Protocol):
    """A client with blocks, from a genesis on."""

    def carry_out(self, step: Step) -> tuple[Receipt, ...]:
        """Carry out a step that is not cut off, and return the receipts of the block that it imports.

        Raises
        ------
        StepRefused : it is refused.
        """

    def crash(self, step: Step) -> None:
        """Come to an end where the step is cut off, lose what is lost then, and start again on what is left."""

    def head(self) -> Header:
        """Return the header of the head."""

    def receipts_root(self, block_hash: bytes) -> bytes:
        """Return what a known block's receipts commit to (32 bytes)."""

    def chain(self) -> list[bytes]:
        """Return the hashes of the head's chain, the genesis first."""

    def accounts(self) -> Mapping[Address, AccountState]:
        """Return all accounts at the head."""

    def words(self) -> Mapping[tuple[Address, int], int]:
        """Return all storage words at the head."""

    def close(self) -> None:
        """End whatever was started for it."""


@runtime_checkable
class HasBlocks(Protocol):
    """An executor that can also start a machine with blocks."""

    def open_chain(self, genesis: Genesis, *, on_disk: bool) -> BlockMachine:
        """Start from a genesis: on a disk that outlives a crash, or not."""


class LedgerMachine:
    """The ledger."""

    def __init__(self, genesis: Genesis, *, on_disk: bool) -> None:
        self._genesis: Final = genesis
        self._started: Final = ExitStack()
        self._folder: Path | None = None
        store: Store = MemoryStore()
        if on_disk:
            self._parent = Path(self._started.enter_context(TemporaryDirectory(prefix="vectors-")))
            self._folder = self._parent / "0"
            store = LevelStore(self._folder, create=True)
        self._store = store
        self._chain = Chain(store, genesis)

    def carry_out(self, step: Step) -> tuple[Receipt, ...]:
        """See `BlockMachine`."""
        return _carry_out(self._chain, step)

    def crash(self, step: Step) -> None:
        """See `BlockMachine`; what is read anew is checked as a whole.

        Raises
        ------
        StoreError : the store does not hold together.
        """
        if self._folder is None:
            raise TypeError("a store in memory does not outlive a crash")
        before = _logs(self._folder)
        if step.cut in {Cut.BEFORE, Cut.AFTER}:
            faulty = FaultyStore(self._store, 0, after=step.cut is Cut.AFTER, dies=True)
            until_death(partial(_work, Chain(faulty, self._genesis), step))
        elif step.cut is Cut.WITHIN:
            _work(self._chain, step)
        self._restart(before if step.cut is Cut.WITHIN else None)

    def head(self) -> Header:
        """See `BlockMachine`."""
        return self._chain.head

    def receipts_root(self, block_hash: bytes) -> bytes:
        """See `BlockMachine`; of a block that is known to be right it is what its header says."""
        header = self._chain.header(block_hash)
        if header is None:
            raise LookupError(f"no block 0x{block_hash.hex()}")
        return header.receipts_root

    def chain(self) -> list[bytes]:
        """See `BlockMachine`."""
        return [self._chain.hash_at(number) or b"" for number in range(self.head().number + 1)]

    def accounts(self) -> Mapping[Address, AccountState]:
        """See `BlockMachine`."""
        items = self._store.items(schema.ACCOUNT)
        return {Address(key[1:]): AccountState.decode(value) for key, value in items}

    def words(self) -> Mapping[tuple[Address, int], int]:
        """See `BlockMachine`."""
        items = self._store.items(schema.WORD)
        return {(Address(key[1:21]), _integer(key[21:])): _integer(value) for key, value in items}

    def close(self) -> None:
        """Let go of the store."""
        self._store.close()
        self._started.close()

    def _restart(self, cut_from: Mapping[str, int] | None) -> None:
        """Open what is on disk at this moment; the log cut in the middle of what it has grown by since ``cut_from``."""
        folder = image(self._folder or Path(), self._parent / f"{int((self._folder or Path()).name) + 1}")
        if cut_from is not None:
            for name, size in _logs(folder).items():
                truncate(folder / name, (cut_from.get(name, 0) + size) // 2)
        self._store.close()
        self._folder, self._store = folder, LevelStore(folder)
        self._chain = Chain(self._store, self._genesis)
        check(self._chain, self._store)


def _carry_out(chain: Chain, step: Step) -> tuple[Receipt, ...]:
    try:
        if step.kind is Kind.ADOPT:
            chain.adopt(step.block)
            return ()
        block = decode_block(step.block)
        if block.header.parent_hash == chain.head.hash:
            chain.extend(block)
        else:
            chain.validate(block)
        return chain.receipts(block.header.hash)
    except BlockError as error:
        raise StepRefused(reason_of(error)) from error
    except ChainError as error:
        raise StepRefused(UNKNOWN_BLOCK) from error


def _logs(folder: Path) -> dict[str, int]:
    """Return the sizes of the logs of a store; of its tables, LevelDB may be deleting some in the background."""
    return {path.name: path.stat().st_size for path in folder.glob("*.log")}


def _work(chain: Chain, step: Step) -> None:
    _carry_out(chain, step)


def reason_of(error: BlockError) -> str:
    """Return the name of the reason why a block is refused; of a bad transaction, with why that is refused."""
    cause = error.__cause__
    if error.code is BlockErrorCode.BAD_TRANSACTION and isinstance(cause, TransactionError):
        return f"{error.code}: {cause.code}"
    return str(error.code)


def _integer(content: bytes) -> int:
    return int.from_bytes(content, "big")
