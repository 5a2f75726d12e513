"""When two failures are the same divergence: by function, place and reasons, but not by accounts and amounts."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from conformance.comparison import Difference
from spec.hashing import keccak256

_KEY: Final = re.compile(r"\[[^\]]*\]")
_ARGUMENTS: Final = re.compile(r"\(.*\)")
_SLOT: Final = re.compile(r"0x[0-9a-fA-F]{64}")
_REVERT_DATA: Final = re.compile(r"(0x[0-9a-fA-F]{8})[0-9a-fA-F]+")
_AMOUNT: Final = re.compile(r"\b[0-9]+\b")
_LOG: Final = re.compile(r"no log|unknown event|\w+ from 0x[0-9a-f]+")


class Identity(NamedTuple):
    """What two findings have in common if they are the same."""

    function: str
    where: str
    specification: str
    bytecode: str

    @property
    def id(self) -> str:
        """A name for files: the function, the kind of difference, and a few digits of a hash of everything."""
        digits = keccak256("\n".join(self).encode()).hex()[:6]
        kind = re.sub(r"[^A-Za-z]+", "_", self.where).strip("_")
        return f"{self.function.replace('.', '_').replace('?', 'unknown')}_{kind}_{digits}"


def identity_of(function: str, difference: Difference) -> Identity:
    """Return the identity of a difference after a call of ``function`` (``staking.stake`` and the like)."""
    where = _KEY.sub("[]", _SLOT.sub("0x…", _ARGUMENTS.sub("()", difference.where)))
    left, right = difference.left, difference.right
    if where.endswith("status"):
        return Identity(function, where, _REVERT_DATA.sub(r"\1…", left), _REVERT_DATA.sub(r"\1…", right))
    if where.startswith("log "):
        return Identity(function, where, _event(left), _event(right))
    if where == "invariant":
        return Identity(function, where, _AMOUNT.sub("n", left), right)
    return Identity(function, where, "", "")


def _event(described: str) -> str:
    match = _LOG.match(described)
    return match[0] if match else described
