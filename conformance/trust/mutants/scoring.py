"""Which comparison tells a mutant apart: by status alone, by output too, by logs, by views, by storage."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import IntEnum
from typing import Final, NamedTuple, Protocol

from conformance.deployment import DeploymentError
from conformance.machines.py_evm import Image
from conformance.trust.mutants.program import Program, Step, Words
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

    @property
    def side(self) -> str:
        """``bytecode``, ``solidity`` or ``specification``."""

    @property
    def kind(self) -> str:
        """What sort of change it is."""

    @property
    def contract(self) -> str:
        """The contract that is changed."""

    @property
    def place(self) -> str:
        """Where the change is and what it is, which together with side and contract names the mutant."""

    def describe(self) -> str:
        """Return in a line what was changed into what."""

    def subject(self, preset: str) -> Subject:
        """Return the mutant at the genesis of a preset.

        Raises
        ------
        DeploymentError : it cannot even be deployed to that state.
        """


Reach = Callable[[Program], Sequence[int] | None]
"""Returns the steps of a program that run what is faulty, in order; None if that is not known: then it may be any."""


def lowest_kill(mutant: Mutant, programs: Iterable[Program], reach: Reach = lambda _: None) -> Kill | None:
    """Return what tells the mutant apart by the simplest comparison, in the first program in which that succeeds."""
    subjects: dict[str, Subject] = {}
    best: Kill | None = None
    for program in programs:
        steps = reach(program)
        if steps is not None and not steps:
            continue
        try:
            subject = subjects.get(program.preset) or mutant.subject(program.preset)
        except DeploymentError:
            return Kill(Level.STATUS, f"deployment of {program.preset}", 0)
        subjects[program.preset] = subject
        best = _Run(subject, program, steps).lowest(best)
        if best is not None and best.level is Level.STATUS:
            break
    return best


class _Run:
    """A mutant and one program."""

    def __init__(self, subject: Subject, program: Program, reached: Sequence[int] | None) -> None:
        self._subject = subject
        self._program = program
        self._reached = reached
        self._first = 0 if reached is None else reached[0]

    def lowest(self, best: Kill | None) -> Kill | None:
        """Return the lower of ``best`` and of what is seen here; nothing can be seen before the first step reached."""
        program, subject = self._program, self._subject
        subject.start(words_before(program, self._first))
        for number in range(self._first, program.calls):
            best = self._step(number, best)
            if best is not None and best.level is Level.STATUS:
                return best
        if best is not None and best.level <= Level.VIEWS:
            return best
        apart = any(subject.words(at) != words for at, words in program.end.items())
        for number in self._views(apart=apart):
            best = self._step(number, best)
            if best is not None and best.level is Level.VIEWS:
                return best
        return best or (Kill(Level.STORAGE, program.name, len(program.steps)) if apart else None)

    def _views(self, *, apart: bool) -> Iterable[int]:
        """Return the views at the end that may show something: all in another state, else those that run the fault."""
        calls, steps = self._program.calls, len(self._program.steps)
        if self._reached is None or apart:
            return range(calls, steps)
        return (number for number in self._reached if number >= calls)

    def _step(self, number: int, best: Kill | None) -> Kill | None:
        step = self._program.steps[number]
        level = compare(step, self._subject.call(step.call))
        if level is None or (best is not None and best.level <= level):
            return best
        return Kill(level, self._program.name, number)


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
