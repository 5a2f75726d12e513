"""What a block puts into the store: when it is known to be right, and when it becomes part of the chain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ledger.blocks import Block
from ledger.chain.log_index import index_keys
from ledger.changes import Changes
from ledger.receipts import encode_logs
from ledger.recursive_length_prefix import decode_bytes, encode_int, encode_list, split_list
from ledger.store import schema
from spec.hashing import keccak256
from spec.messages import Address, Log, Receipt

Batch = dict[bytes, bytes | None]
"""Key |-> value, None to delete; written all at once."""


class Outcome(NamedTuple):
    """What carrying out a block has come to."""

    receipts: tuple[Receipt, ...]
    changes: Changes
    nodes: Mapping[bytes, bytes]
    """New trie nodes, by hash."""


def validated(block: Block, outcome: Outcome) -> Batch:
    """What a block has as soon as it is known to be right, whether or not it is ever adopted."""
    block_hash = block.header.hash
    batch: Batch = {schema.node(node_hash): rlp for node_hash, rlp in outcome.nodes.items()}
    batch[schema.block(block_hash)] = block.encode()
    batch[schema.receipts(block_hash)] = encode_receipts(outcome.receipts)
    batch[schema.changes(block_hash)] = outcome.changes.encode()
    return batch


def adopted(block: Block, receipts: Sequence[Receipt], changes: Changes) -> Batch:
    """What a block puts on top of its parent's chain."""
    batch: Batch = dict(changes.done())
    batch |= dict.fromkeys(index_keys(block.header.number, receipts), b"")
    batch |= _places(block)
    batch[schema.canonical(block.header.number)] = block.header.hash
    batch[schema.head()] = block.header.hash
    return batch


def undone(block: Block, receipts: Sequence[Receipt], changes: Changes) -> Batch:
    """What takes a block from the top of the chain again."""
    batch: Batch = dict(changes.undone())
    batch |= dict.fromkeys(index_keys(block.header.number, receipts))
    batch |= dict.fromkeys(_places(block))
    batch[schema.canonical(block.header.number)] = None
    batch[schema.head()] = block.header.parent_hash
    return batch


def encode_receipts(receipts: Iterable[Receipt]) -> bytes:
    """The receipts as they are stored: RLP of status and logs of each; what else a receipt has follows from these."""
    return encode_list(encode_list((encode_int(receipt.status), encode_logs(receipt.logs))) for receipt in receipts)


def decode_receipts(rlp: bytes) -> tuple[Receipt, ...]:
    """The receipts that are stored like this, without the calls' output; MalformedRlpError if none are."""
    return tuple(_decode_receipt(item) for item in split_list(rlp))


def _places(block: Block) -> dict[bytes, bytes]:
    number = block.header.number.to_bytes(8, "big")
    return {
        schema.transaction(keccak256(raw)): number + index.to_bytes(4, "big")
        for index, raw in enumerate(block.transactions)
    }


def _decode_receipt(rlp: bytes) -> Receipt:
    status, logs = split_list(rlp)
    return Receipt(bool(decode_bytes(status)), b"", tuple(map(_decode_log, split_list(logs))))


def _decode_log(rlp: bytes) -> Log:
    address, topics, data = split_list(rlp)
    return Log(Address(decode_bytes(address)), tuple(map(decode_bytes, split_list(topics))), decode_bytes(data))
