"""As an auditor would: one byte of staking is flipped, and what is found is put into Solidity, judged and mended."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner, Result

import conformance
from conformance.cli.app import app
from conformance.findings import write_finding
from conformance.findings.register import FILE, PAGE
from conformance.findings.writing import write_state
from spec.hashing import keccak256
from tests.findings.failures import ours, theirs, variant
from tests.foundry_kit.forge import forge_test

ROOT: Final = Path(conformance.__file__).parents[1]
ARTIFACT: Final = Path(conformance.__file__).parent / "artifacts" / "Staking.json"
BOUNDARY: Final = bytes.fromhex("42101561")
"""block.timestamp < cooldownEnd: TIMESTAMP LT ISZERO PUSH2; once in the code."""
GREATER_THAN: Final = 0x11


FAILED = re.compile(r"^\[FAIL: (.*)\] test_\w+\(\)", re.MULTILINE)

# Kind |-> what forge says first.
SAID = {
    "status, accepted": "status: the specification accepts this call, the bytecode refuses it with COOLDOWN_NOT_OVER",
    "status, refused": "status: the specification refuses this call with NOT_GATEWAY, the bytecode accepts it",
    "status, another reason": "status: expected INSUFFICIENT_BALANCE, found INSUFFICIENT_OUTSTANDING_DIEM",
    "log": "log 5: expected DiemBurned from staking, found no log",
    "word": "staking.stakes[STAKER].reward_debt: expected 3799577824686145984, found 4749472280857682480",
    "log of a curve": "log 0: expected DiemMintRatesUpdated from staking, found no log",
    "output": f"output: expected 0x{10_000:064x}, found 0x{0:064x}",
    "root alone": "diem.cooldown_duration: expected 30, found 31",
    "genesis": "diem.cooldown_duration: expected 30, found 31",
    "malformed calldata": "status: the specification refuses this call with empty revert data, the bytecode accepts it",
    "value": "status: the specification refuses this call with empty revert data, the bytecode accepts it",
    "log of a target": f"log 1: expected Transfer from vvv, found the data 0x{0x26AC40F7E795065D:064x}",
    "word of a target": "diem.cooldown_duration: expected 30, found 31",
    "view of a target": f"output: expected 0x{30:064x}, found 0x{31:064x}",
    "log of a target compared by its views": "log 0: expected Transfer from diem, found no log",
    "word of a target beside another": "diem.cooldown_duration: expected 30, found 31",
    "status of a target": "status: the specification refuses this call with SPEND_ZERO, the bytecode accepts it",
}


def diem(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, list(map(str, arguments)))


def with_a_flipped_byte(folder: Path) -> Path:
    """Return the file of a target with our staking, but for one byte."""
    artifact = json.loads(ARTIFACT.read_text(encoding="utf-8"))
    code = bytearray.fromhex(artifact["bytecode"][2:])
    assert code.count(BOUNDARY) == 1
    code[code.index(BOUNDARY) + 1] = GREATER_THAN
    return write_target(folder, "staking", "Staking.json", artifact, bytes(code))


def write_target(folder: Path, role: str, name: str, artifact: dict[str, object], code: bytes) -> Path:
    changed = {"bytecode": f"0x{code.hex()}", "bytecodeKeccak": f"0x{keccak256(code).hex()}"}
    (folder / name).write_text(json.dumps(artifact | changed), encoding="utf-8")
    target = folder / "target.toml"
    target.write_text(f'name = "flipped"\n[{role}]\nartifact = "{name}"\nstorage = "same"\n', encoding="utf-8")
    return target


def test_the_page_says_how_to_flip_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ARTIFACT.parents[2] / "docs" / "FOUNDRY.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    target = re.findall(r"```toml\n(.*?)```", page[page.index("## For auditors") :], re.DOTALL)[0]
    (tmp_path / "conformance").symlink_to(ARTIFACT.parents[1])
    monkeypatch.chdir(tmp_path)
    exec(program, {})  # noqa: S102 (what the page tells readers to run)
    (tmp_path / "target.toml").write_text(target, encoding="utf-8")
    (tmp_path / "same").mkdir()
    with_a_flipped_byte(tmp_path / "same")
    found, expected = (
        json.loads((at / "Staking.json").read_text())["bytecode"] for at in (tmp_path, tmp_path / "same")
    )
    assert found == expected
    assert diem("target", "check", tmp_path / "target.toml", "--preset", "minimal").exit_code == 0


def conform(target: Path, findings: Path, *options: str) -> Result:
    where = ("--preset", "minimal", "--calls", "120", "--seed", "3", "--save", findings.parent / "replay.yaml")
    return diem("conform", "--target", target, "--findings", findings, *where, *options)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    """The folder of findings, and what the command printed."""
    folder = tmp_path_factory.mktemp("story")
    ran = conform(with_a_flipped_byte(folder), folder / "findings", "--json")
    assert (ran.exit_code, ran.stderr) == (1, "")
    return folder / "findings", json.loads(ran.stdout)


def said(output: str) -> dict[str, str]:
    """Finding |-> what forge says of its test."""
    suites = re.split(
        r"^Ran \d+ tests? for test/\w+\.t\.sol:", output.partition("Failing tests:")[0], flags=re.MULTILINE
    )
    return {suite.split()[0]: match[1] for suite in suites[1:] if (match := FAILED.search(suite))}


def test_it_and_others_of_every_kind_are_red_on_what_is_wrong_and_green_on_what_is_right(
    story: tuple[Path, dict[str, object]], tmp_path: Path
) -> None:
    folder = shutil.copytree(story[0], tmp_path / "findings")
    finding = story[1]["finding"]
    assert isinstance(finding, dict)
    assert finding["new"] is True
    assert finding["function"] == "staking.finalizeUnstake"
    assert finding["rule"] == "PROTOCOL 3.2, grade C; boundary grade A"
    assert all(Path(path).is_file() for path in finding["files"].values())
    failures = {**ours(), **theirs(tmp_path)}
    written = {kind: write_finding(folder, failure, subject) for kind, (subject, failure) in failures.items()}
    assert all(one.entry.reproduced for one in written.values())
    # Another broken contract, and the same divergence: the program that is there already is shorter.
    assert [kind for kind, one in written.items() if not one.is_new] == ["status, accepted"]
    assert written["status, accepted"].entry.id == finding["id"]

    wrong = forge_test(folder)
    assert wrong.returncode == 1, wrong.stderr
    assert said(wrong.stdout) == {written[kind].entry.id: text for kind, text in SAID.items()}, wrong.stdout

    of_targets = "|".join(one.entry.id for kind, one in written.items() if kind not in ours())
    right = forge_test(folder, "--no-match-contract", of_targets, STATE="reference")
    assert f"{len(ours())} tests passed, 0 failed" in right.stdout, right.stdout
    honest = write_state(folder, variant(tmp_path / "again", wrong=False))
    right = forge_test(folder, "--match-contract", of_targets, STATE=honest)
    assert f"{len(failures) - len(ours())} tests passed, 0 failed" in right.stdout, right.stdout


def test_a_target_that_does_not_start_in_the_state_of_the_preset_is_a_finding_too(tmp_path: Path) -> None:
    artifact = json.loads((ARTIFACT.parent / "DIEM.json").read_text(encoding="utf-8"))
    code = bytes.fromhex(artifact["bytecode"][2:]).replace(b"Diem", b"Dime", 1)
    target = write_target(tmp_path, "diem", "DIEM.json", artifact, code)
    ran = conform(target, tmp_path / "findings", "--json")
    assert (ran.exit_code, ran.stderr) == (1, "")
    finding = json.loads(ran.stdout)["finding"]
    assert (finding["function"], finding["where"], finding["reproduced"]) == ("genesis", "diem.name", True)
    test = Path(finding["files"]["foundry"]).read_text(encoding="utf-8")
    name = int.from_bytes(b"Diem".ljust(31, b"\0") + bytes([2 * 4]), "big")
    assert f'0x{3:064x}, {name}, "diem.name"' in test


def test_the_finding_is_listed_and_judged(story: tuple[Path, dict[str, object]]) -> None:
    folder, _ = story
    (entry,) = json.loads(diem("findings", "list", folder, "--json").stdout)["divergences"]
    assert entry["verdict"] == "open"
    judge = ("findings", "verdict", folder, entry["id"], "--verdict", "contract wrong")
    assert diem(*judge).stderr == "diem findings verdict: --why: expected the reason of the verdict, found none\n"
    judged = diem(*judge, "--why", "a | b", "--pinned-test", "test_boundary")
    assert (judged.exit_code, judged.stdout) == (0, f"{entry['id']}: contract wrong: a | b\n")
    assert "contract wrong" in diem("findings", "list", folder).stdout
    opened = diem("findings", "verdict", folder, entry["id"], "--verdict", "open", "--json")
    assert json.loads(opened.stdout)["verdict"] == "open"
    assert diem(*judge, "--why", "a | b", "--pinned-test", "test_boundary").exit_code == 0
    assert "**contract wrong**: a \\| b" in (folder / PAGE).read_text(encoding="utf-8")
    (kept,) = json.loads((folder / FILE).read_text(encoding="utf-8"))["divergences"]
    assert kept == {**kept, "verdict": "contract wrong", "why": "a | b", "pinned_test": "test_boundary"}


def test_the_state_of_mended_contracts_is_written_beside(story: tuple[Path, dict[str, object]]) -> None:
    folder, _ = story
    ran = diem("findings", "state", folder, "--preset", "minimal", "--artifacts", ARTIFACT.parent)
    assert ran.exit_code == 0
    path = ran.stdout.split("STATE=")[1].split()[0]
    again = diem("findings", "state", folder, "--preset", "minimal", "--json")
    assert json.loads(again.stdout) == {"folder": str(folder), "state": path}
    assert json.loads((folder / path).read_text(encoding="utf-8"))["alloc"]


def test_findings_of_several_presets_each_start_from_their_own(tmp_path: Path) -> None:
    folder = tmp_path / "two words"
    ids = {}
    for preset, name in (("minimal", "diem-unstake-silent"), ("snapshot-2026-09-19", "staking-cooldown-boundary")):
        broken = ROOT / "tests" / "meta" / "broken" / name
        options = ("--preset", preset, "--seed", "7", "--artifacts", broken, "--save", tmp_path / "replay.yaml")
        ran = diem("conform", "--findings", folder, *options, "--json")
        ids[preset] = json.loads(ran.stdout)["finding"]["id"]
    right = forge_test(folder, STATE="reference")
    assert "2 tests passed, 0 failed" in right.stdout, right.stdout

    told = diem("findings", "state", folder, "--preset", "snapshot-2026-09-19").stdout
    _, run, place, _, state, *forge = shlex.split(told)
    assert (run, place, forge[:2]) == ("cd", str(folder), ["forge", "test"])
    assert forge[2:] == ["--match-contract", ids["snapshot-2026-09-19"]]
    right = forge_test(folder, *forge[2:], STATE=state.removeprefix("STATE="))
    assert "1 tests passed, 0 failed" in right.stdout, right.stdout


def test_bad_input_is_said_in_a_line(story: tuple[Path, dict[str, object]], tmp_path: Path) -> None:
    folder, _ = story
    none = diem("findings", "list", tmp_path)
    expected = f"{tmp_path / FILE}: expected the file that diem conform --findings writes, found none"
    assert (none.exit_code, none.stderr) == (2, f"diem findings list: {expected}\n")
    unknown = diem("findings", "verdict", folder, "nothing", "--verdict", "open")
    assert "expected the id of a divergence (staking_finalizeUnstake_status_" in unknown.stderr
    (tmp_path / "file").write_text("", encoding="utf-8")
    refused = conform(tmp_path / "none.toml", tmp_path / "file")
    assert refused.exit_code == 2
    assert "none.toml: cannot be read" in refused.stderr
    occupied = diem("conform", "--findings", tmp_path / "file")
    assert (occupied.exit_code, occupied.stderr) == (
        2,
        f"diem conform: {tmp_path / 'file'}: cannot be written: File exists\n",
    )
