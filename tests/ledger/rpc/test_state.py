"""The state: accounts, storage, proofs, calls and what they would cost."""

from __future__ import annotations

from typing import Any

import pytest
import rlp  # type: ignore[import-untyped]
from eth_utils.crypto import keccak
from trie.hexary import HexaryTrie

from conformance.machines import py_evm
from conformance.machines.py_evm import PyEvmMachine
from ledger.commitment import EMPTY_CODE_HASH
from ledger.node import Node
from ledger.rpc import Limits
from ledger.rpc.methods.state import EXECUTION_GAS
from ledger.transactions import decode_transaction
from ledger.trie import EMPTY_ROOT
from spec.addresses import DIEM, STAKING, STAKING_IMPLEMENTATION, TREASURY, VVV
from spec.errors import ARITHMETIC
from spec.messages import ZERO_ADDRESS, Call
from spec.parameters import load_preset
from spec.staking.contract import NOT_TRANSFERRABLE
from tests.ledger.rpc.conftest import (
    CHAIN_ID,
    ETHER,
    KEY,
    NOBODY,
    STAKER,
    Rpc,
    RpcFailure,
    calldata,
    genesis,
    hexed,
    signed,
    transfer,
)

UNKNOWN = "0x" + "77" * 32
BALANCE_SLOT = keccak(NOBODY.rjust(32, b"\0") + (3).to_bytes(32, "big"))
"""Of VVV, by its layout."""

TOTAL_SUPPLY = "0x2"


def call_of(name: str, *arguments: Any, **fields: Any) -> dict[str, Any]:
    to, data = calldata(name, *arguments)
    return {"to": hexed(to), "data": hexed(data), **fields}


@pytest.fixture
def moved(rpc: Rpc) -> Rpc:
    """Two blocks: 5 VVV units to nobody, then an ether."""
    rpc.send(transfer(STAKER, 0, 5))
    rpc.send(signed(STAKER, 1, NOBODY, value=ETHER))
    return rpc


def test_accounts_at_every_block(moved: Rpc) -> None:
    def of(method: str, who: bytes) -> list[str]:
        return [moved.call(method, hexed(who), at) for at in ("earliest", "0x1", "latest", "pending")]

    assert of("eth_getBalance", NOBODY) == ["0x0", "0x0", hex(ETHER), hex(ETHER)]
    assert of("eth_getTransactionCount", STAKER) == ["0x0", "0x1", "0x2", "0x2"]
    assert of("eth_getCode", NOBODY) == ["0x"] * 4
    assert set(of("eth_getCode", VVV)) == {hexed(genesis().accounts[VVV].code)}
    assert moved.call("eth_getBalance", hexed(KEY.address)) == "0x1"


def test_storage_at_every_block(moved: Rpc) -> None:
    slot = hexed(BALANCE_SLOT)
    words = [moved.call("eth_getStorageAt", hexed(VVV), slot, at) for at in ("earliest", "0x1", "latest")]
    assert words == [f"0x{word:064x}" for word in (0, 5, 5)]
    supply = genesis().accounts[VVV].words[2]
    for spelled in (TOTAL_SUPPLY, "0x02", f"0x{2:064x}"):
        assert moved.call("eth_getStorageAt", hexed(VVV), spelled) == f"0x{supply:064x}"
    assert moved.call("eth_getStorageAt", hexed(NOBODY), "0x0", "latest") == f"0x{0:064x}"


def test_blocks_by_hash(moved: Rpc) -> None:
    first = moved.call("eth_getBlockByNumber", "0x1", False)["hash"]
    for at in (first, {"blockHash": first}, {"blockHash": first, "requireCanonical": True}, {"blockNumber": "0x1"}):
        assert moved.call("eth_getBalance", hexed(NOBODY), at) == "0x0"
        assert moved.call("eth_getTransactionCount", hexed(STAKER), at) == "0x1"


