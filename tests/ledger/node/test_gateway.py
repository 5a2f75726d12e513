"""The gateway: staked DIEM is recorded in the block in which it changes."""

from __future__ import annotations

from ledger.execution import Execution
from ledger.node import BlockLimits, Node
from ledger.node.selection import select
from ledger.transactions import TransactionErrorCode, decode_transaction
from spec.addresses import DAILY_CREDITS
from spec.daily_credits.credit import RECORDED
from tests.ledger.node.conftest import (
    BUYER,
    CHAIN_ID,
    ETHER,
    GATEWAY,
    MINTER,
    STAKER,
    address,
    calling,
    counted,
    decoded,
    gateway,
    new_node,
    signed,
)


def test_gateway_records_in_the_block_in_which_staked_diem_changes() -> None:
    node = new_node(gateway=gateway())
    node.submit(calling(MINTER, 0, "diem.stake", ETHER))
    node.submit(calling(BUYER, 0, "diem.initiateUnstake", 1))
    node.submit(calling(MINTER, 1, "diem.stake", 5))
    node.submit(signed(STAKER, 0))
    block = node.mine()
    records = decoded(node, block.header.hash)[4:]
    assert [record.sender for record in records] == [address(GATEWAY)] * 2
    assert [record.nonce for record in records] == [0, 1]
    assert {record.to for record in records} == {DAILY_CREDITS}
    receipts = node.chain.receipts(block.header.hash)[4:]
    assert [receipt.logs[0].topics[0] for receipt in receipts] == [RECORDED.topic] * 2
    assert [receipt.logs[0].topics[1][12:] for receipt in receipts] == [address(MINTER), address(BUYER)]
    world = node.chain.execution(node.chain.head).world
    assert world.credits.accounts[address(MINTER)].staked == world.diem.staked_infos[address(MINTER)].amount_staked


def test_gateway_records_nothing_where_nothing_was_staked() -> None:
    node = new_node(gateway=gateway())
    node.submit(calling(MINTER, 0, "diem.stake", 10**30))
    node.submit(calling(STAKER, 0, "staking.stake", address(STAKER), 0))
    assert len(node.mine().transactions) == 2


def test_records_have_the_nonces_after_the_gateways_own_transactions() -> None:
    node = new_node(gateway=gateway())
    node.submit(calling(GATEWAY, 0, "credits.spend", address(MINTER), 1))
    node.submit(calling(MINTER, 0, "diem.stake", 1))
    node.submit(calling(GATEWAY, 1, "credits.spend", address(MINTER), 1))
    node.submit(calling(GATEWAY, 3, "credits.spend", address(MINTER), 1))
    senders = [(transaction.sender, transaction.nonce) for transaction in decoded(node, node.mine().header.hash)]
    assert senders == [
        (address(GATEWAY), 0),
        (address(MINTER), 0),
        (address(GATEWAY), 1),
        (address(GATEWAY), 2),
    ]
    # What waited behind the nonce that the record has taken waits no longer.
    assert [transaction.nonce for transaction in node.mempool.ready()] == [3]
    assert node.mempool.next_nonce(address(GATEWAY)) == 4


def test_record_on_a_nonce_that_waits_elsewhere_wins() -> None:
    node = new_node(gateway=gateway(), block_limits=BlockLimits(transactions=1))
    node.submit(calling(MINTER, 0, "diem.stake", 1))
    node.submit(calling(GATEWAY, 0, "credits.spend", address(MINTER), 1))
    assert [transaction.nonce for transaction in decoded(node, node.mine().header.hash)] == [0, 0]
    assert len(node.mempool) == 0
    assert counted(node, "dropped") == 1


def test_selection_is_what_the_state_allows(node: Node) -> None:
    transactions = [decode_transaction(signed(STAKER, nonce), CHAIN_ID) for nonce in (0, 2, 1)]
    execution = Execution(node.chain.state(node.chain.head), CHAIN_ID)
    selection = select(execution, transactions, node.next_timestamp())
    assert [transaction.nonce for transaction in selection.transactions] == [0, 1]
    assert [(refusal.transaction.nonce, refusal.reason.code) for refusal in selection.refusals] == [
        (2, TransactionErrorCode.NONCE_TOO_HIGH)
    ]
