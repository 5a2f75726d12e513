"""cast against a running node; what it must find are numbers of the minimal preset, worked out by PROTOCOL.md."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import pytest

from tests.clients.cast import Cast, CastError
from tests.clients.contracts import CREDITS, DIEM, STAKING, VVV

if TYPE_CHECKING:
    from pathlib import Path

    from tests.clients.running_node import RunningNode

PRESET: Final = "minimal"
TOKEN: Final = 10**18
ACCESS: Final = '[{"address": "0x00000000000000000000000000000000000d1e30", "storageKeys": []}]'
BALANCE: Final = "balanceOf(address)(uint256)"


@pytest.fixture
def cast(node: RunningNode, tmp_path: Path) -> Cast:
    return Cast(node.http, tmp_path)


def mint_rate(step: int) -> int:
    """SVVV per DIEM, scaled by 10^18, at a step of the preset's curve (PROTOCOL 5): steps of 10 DIEM, target 80."""
    return int(90 * math.exp(2 * (10 * (step + 1) / 80) ** 3) * 10**18)


def test_the_life_of_a_diem(node: RunningNode, cast: Cast) -> None:
    newcomer, gateway = node.account("newcomer"), node.account("gateway")
    me = newcomer.address
    assert cast.number(VVV, BALANCE, me) == 700 * TOKEN
    cast.run("rpc", "evm_setNextBlockTimestamp", str(node.preset.timestamp + 1000))  # an epoch's first second

    cast.send(newcomer, VVV, "approve(address,uint256)", STAKING.address, "500ether")
    cast.send(newcomer, STAKING, "stake(address,uint256)", me, "500ether")
    assert cast.number(VVV, BALANCE, me) == 200 * TOKEN
    assert cast.number(STAKING, BALANCE, me) == 500 * TOKEN

    # The supply is 11 DIEM, so all of it comes from the step up to 20.
    minted = 400 * TOKEN * 10**18 // mint_rate(1)
    assert cast.number(STAKING, "getDiemAmountOut(uint256)(uint256)", "400ether") == minted
    cast.send(newcomer, STAKING, "mintDiem(uint256,uint256)", "400ether", str(minted))
    assert cast.number(DIEM, BALANCE, me) == minted == 4_307703264339306873

    cast.send(newcomer, DIEM, "stake(uint256)", "4ether")
    assert cast.number(CREDITS, "available(address)(uint256)", me) == 4 * TOKEN  # the gateway recorded it in that block
    cast.send(gateway, CREDITS, "spend(address,uint256)", me, "1.25ether")
    assert cast.number(CREDITS, "available(address)(uint256)", me) == 2_750000000000000000
    cast.pass_time(100)
    assert cast.number(CREDITS, "available(address)(uint256)", me) == 4 * TOKEN

    cast.send(newcomer, DIEM, "initiateUnstake(uint256)", "4ether")
    cast.pass_time(30)
    cast.send(newcomer, DIEM, "unstake()")
    assert cast.number(DIEM, BALANCE, me) == minted
    cast.send(newcomer, STAKING, "burnDiem(uint256)", str(minted))
    assert cast.number(DIEM, BALANCE, me) == 0
    assert cast.number(STAKING, "balanceOfUnlocked(address)(uint256)", me) == 500 * TOKEN

    cast.send(newcomer, STAKING, "claim()")
    claimed = cast.number(VVV, BALANCE, me) - 200 * TOKEN
    assert 0 < claimed < 140 * TOKEN  # 1 VVV a second is emitted to all
    cast.send(newcomer, STAKING, "initiateUnstake(uint256)", "500ether")
    rewarded = cast.number(VVV, BALANCE, me)
    cast.pass_time(60)
    cast.send(newcomer, STAKING, "finalizeUnstake()")
    assert cast.number(VVV, BALANCE, me) == rewarded + 500 * TOKEN
    assert cast.number(STAKING, BALANCE, me) == 0


def test_a_view_is_answered_at_any_block(node: RunningNode, cast: Cast) -> None:
    treasury, newcomer = node.account("treasury"), node.account("newcomer")
    for amount in (1, 2, 3):
        cast.send(treasury, VVV, "transfer(address,uint256)", newcomer.address, str(amount))
    found = [cast.number(VVV, BALANCE, newcomer.address, block=str(at)) for at in range(4)]
    assert [have - 700 * TOKEN for have in found] == [0, 1, 3, 6]
    assert cast.run("block-number") == "3"
    assert cast.run("nonce", treasury.address) == "3"
    assert cast.run("nonce", treasury.address, "--block", "1") == "1"


@pytest.mark.parametrize(
    "options,kind", [((), "0x2"), (("--legacy",), "0x0"), (("--legacy", "--access-list", ACCESS), "0x1")]
)
def test_ether_is_sent_in_every_kind_of_transaction(
    node: RunningNode, cast: Cast, options: tuple[str, ...], kind: str
) -> None:
    to = "0x00000000000000000000000000000000000d1e30"
    key = ("--private-key", node.account("newcomer").secret)
    receipt = cast.json("send", to, "--value", "1.5ether", *key, *options)
    assert (receipt["status"], receipt["type"]) == ("0x1", kind)
    assert cast.run("balance", to) == "1500000000000000000"
    sent = cast.json("tx", receipt["transactionHash"])
    assert int(sent["value"], 16) == 1_500000000000000000
    assert sent["from"] == node.account("newcomer").address.lower()


