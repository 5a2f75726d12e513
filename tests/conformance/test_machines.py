"""Every machine keeps the promises of the interface: receipts, time, ether, what was written, and going back."""

from __future__ import annotations

import importlib
import random
import sys
from functools import cache
from importlib.util import find_spec
from time import monotonic
from typing import TYPE_CHECKING

import pytest
from eth_abi.abi import encode
from eth_hash.auto import keccak

from conformance.artifact import load_artifacts
from conformance.deployment import deploy
from conformance.machines import py_evm
from conformance.machines.by_name import evm_by_name
from conformance.machines.py_evm import Image, PyEvmHost, PyEvmMachine
from conformance.machines.specification import SpecificationMachine
from spec import addresses
from spec.messages import ZERO_ADDRESS, Address, Call, Log, Receipt
from spec.parameters import load_preset

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from conformance.machines import Machine

PRESET = load_preset("minimal")
NOW = PRESET.timestamp
ACCOUNTS = {account.name: account.address for account in PRESET.accounts}
STAKER, MINTER, BUYER, NEWCOMER = (ACCOUNTS[name] for name in ("staker", "minter", "diem_buyer", "newcomer"))
TREASURY, OWNER = PRESET.staking.treasury, PRESET.staking.owner
CONTRACTS = (addresses.VVV, addresses.STAKING, addresses.DIEM, addresses.DAILY_CREDITS)

_ARTIFACTS = load_artifacts()
ABI = dict(zip(CONTRACTS, (_ARTIFACTS.vvv, _ARTIFACTS.staking, _ARTIFACTS.diem, _ARTIFACTS.credits), strict=True))


def pyrevm() -> Machine:
    machine: Machine = module_of_pyrevm().PyrevmMachine(PRESET)
    return machine


def module_of_pyrevm() -> ModuleType:
    return importlib.import_module("conformance.machines.pyrevm")


MACHINES: dict[str, Callable[[], Machine]] = {
    "specification": lambda: SpecificationMachine(PRESET),
    "py-evm": lambda: PyEvmMachine(PRESET),
}
if find_spec("pyrevm"):  # not built for every platform
    MACHINES["pyrevm"] = pyrevm


@pytest.fixture(params=MACHINES)
def machine(request: pytest.FixtureRequest) -> Machine:
    return MACHINES[request.param]()


def call(sender: Address, to: Address, function: str, *arguments: object, at: int = NOW, value: int = 0) -> Call:
    return Call(sender, to, ABI[to].calldata(function, *arguments), at, value)


def roots(machine: Machine) -> list[bytes]:
    return [machine.storage_root(address) for address in CONTRACTS]


@cache
def genesis_roots() -> list[bytes]:
    return roots(SpecificationMachine(PRESET))


def error(signature: str, *arguments: object) -> bytes:
    types = signature.partition("(")[2][:-1].split(",")
    return keccak(signature.encode())[:4] + encode(types, arguments)


def topic(value: str | Address) -> bytes:
    return keccak(value.encode()) if isinstance(value, str) else value.rjust(32, b"\0")


def transfer(token: Address, sender: Address, receiver: Address, amount: int) -> Log:
    topics = (topic("Transfer(address,address,uint256)"), topic(sender), topic(receiver))
    return Log(token, topics, amount.to_bytes(32, "big"))


def event(contract: Address, signature: str, user: Address, *amounts: int) -> Log:
    return Log(contract, (topic(signature), topic(user)), b"".join(amount.to_bytes(32, "big") for amount in amounts))


def test_machines_are_named_and_start_from_the_preset(machine: Machine) -> None:
    assert machine.name in MACHINES
    assert roots(machine) == genesis_roots()
    assert machine.word(addresses.STAKING, 9) == NOW
    assert machine.word(addresses.STAKING, 10**9) == 0
    assert machine.written() == {}


