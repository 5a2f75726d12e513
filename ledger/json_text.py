"""JSON as it comes from anybody, and as it goes out."""

from __future__ import annotations

import json
import re
from itertools import accumulate
from json.encoder import JSONEncoder
from typing import Any, Final

MOST_NESTED: Final = 64
"""Arrays and objects within each other; no request needs a tenth of it.

The decoder would go as deep as the interpreter lets it, which other packages raise beyond what the stack can hold.
"""

# An unterminated string goes to the end, so that whatever comes, each byte is looked at once.
_STRING: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_STEPS: Final = [0] * 256
for _opening, _closing in (b"[]", b"{}"):
    _STEPS[_opening], _STEPS[_closing] = 1, -1


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


_decode: Final = json.JSONDecoder(parse_constant=_refuse_constant).decode

encode: Final = JSONEncoder(separators=(",", ":"), allow_nan=False).encode
"""The shortest text, in ASCII; ValueError for a number that JSON does not have."""


def decode(body: bytes | str) -> Any:
    """What a body in UTF-8 says; ValueError if it is no JSON, or nested too deep."""
    text = body if isinstance(body, str) else body.decode()
    refuse_too_deep(text)
    return _decode(text)


def refuse_too_deep(text: str, levels: int = MOST_NESTED) -> None:
    """Check, before any decoder sees it, that a text is not nested too deep; ValueError if it is, JSON or not."""
    if text.count("[") + text.count("{") <= levels:
        return
    brackets = _STRING.sub(b"", text.encode(errors="replace")).translate(None, _NO_BRACKETS)
    if max(accumulate(map(_STEPS.__getitem__, brackets)), default=0) > levels:
        raise ValueError(f"expected at most {levels} levels")
