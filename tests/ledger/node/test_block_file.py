"""Files of blocks: whole ones are taken over, and of any other nothing is."""

from __future__ import annotations

import gc
import io
from concurrent.futures import Future
from dataclasses import replace
from functools import cache

import pytest

from ledger import ahead
from ledger.blocks import Block, decode_block, seal
from ledger.chain import Chain
from ledger.keys import SequencerKey
from ledger.node import block_file
from ledger.node.block_file import BlockFileError, export_blocks, import_blocks, raw_blocks
from ledger.node.snapshot import read_preamble, restore, write_snapshot
from ledger.recursive_length_prefix import encode_bytes, encode_int, encode_list, split_list
from ledger.store import MemoryStore, schema
from tests.ledger.node.conftest import KEY, filled, genesis, new_node

BLOCKS = 5


@cache
def exported() -> bytes:
    node = filled(new_node(), BLOCKS)
    file = io.BytesIO()
    assert export_blocks(node.chain, file) == BLOCKS
    return file.getvalue()


@cache
def rows() -> tuple[bytes, ...]:
    """Return the items of the file."""
    return tuple(split_list(encode_list([exported()])))


def preamble(**changes: bytes) -> bytes:
    fields = dict(zip(("magic", "version", "chain", "genesis", "last", "hash"), split_list(rows()[0]), strict=True))
    return encode_list((fields | changes).values())


def new_chain() -> Chain:
    return Chain(MemoryStore(), genesis())


def refused(content: bytes, chain: Chain | None = None) -> str:
    """Return what is said of a file, and check that it moves no head."""
    into = chain or new_chain()
    head = into.head
    with pytest.raises(BlockFileError) as caught:
        import_blocks(into, io.BytesIO(content))
    assert into.head == head
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_round_trip() -> None:
    chain = new_chain()
    told: list[tuple[int, int]] = []
    imported = import_blocks(chain, io.BytesIO(exported()), lambda *at: told.append(at))
    assert imported == (BLOCKS, BLOCKS, 0)
    assert told == [(number, BLOCKS) for number in range(1, BLOCKS + 1)]
    assert chain.head.number == BLOCKS
    again = io.BytesIO()
    export_blocks(chain, again)
    assert again.getvalue() == exported()


def test_second_time_there_is_nothing_new() -> None:
    chain = new_chain()
    import_blocks(chain, io.BytesIO(exported()))
    assert import_blocks(chain, io.BytesIO(exported())) == (BLOCKS, 0, 0)


def test_goes_on_where_a_chain_ends() -> None:
    chain = new_chain()
    for row in rows()[1:3]:
        chain.extend(decode_block(row))
    assert import_blocks(chain, io.BytesIO(exported())) == (BLOCKS, BLOCKS - 2, 0)
    assert chain.head.number == BLOCKS


def begun_at(number: int) -> Chain:
    """Return a chain that began with a snapshot of the file's, at this block."""
    source, begun, file = MemoryStore(), MemoryStore(), io.BytesIO()
    chain = Chain(source, genesis())
    for row in rows()[1 : number + 1]:
        chain.extend(decode_block(row))
    write_snapshot(chain, source, file)
    file.seek(0)
    restore(read_preamble(file, genesis()), file, begun)
    return Chain(begun, genesis())


@pytest.mark.parametrize("number", range(BLOCKS + 1))
def test_goes_on_from_a_snapshot(number: int) -> None:
    chain = begun_at(number)
    before = max(0, number - 1)
    assert import_blocks(chain, io.BytesIO(exported())) == (BLOCKS, BLOCKS - number, before)
    assert chain.head == decode_block(rows()[-1]).header
    assert import_blocks(chain, io.BytesIO(exported())) == (BLOCKS, 0, before)


