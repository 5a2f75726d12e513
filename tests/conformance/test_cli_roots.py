"""`diem roots`: what it prints when there is one root, and when there is not."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner, Result

from conformance.cli.app import app
from conformance.peers import foundry
from spec.machine import CONTRACTS
from tests.conformance.foundry import needs

BROKEN: Final = Path(__file__).resolve().parents[1] / "meta" / "broken" / "diem-unstake-silent"
SMALL: Final = ("--preset", "minimal", "--transactions", "120", "--seed", "11", "--peer", "py-evm")
FAILING: Final = ("--preset", "minimal", "--seed", "1", "--peer", "py-evm", "--artifacts", str(BROKEN))


def diem(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["roots", *map(str, arguments)])


@cache
def report() -> Result:
    return diem(*SMALL)


def without_seconds(output: str) -> str:
    return re.sub(r"\(\d+ s\)", "", output)


# ------------------------------------------------------------------------------------------------ one root


def test_a_run_that_holds_says_so_and_exits_0() -> None:
    assert (report().exit_code, report().stderr) == (0, "")
    same = r"ledger and py-evm have the same state root after each of \d+ blocks with 120 transactions"
    assert re.fullmatch(rf"ONE ROOT: {same} \(\d+ s\)", report().stdout.splitlines()[-1])


def test_the_report_says_what_was_compared_and_reached() -> None:
    assert "What was the same" in report().stdout
    assert re.search(r"│ transactions +│ +120 │", report().stdout)
    for contract in CONTRACTS.values():
        assert re.search(rf"│ {contract.name} +│ +\d+ │ +\d+ │ +\d+ │ +{len(contract.by_name)} │", report().stdout)


def test_the_seed_is_printed_with_the_command_that_repeats_the_run() -> None:
    again = "diem roots --transactions 120 --seed 11 --preset minimal --peer py-evm"
    assert f"seed 11; repeat with: {again}\n" in report().stdout
    assert without_seconds(diem(*again.split()[2:]).stdout) == without_seconds(report().stdout)


def test_a_seed_is_drawn_when_none_is_given() -> None:
    runs = [diem("--preset", "minimal", "--transactions", "1", "--peer", "py-evm").stdout for _ in range(2)]
    seeds = [re.findall(r"\nseed (\d+);", run)[0] for run in runs]
    assert seeds[0] != seeds[1]


def test_for_machines_it_is_one_json_object() -> None:
    ran = diem(*SMALL, "--json")
    assert (ran.exit_code, ran.stderr) == (0, "")
    answer = json.loads(ran.stdout)
    compared = answer["compared"]
    assert (answer["one_root"], answer["failure"], answer["seed"], answer["peers"]) == (True, None, "11", ["py-evm"])
    assert compared["transactions"] == compared["accepted"] + compared["refused"] == answer["transactions_asked"] == 120
    assert sum(answer["accepted_by_function"].values()) == compared["accepted"]
    assert sum(answer["refused_by_function"].values()) == compared["refused"]
    assert sum(answer["types"].values()) == 120


def test_without_a_peer_given_all_are_compared_with() -> None:
    needs("anvil")
    ran = diem("--preset", "minimal", "--transactions", "20")
    assert ran.exit_code == 0
    assert "ONE ROOT: ledger, anvil and py-evm have" in ran.stdout


# ------------------------------------------------------------------------------------------------ not one root


def test_a_difference_is_named_and_exits_1() -> None:
    ran = diem(*FAILING)
    assert (ran.exit_code, ran.stderr) == (1, "")
    lines = ran.stdout.splitlines()
    at = next(place for place, line in enumerate(lines) if line.startswith("DIFFERENCE in block "))
    assert re.fullmatch(r"DIFFERENCE in block \d+ of chain 0, at \d+, made of:", lines[at])
    assert re.match(r"  0: at \d+ 0x", lines[at + 1])
    where = next(
        place for place, line in enumerate(lines) if re.fullmatch(r"transaction \d+, diem.unstake: log 1", line)
    )
    assert lines[where + 1].startswith("  ledger: Unstaked from 0x")
    assert lines[where + 2] == "  py-evm: no log"
    assert re.fullmatch(r"NOT ONE ROOT: ledger and py-evm \(\d+ s\)", lines[-1])


def test_a_difference_is_named_for_machines_too() -> None:
    ran = diem(*FAILING, "--json")
    assert ran.exit_code == 1
    answer = json.loads(ran.stdout)
    assert answer["one_root"] is False
    failure = answer["failure"]
    assert failure["chain"] == 0
    assert len(failure["transactions"]) > 0
    assert "diem.unstake: log 1" in failure["differences"][0]["where"]
    assert failure["differences"][0]["values"].keys() == {"ledger", "py-evm"}


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--preset", "nowhere"], "preset 'nowhere': expected one of"),
        (["--peer", "geth"], "peer 'geth': expected one of anvil, py-evm"),
        (["--transactions", "0"], "Invalid value for '--transactions'"),
        (["--artifacts", "nowhere"], "nowhere"),
    ],
)
def test_bad_input_is_one_line(arguments: list[str], message: str) -> None:
    ran = diem(*arguments)
    assert ran.exit_code == 2
    assert ran.stderr.count("\n") == 1
    assert ran.stderr.startswith("diem roots: ")
    assert message in ran.stderr


def test_a_peer_that_is_not_installed_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(foundry, "PACKAGES", tmp_path)
    ran = diem("--preset", "minimal")
    assert ran.exit_code == 2
    assert (
        ran.stderr == f"diem roots: anvil: expected it in {tmp_path}, found nothing there: install it with make peers\n"
    )
