"""Recovery of secp256k1 signers, as the ``ecrecover`` precompile does it. Source: Ethereum yellow paper, appendix E."""

from __future__ import annotations

from typing import Final

from btclib_secp256k1 import recovery

from spec.hashing import keccak256
from spec.messages import Address

CURVE_ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def recover(digest: bytes, v: int, r: bytes, s: bytes) -> Address | None:
    """Return the signer of ``digest`` (32 bytes), or None if the signature is of nobody.

    ``v`` is 27 or 28; ``r`` and ``s`` are 32 bytes each, in [1, n-1]. A high ``s`` is accepted.
    """
    in_range = all(0 < int.from_bytes(part, "big") < CURVE_ORDER for part in (r, s))
    if v not in (27, 28) or not in_range:
        return None
    try:
        key = recovery.recover(digest, r + s, v - 27, compressed=False)
    except ValueError:  # r is the abscissa of no point, or the key is the point at infinity
        return None
    return Address(keccak256(key[1:])[12:])
