"""Blocks and headers against py-evm, their seals against eth-keys, and every reason to refuse one."""

from dataclasses import asdict, replace
from typing import Any

import pytest
import rlp  # type: ignore[import-untyped]
from eth.vm.forks.london.blocks import LondonBlock, LondonBlockHeader
from eth_keys.datatypes import PrivateKey, Signature
from hypothesis import given
from hypothesis import strategies as st

from ledger.blocks import (
    EMPTY_OMMERS_HASH,
    Block,
    BlockError,
    BlockErrorCode,
    Header,
    decode_block,
    decode_header,
    seal,
    verify_block,
    verify_seal,
)
from ledger.keys import SequencerKey, verify
from ledger.receipts import transactions_root
from ledger.transactions import MAX_UINT64, TransactionType, decode_transaction, sign_transaction
from ledger.trie import EMPTY_ROOT
from spec.hashing import keccak256
from spec.messages import Address
from spec.signatures import CURVE_ORDER

KEY = SequencerKey.from_secret(b"\x46" * 32)
OTHER = SequencerKey.from_secret(b"\x47" * 32)

TRANSACTIONS = tuple(
    sign_transaction(b"\x45" * 32, kind, chain_id=1, nonce=nonce, to=bytes(20), data=b"data" * nonce)
    for nonce, kind in enumerate([*TransactionType, *TransactionType])
)

HEADER = Header(
    parent_hash=b"\x01" * 32,
    beneficiary=KEY.address,
    state_root=b"\x02" * 32,
    transactions_root=transactions_root(TRANSACTIONS),
    receipts_root=b"\x03" * 32,
    logs_bloom=b"\x04" * 256,
    number=5,
    gas_limit=30_000_000,
    timestamp=1_789_000_000,
)
SEALED = seal(HEADER, KEY)
BLOCK = Block(SEALED, TRANSACTIONS)

