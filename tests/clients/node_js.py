"""Node.js, as far as it and what it runs are installed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

import pytest

from tests.clients.running_node import ROOT

HERE: Final = Path(__file__).parent
CONTRACTS: Final = ROOT / "conformance" / "contracts"


def node_js(*folders: Path) -> Path:
    """Node's executable, if what these folders' locks hold is installed in them."""
    executable = shutil.which("node")
    missing = [folder for folder in folders if not (folder / "node_modules").is_dir()]
    if executable is not None and not missing:
        return Path(executable)
    reason = f"{missing[0]}: node_modules is missing: run npm ci --ignore-scripts there" if missing else "no Node.js"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
