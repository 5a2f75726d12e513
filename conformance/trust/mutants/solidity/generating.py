"""All mutants of the Solidity, compiled; left out are those whose code is the original's, or that of another.

Why there is a generator here: slither-mutate and SuMo run a project's own tests on each mutant, and what is wanted here
is the comparison with recorded answers; Gambit and slither-mutate need a native solc, and the build has solc from npm.
The tree comes from that very solc, so all that is left to say is what is changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from queue import SimpleQueue
from typing import Final, NamedTuple

from conformance.artifact import Artifact, Artifacts, load_artifacts
from conformance.deployment import DeploymentError
from conformance.trust.mutants.scoring import EvmSubject, Reach, Subject
from conformance.trust.mutants.solidity.calling import Selectors, reach
from conformance.trust.mutants.solidity.compiler import CompilationError, Compiler
from conformance.trust.mutants.solidity.deploying import deployed_in_revm
from conformance.trust.mutants.solidity.operators import Edit, edits
from conformance.trust.mutants.solidity.syntax import Json, Source, places
from conformance.trust.mutants.suite import PRESETS
from spec.parameters import load_preset

CONTRACTS: Final = {
    "src/VVV.sol": "VVV",
    "src/DIEM.sol": "DIEM",
    "src/DailyCredits.sol": "DailyCredits",
    "src/StakingStorage.sol": "Staking",
    "src/MintCurve.sol": "Staking",
    "src/Rewards.sol": "Staking",
    "src/Staking.sol": "Staking",
}
"""File |-> the contract that is compiled from it. The libraries' sources are not ours, and not changed."""

ROLES: Final = {"VVV": "vvv", "Staking": "staking", "DIEM": "diem", "DailyCredits": "credits"}
"""Contract |-> its name among the artifacts."""


class Candidate(NamedTuple):
    """A change of a file, which may not compile."""

    file: str
    place: str
    """File, function, the line as it was, and what is changed in it."""
    kind: str
    text: str
    """The file, changed."""
    selectors: frozenset[bytes] | None
    """Those of the functions that can run what is changed; None if any can."""


@dataclass(frozen=True)
class SolidityMutant:
    """One change, compiled."""

    kind: str
    contract: str
    place: str
    artifact: Artifact
    selectors: frozenset[bytes] | None = None
    """Those of the functions that can run what is changed; None if any can."""
    side: str = "solidity"

    def describe(self) -> str:
        """Return in a line what was changed into what."""
        return self.place

    def subject(self, preset: str) -> Subject:
        """Return the mutant at the genesis of a preset, deployed by its own constructor.

        Raises
        ------
        DeploymentError : it cannot be deployed to that state.
        """
        loaded = _preset(preset)
        return EvmSubject(loaded, deployed_in_revm(loaded, self.artifacts()))

    def reach(self) -> Reach:
        """Return which steps can run what is changed; any may tell of it if the state after the deployment does."""
        for preset in map(_preset, PRESETS):
            try:
                words = deployed_in_revm(preset, self.artifacts()).words
            except DeploymentError:
                return lambda _: None
            if words != deployed_in_revm(preset, _originals()).words:
                return lambda _: None
        return reach(self.contract, self.selectors)

    def artifacts(self) -> Artifacts:
        """Return all contracts, one of them being the mutant."""
        return replace(_originals(), **{ROLES[self.contract]: self.artifact})


_originals: Final = cache(load_artifacts)
_preset: Final = cache(load_preset)


class Generated(NamedTuple):
    """What came of the candidates."""

    mutants: tuple[SolidityMutant, ...]
    uncompiled: int
    """Candidates that are no Solidity."""
    same: int
    """Candidates whose code is the original's."""
    twins: int
    """Candidates whose code is that of a mutant before them."""


def candidates(sources: dict[str, Source]) -> Iterator[Candidate]:
    """Yield all changes, file by file in the order of the tree."""
    selectors = Selectors(sources)
    for source in sources.values():
        seen: Counter[str] = Counter()
        for place in places(source, sources):
            function = place.scope.function
            reached_by = None if function is None else selectors.of(function)
            for edit in edits(source, place):
                name = f"{source.file} {place.scope.name}: {source.line(edit.start)} [{edit.label}]"
                seen[name] += 1
                numbered = name if seen[name] == 1 else f"{name} ({seen[name]})"
                yield Candidate(source.file, numbered, edit.kind, _changed(source, edit), reached_by)


def _changed(source: Source, edit: Edit) -> str:
    return (source.content[: edit.start] + edit.replacement.encode() + source.content[edit.end :]).decode()


def generate(
    workers: int = 1,
    wanted: Callable[[Candidate], bool] = lambda _: True,
    progress: Callable[[int, int], None] = lambda _, __: None,
) -> Generated:
    """Compile the candidates that are ``wanted``, on so many ``workers``; ``progress`` is told how many of how many.

    Raises
    ------
    CompilerMissing : Node or the compiler's package is missing.
    """
    with ExitStack() as stack:
        compilers = [stack.enter_context(Compiler()) for _ in range(workers)]
        chosen = [each for each in candidates(compilers[0].sources(tuple(CONTRACTS))) if wanted(each)]
        compiled = _compiled(chosen, compilers, progress)
    original = {artifact.name: artifact for artifact in vars(_originals()).values()}
    found: dict[tuple[str, bytes], SolidityMutant] = {}
    lost: Counter[str] = Counter()
    for candidate, code in zip(chosen, compiled, strict=True):
        contract = CONTRACTS[candidate.file]
        if code is None:
            lost["uncompiled"] += 1
            continue
        artifact = _artifact(original[contract], code)
        key = contract, code_of(artifact)
        if key[1] == code_of(original[contract]):
            lost["same"] += 1
        elif key in found:
            lost["twins"] += 1
        else:
            found[key] = SolidityMutant(candidate.kind, contract, candidate.place, artifact, candidate.selectors)
    return Generated(tuple(found.values()), lost["uncompiled"], lost["same"], lost["twins"])


def _compiled(
    chosen: list[Candidate], compilers: list[Compiler], progress: Callable[[int, int], None]
) -> list[Json | None]:
    """Return the code of each candidate, if it compiles."""
    idle: SimpleQueue[Compiler] = SimpleQueue()
    for compiler in compilers:
        idle.put(compiler)

    def compile_one(candidate: Candidate) -> Json | None:
        compiler = idle.get()
        try:
            return compiler.code(CONTRACTS[candidate.file], candidate.file, candidate.text)
        except CompilationError:
            return None
        finally:
            idle.put(compiler)

    answers: list[Json | None] = []
    with ThreadPoolExecutor(len(compilers)) as pool:
        for answer in pool.map(compile_one, chosen):
            answers.append(answer)
            progress(len(answers), len(chosen))
    return answers


def _artifact(original: Artifact, code: Json) -> Artifact:
    places = [place for group in code["immutableReferences"].values() for place in group]
    return replace(
        original,
        bytecode=bytes.fromhex(code["bytecode"][2:]),
        deployed_bytecode=bytes.fromhex(code["deployedBytecode"][2:]),
        immutable_references=tuple((place["start"], place["length"]) for place in places),
    )


def code_of(artifact: Artifact) -> bytes:
    """Return the code that creates a contract, without the sources' hash at the end of what it deploys.

    solc writes the length of that hash behind it, in two bytes.
    """
    deployed = artifact.deployed_bytecode
    trailer = deployed[-2 - int.from_bytes(deployed[-2:], "big") :]
    return artifact.bytecode.replace(trailer, b"")
