"""Scenarios: what can be wrong with a file is said in one line; what does not hold is found, and nothing else."""

from __future__ import annotations

import json
import re
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from conformance.conform import Conformance
from conformance.machines import Machine
from conformance.machines.by_name import UnknownMachine, machine_names, machines_by_name
from conformance.machines.specification import SpecificationMachine
from conformance.programs.as_scenario import as_scenario
from conformance.scenario import Outcome, ScenarioError, read_scenario, run_scenario
from conformance.scenario import units as unit_names
from conformance.scenario.document import bundled, parse_json, parse_yaml
from conformance.scenario.interfaces import CONTRACTS, EVENTS
from conformance.scenario.names import Names
from conformance.scenario.times import (
    format_duration,
    format_instant,
    parse_duration,
    parse_instant,
    step_time,
)
from conformance.scenario.units import unit_of
from conformance.scenario.values import read_value, show_value
from spec.events import Event
from spec.messages import Call, Receipt
from spec.parameters import PRESETS, load_preset
from spec.quantities import format_address

ROOT = Path(__file__).resolve().parents[2]
GENESIS = 1_000_000
NAMES = Names(load_preset("minimal"), {})

STORY = """\
title: a story
preset: minimal
steps:
"""


def _read(folder: Path, steps: str, head: str = STORY) -> Any:
    file = folder / "story.yaml"
    file.write_text(head + steps, encoding="utf-8")
    return read_scenario(str(file))


def _run(folder: Path, steps: str, *machines: str) -> Outcome:
    scenario = _read(folder, steps)
    return run_scenario(scenario, machines_by_name(machines or ["specification"], scenario.preset))


def _refusal(folder: Path, steps: str, head: str = STORY) -> str:
    with pytest.raises(ScenarioError) as refused:
        _read(folder, steps, head)
    line = str(refused.value)
    assert "\n" not in line
    return line.removeprefix(f"{folder}/")


