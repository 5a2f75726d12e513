"""The steps of chain and crash vectors: a block is imported, the head is moved, the client crashes."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from conformance.vectors.encoding import Json, Malformed, brief, hexadecimal, octets
from conformance.vectors.state import mapping


class Kind(StrEnum):
    """What is done in a step."""

    IMPORT = "import"
    """A block is checked and kept; it becomes the head if its parent is the head."""
    ADOPT = "adopt"
    """A known block becomes the head."""
    CRASH = "crash"
    """The client ends without notice, after all before was acknowledged, and starts again."""


class Cut(StrEnum):
    """Where a step is cut off by a crash."""

    BEFORE = "before"
    """Before anything of it is written."""
    WITHIN = "within"
    """While it is being written."""
    AFTER = "after"
    """After all of it is written, before anybody is told."""


class Step(NamedTuple):
    """One step of a request."""

    kind: Kind
    block: bytes = b""
    """The RLP of the block that is imported; the hash (32 bytes) of the block that is adopted."""
    cut: Cut | None = None

    @property
    def crashes(self) -> bool:
        """Whether the client has to start again."""
        return self.kind is Kind.CRASH or self.cut is not None


_FIELD: Final = {Kind.IMPORT: "block", Kind.ADOPT: "hash"}


def step_json(step: Step, content: Json | None = None) -> Json:
    """Return a step as a vector has it; ``content`` is what there is to read in a block that is imported."""
    shown: Json = {"step": str(step.kind)}
    if step.kind in _FIELD:
        shown[_FIELD[step.kind]] = hexadecimal(step.block)
    if step.kind is Kind.IMPORT:
        shown["content"] = content
    return shown if step.cut is None else {**shown, "cut": str(step.cut)}


def read_step(value: object, *, cuts: bool) -> Step:
    """Return a step of a request; crashes only if there may be any.

    Raises
    ------
    Malformed : it is none.
    """
    fields = mapping(value)
    known = [str(kind) for kind in Kind if cuts or kind is not Kind.CRASH]
    if fields.get("step") not in known:
        raise Malformed(f"expected a step, one of {', '.join(known)}; found {brief(fields.get('step'))}")
    kind, cut = Kind(fields["step"]), fields.get("cut")
    if cut is not None and not (cuts and kind in _FIELD and cut in list(Cut)):
        raise Malformed(f"expected a cut, one of {', '.join(Cut)}, in a block of a crash vector; found {brief(cut)}")
    size = 32 if kind is Kind.ADOPT else None
    block = octets(fields.get(_FIELD[kind]), size) if kind in _FIELD else b""
    return Step(kind, block, None if cut is None else Cut(cut))
