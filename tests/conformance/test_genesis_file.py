"""A preset as a genesis: what the deployment leaves, to the last word, and what other clients make of the file."""

from __future__ import annotations

import pytest

from conformance.artifact import load_artifacts
from conformance.genesis_file import FEE_RECIPIENT_BALANCE, GAS_LIMIT, ledger_genesis
from conformance.machines.py_evm import deployed
from conformance.peers.py_evm import genesis_chain
from ledger.genesis import Genesis
from ledger.node.published import DEV_SEQUENCER, TEST_ACCOUNTS
from spec.addresses import STAKING_IMPLEMENTATION, VVV
from spec.machine import CONTRACTS
from spec.parameters import PRESETS, load_preset

SEQUENCER = DEV_SEQUENCER.address
ALICE = TEST_ACCOUNTS[0].address


@pytest.fixture(params=PRESETS)
def preset(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_the_contracts_are_what_the_deployment_leaves(preset: str) -> None:
    parameters = load_preset(preset)
    genesis, image = ledger_genesis(parameters, SEQUENCER), deployed(parameters, load_artifacts())
    assert genesis.accounts.keys() == {*CONTRACTS, STAKING_IMPLEMENTATION, SEQUENCER}
    for address, code in image.codes.items():
        account = genesis.accounts[address]
        assert (account.nonce, account.balance, account.code) == (1, 0, code)
        assert account.words == image.words[address]
    assert (genesis.chain_id, genesis.timestamp, genesis.gas_limit) == (8453, parameters.timestamp, GAS_LIMIT)


def test_py_evm_makes_the_same_first_block_of_it(preset: str) -> None:
    genesis = ledger_genesis(load_preset(preset), SEQUENCER, {ALICE: 10**18})
    header = genesis_chain(genesis).get_canonical_head()
    assert header.state_root == genesis.header.state_root
    assert header.hash == genesis.hash


def test_the_file_is_read_back(preset: str) -> None:
    genesis = ledger_genesis(load_preset(preset), SEQUENCER)
    assert Genesis.from_json(genesis.to_json()) == genesis


def test_who_seals_the_blocks_is_no_empty_account() -> None:
    minimal = load_preset("minimal")
    assert ledger_genesis(minimal, SEQUENCER).accounts[SEQUENCER].balance == FEE_RECIPIENT_BALANCE == 1
    assert ledger_genesis(minimal, SEQUENCER, {SEQUENCER: 0}).accounts[SEQUENCER].balance == 1
    assert ledger_genesis(minimal, SEQUENCER, {SEQUENCER: 5}).accounts[SEQUENCER].balance == 5


def test_balances_go_to_anybody_and_nothing_makes_no_account() -> None:
    genesis = ledger_genesis(load_preset("minimal"), SEQUENCER, {ALICE: 7, VVV: 3, DEV_SEQUENCER.address: 0})
    assert genesis.accounts[ALICE].balance == 7
    assert genesis.accounts[VVV].balance == 3
    assert genesis.accounts[VVV].words
    assert ALICE not in ledger_genesis(load_preset("minimal"), SEQUENCER, {ALICE: 0}).accounts
