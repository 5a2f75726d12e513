"""The pytest plugin: the page's example on a target that is right and on one that is not, and in suites of others."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path

import pytest

from conformance.machines.specification import SpecificationMachine
from conformance.pytest_plugin.alone import WordsNotKnown
from conformance.pytest_plugin.both import Apart
from conformance.pytest_plugin.sides import Options, Sides, Unusable, read_sides
from conformance.session import Session, Unknown
from spec.diem import DIEM
from spec.messages import Call
from spec.quantities import format_address
from spec.staking import STAKING
from tests.plugin.runs import BROKEN, ROOT, broken_target, example, run

NO_OPTIMIZER = ROOT / "conformance" / "targets" / "no-optimizer" / "target.toml"
SMALL = ("--diem-preset", "minimal", "--hypothesis-seed", "1")


# ------------------------------------------------------------------------------------------------ the page's example


def test_the_example_has_ten_lines_of_tests() -> None:
    lines = [line for line in example().splitlines() if line and not line.startswith(("import ", "from "))]
    assert len(lines) <= 10


def test_the_example_passes_on_contracts_that_are_right_also_on_a_worker(tmp_path: Path) -> None:
    ran = run(tmp_path, example(), "--diem-target", NO_OPTIMIZER, *SMALL, "-n", "1")
    assert ran.returncode == pytest.ExitCode.OK, ran.stdout + ran.stderr
    assert "2 passed" in ran.stdout
    assert "diem: the specification and target no-optimizer" in ran.stdout


def test_the_example_fails_on_contracts_that_are_not(tmp_path: Path) -> None:
    target = broken_target(tmp_path)
    ran = run(tmp_path, example(), "--diem-target", target, *SMALL)
    assert ran.returncode == pytest.ExitCode.TESTS_FAILED, ran.stdout + ran.stderr
    assert "2 failed" in ran.stdout
    told = [line.removeprefix("E ").strip() for line in ran.stdout.splitlines() if line.startswith("E ")]
    assert any(re.match(r"program=<\d+ calls, the last one: at \d+ 0x", line) for line in told)
    at = told.index("from preset minimal, after 3 calls:") - 3
    assert told[at : at + 3] == [
        "conformance.pytest_plugin.both.Apart: staking.finalizeUnstake: status differs",
        "specification: accepted",
        "target:        refused with COOLDOWN_NOT_OVER",
    ]
    scenarios = re.findall(rf"replay with: diem run (\S+\.yaml) .* --target {re.escape(str(target))}", ran.stdout)
    assert len(scenarios) == 2
    assert all(Path(path).read_text(encoding="utf-8").startswith("title: divergence at ") for path in scenarios)


# ------------------------------------------------------------------------------------------------ in suites of others


def test_a_suite_that_does_not_use_it_imports_nothing_of_it(tmp_path: Path) -> None:
    tests = """
import sys

def test_loaded_but_idle(pytestconfig):
    assert pytestconfig.pluginmanager.has_plugin("diem")
    ours = {"spec", "ledger", "conformance", "eth", "rich"}
    loaded = {name for name in sys.modules if name.partition(".")[0] in ours}
    assert loaded == {"conformance", "conformance.pytest_plugin"}
