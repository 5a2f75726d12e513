"""What the specification is compared with: our contracts, artifacts from elsewhere, or a target."""

from __future__ import annotations

import shlex
from collections import Counter
from pathlib import Path
from typing import Final

from conformance.artifact import load_artifacts
from conformance.cli.output import InputError
from conformance.comparison import Difference
from conformance.conform import Conformance
from conformance.machines import Listing, Machine
from conformance.machines.by_name import evm_by_name
from conformance.machines.py_evm import PyEvmMachine
from conformance.machines.specification import SpecificationMachine
from conformance.target import TargetMachine, load_target
from conformance.target.genesis import genesis_differences
from conformance.target.observation import ByViews
from spec.parameters import Preset


class Compared:
    """The contracts in an EVM that a run is about."""

    def __init__(self, artifacts: Path | None, target: Path | None, evm: str = PyEvmMachine.name) -> None:
        """Read the artifacts, or the target; ``evm`` is the machine that carries them out, py-evm or pyrevm.

        Raises
        ------
        InputError : both are given.
        UnknownMachine : there is no such EVM, or it is not installed.
        ArtifactError, TargetError : what is given cannot be used.
        """
        if artifacts is not None and target is not None:
            raise InputError("expected --artifacts or --target, found both")
        self.artifacts: Final = load_artifacts(artifacts)
        self.target: Final = load_target(target) if target is not None else None
        self._evm = evm_by_name(evm)
        self.evm: Final = evm
        """The name of the machine that carries the contracts out."""
        self.name: Final = evm if target is None else TargetMachine.name
        given = {"--artifacts": artifacts, "--target": target}
        self.is_target: Final = target is not None
        self.options: Final = tuple(word for option, path in given.items() if path for word in (option, str(path)))
        """What a command that repeats something needs."""
        self.option: Final = "".join(f" {shlex.quote(word)}" for word in self.options)
        """The same behind other words of a command."""

    def machine(self, preset: Preset) -> Listing:
        """Return a machine with these contracts, started from ``preset``."""
        if self.target is None:
            return self._evm(preset, self.artifacts)
        return TargetMachine(preset, self.target, evm=self._evm)

    def conformance(self, preset: Preset, machine: Machine) -> Conformance:
        """Return the specification and ``machine``, which was made here, side by side."""
        if not isinstance(machine, TargetMachine):
            return Conformance(preset, machine)

        def observer(specification: SpecificationMachine) -> ByViews:
            return ByViews(specification, machine, preset)

        by_views = observer if machine.by_views else None
        return Conformance(preset, machine, observer=by_views, left_out=machine.left_out)

    def genesis_difference(self, preset: Preset, machine: Listing) -> Difference | None:
        """Return how the contracts' state after their deployment differs from the preset's, if it does."""
        return next(genesis_differences(machine, preset), None)

    @property
    def description(self) -> str:
        """What a target's file says of it; empty for ours."""
        if self.target is None:
            return ""
        return f"target {self.target.name}: {self.target.document.description}".removesuffix(": ")

    @staticmethod
    def not_compared(machine: Machine) -> Counter[str]:
        """Return what of the receipts was not looked at because a target's file says so |-> how often."""
        return machine.translation.not_compared if isinstance(machine, TargetMachine) else Counter()
