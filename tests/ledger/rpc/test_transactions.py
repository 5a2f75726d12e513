"""Transactions that are sent: taken, or refused in the words that other clients use."""

from __future__ import annotations

import pytest

from ledger.node import Node
from ledger.rpc.methods.transactions import WORDINGS, refused
from ledger.transactions import TransactionError, TransactionErrorCode, TransactionType, sign_transaction
from spec.addresses import STAKING_IMPLEMENTATION
from spec.hashing import keccak256
from tests.ledger.rpc.conftest import ETHER, MINTER, NOBODY, STAKER, Rpc, hexed, new_node, signed, transfer


@pytest.fixture
def waiting() -> Rpc:
    """A node that makes no block by itself, with one transaction that waits."""
    rpc = Rpc(new_node(instant=False))
    rpc.send(transfer(STAKER, 0, 5, max_fee_per_gas=100))
    return rpc


def test_a_transaction_is_carried_out_at_once_on_an_instant_node(rpc: Rpc) -> None:
    raw = transfer(STAKER, 0, 5)
    assert rpc.send(raw) == hexed(keccak256(raw))
    assert rpc.head().transactions == (raw,)


def test_a_refused_call_is_carried_out_too(rpc: Rpc) -> None:
    sent = rpc.send(transfer(MINTER, 0, 10**40))
    assert rpc.call("eth_getTransactionReceipt", sent)["status"] == "0x0"


@pytest.mark.parametrize(
    "raw,start",
    [
        (transfer(STAKER, 0, 5, max_fee_per_gas=100), "already known: transaction: found 0x"),
        (
            transfer(STAKER, 0, 6),
            "replacement transaction underpriced: maxPriorityFeePerGas: found 0, expected at least",
        ),
        (transfer(STAKER, 2000, 5), "nonce too high: nonce: found 2000, expected at most "),
        (signed(STAKER, 1, NOBODY, value=10 * ETHER + 1), "insufficient funds for transfer: value: found "),
        (signed(STAKER, 1, STAKING_IMPLEMENTATION), "unspecified code: to: found 0x"),
        (transfer(STAKER, 1, 5, chain_id=1), "invalid chain id for signer: chainId: found 1, expected 8453"),
        (signed(STAKER, 1, b""), "contract creation: to: found nobody"),
        (
            transfer(STAKER, 1, 5, max_fee_per_gas=1, max_priority_fee_per_gas=2),
            "max priority fee per gas higher than max fee per gas: maxPriorityFeePerGas: found 2, expected at most",
        ),
        (b"", "rlp: malformed transaction: transaction: found no bytes"),
        (b"\x03\xc0", "transaction type not supported: type: found 0x03"),
        (b"\xc0", "rlp: malformed transaction: transaction: found 0 fields"),
        (transfer(STAKER, 1, 5) + b"\0", "rlp: input contains more than one value: transaction: found 1 bytes after"),
        (transfer(STAKER, 1, 5)[:-1], "rlp: malformed transaction: "),
        (signed(STAKER, 1, NOBODY, bytes(128 * 1024)), "oversized data: transaction: found 131"),
    ],
)
def test_why_a_transaction_is_refused(waiting: Rpc, raw: bytes, start: str) -> None:
    code, message = waiting.refused("eth_sendRawTransaction", hexed(raw))
    assert code == -32000
    assert message.startswith(start)
    assert len(waiting.node.mempool) == 1


def test_a_nonce_that_was_used(rpc: Rpc) -> None:
    rpc.send(transfer(STAKER, 0, 5))
    code, message = rpc.refused("eth_sendRawTransaction", hexed(transfer(STAKER, 0, 6)))
    assert (code, message) == (-32000, "nonce too low: nonce: found 0, expected at least the sender's next, 1")


def test_a_replacement(waiting: Rpc) -> None:
    sent = waiting.send(transfer(STAKER, 0, 6, max_fee_per_gas=110))
    waiting.call("evm_mine")
    assert waiting.call("eth_getTransactionReceipt", sent)["status"] == "0x1"


def test_a_transaction_for_no_chain(waiting: Rpc) -> None:
    items = sign_transaction(b"\x01" * 32, TransactionType.LEGACY, chain_id=8453, nonce=0, to=NOBODY)
    v = (8453 * 2 + 35).to_bytes(2, "big"), (8453 * 2 + 36).to_bytes(2, "big")
    at = next(place for each in v if (place := items.find(b"\x82" + each)) >= 0)
    raw = items[:at] + b"\x1b" + items[at + 3 :]
    raw = bytes((0xC0 + 55 + 1, len(raw) - 2)) + raw[2:]
    code, message = waiting.refused("eth_sendRawTransaction", hexed(raw))
    assert (code, message.partition(":")[0]) == (
        -32000,
        "only replay-protected (EIP-155) transactions allowed over RPC",
    )


def test_every_reason_has_words_of_its_own() -> None:
    for code in TransactionErrorCode:
        error = refused(TransactionError(code, "field", 1, 2))
        assert error.code == -32000
        assert error.message == f"{WORDINGS.get(code, code)}: field: found 1, expected 2"


def test_a_node_that_makes_no_blocks_sends_on(node: Node) -> None:
    sent = []
    follower = Node(node.chain, forward=lambda transaction: sent.append(transaction.hash))
    rpc = Rpc(follower)
    assert rpc.send(transfer(STAKER, 0, 5)) == hexed(sent[0])
    assert rpc.call("eth_getTransactionCount", hexed(STAKER), "pending") == "0x1"
