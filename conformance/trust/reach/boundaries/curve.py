"""Boundaries of the mint curve: where on its steps a lock ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from conformance.trust.reach.boundaries.moment import Boundary, Moment

SCALE: Final = 10**18


class Walk(NamedTuple):
    """How an amount of sVVV goes along the steps; worked out from the table alone, not by the specification."""

    passed: int
    """Steps that it uses up, before the one in which it ends."""
    cost: int
    """What the rest of that step costs; 0 if it ends in none."""
    left: int
    """sVVV that is left for it."""
    minted: int
    """DIEM base units, of an amount that ends in a step."""
    is_last: bool
    """Whether no step with room comes after it."""
    is_uneven: bool
    """Whether its DIEM had to be rounded."""
    rounds_up: bool
    """Whether what the rest of one of the steps costs had to be rounded."""


def walk(moment: Moment, amount: int) -> Walk:
    """Return the walk of an amount from DIEM's present supply on."""
    staking, supply = moment.world.staking, int(moment.world.diem.total_supply)
    steps = [
        (int(end), int(rate)) for end, rate in zip(staking.diem_supply, staking.diem_mint_rates, strict=True) if rate
    ]
    passed, left, minted, rounds_up = 0, amount, 0, False
    for number, (end, rate) in enumerate(steps):
        if end <= supply:
            continue
        whole = (end - supply) * rate
        cost = -(-whole // SCALE)
        rounds_up = rounds_up or whole % SCALE != 0
        if left <= cost:
            is_last = all(later <= end for later, _ in steps[number + 1 :])
            minted += left * SCALE // rate
            return Walk(passed, cost, left, minted, is_last, left * SCALE % rate != 0, rounds_up)
        passed, left, minted, supply = passed + 1, left - cost, minted + end - supply, end
    return Walk(passed, 0, left, 0, is_last=False, is_uneven=False, rounds_up=rounds_up)


MINT: Final = ("staking.mintDiem",)
QUOTE: Final = ("staking.mintDiem", "staking.getDiemAmountOut")
TOO_MUCH: Final = "INSUFFICIENT_SUPPLY"


def _ends(holds: Callable[[Walk], bool]) -> Callable[[Moment], bool]:
    """Whether a walk is such a one, of an amount that is not zero."""
    return lambda moment: bool(moment.arguments[0]) and holds(walk(moment, int(moment.arguments[0])))


def _at_step(offset: int) -> Callable[[Moment], bool]:
    """Whether DIEM's supply is ``offset`` base units beyond the end of a step."""

    def holds(moment: Moment) -> bool:
        end = int(moment.world.diem.total_supply) - offset
        return bool(moment.arguments[0]) and end > 0 and end in set(moment.world.staking.diem_supply)

    return holds


def _at_end(moment: Moment) -> bool:
    return bool(moment.arguments[0]) and moment.world.diem.total_supply == max(moment.world.staking.diem_supply)


def _beyond_quote(moment: Moment) -> int | None:
    """Return how much more than the quote is asked for; None if nothing is quoted."""
    ending = walk(moment, int(moment.arguments[0]))
    return int(moment.arguments[1]) - ending.minted if ending.cost else None


CURVE: Final = (
    Boundary("curve: ends one unit before the end of a step", QUOTE, _ends(lambda end: end.cost - end.left == 1)),
    Boundary("curve: ends at the end of a step", QUOTE, _ends(lambda end: end.cost == end.left > 0)),
    Boundary("curve: ends one unit into the next step", QUOTE, _ends(lambda end: end.passed > 0 and end.left == 1)),
    Boundary("curve: within one step", QUOTE, _ends(lambda end: end.cost > 0 and end.passed == 0)),
    Boundary("curve: over three steps or more", QUOTE, _ends(lambda end: end.cost > 0 and end.passed > 2)),
    Boundary("curve: the rest of a step rounded up", QUOTE, _ends(lambda end: end.cost > 0 and end.rounds_up)),
    Boundary("curve: the DIEM of the last step rounded down", QUOTE, _ends(lambda end: end.is_uneven)),
    Boundary("curve: mints nothing", MINT, _ends(lambda end: end.cost > 0 and end.minted == 0)),
    Boundary("curve: the supply at the end of a step", QUOTE, _at_step(0)),
    Boundary("curve: the supply one unit before the end of a step", QUOTE, _at_step(-1)),
    Boundary("curve: the supply one unit beyond the end of a step", QUOTE, _at_step(1)),
    Boundary("last step: ends in it", QUOTE, _ends(lambda end: end.is_last)),
    Boundary(
        "last step: ends one unit before its end", QUOTE, _ends(lambda end: end.is_last and end.cost == end.left + 1)
    ),
    Boundary("last step: ends at its end", QUOTE, _ends(lambda end: end.is_last and end.cost == end.left)),
    Boundary(
        "last step: one unit more than it has", QUOTE, _ends(lambda end: end.cost == 0 and end.left == 1), TOO_MUCH
    ),
    Boundary("last step: the supply at its end", QUOTE, _at_end, TOO_MUCH),
    Boundary("least to be minted: the quote", MINT, lambda at: _beyond_quote(at) == 0),
    Boundary("least to be minted: one more than the quote", MINT, lambda at: _beyond_quote(at) == 1, "MIN_AMOUNT_OUT"),
)
"""Source: PROTOCOL 3.2 and 5."""
