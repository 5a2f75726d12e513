"""web3.py against a running node; what it must find are numbers of the minimal preset, worked out by PROTOCOL.md."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any, Final

import pytest
from web3 import AsyncWeb3, Web3
from web3.exceptions import (
    ContractCustomError,
    ContractLogicError,
    TransactionNotFound,
    Web3RPCError,
)
from web3.logs import DISCARD
from web3.providers import WebSocketProvider

from tests.clients.light_client import check_proof, header_hash, proved
from tests.clients.wallet import Wallet, stake, transfer

if TYPE_CHECKING:
    from tests.clients.running_node import RunningNode

PRESET: Final = "minimal"
TOKEN: Final = 10**18


@pytest.fixture
def wallet(node: RunningNode) -> Wallet:
    return Wallet(node)


def test_the_life_of_a_diem(wallet: Wallet) -> None:
    wallet.block_at(wallet.node.preset.timestamp + 1000)  # the first second of epoch 10,010, each of 100 s
    vvv, staking, diem, credit = wallet.vvv.functions, wallet.staking.functions, wallet.diem.functions, wallet.credits
    newcomer, gateway = wallet.signer("newcomer"), wallet.signer("gateway")
    me = newcomer.address
    assert vvv.balanceOf(me).call() == 700 * TOKEN
    stake(wallet, newcomer, 600 * TOKEN)
    assert (vvv.balanceOf(me).call(), staking.balanceOf(me).call()) == (100 * TOKEN, 600 * TOKEN)

    # Of the step from 10 DIEM to 20, of which 11 are there (PROTOCOL 5); its upper bound gives the rate.
    rate = int(90 * math.exp(2 * (20 / 80) ** 3) * 10**18)
    minted = 500 * TOKEN * 10**18 // rate
    wallet.send(newcomer, wallet.staking, "mintDiem", 500 * TOKEN, minted)
    assert diem.balanceOf(me).call() == minted
    assert staking.lockedStakes(me).call() == [500 * TOKEN, minted]

    wallet.send(newcomer, wallet.diem, "stake", 5 * TOKEN)
    assert credit.functions.available(me).call() == 5 * TOKEN
    spent = wallet.send(gateway, wallet.credits, "spend", me, 3 * TOKEN)
    (event,) = credit.events.Spent().process_receipt(spent)
    assert event["args"] == {"account": me, "epoch": 10_010, "amount": 3 * TOKEN}
    assert credit.functions.available(me).call() == 2 * TOKEN

    wallet.send(newcomer, wallet.diem, "initiateUnstake", 5 * TOKEN)
    assert credit.functions.available(me).call() == 2 * TOKEN  # the day's credit stays
    wallet.pass_time(100)
    assert credit.functions.available(me).call() == 0
    wallet.send(newcomer, wallet.diem, "unstake")
    wallet.send(newcomer, wallet.staking, "burnDiem", minted)
    assert (diem.balanceOf(me).call(), staking.lockedStakes(me).call()) == (0, [0, 0])

    initiated = wallet.send(newcomer, wallet.staking, "initiateUnstake", 600 * TOKEN)
    rewarded = vvv.balanceOf(me).call()
    began = wallet.web3.eth.get_block(initiated["blockNumber"])["timestamp"]
    assert staking.stakes(me).call()[1:] == [began + 60, 600 * TOKEN]
    wallet.pass_time(60)
    wallet.send(newcomer, wallet.staking, "finalizeUnstake")
    assert vvv.balanceOf(me).call() == rewarded + 600 * TOKEN
    assert staking.balanceOf(me).call() == 0


def test_claims_pay_what_was_emitted(wallet: Wallet) -> None:
    """PROTOCOL 3.1, at 1 VVV a second, 5 % of it for the treasury, and 20 % of what locked stake earns."""
    views = wallet.staking.functions
    staker, treasury = wallet.signer("staker"), wallet.node.account("treasury").address
    settled = wallet.send(staker, wallet.staking, "claim")["blockNumber"]
    before = wallet.web3.eth.get_block(settled)["timestamp"]
    wallet.block_at(before + 50)
    claimed = wallet.send(staker, wallet.staking, "claim")

    total, locked, unlocked = 9001 * TOKEN + 3, 1000 * TOKEN, 5000 * TOKEN
    share = 50 * TOKEN // 20
    paid_to_locked = (50 * TOKEN - share) * locked // total
    per_share = (50 * TOKEN - share - paid_to_locked) * 10**36 // (total - locked)
    accumulated = views.accRewardPerShare().call(block_identifier=settled)
    assert views.accRewardPerShare().call() == accumulated + per_share
    reward = unlocked * (accumulated + per_share) // 10**36 - unlocked * accumulated // 10**36
    (event,) = wallet.staking.events.Claimed().process_receipt(claimed, errors=DISCARD)
    assert event["args"] == {"user": staker.address, "amount": reward}

    held = [wallet.vvv.functions.balanceOf(treasury).call(block_identifier=at) for at in (settled, "latest")]
    assert held[1] - held[0] == share + paid_to_locked // 5


def test_pending_rewards_are_those_of_the_next_block(wallet: Wallet) -> None:
    staker = wallet.signer("staker")
    wallet.block_at(wallet.node.preset.timestamp + 1000)
    pending = wallet.staking.functions.pendingRewards(staker.address).call(block_identifier="pending")
    assert pending > 0
    claimed = wallet.send(staker, wallet.staking, "claim")
    (event,) = wallet.staking.events.Claimed().process_receipt(claimed, errors=DISCARD)
    assert event["args"]["amount"] == pending


def test_refusals_are_exceptions_with_their_reason(wallet: Wallet) -> None:
    newcomer = wallet.signer("newcomer")
    with pytest.raises(ContractLogicError, match="execution reverted: INSUFFICIENT_BALANCE"):
        wallet.send(newcomer, wallet.staking, "mintDiem", 1, 0)
    with pytest.raises(ContractLogicError, match="execution reverted: NOT_GATEWAY"):
        wallet.credits.functions.spend(newcomer.address, 1).call({"from": newcomer.address})
    with pytest.raises(ContractCustomError) as refused:
        wallet.send(newcomer, wallet.diem, "transfer", wallet.diem.address, 1)
    data = bytes.fromhex(str(refused.value.data)[2:])
    assert data[:4] == Web3.keccak(text="ERC20InsufficientBalance(address,uint256,uint256)")[:4]
    assert wallet.web3.codec.decode(["address", "uint256", "uint256"], data[4:]) == (newcomer.address.lower(), 0, 1)
    first = transfer(newcomer, nonce=0)
    wallet.eth.send_raw_transaction(first)
    with pytest.raises(Web3RPCError, match="nonce too low"):
        wallet.eth.send_raw_transaction(first)


def test_a_transaction_behind_a_gap_waits(wallet: Wallet) -> None:
    eth, newcomer = wallet.eth, wallet.signer("newcomer")
    late = eth.send_raw_transaction(transfer(newcomer, nonce=1))
    assert eth.get_transaction(late)["blockNumber"] is None
    with pytest.raises(TransactionNotFound):
        eth.get_transaction_receipt(late)
    assert eth.get_transaction_count(newcomer.address, "pending") == 0
    eth.send_raw_transaction(transfer(newcomer, nonce=0))
    assert eth.get_transaction_receipt(late)["status"] == 1
    assert eth.get_transaction_count(newcomer.address) == 2


def test_logs_and_filters(wallet: Wallet) -> None:
    eth, event = wallet.eth, wallet.staking.events.Staked
    staker, newcomer = wallet.signer("staker"), wallet.signer("newcomer")
    blocks, logs = (
        eth.filter("latest"),
        event.create_filter(from_block=0, argument_filters={"recipient": staker.address}),
    )
    for signer, amount in ((staker, 5), (newcomer, 7), (staker, 9)):
        stake(wallet, signer, amount)
    mine = event().get_logs(from_block=0, argument_filters={"recipient": staker.address})
    assert [(log["args"]["amount"], log["blockNumber"]) for log in mine] == [(5, 2), (9, 6)]
    assert [log["args"]["amount"] for log in event().get_logs(from_block=0)] == [5, 7, 9]
    assert [log["args"]["amount"] for log in logs.get_new_entries()] == [5, 9]
    assert [log["args"]["amount"] for log in logs.get_all_entries()] == [5, 9]
    assert blocks.get_new_entries() == [eth.get_block(number)["hash"] for number in range(1, 7)]
    assert blocks.get_new_entries() == logs.get_new_entries() == []
    assert eth.uninstall_filter(logs.filter_id)


def test_proofs_lead_to_the_root_in_a_header_of_its_hash(wallet: Wallet) -> None:
    eth, newcomer = wallet.eth, wallet.signer("newcomer")
    stake(wallet, newcomer, 123)
    of_newcomer = int.from_bytes(Web3.keccak(bytes(12) + bytes.fromhex(newcomer.address[2:]) + (3).to_bytes(32, "big")))
    for number, has in ((0, 700 * TOKEN), (2, 700 * TOKEN - 123)):
        block = eth.get_block(number)
        assert header_hash(block) == bytes(block["hash"])
        proof = eth.get_proof(wallet.vvv.address, [2, of_newcomer, 10**6], number)  # totalSupply, balanceOf: PROTOCOL 9
        check_proof(bytes(block["stateRoot"]), proof)
        words = [int.from_bytes(word["value"]) for word in proof["storageProof"]]
        assert words == [wallet.vvv.functions.totalSupply().call(block_identifier=number), has, 0]
        assert proof["codeHash"] == Web3.keccak(eth.get_code(wallet.vvv.address))
        check_proof(bytes(block["stateRoot"]), eth.get_proof(newcomer.address, [], number))
    nobody = eth.get_proof(Web3.to_checksum_address(bytes(18) + b"\xd1\xe3"), [0], "latest")
    assert proved(bytes(eth.get_block("latest")["stateRoot"]), bytes(18) + b"\xd1\xe3", nobody["accountProof"]) == b""


def test_what_a_wallet_asks_before_it_sends(wallet: Wallet) -> None:
    web3, newcomer = wallet.web3, wallet.signer("newcomer")
    assert web3.is_connected()
    assert (web3.eth.chain_id, web3.net.version, web3.eth.syncing) == (8453, "8453", False)
    assert (web3.eth.gas_price, web3.eth.max_priority_fee, wallet.eth.accounts) == (0, 0, [])
    assert web3.eth.fee_history(1, "latest")["baseFeePerGas"] == [0, 0]
    assert web3.eth.get_balance(newcomer.address) == 10_000 * 10**18
    call = wallet.vvv.functions.transfer(wallet.staking.address, 1)
    assert call.estimate_gas({"from": newcomer.address}) > 21_000
    built = call.build_transaction({"from": newcomer.address})
    assert (built["chainId"], built["maxFeePerGas"], built["maxPriorityFeePerGas"]) == (8453, 0, 0)
    with web3.batch_requests() as batch:
        batch.add(wallet.vvv.functions.totalSupply())
        batch.add(web3.eth.get_block("latest"))
        answers: list[Any] = batch.execute()
    assert (answers[0], answers[1]["number"]) == (100_000_500 * TOKEN, 0)


def test_heads_and_logs_come_over_websocket(node: RunningNode, wallet: Wallet) -> None:
    newcomer = wallet.signer("newcomer")

    async def listen() -> list[tuple[str, Any]]:
        async with AsyncWeb3(WebSocketProvider(node.websocket)) as web3:
            heads = await web3.eth.subscribe("newHeads")
            approvals = {"address": wallet.vvv.address, "topics": [wallet.vvv.events.Approval().topic]}
            names = {heads: "head", await web3.eth.subscribe("logs", approvals): "log"}
            stake(wallet, newcomer, 5)
            found = []
            async for message in web3.socket.process_subscriptions():
                found.append((names[message["subscription"]], message["result"]))
                if len(found) == 3:
                    break
            assert await web3.eth.unsubscribe(heads)
            return found

    found = asyncio.run(asyncio.wait_for(listen(), 30))
    heads = [head for name, head in found if name == "head"]
    assert [head["hash"] for head in heads] == [wallet.web3.eth.get_block(number)["hash"] for number in (1, 2)]
    (log,) = (log for name, log in found if name == "log")
    arguments = {"owner": newcomer.address, "spender": wallet.staking.address, "amount": 5}
    assert wallet.vvv.events.Approval().process_log(log)["args"] == arguments
