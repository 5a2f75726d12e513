"""Lemmas: what locking in two parts loses by rounding, where no step is cheaper than the one before it.

The second may have less left than the whole, but by less than the price of one base unit of DIEM and one base unit of
sVVV; and what sVVV is left buys no more than it would at the rate of the present step.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from conformance.trust.proofs.curve import any_walk
from conformance.trust.proofs.loop import Head
from conformance.trust.proofs.reading import SCALE, Claim, Reading, exact
from conformance.trust.proofs.splitting import ahead, both_walks, second_walk

BOUND = 2
"""DIEM base units that splitting loses at most."""


def _worth(head: Head, rate: Any) -> Any:
    """Return what the DIEM minted so far and the sVVV left come to at ``rate`` (sVVV times 10^18)."""
    return exact(head["minted"]) * exact(rate) + exact(head["remaining"]) * SCALE


def worth_goes_on(reading: Reading) -> Iterable[Claim]:
    """At a rate that no later step is below, a quote never comes to more than it did where a round began."""
    walk = any_walk(reading)
    end, rate, earlier = reading.uint("end"), reading.rate(least=1), reading.uint("earlier_rate", 1)
    if rate != 0:
        reading.assume(exact(earlier) <= exact(rate))
    after = reading.quote.round(walk.head, end, rate)
    worth = _worth(walk.head, earlier)
    if isinstance(after, Head):
        return [_worth(after, earlier) <= worth]
    return [exact(after) * exact(earlier) <= worth]


def first_ends(reading: Reading) -> Iterable[Claim]:
    """Where the first ends within a step, the second begins in it, and falls behind by no more than is stated."""
    first, whole, rest = both_walks(reading)
    end, rate = reading.uint("end"), reading.rate()
    got = reading.quote.round(first.head, end, rate)
    if isinstance(got, Head):
        return []
    second = reading.quote.round(second_walk(reading, first, got, rest), end, rate)
    return _behind(got, second, reading.quote.round(whole.head, end, rate), rate)


def second_walks(reading: Reading) -> Iterable[Claim]:
    """After the first, no step lets the second fall further behind than is stated."""
    got, earlier = reading.uint("got"), reading.uint("earlier_rate", SCALE)
    second, whole = any_walk(reading, "_second"), any_walk(reading, "_whole")
    for claim in [*ahead(got, second.head, whole.head), _close(second.head, whole.head, earlier)]:
        reading.assume(claim)
    end, rate = reading.uint("end"), reading.rate()
    if rate != 0:
        reading.assume(exact(rate) >= exact(earlier))
    after = reading.quote.round(second.head, end, rate)
    return _behind(got, after, reading.quote.round(whole.head, end, rate), rate if rate != 0 else earlier)


def _close(second: Head, whole: Head, rate: Any) -> Claim:
    close: Claim = (exact(whole["remaining"]) - exact(second["remaining"])) * SCALE < exact(rate) + SCALE
    return close


def _behind(got: Any, second: Any, whole: Any, rate: Any) -> list[Claim]:
    """Return the claims about a round of the second and the whole at ``rate``."""
    if isinstance(second, Head):
        return [_close(second, whole, rate)] if isinstance(whole, Head) else [False]
    both = exact(got) + exact(second)
    if isinstance(whole, Head):
        return [_worth(whole, rate) < (both + BOUND + 1) * exact(rate)]
    return [exact(whole) <= both + BOUND]
