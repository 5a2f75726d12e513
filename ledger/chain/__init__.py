"""Blocks after blocks: validated on their parent's branch, and adopted as the head in a step of its own."""

from ledger.chain.chain import UNDO_DEPTH, Chain, ChainError, HeadChange, Place

__all__ = ["UNDO_DEPTH", "Chain", "ChainError", "HeadChange", "Place"]
