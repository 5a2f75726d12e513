"""`diem run`: what it prints for people and for machines, and its exit status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from conformance.cli.app import app
from conformance.machines.by_name import machines_by_name
from conformance.scenario import read_scenario, run_scenario
from conformance.scenario.document import bundled

ROOT = Path(__file__).resolve().parents[2]
HEAD = "title: a story\ndescription: It is short.\npreset: minimal\nsteps:\n"


def _run(*args: str) -> Result:
    return CliRunner().invoke(app, ["run", *args])


def _story(folder: Path, *steps: str) -> str:
    file = folder / "story.yaml"
    file.write_text(HEAD + "".join(f"  - {step}\n" for step in steps), encoding="utf-8")
    return str(file)


def test_report_reads_like_the_story(tmp_path: Path) -> None:
    ran = _run(
        _story(
            tmp_path,
            "{at: + 1 min 30 s, from: minter, call: diem.transfer, args: [staker, 1 DIEM], note: A gift., "
            "expect: {returns: true}, state: {diem.balanceOf(staker): 1 DIEM}}",
            "{from: minter, call: staking.burnDiem, args: [3 DIEM], expect: {reverts: INSUFFICIENT_BALANCE}}",
        )
    )
    assert ran.exit_code == 0
    assert ran.stdout == (
        "a story\n"
        "It is short.\n"
        "preset minimal, on specification\n"
        "\n"
        "steps.0  1970-01-12T13:48:10Z  +1 min 30 s  minter: diem.transfer(to: staker, value: 1 DIEM) returns true\n"
        "    A gift.\n"
        "    emits diem.Transfer(from: minter, to: staker, value: 1 DIEM)\n"
        "    diem.balanceOf(staker) = 1 DIEM\n"
        "\n"
        "steps.1  1970-01-12T13:48:10Z  +0 s  minter: staking.burnDiem(diemAmount: 3 DIEM) reverts "
        "INSUFFICIENT_BALANCE\n"
        "\n"
        "passed: 3 checks and 2 calls\n"
    )


def test_failure_names_the_step_and_exits_with_one(tmp_path: Path) -> None:
    good = "{state: {credits.epoch(): 10000}}"
    ran = _run(_story(tmp_path, good, "{state: {diem.balanceOf(minter): 4 DIEM}}", good))
    assert ran.exit_code == 1
    assert ran.stderr == ""
    assert "    FAILED steps.1: diem.balanceOf(minter): expected 4 DIEM, found 3 DIEM\n" in ran.stdout
    assert ran.stdout.endswith("failed: 1 thing not as expected, in steps.1\n")


def test_failure_on_several_machines_names_them(tmp_path: Path) -> None:
    ran = _run(_story(tmp_path, "{state: {diem.balanceOf(minter): 4 DIEM}}"), "--machine", "both")
    assert ran.exit_code == 1
    assert (
        "FAILED steps.0: diem.balanceOf(minter) (on specification, py-evm): expected 4 DIEM, found 3 DIEM" in ran.stdout
    )


def test_agreement_of_machines_is_said() -> None:
    ran = _run("emission-fee", "--machine", "specification", "--machine", "py-evm")
    assert ran.exit_code == 0
    assert "specification and py-evm agree in every status, output, log and word written\n" in ran.stdout


def test_other_contracts_are_found_out() -> None:
    broken = ROOT / "tests" / "meta" / "broken" / "staking-fee-receiver"
    ran = _run("emission-fee", "--machine", "both", "--artifacts", str(broken))
    assert ran.exit_code == 1
    # The fee of the first claim, 20 % of 40 VVV, goes to somebody else.
    assert (
        "FAILED steps.4: emits.0 (on py-evm): expected vvv.Transfer(from: zero, to: treasury, value: 8 VVV)"
        in ran.stdout
    )
    assert "FAILED steps.4: specification and py-evm agree in log 0: expected specification: Transfer" in ran.stdout


@pytest.mark.parametrize(
    "args,line",
    [
        (
            ["--artifacts", "x"],
            "--artifacts: expected --machine py-evm or pyrevm as well; the specification runs no bytecode",
        ),
        (["--artifacts", "no-such", "--machine", "both"], "no-such: expected a directory of artifacts, found nothing"),
    ],
)
def test_bad_artifacts_are_one_line(args: list[str], line: str) -> None:
    ran = _run("emission-fee", *args)
    assert (ran.exit_code, ran.stdout, ran.stderr) == (2, "", f"diem run: {line}\n")


@pytest.mark.parametrize(
    "step,summary",
    [
        (
            "{from: minter, call: staking.claim}",
            "passed: 1 call; nothing was checked, apart from that no call was refused\n",
        ),
        ("{from: minter, call: staking.claim, expect: {status: ok}}", "passed: 1 check and 1 call\n"),
    ],
)
def test_nothing_checked_is_said(step: str, summary: str, tmp_path: Path) -> None:
    ran = _run(_story(tmp_path, step))
    assert ran.exit_code == 0
    assert ran.stdout.endswith(summary)


def test_bad_scenario_is_one_line(tmp_path: Path) -> None:
    file = _story(tmp_path, "{from: minter, call: staking.burnDiem, args: {diemAmount: 1 VVV}}")
    ran = _run(file)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr == (
        f"diem run: {file}: steps.0.args.diemAmount: expected an integer of base units, '1.5 DIEM' or 'max', "
        "found '1 VVV'\n"
    )


def test_bad_preset_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("name = 1\n", encoding="utf-8")
    file = tmp_path / "story.yaml"
    file.write_text(HEAD.replace("minimal", "mine.toml") + "  - {}\n", encoding="utf-8")
    ran = _run(str(file))
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr == f"diem run: {tmp_path / 'mine.toml'}: name: expected a valid string, found 1\n"


def test_notes_cannot_steer_the_terminal(tmp_path: Path) -> None:
    ran = _run(_story(tmp_path, '{state: {credits.epoch(): 10000}, note: "red \\e[31m [bold]and[/bold] more"}'))
    assert ran.exit_code == 0
    assert "    red  [31m [bold]and[/bold] more\n" in ran.stdout


def test_list_names_the_bundled_scenarios() -> None:
    ran = _run("--list")
    assert ran.exit_code == 0
    assert [line.split()[0] for line in ran.stdout.splitlines()] == list(bundled())
    assert json.loads(_run("--list", "--json").stdout)["life-of-one-diem"] == "The life of one DIEM"


def _numbers(value: Any) -> list[Any]:
    """Return all numbers in a JSON value, which should be written as strings."""
    if isinstance(value, dict):
        return [number for item in value.values() for number in _numbers(item)]
    if isinstance(value, list):
        return [number for item in value for number in _numbers(item)]
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else []


def test_json_says_what_happened() -> None:
    ran = _run("life-of-one-diem", "--machine", "both", "--json")
    assert ran.exit_code == 0
    answer = json.loads(ran.stdout)
    assert _numbers(answer) == []
    assert answer["machines"] == ["specification", "py-evm"]
    assert (answer["holds"], answer["failures"]) == (True, "0")
    scenario = read_scenario("life-of-one-diem")
    outcome = run_scenario(scenario, machines_by_name(["specification"], scenario.preset))
    assert len(answer["steps"]) == len(outcome.steps)
    for told, done in zip(answer["steps"], outcome.steps, strict=True):
        assert (told["step"], told["time"]) == (done.step.place, str(done.step.time))
        assert told["results"]["specification"] == told["results"]["py-evm"]
        receipt = told["results"]["specification"]["receipt"]
        invocation = done.step.invocation
        if done.first.receipt is None or invocation is None:
            assert (receipt, told["call"]) == (None, None)
            continue
        assert receipt["status"] == done.first.receipt.status
        assert bytes.fromhex(receipt["output"][2:]) == done.first.receipt.output
        assert bytes.fromhex(told["call"]["data"][2:]) == invocation.call.data
        logs = [([bytes.fromhex(topic[2:]) for topic in log["topics"]], log["data"]) for log in receipt["events"]]
        assert logs == [(list(log.topics), f"0x{log.data.hex()}") for log in done.first.receipt.logs]


def test_json_says_what_failed(tmp_path: Path) -> None:
    ran = _run(_story(tmp_path, "{state: {diem.balanceOf(minter): 4 DIEM}}"), "--json")
    assert ran.exit_code == 1
    answer = json.loads(ran.stdout)
    assert answer["holds"] is False
    assert answer["steps"][0]["failures"] == [
        {"what": "diem.balanceOf(minter)", "expected": "4 DIEM", "found": "3 DIEM", "machines": ["specification"]}
    ]
