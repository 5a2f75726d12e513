"""The scores that come with the package, and what the command says of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from conformance.cli.app import app
from conformance.cli.trust import scores
from conformance.trust.mutants.scoring import NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping


def _said(*options: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["trust", "scores", *options])
    return result.exit_code, result.stdout


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """Scores in which all is well; a test may spoil them."""
    levels = dict.fromkeys(NAMES, 10)
    content: dict[str, dict[str, Any]] = {
        "mutants": {
            "sides": [
                {"side": "bytecode", "mutants": 12, "killed": {**levels, "status": 5}, "indistinguishable": 2,
                 "unexplained": 0}
            ]
        },
        "reach": {"summary": [{"kind": "boundary", "places": 8, "reached": 7, "unreachable": 1, "fewest_hits": 3}]},
        "saboteurs": {"machines_that_lie": 3, "caught": 3},
        "proofs": {"solver": "z3", "theorems": [{"verdict": "proved"}]},
    }  # fmt: skip

    def committed(part: str) -> Mapping[str, Any]:
        return content[part]

    monkeypatch.setattr(scores, "committed", committed)
    return content


def test_the_scores_that_come_with_the_package_are_complete_and_miss_nothing() -> None:
    status, said = _said("--json")

    found = json.loads(said)
    assert (status, found["holds"], found["not_computed"]) == (0, True, [])
    assert [row["side"] for row in found["mutants"]] == ["bytecode", "solidity", "specification"]
    assert all(row["mutants"] > 0 and row["unexplained"] == 0 for row in found["mutants"])
    assert all(row["found"] == row["of"] > 0 for row in found["others"])


@pytest.mark.usefixtures("made_up")
def test_percentages_are_of_mutants_that_can_be_told_apart() -> None:
    status, said = _said()
    assert status == 0
    row = next(line for line in said.splitlines() if "bytecode" in line)
    assert [cell.strip() for cell in row.strip("│ ").split("│")] == [
        *("bytecode", "10", "50.0 %", "100.0 %", "100.0 %", "100.0 %", "100.0 %", "2"),
    ]


@pytest.mark.parametrize(
    "part,path,value",
    [
        ("mutants", ("sides", 0, "unexplained"), 1),
        ("reach", ("summary", 0, "reached"), 6),
        ("saboteurs", ("caught",), 2),
        ("proofs", ("theorems", 0, "verdict"), "unknown"),
    ],
)
def test_a_miss_is_a_failure(made_up: dict[str, Any], part: str, path: tuple[Any, ...], value: object) -> None:
    at = made_up[part]
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value

    status, said = _said()

    assert status == 1
    assert said.splitlines()[-1] == "NOT AS STATED"


@pytest.mark.parametrize("part", scores.PARTS)
def test_scores_that_are_not_there_are_named(made_up: dict[str, Any], part: str) -> None:
    made_up[part] = {}
    status, said = _said()
    assert status == 1
    assert f"{part}: not computed yet: diem trust {part} --write" in said
