"""The layers hold: spec <- ledger <- conformance <- tests, and the specification is pure integer arithmetic."""

from __future__ import annotations

import ast
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]

# Each layer may import itself and what stands before it.
LAYERS = ("spec", "ledger", "conformance", "tests")
CHECKED = ("spec", "ledger", "conformance")

# What could make two runs of one transition differ, or tie the specification to what it is compared with.
IMPURE = frozenset({
    "aiohttp", "asyncio", "calendar", "concurrent", "contextvars", "ctypes", "datetime", "eth", "fcntl", "fileinput",
    "glob", "http", "httpx", "io", "leveldb", "lmdb", "locale", "mmap", "multiprocessing", "os", "platform", "plyvel",
    "py_ecc", "pyrevm", "queue", "random", "requests", "rocksdb", "secrets", "select", "selectors", "shelve", "shutil",
    "signal", "socket", "sqlite3", "ssl", "subprocess", "tempfile", "threading", "time", "trie", "urllib", "uuid",
    "web3", "zoneinfo",
})  # fmt: skip
LOADING = frozenset({"importlib", "json", "pathlib", "pkgutil", "tomllib", "yaml"})
FLOATING = frozenset({"cmath", "math", "mpmath", "numpy", "scipy", "statistics"})
# A decimal's precision is a setting of the thread: a rule that read it would depend on who called before.
CONTEXT = frozenset({"getcontext", "localcontext", "setcontext"})


def _may_load(path: PurePosixPath) -> bool:
    return path == PurePosixPath("spec/parameters.py") or path.is_relative_to("spec/presets")


def _may_float(path: PurePosixPath) -> bool:
    return path == PurePosixPath("spec/curve_table.py")


def _imports(tree: ast.AST, path: PurePosixPath) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of all that is imported, wherever in the file it is."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = path.parent.parts[: len(path.parent.parts) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}" if base else alias.name
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in {"__import__", "import_module"} and isinstance(node.args[0].value, str):
                yield node.lineno, node.args[0].value


def _spec_imports(line: int, name: str, path: PurePosixPath) -> Iterator[str]:
    top = name.split(".", maxsplit=1)[0]
    if top in IMPURE:
        yield f"{path}:{line}: the specification imports {name}"
    if top in LOADING and not _may_load(path):
        yield f"{path}:{line}: {name} is for the loading of parameters only"
    if top in FLOATING and not _may_float(path):
        yield f"{path}:{line}: {name} brings floating point into the specification"
    if top == "decimal" and name.rpartition(".")[2] in CONTEXT | {"*"}:
        yield f"{path}:{line}: {name} depends on the caller's decimal context"


def _spec_nodes(tree: ast.AST, path: PurePosixPath) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in CONTEXT:
            yield f"{path}:{node.lineno}: {node.attr} depends on the caller's decimal context"
        if isinstance(node, ast.Name) and node.id in {"input", "open", "print"} and not _may_load(path):
            yield f"{path}:{node.lineno}: {node.id} is input or output"
        if not _may_float(path):
            yield from _floats(node, path)


def _floats(node: ast.AST, path: PurePosixPath) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
        yield f"{path}:{node.lineno}: float literal {node.value}"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"complex", "float"}:
        yield f"{path}:{node.lineno}: a {node.func.id} is made"
    # Of two integers it makes a float; a path's `/` is not meant.
    if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div) and not _may_load(path):
        yield f"{path}:{node.lineno}: true division makes a float"


def violations(source: str, where: str) -> list[str]:
    """Return what breaks the layers in `source`, which stands in the file `where`."""
    path = PurePosixPath(where)
    tree = ast.parse(source, where)
    layer = LAYERS.index(path.parts[0])
    found: list[str] = []
    for line, name in _imports(tree, path):
        top = name.split(".")[0]
        if top in LAYERS and LAYERS.index(top) > layer:
            found.append(f"{path}:{line}: {path.parts[0]} imports {name}")
        if path.parts[0] == "spec":
            found.extend(_spec_imports(line, name, path))
    if path.parts[0] == "spec":
        found.extend(_spec_nodes(tree, path))
    return found


