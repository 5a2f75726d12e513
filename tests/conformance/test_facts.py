"""The published facts hold on both machines, and not one of them would hold on whatever machine."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Final

import pytest

from conformance.facts import FACTS, Fact, observe_facts
from conformance.facts import Observation as Observed
from conformance.machines.py_evm import PyEvmMachine
from conformance.machines.specification import SpecificationMachine
from conformance.session import Refused, Session, function_of
from conformance.trust.saboteurs import Saboteur
from spec import addresses
from spec.errors import EMPTY, string_error
from spec.machine import CONTRACTS
from spec.messages import Call
from spec.parameters import load_preset

if TYPE_CHECKING:
    from conformance.machines import Machine
    from spec.messages import Receipt
    from spec.parameters import Preset


# ------------------------------------------------------------------------------------------------ they hold


def test_every_fact_holds_on_the_specification_and_on_the_bytecode() -> None:
    observations = list(observe_facts(lambda preset: [SpecificationMachine(preset), PyEvmMachine(preset)]))

    assert [observation.fact for observation in observations] == FACTS
    assert len(FACTS) >= 51
    wrong = [(one.fact.statement, one.fact.published, dict(one.observed)) for one in observations if not one.holds]
    assert wrong == []
    assert all(set(one.observed) == {"specification", "py-evm"} for one in observations)


def test_every_fact_says_where_it_is_from() -> None:
    assert len({fact.statement for fact in FACTS}) == len(FACTS)
    for fact in FACTS:
        assert fact.grade in set("ABCD")
        assert fact.source.startswith("PROTOCOL ")
        assert fact.statement
        assert fact.published


def test_looking_at_a_fact_leaves_the_machine_as_it_was() -> None:
    made: list[tuple[SpecificationMachine, list[bytes]]] = []

    def machines(preset: Preset) -> list[Machine]:
        machine = SpecificationMachine(preset)
        made.append((machine, [machine.storage_root(address) for address in CONTRACTS]))
        return [machine]

    list(observe_facts(machines))

    assert made
    for machine, roots in made:
        assert [machine.storage_root(address) for address in CONTRACTS] == roots


# ------------------------------------------------------------------------------------------------ they can fail


def is_view(call: Call) -> bool:
    function = CONTRACTS[call.to].by_selector.get(call.data[:4])
    return function is not None and function.view


class ChangesOutputs(Saboteur):
    """Changes the last bit of whatever is returned."""

    def answer(self, receipt: Receipt) -> Receipt:
        output = receipt.output
        if not receipt.status or not output:
            return receipt
        return receipt._replace(output=output[:-1] + bytes([output[-1] ^ 1]))


class DoublesOutputs(Saboteur):
    """Returns twice of every number."""

    def answer(self, receipt: Receipt) -> Receipt:
        if not receipt.status or len(receipt.output) % 32:
            return receipt
        words = [receipt.output[at : at + 32] for at in range(0, len(receipt.output), 32)]
        doubled = (min(2 * int.from_bytes(word, "big"), 2**256 - 1).to_bytes(32, "big") for word in words)
        return receipt._replace(output=b"".join(doubled))


class RefusesAll(Saboteur):
    """Refuses everything, without a reason."""

    def call(self, call: Call) -> Receipt:
        return self.honest.call(call)._replace(status=False, output=EMPTY.data, logs=())


class RefusesAllForAnotherReason(Saboteur):
    def call(self, call: Call) -> Receipt:
        return self.honest.call(call)._replace(status=False, output=string_error("NO").data, logs=())


class AcceptsAll(Saboteur):
    """Pretends that what was refused was accepted."""

    def call(self, call: Call) -> Receipt:
        receipt = self.honest.call(call)
        return receipt if receipt.status else receipt._replace(status=True, output=bytes(64))


class DoesNothing(Saboteur):
    """Carries out views, and accepts everything else without doing it."""

    def call(self, call: Call) -> Receipt:
        before = self.honest.snapshot()
        receipt = self.honest.call(call)
        if not is_view(call):
            self.honest.revert(before)
            return receipt._replace(status=True, output=b"", logs=())
        return receipt


class Drifts(Saboteur):
    """Adds to every number the count of the calls so far."""

    def call(self, call: Call) -> Receipt:
        receipt = super().call(call)
        if not receipt.status or len(receipt.output) < 32:
            return receipt
        last = int.from_bytes(receipt.output[-32:], "big") + self.calls
        return receipt._replace(output=receipt.output[:-32] + (last % 2**256).to_bytes(32, "big"))


class AnswersZeros(Saboteur):
    def answer(self, receipt: Receipt) -> Receipt:
        return receipt._replace(output=bytes(len(receipt.output))) if receipt.status else receipt


class LacksAFunction(Saboteur):
    def call(self, call: Call) -> Receipt:
        unknown = call.data[:4] == function_of("staking.claimAndStake")[1].selector
        return self.honest.call(call._replace(data=b"") if unknown else call)


class IsLate(Saboteur):
    """Takes a second more to notice the time."""

    def call(self, call: Call) -> Receipt:
        return self.honest.call(call._replace(timestamp=call.timestamp - 1))


class IsEarly(Saboteur):
    def call(self, call: Call) -> Receipt:
        return self.honest.call(call._replace(timestamp=call.timestamp + 1))


LIARS: Final[dict[str, type[Saboteur]]] = {
    liar.__name__: liar
    for liar in (
        ChangesOutputs,
        DoublesOutputs,
        RefusesAll,
        RefusesAllForAnotherReason,
        AcceptsAll,
        DoesNothing,
        Drifts,
        AnswersZeros,
        LacksAFunction,
        IsLate,
        IsEarly,
    )
}


@cache
def failed_on(liar: str) -> frozenset[str]:
    """Return the facts that do not hold on a liar."""
    return frozenset(one.fact.statement for one in observations_of(LIARS[liar]) if not one.holds)


def observations_of(make: Callable[[Preset], Machine]) -> list[Observed]:
    return list(observe_facts(lambda preset: [make(preset)]))


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.statement)
def test_every_fact_fails_on_some_liar_that_carries_calls_out(fact: Fact) -> None:
    assert any(fact.statement in failed_on(liar) for liar in LIARS if not liar.startswith("RefusesAll"))


@pytest.mark.parametrize(
    "liar, holds",
    [
        ("RefusesAll", "stake(uint256) does not exist"),
        ("RefusesAllForAnotherReason", "selectors of staking's functions"),
    ],
)
def test_of_a_machine_that_refuses_everything_one_fact_holds_that_says_so(liar: str, holds: str) -> None:
    assert {fact.statement for fact in FACTS} - failed_on(liar) == {holds}


@pytest.mark.parametrize("liar", LIARS)
def test_every_liar_is_caught_by_some_fact(liar: str) -> None:
    assert failed_on(liar)


def test_no_number_is_published_that_zeros_would_be() -> None:
    held = [fact for fact in FACTS if fact.statement not in failed_on("AnswersZeros")]
    zero = {"share of all emissions that goes to Venice", "cooling VVV earns nothing"}
    assert all(fact.published == "0" for fact in held if fact.statement in zero)
    assert not any(character.isdigit() for fact in held if fact.statement not in zero for character in fact.published)


def test_answers_that_make_no_sense_are_told_and_do_not_end_the_look() -> None:
    class Truncates(Saboteur):
        """Returns half of what it should."""

        def answer(self, receipt: Receipt) -> Receipt:
            return receipt._replace(output=receipt.output[: len(receipt.output) // 2])

    told = {one.observed["saboteur"] for one in observations_of(Truncates)}

    assert any(value.startswith("unreadable: InsufficientDataBytes") for value in told)


ENDS_OF_COOLDOWNS: Final = {function_of(name)[1].selector for name in ("staking.finalizeUnstake", "diem.unstake")}


@pytest.mark.parametrize("token", ["VVV", "DIEM"])
def test_a_boundary_that_is_off_by_a_second_is_seen(token: str) -> None:
    class OpensLater(Saboteur):
        """Lets the cooldown end a second later."""

        def call(self, call: Call) -> Receipt:
            late = call.data[:4] in ENDS_OF_COOLDOWNS
            return self.honest.call(call._replace(timestamp=call.timestamp - late))

    failed = {one.fact.statement: one.observed["saboteur"] for one in observations_of(OpensLater) if not one.holds}

    assert (
        failed[f"{token} can be taken out at the second the cooldown ends"]
        == "COOLDOWN_NOT_OVER, then COOLDOWN_NOT_OVER"
    )
    assert len(failed) == 2


def test_a_machine_that_takes_calls_of_accounts_without_code_only_is_seen() -> None:
    class RefusesContracts(Saboteur):
        def call(self, call: Call) -> Receipt:
            receipt = self.honest.call(call)
            return receipt._replace(status=False, output=EMPTY.data, logs=()) if call.sender in CONTRACTS else receipt

    failed = {
        one.fact.statement: one.observed["saboteur"] for one in observations_of(RefusesContracts) if not one.holds
    }

    assert failed == {
        "contracts may call: one stakes, locks, stakes DIEM, burns it, and leaves": "refused: empty revert data"
    }


def test_a_fact_is_refused_where_the_machine_refuses() -> None:
    refused = {one.observed["saboteur"] for one in observations_of(RefusesAllForAnotherReason)}
    assert "refused: NO" in refused


# ------------------------------------------------------------------------------------------------ the conversation


@pytest.fixture
def session() -> Session:
    preset = load_preset("minimal")
    return Session(SpecificationMachine(preset), preset)


def test_accounts_are_called_by_name_and_results_are_decoded(session: Session) -> None:
    assert session.view("vvv.balanceOf", "newcomer") == 700 * 10**18
    assert session.view("vvv.symbol") == "VVV"
    assert session.view("staking.lockedStakes", "minter") == (1000 * 10**18, 11 * 10**18)
    assert session.send("newcomer", "vvv.transfer", "staker", 1) is True
    assert session.send("staker", "staking.claim") == b""
    assert session.accounts["gateway"] == load_preset("minimal").credits.gateway


def test_a_refusal_is_raised_with_its_reason_or_told_as_an_outcome(session: Session) -> None:
    with pytest.raises(Refused, match=r"^UNSTAKE_ZERO$"):
        session.send("staker", "staking.initiateUnstake", 0)

    assert session.outcome("staker", "staking.initiateUnstake", 0) == "UNSTAKE_ZERO"
    assert session.outcome("staker", "staking.initiateUnstake", 1) == "accepted"


def test_raw_calldata_are_sent_as_they_are(session: Session) -> None:
    assert session.send_raw("staker", addresses.VVV, bytes.fromhex("313ce567")) == (18).to_bytes(32, "big")
    with pytest.raises(Refused, match=r"^empty revert data$"):
        session.send_raw("staker", addresses.VVV, b"")


@pytest.mark.parametrize("name", ["staking.nothing", "nobody.claim", "claim", ""])
def test_a_function_that_does_not_exist_is_no_function(name: str) -> None:
    with pytest.raises(KeyError):
        function_of(name)
