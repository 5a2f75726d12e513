"""Ledgers that lie about chains: in what they take for a block, in how the head moves, in what a crash leaves."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from conformance.vectors.chains.machine import LedgerMachine, StepRefused
from conformance.vectors.chains.steps import Cut, Kind
from conformance.vectors.executors import SpecificationExecutor
from ledger import checked, execution
from ledger.blocks import Header, decode_block
from ledger.chain import branch, chain
from ledger.transactions import TransactionError, TransactionErrorCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.vectors.chains.steps import Step
    from ledger.genesis import Genesis
    from ledger.state import AccountState
    from ledger.transactions import Transaction
    from spec.messages import Receipt


@contextmanager
def replaced(module: object, name: str, by: object) -> Iterator[None]:
    before = getattr(module, name)
    setattr(module, name, by)
    try:
        yield
    finally:
        setattr(module, name, before)


class AdoptsAWrongState(LedgerMachine):
    """Takes the state root of a block for right, whatever it is."""

    def carry_out(self, step: Step) -> tuple[Receipt, ...]:
        with replaced(branch, "_check_commitments", self._compare):
            return super().carry_out(step)

    @staticmethod
    def _compare(header: Header, found: Header) -> None:
        COMPARE(header, Header(**{**vars(found), "state_root": header.state_root}))


class SkipsReceiptsAndBloom(LedgerMachine):
    """Looks at the state root only."""

    def carry_out(self, step: Step) -> tuple[Receipt, ...]:
        with replaced(branch, "_check_commitments", self._compare):
            return super().carry_out(step)

    @staticmethod
    def _compare(header: Header, found: Header) -> None:
        same = {"receipts_root": header.receipts_root, "logs_bloom": header.logs_bloom}
        COMPARE(header, Header(**{**vars(found), **same}))


class TakesANonceTwice(LedgerMachine):
    """Carries out a transaction whose nonce was used before."""

    def carry_out(self, step: Step) -> tuple[Receipt, ...]:
        with replaced(execution, "check_transaction", self._check):
            return super().carry_out(step)

    @staticmethod
    def _check(transaction: Transaction, sender: AccountState) -> None:
        try:
            CHECK(transaction, sender)
        except TransactionError as error:
            if error.code is not TransactionErrorCode.NONCE_TOO_LOW:
                raise


class IgnoresSeals(LedgerMachine):
    """Takes a block from anybody."""

    def carry_out(self, step: Step) -> tuple[Receipt, ...]:
        with replaced(checked, "verify_block", lambda *_: None):
            return super().carry_out(step)


class FollowsTheLongest(LedgerMachine):
    """Adopts a branch that is longer, though nobody has asked for it."""

    def carry_out(self, step: Step) -> tuple[Receipt, ...]:
        receipts = super().carry_out(step)
        if step.kind is Kind.IMPORT and (header := decode_block(step.block).header).number > self.head().number:
            self._chain.adopt(header.hash)
        return receipts


class NeverGoesBack(LedgerMachine):
    """Does not move the head to a block with a lower number."""

    def carry_out(self, step: Step) -> tuple[Receipt, ...]:
        header = self._chain.header(step.block) if step.kind is Kind.ADOPT else None
        if header is not None and header.number < self.head().number:
            return ()
        return super().carry_out(step)


class ForgetsToUndo(LedgerMachine):
    """Leaves the words as they were where a block is undone."""

    def carry_out(self, step: Step) -> tuple[Receipt, ...]:
        with replaced(chain, "undone", lambda *_: {}):
            return super().carry_out(step)


class KeepsRefusedBlocks(LedgerMachine):
    """Says that it refuses a block, and adopts it when it is asked to."""

    def __init__(self, genesis: Genesis, *, on_disk: bool) -> None:
        super().__init__(genesis, on_disk=on_disk)
        self._refused: set[bytes] = set()

    def carry_out(self, step: Step) -> tuple[Receipt, ...]:
        if step.kind is Kind.ADOPT and step.block in self._refused:
            return ()
        try:
            return super().carry_out(step)
        except StepRefused as refusal:
            if str(refusal) == "wrong state":
                self._refused.add(decode_block(step.block).header.hash)
            raise


class LosesTheLastBlock(LedgerMachine):
    """Comes back from a crash without the last block that it acknowledged."""

    def crash(self, step: Step) -> None:
        super().crash(step)
        if step.kind is Kind.CRASH and self.head().number:
            self._chain.adopt(self.head().parent_hash)


class AcknowledgesTooEarly(LedgerMachine):
    """Has not yet written the last step when it says that it has."""

    def __init__(self, genesis: Genesis, *, on_disk: bool) -> None:
        super().__init__(genesis, on_disk=on_disk)
        self._before = self.head().hash

    def carry_out(self, step: Step) -> tuple[Receipt, ...]:
        before = self.head().hash
        receipts = super().carry_out(step)
        self._before = before
        return receipts

    def crash(self, step: Step) -> None:
        self._chain.adopt(self._before)
        super().crash(step)
        self._before = self.head().hash


class StopsHalfWay(LedgerMachine):
    """Is left in the middle of a reorganisation, where the branches part."""

    def crash(self, step: Step) -> None:
        target = self._chain.block(step.block) if step.kind is Kind.ADOPT else None
        super().crash(step)
        while target is not None and step.cut is Cut.WITHIN:
            parent = self._chain.header(target.header.parent_hash)
            if parent is not None and self._chain.is_adopted(parent):
                self._chain.adopt(parent.hash)
                return
            target = self._chain.block(target.header.parent_hash)


class LosesBranches(LedgerMachine):
    """Has after a crash only the chain of the head."""

    def __init__(self, genesis: Genesis, *, on_disk: bool) -> None:
        super().__init__(genesis, on_disk=on_disk)
        self._lost: set[bytes] = set()
        self._aside: set[bytes] = set()

    def carry_out(self, step: Step) -> tuple[Receipt, ...]:
        if step.kind is Kind.ADOPT and step.block in self._lost:
            raise StepRefused("unknown block")
        receipts = super().carry_out(step)
        if step.kind is Kind.IMPORT:
            self._aside.add(decode_block(step.block).header.hash)
        return receipts

    def crash(self, step: Step) -> None:
        super().crash(step)
        self._lost = self._aside - set(self.chain())


COMPARE: Final = branch._check_commitments
CHECK: Final = execution.check_transaction

CHAIN_SABOTEURS: Final = [
    value
    for value in list(globals().values())
    if isinstance(value, type) and issubclass(value, LedgerMachine) and value is not LedgerMachine
]


class ChainSaboteurExecutor(SpecificationExecutor):
    """The specification, but for its ledger."""

    def __init__(self, make: Callable[..., LedgerMachine]) -> None:
        super().__init__()
        self._make = make

    def open_chain(self, genesis: Genesis, *, on_disk: bool) -> LedgerMachine:
        return self._make(genesis, on_disk=on_disk)
