"""Snapshots: a node that begins with one goes on from there; one that is not right begins nothing."""

from __future__ import annotations

import asyncio
import io
import json
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

import pytest

from ledger.blocks import seal
from ledger.chain import Chain, ChainError
from ledger.keys import SequencerKey
from ledger.node import snapshot as module
from ledger.node.snapshot import SnapshotError, read_preamble, restore, write_snapshot
from ledger.recursive_length_prefix import encode_bytes, encode_int, encode_list, split_list
from ledger.rpc import Service
from ledger.store import MemoryStore, schema
from ledger.transactions import decode_transaction
from tests.ledger.node.conftest import CHAIN_ID, KEY, STAKER, filled, genesis, new_node, signed


@cache
def source() -> tuple[Chain, MemoryStore, bytes]:
    store = MemoryStore()
    chain = filled(new_node(store), 3).chain
    file = io.BytesIO()
    write_snapshot(chain, store, file)
    return chain, store, file.getvalue()


def rows() -> list[bytes]:
    return split_list(encode_list([source()[2]]))


def restored(content: bytes) -> tuple[Chain, MemoryStore]:
    file, store = io.BytesIO(content), MemoryStore()
    preamble = read_preamble(file, genesis())
    restore(preamble, file, store)
    return Chain(store, preamble.genesis), store


def refused(content: bytes) -> str:
    with pytest.raises(SnapshotError) as caught:
        restored(content)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def preamble(**changes: bytes) -> bytes:
    names = ("magic", "version", "chain", "genesis", "head", "receipts", "accounts", "words")
    fields = dict(zip(names, split_list(rows()[0]), strict=True))
    return encode_list((fields | changes).values()) + b"".join(rows()[1:])


def test_state_and_head_are_there() -> None:
    chain, store, content = source()
    other, copy = restored(content)
    assert other.head == chain.head
    for kind in (schema.ACCOUNT, schema.WORD):
        assert list(copy.items(kind)) == list(store.items(kind))
    head = chain.block(chain.head.hash)
    assert head is not None
    assert other.block(chain.head.hash) == head
    assert other.receipts(chain.head.hash) == chain.receipts(chain.head.hash)
    place = other.place_of(decode_transaction(head.transactions[1], CHAIN_ID).hash)
    assert place is not None
    assert (place.number, place.index) == (3, 1)
    assert other.hash_at(0) == genesis().hash
    assert other.hash_at(2) is None
    assert other.commitment(chain.head).state_root() == chain.head.state_root


def test_blocks_go_on_from_it() -> None:
    _, _, content = source()
    other, store = restored(content)
    node = new_node(store)
    node.submit(signed(STAKER, 3))
    block = node.mine()
    assert block.header.number == 4
    original = Chain(MemoryStore(), genesis())
    first = source()[0]
    for number in range(1, 4):
        original.extend(first.block(first.hash_at(number) or b""))  # type: ignore[arg-type]
    original.extend(block)
    assert original.head == node.chain.head
    assert other.chain_id == CHAIN_ID


def test_is_never_undone() -> None:
    other, _ = restored(source()[2])
    with pytest.raises(ChainError):
        other.adopt(genesis().hash)
    assert other.head == source()[0].head


def test_snapshot_of_the_genesis_is_a_beginning() -> None:
    store, file = MemoryStore(), io.BytesIO()
    write_snapshot(Chain(store, genesis()), store, file)
    chain, _ = restored(file.getvalue())
    assert chain.head == genesis().header


def test_tells_how_far_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 10)
    _, _, content = source()
    file, told = io.BytesIO(content), []
    begun = read_preamble(file, genesis())
    restore(begun, file, MemoryStore(), lambda *at: told.append(at))
    total = begun.accounts + begun.words
    assert told[-1] == (total, total)
    assert len(rows()) == total + 1


