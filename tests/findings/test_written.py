"""What is written of a failure: red on the contracts that are wrong, green on others, with the same divergence once."""

from __future__ import annotations

import importlib.util
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from errno import ENOSPC
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

from conformance.cli.app import app
from conformance.comparison import Difference
from conformance.conform import Failure
from conformance.findings import Finding, FindingsError, Subject, Verdict, subject_of, write_finding
from conformance.findings.register import FILE, PAGE, Register
from conformance.findings.replay import Replay
from conformance.lockstep import Divergence
from conformance.machines.specification import SpecificationMachine
from conformance.scenario import read_scenario, run_scenario
from spec import addresses, presets
from spec.daily_credits import DAILY_CREDITS
from spec.hashing import keccak256
from spec.messages import Call
from spec.parameters import load_preset
from tests.findings.failures import ACCOUNTS, PRESET, failure_of, ours, theirs, variant, wrong_scale

BY_FILES = ("status, accepted", "status, refused", "status, another reason", "log", "word")
"""Kinds whose contracts are in files, so that a regression test finds them."""


def loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run_on(module: ModuleType, machine: str) -> None:
    (test,) = (value for name, value in vars(module).items() if name.startswith("test_"))
    test(machine)


@pytest.mark.parametrize("kind", ours())
def test_the_pytest_file_holds_for_the_specification_and_tells_wrong_from_right(kind: str, tmp_path: Path) -> None:
    subject, failure = ours()[kind]
    module = loaded(write_finding(tmp_path, failure, subject).regression)
    run_on(module, "specification")
    if kind in BY_FILES:
        with pytest.raises(AssertionError):
            run_on(module, "py-evm")
    vars(module)["CONTRACTS"] = {}
    run_on(module, "py-evm")


def test_the_pytest_file_of_a_target_names_its_file(tmp_path: Path) -> None:
    subject, failure = wrong_scale(tmp_path)
    module = loaded(write_finding(tmp_path / "findings", failure, subject).regression)
    run_on(module, "specification")
    with pytest.raises(AssertionError):
        run_on(module, "target")
    right = variant(tmp_path / "again", wrong=False).target
    assert right is not None
    vars(module)["CONTRACTS"] = {"target": right.path}
    run_on(module, "target")


def test_words_of_a_contract_compared_by_its_views_are_not_asserted(tmp_path: Path) -> None:
    subject, failure = theirs(tmp_path)["log of a target compared by its views"]
    finding = write_finding(tmp_path / "findings", failure, subject)
    assert finding.foundry is not None
    for path in (finding.foundry, finding.regression):
        text = path.read_text(encoding="utf-8")
        assert "wordIs(" not in text
        assert "replay.word(" not in text


def test_an_error_with_a_text_is_known_by_its_name_in_solidity(tmp_path: Path) -> None:
    """Its arguments are not compared, and may be of any length."""
    right = variant(tmp_path, wrong=False).target
    assert right is not None
    edited = right.path.read_text(encoding="utf-8").replace('"ZeroAmount()"', '"Zero(string)"')
    for name in ("Vault", "Gem", "Meter"):
        artifact = right.path.parent / f"{name}.json"
        abi = json.loads(artifact.read_text(encoding="utf-8"))
        (zero,) = (entry for entry in abi["abi"] if entry.get("name") == "ZeroAmount")
        zero.update(name="Zero", inputs=[{"name": "what", "type": "string"}])
        artifact.write_text(json.dumps(abi), encoding="utf-8")
    right.path.write_text(edited, encoding="utf-8")
    call = Call(
        ACCOUNTS["gateway"],
        addresses.DAILY_CREDITS,
        DAILY_CREDITS.by_name["spend"].calldata(ACCOUNTS["minter"], 0),
        PRESET.timestamp,
    )
    subject = subject_of(PRESET, "minimal", 7, target=right.path)
    finding = write_finding(tmp_path / "findings", failure_of(subject, call), subject)
    assert finding.foundry is not None
    selector = keccak256(b"Zero(string)")[:4].hex()
    assert f'isRefused(answer, saysOf(answer, 0x{selector}), "SPEND_ZERO")' in finding.foundry.read_text("utf-8")


def test_the_scenario_is_what_the_specification_does(tmp_path: Path) -> None:
    subject, failure = ours()["word"]
    finding = write_finding(tmp_path, failure, subject)
    outcome = run_scenario(read_scenario(str(finding.scenario)), (SpecificationMachine(PRESET),))
    assert outcome.holds