REFUSED = {
    "string": (call(STAKER, addresses.STAKING, "stake", STAKER, 0), error("Error(string)", "STAKE_ZERO")),
    "panic": (call(BUYER, addresses.VVV, "transfer", STAKER, 1), error("Panic(uint256)", 0x11)),
    "custom error": (
        call(BUYER, addresses.DIEM, "transfer", STAKER, 10**18),
        error("ERC20InsufficientBalance(address,uint256,uint256)", BUYER, 95 * 10**16, 10**18),
    ),
    "inner call": (call(BUYER, addresses.STAKING, "stake", BUYER, 1), error("Panic(uint256)", 0x11)),
    "unknown selector": (Call(STAKER, addresses.STAKING, b"\1\2\3\4", NOW), b""),
    "short calldata": (Call(STAKER, addresses.VVV, ABI[addresses.VVV].calldata("balanceOf", STAKER)[:-1], NOW), b""),
    "no calldata": (Call(STAKER, addresses.DIEM, b"", NOW), b""),
    "value": (call(STAKER, addresses.VVV, "transfer", BUYER, 1, value=1), b""),
    "value to the proxy": (call(STAKER, addresses.STAKING, "claim", value=2**256 - 1), b""),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_a_refused_call_answers_with_the_revert_data_and_changes_nothing(machine: Machine, reason: str) -> None:
    refused, output = REFUSED[reason]

    assert machine.call(refused) == Receipt(False, output, ())

    assert roots(machine) == genesis_roots()
    assert all(machine.word(*place) == word for place, word in machine.written().items())


def test_a_call_answers_with_its_return_data(machine: Machine) -> None:
    balance = call(STAKER, addresses.VVV, "balanceOf", NEWCOMER)
    assert machine.call(balance) == Receipt(True, (700 * 10**18).to_bytes(32, "big"), ())
    name = call(STAKER, addresses.STAKING, "name")
    assert machine.call(name) == Receipt(True, encode(["string"], ["Staked Venice Token"]), ())


def test_logs_stand_in_the_order_in_which_they_were_emitted(machine: Machine) -> None:
    amount = 3 * 10**18
    machine.call(call(STAKER, addresses.VVV, "approve", addresses.STAKING, amount))

    receipt = machine.call(call(STAKER, addresses.STAKING, "stake", STAKER, amount, at=NOW + 7))

    logs = receipt.logs
    mints = [int.from_bytes(log.data, "big") for log in logs[:3]]
    assert receipt.status
    assert logs == (
        transfer(addresses.VVV, ZERO_ADDRESS, TREASURY, mints[0]),
        transfer(addresses.VVV, ZERO_ADDRESS, addresses.STAKING, mints[1]),
        transfer(addresses.VVV, addresses.STAKING, STAKER, mints[2]),
        event(addresses.STAKING, "Claimed(address,uint256)", STAKER, mints[2]),
        transfer(addresses.STAKING, ZERO_ADDRESS, STAKER, amount),
        transfer(addresses.VVV, STAKER, addresses.STAKING, amount),
        event(addresses.STAKING, "Staked(address,uint256)", STAKER, amount),
    )
    assert 0 < mints[2] < mints[1]
    assert 7 * 10**18 - 10 < mints[0] + mints[1] <= 7 * 10**18


@pytest.mark.parametrize("at", [0, 99, 100, NOW, 2**64, 2**256 - 1])
def test_a_call_happens_at_its_own_time(machine: Machine, at: int) -> None:
    assert machine.call(call(STAKER, addresses.DAILY_CREDITS, "epoch", at=NOW + 1)).status

    receipt = machine.call(call(STAKER, addresses.DAILY_CREDITS, "epoch", at=at))

    assert receipt == Receipt(True, (at // 100).to_bytes(32, "big"), ())


@pytest.mark.parametrize("earlier", [0, 1, 10**6])
def test_time_that_stands_still_or_runs_backwards_settles_nothing(machine: Machine, earlier: int) -> None:
    assert machine.call(call(STAKER, addresses.STAKING, "claim", at=NOW + 10**7)).status

    receipt = machine.call(call(STAKER, addresses.STAKING, "claim", at=NOW + 10**7 - earlier))

    assert receipt == Receipt(True, b"", ())
    last = machine.call(call(STAKER, addresses.STAKING, "lastRewardTimestamp", at=NOW))
    assert int.from_bytes(last.output, "big") == NOW + 10**7


@pytest.mark.parametrize("sender", [STAKER, addresses.VVV, addresses.STAKING, ZERO_ADDRESS])
def test_a_sender_needs_no_ether_and_keeps_none(machine: Machine, sender: Address) -> None:
    for value in (2**256 - 1, 1, 2**256 - 1):
        assert machine.call(call(sender, addresses.VVV, "transfer", BUYER, 0, value=value)) == Receipt(False, b"", ())

    stranger = error("OwnableUnauthorizedAccount(address)", sender)
    upgrade = call(sender, addresses.STAKING, "upgradeToAndCall", addresses.STAKING_IMPLEMENTATION, b"", value=5)
    assert machine.call(upgrade) == Receipt(False, stranger, ())
    assert machine.call(call(sender, addresses.VVV, "transfer", BUYER, 0)).status


def test_written_names_every_word_that_was_written(machine: Machine) -> None:
    genesis = {BUYER: 0, NEWCOMER: 700 * 10**18}

    machine.call(call(NEWCOMER, addresses.VVV, "transfer", BUYER, 5))

    written = machine.written()
    assert sorted(written.values()) == sorted([genesis[BUYER] + 5, genesis[NEWCOMER] - 5])
    assert {address for address, _ in written} == {addresses.VVV}
    assert all(machine.word(*place) == word for place, word in written.items())


def test_written_holds_across_contracts_and_through_the_proxy(machine: Machine) -> None:
    machine.call(call(MINTER, addresses.STAKING, "mintDiem", 10**20, 0, at=NOW + 5))

    written = machine.written()
    assert {address for address, _ in written} == {addresses.VVV, addresses.STAKING, addresses.DIEM}
    assert written[addresses.STAKING, 9] == NOW + 5
    assert written[addresses.STAKING, 10] == 1_100 * 10**18
    assert addresses.STAKING_IMPLEMENTATION not in {address for address, _ in written}


def test_a_word_written_as_it_was_counts_but_for_revm(machine: Machine) -> None:
    approval = call(NEWCOMER, addresses.VVV, "approve", BUYER, 5)
    machine.call(approval)
    assert list(machine.written().values()) == [5]

    machine.call(approval)

    assert list(machine.written().values()) == ([] if machine.name == "pyrevm" else [5])


def test_reading_writes_nothing(machine: Machine) -> None:
    machine.call(call(NEWCOMER, addresses.VVV, "transfer", BUYER, 5))
    machine.call(call(STAKER, addresses.STAKING, "pendingRewards", STAKER, at=NOW + 9))
    assert machine.written() == {}


def test_written_is_that_of_the_last_call_alone(machine: Machine) -> None:
    machine.call(call(NEWCOMER, addresses.VVV, "transfer", BUYER, 5))
    assert len(machine.written()) == 2
    machine.call(call(NEWCOMER, addresses.STAKING, "stake", NEWCOMER, 0))
    assert machine.written() == {}


def test_a_word_set_to_zero_is_gone(machine: Machine) -> None:
    machine.call(call(NEWCOMER, addresses.VVV, "approve", BUYER, 5))
    assert roots(machine) != genesis_roots()

    machine.call(call(NEWCOMER, addresses.VVV, "approve", BUYER, 0))

    assert list(machine.written().values()) == [0]
    assert roots(machine) == genesis_roots()
    if not isinstance(machine, SpecificationMachine):
        assert set(machine.written()).isdisjoint((addresses.VVV, slot) for slot in machine.words(addresses.VVV))  # type: ignore[attr-defined]


def test_one_can_go_back_to_a_mark_and_again_and_further(machine: Machine) -> None:
    steps = [
        call(NEWCOMER, addresses.VVV, "approve", addresses.STAKING, 10**20),
        call(NEWCOMER, addresses.STAKING, "stake", STAKER, 10**19, at=NOW + 3),
        call(MINTER, addresses.STAKING, "mintDiem", 10**20, 0, at=NOW + 8),
        call(MINTER, addresses.DIEM, "initiateUnstake", 10**18, at=NOW + 8),
        call(MINTER, addresses.DAILY_CREDITS, "record", MINTER, at=NOW + 8),
    ]
    marks, states, receipts = [machine.snapshot()], [roots(machine)], []
    for step in steps:
        receipts.append(machine.call(step))
        marks.append(machine.snapshot())
        states.append(roots(machine))
    assert all(receipt.status for receipt in receipts)

    for position in (5, 3, 3, 1, 0, 0):  # each mark after those beyond it have become void
        machine.revert(marks[position])
        assert roots(machine) == states[position]
        assert machine.written() == {}
        again = [machine.call(step) for step in steps[position:]]
        assert again == receipts[position:]
        assert roots(machine) == states[-1]
        machine.revert(marks[position])
        assert roots(machine) == states[position]
    assert roots(machine) == genesis_roots()


def test_one_can_go_back_without_having_asked_for_a_root(machine: Machine) -> None:
    mark = machine.snapshot()
    slot = next(slot for (_, slot) in after(machine, call(NEWCOMER, addresses.VVV, "approve", BUYER, 5)))
    machine.call(call(NEWCOMER, addresses.VVV, "approve", BUYER, 6))
    machine.call(call(NEWCOMER, addresses.VVV, "transfer", BUYER, 2**200))

    machine.revert(mark)

    assert machine.word(addresses.VVV, slot) == 0
    allowance = machine.call(call(BUYER, addresses.VVV, "allowance", NEWCOMER, BUYER))
    assert allowance.output == bytes(32)
    assert roots(machine) == genesis_roots()


def after(machine: Machine, change: Call) -> set[tuple[Address, int]]:
    assert machine.call(change).status
    return set(machine.written())


def test_contracts_and_the_zero_address_can_send(machine: Machine) -> None:
    nothing = machine.call(call(ZERO_ADDRESS, addresses.VVV, "transfer", BUYER, 0))
    assert nothing.logs == (transfer(addresses.VVV, ZERO_ADDRESS, BUYER, 0),)

    minted = machine.call(call(addresses.STAKING, addresses.VVV, "mint", addresses.VVV, 50))
    assert minted == Receipt(True, b"", (transfer(addresses.VVV, ZERO_ADDRESS, addresses.VVV, 50),))

    # VVV stakes its own VVV: it is the sender, and it is called back by whom it calls.
    assert machine.call(call(addresses.VVV, addresses.VVV, "approve", addresses.STAKING, 50)).status
    staked = machine.call(call(addresses.VVV, addresses.STAKING, "stake", STAKER, 50))
    assert staked.status
    assert staked.logs[1] == transfer(addresses.VVV, addresses.VVV, addresses.STAKING, 50)

    # The seed stake earns for staking itself, which sends a call to itself.
    claimed = machine.call(call(addresses.STAKING, addresses.STAKING, "claim", at=NOW + 50))
    assert claimed.logs[-1].topics == (topic("Claimed(address,uint256)"), topic(addresses.STAKING))

    refused = machine.call(call(addresses.DIEM, addresses.VVV, "mint", BUYER, 1))
    assert refused == Receipt(False, error("Error(string)", "UNAUTHORIZED"), ())


def random_call(choose: random.Random, at: int) -> Call:
    """Any call with any sender, more often one that can succeed."""
    people = [STAKER, MINTER, BUYER, NEWCOMER, TREASURY, OWNER, ZERO_ADDRESS, *CONTRACTS]
    to = choose.choice(CONTRACTS)
    function = choose.choice([entry for entry in ABI[to].abi if entry["type"] == "function"])
    values: dict[str, Callable[[], object]] = {
        "address": lambda: choose.choice(people),
        "uint256": lambda: choose.choice([0, 1, 10 ** choose.randrange(22), 2**256 - 1]),
        "bytes32": lambda: choose.choice([bytes(32), keccak(b"MINTER_BURNER_ROLE")]),
        "uint256[256]": lambda: [choose.randrange(2**90) for _ in range(256)],
        "bytes": lambda: b"",
        "bytes4": lambda: b"\1\2\3\4",
        "uint8": lambda: 27,
    }
    arguments = [values[parameter["type"]]() for parameter in function["inputs"]]
    return call(choose.choice(people), to, function["name"], *arguments, at=at, value=int(choose.random() < 0.05))


@pytest.mark.parametrize("number", [2, 3], ids=["SHA-256", "RIPEMD-160"])
def test_an_upgrade_to_a_precompiled_contract_is_refused_with_whatever_data(machine: Machine, number: int) -> None:
    """These two have no code, and answer all the same."""
    upgrade = call(OWNER, addresses.STAKING, "upgradeToAndCall", Address(number.to_bytes(20, "big")), b"")

    receipt = machine.call(upgrade)

    assert (receipt.status, receipt.logs) == (False, ())
    unsupported = keccak(b"UUPSUnsupportedProxiableUUID(bytes32)")[:4]
    assert receipt.output[:4] == (b"" if machine.name == "specification" else unsupported)


@pytest.mark.parametrize("seed", range(3))
def test_all_machines_agree_on_a_random_course_with_returns(seed: int) -> None:
    choose = random.Random(seed)  # noqa: S311
    machines = [start() for start in MACHINES.values()]
    marks: list[list[int]] = []
    succeeded = 0
    for number in range(150):
        step = random_call(choose, NOW + 3 * number)
        if step.data.startswith(ABI[addresses.STAKING].calldata("upgradeToAndCall", ZERO_ADDRESS, b"")[:4]):
            continue  # a new implementation leaves the specified world
        receipts = [machine.call(step) for machine in machines]
        assert receipts == receipts[:1] * len(machines), step
        succeeded += receipts[0].status
        written = {place for machine in machines for place in machine.written()}
        for place in written:
            assert len({machine.word(*place) for machine in machines}) == 1
        if choose.random() < 0.2:
            marks.append([machine.snapshot() for machine in machines])
        if marks and choose.random() < 0.1:
            del marks[choose.randrange(len(marks)) + 1 :]
            for machine, mark in zip(machines, marks[-1], strict=True):
                machine.revert(mark)
        if number % 30 == 29:
            assert [roots(machine) for machine in machines] == [roots(machines[0])] * len(machines)
    assert succeeded > 30


def test_the_root_of_py_evm_is_that_of_its_own_trie() -> None:
    machine = PyEvmMachine(PRESET)
    choose = random.Random(7)  # noqa: S311
    for number in range(80):
        if number % 20 == 10:
            mark = machine.snapshot()
        machine.call(random_call(choose, NOW + number))
        if number % 20 == 15:
            machine.storage_root(addresses.VVV)
            machine.revert(mark)

    state = machine._host.state
    state.make_state_root()

    assert roots(machine) == [
        state._account_db._get_storage_root(address)  # type: ignore[arg-type]
        for address in CONTRACTS
    ]


def test_nothing_but_storage_lasts_in_py_evm() -> None:
    machine = PyEvmMachine(PRESET)
    for sender in (STAKER, addresses.DIEM):
        machine.call(call(sender, addresses.VVV, "approve", BUYER, 5))
        (place,) = machine.written()
        machine.call(call(sender, addresses.VVV, "transfer", BUYER, 0, value=10**20))

        state = machine._host.state
        assert state.get_balance(sender) == state.get_balance(addresses.VVV) == 0  # type: ignore[arg-type]
        assert state.get_nonce(sender) == 0  # type: ignore[arg-type]
        assert not state.is_storage_warm(*place)  # type: ignore[arg-type]
        assert not state.is_address_warm(addresses.VVV)  # type: ignore[arg-type]

    # An account without code takes ether, but has none afterwards.
    assert machine.call(Call(STAKER, NEWCOMER, b"", NOW, 10**20)) == Receipt(True, b"", ())
    assert machine._host.state.get_balance(NEWCOMER) == 0  # type: ignore[arg-type]


def test_two_machines_of_one_preset_are_apart(machine: Machine) -> None:
    other = MACHINES[machine.name]()
    machine.call(call(NEWCOMER, addresses.VVV, "transfer", BUYER, 5))
    assert roots(other) == genesis_roots()
    assert roots(MACHINES[machine.name]()) == genesis_roots()


LOOPS = bytes.fromhex("5b600056")


@pytest.mark.parametrize("name", [name for name in MACHINES if name != "specification"])
def test_a_call_that_never_ends_is_soon_refused_without_revert_data(name: str) -> None:
    machine = evm_by_name(name)(PRESET, image=Image({addresses.VVV: LOOPS}, {}))
    started = monotonic()
    assert machine.call(Call(STAKER, addresses.VVV, b"", NOW)) == Receipt(False, b"", ())
    assert monotonic() - started < 10


def test_py_evm_tells_of_what_ran_out_of_gas_also_further_in() -> None:
    calls_vvv = bytes.fromhex(f"6000 6000 6000 6000 6000 73{addresses.VVV.hex()} 5a f1 6000 6000 fd")
    host = PyEvmHost(PRESET.chain_id, Image({addresses.VVV: LOOPS, addresses.DIEM: calls_vvv}, {}))
    for to in (addresses.VVV, addresses.DIEM, NEWCOMER):
        host.call(Call(STAKER, to, b"", NOW))
        assert host.out_of_gas == (to != NEWCOMER)


def test_a_tenth_of_the_gas_is_enough_for_a_deployment_with_a_whole_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(py_evm, "GAS", py_evm.GAS // 10)
    monkeypatch.setattr(py_evm, "JUMPS", py_evm.JUMPS // 10)
    launch = load_preset("launch")
    assert launch.curve.steps == 256
    deploy(PyEvmHost(launch.chain_id), launch, load_artifacts())


if "pyrevm" in MACHINES:

    def test_nothing_but_storage_lasts_in_pyrevm() -> None:
        machine = pyrevm()
        evm = machine._evm  # type: ignore[attr-defined]
        codes = {address: evm.get_code(f"0x{address.hex()}") for address in CONTRACTS}
        for sender in (STAKER, addresses.DIEM):
            machine.call(call(sender, addresses.VVV, "transfer", BUYER, 0))
            machine.call(call(sender, addresses.VVV, "transfer", BUYER, 0, value=10**20))
            for account in (sender, addresses.VVV, module_of_pyrevm().ORIGIN):
                assert evm.get_balance(f"0x{account.hex()}") == 0
        assert codes == {address: evm.get_code(f"0x{address.hex()}") for address in CONTRACTS}

    def test_pyrevm_starts_anew_before_its_journal_grows_large(monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module_of_pyrevm(), "JOURNAL_LIMIT", 7)
        machine, reference = pyrevm(), PyEvmMachine(PRESET)
        marks, states = [], []
        for number in range(20):
            step = call(NEWCOMER, addresses.VVV, "transfer", STAKER, number + 1)
            assert machine.call(step) == reference.call(step)
            if number % 2:
                assert machine.written() == reference.written()
                marks.append(machine.snapshot())
                states.append(roots(reference))
                assert machine.written() == reference.written()
        assert roots(machine) == roots(reference)
        assert machine._evm.journal_len < 15  # type: ignore[attr-defined]
        for position in (9, 7, 7, 3, 0, 0):
            machine.revert(marks[position])
            assert roots(machine) == states[position]

    def test_ether_that_was_taken_is_gone_once_one_goes_back_in_pyrevm() -> None:
        takes_all = Image({addresses.VVV: bytes.fromhex("4280556000")}, {})  # and stores the time
        machine = module_of_pyrevm().PyrevmMachine(PRESET, image=takes_all)
        assert machine.call(Call(STAKER, addresses.VVV, b"", 1)).status
        mark = machine.snapshot()
        for _ in range(3):
            for at in (NOW, NOW + 1):
                assert machine.call(Call(STAKER, addresses.VVV, b"", at, 2**256 - 1)) == Receipt(True, b"", ())
            assert machine.words(addresses.VVV) == {1: 1, NOW: NOW, NOW + 1: NOW + 1}
            machine.revert(mark)
            assert machine.words(addresses.VVV) == {1: 1}
            assert {machine._evm.get_balance(f"0x{account.hex()}") for account in (STAKER, addresses.VVV)} == {0}


def test_a_missing_pyrevm_is_said_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyrevm", None)
    monkeypatch.delitem(sys.modules, "conformance.machines.pyrevm", raising=False)
    with pytest.raises(ImportError, match=r"pip install vvv-diem-ledger\[fast\]"):
        importlib.import_module("conformance.machines.pyrevm")
