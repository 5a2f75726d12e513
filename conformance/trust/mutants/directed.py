"""Programs that go where chance does not: ill-formed calls of every function, words at their limits, rare callers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.artifact import load_artifacts
from conformance.machines.py_evm import Image, PyEvmMachine, deployed
from conformance.machines.specification import SpecificationMachine
from conformance.programs.choices import Choices, SeededSource
from conformance.programs.generator import Generator
from conformance.storage_names import variables
from conformance.trust.mutants.suite import Program, Step, Tape, is_view, recorded
from spec import addresses
from spec.contract import Contract, Function
from spec.encoding import WORD
from spec.machine import CONTRACTS
from spec.messages import ZERO_ADDRESS, Address, Call
from spec.parameters import Preset, load_preset
from spec.quantities import format_address
from spec.storage import AddressVariable, BoolVariable, Uint256Array, Uint256Mapping, Uint256Variable
from spec.uint256 import MAX_UINT256
from spec.vvv import VVV

STATES: Final = 240
"""How many programs begin at words that no call has led to."""
CALLS: Final = 8
"""In each of them."""

LIMITS: Final = (0, 1, 10**18, 2**128, 2**160 - 1, 2**160, 2**255, MAX_UINT256 - 1, MAX_UINT256)
"""Words that are put where others were."""

NOBODY: Final = Address(b"nobody".rjust(20, b"\0"))


def directed() -> Iterator[Program]:
    """Yield all of them."""
    yield from ill_formed()
    yield from rare_callers()
    yield from limits()
    yield from initializations()
    yield from credit_beyond_reason()


def ill_formed() -> Iterator[Program]:
    """Yield one program a function: called as it should be, with value, cut short, and with dirty arguments."""
    preset = load_preset("minimal")
    for contract in CONTRACTS.values():
        for function in contract.by_name.values():
            calls = list(_ill_formed(preset, contract, function))
            yield from recorded(preset.name, f"ill-formed {contract.name}.{function.name}", calls, views=False)
        yield from recorded(preset.name, f"unknown {contract.name}", _unknown(preset, contract), views=False)


_ARGUMENTS: Final[dict[str, Any]] = {
    "address": NOBODY,
    "uint256": 1,
    "uint8": 27,
    "bytes32": b"\x01" * 32,
    "bytes4": b"\x01\xff\xc9\xa7",
    "bytes": b"\x01" * 33,
    "uint256[256]": (1,) * 256,
}


def _ill_formed(preset: Preset, contract: Contract, function: Function) -> Iterator[Call]:
    data = function.calldata(*(_ARGUMENTS[parameter.type] for parameter in function.parameters))
    good = Call(preset.staking.owner, contract.address, data, preset.timestamp)
    yield good
    yield good._replace(value=1)
    words = (len(data) - 4) // WORD
    for length in {4, *(4 + WORD * number - 1 for number in range(1, min(words, 8) + 1)), len(data) - 1, len(data) + 1}:
        yield good._replace(data=data[:length].ljust(length, b"\xff"))
    for number in range(min(words, 8)):
        at = 4 + WORD * number
        for bit in (1 << 255, 1 << 160, 1 << 223, 1 << 8, 1 << 64, 1 << 63):
            word = int.from_bytes(data[at : at + WORD], "big") | bit
            yield good._replace(data=data[:at] + word.to_bytes(WORD, "big") + data[at + WORD :])
        yield good._replace(data=data[:at] + bytes(WORD) + data[at + WORD :])


def _unknown(preset: Preset, contract: Contract) -> Iterator[Call]:
    """Yield calls of functions that there are not: no selector, and those beside the selectors of those that are."""
    call = Call(preset.staking.owner, contract.address, b"", preset.timestamp)
    known = set(contract.by_selector)
    beside = {(int.from_bytes(selector, "big") + step).to_bytes(5, "big")[1:] for selector in known for step in (-1, 1)}
    for selector in (b"", b"\0", b"\0\0\0", b"\0\0\0\0", b"\xff" * 4, *sorted(beside - known)):
        yield call._replace(data=selector)
        yield call._replace(data=selector, value=1)
        yield call._replace(data=selector + (1).to_bytes(WORD, "big") * _ENOUGH)


_ENOUGH: Final = 8
"""Words of arguments that are enough for any function but the one that takes tables."""


def rare_callers() -> Iterator[Program]:
    """Yield programs of calls by contracts, the treasury and the zero address, which own and mint and hold."""
    preset = load_preset("minimal")
    to, now = preset.accounts[0].address, preset.timestamp
    callers = (*CONTRACTS, ZERO_ADDRESS, preset.staking.treasury, preset.staking.owner, preset.diem.admin)
    for number, sender in enumerate(callers):
        calls = [
            Call(sender, contract.address, contract.by_name[function].calldata(*arguments), now + later)
            for later, (contract, function, arguments) in enumerate(_acts(to))
        ]
        yield from recorded(preset.name, f"rare caller {number}", calls)


def _acts(to: Address) -> Iterator[tuple[Contract, str, tuple[Any, ...]]]:
    """Yield what only few may do, the handing over of VVV last."""
    staking, diem, credits = (CONTRACTS[at] for at in (addresses.STAKING, addresses.DIEM, addresses.DAILY_CREDITS))
    zero = ZERO_ADDRESS
    for recipient in (to, zero, addresses.STAKING):
        yield VVV, "mint", (recipient, 5)
        yield diem, "mint", (recipient, 7)
        yield diem, "burn", (recipient, 2)
        for token in (VVV, diem, staking):
            yield token, "transfer", (recipient, 1)
            yield token, "approve", (recipient, 3)
            yield token, "transferFrom", (to, recipient, 1)
    yield VVV, "mint", (to, MAX_UINT256)
    yield diem, "mint", (to, MAX_UINT256)
    yield diem, "burn", (to, MAX_UINT256)
    yield credits, "spend", (to, 1)
    yield credits, "record", (addresses.DIEM,)
    for implementation in (addresses.STAKING_IMPLEMENTATION, addresses.DIEM, addresses.STAKING, to, zero):
        yield staking, "upgradeToAndCall", (implementation, b"")
        yield staking, "upgradeToAndCall", (implementation, staking.by_name["claim"].selector)
        yield staking, "upgradeToAndCall", (implementation, b"\xff" * 5)
    yield VVV, "transferOwnership", (zero,)
    yield VVV, "mint", (to, 1)


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


def initializations() -> Iterator[Program]:
    """Yield programs that begin before the proxy was initialized, or in the middle of it.

    The specification begins after that, so the answers recorded are the honest bytecode's; where it leads to is
    compared with the specification's genesis elsewhere.
    """
    preset = load_preset("minimal")
    image = deployed(preset, load_artifacts())
    kept = {slot: word for slot, word in image.words[addresses.STAKING].items() if word == _IMPLEMENTATION}
    slot = SpecificationMachine(preset).world.staking.initializable.base
    for number, word in enumerate((0, 1, 2, 1 << 64, 1 << 64 | 1, MAX_UINT256)):
        words = {**image.words, addresses.STAKING: {**kept, slot: word} if word else kept}
        machine = PyEvmMachine(preset, image=Image(image.codes, words))
        steps = []
        for call in _initializing(preset):
            receipt = machine.call(call)
            steps.append(Step(call, receipt, is_view(call), dict(machine.written())))
        erased = dict.fromkeys(((addresses.STAKING, at) for at in image.words[addresses.STAKING]), 0)
        start = {**erased, **{(addresses.STAKING, at): to for at, to in words[addresses.STAKING].items()}}
        end = {address: dict(machine.words(address)) for address in CONTRACTS}
        yield Program(f"initialization {number}", preset.name, start, tuple(steps), len(steps), end)


_IMPLEMENTATION: Final = int.from_bytes(addresses.STAKING_IMPLEMENTATION, "big")


def _initializing(preset: Preset) -> Iterator[Call]:
    """Yield the initializer's call, by anybody, and what shows its effects."""
    staking, owner = CONTRACTS[addresses.STAKING], preset.staking.owner
    given = (addresses.VVV, addresses.DIEM, preset.staking.treasury, owner)
    acts: list[tuple[str, tuple[Any, ...]]] = [("initialize", (*given[:3], ZERO_ADDRESS)), ("initialize", given)]
    acts += [(function.name, ()) for function in staking.by_name.values() if function.view and not function.parameters]
    acts += [("balanceOf", (addresses.STAKING,)), ("setEmissionRate", (10**18,)), ("initialize", given), ("claim", ())]
    for later, (name, arguments) in enumerate(acts):
        data = staking.by_name[name].calldata(*arguments)
        yield Call(owner, staking.address, data, preset.timestamp + later)
        yield Call(owner, staking.address, data, preset.timestamp + later, value=1)


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
