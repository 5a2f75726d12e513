"""The two sides that the plugin's fixtures compare, and how they say what differs."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from conformance.artifact import ArtifactError
from conformance.cli.compared import Compared
from conformance.cli.output import InputError
from conformance.conform import Conformance, Failure
from conformance.deployment import DeploymentError
from conformance.lockstep import Divergence, Lockstep, Tally, function_name
from conformance.machines import Machine
from conformance.machines.by_name import UnknownMachine, evm_by_name
from conformance.programs.as_scenario import as_scenario, describe
from conformance.pytest_plugin.alone import WithoutWords
from conformance.pytest_plugin.both import Apart, Both
from conformance.session import Session
from conformance.target import TargetError, TargetMachine
from spec.messages import Call
from spec.parameters import ParameterError, Preset, load_preset

PRESET: Final = "launch"
SHRINK_SECONDS: Final = 20.0

AssertAlike = Callable[[Iterable[Call]], None]


class Unusable(ValueError):
    """What an option names cannot be used: the message is one line."""


class Options(NamedTuple):
    """What pytest was given; None for what it was not."""

    target: Path | None = None
    artifacts: Path | None = None
    preset: str | None = None
    machine: str | None = None


_chosen: list[Preset] = []
"""The preset of this run, once it is read: strategies are made before there is anything to hand it to them."""


def chosen_preset() -> Preset:
    """Return the preset of this run."""
    return _chosen[-1] if _chosen else load_preset(PRESET)


def read_sides(options: Options) -> Sides:
    """Read what the options name.

    Raises
    ------
    Unusable : it cannot be used.
    """
    if options.artifacts is not None and options.target is not None:
        raise Unusable("expected --diem-artifacts or --diem-target, found both")
    try:
        preset = load_preset(options.preset or PRESET)
        compared = Compared(options.artifacts, options.target, options.machine or _fastest())
        if compared.target is not None:
            compared.target.check()
    except (ArtifactError, InputError, ParameterError, TargetError, UnknownMachine) as error:
        raise Unusable(str(error)) from None
    _chosen[:] = [preset]
    return Sides(options, preset, compared)


def _fastest() -> str:
    try:
        evm_by_name("pyrevm")
    except UnknownMachine:
        return "py-evm"
    return "pyrevm"


class Sides:
    """The specification and the contracts of a run, brought back to genesis for every test."""

    def __init__(self, options: Options, preset: Preset, compared: Compared) -> None:
        self.preset: Final = preset
        self._options = options
        self._compared = compared
        self._conformance: Conformance | None = None
        self._folder = Path()

    @property
    def description(self) -> str:
        """What is compared, in one line."""
        what = self._compared.description or f"contracts{self._compared.option or ' of this project'}"
        return f"the specification and {what}, from preset {self.preset.name}"

    def deploy(self, folder: Path) -> None:
        """Deploy the contracts, if they are not yet; scenarios of failures go to ``folder``.

        Raises
        ------
        Unusable : they do not deploy, or not to the state of the preset.
        """
        if self._conformance is not None:
            return
        try:
            machine = self._compared.machine(self.preset)
            apart = self._compared.genesis_difference(self.preset, machine)
        except (DeploymentError, TargetError) as error:
            raise Unusable(str(error)) from None
        if apart is not None:
            raise Unusable(
                f"{self._options.target}: expected it to deploy to the state of preset {self.preset.name}, found at "
                f"{apart.where}: {apart.right} in place of {apart.left}"
            )
        self._conformance = self._compared.conformance(self.preset, machine)
        self._folder = folder

    @property
    def _deployed(self) -> Conformance:
        if self._conformance is None:
            raise RuntimeError("the contracts are not deployed yet")
        return self._conformance

    def from_genesis(self) -> Lockstep:
        """Bring both sides back to genesis, and return them in lockstep."""
        return self._deployed.from_genesis(Tally(), careful=True)

    def alone(self) -> Machine:
        """Bring the contracts back to genesis, and return them without the specification."""
        machine = self.from_genesis().other
        return WithoutWords(machine) if isinstance(machine, TargetMachine) and machine.by_views else machine

    def assert_alike(self, program: Iterable[Call]) -> None:
        """Make the calls of ``program`` from genesis on, on both sides; leave out what a target does not have.

        Raises
        ------
        Apart : they are not answered alike, or lead to different states.
        """
        __tracebackhide__ = True
        made = tuple(program)
        if self._deployed.fails(made):
            raise Apart(lambda: self._told(self._deployed.failure_of(made, SHRINK_SECONDS)))

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Return a conversation with both sides at once; at its end all of their states is compared.

        Raises
        ------
        Apart : they have not answered alike, or ended in different states.
        """
        both = Both(self.from_genesis, self._told_of)
        yield Session(both, self.preset)
        both.finish()

    def _told_of(self, program: tuple[Call, ...], divergence: Divergence) -> str:
        return self._told(Failure(len(program), program, program, divergence))

    def _told(self, failure: Failure) -> str:
        """Return what differs, after which calls, and how to see it again."""
        difference = failure.divergence.difference
        shrunk, original = len(failure.shrunk), len(failure.original)
        calls = f"{shrunk} call{'s' if shrunk > 1 else ''}"
        calls += f" ({original} before they were shrunk)" if shrunk < original else ""
        return "\n".join(
            (
                f"{function_name(failure.divergence.call)}: {difference.where} differs",
                f"  specification: {difference.left}",
                f"  {f'{self._compared.name}:':14} {difference.right}",
                f"from preset {self.preset.name}, after {calls}:",
                *(f"  {number}: {describe(call)}" for number, call in enumerate(failure.shrunk)),
                f"replay with: {self._replay(failure)}",
            )
        )

    def _replay(self, failure: Failure) -> str:
        """Write the scenario, a test's over its last, and return the command that replays it."""
        test = os.environ.get("PYTEST_CURRENT_TEST", "test").rpartition("::")[2]
        path = self._folder / f"{re.sub(r'[^A-Za-z0-9]+', '-', test).strip('-')}.yaml"
        given = self._options.preset or PRESET
        preset = str(Path(given).resolve()) if given.endswith(".toml") else given
        title = f"divergence at {failure.divergence.difference.where}"
        path.write_text(as_scenario(title, preset, self.preset, failure.shrunk), encoding="utf-8")
        machines = f"--machine specification --machine {self._compared.name}"
        return f"diem run {path} {machines}{self._compared.option}"