def _sources(package: str) -> list[Path]:
    return sorted(path for path in (ROOT / package).rglob("*.py") if "node_modules" not in path.parts)


@pytest.mark.parametrize("package", CHECKED)
def test_package_keeps_to_its_layer(package: str) -> None:
    sources = _sources(package)
    assert sources, f"no Python file under {package}/"
    found = [
        violation
        for path in sources
        for violation in violations(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix())
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "where,source",
    [
        ("spec/a.py", "import ledger"),
        ("spec/a.py", "import ledger.store as s"),
        ("spec/a.py", "from conformance.cli import main"),
        ("spec/a.py", "from tests import helpers"),
        ("spec/vvv/a.py", "from ... import ledger"),
        ("ledger/a.py", "def f():\n    from conformance import evm"),
        ("ledger/a.py", "if TYPE_CHECKING:\n    import conformance.evm"),
        ("ledger/a.py", "import importlib\nimportlib.import_module('conformance.evm')"),
        ("ledger/a.py", "__import__('tests')"),
        ("conformance/a.py", "import tests.helpers"),
        *(("spec/a.py", f"import {module}") for module in sorted(IMPURE | LOADING | FLOATING)),
        ("spec/a.py", "import os.path"),
        ("spec/a.py", "from time import time"),
        ("spec/a.py", "from eth.vm.forks import cancun"),
        ("spec/a.py", "from importlib.resources import files"),
        ("spec/a.py", "import importlib.resources"),
        ("spec/parameters.py", "import os"),
        ("spec/presets/__init__.py", "import time"),
        ("spec/parameters.py", "x = 0.5"),
        ("spec/curve_table.py", "import pathlib"),
        ("spec/a.py", "from decimal import getcontext"),
        ("spec/a.py", "from decimal import *"),
        ("spec/a.py", "import decimal\ndecimal.getcontext().prec = 50"),
        ("spec/a.py", "import decimal\nwith decimal.localcontext():\n    pass"),
        ("spec/a.py", "print('x')"),
        ("spec/a.py", "open('x')"),
        ("spec/a.py", "x = 1.0"),
        ("spec/a.py", "x = 10 ** int(1e18)"),
        ("spec/a.py", "x = 1j"),
        ("spec/a.py", "x = float(1)"),
        ("spec/a.py", "x = a / b"),
        ("spec/a.py", "x = 1\nx /= 2"),
        ("spec/vvv/curve_table.py", "x = 1.0"),
    ],
)
def test_checker_finds(where: str, source: str) -> None:
    assert violations(source, where)


@pytest.mark.parametrize(
    "where,source",
    [
        ("spec/a.py", "from spec.uint256 import add\nfrom . import errors\nfrom .errors import Revert"),
        ("spec/vvv/a.py", "from ..errors import Revert"),
        ("spec/a.py", "from decimal import Decimal\nimport dataclasses\nx = a // b\n# 1.0\ns = '1.0'"),
        ("spec/a.py", "import eth_keys, eth_abi, eth_hash.auto"),
        ("spec/a.py", "from collections import OrderedDict\nx = 10**18"),
        ("spec/parameters.py", "import tomllib\nfrom pathlib import Path\nfrom importlib.resources import files"),
        ("spec/parameters.py", "p = folder / 'base.toml'\nopen(p)"),
        ("spec/presets/__init__.py", "import tomllib"),
        ("spec/curve_table.py", "import math\nx = math.exp(1.5) / 2"),
        ("ledger/a.py", "import spec.vvv, os, time, plyvel\nfrom . import store\nx = 1.0"),
        ("conformance/a.py", "import spec, ledger.trie, eth, pyrevm"),
        ("tests/a.py", "import spec, ledger, conformance"),
    ],
)
def test_checker_accepts(where: str, source: str) -> None:
    assert violations(source, where) == []
