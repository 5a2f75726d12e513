"""Transactions against the rlp and eth-keys packages and py-evm, published vectors, and every reason to refuse one."""

from collections.abc import Callable
from typing import Any

import pytest
import rlp  # type: ignore[import-untyped]
from eth.vm.forks.london.transactions import LondonTransactionBuilder
from eth_keys.backends.native.main import NativeECCBackend
from eth_keys.datatypes import PrivateKey, Signature
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.transactions import (
    MAX_NONCE,
    MAX_SIZE,
    MAX_UINT64,
    AccessList,
    Transaction,
    TransactionError,
    TransactionErrorCode,
    TransactionType,
    decode_transaction,
    sign_transaction,
)
from spec.hashing import keccak256
from spec.messages import Address
from spec.signatures import CURVE_ORDER
from spec.uint256 import MAX_UINT256

LEGACY, ACCESS_LIST, DYNAMIC_FEE = TransactionType
CHAIN = 8453
KEY = PrivateKey(b"\x46" * 32)
TO = b"\x35" * 20

Fields = dict[str, Any]
"""Of one transaction by name, in the order of its encoding."""

# Each with another length of RLP: none, one byte without a header, short and long forms.
some_bytes = st.sampled_from([b"", b"\x00", b"\x7f", b"\x80", b"\xa9\x05\x9c\xbb" + bytes(64), bytes(255), bytes(256)])
uint256s = st.one_of(st.integers(0, 300), st.integers(0, 256).map(lambda bits: (1 << bits) - 1))
uint64s = st.one_of(st.integers(0, 300), st.integers(0, MAX_UINT64))
access_lists = st.lists(
    st.tuples(st.binary(min_size=20, max_size=20), st.lists(st.binary(min_size=32, max_size=32), max_size=3)),
    max_size=3,
)
kinds = st.sampled_from(TransactionType)


def names(kind: TransactionType) -> list[str]:
    fees = ["max_priority_fee_per_gas", "max_fee_per_gas"] if kind == DYNAMIC_FEE else ["gas_price"]
    common = ["nonce", *fees, "gas_limit", "to", "value", "data"]
    return common if kind == LEGACY else ["chain_id", *common, "access_list"]


@st.composite
def some_fields(draw: st.DrawFn, kind: TransactionType) -> Fields:
    fees = sorted(draw(st.tuples(uint256s, uint256s)))
    values: Fields = {
        "chain_id": draw(st.integers(1, 2**64)),
        "nonce": draw(uint64s.map(lambda nonce: min(nonce, MAX_NONCE))),
        "gas_price": fees[1],
        "max_priority_fee_per_gas": fees[0],
        "max_fee_per_gas": fees[1],
        "gas_limit": draw(uint64s),
        "to": draw(st.binary(min_size=20, max_size=20)),
        "value": draw(uint256s),
        "data": draw(some_bytes),
        "access_list": draw(access_lists),
    }
    return {name: values[name] for name in ["chain_id", *(name for name in names(kind) if name != "chain_id")]}


def valid(kind: TransactionType) -> Fields:
    fields: Fields = {
        "chain_id": CHAIN,
        "nonce": 9,
        "gas_price": 10**9,
        "max_priority_fee_per_gas": 1,
        "max_fee_per_gas": 10**9,
        "gas_limit": 21000,
        "to": TO,
        "value": 10**18,
        "data": b"\xa9\x05\x9c\xbb",
        "access_list": [(b"\x11" * 20, [b"\x22" * 32])],
    }
    return {name: fields[name] for name in names(kind)}


def oracle_items(kind: TransactionType, fields: Fields) -> list[Any]:
    return [fields[name] for name in names(kind)]


def oracle_digest(kind: TransactionType, items: list[Any], chain_id: int) -> bytes:
    if kind == LEGACY:
        return keccak256(rlp.encode([*items, chain_id, b"", b""]))
    return keccak256(bytes([kind]) + rlp.encode(items))


def envelope(kind: TransactionType, payload: bytes) -> bytes:
    return payload if kind == LEGACY else bytes([kind]) + payload


def signature(kind: TransactionType, items: list[Any], chain_id: int, key: PrivateKey = KEY) -> list[int]:
    signed = key.sign_msg_hash(oracle_digest(kind, items, chain_id))
    v = signed.v + (chain_id * 2 + 35 if kind == LEGACY else 0)
    return [v, signed.r, signed.s]


