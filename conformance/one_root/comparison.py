"""The comparison: the same blocks on several clients, until one ends at another state root or has another receipt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import count
from typing import Final, NamedTuple

from conformance.artifact import Artifacts
from conformance.genesis_file import ledger_genesis
from conformance.one_root.clients import Start
from conformance.one_root.differences import Difference, receipt_differences, state_differences
from conformance.one_root.keys import FUNDED, with_keys
from conformance.one_root.traffic import SignedBlock, Traffic
from conformance.peers.client import BlockRefused, Client, Outcome
from ledger.node.published import DEV_SEQUENCER
from spec.parameters import Preset

CHAIN_LENGTH: Final = 250
"""Transactions on a chain, which starts from genesis, for the reason that ``conform.PROGRAM_LENGTH`` gives."""

FUNDS: Final = 10**22
"""Wei that each account of ``FUNDED`` has at genesis."""


class Tally:
    """What was compared, for the report."""

    def __init__(self) -> None:
        self.chains = 0
        self.blocks = 0
        self.transactions = 0
        self.logs = 0
        self.accepted: Counter[str] = Counter()
        """Function |-> transactions carried out."""
        self.refused: Counter[str] = Counter()
        """Function |-> transactions in a block with status 0."""
        self.types: Counter[str] = Counter()

    def count(self, block: SignedBlock, outcome: Outcome) -> None:
        """Count a block that came to the same on all clients."""
        self.blocks += 1
        self.transactions += len(block.transactions)
        for transaction, receipt in zip(block.transactions, outcome.receipts, strict=True):
            self.logs += len(receipt.logs)
            self.types[transaction.kind.name] += 1
            (self.accepted if receipt.status else self.refused)[transaction.title] += 1


class Failure(NamedTuple):
    """A block on which the clients disagree."""

    chain: int
    """Which of the chains, from 0."""
    number: int
    """Of the block."""
    block: SignedBlock
    differences: tuple[Difference, ...]
    """At least one: that some refuse the block; or of receipts, then of accounts and words, last of the state root."""


class Result(NamedTuple):
    """What a run came to."""

    tally: Tally
    failure: Failure | None


class OneRoot:
    """Clients that start from one genesis; the first is the one that the others are compared with."""

    def __init__(self, preset: Preset, starts: Sequence[Start], artifacts: Artifacts | None = None) -> None:
        self.preset: Final = with_keys(preset)
        """Treasury, owner and admin have keys."""
        self.genesis: Final = ledger_genesis(
            self.preset, DEV_SEQUENCER.address, dict.fromkeys(FUNDED, FUNDS), artifacts
        )
        self._starts = starts

    def run(self, transactions: int, seed: int, progress: Callable[[int], None] = lambda _: None) -> Result:
        """Compare chains of ``transactions`` transactions in all; stop at the first block that is not the same.

        ``progress`` is told after each block how many transactions have been compared.

        Raises
        ------
        PeerError : a client does not start, or does not answer.
        """
        tally = Tally()
        while tally.transactions < transactions:
            end = min(tally.transactions + CHAIN_LENGTH, transactions)
            traffic = Traffic(self.preset, self.genesis, f"{seed}/{tally.chains}")
            with ExitStack() as started:
                clients = [self._start(start, started) for start in self._starts]
                failure = _compare_chain(clients, traffic, tally, end, progress)
            if failure is not None:
                return Result(tally, failure)
            tally.chains += 1
        return Result(tally, None)

    def _start(self, start: Start, started: ExitStack) -> Client:
        client = start(self.genesis)
        started.callback(client.close)
        return client


def _compare_chain(
    clients: Sequence[Client], traffic: Traffic, tally: Tally, end: int, progress: Callable[[int], None]
) -> Failure | None:
    """Compare block after block until ``tally`` has counted ``end`` transactions."""
    # Its root is that of the genesis, which anvil does not say in the genesis itself.
    block = traffic.empty_block()
    for number in count(1):
        answers = {client.name: _answer(client, block) for client in clients}
        outcomes = {name: answer for name, answer in answers.items() if isinstance(answer, Outcome)}
        if len(outcomes) < len(answers):
            return Failure(tally.chains, number, block, (_refusal(answers),))
        differences = tuple(_differences(clients, outcomes, traffic, block))
        if differences:
            return Failure(tally.chains, number, block, differences)
        tally.count(block, outcomes[clients[0].name])
        progress(tally.transactions)
        if tally.transactions >= end:
            break
        block = traffic.next_block(end - tally.transactions)
    return None


def _answer(client: Client, block: SignedBlock) -> Outcome | BlockRefused:
    try:
        return client.add_block(block.raw, block.timestamp)
    except BlockRefused as refusal:
        return refusal


def _refusal(answers: Mapping[str, Outcome | BlockRefused]) -> Difference:
    values = {
        name: "carried out" if isinstance(answer, Outcome) else f"refused: {answer}" for name, answer in answers.items()
    }
    return Difference("block", values)


def _differences(
    clients: Sequence[Client], outcomes: Mapping[str, Outcome], traffic: Traffic, block: SignedBlock
) -> Iterator[Difference]:
    """Yield how the clients differ, in receipts and in the state."""
    yield from receipt_differences({name: outcome.receipts for name, outcome in outcomes.items()}, block)
    if len({outcome.state_root for outcome in outcomes.values()}) > 1:
        yield from state_differences(clients, traffic)
        yield Difference("state root", {name: f"0x{outcome.state_root.hex()}" for name, outcome in outcomes.items()})