# What is wrong with a step, and the line that says so.
WRONG_STEPS = [
    (
        "{form: minter}",
        "steps.0.form: expected one of the keys at, from, call, args, to, raw, value, note, expect, state; "
        "found 'form'",
    ),
    (
        "{note: nothing happens}",
        "steps.0: expected a call ('from' and 'call'), raw calldata ('from', 'to' and 'raw'), or 'state'",
    ),
    (
        "3",
        "steps.0: expected a mapping, found 3",
    ),
    (
        "{1: 2}",
        "steps.0.1: expected text as the key, found 1",
    ),
    (
        "{call: staking.claim}",
        "steps.0.from: expected who calls, found none",
    ),
    (
        "{from: mintr, call: staking.claim}",
        "steps.0.from: expected an address 0x… or a known name ('minter'?), found 'mintr'",
    ),
    (
        "{from: 0x70997970C51812dc3A010C7d01b50e0d17dc79C8, call: staking.claim}",
        "steps.0.from: expected a name, or an address in quotation marks ('0x…'), found the number "
        "642829559307850963015472508762062935916233390536",
    ),
    (
        "{from: '0x70997970c51812dc3A010C7d01b50e0d17dc79C8', call: staking.claim}",
        "steps.0.from: expected the checksum of ERC-55, 0x70997970C51812dc3A010C7d01b50e0d17dc79C8, found "
        "'0x70997970c51812dc3A010C7d01b50e0d17dc79C8'",
    ),
    (
        "{from: minter, call: stakng.claim}",
        "steps.0.call: expected a contract, one of vvv, staking, diem, credits; found 'stakng'",
    ),
    (
        "{from: minter, call: staking.mintDeim}",
        "steps.0.call: expected a function of staking ('mintDiem'?), found 'mintDeim'",
    ),
    (
        "{from: minter, call: staking.mintDiem, args: [1]}",
        "steps.0.args: expected 2 arguments of mintDiem: sVVVAmountToLock (uint256), minDiemAmountOut "
        "(uint256), found 1",
    ),
    (
        "{from: minter, call: staking.claim, args: [1]}",
        "steps.0.args: expected no arguments of claim, found 1",
    ),
    (
        "{from: minter, call: staking.burnDiem, args: 1}",
        "steps.0.args: expected a list, or a mapping by name, of 1 argument of burnDiem: diemAmount (uint256); found 1",
    ),
    (
        "{from: minter, call: staking.burnDiem, args: {amount: 1}}",
        "steps.0.args.amount: expected 1 argument of burnDiem: diemAmount (uint256), found 'amount'",
    ),
    (
        "{from: minter, call: staking.mintDiem, args: {sVVVAmountToLock: 1}}",
        "steps.0.args: expected 2 arguments of mintDiem: sVVVAmountToLock (uint256), minDiemAmountOut "
        "(uint256); minDiemAmountOut is missing",
    ),
    (
        "{from: minter, call: staking.burnDiem, args: {diemAmount: -1}}",
        "steps.0.args.diemAmount: expected a number from 0 to 2^256 - 1, found -1",
    ),
    (
        f"{{from: minter, call: staking.burnDiem, args: [{2**256}]}}",
        f"steps.0.args.0: expected a number from 0 to 2^256 - 1, found {2**256}",
    ),
    (
        "{from: minter, call: staking.burnDiem, args: [1.5]}",
        "steps.0.args.0: expected an integer of base units, '1.5 DIEM' or 'max', found 1.5",
    ),
    (
        "{from: minter, call: staking.burnDiem, args: [true]}",
        "steps.0.args.0: expected an integer of base units, '1.5 DIEM' or 'max', found True",
    ),
    (
        "{from: minter, call: staking.burnDiem, args: ['12']}",
        "steps.0.args.0: expected an integer of base units, '1.5 DIEM' or 'max', found '12'",
    ),
    (
        "{from: minter, call: staking.burnDiem, args: ['1 VVV']}",
        "steps.0.args.0: expected an integer of base units, '1.5 DIEM' or 'max', found '1 VVV'",
    ),
    (
        "{from: minter, call: staking.burnDiem, args: ['0.1234567890123456789 DIEM']}",
        "steps.0.args.0: expected at most 18 decimals, found '0.1234567890123456789'",
    ),
    (
        "{from: minter, call: staking.burnDiem, args: "
        "['1000000000000000000000000000000000000000000000000000000000000 DIEM']}",
        "steps.0.args.0: expected less than 2^256 base units, found "
        "'1000000000000000000000000000000000000000000000000000000000000'",
    ),
    (
        "{from: owner, call: staking.setCooldownDuration, args: [a week]}",
        "steps.0.args.0: expected a duration such as '7 days' or '1 h 30 min', found 'a week'",
    ),
    (
        "{from: owner, call: staking.setVeniceEmissionsPercentage, args: ['0.2 VVV']}",
        "steps.0.args.0: expected an integer of base units, '20 %' or 'max', found '0.2 VVV'",
    ),
    (
        "{from: minter, call: vvv.transfer, args: [1, 1]}",
        "steps.0.args.0: expected a name, or an address in quotation marks ('0x…'), found the number 1",
    ),
    (
        "{from: owner, call: staking.setDiemMintCurve, args: [[1], [2]]}",
        "steps.0.args.0: expected a list of 256 numbers, found 1",
    ),
    (
        "{from: owner, call: staking.setDiemMintCurve, args: {curve: 1}}",
        "steps.0.args.curve: expected a mapping of base_mint_rate, adjustment_power, target, steps, "
        "step_width; found 1",
    ),
    (
        "{from: owner, call: staking.setDiemMintCurve, args: {curve: {base_mint_rate: 90, adjustment_power: "
        "2, target: 40, steps: 257, step_width: 1}}}",
        "steps.0.args.curve: steps: expected less than or equal to 256, found 257",
    ),
    (
        "{from: minter, to: staking, raw: 0x4e71d92d}",
        "steps.0.raw: expected bytes in quotation marks, '0x…' with two digits each, found 1316084013",
    ),
    (
        "{from: minter, to: staking, raw: '0x4e7'}",
        "steps.0.raw: expected bytes in quotation marks, '0x…' with two digits each, found '0x4e7'",
    ),
    (
        "{from: minter, to: minter, raw: '0x'}",
        "steps.0.to: expected a contract, one of vvv, staking, diem, credits; found 'minter'",
    ),
    (
        "{from: minter, raw: '0x'}",
        "steps.0: expected either 'call', or both 'to' and 'raw'",
    ),
    (
        "{from: minter, call: staking.claim, raw: '0x'}",
        "steps.0: expected either 'call' and 'args', or 'to' and 'raw'",
    ),
    (
        "{from: minter, to: staking, raw: '0x', args: []}",
        "steps.0.args: expected no arguments with 'raw'",
    ),
    (
        "{from: minter, call: staking.claim, value: -1}",
        "steps.0.value: expected a number from 0 to 2^256 - 1, found -1",
    ),
    (
        "{at: 999999, state: {credits.epoch(): 0}}",
        "steps.0.at: expected a time no earlier than the step before, 1000000 (1970-01-12T13:46:40Z), found "
        "999999 (1970-01-12T13:46:39Z)",
    ),
    (
        "{at: soon, state: {credits.epoch(): 0}}",
        "steps.0.at: expected seconds, '+ 7 days', 'next epoch' or a time in UTC such as "
        "'2026-09-20T00:00:00Z', found 'soon'",
    ),
    (
        "{at: +7, state: {credits.epoch(): 0}}",
        "steps.0.at: expected a duration such as '7 days' or '1 h 30 min', found '7'",
    ),
    (
        "{at: 2026-02-30T00:00:00Z, state: {credits.epoch(): 0}}",
        "steps.0.at: expected a time in UTC such as '2026-09-20T00:00:00Z', found '2026-02-30T00:00:00Z'",
    ),
    (
        "{at: 18446744073709551616, state: {credits.epoch(): 0}}",
        "steps.0.at: expected a time below 2^64 s, found 18446744073709551616",
    ),
    (
        "{state: {credits.epoch(): 0}, expect: {status: ok}}",
        "steps.0.expect: expected a call for which to expect something",
    ),
    (
        "{from: minter, call: staking.claim, expect: {}}\n  - {from: minter, call: staking.claim, expect: }",
        "steps.1.expect: expected a mapping, found None",
    ),
    (
        "{from: minter, call: staking.claim, expect: {status: refused}}",
        "steps.0.expect.status: expected 'ok', found 'refused'",
    ),
    (
        "{from: minter, call: staking.claim, expect: {revert: X}}",
        "steps.0.expect.revert: expected one of the keys status, reverts, returns, emits, emits_at_least; "
        "found 'revert'",
    ),
    (
        "{from: minter, call: staking.claim, expect: {reverts: NOPE}}",
        "steps.0.expect.reverts: expected a reason such as INSUFFICIENT_BALANCE or Panic(0x11), or revert "
        "data 0x…, found 'NOPE'",
    ),
    (
        "{from: minter, call: staking.claim, expect: {reverts: STAKE_ZERO, emits: []}}",
        "steps.0.expect: expected nothing but 'reverts': a refused call returns and emits nothing",
    ),
    (
        "{from: minter, call: staking.claim, expect: {emits: [], emits_at_least: []}}",
        "steps.0.expect: expected either 'emits' or 'emits_at_least'",
    ),
    (
        "{from: minter, call: staking.claim, expect: {emits: 1}}",
        "steps.0.expect.emits: expected a list, found 1",
    ),
    (
        "{from: minter, call: staking.claim, expect: {emits: [staking.Claimed]}}",
        "steps.0.expect.emits.0: expected an event with its arguments, as 'staking.Claimed: [minter, 1 "
        "VVV]', found 'staking.Claimed'",
    ),
    (
        "{from: minter, call: staking.claim, expect: {emits: [staking.Claim: []]}}",
        "steps.0.expect.emits.0: expected an event of staking ('Claimed'?), found 'Claim'",
    ),
    (
        "{from: minter, call: staking.claim, expect: {emits: [staking.Claimed: {user: minter}]}}",
        "steps.0.expect.emits.0.staking.Claimed: expected 2 arguments of Claimed: user (address), amount "
        "(uint256); amount is missing",
    ),
    (
        "{from: minter, call: staking.claim, expect: {emits_at_least: [staking.Claimed: {who: minter}]}}",
        "steps.0.expect.emits_at_least.0.staking.Claimed.who: expected 2 arguments of Claimed: user "
        "(address), amount (uint256), found 'who'",
    ),
    (
        "{from: minter, call: staking.claim, expect: {returns: 1}}",
        "steps.0.expect.returns: expected a list, or a mapping by name, of no arguments of claim; found 1",
    ),
    (
        "{from: minter, to: staking, raw: '0x', expect: {returns: []}}",
        "steps.0.expect.returns: expected a known function, for its results to be known",
    ),
    (
        "{state: {staking.claim(): 0}}",
        "steps.0.state.staking.claim(): expected a view; staking.claim is a call that changes the state",
    ),
    (
        "{state: {staking.stakes minter: 0}}",
        "steps.0.state.staking.stakes minter: expected a view, such as 'staking.pendingRewards(minter)' or "
        "'staking.stakes(minter).cooldownEnd'",
    ),
    (
        "{state: {staking.stakes(): [0, 0, 0]}}",
        "steps.0.state.staking.stakes(): expected 1 argument of stakes: user (address), found 0",
    ),
    (
        "{state: {staking.stakes(minter).end: 0}}",
        "steps.0.state.staking.stakes(minter).end: expected the name of one of its results (rewardDebt, "
        "cooldownEnd, cooldownAmount), found 'end'",
    ),
    (
        "{state: {staking.stakes(minter): 0}}",
        "steps.0.state.staking.stakes(minter): expected a list, or a mapping by name, of 3 arguments of "
        "stakes: rewardDebt (uint256), cooldownEnd (uint256), cooldownAmount (uint256); found 0",
    ),
]


