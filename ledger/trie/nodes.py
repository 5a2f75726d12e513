"""The nodes of a Merkle-Patricia trie.

Nodes are immutable: `update` and `remove` return a changed copy of the paths they touch, sharing all the rest, or the
very same node if nothing changed. So a fresh node is a dirty one, whatever is shared keeps its cached hash, and a
failed write (a missing node) leaves the trie as it was.

Wherever a path is walked, it is given whole, with the depth that has been reached on it.
"""

# ruff: noqa: ARG002, D102 (methods without a docstring have the one of Node, and its parameters)

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Final, Protocol

from ledger.recursive_length_prefix import MalformedRlpError, decode_bytes, encode_bytes, encode_list, split_list
from ledger.trie.encoding import TERMINATOR, hex_prefix, unpack_hex_prefix
from spec.hashing import keccak256

HASH_HEADER = b"\xa0"
"""RLP header of a 32-byte string."""

Nodes = dict[bytes, bytes]
"""Hash |-> RLP."""

Entry = tuple[bytes, bytes]
"""A whole path, and the non-empty value to be at its end."""


class NodeStore(Protocol):
    """Where committed nodes are found again. A dict is one; so is a LevelDB handle."""

    def get(self, node_hash: bytes, /) -> bytes | None:
        """The RLP of the node with this Keccak-256 hash, None if it is not stored."""


class MissingNodeError(LookupError):
    """A node referred to by its hash is not in the store."""


class Node(ABC):
    """What all nodes have: the item their parent holds."""

    # Subclasses set it themselves: calling up would double the cost of making a node.
    __slots__ = ("ref",)

    ref: bytes
    """The item in the parent: RLP of the node's hash, or the node's own RLP if under 32 bytes; b"" while dirty."""

    @abstractmethod
    def encode(self, fresh: Nodes) -> bytes:
        """RLP of the node, the dirty ones below it sealed."""

    @abstractmethod
    def step(self, path: bytes, depth: int) -> tuple["Node", int]:
        """The next node on a path and the depth there; EMPTY at the path's end if it leads nowhere."""

    @abstractmethod
    def update(self, entries: list[Entry], depth: int) -> "Node":
        """The node with some entries, at least one, in order; their paths agree down to this node, at this depth."""

    @abstractmethod
    def remove(self, path: bytes, depth: int) -> "Node":
        """The node without the value at the end of the path, in canonical form."""

    def under(self, path: bytes) -> "Node":
        """What stands for this node when it is reached by `path` from its parent-to-be."""
        return _led_to_by(path, self)

    def seal(self, fresh: Nodes) -> bytes:
        """Encode and hash this node and the dirty ones below it, put those that are hashed into `fresh`; its `ref`."""
        rlp = self.encode(fresh)
        if len(rlp) < 32:
            self.ref = rlp
        else:
            node_hash = keccak256(rlp)
            fresh[node_hash] = rlp
            self.ref = HASH_HEADER + node_hash
        return self.ref


class Value(Node):
    """A value in a branch, at the end of a path. The empty value is EMPTY, the empty node: both are rlp(b"")."""

    __slots__ = ("value",)

    def __init__(self, value: bytes) -> None:
        self.ref = encode_bytes(value)
        self.value = value

    def encode(self, fresh: Nodes) -> bytes:
        return self.ref

    def step(self, path: bytes, depth: int) -> tuple[Node, int]:
        return EMPTY, len(path)

    def update(self, entries: list[Entry], depth: int) -> Node:
        if self is EMPTY:
            return _built(entries, depth)
        value = entries[0][1]
        return self if value == self.value else Value(value)

    def remove(self, path: bytes, depth: int) -> Node:
        return EMPTY

    def under(self, path: bytes) -> Node:
        return Leaf(path, self.value) if path and self is not EMPTY else self


EMPTY: Final = Value(b"")


class Leaf(Node):
    """A path, which ends with the terminator, and the value at its end."""

    __slots__ = ("item", "path", "value")

    def __init__(self, path: bytes, value: bytes, item: bytes = b"") -> None:
        """Make a leaf; if `item`, the encoding of the path, is known already, it need not be made again."""
        self.ref = b""
        self.path = path
        self.value = value
        self.item = item

    def encode(self, fresh: Nodes) -> bytes:
        self.item = self.item or encode_bytes(hex_prefix(self.path))
        return encode_list((self.item, encode_bytes(self.value)))

    def step(self, path: bytes, depth: int) -> tuple[Node, int]:
        return (Value(self.value) if path.startswith(self.path, depth) else EMPTY), len(path)

    def update(self, entries: list[Entry], depth: int) -> Node:
        path, value = entries[0]
        if len(entries) == 1 and path.startswith(self.path, depth):
            return self if value == self.value else Leaf(self.path, value, self.item)
        mine = {path[:depth] + self.path: self.value}
        return _built(sorted((mine | dict(entries)).items()), depth)

    def remove(self, path: bytes, depth: int) -> Node:
        return EMPTY if path.startswith(self.path, depth) else self

    def under(self, path: bytes) -> Node:
        return Leaf(path + self.path, self.value)


