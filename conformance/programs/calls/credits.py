"""Calls of DailyCredits."""

from __future__ import annotations

from conformance.programs.calls.diem import stake
from conformance.programs.scene import Draft, Scene
from spec.daily_credits import DAILY_CREDITS
from spec.daily_credits.credit import available_of, credit_of
from spec.messages import ZERO_ADDRESS, Address, Call
from spec.uint256 import U256
from spec.world import World


def record(scene: Scene) -> Draft:
    sender = scene.cast.caller(scene.choices)
    stakers, infos, accounts = _stakers(scene), scene.world.diem.staked_infos, scene.world.credits.accounts
    if scene.choices.chance(60):
        stakers = [one for one in stakers if infos[one].amount_staked != accounts[one].staked] or stakers
    return Draft(sender, DAILY_CREDITS, "record", (scene.cast.account_among(scene.choices, stakers),))


def spend(scene: Scene) -> Draft:
    choices, credits = scene.choices, scene.world.credits
    epoch = int(credits.epoch_duration)
    at = scene.edge((scene.now // epoch + 1) * epoch) if choices.chance(20) else scene.now
    sender = scene.cast.someone(choices) if choices.chance(10) else credits.gateway
    stakers = _stakers(scene)
    if not stakers and choices.chance(75):
        return stake(scene)
    with_credit = [account for account in stakers if available_of(scene.world, _later(scene, at), account)]
    if not with_credit and choices.chance(60):
        return record(scene)
    if with_credit and choices.chance(70):
        stakers = with_credit
    account = scene.cast.account_among(choices, stakers)
    credit = available_of if choices.chance(85) else _allocation_of
    amount = scene.amount(credit(scene.world, _later(scene, at), account))
    return Draft(sender, DAILY_CREDITS, "spend", (account, amount), at=at)


def _allocation_of(world: World, call: Call, account: Address) -> U256:
    return credit_of(world, call, account).allocation


def _later(scene: Scene, at: int) -> Call:
    """Return a call at a time (s), or now if that is past."""
    return Call(ZERO_ADDRESS, DAILY_CREDITS.address, b"", max(at, scene.now))


def _stakers(scene: Scene) -> list[Address]:
    """Return the accounts with DIEM staked now or when it was last recorded."""
    infos, accounts = scene.world.diem.staked_infos, scene.world.credits.accounts
    candidates = [*scene.cast.present, ZERO_ADDRESS]
    return [account for account in candidates if infos[account].amount_staked or accounts[account].staked]
