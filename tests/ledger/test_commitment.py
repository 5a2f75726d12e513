"""Storage and state roots against py-evm's account database, and proofs against their roots."""

from collections.abc import Callable
from typing import Any

import pytest
import rlp  # type: ignore[import-untyped]
from eth.db.account import AccountDB
from eth.db.atomic import AtomicDB
from eth.rlp.accounts import Account as PyEvmAccount
from hypothesis import given
from hypothesis import strategies as st

from ledger.commitment import (
    EMPTY_CODE_HASH,
    Account,
    StateCommitment,
    StorageCommitment,
    account_key,
    slot_key,
)
from ledger.trie import EMPTY_ROOT, MalformedRlpError, verify_proof
from spec.hashing import keccak256
from spec.messages import Address
from spec.uint256 import MAX_UINT256

words = st.one_of(st.sampled_from([0, 1, 0x7F, 0x80, MAX_UINT256]), st.integers(0, MAX_UINT256))
slots = st.one_of(st.integers(0, 8), st.sampled_from([2**160, MAX_UINT256]))
addresses = st.integers(1, 4).map(lambda number: Address(bytes([number]) * 20))
codes = st.sampled_from([b"", b"\x60\x00"])

set_account = st.tuples(addresses, st.integers(0, 2), st.one_of(st.integers(0, 1), words), codes)
set_storage = st.tuples(addresses, st.dictionaries(slots, words, max_size=5))
take_root = st.just(())
programs = st.lists(st.one_of(set_account, set_storage, take_root), max_size=20)

ONE = Address(b"\x01" * 20)
TWO = Address(b"\x02" * 20)


class PyEvmState:
    """py-evm's accounts, deleting empty ones as its virtual machine does at the end of a transaction (EIP-161)."""

    def __init__(self) -> None:
        self.database: Any = AccountDB(AtomicDB())

    def set_account(self, address: Address, nonce: int, balance: int, code: bytes) -> None:
        self.database.set_nonce(address, nonce)
        self.database.set_balance(address, balance)
        self.database.set_code(address, code)
        if self.database.account_is_empty(address):
            self.database.delete_account(address)

    def set_storage(self, address: Address, changes: dict[int, int]) -> None:
        for slot, word in changes.items():
            self.database.set_storage(address, slot, word)

    def state_root(self) -> bytes:
        root: bytes = self.database.make_state_root()
        return root


@given(programs, st.booleans())
def test_state_roots_are_those_of_py_evm(program: list[tuple[Any, ...]], reopen: bool) -> None:
    store: dict[bytes, bytes] = {}
    state, oracle = StateCommitment(store), PyEvmState()
    storages: dict[Address, dict[int, int]] = {}
    for step in program:
        match step:
            case ():
                assert state.state_root() == oracle.state_root()
                if reopen:
                    store.update(state.commit())
                    state = StateCommitment(store, state.state_root())
            case (address, nonce, balance, code):
                state.set_account(address, nonce, balance, keccak256(code))
                oracle.set_account(address, nonce, balance, code)
                if nonce or balance or code:
                    storages.setdefault(address, {})
                    account = state.account(address)
                    assert account is not None
                    assert (account.nonce, account.balance, account.code_hash) == (nonce, balance, keccak256(code))
                else:
                    storages.pop(address, None)
                    assert state.account(address) is None
            case (address, changes) if address in storages:
                state.set_storage(address, changes)
                oracle.set_storage(address, changes)
                storages[address].update(changes)
            case (address, changes):
                with pytest.raises(LookupError, match=address.hex()):
                    state.set_storage(address, changes)
    root = state.state_root()
    assert root == oracle.state_root()
    for address, storage in storages.items():
        account = state.account(address)
        assert account is not None
        assert verify_proof(root, account_key(address), state.prove(address)) == account.encode()
        for slot, word in storage.items():
            proof = state.prove_storage(address, slot)
            value = verify_proof(account.storage_root, slot_key(slot), proof)
            assert value == (rlp.encode(word) if word else None)


@given(st.lists(st.dictionaries(slots, words, max_size=8), max_size=5))
def test_a_reopened_storage_is_the_same_storage(batches: list[dict[int, int]]) -> None:
    store: dict[bytes, bytes] = {}
    kept, model, root = StorageCommitment(), dict[int, int](), EMPTY_ROOT
    for batch in batches:
        kept.update(batch)
        model.update(batch)
        reopened = StorageCommitment(store, root)
        reopened.update(batch)
        store.update(reopened.commit())
        root = reopened.storage_root()
        assert root == kept.storage_root()
        assert StorageCommitment(store, root).storage_root() == root
        assert [reopened.get(slot) for slot in model] == [kept.get(slot) for slot in model] == [*model.values()]


