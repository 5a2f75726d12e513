"""What the comparison asks of a client, whoever wrote it: carry out a block, and show the state that it led to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from ledger.commitment import Account
from spec.messages import Address, Receipt


class PeerError(Exception):
    """A peer that is not installed, does not start, or does not do what it is asked to: one line that says so."""


class BlockRefused(Exception):
    """The client says that a block of these transactions cannot be; the message says why."""


class Outcome(NamedTuple):
    """What a block came to."""

    state_root: bytes
    """32 bytes: after all of its transactions."""

    receipts: tuple[Receipt, ...]
    """Status and logs of each transaction; the output is empty, for Ethereum's receipts have none."""


class Client(Protocol):
    """A client that was started from a genesis file and is given block after block."""

    @property
    def name(self) -> str:
        """What people call it."""

    def add_block(self, transactions: Sequence[bytes], timestamp: int) -> Outcome:
        """Carry out encoded transactions, in this order, in a block at ``timestamp`` (s).

        Raises
        ------
        BlockRefused : the client takes a transaction for one that cannot be in this block.
        PeerError : it does not answer, or what it answers cannot be.
        """

    def account(self, address: Address) -> Account:
        """Return an account as it is after the last block; one that is not there is empty."""

    def word(self, address: Address, slot: int) -> int:
        """Return a storage word as it is after the last block."""

    def close(self) -> None:
        """End whatever was started for it."""
