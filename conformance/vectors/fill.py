"""Filling: from requests to a set of vectors, with the answers of the specification."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import chain
from typing import Any, Final

from conformance.vectors import SPECIFICATION, VERSION
from conformance.vectors.answering import answer
from conformance.vectors.candidates import Candidate, component_candidates, facts, program, scenarios
from conformance.vectors.chains import filling
from conformance.vectors.chains.answering import json_of
from conformance.vectors.chains.story import genesis_of as chain_genesis
from conformance.vectors.encoding import INFO, Json, canonical, content_hash
from conformance.vectors.executors import SpecificationExecutor
from conformance.vectors.library import CHAINS, FORMATS, GENESIS, INDEX, Library, genesis_of, root_hash
from conformance.vectors.release import release_candidates
from conformance.vectors.selection import select
from conformance.vectors.state import Names, genesis_json, read_words, spelt_out
from spec.parameters import PRESETS, load_preset

PROGRAMS: Final = {"minimal": (10, 150), "snapshot-2026-09-19": (1, 60)}
"""Preset |-> generated programs of whose calls vectors are chosen, and their length."""
STORIES: Final = {"minimal": (4, 40), "snapshot-2026-09-19": (1, 30)}
"""Preset |-> generated programs of which sequences are chosen, and their length."""
STOP: Final = 10
"""Calls from one checkpoint of a sequence to the next."""
LONGEST: Final = 60_000
"""Bytes that the request of a sequence may have: a call that sets the curve has a third of that in calldata."""


class Filler:
    """Makes vectors; the states at genesis that they start from are made with them."""

    def __init__(self) -> None:
        self.names: Final = Names()
        self._geneses: Final = {name: genesis_json(load_preset(name), self.names) for name in PRESETS}

    def select(self, progress: Callable[[str], None] = lambda _: None) -> dict[str, Json]:
        """Return name |-> vector of a set that is chosen anew from all candidates."""
        chosen = select(self.candidates(), self.spelt_out, progress)
        return dict(sorted(self._vector(one.candidate, list(one.alone)) for one in chosen))

    def refill(self, library: Library) -> dict[str, Json]:
        """Return name |-> vector of the requests of a set, each answered anew.

        Raises
        ------
        ValueError : a vector of the set is not what its index says.
        """
        cases = {**dict(filling.release_cases()), **dict(filling.core_cases())}
        vectors = {}
        for id_, vector in library.vectors():
            # A block commits to what it comes to, so with other answers it has to be another block.
            request = cases[id_].tell().request if id_ in cases else vector["request"]
            vectors[id_] = self.answered(vector["format"], request, vector[INFO])
        return vectors

    def release(self, library: Library, progress: Callable[[str], None] = lambda _: None) -> dict[str, Json]:
        """Return name |-> vector of a set, each answered anew, of all that it was chosen from, and of still more.

        Raises
        ------
        ValueError : as of ``refill``.
        """
        vectors = self.refill(library)
        progress(f"{len(vectors)} of the core set")
        for candidate in chain(self.candidates(), release_candidates(self.names)):
            id_ = _id(candidate)
            if id_ not in vectors:
                vectors[id_] = self._vector(candidate, ())[1]
                if len(vectors) % 500 == 0:
                    progress(f"{len(vectors)} vectors so far")
        return dict(sorted(vectors.items()))

    def candidates(self) -> Iterator[Candidate]:
        """Yield all that can be chosen from."""
        for candidate in self._all_candidates():
            if candidate.format != "sequence" or len(canonical(candidate.request)) <= LONGEST:
                yield candidate

    def _all_candidates(self) -> Iterator[Candidate]:
        yield from component_candidates()
        for preset, (count, length) in PROGRAMS.items():
            for number in range(count):
                made = program(load_preset(preset), f"vectors/{number}", length, self.names)
                yield from made.calls(f"generated on {preset} with seed vectors/{number}")
        for statement, recorder in facts(self.names, set(STORIES)):
            yield from recorder.calls(f"published fact: {statement}")
            stem = f"sequence/fact/{_slug(statement)}"
            yield recorder.sequence(stem, statement, f"published fact on {recorder.preset.name}", ())
        for name, title, recorder in scenarios(self.names):
            stops = range(STOP, len(recorder.made), STOP)
            yield from recorder.calls(f"scenario {name}")
            yield recorder.sequence(f"sequence/scenario/{name}", title, f"scenario {name}", stops)
        for preset, (count, length) in STORIES.items():
            for number in range(count):
                made = program(load_preset(preset), f"stories/{number}", length, self.names)
                generator = f"generated on {preset} with seed stories/{number}"
                description = f"{length} calls on {preset}"
                yield made.sequence(
                    f"sequence/program/{preset}-{number}", description, generator, range(STOP, length, STOP)
                )

        for name, case in filling.core_cases():
            yield filling.candidate(name, case)

    def spelt_out(self, request: Json) -> Json:
        """Return a request with its whole state."""
        if "genesis" in request:
            return {**request, "genesis": self._genesis(request["genesis"])}
        if "state" not in request:
            return request
        return {**request, "state": spelt_out(request["state"], self._geneses)}

    def answered(self, format_: str, request: Json, info: Json) -> Json:
        """Return the vector of a request."""
        known = {**info, "specification": SPECIFICATION}
        given = self._answer(format_, self.spelt_out(request))
        return {"format": format_, "version": FORMATS[format_], "request": request, "answer": given, INFO: known}

    def _answer(self, format_: str, request: Json) -> Json:
        if format_ in filling.FORMATS:
            return filling.expected(format_, request, self.names)
        executor = SpecificationExecutor()
        given = answer(format_, request, executor)
        self.names.learn(executor.world)
        for each in [given, *given.get("checkpoints", ())]:
            if "words" in each:
                each["variables"] = self.names.variables(read_words(each["words"]))
        return given

    def _genesis(self, name: str) -> Json:
        """Return a state that vectors start from; those of chains take their codes from a deployment."""
        if name not in self._geneses:
            self._geneses[name] = json_of(chain_genesis(name.removeprefix(CHAINS)))
        return self._geneses[name]

    def files(self, vectors: Mapping[str, Json]) -> dict[str, bytes]:
        """Return the files of a set, by their paths in it."""
        used = {name for vector in vectors.values() if (name := genesis_of(vector["request"])) is not None}
        geneses = {name: self._genesis(name) for name in sorted(used)}
        files = {f"{GENESIS}/{name}.json": _written(state) for name, state in geneses.items()}
        by_file: dict[str, dict[str, Json]] = {}
        for id_, vector in sorted(vectors.items()):
            by_file.setdefault(file_of(id_), {})[id_] = vector
        files |= {name: _written({"vectors": content}) for name, content in by_file.items()}
        genesis_hashes = {name: content_hash(state) for name, state in geneses.items()}
        hashes = {id_: content_hash(vector) for id_, vector in sorted(vectors.items())}
        index = {
            "version": VERSION,
            "root": root_hash(genesis_hashes, hashes),
            "specification": SPECIFICATION,
            "genesis": genesis_hashes,
            "vectors": {id_: {"file": file_of(id_), "hash": digest} for id_, digest in hashes.items()},
        }
        return {**files, INDEX: _written(index)}

    def _vector(self, candidate: Candidate, alone: Iterable[str]) -> tuple[str, Json]:
        info = {
            "specification": SPECIFICATION,
            "generator": candidate.generator,
            "source": candidate.source,
            "grade": candidate.grade,
            "description": candidate.description,
            "alone": list(alone),
        }
        return _id(candidate), self.answered(candidate.format, candidate.request, info)


def _id(candidate: Candidate) -> str:
    """Return the name of the vector that a candidate becomes."""
    suffix = f"-{sha256(canonical(candidate.request)).hexdigest()[:8]}" if candidate.format == "call" else ""
    return candidate.stem + suffix


def file_of(id_: str) -> str:
    """Return the file that a vector is in: one for each component and contract, one for each sequence."""
    parts = id_.split("/")
    return f"{'/'.join(parts if parts[0] == 'sequence' else parts[:2])}.json"


def _slug(text: str) -> str:
    words = "".join(character if character.isalnum() else " " for character in text.lower()).split()
    return "-".join(words)


def _written(value: Any) -> bytes:
    return f"{json.dumps(value, indent=1, ensure_ascii=True)}\n".encode()
