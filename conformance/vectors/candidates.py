"""Requests to choose vectors from: by hand, and from generated programs, scenarios and published facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from conformance.facts import FACTS, behaviour
from conformance.machines.specification import SpecificationMachine
from conformance.programs.as_scenario import describe
from conformance.programs.choices import SeededSource
from conformance.programs.generator import Generator
from conformance.scenario import read_scenario
from conformance.scenario.document import bundled
from conformance.session import Refused, Session
from conformance.vectors.component_cases import CASES
from conformance.vectors.components import COMPONENTS
from conformance.vectors.encoding import Json, plain
from conformance.vectors.receipts import call_json
from conformance.vectors.state import Names, state_of, words_json
from spec.errors import reason_of
from spec.machine import CONTRACTS
from spec.messages import Address, Call, Receipt
from spec.parameters import Preset, load_preset

BY_HAND: Final = "by hand"
"""The generator of a request that was not generated."""


class Candidate(NamedTuple):
    """A request that could become a vector."""

    stem: str
    """How its name begins."""
    group: str
    """A vector has to add something to the others of its group."""
    format: str
    request: Json
    """As it stands in a vector: its state a reference."""
    description: str
    source: str
    grade: str
    generator: str


class Recorder:
    """The specification from the genesis of a preset on, of which every call is noted with the state before it."""

    name = "specification"

    def __init__(self, preset: Preset, names: Names) -> None:
        self.preset: Final = preset
        self.names: Final = names
        self._machine: Final = SpecificationMachine(preset)
        self.world: Final = self._machine.world
        self._genesis: Final = state_of(self.world).words
        self._touched: set[tuple[Address, int]] = set()
        self.went_back = False
        """Whether what was made is more than one story."""
        self.made: list[tuple[Mapping[tuple[Address, int], int], Call, Receipt]] = []

    def call(self, call: Call) -> Receipt:
        """Carry out one call, and note it."""
        now = {at: self.word(*at) for at in self._touched}
        before = {at: word for at, word in now.items() if word != self._genesis.get(at, 0)}
        receipt = self._machine.call(call)
        self._touched |= self._machine.written().keys()
        self.made.append((before, call, receipt))
        return receipt

    def written(self) -> Mapping[tuple[Address, int], int]:
        """Return the words that the last call wrote."""
        return self._machine.written()

    def word(self, address: Address, slot: int) -> int:
        """Return a storage word."""
        return int(self._machine.word(address, slot))

    def storage_root(self, address: Address) -> bytes:
        """Return the root of a contract's storage trie."""
        return self._machine.storage_root(address)

    def snapshot(self) -> int:
        """Return a mark to go back to."""
        return self._machine.snapshot()

    def revert(self, snapshot: int) -> None:
        """Go back."""
        self.went_back = True
        self._machine.revert(snapshot)

    def calls(self, generator: str) -> Iterator[Candidate]:
        """Yield each call that was made as a candidate."""
        self.names.learn(self.world)
        for before, call, receipt in self.made:
            yield call_candidate(self, before, call, receipt, generator)

    def sequence(self, stem: str, description: str, generator: str, stops: Sequence[int]) -> Candidate:
        """Return all that was made as one candidate."""
        self.names.learn(self.world)
        calls = [call_json(call) for _, call, _ in self.made]
        checkpoints = [str(stop) for stop in sorted({*stops, len(calls)}) if stop <= len(calls)]
        request = {"state": self.reference({}), "calls": calls, "checkpoints": checkpoints}
        return Candidate(stem, "sequence", "sequence", request, description, "PROTOCOL 2 to 6", "E", generator)

    def reference(self, before: Mapping[tuple[Address, int], int]) -> Json:
        """Return a state by the words that are not as they were at genesis."""
        variables = self.names.variables(before)
        return {"genesis": self.preset.name, "words": words_json(before), "variables": variables}


def call_candidate(
    recorder: Recorder, before: Mapping[tuple[Address, int], int], call: Call, receipt: Receipt, generator: str
) -> Candidate:
    """Return a call as a candidate."""
    contract = CONTRACTS[call.to]
    function = contract.by_selector.get(call.data[:4])
    source, grade = _source((function._body.__doc__ or "") if function else "", contract.name)
    outcome = "accepted" if receipt.status else reason_of(receipt.output)
    stem = f"call/{contract.name}/{function.name if function else 'unknown'}/{_slug(outcome)}"
    request = {"state": recorder.reference(before), "call": call_json(call)}
    return Candidate(stem, "call", "call", request, describe(call)[:200], source, grade, generator)


SOURCES: Final = {
    "vvv": ("PROTOCOL 2", "A"),
    "staking": ("PROTOCOL 3", "C"),
    "diem": ("PROTOCOL 4", "A"),
    "credits": ("PROTOCOL 6", "E"),
}
"""Contract |-> section and grade, of functions that name none of their own."""


def _source(documentation: str, contract: str) -> tuple[str, str]:
    """Return section and grade from a function's documentation: the worst grade that it names."""
    _, found, text = documentation.partition("Source : ")
    if not found or "grade" not in text:
        return SOURCES[contract]
    text = " ".join(text.split()).rstrip(".")
    grades = [part[0] for part in text.split("grade ")[1:]]
    return text, max(grades)


def _slug(text: str) -> str:
    return "".join(character if character.isalnum() or character in "_-" else "-" for character in text).strip("-")


def component_candidates() -> Iterator[Candidate]:
    """Yield the components' cases, which are written by hand."""
    for name, cases in CASES.items():
        component = COMPONENTS[name]
        for case, given in cases.items():
            request = {"component": name, "input": {key: plain(value) for key, value in given.items()}}
            stem, described = f"component/{name}/{case}", case.replace("-", " ")
            yield Candidate(
                stem, f"component/{name}", "component", request, described, component.source, component.grade, BY_HAND
            )


def program(preset: Preset, seed: str, length: int, names: Names) -> Recorder:
    """Return a program of generated calls, made."""
    recorder = Recorder(preset, names)
    generator = Generator(recorder.world, preset, SeededSource(seed))
    for _ in range(length):
        recorder.call(generator.next_call())
    return recorder


def scenarios(names: Names) -> Iterator[tuple[str, str, Recorder]]:
    """Yield (name, title, recorder) of the bundled scenarios, made."""
    for name in sorted(bundled()):
        story = read_scenario(name)
        recorder = Recorder(story.preset, names)
        for step in story.steps:
            if step.invocation is not None:
                recorder.call(step.invocation.call)
        yield name, story.title, recorder


def facts(names: Names, presets: set[str]) -> Iterator[tuple[str, Recorder]]:
    """Yield (statement, recorder) of the published facts that take one story to see, made, on some presets."""
    for fact in FACTS:
        if fact.preset not in presets or fact.observe.__module__ != behaviour.__name__:
            continue
        preset = load_preset(fact.preset)
        recorder = Recorder(preset, names)
        try:
            fact.observe(Session(recorder, preset))
        except Refused:
            continue
        if recorder.made and not recorder.went_back:
            yield fact.statement, recorder
