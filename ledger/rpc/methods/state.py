"""The state after a block: accounts, storage, proofs, and what calls answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ledger.blocks import Header
from ledger.commitment import Account
from ledger.execution import PRECOMPILES, Execution
from ledger.rpc.context import Context
from ledger.rpc.encoding import ZERO, Json, data, quantity
from ledger.rpc.errors import INVALID_PARAMS, REFUSED, RpcError, reverted
from ledger.rpc.method import Method, Parameter
from ledger.rpc.parameters import (
    LATEST,
    BlockRef,
    CallRequest,
    ParameterError,
    address,
    array,
    block,
    call_request,
    in_field,
    mapping,
    slot,
)
from ledger.transactions import TransactionError
from spec.encoding import encode_word
from spec.machine import CONTRACTS
from spec.messages import Address, Call, Receipt

EXECUTION_GAS: Final = 12_000_000
"""Enough in an EVM for any function of the contracts, over the intrinsic gas of its calldata.

The costliest is ``setDiemMintCurve`` with 512 words that were zero, at 22,100 gas each, and its event: 11,498,113. No
other takes an eighth of that; and the whole stays below the 2^24 gas which EIP-7825 allows a transaction.
"""

TRANSACTION_GAS: Final = 21_000
TOKEN_GAS: Final = 10
"""At least, by EIP-7623, for each zero byte of calldata, and four times for each other; execution aside."""
ZERO_BYTE_GAS: Final = 4
BYTE_GAS: Final = 16
ACCESS_ADDRESS_GAS: Final = 2400
ACCESS_SLOT_GAS: Final = 1900


def _balance(context: Context, of: Address, ref: BlockRef) -> str:
    return quantity(context.chain.state(context.reader.state_header(ref)).account(of).balance)


def _code(context: Context, of: Address, ref: BlockRef) -> str:
    context.reader.state_header(ref)
    return data(context.chain.code(of))


def _transaction_count(context: Context, of: Address, ref: BlockRef) -> str:
    if ref.is_pending:
        return quantity(context.node.mempool.next_nonce(of))
    return quantity(context.chain.state(context.reader.state_header(ref)).account(of).nonce)


def _storage_at(context: Context, of: Address, at: tuple[int, bool], ref: BlockRef) -> str:
    word = context.chain.state(context.reader.state_header(ref)).word(of, at[0])
    return f"0x{word:064x}"


def _proof(context: Context, of: Address, slots: list[tuple[int, bool]], ref: BlockRef) -> Json:
    if len(slots) > context.limits.proof_slots:
        raise RpcError(INVALID_PARAMS, f"too many slots: at most {context.limits.proof_slots}")
    commitment = context.chain.commitment(context.reader.state_header(ref))
    account = commitment.account(of) or Account()
    return {
        "address": data(of),
        "accountProof": [data(node) for node in commitment.prove(of)],
        "balance": quantity(account.balance),
        "codeHash": data(account.code_hash),
        "nonce": quantity(account.nonce),
        "storageHash": data(account.storage_root),
        "storageProof": [
            {
                # As it was asked for, so that who asked finds it again.
                "key": data(encode_word(at)) if whole else quantity(at),
                "value": quantity(commitment.word(of, at)),
                "proof": [data(node) for node in commitment.prove_storage(of, at)],
            }
            for at, whole in slots
        ],
    }


def _call(context: Context, request: CallRequest, ref: BlockRef, _: None, __: None) -> str:
    receipt = _answer(context, request, ref)
    if not receipt.status:
        raise reverted(receipt.output)
    return data(receipt.output)


def _estimate_gas(context: Context, request: CallRequest, ref: BlockRef, _: None, __: None) -> str:
    receipt = _answer(context, request, ref)
    if not receipt.status:
        raise reverted(receipt.output)
    return quantity(estimate(request))


def estimate(request: CallRequest) -> int:
    """Gas which is enough for a call in an EVM: exact for a plain transfer, with ``EXECUTION_GAS`` for a contract.

    Source: yellow paper, 6.2; EIP-2028, 2930, 7623.
    """
    zeros = request.data.count(0)
    others = len(request.data) - zeros
    slots = sum(len(keys) for _, keys in request.access_list)
    accessed = ACCESS_ADDRESS_GAS * len(request.access_list) + ACCESS_SLOT_GAS * slots
    intrinsic = TRANSACTION_GAS + ZERO_BYTE_GAS * zeros + BYTE_GAS * others + accessed
    execution = EXECUTION_GAS if request.to in CONTRACTS else 0
    return max(intrinsic + execution, TRANSACTION_GAS + TOKEN_GAS * (zeros + 4 * others))


def _create_access_list(context: Context, request: CallRequest, ref: BlockRef, _: None) -> Json:
    header = context.reader.state_header(ref)
    # One of its own, which keeps just the words that this call reads.
    execution = Execution(context.chain.state(header), context.chain.chain_id)
    receipt = _answer_on(execution, context, request, ref, header)
    read = {of: account.words for of, account in execution.world.accounts.items() if account.words}
    listed = _brought(request)
    for of, words in read.items():
        listed.setdefault(of, {}).update(dict.fromkeys(map(encode_word, words)))
    answer: dict[str, Json] = {
        "accessList": [{"address": data(of), "storageKeys": list(map(data, keys))} for of, keys in listed.items()],
        "gasUsed": ZERO,
    }
    return answer if receipt.status else answer | {"error": reverted(receipt.output).message}


def _brought(request: CallRequest) -> dict[Address, dict[bytes, None]]:
    """The list that a call brings, each account and key once: as in geth, without accounts that are warm anyway and of
    which no slot is named.
    """
    listed: dict[Address, dict[bytes, None]] = {}
    for of, keys in request.access_list:
        if keys or of not in {request.sender, request.to, *PRECOMPILES}:
            listed.setdefault(of, {}).update(dict.fromkeys(keys))
    return listed


def _answer(context: Context, request: CallRequest, ref: BlockRef) -> Receipt:
    """What a call is answered after a block."""
    header = context.reader.state_header(ref)
    return _answer_on(context.chain.execution(header), context, request, ref, header)


def _answer_on(execution: Execution, context: Context, request: CallRequest, ref: BlockRef, header: Header) -> Receipt:
    """What a call is answered on a block's state, at the block's time, or at the next block's for the pending one."""
    chain = context.chain
    if request.chain_id is not None and request.chain_id != chain.chain_id:
        wanted = f"have={request.chain_id}, want={chain.chain_id}"
        raise RpcError(REFUSED, f"chainId does not match node's ({wanted})")
    if request.value:
        balance = chain.state(header).account(request.sender).balance
        if request.value > balance:
            amounts = f"address {data(request.sender)} have {balance} want {request.value}"
            raise RpcError(REFUSED, f"insufficient funds for transfer: {amounts}")
    timestamp = context.node.next_timestamp() if ref.is_pending else header.timestamp
    try:
        return execution.call(Call(request.sender, request.to, request.data, timestamp, request.value))
    except TransactionError as error:
        raise RpcError(REFUSED, str(error)) from error


