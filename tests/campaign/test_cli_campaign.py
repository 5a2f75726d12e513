"""`diem campaign`: what it prints and keeps, how it is stopped and gone on with, and what it says of bad input."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
from errno import ENOSPC
from pathlib import Path
from typing import Any, Final, NoReturn

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from conformance import artifact
from conformance.campaign import campaign, planning
from conformance.campaign.calls import plain_calls
from conformance.campaign.campaign import CampaignResult, Extent
from conformance.campaign.journal import Journal
from conformance.campaign.running import Ended, Running
from conformance.campaign.schedulers import WorkersLost
from conformance.campaign.schedulers.inline import InlineScheduler
from conformance.campaign.totals import Found, Totals
from conformance.campaign.units import FoundFailure, Unit, UnitResult
from conformance.campaign.worker import Worker
from conformance.cli.app import app
from conformance.cli.campaign import _Bar
from conformance.cli.campaign_options import Asked
from conformance.cli.campaign_report import Files, write_found
from conformance.cli.outputs import Outputs
from conformance.conform import Failure
from conformance.deployment import DeploymentError
from conformance.findings import Finding, Subject, write_finding
from conformance.target.document import TargetError
from tests.campaign.echo import SETTING
from tests.campaign.started import piped, small, wait_for_lines
from tests.conformance.evms import FASTEST, HAS_PYREVM
from tests.findings.failures import call

ROOT: Final = Path(artifact.__file__).parents[1]
BROKEN: Final = ROOT / "tests" / "meta" / "broken" / "diem-unstake-silent"
VARIANT: Final = ROOT / "conformance" / "targets" / "variant" / "target.toml"

SLOWLY: Final = """
import signal
from time import sleep
signal.signal(signal.SIGINT, signal.default_int_handler)
from conformance.campaign.journal import Journal
append = Journal.append
def slowly(self, entry):
    append(self, entry)
    sleep(0.1)