def test_a_block_that_was_undone_is_there_but_not_canonical(rpc: Rpc) -> None:
    snapshot = rpc.call("evm_snapshot")
    rpc.send(transfer(STAKER, 0, 5))
    undone = rpc.call("eth_getBlockByNumber", "latest", False)["hash"]
    assert rpc.call("evm_revert", snapshot) is True
    assert rpc.call("eth_getTransactionCount", hexed(STAKER), {"blockHash": undone}) == "0x1"
    code, message = rpc.refused(
        "eth_getTransactionCount", hexed(STAKER), {"blockHash": undone, "requireCanonical": True}
    )
    assert (code, message) == (-32000, "hash is not currently canonical")
    assert rpc.call("eth_getBlockByHash", undone)["number"] == "0x1"
    assert rpc.call("eth_getBlockByNumber", "0x1") is None


@pytest.mark.parametrize("at", ["0x7", UNKNOWN, {"blockNumber": "0x7"}, {"blockHash": UNKNOWN}])
@pytest.mark.parametrize(
    "method,parameters",
    [
        ("eth_getBalance", [hexed(STAKER)]),
        ("eth_getCode", [hexed(STAKER)]),
        ("eth_getTransactionCount", [hexed(STAKER)]),
        ("eth_getStorageAt", [hexed(STAKER), "0x0"]),
        ("eth_getProof", [hexed(STAKER), []]),
        ("eth_call", [{"to": hexed(STAKER)}]),
        ("eth_createAccessList", [{"to": hexed(STAKER)}]),
        ("eth_estimateGas", [{"to": hexed(STAKER)}]),
    ],
)
def test_no_state_after_an_unknown_block(rpc: Rpc, method: str, parameters: list[Any], at: object) -> None:
    assert rpc.refused(method, *parameters, at) == (-32000, "header not found")


def proved(root: str, key: bytes, proof: list[str]) -> bytes:
    """Return what a proof proves, by another library."""
    nodes = [rlp.decode(bytes.fromhex(node[2:])) for node in proof]
    content: bytes = HexaryTrie.get_from_proof(bytes.fromhex(root[2:]), keccak(key), nodes)  # type: ignore[no-untyped-call]
    return content


@pytest.mark.parametrize("at", ["0x0", "0x1", "latest"])
@pytest.mark.parametrize("who", [VVV, STAKING, STAKER, NOBODY, ZERO_ADDRESS])
def test_proofs_hold(moved: Rpc, who: bytes, at: str) -> None:
    block = moved.call("eth_getBlockByNumber", at, False)
    slots = [hexed(BALANCE_SLOT), "0x2", "0x99"]
    proof = moved.call("eth_getProof", hexed(who), slots, at)
    leaf = proved(block["stateRoot"], who, proof["accountProof"])
    fields = [int(proof["nonce"], 16), int(proof["balance"], 16)]
    hashes = [bytes.fromhex(proof[name][2:]) for name in ("storageHash", "codeHash")]
    is_there = any(fields) or hashes[1] != EMPTY_CODE_HASH
    assert leaf == (rlp.encode([*fields, *hashes]) if is_there else b"")
    assert [each["key"] for each in proof["storageProof"]] == slots
    for each in proof["storageProof"]:
        key = int(each["key"], 16).to_bytes(32, "big")
        word = int(each["value"], 16)
        assert moved.call("eth_getStorageAt", hexed(who), each["key"], at) == f"0x{word:064x}"
        if hashes[0] == EMPTY_ROOT:
            assert (word, each["proof"]) == (0, [])
        else:
            assert proved(proof["storageHash"], key, each["proof"]) == (rlp.encode(word) if word else b"")


def test_the_key_of_a_slot_is_as_it_was_asked_for(rpc: Rpc) -> None:
    slots = ["0x2", "0x02", f"0x{2:064x}"]
    proof = rpc.call("eth_getProof", hexed(VVV), slots, "latest")
    assert [each["key"] for each in proof["storageProof"]] == ["0x2", "0x2", f"0x{2:064x}"]


