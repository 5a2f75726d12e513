"""How many vectors catch each machine that lies: `python -m tests.conformance.vector_catches` writes the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.artifact import load_artifacts
from conformance.vectors.consume import consume, failures
from conformance.vectors.executors import PyEvmExecutor
from conformance.vectors.targets.machine import MachineTarget
from tests.conformance.vector_chain_saboteurs import CHAIN_SABOTEURS, ChainSaboteurExecutor
from tests.conformance.vector_saboteurs import SABOTEURS, SaboteurExecutor
from tests.conformance.vector_sets import core, core_entries

if TYPE_CHECKING:
    from conformance.vectors.executors import Executor

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "vectors" / "CATCHES.md"
BROKEN = ROOT / "tests" / "meta" / "broken"

HEAD = """# What the vectors catch

Machines that lie, ledgers that lie about chains, and broken copies of the contracts, against the core set {version} of
{count} vectors. The null client, which answers `{{}}` to everything, passes none.

`diem-cooldown-length` is broken in DIEM's constructor only, and a vector places storage where a constructor has been:
that copy answers as it should. `diem conform` deploys, and catches it.

| machine | vectors that catch it | one of them |
|---|---|---|
"""


def row(name: str, executor: Executor) -> str:
    caught = [outcome.id for outcome in failures(consume(MachineTarget(executor), core_entries()))]
    return f"| `{name}` | {len(caught)} | {f'`{caught[0]}`' if caught else ''} |"


def main() -> None:
    """Write the page."""
    copies = json.loads((BROKEN / "broken.json").read_text(encoding="utf-8"))
    rows = [row(name, SaboteurExecutor(make)) for name, make in SABOTEURS.items()]
    rows += [row(copy["name"], PyEvmExecutor(load_artifacts(BROKEN / copy["name"]))) for copy in copies]
    rows += [row(liar.__name__, ChainSaboteurExecutor(liar)) for liar in CHAIN_SABOTEURS]
    head = HEAD.format(version=core().version, count=len(core_entries()))
    PAGE.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
