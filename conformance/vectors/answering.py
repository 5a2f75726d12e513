"""The answer to a request, from whatever carries out calls: what vectors are filled with, and what a machine says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from conformance.vectors.chains.answering import answer_chain, answer_crash
from conformance.vectors.components import answer_component
from conformance.vectors.encoding import Json, Malformed, brief, hexadecimal, integer
from conformance.vectors.executors import Executor, changed_words
from conformance.vectors.receipts import read_call, receipt_json
from conformance.vectors.state import State, read_state, words_json
from spec.machine import CONTRACTS


def answer(format_: str, request: Json, executor: Executor) -> Json:
    """Return the answer to a request, its state spelt out.

    Raises
    ------
    Malformed : the request is not of this format, or there is no such format.
    OffChain : the request is not for such an executor.
    StoreError : what a crash has left of a store does not hold together.
    """
    if format_ not in _ANSWERS:
        raise Malformed(f"expected a format, one of {', '.join(_ANSWERS)}; found {brief(format_)}")
    return _ANSWERS[format_](request, executor)


def _call(request: Json, executor: Executor) -> Json:
    state = read_state(request.get("state"))
    call = read_call(request.get("call"))
    executor.start(state)
    receipt = executor.call(call)
    return {**receipt_json(call, receipt), "words": words_json(changed_words(executor, state.words))}


def _sequence(request: Json, executor: Executor) -> Json:
    state = read_state(request.get("state"))
    calls = [read_call(call) for call in _list(request.get("calls"))]
    stops = {integer(stop) for stop in _list(request.get("checkpoints"))}
    executor.start(state)
    receipts, checkpoints = [], []
    for number, call in enumerate(calls, 1):
        receipts.append(receipt_json(call, executor.call(call)))
        if number in stops:
            checkpoints.append({"after": str(number), **_checkpoint(state, executor)})
    return {"receipts": receipts, "checkpoints": checkpoints}


def _checkpoint(start: State, executor: Executor) -> Json:
    roots = {contract.name: hexadecimal(executor.storage_root(address)) for address, contract in CONTRACTS.items()}
    return {"roots": roots, "words": words_json(changed_words(executor, start.words))}


def _list(value: object) -> list[Any]:
    if isinstance(value, list):
        return value
    raise Malformed(f"expected a list, found {brief(value)}")


_ANSWERS: Final[dict[str, Callable[[Json, Executor], Json]]] = {
    "component": answer_component,
    "call": _call,
    "sequence": _sequence,
    "chain": answer_chain,
    "crash": answer_crash,
}
