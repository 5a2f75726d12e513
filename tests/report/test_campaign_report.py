"""The report of a campaign: the same page, with what only campaigns count."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from conformance.cli.app import app
from conformance.report.document import Report, Verdict
from conformance.report.page import page
from conformance.report.writing import PAGE
from tests.report.samples import BROKEN, read

SMALL = ("--calls", "250", "--seed", "3", "--preset", "minimal", "--workers", "1", "--failures", "1")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the report of a campaign against a broken copy, and with the campaign in it."""
    place = tmp_path_factory.mktemp("campaign")
    arguments = ("campaign", *SMALL, "--artifacts", BROKEN, "--folder", place / "kept", "--report", place / "report")
    ran = CliRunner().invoke(app, [*map(str, arguments)])
    assert ran.exit_code == 1, ran.output
    assert ran.stdout.splitlines()[-1] == f"Report: {place / 'report' / PAGE}"
    return place / "report"


@pytest.fixture(scope="module")
def report(folder: Path) -> Report:
    return read(folder)


def test_a_failure_is_there_with_its_files(report: Report, folder: Path) -> None:
    assert report.verdict.outcome == "does not conform"
    (divergence,) = report.divergences
    assert (divergence.function, divergence.found_after) == ("diem.unstake", None)
    assert divergence.seed.startswith("3, in program ")
    assert divergence.replay.startswith("diem run ")
    assert [file.what for file in divergence.files][:2] == [
        "scenario that diem run replays",
        "pytest file, a regression",
    ]
    assert len(divergence.files) == 4
    assert all((folder / file.path).is_file() for file in divergence.files)


def test_what_was_covered_is_counted_against_what_there_is(report: Report) -> None:
    coverage = {each.name: each for each in report.coverage}
    assert coverage["functions accepted"].reached == sum(row.accepted > 0 for row in report.reach)
    ways = coverage["ways of conditional jumps in the code of diem"]
    assert 0 < ways.reached < ways.all
    assert report.newly_seen[-1].branches > 0
    assert report.newly_seen[-1].outcomes > 0
    assert [point.calls for point in report.newly_seen] == sorted(point.calls for point in report.newly_seen)


def test_how_it_was_done_is_said(report: Report) -> None:
    assert report.command.startswith("diem campaign --calls 250 --seed 3 ")
    assert report.compared.more["programs"] >= 1
    assert report.settings["contracts"] == "artifacts"
    assert report.phases[0].name == "by the clock"
    assert "ways of the bytecode&#39;s conditional jumps" in page(report)


def test_one_that_was_stopped_neither_conforms_nor_fails(report: Report) -> None:
    stopped = report.model_copy(update={"verdict": Verdict(outcome="interrupted", sentence="so far")})
    assert "<h1>INTERRUPTED</h1>" in page(stopped)
    assert 'class="unfinished"' in page(stopped)


def test_a_folder_that_cannot_be_one_is_named_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    arguments = ("campaign", *SMALL, "--folder", tmp_path / "kept", "--report", tmp_path / "file" / "report")
    ran = CliRunner().invoke(app, [*map(str, arguments)])
    assert ran.exit_code == 2
    assert "expected a folder that can be written to" in ran.stderr
    assert not (tmp_path / "kept").exists()
