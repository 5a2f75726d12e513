"""The project around the code: locks, what is committed, the distribution, and what the documents promise."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("spec", "ledger", "conformance")
LOCKS = ("run", "dev", "lock")
PINNED = re.compile(r"([A-Za-z0-9._-]+)==(\S+)(?: ; ([^\\]+?))? *\\?")
# Written so that they do not match themselves.
MACHINE = re.compile(
    r"""(?<![\w.~$})>-])/(?:root|home|work|Users)/
    |/opt/(?:pypi|wheels)
    |pypi\.org|pythonhosted\.|registry\.npmjs|registry\.yarnpkg|deb\.debian\.""",
    re.VERBOSE,
)


def _project() -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project


def _tracked() -> list[Path]:
    """Return the committed and staged files, as a clone would have them."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    # A file may be listed and already gone while someone works on it.
    files = [ROOT / os.fsdecode(name) for name in listed.split(b"\0") if name]
    return [path for path in files if path.is_file()]


def _requirements(text: str) -> list[list[str]]:
    """Split a lock into its requirements, each a list of its lines."""
    entries: list[list[str]] = []
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0].isspace() and entries:
            entries[-1].append(line.strip())
        else:
            entries.append([line.strip()])
    return entries


def _lock_faults(text: str) -> list[str]:
    faults = [f"an address: {line}" for line in text.splitlines() if re.search(r"https?:|://", line)]
    for first, *rest in _requirements(text):
        if PINNED.fullmatch(first) is None:
            faults.append(f"not a pinned version: {first}")
        elif not rest:
            faults.append(f"no hash: {first}")
        faults.extend(
            f"not a hash: {line}" for line in rest if not re.fullmatch(r"--hash=sha256:[0-9a-f]{64} ?\\?", line)
        )
    return faults


