"""What `diem trust` has computed of the suite itself, from the score files that come with the package."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Final

from conformance.report.document import Score, Subject
from ledger.json_text import decode

PARTS: Final = ("mutants", "saboteurs", "reach", "proofs")


def scores(subject: Subject, folder: Traversable | None = None) -> tuple[Score, ...]:
    """Return the scores of each part, and whether they are of the very contracts that ``subject`` names.

    They are the package's, unless a ``folder`` with others is given.
    """
    files = folder or resources.files("conformance") / "trust" / "scores"
    return tuple(_score(part, files / f"{part}.json", subject) for part in PARTS)


def _score(part: str, file: Traversable, subject: Subject) -> Score:
    content = _content(file)
    found = dict(_hashes((content or {}).get("hashes", {})))
    known = {hash_ for role in subject.roles for hash_ in (role.creation_keccak, role.runtime_keccak)}
    return Score(
        part=part,
        computed=content is not None,
        same_contracts=set(found.values()) <= known if found else None,
        hashes=found,
        content=content or {},
    )


def _content(file: Traversable) -> dict[str, Any] | None:
    if not file.is_file():
        return None
    content = decode(file.read_text(encoding="utf-8"))
    return content if isinstance(content, dict) else {"scores": content}


def _hashes(found: Any) -> Iterator[tuple[str, str]]:
    for name, value in found.items() if isinstance(found, dict) else ():
        if isinstance(value, str):
            yield str(name), value
