"""The chain: what of a block is refused, what one more block stores, and how the head moves."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.blocks import Block, BlockError, BlockErrorCode, seal
from ledger.bloom import logs_bloom
from ledger.chain import Chain, ChainError, HeadChange, Place, waiting
from ledger.chain import chain as chain_module
from ledger.chain import check as check_module
from ledger.chain.check import check
from ledger.chain.opening import stored_genesis
from ledger.changes import Changes
from ledger.checked import check_block
from ledger.keys import SequencerKey
from ledger.receipts import transactions_root
from ledger.store import LevelStore, MemoryStore, Store, StoreDamaged, StoreError, StoreMismatch, schema
from ledger.transactions import TransactionError, TransactionErrorCode, sign_transaction
from spec import addresses
from spec.messages import Call
from tests.ledger.chain.conftest import (
    KEY,
    MINTER,
    NOBODY,
    STAKER,
    STRANGER,
    UNIT,
    call,
    calldata,
    content,
    extended,
    full_of,
    genesis,
    mined,
    new_chain,
    signed,
    transfer,
)

# ------------------------------------------------------------------------------------------------ one more block


def test_a_new_chain_has_the_genesis_as_its_head(chain: Chain, store: Store) -> None:
    assert chain.head == genesis().header
    assert chain.hash_at(0) == genesis().hash
    assert chain.hash_at(1) is None
    assert chain.block(genesis().hash) == Block(genesis().header, ())
    assert chain.receipts(genesis().hash) == ()
    assert stored_genesis(store) == genesis()
    assert stored_genesis(MemoryStore()) is None
    check(chain, store)


def test_a_block_becomes_the_head_with_all_that_belongs_to_it(chain: Chain, store: Store) -> None:
    transactions = [
        call(STAKER, 0, "vvv.approve", addresses.STAKING, 10 * UNIT),
        call(STAKER, 1, "staking.stake", STAKER, UNIT),
        transfer(STRANGER, 0, 1),
        signed(STRANGER, 1, NOBODY, value=5),
    ]
    block = mined(chain, *transactions)
    chain.extend(block)
    assert chain.head == block.header
    assert chain.head.number == 1
    assert chain.hash_at(1) == block.header.hash
    assert chain.is_adopted(block.header)
    assert chain.header(block.header.hash) == block.header
    assert chain.block(block.header.hash) == block
    receipts = chain.receipts(block.header.hash)
    assert [receipt.status for receipt in receipts] == [True, True, False, True]
    assert logs_bloom([log for receipt in receipts for log in receipt.logs]) == block.header.logs_bloom
    places = [chain.place_of(transaction.hash) for transaction in transactions]
    assert places == [Place(block.header.hash, 1, index) for index in range(4)]
    assert chain.place_of(bytes(32)) is None
    assert chain.state(block.header).account(NOBODY).balance == 5
    check(chain, store)


def test_proposing_stores_nothing_and_leaves_the_head(chain: Chain, store: Store) -> None:
    before = content(store)
    first = mined(chain, transfer(STAKER, 0, 1))
    assert mined(chain, transfer(STAKER, 0, 1)) == first
    assert content(store) == before
    assert chain.head == genesis().header


def test_a_transaction_that_cannot_be_carried_out_is_not_proposed(chain: Chain) -> None:
    with pytest.raises(TransactionError) as caught:
        mined(chain, transfer(STAKER, 0, 1), transfer(STAKER, 2, 1))
    assert caught.value.code is TransactionErrorCode.NONCE_TOO_HIGH
    with pytest.raises(BlockError) as refused:
        mined(chain, after=-1)
    assert refused.value.code is BlockErrorCode.TIME_RUNS_BACKWARDS
    with pytest.raises(BlockError):
        chain.propose((), chain.head.timestamp, SequencerKey.from_secret(b"\x47" * 32))
    chain.extend(mined(chain, transfer(STAKER, 0, 1)))


def test_a_block_that_is_made_is_the_one_that_is_proposed_and_extended_by(chain: Chain, store: Store) -> None:
    other_store = MemoryStore()
    other = new_chain(other_store)
    told: list[HeadChange] = []
    chain.listen(told.append)
    for nonce, after in ((0, 1), (1, 0), (2, 90_000)):
        batch = [transfer(STAKER, nonce, 1), transfer(STRANGER, nonce, 1)]
        block = chain.make(batch, chain.head.timestamp + after, KEY)
        assert block == mined(other, *batch, after=after)
        other.extend(block)
        assert content(store) == content(other_store)
        assert told.pop() == HeadChange((), (block.header,))
    check(chain, store)


def test_a_block_that_cannot_be_made_leaves_all_as_it_is(chain: Chain, store: Store) -> None:
    before = content(store)
    now = chain.head.timestamp
    with pytest.raises(TransactionError):
        chain.make([transfer(STAKER, 0, 1), transfer(STAKER, 2, 1)], now, KEY)
    with pytest.raises(BlockError):
        chain.make([transfer(STAKER, 0, 1)], now - 1, KEY)
    with pytest.raises(BlockError) as refused:
        chain.make([transfer(STAKER, 0, 1)], now, SequencerKey.from_secret(b"\x47" * 32))
    assert refused.value.code is BlockErrorCode.WRONG_BENEFICIARY
    assert (content(store), chain.head) == (before, genesis().header)
    assert chain.make([transfer(STAKER, 0, 1)], now, KEY) == mined(new_chain(), transfer(STAKER, 0, 1), after=0)


def test_what_is_tried_on_the_head_is_undone_even_if_it_fails(chain: Chain) -> None:
    with chain.trial() as execution:
        execution.transact(transfer(STAKER, 0, 1), chain.head.timestamp)
        assert execution.account(STAKER).nonce == 1
    with suppress(LookupError), chain.trial() as execution:
        execution.transact(transfer(STAKER, 0, 1), chain.head.timestamp)
        raise LookupError
    assert chain.execution(chain.head).account(STAKER).nonce == 0
    assert mined(chain, transfer(STAKER, 0, 1)) == mined(new_chain(), transfer(STAKER, 0, 1))


def test_blocks_may_have_the_same_time_and_no_transactions(chain: Chain) -> None:
    chain.extend(mined(chain, after=0))
    assert (chain.head.timestamp, chain.head.state_root) == (genesis().timestamp, genesis().header.state_root)


def resealed(block: Block, **fields: object) -> Block:
    return Block(seal(replace(block.header, **fields), KEY), block.transactions)  # type: ignore[arg-type]


def with_transactions(block: Block, *transactions: bytes) -> Block:
    header = replace(block.header, transactions_root=transactions_root(transactions))
    return Block(seal(header, KEY), transactions)


def faulty_blocks() -> Mapping[str, tuple[Block, BlockErrorCode, str]]:
    chain = new_chain()
    good = mined(chain, transfer(STAKER, 0, 1), transfer(STAKER, 1, 1))
    raw = good.transactions
    elsewhere = sign_transaction(b"\x11" * 32, chain_id=1, nonce=0, to=NOBODY)
    return {
        "unsealed": (Block(replace(good.header, extra_data=b""), raw), BlockErrorCode.UNSEALED, "extraData"),
        "changed": (Block(replace(good.header, timestamp=2**40), raw), BlockErrorCode.BAD_SEAL, "extraData"),
        "body": (Block(good.header, raw[:1]), BlockErrorCode.WRONG_TRANSACTIONS, "transactionsRoot"),
        "chain": (with_transactions(good, elsewhere), BlockErrorCode.BAD_TRANSACTION, "transactions[0]"),
        "parent": (resealed(good, parent_hash=bytes(32)), BlockErrorCode.UNKNOWN_PARENT, "parentHash"),
        "number": (resealed(good, number=2), BlockErrorCode.WRONG_NUMBER, "number"),
        "gas": (resealed(good, gas_limit=5), BlockErrorCode.WRONG_GAS_LIMIT, "gasLimit"),
        "time": (resealed(good, timestamp=genesis().timestamp - 1), BlockErrorCode.TIME_RUNS_BACKWARDS, "timestamp"),
        "nonce": (with_transactions(good, raw[0], raw[0]), BlockErrorCode.BAD_TRANSACTION, "transactions[1]"),
        "receipts": (resealed(good, receipts_root=bytes(32)), BlockErrorCode.WRONG_RECEIPTS, "receiptsRoot"),
        "bloom": (resealed(good, logs_bloom=bytes(256)), BlockErrorCode.WRONG_BLOOM, "logsBloom"),
        "state": (resealed(good, state_root=bytes(32)), BlockErrorCode.WRONG_STATE, "stateRoot"),
        "two ways": (resealed(good, number=2, state_root=bytes(32)), BlockErrorCode.WRONG_NUMBER, "number"),
        "roots": (
            resealed(good, receipts_root=bytes(32), state_root=bytes(32)),
            BlockErrorCode.WRONG_RECEIPTS,
            "receiptsRoot",
        ),
    }


FAULTY = faulty_blocks()


@pytest.mark.parametrize("how", ["extend", "validate"])
@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_block_is_refused_and_nothing_of_it_stays(name: str, how: str, chain: Chain, store: Store) -> None:
    before = content(store)
    block, code, field = FAULTY[name]
    with pytest.raises(BlockError) as caught:
        getattr(chain, how)(block)
    assert (caught.value.code, caught.value.field) == (code, field)
    assert content(store) == before
    assert chain.head == genesis().header
    # What was carried out of it is gone, too.
    good = mined(chain, transfer(STAKER, 0, 1))
    assert good == mined(new_chain(), transfer(STAKER, 0, 1))
    chain.extend(good)
    check(chain, store)


def test_only_the_head_is_extended(chain: Chain) -> None:
    sibling = mined(chain, transfer(STAKER, 0, 9))
    extended(chain, 1)
    with pytest.raises(BlockError, match=r"unknown parent: parentHash: found 0x\w+, expected the head, 0x"):
        chain.extend(sibling)


@pytest.mark.parametrize("how", ["extend", "validate"])
def test_a_block_that_was_checked_before_comes_to_the_same(how: str, chain: Chain, store: Store) -> None:
    block = mined(chain, transfer(STAKER, 0, 1))
    getattr(chain, how)(check_block(block, chain.chain_id, chain.genesis.sequencer))
    chain.adopt(block.header.hash)
    assert content(store) == content_of([block])


@pytest.mark.parametrize("how", ["extend", "validate"])
def test_a_store_that_cannot_be_read_leaves_the_chain_where_it_is(how: str) -> None:
    store = Unreadable()
    chain = new_chain(store)
    other = new_chain()
    blocks = extended(other, 1)
    chain.extend(blocks[0])
    block = mined(other, call(STAKER, 1, "vvv.approve", STRANGER, 1), transfer(MINTER, 0, 1))
    store.readable = 1
    with pytest.raises(StoreError):
        getattr(chain, how)(block)
    store.readable = None
    getattr(chain, how)(block)
    chain.adopt(block.header.hash)
    assert content(store) == content_of([blocks[0], block])


class Unreadable(MemoryStore):
    """A store of which some words more can be read."""

    readable: int | None = None

    def get(self, key: bytes) -> bytes | None:
        if key.startswith(schema.WORD) and self.readable is not None:
            self.readable -= 1
            if self.readable < 0:
                raise StoreError("cannot be read")
        return super().get(key)


def test_blocks_that_are_validated_ahead_are_adopted_as_if_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = extended(new_chain(), 6)
    contents = []
    # None is kept in memory; all are; the first two are.
    for most in (0, 100, 4):
        monkeypatch.setattr(waiting, "MOST_WAITING", most)
        store = MemoryStore()
        chain = new_chain(store)
        for block in blocks:
            chain.validate(block)
        for block in blocks[2], blocks[5]:
            chain.adopt(block.header.hash)
        check(chain, store)
        contents.append(content(store))
    assert contents == [content_of(blocks)] * 3


def test_empty_blocks_take_room_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "MOST_WAITING", 1)
    blocks = [mined(new_chain(), after=seconds) for seconds in (1, 2)]
    kept = waiting.Waiting()
    for block in blocks:
        kept.put(waiting.Validated(block, (), Changes({}, {})))
    assert [kept.get(block.header.hash) is not None for block in blocks] == [True, False]
    kept.let_go(1)
    kept.put(waiting.Validated(blocks[1], (), Changes({}, {})))
    assert [kept.get(block.header.hash) is not None for block in blocks] == [False, True]


def test_a_branch_that_lacks_a_block_is_not_adopted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "MOST_WAITING", 0)
    blocks = extended(new_chain(), 2)
    store = MemoryStore()
    chain = new_chain(store)
    for block in blocks:
        chain.validate(block)
    store.write({schema.block(blocks[0].header.hash): None})
    with pytest.raises(ChainError, match=r"^block 0x\w{64} is missing$"):
        chain.adopt(blocks[1].header.hash)
    assert chain.head == genesis().header


def test_what_is_validated_ahead_is_let_go_when_it_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain_module, "MOST_IN_MEMORY", 1)
    blocks = extended(new_chain(), 3)
    store = MemoryStore()
    chain = new_chain(store)
    for block in blocks:
        chain.validate(block)
    chain.adopt(blocks[-1].header.hash)
    assert content(store) == content_of(blocks)


def test_a_branch_validated_before_the_head_moved_is_right_after_it(chain: Chain, store: Store) -> None:
    other = new_chain()
    branch = [mined(other, transfer(STAKER, 0, 5), after=7)]
    other.extend(branch[0])
    branch.append(mined(other, transfer(STAKER, 1, 5)))
    chain.validate(branch[0])
    extended(chain, 2)
    chain.validate(branch[1])
    chain.adopt(branch[1].header.hash)
    check(chain, store)
    assert chain.head == branch[1].header


def content_of(blocks: list[Block]) -> dict[bytes, bytes]:
    store = MemoryStore()
    chain = new_chain(store)
    for block in blocks:
        chain.extend(block)
    return content(store)


# ------------------------------------------------------------------------------------------------ the same anywhere


def test_both_stores_hold_the_same(tmp_path: Path) -> None:
    blocks = extended(new_chain(), 5)
    level = LevelStore(tmp_path / "store", create=True)
    chain = new_chain(level)
    for block in blocks:
        chain.extend(block)
    assert content(level) == content_of(blocks)
    level.close()
    with pytest.raises(StoreError):
        extended(chain, 1, start=5)


def test_a_chain_opened_again_goes_on_where_it_was(store: Store) -> None:
    blocks = extended(new_chain(store), 3)
    again = new_chain(store)
    assert again.head == blocks[-1].header
    blocks += extended(again, 3, start=3)
    assert content(store) == content_of(blocks)


def test_letting_go_of_what_is_in_memory_changes_nothing(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    monkeypatch.setattr(chain_module, "MOST_IN_MEMORY", 2)
    chain = new_chain(store)
    blocks = extended(chain, 3)
    assert chain.execution(chain.head).size() == 0
    assert content(store) == content_of(blocks)


def test_calls_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch, chain: Chain) -> None:
    monkeypatch.setattr(chain_module, "MOST_IN_MEMORY", 10)
    for number in range(100):
        to, data = calldata("vvv.balanceOf", bytes(12) + number.to_bytes(8, "big"))
        assert chain.execution(chain.head).call(Call(STRANGER, to, data, chain.head.timestamp)).status
        assert chain.execution(chain.head).size() <= 11


def test_a_store_of_something_else_is_refused(store: Store) -> None:
    new_chain(store)
    with pytest.raises(StoreMismatch, match=r"^the store has genesis 0x\w{8,}, expected 0x\w{8,}$"):
        Chain(store, replace(genesis(), timestamp=5))
    with pytest.raises(StoreMismatch, match=r"^the store has chain id 0x2105, expected 0x7$"):
        Chain(store, replace(genesis(), chain_id=7))
    store.write({schema.meta("schema"): (9).to_bytes(4, "big")})
    with pytest.raises(StoreMismatch, match=r"^the store has schema version 0x9, expected 0x1$"):
        new_chain(store)
    store.write({schema.meta("schema"): None})
    with pytest.raises(StoreMismatch, match="schema version none"):
        new_chain(store)


@pytest.mark.parametrize("value", [None, b"\xc0"])
def test_a_store_without_the_block_at_its_head_is_damaged(store: Store, value: bytes | None) -> None:
    new_chain(store)
    store.write({schema.block(genesis().hash): value})
    with pytest.raises(StoreDamaged, match=r"the store('s| has no) block at (its|the) head"):
        new_chain(store)


class Failing(MemoryStore):
    """A store whose next write fails, and the next one not."""

    fails = False

    def write(self, changes: Mapping[bytes, bytes | None]) -> None:
        if self.fails:
            self.fails = False
            raise StoreError("no space left on the device")
        super().write(changes)


def test_a_write_that_fails_leaves_the_chain_as_it_was() -> None:
    store = Failing()
    chain = new_chain(store)
    blocks = extended(chain, 2)
    before = content(store)
    third = mined(chain, transfer(STAKER, 2, 3))
    store.fails = True
    with pytest.raises(StoreError, match="no space"):
        chain.extend(third)
    assert content(store) == before
    assert chain.head == blocks[-1].header
    chain.extend(third)
    assert content(store) == content_of([*blocks, third])


# ------------------------------------------------------------------------------------------------ branches


def branches() -> tuple[list[Block], list[Block], list[Block]]:
    """Return two blocks, and two ways on from there, of three and two blocks."""
    trunk = extended(new_chain(), 2)
    left = extended(full_of(trunk), 3, start=2)
    other = full_of(trunk)
    right = [mined(other, signed(STRANGER, 0, MINTER, value=7), transfer(STAKER, 2, 99), after=5)]
    other.extend(right[0])
    right.append(mined(other, call(STAKER, 3, "staking.claim")))
    other.extend(right[1])
    return trunk, left, right


def without_branches(stored: dict[bytes, bytes], adopted: list[Block]) -> dict[bytes, bytes]:
    """Return what is stored of the chain that is adopted; nodes and blocks of other branches stay, too."""
    hashes = {block.header.hash for block in adopted} | {genesis().hash}
    by_block = (schema.BLOCK, schema.RECEIPTS, schema.CHANGES)
    return {
        key: value
        for key, value in stored.items()
        if key[:1] != schema.NODE and (key[:1] not in by_block or key[1:] in hashes)
    }


def test_a_validated_block_is_known_and_not_adopted(chain: Chain, store: Store) -> None:
    trunk, left, right = branches()
    for block in [*trunk, *left]:
        chain.extend(block)
    before = without_branches(content(store), [*trunk, *left])
    for block in [*right, *right]:
        chain.validate(block)
    assert chain.head == left[-1].header
    assert chain.block(right[1].header.hash) == right[1]
    assert not chain.is_adopted(right[1].header)
    assert [receipt.status for receipt in chain.receipts(right[0].header.hash)] == [True, True]
    assert chain.place_of(signed(STRANGER, 0, MINTER, value=7).hash) is None
    assert without_branches(content(store), [*trunk, *left]) == before
    assert chain.state(right[1].header).account(STRANGER).nonce == 1
    assert chain.state(chain.head).account(STRANGER).nonce == 0


def test_the_head_moves_to_another_branch_and_back(chain: Chain, store: Store) -> None:
    trunk, left, right = branches()
    heard: list[HeadChange] = []
    chain.listen(heard.append)
    for block in [*trunk, *left]:
        chain.extend(block)
    for block in right:
        chain.validate(block)
    heard.clear()
    chain.adopt(right[-1].header.hash)
    assert chain.head == right[-1].header
    assert chain.hash_at(5) is None
    expected = content_of([*trunk, *right])
    assert without_branches(content(store), [*trunk, *right]) == without_branches(expected, [*trunk, *right])
    assert expected.items() <= content(store).items()
    check(chain, store)
    chain.adopt(left[-1].header.hash)
    expected = content_of([*trunk, *left])
    assert without_branches(content(store), [*trunk, *left]) == without_branches(expected, [*trunk, *left])
    check(chain, store)
    lefts, rights = tuple(block.header for block in left), tuple(block.header for block in right)
    assert heard == [HeadChange(lefts[::-1], rights), HeadChange(rights[::-1], lefts)]


def test_the_head_goes_back_to_a_block_before_it_and_on_from_there(chain: Chain, store: Store) -> None:
    blocks = extended(chain, 4)
    chain.adopt(blocks[1].header.hash)
    assert chain.head == blocks[1].header
    check(chain, store)
    chain.adopt(blocks[1].header.hash)
    on = mined(chain, transfer(STAKER, 2, 50))
    chain.extend(on)
    check(chain, store)
    chain.adopt(genesis().hash)
    assert chain.head == genesis().header
    assert without_branches(content(store), []) == content_without_nodes([])


def content_without_nodes(blocks: list[Block]) -> dict[bytes, bytes]:
    return {key: value for key, value in content_of(blocks).items() if key[:1] != schema.NODE}


def test_a_block_nobody_has_validated_is_not_adopted(chain: Chain) -> None:
    with pytest.raises(ChainError, match=r"^block 0x(00){32} is not known, so it cannot become the head$"):
        chain.adopt(bytes(32))


def test_a_reorganisation_has_a_depth(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    monkeypatch.setattr(chain_module, "UNDO_DEPTH", 3)
    chain = new_chain(store)
    blocks = extended(chain, 6)
    before = content(store)
    with pytest.raises(ChainError, match=r"^block 3 \(0x\w{64}\) is too deep for a reorganisation: what it changed is"):
        chain.adopt(blocks[1].header.hash)
    assert content(store) == before
    assert chain.head == blocks[-1].header
    chain.adopt(blocks[2].header.hash)
    assert chain.head == blocks[2].header
    assert sum(key[:1] == schema.CHANGES for key in content(store)) == 3


# ------------------------------------------------------------------------------------------------ looking back


def test_every_state_stays_readable(chain: Chain) -> None:
    blocks = extended(chain, 4)
    to, data = calldata("vvv.balanceOf", NOBODY)
    found = []
    for header in (genesis().header, *(block.header for block in blocks)):
        output = chain.execution(header).call(Call(STRANGER, to, data, header.timestamp)).output
        found.append((int.from_bytes(output, "big"), chain.state(header).account(STAKER).nonce))
        assert chain.commitment(header).state_root() == header.state_root
    assert found == [(0, 0), (1, 1), (3, 2), (6, 3), (10, 4)]


def test_code_is_that_of_the_genesis(chain: Chain) -> None:
    assert chain.code(addresses.VVV) == genesis().accounts[addresses.VVV].code != b""
    assert chain.code(NOBODY) == b""


def test_logs_are_found_by_the_index(chain: Chain) -> None:
    chain.extend(mined(chain, transfer(STAKER, 0, 1, STRANGER)))
    chain.extend(mined(chain, call(STAKER, 1, "vvv.approve", STRANGER, 1)))
    chain.extend(mined(chain))
    chain.extend(mined(chain, transfer(STAKER, 2, 1, NOBODY), transfer(STRANGER, 0, 1, NOBODY)))
    moved, allowed = (chain.receipts(chain.hash_at(number) or b"")[0].logs[0].topics[0] for number in (1, 2))

    def found(*topics: list[bytes], addresses: tuple[bytes, ...] = (), first: int = 0, last: int = 99) -> list[int]:
        return list(chain.blocks_with(addresses, topics, first, last))  # type: ignore[arg-type]

    stranger, nobody = bytes(12) + STRANGER, bytes(12) + NOBODY
    assert found() == [0, 1, 2, 3, 4]
    assert found(addresses=(addresses.VVV,)) == [1, 2, 4]
    assert found(addresses=(addresses.DIEM,)) == []
    assert found(addresses=(addresses.DIEM, addresses.VVV), first=2, last=3) == [2]
    assert found([moved]) == [1, 4]
    assert found([allowed]) == [2]
    assert found([moved, allowed]) == [1, 2, 4]
    assert found([], [], [stranger]) == [1, 2]
    assert found([moved], [], [stranger]) == [1]
    assert found([], [stranger]) == [4]
    assert found([], [], [nobody, stranger], first=2) == [2, 4]
    chain.adopt(chain.hash_at(1) or b"")
    assert found(addresses=(addresses.VVV,)) == [1]


def test_an_unknown_block_has_nothing(chain: Chain) -> None:
    assert chain.block(bytes(32)) is None
    assert chain.header(bytes(32)) is None
    with pytest.raises(LookupError, match="no block 0x00"):
        chain.receipts(bytes(32))


# ------------------------------------------------------------------------------------------------ what check finds


def damaged(store: Store, key: bytes) -> dict[bytes, bytes | None]:
    """Return what puts a value wrong in one bit of its last byte."""
    value = store.get(key) or b""
    return {key: value[:-1] + bytes((value[-1] ^ 1,))}


def test_check_finds_whatever_is_damaged_or_missing(chain: Chain, store: Store) -> None:
    blocks = extended(chain, 3)
    second = blocks[1].header
    head_nodes = chain.commitment(chain.head)
    some_word = next(key for key, _ in store.items(schema.WORD))
    changes: list[tuple[dict[bytes, bytes | None], str]] = [
        ({schema.canonical(2): None}, "there is no block 2, and the head is block 3"),
        ({schema.canonical(2): blocks[0].header.hash}, "block 2 is not the one with the hash 0x"),
        ({schema.block(second.hash): None}, "block 2 cannot be read: malformed: block: found"),
        (damaged(store, schema.block(second.hash)), "block 2 cannot be read: truncated"),
        ({schema.block(second.hash): blocks[0].encode()}, "block 2 is not the one with the hash 0x"),
        ({schema.receipts(second.hash): None}, "block 2 cannot be read: "),
        ({schema.receipts(second.hash): b"\xc0"}, "block 2 has 1 transactions and 0 receipts"),
        (damaged(store, schema.account(STAKER)), "the state at the head, block 3, has the root 0x"),
        ({schema.account(STAKER): b"\xc1"}, "the state at the head cannot be read: "),
        (damaged(store, some_word), "the state at the head, block 3, has the root 0x"),
        ({schema.word(STRANGER, 5): b"\x05"}, "the state at the head, block 3, has the root 0x"),
        ({schema.word(NOBODY, 5): b"\x05"}, "the state at the head cannot be read: no account 0x9999"),
        ({schema.node(head_nodes.state_root()): None}, "the node 0x"),
        ({schema.changes(second.hash): None}, "the undo record of block 2 cannot be read: "),
        ({schema.changes(second.hash): b"\xc0"}, "the undo record of block 2 cannot be read: "),
        (
            {schema.changes(second.hash): store.get(schema.changes(chain.head.hash))},
            "the undo record of block 2 is of another state than the one after it",
        ),
        ({schema.block(bytes(32)): b""}, "a block cannot be read: "),
    ]
    for change, reason in changes:
        before = {key: store.get(key) for key in change}
        store.write(change)
        with pytest.raises(StoreDamaged) as caught:
            check(chain, store)
        assert str(caught.value).startswith(reason), reason
        store.write(before)
    told: list[int] = []
    check(chain, store, told.append)
    assert told == [1, 2, 3, 4]


def test_check_asks_for_undo_records_as_far_as_they_are_kept(
    chain: Chain, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (chain_module, check_module):
        monkeypatch.setattr(module, "UNDO_DEPTH", 3)
    blocks = extended(chain, 6)
    check(chain, store)
    chain.adopt(blocks[3].header.hash)
    # The head was higher once, so that the record of block 3 is dropped, though it is not so deep now.
    check(chain, store)
    store.write({schema.changes(blocks[3].header.hash): None})
    with pytest.raises(StoreDamaged, match=r"^the undo record of block 4 cannot be read: "):
        check(chain, store)


def test_check_sees_that_a_block_is_not_on_top_of_the_one_before(chain: Chain, store: Store) -> None:
    extended(chain, 2)
    sibling = mined(new_chain(), transfer(STAKER, 0, 77))
    chain.validate(sibling)
    store.write({schema.canonical(1): sibling.header.hash})
    with pytest.raises(StoreDamaged, match=r"^block 2 is not on top of block 1; bring it back with: "):
        check(chain, store)
