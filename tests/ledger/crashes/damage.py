"""Damage to the files of a store."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
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
