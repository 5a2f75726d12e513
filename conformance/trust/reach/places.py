"""Names for the branches of bytecode that outlive a change elsewhere in the code: by what stands before the jump."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from eth.vm.forks.prague.computation import PragueComputation

from conformance.artifact import load_artifacts
from conformance.machines.py_evm import deployed
from conformance.trust.reach.branches import JUMPI, PUSH1, PUSH32, Branch, Way, branches_of, instructions
from spec import addresses
from spec.messages import Address
from spec.parameters import load_preset

CODES: Final[dict[Address, str]] = {
    addresses.VVV: "VVV",
    addresses.STAKING: "ERC1967Proxy",
    addresses.STAKING_IMPLEMENTATION: "Staking",
    addresses.DIEM: "DIEM",
    addresses.DAILY_CREDITS: "DailyCredits",
}
"""Address of a code |-> the contract that it was compiled from."""

MOST: Final = 12
"""Instructions before a jump that are told."""

JUMPDEST: Final = 0x5B
_ENDS: Final = frozenset({0x00, 0x56, JUMPI, 0xF3, 0xFD, 0xFE})
"""Operations behind which another basic block begins."""


@cache
def all_branches() -> dict[Branch, str]:
    """Return every way of our contracts' code, and its name; those that read alike share one."""
    codes = deployed(load_preset("minimal"), load_artifacts()).codes
    return {
        Branch(address, way.pc, way.taken): f"{contract}: {name}"
        for address, contract in CODES.items()
        for way, name in named(codes[address]).items()
    }


def named(code: bytes) -> Mapping[Way, str]:
    """Return the ways of a code in their order, each with its name: the end of the basic block before the jump."""
    blocks: dict[int, str] = {}
    block: list[str] = []
    for pc, opcode in instructions(code):
        if opcode == JUMPDEST:
            block = []
        if opcode == JUMPI:
            blocks[pc] = " ".join(block[-MOST:])
        block = [] if opcode in _ENDS else [*block, _text(code, pc, opcode)]
    return {way: f"{blocks[way.pc]} {'jumps' if way.taken else 'goes on'}".strip() for way in sorted(branches_of(code))}


def _text(code: bytes, pc: int, opcode: int) -> str:
    """Return an instruction; what is pushed only if it is no place in the code, and short."""
    if PUSH1 <= opcode <= PUSH32:
        length = opcode - PUSH1 + 1
        return f"0x{code[pc + 1 : pc + 1 + length].hex()}" if length in {1, 3, 4} else f"PUSH{length}"
    known = PragueComputation.opcodes.get(opcode)
    return known.mnemonic if known else f"0x{opcode:02x}"
