"""The sequencer's key against eth-keys; its file: who may read it, what is wrong with it, and that it tells nothing."""

import copy
import os
import pickle
import stat
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from eth_keys.datatypes import PrivateKey, PublicKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.keys import KeyFileError, SequencerKey, address_of, verify
from spec.signatures import CURVE_ORDER

SECRET = bytes(range(200, 232))
PASSPHRASE = b"correct horse battery staple"
KEY = SequencerKey.from_secret(SECRET)
DIGEST = bytes(range(32))

secrets = st.integers(1, CURVE_ORDER - 1).map(lambda number: number.to_bytes(32, "big"))
digests = st.binary(min_size=32, max_size=32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sequencer.pem"


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


# Signatures


@given(secrets, digests)
def test_signatures_are_those_of_eth_keys(secret: bytes, digest: bytes) -> None:
    key, oracle = SequencerKey.from_secret(secret), PrivateKey(secret)
    signed = oracle.sign_msg_hash(digest)
    assert key.sign(digest) == signed.to_bytes()[:64]
    assert key.public_key == oracle.public_key.to_bytes()
    assert key.address == oracle.public_key.to_canonical_address() == address_of(key.public_key)
    assert verify(key.public_key, digest, key.sign(digest))


@given(secrets, digests, st.integers(0, 64 * 8 - 1))
def test_a_signature_with_a_flipped_bit_does_not_hold(secret: bytes, digest: bytes, bit: int) -> None:
    key = SequencerKey.from_secret(secret)
    changed = (int.from_bytes(key.sign(digest), "big") ^ 1 << bit).to_bytes(64, "big")
    assert not verify(key.public_key, digest, changed)


def test_a_signature_holds_for_its_digest_and_key_only() -> None:
    signature = KEY.sign(DIGEST)
    assert verify(KEY.public_key, DIGEST, signature)
    assert not verify(KEY.public_key, bytes(32), signature)
    assert not verify(SequencerKey.generate().public_key, DIGEST, signature)


def test_a_signature_has_a_low_s_and_64_bytes() -> None:
    signature = KEY.sign(DIGEST)
    high = signature[:32] + (CURVE_ORDER - int.from_bytes(signature[32:], "big")).to_bytes(32, "big")
    for wrong in (high, signature[:-1], signature + b"\x00", b"", bytes(64), b"\xff" * 64, signature[:32] + bytes(32)):
        assert not verify(KEY.public_key, DIGEST, wrong)


def test_a_leading_zero_of_s_is_not_left_out() -> None:
    candidates = (number.to_bytes(32, "big") for number in range(10_000))
    digest, signature = next((digest, s) for digest in candidates if not (s := KEY.sign(digest))[32])
    assert verify(KEY.public_key, digest, signature)
    assert not verify(KEY.public_key, digest, signature[:32] + signature[33:])


@pytest.mark.parametrize("digest", [b"", bytes(31), bytes(33)])
def test_only_digests_of_32_bytes_are_signed_and_verified(digest: bytes) -> None:
    with pytest.raises(ValueError, match="digest"):
        KEY.sign(digest)
    with pytest.raises(ValueError, match="digest"):
        verify(KEY.public_key, digest, KEY.sign(DIGEST))


@pytest.mark.parametrize("public_key", [b"", bytes(63), bytes(64), b"\x05" * 64])
def test_what_is_no_public_key_verifies_nothing(public_key: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (the words are OpenSSL's)
        verify(public_key, DIGEST, KEY.sign(DIGEST))


@pytest.mark.parametrize(
    "secret",
    [
        b"",
        bytes(32),
        CURVE_ORDER.to_bytes(32, "big"),
        b"\xff" * 32,
        SECRET[:31],
        b"\x00" + SECRET,
    ],
)
def test_what_is_no_secret_makes_no_key(secret: bytes) -> None:
    with pytest.raises(ValueError, match="from 1 to n-1") as caught:
        SequencerKey.from_secret(secret)
    assert str(int.from_bytes(secret, "big") or "nothing") not in str(caught.value)


def test_generated_keys_differ_and_sign() -> None:
    first, second = SequencerKey.generate(), SequencerKey.generate()
    assert first.address != second.address
    assert PublicKey(first.public_key).to_canonical_address() == first.address
    assert verify(first.public_key, DIGEST, first.sign(DIGEST))


def test_a_key_on_another_curve_is_refused() -> None:
    with pytest.raises(ValueError, match="secp256r1, not on secp256k1"):
        SequencerKey(ec.generate_private_key(ec.SECP256R1()))


# The file


def test_a_saved_key_is_loaded(path: Path) -> None:
    KEY.save(path, PASSPHRASE)
    loaded = SequencerKey.load(path, PASSPHRASE)
    assert (loaded.address, loaded.public_key) == (KEY.address, KEY.public_key)
    assert loaded.sign(DIGEST) == KEY.sign(DIGEST)
    assert path.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")


@pytest.mark.usefixtures("open_umask")
def test_only_its_owner_may_read_the_file_from_the_start(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modes = []
    sync = os.fsync

    def watched(descriptor: int) -> None:
        modes.append(stat.S_IMODE(path.stat().st_mode))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    KEY.save(path, PASSPHRASE)
    # The file is on the disk, and so is its name in the folder.
    assert modes == [0o600, 0o600]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_existing_file_is_never_overwritten(path: Path) -> None:
    path.write_bytes(b"another key")
    with pytest.raises(KeyFileError, match="cannot be made: File exists"):
        KEY.save(path, PASSPHRASE)
    assert path.read_bytes() == b"another key"


def test_a_link_to_nowhere_is_not_followed(path: Path, tmp_path: Path) -> None:
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyFileError, match="File exists"):
        KEY.save(path, PASSPHRASE)
    assert not (tmp_path / "elsewhere").exists()


def test_there_is_no_file_without_its_folder(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="cannot be made: No such file or directory"):
        KEY.save(tmp_path / "missing" / "key.pem", PASSPHRASE)


@pytest.mark.parametrize("failing_call", [0, 1])
def test_a_file_which_cannot_be_put_on_the_disk_is_not_left(
    path: Path, monkeypatch: pytest.MonkeyPatch, failing_call: int
) -> None:
    calls = []

    def full(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) > failing_call:
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(KeyFileError, match="cannot be made: No space left on device"):
            KEY.save(path, PASSPHRASE)
    assert not path.exists()
    KEY.save(path, PASSPHRASE)
    assert SequencerKey.load(path, PASSPHRASE).address == KEY.address


def test_a_missing_file_is_named(path: Path) -> None:
    with pytest.raises(KeyFileError, match=r"sequencer\.pem cannot be read: No such file or directory"):
        SequencerKey.load(path, PASSPHRASE)
    with pytest.raises(KeyFileError, match="cannot be read: Is a directory"):
        SequencerKey.load(path.parent, PASSPHRASE)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o777])
def test_a_file_open_to_others_is_not_read(path: Path, mode: int) -> None:
    KEY.save(path, PASSPHRASE)
    path.chmod(mode)
    with pytest.raises(KeyFileError, match=f"permissions {mode:04o}"):
        SequencerKey.load(path, PASSPHRASE)


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_open_to_its_owner_only_is_read(path: Path, mode: int) -> None:
    KEY.save(path, PASSPHRASE)
    path.chmod(mode)
    assert SequencerKey.load(path, PASSPHRASE).address == KEY.address


def test_no_wrong_passphrase_opens_the_file(path: Path) -> None:
    KEY.save(path, PASSPHRASE)
    # So many that the padding of some is right by chance.
    for number in range(600):
        with pytest.raises(KeyFileError, match="passphrase is wrong, or the file is damaged"):
            SequencerKey.load(path, b"wrong %d" % number)


@pytest.mark.parametrize("passphrase", [b"", b"x" * 1024])
def test_a_passphrase_has_a_length(path: Path, passphrase: bytes) -> None:
    with pytest.raises(KeyFileError, match=f"1 to 1023 bytes, not {len(passphrase)}"):
        KEY.save(path, passphrase)
    assert not path.exists()
    with pytest.raises(KeyFileError, match=f"1 to 1023 bytes, not {len(passphrase)}"):
        SequencerKey.load(path, passphrase)


@pytest.mark.parametrize("passphrase", [b"x", b"x" * 1023, b"\x00\xff\x80"])
def test_any_bytes_are_a_passphrase(path: Path, passphrase: bytes) -> None:
    KEY.save(path, passphrase)
    assert SequencerKey.load(path, passphrase).address == KEY.address


def written(path: Path, content: bytes) -> Path:
    path.touch(mode=0o600)
    path.write_bytes(content)
    return path


def pem(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey, passphrase: bytes | None) -> bytes:
    encryption = NoEncryption() if passphrase is None else BestAvailableEncryption(passphrase)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


OWN = ec.derive_private_key(int.from_bytes(SECRET, "big"), ec.SECP256K1())


@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "holds no private key encrypted"),
        (SECRET, "holds no private key encrypted"),
        (SECRET.hex().encode(), "holds no private key encrypted"),
        (pem(OWN, None), "holds no private key encrypted"),
        (pem(ec.generate_private_key(ec.SECP256R1()), PASSPHRASE), "not on secp256k1"),
        (pem(ed25519.Ed25519PrivateKey.generate(), PASSPHRASE), "not on secp256k1"),
        (pem(OWN, PASSPHRASE)[:100], "damaged"),
        (pem(OWN, PASSPHRASE).replace(b"MI", b"AA", 1), "damaged"),
        (b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n-----END ENCRYPTED PRIVATE KEY-----\n", "damaged"),
    ],
    ids=range(9),
)
def test_a_file_with_something_else_is_refused(path: Path, content: bytes, message: str) -> None:
    with pytest.raises(KeyFileError, match=message):
        SequencerKey.load(written(path, content), PASSPHRASE)