def _slots(value: object) -> list[tuple[int, bool]]:
    return [in_field(f"[{at}]", slot, one) for at, one in enumerate(array(value))]


def _no_override(value: object) -> None:
    """Take an override of state or block that overrides nothing."""
    if mapping(value):
        raise ParameterError("none: overrides are not supported", value)


_AT: Final = Parameter("block", block, LATEST)
_ADDRESS: Final = Parameter("address", address)
_CALL: Final = Parameter("call", call_request)
_STATE_OVERRIDE: Final = Parameter("state override", _no_override, None)
_BLOCK_OVERRIDE: Final = Parameter("block override", _no_override, None)

METHODS: Final[Mapping[str, Method]] = {
    "eth_getBalance": Method(_balance, _ADDRESS, _AT),
    "eth_getCode": Method(_code, _ADDRESS, _AT),
    "eth_getTransactionCount": Method(_transaction_count, _ADDRESS, _AT),
    "eth_getStorageAt": Method(_storage_at, _ADDRESS, Parameter("slot", slot), _AT),
    "eth_getProof": Method(_proof, _ADDRESS, Parameter("slots", _slots), _AT),
    "eth_call": Method(_call, _CALL, _AT, _STATE_OVERRIDE, _BLOCK_OVERRIDE),
    "eth_createAccessList": Method(_create_access_list, _CALL, _AT, _STATE_OVERRIDE),
    # What is estimated is to be in the next block, so that is what it is tried on unless another one is named.
    "eth_estimateGas": Method(
        _estimate_gas, _CALL, Parameter("block", block, BlockRef(is_pending=True)), _STATE_OVERRIDE, _BLOCK_OVERRIDE
    ),
}