@pytest.mark.parametrize("step,line", WRONG_STEPS)
def test_wrong_step_is_one_line_with_its_place(step: str, line: str, tmp_path: Path) -> None:
    assert _refusal(tmp_path, f"  - {step}\n") == f"story.yaml: {line}"


GOOD = "  - {state: {credits.epoch(): 10000}}\n"


@pytest.mark.parametrize(
    "head,line",
    [
        ("titel: x\npreset: minimal\nsteps:\n", "titel: expected one of the keys title, description, preset, "
         "parameters, accounts, steps; found 'titel'"),
        ("preset: minimal\nsteps:\n", "title: expected this key, found none"),
        ("title: 7\npreset: minimal\nsteps:\n", "title: expected text, found 7"),
        ("title: x\npreset: mainnet\nsteps:\n", "preset: expected one of launch, snapshot-2026-09-19, minimal, or a "
         "file *.toml, found 'mainnet'"),
        ("title: x\ntitle: y\npreset: minimal\nsteps:\n", "line 2: expected each key once, found 'title' again"),
        ("title: [\npreset: minimal\nsteps:\n", "line 3, column 6: expected YAML: expected ',' or ']', but got ':'"),
        ("title: &a x\ndescription: *a\npreset: minimal\nsteps:\n", "expected YAML without aliases"),
        ("title: !!python/name:os.system x\npreset: minimal\nsteps:\n", "line 1, column 8: expected YAML: could not "
         "determine a constructor for the tag 'tag:yaml.org,2002:python/name:os.system'"),
        ("[1]: x\npreset: minimal\nsteps:\n", "line 1: expected text as the key, found [1]"),
        (f"title: {'9' * 5000}\npreset: minimal\nsteps:\n", "line 1: expected a number from 0 to 2^256 - 1, "
         "found 99999999999999999999… (5000 characters)"),
        (STORY.replace("steps", "parameters: {staking.emission: '1'}\nsteps"), "parameters: staking.emission: "
         "expected no such field"),
        (STORY.replace("steps", "parameters: {curve.target: '80'}\nsteps"), "parameters: curve.target: expected "
         "a valid integer, found '80'"),
        (STORY.replace("steps", "parameters: {target: 80}\nsteps"), "parameters.target: expected 'section.field', such "
         "as 'curve.target', or 'accounts.name.field'"),
        (STORY.replace("steps", "parameters: {accounts.nobody.vvv: '1'}\nsteps"), "parameters.accounts.nobody.vvv: "
         "expected an account of the preset, one of staker, small_staker, minter, diem_buyer, newcomer; found "
         "'nobody'"),
        (STORY.replace("steps", "accounts: {minter: '0x0000000000000000000000000000000000000001'}\nsteps"),
         "accounts.minter: expected a new name; this one is known already"),
        (STORY.replace("steps", "accounts: {friend: 0x0000000000000000000000000000000000000001}\nsteps"), "accounts."
         "friend: expected a name, or an address in quotation marks ('0x…'), found the number 1"),
        (STORY.replace("steps", "accounts: {friend: '0x01'}\nsteps"), "accounts.friend: expected an address of 0x and "
         "40 hexadecimal digits, found '0x01'"),
        (STORY.replace("steps", "accounts: {a friend: '0x01'}\nsteps"), "accounts.a friend: expected a name of "
         "letters, digits, _ and -, that starts with a letter"),
    ],
)  # fmt: skip
def test_wrong_head_is_one_line_with_its_place(head: str, line: str, tmp_path: Path) -> None:
    assert _refusal(tmp_path, GOOD, head) == f"story.yaml: {line}"


