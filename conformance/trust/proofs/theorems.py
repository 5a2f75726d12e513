"""What is proved: statements, the bounds within which they hold, and the lemmas that they are put together from.

Where lemmas run a round of the walk, the statement follows from them by induction over the steps of the table, of which
there may be any number in any order.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from conformance.trust.proofs import (
    curve,
    locks,
    overflow,
    round_trips,
    splitting,
    splitting_loss,
    splitting_refusals,
    whole,
)
from conformance.trust.proofs.reading import Lemma


class Theorem(NamedTuple):
    """A statement for all inputs within ``bounds``."""

    key: str
    card: int | None
    """The number of the invariant's card."""
    statement: str
    bounds: str
    lemmas: tuple[Lemma, ...]


_REGULAR: Final = "any uint256; any table whose rates are 0 (a step left out) or at least 1 sVVV per DIEM"

THEOREMS: Final = (
    Theorem(
        "curve",
        16,
        "A quote never pays more than the curve allows: its DIEM, priced exactly (in rationals) at the rate of each "
        "step it is minted in, costs no more than the sVVV that is locked, and no step gives more than it has.",
        f"{_REGULAR}; the price holds with any rates, where a step too cheap to be exact may be overrun at its rate",
        (
            curve.starts,
            curve.goes_on,
            curve.ends,
            curve.ends_in_its_step,
            curve.table_ends,
            whole.costs_its_price,
        ),
    ),
    Theorem(
        "rounding",
        None,
        "Rounding takes less from a locker than one base unit of sVVV for each step used up, and the price of one base "
        "unit of DIEM.",
        "any uint256, any table",
        (curve.starts, curve.loss_goes_on, curve.loss_ends),
    ),
    Theorem(
        "monotone",
        None,
        "More sVVV never mints less DIEM, where neither amount is refused.",
        _REGULAR,
        (splitting.starts, splitting.first_walks, splitting.whole_ends, curve.goes_on, curve.ends),
    ),
    Theorem(
        "splitting",
        11,
        "Splitting a lock gains no DIEM, not one base unit: two quotes, one after the other, come to no more than one "
        "for both amounts, where none of the three is refused.",
        _REGULAR,
        (
            splitting.starts,
            splitting.first_walks,
            splitting.first_ends,
            splitting.second_walks,
            curve.goes_on,
            curve.ends,
            whole.splitting_gains_nothing,
            whole.quote_is_at_supply,
            locks.mints_settled,
        ),
    ),
    Theorem(
        "splitting-loss",
        None,
        "Splitting a lock loses at most 2 base units of DIEM.",
        f"{_REGULAR}, none cheaper than the one before it; none of the three quotes is refused",
        (
            splitting.starts,
            splitting.first_walks,
            splitting_loss.first_ends,
            splitting.second_walks,
            splitting_loss.second_walks,
            splitting_loss.worth_goes_on,
            whole.splitting_loses_little,
        ),
    ),
    Theorem(
        "parts-quoted",
        None,
        "Where an amount is quoted, so are its two parts, one after the other.",
        f"{_REGULAR}; amounts below 2^196",
        (
            splitting.starts,
            splitting.first_walks,
            splitting.first_ends,
            splitting.second_walks,
            splitting_refusals.first_is_answered,
            splitting_refusals.second_is_answered,
            curve.ends_in_its_step,
        ),
    ),
    Theorem(
        "overflow",
        None,
        "A quote whose arithmetic reaches 2^256 is refused with Panic(0x11), and never wraps; with rates and ends "
        "below 2^128 and amounts below 2^196 none does.",
        "any uint256, any table",
        (overflow.panics, overflow.wraps_nowhere, overflow.answers),
    ),
    Theorem(
        "locks",
        12,
        "mintDiem and burnDiem move exactly what they lock and unlock: a mint adds the amount and the quote to the "
        "caller's lock and to DIEM's supply, a burn takes floor(burned * locked / outstanding) and what it burns from "
        "them; neither moves sVVV or touches another lock, and no other function writes one.",
        "any uint256 in all that the calls read, but no balance of DIEM above its supply (INV-03); any settlement of "
        "rewards on the way; any quote",
        (locks.mints, locks.burns, locks.only_locks_write),
    ),
    Theorem(
        "round-trip",
        12,
        "Minting and burning gains no sVVV: however often and in whatever parts an account mints and burns, it never "
        "unlocks more than it has locked; burning all that is outstanding unlocks exactly what is locked; and no burn "
        "lowers the sVVV behind each DIEM that is left.",
        "any uint256; any number of mints and burns, by induction; any quotes",
        (
            round_trips.mint_keeps_account,
            round_trips.burn_keeps_account,
            round_trips.burn_keeps_average,
            round_trips.round_trip,
            locks.only_locks_write,
        ),
    ),
    Theorem(
        "burning-in-parts",
        None,
        "Burning in two parts unlocks no more sVVV than burning both at once.",
        "any uint256; none of the burns is refused",
        (round_trips.burning_in_parts,),
    ),
)
