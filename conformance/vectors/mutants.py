"""Mutants of the specification: each changed in one place, to see which vectors tell it from the original."""

from __future__ import annotations

import ast
import importlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FunctionType
from typing import Final, NamedTuple

from spec.machine import CONTRACTS
from spec.uint256 import ceil_div, floor_div

MODULES: Final = (
    *("spec.erc20", "spec.ownable", "spec.access_control"),
    *("spec.vvv.token", "spec.vvv.permit", "spec.diem.token", "spec.diem.stakes", "spec.daily_credits.credit"),
    *("spec.staking.rewards", "spec.staking.stakes", "spec.staking.mint_curve", "spec.staking.locks"),
    *("spec.staking.owner", "spec.staking.proxy", "spec.staking.views", "spec.curve_table", "spec.timeline"),
)
"""Where the rules of the protocol stand."""

_COMPARISONS: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
}  # fmt: skip
_OPERATORS: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
}
_CONNECTIVES: Final[dict[type[ast.boolop], type[ast.boolop]]] = {ast.And: ast.Or, ast.Or: ast.And}
_ROUNDINGS: Final = {"floor_div": "ceil_div", "ceil_div": "floor_div"}

ROUNDINGS: Final = {"floor_div": floor_div, "ceil_div": ceil_div}
"""What a mutant may call though its module has not imported it."""

SET_UP: Final = ("__init__", "_declare")
"""Functions that run before any call."""


