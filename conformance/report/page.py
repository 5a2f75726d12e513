"""The page of a report: one HTML file that asks for nothing else, and shows what `report.json` holds."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from conformance.report import charts, score_tables, tables
from conformance.report.document import Report

STYLE: Final = "style.css"


def page(report: Report) -> str:
    """Return the HTML, without scripts; whatever stands in the report is shown as text."""
    style = (resources.files("conformance.report") / "templates" / STYLE).read_text(encoding="utf-8").strip()
    return _environment().get_template("report.html").render(report=report, style=style, policy=_policy(style))


def _environment() -> Environment:
    environment = Environment(
        autoescape=True,
        loader=PackageLoader("conformance.report"),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {"count": count, "calls": calls}
    environment.globals |= {"charts": charts, "score_tables": score_tables, "tables": tables}
    return environment


def _policy(style: str) -> str:
    """Return a Content-Security-Policy under which a browser takes this very style, and fetches nothing."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def count(number: int) -> str:
    """Return a number as people read it."""
    return f"{number:,}"


def calls(number: int) -> str:
    """Return so many calls as people read it."""
    return f"{count(number)} {'call' if number == 1 else 'calls'}"
