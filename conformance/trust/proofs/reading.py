"""A reading of the specification for a lemma: its functions, and the inputs on which they run.

A lemma is a function of a reading. Symbolically it is run on all inputs at once; on one input, such as a
counterexample, the same lemma runs the same functions with plain integers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, Final, NamedTuple, TypeAlias

import z3

from conformance.trust.proofs.edition import Edition, Patch
from conformance.trust.proofs.integers import Condition, Integer
from conformance.trust.proofs.loop import Loop
from conformance.trust.proofs.paths import current_path

Claim: TypeAlias = "Condition | bool"
Lemma: TypeAlias = "Callable[[Reading], Iterable[Claim]]"
"""Runs the specification on inputs of the reading, and returns what is claimed to hold afterwards.

Where the specification refuses the call, and the lemma lets its ``Revert`` pass, nothing is claimed.
"""

WORD: Final = 2**256
SCALE: Final = 10**18
"""sVVV per DIEM is scaled by this."""


class Outside(Exception):
    """An input that a lemma does not speak of."""


class Refused(NamedTuple):
    """A call that the specification refuses, with the name of its error."""

    reason: str


class Reading:
    """The specification, read for lemmas; see ``symbolic_reading`` and ``concrete_reading``."""

    def __init__(self, edition: Edition, number: Callable[[str], Any], know: Callable[[Claim], None]) -> None:
        self.edition: Final = edition
        self._number = number
        self.assume: Final = know
        """Suppose what is said; of other inputs the lemma says nothing."""

        self.word: Final[Any] = edition.module("spec.uint256").U256
        self.revert: Final[type[Exception]] = edition.module("spec.errors").Revert

    def number(self, name: str, least: int = 0) -> Any:
        """Return any integer from ``least`` on, without an upper bound."""
        value = self._number(name)
        self.assume(value >= least)
        return value

    def uint(self, name: str, least: int = 0) -> Any:
        """Return any uint256 from ``least`` on."""
        value = self.number(name, least)
        self.assume(value < WORD)
        return self.word(value)

    def rate(self, name: str = "rate", least: int = SCALE) -> Any:
        """Return any rate of a step, 0 for one that is left out, and otherwise from ``least`` on."""
        value = self.uint(name)
        if value != 0:
            self.assume(value >= least)
        return value

    def attempt(self, call: Callable[[], Any]) -> Any:
        """Return what ``call`` returns, or ``Refused``."""
        try:
            return call()
        except self.revert as refusal:
            return Refused(str(refusal))

    @cached_property
    def quote(self) -> Loop:
        """The walk along the curve's table, ``quote_at``, cut at its loop."""
        return Loop(self.edition, "spec.staking.mint_curve", "quote_at")

    def quote_at(self, table: Iterable[tuple[Any, Any]], supply: Any, amount: Any) -> Any:
        """Return what the specification quotes with a table of (end, rate) (see ``spec.staking.mint_curve``)."""
        return self.edition.module("spec.staking.mint_curve").quote_at(_world(table, supply), supply, amount)

    def quote_now(self, table: Iterable[tuple[Any, Any]], supply: Any, amount: Any) -> Any:
        """Return what a mint is quoted where ``supply`` is DIEM's."""
        return self.edition.module("spec.staking.mint_curve").quote(_world(table, supply), amount)


class Stub:
    """Attributes, for what a function reads of the world."""

    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)


def _world(table: Iterable[tuple[Any, Any]], supply: Any) -> Stub:
    steps = list(table)
    staking = Stub(diem_supply=[end for end, _ in steps], diem_mint_rates=[rate for _, rate in steps])
    return Stub(staking=staking, diem=Stub(total_supply=supply))


def exact(number: Any) -> Any:
    """Return a word as a mathematical integer, with which to calculate without overflow."""
    return Integer(number)


def symbolic_reading(patches: Iterable[Patch] = ()) -> Reading:
    """Return the specification to be run on all inputs at once, within ``paths.explore``."""
    return Reading(Edition(Integer, patches), lambda name: Integer(z3.Int(name)), _know)


def concrete_reading(inputs: Mapping[str, int], patches: Iterable[Patch] = ()) -> Reading:
    """Return the specification with plain integers, to be run on the ``inputs``; those not named are 0."""
    return Reading(Edition(int, patches), lambda name: inputs.get(name, 0), _check)


def _know(claim: Claim) -> None:
    current_path().know(term_of(claim))


def _check(claim: Claim) -> None:
    if not claim:
        raise Outside


def term_of(claim: Claim) -> z3.BoolRef:
    """Return a claim as z3's term."""
    return claim.term if isinstance(claim, Condition) else z3.BoolVal(bool(claim))
