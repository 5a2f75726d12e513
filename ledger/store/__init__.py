"""Where the ledger keeps what it must not lose: keys and values in key order, written in atomic, synced batches.

`Store` is what a store does; `LevelStore` keeps it on disk, `MemoryStore` in memory; `schema` says which keys there
are.
"""

from ledger.store.interface import Changes, Store, StoreDamaged, StoreError, StoreLocked, StoreMismatch
from ledger.store.level import LevelStore
from ledger.store.memory import MemoryStore

__all__ = [
    "Changes",
    "LevelStore",
    "MemoryStore",
    "Store",
    "StoreDamaged",
    "StoreError",
    "StoreLocked",
    "StoreMismatch",
]