Journal.append = slowly
"""
"""Something has to be left to be done when whoever waits for a line gets to see it; and what a shell has started in the
background takes no notice of Ctrl-C, nor do its children."""


def diem(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["campaign", *map(str, arguments)])


def without_times(report: dict[str, Any]) -> dict[str, Any]:
    timed = ("seconds", "worker_seconds", "newly_seen", "scheduler")
    return {name: value for name, value in report.items() if name not in timed}


pytestmark = pytest.mark.usefixtures("_small")


def stopped(options: tuple[object, ...], journal: Path, lines: int, how: signal.Signals) -> tuple[int, str, str]:
    """Run a campaign on two processes until its journal has so many lines; return status, output and errors."""
    command = small(*options, "--workers", 2, before=SLOWLY)
    with piped(command, ROOT) as running:
        wait_for_lines(running, journal, lines)
        running.send_signal(how)
        out, errors = running.communicate(timeout=120)
    return running.returncode, out, errors


def test_a_campaign_that_is_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    def options(folder: str) -> tuple[object, ...]:
        return ("--calls", 800, "--preset", "minimal", "--seed", 5, "--json", "--folder", tmp_path / folder)

    journal = tmp_path / "a" / "journal.jsonl"
    status, out, _ = stopped(options("a"), journal, 6, signal.SIGKILL)
    assert (status, out) == (-signal.SIGKILL, "")
    done = journal.read_bytes().count(b"\n")
    status, out, errors = stopped(options("a"), journal, 14, signal.SIGINT)
    assert (status, errors) == (130, "")
    report = json.loads(out)
    assert (report["interrupted"], report["conforms"]) == (True, False)
    assert 200 <= report["compared"]["calls"] < 800
    assert done < journal.read_bytes().count(b"\n") < 40
    further, at_once = (diem(*options(folder), "--workers", 1) for folder in "ab")
    assert further.exit_code == at_once.exit_code == 0
    assert without_times(json.loads(further.stdout)) == without_times(json.loads(at_once.stdout))
    assert json.loads(further.stdout)["compared"]["calls"] == 800


def test_a_report_says_what_was_compared_and_how_to_go_on(tmp_path: Path) -> None:
    options = ("--calls", 100, "--preset", "minimal", "--workers", 1, "--folder", tmp_path)
    first = diem(*options, "--seed", 3)
    assert (first.exit_code, first.stderr) == (0, "")
    lines = first.stdout.splitlines()
    assert (
        "machine pyrevm, for it is installed" if HAS_PYREVM else "machine py-evm, for pyrevm is not installed"
    ) in lines
    go_on = f"diem campaign --calls 100 --seed 3 --workers 1 --folder {tmp_path} --preset minimal"
    assert f"seed 3; go on with: {go_on}" in lines
    assert re.fullmatch(
        r"CONFORMS: 100 calls answered alike, 20 storage roots equal \(\d+ s, [\d,]+ calls/s, this process\)", lines[-1]
    )
    assert re.search(r"│   refused, with the same revert data +│ +\d+ │", first.stdout)
    if HAS_PYREVM:
        assert re.search(r"calls carried out in py-evm as well +│ +20 │", first.stdout)
        assert re.search(r"code of staking implementation +│ +\d+ │ +462 │", first.stdout)
    again = diem(*options)  # the seed is the one of the folder
    assert again.stdout.splitlines()[:-1] == lines[:-1]


def test_failures_are_shrunk_and_written_down_once(tmp_path: Path) -> None:
    options = ("--calls", 600, "--seed", 2, "--preset", "minimal", "--workers", 1)
    ran = diem(*options, "--artifacts", BROKEN, "--folder", tmp_path, "--json")
    assert ran.exit_code == 1
    report = json.loads(ran.stdout)
    assert report["conforms"] is False
    assert report["failing_programs"] >= len(report["failures"]) >= 1
    failure = report["failures"][0]
    assert (failure["function"], failure["where"], failure["other"]) == ("diem.unstake", "log 1", "no log")
    assert 1 <= len(failure["program"]) <= 4 < failure["original_length"]
    replay = Path(failure["replay"])
    assert replay.is_relative_to(tmp_path)
    machines = ("--machine", "specification", "--machine", FASTEST, "--artifacts", str(BROKEN))
    assert CliRunner().invoke(app, ["run", str(replay), *machines]).exit_code == 1
    before = (tmp_path / "findings" / "divergences.json").read_bytes()
    again = diem(*options, "--artifacts", BROKEN, "--folder", tmp_path)
    assert again.exit_code == 1
    assert "DIVERGENCE in diem.unstake, program" in again.stdout
    assert "DOES NOT CONFORM: " in again.stdout
    assert (tmp_path / "findings" / "divergences.json").read_bytes() == before


def test_a_target_is_named_and_what_it_lacks_is_counted(tmp_path: Path) -> None:
    ran = diem(
        "--calls", 100, "--seed", 2, "--preset", "minimal", "--workers", 1, "--target", VARIANT, "--folder", tmp_path
    )
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert "target variant: other names" in ran.stdout
    assert re.search(r"calls of vvv.permit +│ +\d+ │", ran.stdout)
    assert f"--target {VARIANT}" in ran.stdout
    assert re.search(r"│   refused, for the same reason +│ +\d+ │", ran.stdout)


def test_a_target_whose_variables_lie_nobody_knows_where_is_compared_by_views(tmp_path: Path) -> None:
    bare = tmp_path / "bare" / "target.toml"
    bare.parent.mkdir()
    artifacts = ROOT / "conformance" / "artifacts"
    shutil.copy(artifacts / "DIEM.json", tmp_path)
    bare.write_text('name = "bare"\n[diem]\nartifact = "../DIEM.json"\n')
    options = ("--calls", 60, "--seed", 2, "--preset", "minimal", "--workers", 1, "--target", bare)
    ran = diem(*options, "--folder", tmp_path / "state", "--json")
    assert (ran.exit_code, ran.stderr) == (0, "")
    compared = json.loads(ran.stdout)["compared"]
    assert (compared["calls"], compared["roots"]) == (60, 9)  # three contracts of ours
    assert compared["views"] > 500


def test_time_ends_a_campaign(tmp_path: Path) -> None:
    ran = diem("--time", "1s", "--seed", 2, "--preset", "minimal", "--workers", 1, "--folder", tmp_path, "--json")
    assert ran.exit_code == 0
    report = json.loads(ran.stdout)
    assert report["seconds"] >= 1
    assert report["compared"]["calls"] > 0


@pytest.mark.parametrize(
    "options,message",
    [
        (["--preset", "none"], "none"),
        (["--time", "soon"], "--time: expected a duration such as"),
        (["--machine", "geth"], "machine 'geth': expected one of py-evm, pyrevm"),
        (["--artifacts", "gone"], "gone: expected a directory of artifacts, found nothing"),
        (["--artifacts", "gone", "--target", "gone"], "expected --artifacts or --target, found both"),
        (["--target", "gone.toml"], "gone.toml: cannot be read"),
        (["--workers", "2", "--scheduler", "tcp://127.0.0.1:9"], "expected --workers or --scheduler, found both"),
        (["--calls", "0"], "--calls"),
    ],
)
def test_bad_input_is_said_in_one_line(tmp_path: Path, options: list[str], message: str) -> None:
    ran = diem("--folder", tmp_path / "state", *options)
    assert ran.exit_code == 2
    assert ran.stderr.count("\n") == 1
    assert ran.stderr.startswith("diem campaign: ")
    assert message in ran.stderr
    assert not (tmp_path / "state").exists()


def test_a_folder_of_another_campaign_is_refused_in_one_line(tmp_path: Path) -> None:
    options = ("--calls", 20, "--preset", "minimal", "--workers", 1, "--folder", tmp_path)
    assert diem(*options, "--seed", 1).exit_code == 0
    ran = diem(*options, "--seed", 2)
    assert (ran.exit_code, ran.stderr) == (
        2,
        f'diem campaign: {tmp_path}/journal.jsonl: expected a campaign with seed "2", found one with "1"; '
        "use another --folder\n",
    )


def test_a_seed_of_a_journal_that_nobody_can_read_is_refused_in_one_line(tmp_path: Path) -> None:
    header = {"format": 2, "sources": "x", "seed": "9" * 5000}
    (tmp_path / "journal.jsonl").write_text(f"{json.dumps(header)}\n", encoding="utf-8")
    ran = diem("--calls", 20, "--preset", "minimal", "--workers", 1, "--folder", tmp_path)
    assert ran.exit_code == 2
    assert ran.stderr.startswith(f"diem campaign: {tmp_path}/journal.jsonl: expected a campaign with ")
    assert ran.stderr.count("\n") == 1


SHORTER: Final = ROOT / "tests" / "meta" / "broken" / "diem-cooldown-length"


@pytest.mark.parametrize("as_target", [False, True])
def test_contracts_that_start_otherwise_are_a_finding(tmp_path: Path, as_target: bool) -> None:
    options: list[object] = ["--artifacts", SHORTER]
    if as_target:
        shutil.copy(SHORTER / "DIEM.json", tmp_path)
        (tmp_path / "target.toml").write_text('name = "shorter"\n[diem]\nartifact = "DIEM.json"\nstorage = "same"\n')
        options = ["--target", tmp_path / "target.toml"]
    options += ["--preset", "snapshot-2026-09-19", "--seed", "1", "--folder", tmp_path / "kept", "--calls", "1"]
    ran = diem(*options, "--report", tmp_path / "report")
    assert (ran.exit_code, ran.stderr) == (1, "")
    name = "target:" if as_target else "pyrevm:"
    assert f"  specification: 86400\n  {name:14} 86401\nDOES NOT CONFORM\n" in ran.stdout.replace("py-evm:", "pyrevm:")
    (scenario,) = (tmp_path / "kept" / "findings").glob("genesis_*.yaml")
    assert f"Finding {scenario.stem}: entered in {scenario.parent}/DIVERGENCES.md; in Solidity: cd " in ran.stdout
    assert scenario.name in (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    answer = json.loads(diem(*options, "--json").stdout)
    assert (answer["conforms"], answer["finding"]["id"]) == (False, scenario.stem)


def test_nothing_done_is_no_green_run_and_what_fails_is_not_passed_over(tmp_path: Path) -> None:
    kept = (
        "--preset",
        "minimal",
        "--seed",
        "5",
        "--folder",
        tmp_path / "two words",
        "--machine",
        "py-evm",
        "--workers",
        1,
    )
    none = diem(*kept, "--time", "0s")
    assert (none.exit_code, none.stderr) == (2, "diem campaign: --time: expected more than no time, found '0s'\n")
    failing = ("--artifacts", BROKEN, "--failures", 1)
    ran = subprocess.run(small(*kept, *failing, "--calls", 200), cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (1, "")
    folder = tmp_path / "two words" / "findings"
    assert f"\nReplay with: diem run '{folder}/" in ran.stdout
    assert f"\nIn Solidity: cd '{folder}' && forge test\n" in ran.stdout
    assert f" --folder '{tmp_path}/two words' --preset minimal\n" in ran.stdout
    assert " --failures 1 " in ran.stdout
    fewer = subprocess.run(small(*kept, *failing, "--calls", 20), cwd=ROOT, capture_output=True, text=True, check=False)
    assert fewer.returncode == 2
    assert "CONFORMS" not in fewer.stdout
    assert "expected to be asked for no less than was done before, which is " in fewer.stderr


@pytest.mark.parametrize("as_target", [False, True])
def test_what_is_gone_meanwhile_is_written_down_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_target: bool
) -> None:
    given = shutil.copytree(BROKEN, tmp_path / "given")
    (given / "target.toml").write_text('name = "silent"\n[diem]\nartifact = "DIEM.json"\nstorage = "same"\n')
    close = InlineScheduler.close

    def closed(scheduler: InlineScheduler) -> None:
        close(scheduler)
        shutil.rmtree(given)

    monkeypatch.setattr(InlineScheduler, "close", closed)
    contracts = ("--target", given / "target.toml") if as_target else ("--artifacts", given)
    options = ("--calls", 200, "--seed", 5, "--preset", "minimal", "--workers", 1, "--folder", tmp_path / "kept")
    ran = diem(*options, *contracts, "--failures", 1)
    assert (ran.exit_code, ran.stderr) == (1, "")
    assert "DOES NOT CONFORM: " in ran.stdout
    assert list((tmp_path / "kept" / "findings").glob("diem_unstake_log_*.yaml"))


def test_failures_are_told_also_where_they_cannot_be_written(tmp_path: Path) -> None:
    kept = ("--preset", "minimal", "--seed", "5", "--folder", tmp_path / "kept", "--machine", "py-evm", "--workers", 1)
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "findings").write_text("in the way")
    (tmp_path / "report" / "report.html").mkdir(parents=True)
    options = (*kept, "--artifacts", BROKEN, "--failures", 1, "--calls", 200, "--report", tmp_path / "report")
    ran = subprocess.run(small(*options), cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "DIVERGENCE in " in ran.stdout
    assert "DOES NOT CONFORM: " in ran.stdout
    assert [line.partition(": cannot")[0] for line in ran.stderr.splitlines()] == [
        f"diem campaign: {tmp_path / 'kept' / 'findings'}",
        f"diem campaign: {tmp_path / 'report' / 'report.html'}",
    ]


FAILING: Final = ("--calls", 200, "--seed", 5, "--preset", "minimal", "--workers", 1, "--artifacts", BROKEN)


@pytest.mark.parametrize(
    "options", [FAILING, ("--calls", 1, "--seed", 1, "--artifacts", SHORTER)], ids=["a call", "genesis"]
)
def test_a_divergence_is_printed_before_anything_is_written_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[object, ...]
) -> None:
    def pressed(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr("conformance.cli.campaign_report.write_finding", pressed)
    ran = diem(*options, "--folder", tmp_path)
    assert ran.exit_code == 130
    assert "DIVERGENCE " in ran.stdout
    assert "  specification: " in ran.stdout
    assert "DOES NOT CONFORM" in ran.stdout


def test_one_failure_that_cannot_be_written_keeps_no_other_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(folder: Path, failure: Failure, subject: Subject) -> Finding:
        if failure.divergence.difference.where == "status":
            raise DeploymentError("DIEM: refused")
        return write_finding(folder, failure, subject)

    monkeypatch.setattr("conformance.cli.campaign_report.write_finding", fails)
    files, faults = written_of(tmp_path, *two_ways())
    assert [kind.where for kind in files] == ["log 1"]
    assert faults == ["DIEM: refused"]


def test_failures_of_one_program_that_fail_in_different_ways_are_different_findings(tmp_path: Path) -> None:
    """Such as those of two EVMs."""
    files, faults = written_of(tmp_path, *two_ways())
    assert [path.is_file() for path in files.values()] == [True, True]
    assert len(set(files.values())) == 2
    assert faults == []
    before = (tmp_path / "findings" / "divergences.json").read_bytes()
    assert written_of(tmp_path, *two_ways()) == (files, [])
    assert (tmp_path / "findings" / "divergences.json").read_bytes() == before
    assert len(json.loads(before)["divergences"]) == 2


def test_the_same_failure_from_another_preset_is_counted(tmp_path: Path) -> None:
    first, _ = two_ways()
    written_of(tmp_path, first)
    written_of(tmp_path, Found(first.unit.model_copy(update={"preset": "launch"}), first.failure))
    (entry,) = json.loads((tmp_path / "findings" / "divergences.json").read_bytes())["divergences"]
    assert entry["times_found"] == 2


def two_ways() -> tuple[Found, Found]:
    """Failures of one program, on one EVM in its status, on the other in a log."""
    program = plain_calls((call(0, "staker", "diem.unstake"),))
    one = FoundFailure(
        function="diem.unstake",
        where="status",
        specification="accepted",
        other="refused with A",
        index=0,
        original=program,
        shrunk=program,
    )
    other = one.model_copy(update={"where": "log 1", "specification": "Unstaked from 0x00 with 1", "other": "no log"})
    units = (
        Unit(number=3, purpose="shrink", preset="minimal", machine=machine, stretches=())
        for machine in ("py-evm", "pyrevm")
    )
    first, second = units
    return Found(first, one), Found(second, other)


def written_of(folder: Path, *found: Found) -> tuple[Files, list[str]]:
    """Write failures of a campaign into its folder; return their files and what could not be written."""
    asked = Asked(
        calls=1,
        time=None,
        seed=5,
        presets=("minimal", "launch"),
        artifacts=BROKEN,
        target=None,
        machine=None,
        folder=folder,
        scheduler=None,
        workers=1,
        failures=5,
        blind=False,
    )
    totals = Totals(found={one.kind: one for one in found})
    outputs = Outputs("diem campaign")
    result = CampaignResult({}, "this process", 1, totals, {}, Ended(None, 1.0))
    return write_found(result, asked.setting(), asked, outputs), outputs._faults


def test_a_campaign_without_workers_says_how_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise WorkersLost("all workers are gone")

    monkeypatch.setattr(InlineScheduler, "result", gone)
    ran = diem("--calls", 250, "--seed", 2, "--preset", "minimal", "--workers", 1, "--folder", tmp_path)
    assert (ran.exit_code, ran.stderr) == (2, "diem campaign: all workers are gone\n")
    assert "INTERRUPTED after 0 calls" in ran.stdout
    assert (
        f"What is done is kept; go on with: diem campaign --calls 250 --seed 2 --workers 1 --folder {tmp_path}"
        in ran.stdout
    )


def test_what_was_found_is_told_where_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    diem(*FAILING, "--folder", tmp_path / "whole", "--failures", 3)
    lines = (tmp_path / "whole" / "journal.jsonl").read_bytes().count(b"\n")
    written, write = [0], Journal._write

    def writes(journal: Journal, line: bytes) -> None:
        written[0] += 1
        if written[0] >= lines:
            journal._file.write(line[:10])
            raise OSError(ENOSPC, "No space left on device")
        write(journal, line)

    monkeypatch.setattr(Journal, "_write", writes)
    ran = diem(*FAILING, "--folder", tmp_path, "--failures", 3)
    assert (ran.exit_code, ran.stderr) == (
        2,
        f"diem campaign: {tmp_path / 'journal.jsonl'}: cannot be written: No space left on device\n",
    )
    assert "DIVERGENCE in diem.unstake, program" in ran.stdout
    assert "What is done is kept; go on with: diem campaign --calls 200 --seed 5 " in ran.stdout
    monkeypatch.undo()
    monkeypatch.setattr(planning, "CALLS_PER_UNIT", 20)
    monkeypatch.setattr(campaign, "CALLS_PER_UNIT", 20)
    monkeypatch.setattr(planning, "UNITS_PER_ROUND", 4)
    further = diem(*FAILING, "--folder", tmp_path, "--failures", 3)
    assert (further.exit_code, further.stderr) == (1, "")
    written[0] = lines
    monkeypatch.setattr(Journal, "_write", writes)
    none = diem(*FAILING, "--folder", tmp_path / "other")
    assert (none.exit_code, none.stderr) == (
        2,
        f"diem campaign: {tmp_path / 'other' / 'journal.jsonl'}: cannot be written: No space left on device\n",
    )


@pytest.mark.parametrize("error", [TargetError("target.toml: no such thing"), ZeroDivisionError("ours")])
def test_what_was_found_is_told_where_a_unit_ends_in_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    carry_out = Worker.carry_out

    def fails(worker: Worker, unit: Unit) -> UnitResult:
        if unit.number == 40:
            raise error
        return carry_out(worker, unit)

    monkeypatch.setattr(Worker, "carry_out", fails)
    for _ in range(2):
        ran = diem("--calls", 1000, *FAILING[2:], "--folder", tmp_path)
        assert "DIVERGENCE in diem.unstake, program" in ran.stdout
        assert "INTERRUPTED after " in ran.stdout
        assert list((tmp_path / "findings").glob("diem_unstake_log_*.yaml"))
        if isinstance(error, TargetError):
            assert (ran.exit_code, ran.stderr) == (2, "diem campaign: target.toml: no such thing\n")
        else:
            assert ran.exception is error


def test_how_far_a_campaign_is_fits_into_80_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    totals = Totals()
    totals.tally.calls = 100_000_000
    totals.outcomes.update(map(str, range(289)))
    totals.ways.update(map(str, range(766)))
    with _Bar(Console(force_terminal=True), Extent(10**9, None), quiet=False) as bar:
        bar.show(totals, InlineScheduler(SETTING), 5.0)
    shown = capsys.readouterr().err
    assert "100,000,000 calls, 0/s on 1," in shown
    assert "289 outcomes, 766 ways of code, 0 failures " in shown
    assert "\u2026" not in shown


def test_one_call_is_one_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "CALLS_PER_UNIT", 1)
    ran = diem("--calls", 1, "--seed", 2, "--preset", "minimal", "--workers", 1, "--folder", tmp_path)
    assert "CONFORMS: 1 call answered alike, " in ran.stdout


def test_a_campaign_that_compares_nothing_does_not_say_that_it_conforms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Running, "_elapsed", lambda _: 2.0)
    options = ("--time", "1s", "--seed", 2, "--preset", "minimal", "--workers", 1, "--folder", tmp_path / "kept")
    ran = diem(*options, "--report", tmp_path / "report")
    assert ran.exit_code == 1
    assert "\nDOES NOT CONFORM: nothing was compared (2 s, 0 calls/s, this process)\n" in ran.stdout
    report = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert (report["verdict"]["outcome"], report["verdict"]["sentence"]) == ("does not conform", "nothing was compared")