def test_every_truncated_file_is_refused(path: Path) -> None:
    content = pem(OWN, PASSPHRASE).rstrip()
    for length in range(len(content)):
        with pytest.raises(KeyFileError):
            SequencerKey.load(written(path, content[:length]), PASSPHRASE)


# Nothing tells the secret


def told(text: str) -> bool:
    number = int.from_bytes(SECRET, "big")
    forms = [SECRET.hex(), str(number), hex(number), repr(SECRET)[2:-1], PASSPHRASE.decode()]
    return any(form.lower() in text.lower() for form in forms)


def test_the_check_for_the_secret_finds_it() -> None:
    for text in (SECRET.hex().upper(), f"{int.from_bytes(SECRET, 'big')}", f"x{SECRET!r}", f"{PASSPHRASE!r}"):
        assert told(text)


@pytest.mark.parametrize("shown", [repr, str, "{}".format, "{0!r}".format, "%s".__mod__, lambda key: str([key])])
def test_a_key_shows_its_address_only(shown: Callable[[object], str]) -> None:
    text = shown(KEY)
    assert text.strip("[]") == f"SequencerKey(0x{KEY.address.hex()})"
    assert not told(text)


def test_no_attribute_shows_the_secret() -> None:
    assert not hasattr(KEY, "__dict__")
    assert not told("".join(repr(getattr(KEY, name)) for name in dir(KEY)))
    assert not told(repr(copy.copy(KEY)))


