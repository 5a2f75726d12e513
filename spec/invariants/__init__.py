"""What holds in every state, and across every call: the numbered cards of ``spec/README.md``, as checks."""

from spec.invariants.cards import Card, InvariantViolation
from spec.invariants.monitor import CARDS, Monitor

__all__ = ["CARDS", "Card", "InvariantViolation", "Monitor"]
