"""The trie against py-trie, Ethereum's own test vectors, and everything a proof or a store can get wrong."""

from collections.abc import Iterable
from random import Random
from typing import Any

import pytest
import rlp  # type: ignore[import-untyped]
from hypothesis import example, given
from hypothesis import strategies as st
from trie.hexary import HexaryTrie

from ledger.recursive_length_prefix import encode_int
from ledger.trie import (
    EMPTY_ROOT,
    InvalidProofError,
    MalformedRlpError,
    MissingNodeError,
    Trie,
    nodes,
    verify_proof,
)
from ledger.trie.encoding import TERMINATOR, hex_prefix, key_path, unpack_hex_prefix
from spec.hashing import keccak256

Program = list[tuple[bytes, bytes]]
"""Writes in order; an empty value deletes."""


def alphabet(*letters: int) -> st.SearchStrategy[int]:
    return st.sampled_from(letters)


crowded_keys = st.lists(alphabet(0x00, 0x01, 0x10, 0x11), min_size=3, max_size=3).map(bytes)
"""So few nibbles that paths fork everywhere: below bytes, within bytes, and next to each other."""

deep_keys = st.builds(
    lambda shared, last: bytes(shared).ljust(29, b"\x77") + last, st.integers(0, 29), st.binary(min_size=3, max_size=3)
)
"""32 bytes; shared prefixes of up to 29 bytes, so of extensions as long."""

hashed_keys = st.integers(0, 40).map(lambda number: keccak256(bytes([number])))
uneven_keys = st.lists(alphabet(0x00, 0x01, 0x10), max_size=4).map(bytes)

keys = st.one_of(crowded_keys, uneven_keys, deep_keys, hashed_keys)
# Nodes with tiny values are embedded in their parents.
present_values = st.one_of(st.binary(min_size=1, max_size=2), st.binary(min_size=20, max_size=40))
values = st.one_of(st.just(b""), present_values)


def programs(of_keys: st.SearchStrategy[bytes] = keys) -> st.SearchStrategy[Program]:
    return st.lists(st.tuples(of_keys, values), max_size=40)


all_programs = st.one_of(*(programs(of_keys) for of_keys in (crowded_keys, uneven_keys, deep_keys, hashed_keys, keys)))


def built(program: Iterable[tuple[bytes, bytes]], trie: Trie | None = None) -> Trie:
    trie = Trie() if trie is None else trie
    for key, value in program:
        trie.set(key, value)
    return trie


def new_oracle() -> Any:
    return HexaryTrie({})  # untyped


def oracle_of(program: Iterable[tuple[bytes, bytes]]) -> Any:
    oracle = new_oracle()
    for key, value in program:
        oracle.set(key, value)
    return oracle


def hashed_program(size: int) -> Program:
    return [(keccak256(encode_int(number)), encode_int(number + 1)) for number in range(size)]


# Roots


@pytest.mark.parametrize(
    "pairs, root",
    [
        ({}, "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"),
        ({"A": "a" * 50}, "d23786fb4a010da3ce639d66d5e904a11dbc02746d1ce25029e53290cabf28ab"),
        (
            {"doe": "reindeer", "dog": "puppy", "dogglesworth": "cat"},
            "8aad789dff2f538bca5d8ea56e8abe10f4c7ba3a5dea95fea4cd6e7c3a1168d3",
        ),
        (
            {"do": "verb", "horse": "stallion", "doge": "coin", "dog": "puppy"},
            "5991bb8c6514148a29db676a14ac506cd2cd5775ace63c30a4fe457715e9ac84",
        ),
        ({"foo": "bar", "food": "bass"}, "17beaa1648bafa633cda809c90c04af50fc8aed3cb40d16efbddee6fdf63c4c3"),
        ({"be": "e", "dog": "puppy", "bed": "d"}, "3f67c7a47520f79faa29255d2d3c084a7a6df0453116ed7232ff10277a8be68b"),
        ({"test": "test", "te": "testy"}, "8452568af70d8d140f58d941338542f645fcca50094b20f3c3d8c3df49337928"),
    ],
)
def test_roots_of_the_ethereum_test_suite(pairs: dict[str, str], root: str) -> None:
    trie = built((key.encode(), value.encode()) for key, value in pairs.items())
    assert trie.root_hash().hex() == root