@pytest.mark.parametrize(
    "text,line",
    [
        ("", "expected a mapping, found None"),
        ("- 1\n", "expected a mapping, found [1]"),
        ("title: x\npreset: minimal\nsteps: []\n", "steps: expected at least one step, found none"),
        ("title: x\npreset: minimal\nsteps: 3\n", "steps: expected a list, found 3"),
        ("[" * 5000 + "]" * 5000, "expected at most 20 levels"),
    ],
)
def test_wrong_document_is_one_line(text: str, line: str, tmp_path: Path) -> None:
    assert _refusal(tmp_path, "", text) == f"story.yaml: {line}"


@pytest.mark.parametrize(
    "text,line",
    [
        ('{"title": "x", "title": "y"}', "expected each key once, found 'title' again"),
        ('{"title": ', "line 1, column 11: expected JSON: Expecting value"),
        ('{"title": NaN}', "expected JSON, found NaN"),
        ('{"title": ' + "9" * 5000 + "}", "expected a number from 0 to 2^256 - 1, found 99999999999999999999… (5000 "
         "characters)"),
    ],
)  # fmt: skip
def test_wrong_json_is_one_line(text: str, line: str, tmp_path: Path) -> None:
    file = tmp_path / "story.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as refused:
        read_scenario(str(file))
    assert str(refused.value) == f"{file}: {line}"


def test_unreadable_files_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "latin.yaml").write_bytes(b"title: caf\xe9\n")
    names = ", ".join(bundled())
    for name, line in {
        "none.yaml": "cannot be read: No such file or directory",
        "folder.yaml": "cannot be read: Is a directory",
        "latin.yaml": "expected YAML or JSON in UTF-8",
        "story.txt": f"expected a file *.yaml, *.yml, *.json, or one of the scenarios {names}",
    }.items():
        with pytest.raises(ScenarioError) as refused:
            read_scenario(str(tmp_path / name))
        assert str(refused.value) == f"{tmp_path / name}: {line}"


def test_preset_is_found_beside_the_scenario(tmp_path: Path) -> None:
    text = (ROOT / "spec" / "presets" / "minimal.toml").read_text(encoding="utf-8")
    (tmp_path / "mine.toml").write_text(text.replace('name = "minimal"', 'name = "mine"'), encoding="utf-8")
    assert _read(tmp_path, GOOD, STORY.replace("minimal", "mine.toml")).preset.name == "mine"


