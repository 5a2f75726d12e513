"""The generator reaches everything: functions, refusals, boundaries, aliases, newcomers, calls wrong in two ways."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest
from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

from conformance.lockstep import Tally, function_name
from conformance.machines.specification import SpecificationMachine
from conformance.programs.actors import ALIASES, NEWCOMERS
from conformance.programs.choices import Choices, SeededSource
from conformance.programs.generator import FAMILIES, WEIGHTS, Generator
from spec import addresses
from spec.errors import CustomError, Reason, reason_of
from spec.machine import CONTRACTS
from spec.messages import ZERO_ADDRESS, Address, Call, Receipt
from spec.parameters import PRESETS, load_preset
from spec.uint256 import MAX_UINT256

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spec.world import World

ROOT: Final = Path(__file__).resolve().parents[2]
SEED: Final = 1
PROGRAMS: Final = 40
LENGTH: Final = 250

NEVER_ACCEPTED: Final = {
    "vvv.mint": "only staking may, and staking calls it only from within",
    "vvv.transferOwnership": "only staking may, and it has no function that does",
    "staking.transfer": "sVVV cannot be transferred",
    "staking.transferFrom": "sVVV cannot be transferred",
    "staking.initialize": "the proxy is initialized when it is made",
    "staking.proxiableUUID": "the proxy refuses it",
}
"""Function |-> why no call of it can be accepted."""

NEVER_GIVEN: Final = {
    "Panic(0x12)": "the total stake is never zero because of its seed, and the length of an epoch is fixed",
}
"""Reason |-> why no call can be refused for it."""


class Step(NamedTuple):
    """One call, and what has to be known of the state before it."""

    call: Call
    receipt: Receipt
    function: str
    arguments: tuple[Any, ...] | None
    """Decoded; None where they do not decode."""
    seconds: int
    """Since the call before, or since genesis."""
    facts: frozenset[str]


class Observed:
    """What the generator made of one preset."""

    def __init__(self, name: str) -> None:
        preset = load_preset(name)
        machine = SpecificationMachine(preset)
        genesis = machine.snapshot()
        self.steps: list[Step] = []
        self.tally = Tally()
        for program in range(PROGRAMS):
            machine.revert(genesis)
            generator = Generator(machine.world, preset, SeededSource(f"{SEED}/{program}"))
            now = preset.timestamp
            for _ in range(LENGTH):
                call = generator.next_call()
                facts = frozenset(_facts(machine, call))
                receipt = machine.call(call)
                self.tally.count(call, receipt, len(machine.written()))
                self.steps.append(
                    Step(call, receipt, function_name(call), _arguments(call), call.timestamp - now, facts)
                )
                now = call.timestamp

    def count(self, fact: str) -> int:
        return sum(fact in step.facts for step in self.steps)


@cache
def observed(name: str) -> Observed:
    return Observed(name)


def _arguments(call: Call) -> tuple[Any, ...] | None:
    function = CONTRACTS[call.to].by_selector.get(call.data[:4])
    if function is None:
        return None
    try:
        return decode([parameter.type for parameter in function.parameters], call.data[4:])
    except (DecodingError, OverflowError):
        return None


def _account(value: Any) -> Address:
    return Address(bytes.fromhex(value[2:]))


def _facts(machine: SpecificationMachine, call: Call) -> Iterator[str]:
    """Yield what is notable of a call in the state before it."""
    world = machine.world
    arguments = _arguments(call)
    if arguments is None:
        return
    function = function_name(call)
    accounts = [_account(value) for value in arguments if isinstance(value, str)]
    yield from _times(world, call, function)
    if call.sender in accounts:
        yield "the sender named"
    if ZERO_ADDRESS in accounts:
        yield "the zero address named"
    if set(ALIASES[:4]) & set(accounts):
        yield "a contract named"
    if call.sender == ZERO_ADDRESS:
        yield "the zero address calls"
    if call.sender in NEWCOMERS:
        yield "a newcomer calls"
    exact = _exact(world, call, function, arguments)
    if exact is not None:
        for name, amount in (("exact", exact), ("one over", exact + 1), ("zero", 0), ("one", 1), ("all", MAX_UINT256)):
            if arguments[-1 if function != "staking.mintDiem" else 0] == amount and (exact or name != "exact"):
                yield f"amount {name}"
    if (right := _with_the_right_sender(world, call, function)) is not None and _is_refused(machine, call):
        yield "wrong sender"
        if _is_refused(machine, right):
            yield "wrong sender and more"


def _times(world: World, call: Call, function: str) -> Iterator[str]:
    epoch = int(world.credits.epoch_duration)
    past = call.timestamp % epoch
    if past in {0, 1, epoch - 1}:
        yield f"epoch {past if past < 2 else -1:+}"
    stake, info = world.staking.stakes[call.sender], world.diem.staked_infos[call.sender]
    for name, called, amount, end in (
        ("VVV", "staking.finalizeUnstake", stake.cooldown_amount, stake.cooldown_end),
        ("DIEM", "diem.unstake", info.cool_down_amount, info.cool_down_end),
    ):
        if function == called and amount and abs(call.timestamp - int(end)) <= 1:
            yield f"{name} cooldown {call.timestamp - int(end):+}"


def _exact(world: World, call: Call, function: str, arguments: tuple[Any, ...]) -> int | None:
    """Return the largest amount that this call could succeed with."""
    sender = call.sender
    match function:
        case "vvv.transfer":
            return int(world.vvv.balance_of[sender])
        case "staking.stake":
            return int(min(world.vvv.balance_of[sender], world.vvv.allowance[sender].of[addresses.STAKING]))
        case "staking.initiateUnstake" | "staking.mintDiem":
            return int(world.staking.unlocked(sender))
        case "staking.burnDiem":
            outstanding = world.staking.locked_stakes[sender].outstanding_diem_amount
            return int(min(world.diem.balance_of[sender], outstanding))
        case "diem.transfer" | "diem.stake":
            return int(world.diem.balance_of[sender])
        case "diem.initiateUnstake":
            return int(world.diem.staked_infos[sender].amount_staked)
    return None


OWNERS_FUNCTIONS: Final = {
    "setEmissionRate",
    "setVeniceEmissionsPercentage",
    "setVeniceEmissionsPercentageWhenLocked",
    "setTreasury",
    "transferOwnership",
    "upgradeToAndCall",
}


def _with_the_right_sender(world: World, call: Call, function: str) -> Call | None:
    """Return the call as one makes it who may, if its sender is somebody else."""
    contract, _, name = function.partition(".")
    right = None
    if contract == "staking" and name in OWNERS_FUNCTIONS:
        right = world.staking.ownable.owner
    elif function == "credits.spend":
        right = world.credits.gateway
    return call._replace(sender=right) if right is not None and call.sender != right else None


def _is_refused(machine: SpecificationMachine, call: Call) -> bool:
    before = machine.snapshot()
    refused = not machine.call(call).status
    machine.revert(before)
    return refused


def everything() -> list[Observed]:
    return [observed(name) for name in PRESETS]


@pytest.mark.parametrize("name", PRESETS)
def test_between_a_quarter_and_45_percent_of_the_calls_are_refused(name: str) -> None:
    tally = observed(name).tally
    assert tally.calls == PROGRAMS * LENGTH
    assert 0.25 <= sum(tally.refused.values()) / tally.calls <= 0.45


@pytest.mark.parametrize("name", PRESETS)
def test_every_function_is_accepted_wherever_it_can_be(name: str) -> None:
    functions = {f"{contract.name}.{function}" for contract in CONTRACTS.values() for function in contract.by_name}
    assert functions - set(observed(name).tally.accepted) == set(NEVER_ACCEPTED)


def test_every_function_that_changes_something_is_refused_too() -> None:
    refused = {function for one in everything() for function, _ in one.tally.refused}
    for contract in CONTRACTS.values():
        for function in contract.by_name.values():
            assert function.view or f"{contract.name}.{function.name}" in refused


def declared_reasons() -> set[str]:
    """Return the reasons that the specification declares; tests may have made up others."""
    modules = [module for name, module in sys.modules.items() if name.partition(".")[0] == "spec"]
    return {
        value.name for module in modules for value in vars(module).values() if isinstance(value, Reason | CustomError)
    }


def test_every_reason_there_is_is_given() -> None:
    given = {reason for one in everything() for reason in one.tally.refused_by_reason}
    assert len(declared_reasons()) >= 35
    assert declared_reasons() - given == set(NEVER_GIVEN)


@pytest.mark.parametrize("name", PRESETS)
def test_time_stands_still_passes_by_every_measure_and_never_runs_backwards(name: str) -> None:
    seconds = [step.seconds for number, step in enumerate(observed(name).steps) if number % LENGTH]
    assert min(seconds) == 0
    assert seconds.count(0) > len(seconds) / 5
    assert seconds.count(1) > len(seconds) / 10
    assert sum(3600 > second > 1 for second in seconds) > 100
    assert sum(second > 86_400 for second in seconds) > 100
    assert sum(second > 365 * 86_400 for second in seconds) > 10


EDGES = [f"{what} {by}" for what in ("VVV cooldown", "DIEM cooldown", "epoch") for by in ("-1", "+0", "+1")]
ALIASING = ["the sender named", "the zero address named", "a contract named", "the zero address calls"]
AMOUNTS = [f"amount {name}" for name in ("zero", "one", "exact", "one over", "all")]


@pytest.mark.parametrize("fact", [*EDGES, *ALIASING, *AMOUNTS, "wrong sender and more"])
@pytest.mark.parametrize("name", PRESETS)
def test_what_is_rare_in_life_is_frequent_here(name: str, fact: str) -> None:
    assert observed(name).count(fact) >= 10


@pytest.mark.parametrize("name", PRESETS)
def test_some_calls_of_a_stranger_would_be_refused_of_anyone_and_some_would_not(name: str) -> None:
    wrong, more = (observed(name).count(fact) for fact in ("wrong sender", "wrong sender and more"))
    assert 0 < more < wrong


@pytest.mark.parametrize("name", PRESETS)
def test_newcomers_appear_in_the_middle_of_a_program(name: str) -> None:
    steps = observed(name).steps
    first = Counter[int]()
    for program in range(PROGRAMS):
        calls = steps[program * LENGTH : (program + 1) * LENGTH]
        numbers = [number for number, step in enumerate(calls) if "a newcomer calls" in step.facts]
        first[numbers[0] if numbers else LENGTH] += 1
    assert sum(count for number, count in first.items() if 10 < number < LENGTH) >= PROGRAMS / 2


@pytest.mark.parametrize("name", PRESETS)
def test_calldata_are_malformed_in_every_way(name: str) -> None:
    steps = observed(name).steps
    assert sum(step.call.value > 0 for step in steps) >= 10
    assert sum(step.call.data == b"" for step in steps) >= 5
    assert sum(len(step.call.data) % 32 != 4 for step in steps) >= 20
    assert sum(step.function.endswith(".?") for step in steps) >= 10
    undecodable = [step for step in steps if step.arguments is None and not step.function.endswith(".?")]
    assert len(undecodable) >= 20
    assert all(not step.receipt.status for step in undecodable)
    extended = [step for step in steps if step.receipt.status and len(step.call.data) % 32 != 4]
    assert extended


def test_a_family_alone_makes_only_its_own_calls() -> None:
    preset = load_preset("minimal")
    for family, drafts in FAMILIES.items():
        machine = SpecificationMachine(preset)
        generator = Generator(machine.world, preset, SeededSource(SEED))
        functions = set()
        for _ in range(300):
            call = generator.next_call(drafts, malformed_percent=0)
            functions.add(function_name(call))
            machine.call(call)
        contracts = {function.partition(".")[0] for function in functions}
        if family in {"vvv", "staking", "owner"}:
            assert contracts == {"staking" if family == "owner" else family}
        assert not any(function.endswith("?") for function in functions)


def test_the_families_are_all_there_is() -> None:
    drafts = [draft for _, draft in WEIGHTS]
    assert len(drafts) == len(set(drafts)) == sum(map(len, FAMILIES.values()))
    assert all(weight > 0 for weight, _ in WEIGHTS)


def test_the_generator_changes_nothing() -> None:
    preset = load_preset("minimal")
    machine = SpecificationMachine(preset)
    roots = [machine.storage_root(address) for address in CONTRACTS]
    generator = Generator(machine.world, preset, SeededSource(SEED))
    for _ in range(500):
        generator.next_call()
    assert machine.world.journal == []
    assert [machine.storage_root(address) for address in CONTRACTS] == roots


# ------------------------------------------------------------------------------------------------ determinism

PROGRAM = """
import hashlib, sys
from conformance.machines.specification import SpecificationMachine
from conformance.programs.choices import SeededSource
from conformance.programs.generator import Generator
from spec.parameters import load_preset
preset = load_preset("snapshot-2026-09-19")
machine = SpecificationMachine(preset)
generator = Generator(machine.world, preset, SeededSource(sys.argv[1]))
digest = hashlib.sha256()
for _ in range(400):
    call = generator.next_call()
    machine.call(call)
    digest.update(repr(call).encode())
