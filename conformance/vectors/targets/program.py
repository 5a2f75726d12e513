"""A program that reads requests and writes answers, one JSON object a line: ``docs/vectors/PROTOCOL.md``."""

from __future__ import annotations

import json
from contextlib import suppress
from time import monotonic
from typing import Final, NamedTuple

from conformance.vectors import VERSION
from conformance.vectors.encoding import Json, brief
from conformance.vectors.judging import PARTS, Judge, Reasons
from conformance.vectors.library import Entry
from conformance.vectors.targets.lines import Ended, LineProcess, LineTooLong, TimedOut, split
from conformance.vectors.targets.target import Declined, NoAnswer
from ledger.json_text import decode

PROTOCOL: Final = "1"

MOST_SILENT: Final = 3
"""After so many requests in a row to which nothing came in time, the program is not asked any more."""


class ProgramError(ValueError):
    """The program cannot be talked to at all: the message says what it did where a greeting was expected."""


class Greeting(NamedTuple):
    """What a program says of itself."""

    name: str
    implements: tuple[str, ...]
    """How the names of the vectors begin that it answers."""
    parts: frozenset[str]
    """What its answers hold beside the status."""


class ProgramTarget:
    """A program, started again where it has crashed or has not answered."""

    def __init__(self, command: str, seconds: float, reasons: Reasons | None = None) -> None:
        """Start the program and exchange greetings.

        ``seconds`` is the time for the greeting and for each answer. An answer may come late by as much again, to be
        counted as late.

        Raises
        ------
        ProgramError : it cannot be started, or does not greet as it should.
        """
        try:
            self._command: Final = split(command)
        except ValueError as error:
            raise ProgramError(f"{command}: expected a command line: {error}") from None
        if not self._command:
            raise ProgramError("expected a command line, found none")
        self.seconds = seconds
        """May be changed between two requests."""
        self._silent = 0
        self._asked: set[str] = set()
        self._process: LineProcess | None = None
        self._greeting: Final = self._start()
        self.name: Final = self._greeting.name
        self.judge: Final = Judge(self._greeting.parts, reasons)

    def ask(self, entry: Entry) -> object:
        """Return the program's answer; errors as ``Target.ask``."""
        if not entry.id.startswith(self._greeting.implements):
            raise Declined("the client does not implement it")
        if self._silent >= MOST_SILENT:
            raise NoAnswer("no answer", f"not asked, because nothing came in time {MOST_SILENT} times in a row")
        self._asked.add(entry.id)
        message = self._exchange({"id": entry.id, "format": entry.format, "request": entry.request}, entry.id)
        self._silent = 0
        if isinstance(message.get("skip"), str):
            raise Declined(f"the client says: {message['skip'][:200]}")
        if isinstance(message.get("error"), str):
            raise NoAnswer("error", f"the client says: {message['error'][:200]}")
        if "answer" not in message:
            raise NoAnswer("garbage", f"expected a line with the field answer, found {brief(message)}")
        return message["answer"]

    def close(self) -> None:
        """Let the program end, or end it."""
        if self._process is not None:
            self._process.close()
            self._process = None

    # -------------------------------------------------------------------------------------------------- the exchange

    def _exchange(self, request: Json, id_: str) -> Json:
        """Send a request, and return the line that answers it.

        Raises
        ------
        NoAnswer : there is none; the program is ended, to be started again, unless it has just written nonsense.
        """
        process = self._running()
        started = monotonic()
        try:
            process.send(_encoded(request), started + self.seconds)
            return self._answer(process, id_, started)
        except TimedOut as error:
            raise self._late(process, error, id_, started) from None
        except Ended as error:
            raise self._ended(process, error) from None
        except LineTooLong:
            self._drop(process)
            raise NoAnswer("garbage", "a line that does not end") from None

    def _answer(self, process: LineProcess, id_: str, started: float, allowed: float = 1.0) -> Json:
        """Return the line with this id; lines that answer an earlier request are passed over."""
        while True:
            line = process.receive(started + allowed * self.seconds)
            message = _decoded(line)
            if message is not None and message.get("id") == id_:
                return message
            if message is None or message.get("id") not in self._asked:
                found = f"{line[:100]!r}" + (f"… ({len(line)} bytes)" if len(line) > 100 else "")
                raise NoAnswer("garbage", f"expected one JSON object with the id of the request, found {found}")

    def _late(self, process: LineProcess, error: TimedOut, id_: str, started: float) -> NoAnswer:
        """Wait as long again, only to tell whether the answer is late or does not come."""
        self._silent += 1
        try:
            self._answer(process, id_, started, allowed=2.0)
        except (TimedOut, Ended, LineTooLong, NoAnswer):
            self._drop(process)
            if error.half:
                return NoAnswer("half a line", f"{len(error.half)} bytes without an end after {self.seconds:g} s")
            return NoAnswer("no answer", f"nothing came within {2 * self.seconds:g} s")
        return NoAnswer("too late", f"after {monotonic() - started:.1f} s; {self.seconds:g} s are allowed")

    def _ended(self, process: LineProcess, error: Ended) -> NoAnswer:
        status = process.close()
        said = process.last_words()
        self._process = None
        if error.half:
            return NoAnswer("half a line", f"the output ended after {len(error.half)} bytes of a line")
        return NoAnswer("crash", f"the client ended with status {status}" + (f": {said}" if said else ""))

    def _drop(self, process: LineProcess) -> None:
        process.kill()
        self._process = None

    # ---------------------------------------------------------------------------------------------------- the greeting

    def _running(self) -> LineProcess:
        if self._process is None:
            try:
                self._start()
            except ProgramError as error:
                self._silent += 1
                raise NoAnswer("crash", f"it cannot be started again: {error}") from None
        if self._process is None:
            raise NoAnswer("crash", "it is not running")
        return self._process

    def _start(self) -> Greeting:
        """Start the program and exchange greetings.

        Raises
        ------
        ProgramError : it cannot be started, or does not greet as it should.
        """
        try:
            process = LineProcess(self._command)
        except OSError as error:
            raise ProgramError(f"{self._command[0]}: cannot be started: {error.strerror or error}") from None
        try:
            deadline = monotonic() + self.seconds
            with suppress(Ended):  # whoever listens no more may have said why
                process.send(_encoded({"hello": {"protocol": PROTOCOL, "vectors": VERSION}}), deadline)
            greeting = _greeting(process.receive(deadline))
        except TimedOut:
            process.kill()
            raise ProgramError(f"{self._command[0]}: expected a greeting within {self.seconds:g} s") from None
        except (Ended, LineTooLong) as error:
            status = process.close()
            said = process.last_words()
            what = "a line that does not end" if isinstance(error, LineTooLong) else f"it ended with status {status}"
            raise ProgramError(
                f"{self._command[0]}: expected a greeting, found that {what}" + (f": {said}" if said else "")
            ) from None
        except ProgramError as error:
            process.kill()
            raise ProgramError(f"{self._command[0]}: {error}") from None
        except BaseException:  # nobody else knows of the process yet
            process.kill()
            raise
        self._process = process
        return greeting


def _greeting(line: bytes) -> Greeting:
    message = _decoded(line)
    hello = message.get("hello") if message else None
    if not isinstance(hello, dict):
        raise ProgramError(f'expected a greeting, {{"hello": …}}, found {line[:100]!r}')
    if hello.get("protocol") != PROTOCOL:
        raise ProgramError(f"expected hello.protocol {PROTOCOL!r}, found {brief(hello.get('protocol'))}")
    parts = _strings(hello, "answers")
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        raise ProgramError(f"expected hello.answers to be of {', '.join(PARTS)}; found {brief(unknown[0])}")
    name = hello.get("name")
    if not isinstance(name, str):
        raise ProgramError(f"expected hello.name to be a text, found {brief(name)}")
    return Greeting(name[:80], tuple(_strings(hello, "implements")), frozenset(parts))


def _strings(hello: Json, name: str) -> list[str]:
    value = hello.get(name)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    raise ProgramError(f"expected hello.{name} to be a list of texts, found {brief(value)}")


def _encoded(message: Json) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode()


def _decoded(line: bytes) -> Json | None:
    try:
        message = decode(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None
