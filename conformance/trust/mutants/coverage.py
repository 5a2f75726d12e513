"""Which calls of the suite run which blocks of the bytecode, noted in py-evm: no others can tell of a fault there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache

from eth.abc import ComputationAPI, OpcodeAPI
from eth.vm.forks.prague.computation import PragueComputation
from eth.vm.opcode import as_opcode
from eth.vm.opcode_values import JUMPDEST, JUMPI

from conformance.machines.py_evm import Image, PyEvmMachine
from conformance.trust.mutants.assembler import blocks
from conformance.trust.mutants.bytecode import CONTRACTS as CODES
from conformance.trust.mutants.bytecode import BytecodeMutant, code_of, deployed_image
from conformance.trust.mutants.program import Program
from spec.messages import Address
from spec.parameters import load_preset

Block = tuple[Address, int]
"""Where a code lies, and where in it the block begins."""

Coverage = Mapping[Block, tuple[int, ...]]
"""Block |-> the steps of a program that run it, in order."""


class DishonestSuite(AssertionError):
    """The contracts as they are do not answer a program as it is recorded: the message names the call."""


def coverage_of(program: Program) -> Coverage:
    """Carry out a program with the contracts as they are.

    Raises
    ------
    DishonestSuite : a call is not answered as it is recorded.
    """
    image = deployed_image(program.preset)
    words = {address: dict(slots) for address, slots in image.words.items()}
    for (address, slot), word in program.start.items():
        words.setdefault(address, {})[slot] = word
    machine = PyEvmMachine(load_preset(program.preset), image=Image(image.codes, words))
    covered = defaultdict[Block, list[int]](list)
    with _noting(machine) as found:
        for number, step in enumerate(program.steps):
            found.clear()
            if machine.call(step.call) != step.receipt:
                raise DishonestSuite(f"{program.name}: call {number} is not answered as it is recorded")
            for block in found:
                covered[block].append(number)
    return {block: tuple(numbers) for block, numbers in covered.items()}


@contextmanager
def _noting(machine: PyEvmMachine) -> Iterator[set[Block]]:
    """Yield a set to which the machine adds the blocks that it runs."""
    found: set[Block] = set()
    jump_if, jump_destination = (PragueComputation.opcodes[opcode] for opcode in (JUMPI, JUMPDEST))

    def at_jump(computation: ComputationAPI) -> None:
        pc = computation.code.program_counter
        jump_if.logic_fn(computation)  # type: ignore[attr-defined]  # every opcode of py-evm's has it
        if computation.code.program_counter == pc:
            found.add((Address(computation.msg.code_address), pc))

    def at_destination(computation: ComputationAPI) -> None:
        found.add((Address(computation.msg.code_address), computation.code.program_counter - 1))

    def instead(of: OpcodeAPI, logic: Callable[[ComputationAPI], None]) -> OpcodeAPI:
        made: OpcodeAPI = as_opcode(logic, of.mnemonic, of.gas_cost)  # type: ignore[attr-defined]
        return made

    machine.execute_with({JUMPI: instead(jump_if, at_jump), JUMPDEST: instead(jump_destination, at_destination)})
    try:
        yield found
    finally:
        machine.execute_with({})


def steps_of(coverage: Coverage, mutant: BytecodeMutant) -> tuple[int, ...]:
    """Return the steps of a program that run what is faulty: all that run the code at all, if it begins there."""
    address = CODES[mutant.contract]
    block = block_of(mutant.contract, mutant.number)
    if block > 0:
        return coverage.get((address, block), ())
    return tuple(sorted({step for (at, _), steps in coverage.items() if at == address for step in steps}))


def reaches(found: Iterable[Block], mutant: BytecodeMutant) -> bool:
    """Return whether what is faulty is in one of some blocks that a call runs; see ``steps_of``."""
    address, block = CODES[mutant.contract], block_of(mutant.contract, mutant.number)
    return (address, block) in found if block > 0 else any(at == address for at, _ in found)


@cache
def _blocks(contract: str) -> Sequence[int]:
    return blocks(code_of(contract))


def block_of(contract: str, number: int) -> int:
    """Return where the block of an instruction begins; 0 for the constants behind the code, which any block may use."""
    return 0 if code_of(contract)[number].opcode < 0 else _blocks(contract)[number]
