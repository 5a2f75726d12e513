"""The trial: every machine that lies against the comparison, and the honest one, which has to pass."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from conformance.conform import Conformance
from conformance.trust.saboteurs import LIARS, Saboteur
from spec.parameters import Preset, load_preset

PRESET: Final = "minimal"
SEED: Final = 1
CALLS: Final = 3000
"""As many as `diem conform` makes unless it is told otherwise."""

SHRINK_SECONDS: Final = 0.0
"""Where a lie is caught does not depend on how short its program can be made."""

STATUS: Final = "status"
REVERT_DATA: Final = "revert data"
OUTPUT: Final = "return data"
LOGS: Final = "logs"
WORDS: Final = "storage words"
ROOT: Final = "storage root"


class Verdict(NamedTuple):
    """How a machine fared."""

    machine: str
    does: str
    """What it does, in its own words."""
    caught: bool
    calls: int
    """After how many calls it was caught, or how many it answered right."""
    level: str
    """What was compared when it was caught."""
    where: str
    expected: str
    """The specification's answer there."""
    found: str

    @property
    def as_it_has_to_be(self) -> bool:
        """Whether it was caught, or is the honest one and passed."""
        return self.caught != (self.machine == Saboteur.__name__)


def verdicts(progress: Callable[[str], None] = lambda _: None) -> Iterator[Verdict]:
    """Yield how each machine that lies fares, and last the honest one; ``progress`` is told each name before."""
    preset = load_preset(PRESET)
    for machine in (*LIARS, Saboteur):
        progress(machine.__name__)
        yield verdict_on(machine, preset)


def verdict_on(machine: type[Saboteur], preset: Preset) -> Verdict:
    """Return how one machine fares in a run like that of `diem conform`."""
    result = Conformance(preset, machine(preset), SHRINK_SECONDS).run(CALLS, SEED)
    name, does = machine.__name__, (inspect.getdoc(machine) or "").partition("\n")[0]
    if result.failure is None:
        return Verdict(name, does, caught=False, calls=result.tally.calls, level="", where="", expected="", found="")
    difference = result.failure.divergence.difference
    return Verdict(
        name,
        does,
        caught=True,
        calls=result.failure.found_after,
        level=_level(difference.where, difference.left, difference.right),
        where=difference.where,
        expected=difference.left,
        found=difference.right,
    )


def _level(where: str, left: str, right: str) -> str:
    if where == "status":
        both_refused = left.startswith("refused") and right.startswith("refused")
        return REVERT_DATA if both_refused else STATUS
    if where == "output":
        return OUTPUT
    if where.startswith("log "):
        return LOGS
    return ROOT if where.startswith("storage root") else WORDS
