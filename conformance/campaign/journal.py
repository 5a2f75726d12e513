"""The folder of a campaign: a journal of lines of JSON, one for each unit that is done, from which it can go on."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Final

from pydantic import ValidationError

from conformance.campaign.units import Record, UnitKey, UnitResult

FORMAT: Final = 1
NAME: Final = "journal.jsonl"


class CampaignError(ValueError):
    """A campaign that cannot go on: the message names the file, what was found and what was expected."""


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
        self._read(header)

    def append(self, entry: Entry) -> None:
        """Write down what a unit came to; it is on the disk when this returns."""
        self._write(entry.model_dump_json().encode())

    def close(self) -> None:
        """Let others use the folder."""
        self._file.close()

    def _write(self, line: bytes) -> None:
        self._file.write(line + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def _read(self, header: Mapping[str, object]) -> None:
        self._file.seek(0)
        lines = list(self._whole_lines())
        if not lines:
            self._write(json.dumps({"format": FORMAT, **header}).encode())
            _sync_folder(self.path.parent)
            return
        self._check(lines[0], header)
        for number, line in enumerate(lines[1:], 2):
            try:
                entry = Entry.model_validate_json(line)
            except ValidationError as error:
                raise CampaignError(
                    f"{self.path}: line {number}: expected what a unit came to: {_first(error)}"
                ) from None
            self.entries[entry.result.unit.key] = entry

    def _whole_lines(self) -> Iterator[bytes]:
        """Yield the lines, and cut off what stands behind the last end of a line."""
        end = 0
        for line in self._file:
            if line.endswith(b"\n"):
                end += len(line)
                yield line
        self._file.truncate(end)
        self._file.seek(0, os.SEEK_END)

    def _check(self, line: bytes, header: Mapping[str, object]) -> None:
        found = _object(line)
        if found is None:
            raise CampaignError(f"{self.path}: line 1: expected the header of a campaign, as a JSON object")
        for name, value in {"format": FORMAT, **json.loads(json.dumps(header))}.items():
            if found.get(name) != value:
                raise CampaignError(
                    f"{self.path}: expected a campaign with {name} {_shown(value)}, found one with "
                    f"{_shown(found.get(name))}; use another --folder"
                )


def read_header(folder: Path) -> Mapping[str, object] | None:
    """Return the header of the campaign in a folder; None if there is none, or none that can be read."""
    try:
        with (folder / NAME).open("rb") as file:
            return _object(file.readline())
    except OSError:
        return None


def _object(line: bytes) -> dict[str, object] | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"]))
    return f"{where}: {first['msg']}" if where else str(first["msg"])


def _shown(value: object) -> str:
    return json.dumps(value) if value is not None else "none"


def _sync_folder(folder: Path) -> None:
    """See to it that the file itself is found again after a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
