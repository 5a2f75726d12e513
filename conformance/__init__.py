"""Conformance: the same calls, on two machines, give the same receipts and the same storage."""

import os

# py-evm and py-trie hash a great deal, and eth-hash would choose the slower of the two Keccaks that are installed.
os.environ.setdefault("ETH_HASH_BACKEND", "pysha3")
