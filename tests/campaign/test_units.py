"""Work units: the same program wherever and whenever, and one that can be written down."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from conformance.campaign.calls import calls_of, plain_calls
from conformance.campaign.seen import FUNCTIONS_OF, kind_of_failure
from conformance.campaign.units import KINDS, FoundFailure, Stretch, Unit, UnitResult
from conformance.campaign.worker import Worker
from conformance.findings.identity import Identity
from spec.machine import CONTRACTS
from spec.messages import Address, Call
from tests.campaign.echo import LYING, SETTING

if TYPE_CHECKING:
    from conformance.campaign.setting import Setting

STRETCH = Stretch(seed="a", calls=60)
FUNCTIONS = {f"{contract.name}.{name}" for contract in CONTRACTS.values() for name in contract.by_name}


def unit(*stretches: Stretch, purpose: str = "explore", machine: str = "pyrevm") -> Unit:
    return Unit.model_validate(
        {"number": 3, "purpose": purpose, "preset": "minimal", "machine": machine, "stretches": stretches}
    )


def result_of(unit: Unit, setting: Setting = SETTING) -> UnitResult:
    return Worker(setting).carry_out(unit).model_copy(update={"seconds": 0.0})


def test_a_unit_comes_to_the_same_on_another_worker_and_after_other_units() -> None:
    worker = Worker(SETTING)
    worker.carry_out(unit(Stretch(seed="b", calls=60)))
    again = worker.carry_out(unit(STRETCH)).model_copy(update={"seconds": 0.0})
    assert again == result_of(unit(STRETCH)) != result_of(unit(Stretch(seed="c", calls=60)))


def test_units_and_results_survive_being_written_down() -> None:
    result = result_of(
        unit(STRETCH.model_copy(update={"calls": 7}), Stretch(seed="b", calls=40, without=("vvv.mint",)))
    )
    assert UnitResult.model_validate_json(result.model_dump_json()) == result
    assert pickle.loads(pickle.dumps(result)) == result  # noqa: S301 (its own)


def test_a_program_that_branches_off_begins_as_the_other_did_and_counts_only_what_is_new() -> None:
    whole = result_of(unit(STRETCH))
    halves = result_of(unit(STRETCH.model_copy(update={"calls": 25}), Stretch(seed="b", calls=30)))
    assert (whole.calls, whole.repeated) == (60, 0)
    assert (halves.calls, halves.repeated) == (30, 25)
    assert {i: at for i, at in whole.firsts.items() if at < 25} == {i: at for i, at in halves.firsts.items() if at < 25}


@pytest.mark.parametrize(
    "calls,lengths", [(10, [10]), (25, [25]), (26, [25, 1]), (60, [25, 30, 5]), (99, [25, 30, 40])]
)
def test_the_beginning_of_a_program_has_the_calls_it_was_asked_for(calls: int, lengths: list[int]) -> None:
    program = unit(*(Stretch(seed=seed, calls=length) for seed, length in (("a", 25), ("b", 30), ("c", 40))))
    assert [stretch.calls for stretch in program.beginning(calls)] == lengths


def test_kinds_that_are_left_out_are_not_drawn_and_favoured_ones_are_drawn_often() -> None:
    without = tuple(kind for kind in KINDS if kind.startswith(("owner.", "views.")))
    stretch = Stretch(seed="a", calls=200, without=without, favoured=("vvv.permit",), malformed_percent=0)
    result = result_of(unit(stretch))
    called = {**result.accepted, **{function: sum(of.values()) for function, of in result.refused.items()}}
    assert "staking.setTreasury" not in called
    assert "vvv.balanceOf" not in called
    permits = called["vvv.permit"] + sum(result.refused.get("vvv.permit", {}).values()) * (
        "vvv.permit" in result.accepted
    )
    assert permits > 60


def test_every_kind_of_call_is_known_by_its_functions() -> None:
    assert set(FUNCTIONS_OF) == set(KINDS)
    assert {function for functions in FUNCTIONS_OF.values() for function in functions} <= FUNCTIONS


def test_calls_are_written_down_exactly() -> None:
    call = Call(Address(b"\x01" * 20), Address(b"\x02" * 20), b"\xff\x00", 2**255 + 1, 2**64 + 1)
    assert calls_of(plain_calls([call])) == (call,)


def test_a_unit_that_fails_says_where_and_one_that_shrinks_says_how() -> None:
    failed = result_of(unit(STRETCH), LYING).failure
    assert failed is not None
    assert failed.where.startswith("log 2")
    assert failed.shrunk == ()
    shrunk = result_of(unit(STRETCH, purpose="shrink"), LYING).failure
    assert shrunk is not None
    assert (shrunk.function, shrunk.where) == (failed.function, failed.where)
    assert 0 < len(shrunk.shrunk) < len(shrunk.original) == failed.index + 1


def test_failures_are_the_same_whatever_the_account() -> None:
    one, other = (failed("a.b", f"staking.stakes[0x{digit * 40}].amount", digit, "3") for digit in "12")
    assert one == other != failed("a.b", "staking.stakes[0x1].reward_debt", "1", "3")


def test_failures_with_other_reasons_are_others() -> None:
    early = failed("a.b", "status", "refused with COOLDOWN_NOT_OVER", "accepted")
    assert early != failed("a.b", "status", "accepted", "refused with COOLDOWN_NOT_OVER")


def failed(function: str, where: str, specification: str, other: str) -> Identity:
    failure = FoundFailure(function=function, where=where, specification=specification, other=other, index=0)
    return kind_of_failure(failure)
