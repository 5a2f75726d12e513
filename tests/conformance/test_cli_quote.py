"""`diem quote`: the specification's numbers, and steps that add up to them exactly."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from conformance.cli.app import app
from conformance.cli.curve_world import CurveWorld
from conformance.cli.quote import quote_of
from spec.genesis import genesis
from spec.parameters import PRESETS, load_preset
from spec.quantities import format_amount, parse_amount
from spec.staking.mint_curve import quote
from spec.uint256 import U256

WORLDS = {name: CurveWorld(load_preset(name)) for name in PRESETS}
GENESES = {name: genesis(load_preset(name)) for name in PRESETS}


def _json(*args: str) -> dict[str, Any]:
    ran = CliRunner().invoke(app, ["quote", *args, "--json"])
    assert ran.exit_code == 0, ran.stderr
    answer: dict[str, Any] = json.loads(ran.stdout)
    return answer


@st.composite
def _mints(draw: st.DrawFn) -> tuple[str, int, int]:
    """Return a preset, a DIEM supply on its table, and sVVV that fit on what is left of it."""
    name = draw(st.sampled_from(PRESETS))
    curve = load_preset(name).curve
    # Up to a quarter beyond the target, where all of it is within reach of 10^9 sVVV.
    last = min(curve.steps * curve.step_width, curve.target * 5 // 4) * 10**18
    supply = draw(st.integers(0, last - 1))
    world = WORLDS[name]
    world.supply = supply
    most = 10**27 if world.quote(10**27) is not None else world.capacity()
    return name, supply, draw(st.integers(1, most))


@given(_mints())
def test_steps_add_up_to_the_quote(mint: tuple[str, int, int]) -> None:
    name, supply, svvv = mint
    world, state = WORLDS[name], GENESES[name]
    world.supply = supply
    answer = quote_of(world, svvv)
    state.diem.total_supply = U256(supply)
    assert answer.diem == quote(state, U256(svvv))
    assert sum(use.svvv for use in answer.steps) == svvv
    assert sum(use.diem for use in answer.steps) == answer.diem
    # Each step begins where the one before it ended.
    starts = [use.start for use in answer.steps]
    assert starts == [supply, *(use.start + use.diem for use in answer.steps)][: len(starts)]
    assert all(use.step.start <= use.start < use.step.end for use in answer.steps)


@given(_mints(), st.integers(1, 2000 * 10**18))
def test_least_is_least(mint: tuple[str, int, int], wanted: int) -> None:
    name, supply, _ = mint
    world, state = WORLDS[name], GENESES[name]
    world.supply = supply
    state.diem.total_supply = U256(supply)
    least = world.least(wanted)
    if least is None:
        assert supply + wanted > list(world.steps())[-1].end
        return
    assert quote(state, U256(least)) >= wanted
    assert quote(state, U256(least - 1)) < wanted


@given(_mints())
def test_burning_everything_returns_everything(mint: tuple[str, int, int]) -> None:
    name, supply, svvv = mint
    world = WORLDS[name]
    world.supply = supply
    before = [dict(account.words) for account in world.world.accounts.values()]
    answer = quote_of(world, svvv)
    assert answer.returned == (svvv if answer.diem else None)
    assert [account.words for account in world.world.accounts.values()] == before


def test_published_rate_after_the_first_ten_thousand() -> None:
    # PROTOCOL 5: 93.34 sVVV per DIEM, which is the rate of the step that ends at 10,000 DIEM.
    answer = _json("0.5", "--preset", "launch", "--supply", "9999.99")
    assert answer["marginal_rate"]["tokens"].startswith("93.34")


def test_quote_at_the_snapshot() -> None:
    answer = _json("1000")
    assert answer["preset"] == "snapshot-2026-09-19"
    assert answer["diem_supply"]["base_units"] == "37713657734473535977725"
    assert answer["diem"] == {"base_units": "2000096858529171787", "tokens": "2.000096858529171787"}
    assert [step["step"] for step in answer["steps"]] == [75]


def test_last_base_units_of_a_step_are_rounded_against_the_minter() -> None:
    answer = _json("--for", "600", "--preset", "launch")
    first, second = answer["steps"]
    assert first["diem"]["tokens"] == "500"
    assert second["diem"]["tokens"] == "100"
    used = int(first["svvv"]["base_units"])
    assert used * 10**18 >= 500 * 10**18 * int(first["rate"]["base_units"]) > (used - 1) * 10**18


def test_text_says_what_json_says() -> None:
    ran = CliRunner().invoke(app, ["quote", "--for", "1", "--preset", "launch"])
    assert ran.exit_code == 0
    assert "to mint at least 1 DIEM, lock at least 90.000410046130192384 sVVV\n" in ran.stdout
    assert "one base unit of sVVV less would mint 0.999999999999999999 DIEM" in ran.stdout
    assert "earns 80 % of what unlocked sVVV earns; the other 20 % go to the treasury" in ran.stdout
    assert "burning: all of this DIEM unlocks 90.000410046130192384 sVVV" in ran.stdout


def test_a_mint_of_nothing_says_what_it_means() -> None:
    ran = CliRunner().invoke(app, ["quote", "0.000000000000000001"])
    assert ran.exit_code == 0
    assert "burning: nothing is minted, so there is nothing to burn, and the sVVV stays locked" in ran.stdout


@pytest.mark.parametrize(
    "args,line",
    [
        ([], "expected either AMOUNT (of sVVV) or --for DIEM"),
        (["1", "--for", "1"], "expected either AMOUNT (of sVVV) or --for DIEM"),
        (["0"], "AMOUNT: expected more than 0 sVVV"),
        (["--for", "0"], "--for: expected more than 0 DIEM"),
        (["1.5e3"], "AMOUNT: expected a decimal number of tokens such as 1000.5, found '1.5e3'"),
        (["1", "--supply", "x"], "--supply: expected a decimal number of tokens such as 1000.5, found 'x'"),
        (
            ["16638", "--preset", "minimal"],
            "AMOUNT: expected at most 16637.320379848800436224 sVVV, for the curve ends at 80 DIEM, found 16638",
        ),
        (
            ["--for", "70", "--preset", "minimal"],
            "--for: expected less, for the curve ends at 80 DIEM, found 70",
        ),
    ],
)
def test_bad_amounts(args: list[str], line: str) -> None:
    ran = CliRunner().invoke(app, ["quote", *args])
    assert (ran.exit_code, ran.stdout, ran.stderr) == (2, "", f"diem quote: {line}\n")


def test_all_that_is_left_of_the_table_can_be_asked_for() -> None:
    answer = _json("--for", "69", "--preset", "minimal")
    assert answer["svvv"]["tokens"] == "16637.320379848800436224"
    assert answer["marginal_rate"] is None
    assert format_amount(parse_amount(answer["svvv"]["tokens"])) == answer["svvv"]["tokens"]
