"""Which copies of the ledger, each changed in one place, chain vectors tell apart.

`python -m tests.conformance.vector_ledger_mutants` says how many of them, and names the others. It takes two minutes.
"""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

from conformance.vectors.answering import answer
from conformance.vectors.encoding import Json, canonical
from conformance.vectors.executors import SpecificationExecutor
from conformance.vectors.mutants import mutants
from tests.conformance.vector_sets import core_entries

if TYPE_CHECKING:
    from conformance.vectors.library import Entry

MODULES = (
    *("ledger.blocks", "ledger.transactions", "ledger.checked", "ledger.receipts", "ledger.bloom", "ledger.execution"),
    *("ledger.changes", "ledger.chain.records", "ledger.chain.branch", "ledger.chain.chain"),
)
SECONDS = 5
"""For an answer, after which a copy is taken for one that never answers."""


def answered(entry: Entry) -> Json:
    return answer(entry.format, entry.request, SpecificationExecutor())


def size(entry: Entry) -> int:
    return len(canonical(entry.request["steps"]))


def is_told_apart(entry: Entry, right: bytes) -> bool:
    signal.alarm(SECONDS)
    try:
        return canonical(answered(entry)) != right
    except Exception:  # whatever a mutant fails with
        return True
    finally:
        signal.alarm(0)


def main() -> None:
    """Print the numbers."""
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    entries = sorted((entry for entry in core_entries() if entry.format == "chain"), key=size)
    right = {entry.id: canonical(answered(entry)) for entry in entries}
    known = list(mutants(MODULES))
    alike = []
    for mutant in known:
        with mutant.applied():
            try:
                if not any(is_told_apart(entry, right[entry.id]) for entry in entries):
                    alike.append(mutant.name)
            except KeyboardInterrupt:
                continue  # it took too long, so it is told apart
    sys.stdout.write("\n".join([f"{len(known) - len(alike)} of {len(known)}", *alike]) + "\n")


if __name__ == "__main__":
    main()