def test_json_scenario_says_the_same(tmp_path: Path) -> None:
    steps = "  - {at: + 5 s, from: minter, call: staking.burnDiem, args: [1000000000000000000]}\n"
    one = _read(tmp_path, steps)
    file = tmp_path / "story.json"
    file.write_text(json.dumps(yaml.safe_load(STORY + steps)), encoding="utf-8")
    assert read_scenario(str(file)).steps == one.steps


# A step that does not hold, and what is said of it: what, expected, found.
DOES_NOT_HOLD = {
    "{from: minter, call: staking.burnDiem, args: [4 DIEM]}": ("status", "ok", "reverts INSUFFICIENT_BALANCE"),
    "{from: minter, call: staking.burnDiem, args: [4 DIEM], expect: {reverts: BURN_ZERO}}": (
        "status", "reverts BURN_ZERO", "reverts INSUFFICIENT_BALANCE",
    ),
    "{from: minter, call: staking.burnDiem, args: [4 DIEM], expect: {reverts: '0x'}}": (
        "status", "reverts 0x", "reverts INSUFFICIENT_BALANCE",
    ),
    "{from: minter, call: staking.claim, expect: {reverts: BURN_ZERO}}": ("status", "reverts BURN_ZERO", "ok"),
    "{from: minter, call: vvv.approve, args: [staker, 1], expect: {returns: false}}": ("returns", "false", "true"),
    "{from: minter, call: staking.lockedStakes, args: [minter], expect: {returns: [1000 sVVV, 12 DIEM]}}": (
        "returns",
        "(sVVVLockedAmount: 1000 sVVV, outstandingDiemAmount: 12 DIEM)",
        "(sVVVLockedAmount: 1000 sVVV, outstandingDiemAmount: 11 DIEM)",
    ),
    "{from: minter, call: diem.stake, args: [1 DIEM], expect: {emits: [diem.Transfer: [minter, diem, 1 DIEM]]}}": (
        "emits.1", "no more events", "diem.Staked(user: minter, amount: 1 DIEM)",
    ),
    "{from: minter, call: staking.claim, expect: {emits: [staking.Claimed: [minter, 0]]}}": (
        "emits.0", "staking.Claimed(user: minter, amount: 0 VVV)", "no more events",
    ),
    "{from: minter, call: diem.transfer, args: [staker, 2], expect: {emits: [diem.Transfer: [minter, staker, 1]]}}": (
        "emits.0",
        "diem.Transfer(from: minter, to: staker, value: 0.000000000000000001 DIEM)",
        "diem.Transfer(from: minter, to: staker, value: 0.000000000000000002 DIEM)",
    ),
    # The same event, of another contract.
    "{from: minter, call: diem.transfer, args: [staker, 2], expect: {emits: [vvv.Transfer: [minter, staker, 2]]}}": (
        "emits.0",
        "vvv.Transfer(from: minter, to: staker, value: 0.000000000000000002 VVV)",
        "diem.Transfer(from: minter, to: staker, value: 0.000000000000000002 DIEM)",
    ),
    # The right events in the wrong order.
    "{from: minter, call: diem.stake, args: [1 DIEM], expect: {emits_at_least: [diem.Staked, diem.Transfer]}}": (
        "emits_at_least.1",
        "diem.Transfer()",
        "diem.Transfer(from: minter, to: diem, value: 1 DIEM), diem.Staked(user: minter, amount: 1 DIEM)",
    ),
    "{from: minter, call: diem.stake, args: [1], expect: {emits_at_least: [diem.Staked: {amount: 2}]}}": (
        "emits_at_least.0",
        "diem.Staked(amount: 0.000000000000000002 DIEM)",
        "diem.Transfer(from: minter, to: diem, value: 0.000000000000000001 DIEM), "
        "diem.Staked(user: minter, amount: 0.000000000000000001 DIEM)",
    ),
    "{state: {diem.balanceOf(minter): 3.000000000000000001 DIEM}}": (
        "diem.balanceOf(minter)", "3.000000000000000001 DIEM", "3 DIEM",
    ),
    "{state: {staking.lockedStakes(minter).sVVVLockedAmount: 0}}": (
        "staking.lockedStakes(minter).sVVVLockedAmount", "0 sVVV", "1000 sVVV",
    ),
    "{state: {staking.getDiemAmountOut(1000000 sVVV): 0}}": (
        "staking.getDiemAmountOut(1000000 sVVV)", "0 DIEM", "reverts INSUFFICIENT_SUPPLY",
    ),
    "{state: {staking.owner(): staker}}": ("staking.owner()", "staker", "owner"),
}  # fmt: skip


@pytest.mark.parametrize("step", DOES_NOT_HOLD)
def test_what_does_not_hold_is_found(step: str, tmp_path: Path) -> None:
    outcome = _run(tmp_path, f"{GOOD}  - {step}\n{GOOD}")
    assert not outcome.holds
    assert [bool(step.failures) for step in outcome.steps] == [False, True, False]
    assert [tuple(failure) for failure in outcome.steps[1].failures] == [DOES_NOT_HOLD[step]]


