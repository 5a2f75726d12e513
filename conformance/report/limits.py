"""What a green verdict does not say: stated in every report, in the words that fit the run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conformance.report.document import FunctionReach, Genesis, Subject
from spec.parameters import PRESETS

ALWAYS = (
    "What docs/PROTOCOL.md itself gets wrong: the specification was written from it, and so were the contracts of this "
    "project. The published facts are what the world says, and they are few.",
    "Gas: it is not specified. A call that runs out of it would be seen as refused.",
    "Transactions and blocks: signatures, nonces, fees, reorganisations. The same calls within signed blocks are the "
    "subject of diem roots.",
    "States that no program from these geneses led to: the calls are drawn at random by regime, not enumerated.",
)

OURS = (
    "The contracts deployed on Base: their code was not brought. diem conform --target FILE compares it in place of "
    "this project's."
)


def not_looked_at(
    subject: Subject, genesis: Iterable[Genesis], reach: Iterable[FunctionReach], left_out: Iterable[str]
) -> tuple[str, ...]:
    """Return in sentences what the run did not look at."""
    return (*_of_subject(subject), *_of_run(genesis, reach), *(f"Left out: {what}." for what in left_out), *ALWAYS)


def _of_subject(subject: Subject) -> Iterator[str]:
    if all(role.whose == "ours" for role in subject.roles):
        yield OURS
    ours = [role.name for role in subject.roles if role.whose == "ours"]
    if ours and len(ours) < len(subject.roles):
        yield f"Contracts that were not brought, for which this project's stood in: {', '.join(ours)}."
    by_views = [role.name for role in subject.roles if role.compared_by == "views"]
    if by_views:
        yield (
            f"Storage that no view shows, of {', '.join(by_views)}: where the variables lie is not known, so the views "
            "were compared instead."
        )
    yield from subject.given_up


def _of_run(genesis: Iterable[Genesis], reach: Iterable[FunctionReach]) -> Iterator[str]:
    others = [name for name in PRESETS if name not in {each.preset for each in genesis}]
    if others:
        yield f"Other starting points: no program started from preset {', '.join(others)}."
    functions = [row for row in reach if row.can_be_accepted]
    never = [row for row in functions if not row.accepted]
    changing = [f"{row.contract}.{row.function}" for row in never if not row.view]
    if never:
        named = f": {', '.join(changing)}, and views" if changing else ", views all of them"
        yield f"{len(never)} of {len(functions)} functions, of which a call can be accepted and none was{named}."
