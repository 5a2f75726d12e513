"""Conformance: the same calls, on two machines, give the same receipts and the same storage."""
