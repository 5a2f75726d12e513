"""The specification and the contracts as one machine, which answers what both answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

from conformance.lockstep import Divergence, Lockstep
from spec.messages import Address, Call, Receipt


class Apart(AssertionError):
    """The two sides do not agree: the message says at what first, and how to see it again.

    It is put together when it is wanted: Hypothesis fails a test hundreds of times to make its program smaller.
    """

    def __init__(self, tell: Callable[[], str]) -> None:
        super().__init__()
        self._tell = tell

    def __str__(self) -> str:
        """Return the message."""
        return self._told

    @cached_property
    def _told(self) -> str:
        return self._tell()


class Both:
    """Two machines as one; whatever they do not agree on fails the test."""

    def __init__(
        self, from_genesis: Callable[[], Lockstep], told: Callable[[tuple[Call, ...], Divergence], str]
    ) -> None:
        """Start at genesis; ``told`` puts into words how a program fails."""
        self._from_genesis = from_genesis
        self._lockstep = from_genesis()
        self._told = told
        self._program: list[Call] = []
        self._is_apart = False
        self.name = f"{self._lockstep.specification.name} and {self._lockstep.other.name}"

    def call(self, call: Call) -> Receipt:
        """Carry out one call on both, and return what both answer.

        Raises
        ------
        Apart : they answer differently, or write different words.
        """
        __tracebackhide__ = True
        self._program.append(call)
        try:
            return self._lockstep.step(call)
        except Divergence as divergence:
            raise self._apart(divergence) from None

    def finish(self) -> None:
        """Compare all of their states, unless it has been said already that they are apart.

        Raises
        ------
        Apart : they differ.
        """
        __tracebackhide__ = True
        if self._program and not self._is_apart:
            try:
                self._lockstep.checkpoint(self._program[-1])
            except Divergence as divergence:
                raise self._apart(divergence) from None

    def written(self) -> Mapping[tuple[Address, int], int]:
        """Return what both wrote in the last call."""
        return self._lockstep.specification.written()

    def word(self, address: Address, slot: int) -> int:
        """Return a storage word, as the specification has it."""
        return self._lockstep.specification.word(address, slot)

    def storage_root(self, address: Address) -> bytes:
        """Return a storage root, as the specification has it."""
        return self._lockstep.specification.storage_root(address)

    def snapshot(self) -> int:
        """Return the number of calls so far."""
        return len(self._program)

    def revert(self, snapshot: int) -> None:
        """Go back to genesis, and make the first calls once more."""
        self._program = self._program[:snapshot]
        self._lockstep = self._from_genesis()
        for call in self._program:
            self._lockstep.step(call)

    def _apart(self, divergence: Divergence) -> Apart:
        self._is_apart = True
        program = tuple(self._program)
        return Apart(lambda: self._told(program, divergence))
