"""What holds of every call: all or nothing, views change nothing, undo is exact, and the same call gives the same."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from spec.contract import Function
from spec.errors import CustomError, Reason
from spec.machine import CONTRACTS, apply
from spec.messages import Call
from spec.uint256 import U256
from spec.uint256 import ZERO as ZERO_WORD
from spec.world import World
from tests.spec.conftest import (
    ADMIN_ROLE,
    CREDITS,
    DIEM,
    GATEWAY,
    HOLDER,
    IMPLEMENTATION,
    MAX,
    MINTER,
    MINTER_BURNER_ROLE,
    NEWCOMER,
    NOW,
    OWNER,
    SMALL_STAKER,
    STAKER,
    STAKING,
    STRANGER,
    TREASURY,
    UNIT,
    VVV,
    ZERO,
    calldata,
    new_world,
    put,
    selector,
)

people = st.sampled_from(
    [
        STAKER,
        SMALL_STAKER,
        MINTER,
        HOLDER,
        NEWCOMER,
        TREASURY,
        OWNER,
        GATEWAY,
        STRANGER,
        ZERO,
        VVV,
        STAKING,
        DIEM,
        CREDITS,
    ]
)
amounts = st.one_of(
    st.sampled_from([0, 1, 2, UNIT // 20, UNIT // 10, UNIT, 3 * UNIT, 100 * UNIT, 3000 * UNIT, MAX]),
    st.integers(0, 6000 * UNIT),
    st.integers(0, MAX),
)
tables = st.sampled_from([tuple(0 for _ in range(256)), tuple(i * 5 * UNIT for i in range(256)), (MAX,) * 256])
nested = st.sampled_from(
    [b"", b"\x00", calldata("claim()"), calldata("setCooldownDuration(uint256)", 5), calldata("renounceOwnership()")]
)

ARGUMENTS: dict[str, st.SearchStrategy[Any]] = {
    "uint256": amounts,
    "uint8": st.sampled_from([0, 27, 28]),
    "address": st.one_of(people, st.just(IMPLEMENTATION)),
    "bytes32": st.sampled_from([ADMIN_ROLE, MINTER_BURNER_ROLE, b"\x01" * 32]),
    "bytes4": st.sampled_from([bytes(4), bytes.fromhex("7965db0b")]),
    "bytes": nested,
    "uint256[256]": tables,
}
FUNCTIONS = [
    (address, function) for address, contract in CONTRACTS.items() for function in contract.by_selector.values()
]
STATE_CHANGING = [(address, function) for address, function in FUNCTIONS if not function.view]


@st.composite
def calls(draw: st.DrawFn) -> tuple[Function, Call]:
    """Return a call with some sense in it, its time counted from ``NOW``."""
    address, function = draw(st.one_of(st.sampled_from(STATE_CHANGING), st.sampled_from(FUNCTIONS)))
    arguments = [draw(ARGUMENTS[parameter.type]) for parameter in function.parameters]
    data = calldata(function.signature, *arguments)
    if draw(st.integers(0, 19)) == 0:
        data = data[: draw(st.integers(0, len(data)))]
    later = draw(st.sampled_from([0, 0, 1, 30, 59, 60, 100, 86_400]))
    return function, Call(draw(people), address, data, later, draw(st.sampled_from([0] * 19 + [1])))


programs = st.lists(calls(), min_size=1, max_size=12)


def trusting_world() -> World:
    """Return a world in which staking may pull everyone's VVV and the stranger mints and burns DIEM."""
    world = new_world()
    for account in (STAKER, SMALL_STAKER, MINTER, NEWCOMER, TREASURY):
        put(world, "vvv.allowance", account, STAKING, MAX)
    put(world, "diem.hasRole", MINTER_BURNER_ROLE, STRANGER, 1)
    return world


def state(world: World) -> list[dict[int, U256]]:
    return [account.words.copy() for account in world.accounts.values()]


@given(programs)
def test_every_call_is_all_or_nothing_undone_exactly_and_repeatable(program: list[tuple[Function, Call]]) -> None:
    world = trusting_world()
    now = NOW
    for function, call in program:
        now += call.timestamp
        timed = call._replace(timestamp=now)
        before, length = state(world), len(world.journal)
        receipt = apply(world, timed)
        after = state(world)
        if not receipt.status:
            assert after == before
            assert len(world.journal) == length
            assert receipt.logs == ()
            assert receipt.output in Reason.known or receipt.output[:4] in CustomError.known
        if function.view:
            assert after == before
            assert len(world.journal) == length
            assert receipt.logs == ()
        assert {log.address for log in receipt.logs} <= CONTRACTS.keys()
        for account, slot, _ in world.journal[length:]:
            assert type(account.words.get(slot, ZERO_WORD)) is U256
            assert account.words.get(slot) != 0
        world.undo(length)
        assert state(world) == before
        assert apply(world, timed) == receipt
        assert state(world) == after
    world.undo(0)
    assert state(world) == state(trusting_world())


@given(st.sampled_from(list(CONTRACTS)), people, st.binary(max_size=100))
def test_arbitrary_calldata_are_refused_with_a_known_reason_or_carried_out(to: Any, sender: Any, tail: bytes) -> None:
    world = new_world()
    before = state(world)
    for data in (tail, *(function.selector + tail for function in list(CONTRACTS[to].by_selector.values())[::5])):
        length = len(world.journal)
        receipt = apply(world, Call(sender, to, data, NOW))
        if not receipt.status:
            assert receipt.output in Reason.known or receipt.output[:4] in CustomError.known
        world.undo(length)
        assert state(world) == before


def test_programs_reach_refusals_and_successes_of_every_contract() -> None:
    # The strategies above are not empty gestures: each function can be drawn.
    assert {selector(function.signature) for _, function in FUNCTIONS} == {
        function.selector for contract in CONTRACTS.values() for function in contract.by_selector.values()
    }
    assert {parameter.type for _, function in FUNCTIONS for parameter in function.parameters} == ARGUMENTS.keys()
