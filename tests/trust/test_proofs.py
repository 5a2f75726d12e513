"""What is proved and what is refuted, as far as that takes seconds; `diem trust proofs` does all of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
from typer.testing import CliRunner

from conformance.cli.app import app
from conformance.trust import scores_file
from conformance.trust.proofs import checking, processes, scores
from conformance.trust.proofs.checking import KEYS, check, name_of, refute
from conformance.trust.proofs.edition import Edition
from conformance.trust.proofs.faults import FAULTS, LIMITS, Fault
from conformance.trust.proofs.reading import SCALE, Lemma, Outside, concrete_reading
from conformance.trust.proofs.theorems import THEOREMS
from conformance.trust.scores_file import committed

ROOT = Path(__file__).resolve().parents[2]
FAST = ("curve", "rounding", "splitting", "monotone", "overflow")
LEMMAS = list(dict.fromkeys(lemma for theorem in THEOREMS for lemma in theorem.lemmas))
CARD = re.compile(r"^\| (INV-\d\d) \|.*\| ([^|]+) \|$", re.MULTILINE)


def test_the_fast_theorems_are_proved() -> None:
    results = check(FAST)
    assert [result.theorem.key for result in results.theorems] == [each.key for each in THEOREMS if each.key in FAST]
    assert {result.verdict for result in results.theorems} == {"proved"}
    assert results.hold
    assert list(scores.apart(scores.document(results), committed("proofs"), all_of_them=False)) == []


@pytest.mark.parametrize("key", ["quote-up", "cost-down"])
def test_a_planted_fault_is_refuted_and_the_counterexample_shows_it(key: str) -> None:
    (result,) = check([key]).faults
    assert result.refutation.answer.verdict == "refuted"
    assert result.refutation.confirmed
    assert result.lemma.answer.verdict == "refuted"
    assert result.found


def test_a_claim_that_holds_is_no_refutation() -> None:
    claim = next(fault.claim for fault in FAULTS if fault.key == "cost-down")
    refutation = refute(claim)
    assert refutation.answer.verdict == "proved"
    assert not refutation.confirmed


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.key)
def test_each_fault_can_be_planted(fault: Fault) -> None:
    name = fault.patch.module
    edition = Edition(patches=[fault.patch])
    assert edition.source(name) != Edition().source(name)
    edition.module(name)


def some_number(random: Random, name: str) -> int:
    if random.random() < 0.05:
        return random.randrange(2**256)
    if "rate" in name:
        return random.choice([SCALE, random.randrange(SCALE, 4 * SCALE)])
    return random.randrange(40 if "end" in name else 12)


class Inputs(dict[str, int]):
    """Numbers for whatever a lemma asks."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def get(self, name: str, default: Any = None) -> Any:
        return self.setdefault(name, some_number(self.random, name))


DIRECT = [lemma for lemma in LEMMAS if name_of(lemma).startswith("whole.")]


@pytest.mark.parametrize("lemma", DIRECT, ids=name_of)
def test_what_is_proved_holds_of_plain_integers_too(lemma: Lemma) -> None:
    inputs, spoken = Inputs(Random(1)), 0  # noqa: S311
    reading = concrete_reading(inputs)
    for _ in range(200):
        inputs.clear()
        try:
            assert all(map(bool, lemma(reading))), dict(inputs)
            spoken += 1
        except (Outside, reading.revert):
            continue
    assert spoken > 10


def test_every_key_is_a_name_of_one_thing() -> None:
    assert len(set(KEYS)) == len(KEYS) == len(THEOREMS) + len(FAULTS) + len(LIMITS)
    assert len(set(map(name_of, LEMMAS))) == len(LEMMAS)
    assert all(lemma.__doc__ for lemma in LEMMAS)
    known = {theorem.key: theorem for theorem in THEOREMS}
    assert {fault.theorem for fault in FAULTS} <= set(known)


def test_the_committed_scores_are_of_what_is_stated_now() -> None:
    """The verdicts are computed anew by the command; statements, bounds and names are compared here."""
    content = committed("proofs")
    rows = {row["name"]: row for row in content["theorems"]}
    assert list(rows) == [theorem.key for theorem in THEOREMS]
    for theorem in THEOREMS:
        row = rows[theorem.key]
        assert (row["statement"], row["bounds"]) == (theorem.statement, theorem.bounds)
        assert row["lemmas"] == ", ".join(map(name_of, theorem.lemmas))
    assert [row["name"] for row in content["faults"]] == [fault.key for fault in FAULTS]
    assert [row["name"] for row in content["limits"]] == [limit.key for limit in LIMITS]
    lemmas = {row["name"]: row["statement"] for row in content["lemmas"]}
    assert lemmas == {name_of(lemma): " ".join((lemma.__doc__ or "").split()) for lemma in LEMMAS}


def test_all_that_is_committed_holds() -> None:
    content = committed("proofs")
    assert {row["verdict"] for row in (*content["theorems"], *content["lemmas"])} == {"proved"}
    assert all(row["verdict"] == "refuted" and row["confirmed"] for row in (*content["faults"], *content["limits"]))
    assert all(row["lemma_verdict"] != "proved" for row in content["faults"])


