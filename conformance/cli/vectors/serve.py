"""`diem vectors serve`: one of our machines as a program for `diem vectors consume`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from conformance.cli.app import HOLDS
from conformance.cli.output import InputError
from conformance.vectors.executors import EXECUTORS
from conformance.vectors.serve import serve


def command(
    machine: Annotated[str, typer.Option(help=f"One of {', '.join(EXECUTORS)}.")] = "specification",
) -> int:
    """Answer requests from standard input on standard output, one JSON object a line: an example of a client.

    Example: diem vectors consume --program "diem vectors serve"
    """
    if machine not in EXECUTORS:
        raise InputError(f"machine {machine!r}: expected one of {', '.join(EXECUTORS)}")
    try:
        serve(EXECUTORS[machine](), sys.stdin, sys.stdout)
    except (ValueError, LookupError, TypeError) as error:
        raise InputError(f"standard input: expected a line as docs/vectors/PROTOCOL.md says: {error}") from None
    return HOLDS
