"""`diem conform`: what it prints, what it writes, and how it says what is wrong with its input."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final, NoReturn

import pytest
import yaml
from eth_hash.auto import keccak
from typer.testing import CliRunner, Result

from conformance import artifact
from conformance.cli.app import app
from conformance.cli.compared import Compared
from conformance.cli.conform import DEFAULT_CALLS, DEFAULT_PRESET
from conformance.conform import Conformance
from conformance.deployment import DeploymentError
from conformance.facts import FACTS
from conformance.lockstep import Divergence
from conformance.machines import Listing
from conformance.shrinking import Program
from conformance.termination import Stopped
from spec.machine import CONTRACTS
from spec.parameters import Preset

ARTIFACTS: Final = Path(artifact.__file__).parent / "artifacts"
PRESETS: Final = Path(artifact.__file__).parents[1] / "spec" / "presets"
BROKEN: Final = Path(__file__).resolve().parents[1] / "meta" / "broken" / "diem-unstake-silent"
SMALL: Final = ("--calls", "120", "--seed", "11", "--preset", "minimal")


def diem(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["conform", *map(str, arguments)])


@cache
def report() -> Result:
    return diem(*SMALL)


@cache
def as_json() -> Result:
    return diem(*SMALL, "--json")


def assert_one_line(ran: Result, *parts: str) -> None:
    assert ran.exit_code == 2
    assert ran.stderr.count("\n") == 1
    assert ran.stderr.startswith("diem conform: ")
    for part in parts:
        assert part in ran.stderr


# ------------------------------------------------------------------------------------------------ a run that holds


def test_a_run_that_holds_says_so_and_exits_0() -> None:
    assert (report().exit_code, report().stderr) == (0, "")
    last = report().stdout.splitlines()[-1]
    expected = f"CONFORMS: 120 calls answered alike, {len(CONTRACTS)} storage roots equal, "
    assert last.startswith(f"{expected}{len(FACTS)} published facts hold on both machines (")


def test_the_report_says_what_was_compared_refused_reached_and_published() -> None:
    for title in ("What was compared", "Refusals", "Reach", "Published facts, on specification and py-evm"):
        assert title in report().stdout
    assert report().stdout.count("│ ok ") == len(FACTS)
    assert "NO" not in re.findall(r"│ (\w+) +│", report().stdout)


def test_the_seed_is_printed_with_the_command_that_repeats_the_run() -> None:
    assert "seed 11; repeat with: diem conform --calls 120 --seed 11 --preset minimal\n" in report().stdout


def without_seconds(output: str) -> str:
    return re.sub(r"\(\d+ s\)", "", output)


def test_the_same_seed_repeats_the_run_exactly() -> None:
    assert without_seconds(diem(*SMALL).stdout) == without_seconds(report().stdout)


def test_a_seed_that_is_drawn_repeats_its_run_when_it_is_given() -> None:
    drawn = json.loads(diem("--calls", "40", "--preset", "minimal", "--json").stdout)
    again = json.loads(diem("--calls", "40", "--preset", "minimal", "--json", "--seed", drawn["seed"]).stdout)
    assert drawn == again


def test_two_runs_without_a_seed_are_two_runs() -> None:
    seeds = {json.loads(diem("--calls", "1", "--preset", "minimal", "--json").stdout)["seed"] for _ in range(2)}
    assert len(seeds) == 2


def test_json_is_one_object_with_everything_in_it() -> None:
    assert (as_json().exit_code, as_json().stderr) == (0, "")
    answer: dict[str, Any] = json.loads(as_json().stdout)

    assert set(answer) == {
        "conforms",
        "interrupted",
        "preset",
        "seed",
        "calls_asked",
        "compared",
        "accepted_by_function",
        "refused_by_reason",
        "facts",
        "divergence",
    }
    assert answer["conforms"] is True
    assert (answer["preset"], answer["seed"], answer["calls_asked"]) == ("minimal", "11", 120)
    compared = answer["compared"]
    assert set(compared) == {"calls", "accepted", "refused", "logs", "words", "roots"}
    assert compared["calls"] == compared["accepted"] + compared["refused"] == 120
    assert compared["accepted"] == sum(answer["accepted_by_function"].values())
    assert compared["refused"] == sum(answer["refused_by_reason"].values())
    assert len(answer["facts"]) == len(FACTS)
    for fact in answer["facts"]:
        assert set(fact) == {"statement", "published", "grade", "source", "observed", "holds"}
        assert set(fact["observed"]) == {"specification", "py-evm"}
    assert answer["divergence"] is None


def test_a_preset_can_be_a_file(tmp_path: Path) -> None:
    path = shutil.copy(PRESETS / "minimal.toml", tmp_path / "mine.toml")
    answer = json.loads(diem("--calls", "120", "--seed", "11", "--preset", path, "--json").stdout)
    assert answer == json.loads(as_json().stdout)


def test_the_default_is_a_real_state_and_thousands_of_calls() -> None:
    assert DEFAULT_PRESET == "snapshot-2026-09-19"
    assert DEFAULT_CALLS >= 1000


def test_help_has_an_example_and_says_what_is_compared() -> None:
    shown = CliRunner().invoke(app, ["conform", "--help"], env={"COLUMNS": "120"})
    assert shown.exit_code == 0
    for word in ("Example: diem conform ", "--calls", "--seed", "--preset", "--artifacts", "--save", "--json"):
        assert word in shown.stdout


# ------------------------------------------------------------------------------------------------ a run that does not


@cache
def broken(folder: Path) -> tuple[Result, Path]:
    replay = folder / "replay.yaml"
    return diem("--seed", "1", "--preset", "minimal", "--artifacts", BROKEN, "--save", replay, "--json"), replay


def test_a_divergence_in_json_has_both_sides_the_program_and_the_replay(tmp_path: Path) -> None:
    ran, replay = broken(tmp_path)
    answer = json.loads(ran.stdout)

    assert (ran.exit_code, ran.stderr) == (1, "")
    assert answer["conforms"] is False
    divergence = answer["divergence"]
    assert set(divergence) == {
        "found_after",
        "original_length",
        "program",
        "where",
        "specification",
        "py-evm",
        "replay",
    }
    assert divergence["where"] == "log 1"
    assert divergence["specification"].startswith("Unstaked from 0x")
    assert divergence["py-evm"] == "no log"
    assert divergence["replay"] == str(replay)
    assert divergence["found_after"] == answer["compared"]["calls"] + 1
    assert len(divergence["program"]) <= divergence["original_length"]
    scenario = yaml.safe_load(replay.read_text(encoding="utf-8"))
    assert scenario["preset"] == "minimal"
    assert len(scenario["steps"]) == len(divergence["program"])
    assert scenario["title"] == "divergence at log 1, found with seed 1"


def test_without_a_place_to_save_the_replay_is_left_in_the_present_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = diem("--seed", "1", "--preset", "minimal", "--artifacts", BROKEN)

    assert ran.exit_code == 1
    assert [path.name for path in tmp_path.iterdir()] == ["divergence-minimal-1.yaml"]
    using = "Replay with: diem run divergence-minimal-1.yaml --machine specification --machine py-evm --artifacts "
    assert using in ran.stdout


# ------------------------------------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    "arguments, parts",
    [
        (("--preset", "mainnet"), ("preset 'mainnet': expected one of launch",)),
        (("--preset", "nowhere/mine.toml"), ("nowhere/mine.toml",)),
        (("--calls", "0"), ("'--calls'", "greater than or equal to 1")),
        (("--calls", "-5"), ("--calls",)),
        (("--calls", "many"), ("'--calls'", "a valid integer")),
        (("--seed", "-1"), ("--seed",)),
        (("--seed", "seven"), ("'--seed'", "a valid integer")),
        (("--seeds", "7"), ("--seeds",)),
        (("7",), ("7",)),
        (("--artifacts", "nowhere"), ("nowhere: expected a directory of artifacts, found nothing",)),
    ],
)
def test_bad_input_is_one_line_that_names_it(arguments: tuple[str, ...], parts: tuple[str, ...]) -> None:
    ran = diem(*arguments)
    assert ran.stdout == ""
    assert_one_line(ran, *parts)


@pytest.mark.parametrize(
    "old, new, part",
    [
        ("cooldown_duration = 60", 'cooldown_duration = "soon"', "staking.cooldown_duration"),
        ("cooldown_duration = 60", "cooldown_duration = -60", "staking.cooldown_duration"),
        ("minimum_stake = ", "least_stake = ", "credits."),
        ("epoch_duration = 100", "epoch_durations = 100", "credits.epoch_duration"),
        ('vvv = "1000"', 'vvv = "a lot"', "a lot"),
        ("[vvv]", "[vvv", "mine.toml"),
    ],
)
def test_a_preset_with_a_field_that_is_wrong_is_named_by_file_and_field(
    old: str, new: str, part: str, tmp_path: Path
) -> None:
    text = (PRESETS / "minimal.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")

    assert_one_line(diem("--preset", path), "mine.toml", part)


def changed(change: str, folder: Path) -> None:
    """Put a copy of DIEM's artifact into ``folder``, with one thing wrong."""
    text = (ARTIFACTS / "DIEM.json").read_text(encoding="utf-8")
    document = json.loads(text)
    if change == "truncated":
        text = text[: len(text) // 2]
    elif change == "hash":
        document["bytecodeKeccak"] = f"0x{'00' * 32}"
        text = json.dumps(document)
    elif change == "no constructor":
        document["bytecode"] = "0xfe"
        document["bytecodeKeccak"] = f"0x{keccak(bytes([0xFE])).hex()}"
        text = json.dumps(document)
    if change != "empty folder":
        (folder / "DIEM.json").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    "change, parts",
    [
        ("empty folder", ("expected at least one *.json, found none",)),
        ("truncated", ("DIEM.json: expected JSON",)),
        ("hash", ("DIEM.json: bytecodeKeccak: expected 0x", "found 0x0000")),
        ("no constructor", ("create DIEM",)),
    ],
)
def test_artifacts_that_cannot_be_used_are_one_line(change: str, parts: tuple[str, ...], tmp_path: Path) -> None:
    changed(change, tmp_path)
    assert_one_line(diem("--preset", "minimal", "--artifacts", tmp_path), *parts)


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    replay = tmp_path / "no such folder" / "replay.yaml"
    ran = diem("--seed", "1", "--preset", "minimal", "--artifacts", BROKEN, "--save", replay)
    assert_one_line(ran, "replay.yaml: cannot be written")


