"""Ethereum's Merkle-Patricia trie (yellow paper, appendix D), with lazily loaded nodes and proofs."""

from ledger.recursive_length_prefix import MalformedRlpError
from ledger.trie.hexary import EMPTY_ROOT, InvalidProofError, Trie, verify_proof
from ledger.trie.nodes import MissingNodeError, NodeStore

__all__ = [
    "EMPTY_ROOT",
    "InvalidProofError",
    "MalformedRlpError",
    "MissingNodeError",
    "NodeStore",
    "Trie",
    "verify_proof",
]
