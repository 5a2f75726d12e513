"""A function of the specification cut at its loop, for induction over the loop's rounds.

What comes before the loop, one round of it, and what comes after it become three functions of the same statements. A
proof about one round with any values of the variables, together with one about the start, holds after any number of
rounds.
"""

from __future__ import annotations

import ast
from typing import Any, Final

from conformance.trust.proofs.edition import Edition


class Head(dict[str, Any]):
    """The variables where a round of the loop begins."""


class Loop:
    """The parts of the one function ``name`` of a module, whose one loop over pairs is not nested.

    Raises
    ------
    ValueError : the function has another form; nothing can be proved of it in this way.
    """

    def __init__(self, edition: Edition, module: str, name: str) -> None:
        function = _function(ast.parse(edition.source(module)), name)
        loops = [index for index, statement in enumerate(function.body) if isinstance(statement, ast.For)]
        inner = [node for node in ast.walk(function) if isinstance(node, (ast.For, ast.While, ast.Break))]
        if len(loops) != 1 or len(inner) != 1:
            raise ValueError(f"{module}.{name}: expected one loop, without break")
        loop = function.body[loops[0]]
        assert isinstance(loop, ast.For)  # noqa: S101
        parameters = [argument.arg for argument in function.args.args]
        before, after = function.body[: loops[0]], function.body[loops[0] + 1 :]
        self.targets: Final = _stored(loop.target)
        variables = list(dict.fromkeys([*parameters, *(name for part in before for name in _stored(part))]))
        once = ast.For(ast.Name("_", ast.Store()), ast.parse("(0,)", mode="eval").body, loop.body, [])
        namespace = {**vars(edition.module(module)), "Head": Head}
        self._start = _compile("start", parameters, before, variables, namespace)
        self._round = _compile("round", [*variables, *self.targets], [once], variables, namespace)
        self._end = _compile("end", variables, after, variables, namespace)

    def start(self, **arguments: Any) -> Any:
        """Run what comes before the loop: return its head, or what the function returns there."""
        return self._start(**arguments)

    def round(self, head: Head, *targets: Any) -> Any:
        """Run one round: return the next one's head, or what the function returns there."""
        return self._round(**head, **dict(zip(self.targets, targets, strict=True)))

    def end(self, head: Head) -> Any:
        """Run what comes after the loop, when it has come to its end."""
        return self._end(**head)


def _function(tree: ast.Module, name: str) -> ast.FunctionDef:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node
    raise ValueError(f"expected a function {name}")


def _stored(node: ast.AST) -> list[str]:
    return [part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]


def _compile(name: str, parameters: list[str], body: list[ast.stmt], variables: list[str], namespace: Any) -> Any:
    head = ", ".join(f"{variable}={variable}" for variable in variables)
    shell = ast.parse(f"def {name}({', '.join(parameters)}):\n    return Head({head})")
    function = shell.body[0]
    assert isinstance(function, ast.FunctionDef)  # noqa: S101
    function.body = [*body, *function.body]
    exec(compile(ast.fix_missing_locations(shell), f"<{name} of a loop>", "exec"), namespace)  # noqa: S102
    return namespace[name]
