"""`diem vectors fill`: a set of vectors, with the answers of the specification."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.app import FAILS, HOLDS
from conformance.cli.output import InputError, check_writable, print_json
from conformance.vectors import VERSION
from conformance.vectors.encoding import Json
from conformance.vectors.fill import Filler
from conformance.vectors.library import CORE, INDEX, Library, differing_files, open_library, read_folder, write_archive


def command(
    folder: Annotated[
        Path | None, typer.Argument(help="Where to write the set; a set that is there is replaced.")
    ] = None,
    select: Annotated[
        bool,
        typer.Option("--select", help="Choose the requests anew, from all candidates, by what they reach and kill."),
    ] = False,
    release: Annotated[
        bool,
        typer.Option(
            "--release", help="Add everything that the requests were chosen from, and more programs and chains."
        ),
    ] = False,
    requests: Annotated[
        Path,
        typer.Option(
            "--requests",
            metavar="SET",
            help="The set whose requests are answered anew.",
            show_default="the core set",
        ),
    ] = CORE,
    archive: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the set as a .tar.gz, the same byte for byte each time.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; compare with what is there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with all integers as strings.")] = False,
) -> int:
    """Fill vectors: answer requests with the specification, and write request, answer, hash and index.

    Exit status: 0 written, or, with --check, everything is there as it would be written; 1 it is not.

    Example: diem vectors fill vectors --archive vectors.tar.gz

    A release has every request that is known to be answered, and takes some minutes: --release --archive FILE.
    """
    if folder is None and archive is None:
        raise InputError("expected a folder to write to, or --archive")
    if check and folder is None:
        raise InputError("--check: expected the folder to compare with")
    if select and release:
        raise InputError("--release: expected no --select; it adds to a set that has been chosen")
    if archive is not None:
        check_writable(archive)
    vectors = _vectors(filler := Filler(), requests, select=select, release=release)
    files = filler.files(vectors)
    library = Library(files, "the new set")
    different = differing_files(files, read_folder(folder) if folder.is_dir() else {}) if check and folder else []
    if not check and folder is not None:
        _write(folder, files)
    if archive is not None:
        write_archive(archive, files, f"vectors-{VERSION}")
    size = sum(map(len, files.values()))
    if as_json:
        shown = {"version": VERSION, "root": library.root, "vectors": str(len(vectors)), "bytes": str(size)}
        print_json({**shown, **({"differing_files": different} if check else {})})
    else:
        print(f"vectors {VERSION}: {len(vectors)} in {len(files) - 1} files of {size:,} bytes")
        print(f"root    {library.root}")
        for name in different:
            print(f"DIFFERS {name}")
    return FAILS if different else HOLDS


def _vectors(filler: Filler, requests: Path, *, select: bool, release: bool) -> dict[str, Json]:
    if select:
        return filler.select(_tell)
    library = open_library(requests)
    return filler.release(library, _tell) if release else filler.refill(library)


def _write(folder: Path, files: dict[str, bytes]) -> None:
    """Put the files into a folder in place of the set that is there.

    Raises
    ------
    InputError : there is something else in the folder, or it cannot be written.
    """
    if folder.exists() and not (folder.is_dir() and ((folder / INDEX).is_file() or not any(folder.iterdir()))):
        raise InputError(f"{folder}: expected a set of vectors, an empty folder or none, found something else")
    try:
        if folder.exists():
            shutil.rmtree(folder)
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror or error}") from None


def _tell(message: str) -> None:
    print(message, file=sys.stderr)
