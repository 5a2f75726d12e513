"""What staking has because it lives behind an ERC-1967 proxy: UUPS upgrades, and initialization.

Only the implementation at ``addresses.STAKING_IMPLEMENTATION`` is specified, and no other code with a
``proxiableUUID`` exists in the specified world, so an upgrade can at most lead from it to itself.
Source: PROTOCOL 3.3; ERC-1967, ERC-1822; OpenZeppelin Contracts Upgradeable 5.2.0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spec import addresses
from spec.errors import EMPTY, CustomError, Reason, Revert, require
from spec.events import Event
from spec.hashing import keccak256
from spec.messages import Address, Call
from spec.staking.contract import OWNABLE, STAKING

if TYPE_CHECKING:
    from spec.world import World


def _error(name: str) -> Reason:
    return Reason(keccak256(f"{name}()".encode())[:4], name)


INVALID_INITIALIZATION: Final = _error("InvalidInitialization")
UNAUTHORIZED_CALL_CONTEXT: Final = _error("UUPSUnauthorizedCallContext")
NON_PAYABLE: Final = _error("ERC1967NonPayable")
FAILED_CALL: Final = _error("FailedCall")
INVALID_IMPLEMENTATION: Final = CustomError("ERC1967InvalidImplementation(address)")

UPGRADED: Final = Event("Upgraded(address indexed implementation)")

UPGRADE_INTERFACE_VERSION: Final = "5.0.0"

OTHER_CODE: Final = frozenset({addresses.VVV, addresses.STAKING, addresses.DIEM, addresses.DAILY_CREDITS})
"""The accounts with code that is no implementation; the proxy itself is one, for it refuses ``proxiableUUID``."""


@STAKING.external("initialize(address venice,address diem,address treasury,address owner)")
def initialize(world: World, call: Call, venice: Address, diem: Address, treasury: Address, owner: Address) -> None:
    """Refuse: the proxy was initialized when it was made.

    Reverts
    -------
    InvalidInitialization : always.

    Source : PROTOCOL 3, grade C; signature grade E.
    """
    raise INVALID_INITIALIZATION()


@STAKING.external("upgradeToAndCall(address newImplementation,bytes data)", payable=True)
def upgrade_to_and_call(world: World, call: Call, implementation: Address, data: bytes) -> None:
    """Change the proxy's code to ``implementation``, which can only be the code that it has, and run ``data`` on it.

    Reverts, in this order
    ----------------------
    OwnableUnauthorizedAccount : the caller is not the owner.
    empty data : ``implementation`` has no code.
    ERC1967InvalidImplementation : its code is none that a UUPS proxy can have.
    ERC1967NonPayable : value is sent, but no data.
    whatever ``data`` revert with; FailedCall, if that is without data.

    Storage
    -------
    whatever ``data`` change.

    Emits : Upgraded(implementation); of ``data``.
    Rounding : none.
    Source : PROTOCOL 3.3, grade A; OpenZeppelin's UUPS.
    """
    OWNABLE.check_owner(world, call)
    if implementation in OTHER_CODE:
        raise INVALID_IMPLEMENTATION(implementation)
    require(implementation == addresses.STAKING_IMPLEMENTATION, EMPTY)
    world.staking.erc1967.implementation = implementation
    world.emit(UPGRADED.log(addresses.STAKING, implementation))
    if not data:
        require(call.value == 0, NON_PAYABLE)
        return
    try:
        STAKING.run(world, call._replace(data=data))
    except Revert as refusal:
        raise (refusal if refusal.data else FAILED_CALL()) from None


@STAKING.view("proxiableUUID()", returns="bytes32")
def proxiable_uuid(world: World, call: Call) -> bytes:
    """Refuse: only the implementation itself answers this, not its proxy.

    Reverts
    -------
    UUPSUnauthorizedCallContext : always.
    """
    raise UNAUTHORIZED_CALL_CONTEXT()


@STAKING.view("UPGRADE_INTERFACE_VERSION()", returns="string")
def upgrade_interface_version(world: World, call: Call) -> str:
    return UPGRADE_INTERFACE_VERSION
