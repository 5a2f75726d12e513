"""What a release has beyond the core set: more of everything that is generated, chosen by nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from conformance.vectors.candidates import Candidate, program
from conformance.vectors.chains import filling
from conformance.vectors.encoding import canonical
from conformance.vectors.state import Names
from spec.parameters import load_preset

PROGRAMS: Final = {"minimal": (4, 150), "launch": (3, 120), "snapshot-2026-09-19": (2, 100)}
"""Preset |-> generated programs of which every call is a vector, and their length."""
STORIES: Final = {"minimal": (24, 120), "launch": (8, 100), "snapshot-2026-09-19": (4, 80)}
"""Preset |-> generated programs of which each is a sequence, and their length."""
STOP: Final = 20
"""Calls from one checkpoint of such a sequence to the next."""
LONGEST: Final = 250_000
"""Bytes that the request of such a sequence may have."""


def release_candidates(names: Names) -> Iterator[Candidate]:
    """Yield them, each of which becomes a vector."""
    for preset, (count, length) in PROGRAMS.items():
        for number in range(count):
            made = program(load_preset(preset), f"release/{number}", length, names)
            yield from made.calls(f"generated on {preset} with seed release/{number}")
    for preset, (count, length) in STORIES.items():
        for number in range(count):
            seed = f"release/stories/{number}"
            made = program(load_preset(preset), seed, length, names)
            stem = f"sequence/program/{preset}-{length}-calls-{number}"
            generator = f"generated on {preset} with seed {seed}"
            story = made.sequence(stem, f"{length} calls on {preset}", generator, range(STOP, length, STOP))
            if len(canonical(story.request)) <= LONGEST:
                yield story
    for name, case in filling.release_cases():
        yield filling.candidate(name, case)
