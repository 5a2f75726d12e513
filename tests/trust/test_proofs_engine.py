"""The machinery of proofs: symbolic integers, paths, editions, cut loops, and what the solver answers."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any

import pytest
import z3

from conformance.trust.proofs import prover
from conformance.trust.proofs.edition import Edition, Patch
from conformance.trust.proofs.integers import Condition, Integer
from conformance.trust.proofs.loop import Head, Loop
from conformance.trust.proofs.paths import Path, explore
from conformance.trust.proofs.prover import holds_on, prove
from conformance.trust.proofs.reading import (
    SCALE,
    Claim,
    Outside,
    Reading,
    Refused,
    concrete_reading,
    exact,
    symbolic_reading,
    term_of,
)
from spec.staking.mint_curve import quote_at
from spec.uint256 import MAX_UINT256, U256

CURVE = "spec.staking.mint_curve"


def any_number(name: str = "x") -> Any:
    return Integer(z3.Int(name))


def test_every_way_through_a_function_is_taken_once() -> None:
    def run() -> str:
        x = any_number()
        if x > 10:
            return "large"
        if x > 20:
            raise AssertionError("not after x <= 10")
        return "zero" if x == 0 else "other"

    assert sorted(str(outcome.result) for outcome in explore(run, ValueError)) == ["large", "other", "zero"]


def test_a_refusal_is_an_outcome_and_another_error_is_an_error() -> None:
    def run() -> None:
        if any_number() > 0:
            raise ValueError("refused")

    assert [type(outcome.refusal) for outcome in explore(run, ValueError)] == [ValueError, type(None)]
    with pytest.raises(ValueError, match="refused"):
        explore(run, KeyError)
    assert Path.current is None


def test_a_condition_has_no_answer_outside_of_paths() -> None:
    with pytest.raises(RuntimeError, match="only while paths are explored"):
        bool(any_number() > 0)


@pytest.mark.parametrize(
    "use",
    [hash, range, int, "abc".__getitem__, lambda x: x << 1, lambda x: x | 1, lambda x: x & 6, float],
    ids=["hash", "range", "int", "index", "shift", "or", "and", "float"],
)
def test_a_value_that_is_not_known_cannot_pass_for_one_that_is(use: Any) -> None:
    with pytest.raises((TypeError, NotImplementedError)):
        use(any_number())


def test_what_is_known_is_a_plain_integer_again() -> None:
    word = Edition(Integer).module("spec.uint256").U256
    assert type(Integer(5)) is int
    assert type(exact(word(5))) is int
    assert [10, 11][word(1)] == 11
    assert {3: "a"}[word(3)] == "a"
    assert not isinstance(True + word(1), int)


CORNERS = (0, 1, 2, 3, 7, SCALE - 1, SCALE, 2**128, 2**255, MAX_UINT256 - 1, MAX_UINT256)


@pytest.mark.parametrize("name", ["__add__", "__sub__", "__mul__", "floor_div", "ceil_div", "wrapping_add"])
def test_the_specification_s_arithmetic_is_the_same_on_symbolic_integers(name: str) -> None:
    """Of inputs that are fixed only by a supposition the solver is to conclude what plain integers give."""
    random = Random(name)  # noqa: S311
    pairs = [(random.choice(CORNERS), random.choice(CORNERS)) for _ in range(25)]

    def apply(reading: Reading, one: Any, other: Any) -> Any:
        module = reading.edition.module("spec.uint256")
        return reading.attempt(lambda: (getattr(module, name, None) or getattr(module.U256, name))(one, other))

    expected = [apply(concrete_reading({}), U256(one), U256(other)) for one, other in pairs]

    def lemma(reading: Reading) -> Iterable[Claim]:
        for number, ((one, other), answer) in enumerate(zip(pairs, expected, strict=True)):
            left, right = reading.uint(f"left{number}"), reading.uint(f"right{number}")
            reading.assume(left == one)
            reading.assume(right == other)
            found = apply(reading, left, right)
            yield found == answer if isinstance(answer, Refused) else exact(found) == int(answer)

    assert prove(lemma)[:2] == ("proved", len(pairs))


def test_division_by_what_may_be_negative_is_not_guessed_at() -> None:
    with pytest.raises(NotImplementedError):
        explore(lambda: any_number("x") // any_number("y"), ZeroDivisionError)


def test_an_edition_is_apart_from_the_specification_in_use() -> None:
    edition = Edition()
    assert edition.module(CURVE) is edition.module(CURVE)
    assert edition.module(CURVE).quote_at is not quote_at
    assert edition.module("spec.uint256").U256 is not U256
    assert edition.module("spec.staking").mint_curve is edition.module(CURVE)


@pytest.mark.parametrize("text,times", [("no such text", "0"), ("remaining", "[2-9]")])
def test_a_patch_has_to_fit_exactly_once(text: str, times: str) -> None:
    with pytest.raises(ValueError, match=rf"^{CURVE}: '{text}' stands there {times} times, not once$"):
        Edition(patches=[Patch(CURVE, text, "")]).module(CURVE)


def walk(loop: Loop, table: list[tuple[Any, Any]], supply: Any, amount: Any) -> Any:
    """Run a cut loop to its end."""
    at = loop.start(world=None, supply=supply, svvv_amount=amount)
    for end, rate in table:
        if not isinstance(at, Head):
            return at
        at = loop.round(at, end, rate)
    return loop.end(at) if isinstance(at, Head) else at


def test_the_cut_walk_is_the_walk() -> None:
    """From its start through its rounds to its end it answers what the uncut function answers, refusals included."""
    reading, random = concrete_reading({}), Random(5)  # noqa: S311
    word, loop, answers = reading.word, reading.quote, set()
    for _ in range(400):
        ends = sorted(random.randrange(0, 3 * SCALE) for _ in range(random.randrange(6)))
        if random.random() < 0.2:
            random.shuffle(ends)
        rates = [random.choice([0, 1, SCALE, random.randrange(1, 200 * SCALE), MAX_UINT256]) for _ in ends]
        table = [(word(end), word(rate)) for end, rate in zip(ends, rates, strict=True)]
        amount = random.choice([0, 1, random.randrange(10), random.randrange(300 * SCALE), MAX_UINT256])
        supply = word(random.choice([0, random.randrange(3 * SCALE), *ends]))
        whole = reading.attempt(lambda t=table, s=supply, a=amount: reading.quote_at(t, s, word(a)))  # type: ignore[misc]
        cut = reading.attempt(lambda t=table, s=supply, a=amount: walk(loop, t, s, word(a)))  # type: ignore[misc]
        assert cut == whole
        answers.add(whole.reason if isinstance(whole, Refused) else "answered")
    assert answers == {"answered", "INSUFFICIENT_SUPPLY", "Panic(0x11)"}


@pytest.mark.parametrize(
    "before,after",
    [
        ("            continue\n", "            break\n"),
        ("    if svvv_amount == 0:\n", "    for _ in ():\n        pass\n    if svvv_amount == 0:\n"),
    ],
    ids=["break", "two loops"],
)
def test_a_loop_of_another_form_is_not_cut(before: str, after: str) -> None:
    with pytest.raises(ValueError, match="expected one loop, without break"):
        Loop(Edition(patches=[Patch(CURVE, before, after)]), CURVE, "quote_at")


def test_a_function_that_is_not_there_is_not_cut() -> None:
    with pytest.raises(ValueError, match="expected a function no_such"):
        Loop(Edition(), CURVE, "no_such")


def test_a_lemma_is_proved_or_refuted_by_an_input_on_which_it_fails() -> None:
    def holds(reading: Reading) -> Iterable[Claim]:
        x = reading.uint("x", 3)
        return [x * 2 > 5, x >= 3]

    def fails(reading: Reading) -> Iterable[Claim]:
        return [reading.uint("x") * 3 != 21]

    assert prove(holds)[:3] == ("proved", 2, None)
    assert prove(fails)[:3] == ("refuted", 1, {"x": 7})
    assert not holds_on(fails, {"x": 7})
    assert holds_on(fails, {"x": 8})
    with pytest.raises(Outside):
        holds_on(holds, {"x": 2})
    with pytest.raises(Outside):
        holds_on(holds, {"x": 2**256 - 1})


def test_a_lemma_about_nothing_is_vacuous() -> None:
    def nothing(reading: Reading) -> Iterable[Claim]:
        x = reading.uint("x", 3)
        reading.assume(x < 3)
        return [x == 100]

    assert prove(nothing).verdict == "vacuous"
    assert prove(lambda _: []).verdict == "vacuous"


def test_what_the_solver_does_not_decide_is_not_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    def hard(reading: Reading) -> Iterable[Claim]:
        x, y, z = (reading.number(name, 1) for name in "xyz")
        return [x * x * x + y * y * y != z * z * z]

    monkeypatch.setattr(prover, "EFFORT", 20_000)
    assert prove(hard).verdict == "unknown"


def test_a_counterexample_is_given_in_small_numbers_where_there_are_some() -> None:
    def fails(reading: Reading) -> Iterable[Claim]:
        return [reading.uint("x") < 50]

    answer = prove(fails)
    assert answer.counterexample is not None
    assert 50 <= answer.counterexample["x"] <= prover.LEGIBLE[0]


def test_a_known_answer_is_a_claim_too() -> None:
    assert z3.is_true(term_of(True))
    assert z3.is_false(term_of(False))
    assert term_of(Condition(z3.Bool("b"))).eq(z3.Bool("b"))


def test_readings_of_all_inputs_and_of_one_are_of_the_same_source() -> None:
    patch = Patch(CURVE, "return ZERO", "return RATE_SCALE")
    assert concrete_reading({}, [patch]).quote_at([], 0, 0) == SCALE
    assert symbolic_reading([patch]).edition.source(CURVE) == concrete_reading({}, [patch]).edition.source(CURVE)
