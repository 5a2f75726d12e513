"""Chains in vectors: blocks imported and adopted, and stores that are cut off while it is done."""
