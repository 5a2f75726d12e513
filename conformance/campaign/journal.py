"""The folder of a campaign: a journal of lines of JSON, one for each unit that is done, from which it can go on."""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import IO, Final

from pydantic import ValidationError

from conformance.campaign.units import Record, UnitKey, UnitResult
from ledger.json_text import decode

FORMAT: Final = 2
NAME: Final = "journal.jsonl"


class CampaignError(ValueError):
    """A campaign that cannot go on: the message names the file, what was found and what was expected."""


class NotKept(Exception):
    """What was done cannot be written down: the message names the file and says why."""


class Entry(Record):
    """One line, after the header."""

    at: float
    """How long the campaign had been running (s), all its parts together."""
    result: UnitResult


class Journal:
    """What a campaign has done. A line that was being written when the machine stopped does not count."""

    def __init__(self, folder: Path, header: Mapping[str, object]) -> None:
        """Open the journal in ``folder``, or begin one; ``header`` is what makes this campaign what it is.

        Raises
        ------
        CampaignError : the folder cannot be used; another process uses it; its journal is of another campaign, or is
            damaged.
        """
        self.path: Final = folder / NAME
        self.entries: Final[dict[UnitKey, Entry]] = {}
        """What had been done when the journal was opened."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file: IO[bytes] = self.path.open("a+b")
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CampaignError(f"{folder}: expected a campaign that is not running, found it in use") from None
        except OSError as error:
            raise CampaignError(f"{folder}: cannot be written: {error.strerror}") from None
        try:
            self._read(header)
        except OSError as error:
            raise CampaignError(f"{self.path}: cannot be written: {error.strerror}") from None

    def append(self, entry: Entry) -> None:
        """Write down what a unit came to; it is on the disk when this returns.

        Raises
        ------
        NotKept : it is not, for the disk is full, or gone.
        """
        try:
            self._write(_checked(entry.model_dump_json().encode()))
        except OSError as error:
            raise NotKept(f"{self.path}: cannot be written: {error.strerror or error}") from None

    def close(self) -> None:
        """Let others use the folder."""
        with suppress(OSError):  # of what could not be written before
            self._file.close()

    def _write(self, line: bytes) -> None:
        self._file.write(line + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def _read(self, header: Mapping[str, object]) -> None:
        self._file.seek(0)
        lines = self._file.readlines()
        torn = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
        beginning = json.dumps({"format": FORMAT, **header}).encode()
        if lines:
            self._check(lines[0], header)
        elif not beginning.startswith(torn):
            raise CampaignError(f"{self.path}: expected the journal of a campaign, found another file")
        self._cut_off(torn)
        if not lines:
            self._write(beginning)
            _sync_folder(self.path.parent)
        for number, line in enumerate(lines[1:], 2):
            content = _content(line)
            if content is None:
                raise CampaignError(f"{self.path}: line {number}: expected it as it was written, found it changed")
            try:
                entry = Entry.model_validate_json(content)
            except ValidationError as error:
                raise CampaignError(
                    f"{self.path}: line {number}: expected what a unit came to: {_first(error)}"
                ) from None
            self.entries[entry.result.unit.key] = entry

    def _cut_off(self, torn: bytes) -> None:
        """Take away what stands behind the last end of a line, and go on from there."""
        if torn:
            self._file.truncate(self._file.tell() - len(torn))
        self._file.seek(0, os.SEEK_END)

    def _check(self, line: bytes, header: Mapping[str, object]) -> None:
        found = _object(line)
        if found is None:
            raise CampaignError(f"{self.path}: line 1: expected the header of a campaign, as a JSON object")
        for name, value in {"format": FORMAT, **json.loads(json.dumps(header))}.items():
            if found.get(name) != value:
                expected, other = _shown(value, found.get(name)), _shown(found.get(name), value)
                raise CampaignError(
                    f"{self.path}: expected a campaign with {name} {expected}, found one with {other}; "
                    f"use another --folder"
                )


def read_header(folder: Path) -> Mapping[str, object] | None:
    """Return the header of the campaign in a folder; None if there is none, or none that can be read."""
    try:
        with (folder / NAME).open("rb") as file:
            return _object(file.readline())
    except OSError:
        return None


_CHECKED: Final = re.compile(rb'\{"sha256":"([0-9a-f]{64})",(.*)\n', re.DOTALL)


_HASH: Final = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{52}\b")


def _checked(content: bytes) -> bytes:
    """Return a JSON object with the hash of itself as its first member."""
    return b'{"sha256":"%b",%b' % (sha256(content).hexdigest().encode(), content[1:])


def _content(line: bytes) -> bytes | None:
    """Return the object that was written with its hash; None if it is another now."""
    match = _CHECKED.fullmatch(line)
    content = b"{" + match[2] if match else b""
    return content if match and sha256(content).hexdigest().encode() == match[1] else None


def _object(line: bytes) -> dict[str, object] | None:
    try:
        value = decode(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"]))
    return f"{where}: {first['msg']}" if where else str(first["msg"])


def _shown(value: object, beside: object) -> str:
    """Return a value with as much as tells it from the one beside it: of hashes few digits, and none without need."""
    if isinstance(value, dict) and isinstance(beside, dict):
        names = value.keys() != beside.keys()
        value = list(value) if names else {name: of for name, of in value.items() if of != beside[name]}
    return _HASH.sub(r"\1", json.dumps(value)) if value is not None else "none"


def _sync_folder(folder: Path) -> None:
    """See to it that the file itself is found again after a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
