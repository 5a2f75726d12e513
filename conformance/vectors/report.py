"""What a run came to: as text for people, as JSON, and as JUnit for what shows test results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from xml.etree import ElementTree

from rich.table import Table

from conformance.vectors.consume import FAILED, PASSED, SKIPPED, Outcome, counts, failures, holds

MOST_SHOWN = 20
"""Failures that the text shows; the others are counted, and stand in the JSON and the JUnit report."""


class Report(NamedTuple):
    """A run of vectors against a target."""

    vectors: str
    """The version of the set."""
    root: str
    target: str
    parts: tuple[str, ...]
    """What was compared, where it was answered."""
    outcomes: list[Outcome]
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether something was compared, and nothing failed."""
        return holds(self.outcomes)


def group(id_: str) -> str:
    """Return what a vector is counted under: its format, and what it is about."""
    return "/".join(id_.split("/")[:2])


def table(report: Report) -> Table:
    """Return the counts for people."""
    shown = Table("vectors", PASSED, FAILED, SKIPPED)
    for column in shown.columns[1:]:
        column.justify = "right"
    for name, outcomes in _groups(report.outcomes):
        shown.add_row(name, *map(str, counts(outcomes).values()))
    return shown


def lines(report: Report) -> Iterator[str]:
    """Yield the failures, the reasons for what was skipped, and the sum."""
    failed = list(failures(report.outcomes))
    for outcome in failed[:MOST_SHOWN]:
        yield f"FAILED {outcome.id}: {describe(outcome)}"
    if len(failed) > MOST_SHOWN:
        yield f"FAILED {len(failed) - MOST_SHOWN} more, not shown"
    reasons = Counter(outcome.reason for outcome in report.outcomes if outcome.verdict == SKIPPED)
    for reason, count in reasons.most_common():
        yield f"skipped {count}: {reason}"
    found = counts(report.outcomes)
    verdict = "PASSES" if report.holds else "DOES NOT PASS"
    summary = ", ".join(f"{count} {name}" for name, count in found.items())
    nothing = "" if found[PASSED] or found[FAILED] else "; nothing was compared"
    yield f"{verdict}: {summary}{nothing} ({report.seconds:.0f} s)"


def describe(outcome: Outcome) -> str:
    """Return why a vector failed."""
    if outcome.difference is None:
        return f"{outcome.kind}: {outcome.reason}"
    return f"{outcome.difference.where}: expected {outcome.difference.left}, got {outcome.difference.right}"


def as_json(report: Report) -> dict[str, Any]:
    """Return all of it for machines."""
    return {
        "holds": report.holds,
        "vectors": report.vectors,
        "root": report.root,
        "target": report.target,
        "compared": list(report.parts),
        **{name: str(count) for name, count in counts(report.outcomes).items()},
        "failures_by_kind": {
            kind: str(count) for kind, count in Counter(one.kind for one in failures(report.outcomes)).most_common()
        },
        "outcomes": [_outcome_json(outcome) for outcome in report.outcomes],
    }


def _outcome_json(outcome: Outcome) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": outcome.id, "verdict": outcome.verdict}
    if outcome.verdict == FAILED:
        shown["kind"] = outcome.kind
    if outcome.difference is not None:
        where, expected, got = outcome.difference
        shown["first_difference"] = {"field": where, "expected": expected, "got": got}
    elif outcome.verdict != PASSED:
        shown["reason"] = outcome.reason
    return shown


def as_junit(report: Report) -> bytes:
    """Return all of it in JUnit's XML: a suite for each group, a case for each vector."""
    root = ElementTree.Element("testsuites", name=f"vectors {report.vectors}")
    for name, outcomes in _groups(report.outcomes):
        found = counts(outcomes)
        suite = ElementTree.SubElement(root, "testsuite", name=name, tests=str(len(outcomes)))
        suite.attrib |= {"failures": str(found[FAILED]), "skipped": str(found[SKIPPED]), "errors": "0"}
        for outcome in outcomes:
            case = ElementTree.SubElement(suite, "testcase", classname=name, name=outcome.id)
            case.set("time", f"{outcome.seconds:.3f}")
            if outcome.verdict == FAILED:
                ElementTree.SubElement(case, "failure", type=outcome.kind, message=_printable(describe(outcome)))
            elif outcome.verdict == SKIPPED:
                ElementTree.SubElement(case, "skipped", message=_printable(outcome.reason))
    ElementTree.indent(root)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _printable(text: str) -> str:
    """Return a text without what XML cannot hold."""
    return "".join(character if character.isprintable() else " " for character in text)


def _groups(outcomes: Sequence[Outcome]) -> Iterator[tuple[str, list[Outcome]]]:
    for name in dict.fromkeys(group(outcome.id) for outcome in outcomes):
        yield name, [outcome for outcome in outcomes if group(outcome.id) == name]
