"""JSON-RPC 2.0: requests and batches of them in, answers out, whatever carries them and whatever the methods do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
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
"""How long a batch goes on before other clients get their turn."""

_log: Final = logging.getLogger("diem.rpc")


class Dispatcher:
    """Answers requests by a table of methods."""

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

    async def answer(self, context: Any, body: bytes | str) -> str | None:
        """Return the answer to a request or a batch, None if there is none because all were notifications.

        Nothing is awaited but the turns of others in the midst of a long batch.
        """
        try:
            content = decode(body)
        except ValueError:
            return failure("null", RpcError(PARSE_ERROR, "parse error: expected JSON in UTF-8"))
        if not isinstance(content, list):
            return self.answer_one(context, content)
        if not content:
            return failure("null", RpcError(INVALID_REQUEST, "empty batch"))
        if len(content) > self._limits.batch:
            return failure("null", RpcError(INVALID_REQUEST, f"batch too large: more than {self._limits.batch}"))
        answers = await self._answer_batch(context, content)
        return f"[{','.join(answers)}]" if answers else None

    def answer_one(self, context: Any, request: object) -> str | None:
        """Return the answer to one request, None to a notification."""
        try:
            method, given, identifier = _take_apart(request)
        except RpcError as error:
            return failure(_identifier(request), error)
        start = perf_counter()
        answer, outcome = self._carry_out(context, method, given, identifier)
        if self._observe is not None:
            self._observe(method if method in self._methods else "unknown", outcome, perf_counter() - start)
        return answer if "id" in cast(dict[str, object], request) else None

    def _carry_out(self, context: Any, name: str, given: list[object], identifier: str) -> tuple[str, str]:
        """The answer, and what is to be said of it to who counts."""
        try:
            result = encode(self._method(name).answer(context, given))
        except RpcError as error:
            return failure(identifier, error), str(error.code)
        except StoreError as error:
            self._store_failed(str(error))
            return failure(identifier, RpcError(INTERNAL_ERROR, str(error))), str(INTERNAL_ERROR)
        except Exception:
            _log.exception("an error in %s", name)
            return failure(identifier, RpcError(INTERNAL_ERROR, "internal error")), str(INTERNAL_ERROR)
        return f'{{"jsonrpc":"2.0","id":{identifier},"result":{result}}}', "ok"

    def _method(self, name: str) -> Method:
        method = self._methods.get(name)
        if method is None:
            shown = name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}..."
            raise RpcError(METHOD_NOT_FOUND, f"the method {shown} does not exist/is not available")
        return method

    async def _answer_batch(self, context: Any, requests: list[object]) -> list[str]:
        """The answers, less those to notifications; errors in place of those for which there is no room or no time."""
        answers: list[str] = []
        size = 0
        start = turn = perf_counter()
        for request in requests:
            now = perf_counter()
            if now - turn > YIELD_SECONDS:
                await asyncio.sleep(0)
                turn = perf_counter()
            if size > self._limits.batch_response:
                answer = _refuse(request, RpcError(RESPONSE_TOO_LARGE, "response too large"))
            elif now - start > self._limits.batch_seconds:
                answer = _refuse(request, RpcError(TIMED_OUT, "request timed out"))
            else:
                answer = self.answer_one(context, request)
            if answer is not None:
                answers.append(answer)
                size += len(answer)
        return answers


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
