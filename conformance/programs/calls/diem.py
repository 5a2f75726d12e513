"""Calls of DIEM."""

from __future__ import annotations

from conformance.programs.actors import ALIASES
from conformance.programs.calls.owner import cooldown
from conformance.programs.calls.staking import mint_diem
from conformance.programs.scene import Draft, Scene
from spec import addresses
from spec.access_control import DEFAULT_ADMIN_ROLE
from spec.diem import DIEM
from spec.diem.token import MINTER_BURNER_ROLE
from spec.messages import Address


def transfer(scene: Scene) -> Draft:
    holders = _holders(scene)
    if not holders and scene.choices.chance(75):
        return mint_diem(scene)
    sender = scene.cast.caller_among(scene.choices, holders)
    recipient = sender if scene.choices.chance(8) else scene.cast.anyone(scene.choices)
    return Draft(sender, DIEM, "transfer", (recipient, scene.amount(scene.world.diem.balance_of[sender])))


def approve(scene: Scene) -> Draft:
    sender = scene.cast.caller(scene.choices)
    amount = scene.amount(scene.world.diem.balance_of[sender])
    return Draft(sender, DIEM, "approve", (scene.cast.anyone(scene.choices), amount))


def transfer_from(scene: Scene) -> Draft:
    choices, allowance = scene.choices, scene.world.diem.allowance
    allowances = scene.cast.allowances(allowance)
    if not allowances and choices.chance(60):
        return approve(scene)
    owner, sender = scene.cast.account_among(choices, _holders(scene)), scene.cast.caller(choices)
    if allowances and choices.chance(85):
        owner, sender = choices.one_of(allowances)
    allowed, balance = allowance[owner].of[sender], scene.world.diem.balance_of[owner]
    amount = scene.amount(min(allowed, balance) if choices.chance(70) else max(allowed, balance))
    return Draft(sender, DIEM, "transferFrom", (owner, scene.cast.anyone(choices), amount))


def stake(scene: Scene) -> Draft:
    holders = _holders(scene)
    if not holders and scene.choices.chance(75):
        return mint_diem(scene)
    sender = scene.cast.caller_among(scene.choices, holders)
    amount = scene.amount(scene.world.diem.balance_of[sender])
    missing = _minimum(scene) - int(scene.world.diem.staked_infos[sender].amount_staked)
    if missing > 0 and scene.choices.chance(30):  # up to what can just be spent from, or one base unit from it
        amount = scene.edge(missing)
    return Draft(sender, DIEM, "stake", (amount,))


def initiate_unstake(scene: Scene) -> Draft:
    infos = scene.world.diem.staked_infos
    staked = [account for account in scene.cast.present if infos[account].amount_staked]
    if not staked and scene.choices.chance(75):
        return stake(scene)
    sender = scene.cast.caller_among(scene.choices, staked)
    amount = scene.amount(infos[sender].amount_staked)
    spare = int(infos[sender].amount_staked) - _minimum(scene)
    if spare > 0 and scene.choices.chance(30):  # down to the same
        amount = scene.edge(spare)
    if scene.choices.chance(20):
        scene.sequel = lambda later: _unstake(later, sender)
    return Draft(sender, DIEM, "initiateUnstake", (amount,))


def unstake(scene: Scene) -> Draft:
    infos = scene.world.diem.staked_infos
    cooling = [account for account in scene.cast.present if infos[account].cool_down_amount]
    ending = [account for account in cooling if infos[account].cool_down_end >= scene.now]
    if not ending and scene.choices.chance(40 if cooling else 80):
        return initiate_unstake(scene)
    sender = scene.cast.caller_among(scene.choices, ending if ending and scene.choices.chance(80) else cooling)
    return _unstake(scene, sender)


def _unstake(scene: Scene, sender: Address) -> Draft:
    end = scene.world.diem.staked_infos[sender].cool_down_end
    at = scene.edge(end) if scene.choices.chance(80) else None
    return Draft(sender, DIEM, "unstake", at=at if at is None or at < 2**64 else None)


def mint(scene: Scene) -> Draft:
    amount = scene.amount(10**20)
    return Draft(_with_role(scene, MINTER_BURNER_ROLE), DIEM, "mint", (scene.cast.anyone(scene.choices), amount))


def burn(scene: Scene) -> Draft:
    holder = scene.cast.account_among(scene.choices, _holders(scene))
    amount = scene.amount(scene.world.diem.balance_of[holder])
    return Draft(_with_role(scene, MINTER_BURNER_ROLE), DIEM, "burn", (holder, amount))


def set_cooldown_duration(scene: Scene) -> Draft:
    return Draft(_with_role(scene, DEFAULT_ADMIN_ROLE), DIEM, "setCooldownDuration", (cooldown(scene),))


def grant_role(scene: Scene) -> Draft:
    arguments = (_some_role(scene), scene.cast.anyone(scene.choices))
    if not scene.world.diem.roles[MINTER_BURNER_ROLE].has_role[addresses.STAKING] and scene.choices.chance(60):
        arguments = (MINTER_BURNER_ROLE, addresses.STAKING)  # or no DIEM is minted for the rest of the program
    return Draft(_with_role(scene, DEFAULT_ADMIN_ROLE), DIEM, "grantRole", arguments)


def revoke_role(scene: Scene) -> Draft:
    role = _some_role(scene)
    account = scene.cast.account_among(scene.choices, _holders_of(scene, role))
    return Draft(_with_role(scene, DEFAULT_ADMIN_ROLE), DIEM, "revokeRole", (role, account))


def renounce_role(scene: Scene) -> Draft:
    role = _some_role(scene)
    sender = _with_role(scene, role)
    confirmation = scene.cast.anyone(scene.choices) if scene.choices.chance(30) else sender
    return Draft(sender, DIEM, "renounceRole", (role, confirmation))


def _minimum(scene: Scene) -> int:
    return int(scene.world.credits.minimum_stake)


def _holders(scene: Scene) -> list[Address]:
    balances = scene.world.diem.balance_of
    return [account for account in scene.cast.present if balances[account]]


def _holders_of(scene: Scene, role: bytes) -> list[Address]:
    has_role = scene.world.diem.roles[role].has_role
    candidates = dict.fromkeys([scene.preset.diem.admin, addresses.STAKING, *scene.cast.present])
    return [account for account in candidates if has_role[account]]


def _with_role(scene: Scene, role: bytes) -> Address:
    callers = [account for account in _holders_of(scene, role) if account not in ALIASES]
    return scene.cast.caller_among(scene.choices, callers)


def _some_role(scene: Scene) -> bytes:
    return scene.choices.weighted([(60, MINTER_BURNER_ROLE), (30, DEFAULT_ADMIN_ROLE), (10, b"\x01" * 32)])
