"""The first block and its state, and the file that Ethereum's clients start from.

The file is geth's genesis format, with every fork up to the merge active from the beginning and none after it. So one
file starts this ledger and any EVM client, with the same state root.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Final, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from ledger.blocks import Header
from ledger.bloom import logs_bloom
from ledger.commitment import StateCommitment
from ledger.json_text import refuse_too_deep
from ledger.transactions import MAX_NONCE, MAX_UINT64
from ledger.trie import EMPTY_ROOT, NodeStore
from spec.encoding import encode_word
from spec.hashing import keccak256
from spec.messages import Address
from spec.parameters import describe
from spec.quantities import parse_address
from spec.uint256 import MAX_UINT256

FORKS: Final = (
    *("homestead", "eip150", "eip155", "eip158", "byzantium", "constantinople", "petersburg", "istanbul"),
    *("muirGlacier", "berlin", "london", "arrowGlacier", "grayGlacier", "mergeNetsplit"),
)
"""The forks that are switched on by a block's number, all from block 0; the merge itself by total difficulty."""

ABSENT: Final = {
    "difficulty": "0x0",
    "gasUsed": "0x0",
    "number": "0x0",
    "nonce": "0x0",
    "baseFeePerGas": "0x0",
    "extraData": "0x",
    "mixHash": f"0x{bytes(32).hex()}",
    "parentHash": f"0x{bytes(32).hex()}",
}
"""Field |-> its value, of what a first block has none of."""


class GenesisError(ValueError):
    """A genesis that cannot be: the message names the field, what was expected and what was found."""


@dataclass(frozen=True)
class GenesisAccount:
    """What an account has before the first transaction.

    Raises
    ------
    GenesisError : a word is zero, for that is one that is not there; the account is empty (EIP-161), so that clients
        differ in whether it is there.
    """

    nonce: int = 0
    """Transactions sent, or contracts made; a contract has 1."""

    balance: int = 0
    """Wei."""

    code: bytes = b""

    words: Mapping[int, int] = field(default_factory=dict)
    """Slot |-> word; no zeros."""

    def __post_init__(self) -> None:
        if not all(self.words.values()):
            slot = next(slot for slot, word in self.words.items() if not word)
            raise GenesisError(f"storage: slot {slot}: expected a word other than zero, found zero")
        if not (self.nonce or self.balance or self.code):
            raise GenesisError("expected a nonce, a balance or code, found an empty account")