def test_a_card_says_that_it_is_proved_where_it_is_and_nowhere_else() -> None:
    cards = dict(CARD.findall((ROOT / "spec/README.md").read_text(encoding="utf-8")))
    assert len(cards) >= 15
    proved = {row["card"]: row["seconds"] for row in committed("proofs")["theorems"] if row["card"]}
    for card, how in cards.items():
        assert ("`diem trust proofs`" in how) == (card in proved), card
        assert ("proved" in how) == (card in proved), card


def test_the_page_on_proofs_names_all_there_is() -> None:
    page = (ROOT / "docs/PROOFS.md").read_text(encoding="utf-8")
    missing = [key for key in KEYS if f"`{key}`" not in page]
    assert not missing


DIFFERENCES = {
    "verdict": ("verdict", "unknown", 'theorems.curve.verdict: found "proved", committed "unknown"'),
    "bounds": ("bounds", "small ones", 'theorems.curve.bounds: found "any uint256; '),
    "name": ("name", "other", "theorems.curve: found {"),
}


@pytest.mark.parametrize("column,value,said", DIFFERENCES.values(), ids=DIFFERENCES)
def test_a_difference_from_the_committed_scores_is_told(column: str, value: str, said: str) -> None:
    content = committed("proofs")
    changed = json.loads(json.dumps(content))
    changed["theorems"][0][column] = value
    told = list(scores.apart(content, changed, all_of_them=False))
    assert len(told) == 1
    assert told[0].startswith(said)


def test_what_is_no_longer_computed_is_told_only_if_all_was() -> None:
    content = committed("proofs")
    fewer = {**content, "limits": content["limits"][1:]}
    assert list(scores.apart(fewer, content, all_of_them=False)) == []
    gone = content["limits"][0]["name"]
    (told,) = scores.apart(fewer, content, all_of_them=True)
    assert told.startswith(f"limits.{gone}: found nothing, committed ")


def test_times_and_examples_may_differ() -> None:
    content = committed("proofs")
    changed = json.loads(json.dumps(content))
    changed["faults"][0] |= {"seconds": 1000, "counterexample": "x = 1"}
    assert list(scores.apart(content, changed, all_of_them=True)) == []


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers as those of processes, of which one test starts some; to start them takes longer than small proofs."""
    monkeypatch.setattr(processes, "in_processes", lambda tasks, _: map(checking.ask, tasks))


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["trust", "proofs", *arguments])


def test_command_proves_and_refutes_what_it_is_asked_for() -> None:
    result = run("--only", "rounding", "--only", "cost-down", "--json")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert answer["holds"]
    assert [row["name"] for row in answer["theorems"]] == ["rounding"]
    assert answer["faults"][0]["counterexample"]


@pytest.mark.usefixtures("in_this_process")
def test_command_fails_where_the_scores_are_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    changed = committed("proofs")
    for row in changed["theorems"]:
        row["verdict"] = "unknown"
    (tmp_path / "proofs.json").write_text(json.dumps(changed), encoding="utf-8")
    monkeypatch.setattr(scores_file, "path_of", lambda part: tmp_path / f"{part}.json")
    result = run("--only", "rounding")
    assert result.exit_code == 1
    assert 'DIFFERS from the committed scores: theorems.rounding.verdict: found "proved"' in result.stdout
    assert result.stdout.startswith("Proved for all inputs")
    assert result.stdout.endswith("NOT AS STATED\n")


def test_command_fails_where_something_is_not_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = next(limit.claim for limit in LIMITS if limit.key == "cheap-monotone")
    monkeypatch.setattr(checking, "THEOREMS", (THEOREMS[1]._replace(lemmas=(cheap,)),))
    results = check([THEOREMS[1].key])
    assert results.theorems[0].verdict == "refuted"
    assert not results.hold


@pytest.mark.usefixtures("in_this_process")
def test_command_writes_scores_as_a_whole_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(scores_file, "path_of", lambda part: tmp_path / f"{part}.json")
    for name, entries in (("THEOREMS", THEOREMS[1:2]), ("FAULTS", ()), ("LIMITS", ()), ("KEYS", ("rounding",))):
        monkeypatch.setattr(checking, name, entries)
    assert run("--write").exit_code == 0
    written = json.loads((tmp_path / "proofs.json").read_text(encoding="utf-8"))
    assert [row["name"] for row in written["theorems"]] == ["rounding"]
    assert run().exit_code == 0


@pytest.mark.parametrize(
    "arguments,said",
    [
        (["--only", "nothing"], "--only: expected one of curve, rounding, "),
        (["--write", "--only", "curve"], "--write: expected no --only with it"),
    ],
)
def test_command_says_in_one_line_what_is_wrong(arguments: list[str], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"diem trust proofs: {said}")
    assert result.stderr.count("\n") == 1


def test_command_says_which_extra_has_the_solver() -> None:
    program = "import sys; sys.modules['z3'] = None; from conformance.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "trust", "proofs"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == (
        "diem trust proofs: expected the solver z3 to be installed: pip install 'vvv-diem-ledger[proofs]'\n"
    )
