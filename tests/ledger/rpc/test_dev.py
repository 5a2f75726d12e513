"""Time and head that are moved at will, on development chains only."""

from __future__ import annotations

import pytest

from ledger.chain import ChainError
from ledger.node import Node
from ledger.rpc import Limits
from ledger.rpc.methods import METHODS
from tests.ledger.rpc.conftest import KEY, STAKER, Rpc, genesis, hexed, new_node, transfer


def times(rpc: Rpc) -> list[int]:
    """Return the times of all blocks after the first, from its time on."""
    blocks = [rpc.call("eth_getBlockByNumber", hex(at)) for at in range(1, rpc.node.chain.head.number + 1)]
    return [int(block["timestamp"], 16) - genesis().timestamp for block in blocks]


@pytest.mark.parametrize("method", sorted(name for name in METHODS if METHODS[name].dev))
def test_other_chains_do_not_have_them(method: str) -> None:
    rpc = Rpc(new_node(dev=False))
    assert rpc.refused(method) == (-32601, f"the method {method} does not exist/is not available")


def test_time_goes_forward(rpc: Rpc) -> None:
    offset = rpc.call("evm_increaseTime", 3600)
    assert rpc.call("evm_increaseTime", "0x3c") == offset + 60
    assert rpc.call("evm_mine") == "0x0"
    rpc.call("evm_setNextBlockTimestamp", hex(genesis().timestamp + 5000))
    rpc.call("evm_mine")
    rpc.call("evm_mine", genesis().timestamp + 6000)
    rpc.call("evm_mine", {"timestamp": genesis().timestamp + 7000, "blocks": 1})
    rpc.call("evm_mine", {})
    rpc.call("anvil_increaseTime", "10")
    rpc.call("evm_mine", None)
    assert times(rpc) == [3660, 5000, 6000, 7000, 7000, 7010]


def test_blocks_at_intervals(rpc: Rpc) -> None:
    rpc.call("anvil_mine")
    rpc.call("anvil_mine", "0x3", 12)
    rpc.call("anvil_mine", 2)
    rpc.call("anvil_mine", 0)
    rpc.call("evm_setNextBlockTimestamp", genesis().timestamp + 50)
    rpc.call("anvil_mine", 2, 10)
    assert times(rpc) == [0, 12, 24, 36, 36, 36, 50, 60]


def test_several_blocks_the_first_at_a_time(rpc: Rpc) -> None:
    assert rpc.call("evm_mine", {"timestamp": genesis().timestamp + 70, "blocks": "0x2"}) == "0x0"
    rpc.call("evm_mine", {"blocks": 3})
    assert times(rpc) == [70] * 5
    assert rpc.refused("evm_mine", {"blocks": -1})[0] == -32602
    code, message = rpc.refused("evm_mine", {"block": 3})
    assert code == -32602
    assert message.endswith("expected no other fields than timestamp and blocks, found 'block'")
    assert len(times(rpc)) == 5


def test_not_too_many_blocks_at_once(node: Node) -> None:
    rpc = Rpc(node, Limits(mined_blocks=2))
    rpc.call("anvil_mine", 2)
    assert rpc.refused("anvil_mine", 3) == (-32602, "too many blocks: at most 2")
    assert rpc.refused("evm_mine", {"blocks": 3}) == (-32602, "too many blocks: at most 2")


def test_time_is_never_moved_so_far_that_none_is_left(rpc: Rpc) -> None:
    for method in ("evm_setNextBlockTimestamp", "evm_mine"):
        assert rpc.refused(method, hex(2**63))[0] == -32602
    rpc.call("evm_setNextBlockTimestamp", hex(2**63 - 1))
    for _ in range(2):
        rpc.call("evm_mine")
    assert rpc.refused("evm_increaseTime", 1)[0] == -32602
    assert times(rpc) == [2**63 - 1 - genesis().timestamp] * 2


def test_time_does_not_go_back(rpc: Rpc) -> None:
    for method in ("evm_setNextBlockTimestamp", "anvil_setNextBlockTimestamp", "evm_mine"):
        code, message = rpc.refused(method, genesis().timestamp - 1)
        assert (code, message.partition(":")[0]) == (-32602, "invalid time")
    assert rpc.refused("evm_increaseTime", "0xffffffffffffffff")[0] == -32602
    assert rpc.refused("evm_increaseTime", -1)[0] == -32602
    assert rpc.refused("evm_mine", {"timestamp": "soon"})[0] == -32602


def test_back_to_a_snapshot(rpc: Rpc) -> None:
    first = rpc.call("evm_snapshot")
    rpc.send(transfer(STAKER, 0, 1))
    second = rpc.call("anvil_snapshot")
    rpc.send(transfer(STAKER, 1, 2))
    assert rpc.call("evm_revert", second) is True
    assert rpc.call("eth_getTransactionCount", hexed(STAKER)) == "0x1"
    assert rpc.call("evm_revert", second) is False
    assert rpc.call("anvil_revert", first) is True
    assert rpc.call("eth_blockNumber") == "0x0"
    assert rpc.call("evm_revert", "0x99") is False


def test_too_far_back(rpc: Rpc, node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = rpc.call("evm_snapshot")
    rpc.call("evm_mine")

    def adopt(_: bytes) -> None:
        raise ChainError("too deep")

    monkeypatch.setattr(node.chain, "adopt", adopt)
    assert rpc.refused("evm_revert", snapshot) == (-32000, "too deep")


def test_a_node_without_the_key_makes_no_blocks(node: Node) -> None:
    rpc = Rpc(Node(node.chain, dev=True))
    code, message = rpc.refused("evm_mine")
    assert code == -32000
    assert "key" in message
    assert KEY.address == node.chain.genesis.sequencer