@given(all_programs)
@example([(b"\x00\x00", b"a"), (b"\x00\x01", b"b"), (b"\x00\x01", b"")])  # the branch and its extension become a leaf
@example([(b"\x00\x00", b"a"), (b"\x10\x00", b"b"), (b"\x10\x01", b"c"), (b"\x00\x00", b"")])  # extensions merge
@example([(b"\x00\x00", b"a"), (b"\x01\x00", b"b"), (b"\x01\x10", b"c"), (b"\x00\x00", b"")])  # a branch is left
@example([(b"\x00", b"a"), (b"\x00\x01", b"b"), (b"\x00\x01", b"")])  # the branch's own value is left
@example([(b"\x00", b"a"), (b"\x00\x01", b"b"), (b"\x00", b"")])
@example([(b"", b"a"), (b"\x00", b"b"), (b"", b"")])
def test_every_write_has_the_root_of_py_trie(program: Program) -> None:
    trie, oracle, model = Trie(), new_oracle(), dict[bytes, bytes]()
    for key, value in program:
        trie.set(key, value)
        oracle.set(key, value)
        model[key] = value
        assert trie.root_hash() == oracle.root_hash
    for key, value in model.items():
        assert trie.get(key) == (value or None)


@given(all_programs)
def test_a_root_taken_once_is_the_root_taken_after_every_write(program: Program) -> None:
    assert built(program).root_hash() == oracle_of(program).root_hash


@given(st.dictionaries(keys, present_values, max_size=30), st.randoms())
def test_the_order_of_writes_does_not_matter(pairs: dict[bytes, bytes], random: Random) -> None:
    shuffled = list(pairs.items())
    random.shuffle(shuffled)
    assert built(shuffled).root_hash() == built(pairs.items()).root_hash()


@given(all_programs, st.booleans())
def test_deleting_everything_leaves_the_empty_trie(program: Program, hashed: bool) -> None:
    trie = built(program)
    if hashed:
        trie.root_hash()
    for key, _ in program:
        trie.delete(key)
        assert trie.get(key) is None
    assert trie.root_hash() == EMPTY_ROOT
    assert trie.commit() == {}


@given(all_programs, keys)
def test_deleting_an_absent_key_changes_nothing(program: Program, absent: bytes) -> None:
    trie = built(item for item in program if item[0] != absent)
    root = trie.root_hash()
    trie.delete(absent)
    assert trie.root_hash() == root


def test_a_value_is_a_node_too_and_the_empty_value_the_empty_node() -> None:
    assert nodes.EMPTY.encode({}) == rlp.encode(b"")
    assert nodes.Value(b"some value").encode({}) == rlp.encode(b"some value")


def test_a_large_trie_grows_and_shrinks_as_in_py_trie() -> None:
    program = hashed_program(2000)
    trie, oracle = built(program), oracle_of(program)
    assert trie.root_hash() == oracle.root_hash
    for number, (key, _) in enumerate(program[:1500]):
        trie.set(key, b"" if number % 3 else b"other")
        oracle.set(key, b"" if number % 3 else b"other")
    assert trie.root_hash() == oracle.root_hash


