"""Words, strings and bytes as the ABI writes them, and the hash under them."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from spec.encoding import WORD, encode_bytes, encode_string, encode_word
from spec.hashing import keccak256


@pytest.mark.parametrize(
    "value,word",
    [
        (0, bytes(32)),
        (1, bytes(31) + b"\x01"),
        (True, bytes(31) + b"\x01"),
        (2**256 - 1, b"\xff" * 32),
        (b"\x01" * 20, bytes(12) + b"\x01" * 20),
        (b"\x02" * 32, b"\x02" * 32),
    ],
)
def test_word_is_padded_on_the_left(value: int | bytes, word: bytes) -> None:
    assert encode_word(value) == word
    assert len(word) == WORD


@given(st.binary(max_size=100))
def test_bytes_follow_their_length_and_are_padded_on_the_right(content: bytes) -> None:
    assert encode_bytes(content) == encode(["bytes"], [content])[32:]


@given(st.text(max_size=50).filter(lambda text: text.isprintable()))
def test_string_is_encoded_as_its_utf_8(text: str) -> None:
    assert encode_string(text) == encode(["string"], [text])[32:]


@given(st.binary(max_size=300))
def test_hash_is_keccak_with_its_original_padding(data: bytes) -> None:
    assert keccak256(data) == keccak(data)


def test_hash_of_nothing_is_the_published_one() -> None:
    assert keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
