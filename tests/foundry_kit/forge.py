"""forge in a project of its own, with the compiler that npm brings; nothing is downloaded."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Final

from tests.clients.node_js import CONTRACTS, HERE, node_js
from tests.conformance.foundry import needs

if TYPE_CHECKING:
    from pathlib import Path

SECONDS: Final = 120


def forge_test(project: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Return how `forge test` ended, called from another folder."""
    node_js(CONTRACTS)  # for the compiler
    known = {"PATH": os.environ["PATH"], "HOME": str(project.parent)}
    offline = {"FOUNDRY_SOLC": str(HERE / "forge" / "solc.mjs"), "FOUNDRY_OFFLINE": "true"}
    return subprocess.run(
        [needs("forge"), "test", "--root", project, *arguments],
        cwd=project.parent, env={**known, **offline, **environment},
        check=False, capture_output=True, text=True, timeout=SECONDS,
    )  # fmt: skip
