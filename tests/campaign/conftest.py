"""Campaigns in small: units of few calls, so that several rounds take seconds."""

from __future__ import annotations

from importlib import metadata
from types import SimpleNamespace

import pytest

from conformance.campaign import campaign, identity, planning
from tests.conformance.evms import HAS_PYREVM

CALLS = 20


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "CALLS_PER_UNIT", CALLS)
    monkeypatch.setattr(campaign, "CALLS_PER_UNIT", CALLS)
    monkeypatch.setattr(planning, "UNITS_PER_ROUND", 4)


@pytest.fixture(autouse=True)
def _pyrevm_has_a_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let machines be named pyrevm that are not, where it is not installed."""

    def version(name: str) -> str:
        return "not installed" if name == "pyrevm" and not HAS_PYREVM else metadata.version(name)

    monkeypatch.setattr(identity, "metadata", SimpleNamespace(version=version))
