"""Every deliberately broken copy of the contracts is caught by the default run, named, shrunk, and replayable."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.artifact import load_artifacts
from conformance.cli.conform import DEFAULT_CALLS, DEFAULT_PRESET
from conformance.conform import Conformance, Failure
from conformance.machines.py_evm import PyEvmMachine
from spec.parameters import load_preset

FOLDER = Path(__file__).resolve().parent / "broken"
COPIES = {copy["name"]: copy for copy in json.loads((FOLDER / "broken.json").read_text(encoding="utf-8"))}
PRESET = load_preset(DEFAULT_PRESET)
SEED = 1
SHRINK_SECONDS = 120.0
FEW_CALLS = 12
"""What a person can read; the hardest copy needs about half of it."""

KINDS = {"constant", "dropped check", "swapped checks", ">= to >", "missing event", "wrong rounding"}

# Copy |-> what the first difference has to be about: the place, then what is said of either side.
EXPECTED = {
    "staking-scale": (r"staking\.acc_reward_per_share(_locked)?|output", r"\d|0x", r"\d|0x"),
    "diem-cooldown-length": (r"diem\.(staked_infos.*\.cool_down_end|cooldown_duration)|output", r"\d|0x", r"\d|0x"),
    "staking-cooldown-in-progress": (r"status", r"refused with COOLDOWN_IN_PROGRESS", r"accepted|refused"),
    "credits-any-spender": (r"status", r"refused with NOT_GATEWAY", r"accepted|refused with (SPEND_ZERO|INSUFF)"),
    "staking-burn-checks": (r"status", r"refused with INSUFFICIENT_BALANCE", r"refused with INSUFFICIENT_OUTSTANDING"),
    "staking-cooldown-boundary": (r"status", r"accepted", r"refused with COOLDOWN_NOT_OVER"),
    "diem-cooldown-boundary": (r"status", r"accepted", r"refused with COOLDOWN_NOT_OVER"),
    "credits-minimum": (r"output|status", r"0x0|accepted", r"0x0|refused with INSUFFICIENT_BALANCE"),
    "staking-burn-silent": (r"log \d+", r"DiemBurned from 0x321b7f", r"no log"),
    "diem-unstake-silent": (r"log \d+", r"Unstaked from 0xf4d97f", r"no log"),
    "staking-release-rounds-up": (r"log \d+", r"DiemBurned", r"DiemBurned"),
    "staking-fee-rounds-up": (r"log 0", r"Transfer from 0xacfe60", r"Transfer from 0xacfe60"),
    "staking-settles-caller": (r"log \d+", r".", r"."),
    "staking-fee-receiver": (r"log 0", r"Transfer from 0xacfe60", r"Transfer from 0xacfe60"),
    "staking-debt-too-early": (r"staking\.stakes\[0x\w+\]\.reward_debt", r"\d", r"\d"),
    "diem-cooling-overwritten": (r"diem\.staked_infos\[0x\w+\]\.cool_down_amount", r"\d", r"\d"),
}  # fmt: skip


def found(name: str, shrink_seconds: float = SHRINK_SECONDS) -> Failure:
    machine = PyEvmMachine(PRESET, load_artifacts(FOLDER / name))
    failure = Conformance(PRESET, machine, shrink_seconds).run(DEFAULT_CALLS, SEED).failure
    assert failure is not None, f"{name} was not caught in {DEFAULT_CALLS} calls"
    return failure


def test_the_copies_are_broken_in_every_way_that_is_asked_for() -> None:
    assert {copy["kind"] for copy in COPIES.values()} >= KINDS
    assert {folder.name for folder in FOLDER.iterdir() if folder.is_dir()} == set(COPIES)
    assert EXPECTED.keys() <= COPIES.keys()


@pytest.mark.parametrize("name", COPIES)
def test_a_broken_copy_is_caught_by_the_default_run_named_and_shrunk(name: str) -> None:
    failure = found(name)

    assert failure.found_after <= DEFAULT_CALLS
    assert len(failure.shrunk) <= FEW_CALLS
    assert failure.divergence.index == len(failure.shrunk) - 1
    difference = failure.divergence.difference
    assert difference.left != difference.right
    where, left, right = EXPECTED.get(name, (r".", r".", r"."))
    assert re.match(where, difference.where)
    assert re.match(left, difference.left)
    assert re.match(right, difference.right)


def diem(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "conformance.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_fails_and_the_file_it_writes_replays_the_failure(tmp_path: Path) -> None:
    replay = tmp_path / "replay.yaml"
    artifacts = FOLDER / "diem-unstake-silent"

    conform = diem("conform", "--seed", "1", "--artifacts", artifacts, "--save", replay)

    assert (conform.returncode, conform.stderr) == (1, "")
    report = conform.stdout
    assert re.search(r"^DIVERGENCE after \d+ calls?, in diem\.unstake$", report, re.MULTILINE)
    assert re.search(r"^First difference: log 1$", report, re.MULTILINE)
    assert re.search(r"^  specification: Unstaked from 0xf4d97f\w+ with topics", report, re.MULTILINE)
    assert re.search(r"^  py-evm:        no log$", report, re.MULTILINE)
    assert report.splitlines()[-1].startswith("DOES NOT CONFORM")

    on_both = ("--machine", "specification", "--machine", "py-evm")
    broken = diem("run", replay, *on_both, "--artifacts", artifacts)
    assert broken.returncode == 1
    assert "Unstaked" in broken.stdout

    whole = diem("run", replay, *on_both)
    assert whole.returncode == 0
