"""A finding as a test for Foundry: what the specification says, asserted of the bytecode."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.findings.actors import Actors
from conformance.findings.answers import Answers, Word, addresses_in
from conformance.findings.dialect import Dialect, ExpectedLog, Form
from conformance.findings.register import Entry
from conformance.foundry.solidity import (
    address_literal,
    bytes_literal,
    literal,
    located,
    number_literal,
    revert_data,
)
from conformance.programs.as_scenario import decoded, describe
from conformance.scenario.interfaces import decode_log
from conformance.target.interface import Entry as Signature
from spec.errors import reason_of
from spec.machine import CONTRACTS
from spec.messages import Call, Receipt
from spec.parameters import Preset
from spec.uint256 import MAX_UINT256

BYTES_AT_MOST: Final = 1024
"""Calldata and logs that are longer, which are those with a curve's tables, are written as digits."""

_INDENT: Final = 12


def as_solidity(entry: Entry, preset: Preset, answers: Answers, dialect: Dialect, state: str) -> str:
    """Return the text of the test; ``state`` is the path of the file with codes and words at genesis."""
    return _Test(entry, preset, answers, dialect).text(state)


class _Test:
    def __init__(self, entry: Entry, preset: Preset, answers: Answers, dialect: Dialect) -> None:
        self._entry = entry
        self._preset = preset
        self._answers = answers
        self._dialect = dialect
        self._actors = Actors(preset)
        self._interfaces: dict[str, dict[str, Signature]] = {}
        """Contract |-> name |-> function, of those that are called."""

    def text(self, state: str) -> str:
        body = [*self._earlier(), *self._judged()]  # says which accounts and functions there are to be declared
        return "\n".join(
            [
                *("// SPDX-License-Identifier: MIT", "pragma solidity ^0.8.20;", ""),
                *('import {Finding} from "./Finding.sol";', ""),
                *self._declared(),
                *self._comment(),
                f"contract {self._entry.id} is Finding {{",
                *(f"    {line}" for line in self._constants()),
                "",
                "    function setUp() external {",
                f'        start("{state}", {self._preset.chain_id});',
                "    }",
                "",
                f"    function test_{self._entry.function.replace('.', '_').replace('?', 'unknown')}() external {{",
                *(f"        {line}" if line else "" for line in body),
                *("    }", "}", ""),
            ]
        )

    def _declared(self) -> Iterator[str]:
        for contract, functions in self._interfaces.items():
            yield f"interface {_interface(contract)} {{"
            for entry in functions.values():
                inputs = ", ".join(located(type_, "calldata") for type_ in entry.types)
                results = ", ".join(located(type_, "memory") for type_ in entry.results)
                yield f"    function {entry.name}({inputs}) external{f' returns ({results})' if results else ''};"
            yield from ("}", "")

    def _comment(self) -> Iterator[str]:
        entry = self._entry
        yield f"/// {entry.function}, first difference: {entry.where}"
        yield f"///   the specification: {entry.specification}"
        yield f"///   the bytecode:      {entry.bytecode}"
        if entry.rule:
            yield f"/// The rule: {entry.rule}."
        yield f"/// Found on {entry.machine} with seed {entry.seed}, from preset {entry.preset}."

    def _constants(self) -> Iterator[str]:
        for address, contract in CONTRACTS.items():
            yield f"address private constant {contract.name.upper()} = {address_literal(address)};"
        for address, name in self._actors.used.items():
            yield f"address private constant {name} = {address_literal(address)};"

    # ------------------------------------------------------------------------------------------ the calls

    def _earlier(self) -> Iterator[str]:
        for number, (call, receipt) in enumerate(zip(self._answers.before, self._answers.earlier, strict=True)):
            yield f"// {number}: {self._described(call)}"
            if receipt.status:
                yield f"isAccepted({self._send(call)});"
            else:
                yield f"Answer memory refused{number} = {self._send(call)};"
                yield self._refused(f"refused{number}", call, receipt)
            yield ""

    def _judged(self) -> Iterator[str]:
        call, receipt = self._answers.call, self._answers.specification
        yield f"// {len(self._answers.before)}: {self._described(call)}"
        yield f"Answer memory answer = {self._send(call)};"
        if receipt.status:
            yield "isAccepted(answer);"
            yield f"outputIs(answer, {bytes_literal(receipt.output, _INDENT)});"
            yield from self._logs(receipt)
        else:
            yield self._refused("answer", call, receipt)
        for word in self._answers.words:
            yield from self._word(word)

    def _send(self, call: Call) -> str:
        function = f"sendWith({number_literal(call.value)}, " if call.value else "send("
        to, sender = self._actors.name(call.to), self._actors.name(call.sender)
        return f"{function}{number_literal(call.timestamp)}, {sender}, {to}, {self._calldata(call)})"

    def _calldata(self, call: Call) -> str:
        contract = CONTRACTS[call.to].name
        parts = decoded(call) if len(call.data) <= BYTES_AT_MOST else None
        entry = self._dialect.function(contract, parts[0].name) if parts is not None else None
        if parts is None or entry is None or not self._declare(contract, entry):
            return bytes_literal(self._dialect.data(call), _INDENT)
        values = ", ".join(self._value(type_, one) for type_, one in zip(entry.types, parts[1], strict=True))
        return f"abi.encodeCall({_interface(contract)}.{entry.name}, ({values}))"

    def _declare(self, contract: str, entry: Signature) -> bool:
        """Note that a function is called; False if another one of its name is called already."""
        return self._interfaces.setdefault(contract, {}).setdefault(entry.name, entry) == entry

    def _value(self, type_: str, value: Any) -> str:
        return literal(type_, value, self._actors.name)

    # ------------------------------------------------------------------------------------------ what is asserted

    def _refused(self, name: str, call: Call, receipt: Receipt) -> str:
        right = " || ".join(_says(name, form) for form in self._dialect.refusals(call, receipt.output))
        return f'isRefused({name}, {right}, "{reason_of(receipt.output)}");'

    def _logs(self, receipt: Receipt) -> Iterator[str]:
        for event in self._dialect.own_events():
            yield f"without(answer, {self._actors.name(event.address)}, 0x{event.topic.hex()});"
        logs = list(self._dialect.logs(receipt.logs))
        for number, expected in enumerate(logs):
            emitter = self._actors.name(expected.log.address)
            yield f"logIs(answer, {number}, {emitter},"
            yield from (f"    {part}," for part in self._content(expected))
            yield f'    "{self._event(expected)}");'
        yield f"logsAre(answer, {len(logs)});"

    def _content(self, expected: ExpectedLog) -> tuple[str, str]:
        """Return topics and data."""
        found = decode_log(expected.ours) if len(expected.ours.data) <= BYTES_AT_MOST else None
        if found is None or not expected.signature:
            bare = b"".join(expected.log.topics)
            return bytes_literal(bare, _INDENT), bytes_literal(expected.log.data, _INDENT)
        types = [parameter.type for parameter in found.event.parameters]
        values = [self._value(type_, value) for type_, value in zip(types, found.arguments, strict=True)]
        pairs = list(zip(expected.indexed, values, strict=True))
        topics = [value for indexed, value in pairs if indexed]
        others = [value for indexed, value in pairs if not indexed]
        first = f'keccak256("{expected.signature}")'
        return _encoded([first, *topics]), _encoded(others)

    def _event(self, expected: ExpectedLog) -> str:
        found = decode_log(expected.ours)
        name = found.event.name if found else "a log"
        return f"{name} from {CONTRACTS[expected.ours.address].name}"

    def _described(self, call: Call) -> str:
        return self._actors.in_text(describe(call), addresses_in(self._answers))

    def _word(self, word: Word) -> Iterator[str]:
        name = self._actors.in_text(word.name, addresses_in(self._answers))
        for part in word.parts:
            if part.slot is None:
                continue
            expected = number_literal((word.specification >> part.shift) & part.mask)
            where = f"{self._actors.name(word.address)}, 0x{part.slot:064x}"
            if part.their_mask == MAX_UINT256:
                yield f'wordIs({where}, {expected}, "{name}");'
            else:
                yield f'partIs({where}, {part.their_shift}, {number_literal(part.their_mask)}, {expected}, "{name}");'


def _encoded(values: list[str]) -> str:
    return f"abi.encode({', '.join(values)})" if values else '""'


def _says(name: str, form: Form) -> str:
    if form.any:
        return "true"
    if form.open:
        return f"saysOf({name}, 0x{form.data.hex()})"
    if form.words is not None:
        return f"saysLike({name}, 0x{form.data.hex()}, {form.words})"
    return f"says({name}, {revert_data(form.data, _INDENT)})"


def _interface(contract: str) -> str:
    return f"I{contract.upper() if contract in {'vvv', 'diem'} else contract.capitalize()}"
