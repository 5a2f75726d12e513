"""`diem curve`: the table, its CSV, and its plot."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from conformance.cli.app import app
from spec.parameters import PRESETS, load_preset
from spec.quantities import parse_amount


def _run(*args: str) -> Result:
    return CliRunner().invoke(app, ["curve", *args])


@pytest.mark.parametrize("name", PRESETS)
def test_csv_is_the_table_exactly(name: str) -> None:
    ran = _run("--preset", name, "--csv", "-")
    assert ran.exit_code == 0
    rows = list(csv.DictReader(io.StringIO(ran.stdout)))
    table = load_preset(name).curve.table
    steps = load_preset(name).curve.steps
    assert [int(row["to_supply_base_units"]) for row in rows] == list(table.supply[:steps])
    assert [int(row["svvv_per_diem_base_units"]) for row in rows] == list(table.rates[:steps])
    so_far = 0
    for row in rows:
        room = int(row["to_supply_base_units"]) - int(row["from_supply_base_units"])
        cost = -(-room * int(row["svvv_per_diem_base_units"]) // 10**18)
        so_far += cost
        assert (int(row["svvv_for_step_base_units"]), int(row["svvv_so_far_base_units"])) == (cost, so_far)
        for column in row:
            if column.endswith("_tokens"):
                assert parse_amount(row[column]) == int(row[column.replace("_tokens", "_base_units")])


def test_csv_file_holds_what_standard_output_would(tmp_path: Path) -> None:
    file = tmp_path / "curve.csv"
    assert _run("--preset", "minimal", "--csv", str(file)).exit_code == 0
    assert file.read_text(encoding="utf-8") == _run("--preset", "minimal", "--csv", "-").stdout


def test_selection_marks_the_present_supply_and_ends_with_the_last_step() -> None:
    few, every = _run().stdout, _run("--all").stdout
    assert few.count("│\n") < 25
    assert every.count("│\n") == 256
    for shown in (few, every):
        (present,) = [line for line in shown.splitlines() if "<- present supply" in line]
        assert present.split("│")[1].strip() == "75"
        assert "│  255 │" in shown


def test_json_has_every_step() -> None:
    ran = _run("--json")
    answer = json.loads(ran.stdout)
    assert answer["formula"] == {
        "base_mint_rate": 90, "adjustment_power": 2, "target": 40000, "steps": 256, "step_width": 500,
    }  # fmt: skip
    assert len(answer["steps"]) == 256
    # Read on chain, PROTOCOL 5.
    assert answer["steps"][0]["rate"]["base_units"] == "90000351563186634752"
    assert answer["steps"][1]["rate"]["base_units"] == "90002812543945768960"


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("ending,magic", [("svg", b"<?xml"), ("PNG", b"\x89PNG")])
def test_plot_is_drawn(preset: str, ending: str, magic: bytes, tmp_path: Path) -> None:
    file = tmp_path / f"curve.{ending}"
    assert _run("--preset", preset, "--plot", str(file)).exit_code == 0
    assert file.read_bytes().startswith(magic)


def test_plot_is_labelled_and_the_same_every_time(tmp_path: Path) -> None:
    files = [tmp_path / "one.svg", tmp_path / "two.svg"]
    for file in files:
        assert _run("--plot", str(file)).exit_code == 0
    one, two = (file.read_text(encoding="utf-8") for file in files)
    assert one == two
    # matplotlib writes each text as a comment over its glyphs.
    for text in (
        "DIEM supply S (DIEM)", "mint rate (sVVV per DIEM)", "table of steps", "formula",
        "present supply, 37,713.66 DIEM", "around the present supply",
    ):  # fmt: skip
        assert f"<!-- {text} -->" in one


@pytest.mark.parametrize(
    "args,line",
    [
        (["--plot", "curve.pdf"], "curve.pdf: expected a file that ends in .svg or .png"),
        (["--plot", "{}/no/curve.svg"], "{}/no/curve.svg: cannot be written: No such file or directory"),
        (["--csv", "{}/no/curve.csv"], "{}/no/curve.csv: cannot be written: No such file or directory"),
        (["--csv", "{}"], "{}: cannot be written: Is a directory"),
        (["--csv", "-", "--json"], "expected either --json or --csv -, for both print to standard output"),
    ],
)
def test_bad_files_are_one_line(args: list[str], line: str, tmp_path: Path) -> None:
    ran = _run(*(arg.format(tmp_path) for arg in args))
    assert (ran.exit_code, ran.stdout, ran.stderr) == (2, "", f"diem curve: {line.format(tmp_path)}\n")
