"""Refusals carry Solidity's revert data to the byte."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from spec.errors import (
    ARITHMETIC,
    DIVISION_BY_ZERO,
    EMPTY,
    MEMORY_ALLOCATION,
    CustomError,
    Reason,
    Revert,
    panic,
    reason_of,
    require,
    string_error,
)
from tests.spec.conftest import CUSTOM_ERRORS


@pytest.mark.parametrize("code,number", [(ARITHMETIC, 0x11), (DIVISION_BY_ZERO, 0x12), (MEMORY_ALLOCATION, 0x41)])
def test_panic_encodes_its_code(code: Reason, number: int) -> None:
    refusal = panic(code)
    assert refusal.data == keccak(b"Panic(uint256)")[:4] + encode(["uint256"], [number])
    assert refusal.reason == f"Panic(0x{number:x})"


@pytest.mark.parametrize("text", ["STAKE_ZERO", "", "x" * 31, "x" * 32, "x" * 33, "ä" * 20])
def test_string_error_encodes_its_text(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Reason, "known", {})
    refusal = string_error(text)()
    assert refusal.data == keccak(b"Error(string)")[:4] + encode(["string"], [text])
    assert refusal.reason == str(refusal) == text


def test_custom_error_encodes_its_selector_and_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CustomError, "known", {})
    refusal = CustomError("Odd(address,uint256,bytes32)")(b"\x01" * 20, 5, b"\x02" * 32)
    expected = encode(["address", "uint256", "bytes32"], [b"\x01" * 20, 5, b"\x02" * 32])
    assert refusal.data == keccak(b"Odd(address,uint256,bytes32)")[:4] + expected
    assert refusal.reason == "Odd"


def test_empty_revert_data_are_empty() -> None:
    assert EMPTY().data == b""


def test_require_refuses_only_what_does_not_hold() -> None:
    require(True, ARITHMETIC)
    with pytest.raises(Revert) as refusal:
        require(False, ARITHMETIC)
    assert refusal.value.data == ARITHMETIC.data
    assert refusal.value.reason == "Panic(0x11)"


STRINGS = (
    "NOT_TRANSFERRABLE",
    "STAKE_ZERO",
    "UNSTAKE_ZERO",
    "COOLDOWN_IN_PROGRESS",
    "INSUFFICIENT_BALANCE",
    "NO_COOLDOWN",
    "COOLDOWN_NOT_OVER",
    "LOCK_ZERO",
    "MIN_AMOUNT_OUT",
    "BURN_ZERO",
    "INSUFFICIENT_OUTSTANDING_DIEM",
    "INSUFFICIENT_LOCKED_BALANCE",
    "INVALID_PERCENTAGE",
    "INVALID_ADDRESS",
    "INSUFFICIENT_SUPPLY",
    "INSUFFICIENT_STAKED",
    "NOT_GATEWAY",
    "SPEND_ZERO",
    "UNAUTHORIZED",
    "PERMIT_DEADLINE_EXPIRED",
    "INVALID_SIGNER",
)


@pytest.mark.parametrize("text", STRINGS)
def test_reason_of_names_every_string_of_the_protocol(text: str) -> None:
    assert reason_of(keccak(b"Error(string)")[:4] + encode(["string"], [text])) == text


@pytest.mark.parametrize("signature", CUSTOM_ERRORS)
def test_reason_of_names_every_custom_error_of_the_protocol(signature: str) -> None:
    name, _, inside = signature.rstrip(")").partition("(")
    arguments = bytes(32 * len([part for part in inside.split(",") if part]))
    assert reason_of(keccak(signature.encode())[:4] + arguments) == name


@pytest.mark.parametrize(
    "data,name",
    [
        (b"", "empty revert data"),
        (keccak(b"Panic(uint256)")[:4] + encode(["uint256"], [0x11]), "Panic(0x11)"),
        (keccak(b"Panic(uint256)")[:4] + encode(["uint256"], [0x99]), "0x4e487b71" + "99".rjust(64, "0")),
        (b"\x00", "0x00"),
        (b"\x01\x02\x03\x04\x05", "0x0102030405"),
    ],
)
def test_reason_of_shows_unknown_data_in_hexadecimal(data: bytes, name: str) -> None:
    assert reason_of(data) == name
