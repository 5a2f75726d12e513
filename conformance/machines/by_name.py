"""Machines by their names, each imported only when it is wanted: an EVM takes a second to import."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from conformance.machines import Listing
from spec.parameters import Preset

if TYPE_CHECKING:
    from conformance.artifact import Artifacts
    from conformance.machines.py_evm import PyEvmMachine
    from conformance.machines.pyrevm import PyrevmMachine

SPECIFICATION: Final = "specification"

MACHINES: Final = {
    SPECIFICATION: ("conformance.machines.specification", "SpecificationMachine"),
    "py-evm": ("conformance.machines.py_evm", "PyEvmMachine"),
    "pyrevm": ("conformance.machines.pyrevm", "PyrevmMachine"),
}
"""Name |-> module and class."""

EVMS: Final = ("py-evm", "pyrevm")
"""Those of them that carry out bytecode."""

TARGET: Final = "target"
"""Stands for py-evm with the contracts that a target's file describes."""

BOTH: Final = "both"
"""Stands for the specification and py-evm."""


class UnknownMachine(ValueError):
    """A machine that does not exist, or is not installed: the message says which there are."""


def machine_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of machines, ``both`` spelt out, each once.

    Raises
    ------
    UnknownMachine : there is no machine of this name.
    """
    spelt: dict[str, None] = {}
    for name in names:
        if name not in {*MACHINES, TARGET, BOTH}:
            raise UnknownMachine(f"machine {name!r}: expected one of {', '.join(MACHINES)}, {TARGET}, {BOTH}")
        spelt |= dict.fromkeys((SPECIFICATION, "py-evm") if name == BOTH else (name,))
    return tuple(spelt)


def machines_by_name(
    names: Iterable[str], preset: Preset, artifacts: Artifacts | None = None, target: Path | None = None
) -> tuple[Listing, ...]:
    """Return the machines of these names, each started from ``preset``; an EVM with ``artifacts``, if any are given.

    Raises
    ------
    UnknownMachine : there is no machine of this name, or it is not installed, or it needs a ``target``.
    TargetError : the target cannot be used.
    """
    return tuple(_machine(name, preset, artifacts, target) for name in machine_names(names))


def evm_by_name(name: str) -> type[PyEvmMachine] | type[PyrevmMachine]:
    """Return the class of an EVM.

    Raises
    ------
    UnknownMachine : there is no EVM of this name, or it is not installed.
    """
    if name not in EVMS:
        raise UnknownMachine(f"machine {name!r}: expected one of {', '.join(EVMS)}")
    class_: type[PyEvmMachine] | type[PyrevmMachine] = _class(name)
    return class_


def _machine(name: str, preset: Preset, artifacts: Artifacts | None, target: Path | None) -> Listing:
    if name == TARGET:
        return _target(preset, target)
    make = _class(name)
    machine: Listing = make(preset) if name == SPECIFICATION else make(preset, artifacts)
    return machine


def _class(name: str) -> Any:
    module, class_ = MACHINES[name]
    try:
        return getattr(import_module(module), class_)
    except ImportError as error:
        raise UnknownMachine(f"machine {name!r}: expected its package to be installed: {error}") from None


def _target(preset: Preset, path: Path | None) -> Listing:
    from conformance.target import TargetMachine, load_target

    if path is None:
        raise UnknownMachine(f"machine {TARGET!r}: expected --target with the file that describes it")
    return TargetMachine(preset, load_target(path))
