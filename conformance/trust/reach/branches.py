"""Branches of bytecode: which there are, by disassembly, and which calls have gone in py-evm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final, NamedTuple, Protocol

from eth.abc import ComputationAPI, OpcodeAPI
from eth.vm.forks.prague.computation import PragueComputation
from eth.vm.opcode import as_opcode

from spec.messages import Address

JUMPI: Final = 0x57
PUSH1: Final = 0x60
PUSH32: Final = 0x7F

METADATA_LENGTH: Final = 2
"""solc ends a code with its metadata, in CBOR, and with the length of these (bytes)."""


class Way(NamedTuple):
    """One of the two ways that a conditional jump can go."""

    pc: int
    """Where the JUMPI stands in the code."""
    taken: bool
    """Whether it jumps."""


class Branch(NamedTuple):
    """A way, in the code at an address: that of staking's implementation, not of its proxy."""

    address: Address
    pc: int
    taken: bool


class _Executes(Protocol):
    """A machine that has py-evm in it."""

    def execute_with(self, opcodes: Mapping[int, OpcodeAPI]) -> None:
        """Let these operations take the place of py-evm's own from now on."""


@contextmanager
def recording(machine: _Executes) -> Iterator[set[Branch]]:
    """Yield a set to which the machine adds the ways that its calls go; it may be cleared between them."""
    found: set[Branch] = set()
    machine.execute_with(recorder(found))
    try:
        yield found
    finally:
        machine.execute_with({})


def recorder(found: set[Branch]) -> Mapping[int, OpcodeAPI]:
    """Return operations for ``execute_with`` that add to ``found`` the ways that calls go."""
    honest = PragueComputation.opcodes[JUMPI]

    def jump_if(computation: ComputationAPI) -> None:
        pc = computation.code.program_counter
        address = Address(computation.msg.code_address)
        honest.logic_fn(computation)  # type: ignore[attr-defined]  # every opcode of py-evm's has it
        found.add(Branch(address, pc - 1, computation.code.program_counter != pc))

    return {JUMPI: as_opcode(jump_if, honest.mnemonic, honest.gas_cost)}  # type: ignore[attr-defined]


def branches_of(code: bytes) -> frozenset[Way]:
    """Return both ways of every conditional jump of a deployed code, the metadata behind it left out."""
    return frozenset(Way(pc, taken) for pc, opcode in instructions(code) if opcode == JUMPI for taken in (False, True))


def instructions(code: bytes) -> Iterator[tuple[int, int]]:
    """Yield place and opcode of every instruction of a deployed code, without what is pushed and the metadata."""
    end = len(code) - metadata_length(code)
    pc = 0
    while pc < end:
        opcode = code[pc]
        yield pc, opcode
        pc += 1 + (opcode - PUSH1 + 1 if PUSH1 <= opcode <= PUSH32 else 0)


def metadata_length(code: bytes) -> int:
    """Return how many bytes at the end are metadata; 0 if solc was told to leave them out."""
    length = int.from_bytes(code[-METADATA_LENGTH:], "big") + METADATA_LENGTH
    start = len(code) - length
    is_map = start >= 0 and length > METADATA_LENGTH and code[start] >> 5 == 0b101  # CBOR's major type 5
    return length if is_map else 0
