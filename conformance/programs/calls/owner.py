"""Calls of staking that its owner makes, and strangers try."""

from __future__ import annotations

from conformance.programs.actors import ALIASES
from conformance.programs.scene import Draft, Scene
from spec import addresses
from spec.curve_table import CurveTable
from spec.messages import ZERO_ADDRESS, Address
from spec.staking import STAKING
from spec.staking.storage import CURVE_STEPS
from spec.timeline import TIMELINE, emission_rate_per_second
from spec.uint256 import MAX_UINT256, U256, ZERO

HUNDRED_PERCENT = 10**18


def set_emission_rate(scene: Scene) -> Draft:
    choices = scene.choices
    published = [int(emission_rate_per_second(period.vvv_per_year * 10**18)) for period in TIMELINE]
    regime = choices.weighted([(60, "published"), (10, "small"), (10, "zero"), (10, "large"), (2, "largest")])
    rate = {
        "published": choices.one_of(published),
        "small": 1 + choices.below(1000),
        "zero": 0,
        "large": choices.up_to(10**24),
        "largest": MAX_UINT256,
    }[regime]
    return _by_owner(scene, "setEmissionRate", rate)


def set_venice_emissions_percentage(scene: Scene) -> Draft:
    return _by_owner(scene, "setVeniceEmissionsPercentage", _percentage(scene))


def set_venice_emissions_percentage_when_locked(scene: Scene) -> Draft:
    return _by_owner(scene, "setVeniceEmissionsPercentageWhenLocked", _percentage(scene))


def set_cooldown_duration(scene: Scene) -> Draft:
    return _by_owner(scene, "setCooldownDuration", cooldown(scene))


def set_treasury(scene: Scene) -> Draft:
    treasury = ZERO_ADDRESS if scene.choices.chance(15) else scene.cast.anyone(scene.choices)
    return _by_owner(scene, "setTreasury", treasury)


def transfer_ownership(scene: Scene) -> Draft:
    new_owner = ZERO_ADDRESS if scene.choices.chance(15) else scene.cast.anyone(scene.choices)
    return _by_owner(scene, "transferOwnership", new_owner)


def renounce_ownership(scene: Scene) -> Draft:
    return _by_owner(scene, "renounceOwnership")


def initialize(scene: Scene) -> Draft:
    someone = scene.cast.anyone
    arguments = tuple(someone(scene.choices) for _ in range(4))
    return Draft(scene.cast.someone(scene.choices), STAKING, "initialize", arguments)


def upgrade_to_and_call(scene: Scene) -> Draft:
    choices = scene.choices
    implementation = choices.weighted(
        [(60, addresses.STAKING_IMPLEMENTATION), (20, addresses.VVV), (10, scene.cast.anyone(choices))]
    )
    inner = choices.one_of(
        (
            b"",
            b"",
            STAKING.by_name["claim"].selector,
            STAKING.by_name["setCooldownDuration"].calldata(choices.below(10**6)),
            STAKING.by_name["stake"].calldata(scene.cast.anyone(choices), 0),
            b"\xff\xff\xff\xff",
            STAKING.by_name["upgradeToAndCall"].calldata(addresses.STAKING_IMPLEMENTATION, b""),
        )
    )
    draft = _by_owner(scene, "upgradeToAndCall", implementation, inner)
    return draft._replace(value=1) if choices.chance(30) else draft


def set_diem_mint_curve(scene: Scene) -> Draft:
    choices = scene.choices
    table = choices.weighted(
        [(40, _published), (20, _from_present_supply), (15, _irregular), (10, _cheap), (5, _overflowing)]
    )(scene)
    return _by_owner(scene, "setDiemMintCurve", *table)


def cooldown(scene: Scene) -> int:
    """Return a cooldown (s): none, short, the published ones, or one that overflows."""
    return scene.choices.weighted([(10, 0), (10, 1), (20, 60), (20, 86_400), (20, 604_800), (2, MAX_UINT256)])


def _by_owner(scene: Scene, function: str, *arguments: object) -> Draft:
    owner: Address = scene.world.staking.ownable.owner
    if owner in ALIASES or scene.choices.chance(15):
        owner = scene.cast.caller(scene.choices)
    return Draft(owner, STAKING, function, arguments)


def _percentage(scene: Scene) -> int:
    choices = scene.choices
    return choices.weighted(
        [
            (20, HUNDRED_PERCENT // 5),
            (20, choices.below(HUNDRED_PERCENT)),
            (15, 0),
            (15, HUNDRED_PERCENT),
            (10, HUNDRED_PERCENT + 1),
            (3, MAX_UINT256),
        ]
    )


def _published(scene: Scene) -> CurveTable:
    return scene.preset.curve.table


def _steps(supplies: list[int], rates: list[int]) -> CurveTable:
    unused = (ZERO,) * (CURVE_STEPS - len(supplies))
    return CurveTable(tuple(map(U256, supplies)) + unused, tuple(map(U256, rates)) + unused)


def _from_present_supply(scene: Scene) -> CurveTable:
    """A few steps that end at, just above and beyond the present supply."""
    supply, choices = int(scene.world.diem.total_supply), scene.choices
    ends = [supply, supply + 1, supply + choices.up_to(10**21), supply + 10**22]
    return _steps(sorted(ends), [(90 + choices.below(100)) * 10**18 + choices.below(10**18) for _ in ends])


def _irregular(scene: Scene) -> CurveTable:
    """Steps out of order, twice the same, and without a rate."""
    choices = scene.choices
    ends = [choices.up_to(10**23) for _ in range(8)]
    return _steps(ends, [choices.one_of((0, 1)) * choices.up_to(10**21) for _ in ends])


def _cheap(scene: Scene) -> CurveTable:
    """Rates so low that rounding matters."""
    supply, choices = int(scene.world.diem.total_supply), scene.choices
    ends = [supply + choices.up_to(10**19), supply + 10**20, supply + 10**26]
    return _steps(sorted(ends), [1 + choices.up_to(10**18) for _ in ends])


def _overflowing(scene: Scene) -> CurveTable:
    """A rate whose cost overflows."""
    return _steps([MAX_UINT256], [MAX_UINT256 - scene.choices.below(3)])
