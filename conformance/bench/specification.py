"""``spec.calls``: calldata in, receipt out, on one stream of mixed valid calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from conformance.artifact import load_artifacts
from conformance.bench.row import Rates, Row, Work
from conformance.machines.by_name import UnknownMachine, machines_by_name
from conformance.machines.py_evm import PyEvmHost, deployed
from conformance.session import function_of
from spec import addresses
from spec.genesis import genesis
from spec.machine import apply
from spec.messages import Address, Call, Receipt
from spec.parameters import Preset, load_preset
from spec.uint256 import MAX_UINT256

PRESET: Final = "snapshot-2026-09-19"
ROUNDS: Final = 7
EACH: Final = 25
"""Calls of each kind in the stream."""
SLICE: Final = 8
"""Calls between two turns of the contestants."""
REPEAT: Final = 20
"""How often the specification goes through the stream in a round, to have something to measure."""

Carrier = Callable[[Call], Receipt]
"""Carries out a call."""


def mixed_calls(preset: Preset, each: int = EACH) -> list[Call]:
    """Return a stream of valid calls, in turn: stake, mintDiem, burnDiem, claim, stake DIEM, transfer, spend."""
    who = {account.name: account.address for account in preset.accounts}
    staker = who["staker"]
    kinds: Sequence[tuple[Address, str, tuple[Any, ...]]] = (
        (staker, "staking.stake", (staker, 10**18)),
        (staker, "staking.mintDiem", (100 * 10**18, 0)),
        (who["early_minter"], "staking.burnDiem", (10**17,)),
        (who["small_staker"], "staking.claim", ()),
        (who["early_minter"], "diem.stake", (10**17,)),
        (staker, "vvv.transfer", (who["newcomer"], 10**18)),
        (preset.credits.gateway, "credits.spend", (who["minter"], 10**17)),
    )
    first = preset.timestamp + 1
    times = range(first, first + each * len(kinds))
    calls = [_call(*kinds[index % len(kinds)], time) for index, time in enumerate(times)]
    return [_call(staker, "vvv.approve", (addresses.STAKING, MAX_UINT256), preset.timestamp), *calls]


def _call(sender: Address, name: str, arguments: tuple[Any, ...], timestamp: int) -> Call:
    contract, function = function_of(name)
    return Call(sender, contract.address, function.calldata(*arguments), timestamp)


def bench_specification() -> Iterator[Row]:
    """Yield the specification against py-evm, and against pyrevm where it is installed.

    Raises
    ------
    ValueError : a call of the stream was refused, or two machines did not answer alike.
    """
    preset = load_preset(PRESET)
    calls = mixed_calls(preset)
    image = deployed(preset, load_artifacts())
    makers: dict[str, Callable[[], Carrier]] = {
        "specification": lambda: _specification(preset),
        "py-evm": lambda: PyEvmHost(preset.chain_id, image).call,
    }
    if _is_installed("pyrevm", preset):
        makers["pyrevm"] = lambda: machines_by_name(["pyrevm"], preset)[0].call
    _check_answers(makers, calls)
    rates = Rates({name: _stream(make, calls, name) for name, make in makers.items()}, ROUNDS)
    yield rates.row("spec.calls", "calls/s", "specification", "py-evm", at_least=100)
    if "pyrevm" in makers:
        yield rates.row("spec.calls", "calls/s", "specification", "pyrevm", at_least=None)


def _specification(preset: Preset) -> Carrier:
    """Return the specification as a ledger uses it: what a call has written is final, and its journal let go."""
    world = genesis(preset)

    def carry_out(call: Call) -> Receipt:
        receipt = apply(world, call)
        world.journal.clear()
        return receipt

    return carry_out


def _stream(make: Callable[[], Carrier], calls: list[Call], name: str) -> Callable[[], Work]:
    repeat = REPEAT if name == "specification" else 1
    return lambda: _carried_out([make() for _ in range(repeat)], calls, SLICE * repeat)


def _carried_out(carriers: Sequence[Carrier], calls: Sequence[Call], size: int) -> Work:
    """Let each carrier carry out all calls, ``size`` calls a slice."""
    works = ((carry_out, call) for carry_out in carriers for call in calls)
    while batch := tuple(islice(works, size)):
        for carry_out, call in batch:
            carry_out(call)
        yield len(batch)


def _check_answers(makers: dict[str, Callable[[], Carrier]], calls: list[Call]) -> None:
    answers = {name: list(map(make(), calls)) for name, make in makers.items()}
    expected = answers["specification"]
    for name, receipts in answers.items():
        if receipts != expected or not all(receipt.status for receipt in receipts):
            raise ValueError(f"{name} does not accept the stream of valid calls, or not as the others do")


def _is_installed(name: str, preset: Preset) -> bool:
    try:
        machines_by_name([name], preset)
    except UnknownMachine:
        return False
    return True