def test_as_many_slots_as_are_allowed(node: Node) -> None:
    rpc = Rpc(node, Limits(proof_slots=2))
    rpc.call("eth_getProof", hexed(VVV), ["0x1", "0x2"], "latest")
    assert rpc.refused("eth_getProof", hexed(VVV), ["0x1"] * 3, "latest") == (-32602, "too many slots: at most 2")
    code, message = rpc.refused("eth_getProof", hexed(VVV), ["0x1", 2], "latest")
    assert (code, message[:32]) == (-32602, "invalid argument 1: slots: [1]: ")


def test_calls_at_every_block(moved: Rpc) -> None:
    call = call_of("vvv.balanceOf", NOBODY)
    answers = [moved.call("eth_call", call, at) for at in ("earliest", "0x1", "latest", "pending")]
    assert answers == [f"0x{word:064x}" for word in (0, 5, 5, 5)]
    assert moved.call("eth_call", call) == f"0x{5:064x}"
    assert moved.call("eth_call", {"to": call["to"], "input": call["data"]}) == f"0x{5:064x}"


def test_a_call_changes_nothing(rpc: Rpc) -> None:
    call = call_of("vvv.transfer", NOBODY, 5, **{"from": hexed(STAKER)})
    for at in ("latest", "earliest", "pending"):
        assert rpc.call("eth_call", call, at) == f"0x{1:064x}"
    assert rpc.call("eth_call", call_of("vvv.balanceOf", NOBODY)) == f"0x{0:064x}"
    assert rpc.call("eth_getTransactionCount", hexed(STAKER), "pending") == "0x0"


def test_a_call_to_an_account_without_code_returns_nothing(rpc: Rpc) -> None:
    for to in (NOBODY, STAKER, ZERO_ADDRESS):
        assert rpc.call("eth_call", {"to": hexed(to), "data": "0x12345678"}) == "0x"


def test_a_call_to_code_that_is_not_specified_is_refused(rpc: Rpc) -> None:
    for to in (STAKING_IMPLEMENTATION, bytes(19) + b"\x01"):
        code, message = rpc.refused("eth_call", {"to": hexed(to)})
        assert code == -32000
        assert message.startswith("unspecified code: to: ")


@pytest.mark.parametrize("method", ["eth_call", "eth_estimateGas"])
def test_a_refused_call_is_answered_with_its_reason(rpc: Rpc, method: str) -> None:
    def failure(call: dict[str, Any]) -> RpcFailure:
        with pytest.raises(RpcFailure) as caught:
            rpc.call(method, call)
        assert caught.value.code == 3
        return caught.value

    stranger = {"from": hexed(NOBODY)}
    named = failure(call_of("staking.transfer", NOBODY, 5, **stranger))
    assert named.message == "execution reverted: NOT_TRANSFERRABLE"
    assert named.data == hexed(NOT_TRANSFERRABLE.data)
    panic = failure(call_of("staking.stake", NOBODY, 5, **stranger))
    assert panic.message == "execution reverted: arithmetic underflow or overflow"
    assert panic.data == hexed(ARITHMETIC.data)
    custom = failure(call_of("staking.setCooldownDuration", 5, **stranger))
    assert custom.message == "execution reverted"
    assert custom.data == "0x118cdaa7" + NOBODY.hex().rjust(64, "0")
    empty = failure({"to": hexed(STAKING), "data": "0x01"})
    assert (empty.message, empty.data) == ("execution reverted", "0x")


def test_the_value_of_a_call_has_to_be_there(rpc: Rpc) -> None:
    call = {"from": hexed(STAKER), "to": hexed(NOBODY), "value": hex(10 * ETHER)}
    assert rpc.call("eth_call", call) == "0x"
    assert rpc.call("eth_estimateGas", call) == hex(21_000)
    code, message = rpc.refused("eth_call", call | {"value": hex(10 * ETHER + 1)})
    assert (code, message.partition(":")[0]) == (-32000, "insufficient funds for transfer")
    with pytest.raises(RpcFailure) as caught:
        rpc.call("eth_call", call_of("vvv.balanceOf", NOBODY, **{"from": hexed(STAKER), "value": "0x1"}))
    assert (caught.value.code, caught.value.data) == (3, "0x")


