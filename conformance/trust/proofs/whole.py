"""Claims about whole quotes, by the uncut function, with tables of two steps.

They say of two steps what the lemmas say of any number, without induction. So what the lemmas prove is seen from
another side here, and a fault is seen as a user would see it: inputs, and a quote that is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from conformance.trust.proofs.reading import SCALE, Claim, Reading, Refused, exact
from conformance.trust.proofs.splitting_loss import BOUND

FEW = 8
"""Base units, where an example is looked for among small numbers."""

Table: TypeAlias = "list[tuple[Any, Any]]"


def any_table(reading: Reading, least: int = SCALE) -> Table:
    """Return any table of two steps, one behind the other, at rates from ``least`` on."""
    ends = reading.uint("end_1", 1), reading.uint("end_2", 1)
    reading.assume(exact(ends[0]) < exact(ends[1]))
    return [(ends[0], reading.uint("rate_1", least)), (ends[1], reading.uint("rate_2", least))]


def price(table: Table, supply: Any, diem: Any) -> Any:
    """Return what ``diem`` minted from ``supply`` on costs on the exact curve (sVVV times 10^18).

    Beyond the last step the curve goes on at the rate of the last.
    """
    (first_end, first_rate), (_, second_rate) = table
    room = exact(first_end) - exact(supply)
    diem = exact(diem)
    if room <= 0:
        return diem * exact(second_rate)
    if diem <= room:
        return diem * exact(first_rate)
    return room * exact(first_rate) + (diem - room) * exact(second_rate)


def costs_its_price(reading: Reading) -> Iterable[Claim]:
    """A quote costs no less than the exact curve says, and ends within the table."""
    table, supply, amount = any_table(reading), reading.uint("supply"), reading.uint("amount", 1)
    quoted = reading.quote_at(table, supply, amount)
    last = table[-1][0]
    return [price(table, supply, quoted) <= exact(amount) * SCALE, exact(supply) + exact(quoted) <= exact(last)]


def quote_is_at_supply(reading: Reading) -> Iterable[Claim]:
    """What is quoted is quoted at DIEM's present supply."""
    table, supply, amount = any_table(reading)[:1], reading.uint("supply"), reading.uint("amount", 1)
    return [exact(reading.quote_now(table, supply, amount)) == exact(reading.quote_at(table, supply, amount))]


def splitting(reading: Reading, table: Table, supply: Any) -> tuple[Any, Any]:
    """Return what two parts mint one after the other, and what both mint at once."""
    amount, rest = reading.uint("amount", 1), reading.uint("rest", 1)
    first = reading.quote_at(table, supply, amount)
    second = reading.quote_at(table, supply + first, rest)
    return exact(first) + exact(second), exact(reading.quote_at(table, supply, amount + rest))


def splitting_gains_nothing(reading: Reading) -> Iterable[Claim]:
    """In one step, two parts mint no more than the whole."""
    parts, whole = splitting(reading, any_table(reading)[:1], reading.uint("supply"))
    return [parts <= whole]


def splitting_loses_little(reading: Reading) -> Iterable[Claim]:
    """Where the second step is no cheaper than the first, two parts mint at most 2 base units less than the whole."""
    parts, whole = splitting(reading, _rising(reading, any_table(reading)), reading.uint("supply"))
    return [whole <= parts + BOUND]


def splitting_loses_less(reading: Reading) -> Iterable[Claim]:
    """Where the second step is no cheaper than the first, two parts mint at most 1 base unit less than the whole."""
    table, supply = _rising(reading, any_table(reading)), reading.uint("supply")
    parts, whole = splitting(reading, _few(reading, table), supply)
    return [whole <= parts + BOUND - 1]


def _few(reading: Reading, table: Table) -> Table:
    for end, rate in table:
        reading.assume(exact(end) <= FEW)
        reading.assume(exact(rate) <= FEW * SCALE)
    return table


def _rising(reading: Reading, table: Table) -> Table:
    reading.assume(exact(table[0][1]) <= exact(table[1][1]))
    return table


def splitting_when_cheap(reading: Reading) -> Iterable[Claim]:
    """Two parts mint no more than the whole where a step costs less than 1 sVVV per DIEM too."""
    parts, whole = splitting(reading, _few(reading, any_table(reading, 1)), reading.uint("supply"))
    return [parts <= whole]


def more_mints_no_less(reading: Reading) -> Iterable[Claim]:
    """More sVVV mints no less DIEM."""
    return _more(reading, any_table(reading))


def more_when_cheap(reading: Reading) -> Iterable[Claim]:
    """More sVVV mints no less DIEM where a step costs less than 1 sVVV per DIEM too."""
    return _more(reading, _few(reading, any_table(reading, 1)))


def _more(reading: Reading, table: Table) -> Iterable[Claim]:
    supply, amount, more = reading.uint("supply"), reading.uint("amount", 1), reading.uint("more", 1)
    less = reading.quote_at(table, supply, amount)
    return [exact(less) <= exact(reading.quote_at(table, supply, amount + more))]


def whole_is_answered(reading: Reading) -> Iterable[Claim]:
    """Where both parts are quoted, the table has room for the whole."""
    table, supply = _few(reading, any_table(reading)), reading.uint("supply")
    amount, rest = reading.uint("amount", 1), reading.uint("rest", 1)
    first = reading.quote_at(table, supply, amount)
    reading.quote_at(table, supply + first, rest)
    return [reading.attempt(lambda: reading.quote_at(table, supply, amount + rest)) != Refused("INSUFFICIENT_SUPPLY")]


def part_is_answered(reading: Reading) -> Iterable[Claim]:
    """Where an amount is quoted, so is a part of it."""
    table, supply = any_table(reading), reading.uint("supply")
    amount, rest = reading.uint("amount", 1), reading.uint("rest", 1)
    reading.quote_at(table, supply, amount + rest)
    return [not isinstance(reading.attempt(lambda: reading.quote_at(table, supply, amount)), Refused)]
