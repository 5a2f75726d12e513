"""Campaigns in small: units of few calls, so that several rounds take seconds."""

from __future__ import annotations

import pytest

from conformance.campaign import campaign, planning

CALLS = 20


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "CALLS_PER_UNIT", CALLS)
    monkeypatch.setattr(campaign, "CALLS_PER_UNIT", CALLS)
    monkeypatch.setattr(planning, "UNITS_PER_ROUND", 4)
