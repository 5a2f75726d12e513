"""The plan: which units a campaign consists of. It depends on the seed and on results alone, never on who was faster.

Units are planned in rounds, each from the results of the rounds up to the last but one: so workers always have
something to do, and the units are the same whatever their number, and however often a campaign was interrupted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterator, Sequence
from random import Random
from typing import Final, NamedTuple

from conformance.campaign.seen import RARE, Seen, is_branch
from conformance.campaign.units import KINDS, Stretch, Unit, UnitKey, UnitResult
from conformance.machines.py_evm import PyEvmMachine
from conformance.programs.generator import MALFORMED_PERCENT

CALLS_PER_UNIT: Final = 250
UNITS_PER_ROUND: Final = 16
LAG: Final = 2
"""How many rounds a plan is ahead of the results it was made from."""

AGAIN_EVERY: Final = 160
"""Of so many exploring units one is carried out again in py-evm, whatever it has shown: it takes far longer there."""
AGAIN_PER_ROUND: Final = 1
"""Of those that have shown something new, so many of a round are; and no more than ``AGAIN_AT_FIRST`` and a share."""
AGAIN_AT_FIRST: Final = 8

SWARM_PERCENT: Final = 60
"""How many of a hundred units lack some kinds of calls."""
BRANCH_OFF_PERCENT: Final = 50
"""How many begin as an earlier program did."""
FAVOUR_PERCENT: Final = 50
"""How many favour kinds of calls that have refusals not yet seen."""
FAVOURED_AT_MOST: Final = 6
MALFORMED_OFTEN: Final = 25
OF_BYTECODE_PERCENT: Final = 30
"""How many of those that branch off do so at a branch of bytecode that is rare, and not at a rare outcome."""


class Scope(NamedTuple):
    """What a plan is for."""

    seed: int
    presets: tuple[str, ...]
    machine: str
    """The EVM of exploring units."""
    guided: bool
    """Whether what was seen decides what comes next."""


class Limits(NamedTuple):
    """When a plan ends. Within one campaign they may be raised later: what comes before stays as it is."""

    units: int | None
    """Exploring units."""
    failures: int
    """Different failures, after whose round no further one is planned."""

    def __str__(self) -> str:
        """Return the options that ask for it."""
        calls = "" if self.units is None else f"{option_of(self.units)} "
        return f"{calls}--failures {self.failures}"


def option_of(units: int) -> str:
    """Return the option that asks for so many exploring units."""
    return f"--calls {units * CALLS_PER_UNIT}"


class _Round(NamedTuple):
    units: Sequence[Unit]
    full: bool
    """Whether no limit has cut it off."""


class Planner:
    """Hands out units, and takes their results in any order."""

    def __init__(self, scope: Scope, limits: Limits) -> None:
        self.limits: Final = limits
        self._scope = scope
        self._rounds: list[_Round] = []
        self._waiting = deque[Unit]()
        self._results: dict[UnitKey, UnitResult] = {}
        """Those that are not integrated yet."""
        self._integrated = 0
        """Rounds whose results the plan knows."""
        self._novel: list[tuple[int, Unit]] = []
        """(how much was new, unit), of exploring units that have not been carried out again."""
        self._again: set[int] = set()
        self._shrinking: set[UnitKey] = set()
        self._explored = 0
        self._ended = False
        self.seen: Final = Seen()

    def next_unit(self) -> Unit | None:
        """Return the next unit; None if results have to come first, or if the plan is at its end."""
        while not self._waiting:
            ended = bool(self._rounds) and not self._rounds[-1].full
            needed = len(self._rounds) if ended else len(self._rounds) - LAG + 1
            if not self._integrate(needed):
                return None
            units = list(self._planned())
            if not units:
                return None
            self._rounds.append(_Round(units, full=not self._is_over()))
            self._waiting.extend(units)
        return self._waiting.popleft()

    def take(self, result: UnitResult) -> None:
        """Take the result of a unit that was handed out."""
        self._results[result.unit.key] = result

    def end(self, handed_out: Container[UnitKey]) -> None:
        """Plan nothing more but the shrinking of failures, and wait for no units but those that are ``handed_out``."""
        self._ended = True
        self._waiting.clear()
        self._rounds = [
            _Round([unit for unit in units if unit.key in self._results or unit.key in handed_out], full=False)
            for units, _ in self._rounds
        ]

    def news(self, result: UnitResult) -> UnitResult:
        """Return a result without the branches that are known not to be rare: no plan asks for them."""
        times = self.seen.times
        firsts = {item: at for item, at in result.firsts.items() if not (is_branch(item) and times[item] >= RARE)}
        return result.model_copy(update={"firsts": firsts})

    def _is_over(self) -> bool:
        limit = self.limits.units
        enough = limit is not None and self._explored >= limit
        return self._ended or enough or len(self.seen.failures) >= self.limits.failures

    def _integrate(self, rounds: int) -> bool:
        """Take over the results of the first ``rounds`` rounds; return whether they are all there."""
        while self._integrated < rounds:
            units = self._rounds[self._integrated].units
            if not all(unit.key in self._results for unit in units):
                return False
            for unit in units:
                new = self.seen.take(self._results.pop(unit.key))
                if new and unit.purpose == "explore":
                    self._novel.append((new, unit))
            self._rounds[self._integrated] = _Round((), full=True)
            self._integrated += 1
        return True

    def _planned(self) -> Iterator[Unit]:
        if not self._is_over():
            for _ in range(UNITS_PER_ROUND):
                unit = self._exploring(self._explored)
                self._explored += 1
                yield unit
                if self._scope.machine != PyEvmMachine.name and unit.number % AGAIN_EVERY == 0:
                    yield self._once_more(unit)
                if self.limits.units is not None and self._explored >= self.limits.units:
                    break
            yield from self._novel_again()
        yield from self._shrunk()

    def _exploring(self, number: int) -> Unit:
        scope = self._scope
        random = Random(f"{scope.seed}/{number}/plan")  # noqa: S311 (not for secrets)
        preset = scope.presets[number % len(scope.presets)]
        beginning = self._beginning(random, preset)
        stretch = self._stretch(random, f"{scope.seed}/{number}")
        return Unit(
            number=number, purpose="explore", preset=preset, machine=scope.machine, stretches=(*beginning, stretch)
        )

    def _stretch(self, random: Random, seed: str) -> Stretch:
        without: tuple[str, ...] = ()
        favoured: tuple[str, ...] = ()
        malformed = MALFORMED_PERCENT
        if random.randrange(100) < SWARM_PERCENT:
            percent = random.choice((20, 50))
            without = tuple(kind for kind in KINDS if random.randrange(100) < percent)
            malformed = random.choice((0, MALFORMED_PERCENT, 3 * MALFORMED_PERCENT))
        if self._scope.guided and random.randrange(100) < FAVOUR_PERCENT:
            wanted = self.seen.wanted()
            if any(wanted.values()):
                favoured = tuple(dict.fromkeys(random.choices(list(wanted), list(wanted.values()), k=FAVOURED_AT_MOST)))
                malformed = random.choice((MALFORMED_PERCENT, MALFORMED_OFTEN))
        without = tuple(kind for kind in without if kind not in favoured)
        return Stretch(seed=seed, calls=CALLS_PER_UNIT, without=without, favoured=favoured, malformed_percent=malformed)

    def _beginning(self, random: Random, preset: str) -> tuple[Stretch, ...]:
        """Return the beginning of a program to branch off from, mostly of one that has shown something rare."""
        if not self._scope.guided or random.randrange(100) >= BRANCH_OFF_PERCENT:
            return ()
        of_bytecode = random.randrange(100) < OF_BYTECODE_PERCENT
        shown, worth = self.seen.shown, self.seen.worth()
        items = [item for item in worth if shown[item].unit.preset == preset and is_branch(item) == of_bytecode]
        if not items:
            return ()
        chosen = random.choices(items, [worth[item] for item in items])[0]
        self.seen.begun[chosen] += 1
        return shown[chosen].stretches

    def _novel_again(self) -> Iterator[Unit]:
        """Yield those that have shown most, to be carried out again, and forget the others."""
        self._novel.sort(key=lambda entry: (-entry[0], entry[1].number))
        allowed = min(AGAIN_PER_ROUND, AGAIN_AT_FIRST + self._explored // AGAIN_EVERY - len(self._again))
        for _, unit in self._novel[: max(allowed, 0)] if self._scope.machine != PyEvmMachine.name else ():
            if unit.number not in self._again:
                yield self._once_more(unit)
        self._novel.clear()

    def _once_more(self, unit: Unit) -> Unit:
        self._again.add(unit.number)
        return unit.model_copy(update={"purpose": "again", "machine": PyEvmMachine.name})

    def _shrunk(self) -> Iterator[Unit]:
        for failed in self.seen.failures.values():
            if failed.unit.key not in self._shrinking:
                self._shrinking.add(failed.unit.key)
                yield failed.unit.model_copy(update={"purpose": "shrink"})
