"""Amounts and addresses as people write them, read exactly."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest
from eth_utils.address import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from spec.messages import Address
from spec.quantities import format_address, format_amount, parse_address, parse_amount
from spec.uint256 import U256
from tests.spec.conftest import MAX, UNIT

LARGEST = "115792089237316195423570985008687907853269984665640564039457.584007913129639935"


@pytest.mark.parametrize(
    "text,base_units",
    [
        ("0", 0),
        ("0.0", 0),
        ("1", UNIT),
        ("007", 7 * UNIT),
        ("1.5", 15 * UNIT // 10),
        ("1.50", 15 * UNIT // 10),
        ("0.000000000000000001", 1),
        ("0.100000000000000001", UNIT // 10 + 1),
        ("1_000_000.25", 1_000_000 * UNIT + UNIT // 4),
        ("114886562.770481399543309743", 114886562770481399543309743),
        (LARGEST, MAX),
    ],
)
def test_amount_is_read_exactly(text: str, base_units: int) -> None:
    assert parse_amount(text) == base_units
    assert type(parse_amount(text)) is U256


@pytest.mark.parametrize(
    "text",
    ["", " ", "1 ", " 1", "1\n", "-1", "+1", ".5", "1.", "1,5", "1e18", "0x10", "1.5.5", "1.5_0", "_1", "one", "١"],
)
def test_what_is_no_decimal_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^expected a decimal number of tokens such as") as refusal:
        parse_amount(text)
    assert str(refusal.value).endswith(f"found {text!r}")


def test_more_than_18_decimals_are_refused_even_if_they_are_zeros() -> None:
    for text in ("0.0000000000000000001", "1.0000000000000000000"):
        with pytest.raises(ValueError, match=r"^expected at most 18 decimals, found '"):
            parse_amount(text)


@pytest.mark.parametrize("text", [LARGEST[:-1] + "6", "1" + LARGEST, "1" * 4000])
def test_amount_of_2_to_the_256_or_more_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^expected less than 2\^256 base units, found '"):
        parse_amount(text)


@pytest.mark.parametrize(
    "base_units,text",
    [
        (0, "0"),
        (1, "0.000000000000000001"),
        (UNIT // 10, "0.1"),
        (UNIT - 1, "0.999999999999999999"),
        (UNIT, "1"),
        (10 * UNIT, "10"),
        (15 * UNIT // 10, "1.5"),
        (MAX, LARGEST),
    ],
)
def test_amount_is_written_exactly_without_trailing_zeros(base_units: int, text: str) -> None:
    assert format_amount(base_units) == text


@given(st.integers(0, MAX))
def test_amount_that_was_written_is_read_back(base_units: int) -> None:
    text = format_amount(base_units)
    assert parse_amount(text) == base_units
    with localcontext(prec=100):
        assert Decimal(text) * UNIT == base_units


@given(st.binary(min_size=20, max_size=20))
def test_address_is_written_with_its_checksum_and_read_back(address: bytes) -> None:
    text = format_address(Address(address))
    assert text == to_checksum_address(address)
    for written in (text, text.lower(), "0x" + text[2:].upper()):
        assert parse_address(written) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0x",
        "f39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
        "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb9226",
        "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb922666",
        "0Xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
        "0xg39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
        "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266 ",
        "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266\n",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^expected an address of 0x and 40 hexadecimal digits, found '"):
        parse_address(text)


@pytest.mark.parametrize(
    "wrong",
    [
        "0xf39Fd6e51aad88f6F4ce6aB8827279cffFb92266",
        "0xF39fd6e51aad88f6f4ce6ab8827279cfffb92266",
        "0xF39FD6E51AAD88F6F4CE6AB8827279CFFFb92266",
    ],
)
def test_wrong_checksum_is_refused_and_the_right_one_shown(wrong: str) -> None:
    right = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
    with pytest.raises(ValueError, match=f"^expected the checksum of ERC-55, {right}, found '{wrong}'$"):
        parse_address(wrong)
