from __future__ import annotations

import pytest

from tests.conformance.evms import HAS_PYREVM, WHY
from tests.conformance.foundry import needs
from tests.meta import readme

SHOWN = [
    (given, output)
    for command, output in readme.blocks(readme.README.read_text(encoding="utf-8"))
    if (given := readme.arguments(command)) is not None
]


def test_readme_shows_the_main_job_and_each_of_the_designers_commands() -> None:
    assert {given[0] for given, _ in SHOWN} >= {"conform", "quote", "run"}


@pytest.mark.parametrize("given,output", SHOWN, ids=[" ".join(given) for given, _ in SHOWN])
def test_output_in_the_readme_is_what_is_printed(given: list[str], output: str) -> None:
    if given[0] == "roots":
        needs("anvil")
    if "machine pyrevm, for it is installed" in output and not HAS_PYREVM:
        pytest.skip(WHY)
    assert readme.steady(readme.shown(readme.output_of(given), output)) == readme.steady(output)


def test_an_output_that_is_not_printed_is_seen() -> None:
    assert readme.shown("one\ntwo\nthree\nfour\n", "one\n[...]\nfour\n") == "one\n[...]\nfour\n"
    assert readme.shown("one\ntwo\nthree\nfour\n", "one\n[...]\nfive\n") != "one\n[...]\nfive\n"
    assert readme.steady("done (3 s)") == readme.steady("done (42 s)") != readme.steady("done (x s)")
