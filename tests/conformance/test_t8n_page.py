"""`docs/T8N.md`: its commands print what it shows, and the program itself can be driven as it says."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner

from conformance.cli.app import app
from tests.conformance.transition_inputs import ALL_STREAMED, CHAIN_ID, alloc, env, genesis

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = (ROOT / "docs" / "T8N.md").read_text(encoding="utf-8")
DIEM: Final = ".venv/bin/diem "
ELLIPSIS: Final = "[...]\n"
"""Stands for lines that are left out."""


def commands() -> Iterator[tuple[str, str]]:
    """Yield (command, what it is shown to print), in order."""
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


def test_the_commands_print_what_the_page_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    compared = 0
    for command, output in commands():
        if command.startswith("cat "):
            Path(command.removeprefix("cat ")).write_text(output, encoding="utf-8")
        elif command.startswith("echo "):
            _, content, _, file = shlex.split(command)
            Path(file).write_text(content, encoding="utf-8")
        elif output:
            shown = ".*".join(map(re.escape, output.split(ELLIPSIS)))
            printed = CliRunner().invoke(app, shlex.split(command.removeprefix(DIEM))).output
            assert re.fullmatch(shown, printed, re.DOTALL), printed
            compared += 1
    assert compared == 4


def test_the_page_names_every_option_and_no_other() -> None:
    shown = CliRunner().invoke(app, ["t8n", "--help"], env={"COLUMNS": "120"}).stdout
    options = set(re.findall(r"--(?:input|output|state)\.[a-z]+", shown))
    assert options == set(re.findall(r"--(?:input|output|state)\.[a-z]+", PAGE))


def test_the_program_itself_reads_and_writes_the_standard_streams() -> None:
    command = [sys.executable, "-m", "conformance.cli", "t8n", *ALL_STREAMED, f"--state.chainid={CHAIN_ID}"]
    stdin = json.dumps({"alloc": alloc(), "env": env(genesis().timestamp), "txs": []})
    ran = subprocess.run(command, cwd=ROOT, input=stdin, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    answer = json.loads(ran.stdout)
    assert answer.keys() == {"alloc", "result", "body"}
    assert answer["result"]["stateRoot"] == f"0x{genesis().header.state_root.hex()}"
    failed = subprocess.run(command, cwd=ROOT, input=stdin[:-1], capture_output=True, text=True, check=False)
    assert (failed.returncode, failed.stdout) == (10, "")
    assert failed.stderr.startswith("diem t8n: stdin: expected JSON: ")