def test_a_preset_in_a_file_and_another_evm_are_found_again(tmp_path: Path) -> None:
    pytest.importorskip("pyrevm")
    preset = tmp_path / "mine.toml"
    shutil.copy(Path(str(presets.__file__)).parent / "minimal.toml", preset)
    artifacts, failure = ours()["word"]
    subject = replace(artifacts, preset_option=str(preset), machine="pyrevm")
    finding = write_finding(tmp_path / "findings", failure, subject)
    module = loaded(finding.regression)
    assert 'PRESET = HERE / "../mine.toml"' in finding.regression.read_text(encoding="utf-8")
    run_on(module, "specification")
    with pytest.raises(AssertionError):
        run_on(module, "pyrevm")
    assert read_scenario(str(finding.scenario)).preset.name == "minimal"


def longer(failure: Failure) -> Failure:
    return failure._replace(shrunk=(failure.shrunk[0], *failure.shrunk))


def test_the_same_divergence_is_entered_once_with_the_shortest_program_and_its_verdict(tmp_path: Path) -> None:
    subject, failure = ours()["status, refused"]
    first = write_finding(tmp_path, longer(failure), subject)
    register = Register.read(tmp_path / FILE)
    judged = register.entries[first.entry.id].model_copy(update={"verdict": Verdict.CONTRACT_WRONG, "why": "no check"})
    Register({judged.id: judged}).write(tmp_path / FILE)

    second = write_finding(tmp_path, failure, replace(subject, seed=8))
    third = write_finding(tmp_path, longer(failure), replace(subject, seed=9))
    assert [finding.is_new for finding in (first, second, third)] == [True, False, False]
    (entry,) = Register.read(tmp_path / FILE).entries.values()
    assert (entry.times_found, len(entry.program), entry.seed) == (3, 1, "8")
    assert (entry.verdict, entry.why) == ("contract wrong", "no check")
    assert "**contract wrong**: no check" in (tmp_path / PAGE).read_text(encoding="utf-8")
    assert "seed 8" in third.regression.read_text(encoding="utf-8")


def test_what_a_run_has_found_is_not_counted_again_when_it_is_made_again(tmp_path: Path) -> None:
    subject, failure = ours()["status, refused"]
    others = {"seed": 8}, {"machine": "pyrevm"}, {"preset_option": "launch", "preset": load_preset("launch")}
    runs = [subject, *(replace(subject, **other) for other in others)]
    for given in (longer(failure), failure, longer(failure)):
        found = [write_finding(tmp_path, given, run) for run in runs]
    assert {finding.entry.times_found for finding in found} == {4}
    (entry,) = Register.read(tmp_path / FILE).entries.values()
    assert (entry.times_found, len(entry.program), entry.seed, len(entry.found_also)) == (4, 1, "7", 3)


def test_a_difference_at_genesis_is_not_counted_again_when_it_is_found_by_the_same_run(tmp_path: Path) -> None:
    subject, failure = ours()["genesis"]
    first, second = (write_finding(tmp_path, failure, subject) for _ in range(2))
    assert (first.entry.times_found, second.entry.times_found) == (1, 1)
    assert (tmp_path / FILE).read_text(encoding="utf-8").count("seed") == 1
    assert f"Finding {first.entry.id}: found 1 time, as it says in " in second.summary


def entered(folder: Path, kind: str) -> Finding:
    subject, failure = ours()[kind]
    return write_finding(folder, failure, subject)


def test_findings_that_are_entered_at_the_same_time_are_all_entered(tmp_path: Path) -> None:
    kinds = [kind for kind in ours() if kind != "genesis"]
    with ThreadPoolExecutor(len(kinds)) as pool:
        found = list(pool.map(partial(entered, tmp_path), kinds))
    assert Register.read(tmp_path / FILE).entries.keys() == {finding.entry.id for finding in found}


def test_what_was_there_stays_where_no_more_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subject, failure = ours()["status, refused"]
    first = write_finding(tmp_path, longer(failure), subject)
    before = {path: path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()}

    def full(_: int) -> None:
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(FindingsError, match=f"{tmp_path}: cannot be written: No space left on device"):
        write_finding(tmp_path, failure, subject)
    assert {path: path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()} == before
    assert first.scenario in before


def failed_with(difference: Difference) -> tuple[Subject, Failure]:
    subject, failure = ours()["output"]
    divergence = Divergence(0, failure.shrunk[-1], difference)
    honest = replace(subject, image=ours()["status, refused"][0].image)
    return honest, failure._replace(divergence=divergence)


