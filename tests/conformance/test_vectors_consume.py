"""Putting vectors to machines: ours pass, every saboteur fails, and the report says where."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from conformance.artifact import load_artifacts
from conformance.cli.app import app
from conformance.genesis_file import GAS_LIMIT
from conformance.peers.anvil import Anvil
from conformance.peers.client import PeerError
from conformance.trust.saboteurs import Saboteur
from conformance.vectors.answering import answer
from conformance.vectors.components.component import TREASURY
from conformance.vectors.consume import consume, counts
from conformance.vectors.encoding import Malformed
from conformance.vectors.executors import PyEvmExecutor, SpecificationExecutor
from conformance.vectors.judging import Differs, Judge, NotComparable
from conformance.vectors.node import AnvilExecutor, running_node
from conformance.vectors.reasons import ReasonsError, known_reasons, read_reasons
from conformance.vectors.targets.machine import MachineTarget
from ledger.genesis import Genesis, GenesisAccount
from tests.conformance.foundry import needs
from tests.conformance.vector_chain_saboteurs import CHAIN_SABOTEURS
from tests.conformance.vector_clients import client
from tests.conformance.vector_saboteurs import LIARS, SABOTEURS, SaboteurExecutor
from tests.conformance.vector_sets import QUOTE, REFUSED, changed, core_entries, entry, files_of, written

if TYPE_CHECKING:
    from collections.abc import Callable

    from spec.messages import Call, Receipt

ROOT = Path(__file__).resolve().parents[2]
BROKEN = ROOT / "tests" / "meta" / "broken"
PUBLISHED = ROOT / "docs" / "vectors" / "CATCHES.md"

OFF_CHAIN = "it is computed off chain"
NO_BLOCKS = "it carries out calls, and has no blocks"

# A constructor has run before a vector begins.
UNSEEN = {"diem-cooldown-length"}


def published() -> dict[str, tuple[int, str]]:
    """Return saboteur or broken copy |-> how many vectors catch it and the name of one, as the page says."""
    rows = [line.strip("|").split("|") for line in PUBLISHED.read_text(encoding="utf-8").splitlines() if "|" in line]
    cells = [[cell.strip().strip("`") for cell in row] for row in rows]
    return {cell[0]: (int(cell[1]), cell[2]) for cell in cells if len(cell) == 3 and cell[1].isdigit()}


def diem(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["vectors", *map(str, arguments)])


def test_the_specification_passes_all() -> None:
    assert counts(consume(MachineTarget(SpecificationExecutor()), core_entries()))["passed"] == len(core_entries())


def test_the_bytecode_passes_all_that_bytecode_computes() -> None:
    found = consume(MachineTarget(PyEvmExecutor()), core_entries())
    assert counts(found)["failed"] == 0
    skipped = {"/".join(outcome.id.split("/")[:2]): outcome.reason for outcome in found if outcome.verdict == "skipped"}
    assert skipped == {
        **dict.fromkeys(("component/curve_table", "component/emission_rate"), OFF_CHAIN),
        **{group: NO_BLOCKS for group in skipped if group.startswith(("chain/", "crash/"))},
    }


def test_the_bytecode_passes_in_a_node_over_json_rpc() -> None:
    needs("anvil")
    target = MachineTarget(AnvilExecutor())
    try:
        found = consume(target, core_entries())
    finally:
        target.close()
    assert [outcome for outcome in found if outcome.verdict == "failed"] == []
    assert {outcome.reason for outcome in found if outcome.verdict == "skipped"} == {OFF_CHAIN, NO_BLOCKS}


def test_a_node_that_runs_already_is_given_the_codes() -> None:
    needs("anvil")
    genesis = Genesis(8453, 0, TREASURY, GAS_LIMIT, {TREASURY: GenesisAccount(balance=1)})
    quotes = [each for each in core_entries() if each.id.startswith("component/quote")]
    with Anvil(genesis) as anvil:
        target = MachineTarget(running_node(anvil.url))
        found = consume(target, quotes)
        target.close()
    assert {outcome.verdict for outcome in found} == {"passed"}


@pytest.mark.parametrize("name", SABOTEURS)
def test_every_saboteur_fails_on_as_many_vectors_as_is_published(name: str) -> None:
    found = counts(consume(MachineTarget(SaboteurExecutor(SABOTEURS[name])), core_entries()))
    assert found["failed"] > 0
    assert published()[name][0] == found["failed"]


def test_every_saboteur_is_tried_and_the_honest_one_passes() -> None:
    assert len(LIARS) == 18
    assert counts(consume(MachineTarget(SaboteurExecutor(Saboteur)), core_entries()))["failed"] == 0
    copies = {folder.name for folder in BROKEN.iterdir() if folder.is_dir()}
    assert set(published()) == {*SABOTEURS, *copies, *(liar.__name__ for liar in CHAIN_SABOTEURS)}


@pytest.mark.parametrize("name", sorted(folder.name for folder in BROKEN.iterdir() if folder.is_dir()))
def test_every_broken_copy_of_the_contracts_is_caught_by_the_vector_that_is_published(name: str) -> None:
    count, id_ = published()[name]
    assert (count == 0) == (name in UNSEEN)
    if count:
        (outcome,) = consume(MachineTarget(PyEvmExecutor(load_artifacts(BROKEN / name))), [entry(id_)])
        assert outcome.verdict == "failed"


# ------------------------------------------------------------------------------------------------------- the comparison


def judged(id_: str, change: Callable[[Any], Any], parts: frozenset[str] | None = None) -> str:
    """Return what is said of the right answer after a change, with the words' variables in it."""
    one = entry(id_)
    given = json.loads(json.dumps(one.answer))
    given = change(given) or given
    judge = Judge(parts) if parts is not None else Judge()
    try:
        judge.judge(one.format, one.request, one.answer, given)
    except (Differs, Malformed, NotComparable) as error:
        return f"{type(error).__name__}: {error}"
    return "passed"


