"""What a run was made with: packages, interpreter, machine, and the commit of a checkout."""

from __future__ import annotations

import platform
import shutil
import subprocess
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import conformance
from conformance.report.document import Versions

DISTRIBUTION: Final = "vvv-diem-ledger"

PACKAGES: Final = (
    *("btclib-secp256k1", "coincurve", "eth-abi", "eth-keys", "py-evm", "pyrevm", "rlp", "safe-pysha3", "trie"),
    *("distributed", "hypothesis", "z3-solver"),
)
"""Those that the answer of a machine, or what was tried on it, may depend on."""


def versions() -> Versions:
    """Return the versions of what is installed here."""
    return Versions(
        package=_version(DISTRIBUTION) or "not installed",
        commit=_commit(Path(conformance.__file__).resolve().parents[1]),
        python=f"{platform.python_implementation()} {platform.python_version()}",
        platform=f"{platform.system()} {platform.machine()}",
        packages=dict(_installed()),
    )


def _installed() -> Iterator[tuple[str, str]]:
    for name in PACKAGES:
        if found := _version(name):
            yield name, found


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _commit(checkout: Path) -> str | None:
    """Return the commit that is checked out, with a + if files differ from it."""
    git = shutil.which("git")
    if git is None or not (checkout / ".git").exists():
        return None
    commit, changed = (
        subprocess.run([git, *arguments], cwd=checkout, capture_output=True, text=True, check=False)  # noqa: S603
        for arguments in (("rev-parse", "HEAD"), ("status", "--porcelain", "--untracked-files=no"))
    )
    if commit.returncode:
        return None
    return commit.stdout.strip() + ("+" if changed.stdout.strip() else "")
