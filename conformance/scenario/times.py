"""When a step happens: as people write times, and as seconds."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from conformance.scenario.faults import brief

LATEST: Final = 2**64 - 1
EPOCH: Final = "next epoch"

_SECONDS: Final = {"s": 1, "min": 60, "h": 3600, "day": 86400}
_SPELLINGS: Final = {
    "s": "s", "second": "s", "seconds": "s", "min": "min", "minute": "min", "minutes": "min",
    "h": "h", "hour": "h", "hours": "h", "day": "day", "days": "day",
}  # fmt: skip
_PART: Final = re.compile(r"(\d{1,20}) *([a-z]+) *")
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def parse_duration(text: str) -> int:
    """Return seconds from a duration such as ``7 days`` or ``1 h 30 min``.

    Raises
    ------
    ValueError : not a duration.
    """
    parts = _PART.findall(text)
    if not parts or _PART.sub("", text) or not all(unit in _SPELLINGS for _, unit in parts):
        raise ValueError(f"expected a duration such as '7 days' or '1 h 30 min', found {brief(text)}")
    return sum(int(count) * _SECONDS[_SPELLINGS[unit]] for count, unit in parts)


def format_duration(seconds: int) -> str:
    """Return seconds as a duration that ``parse_duration`` reads."""
    parts = []
    for unit in ("day", "h", "min", "s"):
        count, seconds = divmod(seconds, _SECONDS[unit])
        if count:
            parts.append(f"{count} {unit}{'s' if unit == 'day' and count > 1 else ''}")
    return " ".join(parts) or "0 s"


def parse_instant(text: str) -> int:
    """Return Unix seconds from a time in UTC such as ``2026-09-20T00:00:00Z``.

    Raises
    ------
    ValueError : not such a time, or before 1970.
    """
    wrong = ValueError(f"expected a time in UTC such as '2026-09-20T00:00:00Z', found {brief(text)}")
    if not _INSTANT.fullmatch(text):
        raise wrong
    try:
        seconds = int(datetime.fromisoformat(text).timestamp())
    except ValueError:  # a 30 February
        raise wrong from None
    if seconds < 0:
        raise ValueError(f"expected a time after 1970, found {text!r}")
    return seconds


def format_instant(seconds: int) -> str:
    """Return Unix seconds as a time that ``parse_instant`` reads; as digits if the year has more than four."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return str(seconds)


def step_time(at: object, now: int, epoch_duration: int) -> int:
    """Return when a step happens that says ``at``, after a step at ``now`` (both in s).

    Raises
    ------
    ValueError : not a time; a time before ``now`` or past 2^64.
    """
    time = _time(at, now, epoch_duration)
    if time < now:
        raise ValueError(
            f"expected a time no earlier than the step before, {now} ({format_instant(now)}), found {time} "
            f"({format_instant(time)})"
        )
    if time > LATEST:
        raise ValueError(f"expected a time below 2^64 s, found {brief(at)}")
    return time


def _time(at: object, now: int, epoch_duration: int) -> int:
    if at is None:
        return now
    if isinstance(at, int) and not isinstance(at, bool) and at >= 0:
        return at
    if isinstance(at, str):
        text = at.strip()
        if text.startswith("+"):
            return now + parse_duration(text[1:].strip())
        if text.startswith(EPOCH):
            later = text.removeprefix(EPOCH).strip()
            return (now // epoch_duration + 1) * epoch_duration + (_time(later, 0, 1) if later else 0)
        if text[:1].isdigit() and "T" in text:
            return parse_instant(text)
    raise ValueError(
        f"expected seconds, '+ 7 days', '{EPOCH}' or a time in UTC such as '2026-09-20T00:00:00Z', found {brief(at)}"
    )
