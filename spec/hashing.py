"""Keccak-256, the one hash of Ethereum."""

from sha3 import keccak_256


def keccak256(data: bytes) -> bytes:
    """Return the 32-byte Keccak-256 digest of ``data`` (original padding, not SHA3-256)."""
    digest: bytes = keccak_256(data).digest()
    return digest