def test_a_call_may_name_its_chain(rpc: Rpc) -> None:
    assert rpc.call("eth_call", {"to": hexed(NOBODY), "chainId": "0x2105"}) == "0x"
    code, message = rpc.refused("eth_call", {"to": hexed(NOBODY), "chainId": "0x1"})
    assert (code, message) == (-32000, "chainId does not match node's (have=1, want=8453)")


def test_the_time_of_a_call(rpc: Rpc) -> None:
    rewards = call_of("staking.pendingRewards", STAKER)
    at_start = rpc.call("eth_call", rewards, "latest")
    rpc.call("evm_increaseTime", 86400)
    assert rpc.call("eth_call", rewards, "latest") == at_start
    later = rpc.call("eth_call", rewards, "pending")
    assert int(later, 16) > int(at_start, 16)
    rpc.call("evm_mine")
    assert rpc.call("eth_call", rewards, "latest") == later
    assert rpc.call("eth_call", rewards, "earliest") == at_start


def test_what_is_estimated_is_tried_on_the_next_block(rpc: Rpc) -> None:
    rpc.send(signed(STAKER, 0, *calldata("staking.initiateUnstake", 5)))
    end = {"from": hexed(STAKER)} | call_of("staking.finalizeUnstake")
    assert rpc.refused("eth_estimateGas", end)[0] == 3
    rpc.call("evm_increaseTime", 10 * 365 * 86400)
    assert int(rpc.call("eth_estimateGas", end), 16) > EXECUTION_GAS
    assert rpc.refused("eth_estimateGas", end, "latest")[0] == 3


def test_the_gas_of_a_transfer(rpc: Rpc) -> None:
    def gas(**fields: Any) -> int:
        return int(rpc.call("eth_estimateGas", {"to": hexed(NOBODY), **fields}), 16)

    assert gas() == 21_000
    assert gas(data="0x00") == 21_010
    assert gas(data="0x0001") == 21_050
    access = [{"address": hexed(VVV), "storageKeys": [UNKNOWN, UNKNOWN]}, {"address": hexed(DIEM)}]
    assert gas(accessList=access) == 21_000 + 2 * 2400 + 2 * 1900


def test_the_words_that_a_call_reads(moved: Rpc) -> None:
    def accessed(at: str) -> Any:
        return moved.call("eth_createAccessList", call_of("vvv.balanceOf", NOBODY), at)

    expected = {"accessList": [{"address": hexed(VVV), "storageKeys": [hexed(BALANCE_SLOT)]}], "gasUsed": "0x0"}
    # Also where the head's state has read the word before.
    moved.call("eth_call", call_of("vvv.balanceOf", NOBODY))
    assert [accessed(at) for at in ("latest", "earliest", "pending", "latest")] == [expected] * 4
    nothing = {"accessList": [], "gasUsed": "0x0"}
    assert moved.call("eth_createAccessList", {"to": hexed(NOBODY), "value": "0x0"}) == nothing


def test_the_access_list_that_a_call_brings_is_gone_on_with(moved: Rpc) -> None:
    other = hexed(b"\x77" * 20)
    brought = [
        {"address": other, "storageKeys": []},
        {"address": hexed(VVV), "storageKeys": [UNKNOWN, hexed(BALANCE_SLOT), UNKNOWN]},
        {"address": hexed(NOBODY), "storageKeys": []},  # the sender, and below a precompiled contract: warm as it is
        {"address": "0x" + "00" * 19 + "02", "storageKeys": []},
        {"address": other, "storageKeys": [UNKNOWN]},
    ]
    call = call_of("vvv.balanceOf", NOBODY, **{"from": hexed(NOBODY), "accessList": brought})
    assert moved.call("eth_createAccessList", call)["accessList"] == [
        {"address": other, "storageKeys": [UNKNOWN]},
        {"address": hexed(VVV), "storageKeys": [UNKNOWN, hexed(BALANCE_SLOT)]},
    ]
    to_itself = {"to": hexed(NOBODY), "accessList": [{"address": hexed(NOBODY), "storageKeys": []}]}
    assert moved.call("eth_createAccessList", to_itself)["accessList"] == []


