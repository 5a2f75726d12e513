"""Branches of the specification: which there are, and which a run has gone, by the package ``coverage``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple, TypeVar

import spec

SPEC: Final = Path(spec.__file__).parent

LEFT_OUT: Final = ("curve_table.py", "events.py", "genesis.py", "parameters.py", "quantities.py", "timeline.py")
"""Files of the specification that run before any call, or beside it; so do the invariants."""

Result = TypeVar("Result")


class Ways(NamedTuple):
    """Ways through the specification, each by file, function, and the lines from which and to which it leads."""

    gone: frozenset[str]
    not_gone: frozenset[str]


def traced(run: Callable[[], Result]) -> tuple[Result, Ways]:
    """Return what ``run`` returns, and the ways that it has gone.

    Raises
    ------
    ModuleNotFoundError : coverage is not installed.
    """
    from coverage import Coverage

    omitted = [str(SPEC / name) for name in (*LEFT_OUT, "invariants/*", "presets/*")]
    tracer = Coverage(data_file=None, branch=True, config_file=False, source=[str(SPEC)], omit=omitted)
    with tracer.collect():
        result = run()
    with TemporaryDirectory() as folder:
        report = Path(folder) / "coverage.json"
        tracer.json_report(outfile=str(report))
        files = json.loads(report.read_text(encoding="utf-8"))["files"]
    return result, Ways(*(frozenset(_named(files, which)) for which in ("executed_branches", "missing_branches")))


def _named(files: dict[str, Any], which: str) -> Iterator[str]:
    for name, found in files.items():
        path = Path(name).resolve()
        for function, measured in found["functions"].items():
            where = f"{path.relative_to(SPEC.parent).as_posix()} {function.removeprefix('_declare.')}"
            everything = measured["executed_branches"] + measured["missing_branches"]
            names = _texts(path, sorted(map(tuple, everything)))
            yield from (f"{where}: {names[from_, to]}" for from_, to in measured[which])


def _texts(path: Path, branches: Iterable[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """Return (from, to) |-> the two lines; those that read alike are numbered."""
    lines, seen, texts = _lines(path), Counter[str](), {}
    for from_, to in branches:
        target = lines[to - 1].strip() if to > 0 else "the end"
        text = f"{lines[from_ - 1].strip()} -> {target}"
        seen[text] += 1
        texts[from_, to] = text if seen[text] == 1 else f"{text} ({seen[text]})"
    return texts


@cache
def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()
