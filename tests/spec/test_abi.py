"""Arguments and results against ``eth_abi``, and the strictness of solc's decoder."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from hypothesis import given
from hypothesis import strategies as st

from spec.abi import Parameter, decoder_of, encode_arguments, encode_results, parse_parameters
from spec.errors import Revert
from spec.machine import CONTRACTS
from spec.messages import Receipt
from spec.uint256 import U256
from tests.spec.conftest import EMPTY, MAX, TOO_LONG, refused

SELECTOR = b"\xaa\xbb\xcc\xdd"

PARAMETER_LISTS = sorted(
    {
        ",".join(p.type for p in function.parameters)
        for contract in CONTRACTS.values()
        for function in contract.by_selector.values()
    }
)
RESULT_LISTS = sorted(
    {
        ",".join(p.type for p in function.results)
        for contract in CONTRACTS.values()
        for function in contract.by_selector.values()
    }
)


def _table(first: int, step: int) -> tuple[int, ...]:
    return tuple((first + i * step) % 2**256 for i in range(256))


uints = st.one_of(st.sampled_from([0, 1, MAX]), st.integers(0, MAX))
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "uint256": uints,
    "uint8": st.integers(0, 255),
    "address": st.binary(min_size=20, max_size=20),
    "bytes32": st.binary(min_size=32, max_size=32),
    "bytes4": st.binary(min_size=4, max_size=4),
    "bytes": st.binary(max_size=100),
    "uint256[256]": st.builds(_table, uints, uints),
    "bool": st.booleans(),
    "string": st.text(max_size=40).filter(lambda text: text.isprintable()),
}


def _split(types: str) -> list[str]:
    return types.split(",") if types else []


def _decode(types: str, arguments: bytes) -> list[Any]:
    return decoder_of(parse_parameters(types))(SELECTOR + arguments)


def _refusal(types: str, arguments: bytes) -> str:
    with pytest.raises(Revert) as refusal:
        _decode(types, arguments)
    return refused(Receipt(False, refusal.value.data, ()))


def test_every_parameter_list_of_the_contracts_is_of_a_known_type() -> None:
    assert {type_ for types in PARAMETER_LISTS for type_ in _split(types)} == {
        "uint256", "uint8", "address", "bytes32", "bytes4", "bytes", "uint256[256]",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text,parameters",
    [
        ("", ()),
        ("uint256", (Parameter("uint256", ""),)),
        ("uint256 amount", (Parameter("uint256", "amount"),)),
        (
            "address indexed user,uint256[256] rates",
            (Parameter("address", "user", True), Parameter("uint256[256]", "rates")),
        ),
        ("address indexed", (Parameter("address", "indexed"),)),
    ],
)
def test_parameter_list_is_read_as_solidity_writes_it(text: str, parameters: tuple[Parameter, ...]) -> None:
    assert parse_parameters(text) == parameters


@pytest.mark.parametrize("types", PARAMETER_LISTS)
@given(data=st.data())
def test_arguments_are_decoded_and_encoded_as_eth_abi_does_and_what_follows_them_is_ignored(
    types: str, data: st.DataObject
) -> None:
    values = [data.draw(VALUES[type_]) for type_ in _split(types)]
    encoded = encode(_split(types), values)
    assert encode_arguments(parse_parameters(types), tuple(values)) == encoded
    for behind in (b"", b"\x00", b"\xff" * 33):
        assert _decode(types, encoded + behind) == values


@pytest.mark.parametrize("types", RESULT_LISTS)
@given(data=st.data())
def test_results_are_encoded_as_eth_abi_does(types: str, data: st.DataObject) -> None:
    values = tuple(data.draw(VALUES[type_]) for type_ in _split(types))
    assert encode_results(tuple(_split(types)), values) == encode(_split(types), values)


@pytest.mark.parametrize("types", [types for types in PARAMETER_LISTS if types])
def test_arguments_one_byte_short_are_refused_with_empty_data(types: str) -> None:
    heads = bytes(32 * sum(256 if type_ == "uint256[256]" else 1 for type_ in _split(types)))
    assert _refusal(types, heads[:-1]) == EMPTY
    assert _refusal(types, b"") == EMPTY


@given(st.sampled_from([types for types in PARAMETER_LISTS if types and "bytes" not in _split(types)]), st.data())
def test_static_arguments_are_refused_exactly_where_eth_abi_refuses_them(types: str, data: st.DataObject) -> None:
    size = 32 * sum(256 if type_ == "uint256[256]" else 1 for type_ in _split(types))
    arguments = bytearray(size)
    for position in data.draw(st.lists(st.integers(0, size - 1), max_size=4)):
        arguments[position] = data.draw(st.integers(1, 255))
    try:
        values = list(decode(_split(types), bytes(arguments)))
    except DecodingError:
        assert _refusal(types, bytes(arguments)) == EMPTY
        return
    shown = [
        f"0x{value.hex()}" if type_ == "address" else value
        for type_, value in zip(_split(types), _decode(types, bytes(arguments)), strict=True)
    ]
    assert shown == values


def _word(value: int) -> bytes:
    return value.to_bytes(32, "big")


@pytest.mark.parametrize(
    "types,word,value",
    [
        ("address", bytes(12) + b"\xff" * 20, b"\xff" * 20),
        ("address", bytes(11) + b"\x01" + bytes(20), None),
        ("address", b"\x80" + bytes(31), None),
        ("uint8", _word(255), 255),
        ("uint8", _word(256), None),
        ("uint8", _word(2**255), None),
        ("bytes4", b"\xff" * 4 + bytes(28), b"\xff" * 4),
        ("bytes4", b"\xff" * 4 + b"\x01" + bytes(27), None),
        ("bytes4", b"\xff" * 4 + bytes(27) + b"\x01", None),
        ("uint256", b"\xff" * 32, MAX),
        ("bytes32", b"\xff" * 32, b"\xff" * 32),
    ],
)
def test_value_outside_its_type_is_refused_with_empty_data(types: str, word: bytes, value: object) -> None:
    if value is None:
        assert _refusal(types, word) == EMPTY
    else:
        assert _decode(types, word) == [value]


def test_decoded_numbers_are_checked_ones() -> None:
    assert type(_decode("uint256", _word(3))[0]) is U256
    assert type(_decode("uint8", _word(3))[0]) is U256
    assert {type(entry) for entry in _decode("uint256[256]", bytes(32 * 256))[0]} == {U256}


ADDRESS = bytes(12) + b"\x11" * 20
LARGEST_ALLOCATION = 2**64 - 192
"""Memory for bytes begins at 0x80 with a word for the length, and may not reach past 2^64 - 1."""


@pytest.mark.parametrize(
    "arguments,result",
    [
        pytest.param(ADDRESS + _word(64) + _word(0), b"", id="empty"),
        pytest.param(ADDRESS + _word(64) + _word(3) + b"abc", b"abc", id="padding-may-be-missing"),
        pytest.param(ADDRESS + _word(64) + _word(3) + b"abc" + b"\xff" * 29, b"abc", id="padding-may-be-dirty"),
        pytest.param(ADDRESS + _word(65) + b"\xee" + _word(3) + b"abc", b"abc", id="offset-need-not-be-a-word's"),
        pytest.param(ADDRESS + _word(32) + b"z" * 32, b"z" * 32, id="offset-may-point-at-itself"),
        pytest.param(ADDRESS + _word(64) + _word(3) + b"ab", EMPTY, id="content-one-byte-short"),
        pytest.param(ADDRESS + _word(64) + bytes(31), EMPTY, id="length-one-byte-short"),
        pytest.param(ADDRESS + _word(64), EMPTY, id="no-length"),
        pytest.param(ADDRESS + _word(65) + _word(0), EMPTY, id="offset-one-byte-too-far"),
        pytest.param(ADDRESS + _word(2**64 - 1) + _word(0), EMPTY, id="offset-2^64-1"),
        pytest.param(ADDRESS + _word(2**64) + _word(0), EMPTY, id="offset-2^64"),
        pytest.param(ADDRESS + _word(MAX) + _word(0), EMPTY, id="offset-all-ones"),
        # 2^256 - 4 + 4 would wrap around to the selector, 2^256 - 4 + 36 to the first head.
        pytest.param(ADDRESS + _word(MAX - 3) + _word(0), EMPTY, id="offset-that-wraps"),
        pytest.param(ADDRESS + _word(0) + _word(0), TOO_LONG, id="length-is-the-address"),
        pytest.param(ADDRESS + _word(64) + _word(LARGEST_ALLOCATION), EMPTY, id="largest-allocation"),
        pytest.param(ADDRESS + _word(64) + _word(LARGEST_ALLOCATION + 1), TOO_LONG, id="one-more"),
        pytest.param(ADDRESS + _word(64) + _word(2**64 - 32), TOO_LONG, id="length-2^64-32"),
        pytest.param(ADDRESS + _word(64) + _word(2**64 - 1), TOO_LONG, id="length-2^64-1"),
        pytest.param(ADDRESS + _word(64) + _word(2**64), TOO_LONG, id="length-2^64"),
        pytest.param(ADDRESS + _word(64) + _word(MAX), TOO_LONG, id="length-all-ones"),
        pytest.param(b"\x01" + ADDRESS[1:] + _word(64) + _word(MAX), EMPTY, id="address-is-decoded-first"),
        pytest.param(ADDRESS + _word(64)[:-1], EMPTY, id="heads-one-byte-short"),
    ],
)
def test_bytes_are_decoded_as_solc_decodes_them_into_memory(arguments: bytes, result: bytes | str) -> None:
    if isinstance(result, bytes):
        assert _decode("address,bytes", arguments) == [b"\x11" * 20, result]
    else:
        assert _refusal("address,bytes", arguments) == result


def test_second_dynamic_argument_lies_behind_the_first() -> None:
    values = (b"\x01" * 33, 7, b"\x02" * 5)
    encoded = encode(["bytes", "uint256", "bytes"], values)
    assert encode_arguments(parse_parameters("bytes,uint256,bytes"), values) == encoded
    assert _decode("bytes,uint256,bytes", encoded) == list(values)
