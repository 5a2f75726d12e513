"""Damage to the files of a store, and what is on disk of one that is open."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Final


def flip_a_bit(path: Path, choose: Random) -> None:
    """Change one bit of a file."""
    content = bytearray(path.read_bytes())
    content[choose.randrange(len(content))] ^= 1 << choose.randrange(8)
    path.write_bytes(content)


def truncate(path: Path, choose: Random) -> None:
    """Cut off the end of a file."""
    os.truncate(path, choose.randrange(path.stat().st_size))


DAMAGES: Final[Mapping[str, Callable[[Path, Random], None]]] = {"flipped": flip_a_bit, "truncated": truncate}


def file_of(folder: Path, pattern: str, choose: Random) -> Path:
    """Choose a file that is not empty."""
    return choose.choice(sorted(path for path in folder.glob(pattern) if path.stat().st_size))


def sizes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in folder.iterdir()}


def image(folder: Path, to: Path) -> Path:
    """Copy what a store has on disk at one moment, though it is open and LevelDB may be at work in the background."""
    while True:
        shutil.rmtree(to, ignore_errors=True)
        with suppress(FileNotFoundError, shutil.Error):
            before = sizes(folder)
            # Not the file LOCK: to read it would be to let go of the lock.
            shutil.copytree(folder, to, ignore=shutil.ignore_patterns("LOCK"))
            if sizes(folder) == before:
                return to