CLAIM = next(each.id for each in core_entries() if each.id.startswith("call/staking/claim/accepted"))
REFUSAL = next(each.id for each in core_entries() if each.id.startswith("call/staking/stake/STAKE_ZERO"))
VIEW = next(each.id for each in core_entries() if each.id.startswith("call/diem/totalSupply/accepted"))
SEQUENCE = next(each.id for each in core_entries() if each.id.startswith("sequence/program/minimal"))


@pytest.mark.parametrize("id_", [CLAIM, REFUSAL, VIEW, SEQUENCE, QUOTE, REFUSED])
def test_the_right_answer_passes_in_either_case_of_hexadecimal(id_: str) -> None:
    def upper(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: upper(each) for key, each in value.items()}
        if isinstance(value, list):
            return [upper(each) for each in value]
        return f"0x{value[2:].upper()}" if isinstance(value, str) and value.startswith("0x") else value

    assert judged(id_, lambda given: given) == "passed"
    assert judged(id_, upper) == "passed"


def _set(value: Any, *path: Any) -> Callable[[Any], None]:
    def change(given: Any) -> None:
        for key in path[:-1]:
            given = given[key]
        given[path[-1]] = value

    return change


@pytest.mark.parametrize(
    "id_,change,said",
    [
        (QUOTE, _set("5", "values", "diem_amount"), 'Differs: values.diem_amount: "29924974922433909223" against "5"'),
        (QUOTE, _set(5, "values", "diem_amount"), "Malformed: values.diem_amount: expected a string, found the"),
        (QUOTE, _set(5.5, "values", "diem_amount"), "Malformed: values.diem_amount: expected a string, found the"),
        (QUOTE, lambda given: given["values"].clear(), "Differs: values.diem_amount"),
        (QUOTE, _set(None, "values"), "Differs: values.diem_amount"),
        (QUOTE, _set([], "values"), "Malformed: expected an object, found []"),
        (QUOTE, _set(False, "status"), "Differs: status: accepted against refused"),
        (QUOTE, _set("true", "status"), 'Differs: status: true against "true"'),
        (QUOTE, lambda _: {"x": 1}, "Differs: status: true against nothing"),
        (REFUSED, _set(True, "status"), "Differs: status: refused with INSUFFICIENT_SUPPLY against accepted"),
        (REFUSED, _set("OTHER", "reason"), 'Differs: reason: "INSUFFICIENT_SUPPLY" against "OTHER"'),
        (REFUSED, _set("0x", "output"), "Differs: output: "),
        (CLAIM, _set("0x01", "output"), 'Differs: output: "0x" against "0x01"'),
        (CLAIM, lambda given: given["logs"].clear(), "Differs: logs: "),
        (CLAIM, _set("0x", "logs", 0, "data"), "Differs: logs[0].data: "),
        (CLAIM, _set("staking.Other", "events", 0, "event"), "Differs: events[0].event: "),
        (CLAIM, _set({}, "words"), "Differs: words[0x"),
        (CLAIM, _set([], "words"), "Malformed: expected an object, found []"),
        (CLAIM, _set({"0x01": {"0x02": "0x03"}}, "words"), "Malformed: expected 32 bytes, found 1"),
        (CLAIM, _set({}, "variables"), "Differs: variables."),
        (CLAIM, _set("1", "variables", "vvv.symbol"), "Differs: variables.vvv.symbol: "),
        (CLAIM, _set("1", "variables", "vvv.other"), "Differs: variables.vvv.other: no such variable, or one that"),
        (CLAIM, _set("0", "variables", "vvv.other"), "passed"),
        (SEQUENCE, lambda given: given["receipts"].pop() and None, "Differs: receipts: 40 entries against 39 entries"),
        (SEQUENCE, _set("no", "receipts"), "Malformed: receipts: expected a list"),
        (SEQUENCE, lambda given: given["checkpoints"].clear(), "Differs: checkpoints: 4 entries against 0 entries"),
        (SEQUENCE, _set("0x", "checkpoints", 1, "roots", "diem"), "Differs: checkpoints[1].roots.diem: "),
    ],
)  # fmt: skip
def test_the_first_difference_is_named_by_its_field(id_: str, change: Callable[[Any], Any], said: str) -> None:
    assert said in judged(id_, change)


