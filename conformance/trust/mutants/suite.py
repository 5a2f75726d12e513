"""The suite that mutants have to get past: programs from four sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from conformance.facts import FACTS, UNREADABLE
from conformance.programs.choices import SeededSource
from conformance.programs.generator import Generator
from conformance.session import Refused, Session
from conformance.trust.mutants.directed import directed
from conformance.trust.mutants.program import Program, Tape, recorded
from conformance.vectors.library import CORE, open_library
from conformance.vectors.receipts import read_call
from conformance.vectors.state import read_words
from spec.parameters import load_preset

PRESETS: Final = ("minimal", "launch", "snapshot-2026-09-19")

RANDOM_PROGRAMS: Final = {"minimal": 4, "launch": 2, "snapshot-2026-09-19": 2}
"""Preset |-> how many programs are made up from it, from fixed seeds."""
RANDOM_CALLS: Final = 200
"""In each of them."""


def vectors() -> Iterator[Program]:
    """Yield the calls and the sequences of the core vectors."""
    library = open_library(CORE)
    for id_, vector in library.vectors():
        request = vector["request"]
        if vector["format"] in {"call", "sequence"} and request["state"]["genesis"] in PRESETS:
            calls = [read_call(call) for call in request.get("calls", [request.get("call")])]
            start = read_words(request["state"]["words"])
            yield from recorded(request["state"]["genesis"], id_, calls, start)


def facts() -> Iterator[Program]:
    """Yield what it takes to look at the published facts."""
    for fact in FACTS:
        preset = load_preset(fact.preset)
        tape = Tape(preset, f"fact: {fact.statement}")
        try:
            fact.observe(Session(tape, preset))
        except (Refused, *UNREADABLE):
            continue
        yield from tape.programs()


def random_programs(length: int = RANDOM_CALLS) -> Iterator[Program]:
    """Yield programs of made-up calls."""
    for preset, count in RANDOM_PROGRAMS.items():
        for number in range(count):
            genesis = load_preset(preset)
            tape = Tape(genesis, f"random {preset}/{number}")
            generator = Generator(tape.machine.world, genesis, SeededSource(f"mutants/{preset}/{number}"))
            for _ in range(length):
                tape.call(generator.next_call())
            yield from tape.programs()


SOURCES: Final[Mapping[str, Callable[[], Iterable[Program]]]] = {
    "vectors": vectors,
    "facts": facts,
    "directed": directed,
    "random": random_programs,
}
"""Where programs come from."""


def suite() -> tuple[Program, ...]:
    """Return all programs, the shortest first, for these find most faults soonest."""
    programs = [program for source in SOURCES.values() for program in source()]
    return tuple(sorted(programs, key=lambda program: len(program.steps)))
