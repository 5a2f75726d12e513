"""The specification's own modules, read again from their source: with other integers, or with a fault put into them.

What is proved is proved of this source. Nothing of it is written a second time.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, NamedTuple

_PACKAGE = "spec"


class Patch(NamedTuple):
    """A change of one module's source: what stands there once, and what shall stand there."""

    module: str
    before: str
    after: str


class Edition:
    """The package ``spec``, imported apart from the one that the program uses.

    ``integers`` takes the place of ``int`` in all of its modules.

    Raises
    ------
    ValueError : on import of a module, if the text that a patch replaces does not stand in it exactly once.
    """

    def __init__(self, integers: type = int, patches: Iterable[Patch] = ()) -> None:
        self._modules: dict[str, ModuleType] = {}
        self._patches = tuple(patches)
        self._builtins = {**vars(builtins), "int": integers, "__import__": self._import}

    def module(self, name: str) -> Any:
        """Return a module of this edition, such as ``spec.staking.locks``."""
        module = self._modules.get(name)
        if module is None:
            parent, _, child = name.rpartition(".")
            if parent:
                self.module(parent)
            module = self._modules.get(name) or self._load(name)
            if parent:
                setattr(self._modules[parent], child, module)
        return module

    def source(self, name: str) -> str:
        """Return a module's source, with what is patched in it."""
        path = _origin(name)
        text = path.read_text(encoding="utf-8")
        for patch in self._patches:
            if patch.module == name:
                if text.count(patch.before) != 1:
                    raise ValueError(
                        f"{name}: {patch.before!r} stands there {text.count(patch.before)} times, not once"
                    )
                text = text.replace(patch.before, patch.after)
        return text

    def modules(self, *packages: str) -> list[str]:
        """Return the names of all modules of some packages, sorted."""
        return sorted(
            f"{package}.{path.stem}"
            for package in packages
            for path in _origin(package).parent.glob("*.py")
            if path.name != "__init__.py"
        )

    def _load(self, name: str) -> ModuleType:
        module = self._modules[name] = ModuleType(name)
        module.__dict__["__builtins__"] = self._builtins
        if _origin(name).name == "__init__.py":
            module.__path__ = []
        exec(_compiled(name, self.source(name)), module.__dict__)  # noqa: S102
        return module

    def _import(self, name: str, *rest: Any) -> ModuleType:
        if name.partition(".")[0] != _PACKAGE:
            return builtins.__import__(name, *rest)
        module: ModuleType = self.module(name)
        for item in rest[2] if len(rest) > 2 and rest[2] else ():
            if not hasattr(module, item):
                self.module(f"{name}.{item}")
        return module


@cache
def _compiled(name: str, source: str) -> CodeType:
    # Not the file's name: a run here says nothing of what the tests cover.
    return compile(source, f"<{name}, another edition>", "exec")


@cache
def _origin(name: str) -> Path:
    found = find_spec(name)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"no module named {name!r}", name=name)
    return Path(found.origin)
