"""Lemmas: where the curve's arithmetic reaches 2^256 it is refused, and where it does not."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.trust.proofs.curve import any_walk
from conformance.trust.proofs.loop import Head
from conformance.trust.proofs.reading import SCALE, WORD, Claim, Reading, Refused, exact

RATES, ENDS, AMOUNTS = 2**128, 2**128, 2**196
"""Below these no quote overflows."""


def panics(reading: Reading) -> Iterable[Claim]:
    """A round is refused only as Panic(0x11), and only where a product or the sum of the DIEM reaches 2^256."""
    walk = any_walk(reading)
    end, rate = reading.uint("end"), reading.uint("rate", 1)
    answer = reading.attempt(lambda: reading.quote.round(walk.head, end, rate))
    if not isinstance(answer, Refused):
        return []
    remaining, room = exact(walk.head["remaining"]), exact(end) - exact(walk.head["supply"])
    claims: list[Claim] = [answer.reason == "Panic(0x11)"]
    if exact(rate) * room < WORD and remaining * SCALE < WORD:
        claims.append(exact(walk.head["minted"]) * exact(rate) + remaining * SCALE >= WORD * exact(rate))
    return claims


def wraps_nowhere(reading: Reading) -> Iterable[Claim]:
    """Where a round is not refused, each product in it and each result is below 2^256."""
    walk = any_walk(reading)
    end, rate = reading.uint("end"), reading.uint("rate", 1)
    after = reading.quote.round(walk.head, end, rate)
    used = exact(end) > exact(walk.head["supply"])
    if not used:
        return []
    room = exact(end) - exact(walk.head["supply"])
    if isinstance(after, Head):
        return [exact(rate) * room < WORD, *(exact(after[name]) < WORD for name in ("minted", "supply", "remaining"))]
    return [exact(rate) * room < WORD, exact(walk.head["remaining"]) * SCALE < WORD, exact(after) < WORD]


def answers(reading: Reading) -> Iterable[Claim]:
    """With rates and ends below 2^128 and amounts below 2^196, no round is refused."""
    walk = any_walk(reading)
    end, rate = reading.uint("end"), reading.rate()
    for value, bound in ((end, ENDS), (rate, RATES), (walk.amount, AMOUNTS), (walk.head["supply"], ENDS)):
        reading.assume(value < bound)
    answer = reading.attempt(lambda: reading.quote.round(walk.head, end, rate))
    claims: list[Claim] = [not isinstance(answer, Refused)]
    if isinstance(answer, Head):
        claims.append(answer["supply"] < ENDS)
    return claims
