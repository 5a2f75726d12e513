"""Reports to look at: of a run that holds, of one that does not, and of contracts with a hostile name."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from conformance.cli.app import app
from conformance.report.document import Report
from conformance.report.writing import JSON

ROOT = Path(__file__).resolve().parents[2]
BROKEN = ROOT / "tests" / "meta" / "broken" / "diem-unstake-silent"
SMALL = ("--preset", "minimal", "--seed", "3")

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"' & </title></style>"


def conform(folder: Path, *arguments: str | Path) -> Result:
    """Run `diem conform` with a report in ``folder``."""
    return CliRunner().invoke(app, ["conform", *map(str, (*SMALL, *arguments)), "--report", str(folder)])


def read(folder: Path) -> Report:
    return Report.model_validate_json((folder / JSON).read_text(encoding="utf-8"))


def hostile(report: Report) -> Report:
    """Return a report in which every text that a run or a target may bring is one that would break a page."""
    content = json.loads(report.model_dump_json())
    content["verdict"]["sentence"] = content["command"] = HOSTILE
    content["subject"] |= {"name": HOSTILE, "description": HOSTILE, "machine": HOSTILE, "evm": HOSTILE}
    content["genesis"] = [{"preset": HOSTILE, "description": HOSTILE}]
    content["left_out"] = {HOSTILE: 1}
    content["not_looked_at"] = [HOSTILE]
    for role in content["subject"]["roles"]:
        role |= {"code": HOSTILE, "compiler": HOSTILE}
    for divergence in content["divergences"]:
        divergence |= {"where": HOSTILE, "specification": HOSTILE, "other": HOSTILE, "program": [HOSTILE]}
        divergence["files"] = [{"what": HOSTILE, "path": "javascript:alert(3)"}]
    for score in content["scores"]:
        score |= {"computed": True, "content": {HOSTILE: [{HOSTILE: HOSTILE}]}, "hashes": {HOSTILE: HOSTILE}}
        score["same_contracts"] = False
    return Report.model_validate(content)
