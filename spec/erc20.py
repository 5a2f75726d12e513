"""OpenZeppelin 5.2's ERC-20, which DIEM and sVVV both are.

Source: ERC-20, and OpenZeppelin Contracts 5.2.0 for errors (ERC-6093), their order, and storage.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from spec.errors import CustomError, Reason
from spec.events import Event
from spec.messages import ZERO_ADDRESS, Address, Call
from spec.storage import (
    Account,
    Record,
    RecordMapping,
    ShortStringVariable,
    Uint256Mapping,
    Uint256Table,
    Uint256Variable,
)
from spec.uint256 import MAX_UINT256, U256

if TYPE_CHECKING:
    from spec.contract import Contract
    from spec.world import World

TRANSFER: Final = Event("Transfer(address indexed from,address indexed to,uint256 value)")
APPROVAL: Final = Event("Approval(address indexed owner,address indexed spender,uint256 value)")

INSUFFICIENT_BALANCE: Final = CustomError("ERC20InsufficientBalance(address,uint256,uint256)")
INVALID_SENDER: Final = CustomError("ERC20InvalidSender(address)")
INVALID_RECEIVER: Final = CustomError("ERC20InvalidReceiver(address)")
INSUFFICIENT_ALLOWANCE: Final = CustomError("ERC20InsufficientAllowance(address,uint256,uint256)")
INVALID_APPROVER: Final = CustomError("ERC20InvalidApprover(address)")
INVALID_SPENDER: Final = CustomError("ERC20InvalidSpender(address)")

DECIMALS: Final = 18


class ERC20Storage(Record):
    """Balances, allowances and names; all amounts in base units (10^18 = one token)."""

    total_supply = Uint256Variable(2)
    name = ShortStringVariable(3)
    symbol = ShortStringVariable(4)

    def __init__(self, account: Account, base: int = 0) -> None:
        super().__init__(account, base)
        self.balance_of: Uint256Mapping[Address] = Uint256Mapping(self, 0)
        self.allowance: RecordMapping[Address, Uint256Table] = RecordMapping(self, 1, Uint256Table)


class ERC20:
    """The token at one address; ``frozen``, if given, is the reason why it cannot be transferred at all."""

    def __init__(
        self,
        contract: Contract,
        storage: Callable[[World], ERC20Storage],
        frozen: Reason | None = None,
    ) -> None:
        self.address = contract.address
        self.storage = storage
        self.frozen = frozen
        _declare(self, contract)

    def transfer(self, world: World, sender: Address, recipient: Address, amount: U256) -> None:
        """Move ``amount`` from ``sender`` to ``recipient``.

        Reverts, in this order
        ----------------------
        ERC20InvalidSender : the sender is the zero address.
        ERC20InvalidReceiver : the recipient is the zero address.
        the token's own reason, if it cannot be transferred.
        ERC20InsufficientBalance : the sender has less than ``amount``.

        Storage
        -------
        balance_of[sender]    : s |-> s - amount
        balance_of[recipient] : r |-> r + amount

        Emits : Transfer(sender, recipient, amount).
        """
        if sender == ZERO_ADDRESS:
            raise INVALID_SENDER(ZERO_ADDRESS)
        if recipient == ZERO_ADDRESS:
            raise INVALID_RECEIVER(ZERO_ADDRESS)
        if self.frozen:
            raise self.frozen()
        self._take(world, sender, amount)
        balances = self.storage(world).balance_of
        balances[recipient] = balances[recipient].wrapping_add(amount)
        world.emit(TRANSFER.log(self.address, sender, recipient, amount))

    def mint(self, world: World, recipient: Address, amount: U256) -> None:
        """Create ``amount`` for ``recipient``.

        Reverts, in this order
        ----------------------
        ERC20InvalidReceiver : the recipient is the zero address.
        Panic(0x11) : the supply would reach 2^256.

        Storage
        -------
        total_supply          : t |-> t + amount
        balance_of[recipient] : r |-> r + amount

        Emits : Transfer(0, recipient, amount).
        """
        if recipient == ZERO_ADDRESS:
            raise INVALID_RECEIVER(ZERO_ADDRESS)
        storage = self.storage(world)
        storage.total_supply += amount
        storage.balance_of[recipient] = storage.balance_of[recipient].wrapping_add(amount)
        world.emit(TRANSFER.log(self.address, ZERO_ADDRESS, recipient, amount))

    def burn(self, world: World, holder: Address, amount: U256) -> None:
        """Destroy ``amount`` of ``holder``.

        Reverts, in this order
        ----------------------
        ERC20InvalidSender : the holder is the zero address.
        ERC20InsufficientBalance : the holder has less than ``amount``.

        Storage
        -------
        balance_of[holder] : h |-> h - amount
        total_supply       : t |-> t - amount

        Emits : Transfer(holder, 0, amount).
        """
        if holder == ZERO_ADDRESS:
            raise INVALID_SENDER(ZERO_ADDRESS)
        self._take(world, holder, amount)
        storage = self.storage(world)
        storage.total_supply = storage.total_supply.wrapping_sub(amount)
        world.emit(TRANSFER.log(self.address, holder, ZERO_ADDRESS, amount))

    def approve(self, world: World, owner: Address, spender: Address, amount: U256) -> None:
        """Allow ``spender`` to move ``amount`` of ``owner``'s tokens, whatever was allowed before.

        Reverts, in this order
        ----------------------
        ERC20InvalidApprover : the owner is the zero address.
        ERC20InvalidSpender : the spender is the zero address.

        Storage
        -------
        allowance[owner][spender] : a |-> amount

        Emits : Approval(owner, spender, amount).
        """
        self._allow(world, owner, spender, amount)
        world.emit(APPROVAL.log(self.address, owner, spender, amount))

    def spend_allowance(self, world: World, owner: Address, spender: Address, amount: U256) -> None:
        """Lower an allowance by ``amount``; an allowance of 2^256-1 is without limit and stays.

        Reverts, in this order
        ----------------------
        ERC20InsufficientAllowance : less than ``amount`` is allowed.
        ERC20InvalidApprover : the owner is the zero address.
        ERC20InvalidSpender : the spender is the zero address.

        Storage
        -------
        allowance[owner][spender] : a |-> a - amount

        Emits : nothing.
        """
        allowed = self.storage(world).allowance[owner].of[spender]
        if allowed == MAX_UINT256:
            return
        if allowed < amount:
            raise INSUFFICIENT_ALLOWANCE(spender, allowed, amount)
        self._allow(world, owner, spender, allowed - amount)

    def _allow(self, world: World, owner: Address, spender: Address, amount: U256) -> None:
        if owner == ZERO_ADDRESS:
            raise INVALID_APPROVER(ZERO_ADDRESS)
        if spender == ZERO_ADDRESS:
            raise INVALID_SPENDER(ZERO_ADDRESS)
        self.storage(world).allowance[owner].of[spender] = amount

    def _take(self, world: World, holder: Address, amount: U256) -> None:
        balances = self.storage(world).balance_of
        balance = balances[holder]
        if balance < amount:
            raise INSUFFICIENT_BALANCE(holder, balance, amount)
        balances[holder] = balance - amount


def _declare(token: ERC20, contract: Contract) -> None:
    """Declare the external functions of ERC-20 on ``contract``."""

    @contract.external("transfer(address to,uint256 value)", returns="bool")
    def transfer(world: World, call: Call, recipient: Address, amount: U256) -> bool:
        token.transfer(world, call.sender, recipient, amount)
        return True

    @contract.external("transferFrom(address from,address to,uint256 value)", returns="bool")
    def transfer_from(world: World, call: Call, owner: Address, recipient: Address, amount: U256) -> bool:
        token.spend_allowance(world, owner, call.sender, amount)
        token.transfer(world, owner, recipient, amount)
        return True

    @contract.external("approve(address spender,uint256 value)", returns="bool")
    def approve(world: World, call: Call, spender: Address, amount: U256) -> bool:
        token.approve(world, call.sender, spender, amount)
        return True

    @contract.view("name()", returns="string")
    def name(world: World, call: Call) -> str:
        return token.storage(world).name

    @contract.view("symbol()", returns="string")
    def symbol(world: World, call: Call) -> str:
        return token.storage(world).symbol

    @contract.view("decimals()", returns="uint8")
    def decimals(world: World, call: Call) -> int:
        return DECIMALS

    @contract.view("totalSupply()", returns="uint256")
    def total_supply(world: World, call: Call) -> U256:
        return token.storage(world).total_supply

    @contract.view("balanceOf(address account)", returns="uint256")
    def balance_of(world: World, call: Call, account: Address) -> U256:
        return token.storage(world).balance_of[account]

    @contract.view("allowance(address owner,address spender)", returns="uint256")
    def allowance(world: World, call: Call, owner: Address, spender: Address) -> U256:
        return token.storage(world).allowance[owner].of[spender]
