"""A report on disk: a page, the same as JSON, and its schema, in a folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from conformance.findings.files import write_whole
from conformance.report.document import Report, schema
from conformance.report.page import page

PAGE: Final = "report.html"
JSON: Final = "report.json"
SCHEMA: Final = "report.schema.json"


class ReportError(ValueError):
    """A folder that no report can be written to, or a file in it: the message names it."""


def check_folder(folder: Path) -> None:
    """Make the folder, before the work whose report is to be written there.

    Raises
    ------
    ReportError : it cannot be made, or is a file, or cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".{PAGE}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ReportError(f"{folder}: expected a folder that can be written to: {error.strerror or error}") from None


def write_report(folder: Path, report: Report) -> Path:
    """Write the page, its data and their schema, and return where the page is.

    Raises
    ------
    ReportError : they cannot be written.
    """
    files = {
        PAGE: page(report),
        JSON: report.model_dump_json(indent=2) + "\n",
        SCHEMA: json.dumps(schema(), indent=2) + "\n",
    }
    check_folder(folder)
    for name, text in files.items():
        try:
            write_whole(folder / name, text)
        except OSError as error:
            raise ReportError(f"{folder / name}: cannot be written: {error.strerror or error}") from None
    return folder / PAGE