@pytest.mark.parametrize(
    "step",
    [
        "{from: minter, call: staking.burnDiem, args: [4 DIEM], expect: {reverts: INSUFFICIENT_BALANCE}}",
        "{from: minter, to: staking, raw: '0x', expect: {reverts: empty revert data}}",
        "{from: minter, to: staking, raw: '0x', expect: {reverts: '0x'}}",
        "{from: minter, to: staking, raw: '0x4e71d92d', expect: {status: ok, emits: []}}",
        "{from: minter, to: vvv, raw: '0x06fdde03', expect: {returns: Venice Token}}",
        "{from: minter, call: staking.claim, value: 1, expect: {reverts: empty revert data}}",
        "{from: newcomer, call: vvv.transfer, args: [minter, max], expect: {reverts: Panic(0x11)}}",
        "{from: newcomer, call: staking.renounceOwnership, expect: {reverts: OwnableUnauthorizedAccount}}",
        "{from: minter, call: diem.stake, args: [1 DIEM], expect: {emits_at_least: [diem.Staked]}}",
        "{from: minter, call: diem.stake, args: [1 DIEM], expect: {emits_at_least: [diem.Staked: {user: minter}]}}",
        "{from: minter, call: diem.stake, args: {amount: 1 DIEM}, expect: "
        "{emits: [diem.Transfer: [minter, diem, 1 DIEM], diem.Staked: {amount: 1 DIEM, user: minter}]}}",
        "{from: owner, call: staking.setEmissionRate, args: [31536000 VVV/year], expect: "
        "{emits: [staking.EmissionRateUpdated: [1 VVV/s]]}}",
        "{at: next epoch + 1 s, state: {credits.epoch(): 10001, staking.lastRewardTimestamp(): 1970-01-12T13:46:40Z}}",
        "{state: {staking.lockedStakes(minter): {outstandingDiemAmount: 11 DIEM, sVVVLockedAmount: 1000 VVV}}}",
        "{state: {staking.diemMintRates(255): 0, diem.decimals(): 18, credits.creditAtOnce(): true}}",
        "{state: {'vvv.allowance(minter, 0x00000000000000000000000000000000000000F1)': 0}}",
        "{state: {'diem.hasRole(0x0000000000000000000000000000000000000000000000000000000000000000, admin)': true}}",
    ],
)
@pytest.mark.parametrize("machine", ["specification", "both"])
def test_what_holds_passes(step: str, machine: str, tmp_path: Path) -> None:
    outcome = _run(tmp_path, f"  - {step}\n", machine)
    assert outcome.holds, outcome.steps[0].failures
    assert outcome.scenario.checks > 0


def test_asking_a_view_changes_nothing(tmp_path: Path) -> None:
    # pendingRewards of a later time, asked twice; the settlement at the end is the same as if nobody had asked.
    asked = _run(tmp_path, "  - {at: + 5 s, state: {staking.totalSupply(): '9001.000000000000000003 sVVV'}}\n"
                 "  - {at: + 5 s, from: minter, call: staking.claim}\n")  # fmt: skip
    silent = _run(tmp_path, "  - {at: + 10 s, from: minter, call: staking.claim}\n")
    assert asked.steps[-1].first.receipt == silent.steps[-1].first.receipt


def test_scenario_without_checks_counts_none(tmp_path: Path) -> None:
    outcome = _run(tmp_path, "  - {from: minter, call: staking.claim}\n")
    assert outcome.holds
    assert outcome.scenario.checks == 0


# Tampering, beyond what a lone expectation can find: the machines are compared with each other.


class _Other(SpecificationMachine):
    """The specification, with a fault of its own."""

    def __init__(self, fault: str) -> None:
        super().__init__(load_preset("minimal"))
        self.name = "other"
        self.fault = fault

    def call(self, call: Call) -> Receipt:
        receipt = super().call(call)
        if self.fault == "status":
            return receipt._replace(status=not receipt.status)
        if self.fault == "output":
            return receipt._replace(output=receipt.output + b"\0")
        if self.fault == "logs":
            return receipt._replace(logs=receipt.logs[1:])
        return receipt

    def word(self, address: Any, slot: int) -> int:
        return super().word(address, slot) + (self.fault == "storage")


@pytest.mark.parametrize("fault", ["status", "output", "logs", "storage", ""])
def test_machines_that_differ_are_found_out(fault: str, tmp_path: Path) -> None:
    scenario = _read(tmp_path, "  - {from: minter, call: diem.transfer, args: [staker, 1 DIEM]}\n")
    machines: list[Machine] = [SpecificationMachine(scenario.preset), _Other(fault)]
    outcome = run_scenario(scenario, machines)
    assert outcome.holds == (not fault)
    differences = [failure.what for failure in outcome.steps[0].differences]
    accounts = {name: format_address(scenario.names.addresses[name]) for name in ("minter", "staker")}
    expected = {
        "status": ["status"],
        "output": ["output"],
        "logs": ["log 0"],
        "storage": [f"diem.balance_of[{accounts[name]}]" for name in ("staker", "minter")],
        "": [],
    }[fault]
    assert sorted(differences) == sorted(f"specification and other agree in {what}" for what in expected)


