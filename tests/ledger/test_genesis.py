"""The first block, and the file in geth's format that it is written to and read from."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest
import rlp  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st
from trie.hexary import HexaryTrie

from ledger.genesis import ABSENT, FORKS, Genesis, GenesisAccount, GenesisError
from ledger.trie import EMPTY_ROOT
from spec.encoding import encode_word
from spec.hashing import keccak256
from spec.messages import Address

ALICE = Address(bytes.fromhex("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266"))
CONTRACT = Address(bytes.fromhex("acfE6019Ed1A7Dc6f7B508C02d1b04ec88cC21bf"))
SEQUENCER = Address(bytes([7]) * 20)

GENESIS = Genesis(
    chain_id=8453,
    timestamp=1_000_000,
    sequencer=SEQUENCER,
    gas_limit=30_000_000,
    accounts={
        SEQUENCER: GenesisAccount(balance=1),
        CONTRACT: GenesisAccount(nonce=1, code=b"\x60\x80", words={0: 7, 2**256 - 1: 2**256 - 1}),
        ALICE: GenesisAccount(nonce=3, balance=2**256 - 1),
    },
)

addresses = st.binary(min_size=20, max_size=20).map(Address)
accounts = st.builds(
    GenesisAccount,
    nonce=st.integers(1, 2**64 - 2),
    balance=st.integers(0, 2**256 - 1),
    code=st.binary(max_size=60),
    words=st.dictionaries(st.integers(0, 2**256 - 1), st.integers(1, 2**256 - 1), max_size=5),
)
geneses = st.builds(
    Genesis,
    chain_id=st.integers(1, 2**64 - 1),
    timestamp=st.integers(0, 2**64 - 1),
    sequencer=addresses,
    gas_limit=st.integers(0, 2**64 - 1),
    accounts=st.dictionaries(addresses, accounts, max_size=4),
)


def root_by_the_trie_library(genesis: Genesis) -> bytes:
    state = HexaryTrie({})
    for address, account in genesis.accounts.items():
        storage = HexaryTrie({})
        for slot, word in account.words.items():
            storage[keccak256(encode_word(slot))] = rlp.encode(word)
        fields = [account.nonce, account.balance, storage.root_hash, keccak256(account.code)]
        state[keccak256(address)] = rlp.encode(fields)
    return bytes(state.root_hash)


# ------------------------------------------------------------------------------------------------ the block


@given(geneses)
def test_the_header_commits_to_the_accounts(genesis: Genesis) -> None:
    assert genesis.header.state_root == root_by_the_trie_library(genesis)


def test_the_header_is_of_a_first_block_that_nobody_has_sealed() -> None:
    header = GENESIS.header
    assert (header.number, header.parent_hash, header.timestamp) == (0, bytes(32), 1_000_000)
    assert (header.beneficiary, header.gas_limit) == (SEQUENCER, 30_000_000)
    assert (header.extra_data, header.mix_hash) == (b"", bytes(32))
    assert (header.transactions_root, header.receipts_root) == (EMPTY_ROOT, EMPTY_ROOT)
    assert header.logs_bloom == bytes(256)
    assert GENESIS.hash == header.hash


def test_the_commitment_gives_its_nodes_to_a_store() -> None:
    commitment = GENESIS.commitment()
    nodes = commitment.commit()
    assert commitment.state_root() == GENESIS.header.state_root
    assert GENESIS.header.state_root in nodes


# ------------------------------------------------------------------------------------------------ the file


@given(geneses)
def test_what_is_written_is_read_back(genesis: Genesis) -> None:
    text = genesis.to_json()
    assert Genesis.from_json(text) == genesis
    assert Genesis.from_json(text).to_json() == text


def test_the_file_is_the_same_whatever_the_order_of_accounts_and_words() -> None:
    turned = {
        address: GenesisAccount(
            account.nonce, account.balance, account.code, dict(sorted(account.words.items(), reverse=True))
        )
        for address, account in sorted(GENESIS.accounts.items(), reverse=True)
    }
    other = Genesis(GENESIS.chain_id, GENESIS.timestamp, GENESIS.sequencer, GENESIS.gas_limit, turned)
    assert list(other.accounts) != list(GENESIS.accounts)
    assert other.to_json() == GENESIS.to_json()


def test_the_file_is_what_geth_expects() -> None:
    content = json.loads(GENESIS.to_json())
    assert content["config"]["chainId"] == 8453
    assert content["config"]["terminalTotalDifficulty"] == 0
    assert [content["config"][f"{fork}Block"] for fork in FORKS] == [0] * len(FORKS)
    assert not [name for name in content["config"] if name.endswith("Time")], "no fork after the merge"
    assert (content["timestamp"], content["gasLimit"], content["baseFeePerGas"]) == ("0xf4240", "0x1c9c380", "0x0")
    assert content["coinbase"] == f"0x{SEQUENCER.hex()}"
    assert content["alloc"][f"0x{CONTRACT.hex()}"] == {
        "nonce": "0x1",
        "balance": "0x0",
        "code": "0x6080",
        "storage": {f"0x{0:064x}": f"0x{7:064x}", f"0x{'f' * 64}": f"0x{'f' * 64}"},
    }
    assert content["alloc"][f"0x{SEQUENCER.hex()}"] == {"nonce": "0x0", "balance": "0x1"}


def test_what_a_first_block_has_none_of_may_be_left_out() -> None:
    content = json.loads(GENESIS.to_json())
    for name in ABSENT:
        del content[name]
    for account in content["alloc"].values():
        for name in ("nonce", "balance"):
            if account[name] == "0x0":
                del account[name]
    assert Genesis.from_json(json.dumps(content)) == GENESIS


def test_an_address_may_carry_its_checksum() -> None:
    text = GENESIS.to_json().replace(f"0x{ALICE.hex()}", "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")
    assert Genesis.from_json(text) == GENESIS


# ------------------------------------------------------------------------------------------------ what is refused

Change = Callable[[dict[str, Any]], object]

A, C = f"0x{ALICE.hex()}", f"0x{CONTRACT.hex()}"
SLOT = f"0x{0:064x}"

REFUSED: list[tuple[str, Change, str]] = [
    (
        "no chain id",
        lambda file: file["config"].pop("chainId"),
        "config.chainId: expected this field, found none",
    ),
    (
        "chain id as text",
        lambda file: file["config"].update(chainId="8453"),
        "config.chainId: expected a valid integer, found '8453'",
    ),
    (
        "chain id 0",
        lambda file: file["config"].update(chainId=0),
        "config.chainId: expected greater than or equal to 1, found 0",
    ),
    (
        "chain id beyond a uint64",
        lambda file: file["config"].update(chainId=2**64),
        f"config.chainId: expected at most {hex(2**64 - 1)}, found {hex(2**64)}",
    ),
    (
        "a fork that is missing",
        lambda file: file["config"].pop("londonBlock"),
        "config: londonBlock: expected 0, found none",
    ),
    (
        "a fork that is later",
        lambda file: file["config"].update(londonBlock=5),
        "config: londonBlock: expected 0, found 5",
    ),
    (
        "a fork after the merge",
        lambda file: file["config"].update(shanghaiTime=0),
        "config: shanghaiTime: expected no such field",
    ),
    (
        "a flag for a number",
        lambda file: file["config"].update(londonBlock=False),
        "config: londonBlock: expected 0, found false",
    ),
    ("no config", lambda file: file.pop("config"), "config: expected this field, found none"),
    ("no accounts", lambda file: file.pop("alloc"), "alloc: expected this field, found none"),
    ("a field nobody knows", lambda file: file.update(foo=1), "foo: expected no such field"),
    ("a base fee", lambda file: file.update(baseFeePerGas="0x1"), 'baseFeePerGas: expected "0x0", found "0x1"'),
    (
        "a number as a number",
        lambda file: file.update(timestamp=5),
        "timestamp: expected a number in hexadecimal such as '0x1c9c380', found 5",
    ),
    (
        "a number with zeros before it",
        lambda file: file.update(timestamp="0x05"),
        "timestamp: expected a number in hexadecimal such as '0x1c9c380', found \"0x05\"",
    ),
    (
        "a number that is too large",
        lambda file: file.update(gasLimit=hex(2**64)),
        f"gasLimit: expected at most {hex(2**64 - 1)}, found {hex(2**64)}",
    ),
    (
        "a sequencer that is no address",
        lambda file: file.update(coinbase="0x12"),
        'coinbase: expected an address of 0x and 40 hexadecimal digits, found "0x12"',
    ),
    (
        "an account that is no address",
        lambda file: file["alloc"].update({"12": {}}),
        'alloc.12.[key]: expected an address of 0x and 40 hexadecimal digits, found "12"',
    ),
    (
        "a wrong checksum",
        lambda file: file.update(coinbase="0xF39Fd6e51aad88F6F4ce6aB8827279cffFb92266"),
        "coinbase: expected the checksum of ERC-55, 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266, found "
        "'0xF39Fd6e51aad88F6F4ce6aB8827279cffFb92266'",
    ),
    (
        "an account in two ways of writing",
        lambda file: file["alloc"].update({"0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266": {"balance": "0x5"}}),
        "alloc: expected each key once, found one in two ways of writing",
    ),
    (
        "an empty account",
        lambda file: file["alloc"].update({A: {"nonce": "0x0"}}),
        f"alloc.{A}: expected a nonce, a balance or code, found an empty account",
    ),
    (
        "an account with a field nobody knows",
        lambda file: file["alloc"][A].update(privateKey="0x"),
        f"alloc.{A}.privateKey: expected no such field",
    ),
    (
        "a nonce without one after it",
        lambda file: file["alloc"][A].update(nonce=hex(2**64 - 1)),
        f"alloc.{A}.nonce: expected at most {hex(2**64 - 2)}, found {hex(2**64 - 1)}",
    ),
    (
        "a balance beyond a word",
        lambda file: file["alloc"][A].update(balance=hex(2**256)),
        f"alloc.{A}.balance: expected at most {hex(2**256 - 1)}, found {hex(2**256)}",
    ),
    (
        "code of half a byte",
        lambda file: file["alloc"][C].update(code="0x608"),
        f"alloc.{C}.code: expected bytes in hexadecimal such as '0x6080', found \"0x608\"",
    ),
    (
        "a slot that is short",
        lambda file: file["alloc"][C]["storage"].update({"0x0": SLOT}),
        f'alloc.{C}.storage.0x0.[key]: expected a word of 0x and 64 hexadecimal digits, found "0x0"',
    ),
    (
        "a word that is short",
        lambda file: file["alloc"][C]["storage"].update({SLOT: "0x7"}),
        f'alloc.{C}.storage.{SLOT}: expected a word of 0x and 64 hexadecimal digits, found "0x7"',
    ),
    (
        "a word of zero",
        lambda file: file["alloc"][C]["storage"].update({SLOT: SLOT}),
        f"alloc.{C}: storage: slot 0: expected a word other than zero, found zero",
    ),
    (
        "a slot in two ways of writing",
        lambda file: file["alloc"][C]["storage"].update({f"0x{'F' * 64}": SLOT}),
        f"alloc.{C}.storage: expected each key once, found one in two ways of writing",
    ),
]


@pytest.mark.parametrize("change, message", [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_file_that_is_not_as_expected_is_refused(change: Change, message: str) -> None:
    content = json.loads(GENESIS.to_json())
    change(content)
    with pytest.raises(GenesisError) as error:
        Genesis.from_json(json.dumps(content))
    assert str(error.value) == message


@pytest.mark.parametrize("text", ["", "{", "nan", '{"a": ' + "9" * 5_000 + "}"])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(GenesisError, match=r"^expected JSON: "):
        Genesis.from_json(text)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_what_is_nested_too_deep_is_refused_however_deep_the_interpreter_may_go(opening: str) -> None:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(100_000)  # as some packages do when they are imported
    try:
        with pytest.raises(GenesisError, match=r"^expected JSON: expected at most 64 levels"):
            Genesis.from_json(opening * 100_000)
    finally:
        sys.setrecursionlimit(limit)


@pytest.mark.parametrize("text", ["[]", "3", "null"])
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(GenesisError, match="expected keys with values"):
        Genesis.from_json(text)


def test_a_field_that_is_given_twice_is_refused() -> None:
    text = GENESIS.to_json().replace('"timestamp": "0xf4240"', '"timestamp": "0xf4240", "timestamp": "0xf4241"')
    with pytest.raises(GenesisError, match=r"^timestamp: expected this field once, found it 2 times$"):
        Genesis.from_json(text)


def test_what_is_found_is_cut_off_where_nobody_would_read_it() -> None:
    content = json.loads(GENESIS.to_json())
    content["coinbase"] = "x" * 10**6
    with pytest.raises(GenesisError) as error:
        Genesis.from_json(json.dumps(content))
    assert len(str(error.value)) < 400
    assert str(error.value).endswith("... (1000002 characters)")


@given(st.data())
def test_a_file_with_a_byte_changed_is_read_or_refused(data: st.DataObject) -> None:
    text = GENESIS.to_json()
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + data.draw(st.characters()) + text[at + 1 :]
    try:
        genesis = Genesis.from_json(changed)
    except GenesisError:
        return
    assert Genesis.from_json(genesis.to_json()) == genesis


def test_an_account_cannot_be_empty_or_have_words_of_zero() -> None:
    with pytest.raises(GenesisError, match="found an empty account"):
        GenesisAccount()
    with pytest.raises(GenesisError, match="slot 5: expected a word other than zero"):
        GenesisAccount(nonce=1, words={4: 1, 5: 0})
