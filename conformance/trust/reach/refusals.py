"""For which reasons a function of the specification can refuse, read off its source and that of all it calls.

A superset: which of two checks comes first, and what earlier calls have ruled out, is not looked at.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import FunctionType, MethodType
from typing import Any, Final, NamedTuple

from spec.contract import Function
from spec.errors import ARITHMETIC, CustomError, Reason
from spec.staking.storage import StakingStorage
from spec.uint256 import ceil_div, floor_div

_AROUND: Final = frozenset({"spec.abi", "spec.contract", "spec.encoding", "spec.hashing", "spec.signatures"})
"""Modules around the rules: what they refuse does not depend on a function's body."""

_OF_STATE: Final = {name: method for name, method in vars(StakingStorage).items() if isinstance(method, FunctionType)}
"""Methods of the state, which a function holds in a local variable."""

_CHECKED: Final = (ast.Add, ast.Sub, ast.Mult)
"""Operators that revert with Panic(0x11) on a U256."""

_DIVISIONS: Final = (floor_div, ceil_div)


class _Unit(NamedTuple):
    """A function, and the object whose method it is, if it is one."""

    function: Callable[..., Any]
    owner: object = None


@cache
def reasons_of(function: Function) -> frozenset[str]:
    """Return the names of all reasons for which the body of a function can refuse."""
    found: set[str] = set()
    seen: set[tuple[Callable[..., Any], int]] = set()
    units = [_Unit(function._body)]
    while units:
        unit = units.pop()
        key = (unit.function, id(unit.owner))
        if key in seen or not unit.function.__module__.startswith("spec.") or unit.function.__module__ in _AROUND:
            continue
        seen.add(key)
        tree, names = _statements(unit.function), _names(unit)
        found.update(_reasons(tree, names))
        units.extend(_called(tree, names))
    return frozenset(found)


def _statements(function: Callable[..., Any]) -> ast.AST:
    """Return what a function does, without its signature and what decorates it."""
    definition = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    return ast.Module(getattr(definition, "body", []), [])


def _names(unit: _Unit) -> Mapping[str, Any]:
    around = inspect.getclosurevars(unit.function)
    return {**around.globals, **around.nonlocals, "self": unit.owner}


def _value(node: ast.AST, names: Mapping[str, Any]) -> Any:
    """Return what an expression of names and attributes means; None if only a run decides it."""
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute):
        return getattr(_value(node.value, names), node.attr, None)
    return node.value if isinstance(node, ast.Constant) else None


def _reasons(tree: ast.AST, names: Mapping[str, Any]) -> Iterator[str]:
    """Yield the reasons that stand in one function itself."""
    for node in ast.walk(tree):
        value = _value(node, names)
        if isinstance(value, Reason | CustomError):
            yield value.name
        is_checked = isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, _CHECKED)
        if is_checked and not _is_text(node, names):
            yield ARITHMETIC.name


def _is_text(node: ast.AST, names: Mapping[str, Any]) -> bool:
    """Whether a sum is one of bytes or strings."""
    if isinstance(node, ast.BinOp):
        return _is_text(node.left, names) or _is_text(node.right, names)
    return isinstance(_value(node, names), bytes | str)


def _called(tree: ast.AST, names: Mapping[str, Any]) -> Iterator[_Unit]:
    """Yield the functions that one function calls."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        target = _value(node.func, names)
        if target is None and isinstance(node.func, ast.Attribute):
            target = _OF_STATE.get(node.func.attr)
        if target in _DIVISIONS and _value(node.args[1], names):
            continue  # the divisor is a constant, and not zero
        if isinstance(target, MethodType) and isinstance(target.__func__, FunctionType):
            yield _Unit(target.__func__, target.__self__)
        elif isinstance(target, FunctionType):
            yield _Unit(target)
