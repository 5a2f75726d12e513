"""What an alloc has to have for the specification to describe its contracts: their codes, and what nobody can change.

The specification is no EVM: it knows the contracts by their addresses. With another code there, or with a proxy that
leads elsewhere, it would answer for contracts that it does not describe.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from conformance.artifact import Artifact, Artifacts, load_artifacts
from spec.addresses import CHAIN_ID, DAILY_CREDITS, DIEM, STAKING, STAKING_IMPLEMENTATION, VVV
from spec.encoding import encode_word
from spec.genesis import genesis
from spec.messages import Address
from spec.parameters import load_preset
from spec.quantities import TOKEN_DECIMALS
from spec.vvv.permit import domain_separator
from spec.world import World

NAMES: Final = {
    VVV: "VVV",
    STAKING: "the proxy of staking",
    STAKING_IMPLEMENTATION: "the implementation of staking",
    DIEM: "DIEM",
    DAILY_CREDITS: "DailyCredits",
}


def specified_codes(chain_id: int) -> dict[Address, frozenset[bytes]]:
    """Return the codes that each contract can have on a chain.

    VVV remembers the chain on which it was made: this one, or Base, whose state may be looked at anywhere.
    """
    artifacts = load_artifacts()
    itself = int.from_bytes(STAKING_IMPLEMENTATION, "big")
    return {
        VVV: frozenset(_vvv_made_on(chain, artifacts) for chain in (CHAIN_ID, chain_id)),
        STAKING: frozenset([artifacts.proxy.deployed_bytecode]),
        STAKING_IMPLEMENTATION: frozenset([_with_immutables(artifacts.staking, [itself] * 3)]),
        DIEM: frozenset([artifacts.diem.deployed_bytecode]),
        DAILY_CREDITS: frozenset([artifacts.credits.deployed_bytecode]),
    }


def fixed_words() -> Iterator[tuple[Address, int, int]]:
    """Yield (contract, slot, word) of what every state of the contracts has, and no call changes.

    These are names, symbols, the addresses of one another, and what makes the proxy one that is initialized.
    """
    world = genesis(load_preset("minimal"))
    for address, slots in _fixed_slots(world).items():
        for slot in slots:
            yield address, slot, int(world.accounts[address].words[slot])


def _fixed_slots(world: World) -> Mapping[Address, Sequence[int]]:
    staking = world.staking
    return {
        VVV: (0, 1),
        STAKING: (0, 1, staking.svvv.base + 3, staking.svvv.base + 4, staking.initializable.base, staking.erc1967.base),
        DIEM: (3, 4),
        DAILY_CREDITS: (0,),
    }


def _vvv_made_on(chain_id: int, artifacts: Artifacts) -> bytes:
    separator = int.from_bytes(domain_separator(chain_id), "big")
    return _with_immutables(artifacts.vvv, [TOKEN_DECIMALS, chain_id, separator])


def _with_immutables(artifact: Artifact, words: Sequence[int]) -> bytes:
    """Return the code with what its constructor writes into it, in the order of the places."""
    code = bytearray(artifact.deployed_bytecode)
    for (offset, length), word in zip(artifact.immutable_references, words, strict=True):
        code[offset : offset + length] = encode_word(word)
    return bytes(code)