def signed(kind: TransactionType, chain_id: int = CHAIN, **changes: Any) -> bytes:
    """A transaction, signed after the changes of its fields; v, r, s are changed after that."""
    own = {"v", "r", "s"}
    fields = valid(kind) | {"chain_id": chain_id} | {name: x for name, x in changes.items() if name not in own}
    items = oracle_items(kind, fields)
    vrs = dict(zip(("v", "r", "s"), signature(kind, items, chain_id), strict=True))
    vrs |= {name: x for name, x in changes.items() if name in own}
    return envelope(kind, rlp.encode([*items, *vrs.values()]))


def refusal(raw: bytes, chain_id: int = CHAIN) -> TransactionError:
    with pytest.raises(TransactionError) as caught:
        decode_transaction(raw, chain_id)
    return caught.value


def assert_refused(raw: bytes, code: TransactionErrorCode, field: str) -> None:
    error = refusal(raw)
    assert (error.code, error.field) == (code, field), str(error)
    assert str(error).startswith(f"{code}: {field}: found ")
    assert len(str(error)) < 400


# What is accepted


@given(kinds.flatmap(lambda kind: st.tuples(st.just(kind), some_fields(kind))), st.integers(1, CURVE_ORDER - 1))
def test_what_the_oracles_encode_and_sign_is_decoded(sample: tuple[TransactionType, Fields], secret: int) -> None:
    kind, fields = sample
    chain_id = fields["chain_id"]
    key = PrivateKey(secret.to_bytes(32, "big"))
    items = oracle_items(kind, fields)
    v, r, s = signature(kind, items, chain_id, key)
    raw = envelope(kind, rlp.encode([*items, v, r, s]))
    max_fee = fields["max_fee_per_gas"] if kind == DYNAMIC_FEE else fields["gas_price"]
    access_list: AccessList = tuple((Address(at), tuple(slots)) for at, slots in fields.get("access_list", ()))
    assert decode_transaction(raw, chain_id) == Transaction(
        type=kind,
        chain_id=chain_id,
        nonce=fields["nonce"],
        max_priority_fee_per_gas=fields["max_priority_fee_per_gas"] if kind == DYNAMIC_FEE else max_fee,
        max_fee_per_gas=max_fee,
        gas_limit=fields["gas_limit"],
        to=Address(fields["to"]),
        value=fields["value"],
        data=fields["data"],
        access_list=access_list,
        y_parity=(v - 35) % 2 if kind == LEGACY else v,
        r=r,
        s=s,
        hash=keccak256(raw),
        sender=Address(key.public_key.to_canonical_address()),
        raw=raw,
    )
    signed_by_us = sign_transaction(
        key.to_bytes(),
        kind,
        chain_id=chain_id,
        nonce=fields["nonce"],
        to=fields["to"],
        data=fields["data"],
        value=fields["value"],
        gas_limit=fields["gas_limit"],
        max_fee_per_gas=max_fee,
        max_priority_fee_per_gas=fields.get("max_priority_fee_per_gas"),
        access_list=access_list,
    )
    assert signed_by_us == raw


@given(kinds.flatmap(lambda kind: st.tuples(st.just(kind), some_fields(kind))))
def test_hash_and_sender_are_those_of_py_evm(sample: tuple[TransactionType, Fields]) -> None:
    kind, fields = sample
    raw = signed(kind, **fields)
    found = decode_transaction(raw, fields["chain_id"])
    expected: Any = LondonTransactionBuilder.decode(raw)
    assert (found.hash, found.sender) == (expected.hash, expected.sender)
    assert (found.nonce, found.gas_limit, found.to) == (expected.nonce, expected.gas, expected.to)
    assert (found.value, found.data, found.y_parity) == (expected.value, expected.data, expected.y_parity)
    assert (found.r, found.s, found.chain_id) == (expected.r, expected.s, expected.chain_id)
    assert found.max_fee_per_gas == expected.max_fee_per_gas
    assert found.max_priority_fee_per_gas == expected.max_priority_fee_per_gas


EXAMPLE_OF_EIP_155 = bytes.fromhex(
    "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025"
    "a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"
    "a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83"
)


