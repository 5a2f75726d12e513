"""The alloc: accounts by their addresses, as geth's ``t8n`` and genesis files have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field, TypeAdapter

from conformance.transition.contracts import NAMES, fixed_words, specified_codes
from conformance.transition.errors import ExitStatus, TransitionError
from conformance.transition.fields import EACH_ONCE, AccountAddress, Document, Octets, Uint64, Uint256, Word, read
from ledger.changes import Changes
from ledger.genesis import GenesisAccount, GenesisError, account_json
from ledger.state import NO_ACCOUNT, AccountState
from ledger.transactions import MAX_NONCE
from spec.hashing import keccak256
from spec.messages import Address
from spec.quantities import format_address
from spec.uint256 import MAX_UINT256

Alloc = Mapping[Address, GenesisAccount]


class _Account(Document):
    model_config = ConfigDict(extra="forbid")

    balance: Uint256 = 0
    nonce: Uint64 = 0
    code: Octets = b""
    storage: Annotated[dict[Word, Word], EACH_ONCE] = Field(default_factory=dict)
    secret_key: Any = Field(None, alias="secretKey")
    """Some harnesses have it here; nobody needs it."""


_ALLOC: Final[TypeAdapter[dict[Address, _Account]]] = TypeAdapter(
    Annotated[dict[AccountAddress, _Account], EACH_ONCE], config=ConfigDict(arbitrary_types_allowed=True)
)


class AllocState:
    """An alloc as a state to read."""

    def __init__(self, alloc: Alloc) -> None:
        self._alloc = alloc

    def account(self, address: Address) -> AccountState:
        """See `StateReader`."""
        account = self._alloc.get(address)
        return AccountState(account.nonce, account.balance) if account else NO_ACCOUNT

    def word(self, address: Address, slot: int) -> int:
        """See `StateReader`."""
        account = self._alloc.get(address)
        return account.words.get(slot, 0) if account else 0


def read_alloc(place: str, content: object, chain_id: int) -> Alloc:
    """Return the accounts of an alloc, or of the genesis file that has it as its field ``alloc``.

    Raises
    ------
    TransitionError : JSON : as from `fields.read`; an account that is empty, of which clients differ in whether it is
        there, or with a nonce that leaves no room for another. CONFIGURATION : 2^256 wei or more in all; code that is
        not specified; a contract that is missing, or that has another code or other fixed words.
    """
    if isinstance(content, dict) and "alloc" in content:
        place, content = f"{place}: alloc", content["alloc"]
    alloc = {address: _account(place, address, account) for address, account in read(place, _ALLOC, content).items()}
    ether = sum(account.balance for account in alloc.values())
    if ether > MAX_UINT256:
        raise TransitionError(ExitStatus.CONFIGURATION, f"{place}: expected less than 2^256 wei in all, found {ether}")
    _check_codes(place, alloc, chain_id)
    _check_words(place, alloc)
    return alloc


def changed(alloc: Alloc, changes: Changes) -> Alloc:
    """Return an alloc with what has changed."""
    state = AllocState(alloc)
    words: dict[Address, dict[int, int]] = {}
    for (address, slot), (_, word) in changes.words.items():
        words.setdefault(address, dict(alloc[address].words))[slot] = word
    after = dict(alloc)
    for address in {*changes.accounts, *words}:
        _, (nonce, balance) = changes.accounts.get(address, (None, state.account(address)))
        before = alloc.get(address)
        kept = words.get(address, before.words if before else {})
        code = before.code if before else b""
        after[address] = GenesisAccount(nonce, balance, code, {slot: word for slot, word in kept.items() if word})
    return after


def alloc_json(alloc: Alloc) -> dict[str, Any]:
    """Return an alloc to be given out, accounts and slots in order; it can be given in again."""
    return {f"0x{address.hex()}": account_json(account) for address, account in sorted(alloc.items())}


def _account(place: str, address: Address, account: _Account) -> GenesisAccount:
    where = f"{place}: {format_address(address)}"
    if account.nonce > MAX_NONCE:
        raise TransitionError(ExitStatus.JSON, f"{where}: nonce: expected at most {MAX_NONCE}, found {account.nonce}")
    words = {slot: word for slot, word in account.storage.items() if word}
    try:
        return GenesisAccount(account.nonce, account.balance, account.code, words)
    except GenesisError as error:
        raise TransitionError(ExitStatus.JSON, f"{where}: {error}") from None


def _check_codes(place: str, alloc: Alloc, chain_id: int) -> None:
    specified = specified_codes(chain_id)
    for address, account in alloc.items():
        if account.code and address not in specified:
            where = f"{place}: {format_address(address)}: code"
            raise _not_here(where, "none, for it is specified nowhere what it does", _code(account.code))
    for address, codes in specified.items():
        found = alloc[address].code if address in alloc else b""
        if found not in codes:
            where = f"{place}: {format_address(address)}: code"
            raise _not_here(where, f"that of {NAMES[address]}, {' or '.join(map(_code, sorted(codes)))}", _code(found))


def _check_words(place: str, alloc: Alloc) -> None:
    for address, slot, word in fixed_words():
        found = alloc[address].words.get(slot, 0)
        if found != word:
            where = f"{place}: {format_address(address)}: storage: {slot:#066x}"
            raise _not_here(where, f"{word:#066x}, which {NAMES[address]} always has there", f"{found:#066x}")


def _code(code: bytes) -> str:
    return f"{len(code)} bytes of the hash 0x{keccak256(code).hex()}" if code else "none"


def _not_here(where: str, expected: str, found: str) -> TransitionError:
    return TransitionError(ExitStatus.CONFIGURATION, f"{where}: expected {expected}; found {found}")
