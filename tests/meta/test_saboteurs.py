"""The comparison catches every machine that lies, however it lies, and lets the honest one pass."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from conformance.conform import Conformance, Result
from conformance.lockstep import Divergence, Lockstep
from conformance.machines.specification import SpecificationMachine
from conformance.trust import saboteurs
from conformance.trust.saboteurs import LIARS, Saboteur
from conformance.trust.saboteurs.rules import ROUNDING
from spec import addresses
from spec.machine import CONTRACTS
from spec.messages import Call, Receipt
from spec.parameters import PRESETS, Preset, load_preset
from spec.staking import STAKING, locks

if TYPE_CHECKING:
    from types import ModuleType

SEED = 1
SHRINK_SECONDS = 5.0
PRESET = load_preset("minimal")

# Saboteur |-> within how many calls it has to be caught, and how the place of the difference begins.
SABOTEURS: dict[type[Saboteur], tuple[int, str]] = {
    saboteurs.RefusesEverything: (10, "status"),
    saboteurs.AcceptsEverything: (10, ""),
    saboteurs.AnswersNothing: (50, "output"),
    saboteurs.DropsLogs: (10, "log 0"),
    saboteurs.DropsTheLastLog: (10, "log "),
    saboteurs.AddsALog: (10, "log "),
    saboteurs.ReordersLogs: (50, "log 0"),
    saboteurs.LogsFromElsewhere: (20, "log 0"),
    saboteurs.GivesAnotherReason: (10, "status"),
    saboteurs.PadsRevertData: (10, "status"),
    saboteurs.WritesAnExtraSlot: (1, "staking.slot 0x"),
    saboteurs.StoresAWordWrong: (50, "staking.last_reward_timestamp"),
    saboteurs.ForgetsAWrite: (50, "staking.last_reward_timestamp"),
    saboteurs.ChangesState: (100, ""),
    saboteurs.RightAtFirst: (320, "log 0"),
    saboteurs.RightUntilThe500thCall: (520, "log 0"),
    saboteurs.HidesAWord: (250, "storage root of staking"),
    saboteurs.AnswersViewsRightAndStoresWrong: (50, "staking.total_locked_staked_vvv"),
    saboteurs.PaysTheFeeToTheWrongAccount: (50, "log 0"),
}


def run(
    machine: Saboteur, preset: Preset = PRESET, calls: int = 3000, shrink_seconds: float = SHRINK_SECONDS
) -> Result:
    return Conformance(preset, machine, shrink_seconds).run(calls, SEED)


@pytest.mark.parametrize("saboteur", SABOTEURS, ids=lambda saboteur: saboteur.__name__)
def test_a_machine_that_lies_is_caught_where_it_lies(saboteur: type[Saboteur]) -> None:
    within, where = SABOTEURS[saboteur]

    failure = run(saboteur(PRESET)).failure

    assert failure is not None
    assert failure.found_after <= within
    difference = failure.divergence.difference
    assert difference.where.startswith(where)
    assert difference.left != difference.right


def test_every_saboteur_is_tried() -> None:
    rounding = {liar for liar in LIARS if issubclass(liar, saboteurs.Rounds)}
    assert {*SABOTEURS, *rounding} == set(LIARS)
    assert {liar(PRESET).modules for liar in rounding} == {(module,) for module in ROUNDING}
    defined = {value for value in vars(saboteurs).values() if isinstance(value, type) and issubclass(value, Saboteur)}
    assert defined == {Saboteur, saboteurs.Rounds, *LIARS}


@pytest.mark.parametrize("module", ROUNDING, ids=lambda module: module.__name__)
def test_a_machine_that_rounds_the_other_way_is_caught_wherever_it_rounds(module: ModuleType) -> None:
    failure = run(saboteurs.Rounds(PRESET, module)).failure

    assert failure is not None
    assert failure.found_after <= 300
    assert len(failure.shrunk) <= 8


@pytest.mark.parametrize("name", PRESETS)
def test_the_honest_machine_passes(name: str) -> None:
    preset = load_preset(name)
    result = run(Saboteur(preset), preset, 1100)

    assert result.failure is None
    assert result.tally.calls == 1100
    assert result.tally.roots == 5 * len(CONTRACTS)


def test_a_machine_that_rounds_as_the_specification_does_passes() -> None:
    """Patching is not what is caught."""
    assert run(saboteurs.Rounds(PRESET), calls=500).failure is None


def test_only_the_roots_show_a_word_that_was_never_reported() -> None:
    lockstep = Lockstep(SpecificationMachine(PRESET), saboteurs.HidesAWord(PRESET))
    call = Call(PRESET.accounts[0].address, STAKING.address, STAKING.by_name["claim"].calldata(), PRESET.timestamp + 1)

    lockstep.step(call)
    with pytest.raises(Divergence) as caught:
        lockstep.checkpoint(call)

    difference = caught.value.difference
    assert difference.where == "storage root of staking"
    assert difference.left == f"0x{lockstep.specification.storage_root(addresses.STAKING).hex()}"
    assert difference.left != difference.right


@cache
def lie_that_needs_a_story() -> Result:
    return run(saboteurs.Rounds(PRESET, locks))


def test_a_lie_that_needs_several_calls_is_shrunk_to_a_program_that_still_fails() -> None:
    failure = lie_that_needs_a_story().failure
    assert failure is not None
    assert len(failure.shrunk) < len(failure.original)
    assert set(failure.shrunk) <= set(failure.original)

    found = Conformance(PRESET, saboteurs.Rounds(PRESET, locks)).divergence_of(failure.shrunk)

    assert found is not None
    assert found.index == len(failure.shrunk) - 1
    assert found.difference == failure.divergence.difference


def test_a_lie_that_cannot_be_repeated_is_reported_as_it_was_found() -> None:
    class LiesOnce(Saboteur):
        """Answers the hundredth call wrong, and that one only."""

        def call(self, call: Call) -> Receipt:
            receipt = super().call(call)
            return receipt._replace(status=not receipt.status) if self.calls == 100 else receipt

    failure = run(LiesOnce(PRESET), shrink_seconds=0.2).failure

    assert failure is not None
    assert failure.found_after == 100
    assert failure.shrunk == failure.original
    assert failure.divergence.index == 99
    assert failure.divergence.difference.where == "status"