def test_the_words_that_a_call_changes_are_among_those_that_it_reads(rpc: Rpc) -> None:
    rpc.send(signed(STAKER, 0, *calldata("vvv.approve", STAKING, 10)))
    chain = rpc.node.chain
    with chain.trial() as execution:
        raw = signed(STAKER, 1, *calldata("staking.stake", STAKER, 10))
        assert execution.transact(decode_transaction(raw, CHAIN_ID), chain.head.timestamp).status
        changed = {(hexed(address), f"0x{at:064x}") for address, at in execution.changes().words}
    answer = rpc.call("eth_createAccessList", call_of("staking.stake", STAKER, 10, **{"from": hexed(STAKER)}))
    assert set(answer) == {"accessList", "gasUsed"}
    assert len(changed) > 4
    assert changed <= {(each["address"], key) for each in answer["accessList"] for key in each["storageKeys"]}


def test_a_refused_call_has_read_words_too(rpc: Rpc) -> None:
    stranger = {"from": hexed(NOBODY)}
    answer = rpc.call("eth_createAccessList", call_of("staking.setCooldownDuration", 5, **stranger))
    assert answer["error"] == "execution reverted"
    assert [each["address"] for each in answer["accessList"]] == [hexed(STAKING)]
    named = rpc.call("eth_createAccessList", call_of("staking.transfer", NOBODY, 5, **stranger))
    assert named["error"] == "execution reverted: NOT_TRANSFERRABLE"


def test_gas_is_enough_for_the_costliest_call_in_an_evm(monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[int] = []
    receipt_of = py_evm._receipt

    def receipt(computation: Any) -> Any:
        used.append(computation.get_gas_used())
        return receipt_of(computation)

    monkeypatch.setattr(py_evm, "_receipt", receipt)
    preset = load_preset("launch")
    machine = PyEvmMachine(preset)
    for number in (0, 2**256 - 1):
        to, data = calldata("staking.setDiemMintCurve", [number] * 256, [number] * 256)
        assert machine.call(Call(TREASURY, to, data, preset.timestamp + 1)).status
    assert EXECUTION_GAS * 9 // 10 < max(used) < EXECUTION_GAS


def test_gas_is_intrinsic_and_for_the_call(rpc: Rpc) -> None:
    call = call_of("vvv.transfer", NOBODY, 5, **{"from": hexed(STAKER)})
    data = bytes.fromhex(call["data"][2:])
    intrinsic = 21_000 + sum(16 if byte else 4 for byte in data)
    assert rpc.call("eth_estimateGas", call) == hex(intrinsic + EXECUTION_GAS)


def test_a_state_override_of_an_access_list_is_refused_too(rpc: Rpc) -> None:
    override = {hexed(NOBODY): {"balance": "0x1"}}
    assert rpc.refused("eth_createAccessList", {"to": hexed(NOBODY)}, "latest", override)[0] == -32602


@pytest.mark.parametrize("method", ["eth_call", "eth_estimateGas"])
def test_overrides_are_refused_unless_they_are_empty(rpc: Rpc, method: str) -> None:
    call = {"to": hexed(NOBODY)}
    nothing: object
    for nothing in (None, {}):
        rpc.call(method, call, "latest", nothing)
    code, message = rpc.refused(method, call, "latest", {hexed(NOBODY): {"balance": "0x1"}})
    assert code == -32602
    assert message.startswith("invalid argument 2: state override: expected none: overrides are not supported")
    rpc.call(method, call, "latest", {}, {})
    code, message = rpc.refused(method, call, "latest", {}, {"number": "0x1"})
    assert code == -32602
    assert message.startswith("invalid argument 3: block override: expected none: overrides are not supported")
    assert rpc.refused(method, call, "latest", [])[0] == -32602
