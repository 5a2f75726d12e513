"""Programs that only bytecode can answer: before the proxy was initialized, and behind it.

The specification begins when all is set up, and knows the proxy only. So the answers that are recorded here are those
of the bytecode as it is; where its initialization leads to is compared with the specification's genesis elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from conformance.artifact import load_artifacts
from conformance.machines.py_evm import Image, PyEvmMachine, deployed
from conformance.machines.specification import SpecificationMachine
from conformance.storage_names import variables
from conformance.trust.mutants.directed.words import texts_of
from conformance.trust.mutants.program import Program, Step, Words, is_view
from spec import addresses
from spec.hashing import keccak256
from spec.machine import CONTRACTS
from spec.messages import ZERO_ADDRESS, Address, Call
from spec.parameters import Preset, load_preset
from spec.storage import ShortStringVariable
from spec.uint256 import MAX_UINT256


def initializations() -> Iterator[Program]:
    """Yield programs that begin before the proxy was initialized, or in the middle of it."""
    preset = load_preset("minimal")
    image = deployed(preset, load_artifacts())
    words = image.words[addresses.STAKING]
    kept = {slot: word for slot, word in words.items() if word == _IMPLEMENTATION}
    slot = SpecificationMachine(preset).world.staking.initializable.base
    for number, word in enumerate((0, 1, 2, 1 << 64, 1 << 64 | 1, MAX_UINT256)):
        start = {(addresses.STAKING, at): kept.get(at, 0) for at in words} | {(addresses.STAKING, slot): word}
        yield answered(preset, f"initialization {number}", _initializing(preset), start)
    start = {(addresses.STAKING, at): kept.get(at, 0) for at in words}
    for text in _texts(preset):
        start |= dict(long_text(text, 70)) if text[0] == addresses.STAKING else {}
    yield answered(preset, "initialization over long texts", _initializing(preset), start)


def long_texts() -> Iterator[Program]:
    """Yield views of names and symbols that do not fit into a word, or are not stored as they should be."""
    preset = load_preset("minimal")
    slots = _texts(preset)
    for length in (32, 33, 63, 64, 70, 2):
        start = {at: word for slot in slots for at, word in long_text(slot, length)}
        yield answered(preset, f"text of {length}", texts_of(preset), start)
    yield answered(preset, "text of odd length", texts_of(preset), dict.fromkeys(slots, 2 * 40))


def _texts(preset: Preset) -> list[tuple[Address, int]]:
    """Return where the names and symbols stand."""
    return [
        (address, variable.slot)
        for address, variable in variables(SpecificationMachine(preset).world)
        if isinstance(variable.declared, ShortStringVariable)
    ]


def long_text(slot: tuple[Address, int], length: int) -> Iterator[tuple[tuple[Address, int], int]]:
    """Yield the words of a text that does not fit into its own word."""
    address, place = slot
    yield slot, 2 * length + 1
    first = int.from_bytes(keccak256(place.to_bytes(32, "big")), "big")
    for number in range(-(-length // 32)):
        yield (address, first + number), int.from_bytes(bytes([65 + number]) * 32, "big")


def behind_the_proxy() -> Iterator[Program]:
    """Yield calls of the implementation itself, which is nobody's."""
    preset = load_preset("minimal")
    staking = CONTRACTS[addresses.STAKING]
    implementation = addresses.STAKING_IMPLEMENTATION
    acts = [
        ("initialize", (addresses.VVV, addresses.DIEM, preset.staking.treasury, preset.staking.owner)),
        ("upgradeToAndCall", (implementation, b"")),
        ("upgradeToAndCall", (implementation, staking.by_name["claim"].selector)),
        *((name, ()) for name in ("proxiableUUID", "UPGRADE_INTERFACE_VERSION", "owner", "name", "symbol", "decimals")),
        ("transferOwnership", (preset.staking.owner,)),
    ]
    calls = [
        Call(sender, implementation, staking.by_name[name].calldata(*arguments), preset.timestamp)
        for name, arguments in acts
        for sender in (preset.staking.owner, ZERO_ADDRESS, implementation)
    ]
    yield answered(preset, "behind the proxy", calls, {})


def answered(preset: Preset, name: str, calls: Iterable[Call], start: Words) -> Program:
    """Return a program with the answers of the contracts as they are."""
    image = deployed(preset, load_artifacts())
    words = {address: dict(slots) for address, slots in image.words.items()}
    for (address, slot), word in start.items():
        words[address][slot] = word
    machine = PyEvmMachine(preset, image=Image(image.codes, words))
    steps = []
    for call in calls:
        receipt = machine.call(call)
        steps.append(Step(call, receipt, is_view(call), dict(machine.written())))
    end = {address: {slot: word for slot, word in machine.words(address).items() if word} for address in CONTRACTS}
    return Program(name, preset.name, start, tuple(steps), len(steps), end)


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
