"""The list of places that nothing can reach."""

from __future__ import annotations

import tomllib
from collections import Counter
from importlib import resources


def listed_places() -> tuple[Counter[str], dict[str, str]]:
    """Return the places that no call can reach, as often as there are such of one name, and why."""
    text = (resources.files("conformance.trust.reach") / "unreachable.toml").read_text(encoding="utf-8")
    groups = tomllib.loads(text)["unreachable"]
    reasons = {name: group["because"] for group in groups for name in group["places"]}
    return Counter(name for group in groups for name in group["places"]), reasons
