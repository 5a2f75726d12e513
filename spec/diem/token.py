"""DIEM as a token: minted and burned by whoever holds the role, which is staking. Source: PROTOCOL 4."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spec import addresses
from spec.access_control import DEFAULT_ADMIN_ROLE
from spec.diem.contract import ACCESS, DIEM, TOKEN
from spec.events import Event
from spec.hashing import keccak256
from spec.messages import Address, Call
from spec.uint256 import U256

if TYPE_CHECKING:
    from spec.world import World

MINTER_BURNER_ROLE: Final = keccak256(b"MINTER_BURNER_ROLE")

COOLDOWN_DURATION_UPDATED: Final = Event("CooldownDurationUpdated(uint256 cooldownDuration)")


@DIEM.external("mint(address to,uint256 amount)")
def mint(world: World, call: Call, recipient: Address, amount: U256) -> None:
    """Create DIEM. There is no cap.

    Reverts, in this order
    ----------------------
    AccessControlUnauthorizedAccount : the caller does not hold ``MINTER_BURNER_ROLE``.
    ERC20InvalidReceiver : the recipient is the zero address.
    Panic(0x11) : the supply would reach 2^256.

    Storage
    -------
    total_supply          : t |-> t + amount      (DIEM base units)
    balance_of[recipient] : r |-> r + amount

    Emits : Transfer(0, recipient, amount).
    Rounding : none.
    Source : PROTOCOL 4, grade A.
    """
    ACCESS.check_role(world, MINTER_BURNER_ROLE, call.sender)
    TOKEN.mint(world, recipient, amount)


@DIEM.external("burn(address from,uint256 amount)")
def burn(world: World, call: Call, holder: Address, amount: U256) -> None:
    """Destroy DIEM of ``holder``, without approval.

    Reverts, in this order
    ----------------------
    AccessControlUnauthorizedAccount : the caller does not hold ``MINTER_BURNER_ROLE``.
    ERC20InvalidSender : the holder is the zero address.
    ERC20InsufficientBalance : the holder has less than ``amount``, not counting what is staked or cooling.

    Storage
    -------
    balance_of[holder] : h |-> h - amount      (DIEM base units)
    total_supply       : t |-> t - amount

    Emits : Transfer(holder, 0, amount).
    Rounding : none.
    Source : PROTOCOL 4, grade A.
    """
    ACCESS.check_role(world, MINTER_BURNER_ROLE, call.sender)
    TOKEN.burn(world, holder, amount)


@DIEM.external("setCooldownDuration(uint256 newCooldownDuration)")
def set_cooldown_duration(world: World, call: Call, duration: U256) -> None:
    """Set how long DIEM cools down, for cooldowns that start from now on.

    Reverts, in this order
    ----------------------
    AccessControlUnauthorizedAccount : the caller does not hold the default admin role.

    Storage
    -------
    cooldown_duration : c |-> duration      (s)

    Emits : CooldownDurationUpdated(duration).
    Rounding : none.
    Source : PROTOCOL 4, grade A; event grade E.
    """
    ACCESS.check_role(world, DEFAULT_ADMIN_ROLE, call.sender)
    world.diem.cooldown_duration = duration
    world.emit(COOLDOWN_DURATION_UPDATED.log(addresses.DIEM, duration))
