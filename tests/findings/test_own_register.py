"""The project's own register of divergences: its page is its file's, and every verdict is held by a test."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from conformance.findings.page import page
from conformance.findings.register import FILE, PAGE, Register, Verdict

ROOT: Final = Path(__file__).resolve().parents[2]
REGISTER: Final = Register.read(ROOT / "docs" / FILE)


def test_the_page_is_of_the_file() -> None:
    assert REGISTER.entries
    assert (ROOT / "docs" / PAGE).read_text(encoding="utf-8") == page(REGISTER)


def test_every_divergence_is_judged_and_held_by_a_test() -> None:
    for entry in REGISTER.entries.values():
        assert entry.verdict is not Verdict.OPEN, entry.id
        assert entry.why, entry.id
        path, _, test = entry.pinned_test.partition("::")
        assert f"def {test}(" in (ROOT / path).read_text(encoding="utf-8"), entry.id
