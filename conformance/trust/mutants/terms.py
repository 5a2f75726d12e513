"""Words that are not known, as terms over what a call brings along, and rules by which equal terms become the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

Term = Any
"""A number, or a ``Node``."""


class Node(tuple[Any, ...]):
    """The name of an operation, and what it is of. Equal ones are the same one: terms share most of their parts."""

    __slots__ = ()
    __eq__ = object.__eq__
    __hash__ = object.__hash__


_NODES: Final[dict[tuple[Any, ...], Node]] = {}


def node(*parts: Any) -> Node:
    """Return the term of an operation."""
    known = _NODES.get(parts)
    if known is None:
        known = _NODES[parts] = Node(parts)
    return known


def forget() -> None:
    """Begin anew: terms of before are not equal to those of later."""
    _NODES.clear()


Facts = Mapping[Term, int]
"""Term |-> how many bits it has at most, as the conditions on the way say."""

WORD: Final = 1 << 256

_COMMUTATIVE: Final = frozenset({"ADD", "MUL", "AND", "OR", "XOR", "EQ"})

_OF_TWO_NUMBERS: Final[Mapping[str, Callable[[int, int], int]]] = {
    "ADD": lambda a, b: (a + b) % WORD,
    "SUB": lambda a, b: (a - b) % WORD,
    "MUL": lambda a, b: (a * b) % WORD,
    "AND": lambda a, b: a & b,
    "OR": lambda a, b: a | b,
}

_WIDTHS: Final = {
    "CALLER": 160,
    "ORIGIN": 160,
    "ADDRESS": 160,
    "COINBASE": 160,
    "TIMESTAMP": 64,
    "NUMBER": 64,
    "GAS": 64,
    "CALLDATASIZE": 64,
    "RETURNDATASIZE": 64,
    "EXTCODESIZE": 64,
    "succeeded": 1,
    "LT": 1,
    "GT": 1,
    "SLT": 1,
    "SGT": 1,
    "EQ": 1,
    "ISZERO": 1,
}


def width(term: Term, facts: Facts) -> int:
    """Return how many bits a term has at most."""
    if isinstance(term, int):
        return term.bit_length()
    known = facts.get(term, 256)
    name = term[0]
    if name in _WIDTHS:
        return min(known, _WIDTHS[name])
    if name == "word":
        zeros = next((place for place, byte in enumerate(term[1]) if byte != 0), 32)
        return min(known, 8 * (32 - zeros))
    if name == "AND":
        return min(known, *(width(part, facts) for part in term[1:]))
    if name == "OR":
        return min(known, max(width(part, facts) for part in term[1:]))
    if name == "SHR" and isinstance(term[1], int):
        return min(known, max(width(term[2], facts) - term[1], 0))
    if name == "SHL" and isinstance(term[1], int):
        return min(known, width(term[2], facts) + term[1])
    if name == "DIV" and isinstance(term[2], int) and term[2]:
        return min(known, max(width(term[1], facts) - term[2].bit_length() + 1, 0))
    return known


def simplified(name: str, parts: tuple[Term, ...], facts: Facts) -> Term:
    """Return the term of an operation, or one that is always the same."""
    if name == "GT":
        name, parts = "LT", parts[::-1]
    if name == "SGT":
        name, parts = "SLT", parts[::-1]
    if name in _COMMUTATIVE:
        parts = tuple(sorted(parts, key=lambda part: (not isinstance(part, int), id(part))))
    if len(parts) == 2:
        return _of_two(name, parts[0], parts[1], facts)
    if name == "ISZERO" and parts[0][0] == "ISZERO" and width(parts[0][1], facts) <= 1:
        return parts[0][1]
    if name == "NOT" and parts[0][0] == "NOT":
        return parts[0][1]
    return node(name, *parts)


def _of_two(name: str, left: Term, right: Term, facts: Facts) -> Term:
    if name == "ADD":
        return _sum(left, right)
    if name == "SUB":
        if left == right:
            return 0
        if isinstance(right, int):
            return _sum(-right % WORD, left)
        if isinstance(left, tuple) and left[:1] == ("ADD",) and left[2] == right and isinstance(left[1], int):
            return left[1]
    if name == "AND":
        return _masked(left, right, facts)
    if name == "OR" and left == 0:
        return right
    if name in {"SHL", "SHR"} and left == 0:
        return right
    if name == "SHR" and isinstance(left, int) and width(right, facts) <= left:
        return 0
    if name == "MUL" and left in (0, 1):
        return right if left else 0
    if name == "DIV" and right == 1:
        return left
    if name == "EQ" and left == right:
        return 1
    if name == "EQ" and left == 0:
        return simplified("ISZERO", (right,), facts)
    if name == "EQ" and left == 1 and width(right, facts) <= 1:
        return right
    if name == "LT" and right == 1:
        return simplified("ISZERO", (left,), facts)
    if name == "LT" and left == 0 and width(right, facts) <= 1:
        return right
    if name == "LT" and isinstance(right, int) and width(left, facts) < right.bit_length():
        return 1
    if name == "LT" and isinstance(left, int) and width(right, facts) < left.bit_length():
        return 0
    if name == "LT" and left == right:
        return 0
    return node(name, left, right)


def _sum(number: Term, term: Term) -> Term:
    """Return a sum, its number in front and added to the number of a sum in it."""
    if not isinstance(number, int):
        return node("ADD", number, term)
    if isinstance(term, int):
        return (number + term) % WORD
    if term[0] == "ADD" and isinstance(term[1], int):
        number, term = (number + term[1]) % WORD, term[2]
    return node("ADD", number, term) if number else term


def _masked(mask: Term, term: Term, facts: Facts) -> Term:
    if mask == term:
        return term
    if not isinstance(mask, int) or isinstance(term, int):
        return node("AND", mask, term)
    bits = width(term, facts)
    kept = mask & ((1 << bits) - 1)
    if kept == (1 << bits) - 1:
        return term
    if not kept:
        return 0
    if term[0] == "AND" and isinstance(term[1], int):
        return _masked(kept & term[1], term[2], facts)
    return node("AND", kept, term)


def condition(term: Term, *, holds: bool) -> tuple[Term, bool]:
    """Return a condition without negations, and whether that holds."""
    while isinstance(term, tuple) and term[0] in {"ISZERO", "SUB"}:
        if term[0] == "SUB":  # is not zero where the two are not equal
            term, holds = simplified("EQ", term[1:], {}), not holds
        else:
            term, holds = term[1], not holds
    return term, holds


def learned(term: Term, facts: dict[Term, int], *, holds: bool) -> None:
    """Take down what a condition says about the bits of a term: solc compares arguments with what a mask leaves."""
    if not isinstance(term, tuple):
        return
    if term[0] == "EQ" and holds:
        for part, other in ((term[1], term[2]), (term[2], term[1])):
            if isinstance(other, tuple) and other[0] == "AND" and other[2] == part and isinstance(other[1], int):
                mask = other[1]
                if mask & (mask + 1) == 0:
                    facts[part] = min(facts.get(part, 256), mask.bit_length())
    if term[0] == "LT" and isinstance(term[1], int) and not holds:  # number < term does not hold
        facts[term[2]] = min(facts.get(term[2], 256), term[1].bit_length())
    if term[0] == "LT" and isinstance(term[2], int) and holds and term[2]:
        facts[term[1]] = min(facts.get(term[1], 256), (term[2] - 1).bit_length())
    if not holds and term[0] == "CALLVALUE":
        facts[term] = 0
