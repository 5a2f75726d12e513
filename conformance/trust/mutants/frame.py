"""The stack and the memory of one frame of a call, as terms: words on the stack, bytes in memory."""

from __future__ import annotations

from conformance.trust.mutants.terms import Term, node


class Frame:
    """The terms of one frame: what is on its stack and in its memory."""

    def __init__(self, calldata: tuple[Term, ...] | None) -> None:
        self.stack: list[Term] = []
        self.memory: dict[int, Term] = {}
        """Place |-> the term of a byte."""
        self.facts: dict[Term, int] = {}
        self.calldata = calldata
        """The bytes, if another frame made the call."""
        self.returned = 0
        """The number of the last call."""

    def pop(self, count: int) -> tuple[Term, ...]:
        """Take the topmost terms, the first on top."""
        return tuple(self.stack.pop() for _ in range(count))

    def read(self, at: int, length: int) -> tuple[Term, ...]:
        """Return the terms of bytes in memory."""
        return tuple(self.memory.get(place, 0) for place in range(at, at + length))

    def write(self, at: int, content: tuple[Term, ...]) -> None:
        """Put the terms of bytes into memory."""
        self.memory.update(enumerate(content, at))


def bytes_of(term: Term) -> tuple[Term, ...]:
    """Return the 32 bytes of a word."""
    if isinstance(term, int):
        return tuple(term.to_bytes(32, "big"))
    if term[0] == "word":
        return tuple(term[1])
    return tuple(node("byte", term, number) for number in range(32))


def word_of(content: tuple[Term, ...]) -> Term:
    """Return the word that 32 bytes are."""
    if all(isinstance(byte, int) for byte in content):
        return int.from_bytes(bytes(content), "big")
    first = content[0]
    if isinstance(first, tuple) and first[0] == "byte" and first[2] == 0:
        whole = first[1]
        if content == tuple(node("byte", whole, number) for number in range(32)):
            return whole
    return node("word", content)
