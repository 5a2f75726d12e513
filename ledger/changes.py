"""What a block changes, with what was there before: enough to undo it and to do it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from ledger.commitment import EMPTY_CODE_HASH, StateCommitment
from ledger.recursive_length_prefix import decode_bytes, encode_bytes, encode_int, encode_list, split_list
from ledger.state import AccountState
from ledger.store import schema
from spec.messages import Address

_T = TypeVar("_T")


class Changes(NamedTuple):
    """Accounts and storage words, each as (before, after)."""

    accounts: Mapping[Address, tuple[AccountState, AccountState]]
    words: Mapping[tuple[Address, int], tuple[int, int]]

    def done(self) -> dict[bytes, bytes | None]:
        """What they put into a store that has the state before."""
        return self._stored(1)

    def undone(self) -> dict[bytes, bytes | None]:
        """What they put into a store that has the state after."""
        return self._stored(0)

    def commit_to(self, commitment: StateCommitment, code_hashes: Mapping[Address, bytes]) -> None:
        """Change a commitment to the state before into that of the state after."""
        for address, (_, account) in self.accounts.items():
            commitment.set_account(address, account.nonce, account.balance, code_hashes.get(address, EMPTY_CODE_HASH))
        by_address: dict[Address, dict[int, int]] = {}
        for (address, slot), (_, word) in self.words.items():
            by_address.setdefault(address, {})[slot] = word
        for address, words in by_address.items():
            commitment.set_storage(address, words)

    def encode(self) -> bytes:
        """As they are stored: RLP of the accounts, each an address and two accounts, and of the words likewise."""
        accounts = (
            encode_list((encode_bytes(address), before.encode(), after.encode()))
            for address, (before, after) in self.accounts.items()
        )
        words = (
            encode_list((encode_bytes(address), encode_int(slot), encode_int(before), encode_int(after)))
            for (address, slot), (before, after) in self.words.items()
        )
        return encode_list((encode_list(accounts), encode_list(words)))

    @classmethod
    def decode(cls, rlp: bytes) -> Changes:
        """The changes that are stored like this; MalformedRlpError if none are."""
        accounts, words = (map(split_list, split_list(part)) for part in split_list(rlp))
        return cls(
            {
                Address(decode_bytes(address)): (AccountState.decode(before), AccountState.decode(after))
                for address, before, after in accounts
            },
            {
                (Address(decode_bytes(address)), _int(slot)): (_int(before), _int(after))
                for address, slot, before, after in words
            },
        )

    def _stored(self, which: int) -> dict[bytes, bytes | None]:
        stored: dict[bytes, bytes | None] = {}
        for address, account in self.accounts.items():
            state = account[which]
            stored[schema.account(address)] = state.encode() if any(state) else None
        for (address, slot), word in self.words.items():
            stored[schema.word(address, slot)] = encode_word_bytes(word[which])
        return stored


def encode_word_bytes(word: int) -> bytes | None:
    """A word as it is stored: its bytes without leading zeros; no word at all for zero."""
    return word.to_bytes((word.bit_length() + 7) // 8, "big") or None


def _int(item: bytes) -> int:
    return int.from_bytes(decode_bytes(item), "big")
