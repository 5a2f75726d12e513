"""What a component is: a number that is computed off chain, or what a contract answers in a state made up for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from conformance.vectors.encoding import Json
from conformance.vectors.executors import Executor
from spec import addresses
from spec.diem.token import MINTER_BURNER_ROLE
from spec.encoding import WORD
from spec.messages import Address, Call, Receipt
from spec.world import World

ACCOUNT: Final = Address(bytes.fromhex("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266"))
"""Whose number it is, where it is somebody's."""
STRANGER: Final = Address(bytes.fromhex("976EA74026E726554dB657fA54763abd0C3a0aa9"))
"""Has nothing, so that settling it changes the accumulators only."""
TREASURY: Final = Address(bytes.fromhex("14dC79964da2C08b23698B3D3cc7Ca32193d9955"))

CHAIN_ID: Final = 8453

Input = Mapping[str, Any]
"""Integers, and lists of integers, by name."""


class Trial(NamedTuple):
    """Calls on a world made for them."""

    world: World
    calls: Sequence[Call]


class Computed(NamedTuple):
    """A number that is computed off chain, by a function of the specification."""

    source: str
    """The section of PROTOCOL.md."""
    grade: str
    fields: tuple[str, ...]
    """Of the input."""
    compute: Callable[[Input], Json]
    """Gives the values."""


class Asked(NamedTuple):
    """A number, or a few that belong together, which a contract computes."""

    source: str
    """The section of PROTOCOL.md."""
    grade: str
    fields: tuple[str, ...]
    """Of the input."""
    trial: Callable[[Input], Trial]
    values: Callable[[Executor, World, Sequence[Receipt]], Json]
    """Gives the values from what the calls came to, if none was refused; the world is as it was before them."""


def staking_world() -> World:
    """Return a world in which staking and its tokens know each other, and nobody has anything."""
    world = World(CHAIN_ID)
    state = world.staking
    state.venice, state.diem, state.treasury = addresses.VVV, addresses.DIEM, TREASURY
    state.erc1967.implementation = addresses.STAKING_IMPLEMENTATION
    world.vvv.owner = addresses.STAKING
    world.diem.roles[MINTER_BURNER_ROLE].has_role[addresses.STAKING] = True
    return world


def call(data: bytes, now: int, contract: Address = addresses.STAKING, sender: Address = ACCOUNT) -> Call:
    """Return a call at ``now`` (s)."""
    return Call(sender, contract, data, now)


def shown(output: bytes) -> str:
    """Return the first result in return data, a number."""
    return str(int.from_bytes(output[:WORD], "big"))
