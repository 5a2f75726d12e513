"""One node for each file of tests; each test finds it, and leaves it, as it was started."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.clients.json_rpc import request
from tests.clients.running_node import RunningNode

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def started_node(request: pytest.FixtureRequest) -> Iterator[RunningNode]:
    """A node over the preset that the module names ``PRESET``; it must stop cleanly in the end."""
    node = RunningNode(request.module.PRESET)
    try:
        yield node
    finally:
        status, logged = node.stop()
    assert status == 0, logged
    assert not {"ERROR", "CRITICAL", "Traceback"} & set(logged.split()), logged


@pytest.fixture
def node(started_node: RunningNode) -> Iterator[RunningNode]:
    """The node at its genesis."""
    snapshot = request(started_node.http, "evm_snapshot")
    yield started_node
    assert request(started_node.http, "evm_revert", snapshot) is True
