"""The full-node-style ledger: persistent state, and its Merkle commitment as Ethereum defines it."""