NAMES = [
    *("parentHash", "ommersHash", "beneficiary", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom"),
    *("difficulty", "number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce", "baseFeePerGas"),
]
INTEGERS = ["difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas"]

hashes = st.binary(min_size=32, max_size=32)
uint64s = st.one_of(st.integers(0, 300), st.integers(0, MAX_UINT64))
headers = st.builds(
    Header,
    parent_hash=hashes,
    beneficiary=st.binary(min_size=20, max_size=20).map(Address),
    state_root=hashes,
    transactions_root=hashes,
    receipts_root=hashes,
    logs_bloom=st.one_of(st.just(bytes(256)), st.binary(min_size=256, max_size=256)),
    number=uint64s,
    gas_limit=uint64s,
    timestamp=uint64s,
    extra_data=st.one_of(st.just(b""), hashes),
    mix_hash=hashes,
)


def oracle_header(header: Header) -> Any:
    return LondonBlockHeader(
        difficulty=0,
        block_number=header.number,  # type: ignore[arg-type]
        gas_limit=header.gas_limit,
        timestamp=header.timestamp,
        coinbase=header.beneficiary,  # type: ignore[arg-type]
        parent_hash=header.parent_hash,  # type: ignore[arg-type]
        state_root=header.state_root,  # type: ignore[arg-type]
        transaction_root=header.transactions_root,  # type: ignore[arg-type]
        receipt_root=header.receipts_root,  # type: ignore[arg-type]
        bloom=int.from_bytes(header.logs_bloom, "big"),
        extra_data=header.extra_data,
        mix_hash=header.mix_hash,  # type: ignore[arg-type]
        nonce=bytes(8),
    )


def fields_of(header: Header) -> list[bytes]:
    items: list[bytes] = rlp.decode(header.rlp)
    return items


def with_field(name: str, content: Any, header: Header = SEALED) -> bytes:
    """The encoding of a header with another content of a field; it is not sealed again."""
    items: list[Any] = [*fields_of(header)]
    items[NAMES.index(name)] = content
    encoded: bytes = rlp.encode(items)
    return encoded


def block_of(header: Any = None, transactions: Any = (), ommers: Any = ()) -> bytes:
    encoded: bytes = rlp.encode([fields_of(SEALED) if header is None else header, transactions, ommers])
    return encoded


def assert_error(caught: pytest.ExceptionInfo[BlockError], code: BlockErrorCode, field: str) -> None:
    error = caught.value
    assert (error.code, error.field) == (code, field), str(error)
    assert str(error).startswith(f"{code}: {field}: found ")
    assert len(str(error)) < 400


def assert_header_refused(encoded: bytes, code: BlockErrorCode, field: str) -> None:
    with pytest.raises(BlockError) as caught:
        decode_header(encoded)
    assert_error(caught, code, field)


def assert_block_refused(encoded: bytes, code: BlockErrorCode, field: str) -> None:
    with pytest.raises(BlockError) as caught:
        decode_block(encoded)
    assert_error(caught, code, field)


# Encodings


@given(headers)
def test_a_header_is_that_of_py_evm(header: Header) -> None:
    oracle = oracle_header(header)
    assert header.rlp == rlp.encode(oracle)
    assert header.hash == oracle.hash
    assert decode_header(header.rlp) == header


@given(headers, st.lists(st.sampled_from(TRANSACTIONS), max_size=6).map(tuple))
def test_a_block_is_that_of_py_evm(header: Header, transactions: tuple[bytes, ...]) -> None:
    block = Block(header, transactions)
    encoded = block.encode()
    assert decode_block(encoded) == block
    oracle: Any = rlp.decode(encoded, LondonBlock)
    assert oracle.header == oracle_header(header)
    assert [transaction.hash for transaction in oracle.transactions] == [keccak256(raw) for raw in transactions]
    assert rlp.encode(oracle) == encoded


def test_transactions_of_a_block_are_those_which_were_sent() -> None:
    found = decode_block(BLOCK.encode())
    assert [decode_transaction(raw, 1).nonce for raw in found.transactions] == list(range(len(TRANSACTIONS)))


def test_an_empty_block_has_known_commitments() -> None:
    assert EMPTY_OMMERS_HASH.hex() == "1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347"
    header = seal(replace(HEADER, transactions_root=EMPTY_ROOT), KEY)
    verify_block(decode_block(Block(header, ()).encode()), KEY.address)


def test_limits_are_inclusive() -> None:
    header = replace(HEADER, number=MAX_UINT64, gas_limit=MAX_UINT64, timestamp=MAX_UINT64)
    assert decode_header(header.rlp) == header


@pytest.mark.parametrize(
    "name, content, code, field",
    [
        *((name, bytes(31), BlockErrorCode.MALFORMED, name) for name in ("parent_hash", "state_root")),
        *((name, bytes(33), BlockErrorCode.MALFORMED, name) for name in ("transactions_root", "receipts_root")),
        ("beneficiary", bytes(32), BlockErrorCode.MALFORMED, "beneficiary"),
        ("beneficiary", b"", BlockErrorCode.MALFORMED, "beneficiary"),
        ("logs_bloom", bytes(255), BlockErrorCode.MALFORMED, "logs_bloom"),
        ("extra_data", bytes(33), BlockErrorCode.MALFORMED, "extra_data"),
        ("extra_data", bytes(31), BlockErrorCode.MALFORMED, "extra_data"),
        ("extra_data", b"\x00", BlockErrorCode.MALFORMED, "extra_data"),
        ("mix_hash", b"", BlockErrorCode.MALFORMED, "mix_hash"),
        ("mix_hash", bytes(33), BlockErrorCode.MALFORMED, "mix_hash"),
        *((name, -1, BlockErrorCode.OUT_OF_RANGE, name) for name in ("number", "gas_limit", "timestamp")),
        *((name, MAX_UINT64 + 1, BlockErrorCode.OUT_OF_RANGE, name) for name in ("number", "gas_limit", "timestamp")),
    ],
)
def test_there_is_no_header_with_such_a_field(name: str, content: Any, code: BlockErrorCode, field: str) -> None:
    first, *rest = field.split("_")
    camel = first + "".join(part.capitalize() for part in rest)
    with pytest.raises(BlockError) as caught:
        Header(**asdict(HEADER) | {name: content})
    assert_error(caught, code, camel)


# What is refused


def test_a_header_is_exactly_one_list() -> None:
    encoded = SEALED.rlp
    assert encoded[0] == 0xF9
    overlong = b"\xfa\x00" + encoded[1:]
    assert_header_refused(encoded + b"\x00", BlockErrorCode.TRAILING_BYTES, "header")
    assert_header_refused(encoded[:-1], BlockErrorCode.TRUNCATED, "header")
    assert_header_refused(overlong, BlockErrorCode.NOT_CANONICAL, "header")
    assert_header_refused(b"", BlockErrorCode.MALFORMED, "header")
    assert_header_refused(rlp.encode(encoded), BlockErrorCode.MALFORMED, "header")
    for items in (fields_of(SEALED)[:-1], [*fields_of(SEALED), b""], []):
        assert_header_refused(rlp.encode(items), BlockErrorCode.MALFORMED, "header")


@pytest.mark.parametrize("name", NAMES)
def test_a_field_of_a_header_is_a_byte_string(name: str) -> None:
    assert_header_refused(with_field(name, []), BlockErrorCode.MALFORMED, name)


@pytest.mark.parametrize("name", INTEGERS)
@pytest.mark.parametrize("integer", [b"\x00", b"\x00\x05"])
def test_a_number_of_a_header_has_no_leading_zero(name: str, integer: bytes) -> None:
    assert_header_refused(with_field(name, integer), BlockErrorCode.NOT_CANONICAL, name)


@pytest.mark.parametrize(
    "name, content, code",
    [
        ("ommersHash", bytes(32), BlockErrorCode.WRONG_OMMERS),
        ("ommersHash", b"", BlockErrorCode.WRONG_OMMERS),
        ("ommersHash", bytes(1000), BlockErrorCode.WRONG_OMMERS),
        ("difficulty", b"\x01", BlockErrorCode.NONZERO_WORK),
        ("nonce", b"\x00" * 7 + b"\x01", BlockErrorCode.NONZERO_WORK),
        ("nonce", bytes(9), BlockErrorCode.NONZERO_WORK),
        ("nonce", b"", BlockErrorCode.NONZERO_WORK),
        ("gasUsed", b"\x52\x08", BlockErrorCode.NONZERO_GAS),
        ("baseFeePerGas", b"\x07", BlockErrorCode.NONZERO_GAS),
        ("parentHash", bytes(31), BlockErrorCode.MALFORMED),
        ("beneficiary", bytes(21), BlockErrorCode.MALFORMED),
        ("stateRoot", b"", BlockErrorCode.MALFORMED),
        ("transactionsRoot", bytes(33), BlockErrorCode.MALFORMED),
        ("receiptsRoot", bytes(31), BlockErrorCode.MALFORMED),
        ("logsBloom", bytes(257), BlockErrorCode.MALFORMED),
        ("extraData", bytes(64), BlockErrorCode.MALFORMED),
        ("mixHash", bytes(31), BlockErrorCode.MALFORMED),
        ("number", b"\x01" + bytes(8), BlockErrorCode.OUT_OF_RANGE),
        ("gasLimit", b"\x01" + bytes(8), BlockErrorCode.OUT_OF_RANGE),
        ("timestamp", b"\x01" + bytes(8), BlockErrorCode.OUT_OF_RANGE),
        ("timestamp", b"\x01" * 5000, BlockErrorCode.OUT_OF_RANGE),
    ],
)
def test_a_field_of_a_header_has_its_value_or_its_length(name: str, content: bytes, code: BlockErrorCode) -> None:
    assert_header_refused(with_field(name, content), code, name)


@pytest.mark.parametrize(
    "encoded, code, field",
    [
        (b"", BlockErrorCode.MALFORMED, "block"),
        (b"\x05", BlockErrorCode.MALFORMED, "block"),
        (b"\xc0", BlockErrorCode.MALFORMED, "block"),
        (SEALED.rlp, BlockErrorCode.MALFORMED, "block"),
        (BLOCK.encode() + b"\x00", BlockErrorCode.TRAILING_BYTES, "block"),
        (BLOCK.encode()[:-1], BlockErrorCode.TRUNCATED, "block"),
        (b"\xfa\x00" + BLOCK.encode()[1:], BlockErrorCode.NOT_CANONICAL, "block"),
        (b"\xc2\xc0\x81", BlockErrorCode.TRUNCATED, "block[1]"),
        (b"\xc3\xc0\x81\x05", BlockErrorCode.NOT_CANONICAL, "block[1]"),
        (block_of()[:-1] + b"\x80", BlockErrorCode.WRONG_OMMERS, "ommers"),
        (block_of(ommers=[fields_of(SEALED)]), BlockErrorCode.WRONG_OMMERS, "ommers"),
        (block_of(header=b""), BlockErrorCode.MALFORMED, "header"),
        (block_of(header=[]), BlockErrorCode.MALFORMED, "header"),
        (block_of(header=fields_of(SEALED)[1:]), BlockErrorCode.MALFORMED, "header"),
        (block_of(transactions=b""), BlockErrorCode.MALFORMED, "transactions"),
        (block_of(transactions=[b""]), BlockErrorCode.UNKNOWN_TYPE, "transactions[0]"),
        (block_of(transactions=[TRANSACTIONS[1], b"\x03"]), BlockErrorCode.UNKNOWN_TYPE, "transactions[1]"),
        (block_of(transactions=[b"\x00" + TRANSACTIONS[0]]), BlockErrorCode.UNKNOWN_TYPE, "transactions[0]"),
        # A legacy transaction is a list, not a string which holds one.
        (block_of(transactions=[TRANSACTIONS[0]]), BlockErrorCode.UNKNOWN_TYPE, "transactions[0]"),
        # Wrong in two ways.
        (block_of(header=[], transactions=b""), BlockErrorCode.MALFORMED, "header"),
        (block_of(transactions=[b"\x03"], ommers=[b""]), BlockErrorCode.UNKNOWN_TYPE, "transactions[0]"),
    ],
)
def test_what_is_no_block_is_refused(encoded: bytes, code: BlockErrorCode, field: str) -> None:
    assert_block_refused(encoded, code, field)


def test_faults_within_the_transactions_are_placed() -> None:
    header = SEALED.rlp
    for transactions, code, field in [
        (b"\xc2\x81\x05", BlockErrorCode.NOT_CANONICAL, "transactions[0]"),
        (b"\xc2\x01\xc5", BlockErrorCode.TRUNCATED, "transactions[1]"),
    ]:
        body = header + transactions + b"\xc0"
        encoded = b"\xf9" + len(body).to_bytes(2, "big") + body
        assert_block_refused(encoded, code, field)


@pytest.mark.parametrize(
    "changes, code, field",
    [
        ({"parentHash": b"", "ommersHash": b""}, BlockErrorCode.WRONG_OMMERS, "ommersHash"),
        ({"ommersHash": b"", "difficulty": b"\x00"}, BlockErrorCode.WRONG_OMMERS, "ommersHash"),
        ({"difficulty": b"\x05", "gasUsed": b"\x05"}, BlockErrorCode.NONZERO_WORK, "difficulty"),
        ({"number": b"\x00", "gasUsed": b"\x05"}, BlockErrorCode.NOT_CANONICAL, "number"),
        ({"stateRoot": b"", "baseFeePerGas": b"\x05"}, BlockErrorCode.NONZERO_GAS, "baseFeePerGas"),
        ({"stateRoot": b"", "number": b"\x01" * 9}, BlockErrorCode.MALFORMED, "stateRoot"),
        ({"extraData": b"\x01", "number": b"\x01" * 9}, BlockErrorCode.OUT_OF_RANGE, "number"),
    ],
)
def test_of_two_faults_in_a_header_the_one_checked_first_is_named(
    changes: dict[str, bytes], code: BlockErrorCode, field: str
) -> None:
    items = dict(zip(NAMES, fields_of(SEALED), strict=True)) | changes
    assert_header_refused(rlp.encode(list(items.values())), code, field)


def test_a_refusal_says_where_what_was_found_and_what_was_expected() -> None:
    for encoded, message in [
        (with_field("gasUsed", b"\x52\x08"), "nonzero gas: gasUsed: found RLP 0x825208, expected 0x80"),
        (with_field("stateRoot", b""), "malformed: stateRoot: found 0 bytes, expected 32"),
        (
            with_field("timestamp", b"\x01" + bytes(8)),
            f"out of range: timestamp: found a number of 65 bits, expected 0 to {MAX_UINT64}",
        ),
        (
            SEALED.rlp + b"\x00",
            f"trailing bytes: header: found 1 bytes after an RLP list of {len(SEALED.rlp)}, expected canonical RLP",
        ),
    ]:
        with pytest.raises(BlockError) as caught:
            decode_header(encoded)
        assert str(caught.value) == message


def test_every_truncation_of_a_block_is_refused() -> None:
    encoded = BLOCK.encode()
    for length in range(len(encoded)):
        with pytest.raises(BlockError):
            decode_block(encoded[:length])


def test_every_flipped_bit_of_a_block_is_found() -> None:
    encoded = BLOCK.encode()
    places = set()
    for bit in range(len(encoded) * 8):
        flipped = (int.from_bytes(encoded, "big") ^ 1 << bit).to_bytes(len(encoded), "big")
        with pytest.raises(BlockError) as caught:
            verify_block(decode_block(flipped), KEY.address)
        places.add(caught.value.code)
    assert {BlockErrorCode.BAD_SEAL, BlockErrorCode.HIGH_S, BlockErrorCode.WRONG_TRANSACTIONS} <= places


@given(st.integers(0, 700), st.integers(0, 40), st.binary(max_size=40))
def test_any_bytes_are_refused_with_a_reason_or_are_the_encoding_of_what_is_decoded(
    at: int, cut: int, inserted: bytes
) -> None:
    encoded = BLOCK.encode()
    changed = encoded[:at] + inserted + encoded[at + cut :]
    try:
        found = decode_block(changed)
    except BlockError:
        return
    assert found.encode() == changed


# The seal


def test_a_seal_is_a_signature_over_the_header_without_it() -> None:
    items = fields_of(SEALED)
    assert items[12:14] == [SEALED.extra_data, SEALED.mix_hash]
    unsealed = keccak256(rlp.encode([*items[:12], b"", bytes(32), *items[14:]]))
    assert SEALED.sealing_digest == HEADER.hash == unsealed
    signature = SEALED.mix_hash + SEALED.extra_data
    assert signature == PrivateKey(b"\x46" * 32).sign_msg_hash(unsealed).to_bytes()[:64]
    assert verify(KEY.public_key, unsealed, signature)
    verify_seal(SEALED, KEY.address)
    verify_block(BLOCK, KEY.address)


@given(headers, st.integers(1, CURVE_ORDER - 1))
def test_a_sealed_header_is_the_sequencers_and_nobody_elses(header: Header, secret: int) -> None:
    key = SequencerKey.from_secret(secret.to_bytes(32, "big"))
    sealed = seal(replace(header, beneficiary=key.address), key)
    verify_seal(decode_header(sealed.rlp), key.address)
    r, s = (int.from_bytes(part, "big") for part in (sealed.mix_hash, sealed.extra_data))
    signers = [
        Signature(vrs=(v, r, s)).recover_public_key_from_msg_hash(sealed.sealing_digest).to_canonical_address()
        for v in (0, 1)
    ]
    assert key.address in signers


def test_sealing_again_gives_the_same_seal() -> None:
    assert seal(SEALED, KEY) == SEALED
    assert seal(replace(SEALED, number=6), KEY) == seal(replace(HEADER, number=6), KEY)


def assert_seal_refused(header: Header, code: BlockErrorCode, field: str, sequencer: SequencerKey = KEY) -> None:
    with pytest.raises(BlockError) as caught:
        verify_seal(header, sequencer.address)
    assert_error(caught, code, field)


def test_only_the_beneficiary_seals() -> None:
    with pytest.raises(BlockError) as caught:
        seal(HEADER, OTHER)
    assert_error(caught, BlockErrorCode.WRONG_BENEFICIARY, "beneficiary")


def test_an_unsealed_header_is_refused() -> None:
    assert_seal_refused(HEADER, BlockErrorCode.UNSEALED, "extraData")
    assert_seal_refused(HEADER, BlockErrorCode.UNSEALED, "extraData", OTHER)


def test_a_seal_of_another_is_refused() -> None:
    by_other = seal(replace(HEADER, beneficiary=OTHER.address), OTHER)
    verify_seal(by_other, OTHER.address)
    assert_seal_refused(by_other, BlockErrorCode.WRONG_BENEFICIARY, "beneficiary")
    signature = OTHER.sign(HEADER.sealing_digest)
    claimed = replace(HEADER, mix_hash=signature[:32], extra_data=signature[32:])
    assert_seal_refused(claimed, BlockErrorCode.BAD_SEAL, "extraData")


@pytest.mark.parametrize("name", ["number", "gas_limit", "timestamp"])
def test_a_seal_does_not_fit_another_header(name: str) -> None:
    changed = replace(SEALED, **{name: getattr(SEALED, name) + 1})
    assert_seal_refused(changed, BlockErrorCode.BAD_SEAL, "extraData")


def test_the_other_s_of_a_seal_is_refused() -> None:
    s = int.from_bytes(SEALED.extra_data, "big")
    twin = replace(SEALED, extra_data=(CURVE_ORDER - s).to_bytes(32, "big"))
    assert_seal_refused(twin, BlockErrorCode.HIGH_S, "extraData")
    # Checked in this order: sealed, by whom, with which s, whether it holds.
    assert_seal_refused(twin, BlockErrorCode.WRONG_BENEFICIARY, "beneficiary", OTHER)
    assert_seal_refused(replace(twin, number=0), BlockErrorCode.HIGH_S, "extraData")


@pytest.mark.parametrize(
    "signature", [bytes(64), bytes(63) + b"\x01", b"\x01" + bytes(63), b"\xff" * 32 + bytes(31) + b"\x01"]
)
def test_what_is_no_signature_is_no_seal(signature: bytes) -> None:
    forged = replace(SEALED, mix_hash=signature[:32], extra_data=signature[32:])
    assert_seal_refused(forged, BlockErrorCode.BAD_SEAL, "extraData")


def test_other_transactions_than_those_sealed_are_refused() -> None:
    for others in (TRANSACTIONS[:-1], TRANSACTIONS[::-1], (*TRANSACTIONS, TRANSACTIONS[0]), ()):
        with pytest.raises(BlockError) as caught:
            verify_block(Block(SEALED, others), KEY.address)
        assert_error(caught, BlockErrorCode.WRONG_TRANSACTIONS, "transactionsRoot")
        # The seal is looked at first.
        with pytest.raises(BlockError) as caught:
            verify_block(Block(HEADER, others), KEY.address)
        assert_error(caught, BlockErrorCode.UNSEALED, "extraData")
