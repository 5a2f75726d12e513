"""How the commands print."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Final

from rich.console import Console

from spec.quantities import format_amount

WIDTH: Final = 160
"""Columns, where there is no terminal that says how many it has."""


class InputError(ValueError):
    """An argument of a command that cannot be used: the message is one line that says what was expected."""


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to the frame of the command, as for output that is not rich's."""
        raise BrokenPipeError


def console() -> Console:
    """Return the console for people; text is printed as it is, not read as markup."""
    return _Console(width=None if sys.stdout.isatty() else WIDTH, markup=False, highlight=False, emoji=False)


def print_json(value: object) -> None:
    """Print the answer for machines."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def amount_json(base_units: int) -> dict[str, str]:
    """Return an amount as machines should read it: exact, and never as a JSON number, which many read as a float."""
    return {"base_units": str(base_units), "tokens": format_amount(base_units)}


def short(base_units: int, decimals: int = 4) -> str:
    """Return an amount for a table: cut off after some decimals and grouped, with an exponent if it is huge."""
    if base_units >= 10**33:
        return f"{base_units / 10**18:.4e}"
    whole, fraction = divmod(base_units, 10**18)
    return f"{whole:,}.{fraction:018d}"[: len(f"{whole:,}") + 1 + decimals]


def check_writable(path: Path) -> None:
    """See to it, before the work is done, that a file can be written when it is.

    Raises
    ------
    InputError : it is a folder, or its folder is none that can be written to.
    """
    if (
        path.is_dir()
        or not os.access(path.parent, os.W_OK | os.X_OK)
        or (path.exists() and not os.access(path, os.W_OK))
    ):
        raise InputError(f"{path}: cannot be written: expected a file in a folder that can be written to")


def write_file(path: str, content: bytes) -> None:
    """Write a file that the user asked for.

    Raises
    ------
    InputError : it cannot be written.
    """
    try:
        Path(path).write_bytes(content)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be written: {getattr(error, 'strerror', None) or error}") from None
