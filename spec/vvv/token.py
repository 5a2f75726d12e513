"""VVV as solmate 6.8.0 has it: an ERC-20 whose owner may mint. Source: PROTOCOL 2, grade A."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spec import addresses
from spec.erc20 import APPROVAL, TRANSFER
from spec.errors import require, string_error
from spec.events import Event
from spec.messages import ZERO_ADDRESS, Address, Call
from spec.uint256 import MAX_UINT256, U256
from spec.vvv.contract import VVV

if TYPE_CHECKING:
    from spec.world import World

UNAUTHORIZED: Final = string_error("UNAUTHORIZED")

OWNERSHIP_TRANSFERRED: Final = Event("OwnershipTransferred(address indexed user,address indexed newOwner)")


@VVV.external("transfer(address to,uint256 amount)", returns="bool")
def transfer(world: World, call: Call, recipient: Address, amount: U256) -> bool:
    """Move the caller's VVV. The zero address is a recipient like any other.

    Reverts, in this order
    ----------------------
    Panic(0x11) : the caller has less than ``amount``.

    Storage
    -------
    balance_of[sender]    : s |-> s - amount      (VVV base units)
    balance_of[recipient] : r |-> r + amount

    Emits : Transfer(sender, recipient, amount).
    Rounding : none.
    Source : PROTOCOL 2, grade A.
    """
    _move(world, call.sender, recipient, amount)
    return True


@VVV.external("transferFrom(address from,address to,uint256 amount)", returns="bool")
def transfer_from(world: World, call: Call, owner: Address, recipient: Address, amount: U256) -> bool:
    """Move VVV that its owner has allowed the caller to move. An allowance of 2^256-1 is never lowered.

    Reverts, in this order
    ----------------------
    Panic(0x11) : less than ``amount`` is allowed.
    Panic(0x11) : the owner has less than ``amount``.

    Storage
    -------
    allowance[owner][sender] : a |-> a - amount, unless a = 2^256-1
    balance_of[owner]        : s |-> s - amount      (VVV base units)
    balance_of[recipient]    : r |-> r + amount

    Emits : Transfer(owner, recipient, amount).
    Rounding : none.
    Source : PROTOCOL 2, grade A.
    """
    allowance = world.vvv.allowance[owner].of
    allowed = allowance[call.sender]
    if allowed != MAX_UINT256:
        allowance[call.sender] = allowed - amount
    _move(world, owner, recipient, amount)
    return True


@VVV.external("approve(address spender,uint256 amount)", returns="bool")
def approve(world: World, call: Call, spender: Address, amount: U256) -> bool:
    """Allow ``spender`` to move ``amount`` of the caller's VVV, whatever was allowed before.

    Storage
    -------
    allowance[sender][spender] : a |-> amount      (VVV base units)

    Emits : Approval(sender, spender, amount).
    Rounding : none.
    Source : PROTOCOL 2, grade A.
    """
    world.vvv.allowance[call.sender].of[spender] = amount
    world.emit(APPROVAL.log(addresses.VVV, call.sender, spender, amount))
    return True


@VVV.external("mint(address to,uint256 amount)")
def mint(world: World, call: Call, recipient: Address, amount: U256) -> None:
    """Create VVV, at the owner's word.

    Reverts, in this order
    ----------------------
    UNAUTHORIZED : the caller is not the owner.
    Panic(0x11) : the supply would reach 2^256.

    Storage
    -------
    total_supply          : t |-> t + amount      (VVV base units)
    balance_of[recipient] : r |-> r + amount

    Emits : Transfer(0, recipient, amount).
    Rounding : none.
    Source : PROTOCOL 2, grade A.
    """
    require(call.sender == world.vvv.owner, UNAUTHORIZED)
    world.vvv.total_supply += amount
    balances = world.vvv.balance_of
    balances[recipient] = balances[recipient].wrapping_add(amount)
    world.emit(TRANSFER.log(addresses.VVV, ZERO_ADDRESS, recipient, amount))


@VVV.external("transferOwnership(address newOwner)")
def transfer_ownership(world: World, call: Call, new_owner: Address) -> None:
    """Hand the right to mint to ``new_owner``, whoever that is.

    Reverts, in this order
    ----------------------
    UNAUTHORIZED : the caller is not the owner.

    Storage
    -------
    owner : o |-> new_owner

    Emits : OwnershipTransferred(sender, new_owner).
    Rounding : none.
    Source : PROTOCOL 2, grade A.
    """
    require(call.sender == world.vvv.owner, UNAUTHORIZED)
    world.vvv.owner = new_owner
    world.emit(OWNERSHIP_TRANSFERRED.log(addresses.VVV, call.sender, new_owner))


def _move(world: World, sender: Address, recipient: Address, amount: U256) -> None:
    balances = world.vvv.balance_of
    balances[sender] -= amount
    balances[recipient] = balances[recipient].wrapping_add(amount)
    world.emit(TRANSFER.log(addresses.VVV, sender, recipient, amount))
