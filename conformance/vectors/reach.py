"""Which branches of specification and ledger a request reaches: ways of an ``if``, and where refusals come from."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final, NamedTuple

import spec
from ledger.blocks import BlockError
from ledger.chain import ChainError
from ledger.transactions import TransactionError
from spec.errors import Revert

SPEC: Final = Path(spec.__file__).parent
LEFT_OUT: Final = (
    *("contract.py", "encoding.py", "events.py", "genesis.py", "hashing.py", "machine.py", "parameters.py"),
    *("storage.py", "uint256.py", "world.py"),
)
"""Files of the specification that say nothing about the protocol."""

LEDGER: Final = (
    *("ledger/blocks.py", "ledger/checked.py", "ledger/execution.py", "ledger/transactions.py"),
    *("ledger/chain/branch.py", "ledger/chain/chain.py"),
)
"""Files of the ledger that say what is right: a vector with blocks reaches these as well."""

REFUSALS: Final = (Revert, BlockError, TransactionError, ChainError)

Trace = Callable[[FrameType, str, Any], Any]


class Branch(NamedTuple):
    """An ``if``: the lines of its condition, and of what is done if it holds."""

    text: str
    first: int
    last: int
    body_first: int
    body_last: int


class Source(NamedTuple):
    """What a file looks like."""

    name: str
    lines: tuple[str, ...]
    branches: dict[int, Branch]
    """Line of a condition |-> its branch."""


def reached_by(act: Callable[[], object]) -> frozenset[str]:
    """Return the points of the specification that ``act`` reaches; whatever it raises is its own."""
    points: set[str] = set()

    def enter(frame: FrameType, event: str, _: Any) -> Trace | None:
        source = _source(frame.f_code) if event == "call" else None
        if source is None:
            return None
        points.add(f"{_function(source, frame.f_code)} is called")
        return _follower(source, points)

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        act()
    finally:
        sys.settrace(before)
    return frozenset(points)


def _follower(source: Source, points: set[str]) -> Trace:
    """Return what follows one frame from line to line."""
    pending: Branch | None = None

    def follow(frame: FrameType, event: str, argument: Any) -> Trace:
        nonlocal pending
        line = frame.f_lineno
        if event == "exception":
            pending = None
            if issubclass(argument[0], REFUSALS):
                statement = source.lines[line - 1].strip()
                points.add(f"{_function(source, frame.f_code)}: {statement} raises {_reason(argument[1])}")
        elif pending is not None and not (event == "line" and pending.first <= line <= pending.last):
            holds = event == "line" and pending.body_first <= line <= pending.body_last
            points.add(f"{_function(source, frame.f_code)}: {pending.text} {'holds' if holds else 'does not hold'}")
            pending = None
        if event == "line":
            pending = source.branches.get(line, pending)
        return follow

    return follow


def _reason(refusal: Exception) -> str:
    return str(refusal.reason if isinstance(refusal, Revert) else getattr(refusal, "code", "an error"))


def _function(source: Source, code: CodeType) -> str:
    return f"{source.name} {code.co_qualname.replace('_declare.<locals>.', '')}"


@cache
def _source(code: CodeType) -> Source | None:
    path = Path(code.co_filename)
    return read_source(path) if _counts(path) and not code.co_name.startswith("<") else None


def _counts(path: Path) -> bool:
    if path.is_relative_to(SPEC):
        return path.name not in LEFT_OUT and not path.is_relative_to(SPEC / "invariants")
    return path.is_relative_to(SPEC.parent) and path.relative_to(SPEC.parent).as_posix() in LEDGER


@cache
def read_source(path: Path) -> Source:
    """Return the branches of a file."""
    text = path.read_text(encoding="utf-8")
    branches: dict[int, Branch] = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.If):
            last = node.test.end_lineno or node.lineno
            shown = ast.get_source_segment(text, node.test) or ""
            branch = Branch(f"if {shown}", node.lineno, last, node.body[0].lineno, node.body[-1].end_lineno or 0)
            branches |= dict.fromkeys(range(node.lineno, last + 1), branch)
    name = path.relative_to(SPEC.parent).as_posix()
    return Source(name, tuple(text.splitlines()), branches)
