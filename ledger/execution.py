"""Transactions carried out on a state: the specification's contracts, and transfers of ether between everybody else.

No gas is counted and no fee charged. Storage words are read when they are first asked for, and kept.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final, NoReturn

from ledger.changes import Changes
from ledger.state import AccountState, StateReader
from ledger.transactions import Transaction, TransactionError, TransactionErrorCode
from spec.addresses import STAKING_IMPLEMENTATION
from spec.machine import CONTRACTS, apply
from spec.messages import Address, Call, Receipt
from spec.storage import Words
from spec.uint256 import U256, ZERO
from spec.world import World

PRECOMPILES: Final = frozenset(Address(number.to_bytes(20, "big")) for number in (*range(1, 0x14), 0x100))
"""Where Ethereum or Base has a precompiled contract, or may soon: EIP-198, 196, 197, 152, 4844, 2537, 7951."""

UNSPECIFIED: Final = PRECOMPILES | {STAKING_IMPLEMENTATION}
"""Addresses with code that is specified nowhere here, so what a call to them does is not known."""

TRANSFERRED: Final = Receipt(True, b"", ())


class LazyWords(Words):
    """Slot |-> word, each read when it is first asked for; a zero is kept, so that it is not read again."""

    def __init__(self, reader: StateReader, address: Address) -> None:
        super().__init__()
        self._read = partial(reader.word, address)

    def __missing__(self, slot: int) -> U256:
        word = self[slot] = U256(self._read(slot))
        return word

    def pop(self, slot: int, _: Any = None) -> U256:
        """Let the word in a slot be zero, and return what it was."""
        word = self[slot]
        self[slot] = ZERO
        return word


class Execution:
    """A state that transactions change, over one that stays as it is until it is told otherwise."""

    def __init__(self, reader: StateReader, chain_id: int) -> None:
        self.world: Final = World(chain_id, partial(LazyWords, reader))
        self._reader: Final = reader
        self._accounts: dict[Address, AccountState] = {}
        """Those that were looked at."""
        self._before: dict[Address, AccountState] = {}
        """Those that were changed since the last `settle`, as they were then."""

    def account(self, address: Address) -> AccountState:
        """Return an account as it is now."""
        account = self._accounts.get(address)
        if account is None:
            account = self._accounts[address] = self._reader.account(address)
        return account

    def transact(self, transaction: Transaction, timestamp: int) -> Receipt:
        """Carry out a transaction at a time (s): the nonce counts even if the call is refused (status 0).

        Raises
        ------
        TransactionError : nothing has changed; in this order: NONCE_TOO_LOW, NONCE_TOO_HIGH; INSUFFICIENT_FUNDS : for
            the value; UNSPECIFIED_CODE : of the address it calls.
        """
        sender = self.account(transaction.sender)
        check_transaction(transaction, sender)
        self._set(transaction.sender, sender._replace(nonce=sender.nonce + 1))
        is_call = transaction.to in CONTRACTS
        receipt = apply(self.world, call_of(transaction, timestamp)) if is_call else TRANSFERRED
        if transaction.value and receipt.status:
            self._move(transaction.sender, transaction.to, transaction.value)
        return receipt

    def call(self, call: Call) -> Receipt:
        """Return how a call would be answered, and change nothing; one to an account without code returns nothing.

        Raises
        ------
        TransactionError : UNSPECIFIED_CODE.
        """
        if call.to in UNSPECIFIED:
            _refuse_code(call.to)
        if call.to not in CONTRACTS:
            return TRANSFERRED
        before = len(self.world.journal)
        receipt = apply(self.world, call)
        self.world.undo(before)
        return receipt

    def changes(self) -> Changes:
        """Return what has changed since the last `settle`."""
        first = {(account, slot): before for account, slot, before in reversed(self.world.journal)}
        words = ((account.address, slot, before, account.words[slot]) for (account, slot), before in first.items())
        return Changes(
            {address: (before, self._accounts[address]) for address, before in self._before.items()},
            {(address, slot): (before, after) for address, slot, before, after in words if before != after},
        )

    def settle(self) -> None:
        """Take the present state for the one to count changes from."""
        self.world.journal.clear()
        self._before.clear()

    def roll_back(self) -> None:
        """Go back to how it was at the last `settle`."""
        self.world.undo(0)
        self._accounts |= self._before
        self._before.clear()

    def size(self) -> int:
        """Return how many accounts and words are kept in memory."""
        return len(self._accounts) + sum(len(account.words) for account in self.world.accounts.values())

    def _move(self, sender: Address, receiver: Address, value: int) -> None:
        payer = self.account(sender)
        self._set(sender, payer._replace(balance=payer.balance - value))
        payee = self.account(receiver)
        self._set(receiver, payee._replace(balance=payee.balance + value))

    def _set(self, address: Address, account: AccountState) -> None:
        self._before.setdefault(address, self._accounts[address])
        self._accounts[address] = account


def check_transaction(transaction: Transaction, sender: AccountState) -> None:
    """Check whether a sender's transaction can be carried out next; errors as of `Execution.transact`."""
    if transaction.nonce < sender.nonce:
        raise TransactionError(TransactionErrorCode.NONCE_TOO_LOW, "nonce", transaction.nonce, sender.nonce)
    if transaction.nonce > sender.nonce:
        raise TransactionError(TransactionErrorCode.NONCE_TOO_HIGH, "nonce", transaction.nonce, sender.nonce)
    if transaction.value > sender.balance:
        balance = f"at most the sender's balance, {sender.balance}"
        raise TransactionError(TransactionErrorCode.INSUFFICIENT_FUNDS, "value", transaction.value, balance)
    if transaction.to in UNSPECIFIED:
        _refuse_code(transaction.to)


def call_of(transaction: Transaction, timestamp: int) -> Call:
    """Return the call of a transaction that is carried out at a time (s)."""
    return Call(transaction.sender, transaction.to, transaction.data, timestamp, transaction.value)


def _refuse_code(address: Address) -> NoReturn:
    expected = "a contract that is specified, or an account without code"
    raise TransactionError(TransactionErrorCode.UNSPECIFIED_CODE, "to", f"0x{address.hex()}", expected)
