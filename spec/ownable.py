"""OpenZeppelin 5.2's Ownable, which staking uses. Source: OpenZeppelin Contracts Upgradeable 5.2.0."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from spec.errors import CustomError
from spec.events import Event
from spec.messages import ZERO_ADDRESS, Address, Call
from spec.storage import AddressVariable, Record

if TYPE_CHECKING:
    from spec.contract import Contract
    from spec.world import World

UNAUTHORIZED_ACCOUNT: Final = CustomError("OwnableUnauthorizedAccount(address)")
INVALID_OWNER: Final = CustomError("OwnableInvalidOwner(address)")

OWNERSHIP_TRANSFERRED: Final = Event("OwnershipTransferred(address indexed previousOwner,address indexed newOwner)")


class OwnableStorage(Record):
    """The owner; the zero address after it was renounced."""

    owner = AddressVariable(0)


class Ownable:
    """The owner of one contract."""

    def __init__(self, contract: Contract, storage: Callable[[World], OwnableStorage]) -> None:
        self.address = contract.address
        self.storage = storage
        _declare(self, contract)

    def check_owner(self, world: World, call: Call) -> None:
        """Refuse the call unless the owner makes it.

        Reverts
        -------
        OwnableUnauthorizedAccount : the caller is not the owner.
        """
        if call.sender != self.storage(world).owner:
            raise UNAUTHORIZED_ACCOUNT(call.sender)

    def change_owner(self, world: World, new_owner: Address) -> None:
        """Make ``new_owner`` the owner.

        Storage
        -------
        owner : o |-> new_owner

        Emits : OwnershipTransferred(o, new_owner).
        """
        storage = self.storage(world)
        previous = storage.owner
        storage.owner = new_owner
        world.emit(OWNERSHIP_TRANSFERRED.log(self.address, previous, new_owner))


def _declare(ownable: Ownable, contract: Contract) -> None:
    """Declare the external functions of Ownable on ``contract``."""

    @contract.external("transferOwnership(address newOwner)")
    def transfer_ownership(world: World, call: Call, new_owner: Address) -> None:
        ownable.check_owner(world, call)
        if new_owner == ZERO_ADDRESS:
            raise INVALID_OWNER(ZERO_ADDRESS)
        ownable.change_owner(world, new_owner)

    @contract.external("renounceOwnership()")
    def renounce_ownership(world: World, call: Call) -> None:
        ownable.check_owner(world, call)
        ownable.change_owner(world, ZERO_ADDRESS)

    @contract.view("owner()", returns="address")
    def owner(world: World, call: Call) -> Address:
        return ownable.storage(world).owner
