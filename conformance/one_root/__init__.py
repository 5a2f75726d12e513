"""One root for all: the same genesis and the same signed transactions, on several clients, give the same state root."""