def test_the_example_of_its_definition_is_decoded_and_signed_again() -> None:
    found = decode_transaction(EXAMPLE_OF_EIP_155, 1)
    assert found.sender.hex() == "9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f"
    assert (found.nonce, found.max_fee_per_gas, found.gas_limit) == (9, 20 * 10**9, 21000)
    assert (found.to, found.value, found.data, found.y_parity) == (TO, 10**18, b"", 0)
    again = sign_transaction(
        b"\x46" * 32, LEGACY, chain_id=1, nonce=9, to=TO, value=10**18, gas_limit=21000, max_fee_per_gas=20 * 10**9
    )
    assert again == EXAMPLE_OF_EIP_155


@pytest.mark.parametrize(
    "hashed, raw, sender",
    [
        # Of the Ethereum main chain: the first of block 46147, from before EIP-155; as its signature is, it is refused.
        (
            "5c504ed432cb51138bcf09aa5e8a410dd4a1e204ef84bfed1be16dfba1b22060",
            "f86780862d79883d2000825208945df9b87991262f6ba471f09758cde1c0fc1de734827a69801ca0"
            "88ff6cf0fefd94db46111149ae4bfc179e9b94721fffd821d38d16464b3f71d0a0"
            "45e0aff800961cfce805daef7016b9b675c137a6a41a548f7b60a3484c06a33a",
            None,
        ),
    ],
)
def test_a_transaction_which_names_no_chain_is_refused(hashed: str, raw: str, sender: None) -> None:
    assert keccak256(bytes.fromhex(raw)).hex() == hashed
    assert_refused(bytes.fromhex(raw), TransactionErrorCode.UNPROTECTED, "v")


@pytest.mark.parametrize("kind", TransactionType)
def test_signatures_hold_for_a_slow_implementation_too(kind: TransactionType) -> None:
    raw = signed(kind)
    found = decode_transaction(raw, CHAIN)
    digest = oracle_digest(kind, oracle_items(kind, valid(kind)), CHAIN)
    point = NativeECCBackend().ecdsa_recover(digest, Signature(vrs=(found.y_parity, found.r, found.s)))
    assert found.sender == point.to_canonical_address()


@pytest.mark.parametrize("kind", TransactionType)
def test_limits_are_inclusive(kind: TransactionType) -> None:
    fields: Fields = {"nonce": MAX_NONCE, "gas_limit": MAX_UINT64, "value": MAX_UINT256, "gas_price": MAX_UINT256}
    fees = {"max_fee_per_gas": MAX_UINT256, "max_priority_fee_per_gas": MAX_UINT256}
    found = decode_transaction(signed(kind, **fields, **fees), CHAIN)
    assert (found.nonce, found.gas_limit, found.value) == (MAX_NONCE, MAX_UINT64, MAX_UINT256)
    assert found.max_fee_per_gas == found.max_priority_fee_per_gas == MAX_UINT256