@dataclass(frozen=True)
class Genesis:
    """The first block: number 0, no transactions, sealed by nobody."""

    chain_id: int

    timestamp: int
    """Seconds since 1970; no block is earlier."""

    sequencer: Address
    """Who seals the blocks, and the recipient of fees, if there were any."""

    gas_limit: int
    """Of each block; a number for tools to read, as no gas is counted."""

    accounts: Mapping[Address, GenesisAccount]

    @cached_property
    def header(self) -> Header:
        """The header; BlockError if a number in it is no uint64."""
        return Header(
            parent_hash=bytes(32),
            beneficiary=self.sequencer,
            state_root=self.commitment().state_root(),
            transactions_root=EMPTY_ROOT,
            receipts_root=EMPTY_ROOT,
            logs_bloom=logs_bloom(()),
            number=0,
            gas_limit=self.gas_limit,
            timestamp=self.timestamp,
        )

    @property
    def hash(self) -> bytes:
        """The hash of the block, 32 bytes."""
        return self.header.hash

    def commitment(self, store: NodeStore | None = None) -> StateCommitment:
        """The commitment to the accounts, over a store of nodes that it reads; nothing is committed yet."""
        state = StateCommitment(store)
        for address, account in self.accounts.items():
            state.set_account(address, account.nonce, account.balance, keccak256(account.code))
            if account.words:
                state.set_storage(address, account.words)
        return state

    def to_json(self) -> str:
        """The file: the same text for the same genesis, accounts and slots in order."""
        content = {
            "config": _config(self.chain_id),
            **ABSENT,
            "timestamp": hex(self.timestamp),
            "gasLimit": hex(self.gas_limit),
            "coinbase": _hex(self.sequencer),
            "alloc": {_hex(address): account_json(account) for address, account in sorted(self.accounts.items())},
        }
        return json.dumps(content, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The genesis which a file describes.

        Raises
        ------
        GenesisError : it is no JSON, or the first field that is missing, unknown, given twice, or not as `to_json`
            writes it. Numbers are hexadecimal strings, except the chain id; addresses may be in mixed case, with their
            checksum; the fields of ``ABSENT`` may be left out.
        """
        try:
            refuse_too_deep(text)
            content = json.loads(text, object_pairs_hook=_unique)
        except GenesisError:
            raise
        except ValueError as error:
            raise GenesisError(f"expected JSON: {error}") from None
        try:
            file = _File.model_validate(content)
        except ValidationError as error:
            raise GenesisError(_cut(describe(error), 500)) from None
        accounts = {address: account.account for address, account in file.alloc.items()}
        return cls(file.config.chain_id, file.timestamp, file.coinbase, file.gas_limit, accounts)


def _config(chain_id: int) -> dict[str, Any]:
    forks = {f"{fork}Block": 0 for fork in FORKS}
    return {"chainId": chain_id, **forks, "terminalTotalDifficulty": 0, "terminalTotalDifficultyPassed": True}


def _hex(data: bytes) -> str:
    return f"0x{data.hex()}"


def account_json(account: GenesisAccount) -> dict[str, Any]:
    """An account as the file has it: its slots in order, no code and no storage if it has none."""
    words = {_hex(encode_word(slot)): _hex(encode_word(word)) for slot, word in sorted(account.words.items())}
    return {
        "nonce": hex(account.nonce),
        "balance": hex(account.balance),
        **({"code": _hex(account.code)} if account.code else {}),
        **({"storage": words} if words else {}),
    }


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in content if names.count(name) > 1)
        raise GenesisError(f"{twice}: expected this field once, found it {names.count(twice)} times")
    return content


_QUANTITY: Final = re.compile(r"0x(0|[1-9a-fA-F][0-9a-fA-F]*)")
_BYTES: Final = re.compile(r"0x([0-9a-fA-F]{2})*")
_WORD: Final = re.compile(r"0x[0-9a-fA-F]{64}")
_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")


def _matched(pattern: re.Pattern[str], value: object, expected: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(f"expected {expected}, found {_cut(json.dumps(value))}")
    return value


def _cut(text: str, most: int = 200) -> str:
    """Cut off a text that nobody would read."""
    return text if len(text) <= most else f"{text[:most]}... ({len(text)} characters)"


def _quantity(value: object) -> int:
    return int(_matched(_QUANTITY, value, "a number in hexadecimal such as '0x1c9c380'"), 16)


def _at_most(most: int) -> AfterValidator:
    """Refuse larger numbers; pydantic's own bounds are shown as floats."""

    def check(value: int) -> int:
        if value > most:
            raise ValueError(f"expected at most {hex(most)}, found {_cut(hex(value))}")
        return value

    return AfterValidator(check)


def _bytes(value: object) -> bytes:
    return bytes.fromhex(_matched(_BYTES, value, "bytes in hexadecimal such as '0x6080'")[2:])


def _word(value: object) -> int:
    return int(_matched(_WORD, value, "a word of 0x and 64 hexadecimal digits"), 16)


def _address(value: object) -> Address:
    return parse_address(_matched(_ADDRESS, value, "an address of 0x and 40 hexadecimal digits"))


def _each_once(value: object, validate: ValidatorFunctionWrapHandler) -> Any:
    """Refuse a mapping in which two keys are two ways to write one."""
    content = validate(value)
    if isinstance(value, dict) and len(content) < len(value):
        raise ValueError("expected each key once, found one in two ways of writing")
    return content


_Quantity = Annotated[int, BeforeValidator(_quantity)]
_Uint64 = Annotated[_Quantity, _at_most(MAX_UINT64)]
_Word = Annotated[int, BeforeValidator(_word)]
_Address = Annotated[Address, BeforeValidator(_address)]


class _Config(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)

    chain_id: Annotated[int, Field(alias="chainId", ge=1), _at_most(MAX_UINT64)]

    @model_validator(mode="after")
    def _has_these_forks(self) -> Self:
        expected, found = _config(self.chain_id), {"chainId": self.chain_id, **(self.model_extra or {})}
        for name, value in expected.items():
            if name not in found:
                raise ValueError(f"{name}: expected {json.dumps(value)}, found none")
        _check_same(expected, found)
        return self


class _Account(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    nonce: Annotated[_Quantity, _at_most(MAX_NONCE)] = 0
    balance: Annotated[_Quantity, _at_most(MAX_UINT256)] = 0
    code: Annotated[bytes, BeforeValidator(_bytes)] = b""
    storage: Annotated[dict[_Word, _Word], WrapValidator(_each_once)] = Field(default_factory=dict)

    @cached_property
    def account(self) -> GenesisAccount:
        return GenesisAccount(self.nonce, self.balance, self.code, self.storage)

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        _ = self.account
        return self


class _File(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True, arbitrary_types_allowed=True)

    config: _Config
    timestamp: _Uint64
    gas_limit: Annotated[_Uint64, Field(alias="gasLimit")]
    coinbase: _Address
    alloc: Annotated[dict[_Address, _Account], WrapValidator(_each_once)]

    @model_validator(mode="after")
    def _has_no_more(self) -> Self:
        _check_same(ABSENT, self.model_extra or {})
        return self


def _check_same(expected: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    """Check that what is found is expected, as JSON has it: there, 1 is not true."""
    for name, value in found.items():
        if name not in expected:
            raise ValueError(f"{name}: expected no such field")
        if json.dumps(value) != json.dumps(expected[name]):
            raise ValueError(f"{name}: expected {json.dumps(expected[name])}, found {_cut(json.dumps(value))}")