# Hashing only what changed


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What the nodes hash, from here on."""
    inputs: list[bytes] = []

    def counted(data: bytes) -> bytes:
        inputs.append(data)
        return keccak256(data)

    monkeypatch.setattr(nodes, "keccak256", counted)
    return inputs


def test_a_write_rehashes_its_path_only(hashed: list[bytes]) -> None:
    program = hashed_program(500)
    trie = built(program)
    trie.root_hash()
    key = program[77][0]
    hashed.clear()
    trie.set(key, b"another value")
    trie.root_hash()
    assert sorted(hashed) == sorted(trie.prove(key))


def test_a_write_of_what_is_there_rehashes_nothing(hashed: list[bytes]) -> None:
    program = hashed_program(500)
    trie = built(program)
    trie.root_hash()
    hashed.clear()
    built(program, trie).delete(keccak256(b"absent"))
    trie.root_hash()
    assert not hashed


# The store


@given(st.lists(programs(), max_size=5))
def test_a_reopened_trie_is_the_same_trie(batches: list[Program]) -> None:
    store: dict[bytes, bytes] = {}
    trie, oracle, model = Trie(store), new_oracle(), dict[bytes, bytes]()
    for batch in batches:
        kept = built(batch, trie)
        for key, value in batch:
            oracle.set(key, value)
            model[key] = value
        store.update(kept.commit())
        assert all(keccak256(node) == node_hash for node_hash, node in store.items())
        assert kept.root_hash() == oracle.root_hash
        trie = Trie(store, kept.root_hash())
        assert trie.root_hash() == oracle.root_hash
        for key, value in model.items():
            assert trie.get(key) == kept.get(key) == (value or None)
            assert trie.prove(key) == kept.prove(key)
        assert trie.commit() == {}
        trie = Trie(store, kept.root_hash())


@given(programs(), programs())
def test_commits_of_one_trie_in_memory_add_up_to_all_of_it(first: Program, second: Program) -> None:
    store: dict[bytes, bytes] = {}
    trie = built(first, Trie(store))
    store.update(trie.commit())
    assert trie.commit() == {}
    built(second, trie).root_hash()
    store.update(trie.commit())
    reopened = Trie(store, trie.root_hash())
    for key, _ in first + second:
        assert reopened.get(key) == trie.get(key)


def test_a_root_too_short_to_be_hashed_is_stored_by_its_hash() -> None:
    trie = built([(b"k", b"v")])
    nodes_of_trie = trie.commit()
    assert nodes_of_trie == {trie.root_hash(): rlp.encode([b"\x20k", b"v"])}
    assert Trie(nodes_of_trie, trie.root_hash()).get(b"k") == b"v"


@pytest.mark.parametrize("reopen", [True, False])
def test_a_commit_has_exactly_the_nodes_which_are_new(reopen: bool) -> None:
    program = hashed_program(500)
    trie = built(program)
    store = trie.commit()
    if reopen:
        trie = Trie(store, trie.root_hash())
    built(program, trie).delete(keccak256(b"absent"))
    assert trie.commit() == {}
    key = program[77][0]
    trie.set(key, b"another value")
    assert sorted(trie.commit().values()) == sorted(trie.prove(key))


def test_former_roots_stay_readable() -> None:
    program = hashed_program(50)
    trie = built(program)
    store, root = trie.commit(), trie.root_hash()
    for key, _ in program[1:]:
        trie.delete(key)
    store.update(trie.commit())
    assert [Trie(store, root).get(key) for key, _ in program] == [value for _, value in program]
    assert Trie(store, trie.root_hash()).get(program[0][0]) == program[0][1]


class CountingStore:
    def __init__(self, content: dict[bytes, bytes]) -> None:
        self.content = content
        self.visits: list[bytes] = []

    def get(self, node_hash: bytes, /) -> bytes | None:
        self.visits.append(node_hash)
        return self.content.get(node_hash)


def test_nodes_are_loaded_when_first_visited_and_once() -> None:
    program = hashed_program(500)
    trie = built(program)
    store = CountingStore(trie.commit())
    reopened = Trie(store, trie.root_hash())
    assert reopened.root_hash() == trie.root_hash()
    assert not store.visits
    key = program[77][0]
    for _ in range(2):
        assert reopened.get(key) == program[77][1]
        assert store.visits == [keccak256(node) for node in trie.prove(key)]


def test_a_missing_node_is_named_and_changes_nothing() -> None:
    program: Program = [(bytes([number]) + bytes(40), b"value") for number in (0x00, 0x10, 0x11)]
    trie = built(program)
    store = trie.commit()
    root, missing = trie.root_hash(), trie.prove(program[0][0])[-1]
    del store[keccak256(missing)]
    reopened = Trie(store, root)
    with pytest.raises(MissingNodeError, match=keccak256(missing).hex()):
        reopened.get(program[0][0])
    with pytest.raises(MissingNodeError):
        reopened.set(program[0][0], b"other")
    reopened.delete(program[1][0])
    halfway = reopened.root_hash()
    assert halfway == oracle_of([program[0], program[2]]).root_hash
    with pytest.raises(MissingNodeError):  # the node left alone in the branch has to be known to take its place
        reopened.delete(program[2][0])
    assert reopened.root_hash() == halfway
    assert reopened.get(program[2][0]) == b"value"
    with pytest.raises(MissingNodeError):
        Trie(root=root).get(b"")


def test_a_corrupted_node_is_not_believed() -> None:
    program = hashed_program(50)
    trie = built(program)
    store, root, other = trie.commit(), trie.root_hash(), trie.prove(program[0][0])[1]
    store[root] = other
    with pytest.raises(MalformedRlpError, match=root.hex()):
        Trie(store, root).get(program[0][0])


# Proofs


@given(all_programs, keys)
@example([], b"k")
@example([(bytes([at, 7]), b"a value of some length") for at in range(20)], b"\x13\x08")
def test_proofs_are_those_of_py_trie_and_prove(program: Program, key: bytes) -> None:
    trie, oracle = built(program), oracle_of(program)
    all_keys = {key, *(key for key, _ in program)}
    for asked in all_keys:
        proof = trie.prove(asked)
        encoded = [rlp.encode(node) for node in oracle.get_proof(asked)]
        # py-trie lists embedded nodes too; eth_getProof, and we, list hashed ones: the root, and all of 32 bytes.
        assert proof == encoded[:1] + [node for node in encoded[1:] if len(node) >= 32]
        assert verify_proof(trie.root_hash(), asked, proof) == trie.get(asked)
        # py-trie raises for a key which ends within an extension.
        if len({len(key) for key in all_keys}) == 1:
            decoded = [rlp.decode(node) for node in proof]
            assert (oracle.get_from_proof(oracle.root_hash, asked, decoded) or None) == trie.get(asked)


SMALL = built([(b"\x11\x11", b"one"), (b"\x11\x12", b"a long value " * 3), (b"\x21\x11", b"three"), (b"\x11", b"four")])
PRESENT, ABSENT = b"\x11\x12", b"\x11\x22"


@pytest.mark.parametrize("key", [PRESENT, ABSENT])
def test_a_proof_with_any_bit_flipped_is_rejected(key: bytes) -> None:
    root, proof = SMALL.root_hash(), SMALL.prove(key)
    assert verify_proof(root, key, proof) == (b"a long value " * 3 if key == PRESENT else None)
    assert len(proof) >= 2
    for number, node in enumerate(proof):
        for at in range(len(node)):
            for bit in range(8):
                tampered = node[:at] + bytes([node[at] ^ 1 << bit]) + node[at + 1 :]
                with pytest.raises(InvalidProofError):
                    verify_proof(root, key, [*proof[:number], tampered, *proof[number + 1 :]])


@pytest.mark.parametrize("key", [PRESENT, ABSENT])
def test_a_proof_of_other_nodes_is_rejected(key: bytes) -> None:
    root, proof = SMALL.root_hash(), SMALL.prove(key)
    others = [
        [],
        proof[1:],
        proof[:-1],
        proof[::-1],
        [*proof, proof[-1]],
        [*proof, b""],
        [b"", *proof],
        [*proof[:-1], proof[-1][:-1]],
        [*proof[:-1], proof[-1] + b"\x00"],
        SMALL.prove(b"\x21\x11"),
    ]
    for other in others:
        with pytest.raises(InvalidProofError):
            verify_proof(root, key, other)
    with pytest.raises(InvalidProofError):
        verify_proof(keccak256(root), key, proof)
    with pytest.raises(InvalidProofError):
        verify_proof(root, b"\x21\x11", proof)


def test_nothing_is_needed_to_prove_that_the_empty_trie_is_empty() -> None:
    assert Trie().prove(b"k") == []
    assert verify_proof(EMPTY_ROOT, b"k", []) is None
    with pytest.raises(InvalidProofError):
        verify_proof(EMPTY_ROOT, b"k", [b"\x80"])


BRANCH_OF_TWO = [b"", bytes(32), bytes(32), *[b""] * 14]


@pytest.mark.parametrize(
    "node",
    [
        b"",
        b"\x05",
        rlp.encode(b"a string instead of a list"),
        rlp.encode([]),
        rlp.encode([b"\x20", b"v", b"three items"]),
        rlp.encode([*BRANCH_OF_TWO[:16], b"", b"eighteen items"]),
        rlp.encode([[b"\x20"], b"a list for a path"]),
        rlp.encode([b"", b"no path at all"]),
        rlp.encode([b"\x00", bytes(32)]),  # an extension by nothing
        rlp.encode([b"\x21\x00", b"fits even, not odd"])[:-1],
        rlp.encode([b"\x2f\x00", b"padded by a nibble which is not zero"]),
        rlp.encode([b"\x40\x00", bytes(32)]),  # an unknown flag
        rlp.encode([b"\x20\x6b", [b"a list for a value"]]),
        rlp.encode([b"\x00\x6b", b"a child neither hash nor node"]),
        rlp.encode([b"\x00\x6b", [b"\x20\x6b", bytes(32)]]),  # too long to be embedded
        rlp.encode([b"\x00\x6b", bytes(33)]),
        rlp.encode([b"\x05", *BRANCH_OF_TWO[1:]]),
        rlp.encode([*BRANCH_OF_TWO[:16], [b"a list for a value"]]),
        b"\xc4\x82\x20\x6b",  # an item too few
        b"\xc2\x82\x20\x6b\x05",  # an item too many
        b"\xc5\x82\x20\x6b\x81\x05",  # a byte with a header it does not need
        b"\xf8\x04\x82\x20\x6b\x05",  # a length with a byte it does not need
        b"\xc5\x16\xc3\x3b\x81\x05",  # the same in an embedded node
        b"\xff",
        b"\xc3\x20\x82\x00",  # the last item ends outside
        b"\xc3\x20\x00\xff",
    ],
)
def test_a_node_of_the_right_hash_still_has_to_be_a_node(node: bytes) -> None:
    root = keccak256(node)
    with pytest.raises(InvalidProofError):
        verify_proof(root, b"k", [node])
    with pytest.raises(MalformedRlpError):
        Trie({root: node}, root).get(b"k")


@given(
    st.sampled_from([node for key in (PRESENT, ABSENT) for node in SMALL.prove(key)]),
    st.integers(0, 70),
    st.integers(0, 10),
    st.binary(max_size=10),
)
def test_any_bytes_of_the_right_hash_are_a_canonical_node_or_rejected(
    node: bytes, at: int, cut: int, inserted: bytes
) -> None:
    node = node[:at] + inserted + node[at + cut :]
    try:
        verify_proof(keccak256(node), b"k", [node])
    except InvalidProofError:
        return
    assert rlp.encode(rlp.decode(node)) == node
    assert len(rlp.decode(node)) in (2, 17)


# Paths


@pytest.mark.parametrize(
    "path, packed",
    [
        ([1, 2, 3, 4, 5], "112345"),
        ([0, 1, 2, 3, 4, 5], "00012345"),
        ([0, 0xF, 1, 0xC, 0xB, 8, TERMINATOR], "200f1cb8"),
        ([0xF, 1, 0xC, 0xB, 8, TERMINATOR], "3f1cb8"),
    ],
)
def test_hex_prefix_has_the_vectors_of_its_definition(path: list[int], packed: str) -> None:
    assert hex_prefix(bytes(path)).hex() == packed
    assert unpack_hex_prefix(bytes.fromhex(packed)) == bytes(path)


@given(st.binary(max_size=40))
def test_the_path_of_a_key_has_its_nibbles(key: bytes) -> None:
    assert [f"{nibble:x}" for nibble in key_path(key)] == [*key.hex(), "10"]
