"""Where the inputs come from and where the outputs go: files, and the standard streams by their names."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TextIO

from conformance.transition.errors import ExitStatus, TransitionError
from conformance.transition.fields import cut, show
from ledger.json_text import decode

STDIN: Final = "stdin"
STREAMS: Final = ("stdout", "stderr")


class Inputs:
    """JSON from files; and from standard input one object, read once, with a field for each input that is there."""

    def get(self, name: str, source: str, *others: str) -> tuple[str, object]:
        """Return the place of an input, for messages, and its content.

        In standard input it is the first field that is there, of ``others`` and ``name``.

        Raises
        ------
        TransitionError : INPUT_OUTPUT : the file cannot be read. JSON : it is none; the field is not there.
        """
        if source != STDIN:
            return source, _decoded(source, _file(source))
        for field in (*others, name):
            if self._stdin.get(field) is not None:
                return f"{STDIN}: {field}", self._stdin[field]
        raise TransitionError(ExitStatus.JSON, f"{STDIN}: {name}: expected this field, found none")

    @cached_property
    def _stdin(self) -> Mapping[str, object]:
        content = _decoded(STDIN, _standard_input())
        if not isinstance(content, dict):
            raise TransitionError(ExitStatus.JSON, f"{STDIN}: expected an object, found {show(content)}")
        return content


class Outputs:
    """JSON into files of a folder, and into the standard streams, each of which gets one object.

    Raises
    ------
    TransitionError : CONFIGURATION : two outputs would go into one file. INPUT_OUTPUT : the folder cannot be made.
    """

    def __init__(self, folder: str, places: Mapping[str, str]) -> None:
        self._folder = Path(folder)
        self._places = {name: place for name, place in places.items() if place}
        """Output |-> name of a file or a stream; an output without one is dropped."""
        files = [place for place in self._places.values() if place not in STREAMS]
        if len(set(files)) < len(files):
            twice = next(file for file in files if files.count(file) > 1)
            raise TransitionError(ExitStatus.CONFIGURATION, f"{twice}: expected another file for each output")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError) as error:
            raise _failed(folder, "cannot be made", error) from None

    def write(self, contents: Mapping[str, Any]) -> None:
        """Write the outputs, by their names.

        Raises
        ------
        TransitionError : INPUT_OUTPUT : a file cannot be written.
        """
        streams: dict[str, dict[str, Any]] = {}
        for name, place in self._places.items():
            if place in STREAMS:
                streams.setdefault(place, {})[name] = contents[name]
            else:
                self._write_file(place, contents[name])
        for place, content in streams.items():
            stream: TextIO | None = getattr(sys, place)
            if stream is None:
                raise TransitionError(ExitStatus.INPUT_OUTPUT, f"{place}: cannot be written: it is closed")
            stream.write(json.dumps(content, indent=2) + "\n")

    def _write_file(self, place: str, content: object) -> None:
        try:
            (self._folder / place).write_text(json.dumps(content, indent=1), encoding="utf-8")
        except (OSError, ValueError) as error:
            raise _failed(str(self._folder / place), "cannot be written", error) from None


def _standard_input() -> bytes:
    if sys.stdin is None:
        raise TransitionError(ExitStatus.INPUT_OUTPUT, f"{STDIN}: cannot be read: it is closed")
    try:
        return sys.stdin.buffer.read()
    except OSError as error:
        raise _failed(STDIN, "cannot be read", error) from None


def _file(source: str) -> bytes:
    try:
        return Path(source).read_bytes()
    except (OSError, ValueError) as error:
        raise _failed(source, "cannot be read", error) from None


def _decoded(place: str, content: bytes) -> object:
    try:
        return decode(content)
    except UnicodeDecodeError:
        raise TransitionError(ExitStatus.JSON, f"{place}: expected JSON in UTF-8") from None
    except ValueError as error:
        raise TransitionError(ExitStatus.JSON, f"{place}: expected JSON: {cut(str(error))}") from None


def _failed(place: str, what: str, error: Exception) -> TransitionError:
    reason = getattr(error, "strerror", None) or error
    return TransitionError(ExitStatus.INPUT_OUTPUT, f"{place}: {what}: {reason}")
