"""Calls of staking that any account makes."""

from __future__ import annotations

from conformance.programs.calls.vvv import someone_with_vvv
from conformance.programs.scene import Draft, Scene
from spec import addresses
from spec.errors import Revert
from spec.messages import Address
from spec.staking import STAKING
from spec.staking.mint_curve import quote
from spec.staking.rewards import pending_rewards
from spec.uint256 import MAX_UINT256, U256


def stake(scene: Scene) -> Draft:
    sender = someone_with_vvv(scene)
    recipient = sender if scene.choices.chance(70) else scene.cast.anyone(scene.choices)
    vvv = scene.world.vvv
    available: int = min(vvv.balance_of[sender], vvv.allowance[sender].of[addresses.STAKING])
    if recipient == sender and scene.choices.chance(15):  # what is about to be paid out can fund the stake
        available = min(available + _pending(scene, sender), MAX_UINT256)
    return Draft(sender, STAKING, "stake", (recipient, scene.amount(available)), at=scene.now)


def initiate_unstake(scene: Scene) -> Draft:
    state = scene.world.staking
    busy = scene.choices.chance(20)  # one cooldown at a time: a second one is refused
    wanted = [account for account in _stakers(scene) if bool(state.stakes[account].cooldown_amount) == busy]
    sender = scene.cast.caller_among(scene.choices, wanted)
    limit = state.svvv.balance_of[sender] if scene.choices.chance(10) else state.unlocked(sender)
    if scene.choices.chance(20):
        scene.sequel = lambda later: _finalize_unstake(later, sender)
    return Draft(sender, STAKING, "initiateUnstake", (scene.amount(limit),))


def finalize_unstake(scene: Scene) -> Draft:
    stakes = scene.world.staking.stakes
    cooling = [account for account in scene.cast.present if stakes[account].cooldown_amount]
    ending = [account for account in cooling if stakes[account].cooldown_end >= scene.now]
    if not ending and scene.choices.chance(40 if cooling else 80):
        return initiate_unstake(scene)
    sender = scene.cast.caller_among(scene.choices, ending if ending and scene.choices.chance(80) else cooling)
    return _finalize_unstake(scene, sender)


def _finalize_unstake(scene: Scene, sender: Address) -> Draft:
    end = scene.world.staking.stakes[sender].cooldown_end
    at = scene.edge(end) if scene.choices.chance(80) else None
    return Draft(sender, STAKING, "finalizeUnstake", at=at if at is None or at < 2**64 else None)


def claim(scene: Scene) -> Draft:
    return Draft(scene.cast.caller_among(scene.choices, _stakers(scene)), STAKING, "claim")


def claim_and_stake(scene: Scene) -> Draft:
    return Draft(scene.cast.caller_among(scene.choices, _stakers(scene)), STAKING, "claimAndStake")


def mint_diem(scene: Scene) -> Draft:
    state, choices = scene.world.staking, scene.choices
    sender = scene.cast.caller_among(choices, [account for account in _stakers(scene) if state.unlocked(account)])
    amount = scene.amount(state.unlocked(sender))
    quoted = _quote(scene, amount)
    minimum = choices.weighted(((60, 0), (25, quoted), (15, quoted + 1)))
    return Draft(sender, STAKING, "mintDiem", (amount, min(minimum, MAX_UINT256)), at=scene.now)


def burn_diem(scene: Scene) -> Draft:
    diem, locks = scene.world.diem, scene.world.staking.locked_stakes
    able = [
        account
        for account in scene.cast.present
        if diem.balance_of[account] and (locks[account].outstanding_diem_amount or scene.choices.chance(15))
    ]
    if not able and scene.choices.chance(75):
        return mint_diem(scene)
    sender = scene.cast.caller_among(scene.choices, able)
    outstanding, balance = locks[sender].outstanding_diem_amount, diem.balance_of[sender]
    limit = min(outstanding, balance) if scene.choices.chance(75) else max(outstanding, balance)
    return Draft(sender, STAKING, "burnDiem", (scene.amount(limit),))


def transfer_svvv(scene: Scene) -> Draft:
    sender = scene.cast.caller(scene.choices)
    amount = scene.amount(scene.world.staking.svvv.balance_of[sender])
    return Draft(sender, STAKING, "transfer", (scene.cast.anyone(scene.choices), amount))


def approve_svvv(scene: Scene) -> Draft:
    amount = scene.choices.one_of((0, 1, 10**18, MAX_UINT256))
    sender, spender = scene.cast.caller(scene.choices), scene.cast.anyone(scene.choices)
    return Draft(sender, STAKING, "approve", (spender, amount))


def transfer_svvv_from(scene: Scene) -> Draft:
    svvv, choices = scene.world.staking.svvv, scene.choices
    owner = scene.cast.anyone(choices)
    allowance = svvv.allowance[owner].of
    sender = scene.cast.caller_among(choices, [spender for spender in scene.cast.present if allowance[spender]])
    return Draft(sender, STAKING, "transferFrom", (owner, scene.cast.anyone(choices), scene.amount(allowance[sender])))


def _stakers(scene: Scene) -> list[Address]:
    balances = scene.world.staking.svvv.balance_of
    return [account for account in scene.cast.present if balances[account]]


def _pending(scene: Scene, account: Address) -> int:
    try:
        return pending_rewards(scene.world, account, scene.now)
    except Revert:  # an emission rate so large that nothing can be settled any more
        return 0


def _quote(scene: Scene, amount: int) -> int:
    try:
        return quote(scene.world, U256(amount))
    except Revert:
        return 0