def test_file_that_ends_before_a_snapshot_brings_nothing() -> None:
    last = decode_block(rows()[2]).header.hash
    chain = begun_at(4)
    content = preamble(last=encode_int(2), hash=encode_bytes(last)) + b"".join(rows()[1:3])
    assert import_blocks(chain, io.BytesIO(content)) == (2, 0, 2)
    assert chain.head.number == 4


def test_blocks_before_a_snapshot_are_checked() -> None:
    block = decode_block(rows()[2])
    unsealed = with_block(2, block._replace(header=replace(block.header, timestamp=block.header.timestamp + 1)))
    assert refused(unsealed, begun_at(4)).startswith("block 2: bad seal")
    resealed = with_block(2, block._replace(header=seal(replace(block.header, state_root=bytes(32)), KEY)))
    assert refused(resealed, begun_at(4)).startswith("block 3: found the parent 0x")
    elsewhere = new_node()
    elsewhere.increase_time(1000)
    for _ in range(BLOCKS):
        elsewhere.mine()
    other = io.BytesIO()
    export_blocks(elsewhere.chain, other)
    assert refused(other.getvalue(), begun_at(4)).endswith("but the chain has another block there")


def test_head_moves_in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block_file, "STEP", 8)  # of two blocks
    chain = new_chain()
    heads: list[int] = []
    chain.listen(lambda change: heads.append(change.adopted[-1].number))
    import_blocks(chain, io.BytesIO(exported()))
    assert heads == [2, 4, 5]


def test_other_processes_may_look_at_the_blocks_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "WORTH_IT", 1)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr(Future, "done", lambda self: True)  # wait for the first
    chain = new_chain()
    assert import_blocks(chain, io.BytesIO(exported())) == (BLOCKS, BLOCKS, 0)
    header, transactions = decode_block(rows()[3])
    wrong = Block(seal(replace(header, state_root=bytes(32)), KEY), transactions).encode()
    assert "block 3: wrong state: stateRoot: " in refused(b"".join((*rows()[:3], wrong, *rows()[4:])))


@pytest.mark.parametrize("collects", [True, False])
def test_blocks_leave_no_cycles_so_they_are_not_looked_for(collects: bool) -> None:
    (gc.enable if collects else gc.disable)()
    try:
        chain, file = new_chain(), io.BytesIO(exported())
        seen: list[bool] = []
        gc.collect()
        gc.freeze()  # what other tests keep
        import_blocks(chain, file, lambda *_: seen.append(gc.isenabled()))
        assert seen == [False] * BLOCKS
        assert gc.isenabled() == collects
        assert gc.collect() == 0
    finally:
        gc.unfreeze()
        gc.enable()


def test_chain_without_blocks_is_a_file_without_blocks() -> None:
    file = io.BytesIO()
    assert export_blocks(new_chain(), file) == 0
    assert import_blocks(new_chain(), io.BytesIO(file.getvalue())) == (0, 0, 0)
    assert list(raw_blocks(io.BytesIO(file.getvalue()))) == []


def test_blocks_can_be_taken_raw() -> None:
    assert list(raw_blocks(io.BytesIO(exported()))) == list(rows()[1:])
    with pytest.raises(BlockFileError, match="cut off"):
        list(raw_blocks(io.BytesIO(exported()[:-1])))