# ------------------------------------------------------------------------------------------------ nothing found is lost


def test_a_divergence_is_told_also_where_nothing_can_be_written_of_it(tmp_path: Path) -> None:
    (tmp_path / "report" / "report.html").mkdir(parents=True)
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("there is no /dev/full here")
    ran = diem(*SMALL, "--artifacts", BROKEN, "--save", full, "--report", tmp_path / "report")
    assert ran.exit_code == 1
    assert "DIVERGENCE after " in ran.stdout
    assert "First difference: log " in ran.stdout
    assert "Report: " not in ran.stdout
    assert ran.stderr.splitlines() == [
        "diem conform: /dev/full: cannot be written: No space left on device",
        f"diem conform: {tmp_path / 'report' / 'report.html'}: cannot be written: Is a directory",
    ]


def test_a_divergence_is_printed_before_anything_is_written_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("conformance.cli.conform.write_file", fails)
    ran = diem(*SMALL, "--artifacts", BROKEN, "--save", tmp_path / "replay.yaml")
    assert isinstance(ran.exception, RuntimeError)
    assert "First difference: log " in ran.stdout
    assert "DOES NOT CONFORM" in ran.stdout


def test_contracts_that_are_not_deployed_again_for_a_finding_have_been_found_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise DeploymentError("DIEM: refused")

    monkeypatch.setattr("conformance.cli.conform.subject_of", fails)
    ran = diem(*SMALL, "--artifacts", BROKEN, "--report", tmp_path)
    assert (ran.exit_code, ran.stderr) == (1, "diem conform: DIEM: refused\n")
    assert "First difference: log " in ran.stdout
    assert "diem.unstake" in (tmp_path / "report.html").read_text(encoding="utf-8")


