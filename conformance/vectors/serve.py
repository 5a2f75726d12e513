"""The other side of the protocol over lines: one of our machines as a program that answers requests."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import IO, Any

from conformance.vectors.answering import answer
from conformance.vectors.components import OffChain
from conformance.vectors.encoding import Json, Malformed
from conformance.vectors.executors import Executor
from conformance.vectors.library import FORMATS
from conformance.vectors.targets.machine import MACHINE_PARTS
from conformance.vectors.targets.program import PROTOCOL
from ledger.json_text import decode
from ledger.store import StoreError


def serve(executor: Executor, requests: Iterable[str], answers: IO[str]) -> None:
    """Answer each line of ``requests`` by a line, until there are no more."""
    for line in requests:
        answers.write(json.dumps(_answered(executor, decode(line)), separators=(",", ":")) + "\n")
        answers.flush()


def _answered(executor: Executor, message: Json) -> Json:
    if "hello" in message:
        implements = [f"{format_}/" for format_ in FORMATS]
        hello = {"protocol": PROTOCOL, "name": executor.name, "implements": implements}
        return {"hello": {**hello, "answers": sorted(MACHINE_PARTS)}}
    said: dict[str, Any] = {"id": message["id"]}
    try:
        return {**said, "answer": answer(message["format"], message["request"], executor)}
    except OffChain as reason:
        return {**said, "skip": str(reason)}
    except (Malformed, StoreError) as error:
        return {**said, "error": str(error)}
