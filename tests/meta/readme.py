"""The commands of the README and what they print: `python tests/meta/readme.py` writes down what they print now."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"

BLOCK = re.compile(r"```console\n(?P<body>.*?)```", re.DOTALL)
ELLIPSIS = "[...]"
"""Stands in the README for lines that are left out."""

COMMANDS = {"make conform": ["conform"], ".venv/bin/diem": []}
"""How the README calls the command |-> the arguments that this adds."""

DURATION = re.compile(r"\([\d,]+ s(, [\d,]+ calls/s, \d+ processes)?\)")


def blocks(text: str) -> list[tuple[str, str]]:
    """Return (command, output) of every block of one command whose output the README shows."""
    found = []
    for match in BLOCK.finditer(text):
        first, _, output = match["body"].partition("\n")
        if first.startswith("$ ") and output and "\n$ " not in f"\n{output}":
            found.append((first[2:], output))
    return found


def arguments(command: str) -> list[str] | None:
    """Return the arguments of `diem` that a command of the README comes to; None if its output differs each time."""
    for spelling, added in COMMANDS.items():
        if command.startswith(spelling):
            words = shlex.split(command.removeprefix(spelling))
            given = [part for word in words for part in _parts(word)]
            return None if "bench" in given else [*added, *given]
    return None


def _parts(word: str) -> list[str]:
    """Return the arguments that one word of a command comes to: what make is given in ARGS are several."""
    return shlex.split(word.removeprefix("ARGS=")) if word.startswith("ARGS=") else [word]


def output_of(given: list[str]) -> str:
    """Return what `diem` prints with these arguments, in a folder that looks like the checkout."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("conformance", "docs", "tests"):
            (Path(folder) / name).symlink_to(ROOT / name)
        (Path(folder) / "broken.toml").write_text(
            (ROOT / "spec/presets/minimal.toml")
            .read_text(encoding="utf-8")
            .replace("target = 80", 'target = "eighty"'),
            encoding="utf-8",
        )
        program = [sys.executable, "-m", "conformance.cli", *given]
        environment = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "NO_COLOR": "1"}
        run = subprocess.run(
            program,
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    return "".join(f"{line.rstrip()}\n" for line in run.stdout.splitlines())


def shown(actual: str, before: str) -> str:
    """Return ``actual`` as the README shows it: with the lines left out that it left out ``before``."""
    if ELLIPSIS not in before:
        return actual
    head, _, tail = before.partition(f"{ELLIPSIS}\n")
    lines = actual.splitlines(keepends=True)
    first, last = len(head.splitlines()), len(tail.splitlines())
    return "".join([*lines[:first], f"{ELLIPSIS}\n", *lines[-last:]])


def steady(output: str) -> str:
    """Return an output without what differs from run to run."""
    return DURATION.sub("(… s)", output)


def main() -> None:
    """Write what the commands print now into the README."""
    text = README.read_text(encoding="utf-8")
    for command, output in blocks(text):
        given = arguments(command)
        if given is not None:
            text = text.replace(f"$ {command}\n{output}", f"$ {command}\n{shown(output_of(given), output)}")
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
