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
from conformance.trust.mutants.suite import Program, Step, Words, is_view
from spec import addresses
from spec.machine import CONTRACTS
from spec.messages import ZERO_ADDRESS, Call
from spec.parameters import Preset, load_preset
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
        yield _answered(preset, f"initialization {number}", _initializing(preset), start)


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
    yield _answered(preset, "behind the proxy", calls, {})


def _answered(preset: Preset, name: str, calls: Iterable[Call], start: Words) -> Program:
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
