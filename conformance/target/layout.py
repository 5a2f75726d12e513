"""Where variables lie: ours as the specification declares them, the target's as solc lists them, and which is which."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain
from typing import Any, Final

from conformance.target.code import Code, Layout
from conformance.target.document import RoleTable
from spec.encoding import WORD, encode_word
from spec.hashing import keccak256
from spec.storage import BoolMapping, Record, RecordMapping, Uint256Array, Uint256Mapping, Uint256Table
from spec.world import World

NAMESPACES: Final = 2**128
"""From here up slots are hashes that a standard fixes (ERC-1967, ERC-7201), the same in every contract."""

WORDS_AT_MOST: Final = 2**16
"""The longest array that can be a variable of the target's own."""

_SLOT: Final = re.compile(r"0x([0-9a-fA-F]{1,64})((?:\[\])*)")


@dataclass(frozen=True)
class Place:
    """A variable, or all of those that one path of mappings leads to."""

    path: str
    """``stakes[].reward_debt`` and the like."""
    steps: tuple[int, ...]
    """The slot; in a mapping, the mapping's slot, then for each key the offset from the hash of key and slot."""
    size: int = WORD
    """bytes"""
    lowest: int = 0
    """How many bytes of the slot lie below it."""
    words: int = 1
    """How many slots of this kind follow each other: the length of an array."""
    is_value: bool = True
    """Whether it can stand for one of ours, as no dynamic array can, and none of values that share slots."""
    has_tail: bool = False
    """Whether more of it lies from the hash of its slot on: a dynamic array, or what is too long for its slot."""

    @property
    def keys(self) -> int:
        """How many keys lead to it."""
        return len(self.steps) - 1

    def slot(self, keys: Sequence[bytes]) -> int:
        """Return the slot that ``keys`` (32 bytes each) lead to."""
        slot = self.steps[0]
        for key, offset in zip(keys, self.steps[1:], strict=True):
            slot = (int.from_bytes(keccak256(key + encode_word(slot)), "big") + offset) % 2**256
        return slot


@dataclass(frozen=True)
class Places:
    """The variables of one contract, ours and the target's."""

    pairs: tuple[tuple[Place, Place], ...]
    """(ours, the target's)"""
    missing: tuple[Place, ...]
    """Ours that the target does not have."""
    own: tuple[Place, ...]
    """The target's own, which are not looked at."""
    problems: tuple[str, ...]


def our_places(contract: str) -> tuple[Place, ...]:
    """Return the variables of one of our contracts, as the specification declares them."""
    return tuple(_record(getattr(World(), contract), "", ()))


