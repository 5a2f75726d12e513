"""What a fault in bytecode looks like: an instruction replaced by others that leave the stack as it should be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from eth.vm.opcode_values import (
    ADD,
    ADDRESS,
    AND,
    CALLER,
    CALLVALUE,
    DIV,
    EQ,
    EXP,
    GT,
    ISZERO,
    JUMP,
    JUMPI,
    LOG0,
    LOG4,
    LT,
    MOD,
    MUL,
    NOT,
    NUMBER,
    OR,
    POP,
    SGT,
    SHL,
    SHR,
    SLT,
    SSTORE,
    SUB,
    SWAP1,
    TIMESTAMP,
    XOR,
)

from conformance.trust.mutants.assembler import DATA, Instruction, push


class Change(NamedTuple):
    """One way to get an instruction wrong."""

    kind: str
    operator: str
    """What is done, as in ``ADD to SUB``."""
    instead: tuple[Instruction, ...]


KINDS: Final = ("constant", "comparison", "arithmetic", "jump", "store", "log", "operands", "environment")

_REPLACED: Final[dict[int, tuple[tuple[str, tuple[int, ...]], ...]]] = {
    LT: (("comparison", (GT,)), ("comparison", (GT, ISZERO))),
    GT: (("comparison", (LT,)), ("comparison", (LT, ISZERO))),
    SLT: (("comparison", (SGT,)), ("comparison", (SGT, ISZERO))),
    SGT: (("comparison", (SLT,)), ("comparison", (SLT, ISZERO))),
    EQ: (("comparison", (EQ, ISZERO)),),
    ISZERO: (("comparison", (ISZERO, ISZERO)),),
    ADD: (("arithmetic", (SUB,)),),
    SUB: (("arithmetic", (ADD,)), ("operands", (SWAP1, SUB))),
    MUL: (("arithmetic", (ADD,)),),
    DIV: (("arithmetic", (MUL,)), ("operands", (SWAP1, DIV))),
    MOD: (("arithmetic", (DIV,)), ("operands", (SWAP1, MOD))),
    EXP: (("arithmetic", (MUL,)), ("operands", (SWAP1, EXP))),
    AND: (("arithmetic", (OR,)),),
    OR: (("arithmetic", (AND,)),),
    XOR: (("arithmetic", (AND,)),),
    NOT: (("arithmetic", ()),),
    SHL: (("arithmetic", (SHR,)), ("operands", (SWAP1, SHL))),
    SHR: (("arithmetic", (SHL,)), ("operands", (SWAP1, SHR))),
    JUMPI: (("jump", (SWAP1, POP, JUMP)), ("jump", (POP, POP))),
    SSTORE: (("store", (POP, POP)),),
    CALLER: (("environment", (ADDRESS,)),),
    ADDRESS: (("environment", (CALLER,)),),
    TIMESTAMP: (("environment", (NUMBER,)),),
}
"""Opcode |-> what is put in its place, and of what kind that is."""


def changes(instruction: Instruction) -> Iterator[Change]:
    """Yield all ways to get an instruction wrong; none for one that only moves words or jumps where it must."""
    if (instruction.pushes and not instruction.destination) or instruction.opcode == DATA:
        yield from _constants(instruction)
    for kind, opcodes in _REPLACED.get(instruction.opcode, ()):
        yield _change(kind, instruction, tuple(Instruction(-1, opcode) for opcode in opcodes))
    if LOG0 <= instruction.opcode <= LOG4:
        taken = instruction.opcode - LOG0 + 2
        yield _change("log", instruction, (Instruction(-1, POP),) * taken)
    if instruction.opcode == CALLVALUE:
        yield _change("environment", instruction, (push(0),))


def changed(code: Sequence[Instruction], number: int, change: Change) -> list[Instruction]:
    """Return the code with one instruction replaced; what comes in its place is where it was."""
    first, *rest = change.instead or (Instruction(-1, 0x5B),)
    return [*code[:number], first._replace(pc=code[number].pc), *rest, *code[number + 1 :]]


def _change(kind: str, instruction: Instruction, instead: tuple[Instruction, ...]) -> Change:
    shown = " ".join(map(str, instead)) or "nothing"
    return Change(kind, f"{instruction} to {shown}", instead)


def _constants(instruction: Instruction) -> Iterator[Change]:
    """Yield a constant one more, one less, and zero."""
    value, width = instruction.value, len(instruction.operand)
    for other in sorted({value + 1, max(value - 1, 0), 0} - {value}):
        if instruction.opcode == DATA:
            made = instruction._replace(operand=other.to_bytes(width, "big"))
        else:
            made = push(other, width)
        if made.value < 1 << 256:
            yield _change("constant", instruction, (made,))
