"""Campaigns of a machine that costs little: the specification once more, honest or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.artifact import load_artifacts
from conformance.campaign.planning import Limits, Planner, Scope
from conformance.campaign.schedulers.inline import InlineScheduler
from conformance.campaign.setting import Setting
from conformance.campaign.worker import Worker
from conformance.conform import Conformance
from conformance.machines.specification import SpecificationMachine
from spec.parameters import load_preset

if TYPE_CHECKING:
    from conformance.campaign.units import Unit, UnitResult
    from spec.messages import Call, Receipt
    from spec.parameters import Preset

PRESETS: Final = {name: load_preset(name) for name in ("minimal", "launch")}


class Echo(SpecificationMachine):
    """The specification, by the name of an EVM."""

    name = "pyrevm"


class DropsLogs(Echo):
    """Drops the logs of calls that have more than two."""

    def call(self, call: Call) -> Receipt:
        receipt = super().call(call)
        return receipt._replace(logs=receipt.logs[:2])


class EchoSetting(Setting):
    """Compares the specification with itself."""

    machine: type[Echo] = Echo

    def compared(self, evm: str) -> Any:
        return _EchoCompared(self.machine)


class LyingSetting(EchoSetting):
    """Compares the specification with one that drops logs."""

    machine = DropsLogs


class _EchoCompared:
    target = None

    def __init__(self, machine: type[Echo]) -> None:
        self._machine = machine
        self.artifacts = load_artifacts()

    def machine(self, preset: Preset) -> Echo:
        return self._machine(preset)

    def conformance(self, preset: Preset, machine: Echo) -> Conformance:
        return Conformance(preset, machine)


SETTING: Final = EchoSetting(PRESETS, None, 60)
LYING: Final = LyingSetting(PRESETS, None, 60)


def scope(seed: int = 1, *, guided: bool = True) -> Scope:
    return Scope(seed, tuple(PRESETS), "pyrevm", guided)


def carried_out(setting: Setting, units: int, seed: int = 1, *, guided: bool = True) -> list[UnitResult]:
    """Return the results of a campaign in the order of its plan, without what is carried out in py-evm."""
    planner = Planner(scope(seed, guided=guided), Limits(units, 5))
    worker = Worker(setting)
    results: list[UnitResult] = []
    while (unit := planner.next_unit()) is not None:
        results.append(worker.carry_out(unit))
        planner.take(results[-1])
    return results


class CountingScheduler(InlineScheduler):
    """Notes which units it was given, and gives their results back in another order."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.given: list[Unit] = []

    def submit(self, unit: Unit) -> None:
        self.given.append(unit)
        super().submit(unit)
        self._units.rotate(1)
