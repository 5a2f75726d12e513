"""A card: one invariant, with its number, its title, and what it came to where it was broken."""

from __future__ import annotations

from typing import NamedTuple, NoReturn


class Card(NamedTuple):
    """One invariant; its words, its formula and how it is known stand under its number in ``spec/README.md``."""

    number: int
    title: str

    def __str__(self) -> str:
        return f"INV-{self.number:02} {self.title}"

    def broken(self, detail: str) -> NoReturn:
        """Say that the invariant does not hold."""
        raise InvariantViolation(self, detail)

    def holds(self, condition: bool, detail: str) -> None:
        """Say so unless ``condition`` holds; ``detail`` names the numbers."""
        if not condition:
            self.broken(detail)


class InvariantViolation(AssertionError):
    """An invariant that does not hold: which, and with what numbers."""

    def __init__(self, card: Card, detail: str) -> None:
        super().__init__(f"{card}: {detail}")
        self.card = card
