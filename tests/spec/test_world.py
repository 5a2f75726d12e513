"""The world: undo restores exactly what was."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spec.uint256 import U256
from spec.world import World
from tests.spec.conftest import CREDITS, DIEM, STAKING, VVV, words

writes = st.lists(
    st.tuples(st.sampled_from([VVV, STAKING, DIEM, CREDITS]), st.integers(0, 4), st.sampled_from([0, 1, 2**256 - 1])),
    max_size=12,
)


def _write(world: World, changes: list[tuple[bytes, int, int]]) -> None:
    accounts = {bytes(address): account for address, account in world.accounts.items()}
    for address, slot, word in changes:
        accounts[address].write(slot, U256(word))


@given(writes, writes)
def test_undo_restores_every_word_and_the_journal(
    first: list[tuple[bytes, int, int]], then: list[tuple[bytes, int, int]]
) -> None:
    world = World()
    _write(world, first)
    before, journal = words(world), list(world.journal)
    _write(world, then)
    assert len(world.journal) == len(first) + len(then)
    world.undo(len(journal))
    assert words(world) == before
    assert world.journal == journal
    world.undo(0)
    assert words(world) == {}
    assert world.journal == []


def test_new_world_is_empty_and_on_base() -> None:
    world = World()
    assert world.chain_id == 8453
    assert words(world) == {}
    assert world.journal == []
    assert world.logs == []
