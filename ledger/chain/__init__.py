"""Blocks after blocks: validated on their parent's branch, and adopted as the head in a step of its own."""

from ledger.chain.chain import UNDO_DEPTH, Chain, ChainError, HeadChange, Place
from ledger.checked import CheckedBlock

__all__ = ["UNDO_DEPTH", "Chain", "ChainError", "CheckedBlock", "HeadChange", "Place"]
