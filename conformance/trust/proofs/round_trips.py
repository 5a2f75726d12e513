"""Lemmas: what comes back of locked sVVV when DIEM is burned.

What a mint and a burn do to a lock does not depend on the settlement before them (``locks.mints``, ``locks.burns``). So
here emissions are settled up to now, which leaves fewer cases.
"""

from __future__ import annotations

from collections.abc import Iterable

from conformance.trust.proofs.chain import Chain
from conformance.trust.proofs.reading import Claim, Reading, exact


def mint_keeps_account(reading: Reading) -> Iterable[Claim]:
    """What an account has ever locked, less what it has ever unlocked, is its lock: a mint keeps it so."""
    chain = Chain(reading, settled=True)
    ever_locked, ever_unlocked = reading.number("ever_locked"), reading.number("ever_unlocked")
    reading.assume(ever_locked - ever_unlocked == exact(chain.lock().locked))
    amount = reading.uint("amount")
    chain.mint(amount, reading.uint("quoted"))
    return [ever_locked + exact(amount) - ever_unlocked == exact(chain.lock().locked)]


def burn_keeps_account(reading: Reading) -> Iterable[Claim]:
    """A burn keeps it so too, and so no account ever unlocks more than it has locked."""
    chain = Chain(reading, settled=True)
    ever_locked, ever_unlocked = reading.number("ever_locked"), reading.number("ever_unlocked")
    before = chain.lock().locked
    free = exact(chain.lock().balance) - exact(before)
    reading.assume(ever_locked - ever_unlocked == exact(before))
    chain.burn(reading.uint("amount"))
    after = chain.lock()
    unlocked = exact(after.balance) - exact(after.locked) - free
    return [ever_locked - (ever_unlocked + unlocked) == exact(after.locked), ever_unlocked + unlocked <= ever_locked]


def burn_keeps_average(reading: Reading) -> Iterable[Claim]:
    """A burn never lowers the sVVV behind each DIEM that is left, and burning all of it leaves nothing locked."""
    chain = Chain(reading, settled=True)
    before = chain.lock()
    chain.burn(reading.uint("amount"))
    after = chain.lock()
    claims: list[Claim] = [
        exact(after.locked) * exact(before.outstanding) >= exact(before.locked) * exact(after.outstanding)
    ]
    if after.outstanding == 0:
        claims.append(after.locked == 0)
    return claims


def round_trip(reading: Reading) -> Iterable[Claim]:
    """Of a first lock, burning a part unlocks no more than was locked, and burning the rest unlocks the rest."""
    chain = Chain(reading, settled=True)
    start, amount, quoted, part = chain.lock(), reading.uint("amount"), reading.uint("quoted"), reading.uint("part")
    reading.assume(start.locked == 0)
    reading.assume(start.outstanding == 0)
    chain.mint(amount, quoted)
    chain.burn(part)
    left = chain.lock()
    claims: list[Claim] = [exact(left.locked) <= exact(amount)]
    if part != quoted:
        chain.burn(quoted - part)
    end = chain.lock()
    return [*claims, end.locked == 0, end.outstanding == 0, end.balance == start.balance]


def burning_in_parts(reading: Reading) -> Iterable[Claim]:
    """Burning in two parts unlocks no more than burning both at once."""
    once, twice = Chain(reading, settled=True), Chain(reading, settled=True)
    one, other = reading.uint("amount"), reading.uint("rest")
    once.burn(one + other)
    twice.burn(one)
    twice.burn(other)
    return [exact(twice.lock().locked) >= exact(once.lock().locked)]


def unlocks_what_it_locked(reading: Reading) -> Iterable[Claim]:
    """Burning the DIEM of a mint unlocks no more than that mint locked, whatever the account locked before."""
    chain = Chain(reading, settled=True)
    staking, start = chain.world.staking, chain.lock()
    for nothing in (staking.acc_reward_per_share, staking.acc_reward_per_share_locked, *start[:2]):
        reading.assume(nothing == 0)
    before, quoted = reading.uint("amount_before"), reading.uint("quoted", 1)
    chain.mint(before, reading.uint("quoted_before", 1))
    chain.mint(reading.uint("amount"), quoted)
    chain.burn(quoted)
    return [exact(chain.lock().locked) >= exact(before)]
