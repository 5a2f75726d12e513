"""What there is to read in an encoded block, for clients that do not take blocks apart, and for people."""

from __future__ import annotations

from conformance.programs.as_scenario import readable
from conformance.vectors.encoding import Json, hexadecimal, plain
from ledger.blocks import BlockError, Header, decode_block
from ledger.execution import call_of
from ledger.transactions import Transaction, TransactionError, decode_transaction
from spec.machine import CONTRACTS
from spec.quantities import format_address


def content_json(rlp: bytes, chain_id: int) -> Json | None:
    """Return the fields and transactions of a block; None if it is none."""
    try:
        block = decode_block(rlp)
    except BlockError:
        return None
    timestamp = block.header.timestamp
    return {
        **_header(block.header),
        "transactions": [_transaction(raw, chain_id, timestamp) for raw in block.transactions],
    }


def _header(header: Header) -> Json:
    return {
        "hash": hexadecimal(header.hash),
        "parent_hash": hexadecimal(header.parent_hash),
        "number": str(header.number),
        "timestamp": str(header.timestamp),
        "beneficiary": format_address(header.beneficiary),
        "gas_limit": str(header.gas_limit),
        "state_root": hexadecimal(header.state_root),
        "transactions_root": hexadecimal(header.transactions_root),
        "receipts_root": hexadecimal(header.receipts_root),
    }


def _transaction(raw: bytes, chain_id: int, timestamp: int) -> Json | None:
    """Return the fields of a transaction; None if it cannot be decoded."""
    try:
        transaction = decode_transaction(raw, chain_id)
    except TransactionError:
        return None
    return {
        "hash": hexadecimal(transaction.hash),
        "type": str(int(transaction.type)),
        "sender": format_address(transaction.sender),
        "nonce": str(transaction.nonce),
        "to": format_address(transaction.to),
        "value": str(transaction.value),
        "data": hexadecimal(transaction.data),
        **_called(transaction, timestamp),
    }


def _called(transaction: Transaction, timestamp: int) -> Json:
    contract = CONTRACTS.get(transaction.to)
    if contract is None:
        return {"contract": None, "function": None, "arguments": None}
    function = contract.by_selector.get(transaction.data[:4])
    decoded = readable(call_of(transaction, timestamp))
    return {
        "contract": contract.name,
        "function": function.signature if function and decoded else None,
        "arguments": plain(decoded[1]) if decoded else None,
    }
