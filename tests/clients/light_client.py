"""What a client can check without trusting the node: with another library's trie, and nothing of the ledger's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import rlp  # type: ignore[import-untyped]
from eth_utils.crypto import keccak
from trie.hexary import HexaryTrie

HEADER: Final = (
    *("parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom", "difficulty"),
    *("number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce", "baseFeePerGas"),
)
"""What is hashed, in its order: yellow paper 4.4, EIP-1559."""


def header_hash(block: Mapping[str, Any]) -> bytes:
    """The hash of a header as web3.py shows it."""
    shown = [block[name] for name in HEADER]
    return keccak(rlp.encode([bytes.fromhex(field[2:]) if isinstance(field, str) else field for field in shown]))


def proved(root: bytes, key: bytes, nodes: Sequence[bytes]) -> bytes:
    """What the trie of this root has for a key; empty if it has nothing. An exception if the nodes do not show it."""
    opened = [rlp.decode(bytes(node)) for node in nodes]
    return bytes(HexaryTrie.get_from_proof(root, keccak(key), opened))  # type: ignore[no-untyped-call]


def check_proof(state_root: bytes, proof: Mapping[str, Any]) -> None:
    """Hold an account and its words, as web3.py shows them, against the state root."""
    leaf = rlp.decode(proved(state_root, bytes.fromhex(proof["address"][2:]), proof["accountProof"]))
    assert [int.from_bytes(number, "big") for number in leaf[:2]] == [proof["nonce"], proof["balance"]]
    assert leaf[2:] == [bytes(proof["storageHash"]), bytes(proof["codeHash"])]
    for word in proof["storageProof"]:
        kept = proved(bytes(proof["storageHash"]), bytes(word["key"]).rjust(32, b"\0"), word["proof"])
        assert (rlp.decode(kept) if kept else b"") == bytes(word["value"]).lstrip(b"\0")
