"""Programs that begin where no call has led to: at words at their limits, at credit beyond reason, at empty hands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.machines.specification import SpecificationMachine
from conformance.programs.choices import Choices, SeededSource
from conformance.programs.generator import Generator
from conformance.storage_names import variables
from conformance.trust.mutants.program import Program, Tape, recorded
from spec import addresses
from spec.machine import CONTRACTS
from spec.messages import Address, Call
from spec.parameters import Preset, load_preset
from spec.quantities import format_address
from spec.storage import AddressVariable, BoolVariable, Uint256Array, Uint256Mapping, Uint256Variable
from spec.uint256 import MAX_UINT256

STATES: Final = 240
"""How many programs begin at words that no call has led to."""
CALLS: Final = 8
"""In each of them."""

LIMITS: Final = (0, 1, 10**18, 2**128, 2**160 - 1, 2**160, 2**255, MAX_UINT256 - 1, MAX_UINT256)
"""Words that are put where others were."""


def limits() -> Iterator[Program]:
    """Yield short programs from states in which one or two words are at their limits.

    The calls are made up for a state that is as it should be.
    """
    preset = load_preset("minimal")
    bases = list(_numbers(preset))
    for number in range(STATES):
        choices = Choices(SeededSource(f"mutants/limits/{number}"))
        changed = [choices.one_of(bases) for _ in range(1 + choices.below(2))]
        start = {at: choices.one_of(LIMITS) for at in changed}
        tape = Tape(preset, f"limits {number}", start, views=False)
        twin = SpecificationMachine(preset)
        generator = Generator(twin.world, preset, SeededSource(f"mutants/limits calls/{number}"))
        for _ in range(CALLS):
            call = generator.next_call(malformed_percent=0)
            twin.call(call)
            tape.call(call)
        yield from tape.programs()


def _numbers(preset: Preset) -> Iterator[tuple[Address, int]]:
    """Yield where the variables of a preset's state are, but for texts; of the curve's table, only the first steps."""
    machine = SpecificationMachine(preset)
    keys = [account.address for account in preset.accounts[:4]]
    links = {machine.world.staking.erc1967.base, *_LINKS}
    for address, variable in variables(machine.world, keys):
        in_table = isinstance(variable.declared, Uint256Array) and variable.name.endswith(("[0]", "[1]"))
        if (isinstance(variable.declared, _VARIABLES) or in_table) and not links & {variable.name, variable.slot}:
            yield address, variable.slot


_LINKS: Final = frozenset({"staking.venice", "staking.diem", "credits.diem"})
"""Variables that name other contracts, which the specification takes for given."""

_VARIABLES: Final = (Uint256Variable, Uint256Mapping, AddressVariable, BoolVariable)


def credit_beyond_reason() -> Iterator[Program]:
    """Yield calls on an account that has spent more than it had, or in epochs of no length, or with much recorded."""
    preset = load_preset("minimal")
    account = preset.accounts[2].address
    slots = {name: at for at, name in _named(preset, account)}
    epoch, most = int(preset.timestamp // preset.credits.epoch_duration), MAX_UINT256
    own = f"credits.accounts[{format_address(account)}]."
    for number, words in enumerate(
        (
            {f"{own}epoch": epoch, f"{own}allocation": 10**18, f"{own}spent": 10**18 + 1},
            {f"{own}epoch": epoch, f"{own}allocation": most, f"{own}spent": most - 1},
            {f"{own}epoch": epoch - 1, f"{own}allocation": 1, f"{own}staked": most, f"{own}spent": 2},
            {f"{own}epoch": epoch + 1, f"{own}staked": 10**18, "credits.minimum_stake": 10**18},
            {f"{own}epoch": epoch, f"{own}allocation": 10**18, "credits.minimum_stake": 10**18 + 1},
            {"credits.epoch_duration": 0},
            {"credits.epoch_duration": 1, "credits.credit_at_once": 0},
        )
    ):
        start = {slots[name]: word for name, word in words.items()}
        calls = list(_credit_calls(preset, account))
        yield from recorded(preset.name, f"credit beyond reason {number}", calls, start, views=False)


def _credit_calls(preset: Preset, account: Address) -> Iterator[Call]:
    credits = CONTRACTS[addresses.DAILY_CREDITS]
    asked = [(name, (account,)) for name in ("available", "accounts")]
    acts: list[tuple[str, tuple[Any, ...]]] = [*asked, ("spend", (account, 1)), *asked, ("spend", (account, 10**18))]
    acts += [("epoch", ()), ("record", (account,)), *asked, ("spend", (account, MAX_UINT256)), ("spend", (account, 1))]
    for name, arguments in acts:
        yield Call(
            preset.credits.gateway, credits.address, credits.by_name[name].calldata(*arguments), preset.timestamp
        )


def _named(preset: Preset, account: Address) -> Iterator[tuple[tuple[Address, int], str]]:
    for address, variable in variables(SpecificationMachine(preset).world, [account]):
        yield (address, variable.slot), variable.name


def others_refuse() -> Iterator[Program]:
    """Yield calls of staking in which VVV refuses what it is asked for: to pay out what is not there, to mint more."""
    preset = load_preset("minimal")
    staking, cooling = CONTRACTS[addresses.STAKING], preset.accounts[1].address
    slots = {name: at for at, name in _named(preset, addresses.STAKING)}
    supply, held = slots["vvv.total_supply"], slots[f"vvv.balance_of[{format_address(addresses.STAKING)}]"]
    later = preset.timestamp + 1000
    calls = [
        Call(cooling, staking.address, staking.by_name[name].calldata(), later + number)
        for number, name in enumerate(("finalizeUnstake", "claim", "claimAndStake"))
    ]
    starts = [{held: 0}, *({supply: MAX_UINT256 - part * 10**18} for part in (0, 10, 100, 300, 500, 900, 2000))]
    for number, start in enumerate(starts):
        yield from recorded(preset.name, f"others refuse {number}", calls, start, views=False)
