"""OpenZeppelin 5.2's AccessControl, which DIEM uses: roles, held by accounts, given and taken by the role's admin.

Source: OpenZeppelin Contracts 5.2.0; ERC-165.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from spec.errors import CustomError, Reason
from spec.events import Event
from spec.hashing import keccak256
from spec.messages import Address, Call
from spec.storage import Account, BoolMapping, Bytes32Variable, Record, RecordMapping

if TYPE_CHECKING:
    from spec.contract import Contract
    from spec.world import World

DEFAULT_ADMIN_ROLE: Final = bytes(32)

UNAUTHORIZED_ACCOUNT: Final = CustomError("AccessControlUnauthorizedAccount(address,bytes32)")
BAD_CONFIRMATION: Final = Reason(keccak256(b"AccessControlBadConfirmation()")[:4], "AccessControlBadConfirmation")

ROLE_GRANTED: Final = Event("RoleGranted(bytes32 indexed role,address indexed account,address indexed sender)")
ROLE_REVOKED: Final = Event("RoleRevoked(bytes32 indexed role,address indexed account,address indexed sender)")

SUPPORTED_INTERFACES: Final = frozenset({bytes.fromhex("01ffc9a7"), bytes.fromhex("7965db0b")})
"""ERC-165 itself, and IAccessControl."""


class Role(Record):
    """Who holds a role, and which role gives and takes it."""

    admin_role = Bytes32Variable(1)

    def __init__(self, account: Account, base: int) -> None:
        super().__init__(account, base)
        self.has_role: BoolMapping[Address] = BoolMapping(self, 0)


class AccessControl:
    """The roles of one contract."""

    def __init__(self, contract: Contract, roles: Callable[[World], RecordMapping[bytes, Role]]) -> None:
        self.address = contract.address
        self.roles = roles
        _declare(self, contract)

    def check_role(self, world: World, role: bytes, account: Address) -> None:
        """Refuse the call unless ``account`` holds ``role``.

        Reverts
        -------
        AccessControlUnauthorizedAccount : it does not.
        """
        if not self.roles(world)[role].has_role[account]:
            raise UNAUTHORIZED_ACCOUNT(account, role)

    def grant(self, world: World, role: bytes, account: Address, sender: Address) -> None:
        """Give ``role`` to ``account``; nothing happens, and nothing is emitted, if it has it.

        Storage
        -------
        roles[role].has_role[account] : h |-> true

        Emits : RoleGranted(role, account, sender).
        """
        holders = self.roles(world)[role].has_role
        if not holders[account]:
            holders[account] = True
            world.emit(ROLE_GRANTED.log(self.address, role, account, sender))

    def revoke(self, world: World, role: bytes, account: Address, sender: Address) -> None:
        """Take ``role`` from ``account``; nothing happens, and nothing is emitted, if it has it not.

        Storage
        -------
        roles[role].has_role[account] : h |-> false

        Emits : RoleRevoked(role, account, sender).
        """
        holders = self.roles(world)[role].has_role
        if holders[account]:
            holders[account] = False
            world.emit(ROLE_REVOKED.log(self.address, role, account, sender))


def _declare(control: AccessControl, contract: Contract) -> None:
    """Declare the external functions of AccessControl on ``contract``."""

    @contract.external("grantRole(bytes32 role,address account)")
    def grant_role(world: World, call: Call, role: bytes, account: Address) -> None:
        control.check_role(world, control.roles(world)[role].admin_role, call.sender)
        control.grant(world, role, account, call.sender)

    @contract.external("revokeRole(bytes32 role,address account)")
    def revoke_role(world: World, call: Call, role: bytes, account: Address) -> None:
        control.check_role(world, control.roles(world)[role].admin_role, call.sender)
        control.revoke(world, role, account, call.sender)

    @contract.external("renounceRole(bytes32 role,address callerConfirmation)")
    def renounce_role(world: World, call: Call, role: bytes, confirmation: Address) -> None:
        if confirmation != call.sender:
            raise BAD_CONFIRMATION()
        control.revoke(world, role, call.sender, call.sender)

    @contract.view("hasRole(bytes32 role,address account)", returns="bool")
    def has_role(world: World, call: Call, role: bytes, account: Address) -> bool:
        return control.roles(world)[role].has_role[account]

    @contract.view("getRoleAdmin(bytes32 role)", returns="bytes32")
    def get_role_admin(world: World, call: Call, role: bytes) -> bytes:
        return control.roles(world)[role].admin_role

    @contract.view("DEFAULT_ADMIN_ROLE()", returns="bytes32")
    def default_admin_role(world: World, call: Call) -> bytes:
        return DEFAULT_ADMIN_ROLE

    @contract.view("supportsInterface(bytes4 interfaceId)", returns="bool")
    def supports_interface(world: World, call: Call, interface: bytes) -> bool:
        return interface in SUPPORTED_INTERFACES
