"""What clients that came to different roots differ in, by the names of accounts and storage variables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple

from conformance.comparison import compare_receipts
from conformance.one_root.traffic import SignedBlock, Traffic
from conformance.peers.client import Client
from conformance.storage_names import describe_word, named_slots
from ledger.commitment import Account
from spec.machine import CONTRACTS
from spec.messages import Address, Receipt
from spec.quantities import format_address

MOST_WORDS: Final = 20
"""Words of one contract that are shown."""


class Difference(NamedTuple):
    """Where clients differ, and what each says."""

    where: str
    """The block, a transaction in it, a field of an account, a storage variable, or the state root."""

    values: Mapping[str, str]
    """Client |-> what it says."""

    def __str__(self) -> str:
        return f"{self.where}: {', '.join(f'{name}: {value}' for name, value in self.values.items())}"


def receipt_differences(receipts: Mapping[str, Sequence[Receipt]], block: SignedBlock) -> Iterator[Difference]:
    """Yield the first difference in status and logs of each transaction, of each client from the first."""
    (first, ours), *others = receipts.items()
    for place, transaction in enumerate(block.transactions):
        for name, theirs in others:
            found = _receipt_difference(ours[place], theirs[place])
            if found is not None:
                where, left, right = found
                yield Difference(f"transaction {place}, {transaction.title}: {where}", {first: left, name: right})


def _receipt_difference(ours: Receipt, theirs: Receipt) -> tuple[str, str, str] | None:
    """Return where they differ and what each says; of why a call was refused, receipts in blocks know nothing."""
    if ours.status != theirs.status:
        said = {True: "accepted", False: "refused"}
        return "status", said[ours.status], said[theirs.status]
    return compare_receipts(ours, theirs)


def state_differences(clients: Sequence[Client], traffic: Traffic) -> Iterator[Difference]:
    """Yield the differences in the accounts that a transaction can have changed, and in their words."""
    for address in traffic.addresses:
        accounts = {client.name: client.account(address) for client in clients}
        if len(set(accounts.values())) > 1:
            yield from _account_differences(address, accounts)
            if len({account.storage_root for account in accounts.values()}) > 1:
                yield from islice(_word_differences(address, clients, traffic), MOST_WORDS)


_FIELDS: Final[dict[str, Callable[[Account], str]]] = {
    "nonce": lambda account: str(account.nonce),
    "balance": lambda account: f"{account.balance} wei",
    "code hash": lambda account: f"0x{account.code_hash.hex()}",
    "storage root": lambda account: f"0x{account.storage_root.hex()}",
}


def _account_differences(address: Address, accounts: Mapping[str, Account]) -> Iterator[Difference]:
    contract = CONTRACTS.get(address)
    who = contract.name if contract else format_address(address)
    for field, show in _FIELDS.items():
        values = {name: show(account) for name, account in accounts.items()}
        if len(set(values.values())) > 1:
            yield Difference(f"{field} of {who}", values)


def _word_differences(address: Address, clients: Sequence[Client], traffic: Traffic) -> Iterator[Difference]:
    """Yield the differences in the words that the specification knows: those it has written, and those it could."""
    for slot, name in named_slots(traffic.world, address, traffic.addresses).items():
        words = {client.name: client.word(address, slot) for client in clients}
        if len(set(words.values())) > 1:
            yield Difference(name, {client: describe_word(word) for client, word in words.items()})
