"""JSON-RPC 2.0: requests and batches of them in, answers out, whatever carries them and whatever the methods do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Generator, Mapping
from time import perf_counter
from typing import Any, Final, cast

from ledger.json_text import decode, encode
from ledger.rpc.errors import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    RESPONSE_TOO_LARGE,
    TIMED_OUT,
    RpcError,
)
from ledger.rpc.limits import Limits
from ledger.rpc.method import Method
from ledger.store import StoreError

Observe = Callable[[str, str, float], None]
"""Told of each request: the method (``unknown`` if there is no such), ``ok`` or the error's code, and the seconds."""

StoreFailed = Callable[[str], None]
"""Told why the store did not do what a request asks for, in one line."""

LONGEST_NAME: Final = 64
"""Characters of an unknown method's name that are repeated in the answer."""

YIELD_SECONDS: Final = 0.01
"""How long a batch, or a method that works in steps, goes on before other clients get their turn."""

ENCODED_AT_ONCE: Final = 256
"""Items of a long list that become JSON without a turn in between."""

_log: Final = logging.getLogger("diem.rpc")


class ClientLeft(Exception):
    """Nobody waits for the answer any more."""


def _stays() -> bool:
    return False


class Dispatcher:
    """Answers requests by a table of methods.

    Of methods that work in steps one is carried out at a time, so that there is never more than one long result in the
    making.
    """

    def __init__(
        self,
        methods: Mapping[str, Method],
        limits: Limits,
        observe: Observe | None = None,
        store_failed: StoreFailed = _log.error,
    ) -> None:
        self._methods: Final = methods
        self._limits: Final = limits
        self._observe: Final = observe
        self._store_failed: Final = store_failed
        self._steps: Final = asyncio.Lock()

    async def answer(self, context: Any, body: bytes | str, has_left: Callable[[], bool] = _stays) -> str | None:
        """Return the answer to a request or a batch, None if there is none because all were notifications.

        Nothing is awaited but the turns of others in the midst of a long one, at which it is asked whether the client
        has left.

        Raises
        ------
        ClientLeft : it has.
        """
        turns = _Turns(has_left)
        try:
            content = decode(body)
        except ValueError:
            return failure("null", RpcError(PARSE_ERROR, "parse error: expected JSON in UTF-8"))
        if not isinstance(content, list):
            return await self._answer_one(context, content, turns)
        if not content:
            return failure("null", RpcError(INVALID_REQUEST, "empty batch"))
        if len(content) > self._limits.batch:
            return failure("null", RpcError(INVALID_REQUEST, f"batch too large: more than {self._limits.batch}"))
        answers = await self._answer_batch(context, content, turns)
        return f"[{','.join(answers)}]" if answers else None

    async def _answer_one(self, context: Any, request: object, turns: _Turns) -> str | None:
        """Return the answer to one request, None to a notification."""
        try:
            method, given, identifier = _take_apart(request)
        except RpcError as error:
            return failure(_identifier(request), error)
        start = perf_counter()
        answer, outcome = await self._carry_out(context, method, given, identifier, turns)
        if self._observe is not None:
            self._observe(method if method in self._methods else "unknown", outcome, perf_counter() - start)
        return answer if "id" in cast(dict[str, object], request) else None

    async def _carry_out(
        self, context: Any, name: str, given: list[object], identifier: str, turns: _Turns
    ) -> tuple[str, str]:
        """The answer, and what is to be said of it to who counts."""
        try:
            found = self._method(name).answer(context, given)
            result = await self._in_steps(found, turns) if isinstance(found, Generator) else encode(found)
        except ClientLeft:
            raise
        except RpcError as error:
            return failure(identifier, error), str(error.code)
        except StoreError as error:
            self._store_failed(str(error))
            return failure(identifier, RpcError(INTERNAL_ERROR, str(error))), str(INTERNAL_ERROR)
        except Exception:
            _log.exception("an error in %s", name)
            return failure(identifier, RpcError(INTERNAL_ERROR, "internal error")), str(INTERNAL_ERROR)
        return f'{{"jsonrpc":"2.0","id":{identifier},"result":{result}}}', "ok"

    async def _in_steps(self, steps: Generator[None, None, Any], turns: _Turns) -> str:
        """The result, as JSON, of a method that works in steps."""
        async with self._steps:
            while True:
                try:
                    next(steps)
                except StopIteration as end:
                    return await _encoded(end.value, turns)
                await turns.give()

    def _method(self, name: str) -> Method:
        method = self._methods.get(name)
        if method is None:
            shown = name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}..."
            raise RpcError(METHOD_NOT_FOUND, f"the method {shown} does not exist/is not available")
        return method

    async def _answer_batch(self, context: Any, requests: list[object], turns: _Turns) -> list[str]:
        """The answers, less those to notifications; errors in place of those for which there is no room or no time."""
        answers: list[str] = []
        size = 0
        start = perf_counter()
        for request in requests:
            now = perf_counter()
            await turns.give()
            if size > self._limits.batch_response:
                answer = _refuse(request, RpcError(RESPONSE_TOO_LARGE, "response too large"))
            elif now - start > self._limits.batch_seconds:
                answer = _refuse(request, RpcError(TIMED_OUT, "request timed out"))
            else:
                answer = await self._answer_one(context, request, turns)
            if answer is not None:
                answers.append(answer)
                size += len(answer)
        return answers