def pressed(*_: object, **__: object) -> NoReturn:
    """Press Ctrl-C."""
    raise KeyboardInterrupt


def terminated(*_: object, **__: object) -> NoReturn:
    """Send SIGTERM, as it is told of by `main`."""
    raise Stopped


@pytest.mark.parametrize("stop,status", [(pressed, 130), (terminated, 143)])
def test_ctrl_c_during_the_calls_tells_how_far_it_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: Callable[..., NoReturn], status: int
) -> None:
    monkeypatch.setattr("conformance.lockstep.Lockstep.checkpoint", stop)
    ran = diem(*SMALL, "--report", tmp_path)
    assert (ran.exit_code, ran.stderr) == (status, "")
    assert f"INTERRUPTED after 120 calls, 0 of {len(FACTS)} published facts looked at (" in ran.stdout
    assert "CONFORM" not in ran.stdout
    verdict = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["verdict"]
    assert verdict["outcome"] == "interrupted"
    assert verdict["sentence"].endswith(", before it was stopped")


TERMINATED: Final = """
import os, signal
from conformance.cli import main
from conformance.conform import Conformance
looked = Conformance.divergence_of
def divergence_of(self, program, **how):
    for _ in range(2):  # as timeout sends it to a process, and then to its group
        os.kill(os.getpid(), signal.SIGTERM)
    return looked(self, program, **how)
Conformance.divergence_of = divergence_of
main()
"""


