"""A target: contracts of somebody else in some of the roles, and how they are spoken with in our words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from conformance.target.code import Code, read_artifact, read_code
from conformance.target.document import SAME, RoleTable, TargetDocument, TargetError, read_document
from conformance.target.interface import Entry, RoleMap, entries, map_role
from conformance.target.layout import Places, map_storage
from conformance.target.refusals import Refusals
from spec.machine import CONTRACTS
from spec.messages import Address

BY_NAME: Final = {contract.name: contract for contract in CONTRACTS.values()}

INTERNAL_CALLS: Final = {
    ("staking", "vvv"): ("mint", "transfer", "transferFrom"),
    ("staking", "diem"): ("mint", "burn", "totalSupply", "balanceOf"),
    ("credits", "diem"): ("stakedInfos",),
}
"""(contract, contract that it calls) |-> functions, in our contracts."""


@dataclass(frozen=True)
class Role:
    """One contract of the target."""

    name: str
    table: RoleTable
    code: Code
    map: RoleMap
    places: Places | None
    """Where the variables lie; None if that is not known."""

    @property
    def address(self) -> Address:
        """Where the contract is, which is where ours would be."""
        return self.map.contract.address

    @property
    def same_storage(self) -> bool:
        """Whether every variable lies where ours does."""
        return self.table.storage == SAME

    @property
    def by_views(self) -> bool:
        """Whether the state is compared by what the views show."""
        return self.table.storage is None


@dataclass(frozen=True, eq=False)
class Target:
    """A target, read from its file."""

    path: Path
    document: TargetDocument
    roles: Mapping[str, Role]
    proxy: Code | None
    """Of staking, if it is not ours."""
    problems: tuple[str, ...]
    """What does not map, and is not said to be missing."""
    errors: Mapping[bytes, str] = field(init=False)
    """Selector |-> signature of the target's custom errors."""

    def __post_init__(self) -> None:
        found = [entry for role in self.roles.values() for entry in entries(role.code.abi or (), "error")]
        object.__setattr__(self, "errors", {entry.hash[:4]: entry.signature for entry in found})

    @property
    def name(self) -> str:
        """What reports call it."""
        return self.document.name

    def check(self) -> None:
        """See to it that everything maps or is said to be missing.

        Raises
        ------
        TargetError : something does not.
        """
        if self.problems:
            others = len(self.problems) - 1
            more = f" (and {others} more, which diem target check {self.path} lists)" if others else ""
            raise TargetError(f"{self.path}: {self.problems[0]}{more}")

    def refusals(self, contract: str) -> Refusals:
        """Return the reasons of a contract in the target's words: in ours, if the contract is ours."""
        role = self.roles.get(contract)
        return role.map.refusals if role else Refusals(contract, {})

    def function(self, name: str) -> tuple[Address, Entry | None]:
        """Return the address and the target's function that ``contract.function`` names; None if there is none."""
        contract, _, bare = name.partition(".")
        role = self.roles.get(contract)
        if role is None or role.code.abi is None:
            ours = BY_NAME[contract].by_name.get(bare)
            entry = Entry(bare, tuple(one.type for one in ours.parameters)) if ours else None
            return BY_NAME[contract].address, entry
        same = [entry for entry in entries(role.code.abi, "function") if bare in {entry.name, entry.signature}]
        return role.address, same[0] if len(same) == 1 else None


def load_target(path: Path) -> Target:
    """Return the target that a file describes; what does not map is in its ``problems``.

    Raises
    ------
    TargetError : the file, or a file that it names, cannot be read or is not what it is to be.
    """
    document = read_document(path)
    roles = {name: _role(path, name, table) for name, table in document.roles.items()}
    proxy = None
    if document.staking is not None and isinstance(document.staking.proxy, str):
        proxy = read_artifact(path.parent / document.staking.proxy, f"{path}: staking.proxy")
    problems = [problem for role in roles.values() for problem in (*role.map.problems, *_storage_problems(role))]
    problems += [problem for role in roles.values() for problem in _internal_problems(role, roles)]
    return Target(path, document, roles, proxy, tuple(problems))


def _role(path: Path, name: str, table: RoleTable) -> Role:
    code = read_code(path.parent, f"{path}: {name}", table)
    places = map_storage(name, table, code) if isinstance(table.storage, dict) else None
    return Role(name, table, code, map_role(BY_NAME[name], table, code), places)


def _storage_problems(role: Role) -> tuple[str, ...]:
    return role.places.problems if role.places else ()


def _internal_problems(role: Role, roles: Mapping[str, Role]) -> list[str]:
    """What a contract that stays ours asks of one that does not has to be there, under our name."""
    problems = []
    for (caller, asked), names in INTERNAL_CALLS.items():
        if asked != role.name or caller in roles:
            continue
        for name in names:
            entry, ours = role.map.functions[name], role.map.contract.by_name[name]
            if entry is None or entry.signature != ours.signature:
                found = entry.signature if entry else "none"
                problems.append(
                    f"{role.name}.functions.{name}: expected {ours.signature}, which {caller}, being ours, calls; "
                    f"found {found}"
                )
    return problems