print(digest.hexdigest())
"""


def digest_elsewhere(seed: str, hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PROGRAM, seed]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


def digest_here(seed: str) -> str:
    preset = load_preset("snapshot-2026-09-19")
    machine = SpecificationMachine(preset)
    generator = Generator(machine.world, preset, SeededSource(seed))
    digest = hashlib.sha256()
    for _ in range(400):
        call = generator.next_call()
        machine.call(call)
        digest.update(repr(call).encode())
    return digest.hexdigest()


def test_the_same_seed_makes_the_same_program_in_every_process() -> None:
    assert digest_elsewhere("7/0", "1") == digest_elsewhere("7/0", "2") == digest_here("7/0")


def test_another_seed_makes_another_program() -> None:
    assert digest_here("7/0") != digest_here("7/1")


# ------------------------------------------------------------------------------------------------ choices


class Fixed:
    """A source that always gives the same, or the largest below the bound."""

    def __init__(self, value: int) -> None:
        self.value = value

    def below(self, bound: int) -> int:
        assert bound > 1
        return min(self.value, bound - 1)


def test_the_smallest_choices_are_the_simplest() -> None:
    simple, largest = Choices(Fixed(0)), Choices(Fixed(2**300))
    assert simple.one_of("abc") == simple.weighted([(1, "a"), (5, "b")]) == "a"
    assert largest.one_of("abc") == largest.weighted([(1, "a"), (5, "c")]) == "c"
    assert not simple.chance(99)
    assert largest.chance(1)
    assert simple.up_to(100) == 0
    assert largest.up_to(100) == 100
    assert simple.below(1) == largest.below(1) == 0
    assert not largest.chance(0)
    assert simple.chance(100)


def test_no_weight_no_choice() -> None:
    with pytest.raises(AssertionError, match="weights"):
        Choices(Fixed(0)).weighted([(0, "a")])


def test_amounts_are_small_as_often_as_large() -> None:
    choices = Choices(SeededSource(SEED))
    bits = Counter(choices.up_to(2**64 - 1).bit_length() // 16 for _ in range(4000))
    assert min(bits[quarter] for quarter in range(4)) > 500


def test_the_reason_of_every_refusal_is_known() -> None:
    for one in everything():
        for step in one.steps:
            assert step.receipt.status or not reason_of(step.receipt.output).startswith("0x")
