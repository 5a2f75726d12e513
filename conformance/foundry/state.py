"""A state for Foundry: a genesis that ``anvil --init`` and the cheat code ``vm.loadAllocs`` take."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from conformance.genesis_file import CONTRACT_NONCE, FEE_RECIPIENT_BALANCE, GAS_LIMIT, ledger_genesis
from conformance.machines.py_evm import Image
from ledger.genesis import Genesis, GenesisAccount
from ledger.node.published import DEV_SEQUENCER
from spec import addresses
from spec.messages import ZERO_ADDRESS, Address
from spec.parameters import Preset

ETHER: Final = 10_000 * 10**18
"""Wei that each account of a preset has, to pay for gas: as much as each of anvil's own accounts."""

BASE_GENESIS: Final = 1686789347
"""s; when block 0 of Base was made, and every two seconds another since: PROTOCOL 8."""
BASE_BLOCK_SECONDS: Final = 2


def block_number(preset: Preset) -> int:
    """Return the number of Base's block at a preset's time, so that forks of Base may be pinned to it; else 0."""
    if preset.chain_id != addresses.CHAIN_ID:
        return 0
    return max(preset.timestamp - BASE_GENESIS, 0) // BASE_BLOCK_SECONDS


def funded(preset: Preset) -> dict[Address, int]:
    """Return account |-> wei, of a preset's accounts and of those with a role in it."""
    roles = (preset.staking.treasury, preset.staking.owner, preset.diem.admin, preset.credits.gateway)
    accounts = (account.address for account in preset.accounts)
    return {who: ETHER for who in (*accounts, *roles) if who != ZERO_ADDRESS}


def preset_state(
    preset: Preset, sequencer: Address = DEV_SEQUENCER.address, balances: Mapping[Address, int] | None = None
) -> str:
    """Return the file for a preset with our contracts, and with the ``balances`` (wei) that are asked for besides.

    Raises
    ------
    DeploymentError, ArtifactError : as ``conformance.deployment.deploy``.
    """
    return _text(preset, ledger_genesis(preset, sequencer, {**funded(preset), **(balances or {})}))


def image_state(preset: Preset, image: Image) -> str:
    """Return the file for a preset with the codes and words of another deployment, such as a target's."""
    contracts = {
        address: GenesisAccount(CONTRACT_NONCE, 0, code, dict(image.words.get(address, {})))
        for address, code in image.codes.items()
    }
    sealer = DEV_SEQUENCER.address
    balances = {sealer: FEE_RECIPIENT_BALANCE, **funded(preset)}
    accounts = {who: GenesisAccount(balance=wei) for who, wei in balances.items() if who not in contracts}
    return _text(preset, Genesis(preset.chain_id, preset.timestamp, sealer, GAS_LIMIT, {**contracts, **accounts}))


def _text(preset: Preset, genesis: Genesis) -> str:
    document: dict[str, Any] = json.loads(genesis.to_json())
    document["number"] = hex(block_number(preset))
    return json.dumps(document, indent=2) + "\n"
