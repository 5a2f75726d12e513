"""Two machines side by side: what is compared, what is counted, and where a difference is said to be."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Literal

import pytest

from conformance.conform import PROGRAM_LENGTH, Conformance
from conformance.lockstep import Divergence, Lockstep, Tally, function_name
from conformance.machines.specification import SpecificationMachine
from conformance.trust.saboteurs import DropsLogs, HidesAWord, Saboteur
from spec.daily_credits import DAILY_CREDITS
from spec.diem import DIEM
from spec.machine import CONTRACTS
from spec.messages import Address, Call, Receipt
from spec.parameters import load_preset
from spec.quantities import format_address
from spec.staking import STAKING
from spec.uint256 import U256
from spec.vvv import VVV

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from spec.contract import Contract

PRESET = load_preset("minimal")
NOW = PRESET.timestamp
STAKER, NEWCOMER = PRESET.accounts[0].address, PRESET.accounts[-1].address
STRANGER = Address(b"\xee" * 20)


def call(contract: Contract, function: str, *arguments: Any, sender: Address = STAKER, at: int = NOW) -> Call:
    return Call(sender, contract.address, contract.by_name[function].calldata(*arguments), at)


TRANSFER = call(VVV, "transfer", NEWCOMER, 5)
CLAIM = call(STAKING, "claim", at=NOW + 10)
NOTHING = call(STAKING, "initiateUnstake", 0)
VIEW = call(VVV, "totalSupply")
UNKNOWN = Call(STAKER, DIEM.address, b"\1\2\3\4", NOW)


def against(other: Saboteur) -> Lockstep:
    return Lockstep(SpecificationMachine(PRESET), other)


# ------------------------------------------------------------------------------------------------ agreement


def test_a_step_is_carried_out_on_both_and_answers_as_they_do() -> None:
    lockstep = against(Saboteur(PRESET))

    receipt = lockstep.step(TRANSFER)

    assert receipt == SpecificationMachine(PRESET).call(TRANSFER)
    assert lockstep.specification.world.vvv.balance_of[NEWCOMER] == 700 * 10**18 + 5
    assert lockstep.other.storage_root(VVV.address) == lockstep.specification.storage_root(VVV.address)


def test_what_was_compared_is_counted() -> None:
    lockstep = against(Saboteur(PRESET))

    lockstep.run([TRANSFER, NOTHING, VIEW, UNKNOWN, NOTHING, TRANSFER])

    tally = lockstep.tally
    assert tally.calls == 6
    assert tally.accepted == Counter({"vvv.transfer": 2, "vvv.totalSupply": 1})
    assert tally.refused == Counter(
        {("staking.initiateUnstake", "UNSTAKE_ZERO"): 2, ("diem.?", "empty revert data"): 1}
    )
    assert tally.refused_by_reason == Counter({"UNSTAKE_ZERO": 2, "empty revert data": 1})
    assert tally.logs == 2
    assert tally.words == 4
    assert tally.roots == len(CONTRACTS)


def test_one_tally_can_count_several_programs() -> None:
    tally = Tally()
    for _ in range(3):
        Lockstep(SpecificationMachine(PRESET), Saboteur(PRESET), tally).run([TRANSFER])
    assert tally.calls == 3
    assert tally.roots == 3 * len(CONTRACTS)


def test_a_program_without_calls_is_compared_with_nothing() -> None:
    lockstep = against(HidesAWord(PRESET))
    lockstep.run([])
    assert lockstep.tally.calls == lockstep.tally.roots == 0


@pytest.mark.parametrize(
    "named, name",
    [
        (TRANSFER, "vvv.transfer"),
        (CLAIM, "staking.claim"),
        (call(DAILY_CREDITS, "record", STAKER), "credits.record"),
        (UNKNOWN, "diem.?"),
        (CLAIM._replace(data=b""), "staking.?"),
        (CLAIM._replace(data=CLAIM.data[:3]), "staking.?"),
        (CLAIM._replace(data=CLAIM.data + b"\1"), "staking.claim"),
    ],
)
def test_a_call_is_named_by_its_contract_and_its_selector(named: Call, name: str) -> None:
    assert function_name(named) == name


# ------------------------------------------------------------------------------------------------ difference


class LiesAtThe(DropsLogs):
    """Drops the logs of one call, by its number from 0."""

    number = 0

    def answer(self, receipt: Receipt) -> Receipt:
        return super().answer(receipt) if self.calls == self.number + 1 else receipt


@pytest.mark.parametrize("number", [0, 1, 4])
def test_a_divergence_says_which_call_it_was(number: int) -> None:
    other = LiesAtThe(PRESET)
    other.number = number
    program = [TRANSFER._replace(timestamp=NOW + second) for second in range(6)]
    lockstep = against(other)

    with pytest.raises(Divergence) as caught:
        lockstep.run(program)

    assert caught.value.index == number
    assert caught.value.call == program[number]
    assert caught.value.difference.where == "log 0"
    assert str(caught.value).startswith(f"call {number}: log 0: Transfer from ")
    assert lockstep.tally.calls == number


class MovesElsewhere(Saboteur):
    """Gives a base unit of VVV to an account, which the call may or may not have named."""

    receiver = STRANGER

    def call(self, call: Call) -> Receipt:
        receipt = super().call(call)
        self.honest.world.vvv.balance_of[self.receiver] += U256(1)
        return receipt


def test_a_word_that_only_the_other_machine_wrote_is_named_if_the_call_names_its_key() -> None:
    with pytest.raises(Divergence) as caught:
        against(MovesElsewhere(PRESET)).step(call(DIEM, "balanceOf", STRANGER))

    difference = caught.value.difference
    assert difference.where == f"vvv.balance_of[{format_address(STRANGER)}]"
    assert (difference.left, difference.right) == ("0", "1")


def test_a_word_that_only_the_other_machine_knows_is_told_by_its_slot() -> None:
    with pytest.raises(Divergence) as caught:
        against(MovesElsewhere(PRESET)).step(VIEW)

    assert caught.value.difference.where.startswith("vvv.slot 0x")


def test_calldata_that_end_in_a_word_are_no_trouble() -> None:
    with pytest.raises(Divergence):
        against(MovesElsewhere(PRESET)).step(TRANSFER._replace(data=TRANSFER.data[:-7]))


def test_an_invariant_that_does_not_hold_is_a_divergence() -> None:
    lockstep = against(Saboteur(PRESET))
    lockstep.specification.world.vvv.total_supply += U256(1)

    with pytest.raises(Divergence) as caught:
        lockstep.step(TRANSFER)

    difference = caught.value.difference
    assert difference.where == "invariant"
    assert difference.left.startswith("INV-01 all VVV is somebody's: ")
    assert difference.right == "has to hold"


def test_a_root_that_differs_belongs_to_the_last_call() -> None:
    lockstep = against(HidesAWord(PRESET))

    with pytest.raises(Divergence) as caught:
        lockstep.run([TRANSFER, CLAIM])

    assert (caught.value.index, caught.value.call) == (1, CLAIM)
    assert caught.value.difference.where == "storage root of staking"
    assert lockstep.tally.calls == 2
    assert lockstep.tally.roots == 1


# ------------------------------------------------------------------------------------------------ slow to tell


class WritesAside(Saboteur):
    """Changes a word that the call at one time has nothing to do with, and is slow to tell what it wrote."""

    slow_to_tell: Literal[True] = True
    asked = 0
    slot = 1000

    def call(self, call: Call) -> Receipt:
        receipt = super().call(call)
        if call.timestamp == NOW + 5:
            self.honest.world.accounts[STAKING.address].write(self.slot, U256(1))
        return receipt

    def written(self) -> Mapping[tuple[Address, int], int]:
        self.asked += 1
        return super().written()

    def words(self, address: Address) -> Mapping[int, int]:
        return self.honest.words(address)


TEN_TRANSFERS = [TRANSFER._replace(timestamp=NOW + second) for second in range(10)]


def test_a_machine_that_is_slow_to_tell_is_not_asked_after_each_call_but_for_all_words_in_the_end() -> None:
    other = WritesAside(PRESET)
    lockstep = against(other)
    for step in TEN_TRANSFERS:
        lockstep.step(step)

    with pytest.raises(Divergence) as caught:
        lockstep.checkpoint(TEN_TRANSFERS[-1])

    assert str(caught.value) == f"call 9: staking.slot 0x{1000:064x}: 0 against 1"
    assert other.asked == 0
    assert lockstep.tally.calls == 10
    assert lockstep.tally.roots == 1


def test_it_is_asked_after_each_call_if_one_has_to_be_careful() -> None:
    with pytest.raises(Divergence) as caught:
        Lockstep(SpecificationMachine(PRESET), WritesAside(PRESET), careful=True).run(TEN_TRANSFERS)

    assert str(caught.value) == f"call 5: staking.slot 0x{1000:064x}: 0 against 1"


class WritesAmiss(WritesAside):
    """Writes a word that the call wrote as well."""

    slot = 9


def test_the_words_that_the_specification_wrote_are_compared_at_once() -> None:
    with pytest.raises(Divergence) as caught:
        against(WritesAmiss(PRESET)).run([CLAIM._replace(timestamp=NOW + second) for second in range(1, 10)])

    assert caught.value.index == 4
    assert str(caught.value.difference) == f"staking.last_reward_timestamp: {NOW + 5} against 1"


class Slow(LiesAtThe):
    """Drops the logs of a call, and is slow to tell."""

    slow_to_tell: Literal[True] = True

    def words(self, address: Address) -> Mapping[int, int]:
        return self.honest.words(address)


def drawn(lockstep: Lockstep, breaks_at: int | None = None) -> Iterator[Call]:
    """Yield transfers; before one of them the specification is put wrong."""
    for number, step in enumerate(TEN_TRANSFERS):
        if number == breaks_at:
            lockstep.specification.world.vvv.total_supply += U256(1)
        yield step


def test_the_specification_goes_ahead_and_each_call_is_told_once_it_was_compared() -> None:
    other = Slow(PRESET)
    other.number = 100
    lockstep = against(other)
    calls = lockstep.follow(drawn(lockstep))

    assert next(calls) == TEN_TRANSFERS[0]
    assert (lockstep.tally.calls, other.calls) == (1, 1)
    assert lockstep.specification.world.vvv.balance_of[NEWCOMER] == 700 * 10**18 + 5 * len(TEN_TRANSFERS)
    assert [*calls] == TEN_TRANSFERS[1:]
    assert lockstep.tally.calls == 10


@pytest.mark.parametrize("lies_at, found_at, where", [(2, 2, "log 0"), (7, 5, "invariant")])
def test_what_comes_first_is_found_first_although_the_specification_is_ahead(
    lies_at: int, found_at: int, where: str
) -> None:
    other = Slow(PRESET)
    other.number = lies_at
    lockstep = against(other)

    with pytest.raises(Divergence) as caught:
        list(lockstep.follow(drawn(lockstep, breaks_at=5)))

    assert (caught.value.index, caught.value.call) == (found_at, TEN_TRANSFERS[found_at])
    assert caught.value.difference.where == where
    assert lockstep.tally.calls == found_at


def test_a_machine_that_tells_at_once_is_never_behind() -> None:
    other = Saboteur(PRESET)
    lockstep = against(other)
    for number, _ in enumerate(lockstep.follow(drawn(lockstep)), 1):
        assert lockstep.specification.world.vvv.balance_of[NEWCOMER] == 700 * 10**18 + 5 * number
        assert other.calls == number


def test_all_words_of_a_machine_that_is_slow_to_tell_are_as_good_as_the_roots() -> None:
    lockstep = against(WritesAside(PRESET))
    lockstep.run(TEN_TRANSFERS[:5])
    assert lockstep.tally.roots == len(CONTRACTS)


def test_what_is_seen_only_in_the_end_is_traced_back_to_the_call_that_did_it() -> None:
    class WritesOnce(WritesAside):
        def call(self, call: Call) -> Receipt:
            receipt = Saboteur.call(self, call)
            if call.to == STAKING.address and receipt.status and receipt.logs:
                self.honest.world.accounts[STAKING.address].write(self.slot, U256(1))
            return receipt

    failure = Conformance(PRESET, WritesOnce(PRESET), shrink_seconds=5.0).run(PROGRAM_LENGTH, seed=1).failure

    assert failure is not None
    assert failure.found_after == PROGRAM_LENGTH
    assert len(failure.original) < PROGRAM_LENGTH
    assert failure.original[-1].to == STAKING.address
    assert len(failure.shrunk) == 1
    assert failure.divergence.index == 0
    assert failure.divergence.difference.where == f"staking.slot 0x{1000:064x}"


# ------------------------------------------------------------------------------------------------ programs


def test_a_run_makes_as_many_calls_as_asked_in_programs_from_genesis() -> None:
    seen: list[int] = []
    result = Conformance(PRESET, Saboteur(PRESET)).run(2 * PROGRAM_LENGTH + 3, seed=4, progress=seen.append)

    assert result.failure is None
    assert result.tally.calls == 2 * PROGRAM_LENGTH + 3
    assert seen == list(range(1, 2 * PROGRAM_LENGTH + 4))
    assert result.tally.roots == 3 * len(CONTRACTS)


def test_the_same_seed_gives_the_same_run_and_another_seed_another() -> None:
    conformance = Conformance(PRESET, Saboteur(PRESET))
    tallies = [vars(conformance.run(400, seed).tally) for seed in (1, 2, 1)]
    assert tallies[0] == tallies[2] != tallies[1]


def test_calls_are_counted_up_to_the_one_that_fails_over_all_programs() -> None:
    class TurnsAround(Saboteur):
        """Turns the status of one call around."""

        def answer(self, receipt: Receipt) -> Receipt:
            return receipt._replace(status=not receipt.status) if self.calls == PROGRAM_LENGTH + 6 else receipt

    failure = Conformance(PRESET, TurnsAround(PRESET), shrink_seconds=0.0).run(3 * PROGRAM_LENGTH, seed=1).failure

    assert failure is not None
    assert failure.found_after == PROGRAM_LENGTH + 6
    assert len(failure.original) == 6
    assert failure.shrunk == failure.original