def test_the_storage_of_one_word_is_a_trie_of_one_leaf() -> None:
    storage = StorageCommitment()
    storage.update({5: 0x0400})
    leaf = rlp.encode([b"\x20" + keccak256(bytes(31) + b"\x05"), rlp.encode(b"\x04\x00")])
    assert storage.storage_root() == keccak256(leaf)
    assert storage.prove(5) == [leaf]
    storage.update({5: 0})
    assert storage.storage_root() == EMPTY_ROOT


@pytest.mark.parametrize("changes", [{-1: 1}, {2**256: 1}, {0: -1}, {0: 2**256}])
def test_only_words_fit_in_slots(changes: dict[int, int]) -> None:
    storage = StorageCommitment()
    with pytest.raises(OverflowError):
        storage.update(changes)
    assert storage.storage_root() == EMPTY_ROOT


@pytest.mark.parametrize("nonce, balance", [(-1, 1), (1, -1)])
def test_accounts_hold_nothing_negative(nonce: int, balance: int) -> None:
    state = StateCommitment()
    with pytest.raises(OverflowError):
        state.set_account(ONE, nonce, balance)
    assert state.state_root() == EMPTY_ROOT


def leaf_of(state: StateCommitment) -> bytes | None:
    account = state.account(ONE)
    return account.encode() if account else None


@pytest.mark.parametrize(
    "look",
    [
        leaf_of,
        lambda state: verify_proof(state.state_root(), account_key(ONE), state.prove(ONE)),
        lambda state: verify_proof(keccak256(state.prove(ONE)[0]), account_key(ONE), state.prove(ONE)),
        lambda state: leaf_of(StateCommitment(state.commit(), state.state_root())),
    ],
    ids=["account", "state_root", "prove", "commit"],
)
@pytest.mark.parametrize("nonce", [1, 2])
def test_a_change_of_storage_is_in_the_leaf_however_it_is_looked_at(
    look: Callable[[StateCommitment], bytes | None], nonce: int
) -> None:
    storage = StorageCommitment()
    storage.update({1: 2})
    state = StateCommitment()
    state.set_account(TWO, 1, 0)
    state.set_account(ONE, 1, 0)
    state.set_storage(ONE, {1: 2})
    if nonce != 1:
        state.set_account(ONE, nonce, 0)
    assert look(state) == Account(nonce, storage_root=storage.storage_root()).encode()


def test_of_a_storage_that_is_refused_nothing_has_changed() -> None:
    state = StateCommitment()
    state.set_account(ONE, 1, 0)
    with pytest.raises(OverflowError):
        state.set_storage(ONE, {1: 2, 3: -4})
    assert state.account(ONE) == Account(nonce=1)


def test_a_deleted_account_leaves_no_storage_behind() -> None:
    state = StateCommitment()
    state.set_account(ONE, 1, 0)
    state.set_storage(ONE, {1: 2})
    state.set_account(ONE, 0, 0)
    assert state.state_root() == EMPTY_ROOT
    state.set_account(ONE, 0, 5)
    assert state.account(ONE) == Account(balance=5)


@given(st.builds(Account, words, words, st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32)))
def test_accounts_are_encoded_as_in_py_evm(account: Account) -> None:
    fields: Any = (account.nonce, account.balance, account.storage_root, account.code_hash)
    assert account.encode() == rlp.encode(PyEvmAccount(*fields))
    assert Account.decode(account.encode()) == account


def test_an_account_has_nothing_unless_told() -> None:
    assert EMPTY_CODE_HASH.hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert Account() == Account(0, 0, EMPTY_ROOT, EMPTY_CODE_HASH)
    assert Account().is_empty


@pytest.mark.parametrize(
    "encoded",
    [
        b"",
        rlp.encode(b"no list"),
        rlp.encode([b"", b"", EMPTY_ROOT]),
        rlp.encode([b"", b"", EMPTY_ROOT, EMPTY_CODE_HASH, b""]),
        rlp.encode([b"", b"", EMPTY_ROOT, EMPTY_CODE_HASH[1:]]),
        rlp.encode([b"", b"", [EMPTY_ROOT], EMPTY_CODE_HASH]),
        rlp.encode([b"\x00", b"", EMPTY_ROOT, EMPTY_CODE_HASH]),  # a number with a leading zero
    ],
)
def test_only_accounts_are_decoded(encoded: bytes) -> None:
    with pytest.raises(MalformedRlpError):
        Account.decode(encoded)
