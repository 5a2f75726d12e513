"""Secret keys of accounts against eth-keys."""

from __future__ import annotations

import pytest
from eth_keys.backends.native.main import NativeECCBackend
from eth_keys.datatypes import PrivateKey
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ledger.secret_keys import account_of, sign
from spec.signatures import CURVE_ORDER, recover

OTHER = NativeECCBackend()

secrets = st.integers(1, CURVE_ORDER - 1).map(lambda number: number.to_bytes(32, "big"))
digests = st.binary(min_size=32, max_size=32)


@settings(max_examples=25)
@given(secrets, digests)
@example(b"\x01".rjust(32, b"\0"), bytes(32))
@example((CURVE_ORDER - 1).to_bytes(32, "big"), b"\xff" * 32)
def test_accounts_and_signatures_are_those_of_eth_keys(secret: bytes, digest: bytes) -> None:
    key = PrivateKey(secret, OTHER)
    assert account_of(secret) == key.public_key.to_canonical_address()
    y_parity, r, s = sign(digest, secret)
    assert (y_parity, r, s) == key.sign_msg_hash(digest).vrs
    assert recover(digest, 27 + y_parity, r.to_bytes(32, "big"), s.to_bytes(32, "big")) == account_of(secret)


@pytest.mark.parametrize("secret", [b"", bytes(32), CURVE_ORDER.to_bytes(32, "big"), b"\xff" * 32, b"\x01" * 33])
def test_what_is_no_key_is_nobodys_and_signs_nothing(secret: bytes) -> None:
    for use in (lambda: account_of(secret), lambda: sign(bytes(32), secret)):
        with pytest.raises(ValueError, match="private key"):
            use()
