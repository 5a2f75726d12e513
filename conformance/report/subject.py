"""The contracts that a run was about, by role, with their hashes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal

from eth_hash.auto import keccak

from conformance.artifact import Artifact, Artifacts, load_artifacts
from conformance.report.document import Role, Subject
from conformance.target.code import Code
from conformance.target.layout import Place
from conformance.target.refusals import ANY
from conformance.target.target import Role as TargetRole
from conformance.target.target import Target

PROXY: Final = "proxy"


def subject_of(machine: str, evm: str, artifacts: Artifacts, target: Target | None) -> Subject:
    """Return what is compared: ``artifacts``, and ``target`` in place of some of them, carried out by ``evm``."""
    roles = tuple(_roles(artifacts, target))
    return Subject(
        machine=machine,
        evm=evm,
        name=target.name if target else _name(roles),
        description=target.document.description if target else "",
        refusals=refusals_alike(target),
        roles=roles,
        given_up=tuple(given_up(target)) if target is not None else (),
    )


def given_up(target: Target) -> Iterator[str]:
    """Yield in sentences what the target's file leaves uncompared, whatever the run comes to."""
    for name, role in target.roles.items():
        missing, own = ([place.path for place in places] for places in _uncompared(role))
        if missing:
            yield f"Variables that {name} does not have, for which the specification's stood in: {', '.join(missing)}."
        if own:
            yield f"Variables of {name}'s own: {', '.join(own)}."
        functions = [entry.signature for entry in role.map.own_functions.values()]
        if functions:
            yield f"Functions of {name}'s own, which were not called: {', '.join(functions)}."
        reasons = [reason for reason, refusal in role.map.refusals.by_reason.items() if refusal.text == ANY]
        if reasons:
            yield f"Why {name} refuses a call, where any refusal is taken for the right one: {', '.join(reasons)}."


def _uncompared(role: TargetRole) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
    """Return the variables of ours that are missing, and those of the target's own."""
    return (role.places.missing, role.places.own) if role.places is not None else ((), ())


def refusals_alike(target: Target | None) -> Literal["with the same revert data", "for the same reason"]:
    """Return what of refusals is the same where they are alike."""
    in_own_words = target is not None and any(role.map.refusals.by_reason for role in target.roles.values())
    return "for the same reason" if in_own_words else "with the same revert data"


def _name(roles: Sequence[Role]) -> str:
    brought = [role.name for role in roles if role.whose == "artifacts"]
    return f"other artifacts for {', '.join(brought)}" if brought else "the contracts of this project"


def _roles(artifacts: Artifacts, target: Target | None) -> Iterator[Role]:
    ours, theirs = vars(load_artifacts()), target.roles if target else {}
    for name, artifact in vars(artifacts).items():
        if name in theirs:
            yield _of_target(theirs[name])
        elif name == PROXY and target is not None and target.proxy is not None:
            yield _of_code(name, target.proxy, "words and roots")
        elif name != PROXY or _has_proxy(target):
            yield _of_artifact(name, artifact, ours)


def _has_proxy(target: Target | None) -> bool:
    table = target.document.staking if target else None
    return table is None or table.proxy is not False


def _of_artifact(name: str, artifact: Artifact, ours: Mapping[str, Artifact]) -> Role:
    return Role(
        name=name,
        whose="ours" if artifact.bytecode == ours[name].bytecode else "artifacts",
        code=artifact.name,
        compiler=artifact.compiler,
        creation_keccak=_hash(artifact.bytecode),
        runtime_keccak=_hash(artifact.deployed_bytecode),
        compared_by="words and roots",
    )


def _of_target(role: TargetRole) -> Role:
    how = "words and roots" if role.same_storage else "views" if role.by_views else "words by variable"
    return _of_code(role.name, role.code, how)


def _of_code(name: str, code: Code, how: str) -> Role:
    return Role.model_validate(
        {
            "name": name,
            "whose": "target",
            "code": code.name,
            "compiler": code.compiler,
            "creation_keccak": _hash(code.creation),
            "runtime_keccak": _hash(code.runtime),
            "compared_by": how,
        }
    )


def _hash(code: bytes | None) -> str | None:
    return None if code is None else f"0x{keccak(code).hex()}"
