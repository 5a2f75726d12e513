"""JSON-RPC 2.0 itself: what is a request, batches, ids, and errors that no method raises."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest

from ledger.rpc.dispatch import Dispatcher
from ledger.rpc.errors import RpcError
from ledger.rpc.limits import Limits
from ledger.rpc.method import Method, Parameter
from ledger.rpc.parameters import count
from ledger.store import StoreError

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602


def _fail(_: object) -> None:
    raise ZeroDivisionError("secret")


def _fail_to_read(_: object) -> None:
    raise StoreError("100%s damaged")


def _refuse(_: object) -> None:
    raise RpcError(3, "no", "0x01")


METHODS = {
    "double": Method(lambda _, number: 2 * number, Parameter("number", count)),
    "optional": Method(lambda _, number: number, Parameter("number", count, 5)),
    "text": Method(lambda _, number: "x" * number, Parameter("length", count)),
    "none": Method(lambda _: None),
    "fail": Method(_fail),
    "nan": Method(lambda _: float("nan")),
    "refuse": Method(_refuse),
    "same": Method(lambda _, content: content, Parameter("content", lambda content: content)),
    "store": Method(_fail_to_read),
}


def answer(body: Any, limits: Limits | None = None, **more: Any) -> Any:
    text = body if isinstance(body, bytes | str) else json.dumps(body)
    answered = asyncio.run(Dispatcher(METHODS, limits or Limits(), **more).answer(None, text))
    return None if answered is None else json.loads(answered)


def request(method: str, *params: Any, **more: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params} | more


def code(body: Any, limits: Limits | None = None) -> tuple[int, Any]:
    answered = answer(body, limits)
    assert answered["jsonrpc"] == "2.0"
    assert set(answered) == {"jsonrpc", "id", "error"}
    return answered["error"]["code"], answered["id"]


def test_a_request_is_answered_with_its_result() -> None:
    assert answer(request("double", 4)) == {"jsonrpc": "2.0", "id": 1, "result": 8}
    assert answer(json.dumps(request("double", "0x4")).encode()) == {"jsonrpc": "2.0", "id": 1, "result": 8}


@pytest.mark.parametrize("params", [{}, {"params": None}, {"params": []}, {"params": [None]}])
def test_parameters_that_are_left_out_have_their_defaults(params: dict[str, Any]) -> None:
    assert answer({"jsonrpc": "2.0", "id": 1, "method": "optional"} | params)["result"] == 5


@pytest.mark.parametrize("identifier", [0, -1, 10**30, 1.5, "", "a", 'quote "', "\ud800", "ü", None])
def test_an_id_is_repeated(identifier: Any) -> None:
    answered = answer(request("none", id=identifier))
    assert answered == {"jsonrpc": "2.0", "id": identifier, "result": None}
    assert type(answered["id"]) is type(identifier)
    assert answer(request("refuse", id=identifier))["id"] == identifier


@pytest.mark.parametrize("identifier", ["1e999", "[1e999]", "true", "false", "[]", "[1]", "{}"])
def test_what_is_no_id_is_refused(identifier: str) -> None:
    body = f'{{"jsonrpc":"2.0","id":{identifier},"method":"none"}}'
    assert code(body) == (INVALID_REQUEST, None)
    assert code(body.replace("none", "")) == (INVALID_REQUEST, None)
    assert code(f'{{"id":{identifier}}}') == (INVALID_REQUEST, None)
    assert [each["id"] for each in answer(f"[{body}]", Limits(batch_seconds=-1.0))] == [None]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nul",
        b"\xff\xfe",
        b'{"jsonrpc":"2.0","id":1,"method":"\xff"}',
        b'{"jsonrpc":"2.0","id":NaN,"method":"none"}',
        b'{"jsonrpc":"2.0","id":Infinity,"method":"none"}',
        b'{"jsonrpc":"2.0","id":1,"method":"none","params":[-Infinity]}',
        b"\xef\xbb\xbf{}",
        b"{} {}",
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"id":' + b"[" * 64 + b"]" * 64 + b"}",
        b'["\\"", ' + b"[" * 64 + b"]" * 64 + b"]",
        b"[" * 70 + b'"',
        b"[" * 70 + b'"\\',
        b"]" * 1000 + b"[" * 1000,
        b"1" * 5000,
        '{"jsonrpc":"2.0","id":1,"method":"none"}'.encode("utf-16"),
    ],
)
def test_what_is_no_json_is_a_parse_error(body: bytes) -> None:
    assert code(body) == (PARSE_ERROR, None)


@pytest.mark.parametrize("content", ["[" * 62 + "]" * 62, '"' + "[" * 1000 + '"', '"' + '\\"[' * 1000 + '"'])
def test_what_is_nested_less_or_only_in_strings_is_read(content: str) -> None:
    answered = answer(f'{{"jsonrpc":"2.0","id":1,"method":"same","params":[{content}]}}')
    assert answered["result"] == json.loads(content)


@pytest.mark.parametrize(
    "body,identifier",
    [
        (1, None),
        (b'"a"', None),
        (None, None),
        (True, None),
        ({}, None),
        ({"id": 3}, 3),
        ({"jsonrpc": "2.0", "id": 3}, 3),
        ({"jsonrpc": "2.0", "id": 3, "method": 1}, 3),
        ({"jsonrpc": "2.0", "id": 3, "method": None}, 3),
        ({"jsonrpc": "1.0", "id": 3, "method": "none"}, 3),
        ({"jsonrpc": 2.0, "id": 3, "method": "none"}, 3),
        ({"id": 3, "method": "none"}, 3),
        ({"jsonrpc": "2.0", "id": 3, "result": 1}, 3),
        ({"jsonrpc": "1.0", "method": "none"}, None),
    ],
)
def test_what_is_no_request_is_said_to_be_none(body: Any, identifier: Any) -> None:
    assert code(body) == (INVALID_REQUEST, identifier)


@pytest.mark.parametrize("params", [{}, {"number": 1}, 1, "a", True])
def test_parameters_go_by_position(params: Any) -> None:
    assert code(request("double") | {"params": params})[0] == INVALID_PARAMS


def test_parameters_are_counted_and_named() -> None:
    def message(*params: Any) -> str:
        answered: str = answer(request("double", *params))["error"]["message"]
        return answered

    assert message() == "missing value for required argument 0: number"
    assert message(None) == "missing value for required argument 0: number"
    assert message(1, 2) == "too many arguments, want at most 1"
    assert message("x").startswith("invalid argument 0: number: expected a number")
    assert len(message("x" * 10_000)) < 300


def test_an_unknown_method_is_named_in_short() -> None:
    error = answer(request("a\n\ud800" * 1000))["error"]
    assert error["code"] == METHOD_NOT_FOUND
    assert error["message"].startswith("the method a\n")
    assert len(error["message"]) < 150


def test_an_error_has_data_where_it_has_some() -> None:
    assert answer(request("refuse"))["error"] == {"code": 3, "message": "no", "data": "0x01"}


@pytest.mark.parametrize("method", ["fail", "nan"])
def test_an_error_of_ours_is_logged_and_not_told(method: str, caplog: pytest.LogCaptureFixture) -> None:
    error = answer(request(method))["error"]
    assert error == {"code": -32603, "message": "internal error"}
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert caplog.records[0].exc_info


def test_what_the_store_says_is_told_and_logged_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    assert answer(request("store"))["error"] == {"code": -32603, "message": "100%s damaged"}
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [(logging.ERROR, "100%s damaged")]
    assert not caplog.records[0].exc_info


def test_a_notification_is_not_answered() -> None:
    called = []
    methods = {"note": Method(lambda _: called.append(1))}
    body = '{"jsonrpc":"2.0","method":"note"}'
    assert asyncio.run(Dispatcher(methods, Limits()).answer(None, body)) is None
    assert called == [1]
    assert answer({"jsonrpc": "2.0", "method": "unknown"}) is None


def test_a_batch_is_answered_in_order_without_the_notifications() -> None:
    body = [
        request("double", 1, id="a"),
        {"jsonrpc": "2.0", "method": "none"},
        1,
        request("unknown", id="a"),
        [],
        request("double", 2, id=None),
    ]
    answers = answer(body)
    shown = [(each["id"], each.get("result", each.get("error", {}).get("code"))) for each in answers]
    assert shown == [("a", 2), (None, INVALID_REQUEST), ("a", METHOD_NOT_FOUND), (None, INVALID_REQUEST), (None, 4)]


def test_a_batch_of_notifications_is_not_answered() -> None:
    assert answer([{"jsonrpc": "2.0", "method": "none"}] * 3) is None


def test_an_empty_batch_is_no_request() -> None:
    assert code([]) == (INVALID_REQUEST, None)


def test_a_batch_has_a_greatest_length() -> None:
    limits = Limits(batch=3)
    assert len(answer([request("none")] * 3, limits)) == 3
    assert code([request("none")] * 4, limits) == (INVALID_REQUEST, None)


def test_the_answer_to_a_batch_has_a_greatest_size() -> None:
    note = {"jsonrpc": "2.0", "method": "text", "params": [600]}
    body = [request("text", 600, id=number) for number in range(3)] + [note, 5, request("none", id="last")]
    answers = answer(body, Limits(batch_response=1000))
    assert [each["id"] for each in answers] == [0, 1, 2, None, "last"]
    assert [each.get("error", {}).get("code") for each in answers] == [None, None, -32003, -32003, -32003]


def test_a_batch_has_a_greatest_time() -> None:
    answers = answer([request("none")] * 3, Limits(batch_seconds=-1.0))
    assert {each["error"]["code"] for each in answers} == {-32002}


def test_a_long_batch_lets_others_have_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.rpc.dispatch.YIELD_SECONDS", 0.0)
    turns = []

    async def run() -> None:
        async def other() -> None:
            turns.append(1)

        task = asyncio.create_task(other())
        answered = await Dispatcher(METHODS, Limits()).answer(None, json.dumps([request("none")] * 3))
        assert turns
        assert len(json.loads(answered or "")) == 3
        await task

    asyncio.run(run())


def test_requests_are_told_of_by_method_and_outcome() -> None:
    seen: list[tuple[str, str]] = []

    def observe(method: str, outcome: str, seconds: float) -> None:
        assert 0 <= seconds < 10
        seen.append((method, outcome))

    body = [request("none"), request("refuse"), request("made up"), request("fail"), {"jsonrpc": "2.0"}]
    answer(body, observe=observe)
    assert seen == [("none", "ok"), ("refuse", "3"), ("unknown", "-32601"), ("fail", "-32603")]
