"""Secret keys of accounts (secp256k1, 32 bytes): whose they are, and what they sign."""

from __future__ import annotations

from typing import NamedTuple

from ledger.keys import address_of
from spec.libwally import (
    EC_FLAG_ECDSA,
    EC_FLAG_RECOVERABLE,
    ec_public_key_decompress,
    ec_public_key_from_private_key,
    ec_sig_from_bytes,
)
from spec.messages import Address
from spec.signatures import COMPACT_HEADER


class Signature(NamedTuple):
    """An ECDSA signature from which its signer can be recovered; ``s`` is the lower of the two that there are."""

    y_parity: int
    r: int
    s: int


def account_of(secret: bytes) -> Address:
    """Return the account that a secret key belongs to; ValueError if it is none."""
    return address_of(ec_public_key_decompress(ec_public_key_from_private_key(secret))[1:])


def sign(digest: bytes, secret: bytes) -> Signature:
    """Sign a digest (32 bytes), the same each time (RFC 6979); ValueError for a secret which is no key."""
    signed = ec_sig_from_bytes(secret, digest, EC_FLAG_ECDSA | EC_FLAG_RECOVERABLE)
    return Signature(
        signed[0] - COMPACT_HEADER, int.from_bytes(signed[1:33], "big"), int.from_bytes(signed[33:], "big")
    )