def test_every_flipped_bit_is_refused(request: pytest.FixtureRequest) -> None:
    """Of the bits of a small snapshot (some 45,000) as many as there is time for, others in each run."""
    store, file = MemoryStore(), io.BytesIO()
    write_snapshot(filled(new_node(store), 1).chain, store, file)
    content = file.getvalue()
    restored(content)
    choose = Random(int(request.config.getoption("hypothesis_seed")))  # noqa: S311
    for bit in choose.sample(range(8 * len(content)), 1500):
        changed = bytearray(content)
        changed[bit // 8] ^= 1 << bit % 8
        refused(bytes(changed))


def test_another_genesis_is_another_chain() -> None:
    file = io.BytesIO(source()[2])
    with pytest.raises(SnapshotError, match=r"^of the genesis 0x"):
        read_preamble(file, replace(genesis(), timestamp=5))


@pytest.mark.parametrize("left", [1, 40, 90])
def test_truncations_are_refused(left: int) -> None:
    content = source()[2]
    assert refused(content[:-left]).startswith("entry ")
    assert refused(b"".join(rows()[:-left])).startswith("found ")


def test_order_is_part_of_it() -> None:
    items = rows()
    swapped = [*items[:-2], items[-1], items[-2]]
    assert "not in its place" in refused(b"".join(swapped))
    assert "not in its place" in refused(b"".join([*items, items[-1]]))


@pytest.mark.parametrize(
    "item,message",
    [
        (encode_list((encode_bytes(b"\x01" * 19), encode_int(1), encode_int(1))), "expected an address"),
        (encode_list((encode_bytes(b"\x01" * 20), encode_bytes(b"\0"), encode_int(1))), "expected an address"),
        (encode_list((encode_bytes(b"\x01" * 20), encode_int(1))), "found 2 fields, expected 3"),
        (encode_list((encode_bytes(b"\x01" * 20), encode_int(0), encode_int(0))), "an empty account"),
    ],
)
def test_accounts_are_checked(item: bytes, message: str) -> None:
    assert message in refused(b"".join([rows()[0], item, *rows()[1:]]))


def test_words_are_checked() -> None:
    *others, last = rows()
    address, slot, _ = split_list(last)
    for word in (encode_int(0), encode_int(2**256)):
        assert "which is none" in refused(b"".join([*others, encode_list((address, slot, word))]))
    nobodys = encode_list((encode_bytes(b"\xff" * 20), encode_int(1), encode_int(1)))
    assert "which is no account" in refused(b"".join([*others, nobodys]))
    assert refused(b"".join([*others, encode_list((address, slot, encode_int(7)))])).startswith("state root: found 0x")


@pytest.mark.parametrize(
    "changes,message",
    [
        ({"magic": encode_bytes(b"other")}, "no snapshot: it begins with b'other'"),
        ({"version": encode_int(2)}, "a snapshot of version 2, expected 1"),
        ({"chain": encode_int(1)}, "of the chain with id 1, expected 8453"),
        ({"genesis": encode_bytes(b"")}, "of the genesis 0x, expected 0x"),
        ({"head": encode_bytes(b"")}, "head: "),
        ({"receipts": encode_bytes(b"\xc0")}, "head: 0 receipts, expected 3"),
        ({"receipts": encode_bytes(b"\xc9" + 3 * b"\xc2\x01\xc0")}, "head: receipts of root"),
        ({"receipts": encode_bytes(b"\xc1\xc0")}, "head: receipts that are none"),
        ({"receipts": encode_bytes(b"\xc3\xc2\x02\xc0")}, "head: receipts in another encoding"),
    ],
)
def test_preamble_is_checked(changes: dict[str, bytes], message: str) -> None:
    assert refused(preamble(**changes)).startswith(message)


def test_head_has_to_be_sealed_by_the_sequencer() -> None:
    chain = source()[0]
    head = chain.block(chain.head.hash)
    assert head is not None
    other = SequencerKey.from_secret(b"\x07" * 32)
    stranger = seal(replace(head.header, beneficiary=other.address), other)
    content = preamble(head=encode_bytes(head._replace(header=stranger).encode()))
    assert refused(content).startswith("head: wrong beneficiary")
    wrong = seal(replace(head.header, state_root=bytes(32)), KEY)
    content = preamble(head=encode_bytes(head._replace(header=wrong).encode()))
    assert refused(content).startswith("state root: ")


@pytest.mark.parametrize("content", [b"", b"text", b"\xc0"])
def test_no_snapshot_is_refused(content: bytes) -> None:
    assert refused(content).startswith("no snapshot: ")


def test_head_that_is_missing_is_said() -> None:
    store = MemoryStore()
    chain = Chain(store, genesis())
    store.write({schema.block(chain.head.hash): None})
    with pytest.raises(SnapshotError, match="no block at its head"):
        write_snapshot(chain, store, io.BytesIO())


def test_blocks_before_it_are_said_not_to_be_there() -> None:
    node = filled(new_node(restored(source()[2])[1]), 2)
    service = Service(node)

    def logs(first: str) -> Any:
        request = {"jsonrpc": "2.0", "id": 1, "method": "eth_getLogs", "params": [{"fromBlock": first}]}
        answer = asyncio.run(service.dispatcher.answer(service.context, json.dumps(request)))
        return json.loads(answer or "")

    for first in ("0x0", "0x1", "0x2"):
        assert logs(first)["error"] == {"code": -32000, "message": "pruned history unavailable"}
    assert logs("0x3")["result"]
