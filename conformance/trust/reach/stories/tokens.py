"""Stories of permits, of the zero address, of owners and of upgrades."""

from __future__ import annotations

from conformance.programs.actors import NEWCOMERS
from conformance.trust.reach.stories.story import SIGNER, Story, story
from ledger.secret_keys import sign
from spec.encoding import encode_word
from spec.messages import ZERO_ADDRESS
from spec.signatures import CURVE_ORDER
from spec.staking import STAKING
from spec.uint256 import MAX_UINT256
from spec.vvv.permit import permit_digest


@story
def permits(told: Story) -> None:
    for value, deadline in ((7, told.now), (7, told.now - 1), (0, told.now + 1), (MAX_UINT256, MAX_UINT256)):
        nonce = int(told.world.vvv.nonces[SIGNER])
        staker = told.accounts["staker"]
        digest = permit_digest(told.world.chain_id, SIGNER, staker, value, nonce, deadline)
        signed = sign(digest, NEWCOMERS[SIGNER])
        v, r, s = 27 + signed.y_parity, encode_word(signed.r), encode_word(signed.s)
        high = encode_word(CURVE_ORDER - signed.s)
        order = encode_word(CURVE_ORDER)
        signatures = [(v, r, s), (55 - v, r, high), (55 - v, r, s), (0, r, s), (255, r, s), (v, bytes(32), s)]
        signatures += [(v, r, bytes(32)), (v, order, s), (v, r, order), (v, bytes(31) + b"\x05", s)]
        variants = [("signer", "staker", value, deadline, *one) for one in signatures]
        told.outcomes_aside("minter", "vvv.permit", *variants, ("nobody", *variants[0][1:]))
        told.outcome("minter", "vvv.permit", *variants[0])


@story
def the_zero_address_calls(told: Story) -> None:
    for token in ("staking", "diem"):
        told.outcomes_aside("nobody", f"{token}.approve", ("staker", 1))
        told.outcomes_aside("nobody", f"{token}.transfer", ("staker", 0), ("staker", 1))
        told.outcomes_aside("nobody", f"{token}.transferFrom", ("staker", "staker", 0), ("nobody", "staker", 0))
        told.outcomes_aside("staker", f"{token}.transferFrom", ("nobody", "staker", 0), ("nobody", "staker", 1))
        told.outcomes_aside("staker", f"{token}.approve", ("nobody", 1))
        told.outcomes_aside("staker", f"{token}.transfer", ("nobody", 0), ("nobody", 1))
        told.send("staker", f"{token}.approve", "minter", MAX_UINT256)
        told.outcomes_aside("minter", f"{token}.transferFrom", ("staker", "nobody", 0), ("staker", "minter", 1))
    told.outcomes_aside("nobody", "staking.claim", ())
    told.outcomes_aside("nobody", "staking.claimAndStake", ())


@story
def svvv_does_not_move(told: Story) -> None:
    told.send("minter", "staking.approve", "staker", 5)
    told.outcomes_aside("minter", "staking.transfer", ("staker", 0), ("staker", 1), ("staker", MAX_UINT256))
    told.outcomes_aside("staker", "staking.transferFrom", ("minter", "staker", 5), ("minter", "staker", 6))


@story
def owners(told: Story) -> None:
    for function in ("setEmissionRate", "setCooldownDuration"):
        told.outcomes_aside("staker", f"staking.{function}", (1,))
        told.outcomes_aside("owner", f"staking.{function}", (1,), (0,), (MAX_UINT256,))
    told.outcomes_aside("staker", "staking.setDiemMintCurve", ((0,) * 256, (0,) * 256))
    told.outcomes_aside("owner", "staking.setTreasury", ("staker",), ("nobody",))
    told.outcomes_aside("staker", "staking.setTreasury", ("staker",))
    told.outcomes_aside("owner", "staking.transferOwnership", ("staker",), ("nobody",))
    told.outcomes_aside("staker", "staking.transferOwnership", ("staker",))
    told.outcomes_aside("staker", "staking.renounceOwnership", ())
    told.outcomes_aside("owner", "staking.renounceOwnership", ())
    told.outcomes_aside("staker", "vvv.mint", ("staker", 1))
    told.outcomes_aside("staker", "vvv.transferOwnership", ("staker",))


@story
def upgrades(told: Story) -> None:
    """To itself, to accounts with other code and with none, with value, and with calls that are refused."""
    claim = STAKING.by_name["claim"].calldata()
    stake_nothing = STAKING.by_name["stake"].calldata(ZERO_ADDRESS, 0)
    supply = STAKING.by_name["totalSupply"].calldata()
    for data in (b"", claim, supply, stake_nothing, b"\xde\xad\xbe\xef", b"\x01"):
        told.outcomes_aside("owner", "staking.upgradeToAndCall", ("implementation", data))
        told.outcomes_aside("staker", "staking.upgradeToAndCall", ("implementation", data))
    for other in ("vvv", "staking", "diem", "credits", "staker", "nobody"):
        told.outcomes_aside("owner", "staking.upgradeToAndCall", (other, b""))
    told.outcomes_aside("owner", "staking.initialize", ("vvv", "diem", "treasury", "owner"))
    told.outcomes_aside("owner", "staking.proxiableUUID", ())
    for data in (b"", claim):
        told.pay("owner", "staking.upgradeToAndCall", "implementation", data)
