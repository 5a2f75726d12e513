"""Steps on a chain, with a reorganisation, and what the store has after each of them if nothing goes wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from enum import StrEnum
from functools import cache
from hashlib import sha256
from typing import Final, NamedTuple

from conformance.genesis_file import ledger_genesis
from conformance.one_root.keys import with_keys
from conformance.one_root.traffic import SignedBlock, Traffic
from ledger.blocks import Block
from ledger.chain import Chain
from ledger.genesis import Genesis
from ledger.keys import SequencerKey
from ledger.node.published import DEV_SEQUENCER, TEST_ACCOUNTS
from ledger.store import MemoryStore, Store, schema
from ledger.transactions import decode_transaction
from spec.parameters import load_preset

MOST: Final = 6
"""Transactions in a block."""

WRITE_BUFFER_SIZE: Final = 1 << 16
"""Bytes; so few that a program fills several tables."""


AT_HEAD: Final = (
    *(schema.META, schema.HEAD, schema.CANONICAL, schema.TRANSACTION, schema.ACCOUNT, schema.WORD, schema.LOG),
)
"""The kinds of keys that say how it is at the head; the others belong to a block or a node, adopted or not."""


class Kind(StrEnum):
    """What is done with the block of a step."""

    EXTEND = "extend"
    VALIDATE = "validate"
    ADOPT = "adopt"


class Step(NamedTuple):
    """One write to the store."""

    kind: Kind
    block: Block

    def carry_out(self, chain: Chain) -> None:
        """Do it, unless the last process has done it just before it died."""
        block_hash = self.block.header.hash
        if self.kind is Kind.VALIDATE:
            chain.validate(self.block)
        elif self.kind is Kind.ADOPT:
            chain.adopt(block_hash)
        elif chain.head.hash != block_hash:
            chain.extend(self.block)


class Moment(NamedTuple):
    """A store between two steps."""

    number: int
    """Of the head."""
    state_root: bytes
    at_head: bytes
    """Digest of the keys and values that say how it is at the head."""
    content: bytes
    """Digest of all keys and values."""

    @property
    def head(self) -> tuple[int, bytes, bytes]:
        """All but which other blocks are known."""
        return self[:3]


class Program(NamedTuple):
    """Steps, and the uninterrupted control."""

    genesis: Genesis
    steps: tuple[Step, ...]
    moments: tuple[Moment, ...]
    """At the genesis, and after each step."""
    chain: tuple[Block, ...]
    """From block 1 to the head in the end."""
    heads: frozenset[tuple[int, bytes, bytes]]
    """`Moment.head` at each moment, and of every part of the chain."""


@cache
def genesis() -> Genesis:
    funds = dict.fromkeys((account.address for account in TEST_ACCOUNTS), 10**22)
    return ledger_genesis(with_keys(load_preset("minimal")), DEV_SEQUENCER.address, funds)


def program(seed: int) -> Program:
    """Make up a program: ten blocks, four that are undone again, six in their place, and six on top of them."""
    traffic = Traffic(with_keys(load_preset("minimal")), genesis(), f"crashes/{seed}")
    trunk = _blocks((), traffic, 10)
    others = deepcopy(traffic)
    undone = _blocks(trunk, traffic, 4)
    # Its first block is another than what it takes the place of, for it is empty.
    branch = _blocks(trunk, others, 6, first=others.empty_block())
    rest = _blocks((*trunk, *branch), others, 6)
    steps = (
        *_steps(Kind.EXTEND, (*trunk, *undone)),
        *_steps(Kind.VALIDATE, branch),
        Step(Kind.ADOPT, branch[-1]),
        *_steps(Kind.EXTEND, rest),
    )
    moments, chain = tuple(_moments(steps)), (*trunk, *branch, *rest)
    heads = {at.head for at in (*moments, *_moments(_steps(Kind.EXTEND, chain)))}
    return Program(genesis(), steps, moments, chain, frozenset(heads))


def moment(chain: Chain, store: Store) -> Moment:
    """Return what a store has now."""
    content, at_head = sha256(), sha256()
    for key, value in store.items(b""):
        item = b"".join(len(part).to_bytes(4, "big") + part for part in (key, value))
        content.update(item)
        if key[:1] in AT_HEAD:
            at_head.update(item)
    return Moment(chain.head.number, chain.head.state_root, at_head.digest(), content.digest())


def _steps(kind: Kind, blocks: Iterable[Block]) -> Iterator[Step]:
    return (Step(kind, block) for block in blocks)


def _blocks(
    before: Sequence[Block], traffic: Traffic, number: int, first: SignedBlock | None = None
) -> tuple[Block, ...]:
    """Return blocks of a traffic on top of those that came before."""
    chain = Chain(MemoryStore(), genesis())
    for block in before:
        chain.extend(block)
    key = SequencerKey.from_secret(DEV_SEQUENCER.secret)
    made = []
    for place in range(number):
        signed = first if first and not place else traffic.next_block(MOST)
        transactions = [decode_transaction(raw, chain.chain_id) for raw in signed.raw]
        made.append(chain.propose(transactions, signed.timestamp, key))
        chain.extend(made[-1])
    return tuple(made)


def _moments(steps: Iterable[Step]) -> Iterator[Moment]:
    store = MemoryStore()
    chain = Chain(store, genesis())
    yield moment(chain, store)
    for step in steps:
        step.carry_out(chain)
        yield moment(chain, store)
