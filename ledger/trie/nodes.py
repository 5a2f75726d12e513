"""The nodes of a Merkle-Patricia trie.

Nodes are immutable: `put` and `remove` return a changed copy of the path they touch, sharing all the rest, or the very
same node if nothing changed. So a fresh node is a dirty one, whatever is shared keeps its cached hash, and a failed
write (a missing node) leaves the trie as it was.
"""

# ruff: noqa: ARG002, D102 (methods without a docstring have the one of Node, and its parameters)

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Final, Protocol

from ledger.recursive_length_prefix import MalformedRlpError, decode_bytes, encode_bytes, encode_list, split_list
from ledger.trie.encoding import TERMINATOR, hex_prefix, unpack_hex_prefix
from spec.hashing import keccak256

HASH_HEADER = b"\xa0"
"""RLP header of a 32-byte string."""


class NodeStore(Protocol):
    """Where committed nodes are found again. A dict is one; so is a LevelDB handle."""

    def get(self, node_hash: bytes, /) -> bytes | None:
        """The RLP of the node with this Keccak-256 hash, None if it is not stored."""


class MissingNodeError(LookupError):
    """A node referred to by its hash is not in the store."""


class Node(ABC):
    """What all nodes have: the item their parent holds, and the RLP still to be stored."""

    # Subclasses set these themselves: calling up would double the cost of making a node.
    __slots__ = ("ref", "unsaved")

    ref: bytes
    """The item in the parent: RLP of the node's hash, or the node's own RLP if under 32 bytes; b"" while dirty."""
    unsaved: bytes | None
    """RLP of a hashed node which no commit has handed out yet. If None, there is none below either."""

    @abstractmethod
    def encode(self) -> bytes:
        """RLP of the node."""

    @abstractmethod
    def step(self, path: bytes) -> tuple["Node", bytes]:
        """The next node on a non-empty path and the path from there; an empty one when arrived, or astray at EMPTY."""

    @abstractmethod
    def put(self, path: bytes, value: bytes) -> "Node":
        """The node with a non-empty value at the end of the path."""

    @abstractmethod
    def remove(self, path: bytes) -> "Node":
        """The node without the value at the end of the path, in canonical form."""

    def children(self) -> Sequence["Node"]:
        """The nodes below, as far as they are in memory."""
        return ()

    def under(self, path: bytes) -> "Node":
        """What stands for this node when it is reached by `path` from its parent-to-be."""
        return _led_to_by(path, self)

    def seal(self) -> bytes:
        """Encode and hash this node and the dirty ones below it; its `ref`."""
        rlp = self.encode()
        if len(rlp) < 32:
            self.ref = rlp
        else:
            self.ref = HASH_HEADER + keccak256(rlp)
            self.unsaved = rlp
        return self.ref

    def collect_unsaved(self, nodes: dict[bytes, bytes]) -> None:
        """Move the unsaved encodings of this node and those below it into `nodes`, by hash."""
        if self.unsaved is not None:
            nodes[self.ref[1:]] = self.unsaved
            self.unsaved = None
            for child in self.children():
                if child.unsaved is not None:
                    child.collect_unsaved(nodes)


class Value(Node):
    """The value at the end of a path. The empty value is EMPTY, the empty node: both are rlp(b"")."""

    __slots__ = ("value",)

    def __init__(self, value: bytes) -> None:
        self.ref = encode_bytes(value)
        self.unsaved = None
        self.value = value

    def encode(self) -> bytes:
        return self.ref

    def step(self, path: bytes) -> tuple[Node, bytes]:
        return EMPTY, b""

    def put(self, path: bytes, value: bytes) -> Node:
        return self if value == self.value else _led_to_by(path, Value(value))

    def remove(self, path: bytes) -> Node:
        return EMPTY

    def under(self, path: bytes) -> Node:
        return self if self is EMPTY else _led_to_by(path, self)


EMPTY: Final = Value(b"")


class PathNode(Node):
    """Yellow paper's leaf and extension: a path to a value, which then ends with the terminator, or to a branch."""

    __slots__ = ("child", "path")

    def __init__(self, path: bytes, child: Node) -> None:
        self.ref = b""
        self.unsaved = None
        self.path = path
        self.child = child

    def encode(self) -> bytes:
        return encode_list((encode_bytes(hex_prefix(self.path)), self.child.ref or self.child.seal()))

    def children(self) -> Sequence[Node]:
        return (self.child,)

    def step(self, path: bytes) -> tuple[Node, bytes]:
        return (self.child, path[len(self.path) :]) if path.startswith(self.path) else (EMPTY, b"")

    def put(self, path: bytes, value: bytes) -> Node:
        if not path.startswith(self.path):
            return self._fork(path, value)
        child = self.child.put(path[len(self.path) :], value)
        return self if child is self.child else PathNode(self.path, child)

    def _fork(self, path: bytes, value: bytes) -> Node:
        at = _common_prefix_length(self.path, path)
        children: list[Node] = [EMPTY] * 17
        children[self.path[at]] = _led_to_by(self.path[at + 1 :], self.child)
        children[path[at]] = _led_to_by(path[at + 1 :], Value(value))
        return _led_to_by(path[:at], Branch(children))

    def remove(self, path: bytes) -> Node:
        if not path.startswith(self.path):
            return self
        child = self.child.remove(path[len(self.path) :])
        return self if child is self.child else child.under(self.path)

    def under(self, path: bytes) -> Node:
        return PathNode(path + self.path, self.child)