@pytest.mark.parametrize("preset", PRESETS)
def test_program_written_as_a_scenario_is_read_back(preset: str, tmp_path: Path) -> None:
    parameters = load_preset(preset)
    program = list(islice(Conformance(parameters, SpecificationMachine(parameters)).calls("replay"), 200))
    file = tmp_path / "replay.yaml"
    file.write_text(as_scenario("a replay", preset, parameters, program), encoding="utf-8")
    scenario = read_scenario(str(file))
    assert [step.invocation.call for step in scenario.steps if step.invocation] == program
    assert run_scenario(scenario, machines_by_name(["specification"], parameters)).holds


@pytest.mark.parametrize("name", bundled())
@pytest.mark.parametrize("machine", ["specification", "py-evm", "both"])
def test_bundled_scenario_holds(name: str, machine: str) -> None:
    scenario = read_scenario(name)
    outcome = run_scenario(scenario, machines_by_name([machine], scenario.preset))
    assert outcome.holds, [failure for step in outcome.steps for failure in step.failures]
    assert scenario.checks >= 20


def test_three_scenarios_are_bundled() -> None:
    assert list(bundled()) == ["emission-fee", "life-of-one-diem", "what-if-target-40000"]


@pytest.mark.parametrize("name", bundled())
def test_tampered_expectations_are_found(name: str, tmp_path: Path) -> None:
    """One base unit more in any amount that a bundled scenario expects of the state makes it fail, at that step."""
    document = parse_yaml(bundled()[name].read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    tampered = 0
    for i, step in enumerate(document["steps"]):
        for view, expected in step.get("state", {}).items():
            if not re.fullmatch(r"[\d.]+ (VVV|sVVV|DIEM|USD)", str(expected)):
                continue
            step["state"][view] = _one_more(str(expected))
            file = tmp_path / "tampered.json"
            file.write_text(json.dumps(document), encoding="utf-8")
            scenario = read_scenario(str(file))
            outcome = run_scenario(scenario, machines_by_name(["specification"], scenario.preset))
            assert [step.step.place for step in outcome.steps if step.failures] == [f"steps.{i}"]
            step["state"][view] = expected
            tampered += 1
    assert tampered >= 5


def _one_more(amount: str) -> str:
    number, _, unit = amount.partition(" ")
    whole, _, fraction = number.partition(".")
    more = str(int(whole + fraction.ljust(18, "0")) + 1).rjust(19, "0")
    return f"{more[:-18]}.{more[-18:]} {unit}"


def test_example_of_the_documentation_holds(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "SCENARIOS.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    (tmp_path / "example.yaml").write_text(example, encoding="utf-8")
    scenario = read_scenario(str(tmp_path / "example.yaml"))
    assert run_scenario(scenario, machines_by_name(["both"], scenario.preset)).holds


# Names, units, times and values.


def test_machines_by_name() -> None:
    assert machine_names(["both", "specification", "pyrevm"]) == ("specification", "py-evm", "pyrevm")
    machines = machines_by_name(["both"], load_preset("minimal"))
    assert [machine.name for machine in machines] == ["specification", "py-evm"]
    with pytest.raises(
        UnknownMachine, match="machine 'geth': expected one of specification, py-evm, pyrevm, target, both"
    ):
        machine_names(["geth"])


def test_every_event_is_known_under_its_contract() -> None:
    known = {event for events in EVENTS.values() for event in events.values()}
    assert known >= set(Event.known.values())
    # Both contracts have an event of this signature, and each its own name for the account.
    assert EVENTS["staking"]["Staked"].parameters[0].name == "recipient"
    assert EVENTS["diem"]["Staked"].parameters[0].name == "user"


def test_units_that_are_only_the_contracts_are_those_that_were_looked_at() -> None:
    """A new function or event must not be given a unit by default, unseen."""
    by_default = set()
    for name, contract in CONTRACTS.items():
        members = [(f.name, p) for f in contract.by_name.values() for p in (*f.parameters, *f.results)]
        members += [(event.name, parameter) for event in EVENTS[name].values() for parameter in event.parameters]
        for member, parameter in members:
            known = parameter.name in unit_names.PARAMETERS or f"{name}.{member}" in unit_names.MEMBERS
            if parameter.type.startswith("uint256") and not known:
                by_default.add(f"{name}.{member}.{parameter.name}")
    erc20 = {"transfer.value", "transferFrom.value", "approve.value", "totalSupply.", "balanceOf.", "allowance.",
             "Transfer.value", "Approval.value"}  # fmt: skip
    assert by_default == {
        *(f"{name}.{member}" for name in ("staking", "diem") for member in erc20),
        *(f"vvv.{member.replace('.value', '.amount') if member[0].islower() else member}" for member in erc20),
        "vvv.permit.value", "vvv.mint.amount",
        "staking.initiateUnstake.amount", "staking.balanceOfUnlocked.", "staking.totalLockedStakedVVV.",
        "diem.stake.amount", "diem.initiateUnstake.amount", "diem.mint.amount", "diem.burn.amount", "diem.totalStaked.",
        "diem.Staked.amount", "diem.UnstakeInitiated.amount", "diem.Unstaked.amount",
        "credits.spend.amount", "credits.Spent.amount", "credits.allocation.", "credits.spent.", "credits.available.",
        "credits.accounts.allocation", "credits.accounts.spent",
    }  # fmt: skip


@pytest.mark.parametrize(
    "contract,member,name,unit",
    [
        ("staking", "stake", "amount", "VVV"),
        ("staking", "initiateUnstake", "amount", "sVVV"),
        ("staking", "mintDiem", "minDiemAmountOut", "DIEM"),
        ("staking", "getDiemAmountOut", "sVVVAmountToLock", "sVVV"),
        ("staking", "getDiemAmountOut", "", "DIEM"),
        ("staking", "stakes", "cooldownEnd", "time"),
        ("diem", "cooldownDuration", "", "s"),
        ("credits", "accounts", "staked", "DIEM"),
        ("credits", "Spent", "amount", "USD"),
        ("credits", "Spent", "epoch", "number"),
        ("vvv", "nonces", "", "number"),
    ],
)
def test_units(contract: str, member: str, name: str, unit: str) -> None:
    assert unit_of(contract, member, "uint256", name) == unit


UINT256 = st.integers(0, 2**256 - 1)
PARTIAL = [unit_names.VVV, unit_names.SVVV, unit_names.DIEM, unit_names.USD, unit_names.EMISSION, unit_names.RATE]


@given(UINT256, st.sampled_from([*PARTIAL, unit_names.NUMBER]))
def test_amounts_are_read_as_they_are_shown(value: int, unit: str) -> None:
    assert read_value("uint256", unit, show_value("uint256", unit, value, NAMES), NAMES) == value
    assert read_value("uint256", unit, value, NAMES) == value


@given(st.integers(0, (2**256 - 1) // 100))
def test_percentages_are_read_as_they_are_shown(value: int) -> None:
    assert read_value("uint256", "%", show_value("uint256", "%", value, NAMES), NAMES) == value


@given(st.integers(0, 2**66))
def test_times_are_read_as_they_are_shown(seconds: int) -> None:
    assert parse_duration(format_duration(seconds)) == seconds
    assert read_value("uint256", "time", show_value("uint256", "time", seconds, NAMES), NAMES) == seconds
    assert read_value("uint256", "s", show_value("uint256", "s", seconds, NAMES), NAMES) == seconds


@given(st.integers(0, 253402300799))
def test_instants_are_read_as_they_are_shown(seconds: int) -> None:
    assert parse_instant(format_instant(seconds)) == seconds


@given(st.binary(min_size=20, max_size=20))
def test_addresses_are_read_as_they_are_shown(address: bytes) -> None:
    assert read_value("address", "number", show_value("address", "number", address, NAMES), NAMES) == address


@pytest.mark.parametrize(
    "unit,text,value",
    [
        ("VVV", "1.5 sVVV", 15 * 10**17),
        ("sVVV", "1_000 VVV", 1000 * 10**18),
        ("VVV/s", "2500000 VVV/year", 79274479959411466),
        ("%", "20 %", 2 * 10**17),
        ("s", "7 days", 604800),
        ("s", "1 h 30 min 5 s", 5405),
        ("time", "2025-08-20T14:24:49Z", 1755699889),
        ("DIEM", "max", 2**256 - 1),
    ],
)
def test_quantities(unit: str, text: str, value: int) -> None:
    assert read_value("uint256", unit, text, NAMES) == value


@pytest.mark.parametrize(
    "at,time",
    [
        (None, GENESIS),
        (GENESIS, GENESIS),
        ("+ 1 s", GENESIS + 1),
        ("+7 days", GENESIS + 604800),
        ("next epoch", GENESIS + 100),  # genesis is at the beginning of an epoch of 100 s
        ("next epoch + 1 s", GENESIS + 101),
        ("2026-09-20T00:00:00Z", 1789862400),
    ],
)
def test_time_of_a_step(at: object, time: int) -> None:
    assert step_time(at, GENESIS, 100) == time


@given(st.integers(-(2**256), 2**256))
def test_integers_are_exact(number: int) -> None:
    assert parse_yaml(f"a: {number}") == {"a": number}
    assert parse_json(f'{{"a": {number}}}') == {"a": number}


@pytest.mark.parametrize(
    "text", ["010", "1:30", "2026-09-20", "2026-09-20T00:00:00Z", "yes", "on", "0o17", "+5", "1e3"]
)
def test_plain_yaml_that_would_be_something_else_stays_text(text: str) -> None:
    assert parse_yaml(f"a: {text}") == {"a": text}
