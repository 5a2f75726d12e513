"""What a campaign is about, as something that can be sent to workers on other machines: contents, never paths."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from os.path import commonpath, normpath
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal

from conformance.cli.compared import Compared
from conformance.cli.output import InputError
from conformance.target.document import RoleTable, StakingTable, read_document
from spec.parameters import Preset

_FILES: Final = ("artifact", "abi", "layout", "bytecode", "runtime")
"""Keys of a target's contract that may name a file."""


@dataclass(frozen=True)
class Files:
    """Artifacts or a target: the contents of all the files, by their places beside each other."""

    kind: Literal["artifacts", "target"]
    entry: str
    """The folder of the artifacts or the file of the target, among ``contents``."""
    contents: Mapping[str, bytes]

    @contextmanager
    def on_disk(self) -> Iterator[Path]:
        """Write the files to a folder of their own, for as long as they are read; yield where ``entry`` is."""
        with TemporaryDirectory(prefix="diem-campaign-") as folder:
            root = Path(folder)
            for name, content in self.contents.items():
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            yield root / self.entry

    @property
    def hash(self) -> str:
        """SHA-256 over names and contents."""
        digest = hashlib.sha256()
        for name, content in sorted(self.contents.items()):
            for part in (name.encode(), content):
                digest.update(len(part).to_bytes(8, "big") + part)
        return digest.hexdigest()


@dataclass(frozen=True)
class Setting:
    """All that a worker has to know, besides its units."""

    presets: Mapping[str, Preset]
    """By the names that units have for them."""
    files: Files | None
    """None for our own contracts."""
    shrink_seconds: float

    def compared(self, evm: str) -> Compared:
        """Return what the specification is compared with, in one of the EVMs; errors as ``Compared``."""
        if self.files is None:
            return Compared(None, None, evm)
        with self.files.on_disk() as entry:
            target = self.files.kind == "target"
            return Compared(None if target else entry, entry if target else None, evm)


def read_files(artifacts: Path | None, target: Path | None) -> Files | None:
    """Return the contents of a folder of artifacts, or of a target's file and the files that it names.

    They are those of files that ``Compared`` has read without an error.

    Raises
    ------
    TargetError : the target's file cannot be read.
    InputError : a file has gone meanwhile.
    """
    if target is not None:
        return _gathered("target", target, [target, *_named_by(target)])
    if artifacts is not None:
        return _gathered("artifacts", artifacts, sorted(artifacts.glob("*.json")))
    return None


def _gathered(kind: Literal["artifacts", "target"], entry: Path, paths: list[Path]) -> Files:
    places = [_place(path) for path in (entry, *paths)]
    root = Path(commonpath([place.parent for place in places]))
    try:
        contents = {place.relative_to(root).as_posix(): place.read_bytes() for place in places[1:]}
    except OSError as error:
        raise InputError(f"{error.filename}: cannot be read: {error.strerror}") from None
    return Files(kind, places[0].relative_to(root).as_posix(), contents)


def _place(path: Path) -> Path:
    """Return the absolute path without ``..``; links stay, for files are found by their names."""
    return Path(normpath(path.absolute()))


def _named_by(target: Path) -> Iterator[Path]:
    document = read_document(target)
    for table in document.roles.values():
        for name in _names(table):
            if Path(name).is_absolute():
                raise InputError(
                    f"{target}: expected paths relative to the file, for workers have others; found {name}"
                )
            yield target.parent / name


def _names(table: RoleTable) -> Iterator[str]:
    for key in _FILES:
        value = getattr(table, key)
        if value is not None and not (key in {"bytecode", "runtime"} and value.startswith("0x")):
            yield value
    if isinstance(table, StakingTable) and isinstance(table.proxy, str):
        yield table.proxy
