"""Parameters: what is taken, and that nothing nearly right is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ledger.rpc import parameters
from ledger.rpc.log_filter import LogFilter, LogQuery, log_query
from ledger.rpc.parameters import BlockRef, CallRequest, ParameterError
from spec.messages import ZERO_ADDRESS, Address, Log

ADDRESS = "0x" + "aB" * 20
HASH = "0x" + "cD" * 32
AT = Address(b"\xab" * 20)
DIGEST = b"\xcd" * 32
OTHER_TYPES: tuple[Any, ...] = (None, True, 1, 1.5, [], {}, ["0x1"])


def refused(parse: Callable[[Any], object], value: object) -> str:
    with pytest.raises(ParameterError) as caught:
        parse(value)
    assert len(str(caught.value)) < 400
    return str(caught.value)


@pytest.mark.parametrize("value,number", [("0x0", 0), ("0x1b4", 436), ("0XfF", 255), ("0x" + "f" * 64, 2**256 - 1)])
def test_quantity(value: str, number: int) -> None:
    assert parameters.quantity(value) == number


@pytest.mark.parametrize(
    "value",
    [
        "",
        "0x",
        "1",
        "0x01",
        "0x00",
        "0x-1",
        "-0x1",
        "0x1_0",
        " 0x1",
        "0x1 ",
        "0x1\n",
        "0xg",
        "x1",
        "0x1" + "0" * 64,
        "0x１",
        *OTHER_TYPES,
    ],
)
def test_quantity_refuses(value: object) -> None:
    assert refused(parameters.quantity, value).startswith("expected a number in hexadecimal")


def test_uint64() -> None:
    assert parameters.uint64("0x" + "f" * 16) == 2**64 - 1
    assert refused(parameters.uint64, "0x1" + "0" * 16).startswith("expected a number of at most 64 bits")


@pytest.mark.parametrize(
    "value,number", [(0, 0), (3600, 3600), ("3600", 3600), ("0xe10", 3600), (2**64 - 1, 2**64 - 1)]
)
def test_count(value: object, number: int) -> None:
    assert parameters.count(value) == number


@pytest.mark.parametrize(
    "value", [-1, 2**64, 1.0, True, "", "-1", "01", "1.0", str(2**64), "9" * 20, "1" * 5000, "٣", "0x01", None, [], {}]
)
def test_count_refuses(value: object) -> None:
    refused(parameters.count, value)


@pytest.mark.parametrize("value,content", [("0x", b""), ("0xAb01", b"\xab\x01"), ("0X00", b"\0")])
def test_data(value: str, content: bytes) -> None:
    assert parameters.data(value) == content


@pytest.mark.parametrize("value", ["", "ab", "0xa", "0x0", "0x 12", "0x12 ", "0xgg", "0xü0", "0x\ud800", *OTHER_TYPES])
def test_data_refuses(value: object) -> None:
    assert refused(parameters.data, value).startswith("expected bytes in hexadecimal")


def test_address_and_hash() -> None:
    assert parameters.address(ADDRESS) == AT
    assert parameters.address(ADDRESS.lower().replace("0x", "0X")) == AT
    assert parameters.hash32(HASH) == DIGEST


@pytest.mark.parametrize("value", ["", "0x", ADDRESS[:-1], ADDRESS + "0", ADDRESS[:-1] + "g", "1" * 42, *OTHER_TYPES])
def test_address_refuses(value: object) -> None:
    assert refused(parameters.address, value).startswith("expected an address of 0x and 40 hexadecimal digits")
    refused(parameters.hash32, value)


@pytest.mark.parametrize(
    "value,number,whole",
    [("0x0", 0, False), ("0x00ff", 255, False), ("0x" + "0" * 63 + "5", 5, True), ("0X5", 5, False)],
)
def test_slot(value: str, number: int, whole: bool) -> None:
    assert parameters.slot(value) == (number, whole)


@pytest.mark.parametrize("value", ["", "0x", "5", "0x" + "0" * 65, "0xg", *OTHER_TYPES])
def test_slot_refuses(value: object) -> None:
    refused(parameters.slot, value)


@pytest.mark.parametrize("parse", [parameters.boolean, parameters.string, parameters.array, parameters.mapping])
def test_types_are_not_mixed_up(parse: Callable[[Any], object]) -> None:
    values: list[Any] = [True, "a", [1], {"a": 1}, None, 1, 1.5]
    taken = []
    for value in values:
        try:
            assert parse(value) == value
            taken.append(value)
        except ParameterError:
            pass
    assert len(taken) == 1


@pytest.mark.parametrize(
    "value,ref",
    [
        ("latest", BlockRef()),
        ("safe", BlockRef()),
        ("finalized", BlockRef()),
        ("pending", BlockRef(is_pending=True)),
        ("earliest", BlockRef(number=0)),
        ("0x1b", BlockRef(number=27)),
        (HASH, BlockRef(hash=DIGEST)),
        ({"blockNumber": "0x1b"}, BlockRef(number=27)),
        ({"blockNumber": "latest"}, BlockRef()),
        ({"blockHash": HASH}, BlockRef(hash=DIGEST)),
        ({"blockHash": HASH, "blockNumber": None}, BlockRef(hash=DIGEST)),
        ({"blockHash": HASH, "requireCanonical": False}, BlockRef(hash=DIGEST)),
        ({"blockHash": HASH, "requireCanonical": True}, BlockRef(hash=DIGEST, must_be_canonical=True)),
    ],
)
def test_block(value: object, ref: BlockRef) -> None:
    assert parameters.block(value) == ref


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Latest",
        "newest",
        "0x01",
        "0x",
        "27",
        27,
        "0x1" + "0" * 16,
        ADDRESS,
        HASH + "0",
        "z" * 66,
        True,
        [],
        {},
        {"blockNumber": "0x1", "blockHash": HASH},
        {"blockNumber": 1},
        {"blockHash": "0x1"},
        {"blockHash": HASH, "requireCanonical": 1},
        {"blockNumber": {"blockNumber": "0x1"}},
    ],
)
def test_block_refuses(value: object) -> None:
    refused(parameters.block, value)


def test_block_number_takes_no_hash() -> None:
    refused(parameters.block_number, HASH)
    refused(parameters.block_number, {"blockNumber": "0x1"})


def test_call_request() -> None:
    least = parameters.call_request({"to": ADDRESS})
    assert least == CallRequest(ZERO_ADDRESS, AT, b"", 0, (), None)
    fields = {
        "from": ADDRESS,
        "to": ADDRESS,
        "gas": "0x5208",
        "gasPrice": "0x1",
        "maxFeePerGas": "0x2",
        "maxPriorityFeePerGas": "0x3",
        "value": "0x4",
        "nonce": "0x5",
        "data": "0x01",
        "input": "0x01",
        "chainId": "0x2105",
        "type": "0x2",
        "accessList": [{"address": ADDRESS, "storageKeys": [HASH]}, {"address": ADDRESS, "storageKeys": None}],
        "unknown": {},
    }
    most = CallRequest(AT, AT, b"\x01", 4, ((AT, (DIGEST,)), (AT, ())), 8453)
    assert parameters.call_request(fields) == most
    assert parameters.call_request(fields | {"data": None}) == most
    assert parameters.call_request(fields | {"input": None}) == most
    assert parameters.call_request({"to": ADDRESS, "data": "0x", "input": "0x"}).data == b""


@pytest.mark.parametrize(
    "fields,place",
    [
        ({"to": None}, "the field to"),
        ({"to": "0x"}, "to: "),
        ({"from": 1}, "from: "),
        ({"gas": "1"}, "gas: "),
        ({"gas": "0x1" + "0" * 16}, "gas: "),
        ({"nonce": 1}, "nonce: "),
        ({"gasPrice": "0x00"}, "gasPrice: "),
        ({"maxFeePerGas": []}, "maxFeePerGas: "),
        ({"maxPriorityFeePerGas": True}, "maxPriorityFeePerGas: "),
        ({"value": "0x1" + "0" * 64}, "value: "),
        ({"data": "0x1"}, "data: "),
        ({"input": "0x1"}, "input: "),
        ({"data": "0x01", "input": "0x02"}, "the same bytes in input and data"),
        ({"data": "0x01", "input": "0x"}, "the same bytes in input and data"),
        ({"chainId": 1}, "chainId: "),
        ({"accessList": {}}, "accessList: "),
        ({"accessList": [{"address": ADDRESS}, 1]}, "accessList: [1]: "),
        ({"accessList": [{"address": ADDRESS, "storageKeys": ["0x1"]}]}, "accessList: [0]: "),
        ({"accessList": [{"storageKeys": []}]}, "accessList: [0]: address: "),
    ],
)
def test_call_request_refuses(fields: dict[str, Any], place: str) -> None:
    assert place in refused(parameters.call_request, {"to": ADDRESS, **fields})


def test_call_request_is_an_object() -> None:
    assert refused(parameters.call_request, [ADDRESS]) == "expected an object, found an array of 1"


def test_what_was_found_is_shown_in_short() -> None:
    assert refused(parameters.quantity, "x" * 10**6).endswith("... (1000002 characters)")
    assert refused(parameters.quantity, {"a": [1] * 10**6}).endswith("found an object of 1")
    assert refused(parameters.quantity, False).endswith("found false")


@pytest.mark.parametrize(
    "value,query",
    [
        ({}, LogQuery(LogFilter())),
        ({"address": None, "topics": None, "fromBlock": None}, LogQuery(LogFilter())),
        ({"address": ADDRESS}, LogQuery(LogFilter(frozenset({AT})))),
        ({"address": [ADDRESS, ADDRESS]}, LogQuery(LogFilter(frozenset({AT})))),
        ({"address": []}, LogQuery(LogFilter())),
        ({"topics": []}, LogQuery(LogFilter())),
        (
            {"topics": [HASH, None, [HASH], [None, HASH]]},
            LogQuery(LogFilter(topics=(frozenset({DIGEST}), frozenset(), frozenset({DIGEST}), frozenset()))),
        ),
        ({"fromBlock": "0x1", "toBlock": "0x2"}, LogQuery(LogFilter(), BlockRef(number=1), BlockRef(number=2))),
        ({"fromBlock": "earliest"}, LogQuery(LogFilter(), BlockRef(number=0))),
        ({"blockHash": HASH}, LogQuery(LogFilter(), block_hash=DIGEST)),
    ],
)
def test_log_query(value: object, query: LogQuery) -> None:
    assert log_query(value) == query


@pytest.mark.parametrize(
    "value",
    [
        1,
        [],
        None,
        {"address": "0x1"},
        {"address": [None]},
        {"address": {}},
        {"topics": HASH},
        {"topics": [1]},
        {"topics": [None] * 5},
        {"topics": [["0x1"]]},
        {"topics": [[[HASH]]]},
        {"fromBlock": HASH},
        {"toBlock": 1},
        {"blockHash": "latest"},
        {"blockHash": HASH, "fromBlock": "0x1"},
        {"blockHash": HASH, "toBlock": "latest"},
        {"address": [ADDRESS] * 1001},
        {"topics": [[HASH] * 1001]},
    ],
)
def test_log_query_refuses(value: object) -> None:
    refused(log_query, value)


A, B = b"\x0a" * 32, b"\x0b" * 32
SET_A, ANY = frozenset({A}), frozenset[bytes]()


@pytest.mark.parametrize(
    "wanted,is_let_through",
    [
        (LogFilter(), True),
        (LogFilter(frozenset({AT})), True),
        (LogFilter(frozenset({ZERO_ADDRESS})), False),
        (LogFilter(frozenset({ZERO_ADDRESS, AT})), True),
        (LogFilter(topics=(SET_A,)), True),
        (LogFilter(topics=(ANY, SET_A)), False),
        (LogFilter(topics=(ANY, frozenset({A, B}))), True),
        (LogFilter(topics=(SET_A, ANY)), True),
        (LogFilter(topics=(SET_A, ANY, ANY)), False),
        (LogFilter(frozenset({ZERO_ADDRESS}), (SET_A,)), False),
    ],
)
def test_log_filter(wanted: LogFilter, is_let_through: bool) -> None:
    assert wanted.matches(Log(AT, (A, B), b"")) is is_let_through


def test_a_query_covers_blocks_to_come() -> None:
    assert LogQuery(LogFilter()).covers(5)
    assert LogQuery(LogFilter(), BlockRef(number=5), BlockRef(number=6)).covers(5)
    assert not LogQuery(LogFilter(), BlockRef(number=6)).covers(5)
    assert not LogQuery(LogFilter(), last=BlockRef(number=4)).covers(5)
