"""Lemmas: what minting and burning DIEM does to the caller's lock, in any state of the world.

``mintDiem`` and ``burnDiem`` run with all that they call: the settlement of rewards at any time with any accumulators,
the tokens, the roles. Only the quote is left open: a mint may be quoted any amount.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Final

from conformance.trust.proofs.chain import OTHER, Chain, Lock
from conformance.trust.proofs.reading import Claim, Reading, exact

FIELDS: Final = {"svvv_locked_amount", "outstanding_diem_amount"}
"""An account's lock in the specification's storage."""


def mints(reading: Reading) -> Iterable[Claim]:
    """A mint asks for a quote of its amount at the present supply, and adds both to the caller's lock, and no more."""
    return _mints(reading, Chain(reading))


def mints_settled(reading: Reading) -> Iterable[Claim]:
    """The same where emissions are settled up to now."""
    return _mints(reading, Chain(reading, settled=True))


def _mints(reading: Reading, chain: Chain) -> Iterable[Claim]:
    amount, quoted = reading.uint("amount"), reading.uint("quoted")
    before, other, total, supply = chain.lock(), chain.lock(OTHER), chain.total_locked, chain.supply
    chain.mint(amount, quoted)
    after = chain.lock()
    asked_amount, asked_supply = chain.asked or (-1, -1)
    return [
        asked_amount == exact(amount),
        asked_supply == exact(supply),
        exact(chain.supply) == exact(supply) + exact(quoted),
        exact(after.locked) == exact(before.locked) + exact(amount),
        exact(after.outstanding) == exact(before.outstanding) + exact(quoted),
        exact(after.locked) <= exact(after.balance),
        exact(chain.total_locked) == exact(total) + exact(amount),
        after.balance == before.balance,
        *_same(other, chain.lock(OTHER)),
    ]


def burns(reading: Reading) -> Iterable[Claim]:
    """A burn takes floor(burned · locked / outstanding) and what it burns from the caller's lock, and no more."""
    return _burns(reading, Chain(reading))


def burns_settled(reading: Reading) -> Iterable[Claim]:
    """The same where emissions are settled up to now."""
    return _burns(reading, Chain(reading, settled=True))


def _burns(reading: Reading, chain: Chain) -> Iterable[Claim]:
    amount = reading.uint("amount")
    before, other, total, supply = chain.lock(), chain.lock(OTHER), chain.total_locked, chain.supply
    chain.burn(amount)
    after = chain.lock()
    unlocked = exact(before.locked) - exact(after.locked)
    share = exact(amount) * exact(before.locked)
    return [
        unlocked >= 0,
        unlocked * exact(before.outstanding) <= share,
        share < (unlocked + 1) * exact(before.outstanding),
        exact(after.outstanding) == exact(before.outstanding) - exact(amount),
        exact(chain.total_locked) == exact(total) - unlocked,
        exact(chain.supply) == exact(supply) - exact(amount),
        after.balance == before.balance,
        *_same(other, chain.lock(OTHER)),
    ]


def _same(before: Lock, after: Lock) -> list[Claim]:
    return [exact(one) == exact(two) for one, two in zip(before, after, strict=True)]


def only_locks_write(reading: Reading) -> Iterable[Claim]:
    """No other function of the contracts writes an account's lock."""
    writers = {
        f"{module}.{function.name}"
        for module in reading.edition.modules("spec.staking", "spec.diem", "spec.vvv", "spec.daily_credits")
        for function in ast.walk(ast.parse(reading.edition.source(module)))
        if isinstance(function, ast.FunctionDef) and _stores(function) & FIELDS
    }
    return [writers == {"spec.staking.locks.mint_diem", "spec.staking.locks.burn_diem"}]


def _stores(function: ast.FunctionDef) -> set[str]:
    """Return the attributes that a function assigns to."""
    return {
        node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    }
