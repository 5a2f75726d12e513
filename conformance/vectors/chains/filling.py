"""The answers that chain and crash vectors are filled with, and all the vectors that there are of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from conformance.vectors.answering import answer
from conformance.vectors.candidates import Candidate
from conformance.vectors.chains.answering import read_genesis
from conformance.vectors.chains.chain_cases import BLOCKS, MOST, Case, chain_cases, traffic_cases
from conformance.vectors.chains.crash_cases import crash_cases
from conformance.vectors.chains.machine import BlockMachine, LedgerMachine
from conformance.vectors.chains.steps import Cut, Step
from conformance.vectors.encoding import Json, octets
from conformance.vectors.executors import SpecificationExecutor
from conformance.vectors.state import Names, read_words
from ledger.blocks import BlockError, decode_block
from ledger.chain import Chain
from ledger.genesis import Genesis
from ledger.store import MemoryStore
from spec.parameters import PRESETS

FORMATS: Final = ("chain", "crash")

LONG: Final = ((24, BLOCKS, MOST), (5, 30, 12))
"""Vectors of random transactions in a release, for each preset; their blocks; the most transactions in a block."""


def core_cases() -> Iterator[tuple[str, Case]]:
    """Yield (name, case) of what the core set is chosen from."""
    yield from chain_cases()
    yield from crash_cases()


def release_cases() -> Iterator[tuple[str, Case]]:
    """Yield (name, case) of what a release has beyond the core set."""
    for preset in sorted(PRESETS):
        for count, blocks, most in LONG:
            yield from traffic_cases(preset, range(count), blocks, most)


def candidate(name: str, case: Case) -> Candidate:
    """Return a case as a candidate, told."""
    format_ = name.partition("/")[0]
    request = case.tell().request
    return Candidate(name, format_, format_, request, case.description, case.source, "E", case.generator)


class Foretold(LedgerMachine):
    """A ledger that nothing happens to: it goes on from where it has to be after a crash."""

    def __init__(self, genesis: Genesis, *, finished: bool) -> None:
        super().__init__(genesis, on_disk=False)
        self._finished = finished

    def crash(self, step: Step) -> None:
        """Have what was being written as a whole, or not at all."""
        if step.cut is Cut.AFTER or (step.cut is Cut.WITHIN and self._finished):
            self.carry_out(step)


class Foreteller(SpecificationExecutor):
    """Says how it has to be after each crash."""

    def __init__(self, *, finished: bool) -> None:
        super().__init__()
        self._finished = finished

    def open_chain(self, genesis: Genesis, *, on_disk: bool) -> BlockMachine:  # noqa: ARG002 -- there is no disk
        """Start a ledger that nothing happens to, whatever is asked for."""
        return Foretold(genesis, finished=self._finished)


def expected(format_: str, request: Json, names: Names) -> Json:
    """Return the answer to a request, its genesis spelt out.

    Raises
    ------
    ValueError : whether a step that was cut off was finished is seen in a later one, so there is not one answer.
    """
    without = with_it = answer(format_, request, Foreteller(finished=False))
    if any(step.get("cut") == Cut.WITHIN for step in request["steps"]):
        with_it = answer(format_, request, Foreteller(finished=True))
    steps = [_either(*steps) for steps in zip(without["steps"], with_it["steps"], strict=True)]
    if {**without, "steps": ()} != {**with_it, "steps": ()}:
        raise ValueError("expected one end, whether or not the steps that were cut off were finished")
    _learn(request, without, names)
    return {**without, "steps": steps, "variables": names.variables(read_words(without["words"]))}


def _either(without: Json, with_it: Json) -> Json:
    if "status" not in without:
        return {"one_of": [without] if without == with_it else [without, with_it]}
    if without != with_it:
        raise ValueError("expected one answer, whether or not the step before it was finished")
    return without


def _learn(request: Json, given: Json, names: Names) -> None:
    """Learn the names of all variables that the chain in the end has led to."""
    chain = Chain(MemoryStore(), read_genesis(request["genesis"]))
    blocks = {}
    for step in request["steps"]:
        if "block" in step:
            try:
                block = decode_block(octets(step["block"]))
            except BlockError:
                continue
            blocks[block.header.hash] = block
    for block_hash in given["chain"][1:]:
        chain.extend(blocks[octets(block_hash)])
    names.learn(chain.execution(chain.head).world)