@pytest.mark.parametrize("kind", TransactionType)
def test_the_longest_transaction_is_accepted_and_a_byte_more_refused(kind: TransactionType) -> None:
    overhead = len(signed(kind, data=bytes(MAX_SIZE // 2))) - MAX_SIZE // 2
    longest = signed(kind, data=bytes(MAX_SIZE - overhead))
    assert len(longest) == MAX_SIZE
    assert decode_transaction(longest, CHAIN).hash == keccak256(longest)
    assert_refused(signed(kind, data=bytes(MAX_SIZE - overhead + 1)), TransactionErrorCode.OVERSIZED, "transaction")


@pytest.mark.parametrize("price", [0, 1])
@pytest.mark.parametrize("kind", TransactionType)
def test_any_price_is_accepted(kind: TransactionType, price: int) -> None:
    raw = signed(kind, gas_price=price, max_fee_per_gas=price, max_priority_fee_per_gas=0)
    found = decode_transaction(raw, CHAIN)
    assert found.max_fee_per_gas == price


# What is refused


def outer(kind: TransactionType, change: Callable[[list[Any]], list[Any]]) -> bytes:
    """A transaction whose list of items is changed after it was signed."""
    raw = signed(kind)
    items = rlp.decode(raw if kind == LEGACY else raw[1:])
    return envelope(kind, rlp.encode(change(items)))


def spliced(kind: TransactionType, old: bytes, new: bytes) -> bytes:
    """A transaction with other bytes in its payload, and the header of its list for their number."""
    raw = signed(kind)
    payload = raw if kind == LEGACY else raw[1:]
    # More than 55, at most 255 bytes: the header has two.
    assert payload[0] == 0xF8
    assert payload.count(old, 2) == 1
    body = payload[2:].replace(old, new)
    return envelope(kind, bytes([0xF8, len(body)]) + body)


AFTER_FEES = ["gasLimit", "to", "value", "data"]
TYPED_END = ["accessList", "yParity", "r", "s"]
POSITIONS = {
    LEGACY: ["nonce", "gasPrice", *AFTER_FEES, "v", "r", "s"],
    ACCESS_LIST: ["chainId", "nonce", "gasPrice", *AFTER_FEES, *TYPED_END],
    DYNAMIC_FEE: ["chainId", "nonce", "maxPriorityFeePerGas", "maxFeePerGas", *AFTER_FEES, *TYPED_END],
}
ALL_FIELDS = [(kind, at, name) for kind, fields in POSITIONS.items() for at, name in enumerate(fields)]
INTEGERS = [case for case in ALL_FIELDS if case[2] not in {"to", "data", "accessList"}]


def replaced(items: list[Any], at: int, item: Any) -> list[Any]:
    return [*items[:at], item, *items[at + 1 :]]


@pytest.mark.parametrize("kind", TransactionType)
@pytest.mark.parametrize(
    "change, code, field",
    [
        (lambda raw: raw + b"\x00", TransactionErrorCode.TRAILING_BYTES, "transaction"),
        (lambda raw: raw + raw, TransactionErrorCode.TRAILING_BYTES, "transaction"),
        (lambda raw: raw[:-1], TransactionErrorCode.MALFORMED, "transaction"),
    ],
)
def test_other_bytes_after_it_or_too_few_are_refused(
    kind: TransactionType, change: Callable[[bytes], bytes], code: TransactionErrorCode, field: str
) -> None:
    assert_refused(change(signed(kind)), code, field)


@pytest.mark.parametrize(
    "raw", [b"\x00", b"\x00" + signed(LEGACY), b"\x03" + signed(DYNAMIC_FEE)[1:], b"\x04", b"\x7f", b"\x80", b"\xbf"]
)
def test_an_unknown_type_is_refused(raw: bytes) -> None:
    assert_refused(raw, TransactionErrorCode.UNKNOWN_TYPE, "type")


def test_a_legacy_transaction_wrapped_in_a_string_is_refused() -> None:
    assert_refused(rlp.encode(signed(LEGACY)), TransactionErrorCode.UNKNOWN_TYPE, "type")


@pytest.mark.parametrize(
    "raw", [b"", b"\x01", b"\x02", b"\x01\x05", b"\x02\x80", b"\xf8", b"\xff", b"\xc0", b"\x01\xc0"]
)
def test_bytes_which_are_no_list_of_fields_are_refused(raw: bytes) -> None:
    assert_refused(raw, TransactionErrorCode.MALFORMED, "transaction")


@pytest.mark.parametrize("kind", TransactionType)
def test_a_field_too_few_or_too_many_is_refused(kind: TransactionType) -> None:
    for change in (lambda items: items[:-1], lambda items: [*items, b""], lambda items: [*items, *items]):
        assert_refused(outer(kind, change), TransactionErrorCode.MALFORMED, "transaction")


def test_a_fault_in_an_item_beyond_the_last_field_is_one_of_the_transaction() -> None:
    body = bytes([0xF8, 56]) + b"\x01" * 54 + b"\x81\x05"
    assert_refused(body, TransactionErrorCode.NOT_CANONICAL, "transaction")


@pytest.mark.parametrize("kind", TransactionType)
def test_a_list_header_longer_than_needed_is_refused(kind: TransactionType) -> None:
    raw = signed(kind)
    payload = raw if kind == LEGACY else raw[1:]
    long = envelope(kind, bytes([0xF9, 0x00]) + payload[1:])
    assert_refused(long, TransactionErrorCode.NOT_CANONICAL, "transaction")


@pytest.mark.parametrize("kind", TransactionType)
@pytest.mark.parametrize(
    "old, new, field",
    [
        (b"\x94" + TO, b"\xb8\x14" + TO, "to"),
        (b"\x84\xa9\x05\x9c\xbb", b"\xb8\x04\xa9\x05\x9c\xbb", "data"),
        (b"\x84\xa9\x05\x9c\xbb", b"\xb9\x00\x04\xa9\x05\x9c\xbb", "data"),
        (b"\x84\xa9\x05\x9c\xbb", b"\x81\x7f", "data"),
        (b"\x82\x52\x08", b"\x81\x08", "gasLimit"),
    ],
)
def test_a_header_longer_than_needed_is_refused(kind: TransactionType, old: bytes, new: bytes, field: str) -> None:
    assert_refused(spliced(kind, old, new), TransactionErrorCode.NOT_CANONICAL, field)


@pytest.mark.parametrize("kind, at, name", ALL_FIELDS)
def test_a_list_for_bytes_or_bytes_for_a_list_are_refused(kind: TransactionType, at: int, name: str) -> None:
    wrong: Any = b"" if name == "accessList" else [b"\x05"]
    raw = outer(kind, lambda items: replaced(items, at, wrong))
    assert_refused(raw, TransactionErrorCode.MALFORMED, name)


@pytest.mark.parametrize("kind, at, name", INTEGERS)
@pytest.mark.parametrize("integer", [b"\x00", b"\x00\x01", b"\x00\xff", b"\x00" * 33])
def test_an_integer_with_a_leading_zero_is_refused(kind: TransactionType, at: int, name: str, integer: bytes) -> None:
    raw = outer(kind, lambda items: replaced(items, at, integer))
    assert_refused(raw, TransactionErrorCode.NOT_CANONICAL, name)


@pytest.mark.parametrize("kind, at, name", INTEGERS)
@pytest.mark.parametrize("size", [0, 1, 10_000])
def test_an_integer_beyond_its_range_is_refused(kind: TransactionType, at: int, name: str, size: int) -> None:
    most = {"nonce": MAX_NONCE, "gasLimit": MAX_UINT64}.get(name, MAX_UINT256)
    raw = outer(kind, lambda items: replaced(items, at, rlp.sedes.big_endian_int.serialize((most + 1) << 8 * size)))
    assert_refused(raw, TransactionErrorCode.OUT_OF_RANGE, name)


@pytest.mark.parametrize("kind", TransactionType)
@pytest.mark.parametrize("length", [1, 19, 21, 32])
def test_an_address_has_20_bytes(kind: TransactionType, length: int) -> None:
    assert_refused(signed(kind, to=bytes(length)), TransactionErrorCode.MALFORMED, "to")


@pytest.mark.parametrize("kind", [ACCESS_LIST, DYNAMIC_FEE])
@pytest.mark.parametrize(
    "access_list, field",
    [
        ([b""], "accessList[0]"),
        ([b"\x11" * 20], "accessList[0]"),
        ([[]], "accessList[0]"),
        ([[b"\x11" * 20]], "accessList[0]"),
        ([[b"\x11" * 20, [], []]], "accessList[0]"),
        ([[b"\x11" * 20, []], [b"\x11" * 19, []]], "accessList[1].address"),
        ([[b"\x11" * 21, []]], "accessList[0].address"),
        ([[[], []]], "accessList[0].address"),
        ([[b"\x11" * 20, b""]], "accessList[0].storageKeys"),
        ([[b"\x11" * 20, [bytes(31)]]], "accessList[0].storageKeys[0]"),
        ([[b"\x11" * 20, [bytes(32), bytes(33)]]], "accessList[0].storageKeys[1]"),
        ([[b"\x11" * 20, [bytes(32), [bytes(32)]]]], "accessList[0].storageKeys[1]"),
    ],
)
def test_an_access_list_of_another_shape_is_refused(kind: TransactionType, access_list: Any, field: str) -> None:
    assert_refused(signed(kind, access_list=access_list), TransactionErrorCode.MALFORMED, field)


ENTRY = rlp.encode([[b"\x11" * 20, [b"\x22" * 32]]])


@pytest.mark.parametrize("kind", [ACCESS_LIST, DYNAMIC_FEE])
@pytest.mark.parametrize(
    "new, code, field",
    [
        # The list says less or more than it holds.
        (
            ENTRY[:2] + ENTRY[2:].replace(b"\xa0", b"\x9f"),
            TransactionErrorCode.MALFORMED,
            "accessList[0].storageKeys[0]",
        ),
        (ENTRY.replace(b"\xe1\xa0", b"\xe1\xa1"), TransactionErrorCode.MALFORMED, "accessList[0].storageKeys[0]"),
        (
            ENTRY.replace(b"\xf8\x38\xf7", b"\xf8\x39\xf8\x37"),
            TransactionErrorCode.NOT_CANONICAL,
            "accessList[0]",
        ),
        (b"\xc3\xc2\x81\x05", TransactionErrorCode.NOT_CANONICAL, "accessList[0][0]"),
        (b"\xc2\x81\x05", TransactionErrorCode.NOT_CANONICAL, "accessList[0]"),
    ],
)
def test_an_access_list_which_is_no_canonical_rlp_is_refused(
    kind: TransactionType, new: bytes, code: TransactionErrorCode, field: str
) -> None:
    assert_refused(spliced(kind, ENTRY, new), code, field)


@pytest.mark.parametrize("kind", TransactionType)
@pytest.mark.parametrize("other", [0, 1, CHAIN - 1, CHAIN + 1, 2**64])
def test_another_chain_is_refused(kind: TransactionType, other: int) -> None:
    raw = signed(kind, chain_id=other)
    assert decode_transaction(raw, other).chain_id == other
    assert_refused(raw, TransactionErrorCode.WRONG_CHAIN, "chainId")


@pytest.mark.parametrize(
    "v, code",
    [
        *((v, TransactionErrorCode.BAD_SIGNATURE) for v in (0, 1, 2, 26, 29, 34)),
        *((v, TransactionErrorCode.UNPROTECTED) for v in (27, 28)),
    ],
)
def test_a_legacy_v_which_names_no_chain_is_refused(v: int, code: TransactionErrorCode) -> None:
    assert_refused(signed(LEGACY, v=v), code, "v")


@pytest.mark.parametrize("kind", TransactionType)
def test_a_contract_creation_is_refused(kind: TransactionType) -> None:
    assert_refused(signed(kind, to=b""), TransactionErrorCode.CONTRACT_CREATION, "to")


def test_a_priority_fee_above_the_maximum_is_refused() -> None:
    raw = signed(DYNAMIC_FEE, max_priority_fee_per_gas=8, max_fee_per_gas=7)
    assert_refused(raw, TransactionErrorCode.FEE_ORDER, "maxPriorityFeePerGas")


@pytest.mark.parametrize("kind", [ACCESS_LIST, DYNAMIC_FEE])
@pytest.mark.parametrize("parity", [2, 27, 28, CHAIN * 2 + 35])
def test_a_parity_is_zero_or_one(kind: TransactionType, parity: int) -> None:
    assert_refused(signed(kind, v=parity), TransactionErrorCode.BAD_SIGNATURE, "yParity")


@pytest.mark.parametrize("kind", TransactionType)
@pytest.mark.parametrize("name", ["r", "s"])
@pytest.mark.parametrize("number", [0, CURVE_ORDER, CURVE_ORDER + 1, MAX_UINT256])
def test_r_and_s_are_in_range(kind: TransactionType, name: str, number: int) -> None:
    assert_refused(signed(kind, **{name: number}), TransactionErrorCode.BAD_SIGNATURE, name)


@pytest.mark.parametrize("kind", TransactionType)
def test_the_other_s_of_a_signature_is_refused(kind: TransactionType) -> None:
    found = decode_transaction(signed(kind), CHAIN)
    v = 1 - found.y_parity + (CHAIN * 2 + 35 if kind == LEGACY else 0)
    twin = signed(kind, v=v, s=CURVE_ORDER - found.s)
    # It is the same sender's for any but the rule of a low s.
    expected: Any = LondonTransactionBuilder.decode(twin)
    assert expected.sender == found.sender
    assert_refused(twin, TransactionErrorCode.HIGH_S, "s")


@pytest.mark.parametrize("kind", TransactionType)
def test_the_highest_low_s_is_accepted_and_the_next_refused(kind: TransactionType) -> None:
    assert decode_transaction(signed(kind, s=CURVE_ORDER // 2), CHAIN).s == CURVE_ORDER // 2
    assert_refused(signed(kind, s=CURVE_ORDER // 2 + 1), TransactionErrorCode.HIGH_S, "s")


@pytest.mark.parametrize("kind", TransactionType)
def test_a_signature_of_nobody_is_refused(kind: TransactionType) -> None:
    # 5 is the abscissa of no point of the curve: 5**3 + 7 = 132 is no square.
    field_prime = 2**256 - 2**32 - 977
    assert pow(132, (field_prime - 1) // 2, field_prime) == field_prime - 1
    assert_refused(signed(kind, r=5), TransactionErrorCode.BAD_SIGNATURE, "r")


# Each input is wrong in two ways that are checked one after the other; the earlier is named.
ORDER = [
    (b"\x03" + bytes(MAX_SIZE), TransactionErrorCode.OVERSIZED),
    (b"\x03\xc1\x81\x05", TransactionErrorCode.UNKNOWN_TYPE),
    (b"\x02\xc2\x81\x05\x00", TransactionErrorCode.TRAILING_BYTES),
    (b"\x02\xc2\x81\x05", TransactionErrorCode.NOT_CANONICAL),  # and too few fields
    (b"\x02\xc2\x82\x05", TransactionErrorCode.MALFORMED),
    (outer(DYNAMIC_FEE, lambda items: replaced(items, 0, b"\x00")[:-1]), TransactionErrorCode.MALFORMED),
    (
        outer(DYNAMIC_FEE, lambda items: replaced(replaced(items, 1, b"\x00"), 4, b"\x01" * 9)),
        TransactionErrorCode.NOT_CANONICAL,
    ),
    (
        outer(DYNAMIC_FEE, lambda items: replaced(replaced(items, 1, b"\xff" * 8), 4, b"\x00")),
        TransactionErrorCode.OUT_OF_RANGE,
    ),
    (
        outer(DYNAMIC_FEE, lambda items: replaced(replaced(items, 5, b"\x01"), 0, b"\x01")),
        TransactionErrorCode.MALFORMED,
    ),
    (
        outer(LEGACY, lambda items: replaced(replaced(items, 8, b"\x00"), 6, b"\x1b")),
        TransactionErrorCode.NOT_CANONICAL,
    ),
    (signed(LEGACY, to=b"", v=27), TransactionErrorCode.UNPROTECTED),
    (signed(LEGACY, to=b"", v=34), TransactionErrorCode.BAD_SIGNATURE),
    (signed(LEGACY, to=b"", v=37), TransactionErrorCode.WRONG_CHAIN),
    (signed(DYNAMIC_FEE, to=b"", chain_id=1), TransactionErrorCode.WRONG_CHAIN),
    (signed(DYNAMIC_FEE, to=b"", max_fee_per_gas=0), TransactionErrorCode.CONTRACT_CREATION),
    (signed(DYNAMIC_FEE, max_fee_per_gas=0, v=2), TransactionErrorCode.FEE_ORDER),
    (signed(DYNAMIC_FEE, max_fee_per_gas=0, s=CURVE_ORDER - 1), TransactionErrorCode.FEE_ORDER),
    (signed(DYNAMIC_FEE, v=2, s=CURVE_ORDER - 1), TransactionErrorCode.BAD_SIGNATURE),
    (signed(DYNAMIC_FEE, r=0, s=CURVE_ORDER - 1), TransactionErrorCode.BAD_SIGNATURE),
    (signed(DYNAMIC_FEE, r=5, s=CURVE_ORDER - 1), TransactionErrorCode.HIGH_S),
]


@pytest.mark.parametrize("raw, code", ORDER, ids=range(len(ORDER)))
def test_of_two_faults_the_one_checked_first_is_named(raw: bytes, code: TransactionErrorCode) -> None:
    assert refusal(raw).code == code


@pytest.mark.parametrize(
    "raw, message",
    [
        (signed(LEGACY, chain_id=1, v=37), "wrong chain: chainId: found 1, expected 8453"),
        (signed(LEGACY, v=27), "unprotected: v: found 27, which names no chain, expected 16941 or 16942"),
        (signed(LEGACY, to=b"\x01"), "malformed: to: found 1 bytes, expected the 20 of an address"),
        (b"\x05", "unknown type: type: found 0x05, expected 0x01, 0x02 or a list (legacy)"),
        (signed(LEGACY) + b"\x00\x01", "trailing bytes: transaction: found 2 bytes after an RLP list of 115, expected"),
        (
            signed(LEGACY, nonce=MAX_UINT64),
            f"out of range: nonce: found {MAX_UINT64}, expected at most {MAX_UINT64 - 1}",
        ),
        (
            signed(LEGACY, value=2**256),
            f"out of range: value: found a number of 257 bits, expected at most {MAX_UINT256}",
        ),
    ],
)
def test_a_refusal_says_where_what_was_found_and_what_was_expected(raw: bytes, message: str) -> None:
    assert str(refusal(raw)).startswith(message)


def test_what_the_state_refuses_has_codes_and_words_too() -> None:
    error = TransactionError(TransactionErrorCode.NONCE_TOO_LOW, "nonce", 3, 5)
    assert str(error) == "nonce too low: nonce: found 3, expected 5"
    assert {"INSUFFICIENT_FUNDS", "NONCE_TOO_HIGH", "UNSPECIFIED_CODE"} <= set(TransactionErrorCode.__members__)


# Nobody can change a transaction


@pytest.mark.parametrize("kind", TransactionType)
def test_every_truncation_is_refused(kind: TransactionType) -> None:
    raw = signed(kind)
    for length in range(len(raw)):
        refusal(raw[:length])


@pytest.mark.parametrize("kind", TransactionType)
def test_without_any_one_byte_it_is_refused(kind: TransactionType) -> None:
    raw = signed(kind)
    for at in range(len(raw)):
        refusal(raw[:at] + raw[at + 1 :])


@pytest.mark.parametrize("kind", TransactionType)
def test_every_flipped_bit_is_refused_or_makes_another_transaction_of_another_sender(kind: TransactionType) -> None:
    raw = signed(kind)
    original = decode_transaction(raw, CHAIN)
    accepted = 0
    for at in range(len(raw)):
        for bit in range(8):
            changed = raw[:at] + bytes([raw[at] ^ 1 << bit]) + raw[at + 1 :]
            try:
                found = decode_transaction(changed, CHAIN)
            except TransactionError:
                continue
            accepted += 1
            assert found.hash != original.hash
            assert found.sender != original.sender
    assert accepted > 100


@settings(max_examples=300)
@given(kinds, st.data())
def test_any_bytes_are_refused_with_a_reason_or_are_the_one_encoding_of_what_is_decoded(
    kind: TransactionType, data: st.DataObject
) -> None:
    raw = signed(kind)
    at, cut = data.draw(st.integers(0, len(raw))), data.draw(st.integers(0, 40))
    changed = raw[:at] + data.draw(st.binary(max_size=40)) + raw[at + cut :]
    try:
        found = decode_transaction(changed, CHAIN)
    except TransactionError:
        return
    fees = [found.max_priority_fee_per_gas, found.max_fee_per_gas][found.type != DYNAMIC_FEE :]
    items: list[Any] = [found.nonce, *fees, found.gas_limit, found.to, found.value, found.data]
    if found.type != LEGACY:
        items = [found.chain_id, *items, found.access_list]
    v = found.y_parity + (CHAIN * 2 + 35 if found.type == LEGACY else 0)
    assert changed == found.raw == envelope(found.type, rlp.encode([*items, v, found.r, found.s]))


@given(st.binary(max_size=200))
def test_hostile_bytes_raise_nothing_else(raw: bytes) -> None:
    for candidate in (raw, b"\x01" + raw, b"\x02" + raw, b"\x02\xf8" + bytes([len(raw)]) + raw):
        refusal(candidate)


# Signing


@pytest.mark.parametrize(
    "kind, fields",
    [
        (LEGACY, {"max_priority_fee_per_gas": 0}),
        (ACCESS_LIST, {"max_priority_fee_per_gas": 0}),
        (LEGACY, {"access_list": [(TO, [])]}),
    ],
)
def test_a_field_which_the_type_does_not_have_is_not_signed(kind: TransactionType, fields: Fields) -> None:
    with pytest.raises(ValueError, match="one gas price"):
        sign_transaction(KEY.to_bytes(), kind, chain_id=1, nonce=0, to=TO, **fields)


def test_the_priority_fee_is_the_maximum_unless_given() -> None:
    raw = sign_transaction(KEY.to_bytes(), chain_id=CHAIN, nonce=0, to=TO, max_fee_per_gas=7)
    assert decode_transaction(raw, CHAIN).max_priority_fee_per_gas == 7


@pytest.mark.parametrize("secret", [b"", bytes(32), b"\xff" * 32, b"\x01" * 33])
def test_what_is_no_key_signs_nothing(secret: bytes) -> None:
    with pytest.raises(ValueError, match="private key"):
        sign_transaction(secret, chain_id=CHAIN, nonce=0, to=TO)