def test_amounts_and_accounts_make_no_other_divergence_and_reasons_do(tmp_path: Path) -> None:
    def id_of(where: str, left: str, right: str) -> str:
        subject, failure = failed_with(Difference(where, left, right))
        return write_finding(tmp_path, failure, subject).entry.id

    one, other = ACCOUNTS["staker"].hex(), ACCOUNTS["minter"].hex()
    word = "staking.stakes[0x{}].cooldown_end"
    assert id_of(word.format(one), "1", "2") == id_of(word.format(other), "3", "4")
    assert id_of("log 1", f"Staked from 0x{one} with 5", "no log") == id_of(
        "log 1", f"Staked from 0x{one} with 6", "no log"
    )
    assert id_of("status", "accepted", "refused with A") != id_of("status", "accepted", "refused with B")
    assert id_of("status", "accepted", f"refused with 0x12345678{'00' * 32}") == id_of(
        "status", "accepted", f"refused with 0x12345678{'01' * 32}"
    )


def test_what_py_evm_does_not_show_and_what_is_the_specifications_fault_is_said(tmp_path: Path) -> None:
    subject, failure = failed_with(Difference("invariant", "SUPPLY: 5 is not 6", "has to hold"))
    finding = write_finding(tmp_path, failure, subject)
    assert (finding.foundry, finding.entry.reproduced) == (None, False)
    assert not (tmp_path / "test").exists()
    assert "not shown" in (tmp_path / PAGE).read_text(encoding="utf-8")
    assert "in Solidity" not in finding.summary


def test_a_register_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    subject, failure = ours()["output"]
    path = tmp_path / FILE
    for text, message in (
        ("{", "expected JSON"),
        ('{"divergences": [{"id": "a"}]}', "divergences.0.function"),
        ('{"divergences": [], "more": 1}', "more"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(FindingsError, match=f"{FILE}: .*{message}"):
            write_finding(tmp_path, failure, subject)
    with pytest.raises(FindingsError, match="cannot be written"):
        write_finding(path, failure, subject)


def test_a_replay_shows_what_it_is_asked_for_and_knows_variables_by_their_names() -> None:
    replay = Replay("py-evm", "minimal")
    staker = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
    answer = replay.call(PRESET.timestamp, staker, "diem.stake", 1)
    assert answer.outcome == "INSUFFICIENT_BALANCE"
    assert answer.output.startswith("0x08c379a0")
    assert replay.send(PRESET.timestamp, staker, "vvv", "0x01").outcome == "empty revert data"
    assert replay.word(f"vvv.balance_of[{staker}]") == 1000 * 10**18
    assert replay.word(f"vvv.slot 0x{2:064x}") == int(PRESET.vvv.total_supply)
    with pytest.raises(KeyError):
        replay.word("vvv.nothing")


def test_the_options_of_contracts_are_written_as_a_shell_reads_them(tmp_path: Path) -> None:
    folder = tmp_path / "two words"
    folder.mkdir()
    brought = variant(folder, wrong=True)
    assert brought.option == f"--target '{folder / 'wrong' / 'target.toml'}'"
    assert replace(brought, target=None, artifacts=folder).option == f"--artifacts '{folder}'"
    assert replace(brought, target=None).option == ""


def test_a_list_has_the_ids_in_one_piece_and_both_answers_whole(tmp_path: Path) -> None:
    subject, failure = theirs(tmp_path)["view of a target"]
    entry = write_finding(tmp_path, failure, subject).entry
    shown = CliRunner().invoke(app, ["findings", "list", str(tmp_path)]).stdout
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in shown.splitlines() if "│" in line]
    assert cells[0][0] == entry.id
    assert ["".join(row[column] for row in cells) for column in (2, 3)] == [entry.specification, entry.bytecode]


def test_the_page_tells_of_our_state_where_it_is(tmp_path: Path) -> None:
    subject, failure = theirs(tmp_path)["word of a target"]
    write_finding(tmp_path / "theirs", failure, subject)
    subject, failure = ours()["output"]
    write_finding(tmp_path / "ours", failure, subject)
    for folder, is_there in (("theirs", False), ("ours", True)):
        said = (tmp_path / folder / PAGE).read_text(encoding="utf-8")
        assert "`STATE=state/NAME.json forge test`" in said
        assert ("STATE=reference" in said) is is_there
        assert any((tmp_path / folder / "state").glob("*-reference.json")) is is_there


def test_a_finding_says_where_it_is(tmp_path: Path) -> None:
    subject, failure = ours()["output"]
    first, second = (write_finding(tmp_path, failure, replace(subject, seed=seed)) for seed in (7, 8))
    assert isinstance(first, Finding)
    assert first.summary == (
        f"Finding {first.entry.id}: entered in {tmp_path / PAGE}; in Solidity: cd {tmp_path} && forge test"
    )
    assert "found 2 times" in second.summary
    assert first.as_json()["files"].keys() == {"scenario", "pytest", "foundry"}