def test_sigterm_during_shrinking_loses_nothing_of_what_was_found(tmp_path: Path) -> None:
    options = [*SMALL, "--artifacts", str(BROKEN), "--save", str(tmp_path / "replay.yaml"), "--report", str(tmp_path)]
    command = [sys.executable, "-c", TERMINATED, "conform", *options]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "DOES NOT CONFORM" in ran.stdout
    assert "First difference: log " in ran.stdout
    assert (tmp_path / "replay.yaml").is_file()
    verdict = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["verdict"]
    assert verdict["outcome"] == "does not conform"
    assert (tmp_path / "findings" / "divergences.json").is_file()


def test_ctrl_c_during_shrinking_leaves_the_shortest_program_so_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = Conformance.divergence_of
    shorter: list[int] = []

    def divergence_of(self: Conformance, program: Program, *, careful: bool = True) -> Divergence | None:
        if shorter:
            raise KeyboardInterrupt
        divergence = looked(self, program, careful=careful)
        if divergence is not None:
            shorter.append(divergence.index + 1)
        return divergence

    monkeypatch.setattr(Conformance, "divergence_of", divergence_of)
    replay = tmp_path / "replay.yaml"
    ran = diem(*SMALL, "--artifacts", BROKEN, "--save", replay, "--json")
    answer = json.loads(ran.stdout)
    divergence = answer["divergence"]
    assert (ran.exit_code, answer["conforms"], answer["interrupted"], answer["facts"]) == (1, False, True, [])
    assert shorter == [len(divergence["program"])]
    assert shorter[0] < divergence["original_length"]
    assert divergence["where"].startswith("log ")
    assert len(yaml.safe_load(replay.read_text(encoding="utf-8"))["steps"]) == shorter[0]


