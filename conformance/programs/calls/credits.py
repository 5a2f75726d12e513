"""Calls of DailyCredits."""

from __future__ import annotations

from conformance.programs.scene import Draft, Scene
from spec.daily_credits import DAILY_CREDITS
from spec.daily_credits.credit import credit_of
from spec.messages import ZERO_ADDRESS, Address, Call


def record(scene: Scene) -> Draft:
    sender = scene.cast.caller(scene.choices)
    return Draft(sender, DAILY_CREDITS, "record", (scene.cast.account_among(scene.choices, _stakers(scene)),))


def spend(scene: Scene) -> Draft:
    choices, credits = scene.choices, scene.world.credits
    epoch = int(credits.epoch_duration)
    at = scene.edge((scene.now // epoch + 1) * epoch) if choices.chance(20) else scene.now
    sender = scene.cast.someone(choices) if choices.chance(10) else credits.gateway
    account = scene.cast.account_among(choices, _stakers(scene))
    credit = credit_of(scene.world, Call(sender, DAILY_CREDITS.address, b"", max(at, scene.now)), account)
    amount = scene.amount(credit.available if choices.chance(85) else credit.allocation)
    return Draft(sender, DAILY_CREDITS, "spend", (account, amount), at=at)


def _stakers(scene: Scene) -> list[Address]:
    """Return the accounts with DIEM staked now or when it was last recorded."""
    infos, accounts = scene.world.diem.staked_infos, scene.world.credits.accounts
    candidates = [*scene.cast.present, ZERO_ADDRESS]
    return [account for account in candidates if infos[account].amount_staked or accounts[account].staked]
