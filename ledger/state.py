"""What a block's state says of accounts and storage words, from wherever it is kept."""

from __future__ import annotations

from typing import Final, NamedTuple, Protocol

from ledger.commitment import StateCommitment
from ledger.recursive_length_prefix import decode_bytes, encode_int, encode_list, split_list
from ledger.store import Store, schema
from spec.messages import Address


class AccountState(NamedTuple):
    """What an account has besides code and storage."""

    nonce: int
    """Transactions sent, or contracts made."""

    balance: int
    """Wei."""

    def encode(self) -> bytes:
        """As it is stored: RLP of nonce and balance."""
        return encode_list((encode_int(self.nonce), encode_int(self.balance)))

    @classmethod
    def decode(cls, rlp: bytes) -> AccountState:
        """The account that is stored like this; MalformedRlpError if none is."""
        nonce, balance = (int.from_bytes(decode_bytes(item), "big") for item in split_list(rlp))
        return cls(nonce, balance)


NO_ACCOUNT: Final = AccountState(0, 0)


class StateReader(Protocol):
    """A state that can be read."""

    def account(self, address: Address, /) -> AccountState:
        """The account at an address; ``NO_ACCOUNT`` if there is none."""

    def word(self, address: Address, slot: int, /) -> int:
        """The word in a slot of an account's storage."""


class HeadState:
    """The state at the head, one look into the store for each account and word."""

    def __init__(self, store: Store) -> None:
        self._get = store.get

    def account(self, address: Address) -> AccountState:
        """See `StateReader`."""
        rlp = self._get(schema.account(address))
        return NO_ACCOUNT if rlp is None else AccountState.decode(rlp)

    def word(self, address: Address, slot: int) -> int:
        """See `StateReader`."""
        return int.from_bytes(self._get(schema.word(address, slot)) or b"", "big")


class TrieState:
    """The state under a root, one walk through the tries for each account and word."""

    def __init__(self, commitment: StateCommitment) -> None:
        self._commitment = commitment

    def account(self, address: Address) -> AccountState:
        """See `StateReader`."""
        account = self._commitment.account(address)
        return AccountState(account.nonce, account.balance) if account else NO_ACCOUNT

    def word(self, address: Address, slot: int) -> int:
        """See `StateReader`."""
        return self._commitment.word(address, slot)
