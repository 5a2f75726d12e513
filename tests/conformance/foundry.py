"""Tests that need a program of Foundry."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.peers.client import PeerError
from conformance.peers.foundry import program


def needs(name: str) -> Path:
    """Return the program's path; the test is left out where it is not installed, which fails a run in CI."""
    try:
        return program(name)
    except PeerError as error:
        pytest.skip(str(error))
