"""The verdicts as they are committed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from conformance.trust.saboteurs.trial import CALLS, PRESET, SEED, Verdict


def document(verdicts: Iterable[Verdict]) -> dict[str, Any]:
    """Return the scores: one row for each machine."""
    rows = [{**verdict._asdict(), "as_it_has_to_be": verdict.as_it_has_to_be} for verdict in verdicts]
    caught = sum(row["caught"] for row in rows)
    return {
        "preset": PRESET,
        "seed": str(SEED),
        "calls_at_most": CALLS,
        "machines_that_lie": len(rows) - 1,
        "caught": caught,
        "verdicts": rows,
    }
