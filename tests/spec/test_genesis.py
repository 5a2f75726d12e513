"""The first state, to the last word; the totals of the presets are those of PROTOCOL 8."""

from __future__ import annotations

from math import exp

import pytest

from spec import addresses
from spec.genesis import genesis
from spec.messages import Address
from spec.parameters import PRESETS, load_preset
from spec.uint256 import U256
from spec.world import World
from tests.spec.conftest import (
    ADMIN,
    ADMIN_ROLE,
    CREDITS,
    DIEM,
    GATEWAY,
    HOLDER,
    IMPLEMENTATION,
    MINTER,
    MINTER_BURNER_ROLE,
    NEWCOMER,
    NOW,
    OWNER,
    SMALL_STAKER,
    STAKER,
    STAKING,
    TREASURY,
    TREASURY_VVV,
    UNIT,
    VVV,
    VVV_SUPPLY,
    Effect,
    minimal,
    number,
    pad32,
    place,
    view,
    views,
    word,
    words,
)


def short(text: str) -> bytes:
    return text.encode().ljust(31, b"\0") + bytes([2 * len(text)])


BOUNDS = [10, 20, 30, 40, 50, 60, 70, 80]

MINIMAL: tuple[Effect, ...] = (
    ("vvv.name", short("Venice Token")),
    ("vvv.symbol", short("VVV")),
    ("vvv.totalSupply", VVV_SUPPLY),
    ("vvv.owner", STAKING),
    ("vvv.balanceOf", STAKER, 1000 * UNIT),
    ("vvv.balanceOf", SMALL_STAKER, 10 * UNIT),
    ("vvv.balanceOf", MINTER, 100 * UNIT),
    ("vvv.balanceOf", NEWCOMER, 700 * UNIT),
    # The stakes and what is cooling: 5000, 3 base units and 1.5, 4000.
    ("vvv.balanceOf", STAKING, 9_001_500_000_000_000_000_003),
    ("vvv.balanceOf", TREASURY, TREASURY_VVV),
    ("staking.venice", VVV),
    ("staking.diem", DIEM),
    ("staking.treasury", TREASURY),
    ("staking.emissionRatePerSecond", UNIT),
    ("staking.veniceEmissionsPercentage", 5 * UNIT // 100),
    ("staking.veniceEmissionsPercentageWhenLocked", UNIT // 5),
    ("staking.cooldownDuration", 60),
    ("staking.lastRewardTimestamp", NOW),
    ("staking.totalLockedStakedVVV", 1000 * UNIT),
    ("staking.lockedStakes.sVVVLockedAmount", MINTER, 1000 * UNIT),
    ("staking.lockedStakes.outstandingDiemAmount", MINTER, 11 * UNIT),
    # Positions were taken one epoch of 100 s before.
    ("staking.stakes.cooldownEnd", SMALL_STAKER, NOW - 100 + 60),
    ("staking.stakes.cooldownAmount", SMALL_STAKER, 15 * UNIT // 10),
    *(("staking.diemSupply", i, bound * UNIT) for i, bound in enumerate(BOUNDS)),
    *(("staking.diemMintRates", i, int(90 * exp(2 * (bound / 80) ** 3) * 10**18)) for i, bound in enumerate(BOUNDS)),
    ("svvv.name", short("Staked Venice Token")),
    ("svvv.symbol", short("sVVV")),
    # The seed and the three stakes.
    ("svvv.totalSupply", 9001 * UNIT + 3),
    ("svvv.balanceOf", STAKING, UNIT),
    ("svvv.balanceOf", STAKER, 5000 * UNIT),
    ("svvv.balanceOf", SMALL_STAKER, 3),
    ("svvv.balanceOf", MINTER, 4000 * UNIT),
    ("staking.owner", OWNER),
    ("staking.initializable", 1),
    ("staking.implementation", IMPLEMENTATION),
    ("diem.name", short("Diem")),
    ("diem.symbol", short("DIEM")),
    ("diem.totalSupply", 11 * UNIT),
    ("diem.balanceOf", MINTER, 3 * UNIT),
    ("diem.balanceOf", HOLDER, 95 * UNIT // 100),
    ("diem.balanceOf", DIEM, 705 * UNIT // 100),
    ("diem.totalStaked", 705 * UNIT // 100),
    ("diem.cooldownDuration", 30),
    ("diem.hasRole", ADMIN_ROLE, ADMIN, 1),
    ("diem.hasRole", MINTER_BURNER_ROLE, STAKING, 1),
    ("diem.stakedInfos.amountStaked", MINTER, 5 * UNIT),
    ("diem.stakedInfos.coolDownAmount", MINTER, 2 * UNIT),
    ("diem.stakedInfos.coolDownEnd", MINTER, NOW - 100 + 30),
    ("diem.stakedInfos.amountStaked", HOLDER, 5 * UNIT // 100),
    ("credits.diem", DIEM),
    ("credits.gateway", number(GATEWAY) | 1 << 160),
    ("credits.epochDuration", 100),
    ("credits.minimumStake", UNIT // 10),
    *(
        (f"credits.accounts.{member}", account, value)
        for account, staked in ((MINTER, 5 * UNIT), (HOLDER, 5 * UNIT // 100))
        for member, value in (("epoch", NOW // 100 - 1), ("allocation", staked), ("staked", staked))
    ),
)


def test_genesis_of_the_preset_minimal_has_exactly_these_words() -> None:
    assert words(genesis(minimal())) == {place(*effect[:-1]): number(pad32(effect[-1])) for effect in MINIMAL}


@pytest.mark.parametrize("name", PRESETS)
def test_genesis_leaves_an_empty_journal_and_nothing_but_checked_words(name: str) -> None:
    world = genesis(load_preset(name))
    assert world.journal == []
    assert world.logs == []
    for account in world.accounts.values():
        assert {type(value) for value in account.words.values()} == {U256}
        assert all(account.words.values())


def test_snapshot_has_the_totals_of_2026_09_19() -> None:
    world = genesis(load_preset("snapshot-2026-09-19"))
    at = 1789849413
    for address, signature, total in (
        (VVV, "totalSupply()", 114886562770481399543309743),
        (STAKING, "totalSupply()", 33941208987993140790795723),
        (STAKING, "totalLockedStakedVVV()", 8954489934888212779041642),
        (STAKING, "emissionRatePerSecond()", 79274479959411466),
        (STAKING, "veniceEmissionsPercentage()", 0),
        (STAKING, "veniceEmissionsPercentageWhenLocked()", 2 * 10**17),
        (STAKING, "cooldownDuration()", 604800),
        (STAKING, "lastRewardTimestamp()", at),
        (DIEM, "totalSupply()", 37713657734473535977725),
        (DIEM, "cooldownDuration()", 86400),
        (CREDITS, "epochDuration()", 86400),
        (CREDITS, "minimumStake()", 10**17),
    ):
        assert view(world, address, signature, returns="uint256", at=at) == total
    assert view(world, VVV, "balanceOf(address)", bytes(20), returns="uint256") == 33877292523889967424801955
    assert view(world, CREDITS, "creditAtOnce()", returns="bool") is False
    for signature in ("treasury()", "owner()"):
        assert view(world, STAKING, signature, returns="address") == addresses.TREASURY


def test_snapshot_has_the_curve_read_on_chain() -> None:
    world = genesis(load_preset("snapshot-2026-09-19"))
    assert [word(world, "staking.diemMintRates", i) for i in (0, 1)] == [90000351563186634752, 90002812543945768960]
    assert [word(world, "staking.diemSupply", i) for i in (0, 1, 255)] == [500 * UNIT, 1000 * UNIT, 128_000 * UNIT]


def test_snapshot_has_about_28450_diem_staked() -> None:
    preset = load_preset("snapshot-2026-09-19")
    assert sum(account.diem_staked for account in preset.accounts) == 28449840000000000000000


def test_stake_of_the_snapshot_gives_credit_though_not_at_once() -> None:
    preset = load_preset("snapshot-2026-09-19")
    world = genesis(preset)
    (minter,) = [account for account in preset.accounts if account.name == "minter"]
    epoch = (preset.timestamp - 86400) // 86400
    shown = views(world, CREDITS, "accounts(address)", minter.address, returns="uint256,uint256,uint256,uint256")
    assert shown == (epoch, 0, 20_000 * UNIT, 0)
    available = view(world, CREDITS, "available(address)", minter.address, returns="uint256", at=preset.timestamp)
    assert available == 20_000 * UNIT


def test_launch_has_the_supply_of_205_days_of_emission_and_no_diem() -> None:
    preset = load_preset("launch")
    world = genesis(preset)
    assert preset.timestamp == 1755699889
    supply = view(world, VVV, "totalSupply()", returns="uint256")
    assert supply == (100_000_000 * 365 + 205 * 14_000_000) * UNIT // 365
    assert view(world, STAKING, "emissionRatePerSecond()", returns="uint256") == 317097919837645865
    assert view(world, DIEM, "totalSupply()", returns="uint256") == 0
    assert word(world, "staking.totalLockedStakedVVV") == 0
    assert word(world, "staking.diemMintRates", 19) // 10**16 == 9334


def vvv_held(world: World, preset_accounts: set[Address]) -> int:
    return sum(word(world, "vvv.balanceOf", account) for account in preset_accounts)


@pytest.mark.parametrize("name", PRESETS)
def test_all_vvv_and_diem_of_a_preset_is_somebodys(name: str) -> None:
    preset = load_preset(name)
    world = genesis(preset)
    accounts = {account.address for account in preset.accounts}
    assert vvv_held(world, accounts | {STAKING, preset.staking.treasury}) == word(world, "vvv.totalSupply")
    assert sum(word(world, "diem.balanceOf", account) for account in accounts | {DIEM}) == word(
        world, "diem.totalSupply"
    )
    assert sum(word(world, "svvv.balanceOf", account) for account in accounts | {STAKING}) == word(
        world, "svvv.totalSupply"
    )


@pytest.mark.parametrize("treasury", [STAKING, VVV, DIEM, CREDITS], ids=["staking", "vvv", "diem", "credits"])
def test_treasury_that_is_a_contract_has_the_rest_of_the_vvv_on_top_of_what_the_contract_has(treasury: Address) -> None:
    preset = minimal()
    preset = preset.model_copy(update={"staking": preset.staking.model_copy(update={"treasury": treasury})})
    world = genesis(preset)
    accounts = {account.address for account in preset.accounts}
    assert vvv_held(world, accounts | {STAKING, treasury}) == VVV_SUPPLY


def test_genesis_is_of_the_presets_chain() -> None:
    assert genesis(minimal().model_copy(update={"chain_id": 5})).chain_id == 5
