"""The clients by their names: the ledger, and those that it is compared with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Final

from conformance.peers.client import BlockRefused, Client, Outcome, PeerError
from ledger.blocks import BlockError
from ledger.chain import Chain
from ledger.commitment import Account
from ledger.genesis import Genesis
from ledger.keys import SequencerKey
from ledger.node.published import DEV_SEQUENCER
from ledger.store import MemoryStore
from ledger.transactions import TransactionError, decode_transaction
from spec.messages import Address

PEERS: Final = {
    "anvil": ("conformance.peers.anvil", "AnvilClient"),
    "py-evm": ("conformance.peers.py_evm", "PyEvmClient"),
}
"""Name |-> module and class, imported only when the peer is wanted."""

Start = Callable[[Genesis], Client]
"""Starts a client from a genesis; errors as of the client."""


class LedgerClient:
    """The ledger as a client of the comparison, its blocks sealed with the published key and kept in memory."""

    name = "ledger"

    def __init__(self, genesis: Genesis) -> None:
        self._chain = Chain(MemoryStore(), genesis)
        self._key = SequencerKey.from_secret(DEV_SEQUENCER.secret)

    def add_block(self, transactions: Sequence[bytes], timestamp: int) -> Outcome:
        """Make and seal the block, then import it."""
        chain = self._chain
        try:
            decoded = [decode_transaction(raw, chain.chain_id) for raw in transactions]
            chain.extend(chain.propose(decoded, timestamp, self._key))
        except (BlockError, TransactionError) as error:
            raise BlockRefused(str(error)) from None
        return Outcome(chain.head.state_root, chain.receipts(chain.head.hash))

    def account(self, address: Address) -> Account:
        """Return the account that the state root commits to."""
        return self._chain.commitment(self._chain.head).account(address) or Account()

    def word(self, address: Address, slot: int) -> int:
        """Return the word at the head."""
        return self._chain.state(self._chain.head).word(address, slot)

    def close(self) -> None:
        """Do nothing: all is in memory."""


def peer(name: str) -> Start:
    """Return how to start a peer.

    Raises
    ------
    PeerError : there is none of this name.
    """
    if name not in PEERS:
        raise PeerError(f"peer {name!r}: expected one of {', '.join(PEERS)}")
    module, class_name = PEERS[name]
    start: Start = getattr(import_module(module), class_name)
    return start