class Mutant(NamedTuple):
    """The specification, changed in one place."""

    name: str
    """Where, and what was changed: the line as it was, and how it is changed."""
    function: str
    """As ``conformance.vectors.reach`` names it."""
    kind: str
    """What sort of change it is."""
    targets: tuple[FunctionType, ...]
    """The functions whose code is changed."""
    code: CodeType

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Let the specification be this mutant."""
        before = [(target, target.__code__, dict(target.__globals__)) for target in self.targets]
        try:
            for target in self.targets:
                target.__globals__.update(ROUNDINGS)
                target.__code__ = self.code
            yield
        finally:
            for target, code, names in before:
                target.__code__ = code
                for name in ROUNDINGS.keys() - names.keys():
                    target.__globals__.pop(name, None)


class _Place(NamedTuple):
    """A function in a source file, and the statement at the top of the file that holds it."""

    function: ast.FunctionDef
    top: ast.stmt
    qualified: str


class Change(NamedTuple):
    """One change of a tree."""

    kind: str
    label: str
    """What is changed, and how."""
    make: Callable[[], None]
    undo: Callable[[], None]


Changes = Callable[[ast.AST, ast.FunctionDef, Mapping[str, object]], Iterator[Change]]
"""Yields what can be changed at a node of a function, given the names of its module."""


def mutants(modules: Sequence[str] = MODULES, changes: Changes | None = None) -> Iterator[Mutant]:
    """Yield all mutants of some modules, in the order of their lines; ``changes`` are those below unless given."""
    functions = _functions(modules)
    for name in modules:
        path = Path(str(importlib.import_module(name).__file__))
        text = path.read_text(encoding="utf-8")
        where = path.relative_to(path.parents[len(name.split(".")) - 1]).as_posix()
        seen: Counter[str] = Counter()
        for place in _places(ast.parse(text)):
            targets = functions.get((str(path), place.qualified))
            if targets is None:
                continue
            shown = f"{where} {place.qualified.replace('_declare.<locals>.', '')}"
            for change, line, code in _mutated(place, str(path), targets[0].__globals__, changes or basic_changes):
                if code.co_freevars == targets[0].__code__.co_freevars:
                    full = f"{shown}: {text.splitlines()[line - 1].strip()} [{change.label}]"
                    seen[full] += 1
                    numbered = full if seen[full] == 1 else f"{full} ({seen[full]})"
                    yield Mutant(numbered, shown, change.kind, targets, code)


def _functions(modules: Sequence[str]) -> dict[tuple[str, str], tuple[FunctionType, ...]]:
    """Return (file, qualified name) |-> the functions with this code: two tokens share that of ERC-20."""
    found: dict[tuple[str, str], dict[int, FunctionType]] = {}

    def add(value: object) -> None:
        if isinstance(value, FunctionType):
            found.setdefault((value.__code__.co_filename, value.__code__.co_qualname), {})[id(value)] = value

    for name in modules:
        module = importlib.import_module(name)
        for value in vars(module).values():
            add(value)
            if isinstance(value, type) and value.__module__ == name:
                for method in vars(value).values():
                    add(method)
    for contract in CONTRACTS.values():
        for function in contract.by_name.values():
            add(function._body)
    return {key: tuple(values.values()) for key, values in found.items()}


def _places(tree: ast.Module) -> Iterator[_Place]:
    """Yield the functions of a file that run in a call, each with its qualified name."""

    def within(node: ast.AST, top: ast.stmt, prefix: str) -> Iterator[_Place]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef) and child.name not in SET_UP:
                yield _Place(child, top, prefix + child.name)
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                inner = "." if isinstance(child, ast.ClassDef) else ".<locals>."
                yield from within(child, top, f"{prefix}{child.name}{inner}")

    for statement in tree.body:
        yield from within(ast.Module([statement], []), statement, "")


def _mutated(
    place: _Place, path: str, names: Mapping[str, object], changes: Changes
) -> Iterator[tuple[Change, int, CodeType]]:
    """Yield (what is changed, in which line, the function's code with this one change); the tree is as before after."""
    others = _of_others(place.function)
    for node in [node for node in ast.walk(place.function) if id(node) not in others]:
        for change in changes(node, place.function, names):
            change.make()
            try:
                yield change, getattr(node, "lineno", 0), _code(place, path)
            finally:
                change.undo()


def _of_others(function: ast.FunctionDef) -> set[int]:
    """Return the nodes within a function that are not its own: those of functions within it, and of its decorators."""
    inner = [each for each in ast.walk(function) if isinstance(each, ast.FunctionDef) and each is not function]
    return {id(part) for each in (*inner, *function.decorator_list) for part in ast.walk(each)}


def _code(place: _Place, path: str) -> CodeType:
    future = ast.parse("from __future__ import annotations").body
    compiled = compile(ast.Module([*future, place.top], []), path, "exec")
    return next(code for code in _codes(compiled) if code.co_qualname == place.qualified)


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def basic_changes(node: ast.AST, function: ast.FunctionDef, names: Mapping[str, object]) -> Iterator[Change]:
    """Yield the changes by which vectors are chosen."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARISONS:
        yield compared(node, _COMPARISONS[type(node.ops[0])])
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in _OPERATORS:
        opposite = _OPERATORS[type(node.op)]
        yield field_set("arithmetic", f"{type(node.op).__name__} to {opposite.__name__}", node, "op", opposite())
    if isinstance(node, ast.BoolOp):
        connective = _CONNECTIVES[type(node.op)]
        yield field_set("connective", f"{type(node.op).__name__} to {connective.__name__}", node, "op", connective())
    if isinstance(node, ast.If | ast.IfExp):
        negated = ast.copy_location(ast.UnaryOp(ast.Not(), node.test), node.test)
        yield field_set("condition", "negated", node, "test", negated)
    yield from _other_account(node, function)
    if isinstance(node, ast.Constant) and type(node.value) is int:
        yield field_set("constant", f"{node.value} to {node.value + 1}", node, "value", node.value + 1)
    if isinstance(node, ast.Name) and node.id in _ROUNDINGS:
        yield field_set("rounding", f"{node.id} to {_ROUNDINGS[node.id]}", node, "id", _ROUNDINGS[node.id])
    stored = isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute | ast.Subscript)
    called = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    if isinstance(node, ast.stmt) and (stored or called or isinstance(node, ast.AugAssign)):
        yield left_out(node, function)
    if isinstance(node, ast.Name) and node.id.isupper() and isinstance(names.get(node.id), int):
        yield from replaced("constant", f"{node.id} to {node.id} + 1", node, f"{node.id} + 1", function)


def compared(node: ast.Compare, other: type[ast.cmpop]) -> Change:
    """Compare otherwise."""
    label = f"{type(node.ops[0]).__name__} to {other.__name__}"
    return field_set("comparison", label, node, "ops", [other(), *node.ops[1:]])


def field_set(kind: str, label: str, node: ast.AST, field: str, value: object) -> Change:
    """Give a field of a node another value."""
    before = getattr(node, field)
    return Change(kind, label, lambda: setattr(node, field, value), lambda: setattr(node, field, before))


def _other_account(node: ast.AST, function: ast.FunctionDef) -> Iterator[Change]:
    """Yield the caller in place of each account that is an argument, and the other way round."""
    accounts = [
        each.arg
        for each in function.args.args
        if isinstance(each.annotation, ast.Name) and each.annotation.id == "Address"
    ]
    caller = isinstance(node, ast.Attribute) and ast.unparse(node) == "call.sender"
    named = isinstance(node, ast.Name) and node.id in accounts and isinstance(node.ctx, ast.Load)
    if not (caller or named) or "call" not in [each.arg for each in function.args.args] or not accounts:
        return
    shown = ast.unparse(node)
    other = "call.sender" if named else accounts[0]
    yield from replaced("account", f"{shown} to {other}", node, other, function)


def replaced(kind: str, label: str, node: ast.AST, text: str, function: ast.FunctionDef) -> Iterator[Change]:
    """Yield the change of an expression where it stands: in a field of its parent, or in a list there."""
    replacement = ast.parse(text, mode="eval").body
    for each in ast.walk(replacement):
        ast.copy_location(each, node)
    for parent in ast.walk(function):
        for field, value in ast.iter_fields(parent):
            if value is node:
                yield field_set(kind, label, parent, field, replacement)
            elif isinstance(value, list) and any(each is node for each in value):
                yield field_set(kind, label, parent, field, [replacement if each is node else each for each in value])


_BODIES: Final = ("body", "orelse", "finalbody")


def left_out(node: ast.stmt, function: ast.FunctionDef) -> Change:
    """Do nothing in place of a statement."""
    bodies = (getattr(parent, field, None) for parent in ast.walk(function) for field in _BODIES)
    body = next(body for body in bodies if isinstance(body, list) and any(each is node for each in body))
    index = next(index for index, each in enumerate(body) if each is node)
    nothing = ast.copy_location(ast.Pass(), node)
    return Change(
        "statement", "left out", lambda: body.__setitem__(index, nothing), lambda: body.__setitem__(index, node)
    )
