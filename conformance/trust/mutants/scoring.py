"""Which comparison tells a mutant apart: by status alone, by output too, by logs, by views, by storage."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import IntEnum
from typing import Final, NamedTuple, Protocol

from conformance.deployment import DeploymentError
from conformance.machines.py_evm import Image
from conformance.trust.mutants.suite import Program, Step, Words
from spec.messages import Address, Call, Receipt
from spec.parameters import Preset

GAS: Final = 30_000_000
"""Gas of a mutant's call: more than any honest call takes, and so little that an endless loop ends soon."""


class Level(IntEnum):
    """Kinds of comparison, each of which includes those before it."""

    STATUS = 0
    """Whether a call is accepted."""
    OUTPUT = 1
    """What it returns, or what it is refused with."""
    LOGS = 2
    VIEWS = 3
    """What views answer, those that a program itself asks included."""
    STORAGE = 4
    """Every word of the four contracts, at the end of a program."""


NAMES: Final = tuple(level.name.lower() for level in Level)


class Kill(NamedTuple):
    """What tells a mutant apart."""

    level: Level
    program: str
    step: int
    """The call of the program, from 0; the number of all calls for what is seen after them."""


class Subject(Protocol):
    """A mutant that carries out calls."""

    def start(self, words: Words) -> None:
        """Go to genesis, and from there to the state in which ``words`` are replaced."""

    def call(self, call: Call) -> Receipt:
        """Carry out one call."""

    def words(self, address: Address) -> Mapping[int, int]:
        """Return slot |-> word of a contract; no zeros."""


class Mutant(Protocol):
    """One planted fault."""

    side: str
    """``bytecode``, ``solidity`` or ``specification``."""
    kind: str
    """What sort of change it is."""
    contract: str
    place: str
    """Where the change is, which together with side and contract names the mutant."""

    def describe(self) -> str:
        """Return in a line what was changed into what."""

    def subject(self, preset: str) -> Subject:
        """Return the mutant at the genesis of a preset.

        Raises
        ------
        DeploymentError : it cannot even be deployed to that state.
        """


Reach = Callable[[Program], int | None]
"""Returns the first call of a program that the fault can have an effect on; None if there is none."""


def lowest_kill(mutant: Mutant, programs: Iterable[Program], reach: Reach = lambda _: 0) -> Kill | None:
    """Return what tells the mutant apart by the simplest comparison, in the first program in which that succeeds."""
    subjects: dict[str, Subject] = {}
    best: Kill | None = None
    for program in programs:
        first = reach(program)
        if first is None:
            continue
        try:
            subject = subjects.get(program.preset) or mutant.subject(program.preset)
        except DeploymentError:
            return Kill(Level.STATUS, f"deployment of {program.preset}", 0)
        subjects[program.preset] = subject
        best = _run(subject, program, first, best)
        if best is not None and best.level is Level.STATUS:
            break
    return best


def _run(subject: Subject, program: Program, first: int, best: Kill | None) -> Kill | None:
    """Return the lower of ``best`` and what is seen in one program, which is begun at the call ``first``."""
    subject.start(words_before(program, first))
    steps = program.steps
    for number in range(first, len(steps)):
        step = steps[number]
        if number >= program.calls and best is not None and best.level <= Level.VIEWS:
            return best
        level = compare(step, subject.call(step.call))
        if level is not None and (best is None or level < best.level):
            best = Kill(level, program.name, number)
            if level is Level.STATUS:
                return best
    if best is None and any(subject.words(at) != words for at, words in program.end.items()):
        best = Kill(Level.STORAGE, program.name, len(steps))
    return best


def compare(step: Step, receipt: Receipt) -> Level | None:
    """Return the simplest comparison by which an answer differs from the specification's."""
    ours = step.receipt
    if step.view:
        return Level.VIEWS if (ours.status, ours.output) != (receipt.status, receipt.output) else None
    if ours.status != receipt.status:
        return Level.STATUS
    if ours.output != receipt.output:
        return Level.OUTPUT
    return Level.LOGS if ours.logs != receipt.logs else None


def words_before(program: Program, step: int) -> Words:
    """Return the words that are not as at genesis before a call of a program."""
    words = dict(program.start)
    for made in program.steps[:step]:
        words.update(made.wrote)
    return words


class EvmSubject:
    """Contracts in revm, from a deployed state on."""

    def __init__(self, preset: Preset, image: Image) -> None:
        """Take over the state.

        Raises
        ------
        ImportError : pyrevm is not installed.
        """
        from conformance.machines.pyrevm import PyrevmMachine

        self._machine_of: Final = PyrevmMachine
        self._preset: Final = preset
        self._image: Final = image
        self.start({})

    def start(self, words: Words) -> None:
        """Begin anew, for revm's journal only grows."""
        replaced = {address: dict(slots) for address, slots in self._image.words.items()}
        for (address, slot), word in words.items():
            replaced.setdefault(address, {})[slot] = word
        self._machine = self._machine_of(self._preset, image=Image(self._image.codes, replaced), gas=GAS)

    def call(self, call: Call) -> Receipt:
        """Carry out one call."""
        return self._machine.call(call)

    def words(self, address: Address) -> Mapping[int, int]:
        """Return slot |-> word of a contract; no zeros."""
        return {slot: word for slot, word in self._machine.words(address).items() if word}
