"""Signers are recovered as the ``ecrecover`` precompile does it."""

from __future__ import annotations

import pytest
from eth_keys.datatypes import PrivateKey
from eth_utils.crypto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from spec.signatures import recover

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
GENERATOR_X = 0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798
KEY = PrivateKey(b"\x01" * 32)
SIGNER = KEY.public_key.to_canonical_address()
DIGEST = keccak(b"a message")


def _word(value: int) -> bytes:
    return value.to_bytes(32, "big")


def _signed() -> tuple[int, int, int]:
    signature = KEY.sign_msg_hash(DIGEST)
    return signature.v + 27, signature.r, signature.s


@settings(max_examples=25)
@given(st.integers(1, ORDER - 1), st.binary(min_size=32, max_size=32))
def test_signer_is_recovered_from_low_and_high_s(secret: int, digest: bytes) -> None:
    key = PrivateKey(_word(secret))
    signature = key.sign_msg_hash(digest)
    address = key.public_key.to_canonical_address()
    assert recover(digest, 27 + signature.v, _word(signature.r), _word(signature.s)) == address
    assert recover(digest, 28 - signature.v, _word(signature.r), _word(ORDER - signature.s)) == address


def test_other_v_is_of_another_signer() -> None:
    v, r, s = _signed()
    other = recover(DIGEST, 55 - v, _word(r), _word(s))
    assert other is not None
    assert other != SIGNER


@pytest.mark.parametrize("v", [0, 1, 2, 26, 29, 30, 255])
def test_signature_with_v_other_than_27_and_28_is_of_nobody(v: int) -> None:
    _, r, s = _signed()
    assert recover(DIGEST, v, _word(r), _word(s)) is None


@pytest.mark.parametrize("v", [29, 30])
def test_points_beyond_the_order_are_not_reached_by_v(v: int) -> None:
    # Recovery identifiers 2 and 3 stand for the abscissa r + n, which is one of a point for some of these r.
    assert {recover(DIGEST, v, _word(r), _word(1)) for r in range(1, 30)} == {None}


@pytest.mark.parametrize("outside", [0, ORDER, ORDER + 1, 2**256 - 1])
def test_signature_with_r_or_s_outside_1_to_n_less_1_is_of_nobody(outside: int) -> None:
    v, r, s = _signed()
    assert recover(DIGEST, v, _word(outside), _word(s)) is None
    assert recover(DIGEST, v, _word(r), _word(outside)) is None


def test_signature_with_r_and_s_at_their_bounds_is_of_somebody() -> None:
    v, r, _ = _signed()
    assert recover(DIGEST, v, _word(r), _word(1)) is not None
    assert recover(DIGEST, v, _word(r), _word(ORDER - 1)) is not None
    assert recover(DIGEST, v, _word(1), _word(1)) is not None


def test_signature_whose_r_is_no_points_abscissa_is_of_nobody() -> None:
    # 5^3 + 7 = 132 has no square root modulo the field's prime.
    prime = 2**256 - 2**32 - 977
    assert pow(132, (prime - 1) // 2, prime) == prime - 1
    assert recover(DIGEST, 27, _word(5), _word(1)) is None


def test_signature_whose_key_is_the_point_at_infinity_is_of_nobody() -> None:
    # With r the abscissa of G and s the digest, s·R - z·G is zero for one v, and for the other it is not.
    z = int.from_bytes(DIGEST, "big") % ORDER
    assert recover(DIGEST, 27, _word(GENERATOR_X), _word(z)) is None
    assert recover(DIGEST, 28, _word(GENERATOR_X), _word(z)) is not None
