"""A finding as a regression test for pytest: what the specification says, asserted of it and of the contracts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from conformance.findings.actors import Actors
from conformance.findings.answers import Answers, addresses_in
from conformance.findings.register import Entry
from conformance.findings.replay import answer
from conformance.findings.subject import Subject
from conformance.programs.as_scenario import decoded, describe
from spec.machine import CONTRACTS
from spec.messages import Address, Call
from spec.quantities import format_address

BYTES_AT_MOST: Final = 1024
"""Calldata that are longer, which are those with a curve's tables, are written as digits."""


def as_pytest(entry: Entry, subject: Subject, answers: Answers, folder: Path) -> str:
    """Return the text of the file, which is to stand in ``folder``."""
    return _Test(entry, subject, answers).text(folder)


class _Test:
    def __init__(self, entry: Entry, subject: Subject, answers: Answers) -> None:
        self._entry = entry
        self._subject = subject
        self._answers = answers
        self._actors = Actors(subject.preset)
        self._contracts: dict[str, Address] = {}

    def text(self, folder: Path) -> str:
        body = [*self._earlier(), *self._judged()]
        entry, machine = self._entry, self._subject.machine
        name = entry.function.replace(".", "_").replace("?", "unknown")
        return "\n".join(
            [
                f'"""{entry.function}, first difference: {entry.where}.',
                "",
                f"The specification: {entry.specification}",
                f"The bytecode: {entry.bytecode}",
                *([f"The rule: {entry.rule}."] if entry.rule else []),
                f"Found on {machine} with seed {entry.seed}, from preset {entry.preset}.",
                '"""',
                "",
                *("from pathlib import Path", "", "import pytest", ""),
                *("from conformance.findings.replay import Replay", "", "HERE = Path(__file__).parent"),
                f"PRESET = {self._preset(folder)}",
                f"CONTRACTS = {{{self._option(folder)}}}",
                '"""What the machine runs in place of our contracts."""',
                "",
                *self._constants(),
                "",
                "",
                f'@pytest.mark.parametrize("machine", ["specification", "{machine}"])',
                f"def test_{name}(machine: str) -> None:",
                "    replay = Replay(machine, PRESET, **CONTRACTS)",
                *(f"    {line}" if line else "" for line in body),
                "",
            ]
        )

    def _preset(self, folder: Path) -> str:
        option = self._subject.preset_option
        return _path(Path(option), folder) if option.endswith(".toml") else _quoted(option)

    def _option(self, folder: Path) -> str:
        if self._subject.target is not None:
            return f'"target": {_path(self._subject.target.path, folder)}'
        artifacts = self._subject.artifacts
        return f'"artifacts": {_path(artifacts, folder)}' if artifacts is not None else ""

    def _constants(self) -> Iterator[str]:
        for name, address in self._contracts.items():
            yield f'{name} = "{format_address(address)}"'
        for address, name in self._actors.used.items():
            yield f'{name} = "{format_address(address)}"'

    def _name(self, address: Address) -> str:
        name = self._actors.name(address)
        if address in CONTRACTS:
            self._contracts[name] = address
        return name

    def _earlier(self) -> Iterator[str]:
        for call, receipt in zip(self._answers.before, self._answers.earlier, strict=True):
            yield from ("", f"# {self._described(call)}", f"answer = {self._call(call)}")
            yield f"assert answer.outcome == {_quoted(answer(receipt).outcome)}"

    def _judged(self) -> Iterator[str]:
        call, said = self._answers.call, answer(self._answers.specification)
        yield from ("", f"# {self._described(call)}", f"answer = {self._call(call)}")
        yield f"assert answer.outcome == {_quoted(said.outcome)}"
        yield f"assert answer.output == {_quoted(said.output)}"
        yield f"assert answer.logs == [{'' if said.logs else ']'}"
        yield from (f"    {self._named(log)}," for log in said.logs)
        yield from ["]"] if said.logs else []
        for word in self._answers.words:
            yield f"assert replay.word({self._named(word.name)}) == {word.specification}"

    def _described(self, call: Call) -> str:
        return self._actors.in_text(describe(call), addresses_in(self._answers))

    def _named(self, text: str) -> str:
        """Return a string with names in place of addresses."""
        found = [(written, address) for written, address in addresses_in(self._answers) if written in text]
        for _, address in found:
            self._name(address)
        return f'{"f" if found else ""}"{self._actors.in_text(text, found, "{{{}}}")}"'

    def _call(self, call: Call) -> str:
        value = f", value={call.value}" if call.value else ""
        sender, contract = self._name(call.sender), CONTRACTS[call.to].name
        parts = decoded(call) if len(call.data) <= BYTES_AT_MOST else None
        if parts is None:
            return f'replay.send({call.timestamp}, {sender}, "{contract}", "0x{call.data.hex()}"{value})'
        function, arguments = parts
        given = [self._value(one.type, argument) for one, argument in zip(function.parameters, arguments, strict=True)]
        called = ", ".join([str(call.timestamp), sender, f'"{contract}.{function.name}"', *given])
        return f"replay.call({called}{value})"

    def _value(self, type_: str, value: Any) -> str:
        if type_ == "address":
            return self._name(value)
        return f'"0x{value.hex()}"' if isinstance(value, bytes) else str(int(value))


def _quoted(text: str) -> str:
    return f'"{text}"'


def _path(path: Path, folder: Path) -> str:
    return f'HERE / "{Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()}"'
