"""Calls of VVV."""

from __future__ import annotations

from conformance.programs.actors import NEWCOMERS
from conformance.programs.scene import Draft, Scene
from ledger.secret_keys import sign
from spec import addresses
from spec.encoding import encode_word
from spec.messages import Address
from spec.signatures import CURVE_ORDER
from spec.uint256 import MAX_UINT256
from spec.vvv import VVV
from spec.vvv.permit import permit_digest


def transfer(scene: Scene) -> Draft:
    balances = scene.world.vvv.balance_of
    holders = [account for account in scene.cast.present if balances[account]]
    sender = scene.cast.caller_among(scene.choices, holders)
    recipient = sender if scene.choices.chance(8) else scene.cast.anyone(scene.choices)
    amount = scene.amount(balances[sender])
    return Draft(sender, VVV, "transfer", (recipient, amount))


def approve(scene: Scene) -> Draft:
    sender = scene.cast.someone(scene.choices)
    spender = addresses.STAKING if scene.choices.chance(75) else scene.cast.anyone(scene.choices)
    amount = MAX_UINT256 if scene.choices.chance(40) else scene.amount(scene.world.vvv.balance_of[sender])
    return Draft(sender, VVV, "approve", (spender, amount))


def transfer_from(scene: Scene) -> Draft:
    allowance = scene.world.vvv.allowance
    allowances = scene.cast.allowances(allowance)
    if not allowances and scene.choices.chance(60):
        return approve(scene)
    owner, sender = scene.cast.someone(scene.choices), scene.cast.caller(scene.choices)
    if allowances and scene.choices.chance(85):
        owner, sender = scene.choices.one_of(allowances)
    allowed, balance = allowance[owner].of[sender], scene.world.vvv.balance_of[owner]
    amount = scene.amount(min(allowed, balance) if scene.choices.chance(70) else max(allowed, balance))
    return Draft(sender, VVV, "transferFrom", (owner, scene.cast.anyone(scene.choices), amount))


def mint(scene: Scene) -> Draft:
    sender = scene.cast.caller(scene.choices)
    return Draft(sender, VVV, "mint", (scene.cast.anyone(scene.choices), scene.choices.up_to(10**24)))


def transfer_ownership(scene: Scene) -> Draft:
    sender = scene.cast.someone(scene.choices)
    return Draft(sender, VVV, "transferOwnership", (scene.cast.anyone(scene.choices),))


def permit(scene: Scene) -> Draft:
    """A permit of an account whose key is known; about half of them are wrong in one way or in two."""
    choices, vvv = scene.choices, scene.world.vvv
    owner = choices.one_of(list(NEWCOMERS))
    spender = addresses.STAKING if choices.chance(60) else scene.cast.anyone(choices)
    value = scene.amount(vvv.balance_of[owner])
    deadline = MAX_UINT256 if choices.chance(20) else max(scene.now + choices.one_of((0, 1, 3600, -1)), 0)
    nonce = vvv.nonces[owner] + (1 if choices.chance(10) else 0)
    named = scene.cast.anyone(choices) if choices.chance(10) else owner
    signed_value = value if choices.chance(95) else value ^ 1
    digest = permit_digest(scene.world.chain_id, named, spender, signed_value, nonce, deadline)
    v, r, s = _signature(scene, NEWCOMERS[owner], digest)
    return Draft(scene.cast.caller(choices), VVV, "permit", (named, spender, value, deadline, v, r, s), at=scene.now)


def _signature(scene: Scene, secret: bytes, digest: bytes) -> tuple[int, bytes, bytes]:
    signed = sign(digest, secret)
    v, r, s = 27 + signed.y_parity, encode_word(signed.r), encode_word(signed.s)
    fault = scene.choices.weighted(
        [(60, "none"), (10, "high s"), (5, "other v"), (5, "odd v"), (5, "zero"), (5, "order")]
    )
    if fault == "high s":  # as valid as the other: ecrecover takes both
        return 55 - v, r, encode_word(CURVE_ORDER - signed.s)
    if fault == "other v":
        return 55 - v, r, s
    if fault == "odd v":
        return scene.choices.one_of((0, 1, 26, 29, 255)), r, s
    if fault == "zero":
        return v, bytes(32), s
    if fault == "order":
        return v, r, encode_word(CURVE_ORDER)
    return v, r, s


def someone_with_vvv(scene: Scene) -> Address:
    """Return an account that has VVV and has allowed staking some, if there is one."""
    vvv = scene.world.vvv
    ready = [
        account
        for account in scene.cast.present
        if vvv.balance_of[account] and vvv.allowance[account].of[addresses.STAKING]
    ]
    return scene.cast.caller_among(scene.choices, ready)