def test_refusals_are_shown_with_their_reason(node: RunningNode, cast: Cast) -> None:
    newcomer = node.account("newcomer")
    with pytest.raises(CastError, match="execution reverted: INSUFFICIENT_BALANCE"):
        cast.send(newcomer, STAKING, "mintDiem(uint256,uint256)", "1ether", "0")
    with pytest.raises(CastError, match="execution reverted: STAKE_ZERO"):
        cast.run("call", DIEM.address, "stake(uint256)", "0", "--from", newcomer.address)
    with pytest.raises(CastError, match=r'data: "(0x[0-9a-f]{72})"') as refused:
        cast.send(newcomer, STAKING, "setEmissionRate(uint256)", "0")
    data = str(refused.value).split('"')[1]
    decoded = cast.run("decode-error", "--sig", "OwnableUnauthorizedAccount(address)", data)
    assert decoded == newcomer.address


def test_a_refused_call_that_is_sent_all_the_same_is_in_a_block(node: RunningNode, cast: Cast) -> None:
    newcomer = node.account("newcomer")
    arguments = ("send", DIEM.address, "stake(uint256)", "1", "--private-key", newcomer.secret)
    receipt = cast.json(*arguments, "--gas-limit", "200000")
    assert (receipt["status"], receipt["logs"]) == ("0x0", [])
    assert cast.run("nonce", newcomer.address) == "1"


def test_bytecode_carries_out_the_same_transactions_on_the_nodes_state(node: RunningNode, cast: Cast) -> None:
    """`cast run` takes code and state from the node, and runs the transaction and those before it in an EVM."""
    newcomer = node.account("newcomer")
    cast.send(newcomer, VVV, "approve(address,uint256)", STAKING.address, "500ether")
    cast.send(newcomer, STAKING, "stake(address,uint256)", newcomer.address, "500ether")
    minted = cast.send(newcomer, STAKING, "mintDiem(uint256,uint256)", "400ether", "0")
    trace = cast.run("run", minted["transactionHash"])
    assert "Transaction successfully executed" in trace
    assert f"mint({newcomer.address}, 4307703264339306873 [4.307e18])" in trace
    arguments = ("send", DIEM.address, "stake(uint256)", "5ether", "--private-key", newcomer.secret)
    refused = cast.json(*arguments, "--gas-limit", "200000")
    assert "Revert] INSUFFICIENT_BALANCE" in cast.run("run", refused["transactionHash"])


def test_logs_are_found_by_event_and_indexed_account(node: RunningNode, cast: Cast) -> None:
    staker, newcomer = node.account("staker"), node.account("newcomer")
    for account, amount in ((staker, 5), (newcomer, 7), (staker, 9)):
        cast.send(account, VVV, "approve(address,uint256)", STAKING.address, str(amount))
        cast.send(account, STAKING, "stake(address,uint256)", account.address, str(amount))
    event = "Staked(address indexed user, uint256 amount)"
    everything = ("logs", "--address", STAKING.address, "--from-block", "0")
    found = cast.json(*everything, event, staker.address)
    assert [int(log["data"], 16) for log in found] == [5, 9]
    assert [int(log["blockNumber"], 16) for log in found] == [2, 6]
    assert [int(log["data"], 16) for log in cast.json(*everything, event)] == [5, 7, 9]
    assert cast.json("logs", "--address", DIEM.address, "--from-block", "0", event) == []


def test_blocks_code_and_storage_are_read(node: RunningNode, cast: Cast) -> None:
    genesis = cast.json("block", "0")
    assert int(genesis["timestamp"], 16) == node.preset.timestamp == 1_000_000
    assert cast.run("chain-id") == "8453"
    assert cast.run("base-fee") == cast.run("gas-price") == "0"
    assert int(cast.run("storage", VVV.address, "2"), 16) == 100_000_500 * TOKEN  # totalSupply, PROTOCOL 9
    assert cast.run("codehash", VVV.address) == cast.run("keccak", cast.run("code", VVV.address))
    assert cast.run("implementation", STAKING.address) == "0xe37a7920dbc11253ac6d031c29f592f71b348dca"
    assert cast.run("erc20", "balance", VVV.address, node.account("newcomer").address).startswith(
        "700000000000000000000"
    )
    proof = cast.json("proof", VVV.address, "2")
    assert proof["storageHash"] == cast.run("storage-root", VVV.address)
    assert int(proof["storageProof"][0]["value"], 16) == 100_000_500 * TOKEN


def test_websocket_is_as_good_as_http(node: RunningNode, tmp_path: Path) -> None:
    cast = Cast(node.websocket, tmp_path)
    cast.send(node.account("newcomer"), VVV, "approve(address,uint256)", STAKING.address, "5")
    assert cast.run("block-number") == "1"
    assert (
        cast.number(VVV, "allowance(address,address)(uint256)", node.account("newcomer").address, STAKING.address) == 5
    )
