"""Reach: how often each function, refusal, branch and boundary is hit, and what no call can hit."""