class Branch(Node):
    """Sixteen children by the next nibble of the path, and the value of a path which ends here; two or more used."""

    __slots__ = ("items",)

    def __init__(self, items: list[Node]) -> None:
        self.ref = b""
        self.unsaved = None
        self.items = items

    def encode(self) -> bytes:
        return encode_list([item.ref or item.seal() for item in self.items])

    def children(self) -> Sequence[Node]:
        return self.items

    def step(self, path: bytes) -> tuple[Node, bytes]:
        return self.items[path[0]], path[1:]

    def put(self, path: bytes, value: bytes) -> Node:
        item = self.items[path[0]]
        return self._replace(path[0], item, item.put(path[1:], value))

    def remove(self, path: bytes) -> Node:
        item = self.items[path[0]]
        return self._replace(path[0], item, item.remove(path[1:]))

    def _replace(self, index: int, old: Node, new: Node) -> Node:
        if new is old:
            return self
        items = self.items.copy()
        items[index] = new
        if new is EMPTY:
            used = [at for at, item in enumerate(items) if item is not EMPTY]
            if len(used) == 1:
                return items[used[0]].under(bytes(used))
        return Branch(items)


class HashRef(Node):
    """A node known by its hash, loaded from the store on the first visit."""

    __slots__ = ("loaded", "store")

    def __init__(self, ref: bytes, store: NodeStore) -> None:
        self.ref = ref
        self.unsaved = None
        self.store = store
        self.loaded: Node | None = None

    def load(self) -> Node:
        """The node itself. MissingNodeError if the store lacks it, MalformedRlpError if it holds something else."""
        if self.loaded is None:
            node_hash = self.ref[1:]
            rlp = self.store.get(node_hash)
            if rlp is None:
                raise MissingNodeError(f"no node with hash 0x{node_hash.hex()}")
            if keccak256(rlp) != node_hash:
                raise MalformedRlpError(f"the store's node does not have its hash 0x{node_hash.hex()}")
            self.loaded = _decode(rlp, self.ref, self.store)
        return self.loaded

    def encode(self) -> bytes:
        return self.load().encode()

    def step(self, path: bytes) -> tuple[Node, bytes]:
        return self.load().step(path)

    def put(self, path: bytes, value: bytes) -> Node:
        node = self.load().put(path, value)
        return self if node is self.loaded else node

    def remove(self, path: bytes) -> Node:
        node = self.load().remove(path)
        return self if node is self.loaded else node

    def under(self, path: bytes) -> Node:
        return self.load().under(path)


def _led_to_by(path: bytes, node: Node) -> Node:
    """The node, which is no leaf or extension itself, behind a path which may be empty."""
    return PathNode(path, node) if path else node


def _common_prefix_length(a: bytes, b: bytes) -> int:
    """Of two paths neither of which starts with the other."""
    length = 0
    while a[length] == b[length]:
        length += 1
    return length


def _decode(rlp: bytes, ref: bytes, store: NodeStore) -> Node:
    items = split_list(rlp)
    node: Node
    if len(items) == 17:
        node = Branch([*(_decode_child(item, store) for item in items[:16]), _decode_value(items[16])])
    elif len(items) == 2:
        path = unpack_hex_prefix(decode_bytes(items[0]))
        is_leaf = path[-1] == TERMINATOR
        node = PathNode(path, _decode_value(items[1]) if is_leaf else _decode_child(items[1], store))
    else:
        raise MalformedRlpError(f"a trie node has 2 or 17 items, not {len(items)}")
    if node.encode() != rlp:
        raise MalformedRlpError("a trie node is not encoded canonically")
    node.ref = ref
    return node


def _decode_child(item: bytes, store: NodeStore) -> Node:
    if item == EMPTY.ref:
        return EMPTY
    if len(item) == 33 and item.startswith(HASH_HEADER):
        return HashRef(item, store)
    if len(item) >= 32:
        raise MalformedRlpError("a child of a trie node is neither a hash nor shorter than one")
    return _decode(item, item, store)


def _decode_value(item: bytes) -> Node:
    return Value(decode_bytes(item)) if item != EMPTY.ref else EMPTY
