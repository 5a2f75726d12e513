"""Lemmas: where the whole amount is quoted, so are its two parts. The phases are those of ``splitting``.

Of amounts that are not below 2^196 this does not hold: a step may be just what the second has left, whose product with
10^18 then overflows, and less than the whole has left, which is not multiplied.
"""

from __future__ import annotations

from collections.abc import Iterable

from conformance.trust.proofs.curve import any_walk
from conformance.trust.proofs.loop import Head
from conformance.trust.proofs.overflow import AMOUNTS
from conformance.trust.proofs.reading import WORD, Claim, Reading, Refused, exact
from conformance.trust.proofs.splitting import ahead, both_walks, second_walk


def first_is_answered(reading: Reading) -> Iterable[Claim]:
    """While the first walks, no step refuses it, or the second where that begins, which does not refuse the whole."""
    first, whole, rest = both_walks(reading)
    end, rate = reading.uint("end"), reading.rate()
    reading.assume(whole.amount < AMOUNTS)
    reading.quote.round(whole.head, end, rate)
    after = reading.attempt(lambda: reading.quote.round(first.head, end, rate))
    if isinstance(after, Refused):
        return [False]
    got = reading.uint("got") if isinstance(after, Head) else after
    if isinstance(after, Head):
        reading.assume(exact(got) >= exact(after["minted"]))
        # A quote ends in its step, by curve.ends_in_its_step.
        reading.assume(exact(first.supply) + exact(got) < WORD)
    second = reading.attempt(lambda: reading.quote.round(second_walk(reading, first, got, rest), end, rate))
    return [not isinstance(second, Refused)]


def second_is_answered(reading: Reading) -> Iterable[Claim]:
    """After the first, no step refuses the second which does not refuse the whole."""
    got = reading.uint("got")
    second, whole = any_walk(reading, "_second"), any_walk(reading, "_whole")
    for claim in ahead(got, second.head, whole.head):
        reading.assume(claim)
    end, rate = reading.uint("end"), reading.rate()
    reading.assume(whole.amount < AMOUNTS)
    reading.quote.round(whole.head, end, rate)
    return [not isinstance(reading.attempt(lambda: reading.quote.round(second.head, end, rate)), Refused)]
