"""Recovery of secp256k1 signers, as the ``ecrecover`` precompile does it. Source: Ethereum yellow paper, appendix E."""

from __future__ import annotations

from typing import Final

from spec.hashing import keccak256
from spec.libwally import ec_public_key_decompress, ec_sig_to_public_key
from spec.messages import Address

CURVE_ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
COMPACT_HEADER: Final = 31
"""First byte of a signature of an even point in libwally's 65 bytes, which are Bitcoin's "compact" ones."""


def recover(digest: bytes, v: int, r: bytes, s: bytes) -> Address | None:
    """Return the signer of ``digest`` (32 bytes), or None if the signature is of nobody.

    ``v`` is 27 or 28; ``r`` and ``s`` are 32 bytes each, in [1, n-1]. A high ``s`` is accepted.
    """
    in_range = all(0 < int.from_bytes(part, "big") < CURVE_ORDER for part in (r, s))
    if v not in (27, 28) or not in_range:
        return None
    try:
        key = ec_sig_to_public_key(digest, bytes([v - 27 + COMPACT_HEADER]) + r + s)
    except ValueError:  # r is the abscissa of no point, or the key is the point at infinity
        return None
    return Address(keccak256(ec_public_key_decompress(key)[1:])[12:])
