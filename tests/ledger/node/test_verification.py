"""Verification: what a store says that its blocks do not is found, wherever it stands."""

from __future__ import annotations

import io

import pytest

from ledger.chain import Chain
from ledger.chain.records import encode_receipts
from ledger.node import Node
from ledger.node.snapshot import SnapshotError, read_preamble, restore, write_snapshot
from ledger.node.verification import OF_THE_CHAIN, OF_THE_STATE, VerificationError, verify
from ledger.store import MemoryStore, Store, schema
from tests.ledger.node.conftest import STAKER, filled, genesis, new_node, signed


@pytest.fixture
def node(store: Store) -> Node:
    return filled(new_node(store), 3)


def fault(node: Node, store: Store) -> str:
    with pytest.raises(VerificationError) as caught:
        verify(node.chain, store)
    return str(caught.value)


def test_store_of_a_chain_holds(node: Node, store: Store) -> None:
    told: list[tuple[int, int]] = []
    verified = verify(node.chain, store, progress=lambda *at: told.append(at))
    assert verified[:3] == (1, 3, 9)
    assert verified.entries == sum(len(list(store.items(kind))) for kind in OF_THE_STATE | OF_THE_CHAIN)
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_undone_blocks_leave_no_trace(node: Node, store: Store) -> None:
    node.snapshot()
    filled(node, 2)
    node.revert(1)
    node.submit(signed(STAKER, 3))
    node.mine()
    assert verify(node.chain, store).blocks == 4


@pytest.mark.parametrize("kind", [schema.ACCOUNT, schema.WORD, schema.TRANSACTION, schema.LOG])
def test_entries_changed_missing_and_added_are_found(node: Node, store: Store, kind: bytes) -> None:
    name = (OF_THE_STATE | OF_THE_CHAIN)[kind]
    entries = list(store.items(kind))
    for key, value in (entries[0], entries[len(entries) // 2], entries[-1]):
        store.write({key: None})
        assert fault(node, store).startswith(f"{name} 0x{key[1:].hex()}: the store has none, the blocks come to 0x")
        store.write({key: value + b"\x01"})
        assert f"the store has 0x{(value + bytes([1])).hex()}" in fault(node, store)
        store.write({key: value, key + b"\x01": b"\x01"})
        assert fault(node, store).endswith("the store has 0x01, the blocks come to none")
        store.write({key + b"\x01": None})
    verify(node.chain, store)


def test_missing_block_is_found(node: Node, store: Store) -> None:
    store.write({schema.block(node.chain.hash_at(2) or b""): None})
    assert fault(node, store) == "block 2: not in the store"


def test_exchanged_block_is_found(node: Node, store: Store) -> None:
    first = node.chain.block(node.chain.hash_at(1) or b"")
    assert first is not None
    store.write({schema.block(node.chain.hash_at(2) or b""): first.encode()})
    assert fault(node, store).startswith("block 2: ")


def test_other_receipts_are_found(node: Node, store: Store) -> None:
    store.write({schema.receipts(node.chain.hash_at(2) or b""): encode_receipts(())})
    assert fault(node, store) == "block 2: the store has other receipts than the block comes to"


def begun_with_snapshot(node: Node, store: Store) -> tuple[Node, Store, bytes]:
    file = io.BytesIO()
    write_snapshot(node.chain, store, file)
    content, copy = file.getvalue(), MemoryStore()
    file.seek(0)
    restore(read_preamble(file, genesis()), file, copy)
    other = new_node(copy)
    other.submit(signed(STAKER, 3))
    other.mine()
    return other, copy, content


def test_store_that_began_with_a_snapshot_holds_from_there(node: Node, store: Store) -> None:
    other, copy, content = begun_with_snapshot(node, store)
    with pytest.raises(SnapshotError, match="whose file is needed"):
        verify(other.chain, copy)
    assert verify(other.chain, copy, io.BytesIO(content))[:3] == (4, 1, 1)
    key, value = next(copy.items(schema.WORD))
    copy.write({key: value + b"\x01"})
    with pytest.raises(VerificationError, match=r"^word 0x"):
        verify(other.chain, copy, io.BytesIO(content))


def test_snapshot_of_another_branch_is_refused(node: Node, store: Store) -> None:
    _, _, content = begun_with_snapshot(node, store)
    elsewhere = Chain(MemoryStore(), genesis())
    with pytest.raises(VerificationError, match="the snapshot is of block 3, which the chain does not have"):
        verify(elsewhere, MemoryStore(), io.BytesIO(content))