class _Turns:
    """When others get their turn in the midst of something long."""

    def __init__(self, has_left: Callable[[], bool]) -> None:
        self._has_left: Final = has_left
        self._began = perf_counter()

    async def give(self) -> None:
        """Let others have their turn if it is time; ClientLeft if nobody waits for us any more."""
        if perf_counter() - self._began > YIELD_SECONDS:
            if self._has_left():
                raise ClientLeft
            await asyncio.sleep(0)
            self._began = perf_counter()


async def _encoded(result: Any, turns: _Turns) -> str:
    """Return a result as JSON, of a long list some items at a time."""
    if not isinstance(result, list) or len(result) <= ENCODED_AT_ONCE:
        return encode(result)
    parts = []
    for first in range(0, len(result), ENCODED_AT_ONCE):
        parts.append(encode(result[first : first + ENCODED_AT_ONCE])[1:-1])
        await turns.give()
    return f"[{','.join(parts)}]"


def failure(identifier: str, error: RpcError) -> str:
    """Return the answer to a request, whose id is given as JSON, that ends in an error."""
    content: dict[str, object] = {"code": error.code, "message": error.message}
    if error.data is not None:
        content["data"] = error.data
    return f'{{"jsonrpc":"2.0","id":{identifier},"error":{encode(content)}}}'


def _take_apart(request: object) -> tuple[str, list[object], str]:
    """Method, parameters and id (as JSON) of a request."""
    if not isinstance(request, dict):
        raise RpcError(INVALID_REQUEST, "invalid request: expected an object")
    if request.get("jsonrpc") != "2.0":
        raise RpcError(INVALID_REQUEST, 'invalid request: expected "jsonrpc": "2.0"')
    method = request.get("method")
    if not isinstance(method, str):
        raise RpcError(INVALID_REQUEST, "invalid request: expected a string in method")
    try:
        shown = _shown(request.get("id"))
    except ValueError:
        raise RpcError(INVALID_REQUEST, "invalid request: expected a string, a number or null in id") from None
    given = request.get("params")
    if given is None:
        return method, [], shown
    if not isinstance(given, list):
        raise RpcError(INVALID_PARAMS, "non-array args: parameters go by position")
    return method, given, shown


def _identifier(request: object) -> str:
    """The id, as JSON, of a request that is none; null if it cannot be told."""
    if not isinstance(request, dict):
        return "null"
    try:
        return _shown(request.get("id"))
    except ValueError:
        return "null"


def _shown(identifier: object) -> str:
    """An id as JSON; ValueError for what is none, as an object or a number that JSON does not have."""
    if type(identifier) is int:
        return str(identifier)
    if identifier is None or isinstance(identifier, str | float):
        return encode(identifier)
    raise ValueError("expected a string, a number or null")


def _refuse(request: object, error: RpcError) -> str | None:
    """The answer to a request of a batch that is not carried out; None to a notification."""
    if isinstance(request, dict) and "id" not in request:
        return None
    return failure(_identifier(request), error)
