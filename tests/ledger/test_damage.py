"""No damage to a file is taken for data: the store is refused, or it is as it was at some time, and it can be rebuilt.

The control is the same program without any damage.
"""

from __future__ import annotations

import shutil
from collections import Counter
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Final

import pytest

from conformance.faults import image
from ledger.chain import Chain
from ledger.chain.rebuild import rebuild
from ledger.node.verification import VerificationError, verify
from ledger.store import StoreDamaged, StoreError
from tests.ledger.crashes.damage import DAMAGES, file_of
from tests.ledger.crashes.program import Program, program
from tests.ledger.crashes.stores import carried_out, checked_moment_of, opened

TRIALS: Final = 6
"""At least, for each kind of damage and each kind of file."""

MOST_TRIALS: Final = 100

EXPECTED: Final = {
    ("*.log", "flipped"): "refused",
    ("*.log", "truncated"): "as it was before",
    ("*.ldb", "flipped"): "refused",
    ("*.ldb", "truncated"): "refused",
    ("MANIFEST-*", "flipped"): "refused",
    ("MANIFEST-*", "truncated"): "refused",
    ("CURRENT", "flipped"): "refused",
    ("CURRENT", "truncated"): "refused",
    ("LOG", "flipped"): "as it was",
    ("LOG", "truncated"): "as it was",
}
"""Pattern of the file and kind of damage |-> what must come of it some time."""


OUTCOMES: Final = {
    "as it was",
    "as it was before",
    "refused",
    "rebuilt: all",
    "rebuilt: a part",
    "rebuilt: nothing, : blocks can be read, but not block 1, and so none after it",
}


@pytest.fixture(scope="module")
def control(request: pytest.FixtureRequest) -> Program:
    return program(int(request.config.getoption("hypothesis_seed")))


@pytest.fixture
def choose(request: pytest.FixtureRequest) -> Random:
    return Random(int(request.config.getoption("hypothesis_seed")))  # noqa: S311


@pytest.fixture
def whole(control: Program, tmp_path: Path) -> Path:
    """Return what is on disk after all steps, without an orderly end."""
    with closing(opened(tmp_path / "whole")) as store:
        carried_out(control, store)
        return image(store.folder, tmp_path / "image")


def outcome_of(folder: Path, control: Program) -> str:
    """Open a store and check all that can be, and say what comes of it: it is as it was at some time, or refused."""
    try:
        found = checked_moment_of(folder, control)
        with closing(opened(folder)) as store:
            verify(Chain(store, control.genesis), store)
    except (StoreDamaged, VerificationError) as refusal:
        return "refused" if "\n" not in str(refusal) else "refused at length"
    assert found.head in control.heads
    return "as it was" if found == control.moments[-1] else "as it was before"


def rebuilt_alone(folder: Path, control: Program) -> str:
    """Rebuild a store from itself, and say what comes of it: all of the chain, the beginning of it, or nothing."""
    try:
        rebuild(folder, genesis=control.genesis)
    except StoreError as refusal:
        return f"rebuilt: nothing, {str(refusal).removeprefix(str(folder))}"
    found = checked_moment_of(folder, control)
    assert found.head in control.heads
    return "rebuilt: all" if found.head == control.moments[-1].head else "rebuilt: a part"


@pytest.mark.parametrize("pattern,damage", EXPECTED)
def test_a_damaged_file_is_harmless_or_refused_and_the_store_rebuilt(
    control: Program, choose: Random, whole: Path, tmp_path: Path, pattern: str, damage: str
) -> None:
    outcomes: Counter[str] = Counter()
    expected = EXPECTED[pattern, damage]
    trials = 0
    while trials < TRIALS or not outcomes[expected]:
        trials += 1
        assert trials <= MOST_TRIALS, outcomes
        folder = tmp_path / str(trials) / "store"
        shutil.copytree(whole, folder)
        DAMAGES[damage](file_of(folder, pattern, choose), choose)
        outcome = outcome_of(folder, control)
        outcomes[outcome] += 1
        if outcome == "refused":
            outcomes[rebuilt_alone(folder, control)] += 1
            rebuilt = rebuild(folder, [block.encode() for block in control.chain], genesis=control.genesis)
            assert rebuilt.refusal is None
            assert checked_moment_of(folder, control).head == control.moments[-1].head
            assert rebuilt.set_aside.is_dir()
    assert outcomes.keys() <= OUTCOMES
    if pattern == "LOG":  # which nobody reads
        assert outcomes == {"as it was": trials}
    elif pattern == "CURRENT":  # without which nothing is found
        assert outcomes == {"refused": trials, "rebuilt: all": trials}
