"""What is changed in the specification's source, besides what vectors are chosen by: order, arguments, variables."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from itertools import pairwise
from typing import Final

from conformance.vectors.mutants import Change, basic_changes, compared, field_set, left_out, replaced
from spec.errors import CustomError, Reason
from spec.storage import AddressVariable, Record, Uint256Variable

_OPPOSITE: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Lt: ast.GtE, ast.GtE: ast.Lt,
}  # fmt: skip
_BODIES: Final = ("body", "orelse")


def all_changes(node: ast.AST, function: ast.FunctionDef, names: Mapping[str, object]) -> Iterator[Change]:
    """Yield everything that is changed at a node of a function."""
    held = _held(function, names)
    for change in (*basic_changes(node, function, names), *_further_changes(node, function, names)):
        kind = "check" if change.label == "left out" and _is_check(node) else change.kind
        yield _holding(change._replace(kind=kind), function, held)


def _further_changes(node: ast.AST, function: ast.FunctionDef, names: Mapping[str, object]) -> Iterator[Change]:
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _OPPOSITE:
        yield compared(node, _OPPOSITE[type(node.ops[0])])
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        swapped = f"{ast.unparse(node.right)} - ({ast.unparse(node.left)})"
        yield from replaced("operands", "operands of Sub swapped", node, swapped, function)
    if isinstance(node, ast.Constant) and type(node.value) is int and node.value > 0:
        yield field_set("constant", f"{node.value} to {node.value - 1}", node, "value", node.value - 1)
    if isinstance(node, ast.Name) and node.id.isupper() and isinstance(names.get(node.id), int) and names[node.id]:
        yield from replaced("constant", f"{node.id} to {node.id} - 1", node, f"{node.id} - 1", function)
    if isinstance(node, ast.If | ast.IfExp):
        for label, value in (("always", True), ("never", False)):
            yield field_set("condition", label, node, "test", ast.copy_location(ast.Constant(value), node.test))
    if isinstance(node, ast.Continue):
        yield left_out(node, function)
    if isinstance(node, ast.Call):
        yield from _of_call(node, function, names)
    if isinstance(node, ast.Attribute):
        yield from _other_variable(node, names)
    yield from _order(node, function)


def _of_call(node: ast.Call, function: ast.FunctionDef, names: Mapping[str, object]) -> Iterator[Change]:
    """Yield a refusal in the opposite case, one for another reason, and neighbouring arguments swapped."""
    if _calls(node, "require"):
        yield from replaced("condition", "negated", node.args[0], f"not ({ast.unparse(node.args[0])})", function)
        yield from _other_reason(node.args[1], function, names)
    else:
        yield from _other_reason(node.func, function, names)
    for at, (first, second) in enumerate(pairwise(node.args)):
        kinds = {_type(one, function, names) for one in (first, second)}
        if len(kinds) == 1 and None not in kinds and ast.unparse(first) != ast.unparse(second):
            swapped = [*node.args[:at], second, first, *node.args[at + 2 :]]
            label = f"{ast.unparse(first)} and {ast.unparse(second)} swapped"
            yield field_set("arguments", label, node, "args", swapped)


def _other_reason(node: ast.expr, function: ast.FunctionDef, names: Mapping[str, object]) -> Iterator[Change]:
    """Yield the next reason of the same module, in place of one."""
    if not isinstance(node, ast.Name):
        return
    for sort in (Reason, CustomError):
        if isinstance(names.get(node.id), sort):
            all_ = [name for name, value in names.items() if isinstance(value, sort)]
            other = all_[(all_.index(node.id) + 1) % len(all_)]
            if other != node.id:
                yield from replaced("text", f"{node.id} to {other}", node, other, function)


def _other_variable(node: ast.Attribute, names: Mapping[str, object]) -> Iterator[Change]:
    """Yield the next variable of the same type of the same record, in place of one of this contract's."""
    package = str(names["__name__"]).rpartition(".")[0]
    for other in _siblings(package).get(node.attr, ()):
        yield field_set("variable", f"{node.attr} to {other}", node, "attr", other)


