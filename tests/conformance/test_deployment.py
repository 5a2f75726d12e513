"""Constructors and calls bring an EVM to exactly the state that the specification starts from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from eth_hash.auto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.artifact import Artifact, ArtifactError, load_artifacts
from conformance.deployment import Creation, DeploymentError, deploy, deployment
from conformance.machines.py_evm import PyEvmHost, PyEvmMachine, deployed
from conformance.machines.specification import SpecificationMachine
from spec import addresses
from spec.errors import EMPTY, string_error
from spec.messages import Address, Call, Receipt
from spec.parameters import PRESETS, AccountParameters, Preset, load_preset
from spec.quantities import format_address, format_amount

if TYPE_CHECKING:
    from eth_typing import Hash32

CONTRACTS = (addresses.VVV, addresses.STAKING, addresses.DIEM, addresses.DAILY_CREDITS)
ARTIFACTS = load_artifacts()
MINIMAL = load_preset("minimal")


def account(number: int, **base_units: int) -> AccountParameters:
    fields = {field: format_amount(value) for field, value in base_units.items()}
    address = format_address(Address(number.to_bytes(20, "big")))
    return AccountParameters.model_validate({"name": f"account_{number}", "address": address, **fields})


def with_accounts(*accounts: AccountParameters) -> Preset:
    return Preset.model_validate({**dict(MINIMAL), "accounts": accounts})


def words_of_specification(preset: Preset, address: Address) -> dict[int, int]:
    words = SpecificationMachine(preset).world.accounts[address].words
    return {slot: int(word) for slot, word in words.items() if word}


def assert_same_words(preset: Preset) -> None:
    machine = PyEvmMachine(preset, ARTIFACTS)
    for address in CONTRACTS:
        assert dict(machine.words(address)) == words_of_specification(preset, address)


def root_of_py_evm(host: PyEvmHost, address: Address) -> Hash32:
    host.state.make_state_root()
    return host.state._account_db._get_storage_root(address)  # type: ignore[arg-type]


@pytest.mark.parametrize("address", CONTRACTS, ids=lambda address: address.hex()[:8])
@pytest.mark.parametrize("name", PRESETS)
def test_every_word_is_that_of_the_specification(name: str, address: Address) -> None:
    preset = load_preset(name)
    expected = words_of_specification(preset, address)

    machine = PyEvmMachine(preset, ARTIFACTS)

    assert dict(machine.words(address)) == expected
    assert {slot: machine.word(address, slot) for slot in expected} == expected
    assert expected


@pytest.mark.parametrize("name", PRESETS)
def test_storage_roots_are_those_of_py_evms_own_trie(name: str) -> None:
    preset = load_preset(name)
    specification, machine = SpecificationMachine(preset), PyEvmMachine(preset, ARTIFACTS)
    host = PyEvmHost(preset.chain_id)
    deploy(host, preset, ARTIFACTS)  # not from an image, so that no word can be missing

    roots = [root_of_py_evm(host, address) for address in CONTRACTS]

    assert [machine.storage_root(address) for address in CONTRACTS] == roots
    assert [specification.storage_root(address) for address in CONTRACTS] == roots
    assert len(set(roots)) == len(CONTRACTS)


def test_the_implementation_keeps_only_that_it_is_initialized() -> None:
    namespace = int.from_bytes(keccak(b"openzeppelin.storage.Initializable"), "big") - 1
    slot = int.from_bytes(keccak(namespace.to_bytes(32, "big")), "big") & ~0xFF

    assert deployed(MINIMAL, ARTIFACTS).words[addresses.STAKING_IMPLEMENTATION] == {slot: 2**64 - 1}


@pytest.mark.parametrize(
    "artifact, address",
    [
        (ARTIFACTS.vvv, addresses.VVV),
        (ARTIFACTS.staking, addresses.STAKING_IMPLEMENTATION),
        (ARTIFACTS.proxy, addresses.STAKING),
        (ARTIFACTS.diem, addresses.DIEM),
        (ARTIFACTS.credits, addresses.DAILY_CREDITS),
    ],
    ids=lambda value: value.name if isinstance(value, Artifact) else "",
)
def test_the_code_is_the_artifacts_but_for_immutables(artifact: Artifact, address: Address) -> None:
    code = bytearray(deployed(MINIMAL, ARTIFACTS).codes[address])
    for start, length in artifact.immutable_references:
        assert any(code[start : start + length])
        code[start : start + length] = bytes(length)

    assert code == artifact.deployed_bytecode


def test_the_steps_are_five_creations_and_then_calls() -> None:
    steps = list(deployment(MINIMAL, ARTIFACTS))

    creations = [step.action.address for step in steps[:5] if isinstance(step.action, Creation)]
    calls = [step.action for step in steps[5:] if isinstance(step.action, Call)]
    assert set(creations) == {*CONTRACTS, addresses.STAKING_IMPLEMENTATION}
    assert len(creations) + len(calls) == len(steps)
    assert {call.to for call in calls} == set(CONTRACTS)
    assert {call.timestamp for call in calls[:-1]} == {MINIMAL.setup_timestamp}
    assert calls[-1].timestamp == MINIMAL.timestamp
    assert not any(call.value for call in calls)


STAKING = {
    "treasury": "0x00000000000000000000000000000000000000AA",
    "owner": "0x00000000000000000000000000000000000000bb",
    "emission_per_year": "0",
    "venice_emissions_percentage": "1",
    "venice_emissions_percentage_when_locked": "0",
    "cooldown_duration": 0,
}


def with_staking(preset: Preset, **fields: str) -> Preset:
    return Preset.model_validate({**dict(preset), "chain_id": 1, "staking": {**STAKING, **fields}})


def test_staking_may_be_set_to_anything() -> None:
    assert_same_words(with_staking(load_preset("launch")))


# Positions at the limits of what a preset may say: locked sVVV are then worth 10^18 as many DIEM, or nearly.
LIMITS = {
    "locked for nothing": account(1, staked=10**18, locked=5),
    "all of it locked": account(1, staked=7, locked=7, outstanding_diem=10**18, diem=10**18),
    "a base unit for part of a DIEM": account(1, staked=1, locked=1, outstanding_diem=3 * 10**17, diem=3 * 10**17),
    "two for more than one DIEM": account(1, staked=5, locked=2, outstanding_diem=15 * 10**17, diem_staked=15 * 10**17),
    "one more than whole DIEM": account(1, staked=4, locked=4, outstanding_diem=3 * 10**18, diem_cooling=3 * 10**18),
    "a base unit of DIEM": account(1, staked=10**26, locked=10**26, outstanding_diem=1, diem=1),
}


@pytest.mark.parametrize("position", LIMITS)
def test_positions_at_the_limits_are_minted_exactly(position: str) -> None:
    assert_same_words(with_accounts(LIMITS[position]))


def test_the_owner_may_be_an_account() -> None:
    owner = int.from_bytes(MINIMAL.staking.owner, "big")
    assert_same_words(with_accounts(account(owner, staked=10**20, locked=10**19, outstanding_diem=5, diem=5)))


TOKENS = st.one_of(st.just(0), st.integers(0, 10**6), st.integers(0, 10**22))


@st.composite
def presets(draw: st.DrawFn) -> Preset:
    """Presets of up to four accounts, whose DIEM is wherever it can be."""
    count = draw(st.integers(1, 4))
    rows = [{"vvv": draw(TOKENS), "cooling": draw(TOKENS), "staked": draw(TOKENS)} for _ in range(count)]
    minted = 0
    for row in rows:
        row["locked"] = draw(st.integers(0, row["staked"]))
        most = min(row["locked"] * 10**18 - 1, 10**24) if row["locked"] else 0
        row["outstanding_diem"] = draw(st.integers(0, most))
        minted += row["outstanding_diem"]
    places = [(row, field) for row in rows for field in ("diem", "diem_staked", "diem_cooling")]
    for row, field in places[:-1]:
        row[field] = draw(st.integers(0, minted))
        minted -= row[field]
    last, field = places[-1]
    last[field] = minted
    return with_accounts(*(account(number + 1, **row) for number, row in enumerate(rows)))


@settings(max_examples=15)
@given(presets())
def test_any_preset_is_reached(preset: Preset) -> None:
    assert_same_words(preset)


class RefusesOne:
    """Carries out nothing, and refuses the step of one number."""

    out_of_gas = False

    def __init__(self, number: int, output: bytes) -> None:
        self.left = number
        self.output = output

    def create(self, creation: Creation) -> Receipt:
        return self.step()

    def call(self, call: Call) -> Receipt:
        return self.step()

    def step(self) -> Receipt:
        self.left -= 1
        return Receipt(True, b"", ()) if self.left >= 0 else Receipt(False, self.output, ())


@pytest.mark.parametrize("number", [0, 2, 5, 20, -1])
def test_a_refused_step_is_named_with_its_reason(number: int) -> None:
    steps = list(deployment(MINIMAL, ARTIFACTS))
    number %= len(steps)

    with pytest.raises(DeploymentError) as caught:
        deploy(RefusesOne(number, string_error("STAKE_ZERO").data), MINIMAL, ARTIFACTS)

    assert str(caught.value) == f"preset minimal: {steps[number].label}: STAKE_ZERO"


def test_a_constructor_that_refuses_is_named() -> None:
    preset = with_staking(MINIMAL, owner="0x0000000000000000000000000000000000000000")

    with pytest.raises(DeploymentError, match=r"^preset minimal: create ERC1967Proxy: OwnableInvalidOwner$"):
        PyEvmMachine(preset, ARTIFACTS)


@pytest.mark.parametrize("code,reason", [("fe", EMPTY.name), ("5b600056", "out of gas")], ids=["none", "never ends"])
def test_code_that_is_not_a_constructor_is_named(code: str, reason: str) -> None:
    broken = replace(ARTIFACTS.vvv, bytecode=bytes.fromhex(code))

    with pytest.raises(DeploymentError, match=rf"^preset minimal: create VVV: {reason}$"):
        PyEvmMachine(MINIMAL, replace(ARTIFACTS, vvv=broken))


@pytest.mark.parametrize("type_", ["uint256", "uint256["], ids=["another", "none"])
def test_an_abi_with_other_parameters_is_named(type_: str) -> None:
    abi = ({"type": "constructor", "inputs": [{"type": type_}]},)

    with pytest.raises(ArtifactError) as caught:
        PyEvmMachine(MINIMAL, replace(ARTIFACTS, vvv=replace(ARTIFACTS.vvv, abi=abi)))

    assert str(caught.value) == (f"create VVV: abi: expected parameters that fit the step's arguments, found ({type_})")
