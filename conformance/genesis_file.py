"""A preset as the genesis of a ledger, and of any EVM client: the specification's words and the compiled codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from conformance.artifact import Artifacts, load_artifacts
from conformance.machines.py_evm import deployed
from ledger.genesis import Genesis, GenesisAccount
from spec.genesis import genesis
from spec.messages import Address
from spec.parameters import Preset

GAS_LIMIT: Final = 10**12
"""Of a block. Half of it is out of reach, so in any client the base fee stays at 0 (EIP-1559)."""

CONTRACT_NONCE: Final = 1
"""What a contract starts with (EIP-161)."""

FEE_RECIPIENT_BALANCE: Final = 1
"""Wei. The recipient of no fees would be an empty account, which some clients keep and others do not."""


def ledger_genesis(
    preset: Preset,
    sequencer: Address,
    balances: Mapping[Address, int] | None = None,
    artifacts: Artifacts | None = None,
) -> Genesis:
    """Return the genesis of ``preset``, its blocks sealed by ``sequencer``, with the ``balances`` (wei) given.

    The words are the specification's own, written down from the parameters; from the artifacts come the codes, and the
    one word that the implementation of staking has of its own.

    Raises
    ------
    DeploymentError, ArtifactError : as ``conformance.deployment.deploy``.
    """
    image = deployed(preset, artifacts or load_artifacts())
    words = {**image.words, **{address: account.words for address, account in genesis(preset).accounts.items()}}
    balance = {sequencer: FEE_RECIPIENT_BALANCE, **{who: wei for who, wei in (balances or {}).items() if wei}}
    contracts = {
        address: GenesisAccount(CONTRACT_NONCE, balance.pop(address, 0), code, _plain(words[address]))
        for address, code in image.codes.items()
    }
    others = {address: GenesisAccount(balance=wei) for address, wei in balance.items()}
    return Genesis(preset.chain_id, preset.timestamp, sequencer, GAS_LIMIT, {**contracts, **others})


def _plain(words: Mapping[int, int]) -> dict[int, int]:
    return {int(slot): int(word) for slot, word in words.items()}
