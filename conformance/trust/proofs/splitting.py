"""Lemmas: what locking an amount in two parts mints, against locking it at once.

Three quotes walk the same table: ``first`` of the one part, ``second`` of the other at the supply after the first, and
``whole`` of both together. The induction runs over the steps in two phases: while the first walks, and after it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from conformance.trust.proofs.curve import Walk, any_walk
from conformance.trust.proofs.loop import Head
from conformance.trust.proofs.reading import Claim, Reading, exact


def _together(first: Head, whole: Head, rest: Any) -> list[Claim]:
    """Return what holds in the first phase: both have minted the same, and the whole has ``rest`` more left."""
    return [
        exact(whole["minted"]) == exact(first["minted"]),
        exact(whole["supply"]) == exact(first["supply"]),
        exact(whole["remaining"]) == exact(first["remaining"]) + exact(rest),
    ]


def ahead(got: Any, second: Head, whole: Head) -> list[Claim]:
    """Return what holds in the second phase, the first having ``got`` its DIEM: the whole has no less left."""
    return [
        exact(got) + exact(second["minted"]) == exact(whole["minted"]),
        exact(whole["supply"]) == exact(second["supply"]),
        exact(whole["remaining"]) >= exact(second["remaining"]),
    ]


def both_walks(reading: Reading) -> tuple[Walk, Walk, Any]:
    """Return any walks of the first part and of the whole in the first phase, and the second part."""
    rest = reading.uint("rest", 1)
    first, whole = any_walk(reading), any_walk(reading, "_whole")
    reading.assume(exact(whole.supply) == exact(first.supply))
    for claim in _together(first.head, whole.head, rest):
        reading.assume(claim)
    return first, whole, rest


def starts(reading: Reading) -> Iterable[Claim]:
    """Both begin together."""
    supply, amount, rest = reading.uint("supply"), reading.uint("amount", 1), reading.uint("rest", 1)
    first = reading.quote.start(world=None, supply=supply, svvv_amount=amount)
    whole = reading.quote.start(world=None, supply=supply, svvv_amount=amount + rest)
    return _together(first, whole, rest)


def first_walks(reading: Reading) -> Iterable[Claim]:
    """Where the first uses a step up, the whole does too, and the second will skip it."""
    first, whole, rest = both_walks(reading)
    end, rate, got = reading.uint("end"), reading.uint("rate"), reading.uint("got")
    after = reading.quote.round(first.head, end, rate)
    if not isinstance(after, Head):
        return []
    reading.assume(exact(got) >= exact(after["minted"]))
    start = second_walk(reading, first, got, rest)
    second = reading.quote.round(start, end, rate)
    if not isinstance(second, Head):
        return [False]
    alongside = reading.quote.round(whole.head, end, rate)
    if not isinstance(alongside, Head):
        return [False]
    unchanged: list[Claim] = [exact(second[name]) == exact(start[name]) for name in ("minted", "supply", "remaining")]
    return [*_together(after, alongside, rest), *unchanged]


def first_ends(reading: Reading) -> Iterable[Claim]:
    """Where the first ends within a step, the second begins in it, and the two have no more than the whole."""
    first, whole, rest = both_walks(reading)
    end, rate = reading.uint("end"), reading.rate()
    got = reading.quote.round(first.head, end, rate)
    if isinstance(got, Head):
        return []
    second = reading.quote.round(second_walk(reading, first, got, rest), end, rate)
    return _no_gain(got, second, reading.quote.round(whole.head, end, rate))


def second_walks(reading: Reading) -> Iterable[Claim]:
    """After the first, a step leaves the second with no more than the whole."""
    got = reading.uint("got")
    second, whole = any_walk(reading, "_second"), any_walk(reading, "_whole")
    for claim in ahead(got, second.head, whole.head):
        reading.assume(claim)
    end, rate = reading.uint("end"), reading.rate()
    after = reading.quote.round(second.head, end, rate)
    return _no_gain(got, after, reading.quote.round(whole.head, end, rate))


def _no_gain(got: Any, second: Any, whole: Any) -> list[Claim]:
    """Return the claim about a round of the second and the whole; what a quote has minted never falls again."""
    if isinstance(second, Head):
        return ahead(got, second, whole) if isinstance(whole, Head) else [False]
    return [exact(got) + exact(second) <= exact(whole["minted"] if isinstance(whole, Head) else whole)]


def second_walk(reading: Reading, first: Walk, got: Any, rest: Any) -> Head:
    """Return where the second part begins: at the supply after the first."""
    head: Head = reading.quote.start(world=None, supply=first.supply + got, svvv_amount=rest)
    return head


def whole_ends(reading: Reading) -> Iterable[Claim]:
    """A smaller amount never mints more than a larger one: where the smaller ends, the larger has as much."""
    first, whole, _ = both_walks(reading)
    end, rate = reading.uint("end"), reading.rate()
    got = reading.quote.round(first.head, end, rate)
    if isinstance(got, Head):
        return []
    alongside = reading.quote.round(whole.head, end, rate)
    return [exact(got) <= exact(alongside["minted"] if isinstance(alongside, Head) else alongside)]
