"""The gateway's part in a block: a call of ``record`` for each account whose staked DIEM the block changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ledger.keys import SequencerKey
from ledger.recursive_length_prefix import encode_bytes, encode_int, encode_list
from ledger.transactions import TransactionType, signing_digest
from spec.addresses import DAILY_CREDITS, DIEM
from spec.diem.stakes import STAKED, UNSTAKE_INITIATED
from spec.hashing import keccak256
from spec.messages import Address, Log
from spec.signatures import recover

RECORD: Final = keccak256(b"record(address)")[:4]
"""The selector."""

_TOPICS: Final = frozenset({STAKED.topic, UNSTAKE_INITIATED.topic})


class Gateway:
    """Signs the records."""

    def __init__(self, key: SequencerKey, chain_id: int) -> None:
        self._key: Final = key
        self.chain_id: Final = chain_id
        self.address: Final = key.address

    def record(self, account: Address, nonce: int) -> bytes:
        """The encoded transaction by which the gateway, with its next nonce, lets an account be recorded."""
        data = RECORD + bytes(12) + account
        items = [
            encode_int(self.chain_id),
            *map(encode_int, (nonce, 0, 0, 0)),
            *(encode_bytes(DAILY_CREDITS), encode_int(0), encode_bytes(data), encode_list(())),
        ]
        digest = signing_digest(TransactionType.DYNAMIC_FEE, self.chain_id, items)
        signature = self._key.sign(digest)
        r, s = signature[:32], signature[32:]
        y_parity = next(parity for parity in (0, 1) if recover(digest, 27 + parity, r, s) == self.address)
        numbers = (y_parity, int.from_bytes(r, "big"), int.from_bytes(s, "big"))
        return bytes((TransactionType.DYNAMIC_FEE,)) + encode_list([*items, *map(encode_int, numbers)])


def restaked(logs: Iterable[Log]) -> list[Address]:
    """The accounts which stake DIEM or begin to unstake it in these logs, each once, in the order of the logs."""
    accounts = (Address(log.topics[1][12:]) for log in logs if log.address == DIEM and log.topics[0] in _TOPICS)
    return list(dict.fromkeys(accounts))