@cache
def _siblings(package: str) -> dict[str, tuple[str, ...]]:
    """Return variable |-> the next one of the same type, the first one's after the last."""
    if package == "spec":
        return {}
    found: dict[str, tuple[str, ...]] = {}
    records = vars(import_module(f"{package}.storage")).values()
    for record in (one for one in records if isinstance(one, type) and issubclass(one, Record)):
        for sort in (Uint256Variable, AddressVariable):
            alike = [name for name in dir(record) if isinstance(vars(record).get(name), sort)]
            alike.sort(key=lambda name, record=record: vars(record)[name].offset)  # type: ignore[misc]
            if len(alike) > 1:
                found |= {name: (alike[(at + 1) % len(alike)],) for at, name in enumerate(alike)}
    return found


def _order(node: ast.AST, function: ast.FunctionDef) -> Iterator[Change]:
    """Swap a statement with the next one, unless that needs what the first one has found out, or ends the function."""
    for parent in ast.walk(function):
        for field in _BODIES:
            body = getattr(parent, field, None)
            if not isinstance(body, list):
                continue
            at = next((at for at, each in enumerate(body) if each is node), None)
            if at is None or at + 1 == len(body) or _is_docstring(body[at]):
                continue
            first, second = body[at : at + 2]
            if not _bound(first) & _used(second) and not isinstance(second, ast.Return | ast.Raise):
                kind = "order of checks" if _is_check(first) and _is_check(second) else "order of statements"
                swapped = [*body[:at], second, first, *body[at + 2 :]]
                yield field_set(kind, "after the next statement", parent, field, swapped)


def _is_check(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return _calls(node.value, "require") or _calls(node.value, "check_owner") or _calls(node.value, "check_role")
    return isinstance(node, ast.If) and isinstance(node.body[0], ast.Raise)


def _calls(node: ast.Call, name: str) -> bool:
    return name in {getattr(node.func, "id", None), getattr(node.func, "attr", None)}


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _bound(statement: ast.stmt) -> set[str]:
    return {one.id for one in ast.walk(statement) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}


def _used(statement: ast.stmt) -> set[str]:
    return {one.id for one in ast.walk(statement) if isinstance(one, ast.Name)}


def _type(node: ast.expr, function: ast.FunctionDef, names: Mapping[str, object]) -> str | None:
    """Return of which type an argument is, as far as its name says: an ``Address``, a ``U256``, ``bytes``."""
    text = ast.unparse(node)
    if text == "call.sender" or text.startswith("addresses.") or text.endswith("_ADDRESS"):
        return "Address"
    annotations = {one.arg: ast.unparse(one.annotation) for one in function.args.args if one.annotation is not None}
    if isinstance(node, ast.Name) and node.id in annotations:
        return annotations[node.id] if annotations[node.id] in {"Address", "U256", "bytes"} else None
    if isinstance(node, ast.Name) and (isinstance(names.get(node.id), int) or _is_number(node.id, function)):
        return "U256"
    return None


def _is_number(name: str, function: ast.FunctionDef) -> bool:
    """Whether something is computed with a local name, or it is compared."""
    for node in ast.walk(function):
        if isinstance(node, ast.BinOp | ast.Compare):
            operands = (node.left, *(node.comparators if isinstance(node, ast.Compare) else (node.right,)))
            if any(isinstance(one, ast.Name) and one.id == name for one in operands):
                return True
    return False


def _held(function: ast.FunctionDef, names: Mapping[str, object]) -> list[str]:
    """Return the names that a function has from the one around it."""
    own = {one.arg for one in function.args.args} | set().union(*map(_bound, function.body))
    return sorted(set().union(*map(_used, function.body)) - own - names.keys() - set(dir(builtins)))


def _holding(change: Change, function: ast.FunctionDef, held: list[str]) -> Change:
    """Return the change of a function that keeps all ``held`` names: other code cannot take the place of its code."""
    if not held:
        return change
    kept = ast.parse(f"if False: ({', '.join(held)},)").body[0]
    for node in ast.walk(kept):
        ast.copy_location(node, function.body[-1])

    def make() -> None:
        change.make()
        function.body.append(kept)

    def undo() -> None:
        function.body.remove(kept)
        change.undo()

    return change._replace(make=make, undo=undo)
