"""What is changed in a contract's source: each operator looks at one node and says what could stand there instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from conformance.trust.mutants.solidity.syntax import Json, Place, Source, is_check


class Edit(NamedTuple):
    """One change of a file."""

    kind: str
    label: str
    """What was changed into what."""
    start: int
    end: int
    """Which bytes are replaced."""
    replacement: str


Operator = Callable[[Source, Place], Iterator[Edit]]

_COMPARISONS: Final = {
    ">": (">=", "<="), ">=": (">", "<"), "<": ("<=", ">="), "<=": ("<", ">"), "==": ("!=",), "!=": ("==",),
}  # fmt: skip
"""Comparison |-> the one with the other boundary, and the opposite one."""
_ARITHMETIC: Final = {"+": "-", "-": "+", "*": "/", "/": "*", "%": "/"}
_ASSIGNMENTS: Final = {"+=": ("-=", "="), "-=": ("+=", "=")}
_CONNECTIVES: Final = {"&&": "||", "||": "&&"}


def edits(source: Source, place: Place) -> Iterator[Edit]:
    """Yield everything that could stand in place of a node."""
    for operator in _OPERATORS:
        yield from operator(source, place)


def _replaced(source: Source, node: Json, kind: str, text: str, label: str | None = None) -> Edit:
    start, end = source.span(node)
    return Edit(kind, label or f"{source.text(node)} to {text}", start, end, text)


def _operator(source: Source, place: Place) -> Iterator[Edit]:
    node = place.node
    if node["nodeType"] != "BinaryOperation":
        return
    left, right = source.text(node["leftExpression"]), source.text(node["rightExpression"])
    was = node["operator"]

    def other(kind: str, operator: str) -> Edit:
        return _replaced(source, node, kind, f"({left} {operator} {right})", f"{was} to {operator}")

    yield from (other("comparison", operator) for operator in _COMPARISONS.get(was, ()))
    if was in _ARITHMETIC:
        yield other("arithmetic", _ARITHMETIC[was])
    if was in _CONNECTIVES:
        yield other("connective", _CONNECTIVES[was])
    if was in {"-", "/"}:
        yield _replaced(source, node, "operands", f"({right} {was} {left})", f"operands of {was} swapped")
    if was == "/":
        up = f"({left} / {right} + ({left} % {right} == 0 ? 0 : 1))"
        yield _replaced(source, node, "rounding", up, "rounded up")


def _rounded_down(source: Source, place: Place) -> Iterator[Edit]:
    node = place.node
    if node["nodeType"] == "FunctionCall" and node["expression"].get("name") == "_ceilDiv":
        numerator, denominator = map(source.text, node["arguments"])
        yield _replaced(source, node, "rounding", f"(({numerator}) / ({denominator}))", "rounded down")


def _assignment(source: Source, place: Place) -> Iterator[Edit]:
    node = place.node
    if node["nodeType"] == "Assignment":
        left, right = source.text(node["leftHandSide"]), source.text(node["rightHandSide"])
        for other in _ASSIGNMENTS.get(node["operator"], ()):
            label = f"{node['operator']} to {other}"
            yield _replaced(source, node, "arithmetic", f"{left} {other} {right}", label)


def _number(source: Source, place: Place) -> Iterator[Edit]:
    node = place.node
    literal = node["nodeType"] == "Literal" and node["kind"] == "number"
    constant = node["nodeType"] == "Identifier" and node["referencedDeclaration"] in place.scope.constants
    time = node["nodeType"] == "MemberAccess" and source.text(node) == "block.timestamp"
    if literal or constant or time:
        text = source.text(node)
        yield _replaced(source, node, "constant", f"({text} + 1)", f"{text} to {text} + 1")
        if text != "0":
            yield _replaced(source, node, "constant", f"({text} - 1)", f"{text} to {text} - 1")


def _text(source: Source, place: Place) -> Iterator[Edit]:
    if place.node["nodeType"] == "Literal" and place.node["kind"] == "string":
        text = source.text(place.node)
        yield _replaced(source, place.node, "text", f'{text[:-1]}_"', f"{text} to another text")


def _condition(source: Source, place: Place) -> Iterator[Edit]:
    """Negate a condition, or let it always or never hold; a ``require`` that always holds is one that is left out."""
    node, parent = place.node, place.parent
    chosen = place.field == "condition" and parent["nodeType"] in {"IfStatement", "Conditional"}
    required = place.field == "arguments" and parent.get("expression", {}).get("name") == "require"
    if chosen or (required and node is parent["arguments"][0]):
        yield _replaced(source, node, "condition", f"!({source.text(node)})", "negated")
    if chosen:
        yield _replaced(source, node, "condition", "true", "always")
        yield _replaced(source, node, "condition", "false", "never")


def _left_out(source: Source, place: Place) -> Iterator[Edit]:
    node = place.node
    if node["nodeType"] in {"ExpressionStatement", "EmitStatement", "Continue", "Return", "RevertStatement"}:
        kind = "check" if is_check(node) else "statement"
        start, end = source.statement(node)
        yield Edit(kind, "left out", start, end, "{}")
    if node["nodeType"] == "ModifierInvocation" and node.get("kind") == "modifierInvocation":
        yield _replaced(source, node, "check", "", f"{source.text(node)} left out")


def _order(source: Source, place: Place) -> Iterator[Edit]:
    """Swap a statement with the next one."""
    if place.node["nodeType"] != "Block":
        return
    for first, second in pairwise(place.node["statements"]):
        (start, middle), (second_start, end) = source.statement(first), source.statement(second)
        between = source.content[middle:second_start].decode()
        texts = source.content[second_start:end].decode(), source.content[start:middle].decode()
        kind = "order of checks" if is_check(first) and is_check(second) else "order of statements"
        yield Edit(kind, "after the next statement", start, end, between.join(texts))


def _account(source: Source, place: Place) -> Iterator[Edit]:
    """Put the caller in place of an account that is a parameter, and the other way round."""
    node, accounts = place.node, place.scope.accounts
    text = source.text(node)
    if node["nodeType"] == "MemberAccess" and text == "msg.sender":
        for other in accounts or ("address(this)",):
            yield _replaced(source, node, "account", other)
    if node["nodeType"] == "Identifier" and text in accounts:
        yield _replaced(source, node, "account", "msg.sender")
    if node["nodeType"] == "FunctionCall" and text == "address(this)":
        yield _replaced(source, node, "account", "msg.sender")


def _variable(source: Source, place: Place) -> Iterator[Edit]:
    """Put the next variable of the same type, in the same struct or contract, in place of one."""
    node = place.node
    other = place.scope.siblings.get(node.get("referencedDeclaration", -1))
    if other is None:
        return
    if node["nodeType"] == "Identifier":
        yield _replaced(source, node, "variable", other)
    if node["nodeType"] == "MemberAccess":
        yield _replaced(source, node, "variable", f"{source.text(node['expression'])}.{other}")


def _arguments(source: Source, place: Place) -> Iterator[Edit]:
    """Swap two neighbouring arguments of the same type."""
    node = place.node
    if node["nodeType"] != "FunctionCall" or node["kind"] != "functionCall":
        return
    for first, second in pairwise(node["arguments"]):
        types = {one["typeDescriptions"]["typeString"] for one in (first, second)}
        texts = source.text(second), source.text(first)
        if len(types) == 1 and texts[0] != texts[1]:
            start, end = source.span(first)[0], source.span(second)[1]
            yield Edit("arguments", f"{texts[1]} and {texts[0]} swapped", start, end, ", ".join(texts))


def _location(source: Source, place: Place) -> Iterator[Edit]:
    node = place.node
    if node["nodeType"] == "VariableDeclaration" and node["storageLocation"] == "storage":
        text = source.text(node).replace(" storage ", " memory ")
        yield _replaced(source, node, "location", text, "a copy in memory")


_OPERATORS: Final[tuple[Operator, ...]] = (
    *(_operator, _rounded_down, _assignment, _number, _text, _condition, _left_out, _order),
    *(_account, _variable, _arguments, _location),
)