class Extension(Node):
    """A path to a branch."""

    __slots__ = ("child", "path")

    def __init__(self, path: bytes, child: Node) -> None:
        self.ref = b""
        self.path = path
        self.child = child

    def encode(self, fresh: Nodes) -> bytes:
        return encode_list((encode_bytes(hex_prefix(self.path)), self.child.ref or self.child.seal(fresh)))

    def step(self, path: bytes, depth: int) -> tuple[Node, int]:
        return (self.child, depth + len(self.path)) if path.startswith(self.path, depth) else (EMPTY, len(path))

    def update(self, entries: list[Entry], depth: int) -> Node:
        # Between the first and the last path in order, no other agrees with this one less than these do.
        fork = min(_common_length(self.path, path, depth) for path in (entries[0][0], entries[-1][0]))
        if fork < len(self.path):
            children: list[Node] = [EMPTY] * 17
            children[self.path[fork]] = _led_to_by(self.path[fork + 1 :], self.child)
            return _led_to_by(self.path[:fork], Branch(children).update(entries, depth + fork))
        child = self.child.update(entries, depth + fork)
        return self if child is self.child else Extension(self.path, child)

    def remove(self, path: bytes, depth: int) -> Node:
        if not path.startswith(self.path, depth):
            return self
        child = self.child.remove(path, depth + len(self.path))
        return self if child is self.child else child.under(self.path)

    def under(self, path: bytes) -> Node:
        return Extension(path + self.path, self.child)


class Branch(Node):
    """Sixteen children by the next nibble of the path, and the value of a path which ends here; two or more used."""

    __slots__ = ("items",)

    def __init__(self, items: list[Node]) -> None:
        self.ref = b""
        self.items = items

    def encode(self, fresh: Nodes) -> bytes:
        return encode_list([item.ref or item.seal(fresh) for item in self.items])

    def step(self, path: bytes, depth: int) -> tuple[Node, int]:
        return self.items[path[depth]], depth + 1

    def update(self, entries: list[Entry], depth: int) -> Node:
        items = self.items.copy()
        for nibble, below in _by_nibble(entries, depth):
            items[nibble] = items[nibble].update(below, depth + 1)
        return self if items == self.items else Branch(items)

    def remove(self, path: bytes, depth: int) -> Node:
        nibble = path[depth]
        item = self.items[nibble].remove(path, depth + 1)
        if item is self.items[nibble]:
            return self
        items = self.items.copy()
        items[nibble] = item
        if item is EMPTY:
            used = [at for at, item in enumerate(items) if item is not EMPTY]
            if len(used) == 1:
                return items[used[0]].under(bytes(used))
        return Branch(items)


class HashRef(Node):
    """A node known by its hash, loaded from the store on the first visit."""

    __slots__ = ("loaded", "store")

    def __init__(self, ref: bytes, store: NodeStore) -> None:
        self.ref = ref
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

    def encode(self, fresh: Nodes) -> bytes:
        return self.load().encode(fresh)

    def step(self, path: bytes, depth: int) -> tuple[Node, int]:
        return self.load().step(path, depth)

    def update(self, entries: list[Entry], depth: int) -> Node:
        node = self.load().update(entries, depth)
        return self if node is self.loaded else node

    def remove(self, path: bytes, depth: int) -> Node:
        node = self.load().remove(path, depth)
        return self if node is self.loaded else node

    def under(self, path: bytes) -> Node:
        return self.load().under(path)


def _built(entries: list[Entry], depth: int) -> Node:
    """The node below which there is nothing but these entries."""
    path, value = entries[0]
    if len(entries) == 1:
        return Leaf(path[depth:], value) if depth < len(path) else Value(value)
    fork = depth + _common_length(path[depth:], entries[-1][0], depth)
    return _led_to_by(path[depth:fork], Branch([EMPTY] * 17).update(entries, fork))


def _by_nibble(entries: list[Entry], depth: int) -> Iterator[tuple[int, list[Entry]]]:
    """Entries in order, parted by the nibble at a depth."""
    start, size = 0, len(entries)
    while start < size:
        nibble, end = entries[start][0][depth], start + 1
        while end < size and entries[end][0][depth] == nibble:
            end += 1
        yield nibble, entries[start:end] if end - start < size else entries
        start = end


def _led_to_by(path: bytes, node: Node) -> Node:
    """The node, which is no leaf or extension itself, behind a path which may be empty."""
    return Extension(path, node) if path else node


def _common_length(part: bytes, path: bytes, depth: int) -> int:
    """How many nibbles a part of a path and another path, from a depth on, have in common."""
    length = 0
    while length < len(part) and part[length] == path[depth + length]:
        length += 1
    return length


def _decode(rlp: bytes, ref: bytes, store: NodeStore) -> Node:
    items = split_list(rlp)
    node: Node
    if len(items) == 17:
        value = items.pop()
        children = [
            EMPTY if item == EMPTY.ref else HashRef(item, store) if item[0] == 0xA0 else _decode_child(item, store)
            for item in items
        ]
        node = Branch([*children, EMPTY if value == EMPTY.ref else Value(decode_bytes(value))])
    elif len(items) == 2:
        path = unpack_hex_prefix(decode_bytes(items[0]))
        if path[-1] == TERMINATOR:
            node = Leaf(path, decode_bytes(items[1]), items[0])
        else:
            node = Extension(path, _decode_child(items[1], store))
    else:
        raise MalformedRlpError(f"a trie node has 2 or 17 items, not {len(items)}")
    node.ref = ref
    return node


def _decode_child(item: bytes, store: NodeStore) -> Node:
    if item.startswith(HASH_HEADER):
        return HashRef(item, store)
    if len(item) >= 32:
        raise MalformedRlpError("a child of a trie node is neither a hash nor shorter than one")
    return _decode(item, item, store)