@pytest.mark.parametrize(
    "id_,parts,said",
    [
        (QUOTE, set(), "the client answers none of values"),
        (REFUSED, {"values"}, "the client answers none of output, reason"),
        (CLAIM, {"output"}, "the client answers none of events, logs, variables, words"),
        (VIEW, {"words"}, "the client answers none of output, returns"),
        (REFUSAL, {"words"}, "the client answers none of output, reason"),
        (SEQUENCE, {"reason"}, "the client answers none of events, logs, roots, variables, words"),
    ],
)
def test_a_vector_of_which_too_little_is_compared_is_not_passed(id_: str, parts: set[str], said: str) -> None:
    assert judged(id_, lambda given: given, frozenset(parts)) == f"NotComparable: {said}"


def test_words_that_are_as_they_were_may_be_named() -> None:
    before = entry(CLAIM).request["state"]

    def all_of_it(given: Any) -> None:
        for contract, slots in before["words"].items():
            for slot, word in slots.items():
                given["words"].setdefault(contract, {}).setdefault(slot, word)
        given["variables"] = {**before["variables"], **given["variables"]}

    assert judged(CLAIM, all_of_it) == "passed"


@pytest.mark.parametrize(
    "format_,request_,message",
    [
        ("epoch", {}, "expected a format, one of component, call, sequence, chain, crash"),
        ("component", {"component": "fee"}, "expected a component, one of emission_rate"),
        ("component", {"component": "quote", "input": {"x": "1"}}, "expected an input of supply, rates"),
        ("component", {"component": "emission_rate", "input": {"annual": 1}}, "as a decimal string, found 1"),
        ("call", {}, "expected an object, found null"),
        ("sequence", {"state": {"chain_id": "1", "words": {}}, "calls": {}}, "expected a list, found {}"),
    ],
)
def test_a_request_that_is_none_is_refused(format_: str, request_: Any, message: str) -> None:
    with pytest.raises(Malformed) as caught:
        answer(format_, request_, SpecificationExecutor())
    assert message in str(caught.value)


# ------------------------------------------------------------------------------------------------------------ reasons


