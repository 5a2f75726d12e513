"""What a block commits to besides the state: its transactions and their receipts (yellow paper, 4.3).

Both are the values of a trie whose keys are their places in the block.
"""

from collections.abc import Iterable
from functools import lru_cache

from ledger.bloom import logs_bloom
from ledger.recursive_length_prefix import encode_bytes, encode_int, encode_list
from ledger.transactions import TransactionType
from ledger.trie import Trie
from spec.messages import Log, Receipt


def encode_receipt(kind: TransactionType, receipt: Receipt) -> bytes:
    """The receipt of a transaction of some type: RLP of status, gas used, bloom and logs, behind the type's byte.

    The cumulative gas used is 0, as there is none here. What the call returned is no part of a receipt in Ethereum.
    Source: yellow paper, 4.3.1; EIP-658, 2718.
    """
    rlp = encode_list(
        (
            encode_int(receipt.status),
            encode_int(0),
            encode_bytes(logs_bloom(receipt.logs)),
            encode_logs(receipt.logs),
        )
    )
    return rlp if kind is TransactionType.LEGACY else bytes((kind,)) + rlp


def transactions_root(raw_transactions: Iterable[bytes]) -> bytes:
    """The 32-byte commitment to the transactions of a block, encoded and in order."""
    return ordered_trie(raw_transactions).root_hash()


def receipts_root(encoded_receipts: Iterable[bytes]) -> bytes:
    """The 32-byte commitment to the receipts of a block's transactions, encoded and in order."""
    return ordered_trie(encoded_receipts).root_hash()


def ordered_trie(values: Iterable[bytes]) -> Trie:
    """The trie of non-empty values by the RLP of their places (from 0), for their root and for proofs of each."""
    trie = Trie()
    trie.update({encode_int(place): value for place, value in enumerate(values)})
    return trie


# The logs of a receipt are encoded for the root and again for the store.
@lru_cache(maxsize=1 << 12)
def encode_logs(logs: tuple[Log, ...]) -> bytes:
    """RLP of the list of some logs: of each address, topics and data."""
    return encode_list(
        encode_list((encode_bytes(address), encode_list(map(encode_bytes, topics)), encode_bytes(data)))
        for address, topics, data in logs
    )
