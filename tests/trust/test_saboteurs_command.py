"""`diem trust saboteurs`: the committed verdicts are those that a run gives, and a machine that gets away fails it."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner, Result

from conformance.cli.app import app
from conformance.cli.trust import saboteurs as command
from conformance.trust import saboteurs
from conformance.trust.saboteurs import trial
from conformance.trust.saboteurs.saboteur import Saboteur
from conformance.trust.saboteurs.scores import document
from conformance.trust.saboteurs.trial import verdict_on
from conformance.trust.scores_file import committed, differences
from spec.parameters import load_preset

PRESET = load_preset(trial.PRESET)
QUICK = (saboteurs.RefusesEverything, saboteurs.PadsRevertData, saboteurs.ReordersLogs, saboteurs.StoresAWordWrong)


def diem(monkeypatch: pytest.MonkeyPatch, *liars: type[Saboteur], arguments: tuple[str, ...] = ()) -> Result:
    """Run the command with these machines only, and few calls."""
    for module in (trial, command):
        monkeypatch.setattr(module, "LIARS", liars)
    monkeypatch.setattr(trial, "CALLS", 60)
    return CliRunner().invoke(app, ["trust", "saboteurs", *arguments])


@pytest.mark.parametrize("liar", QUICK, ids=lambda liar: liar.__name__)
def test_a_verdict_is_the_one_that_is_committed(liar: type[Saboteur]) -> None:
    found = document([verdict_on(liar, PRESET)])["verdicts"][0]

    assert found in committed("saboteurs")["verdicts"]
    assert found["caught"]


def test_every_machine_is_among_the_committed_verdicts_and_only_the_honest_one_passed() -> None:
    rows = committed("saboteurs")["verdicts"]

    assert [row["machine"] for row in rows] == [*(liar.__name__ for liar in saboteurs.LIARS), "Saboteur"]
    assert [row["machine"] for row in rows if not row["caught"]] == ["Saboteur"]
    assert all(row["does"].endswith(".") for row in rows)
    assert {row["level"] for row in rows if row["caught"]} == {
        *(trial.STATUS, trial.REVERT_DATA, trial.OUTPUT, trial.LOGS, trial.WORDS, trial.ROOT)
    }


def test_a_machine_that_gets_away_fails_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    class LiesLate(saboteurs.RightAtFirst):
        """Lies later than anybody looks."""

    result = diem(monkeypatch, LiesLate)

    assert result.exit_code == 1
    assert "NOT in 60 calls" in result.stdout
    assert "NOT AS STATED: 0 of 1 machines that lie are caught, the honest one passes" in result.stdout


def test_verdicts_other_than_the_committed_ones_fail_it_and_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    result = diem(monkeypatch, saboteurs.RefusesEverything, arguments=("--json",))

    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["caught"] == 1
    assert not told["holds"]
    assert "machines_that_lie: found 1, committed 23" in told["differences"]


def test_differences_are_told_by_the_keys_that_lead_to_them() -> None:
    found = {"a": {"b": [1, 2]}, "c": 1, "d": [1]}
    expected = {"a": {"b": [1, 3]}, "d": [1, 2], "e": None}

    assert list(differences(found, found)) == []
    assert list(differences(found, expected)) == [
        "a.b[1]: found 2, committed 3",
        "c: found 1, committed nothing",
        "d: found [1], committed [1, 2]",
    ]