def _record(record: Record, prefix: str, head: tuple[int, ...]) -> Iterator[Place]:
    for name, variable in chain.from_iterable(vars(type_).items() for type_ in reversed(type(record).__mro__)):
        if hasattr(variable, "offset"):
            mask, shift = getattr(variable, "mask", 2**256 - 1), getattr(variable, "shift", 0)
            steps = (*head, record.base + variable.offset)
            yield Place(prefix + name, steps, mask.bit_length() // 8, shift // 8)
    for name, member in vars(record).items():
        if name != "account":
            yield from _member(member, prefix + name, head)


def _member(member: object, path: str, head: tuple[int, ...]) -> Iterator[Place]:
    if isinstance(member, Uint256Array):
        yield Place(path, (*head, member.base), words=member.length)
    elif isinstance(member, Uint256Mapping | BoolMapping):
        size = 1 if isinstance(member, BoolMapping) else WORD
        yield Place(f"{path}[]", (*head, int.from_bytes(member.slots.base, "big"), 0), size)
    elif isinstance(member, RecordMapping):
        at = (*head, int.from_bytes(member.slots.base, "big"))
        struct = member.struct(member.account, 0)
        if isinstance(struct, Uint256Table):  # a mapping in a mapping has no name of its own
            yield Place(f"{path}[][]", (*at, 0, 0))
        else:
            yield from _record(struct, f"{path}[].", at)
    elif isinstance(member, Record):
        yield from _record(member, f"{path}.", head)


def solc_places(layout: Layout) -> tuple[Place, ...]:
    """Return the variables of a contract as solc lists them."""
    types = layout.get("types") or {}
    found: list[Place] = []
    for variable in layout["storage"]:
        found += _typed(types, variable["type"], variable["label"], (), int(variable["slot"]), variable["offset"])
    return tuple(found)


def _typed(
    types: Mapping[str, Any],
    name: str,
    path: str,
    head: tuple[int, ...],
    slot: int,
    lowest: int,
    within: frozenset[str] = frozenset(),
) -> Iterator[Place]:
    """Yield the variables that one of a type is made of; ``within`` are the types around it.

    A struct may lead to itself through a mapping: what lies deeper is left out.
    """
    if name in within:
        return
    type_, around = types[name], within | {name}
    size = int(type_["numberOfBytes"])
    if type_["encoding"] == "mapping":
        yield from _typed(types, type_["value"], f"{path}[]", (*head, slot), 0, 0, around)
    elif "members" in type_:
        for member in type_["members"]:
            at = slot + int(member["slot"])
            yield from _typed(types, member["type"], f"{path}.{member['label']}", head, at, member["offset"], around)
    elif type_["encoding"] == "inplace" and "base" in type_:
        whole_words = int(types[type_["base"]]["numberOfBytes"]) == WORD and "members" not in types[type_["base"]]
        yield Place(path, (*head, slot), words=-(-size // WORD), is_value=whole_words)
    elif type_["encoding"] == "inplace":
        yield Place(path, (*head, slot), size, lowest)
    else:
        yield Place(path, (*head, slot), size, lowest, is_value=type_["label"] == "string", has_tail=True)


def map_storage(contract: str, table: RoleTable, code: Code) -> Places:
    """Return which of the target's variables stands for which of ours; what does not map is in ``problems``.

    One that the table does not name is looked for by its name, without regard to case and underscores; one in a
    namespace is where ours is.
    """
    return _Pairing(contract, table, code).places()


class _Pairing:
    def __init__(self, contract: str, table: RoleTable, code: Code) -> None:
        self._contract = contract
        self._names = table.storage if isinstance(table.storage, dict) else {}
        self._own = table.own_variables
        self._code = code
        listed = solc_places(code.layout) if code.layout is not None else ()
        self._theirs = {place.path: place for place in listed}
        self._plain = {_plain(place.path): place for place in listed}
        self._problems: list[str] = []

    def places(self) -> Places:
        ours = our_places(self._contract)
        if self._code.layout is None and any(map(self._needs_layout, ours)):
            self._problem("", f"{self._code.name} to hold a storageLayout, or a layout beside it", "none")
            return Places((), (), (), tuple(self._problems))
        known = {place.path for place in ours}
        for path in self._names:
            if path not in known:
                self._problem("", f"a variable of ours{_hint(path, known)}", repr(path))
        pairs, missing = [], []
        for place in ours:
            name = self._names.get(place.path)
            if name is False:
                missing.append(place)
            elif (theirs := self._found(place, name)) is not None:
                pairs.append((place, theirs))
        used = self._each_once(pairs)
        return Places(tuple(pairs), tuple(missing), tuple(self._own_places(used)), tuple(self._problems))

    def _needs_layout(self, ours: Place) -> bool:
        name = self._names.get(ours.path)
        if name is None:
            return ours.steps[0] < NAMESPACES
        return isinstance(name, str) and _SLOT.fullmatch(name) is None

    def _found(self, ours: Place, name: str | bool | None) -> Place | None:
        if isinstance(name, str) and (slot := _SLOT.fullmatch(name)):
            steps = (int(slot[1], 16), *(0 for _ in re.findall(r"\[\]", slot[2])))
            theirs: Place | None = Place(name, steps, ours.size, ours.lowest, ours.words)
        elif isinstance(name, str):
            theirs = self._theirs.get(name)
        elif ours.steps[0] >= NAMESPACES and _plain(ours.path) not in self._plain:
            return ours
        else:
            theirs = self._plain.get(_plain(ours.path))
        if theirs is None:
            expected = f"a variable in the storageLayout of {self._code.name}, a slot 0x…, or false"
            self._problem(ours.path, expected, f"none{_hint(str(name or ours.path), self._theirs)}")
        elif not theirs.is_value:
            self._problem(ours.path, "a value, or an array of whole words", f"{theirs.path}, which is none")
            theirs = None
        elif (theirs.keys, theirs.words) != (ours.keys, ours.words):
            expected = f"{ours.keys} keys and {ours.words} words, as ours"
            self._problem(ours.path, expected, f"{theirs.path} with {theirs.keys} and {theirs.words}")
            theirs = None
        return theirs

    def _each_once(self, pairs: Iterable[tuple[Place, Place]]) -> set[str]:
        """Return the target's variables that stand for one of ours, and note those that stand for more."""
        stands_for: dict[str, str] = {}
        for ours, theirs in pairs:
            if (other := stands_for.setdefault(theirs.path, ours.path)) != ours.path:
                self._problem(ours.path, f"another than {other} has", theirs.path)
        return set(stands_for)

    def _own_places(self, used: set[str]) -> Iterator[Place]:
        for path in self._own:
            if path not in self._theirs:
                expected = f"a variable in the storageLayout of {self._code.name}{_hint(path, self._theirs)}"
                self._problems.append(f"{self._contract}.own_variables: expected {expected}; found {path!r}")
            elif path in used:
                expected = "a variable that stands for none of ours"
                self._problems.append(f"{self._contract}.own_variables: expected {expected}; found {path!r}")
        for path, place in self._theirs.items():
            if path in self._own and place.words > WORDS_AT_MOST:
                self._problem(
                    "", f"at most {WORDS_AT_MOST} words of {path}, which are noted one by one", str(place.words)
                )
            elif path in self._own:
                yield place
            elif path not in used:
                self._problem(
                    "", f"{path} of {self._code.name} to stand for one of ours, or in own_variables", "neither"
                )

    def _problem(self, key: str, expected: str, found: str) -> None:
        place = ".".join(filter(None, (self._contract, "storage", key)))
        self._problems.append(f"{place}: expected {expected}; found {found}")


OPENZEPPELIN: Final = {"balances[]": "balanceof[]", "allowances[][]": "allowance[][]"}
"""What its ERC20 calls two variables, beside the names of the views that show them."""


def _plain(path: str) -> str:
    plain = path.replace("_", "").lower()
    return OPENZEPPELIN.get(plain, plain)


def _hint(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), 1)
    return f" ({close[0]}?)" if close else ""
