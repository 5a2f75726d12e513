"""Runs of pytest as an auditor's: in a folder of its own, with the plugin as it is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "PYTEST.md"
BROKEN = ROOT / "tests" / "meta" / "broken"

DROPPED = {"CI", "HYPOTHESIS_PROFILE", "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT"}
"""What this run is told by its surroundings and another is not to be."""


def example() -> str:
    """Return the test file that the page shows."""
    (found,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return str(found)


def broken_target(folder: Path) -> Path:
    """Return the file of a target that errs twice: where a cooldown ends, and in an event that it does not emit."""
    roles = {"staking": ("staking-cooldown-boundary", "Staking"), "diem": ("diem-unstake-silent", "DIEM")}
    lines = ['name = "broken"']
    for role, (copy, name) in roles.items():
        shutil.copy(BROKEN / copy / f"{name}.json", folder)
        lines += [f"[{role}]", f'artifact = "{name}.json"', 'storage = "same"']
    path = folder / "target.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def run(folder: Path, tests: str, *options: str | Path) -> subprocess.CompletedProcess[str]:
    """Run pytest on a file of tests in ``folder``."""
    (folder / "test_mine.py").write_text(tests, encoding="utf-8")
    environment = {key: value for key, value in os.environ.items() if key not in DROPPED}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(_installed(folder))])
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        folder,
        "--basetemp",
        folder / "t",
    ]
    return subprocess.run(
        list(map(str, [*command, *options, "test_mine.py"])),
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def _installed(folder: Path) -> Path:
    """Return a folder with the project's entry points as an installation has them, unless it is installed."""
    place = folder / "site"
    if not entry_points(group="pytest11", name="diem"):
        declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        info = place / "vvv_diem_ledger-0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {declared['name']}\nVersion: 0\n")
        points = [f"{name} = {value}" for name, value in declared["entry-points"]["pytest11"].items()]
        (info / "entry_points.txt").write_text("\n".join(["[pytest11]", *points, ""]), encoding="utf-8")
    return place