def test_ctrl_c_during_the_facts_leaves_the_divergence_and_the_facts_so_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopping = [*FACTS[:3], FACTS[3]._replace(observe=pressed), *FACTS[4:]]
    monkeypatch.setattr("conformance.facts.FACTS", stopping)
    ran = diem(*SMALL, "--artifacts", BROKEN, "--save", tmp_path / "replay.yaml")
    assert ran.exit_code == 1
    assert ran.stdout.count("│ ok ") == 3
    assert "DIVERGENCE after " in ran.stdout
    assert f", 3 of {len(FACTS)} published facts looked at (" in ran.stdout
    assert "DOES NOT CONFORM" in ran.stdout.splitlines()[-1]
    assert (tmp_path / "replay.yaml").is_file()
    assert diem(*SMALL).exit_code == 130


def test_what_holds_and_cannot_be_reported_is_no_green_run(tmp_path: Path) -> None:
    (tmp_path / "report.json").mkdir()
    ran = diem(*SMALL, "--report", tmp_path)
    assert "CONFORMS: " in ran.stdout
    assert_one_line(ran, f"{tmp_path / 'report.json'}: cannot be written")


def test_contracts_that_do_not_come_to_another_presets_state_hold_no_fact_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Compared.machine

    def machine(compared: Compared, preset: Preset) -> Listing:
        if preset.name != "minimal":
            raise DeploymentError(f"preset {preset.name}: minter: refused")
        return made(compared, preset)

    monkeypatch.setattr(Compared, "machine", machine)
    ran = diem(*SMALL, "--artifacts", BROKEN, "--save", tmp_path / "replay.yaml")
    assert (ran.exit_code, ran.stderr) == (1, "")
    assert "DIVERGENCE after " in ran.stdout
    assert (tmp_path / "replay.yaml").is_file()
    for preset in {fact.preset for fact in FACTS}:
        count = sum(fact.preset == preset for fact in FACTS)
        line = f"{count} FACTS DO NOT HOLD: py-evm has no contracts to look at: preset {preset}: minter: refused\n"
        assert line in ran.stdout
    assert ran.stdout.count("FACT") == len({fact.preset for fact in FACTS})
    assert diem(*SMALL).exit_code == 1


def test_contracts_that_start_otherwise_are_found_before_any_call(tmp_path: Path) -> None:
    shorter = BROKEN.parent / "diem-cooldown-length"
    ran = diem("--calls", "120", "--seed", "11", "--artifacts", shorter, "--report", tmp_path)
    assert (ran.exit_code, ran.stderr) == (1, "")
    assert "DIVERGENCE at genesis, before any call\nFirst difference: diem.cooldown_duration\n" in ran.stdout
    (scenario,) = (tmp_path / "findings").glob("genesis_*.yaml")
    assert f"findings/{scenario.name}" in (tmp_path / "report.html").read_text(encoding="utf-8")
    replay = ["run", str(scenario), "--machine", "specification", "--machine", "py-evm"]
    ran = CliRunner().invoke(app, [*replay, "--artifacts", str(shorter)])
    assert ran.exit_code == 1
    assert "FAILED genesis: py-evm starts with the specification's diem.cooldown_duration: expected " in ran.stdout
    assert ran.stdout.splitlines()[-1] == "failed: 1 thing not as expected, in genesis"
    assert CliRunner().invoke(app, replay).exit_code == 0


def test_commands_that_are_printed_can_be_copied(tmp_path: Path) -> None:
    folder = tmp_path / "two words"
    shutil.copytree(BROKEN, folder)
    ran = diem(*SMALL, "--artifacts", folder, "--save", folder / "re play.yaml")
    assert f"repeat with: diem conform --calls 120 --seed 11 --preset minimal --artifacts '{folder}'\n" in ran.stdout
    assert f"Replay with: diem run '{folder}/re play.yaml' --machine specification --machine py-evm " in ran.stdout