def test_a_key_is_not_pickled() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(KEY)


def test_the_file_does_not_hold_the_secret_openly(path: Path) -> None:
    KEY.save(path, PASSPHRASE)
    assert not told(path.read_text())


def failures(path: Path) -> Iterator[Callable[[], object]]:
    yield lambda: KEY.save(path.parent, PASSPHRASE)
    yield lambda: KEY.save(path.parent / "missing" / "key.pem", PASSPHRASE)
    yield lambda: SequencerKey.load(path, PASSPHRASE)
    yield lambda: SequencerKey.load(written(path, SECRET.hex().encode()), PASSPHRASE)
    yield lambda: SequencerKey.load(written(path, pem(OWN, None)), PASSPHRASE)
    yield lambda: SequencerKey.load(written(path, pem(OWN, PASSPHRASE)[:-60]), PASSPHRASE)
    yield lambda: SequencerKey.load(written(path, pem(OWN, b"another")), PASSPHRASE)
    yield lambda: SequencerKey.from_secret(SECRET + b"\x00")
    yield lambda: KEY.sign(b"")


def test_no_error_tells_the_secret(path: Path) -> None:
    count = 0
    for failing in failures(path):
        with pytest.raises(ValueError) as caught:  # noqa: PT011 (whichever error it is)
            failing()
        # The lines of code which a traceback quotes are this file's, and name no value.
        assert not told("".join(traceback.format_exception(caught.value)))
        count += 1
    assert count == 9
