"""Ethereum's ``t8n``: a state, a block's environment and transactions in; the state after them, roots and receipts out.

The formats and option names are those of go-ethereum's ``evm t8n``, which harnesses of Ethereum's tests drive; what is
not here as it is there is in ``docs/T8N.md``.
"""
