"""What is used of libwally, which wraps libsecp256k1: signatures and keys on secp256k1, as bytes."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    # Its module is made by SWIG, of whose types Python warns, which is nothing that a user could mend.
    warnings.simplefilter("ignore", DeprecationWarning)
    from wallycore import (
        EC_FLAG_ECDSA,
        EC_FLAG_RECOVERABLE,
        ec_public_key_decompress,
        ec_public_key_from_private_key,
        ec_sig_from_bytes,
        ec_sig_to_public_key,
    )

__all__ = [
    "EC_FLAG_ECDSA",
    "EC_FLAG_RECOVERABLE",
    "ec_public_key_decompress",
    "ec_public_key_from_private_key",
    "ec_sig_from_bytes",
    "ec_sig_to_public_key",
]
