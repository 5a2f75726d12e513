"""Lemmas: what a quote costs on the exact curve, in rational arithmetic.

The induction runs over the steps of the table. Where a round begins, ``paid`` is what the DIEM minted so far costs
exactly, each unit at the rate of the step it was minted in (times 10^18, so that it is an integer).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from conformance.trust.proofs.loop import Head
from conformance.trust.proofs.reading import SCALE, Claim, Reading, Refused, exact


class Walk(NamedTuple):
    """A quote in the middle: the amount to be locked, the supply at the start, and where the round begins."""

    amount: Any
    supply: Any
    head: Head


def any_walk(reading: Reading, name: str = "") -> Walk:
    """Return any head of which holds what no round changes: supply and minted DIEM rise together, and sVVV is left."""
    amount, supply = reading.uint(f"amount{name}", 1), reading.uint(f"supply{name}")
    head = Head(
        world=None,
        svvv_amount=amount,
        remaining=reading.uint(f"remaining{name}", 1),
        minted=reading.uint(f"minted{name}"),
        supply=reading.uint(f"supply_now{name}"),
    )
    reading.assume(exact(head["supply"]) == exact(supply) + exact(head["minted"]))
    reading.assume(exact(head["remaining"]) <= exact(amount))
    return Walk(amount, supply, head)


def walking(walk: Walk, after: Head) -> list[Claim]:
    """Return the claims that ``after`` is such a head again."""
    return [
        exact(after["supply"]) == exact(walk.supply) + exact(after["minted"]),
        exact(after["remaining"]) <= exact(walk.amount),
        after["remaining"] > 0,
    ]


def spent(walk: Walk, head: Head) -> Any:
    """Return the sVVV used up so far, times 10^18."""
    return (exact(walk.amount) - exact(head["remaining"])) * SCALE


def starts(reading: Reading) -> Iterable[Claim]:
    """Before the first step nothing is minted, and all of the sVVV is left; nothing mints nothing."""
    amount, supply = reading.uint("amount"), reading.uint("supply")
    head = reading.quote.start(world=None, supply=supply, svvv_amount=amount)
    if not isinstance(head, Head):
        return [exact(head) == 0, amount == 0]
    walk = Walk(amount, supply, head)
    return [*walking(walk, head), head["minted"] == 0, spent(walk, head) == 0]


def goes_on(reading: Reading) -> Iterable[Claim]:
    """A step that is used up costs at least its exact price: paid <= spent stays so."""
    walk = any_walk(reading)
    end, rate, paid = reading.uint("end"), reading.uint("rate"), reading.number("paid")
    reading.assume(paid <= spent(walk, walk.head))
    after = reading.quote.round(walk.head, end, rate)
    if not isinstance(after, Head):
        return []
    bought = exact(after["minted"]) - exact(walk.head["minted"])
    return [*walking(walk, after), bought >= 0, paid + bought * exact(rate) <= spent(walk, after)]


def ends(reading: Reading) -> Iterable[Claim]:
    """A quote given in a step, at its rate, costs no more than the sVVV that is left."""
    walk = any_walk(reading)
    end, rate, paid = reading.uint("end"), reading.uint("rate"), reading.number("paid")
    reading.assume(paid <= spent(walk, walk.head))
    quoted = reading.quote.round(walk.head, end, rate)
    if isinstance(quoted, Head):
        return []
    bought = exact(quoted) - exact(walk.head["minted"])
    return [bought >= 0, paid + bought * exact(rate) <= exact(walk.amount) * SCALE]


def ends_in_its_step(reading: Reading) -> Iterable[Claim]:
    """With a rate of 1 sVVV per DIEM or more, a quote does not run past the end of the step it ends in."""
    walk = any_walk(reading)
    end, rate = reading.uint("end"), reading.rate()
    quoted = reading.quote.round(walk.head, end, rate)
    if isinstance(quoted, Head):
        return []
    return [exact(walk.supply) + exact(quoted) <= exact(end)]


def table_ends(reading: Reading) -> Iterable[Claim]:
    """Where the table ends first, there is no quote: INSUFFICIENT_SUPPLY."""
    walk = any_walk(reading)
    answer = reading.attempt(lambda: reading.quote.end(walk.head))
    return [answer == Refused("INSUFFICIENT_SUPPLY")]


def loss_goes_on(reading: Reading) -> Iterable[Claim]:
    """Each step that is used up loses the locker less than one base unit of sVVV by rounding."""
    walk = any_walk(reading)
    end, rate, paid, used_up = (
        reading.uint("end"),
        reading.uint("rate"),
        reading.number("paid"),
        reading.number("steps"),
    )
    reading.assume(spent(walk, walk.head) - paid <= used_up * (SCALE - 1))
    after = reading.quote.round(walk.head, end, rate)
    if not isinstance(after, Head):
        return []
    bought = exact(after["minted"]) - exact(walk.head["minted"])
    steps = used_up + (1 if bought != 0 else 0)
    return [spent(walk, after) - (paid + bought * exact(rate)) <= steps * (SCALE - 1)]


def loss_ends(reading: Reading) -> Iterable[Claim]:
    """The step that a quote ends in loses the locker less than the price of one base unit of DIEM."""
    walk = any_walk(reading)
    end, rate, paid, used_up = (
        reading.uint("end"),
        reading.uint("rate"),
        reading.number("paid"),
        reading.number("steps"),
    )
    reading.assume(spent(walk, walk.head) - paid <= used_up * (SCALE - 1))
    quoted = reading.quote.round(walk.head, end, rate)
    if isinstance(quoted, Head):
        return []
    bought = exact(quoted) - exact(walk.head["minted"])
    return [exact(walk.amount) * SCALE - (paid + bought * exact(rate)) < used_up * (SCALE - 1) + exact(rate)]
