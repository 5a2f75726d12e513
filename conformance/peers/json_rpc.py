"""JSON-RPC over one kept connection, as a benchmark or a comparison needs it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from itertools import count
from typing import Any, Final

from conformance.peers.client import PeerError

TIMEOUT: Final = 120
"""s, for one answer."""

Request = tuple[str, Sequence[object]]
"""A method and its parameters."""


class AnswerError(PeerError):
    """The server answers with an error."""

    def __init__(self, method: str, error: object) -> None:
        super().__init__(f"{method}: {error}")
        self.error: Final = error
        """As the server has sent it."""


class JsonRpc:
    """A client of one server, which answers one request or batch after the other."""

    def __init__(self, host: str, port: int) -> None:
        self._connection = HTTPConnection(host, port, timeout=TIMEOUT)
        self._ids = count(1)

    def call(self, method: str, *parameters: object) -> Any:
        """Return the result of one request.

        Raises
        ------
        PeerError : there is no answer.
        AnswerError : it is an error.
        """
        return _result(method, self._post(self._request(method, parameters)))

    def batch(self, requests: Sequence[Request]) -> list[Any]:
        """Return the results of several requests sent at once, in their order; errors as ``call``, of the first."""
        if not requests:
            return []
        sent = [self._request(method, parameters) for method, parameters in requests]
        answers = self._post(sent)
        if not isinstance(answers, list):
            raise PeerError(f"batch: expected a list of answers, found {answers!r}")
        by_id = {answer.get("id"): answer for answer in answers}
        return [_result(request["method"], by_id.get(request["id"])) for request in sent]

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _request(self, method: str, parameters: Sequence[object]) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": list(parameters)}

    def _post(self, body: object) -> Any:
        try:
            self._connection.request("POST", "/", json.dumps(body), {"Content-Type": "application/json"})
            return json.loads(self._connection.getresponse().read())
        except (OSError, HTTPException, ValueError) as error:
            self._connection.close()
            raise PeerError(f"no answer by JSON-RPC: {type(error).__name__}: {error}") from None


def _result(method: str, answer: Any) -> Any:
    if not isinstance(answer, dict) or "result" not in answer:
        error = answer.get("error", answer) if isinstance(answer, dict) else answer
        raise AnswerError(method, error)
    return answer["result"]
