"""The answer to chain and crash vectors: what becomes of each step, and the state in the end."""

from __future__ import annotations

import json
from functools import lru_cache

from conformance.vectors.chains.machine import BlockMachine, HasBlocks, StepRefused
from conformance.vectors.chains.steps import Kind, Step, read_step
from conformance.vectors.components import OffChain
from conformance.vectors.encoding import Json, Malformed, brief, canonical, hexadecimal
from conformance.vectors.executors import Executor
from conformance.vectors.receipts import event_json, log_json
from conformance.vectors.state import mapping, words_json
from ledger.blocks import decode_block
from ledger.genesis import Genesis, GenesisError
from ledger.state import AccountState
from spec.messages import Address, Receipt
from spec.quantities import format_address


def answer_chain(request: Json, executor: Executor) -> Json:
    """Return the answer to a chain vector; errors as of `answer_crash`."""
    return _answer(request, executor, cuts=False)


def answer_crash(request: Json, executor: Executor) -> Json:
    """Return the answer to a crash vector.

    Raises
    ------
    Malformed : the request is not of this form.
    OffChain : the executor has no blocks.
    StoreError : what a crash has left does not hold together.
    """
    return _answer(request, executor, cuts=True)


def read_genesis(value: object) -> Genesis:
    """Return the genesis that a request carries, spelt out; Malformed if it carries none."""
    return _genesis(canonical(mapping(value)))


@lru_cache(maxsize=8)
def _genesis(content: bytes) -> Genesis:
    try:
        return Genesis.from_json(content.decode())
    except GenesisError as error:
        raise Malformed(f"expected a genesis file as geth has it: {error}") from None


def _answer(request: Json, executor: Executor, *, cuts: bool) -> Json:
    genesis = read_genesis(request.get("genesis"))
    given = request.get("steps")
    if not isinstance(given, list):
        raise Malformed(f"expected a list, found {brief(given)}")
    steps = [read_step(step, cuts=cuts) for step in given]
    if not isinstance(executor, HasBlocks):
        raise OffChain("it carries out calls, and has no blocks")
    machine = executor.open_chain(genesis, on_disk=cuts)
    try:
        return {"steps": [_step(machine, step) for step in steps], **_end(machine, genesis)}
    finally:
        machine.close()


def _step(machine: BlockMachine, step: Step) -> Json:
    if step.crashes:
        machine.crash(step)
        return _head(machine)
    try:
        receipts = machine.carry_out(step)
    except StepRefused as refusal:
        return {"status": False, "reason": str(refusal), **_head(machine)}
    answer = {"status": True, **_head(machine)}
    if step.kind is Kind.IMPORT:
        root = machine.receipts_root(decode_block(step.block).header.hash)
        answer |= {"receipts": [_receipt(receipt) for receipt in receipts], "receipts_root": hexadecimal(root)}
    return answer


def _head(machine: BlockMachine) -> Json:
    head = machine.head()
    shown = {"hash": hexadecimal(head.hash), "number": str(head.number)}
    return {"head": shown, "state_root": hexadecimal(head.state_root)}


def _receipt(receipt: Receipt) -> Json:
    return {
        "status": receipt.status,
        "logs": [log_json(log) for log in receipt.logs],
        "events": [event_json(log) for log in receipt.logs],
    }


def _end(machine: BlockMachine, genesis: Genesis) -> Json:
    """Return the chain in the end, and what is not as it was at genesis."""
    nobody = AccountState(0, 0)
    accounts, words = machine.accounts(), machine.words()
    first_words = {
        (address, slot): word for address, account in genesis.accounts.items() for slot, word in account.words.items()
    }
    first = {address: AccountState(account.nonce, account.balance) for address, account in genesis.accounts.items()}
    changed = {address: account for address, account in accounts.items() if account != first.get(address, nobody)}
    changed_words = {
        at: words.get(at, 0) for at in words.keys() | first_words.keys() if words.get(at, 0) != first_words.get(at, 0)
    }
    return {
        "chain": [hexadecimal(block_hash) for block_hash in machine.chain()],
        "accounts": {format_address(Address(at)): _account(account) for at, account in sorted(changed.items())},
        "words": words_json(changed_words),
    }


def _account(account: AccountState) -> Json:
    return {"nonce": str(account.nonce), "balance": str(account.balance)}


def json_of(genesis: Genesis) -> Json:
    """Return a genesis as its file has it."""
    shown: Json = json.loads(genesis.to_json())
    return shown
