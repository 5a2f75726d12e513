"""Every card can fail: a world is put wrong so that this one card is broken, and the monitor says so by its number."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NoReturn
from unittest.mock import patch

import pytest

from spec.genesis import genesis
from spec.invariants import CARDS, Card, InvariantViolation, Monitor
from spec.machine import CONTRACTS, apply
from spec.messages import Call, Log, Receipt
from spec.parameters import load_preset
from spec.uint256 import U256
from tests.spec.conftest import (
    ADMIN,
    CREDITS,
    DIEM,
    GATEWAY,
    HOLDER,
    MINTER,
    MINTER_BURNER_ROLE,
    NEWCOMER,
    NOW,
    OWNER,
    STAKER,
    STAKING,
    TREASURY,
    UNIT,
    VVV,
    call_of,
    set_curve,
    words,
)

if TYPE_CHECKING:
    from spec.world import World

EPOCH: Final = 100
"""s, in the preset `minimal`."""

Change = Callable[["World"], None]

CLAIM = call_of(STAKING, "claim()", sender=STAKER, at=NOW + 1)
MINT = call_of(STAKING, "mintDiem(uint256,uint256)", 1000 * UNIT, 0, sender=STAKER)
BURN = call_of(STAKING, "burnDiem(uint256)", UNIT, sender=MINTER)
RECORD = call_of(CREDITS, "record(address)", MINTER, at=NOW + EPOCH)
VIEW = call_of(VVV, "balanceOf(address)", STAKER)
SPEND = call_of(CREDITS, "spend(address,uint256)", MINTER, UNIT, sender=GATEWAY)
TRANSFER = call_of(VVV, "transfer(address,uint256)", NEWCOMER, UNIT, sender=STAKER)
REFUSED = call_of(STAKING, "stake(address,uint256)", STAKER, 0, sender=STAKER)


@pytest.fixture
def world() -> World:
    """Return a world that knows all its accounts: the sums of the cards go over the accounts that were looked at."""
    return genesis(load_preset("minimal"))


def name(value: object) -> str:
    return getattr(value, "__name__", "") or (f"INV-{value:02}" if isinstance(value, int) else "call")


def broken_cards(check: Callable[[], object]) -> set[int]:
    """Return the numbers of all cards that ``check`` finds broken, not only of the first."""
    numbers = set()

    def broken(self: Card, detail: str) -> NoReturn:  # type: ignore[misc]  # it does return here
        assert detail
        numbers.add(self.number)

    with patch.object(Card, "broken", broken):
        check()
    return numbers


def carried_out(world: World, change: Change) -> Callable[[Call], Receipt]:
    """Return a transition that is right but for ``change``."""

    def carry_out(call: Call) -> Receipt:
        receipt = apply(world, call)
        change(world)
        return receipt

    return carry_out


# ------------------------------------------------------------------------------------------------ states


def vvv_appears(world: World) -> None:
    world.vvv.balance_of[NEWCOMER] += U256(1)


def vvv_supply_grows(world: World) -> None:
    world.vvv.total_supply += U256(1)


def svvv_disappears(world: World) -> None:
    world.staking.svvv.total_supply += U256(1)


def diem_appears(world: World) -> None:
    world.diem.balance_of[NEWCOMER] += U256(1)


def total_of_locks_is_wrong(world: World) -> None:
    world.staking.total_locked_staked_vvv -= U256(1)


def lock_is_not_covered(world: World) -> None:
    locks = world.staking.locked_stakes
    locks[MINTER].svvv_locked_amount -= U256(1)
    locks[NEWCOMER].svvv_locked_amount += U256(1)


def outstanding_diem_is_forgotten(world: World) -> None:
    world.staking.locked_stakes[MINTER].outstanding_diem_amount -= U256(1)


def total_of_diem_stakes_is_wrong(world: World) -> None:
    world.diem.total_staked += U256(1)


def diem_stake_is_moved_out(world: World) -> None:
    world.diem.balance_of[DIEM] -= U256(1)
    world.diem.balance_of[NEWCOMER] += U256(1)


def staked_vvv_is_moved_out(world: World) -> None:
    amount = UNIT + 1  # more than staking's own seed
    world.vvv.balance_of[STAKING] -= U256(amount)
    world.vvv.balance_of[NEWCOMER] += U256(amount)


def accumulator_leaps(world: World) -> None:
    world.staking.acc_reward_per_share += U256(10**36)


def more_was_paid_than_earned(world: World) -> None:
    world.staking.stakes[STAKER].reward_debt = U256(1)


def credit_is_overspent(world: World) -> None:
    account = world.credits.accounts[MINTER]
    account.spent = account.allocation + 1


STATES: Final[list[tuple[int, Change]]] = [
    (1, vvv_appears),
    (1, vvv_supply_grows),
    (2, svvv_disappears),
    (3, diem_appears),
    (4, total_of_locks_is_wrong),
    (4, lock_is_not_covered),
    (5, outstanding_diem_is_forgotten),
    (6, total_of_diem_stakes_is_wrong),
    (6, diem_stake_is_moved_out),
    (7, staked_vvv_is_moved_out),
    (7, accumulator_leaps),
    (7, more_was_paid_than_earned),
    (13, credit_is_overspent),
]


@pytest.mark.parametrize("number, change", STATES, ids=name)
def test_a_state_that_is_wrong_breaks_its_card_and_no_other(world: World, number: int, change: Change) -> None:
    monitor = Monitor(world)
    change(world)

    assert broken_cards(monitor.check_state) == {number}
    with pytest.raises(InvariantViolation) as caught:
        monitor.check_state()

    assert caught.value.card.number == number
    assert str(caught.value).startswith(f"INV-{number:02} {caught.value.card.title}: ")


@pytest.mark.parametrize("number, change", STATES, ids=name)
def test_a_call_that_leaves_a_wrong_state_is_told_so_at_once(world: World, number: int, change: Change) -> None:
    monitor = Monitor(world)

    with pytest.raises(InvariantViolation) as caught:
        monitor.watch(TRANSFER, carried_out(world, change))

    # A supply that grows by itself is as well more than was emitted, which is looked at first.
    assert caught.value.card.number == (9 if change is vvv_supply_grows else number)


def test_a_wrong_state_is_noticed_when_the_watching_begins(world: World) -> None:
    vvv_appears(world)
    with pytest.raises(InvariantViolation, match=r"^INV-01"):
        Monitor(world)


# ------------------------------------------------------------------------------------------------ transitions


def accumulator_falls(world: World) -> None:
    world.staking.acc_reward_per_share -= U256(1)


def locked_accumulator_falls(world: World) -> None:
    world.staking.acc_reward_per_share_locked -= U256(1)


def vvv_is_minted_out_of_turn(world: World) -> None:
    world.vvv.total_supply += U256(1)
    world.vvv.balance_of[STAKING] += U256(1)


def vvv_is_burned(world: World) -> None:
    world.vvv.total_supply -= U256(1)
    world.vvv.balance_of[STAKER] -= U256(1)


def vvv_is_emitted_twice(world: World) -> None:
    world.vvv.total_supply += U256(UNIT)  # that of one second
    world.vvv.balance_of[STAKING] += U256(UNIT)


def treasury_gets_nothing(world: World) -> None:
    world.logs.clear()


def treasury_gets_too_much(world: World) -> None:
    """As if the mint to staking had gone to the treasury as well."""
    staking, treasury = (bytes(12) + account for account in (STAKING, TREASURY))
    world.logs[:] = [
        log._replace(topics=tuple(treasury if topic == staking else topic for topic in log.topics))
        for log in world.logs
    ]


def lock_mints_too_little(world: World) -> None:
    short = U256(10)
    world.staking.locked_stakes[STAKER].outstanding_diem_amount -= short
    world.diem.balance_of[STAKER] -= short
    world.diem.total_supply -= short


def lock_mints_too_much(world: World) -> None:
    more = U256(1)
    world.staking.locked_stakes[STAKER].outstanding_diem_amount += more
    world.diem.balance_of[STAKER] += more
    world.diem.total_supply += more


def burn_releases_too_much(world: World) -> None:
    world.staking.locked_stakes[MINTER].svvv_locked_amount -= U256(100)
    world.staking.total_locked_staked_vvv -= U256(100)


def credit_rolls_over(world: World) -> None:
    account = world.credits.accounts[MINTER]
    account.allocation += U256(UNIT)


def a_word_is_written(world: World) -> None:
    world.vvv.balance_of[STAKER] = world.vvv.balance_of[STAKER]


TRANSITIONS: Final[list[tuple[int, Call, Change]]] = [
    (8, TRANSFER, accumulator_falls),
    (8, TRANSFER, locked_accumulator_falls),
    (9, TRANSFER, vvv_is_minted_out_of_turn),
    (9, TRANSFER, vvv_is_burned),
    (9, CLAIM, vvv_is_emitted_twice),
    (10, CLAIM, treasury_gets_nothing),
    (10, CLAIM, treasury_gets_too_much),
    (11, MINT, lock_mints_too_little),
    (16, MINT, lock_mints_too_much),
    (12, BURN, burn_releases_too_much),
    (14, RECORD, credit_rolls_over),
    (14, SPEND, credit_rolls_over),
    (15, REFUSED, a_word_is_written),
]


@pytest.mark.parametrize("number, call, change", TRANSITIONS, ids=name)
def test_a_call_that_does_wrong_breaks_its_card_and_no_other(
    world: World, number: int, call: Call, change: Change
) -> None:
    world.staking.acc_reward_per_share = world.staking.acc_reward_per_share_locked = U256(5)
    monitor = Monitor(world)
    before = len(world.journal)

    assert broken_cards(lambda: monitor.watch(call, carried_out(world, change))) == {number}

    world.undo(before)
    with pytest.raises(InvariantViolation, match=rf"^INV-{number:02} "):
        Monitor(world).watch(call, carried_out(world, change))


@pytest.mark.parametrize("call", [TRANSFER, CLAIM, MINT, BURN, RECORD, SPEND, VIEW, REFUSED])
def test_the_same_calls_done_right_break_nothing(world: World, call: Call) -> None:
    monitor = Monitor(world)

    receipt = monitor.watch(call, lambda call: apply(world, call))

    assert receipt.status == (call is not REFUSED)


def test_every_card_is_shown_able_to_fail() -> None:
    numbers = [card.number for card in CARDS]
    assert numbers == list(range(1, 17))
    assert {number for number, *_ in (*STATES, *TRANSITIONS)} == set(numbers)
    assert len({card.title for card in CARDS}) == 16


def test_a_mint_beyond_the_table_breaks_card_16(world: World) -> None:
    def takes_the_table_away(world: World) -> None:
        world.staking.diem_mint_rates.replace((U256(0),) * 256)

    with pytest.raises(InvariantViolation, match=r"^INV-16 .* of them are beyond the table$"):
        Monitor(world).watch(MINT, carried_out(world, takes_the_table_away))


def test_a_lock_that_stays_when_all_diem_is_burned_breaks_card_12(world: World) -> None:
    def keeps_one(world: World) -> None:
        world.staking.locked_stakes[STAKER].svvv_locked_amount += U256(1)
        world.staking.total_locked_staked_vvv += U256(1)

    assert apply(world, MINT).status
    burn = call_of(STAKING, "burnDiem(uint256)", int(world.diem.balance_of[STAKER]), sender=STAKER)
    monitor = Monitor(world)

    assert broken_cards(lambda: monitor.watch(burn, carried_out(world, keeps_one))) == {12}


def test_a_refusal_with_logs_breaks_card_15(world: World) -> None:
    log = Log(VVV, (bytes(32),), b"")
    monitor = Monitor(world)

    assert broken_cards(lambda: monitor.watch(REFUSED, lambda _: Receipt(False, b"", (log,)))) == {15}


def test_looking_changes_nothing(world: World) -> None:
    for call in (CLAIM, MINT, BURN, RECORD):
        apply(world, call)
    before, written = words(world), len(world.journal)

    Monitor(world).check_state()

    assert words(world) == before
    assert len(world.journal) == written


def test_watching_changes_no_more_than_the_call(world: World) -> None:
    other = genesis(load_preset("minimal"))

    receipt = Monitor(world).watch(MINT, lambda call: apply(world, call))

    assert apply(other, MINT) == receipt
    assert words(other) == words(world)
    assert len(other.journal) == len(world.journal)


# ------------------------------------------------------------------------------------------------ limits of the cards


def watch(world: World, *calls: Call) -> Monitor:
    """Carry out calls that have to be accepted, and return the monitor that watched them."""
    monitor = Monitor(world)
    for call in calls:
        assert monitor.watch(call, lambda call: apply(world, call)).status
    return monitor


def test_credit_that_is_never_given_at_once_is_the_stake_recorded_before() -> None:
    preset = load_preset("snapshot-2026-09-19")
    world = genesis(preset)
    assert not world.credits.credit_at_once
    record = call_of(CREDITS, "record(address)", MINTER, at=preset.timestamp + 86_400)

    def gives_at_once(world: World) -> None:
        account = world.credits.accounts[MINTER]
        account.staked += U256(UNIT)
        account.allocation = account.staked

    assert broken_cards(lambda: Monitor(world).watch(record, carried_out(world, gives_at_once))) == {14}


def test_a_call_of_credits_that_names_nobody_is_watched_for_its_caller(world: World) -> None:
    call = Call(MINTER, CREDITS, b"", NOW)

    assert not Monitor(world).watch(call, lambda call: apply(world, call)).status


@pytest.mark.parametrize(
    "steps",
    [((40 * UNIT, 100 * UNIT), (20 * UNIT, 100 * UNIT), (80 * UNIT, 100 * UNIT)), ((80 * UNIT, UNIT - 1),)],
    ids=["steps that do not rise", "a rate below one for one"],
)
def test_splitting_a_lock_is_not_judged_on_an_irregular_curve(world: World, steps: tuple[tuple[int, int], ...]) -> None:
    set_curve(world, *steps, supply=int(world.diem.total_supply))
    small = call_of(STAKING, "mintDiem(uint256,uint256)", 10 * UNIT, 0, sender=STAKER)
    monitor = Monitor(world)

    assert broken_cards(lambda: monitor.watch(small, carried_out(world, lock_mints_too_little))) == set()


def test_the_fee_is_not_judged_where_staking_itself_is_the_treasury(world: World) -> None:
    watch(world, call_of(STAKING, "setTreasury(address)", STAKING, sender=OWNER), CLAIM)


def test_a_stake_of_the_staking_contract_is_owed_to_nobody(world: World) -> None:
    watch(
        world,
        call_of(VVV, "approve(address,uint256)", STAKING, UNIT, sender=STAKER),
        call_of(STAKING, "stake(address,uint256)", STAKING, UNIT, sender=STAKER),
        CLAIM,
    )


def test_diem_of_other_minters_is_counted_apart(world: World) -> None:
    """Also a burn of what is staked, which the role allows and which leaves stakes that nobody can pay out."""
    monitor = watch(
        world,
        call_of(DIEM, "grantRole(bytes32,address)", MINTER_BURNER_ROLE, ADMIN, sender=ADMIN),
        call_of(DIEM, "mint(address,uint256)", NEWCOMER, 7 * UNIT, sender=ADMIN),
        call_of(DIEM, "burn(address,uint256)", HOLDER, 5, sender=ADMIN),
        call_of(DIEM, "burn(address,uint256)", DIEM, UNIT, sender=ADMIN),
    )

    diem_stake_is_moved_out(world)
    assert broken_cards(monitor.check_state) == {6}


def test_the_contracts_that_are_watched_are_all_there_are(world: World) -> None:
    assert set(world.accounts) == set(CONTRACTS)
