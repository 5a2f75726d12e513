"""`diem genesis`: the file, where it goes, and what is wrong with its options."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from conformance.cli.app import app
from conformance.genesis_file import ledger_genesis
from ledger.genesis import Genesis
from ledger.node.published import DEV_SEQUENCER
from spec.messages import Address
from spec.parameters import PRESETS, load_preset

ALICE = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
BOB = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"


def diem(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["genesis", *map(str, arguments)])


@pytest.mark.parametrize("preset", PRESETS)
def test_it_prints_the_file_and_nothing_else(preset: str) -> None:
    ran = diem("--preset", preset, "--format", "geth")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert ran.stdout == ledger_genesis(load_preset(preset), DEV_SEQUENCER.address).to_json()


def test_sequencer_and_balances_are_those_given(tmp_path: Path) -> None:
    file = tmp_path / "genesis.json"
    ran = diem(
        *("--preset", "minimal", "--sequencer", BOB, "--output", file),
        *("--fund", f"{ALICE}=1000000000000000000", "--fund", f"{BOB}=5"),
    )
    assert (ran.exit_code, ran.stderr) == (0, "")
    genesis = Genesis.from_json(file.read_text(encoding="utf-8"))
    alice, bob = (Address(bytes.fromhex(who[2:])) for who in (ALICE, BOB))
    assert genesis == ledger_genesis(load_preset("minimal"), bob, {alice: 10**18, bob: 5})
    assert ran.stdout.splitlines() == [
        f"{file}: preset minimal, 7 accounts",
        f"sequencer   {BOB}",
        f"state root  0x{genesis.header.state_root.hex()}",
        f"block hash  0x{genesis.hash.hex()}",
    ]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--preset", "nowhere"], "preset 'nowhere': expected one of"),
        (["--format", "parity"], "Invalid value for '--format'"),
        (["--sequencer", "0x12"], "--sequencer: expected an address of 0x and 40 hexadecimal digits, found '0x12'"),
        (["--fund", ALICE.replace("f3", "F3") + "=1"], "--fund: expected the checksum of ERC-55"),
        (["--fund", ALICE], "--fund: expected ADDRESS=WEI, with less than 2^256 wei as a whole number"),
        (["--fund", f"{ALICE}=1.5"], "found '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266=1.5'"),
        (["--fund", f"{ALICE}=-1"], "--fund: expected ADDRESS=WEI"),
        (["--fund", f"{ALICE}=²"], "--fund: expected ADDRESS=WEI"),
        (["--fund", f"{ALICE}={2**256}"], "--fund: expected ADDRESS=WEI"),
        (["--fund", f"{ALICE}={'9' * 9999}"], "--fund: expected ADDRESS=WEI"),
        (["--fund", f"{ALICE}=1", "--fund", f"{ALICE.lower()}=2"], f"expected each account once, found {ALICE} twice"),
        (["--output", "/nowhere/genesis.json"], "/nowhere/genesis.json: cannot be written"),
    ],
)
def test_bad_input_is_one_line(arguments: list[str], message: str) -> None:
    ran = diem(*arguments)
    assert ran.exit_code == 2
    assert ran.stdout == ""
    assert ran.stderr.count("\n") == 1
    assert ran.stderr.startswith("diem genesis: ")
    assert message in ran.stderr
