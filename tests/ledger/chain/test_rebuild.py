"""A damaged store is rebuilt from what can be read of it; what cannot be told from it is not made up."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from ledger.blocks import Block
from ledger.chain import Chain
from ledger.chain import chain as chain_module
from ledger.chain import check as check_module
from ledger.chain import salvage as salvage_module
from ledger.chain.rebuild import Rebuilt, rebuild
from ledger.genesis import Genesis
from ledger.store import LevelStore, MemoryStore, Store, StoreDamaged, StoreError, StoreLocked, StoreMismatch, schema
from tests.ledger.chain.conftest import STAKER, content, extended, full_of, genesis, mined, new_chain, transfer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


def stored(folder: Path, blocks: Sequence[Block], without: Sequence[bytes] = ()) -> None:
    """Make a store of blocks on the genesis that lacks some keys."""
    with closing(LevelStore(folder, create=True)) as store:
        chain = new_chain(store)
        for block in blocks:
            chain.extend(block)
        store.write(dict.fromkeys(without))


def eight() -> list[Block]:
    return extended(new_chain(), 8)


def content_of(folder: Path) -> dict[bytes, bytes]:
    with closing(LevelStore(folder)) as store:
        return content(store)


def control(blocks: Sequence[Block]) -> dict[bytes, bytes]:
    """Return what a store has that never was damaged."""
    store = MemoryStore()
    chain = new_chain(store)
    for block in blocks:
        chain.extend(block)
    return content(store)


def key_of(block: Block) -> bytes:
    return schema.block(block.header.hash)


def beside(folder: Path) -> set[str]:
    return {path.name for path in folder.parent.iterdir()}


def test_all_is_as_it_was_and_the_old_store_is_kept(folder: Path) -> None:
    blocks = eight()
    stored(folder, blocks, without=[schema.receipts(blocks[3].header.hash), schema.account(STAKER)])
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    done: list[int] = []
    rebuilt = rebuild(folder, progress=done.append)
    aside = folder.with_name("store.damaged-1")
    assert rebuilt == Rebuilt(blocks[-1].header, 8, 0, None, aside)
    assert done == list(range(1, 9))
    assert content_of(folder) == control(blocks)
    assert {path.name: path.read_bytes() for path in aside.iterdir()} == before
    assert rebuild(folder).set_aside == folder.with_name("store.damaged-2")
    assert beside(folder) == {"store", "store.damaged-1", "store.damaged-2"}
    assert content_of(folder) == control(blocks)


def test_a_known_block_is_adopted_when_it_is_given(folder: Path) -> None:
    blocks = eight()
    with closing(LevelStore(folder, create=True)) as store:
        chain = new_chain(store)
        chain.validate(blocks[0])
        chain.validate(blocks[1])
    assert rebuild(folder).head == genesis().header
    assert rebuild(folder, [block.encode() for block in blocks[:3]]).head == blocks[2].header


def test_a_branch_from_too_deep_is_not_adopted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (chain_module, check_module):
        monkeypatch.setattr(module, "UNDO_DEPTH", 1)
    trunk, branch = forked()
    stored(folder, trunk)
    rebuilt = rebuild(folder, [block.encode() for block in branch])
    assert rebuilt.head == trunk[-1].header
    assert "too deep for a reorganisation" in str(rebuilt.refusal)


def test_a_gap_ends_the_chain_unless_further_blocks_fill_it(folder: Path) -> None:
    blocks = eight()
    gap = [key_of(blocks[3])]
    stored(folder, blocks, without=gap)
    rebuilt = rebuild(folder)
    assert (rebuilt.head, rebuilt.damaged_head, rebuilt.left_out) == (blocks[2].header, 8, 4)
    assert content_of(folder) == control(blocks[:3])

    shutil.rmtree(folder)
    stored(folder, blocks, without=gap)
    rebuilt = rebuild(folder, (block.encode() for block in blocks[:5]))
    assert (rebuilt.head, rebuilt.left_out, rebuilt.refusal) == (blocks[-1].header, 0, None)
    assert content_of(folder) == control(blocks)


def test_further_blocks_go_on_until_one_is_refused(folder: Path) -> None:
    blocks = eight()
    stored(folder, blocks[:5])
    given = [*(block.encode() for block in blocks[4:7]), b"\xc0", blocks[7].encode()]
    rebuilt = rebuild(folder, given)
    assert rebuilt.head == blocks[6].header
    assert str(rebuilt.refusal).startswith("after block 7: ")
    rebuilt = rebuild(folder, [extended(new_chain(), 9)[-1].encode(), mined(new_chain()).encode()])
    assert rebuilt.head == blocks[6].header
    assert str(rebuilt.refusal).startswith("after block 7: unknown parent: ")


def test_further_blocks_on_another_branch_are_adopted_if_they_lead_higher(folder: Path) -> None:
    trunk, branch = forked()
    stored(folder, trunk)
    assert rebuild(folder, [block.encode() for block in branch[:2]]).head == trunk[-1].header
    rebuilt = rebuild(folder, [*(block.encode() for block in branch), b""])
    assert rebuilt.head == branch[-1].header
    assert str(rebuilt.refusal).startswith("after block 4: ")
    assert rebuild(folder).head == branch[-1].header


def forked() -> tuple[list[Block], list[Block]]:
    """Return three blocks, then two, and three others on the first of them."""
    chain = new_chain()
    trunk = extended(chain, 3)
    fork = full_of(trunk[:1])
    for nonce in range(1, 4):
        fork.extend(mined(fork, transfer(STAKER, nonce, 99), after=2))
    branch = [fork.block(fork.hash_at(number) or b"") for number in range(2, 5)]
    return trunk, [block for block in branch if block]


def reorganised(folder: Path, without: Callable[[list[Block], list[Block]], Sequence[bytes]]) -> dict[bytes, bytes]:
    """Make a store whose head is on the shorter branch, without some keys, and return what it had before."""
    trunk, branch = forked()
    with closing(LevelStore(folder, create=True)) as store:
        chain = new_chain(store)
        for block in trunk:
            chain.extend(block)
        for block in branch:
            chain.validate(block)
        before = content(store)
        store.write(dict.fromkeys(without(trunk, branch)))
    return before


def test_branches_that_were_not_adopted_are_kept_as_such(folder: Path) -> None:
    before = reorganised(folder, lambda trunk, branch: [schema.account(STAKER)])
    rebuilt = rebuild(folder)
    assert (rebuilt.head.number, rebuilt.left_out) == (3, 0)
    assert content_of(folder) == before


def test_without_word_of_the_head_its_chain_is_told_by_the_numbers(folder: Path) -> None:
    before = reorganised(folder, lambda trunk, branch: [schema.head()])
    # Above what the numbers tell, and only there, the longest chain counts.
    assert rebuild(folder).head.number == 3
    assert content_of(folder) == before


def test_without_numbers_either_the_longest_chain_counts(folder: Path) -> None:
    reorganised(folder, lambda trunk, branch: [schema.head(), *map(schema.canonical, range(4))])
    rebuilt = rebuild(folder)
    assert (rebuilt.head.number, rebuilt.damaged_head) == (4, None)


def test_a_head_that_lags_behind_its_chain_is_not_believed(folder: Path) -> None:
    blocks = eight()
    stored(folder, blocks)
    with closing(LevelStore(folder)) as store:
        store.write({schema.head(): blocks[4].header.hash})
    rebuilt = rebuild(folder)
    assert (rebuilt.head, rebuilt.damaged_head) == (blocks[-1].header, 8)


def test_a_genesis_is_needed_and_must_be_the_right_one(folder: Path) -> None:
    blocks = eight()
    stored(folder, blocks, without=[schema.meta("genesis file")])
    before = beside(folder)
    with pytest.raises(StoreError, match=f"^{folder}: no genesis can be read in the store, and no genesis file is"):
        rebuild(folder)
    assert beside(folder) == before
    assert rebuild(folder, genesis=genesis()).head == blocks[-1].header
    other = Genesis(1, 2, genesis().sequencer, 3, {})
    with pytest.raises(StoreMismatch, match=r"the store has the genesis 0x.*, expected 0x"):
        rebuild(folder, genesis=other)
    assert content_of(folder) == control(blocks)


@pytest.mark.parametrize("file", [b"{", b"\xff", b""])
def test_a_genesis_that_cannot_be_read_is_none(folder: Path, file: bytes) -> None:
    stored(folder, eight())
    with closing(LevelStore(folder)) as store:
        store.write({schema.meta("genesis file"): file})
    with pytest.raises(StoreError, match="no genesis can be read"):
        rebuild(folder)


def test_a_genesis_that_is_not_the_first_block_is_none(folder: Path) -> None:
    stored(folder, eight())
    with closing(LevelStore(folder)) as store:
        file = genesis().to_json().replace(hex(genesis().timestamp), hex(genesis().timestamp + 1))
        store.write({schema.meta("genesis file"): file.encode()})
    with pytest.raises(StoreError, match="no genesis can be read"):
        rebuild(folder)


def test_blocks_that_cannot_be_begun_with_are_not_thrown_away(folder: Path) -> None:
    blocks = eight()
    stored(folder, blocks, without=[key_of(blocks[0])])
    with pytest.raises(StoreError, match=f"^{folder}: blocks can be read, but not block 1, and so none after it$"):
        rebuild(folder)
    assert beside(folder) == {"store"}
    assert rebuild(folder, [blocks[0].encode()]).head == blocks[-1].header


def test_a_store_can_be_begun_otherwise(folder: Path) -> None:
    blocks = eight()
    stored(folder, blocks, without=[key_of(block) for block in blocks[:3]])

    def begin(store: Store) -> None:
        chain = new_chain(store)
        for block in blocks[:3]:
            chain.extend(block)

    rebuilt = rebuild(folder, begin=begin)
    assert rebuilt.head == blocks[-1].header
    assert content_of(folder) == control(blocks)


def test_a_block_that_is_not_what_its_hash_says_is_not_read(folder: Path) -> None:
    blocks = eight()
    stored(folder, blocks)
    other = blocks[4]._replace(transactions=blocks[3].transactions)
    with closing(LevelStore(folder)) as store:
        store.write({key_of(blocks[4]): other.encode(), key_of(blocks[6]): b"none"})
    rebuilt = rebuild(folder)
    assert (rebuilt.head, rebuilt.left_out) == (blocks[3].header, 2)


def test_a_block_that_was_never_right_is_refused(folder: Path) -> None:
    stored(folder, [])
    with closing(LevelStore(folder)) as store:
        header = new_chain()._branch.build((), genesis().timestamp)
        store.write({schema.block(header.hash): Block(header, ()).encode()})
    with pytest.raises(StoreError, match="block 1 of the damaged store is refused: unsealed"):
        rebuild(folder)


def test_what_is_no_store_is_left_alone(folder: Path) -> None:
    for _ in range(2):
        with pytest.raises(StoreError, match=f"^{folder}: expected a store that is damaged, found none at all$"):
            rebuild(folder, genesis=genesis())
        folder.mkdir(exist_ok=True)
        (folder / "letter.txt").touch()
    assert beside(folder) == {"store"}


def test_a_store_in_use_is_left_alone(folder: Path) -> None:
    with closing(LevelStore(folder, create=True)) as store:
        Chain(store, genesis())
        with pytest.raises(StoreLocked):
            rebuild(folder)
    assert beside(folder) == {"store"}


def test_nothing_readable_is_rebuilt_from_what_is_given(folder: Path) -> None:
    blocks = eight()
    stored(folder, blocks)
    for path in folder.iterdir():
        path.write_bytes(b"")
    with pytest.raises(StoreDamaged, match="diem node rebuild"):
        LevelStore(folder)
    rebuilt = rebuild(folder, [block.encode() for block in blocks], genesis=genesis())
    assert (rebuilt.head, rebuilt.damaged_head) == (blocks[-1].header, None)
    assert content_of(folder) == control(blocks)


def test_a_store_of_which_no_data_file_is_left_is_rebuilt_from_what_is_given(folder: Path) -> None:
    blocks = eight()
    folder.mkdir()
    (folder / "CURRENT").write_bytes(b"MANIFEST-000004\n")
    with pytest.raises(StoreError, match="no genesis can be read"):
        rebuild(folder)
    rebuilt = rebuild(folder, [block.encode() for block in blocks], genesis=genesis())
    assert rebuilt.head == blocks[-1].header


class Unreadable(MemoryStore):
    """A store of which nothing can be read."""

    def get(self, key: bytes) -> bytes | None:
        raise StoreDamaged("a table")

    def items(self, prefix: bytes, start: bytes = b"", reverse: bool = False) -> Iterator[tuple[bytes, bytes]]:
        raise StoreDamaged("a table")


@pytest.mark.parametrize("opens", [False, True])
def test_a_store_that_cannot_even_be_salvaged_is_rebuilt_from_what_is_given(
    folder: Path, monkeypatch: pytest.MonkeyPatch, opens: bool
) -> None:
    blocks = eight()
    stored(folder, blocks)

    def salvaged(store: Path, _: Path) -> Store:
        if opens:
            return Unreadable()
        raise StoreDamaged(f"{store}: nothing")

    monkeypatch.setattr(salvage_module, "salvaged", salvaged)
    rebuilt = rebuild(folder, [block.encode() for block in blocks], genesis=genesis())
    assert (rebuilt.head, rebuilt.damaged_head) == (blocks[-1].header, None)


def test_blocks_are_carved_out_of_a_table_without_its_index(folder: Path) -> None:
    blocks = eight()
    stored(folder, blocks)
    LevelStore(folder).close()  # which makes a table of the log
    for table in folder.glob("*.ldb"):
        os.truncate(table, table.stat().st_size - 1)
    rebuilt = rebuild(folder, genesis=genesis())
    assert rebuilt.head == blocks[-1].header
    assert content_of(folder) == control(blocks)


def test_an_interrupted_swap_is_found_and_done_again(folder: Path) -> None:
    blocks = eight()
    stored(folder, blocks)
    shutil.copytree(folder, folder.with_name("store.damaged-3"))
    folder.with_name("store.damaged-3").joinpath("LOG").unlink()
    folder.with_name("store.damaged-old").mkdir()
    folder.rename(folder.with_name("store.damaged-10"))
    stored(folder.with_name("store.rebuilding"), blocks[:2])
    for create in (True, False):
        with pytest.raises(StoreDamaged, match=r"a rebuild of it was interrupted\); bring it back with: diem node re"):
            LevelStore(folder, create=create)
    assert rebuild(folder).set_aside == folder.with_name("store.damaged-4")
    assert beside(folder) == {"store", "store.damaged-3", "store.damaged-4", "store.damaged-old"}
    assert content_of(folder) == control(blocks)


def test_files_that_cannot_be_written_are_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored(folder, [])

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(StoreError, match=f"^{folder}: cannot be rebuilt: .*No space left on device"):
        rebuild(folder)
    assert beside(folder) == {"store"}
