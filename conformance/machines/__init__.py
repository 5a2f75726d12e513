"""Machines: a call goes in, a receipt comes out, and the storage can be looked at word by word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, Protocol, runtime_checkable

from spec.messages import Address, Call, Receipt

FOREIGN: Final = 1 << 256
"""Added to a slot of another layout than ours: the word there is what stands for none of our variables."""

ORIGIN: Final = Address(b"origin".rjust(20, b"\0"))
"""Calls on behalf of contracts, which begin no transaction of their own."""


class LeftOut(Exception):
    """A call that a machine cannot be asked, for it has no such function: the message names machine and function."""


class Machine(Protocol):
    """Anything that carries out calls on the contracts: the specification, or an EVM with their bytecode."""

    name: str
    """What reports call it."""

    def call(self, call: Call) -> Receipt:
        """Carry out one call at the time it names; a refused call changes nothing."""

    def written(self) -> Mapping[tuple[Address, int], int]:
        """Return (contract, slot) |-> value now, of every word that the last call wrote, even to the same value."""

    def word(self, address: Address, slot: int) -> int:
        """Return a storage word of a contract; 0 where nothing was written."""

    def storage_root(self, address: Address) -> bytes:
        """Return the root of a contract's storage trie (32 bytes)."""

    def snapshot(self) -> int:
        """Return a mark to which ``revert`` can go back."""

    def revert(self, snapshot: int) -> None:
        """Go back to the state at ``snapshot``; later marks are void, this one stays valid."""


class Listing(Machine, Protocol):
    """A machine that can list all words of a contract."""

    def words(self, address: Address) -> Mapping[int, int]:
        """Return slot |-> word, of every word of a contract that is not 0."""


@runtime_checkable
class SlowToTell(Listing, Protocol):
    """A machine which is slow to tell what one call wrote, so that one asks for ``written`` only where it matters.

    Between two such moments the words are looked at that somebody else wrote, and in the end all words at once.
    """

    slow_to_tell: Literal[True]
