"""The report as files: what it holds, that it is one page of plain text and tables, and its schema."""

from __future__ import annotations

import json
import shutil
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

from conformance.artifact import compiler_of, load_artifacts
from conformance.cli.app import app
from conformance.facts import FACTS
from conformance.report import charts, score_tables, tables
from conformance.report.document import Report, schema
from conformance.report.limits import not_looked_at
from conformance.report.page import page
from conformance.report.reach import NewlySeen
from conformance.report.scores import PARTS, scores
from conformance.report.subject import given_up, subject_of
from conformance.report.writing import JSON, PAGE, SCHEMA
from conformance.target import load_target
from spec.machine import CONTRACTS
from tests.report.samples import BROKEN, HOSTILE, ROOT, conform, hostile, read

FETCHING = {"script", "link", "img", "iframe", "object", "embed", "audio", "video", "source", "base", "form", "use"}


class _Page(HTMLParser):
    """What a page consists of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.handlers: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name in {"href", "src"}:
                self.links.append(value or "")
            if name == "id":
                self.ids.add(value or "")
            if name.startswith("on") or name == "style":
                self.handlers.append(name)

    def handle_data(self, data: str) -> None:
        self.text += data


def _page(folder: Path) -> _Page:
    return _Page((folder / PAGE).read_text(encoding="utf-8"))


# ------------------------------------------------------------------------------------------------ what it holds


def test_a_run_that_holds_says_so_and_what_it_rests_on(green: Path) -> None:
    report = read(green)
    assert report.verdict.outcome == "conforms"
    assert report.verdict.sentence.startswith("120 calls answered alike, 4 storage roots equal, ")
    assert report.command == "diem conform --calls 120 --seed 3 --preset minimal"
    assert report.compared.calls == report.compared.accepted + report.compared.refused == 120
    assert report.compared.published_facts == len(report.facts) == len(FACTS)
    assert report.divergences == ()
    assert report.newly_seen[-1].calls == 120
    assert [phase.name for phase in report.phases] == ["deployment", "calls", "published facts"]


def test_reach_has_every_function_with_what_was_not_reached(green: Path) -> None:
    report = read(green)
    named = {(row.contract, row.function) for row in report.reach}
    assert {(contract.name, name) for contract in CONTRACTS.values() for name in contract.by_name} < named
    calls = sum(row.accepted + sum(row.refused.values()) for row in report.reach)
    assert calls == report.compared.calls
    mint = next(row for row in report.reach if (row.contract, row.function) == ("vvv", "mint"))
    assert "UNAUTHORIZED" in mint.refused
    (svvv,) = (row for row in report.reach if (row.contract, row.function) == ("staking", "transfer"))
    assert (svvv.can_be_accepted, "Panic(0x11)" in svvv.refused) == (False, False)
    assert any(count == 0 for row in report.reach for count in row.refused.values())
    assert any("of which a call can be accepted and none was" in each for each in report.not_looked_at)


def test_contracts_are_told_apart_by_their_hashes(green: Path, red: Path) -> None:
    ours, theirs = read(green).subject, read(red).subject
    assert {role.whose for role in ours.roles} == {"ours"}
    assert [role.name for role in theirs.roles if role.whose == "artifacts"] == ["diem"]
    assert theirs.name == "other artifacts for diem"
    recorded = json.loads((BROKEN / "DIEM.json").read_text(encoding="utf-8"))
    (diem,) = (role for role in theirs.roles if role.name == "diem")
    assert diem.runtime_keccak == recorded["deployedBytecodeKeccak"]
    assert diem.compiler == f"solc {recorded['compiler']['version']}"


def test_what_a_targets_file_leaves_uncompared_is_said(tmp_path: Path) -> None:
    folder = shutil.copytree(ROOT / "conformance" / "targets" / "variant", tmp_path / "variant")
    path = folder / "target.toml"
    text = path.read_text(encoding="utf-8").replace('SPEND_ZERO = "ZeroAmount()"', 'SPEND_ZERO = "*"')
    path.write_text(text, encoding="utf-8")
    said = tuple(given_up(load_target(path)))
    assert said == (
        "Variables that vvv does not have, for which the specification's stood in: nonces[].",
        "Variables of staking's own: deposits.",
        "Functions of staking's own, which were not called: deposits(), setUp(address,address,address,address).",
        "Variables that credits does not have, for which the specification's stood in: credit_at_once, epoch_duration.",
        "Why credits refuses a call, where any refusal is taken for the right one: SPEND_ZERO.",
    )
    subject = subject_of("target", "py-evm", load_artifacts(), load_target(path))
    assert set(said) < set(not_looked_at(subject, (), (), ()))


def test_a_divergence_is_shown_with_its_program_and_its_replay(red: Path) -> None:
    report = read(red)
    (divergence,) = report.divergences
    assert report.verdict.outcome == "does not conform"
    assert divergence.function in report.verdict.sentence
    assert (divergence.function, divergence.where) == ("diem.unstake", "log 1")
    assert divergence.other == "no log"
    assert 0 < len(divergence.program) <= divergence.original_length
    scenario, regression, foundry, register = (red / file.path for file in divergence.files)
    assert yaml.safe_load(scenario.read_text(encoding="utf-8"))["preset"] == "minimal"
    assert [path.suffix for path in (regression, foundry, register)] == [".py", ".sol", ".md"]
    assert "diem.unstake" in register.read_text(encoding="utf-8")
    page = _page(red)
    assert "DOES NOT CONFORM" in page.text
    assert all(call in page.text for call in divergence.program)
    assert divergence.replay in page.text


def test_the_verdict_names_a_fact_that_does_not_hold_beside_a_divergence(tmp_path: Path) -> None:
    assert conform(tmp_path, "--artifacts", BROKEN.parent / "staking-cooldown-boundary").exit_code == 1
    divergence, _, facts = read(tmp_path).verdict.sentence.partition("; ")
    assert divergence.endswith("in staking.finalizeUnstake: status differs")
    assert facts == "1 published fact does not hold: VVV can be taken out at the second the cooldown ends"


def test_a_target_that_is_deployed_to_another_state_has_a_report_too(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "conformance/targets/no-optimizer", tmp_path, dirs_exist_ok=True)
    with (tmp_path / "target.toml").open("a", encoding="utf-8") as file:
        arguments = '["$minter_burner_role", "$owner"]'
        file.write(f'\n[[set_up]]\nfrom = "admin"\ncall = "diem.grantRole"\narguments = {arguments}\n')
    ran = conform(tmp_path / "report", "--target", tmp_path / "target.toml")
    assert ran.exit_code == 1, ran.output
    report = read(tmp_path / "report")
    assert report.compared.calls == 0
    assert report.verdict.sentence.startswith("at genesis, before any call: diem: ")
    assert (report.divergences[0].specification, report.divergences[0].other) == ("0", "1")
    assert {role.whose for role in report.subject.roles} == {"target"}
    assert {role.compiler for role in report.subject.roles} == {"solc 0.8.26+commit.8a97fa7a"}
    assert (report.subject.machine, report.subject.evm) == ("target", "py-evm")


# ------------------------------------------------------------------------------------------------ the data


def test_the_data_are_as_the_schema_beside_them_says(green: Path, red: Path) -> None:
    for folder in (green, red):
        stated = json.loads((folder / SCHEMA).read_text(encoding="utf-8"))
        assert stated == schema()
        jsonschema.Draft202012Validator.check_schema(stated)
        jsonschema.validate(json.loads((folder / JSON).read_text(encoding="utf-8")), stated)


@pytest.mark.parametrize("key", ["verdict", "divergences", "scores", "not_looked_at"])
def test_the_schema_misses_what_is_not_there(key: str, green: Path) -> None:
    content = json.loads((green / JSON).read_text(encoding="utf-8"))
    del content[key]
    with pytest.raises(jsonschema.ValidationError, match=key):
        jsonschema.validate(content, schema())


# ------------------------------------------------------------------------------------------------ the page


def test_the_page_has_no_script_and_fetches_nothing(green: Path, red: Path) -> None:
    for folder in (green, red):
        page = _page(folder)
        assert not page.tags & FETCHING
        assert page.handlers == []
        for link in page.links:
            assert link[1:] in page.ids if link.startswith("#") else (folder / unquote(link)).is_file()


def test_texts_of_others_stay_texts(red: Path) -> None:
    text = page(hostile(read(red)))
    shown = _Page(text)
    assert not shown.tags & FETCHING
    assert shown.handlers == []
    assert shown.text.count(HOSTILE) > 20
    assert not any(link.startswith("javascript:") for link in shown.links)


# ------------------------------------------------------------------------------------------------ scores


def test_what_has_not_been_computed_is_said_to_be_so(green: Path, tmp_path: Path) -> None:
    report = read(green)
    missing = scores(report.subject, tmp_path)
    assert [(score.part, score.computed) for score in missing] == [(part, False) for part in PARTS]
    text = _Page(page(report.model_copy(update={"scores": missing}))).text
    assert text.count("Not computed: run diem trust") == len(PARTS)


def test_scores_of_other_contracts_are_said_to_be_so(green: Path, tmp_path: Path) -> None:
    report = read(green)
    ours = {role.code: role.runtime_keccak for role in report.subject.roles}
    for hashes, expected, said in (
        (ours, True, "the very contracts that were compared here"),
        (ours | {"DIEM": "0x" + "ab" * 32}, False, "other contracts than those compared here"),
    ):
        content = {"hashes": hashes, "of_another_kind": [{"name": "x", "killed": {"status": 3, "logs": 12345}}]}
        (tmp_path / "mutants.json").write_text(json.dumps(content), encoding="utf-8")
        found = scores(report.subject, tmp_path)
        assert (found[0].computed, found[0].same_contracts) == (True, expected)
        text = _Page(page(report.model_copy(update={"scores": found}))).text
        assert said in text
        assert "12,345" in text


def test_shares_of_mutants_are_all_of_them_only_if_they_are() -> None:
    killed = {"status": 0, "output": 1, "logs": 998, "views": 1999, "storage": 2000}
    row = {"side": "bytecode", "mutants": 2010, "killed": killed, "indistinguishable": 10, "unexplained": 0}
    (table, said) = score_tables.shown("mutants", {"sides": [{**row, "left_out": {"that do not compile": 1234}}]})
    assert table.columns[:3] == ("side", "can be told apart", "status")
    shares = ("0 % (0)", "0 % (1)", "49.9 % (998)", "99.9 % (1,999)", "100 % (2,000)")
    assert table.rows == (("bytecode", "2,000", *shares, "10", "0"),)
    assert said.title == "bytecode: 1,234 that do not compile."


def test_a_liar_that_is_not_caught_is_told_from_an_honest_machine() -> None:
    row = {"machine": "m", "does": "d", "calls": 3000, "level": "", "where": ""}
    (table,) = score_tables.shown(
        "saboteurs",
        {
            "verdicts": [
                {**row, "caught": True, "as_it_has_to_be": True},
                {**row, "caught": False, "as_it_has_to_be": True},
                {**row, "caught": False, "as_it_has_to_be": False},
            ]
        },
    )
    assert [cells[2] for cells in table.rows] == ["caught", "passes, as it has to", "NOT CAUGHT"]


def test_what_nothing_is_known_about_is_shown_as_it_is() -> None:
    content = {
        "of_rows": [{"a": 1, "b": {"c": None}}, {"a": True}],
        "of_names": {"x_y": [1, 2]},
        "bare": "text",
        "none": [],
    }
    rows, names, bare, none = score_tables.shown("reach", content)
    assert (rows.columns, rows.rows) == (("a", "b: c"), (("1", "-"), ("yes", "")))
    assert names.rows == (("x y", "1, 2"),)
    assert (bare.title, none.title) == ("bare: text", "none: -")


def test_all_of_the_committed_scores_is_shown(green: Path) -> None:
    for score in read(green).scores:
        for table in score_tables.shown(score.part, score.content):
            assert table.title
            assert all(len(row) == len(table.columns) for row in table.rows)


# ------------------------------------------------------------------------------------------------ charts


def test_what_was_newly_seen_is_a_line_of_steps() -> None:
    seen = NewlySeen()
    for calls, number in ((1, 1), (2, 1), (3, 2), (10, 2)):
        seen.note(calls, number)
    assert charts.outcomes(seen.points) == [(1, 1), (3, 2), (10, 2)]
    assert charts.branches(seen.points) == []
    assert charts.line(charts.outcomes(seen.points)).points == "0,240 100,240 100,120 300,120 300,0 1000,0"


def test_nothing_seen_is_no_point() -> None:
    assert NewlySeen().points == ()
    assert charts.line([(0, 0)]).points == "0,240"


def test_bars_are_parts_of_the_largest() -> None:
    assert [bar.width for bar in charts.bars([("a", 8), ("b", 2), ("c", 0)])] == [100, 25, 0]
    assert charts.bars([]) == ()


@pytest.mark.parametrize(
    "value,text", [(0.04, "0.0 s"), (59.94, "59.9 s"), (60, "1 min 00 s"), (3599.6, "1 h 00 min"), (7260, "2 h 01 min")]
)
def test_durations_are_for_people(value: float, text: str) -> None:
    assert tables.duration(value) == text


# ------------------------------------------------------------------------------------------------ bad input


def test_a_folder_that_cannot_be_one_is_named_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    ran = conform(tmp_path / "file" / "report")
    assert ran.exit_code == 2
    assert ran.stderr.startswith(f"diem conform: {tmp_path / 'file' / 'report'}: expected a folder that can be ")
    assert ran.stderr.count("\n") == 1


def test_the_help_tells_of_the_report() -> None:
    assert "--report" in CliRunner().invoke(app, ["conform", "--help"], env={"COLUMNS": "120"}).stdout


@pytest.mark.parametrize(
    "document,said",
    [
        ({"compiler": {"version": "0.8.26+commit.8a97fa7a"}}, "solc 0.8.26+commit.8a97fa7a"),
        ({"metadata": {"compiler": {"version": "0.8.28"}}}, "solc 0.8.28"),
        ({"metadata": "text", "compiler": "solc"}, ""),
        ({}, ""),
    ],
)
def test_the_compiler_is_said_where_an_artifact_says_it(document: dict[str, object], said: str) -> None:
    assert compiler_of(document) == said


def test_facts_that_do_not_hold_come_first(green: Path) -> None:
    content = json.loads(read(green).model_dump_json())
    first, *_, last = content["facts"]
    first["statement"], last["statement"], last["holds"] = "that which holds", "that which does not", False
    shown = page(Report.model_validate(content))
    assert shown.index("that which does not") < shown.index("that which holds")
    opened, folded = "<summary>1 that do not hold", f"<summary>{len(FACTS) - 1} that hold"
    assert "<details open>" in shown[shown.index('id="facts"') : shown.index(opened)]
    assert "<details>" in shown[shown.index(opened) : shown.index(folded)]


def test_one_call_is_one_call(red: Path) -> None:
    content = json.loads(read(red).model_dump_json())
    content["divergences"][0] |= {"original_length": 1, "found_after": 1}
    shown = _Page(page(Report.model_validate(content))).text
    assert "Found after 1 call from preset" in shown
    assert "The program of 1 call, shrunk to " in shown


def test_refusals_in_words_of_their_own_are_not_said_to_have_the_same_data(green: Path, tmp_path: Path) -> None:
    ran = conform(tmp_path, "--target", ROOT / "conformance/targets/variant/target.toml", "--calls", "120")
    assert ran.exit_code == 0, ran.output
    for text in (ran.stdout, _page(tmp_path).text):
        assert "refused, for the same reason" in text
        assert "the same revert data" not in text
    assert "refused, with the same revert data" in _page(green).text


def test_a_file_outside_the_folder_is_named_and_not_linked(red: Path) -> None:
    content = json.loads(read(red).model_dump_json())
    content["divergences"][0]["files"] = [
        {"what": "beside it", "path": "../x/a.yaml"},
        {"what": "in it", "path": "b.yaml"},
    ]
    shown = _Page(page(Report.model_validate(content)))
    assert "beside it: ../x/a.yaml" in shown.text
    assert "b.yaml" in shown.links
    assert not any(".." in link for link in shown.links)
