"""EVM code as a list of instructions, which can be put together again with others in between.

Places in the code move then, and with them the destinations of jumps. solc pushes these as constants of two bytes (of
one byte in a short code), which look like any other: one is taken for a destination if a JUMPDEST stands there and
nothing is computed from it before its block ends. Constants that solc has put behind the code move as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from eth.vm import opcode_values
from eth.vm.opcode_values import CODECOPY, DUP1, DUP16, JUMP, JUMPDEST, JUMPI, POP, PUSH1, PUSH32, SWAP1, SWAP16

from conformance.trust.reach.branches import instructions, metadata_length

MNEMONICS: Final[Mapping[int, str]] = {
    value: name for name, value in vars(opcode_values).items() if name.isupper() and isinstance(value, int)
}
"""Opcode |-> name."""

INVALID: Final = 0xFE
"""What solc puts between the code and what follows it."""

ENDS: Final = frozenset({JUMP, JUMPI, 0x00, 0xF3, 0xFD, INVALID})
"""Opcodes behind which a block ends: those of jumps, and STOP, RETURN, REVERT and INVALID."""

DATA: Final = -1
"""Stands for an opcode where there is none: for a constant of 32 bytes that solc has put behind the code."""
METADATA: Final = -2
"""Stands for an opcode where there is none: for what solc puts at the end of all."""

WORD: Final = 32


def _effects() -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield opcode |-> (words taken from the stack, words given back), of all but DUP and SWAP."""
    for taken, given, opcodes in (
        (0, 0, (0x00, 0x5B, 0xFE)),
        (0, 1, (0x30, 0x32, 0x33, 0x34, 0x36, 0x38, 0x3A, 0x3D, *range(0x41, 0x4B), 0x58, 0x59, 0x5A)),
        (0, 1, range(0x5F, PUSH32 + 1)),
        (1, 0, (POP, JUMP)),
        (1, 1, (0x15, 0x19, 0x31, 0x35, 0x3B, 0x3F, 0x40, 0x51, 0x54)),
        (2, 0, (0x52, 0x53, 0x55, JUMPI, 0xA0, 0xF3, 0xFD)),
        (2, 1, (*range(0x01, 0x08), 0x0A, 0x0B, *range(0x10, 0x15), *range(0x16, 0x19), *range(0x1A, 0x1E), 0x20)),
        (3, 0, (0x37, 0x39, 0x3E, 0xA1)),
        (3, 1, (0x08, 0x09, 0xF0)),
        (4, 0, (0x3C, 0xA2)),
        (4, 1, (0xF5,)),
        (5, 0, (0xA3,)),
        (6, 0, (0xA4,)),
        (6, 1, (0xF4, 0xFA)),
        (7, 1, (0xF1, 0xF2)),
    ):
        yield from ((opcode, (taken, given)) for opcode in opcodes)


EFFECTS: Final = dict(_effects())


class Instruction(NamedTuple):
    """One instruction of a code, or a piece of what follows the code."""

    pc: int
    """Where it stands in the code that was read."""
    opcode: int
    operand: bytes = b""
    """What is pushed, or the piece itself."""
    destination: bool = False
    """Whether what is pushed is a place in the code."""

    @property
    def value(self) -> int:
        """What is pushed, as a number."""
        return int.from_bytes(self.operand, "big")

    @property
    def pushes(self) -> bool:
        """Whether it pushes a constant."""
        return PUSH1 <= self.opcode <= PUSH32

    def __str__(self) -> str:
        if self.opcode < 0:
            return f"data 0x{self.operand.hex()}"
        name = MNEMONICS.get(self.opcode, f"0x{self.opcode:02x}")
        return f"{name} 0x{self.operand.hex()}" if self.pushes else name


def push(value: int, width: int = 1) -> Instruction:
    """Return the instruction that pushes a constant, in ``width`` bytes if it fits."""
    width = max(width, (value.bit_length() + 7) // 8)
    return Instruction(-1, PUSH1 + width - 1, value.to_bytes(width, "big"))


def disassemble(code: bytes) -> list[Instruction]:
    """Return the instructions of a deployed code, the constants behind them, and the metadata."""
    places = list(instructions(code))
    last = next((number for number in reversed(range(len(places))) if places[number][1] == INVALID), len(places) - 1)
    read = [_read(code, pc, opcode) for pc, opcode in places[: last + 1]]
    labels = {instruction.pc for instruction in read if instruction.opcode == JUMPDEST}
    end = read[-1].pc + 1 + len(read[-1].operand)
    marked = [
        instruction._replace(destination=_is_destination(read, number, labels, end))
        for number, instruction in enumerate(read)
    ]
    rest = len(code) - metadata_length(code)
    data = [Instruction(pc, DATA, code[pc : min(pc + WORD, rest)]) for pc in range(end, rest, WORD)]
    return [*marked, *data, Instruction(rest, METADATA, code[rest:])]


def assemble(code: Sequence[Instruction]) -> bytes:
    """Return the code, in which a destination is where its instruction, or the piece behind the code, has come to."""
    sizes = [len(instruction.operand) + (instruction.opcode >= 0) for instruction in code]
    moved: dict[int, int] = {}
    at = 0
    for instruction, size in zip(code, sizes, strict=True):
        if instruction.pc >= 0:
            moved[instruction.pc] = at
        at += size
    return b"".join(_written(instruction, moved) for instruction in code)


def blocks(code: Sequence[Instruction]) -> list[int]:
    """Return for each instruction where the block that it is in begins."""
    begins, starts = 0, []
    for number, instruction in enumerate(code):
        if instruction.opcode == JUMPDEST or (number and code[number - 1].opcode in ENDS):
            begins = instruction.pc
        starts.append(begins)
    return starts


def _read(code: bytes, pc: int, opcode: int) -> Instruction:
    width = opcode - PUSH1 + 1 if PUSH1 <= opcode <= PUSH32 else 0
    return Instruction(pc, opcode, code[pc + 1 : pc + 1 + width])


def _written(instruction: Instruction, moved: Mapping[int, int]) -> bytes:
    if instruction.opcode < 0:
        return instruction.operand
    operand = instruction.operand
    if instruction.destination:
        operand = moved[instruction.value].to_bytes(len(operand), "big")
    return bytes([instruction.opcode]) + operand


def _is_destination(read: Sequence[Instruction], number: int, labels: set[int], end: int) -> bool:
    """Return whether a constant is a place: of a JUMPDEST that is left alone, or of data that are copied."""
    constant = read[number]
    if not constant.pushes or len(constant.operand) > 2:
        return False
    if constant.value >= end:
        return any(instruction.opcode == CODECOPY for instruction in read[number + 1 : number + 4])
    return constant.value in labels and not _is_computed_with(read[number + 1 :])


def _is_computed_with(rest: Sequence[Instruction]) -> bool:
    """Return whether the constant on top of the stack is taken by anything but a jump before its block ends."""
    depth = 0
    for instruction in rest:
        opcode = instruction.opcode
        if DUP1 <= opcode <= DUP16:
            depth += 1
        elif SWAP1 <= opcode <= SWAP16:
            distance = opcode - SWAP1 + 1
            depth = distance if depth == 0 else 0 if depth == distance else depth
        elif opcode in ENDS or opcode == JUMPDEST:
            return False
        else:
            taken, given = EFFECTS.get(opcode, (0, 0))
            if depth < taken:
                return opcode != POP
            depth += given - taken
    return False
