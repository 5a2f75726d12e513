"""RLP against the rlp package, both ways, and everything that makes bytes no canonical RLP."""

import pytest
import rlp  # type: ignore[import-untyped]
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.recursive_length_prefix import (
    MalformedRlpError,
    OverlongRlpError,
    TrailingRlpError,
    TruncatedRlpError,
    decode_bytes,
    decode_int,
    encode_bytes,
    encode_int,
    encode_list,
    split_list,
)

lengths = st.one_of(st.integers(0, 60), st.sampled_from([255, 256, 257, 65535, 65536]))
strings = st.one_of(st.binary(max_size=3), lengths.map(lambda length: b"\x9a" * length))
nested = st.recursive(strings, lambda inner: st.lists(inner, max_size=4), max_leaves=10)


def decoded(item: bytes) -> object:
    return [decoded(inner) for inner in split_list(item)] if item[0] >= 0xC0 else decode_bytes(item)


@given(st.lists(strings, max_size=20))
def test_rlp_is_that_of_the_rlp_package(items: list[bytes]) -> None:
    encoded = encode_list(map(encode_bytes, items))
    assert encoded == rlp.encode(items)
    assert list(map(decode_bytes, split_list(encoded))) == items


@given(st.integers(0, 2**300))
def test_integers_are_those_of_the_rlp_package(number: int) -> None:
    assert encode_int(number) == rlp.encode(number)
    assert decode_int(encode_int(number)) == number


@given(nested.filter(lambda x: isinstance(x, list)))
def test_a_list_is_split_into_its_encoded_items(items: list[object]) -> None:
    assert split_list(rlp.encode(items)) == [rlp.encode(item) for item in items]
    assert decoded(rlp.encode(items)) == items


@given(st.lists(nested, min_size=1).map(rlp.encode), st.integers(0, 20), st.integers(0, 2), st.binary(max_size=3))
@example(b"\xc2\x05\x05", 1, 1, b"\x81")
@example(b"\xc8\x87abcdefg", 1, 1, b"\xb8\x07")
def test_any_bytes_are_canonical_for_both_or_for_neither(encoded: bytes, at: int, cut: int, inserted: bytes) -> None:
    changed = b"\xc0" + encoded[:at] + inserted + encoded[at + cut :]
    for candidate in (changed, changed[1:]):
        try:
            expected = rlp.decode(candidate)
        except rlp.DecodingError:
            expected = None
        try:
            found = decoded(candidate) if split_list(candidate) else []
        except MalformedRlpError:
            found = None
        assert found == (expected if isinstance(expected, list) else None)


@pytest.mark.parametrize(
    "encoded, error, message",
    [
        ("", MalformedRlpError, "not an RLP list"),
        ("05", MalformedRlpError, "not an RLP list"),
        ("820102", MalformedRlpError, "not an RLP list"),
        ("c1", TruncatedRlpError, "an RLP list of 2 bytes, of which there are 1"),
        ("c20102ff", TrailingRlpError, "1 bytes after an RLP list of 3"),
        ("c20102030405", TrailingRlpError, "3 bytes after an RLP list of 3"),
        ("c3820102ff", TrailingRlpError, "1 bytes after an RLP list of 4"),
        ("c28201", TruncatedRlpError, "item 0: an item ending 1 bytes after its RLP list"),
        ("f9", TruncatedRlpError, "an RLP list of 3 bytes, of which there are 1"),
        ("f838" + "01" * 55, TruncatedRlpError, "an RLP list of 58 bytes, of which there are 57"),
        ("f837" + "01" * 55, OverlongRlpError, "a length in more bytes than it needs"),
        ("f90038" + "01" * 56, OverlongRlpError, "a length in more bytes than it needs"),
        ("f803010203", OverlongRlpError, "a length in more bytes than it needs"),
        ("c301817f", OverlongRlpError, "item 1: a byte with a header it does not need"),
        ("c3018102", OverlongRlpError, "item 1: a byte with a header it does not need"),
        ("c401b80102", OverlongRlpError, "item 1: a length in more bytes than it needs"),
        ("c301f800", OverlongRlpError, "item 1: a length in more bytes than it needs"),
        ("c3018202", TruncatedRlpError, "item 1: an item ending 1 bytes after its RLP list"),
        ("c20181", TruncatedRlpError, "item 1: an item ending 1 bytes after its RLP list"),
        ("c301b9ff", TruncatedRlpError, "item 1: an item ending 256 bytes after its RLP list"),
    ],
)
def test_what_is_not_exactly_one_list_is_not_split(encoded: str, error: type[MalformedRlpError], message: str) -> None:
    with pytest.raises(MalformedRlpError) as caught:
        split_list(bytes.fromhex(encoded))
    assert type(caught.value) is error
    assert str(caught.value) == message
    assert caught.value.item == (int(message[5]) if message.startswith("item") else None)


def test_a_list_is_no_byte_string() -> None:
    with pytest.raises(MalformedRlpError, match="an RLP list where a byte string is due"):
        decode_bytes(b"\xc1\x05")


@pytest.mark.parametrize("item", [b"\x00", b"\x82\x00\x01", b"\x82\x00\xff"])
def test_an_integer_has_no_leading_zero(item: bytes) -> None:
    with pytest.raises(OverlongRlpError, match="leading zero"):
        decode_int(item)
