"""The key of the sequencer: signatures on secp256k1, and the encrypted file in which the secret is kept.

The secret leaves a key only into its file, where the passphrase protects it. It is in no text that can be had of a key
or of an error. The file is PKCS#8 as OpenSSL writes it (AES-256-CBC, PBKDF2 with 2048 rounds): so few rounds slow down
who tries passphrases only a little, and the passphrase itself has to be beyond guessing.
"""

import os
import stat
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    Prehashed,
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from spec.hashing import keccak256
from spec.messages import Address
from spec.signatures import CURVE_ORDER

# SHA-256 is what RFC 6979 draws the nonce with, and the size of a digest; what is signed is hashed with Keccak-256.
_SIGNING: Final = ec.ECDSA(Prehashed(SHA256()), deterministic_signing=True)
_VERIFYING: Final = ec.ECDSA(Prehashed(SHA256()))

_ENCRYPTED: Final = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"
_UNCOMPRESSED: Final = b"\x04"
_LONGEST_PASSPHRASE: Final = 1023
_LONGEST_FILE: Final = 1 << 16


class KeyFileError(ValueError):
    """A key file which cannot be read or made; the message says why."""


class SequencerKey:
    """A secret key on secp256k1; it shows its address only."""

    __slots__ = ("_key", "address", "public_key")

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        """Take a key of the cryptography package; ValueError if it is on another curve."""
        if not isinstance(key.curve, ec.SECP256K1):
            raise ValueError(f"a key on {key.curve.name}, not on secp256k1")
        self._key = key
        point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.public_key: Final = point[1:]
        """64 bytes: the coordinates of the point."""
        self.address: Final = address_of(self.public_key)

    @classmethod
    def generate(cls) -> Self:
        """A new key by the randomness of the operating system."""
        return cls(ec.generate_private_key(ec.SECP256K1()))

    @classmethod
    def from_secret(cls, secret: bytes) -> Self:
        """The key with a known secret, for test networks; ValueError if it is not 32 bytes in [1, n-1]."""
        number = int.from_bytes(secret, "big")
        if len(secret) != 32 or not 0 < number < CURVE_ORDER:
            raise ValueError("a secret key has 32 bytes, and is from 1 to n-1, n the order of secp256k1")
        return cls(ec.derive_private_key(number, ec.SECP256K1()))

    @classmethod
    def load(cls, path: Path, passphrase: bytes) -> Self:
        """The key in a file which `save` has made.

        Raises
        ------
        KeyFileError : in this order: the passphrase is not of 1 to 1023 bytes; there is no such file, or it cannot be
            read; others than its owner have any permission on it; it holds no encrypted PKCS#8 PEM; the passphrase is
            wrong or the content damaged; the key is not on secp256k1.
        """
        _check_passphrase(passphrase)
        content = _read_private(path)
        if not content.startswith(_ENCRYPTED):
            raise KeyFileError(f"key file {path} holds no private key encrypted with a passphrase (PKCS#8 PEM)")
        try:
            key = load_pem_private_key(content, passphrase)
        except (TypeError, ValueError, UnsupportedAlgorithm):
            # What the package found there is nobody's business.
            raise KeyFileError(f"key file {path}: the passphrase is wrong, or the file is damaged") from None
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256K1):
            raise KeyFileError(f"key file {path} holds a key which is not on secp256k1")
        return cls(key)

    def save(self, path: Path, passphrase: bytes) -> None:
        """Put the key, encrypted, into a new file which only its owner may read; it is on the disk on return.

        Raises
        ------
        KeyFileError : in this order: the passphrase is not of 1 to 1023 bytes; there is such a file, which stays as it
            is; it cannot be written, and then there is none.
        """
        _check_passphrase(passphrase)
        pem = self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase))
        _write_private(path, pem)

    def sign(self, digest: bytes) -> bytes:
        """The signature (64 bytes: r, s) of a digest (32 bytes): the same each time (RFC 6979), with the lower s."""
        r, s = decode_dss_signature(self._key.sign(digest, _SIGNING))
        return r.to_bytes(32, "big") + min(s, CURVE_ORDER - s).to_bytes(32, "big")

    def __repr__(self) -> str:
        return f"SequencerKey(0x{self.address.hex()})"


def address_of(public_key: bytes) -> Address:
    """The address of a public key (64 bytes)."""
    return Address(keccak256(public_key)[12:])


def verify(public_key: bytes, digest: bytes, signature: bytes) -> bool:
    """Whether a signature (64 bytes: r, s) of a digest (32 bytes) is by a public key (64 bytes) and has the lower s.

    ValueError if the public key is no point of secp256k1, or the digest not of 32 bytes.
    """
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256K1(), _UNCOMPRESSED + public_key)
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if len(signature) != 64 or s > CURVE_ORDER // 2:
        return False
    try:
        key.verify(encode_dss_signature(r, s), digest, _VERIFYING)
    except InvalidSignature:
        return False
    return True


def _check_passphrase(passphrase: bytes) -> None:
    if not 0 < len(passphrase) <= _LONGEST_PASSPHRASE:
        raise KeyFileError(f"a passphrase has 1 to {_LONGEST_PASSPHRASE} bytes, not {len(passphrase)}")


def _read_private(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if stat.S_IMODE(mode) & 0o077:
                raise KeyFileError(
                    f"key file {path} has the permissions {stat.S_IMODE(mode):04o}: nobody but its owner may have any "
                    f"(chmod 600)"
                )
            return file.read(_LONGEST_FILE)
    except OSError as error:
        raise KeyFileError(f"key file {path} cannot be read: {error.strerror}") from None


def _write_private(path: Path, content: bytes) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(descriptor)
            _sync_folder(path.parent)
        except OSError:
            # Half a key is none, and would be in the way of the next attempt.
            path.unlink()
            raise
    except OSError as error:
        raise KeyFileError(f"key file {path} cannot be made: {error.strerror}") from None


def _sync_folder(folder: Path) -> None:
    """Put on the disk that there is a new file, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
