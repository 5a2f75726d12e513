"""Verification: what a store says that its blocks do not is found, wherever it stands."""

from __future__ import annotations

import io
from contextlib import closing
from pathlib import Path

import pytest

from ledger.chain import Chain
from ledger.chain import chain as chain_module
from ledger.chain import check as check_module
from ledger.chain.records import encode_receipts
from ledger.node import Node
from ledger.node.snapshot import SnapshotError, read_preamble, restore, write_snapshot
from ledger.node.verification import OF_THE_CHAIN, OF_THE_STATE, VerificationError, verify
from ledger.store import LevelStore, MemoryStore, Store, StoreDamaged, schema
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


def test_what_is_kept_of_blocks_is_compared(node: Node, store: Store) -> None:
    second = node.chain.hash_at(2) or b""
    nodes = set(store.items(schema.NODE)) - set(of_the_genesis().items(schema.NODE))
    expected = {
        schema.changes(second): "block 2: the store has no or another undo record",
        **dict.fromkeys((key for key, _ in nodes), ": the store has not all of the trie nodes that the block comes to"),
        next(of_the_genesis().items(schema.NODE))[0]: "the beginning: the store has not all of the trie nodes that",
        schema.receipts(genesis().hash): "the beginning: the store has other receipts than the block comes to",
    }
    assert len(expected) > 30
    for key, reason in expected.items():
        value = store.get(key)
        for other in (None, b"\xc0\xc0"):
            store.write({key: other})
            assert reason in fault(node, store)
        store.write({key: value})
    verify(node.chain, store)


def of_the_genesis() -> MemoryStore:
    store = MemoryStore()
    Chain(store, genesis())
    return store


def test_other_block_by_the_sequencer_is_found(node: Node, store: Store) -> None:
    elsewhere = new_node()
    elsewhere.increase_time(1000)
    store.write({schema.block(node.chain.hash_at(1) or b""): elsewhere.mine().encode()})
    assert fault(node, store) == "block 1: the store has another block in its place"


def test_blocks_of_other_branches_and_what_is_theirs_are_let_be(node: Node, store: Store) -> None:
    chain = Chain(store, genesis())
    elsewhere = filled(new_node(), 1)
    elsewhere.increase_time(1000)
    for _ in range(3):
        elsewhere.mine()
    for number in range(1, elsewhere.chain.head.number + 1):
        block = elsewhere.chain.block(elsewhere.chain.hash_at(number) or b"")
        assert block is not None
        chain.validate(block)
    assert verify(node.chain, store).blocks == 3


def test_undo_records_are_compared_as_far_as_blocks_can_be_undone(
    node: Node, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (chain_module, check_module):
        monkeypatch.setattr(module, "UNDO_DEPTH", 2)
    filled(node, 1)
    first, second, third = (schema.changes(node.chain.hash_at(number) or b"") for number in (1, 2, 3))
    assert store.get(first) is not None  # kept when there was a greater depth
    assert store.get(second) is None
    verify(node.chain, store)
    store.write({third: None})
    assert fault(node, store) == "block 3: the store has no or another undo record"


def test_every_key_is_read(node: Node, store: Store, tmp_path: Path) -> None:
    """A bit that flips anywhere in a table is found, unless it changes nothing of what the table says."""
    folder = tmp_path / "store"
    with closing(LevelStore(folder, create=True)) as disk:
        disk.write(dict(store.items(b"")))
    LevelStore(folder).close()  # which makes a table of the log
    (table,) = folder.glob("*.ldb")
    content, found = table.read_bytes(), 0
    for at in range(0, len(content), len(content) // 100):
        table.write_bytes(content[:at] + bytes((content[at] ^ 0x10,)) + content[at + 1 :])
        try:
            with closing(LevelStore(folder)) as disk:
                verify(Chain(disk, genesis()), disk)
                assert list(disk.items(b"")) == list(store.items(b""))
        except StoreDamaged:
            found += 1
    assert found > 90


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
    copy.write({key: value, schema.canonical(4): None})
    with pytest.raises(VerificationError, match=r"^block 4: not in the store"):
        verify(other.chain, copy, io.BytesIO(content))


def test_index_above_a_snapshot_is_compared(node: Node, store: Store) -> None:
    other, copy, content = begun_with_snapshot(node, store)
    for kind in (schema.TRANSACTION, schema.LOG):
        key, value = next(copy.items(kind))
        copy.write({key: None})
        with pytest.raises(VerificationError, match="the store has none, the blocks come to 0x"):
            verify(other.chain, copy, io.BytesIO(content))
        copy.write({key: value})
    verify(other.chain, copy, io.BytesIO(content))


def test_whole_chain_is_verified_from_a_snapshot_on(node: Node, store: Store) -> None:
    _, _, content = begun_with_snapshot(node, store)
    filled(node, 2)
    assert verify(node.chain, store, io.BytesIO(content))[:3] == (4, 2, 6)


def test_snapshot_of_another_branch_is_refused(node: Node, store: Store) -> None:
    _, _, content = begun_with_snapshot(node, store)
    elsewhere = Chain(MemoryStore(), genesis())
    with pytest.raises(VerificationError, match="the snapshot is of block 3, which the chain does not have"):
        verify(elsewhere, MemoryStore(), io.BytesIO(content))
