"""The trie as a map with a root hash, and proofs about it."""

from collections.abc import Mapping, Sequence
from typing import Self

from ledger.recursive_length_prefix import MalformedRlpError
from ledger.trie.encoding import key_path
from ledger.trie.nodes import EMPTY, HASH_HEADER, HashRef, MissingNodeError, Node, Nodes, NodeStore, Value
from spec.hashing import keccak256

EMPTY_ROOT = keccak256(EMPTY.ref)
"""Root hash of the trie without keys, keccak256(rlp(b""))."""


class InvalidProofError(ValueError):
    """A proof which does not prove anything about the key under the root."""


class Trie:
    """A map from bytes to non-empty bytes, committed to by its root hash. It hashes no keys: see `commitment`.

    Every method visiting a key raises MissingNodeError or MalformedRlpError, changing nothing, if the store lacks or
    has corrupted a node on the key's path.
    """

    def __init__(self, store: NodeStore | None = None, root: bytes = EMPTY_ROOT) -> None:
        """Open the trie with this root, whose nodes are read from the store as they are visited."""
        self._saved_root = root
        self._fresh: Nodes = {}
        """The hashed nodes which no commit has handed out yet."""
        self._root: Node = EMPTY if root == EMPTY_ROOT else HashRef(HASH_HEADER + root, {} if store is None else store)

    def get(self, key: bytes) -> bytes | None:
        """The value of a key, None if it has none."""
        path = key_path(key)
        node, depth = self._root, 0
        while depth < len(path):
            node, depth = node.step(path, depth)
        return node.value if isinstance(node, Value) and node.value else None

    def set(self, key: bytes, value: bytes) -> None:
        """Set the value of a key; the empty value is no value, so it deletes the key, as Ethereum has it."""
        self.update({key: value})

    def delete(self, key: bytes) -> None:
        """Delete a key, if it is there."""
        self.update({key: b""})

    def update(self, values: Mapping[bytes, bytes]) -> None:
        """Set the values of some keys (key -> value) at once, which costs less than one after the other."""
        root, entries = self._root, []
        for key, value in values.items():
            if value:
                entries.append((key_path(key), value))
            else:
                root = root.remove(key_path(key), 0)
        self._root = root.update(sorted(entries), 0) if entries else root

    def root_hash(self) -> bytes:
        """The 32-byte commitment to all keys and values; hashes only what changed since it was last taken."""
        ref = self._root.ref or self._root.seal(self._fresh)
        return ref[1:] if len(ref) == 33 else keccak256(ref)

    def commit(self) -> Nodes:
        """The nodes (hash -> RLP) which are new since the last commit, and which the caller must put in the store."""
        root = self.root_hash()
        nodes, self._fresh = self._fresh, {}
        if root in (self._saved_root, EMPTY_ROOT):
            return {}
        if len(self._root.ref) < 33:  # it is stored by its hash even so
            nodes[root] = self._root.encode(nodes)
        self._saved_root = root
        return nodes

    def fork(self) -> Self:
        """Another trie with the same keys, over the same nodes: what is changed in one is not in the other."""
        self.root_hash()
        fork = type(self)()
        fork._root, fork._saved_root, fork._fresh = self._root, self._saved_root, self._fresh.copy()
        return fork

    def prove(self, key: bytes) -> list[bytes]:
        """RLP of the hashed nodes on the key's path, root first, proving its value or its absence (EIP-1186)."""
        self.root_hash()
        proof: list[bytes] = []
        path = key_path(key)
        node, depth = self._root, 0
        while depth < len(path):
            is_root = not proof and node is not EMPTY
            if is_root or len(node.ref) == 33:
                proof.append(node.encode({}))
            node, depth = node.step(path, depth)
        return proof


def verify_proof(root: bytes, key: bytes, proof: Sequence[bytes]) -> bytes | None:
    """The value of a key under a root hash, None if it has none, by a proof as `Trie.prove` gives it.

    InvalidProofError if the proof lacks a node on the key's path, or has any other, or has them out of order.
    """
    trie = Trie({keccak256(rlp): rlp for rlp in proof}, root)
    try:
        if trie.prove(key) != list(proof):
            raise InvalidProofError("the proof has nodes which are not on the key's path in this order")
        return trie.get(key)
    except (MissingNodeError, MalformedRlpError) as error:
        raise InvalidProofError(f"the proof does not lead from the root to the key: {error}") from error
