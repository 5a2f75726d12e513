"""Filling: the same bytes each time, from requests that each show something that no other does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from conformance.cli.app import app
from conformance.vectors import fill, release
from conformance.vectors.answering import answer
from conformance.vectors.candidates import Candidate
from conformance.vectors.chains import filling
from conformance.vectors.chains.chain_cases import chain_cases
from conformance.vectors.component_cases import CASES
from conformance.vectors.encoding import INFO, canonical, plain
from conformance.vectors.executors import SpecificationExecutor
from conformance.vectors.fill import Filler
from conformance.vectors.library import CORE, Entry, Library, open_library
from conformance.vectors.mutants import mutants
from conformance.vectors.reach import reached_by
from conformance.vectors.selection import WITH_MUTANTS, select
from tests.conformance.vector_sets import QUOTE, core_entries, core_vectors, files_of, vector_of, written

ROOT = Path(__file__).resolve().parents[2]

PAID = "chain/head/to-a-branch-and-on"
CASE = PAID, dict(chain_cases())[PAID]


def test_core_set_is_what_is_filled_in_a_process_with_another_hash_seed() -> None:
    command = [sys.executable, "-m", "conformance.cli", "vectors", "fill", str(CORE), "--check"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "1"}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_a_release_has_the_set_all_that_it_was_chosen_from_and_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = {"minimal": (1, 6)}
    for module in (fill, release):
        monkeypatch.setattr(module, "PROGRAMS", few)
        monkeypatch.setattr(module, "STORIES", few)
    monkeypatch.setattr(fill, "facts", lambda *_: ())
    monkeypatch.setattr(fill, "scenarios", lambda *_: ())
    monkeypatch.setattr(filling, "core_cases", lambda: iter([CASE]))
    monkeypatch.setattr(filling, "PRESETS", ("minimal",))
    monkeypatch.setattr(filling, "LONG", ((1, 2, 2),))
    small = written(tmp_path / "small", files_of(QUOTE))

    archives = [tmp_path / name for name in ("one.tar.gz", "two.tar.gz")]
    for archive in archives:
        arguments = ["vectors", "fill", "--release", "--requests", str(small), "--archive", str(archive)]
        run = CliRunner().invoke(app, arguments)
        assert run.exit_code == 0, run.output
    assert archives[0].read_bytes() == archives[1].read_bytes()

    made = open_library(archives[0])
    ids = dict.fromkeys(made.index["vectors"])
    assert {entry.fault for entry in made.entries()} == {None}
    components = {f"component/{name}/{case}" for name, cases in CASES.items() for case in cases}
    stories = {"sequence/program/minimal-0", "sequence/program/minimal-6-calls-0"}
    assert components | stories | {CASE[0], "chain/random/minimal-2-blocks-0"} <= ids.keys()
    assert sum(id_.startswith("call/") for id_ in ids) == 12
    assert dict(made.vectors())[QUOTE] == vector_of(QUOTE)


def test_blocks_are_made_anew_where_the_specification_answers_otherwise() -> None:
    before = vector_of(PAID)
    free = next(one for one in mutants() if one.name.endswith("_move: balances[sender] -= amount [left out]"))
    with free.applied():
        after = Filler().refill(Library(files_of(PAID), "here"))[PAID]
    assert [step["status"] for step in after["answer"]["steps"]] == [True] * len(before["answer"]["steps"])
    assert after["answer"]["chain"][0] == before["answer"]["chain"][0]
    assert not {*after["answer"]["chain"][2:]} & {*before["answer"]["chain"][2:]}


def test_a_release_is_made_of_a_set_that_has_been_chosen(tmp_path: Path) -> None:
    run = CliRunner().invoke(app, ["vectors", "fill", str(tmp_path), "--release", "--select"])
    assert run.exit_code == 2
    assert "--release: expected no --select" in run.stderr


def test_each_mutant_that_a_vector_alone_kills_it_kills() -> None:
    known = {mutant.name: mutant for mutant in mutants()}
    killed: dict[str, list[str]] = defaultdict(list)
    for entry in core_entries():
        for point in entry.info["alone"]:
            if point.startswith("mutant "):
                killed[point.removeprefix("mutant ")].append(entry.id)
    assert len(killed) > 100
    by_id = {entry.id: entry for entry in core_entries()}
    for name, ids in killed.items():
        with known[name].applied():
            for id_ in ids:
                assert not _answered_alike(id_, by_id), f"{name} is not told apart by {id_}"


def _answered_alike(id_: str, by_id: dict[str, Entry]) -> bool:
    entry = by_id[id_]
    try:
        given = answer(entry.format, entry.request, SpecificationExecutor())
    except Exception:  # whatever a mutant fails with
        return False
    expected = {key: value for key, value in entry.answer.items() if key != "variables"}
    return canonical(given) == canonical(expected)


def test_mutants_are_gone_when_they_are_taken_back() -> None:
    (entry,) = (each for each in core_entries() if each.id == next(iter(core_vectors())))
    for mutant in list(mutants())[:40]:
        with mutant.applied():
            pass
    assert _answered_alike(entry.id, {entry.id: entry})


def test_every_branch_of_the_set_is_reached_by_some_vector_and_what_is_alone_only_by_one() -> None:
    quotes = [entry for entry in core_entries() if entry.id.startswith("component/quote/")]
    reached = {
        entry.id: reached_by(partial(answer, entry.format, entry.request, SpecificationExecutor())) for entry in quotes
    }
    for entry in quotes:
        for point in entry.info["alone"]:
            if point.startswith("spec/"):
                assert [id_ for id_, points in reached.items() if point in points] == [entry.id]


def test_what_adds_nothing_is_left_out() -> None:
    def candidate(case: str, stem: str) -> Candidate:
        request = {"component": "quote", "input": {key: plain(value) for key, value in CASES["quote"][case].items()}}
        return Candidate(stem, "component/quote", "component", request, case, "PROTOCOL 5", "A", "by hand")

    cases = ("within-a-step", "across-three-steps", "empty-table")
    twice = [candidate(case, f"component/quote/{case}-{number}") for case in cases for number in range(2)]

    chosen = select(twice, lambda request: request)

    assert len({one.candidate.description for one in chosen}) == len(chosen) <= len(cases)
    assert "empty-table" in {one.candidate.description for one in chosen}
    assert all(one.alone for one in chosen)
    assert "component" in WITH_MUTANTS


def test_reach_tells_the_ways_of_a_branch_apart_and_where_a_refusal_comes_from() -> None:
    def points(case: str) -> frozenset[str]:
        request = {"component": "quote", "input": {key: plain(value) for key, value in CASES["quote"][case].items()}}
        return reached_by(lambda: answer("component", request, SpecificationExecutor()))

    where = "spec/staking/mint_curve.py quote_at"
    assert f"{where}: if svvv_amount == 0 holds" in points("nothing")
    assert f"{where}: if svvv_amount == 0 does not hold" not in points("nothing")
    assert f"{where}: raise INSUFFICIENT_SUPPLY() raises INSUFFICIENT_SUPPLY" in points("empty-table")
    both = {f"{where}: if cost >= remaining holds", f"{where}: if cost >= remaining does not hold"}
    assert both <= points("across-three-steps")


def test_what_is_known_about_a_vector_is_kept_when_it_is_answered_anew() -> None:
    vector = next(iter(core_vectors().values()))
    again = Filler().answered(vector["format"], vector["request"], {**vector[INFO], "specification": "0.0.0"})
    assert again == vector


@pytest.mark.parametrize("component", [name for name in CASES if name != "curve_table"])
def test_numbers_of_a_component_go_beyond_a_float_and_beyond_64_bits(component: str) -> None:
    values = [
        int(value)
        for entry in core_entries()
        if entry.id.startswith(f"component/{component}/") and entry.answer["status"]
        for value in entry.answer["values"].values()
    ]
    assert any(value > 2**53 and value != float(value) for value in values)
    assert any(value > 2**64 for value in values) or component in {"emission_rate", "epoch_allocation"}
