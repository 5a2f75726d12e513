"""How a store becomes the store of a chain, and how it is known again."""

from __future__ import annotations

from typing import Final

from ledger.blocks import Block, BlockError, Header, decode_block
from ledger.chain.records import Batch, encode_receipts
from ledger.changes import encode_word_bytes
from ledger.genesis import Genesis
from ledger.state import AccountState
from ledger.store import Store, StoreDamaged, StoreMismatch, schema

SCHEMA: Final = 1
"""The version of what keys and values mean; a store of another one is refused."""


class NodesOf:
    """The trie nodes in a store."""

    def __init__(self, store: Store) -> None:
        self._get = store.get

    def get(self, node_hash: bytes, /) -> bytes | None:
        """The RLP of the node with this hash."""
        return self._get(schema.node(node_hash))


def create(store: Store, genesis: Genesis) -> None:
    """Put the first block and its state into an empty store, in one batch."""
    commitment = genesis.commitment()
    block = Block(genesis.header, ())
    batch: Batch = {schema.node(node_hash): rlp for node_hash, rlp in commitment.commit().items()}
    for address, account in genesis.accounts.items():
        batch[schema.account(address)] = AccountState(account.nonce, account.balance).encode()
        batch |= {schema.word(address, slot): encode_word_bytes(word) for slot, word in account.words.items()}
    batch |= {key: value for key, (_, value) in _identity(genesis).items()}
    batch[schema.meta("genesis file")] = genesis.to_json().encode()
    batch[schema.block(genesis.hash)] = block.encode()
    batch[schema.receipts(genesis.hash)] = encode_receipts(())
    batch[schema.canonical(0)] = batch[schema.head()] = genesis.hash
    store.write(batch)


def open_head(store: Store, genesis: Genesis) -> Header:
    """Return the header of the head.

    Raises
    ------
    StoreMismatch : the store has another schema, chain id or genesis.
    StoreDamaged : there is no such head.
    """
    for key, (name, expected) in _identity(genesis).items():
        found = store.get(key)
        if found != expected:
            raise StoreMismatch(f"the store has {name} {_shown(found)}, expected {_shown(expected)}")
    rlp = store.get(schema.block(store.get(schema.head()) or b""))
    if rlp is None:
        raise StoreDamaged("the store has no block at its head")
    try:
        return decode_block(rlp).header
    except BlockError as error:
        raise StoreDamaged(f"the store's block at the head is none: {error}") from error


def stored_genesis(store: Store) -> Genesis | None:
    """Return the genesis that a store was created with; None if it is empty."""
    text = store.get(schema.meta("genesis file"))
    return None if text is None else Genesis.from_json(text.decode())


def _identity(genesis: Genesis) -> dict[bytes, tuple[str, bytes]]:
    return {
        schema.meta("schema"): ("schema version", SCHEMA.to_bytes(4, "big")),
        schema.meta("chain id"): ("chain id", genesis.chain_id.to_bytes(32, "big")),
        schema.meta("genesis"): ("genesis", genesis.hash),
    }


def _shown(value: bytes | None) -> str:
    return "none" if value is None else f"0x{value.hex().lstrip('0') or '0'}"