@pytest.mark.parametrize(
    "content,message",
    [
        (b"", "no file of blocks: found 0 fields"),
        (b"text", "no file of blocks: found the byte 0x74, expected a list in RLP"),
        (preamble(magic=encode_bytes(b"other")), "no file of blocks: it begins with b'other'"),
        (preamble(version=encode_int(2)), "a file of version 2, expected 1"),
        (preamble(chain=encode_int(1)), "blocks of the chain with id 1, expected 8453"),
        (preamble(genesis=encode_bytes(bytes(32))), "blocks on the genesis 0x0000"),
        (preamble(last=encode_bytes(b"\x00\x05")), "its numbers are not in canonical RLP"),
        (preamble(hash=encode_list(())), "no file of blocks: not in canonical RLP"),
        (preamble(last=encode_int(BLOCKS + 1)), f"block {BLOCKS + 1}: the file ends before it"),
        (preamble(last=encode_int(BLOCKS - 1)), f"block {BLOCKS - 1}: more follows after it"),
        (preamble(hash=encode_bytes(bytes(32))), f"block {BLOCKS}: found 0x"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_preamble_is_checked(content: bytes, message: str) -> None:
    if content and content != b"text":
        content += b"".join(rows()[1:])
    if message.startswith("no file of blocks: found 0"):
        message = "no file of blocks"
    assert message in refused(content)


def test_every_truncation_is_refused() -> None:
    content = exported()
    places = {len(content) - 1, *(len(b"".join(rows()[:at])) for at in range(len(rows()))), *range(0, len(content), 97)}
    for length in places:
        refused(content[:length])


def test_truncated_block_is_named() -> None:
    whole = b"".join(rows()[:4])
    assert refused(whole[:-7]) == "block 3: the file ends 7 bytes too early"
    assert refused(whole) == f"block 4: the file ends before it, but promises blocks up to {BLOCKS}"


def test_every_changed_byte_is_refused() -> None:
    content = exported()
    for at in range(0, len(content), 61):
        for change in (0x01, 0x80):
            changed = bytearray(content)
            changed[at] ^= change
            refused(bytes(changed))


def test_reordered_blocks_are_refused() -> None:
    order = [*rows()[:2], rows()[3], rows()[2], *rows()[4:]]
    assert refused(b"".join(order)) == "block 2: found block 3 in its place"


def test_missing_and_doubled_blocks_are_refused() -> None:
    assert refused(b"".join(rows()[:2] + rows()[3:])) == "block 2: found block 3 in its place"
    assert refused(b"".join((*rows()[:3], *rows()[2:]))) == "block 3: found block 2 in its place"


def with_block(number: int, block: Block) -> bytes:
    return b"".join([*rows()[:number], block.encode(), *rows()[number + 1 :]])


def test_resealed_block_is_refused() -> None:
    from dataclasses import replace

    other = SequencerKey.from_secret(b"\x07" * 32)
    block = decode_block(rows()[3])
    stranger = seal(replace(block.header, beneficiary=other.address), other)
    assert refused(with_block(3, block._replace(header=stranger))).startswith("block 3: wrong beneficiary")
    forged = replace(stranger, beneficiary=KEY.address)
    assert refused(with_block(3, block._replace(header=forged))).startswith("block 3: bad seal")


def test_block_that_is_sealed_but_not_right_is_refused() -> None:
    from dataclasses import replace

    block = decode_block(rows()[2])
    wrong = seal(replace(block.header, state_root=bytes(32)), KEY)
    assert refused(with_block(2, block._replace(header=wrong))).startswith("block 2: wrong state: stateRoot")


def test_another_branch_is_refused() -> None:
    node = new_node()
    node.increase_time(1000)
    node.mine()
    message = refused(exported(), node.chain)
    assert message.startswith("block 1: found 0x")
    assert message.endswith("but the chain has another block there")


def test_branch_of_another_parent_is_refused() -> None:
    node = new_node()
    node.increase_time(1000)
    other = decode_block(node.mine().encode())
    assert refused(with_block(1, other)).startswith("block 2: found the parent 0x")


def test_long_items_are_not_read() -> None:
    claimed = b"\xfb" + (1 << 31).to_bytes(4, "big")
    message = refused(rows()[0] + claimed)
    assert message == f"block 1: found an item of {1 << 31} bytes, expected 67108864 at most"


def test_missing_block_is_not_exported() -> None:
    store = MemoryStore()
    node = filled(new_node(store), 3)
    store.write({schema.block(node.chain.hash_at(2) or b""): None})
    with pytest.raises(BlockFileError, match="block 2 is not in the store"):
        export_blocks(node.chain, io.BytesIO())
