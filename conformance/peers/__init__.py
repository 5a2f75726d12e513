"""Other clients to compare the ledger with: each a whole chain, which takes signed transactions in blocks."""
