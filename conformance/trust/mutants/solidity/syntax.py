"""The syntax trees of the contracts' sources, as solc gives them, and what an operator wants to know of a node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Json = dict[str, Any]

CHECKS: Final = ("require",)


@dataclass(frozen=True)
class Source:
    """One file: its bytes, for solc counts bytes, and its tree."""

    file: str
    content: bytes
    tree: Json

    def span(self, node: Json) -> tuple[int, int]:
        """Return where a node stands (bytes)."""
        start, length, _ = map(int, node["src"].split(":"))
        return start, start + length

    def text(self, node: Json) -> str:
        """Return a node as it is written."""
        start, end = self.span(node)
        return self.content[start:end].decode()

    def statement(self, node: Json) -> tuple[int, int]:
        """Return where a statement stands, with its semicolon, which solc leaves out."""
        start, end = self.span(node)
        rest = self.content[end:]
        blank = len(rest) - len(rest.lstrip())
        return (start, end + blank + 1) if rest[blank : blank + 1] == b";" else (start, end)

    def line(self, at: int) -> str:
        """Return the line that holds a byte, without its indentation."""
        start = self.content.rfind(b"\n", 0, at) + 1
        end = self.content.find(b"\n", at)
        return self.content[start : end if end >= 0 else None].decode().strip()


@dataclass(frozen=True)
class Scope:
    """Where a node is: the function, or the variable outside of any, and what has a name there."""

    name: str
    function: int | None
    """The declaration of the function."""
    accounts: tuple[str, ...]
    """The function's parameters that are addresses."""
    siblings: Mapping[int, str]
    """Declaration of a variable |-> name of the next one of the same type in the same contract or struct."""
    constants: frozenset[int]
    """Declarations of constants that are numbers."""


@dataclass(frozen=True)
class Place:
    """A node within a scope."""

    node: Json
    parent: Json
    field: str
    scope: Scope


def places(source: Source, sources: Mapping[str, Source]) -> Iterator[Place]:
    """Yield every node that decides what the contract of ``source`` does, in the order of the tree."""
    siblings: dict[int, str] = {}
    constants: set[int] = set()
    for each in sources.values():
        for owner in _owners(each.tree):
            variables = [node for node in owner.get("members") or owner["nodes"] if _is_variable(node)]
            siblings |= _next_of_same_type([one for one in variables if not one["constant"]])
            constants |= {one["id"] for one in variables if one["constant"] and _type(one) == "uint256"}
    for contract in _contracts(source.tree):
        for member in contract["nodes"]:
            if member["nodeType"] == "FunctionDefinition" or (_is_variable(member) and member.get("value")):
                function = None if _is_variable(member) else member["id"]
                scope = Scope(_name(member), function, _accounts(member), siblings, frozenset(constants))
                yield from _within(member, scope)


def is_check(statement: Json) -> bool:
    """Whether a statement is a ``require``."""
    expression = statement.get("expression") or {}
    return expression.get("nodeType") == "FunctionCall" and expression["expression"].get("name") in CHECKS


def children(node: Json) -> Iterator[tuple[str, Json]]:
    """Yield (field, node) of the nodes right below one; types are left out: they decide about layout and ABI."""
    for field, value in node.items():
        if field not in {"typeName", "parameters", "returnParameters", "typeDescriptions"}:
            together: list[Any] = value if isinstance(value, list) else [value]
            yield from ((field, one) for one in together if isinstance(one, dict) and "nodeType" in one)


def _within(node: Json, scope: Scope) -> Iterator[Place]:
    for field, child in children(node):
        yield Place(child, node, field, scope)
        yield from _within(child, scope)


def _contracts(tree: Json) -> Iterator[Json]:
    yield from (node for node in tree["nodes"] if node["nodeType"] == "ContractDefinition")


def _owners(tree: Json) -> Iterator[Json]:
    for contract in _contracts(tree):
        yield contract
        yield from (node for node in contract["nodes"] if node["nodeType"] == "StructDefinition")


def _next_of_same_type(variables: list[Json]) -> dict[int, str]:
    """Return declaration |-> name of the next variable of the same type, the first one's after the last."""
    found = {}
    for at, variable in enumerate(variables):
        others = [one for one in variables[at + 1 :] + variables[:at] if _type(one) == _type(variable)]
        if others:
            found[variable["id"]] = others[0]["name"]
    return found


def _is_variable(node: Json) -> bool:
    return bool(node["nodeType"] == "VariableDeclaration")


def _type(node: Json) -> str:
    return str(node["typeDescriptions"]["typeString"])


def _name(member: Json) -> str:
    return str(member["name"] or member.get("kind"))


def _accounts(member: Json) -> tuple[str, ...]:
    parameters = member.get("parameters", {}).get("parameters", ())
    return tuple(one["name"] for one in parameters if _type(one) == "address" and one["name"])
