"""Secret keys of accounts (secp256k1, 32 bytes): whose they are, and what they sign."""

from __future__ import annotations

from typing import NamedTuple

from btclib_secp256k1 import keys, recovery

from ledger.keys import address_of
from spec.messages import Address


class Signature(NamedTuple):
    """An ECDSA signature from which its signer can be recovered; ``s`` is the lower of the two that there are."""

    y_parity: int
    r: int
    s: int


def account_of(secret: bytes) -> Address:
    """Return the account that a secret key belongs to; ValueError if it is none."""
    return address_of(keys.pubkey_from_prvkey(secret, compressed=False)[1:])


def sign(digest: bytes, secret: bytes) -> Signature:
    """Sign a digest (32 bytes), the same each time (RFC 6979); ValueError for a secret which is no key."""
    signature, y_parity = recovery.sign(digest, secret, verify=False)
    return Signature(y_parity, int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
