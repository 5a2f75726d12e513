"""Ethereum's commitments to state (yellow paper, 4.1): of a contract's storage, and of all accounts.

Both are kept up to date: a change costs the rehashing of its path when a root is next asked for, whatever the size of
the rest. Nodes which are new go to the caller by `commit`, to be put in the store all at once with the rest of a block.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple, Self

from ledger.recursive_length_prefix import (
    MalformedRlpError,
    decode_bytes,
    decode_int,
    encode_bytes,
    encode_int,
    encode_list,
    split_list,
)
from ledger.trie import EMPTY_ROOT, NodeStore, Trie
from spec.encoding import encode_word
from spec.hashing import keccak256
from spec.messages import Address
from spec.uint256 import MAX_UINT256

EMPTY_CODE_HASH = keccak256(b"")


@lru_cache(maxsize=1 << 17)
def slot_key(slot: int) -> bytes:
    """The key of a storage slot in the storage trie: the hash of its 32 bytes. OverflowError if it has more."""
    return keccak256(encode_word(slot))


@lru_cache(maxsize=1 << 14)
def account_key(address: Address) -> bytes:
    """The key of an account in the state trie: the hash of its 20 bytes."""
    return keccak256(address)


class StorageCommitment:
    """The storage trie of one contract: hashed slot -> RLP of the word in it; zero words are absent."""

    def __init__(self, store: NodeStore | None = None, root: bytes = EMPTY_ROOT) -> None:
        self._trie = Trie(store, root)

    def get(self, slot: int) -> int:
        """The word in a slot."""
        return int.from_bytes(decode_bytes(self._trie.get(slot_key(slot)) or b"\x80"), "big")

    def update(self, words: Mapping[int, int]) -> None:
        """Change the words in some slots (slot -> word).

        Raises
        ------
        OverflowError : if a slot or a word is not an unsigned integer of 32 bytes; nothing has changed.
        """
        if words and max(words.values()) > MAX_UINT256:
            raise OverflowError(f"{max(words.values())} has more than the 32 bytes of a word")
        self._trie.update({slot_key(slot): encode_int(word) if word else b"" for slot, word in words.items()})

    def storage_root(self) -> bytes:
        """Root hash of the storage trie."""
        return self._trie.root_hash()

    def commit(self) -> dict[bytes, bytes]:
        """The nodes (hash -> RLP) which are new since the last commit, for the caller to store."""
        return self._trie.commit()

    def fork(self) -> Self:
        """Another commitment to the same words: what is changed in one is not in the other."""
        fork = type(self)()
        fork._trie = self._trie.fork()
        return fork

    def prove(self, slot: int) -> list[bytes]:
        """The proof of the word in a slot, as in the ``storageProof`` of ``eth_getProof``."""
        return self._trie.prove(slot_key(slot))


class Account(NamedTuple):
    """What the state trie says of an account."""

    nonce: int = 0
    """Transactions sent, or contracts made."""

    balance: int = 0
    """In wei."""

    storage_root: bytes = EMPTY_ROOT
    code_hash: bytes = EMPTY_CODE_HASH

    @property
    def is_empty(self) -> bool:
        """Whether EIP-161 takes the account for not existing, whatever its storage."""
        return not self.nonce and not self.balance and self.code_hash == EMPTY_CODE_HASH

    def encode(self) -> bytes:
        """The value in the state trie: RLP of nonce, balance, storage root and code hash."""
        return encode_list(
            (
                encode_int(self.nonce),
                encode_int(self.balance),
                encode_bytes(self.storage_root),
                encode_bytes(self.code_hash),
            )
        )

    @classmethod
    def decode(cls, rlp: bytes) -> Self:
        """The account with this encoding; MalformedRlpError if there is none."""
        items = split_list(rlp)
        if [len(item) for item in items[2:]] != [33, 33]:
            raise MalformedRlpError("an account is a nonce, a balance and two hashes")
        nonce, balance, storage_root, code_hash = items
        return cls(decode_int(nonce), decode_int(balance), decode_bytes(storage_root), decode_bytes(code_hash))


class StateCommitment:
    """The state trie: hashed address -> account; with the storage tries of its accounts, over one node store."""

    def __init__(self, store: NodeStore | None = None, root: bytes = EMPTY_ROOT) -> None:
        self._store: NodeStore = {} if store is None else store
        self._trie = Trie(self._store, root)
        self._storages: dict[Address, StorageCommitment] = {}
        self._changed: dict[Address, Account] = {}
        """Accounts whose leaves are not up to date, with whatever storage root."""

    def account(self, address: Address) -> Account | None:
        """The account at an address, None if there is none."""
        self._refresh()
        return self._leaf(address)

    def set_account(self, address: Address, nonce: int, balance: int, code_hash: bytes = EMPTY_CODE_HASH) -> None:
        """Make or change an account, leaving its storage as it is; an empty one (EIP-161) is deleted, storage and all.

        The balance is in wei. OverflowError if it or the nonce is negative.
        """
        if nonce < 0 or balance < 0:
            raise OverflowError(f"an account with the nonce {nonce} and {balance} wei")
        account = Account(nonce, balance, code_hash=code_hash)
        if account.is_empty:
            self._trie.delete(account_key(address))
            self._storages.pop(address, None)
            self._changed.pop(address, None)
        else:
            self._changed[address] = account

    def set_storage(self, address: Address, words: Mapping[int, int]) -> None:
        """Change the words in some slots (slot -> word) of an account.

        Raises
        ------
        LookupError : if there is no such account.
        OverflowError : as from `StorageCommitment.update`.
        """
        account = self._changed.get(address) or self._leaf(address)
        if account is None:
            raise LookupError(f"no account 0x{address.hex()}")
        self._storage(address).update(words)
        self._changed[address] = account

    def word(self, address: Address, slot: int) -> int:
        """The word in a slot of an account."""
        return self._storage(address).get(slot)

    def fork(self) -> Self:
        """Another commitment to the same state: what is changed in one is not in the other.

        They share all nodes, so either is no copy; of two with changes, only one may be committed.
        """
        self._refresh()
        fork = type(self)(self._store)
        fork._trie = self._trie.fork()
        fork._storages = {address: storage.fork() for address, storage in self._storages.items()}
        return fork

    def state_root(self) -> bytes:
        """Root hash of the state trie."""
        self._refresh()
        return self._trie.root_hash()

    def commit(self) -> dict[bytes, bytes]:
        """The nodes (hash -> RLP) of all tries which are new since the last commit, for the caller to store."""
        self._refresh()
        nodes = self._trie.commit()
        for storage in self._storages.values():
            nodes |= storage.commit()
        return nodes

    def prove(self, address: Address) -> list[bytes]:
        """The proof of an account, as in the ``accountProof`` of ``eth_getProof``."""
        self._refresh()
        return self._trie.prove(account_key(address))

    def prove_storage(self, address: Address, slot: int) -> list[bytes]:
        """The proof of the word in a slot of an account under the account's storage root."""
        return self._storage(address).prove(slot)

    def _leaf(self, address: Address) -> Account | None:
        rlp = self._trie.get(account_key(address))
        return None if rlp is None else Account.decode(rlp)

    def _storage(self, address: Address) -> StorageCommitment:
        if address not in self._storages:
            leaf = self._leaf(address) or Account()
            self._storages[address] = StorageCommitment(self._store, leaf.storage_root)
        return self._storages[address]

    def _storage_root(self, address: Address) -> bytes:
        """The storage root of an account; most have no storage, and need no trie to be opened for them."""
        if address in self._storages:
            return self._storages[address].storage_root()
        leaf = self._leaf(address)
        return leaf.storage_root if leaf else EMPTY_ROOT

    def _refresh(self) -> None:
        leaves = {
            account_key(address): account._replace(storage_root=self._storage_root(address)).encode()
            for address, account in self._changed.items()
        }
        self._trie.update(leaves)
        self._changed.clear()
