"""The frame of `diem`: exit statuses, one clear line for bad input, and a traceback never."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from conformance.cli.app import COMMANDS, Group, app

ROOT = Path(__file__).resolve().parents[2]
DIEM = [sys.executable, "-m", "conformance.cli"]


def _run(*args: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*DIEM, *args], cwd=ROOT, text=True, check=False, **options)  # type: ignore[call-overload, no-any-return]


def test_help_names_every_command() -> None:
    shown = CliRunner().invoke(app, ["--help"])
    assert shown.exit_code == 0
    assert all(command in shown.stdout for command in COMMANDS)


def leaves(table: Mapping[str, str | Group], *before: str) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command that is no group."""
    for name, entry in table.items():
        if isinstance(entry, Group):
            yield from leaves(entry.commands, *before, name)
        else:
            yield (*before, name)


@pytest.mark.parametrize("words", list(leaves(COMMANDS)), ids=" ".join)
def test_help_of_a_command_has_an_example_and_all_options_whole_on_a_narrow_terminal(words: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "80"})
    assert shown.exit_code == 0
    _, _, example = shown.stdout.partition("\n  Example")
    assert f"diem {' '.join(words)}" in example
    command = get_command(app)
    for word in words:
        command = command.get_command(None, word)  # type: ignore[attr-defined]
    options = [name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)]
    assert options
    assert [name for name in options if name.startswith("--") and name not in shown.stdout] == []
    assert "…" not in shown.stdout


def test_help_of_a_group_has_whole_sentences_of_its_commands_on_a_narrow_terminal() -> None:
    shown = CliRunner().invoke(app, ["node", "--help"], env={"COLUMNS": "80"})
    text = " ".join(shown.stdout.split())
    assert "run Run a node until it is interrupted: make blocks, or follow another node, and serve JSON-RPC." in text


@pytest.mark.parametrize(
    "args,line",
    [
        ([], f"diem: expected a command, one of {', '.join(COMMANDS)}; see diem --help"),
        (["quot"], f"diem: expected a command, one of {', '.join(COMMANDS)}; found 'quot'"),
        (["quote", "1", "--presets", "x"], "diem quote: No such option: --presets (Possible options: --preset)"),
        (["quote", "1", "2"], "diem quote: Got unexpected extra argument(s) (2)"),
        (["quote", "1", "--preset"], "diem quote: Option '--preset' requires an argument."),
        (
            ["quote", "1", "--preset", "mainnet"],
            "diem quote: preset 'mainnet': expected one of launch, snapshot-2026-09-19, minimal, or a file *.toml",
        ),
        (["run"], "diem run: expected a scenario, or --list"),
        (
            ["run", "emission-fee", "--machine", "evm"],
            "diem run: machine 'evm': expected one of specification, py-evm, pyrevm, target, both",
        ),
    ],
)
def test_bad_input_is_one_line(args: list[str], line: str) -> None:
    ran = CliRunner().invoke(app, args)
    assert (ran.exit_code, ran.stdout, ran.stderr) == (2, "", f"{line}\n")


def test_bad_input_is_one_line_whatever_it_holds() -> None:
    ran = CliRunner().invoke(app, ["quote", "1\n2\x1b[31m3"])
    assert ran.exit_code == 2
    assert ran.stderr.count("\n") == 1
    assert "\x1b" not in ran.stderr


def test_program_answers_and_exits() -> None:
    ran = _run("quote", "90", "--preset", "launch", capture_output=True)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "0.999995443952644413 DIEM" in ran.stdout


def test_program_refuses_without_a_traceback() -> None:
    ran = _run("run", "no-such.yaml", capture_output=True)
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert ran.stderr == "diem run: no-such.yaml: cannot be read: No such file or directory\n"


@pytest.mark.parametrize("args", [("curve", "--all"), ("curve", "--csv", "-"), ("curve", "--json")])
def test_reader_that_goes_away_is_no_error_to_talk_about(args: tuple[str, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        ran = _run(*args, stdout=writer, stderr=subprocess.PIPE)
    finally:
        os.close(writer)
    assert (ran.returncode, ran.stderr) == (141, "")


@pytest.mark.parametrize("args", [("curve", "--all"), ("curve", "--csv", "-"), ("curve", "--json")])
def test_full_output_is_one_line(args: tuple[str, ...]) -> None:
    full = Path("/dev/full")
    assert full.exists(), "this system has no device that is always full"
    with full.open("w") as stdout:
        ran = _run(*args, stdout=stdout, stderr=subprocess.PIPE)
    assert (ran.returncode, ran.stderr) == (2, "diem curve: cannot write: No space left on device\n")


def test_what_an_encoding_lacks_is_written_otherwise() -> None:
    narrow = {**os.environ, "PYTHONIOENCODING": "ascii"}
    ran = _run("curve", env=narrow, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "\\xb7" in ran.stdout


def _writer(pipe: Path, running: subprocess.Popen[str]) -> int:
    """Return the writing end of a pipe, as soon as the program reads from the other."""
    while running.poll() is None:
        with contextlib.suppress(OSError):
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        time.sleep(0.05)
    pytest.fail("the program ended without reading")


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let children take SIGINT, which they ignore if a shell has started this run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("how,status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupt_is_silent(tmp_path: Path, how: signal.Signals, status: int) -> None:
    # A pipe as the scenario: the command waits in the middle of its work for somebody to write into it.
    waiting = tmp_path / "waiting.yaml"
    os.mkfifo(waiting)
    with subprocess.Popen([*DIEM, "run", str(waiting)], cwd=ROOT, stderr=subprocess.PIPE, text=True) as running:
        try:
            writer = _writer(waiting, running)
            running.send_signal(how)
            _, stderr = running.communicate(timeout=60)
            os.close(writer)
        finally:
            running.kill()
    assert (running.returncode, stderr.strip()) == (status, "")