def _pins(name: str) -> set[str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    return {first.rstrip("\\ ").partition(" ;")[0] for first, *_ in _requirements(text)}


def _normal(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name is not None, requirement
    return re.sub(r"[-_.]+", "-", name[0]).lower()


@pytest.mark.parametrize("name", LOCKS)
def test_lock_pins_all_by_hash_and_names_no_address(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    assert _requirements(text)
    assert _lock_faults(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "a==1\n",
        "a==1 \\\n    --hash=md5:00\n",
        f"a>=1 \\\n    --hash=sha256:{'0' * 64}\n",
        f"a @ file:///a \\\n    --hash=sha256:{'0' * 64}\n",
        f"--index-url somewhere\na==1 \\\n    --hash=sha256:{'0' * 64}\n",
        f"a==1 \\\n    --hash=sha256:{'0' * 64}\n    # from https:\n",
    ],
)
def test_lock_check_finds(text: str) -> None:
    assert _lock_faults(text)


def test_every_lock_is_checked() -> None:
    assert {path.stem for path in (ROOT / "requirements").glob("*.txt")} == set(LOCKS)


def test_dev_lock_contains_the_run_lock() -> None:
    assert _pins("run") <= _pins("dev")


def test_locks_cover_the_declared_dependencies() -> None:
    project = _project()
    run = {_normal(pin) for pin in _pins("run")}
    dev = {_normal(pin) for pin in _pins("dev")}
    assert {_normal(name) for name in project["dependencies"]} <= run
    assert {_normal(name) for extra in project["optional-dependencies"].values() for name in extra} <= dev
    assert "setuptools" in run, "the project is installed without build isolation"


def test_tracked_files_name_no_machine() -> None:
    files = _tracked()
    assert files
    found = []
    for path in files:
        text = path.read_bytes().decode("utf-8", errors="replace")
        found += [
            f"{path.relative_to(ROOT)}:{number}: {match[0]}"
            for number, line in enumerate(text.splitlines(), 1)
            for match in MACHINE.finditer(line)
        ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "parts",
    [
        ("x = '", "root", "a'"),
        ("see ", "home", "someone/a"),
        ("", "work", "main"),
        ("(", "Users", "someone"),
    ],
)
def test_machine_check_finds_paths(parts: tuple[str, str, str]) -> None:
    before, folder, after = parts
    assert MACHINE.search(f"{before}/{folder}/{after}")


@pytest.mark.parametrize(
    "parts", [("files.", "pythonhosted", ".org"), ("pypi", ".", "org"), ("registry", ".", "npmjs")]
)
def test_machine_check_finds_hosts(parts: tuple[str, ...]) -> None:
    assert MACHINE.search("a " + "".join(parts) + "/b")


@pytest.mark.parametrize("text", ["docs/work/a.md", "a/home/b", "$HOME/x", "the root / home", "~/work/x"])
def test_machine_check_accepts(text: str) -> None:
    assert MACHINE.search(text) is None


def test_tracked_python_files_parse() -> None:
    files = [path for path in _tracked() if path.suffix == ".py"]
    assert files
    for path in files:
        ast.parse(path.read_text(encoding="utf-8"), str(path), feature_version=(3, 11))


def _goals(makefile: str) -> set[str]:
    return {goal for line in re.findall(r"^([a-z][a-z -]*):(?!=)", makefile, re.MULTILINE) for goal in line.split()}


def _make_commands(markdown: str) -> set[str]:
    """Return the goals of the `make` commands in the fenced blocks."""
    blocks = re.findall(r"^ *(```+|~~~+)[^\n]*\n(.*?)^ *\1", markdown, re.MULTILINE | re.DOTALL)
    commands = [
        match
        for _, block in blocks
        for match in re.findall(r"(?:^|[$&;|(] ?)\s*make\b([^\n&;|#)]*)", block, re.MULTILINE)
    ]
    return {
        word
        for command in commands
        for word in re.sub(r'"[^"]*"', "", command).split()
        if word[0].isalpha() and "=" not in word
    }


def test_documents_name_existing_make_goals() -> None:
    goals = _goals((ROOT / "Makefile").read_text(encoding="utf-8"))
    assert {"conform", "test", "bench", "contracts", "lint", "help"} <= goals
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    unknown = {
        f"{path.relative_to(ROOT)}: make {goal}"
        for path in documents
        for goal in _make_commands(path.read_text(encoding="utf-8")) - goals
    }
    assert not unknown


def test_make_commands_are_read_from_fenced_blocks_only() -> None:
    text = (
        'We make sure.\n```sh\n$ make conform ARGS="--calls 500"\ncd a && make test  # make sense\n```\nmake nothing\n'
    )
    assert _make_commands(text) == {"conform", "test"}


def test_makefile_explains_each_goal() -> None:
    make = shutil.which("make")
    assert make is not None
    shown = subprocess.run([make, "-s"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for goal in _goals((ROOT / "Makefile").read_text(encoding="utf-8")):
        assert re.search(rf"^  {goal} +\S", shown, re.MULTILINE), f"make help does not explain {goal}"


def test_every_folder_with_code_is_a_package() -> None:
    folders = {
        path.parent for name in PACKAGES for path in (ROOT / name).rglob("*.py") if "node_modules" not in path.parts
    }
    assert {folder.relative_to(ROOT).as_posix() for folder in folders} >= set(PACKAGES)
    missing = [str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").is_file()]
    assert not missing


def test_wheel_contains_all_code_and_data(tmp_path: Path) -> None:
    tracked = [path.relative_to(ROOT) for path in _tracked()]
    for path in tracked:
        target = tmp_path / "source" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, target)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-build-isolation", "--no-deps", "--no-index"]
    subprocess.run([*command, "--wheel-dir", str(tmp_path), str(tmp_path / "source")], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name == f"vvv_diem_ledger-{_project()['version']}-py3-none-any.whl"
    packed = set(zipfile.ZipFile(wheel).namelist())
    assert {f"{name}/py.typed" for name in PACKAGES} <= packed
    wanted = {
        path.as_posix()
        for path in tracked
        if path.parts[0] in PACKAGES
        and (path.suffix in {".css", ".html", ".json", ".md", ".py", ".toml", ".yaml"} or path.name == "py.typed")
    }
    assert wanted <= packed, sorted(wanted - packed)
    assert not {name for name in packed if name.startswith("tests/")}


SAMPLE = """
from hypothesis import given, strategies as st

@given(st.integers())
def test_property(x): pass
"""
LEFT_OUT = {
    "function": "import pytest\n@pytest.mark.skip(reason='because')\ndef test_a(): pass",
    "call": "import pytest\ndef test_a(): pytest.skip('because')",
    "module": "import pytest\npytest.skip('because', allow_module_level=True)",
    "xfail": "import pytest\n@pytest.mark.xfail(reason='because')\ndef test_a(): assert False",
    "xpass": "import pytest\n@pytest.mark.xfail(reason='because', strict=False)\ndef test_a(): pass",
}


def _run_apart(folder: Path, files: dict[str, str], *options: str, ci: bool) -> subprocess.CompletedProcess[str]:
    """Run pytest on files of its own, with this project's conftest."""
    (folder / "conftest.py").write_bytes((ROOT / "tests" / "conftest.py").read_bytes())
    for name, text in files.items():
        (folder / f"test_{name}.py").write_text(text, encoding="utf-8")
    # Neither this run's options nor its workers' variables may reach it.
    drop = {"CI", "HYPOTHESIS_PROFILE", "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT"}
    environment = {key: value for key, value in os.environ.items() if key not in drop}
    if ci:
        environment["CI"] = "true"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:cov", "--rootdir", str(folder)]
    return subprocess.run(
        [*command, *options, str(folder)], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("workers", ["0", "2"])
def test_nothing_is_left_out_in_ci(workers: str, tmp_path: Path) -> None:
    ran = _run_apart(tmp_path, {"sample": SAMPLE, **LEFT_OUT}, "-n", workers, ci=True)
    assert ran.returncode == pytest.ExitCode.TESTS_FAILED, ran.stdout + ran.stderr
    _, _, listed = ran.stdout.partition("left out, which fails the run in CI")
    for kind in LEFT_OUT:
        assert re.search(rf"^test_{kind}\.py.*: .*because", listed, re.MULTILINE), f"{kind}\n{ran.stdout}"


@pytest.mark.parametrize("skips,ci", [(False, True), (True, False)])
def test_run_passes_without_skips_or_outside_ci(skips: bool, ci: bool, tmp_path: Path) -> None:
    ran = _run_apart(tmp_path, {"sample": SAMPLE, **(LEFT_OUT if skips else {})}, ci=ci)
    assert ran.returncode == pytest.ExitCode.OK, ran.stdout + ran.stderr
    assert f"--hypothesis-profile={'ci' if ci else 'dev'} --hypothesis-seed=" in ran.stdout


def test_failing_run_names_a_seed_that_repeats_it(tmp_path: Path) -> None:
    sample = SAMPLE.replace("integers()", "integers(0, 2**256)").replace("pass", "print('tried', x); assert x % 7")
    first = _run_apart(tmp_path, {"sample": sample}, "-n", "2", ci=True)
    assert first.returncode == pytest.ExitCode.TESTS_FAILED, first.stdout + first.stderr
    (repeat,) = re.findall(r"^repeat with: pytest (.*)$", first.stdout, re.MULTILINE)
    again = _run_apart(tmp_path, {"sample": sample}, *repeat.split(), "-n", "0", ci=True)
    tried = [re.findall(r"^tried \d+$", run.stdout, re.MULTILINE) for run in (first, again)]
    assert tried[0]
    assert tried[0] == tried[1]
