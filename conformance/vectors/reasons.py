"""A client's own names for reasons: a TOML file on the client's side, translated before reasons are compared."""

from __future__ import annotations

import tomllib
from pathlib import Path

from conformance.vectors.encoding import brief
from ledger.blocks import BlockErrorCode
from ledger.transactions import TransactionErrorCode
from spec.errors import CustomError, Reason


class ReasonsError(ValueError):
    """A file of reasons that cannot be used: the message says where and why."""


def read_reasons(path: Path) -> dict[str, str]:
    """Return the client's name |-> the specification's, from the table ``[reasons]`` of a TOML file.

    Raises
    ------
    ReasonsError : it cannot be read; it is not such a file; the specification has no such reason.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ReasonsError(f"{path}: cannot be read as TOML: {getattr(error, 'strerror', None) or error}") from None
    reasons = content.get("reasons")
    if not isinstance(reasons, dict) or set(content) != {"reasons"}:
        raise ReasonsError(f"{path}: expected one table, [reasons], found {brief(sorted(content))}")
    known = known_reasons()
    for name, ours in reasons.items():
        if not isinstance(ours, str) or ours not in known:
            raise ReasonsError(f"{path}: reasons.{name}: expected a reason of the specification, found {brief(ours)}")
    return reasons


def known_reasons() -> frozenset[str]:
    """Return the names of all reasons of the specification, and of those for which the ledger refuses a block."""
    from conformance.vectors.chains.machine import UNKNOWN_BLOCK
    from spec.machine import CONTRACTS  # noqa: F401 -- declares them

    blocks = {
        *map(str, BlockErrorCode),
        *(f"{BlockErrorCode.BAD_TRANSACTION}: {code}" for code in TransactionErrorCode),
    }
    return frozenset({*Reason.known.values(), *CustomError.known.values(), *blocks, UNKNOWN_BLOCK})
