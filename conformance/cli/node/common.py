"""What the commands of a node have in common: options, passphrases, progress bars."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from conformance.cli import TERMINATED
from conformance.cli.output import InputError
from conformance.termination import raising_at_sigterm
from ledger.genesis import Genesis
from ledger.keys import SequencerKey
from ledger.node.folder import DataFolder, Opened

KEY_VARIABLE: Final = "DIEM_KEY_PASSPHRASE"
GATEWAY_VARIABLE: Final = "DIEM_GATEWAY_PASSPHRASE"
"""Environment variables in which a passphrase may stand."""

Data = Annotated[Path, typer.Option("--data", metavar="DIR", help="The data folder of the node.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, with all integers as strings.")]
Key = Annotated[
    Path | None, typer.Option("--key", metavar="FILE", help="The sequencer's key (default: sequencer.pem in --data).")
]
PassphraseFile = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        metavar="FILE",
        help=f"Where the key's passphrase stands (default: in the environment, {KEY_VARIABLE}; else it is asked for).",
    ),
]

INTERVAL: Final = 64
"""Steps from one update of a progress bar to the next, as an update takes longer than a step."""


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """Open the chain in a data folder while the context lasts; StoreError as of `DataFolder.open`."""
    chain_and_store = DataFolder(path).open()
    try:
        yield chain_and_store
    finally:
        chain_and_store.store.close()


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """Show on a terminal how far long work has come, by what is told (done, of how many); SIGTERM ends it in order."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    terminal = Console(stderr=True)
    bar = Progress(*columns, console=terminal, transient=True, disable=not terminal.is_terminal)
    with raising_at_sigterm(SystemExit(TERMINATED)), bar as progress:
        task = progress.add_task(label, total=None)

        def tell(done: int, total: int) -> None:
            if done % INTERVAL == 0 or done == total:
                progress.update(task, completed=done, total=total)

        yield tell


@contextmanager
def reading(path: Path) -> Iterator[BinaryIO]:
    """Open a file to be read; InputError if it cannot be."""
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """Write a file that is there only when all of it is written; InputError if it cannot be, or is there already."""
    partial = path.with_name(f"{path.name}.partial")
    if path.exists():
        raise InputError(f"{path}: is there already, expected the name of a new file")
    try:
        with partial.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
    except FileExistsError:
        raise InputError(f"{partial}: left from an attempt that was cut short, remove it") from None
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from None
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def read_genesis(path: Path) -> Genesis:
    """Read the file of a genesis; InputError if it is none."""
    with reading(path) as file:
        content = file.read()
    try:
        return Genesis.from_json(content.decode())
    except UnicodeDecodeError:
        raise InputError(f"{path}: expected JSON in UTF-8") from None
    except ValueError as error:
        raise InputError(f"{path}: {error}") from None


def load_key(path: Path, passphrase_file: Path | None, variable: str = KEY_VARIABLE) -> SequencerKey:
    """Load a key; InputError if there is no passphrase, KeyFileError as of `SequencerKey.load`."""
    return SequencerKey.load(path, passphrase(path, passphrase_file, variable))


def passphrase(path: Path, file: Path | None, variable: str, *, new: bool = False) -> bytes:
    """The passphrase of a key file: from a file, from the environment, or asked for on a terminal.

    Raises
    ------
    InputError : there is none to be had.
    """
    if file is not None:
        with reading(file) as content:
            return content.read().rstrip(b"\r\n")
    found = os.environ.get(variable)
    if found is not None:
        return os.fsencode(found)
    if sys.stdin is None or not sys.stdin.isatty():
        raise InputError(f"{path}: no passphrase: expected --passphrase-file, the variable {variable}, or a terminal")
    asked: str = typer.prompt(f"Passphrase of {path}", hide_input=True, confirmation_prompt=new, err=True)
    return asked.encode()
