"""The committed scores of a part of `diem trust`, and where newly computed ones differ from them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any


def path_of(part: str) -> Path:
    """Return where the committed scores of a part lie."""
    return Path(str(resources.files("conformance"))) / "trust" / "scores" / f"{part}.json"


def committed(part: str) -> Mapping[str, Any]:
    """Return the committed scores of a part; nothing where there are none."""
    path = path_of(part)
    content: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return content


def write_scores(part: str, scores: Mapping[str, Any]) -> None:
    """Renew the committed scores of a part."""
    path = path_of(part)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(scores, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def differences(found: Any, expected: Any, where: str = "") -> Iterator[str]:
    """Yield where scores found and scores committed differ, by the keys that lead there."""
    if isinstance(found, Mapping) and isinstance(expected, Mapping):
        for key in dict.fromkeys([*found, *expected]):
            yield from differences(found.get(key), expected.get(key), f"{where}.{key}" if where else str(key))
    elif isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        for number, (ours, theirs) in enumerate(zip(found, expected, strict=True)):
            yield from differences(ours, theirs, f"{where}[{number}]")
    elif found != expected:
        yield f"{where}: found {_shown(found)}, committed {_shown(expected)}"


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:80]} …"
