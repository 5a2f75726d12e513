"""Foundry's programs, in the versions that ``package-lock.json`` holds."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from conformance.peers.client import PeerError

PACKAGES: Final = Path(__file__).parent / "node_modules" / "@foundry-rs"
"""Where npm puts them."""


def program(name: str) -> Path:
    """Return the path of ``anvil``, ``cast`` or ``forge``.

    Raises
    ------
    PeerError : it is not installed.
    """
    # There is a package for each platform, and npm installs none that does not fit.
    found = sorted(PACKAGES.glob(f"{name}-*/bin/{name}*"))
    if not found:
        raise PeerError(f"{name}: expected it in {PACKAGES}, found nothing there: install it with make peers")
    return found[0]