def test_reasons_are_read_from_a_file_of_the_client(tmp_path: Path) -> None:
    path = tmp_path / "reasons.toml"
    path.write_text('[reasons]\n"too much" = "INSUFFICIENT_BALANCE"\n', encoding="utf-8")
    assert read_reasons(path) == {"too much": "INSUFFICIENT_BALANCE"}
    assert {"INSUFFICIENT_BALANCE", "Panic(0x11)", "empty revert data", "ERC20InvalidReceiver"} <= known_reasons()


@pytest.mark.parametrize(
    "text,message",
    [
        ("=", "cannot be read as TOML"),
        ("[errors]", "expected one table, [reasons], found"),
        ("reasons = 1", "expected one table, [reasons], found"),
        ('[reasons]\na = "NONE"', 'reasons.a: expected a reason of the specification, found "NONE"'),
        ("[reasons]\na = [1]", "reasons.a: expected a reason of the specification, found [1]"),
    ],
)
def test_a_file_of_reasons_that_is_wrong_is_bad_input(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "reasons.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ReasonsError) as caught:
        read_reasons(path)
    assert message in str(caught.value)


# -------------------------------------------------------------------------------------------------------- the commands


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return written(tmp_path / "set", files_of(QUOTE, REFUSED, CLAIM))


def test_a_run_that_passes_is_reported_and_ends_with_0(small: Path) -> None:
    run = diem("consume", small, "--machine", "specification")
    assert run.exit_code == 0, run.output
    assert "PASSES: 3 passed, 0 failed, 0 skipped" in run.output


def test_a_run_that_fails_says_where_in_text_json_and_junit(small: Path, tmp_path: Path) -> None:
    command = client(tmp_path, 'answer["answer"]["values"] = {"diem_amount": "6\\x01"}\nsay(answer)')
    junit, saved = tmp_path / "junit.xml", tmp_path / "report.json"
    arguments = ("consume", small, "--program", command, "--timeout", "20")
    run = diem(*arguments, "--junit", junit, "--json-file", saved)

    assert run.exit_code == 1
    assert f'FAILED {QUOTE}: values.diem_amount: expected "29924974922433909223", got "6\\u0001"' in run.output
    assert "skipped 1: the client does not implement it" in run.output
    assert "DOES NOT PASS: 1 passed, 1 failed, 1 skipped" in run.output

    report = json.loads(saved.read_text(encoding="utf-8"))
    assert json.loads(diem(*arguments, "--json").output) == report
    assert (report["holds"], report["root"]) == (False, json.loads((small / "index.json").read_text())["root"])
    assert (report["passed"], report["failed"], report["skipped"]) == ("1", "1", "1")
    (failed,) = [outcome for outcome in report["outcomes"] if outcome["verdict"] == "failed"]
    assert failed["first_difference"]["field"] == "values.diem_amount"

    suites = ElementTree.parse(junit).getroot()  # noqa: S314 -- our own
    assert sum(int(suite.get("tests", "0")) for suite in suites) == 3
    assert [case.get("name") for case in suites.iter("testcase") if case.find("failure") is not None] == [QUOTE]
    assert len(list(suites.iter("skipped"))) == 1


def test_a_run_in_which_nothing_is_compared_does_not_pass(small: Path, tmp_path: Path) -> None:
    run = diem("consume", small, "--program", client(tmp_path, "say(answer)"), "--only", "call", "--timeout", "20")
    assert run.exit_code == 1
    assert "DOES NOT PASS: 0 passed, 0 failed, 1 skipped; nothing was compared" in run.output


def test_a_vector_that_is_wrong_is_counted_and_the_others_are_run(tmp_path: Path) -> None:
    wrong = written(tmp_path, changed(QUOTE, lambda vector: vector.pop("answer") and None))
    run = diem("consume", wrong, "--machine", "specification")
    assert run.exit_code == 1
    assert f"FAILED {QUOTE}: vector: expected the field answer" in run.output


@pytest.mark.parametrize(
    "arguments,message",
    [
        (["consume"], "expected one of --program, --machine and --rpc"),
        (["consume", "--machine", "specification", "--program", "x"], "expected one of --program, --machine and --rpc"),
        (["consume", "--machine", "geth"], "machine 'geth': expected one of specification, py-evm, anvil"),
        (["consume", "--rpc", "127.0.0.1"], "127.0.0.1: expected an address such as http://127.0.0.1:8545"),
        (["consume", "--rpc", "http://127.0.0.1:1"], "no answer by JSON-RPC"),
        (["consume", "--machine", "specification", "--artifacts", "."], "--artifacts: expected --machine py-evm"),
        (["consume", "--machine", "specification", "--errors", "x"], "--errors: expected --program"),
        (
            ["consume", "--machine", "specification", "--only", "call/eth"],
            "--only: expected the beginning of a vector's",
        ),
        (["consume", "nowhere", "--machine", "specification"], "nowhere: cannot be read as a folder or a .tar.gz"),
        (["consume", "--program", "/nowhere/x"], "/nowhere/x: cannot be started"),
        (["consume", "--machine", "specification", "--junit", "/nowhere/x"], "/nowhere/x: cannot be written"),
        (["fill"], "expected a folder to write to, or --archive"),
        (["fill", "--check", "--archive", "x.tar.gz"], "--check: expected the folder to compare with"),
        (["serve", "--machine", "geth"], "machine 'geth': expected one of"),
    ],
)
def test_bad_input_is_said_in_one_line(arguments: list[str], message: str) -> None:
    run = diem(*arguments)
    assert run.exit_code == 2
    assert run.stderr.count("\n") == 1
    assert message in run.stderr


def test_a_set_is_filled_into_a_folder_and_an_archive_and_checked(small: Path, tmp_path: Path) -> None:
    target, archive = tmp_path / "new", tmp_path / "new.tar.gz"
    run = diem("fill", target, "--requests", small, "--archive", archive, "--json")
    assert run.exit_code == 0, run.output
    assert json.loads(run.output)["vectors"] == "3"
    assert diem("fill", target, "--requests", archive, "--check").exit_code == 0
    (target / "index.json").write_text("{}", encoding="utf-8")
    differs = diem("fill", target, "--requests", small, "--check")
    assert (differs.exit_code, "DIFFERS index.json" in differs.output) == (1, True)
    assert diem("fill", target, "--requests", small).exit_code == 0
    assert diem("consume", target, "--machine", "specification").exit_code == 0


def test_a_folder_of_something_else_is_not_written_over(small: Path, tmp_path: Path) -> None:
    other = written(tmp_path / "other", {"thesis.txt": b"years of work"})
    run = diem("fill", other, "--requests", small)
    assert run.exit_code == 2
    assert "expected a set of vectors, an empty folder or none" in run.stderr
    assert (other / "thesis.txt").exists()


def test_the_machine_that_is_served_over_lines_passes(small: Path) -> None:
    command = shlex.join([sys.executable, "-m", "conformance.cli", "vectors", "serve"])
    run = diem("consume", small, "--program", command, "--timeout", "60")
    assert run.exit_code == 0, run.output
    assert "client specification" in run.output


def test_the_client_of_ten_lines_passes_what_it_implements() -> None:
    command = shlex.join([sys.executable, str(ROOT / "docs" / "vectors" / "client.py")])
    run = diem("consume", "--program", command, "--timeout", "60", "--json")
    report = json.loads(run.output)
    assert (run.exit_code, report["target"], report["failed"]) == (0, "ten lines", "0")
    assert int(report["passed"]) >= 1


def test_a_node_that_goes_away_fails_vectors_and_not_the_run() -> None:
    class Gone(SpecificationExecutor):
        def call(self, call: Call) -> Receipt:
            raise PeerError("no answer by JSON-RPC: ConnectionRefusedError")

    (outcome,) = consume(MachineTarget(Gone()), [entry(QUOTE)])
    assert (outcome.verdict, outcome.kind) == ("failed", "error")
    assert "no answer by JSON-RPC" in outcome.reason


def test_what_is_served_is_no_traceback_for_a_line_that_is_none() -> None:
    run = CliRunner().invoke(app, ["vectors", "serve"], input="hello\n")
    assert run.exit_code == 2
    assert "standard input: expected a line as docs/vectors/PROTOCOL.md says" in run.stderr
