"""The last call of a shrunk program: what the specification says of it, and what the bytecode does."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from conformance.conform import Failure
from conformance.findings.at_genesis import BEFORE_ANY_CALL
from conformance.findings.subject import Subject
from conformance.lockstep import function_name
from conformance.machines import FOREIGN, Machine
from conformance.machines.py_evm import PyEvmMachine
from conformance.machines.specification import SpecificationMachine
from conformance.session import function_of
from conformance.storage_names import name_of
from conformance.target import TargetMachine
from conformance.target.words import Part
from spec.abi import SELECTOR
from spec.encoding import WORD
from spec.machine import CONTRACTS
from spec.messages import ZERO_ADDRESS, Address, Call, Receipt
from spec.quantities import format_address, parse_address
from spec.uint256 import MAX_UINT256

WORDS_AT_MOST: Final = 32
"""Words that the specification wrote and that are looked at; those that differ are all looked at."""

_VIEW: Final = re.compile(r"view (\w+\.\w+)\((.*)\): ")


@dataclass(frozen=True)
class Word:
    """A storage word after the call."""

    address: Address
    slot: int
    name: str
    """The variable's, with its keys."""
    specification: int
    bytecode: int
    parts: tuple[Part, ...]
    """Where the contracts have the bytes of it."""


@dataclass(frozen=True)
class Answers:
    """What both say; the program's other calls are answered alike."""

    before: tuple[Call, ...]
    earlier: tuple[Receipt, ...]
    """The answers to those."""
    call: Call
    """The call that is answered apart: the last one, or the view that showed it."""
    specification: Receipt
    bytecode: Receipt
    words: tuple[Word, ...]
    """Those that differ, and those that the specification wrote."""
    function: str
    """``staking.stake`` and the like; ``genesis`` before any call."""

    @property
    def differs(self) -> bool:
        """Whether the bytecode, run once more, answers apart again."""
        return self.specification != self.bytecode or any(word.specification != word.bytecode for word in self.words)


def answers_of(failure: Failure, subject: Subject) -> Answers:
    """Carry out a shrunk program once more, and return what there is to be said of its last call."""
    *before, last = failure.shrunk
    at_genesis = failure.divergence.index == BEFORE_ANY_CALL
    function = "genesis" if at_genesis else function_name(last)
    view = _view(failure.divergence.difference.where, last.timestamp)
    if view is not None:
        before, last = [*before, last], view
    specification, bytecode = SpecificationMachine(subject.preset), subject.bytecode()
    earlier = tuple(specification.call(call) for call in before)
    for call in before:
        bytecode.call(call)
    ours, theirs = specification.call(last), bytecode.call(last)
    words = () if view is not None else _words(specification, bytecode, [*before, last])
    return Answers(tuple(before), earlier, last, ours, theirs, words, function)


def _view(where: str, timestamp: int) -> Call | None:
    """Return the call of the view that a comparison by views names."""
    match = _VIEW.match(where)
    if match is None:
        return None
    contract, function = function_of(match[1])
    types = [parameter.type for parameter in function.parameters]
    texts = match[2].split(", ") if types else []
    arguments = [_argument(type_, text) for type_, text in zip(types, texts, strict=True)]
    return Call(ZERO_ADDRESS, contract.address, function.calldata(*arguments), timestamp)


def _argument(type_: str, text: str) -> Any:
    if type_ == "address":
        return parse_address(text)
    return bytes.fromhex(text[2:]) if type_.startswith("bytes") else literal_eval(text)


def _words(specification: SpecificationMachine, bytecode: Machine, program: Sequence[Call]) -> tuple[Word, ...]:
    accounts = [account for call in program for account in accounts_in(call)]
    by_views = bytecode.by_views if isinstance(bytecode, TargetMachine) else frozenset[Address]()
    written = [at for at in specification.written() if at[0] not in by_views]
    everywhere = {(address, slot) for address in CONTRACTS for slot in _slots(specification, bytecode, address)}
    found = []
    for address, slot in sorted({*written, *bytecode.written(), *everywhere}):
        ours, theirs = specification.word(address, slot), bytecode.word(address, slot)
        if ours != theirs or (address, slot) in written[:WORDS_AT_MOST]:
            name = _name(specification, address, slot, accounts)
            found.append(Word(address, slot, name, int(ours), int(theirs), _parts(bytecode, address, slot)))
    return tuple(found)


def _parts(bytecode: Machine, address: Address, slot: int) -> tuple[Part, ...]:
    if isinstance(bytecode, TargetMachine):
        return bytecode.parts(address, slot)
    return (Part(0, MAX_UINT256, slot, 0, MAX_UINT256),)


def _slots(specification: SpecificationMachine, bytecode: Machine, address: Address) -> set[int]:
    """Return the slots of a contract that hold something on either side, where its words can be compared."""
    slots = set(specification.world.accounts[address].words)
    if isinstance(bytecode, TargetMachine):
        return set() if address in bytecode.by_views else slots | set(bytecode.our_words(address))
    return slots | set(bytecode.words(address)) if isinstance(bytecode, PyEvmMachine) else set()


def _name(specification: SpecificationMachine, address: Address, slot: int, accounts: Sequence[Address]) -> str:
    if slot >= FOREIGN:
        return f"{CONTRACTS[address].name}.slot 0x{slot - FOREIGN:064x} of its own"
    return name_of(specification.world, address, slot, accounts)


def addresses_in(answers: Answers) -> Iterator[tuple[str, Address]]:
    """Yield the accounts that may stand in the names of variables: as they stand there, and themselves."""
    calls = (*answers.before, answers.call)
    for address in dict.fromkeys((*CONTRACTS, *(account for call in calls for account in accounts_in(call)))):
        yield format_address(address), address


def accounts_in(call: Call) -> list[Address]:
    """Return the sender, the zero address, and what in the calldata may be an account."""
    words = [call.data[at : at + WORD] for at in range(SELECTOR, len(call.data), WORD)]
    named = [Address(word[12:]) for word in words if len(word) == WORD and not any(word[:12]) and any(word[12:20])]
    return list(dict.fromkeys([call.sender, ZERO_ADDRESS, *named]))
