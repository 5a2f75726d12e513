"""The transactions: signed, or to be signed here with a key given with them, or a list in RLP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final, TypeAlias

from pydantic import AliasChoices, BeforeValidator, Field, TypeAdapter

from conformance.transition.errors import ExitStatus, TransitionError
from conformance.transition.fields import AccountAddress, Document, Octets, Octets32, Uint64, Uint256, read, show
from ledger.recursive_length_prefix import MalformedRlpError, decode_bytes, split_list
from ledger.transactions import (
    TransactionError,
    TransactionErrorCode,
    TransactionType,
    sign_transaction,
    unsigned_items,
    with_signature,
)
from spec.messages import Address

Encoded: TypeAlias = bytes | TransactionError
"""A transaction as it would be sent, or why nothing can be sent."""


def _recipient(value: object) -> object:
    """Some write nobody, to create a contract, as empty bytes."""
    return None if value in ("", "0x") else value


class _Access(Document):
    address: AccountAddress
    keys: list[Octets32] = Field(alias="storageKeys")


class _Transaction(Document):
    kind: Uint64 = Field(0, alias="type")
    chain_id: Uint256 | None = Field(None, alias="chainId")
    nonce: Uint256
    gas: Uint256 = Field(validation_alias=AliasChoices("gas", "gasLimit"))
    gas_price: Uint256 | None = Field(None, alias="gasPrice")
    max_priority_fee_per_gas: Uint256 | None = Field(None, alias="maxPriorityFeePerGas")
    max_fee_per_gas: Uint256 | None = Field(None, alias="maxFeePerGas")
    to: Annotated[AccountAddress | None, BeforeValidator(_recipient)] = None
    value: Uint256
    data: Octets = Field(validation_alias=AliasChoices("input", "data"))
    access_list: list[_Access] | None = Field(None, alias="accessList")
    v: Uint256 | None = None
    r: Uint256 | None = None
    s: Uint256 | None = None
    y_parity: Uint256 | None = Field(None, alias="yParity")
    secret: Octets32 | None = Field(None, alias="secretKey")
    protected: bool = True


_TRANSACTIONS: Final = TypeAdapter(list[_Transaction])
_RLP: Final[TypeAdapter[bytes]] = TypeAdapter(Octets)


def read_transactions(place: str, content: object, chain_id: int) -> list[Encoded]:
    """Return the transactions of a list of objects, or of bytes in hexadecimal that are a list in RLP.

    Raises
    ------
    TransitionError : RLP : the bytes are no list. JSON : as from `fields.read`; a transaction without its gas price,
        without a signature or a key, with two parities, or with a key that is none.
    """
    if isinstance(content, str):
        return _from_rlp(place, read(place, _RLP, content))
    found = read(place, _TRANSACTIONS, content)
    return [_encode(f"{place}: {index}", transaction, chain_id) for index, transaction in enumerate(found)]


def _from_rlp(place: str, rlp: bytes) -> list[Encoded]:
    try:
        return [_item(item) for item in split_list(rlp)]
    except MalformedRlpError as error:
        raise TransitionError(ExitStatus.RLP, f"{place}: expected a list in RLP, found {error.fault}") from None


def _item(item: bytes) -> Encoded:
    if item[0] >= 0xC0:
        return item
    raw = decode_bytes(item)
    # A list within a byte string would be a second encoding of the same block.
    if raw[:1] >= b"\xc0":
        return _unknown_type(raw[0])
    return raw


def _encode(place: str, given: _Transaction, chain_id: int) -> Encoded:
    if given.kind > max(TransactionType):
        return _unknown_type(given.kind)
    kind = TransactionType(given.kind)
    fields = _fields(place, kind, given, chain_id)
    if given.secret is None or given.v or given.r or given.s:
        return with_signature(kind, unsigned_items(kind, **fields), *_signature(place, kind, given))
    if not given.protected:
        return TransactionError(TransactionErrorCode.UNPROTECTED, "protected", "false", "true, as a chain is named")
    try:
        return sign_transaction(given.secret, kind, **fields)
    except ValueError:
        raise _wrong(place, "secretKey", "a key of secp256k1", show(f"0x{given.secret.hex()}")) from None


def _fields(place: str, kind: TransactionType, given: _Transaction, chain_id: int) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "chain_id": chain_id if given.chain_id is None else given.chain_id,
        "nonce": given.nonce,
        "to": given.to or b"",
        "data": given.data,
        "value": given.value,
        "gas_limit": given.gas,
    }
    if kind is TransactionType.DYNAMIC_FEE:
        fields["max_fee_per_gas"] = _present(place, "maxFeePerGas", given.max_fee_per_gas)
        fields["max_priority_fee_per_gas"] = _present(place, "maxPriorityFeePerGas", given.max_priority_fee_per_gas)
    else:
        fields["max_fee_per_gas"] = _present(place, "gasPrice", given.gas_price)
    if kind is not TransactionType.LEGACY:
        fields["access_list"] = _access_list(given.access_list or [])
    return fields


def _access_list(entries: Sequence[_Access]) -> list[tuple[Address, list[bytes]]]:
    return [(entry.address, entry.keys) for entry in entries]


def _signature(place: str, kind: TransactionType, given: _Transaction) -> tuple[int, int, int]:
    v = given.v
    if kind is not TransactionType.LEGACY and given.y_parity is not None:
        if v not in (None, given.y_parity):
            raise _wrong(place, "yParity", f"the same as v, {v}", str(given.y_parity))
        v = given.y_parity
    return _present(place, "v", v), _present(place, "r", given.r), _present(place, "s", given.s)


def _present(place: str, name: str, value: int | None) -> int:
    if value is None:
        unsigned = ", or secretKey" if name in ("v", "r", "s") else ""
        raise TransitionError(ExitStatus.JSON, f"{place}.{name}: expected this field{unsigned}, found none")
    return value


def _wrong(place: str, name: str, expected: str, found: str) -> TransitionError:
    return TransitionError(ExitStatus.JSON, f"{place}.{name}: expected {expected}, found {found}")


def _unknown_type(kind: int) -> TransactionError:
    return TransactionError(TransactionErrorCode.UNKNOWN_TYPE, "type", hex(kind), "0x0 (legacy), 0x1 or 0x2")
