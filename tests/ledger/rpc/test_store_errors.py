"""A store that is damaged, or takes nothing any more: clients are told, and so is who watches the node."""

from __future__ import annotations

import logging

import pytest

from ledger.chain import Chain
from ledger.node import Node
from ledger.node.health import health
from ledger.store import Changes, MemoryStore, StoreDamaged, StoreError
from tests.ledger.rpc.conftest import KEY, STAKER, Rpc, genesis, hexed, transfer


class Failing(MemoryStore):
    """A store that cannot be read any more from when it is told so."""

    failure: StoreError | None = None

    def get(self, key: bytes) -> bytes | None:
        if self.failure is not None:
            raise self.failure
        return super().get(key)


@pytest.fixture
def store() -> Failing:
    return Failing()


@pytest.fixture
def rpc(store: Failing) -> Rpc:
    return Rpc(Node(Chain(store, genesis()), key=KEY, instant=True))


def test_what_cannot_be_read_is_said_and_logged_once(
    rpc: Rpc, store: Failing, caplog: pytest.LogCaptureFixture
) -> None:
    rpc.send(transfer(STAKER, 0, 1))
    assert health(rpc.node).ok
    for what in ("block 1", "block 1", "block 2"):
        store.failure = StoreDamaged(what)
        assert rpc.refused("eth_getTransactionReceipt", "0x" + "77" * 32) == (-32603, str(store.failure))
        ok, content = health(rpc.node)
        assert (ok, content["status"], content["reason"]) == (False, "failing", str(store.failure))
    logged = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert [record.getMessage() for record in logged] == ["store unreadable"] * 2
    assert not any(record.exc_info for record in logged)


def test_what_a_follower_recovers_from_is_not_the_store(rpc: Rpc) -> None:
    rpc.node.store_failed("damaged")
    rpc.node.trouble = "upstream not available"
    assert health(rpc.node).content["reason"] == "upstream not available"
    rpc.node.trouble = None
    assert health(rpc.node).content["reason"] == "damaged"


def test_a_node_that_has_failed_says_so_by_itself(
    rpc: Rpc, store: Failing, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(_: Changes) -> None:
        raise StoreError("disk full")

    monkeypatch.setattr(store, "write", write)
    for nonce in range(2):
        assert rpc.refused("eth_sendRawTransaction", hexed(transfer(STAKER, nonce, 1))) == (-32603, "disk full")
    logged = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert {record.getMessage() for record in logged} == {"store failed"}
    assert not health(rpc.node).ok
