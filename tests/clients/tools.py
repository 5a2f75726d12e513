"""The clients, as far as they are installed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final, NoReturn

import pytest

from conformance.peers.client import PeerError
from conformance.peers.foundry import program
from tests.clients.running_node import ROOT

HERE: Final = Path(__file__).parent
CONTRACTS: Final = ROOT / "conformance" / "contracts"


def foundry(name: str) -> Path:
    """``cast``, ``forge`` or ``anvil``."""
    try:
        return program(name)
    except PeerError as error:
        _missing(str(error))


def node_js(*folders: Path) -> Path:
    """Node's executable, if what these folders' locks hold is installed in them."""
    executable = shutil.which("node")
    if executable is None:
        _missing("Node.js is not installed")
    for folder in folders:
        if not (folder / "node_modules").is_dir():
            _missing(f"{folder}: node_modules is missing: run npm ci --ignore-scripts there")
    return Path(executable)


def _missing(reason: str) -> NoReturn:
    """Leave a test out where a client is missing, except in CI."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
