"""`diem trust mutants` claims nothing of a side that it could not look at, and fails where that side was named."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from conformance.cli.app import app
from conformance.cli.trust import mutants
from conformance.trust.mutants import running, suite
from conformance.trust.mutants.running import Verdict
from conformance.trust.mutants.scoring import Kill, Level
from conformance.trust.mutants.sides import SideMissing
from tests.conformance.evms import WHY
from tests.trust.mutants_made_up import LIES

KILLED = Verdict(LIES[Level.STATUS], Kill(Level.STATUS, "program", 0), None)
SURVIVED = KILLED._replace(kill=None)


class Made:
    """A side, as far as the command looks at it."""

    left_out: Mapping[str, int] = {}


@pytest.fixture(autouse=True)
def _without_solidity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all other sides have one mutant, which is killed, and nothing be compared with the committed scores."""
    pytest.importorskip("pyrevm", reason=WHY)
    results_are(monkeypatch, KILLED)
    monkeypatch.setattr(mutants, "load_side", load)
    monkeypatch.setattr(mutants, "differences", lambda *_: [])
    monkeypatch.setattr(suite, "suite", list)


def load(name: str, *_: object) -> Made:
    if name == "solidity":
        raise SideMissing("mutants of the Solidity: node: expected it here")
    return Made()


def results_are(monkeypatch: pytest.MonkeyPatch, verdict: Verdict) -> None:
    monkeypatch.setattr(running, "run", lambda *_: running.Result([verdict], []))


def diem(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["trust", "mutants", *arguments])


@pytest.mark.parametrize(
    "sides,status,verdict",
    [
        ([], 0, "AS STATED: the mutants of the bytecode and the specification"),
        (["bytecode"], 0, "ALL AS STATED"),
        (["solidity"], 2, "NOT LOOKED AT"),
        (["solidity", "specification"], 2, "AS STATED: the mutants of the specification"),
    ],
)
def test_what_is_left_out_is_not_as_stated(sides: list[str], status: int, verdict: str) -> None:
    named = [argument for side in sides for argument in ("--side", side)]
    ran = diem(*named)
    assert (ran.exit_code, ran.stdout.splitlines()[-1]) == (status, verdict)
    said = "LEFT OUT: mutants of the Solidity: node: expected it here"
    assert (said in ran.stdout.splitlines()) == (sides != ["bytecode"])
    assert ("By kind" in ran.stdout) == (sides != ["solidity"])
    told: dict[str, Any] = json.loads(diem(*named, "--json").stdout)
    assert told["holds"] == (sides != ["solidity"])


def test_a_survivor_counts_for_more_than_what_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    results_are(monkeypatch, SURVIVED)
    ran = diem("--side", "solidity", "--side", "bytecode")
    assert (ran.exit_code, ran.stdout.splitlines()[-1]) == (1, "NOT AS STATED")


def test_scores_are_not_renewed_where_nothing_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(mutants, "write_scores", lambda part, _: written.append(part))
    assert diem("--side", "solidity", "--write").exit_code == 2
    assert written == []
    assert diem("--side", "bytecode", "--write").exit_code == 0
    assert written == ["mutants"]
