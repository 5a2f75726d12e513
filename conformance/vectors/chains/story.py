"""Making up chain and crash vectors: blocks on a chain of one's own, each of which becomes a step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from conformance.genesis_file import ledger_genesis
from conformance.one_root.keys import FUNDED, with_keys
from conformance.session import function_of
from conformance.vectors.chains.content import content_json
from conformance.vectors.chains.steps import Cut, Kind, Step, step_json
from conformance.vectors.encoding import Json
from ledger.blocks import Block, Header
from ledger.chain import Chain
from ledger.genesis import Genesis
from ledger.keys import SequencerKey
from ledger.node.published import DEV_SEQUENCER, TEST_ACCOUNTS
from ledger.store import MemoryStore
from ledger.transactions import Transaction, TransactionType, decode_transaction, sign_transaction
from spec.messages import Address
from spec.parameters import Preset, load_preset

FUNDS: Final = 10**22
"""Wei that everybody of ``FUNDED`` has at genesis."""

GAS: Final = 30_000_000
"""Of each transaction; it means nothing here, and is enough elsewhere."""

KEY: Final = SequencerKey.from_secret(DEV_SEQUENCER.secret)
"""Seals the blocks; everybody knows it."""

ALICE, BOB, CAROL = TEST_ACCOUNTS[:3]
"""They have VVV in the presets that are made up."""


@cache
def preset_of(name: str) -> Preset:
    """Return a preset in which every part has a key."""
    return with_keys(load_preset(name))


@cache
def genesis_of(name: str) -> Genesis:
    """Return the genesis of a preset's chains."""
    return ledger_genesis(preset_of(name), KEY.address, dict.fromkeys(FUNDED, FUNDS))


def genesis_name(preset: str) -> str:
    """Return the name of the genesis of a preset's chains within a set."""
    return f"chain/{preset}"


class Story:
    """Steps, and the chain that they lead to."""

    def __init__(self, preset: str = "minimal") -> None:
        self.preset: Final = preset
        self.genesis: Final = genesis_of(preset)
        self.steps: Final[list[Json]] = []
        self._chain: Final = Chain(MemoryStore(), self.genesis)
        self._nonces: Final = Counter[bytes]()

    @property
    def request(self) -> Json:
        """The steps as a request."""
        return {"genesis": genesis_name(self.preset), "steps": self.steps}

    @property
    def head(self) -> Header:
        """The head of the chain."""
        return self._chain.head

    # ------------------------------------------------------------------------------------------------- transactions

    def transaction(
        self, secret: bytes, to: Address, data: bytes = b"", value: int = 0, nonce: int | None = None, **fields: Any
    ) -> bytes:
        """Return a signed transaction, the sender's next unless a nonce is given."""
        if nonce is None:
            nonce = self._nonces[secret]
            self._nonces[secret] += 1
        given = {"chain_id": self.genesis.chain_id, "gas_limit": GAS, **fields}
        return sign_transaction(secret, to=to, data=data, value=value, nonce=nonce, **given)

    def call(self, secret: bytes, function: str, *arguments: object, **fields: Any) -> bytes:
        """Return a signed call of a function such as ``staking.stake``."""
        contract, called = function_of(function)
        return self.transaction(secret, contract.address, called.calldata(*arguments), **fields)

    def decoded(self, raw: bytes) -> Transaction:
        """Return a transaction taken apart."""
        return decode_transaction(raw, self.genesis.chain_id)

    # ------------------------------------------------------------------------------------------------- blocks

    def block(self, *raw: bytes, on: Header | None = None, seconds: int = 1) -> Block:
        """Return a block, on the head unless another is given, so many seconds after its parent."""
        return self.block_of([self.decoded(one) for one in raw], on, seconds)

    def block_of(self, transactions: Sequence[Transaction], on: Header | None = None, seconds: int = 1) -> Block:
        """Return a block of transactions as they are to be carried out, whatever their encoding says."""
        head, parent = self.head, on or self.head
        self._chain.adopt(parent.hash)
        try:
            return self._chain.propose(transactions, parent.timestamp + seconds, KEY)
        finally:
            self._chain.adopt(head.hash)

    # ------------------------------------------------------------------------------------------------- steps

    def imports(self, block: Block, cut: Cut | None = None) -> Header:
        """Import a block; it becomes the head if its parent is. Return its header."""
        if block.header.parent_hash == self.head.hash:
            self._chain.extend(block)
        else:
            self._chain.validate(block)
        self.offers(block.encode(), cut)
        return block.header

    def offers(self, rlp: bytes, cut: Cut | None = None) -> None:
        """Import what is refused, or does not change this chain."""
        step = Step(Kind.IMPORT, rlp, cut)
        self.steps.append(step_json(step, content_json(rlp, self.genesis.chain_id)))

    def adopts(self, header: Header, cut: Cut | None = None) -> None:
        """Make a known block the head."""
        self._chain.adopt(header.hash)
        self.asks_for(header.hash, cut)

    def asks_for(self, block_hash: bytes, cut: Cut | None = None) -> None:
        """Adopt what is refused, or does not change this chain."""
        self.steps.append(step_json(Step(Kind.ADOPT, block_hash, cut)))

    def crashes(self) -> None:
        """Come to an end and start again."""
        self.steps.append(step_json(Step(Kind.CRASH)))


__all__ = ["ALICE", "BOB", "CAROL", "GAS", "KEY", "Story", "TransactionType", "genesis_name", "genesis_of", "preset_of"]
