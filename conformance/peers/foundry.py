"""Foundry's programs, in the versions that ``package-lock.json`` holds."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Final

from conformance.peers.client import PeerError

FOLDER: Final = Path(__file__).parent
"""Where ``package.json`` is, and npm puts ``node_modules``."""

PACKAGES: Final = FOLDER / "node_modules" / "@foundry-rs"


def program(name: str) -> Path:
    """Return the path of ``anvil``, ``cast`` or ``forge``.

    Raises
    ------
    PeerError : it is not installed.
    """
    # Of the packages for all platforms, npm has installed the one that fits.
    found = sorted(PACKAGES.glob(f"{name}-*/bin/{name}*"))
    if not found:
        raise PeerError(f"{name}: expected it in {PACKAGES}, found nothing there: install it with make peers")
    return found[0]


def install() -> None:
    """Install what the lock holds.

    Raises
    ------
    PeerError : there is no npm, or it fails.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise PeerError("npm: expected Node.js 20 with npm on the PATH, found none")
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=FOLDER, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise PeerError(f"npm ci: exit status {done.returncode}: {last}")
