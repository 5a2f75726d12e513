"""What a finding is about: the contracts that were compared, and where they started from."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from conformance.artifact import load_artifacts
from conformance.findings.register import Run
from conformance.machines import Machine
from conformance.machines.py_evm import Image, PyEvmMachine, deployed
from conformance.target import Target, TargetMachine, load_target
from conformance.target.deploying import deploy_target
from spec.parameters import Preset


@dataclass(frozen=True, eq=False)
class Subject:
    """The contracts of a run, at the genesis of its preset."""

    preset: Preset
    preset_option: str
    """What ``--preset`` was given: a preset's name, or a file ``*.toml``."""
    seed: int | str
    """With which it was found."""
    machine: str
    """The name of the machine that answered apart."""
    image: Image
    """Its codes and words at genesis."""
    artifacts: Path | None = None
    """What ``--artifacts`` was given."""
    target: Target | None = None
    """What ``--target`` was given."""

    def bytecode(self) -> Machine:
        """Return py-evm with the contracts, at genesis; it answers in our words."""
        if self.target is not None:
            return TargetMachine(self.preset, self.target, self.image)
        return PyEvmMachine(self.preset, image=self.image)

    @property
    def run(self) -> Run:
        """What the register keeps of who has found something."""
        return Run(seed=str(self.seed), preset=self.preset.name, machine=self.machine)

    @property
    def option(self) -> str:
        """What a command has to be given for these contracts; empty for ours."""
        if self.target is not None:
            return shlex.join(["--target", str(self.target.path)])
        return shlex.join(["--artifacts", str(self.artifacts)]) if self.artifacts is not None else ""


def subject_of(
    preset: Preset,
    preset_option: str,
    seed: int | str,
    machine: str = PyEvmMachine.name,
    artifacts: Path | None = None,
    target: Path | Target | None = None,
) -> Subject:
    """Return the subject of a run with these options.

    Raises
    ------
    ArtifactError, TargetError, DeploymentError : what is given cannot be used.
    """
    if target is None:
        image = deployed(preset, load_artifacts(artifacts))
        return Subject(preset, preset_option, seed, machine, image, artifacts)
    loaded = load_target(target) if isinstance(target, Path) else target
    return Subject(preset, preset_option, seed, TargetMachine.name, deploy_target(loaded, preset), None, loaded)