"""
    ran = run(tmp_path, tests)
    assert ran.returncode == pytest.ExitCode.OK, ran.stdout + ran.stderr
    assert "diem:" not in ran.stdout


def test_a_target_that_cannot_be_used_ends_the_run_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "target.toml").write_text('name = "mine"\ncolour = "red"\n', encoding="utf-8")
    ran = run(tmp_path, example(), "--diem-target", "target.toml")
    assert ran.returncode == pytest.ExitCode.USAGE_ERROR
    (line,) = ran.stderr.strip().splitlines()
    assert line.startswith("ERROR: target.toml: colour: ")
    assert "passed" not in ran.stdout


@pytest.mark.parametrize(
    "options,said",
    [
        (Options(target=Path("nowhere.toml")), "nowhere.toml"),
        (Options(artifacts=Path("nowhere")), "nowhere: expected a directory"),
        (Options(preset="tomorrow"), "preset 'tomorrow': expected one of"),
        (Options(machine="z80"), "machine 'z80': expected one of"),
        (Options(target=NO_OPTIMIZER, artifacts=BROKEN), "expected --diem-artifacts or --diem-target, found both"),
    ],
)
def test_what_cannot_be_used_is_named(options: Options, said: str) -> None:
    with pytest.raises(Unusable, match=re.escape(said)):
        read_sides(options)


def test_strategies_say_that_they_need_hypothesis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    monkeypatch.delitem(sys.modules, "conformance.pytest_plugin.strategies", raising=False)
    with pytest.raises(ImportError, match="need: pip install hypothesis"):
        importlib.import_module("conformance.pytest_plugin.strategies")


# ------------------------------------------------------------------------------------------------ what fixtures do


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> Sides:
    """Contracts in which `unstake` of DIEM emits nothing."""
    sides = read_sides(Options(artifacts=BROKEN / "diem-unstake-silent", preset="minimal", machine="py-evm"))
    sides.deploy(tmp_path_factory.mktemp("silent"))
    return sides


def test_a_target_that_deploys_to_another_state_cannot_be_used(tmp_path: Path) -> None:
    path = broken_target(tmp_path)
    with path.open("a", encoding="utf-8") as file:
        arguments = '["$minter_burner_role", "$owner"]'
        file.write(f'\n[[set_up]]\nfrom = "admin"\ncall = "diem.grantRole"\narguments = {arguments}\n')
    with pytest.raises(Unusable, match=r"expected it to deploy to the state of preset minimal, found at diem: "):
        read_sides(Options(target=path, preset="minimal")).deploy(tmp_path)


def test_a_program_of_ones_own_is_shrunk(silent: Sides) -> None:
    names, now = Session(SpecificationMachine(silent.preset), silent.preset).accounts, silent.preset.timestamp
    view = Call(names["owner"], names["staking"], STAKING.by_name["owner"].calldata(), now)
    unstake = Call(names["minter"], names["diem"], DIEM.by_name["unstake"].calldata(), now + 30 * 86_400)
    silent.assert_alike([view, view])
    with pytest.raises(Apart) as apart:
        silent.assert_alike([view, view, view, unstake, unstake])
    lines = str(apart.value).splitlines()
    assert lines[0] == "diem.unstake: log 1 differs"
    assert lines[3] == "from preset minimal, after 1 call (4 before they were shrunk):"
    assert lines[4].endswith(f"{format_address(names['minter'])} calls diem.unstake()")


def test_a_session_fails_at_the_call_that_is_answered_apart(silent: Sides) -> None:
    with silent.session() as session:
        session.now += 30 * 86_400
        with pytest.raises(Apart, match=r"^diem.unstake: log 1 differs"):
            session.send("minter", "diem.unstake")


def test_a_session_is_compared_at_its_end_and_after_going_back(silent: Sides) -> None:
    with silent.session() as session:
        before = session.view("staking.cooldownDuration")
        mark = session.machine.snapshot()
        session.send("owner", "staking.setCooldownDuration", before + 1)
        assert session.view("staking.cooldownDuration") == before + 1
        session.machine.revert(mark)
        assert session.view("staking.cooldownDuration") == before


def test_words_that_nobody_knows_are_not_answered_with_the_specifications(tmp_path: Path) -> None:
    target = broken_target(tmp_path)
    target.write_text(target.read_text("utf-8").replace('"DIEM.json"\nstorage = "same"', '"DIEM.json"'), "utf-8")
    sides = read_sides(Options(target, None, "minimal", "py-evm"))
    sides.deploy(tmp_path)
    machine = sides.alone()
    asked = Call(sides.preset.diem.admin, DIEM.address, DIEM.by_name["setCooldownDuration"].calldata(7), 2 * 10**9)
    before = machine.snapshot()
    assert machine.call(asked).status
    assert machine.written() == {}
    machine.revert(before)
    assert machine.word(STAKING.address, 0) == sides.from_genesis().specification.word(STAKING.address, 0)
    assert len(machine.storage_root(STAKING.address)) == 32
    said = re.escape(f"diem: {target} gives it no storage, so only its views can be asked")
    with pytest.raises(WordsNotKnown, match=f"^{said}$"):
        machine.word(DIEM.address, 0)
    with pytest.raises(WordsNotKnown, match=f"^{said}$"):
        machine.storage_root(DIEM.address)
    assert machine.name == "target"


def test_unknown_names_are_said(silent: Sides) -> None:
    with silent.session() as session:
        with pytest.raises(Unknown, match="account 'nobody': expected one of "):
            session.send("nobody", "staking.claim")
        with pytest.raises(Unknown, match=r"function 'staking\.nothing': expected a contract and a function"):
            session.send("owner", "staking.nothing")
    assert isinstance(session, Session)
