"""`diem quote`: what locking sVVV mints."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

import typer
from rich.table import Table

from conformance.cli.curve_world import (
    DEFAULT_PRESET,
    CurveWorld,
    JsonOption,
    PresetOption,
    StepUse,
    amount,
    end_of_table,
)
from conformance.cli.output import InputError, amount_json, console, print_json
from spec.addresses import STAKING as STAKING_ADDRESS
from spec.machine import apply
from spec.messages import Address, Call
from spec.parameters import Preset, load_preset
from spec.quantities import format_amount
from spec.staking import STAKING
from spec.uint256 import U256
from spec.world import World

ANYBODY = Address(b"anybody who locks it")


class Quote(NamedTuple):
    """What there is to say about a mint; amounts in base units."""

    svvv: int
    diem: int
    supply: int
    steps: list[StepUse]
    marginal_rate: int | None
    """sVVV per DIEM of what would be minted next; None at the end of the table."""
    returned: int | None
    """sVVV unlocked by burning all of the DIEM; None if there is none to burn."""

    @property
    def average_rate(self) -> int | None:
        """The sVVV per DIEM, rounded down to 18 decimals."""
        return self.svvv * 10**18 // self.diem if self.diem else None


def command(
    svvv: Annotated[str | None, typer.Argument(metavar="[AMOUNT]", help="sVVV to lock, such as 1000.5.")] = None,
    diem: Annotated[
        str | None, typer.Option("--for", metavar="DIEM", help="Ask for the least sVVV that mints this much instead.")
    ] = None,
    preset: PresetOption = DEFAULT_PRESET,
    supply: Annotated[str | None, typer.Option(metavar="DIEM", help="Another DIEM supply than the preset's.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Say what locking sVVV mints, step by step, and what burning returns.

    Example: diem quote 1000 --preset launch

    Example: diem quote --for 1 --supply 38000
    """
    if (svvv is None) == (diem is None):
        raise InputError("expected either AMOUNT (of sVVV) or --for DIEM")
    parameters = load_preset(preset)
    world = CurveWorld(parameters)
    if supply is not None:
        world.supply = amount(supply, "--supply")
    wanted = None if diem is None else amount(diem, "--for")
    answer = quote_of(world, least_svvv(world, wanted) if wanted is not None else amount(svvv or "", "AMOUNT"))
    if as_json:
        print_json(_as_json(answer, parameters, wanted, world))
    else:
        _print(answer, parameters, wanted, world)


def least_svvv(world: CurveWorld, wanted: int) -> int:
    """Return the least sVVV that mints ``wanted`` DIEM (base units).

    Raises
    ------
    InputError : nothing is wanted, or more than the table has.
    """
    if not wanted:
        raise InputError("--for: expected more than 0 DIEM")
    least = world.least(wanted)
    if least is None:
        raise InputError(f"--for: expected less, for {end_of_table(world)}, found {format_amount(wanted)}")
    return least


def quote_of(world: CurveWorld, svvv: int) -> Quote:
    """Return what locking ``svvv`` (base units) mints.

    Raises
    ------
    InputError : nothing is locked, or more than the table takes.
    """
    if not svvv:
        raise InputError("AMOUNT: expected more than 0 sVVV")
    diem = world.quote(svvv)
    if diem is None:
        most = format_amount(world.capacity())
        raise InputError(
            f"AMOUNT: expected at most {most} sVVV, for {end_of_table(world)}, found {format_amount(svvv)}"
        )
    after = world.supply + diem
    marginal = next((step.rate for step in world.steps() if step.end > after), None)
    returned = _burned(world, svvv, diem)
    return Quote(svvv, diem, world.supply, list(world.walk(svvv)), marginal, returned)


def _burned(world: CurveWorld, svvv: int, diem: int) -> int | None:
    """Mint and burn everything, as somebody who has just this sVVV; return what is unlocked (base units)."""
    if not diem:
        return None
    state: World = world.world
    before = len(state.journal)
    state.diem.total_supply = U256(world.supply)
    state.staking.svvv.balance_of[ANYBODY] = U256(svvv)
    now = int(state.staking.last_reward_timestamp)
    for function, arguments in (("mintDiem", (svvv, diem)), ("burnDiem", (diem,))):
        data = STAKING.by_name[function].calldata(*arguments)
        receipt = apply(state, Call(ANYBODY, STAKING_ADDRESS, data, now))
        if not receipt.status:
            raise InputError(f"AMOUNT: {function} of all of it overflows; expected a smaller amount")
    returned = int(state.staking.unlocked(ANYBODY))
    state.undo(before)
    return returned


def _fee_line(preset: Preset) -> str:
    fee = int(preset.staking.venice_emissions_percentage_when_locked)
    return (
        f"emission fee: while it is locked it earns {format_amount(100 * (10**18 - fee))} % of what unlocked sVVV "
        f"earns; the other {format_amount(100 * fee)} % go to the treasury"
    )


def _burn_line(answer: Quote) -> str:
    if answer.returned is None:
        return (
            "burning: nothing is minted, so there is nothing to burn, and the sVVV stays locked until a later mint of "
            "the same account has brought it some DIEM"
        )
    return (
        f"burning: all of this DIEM unlocks {format_amount(answer.returned)} sVVV, if the account has no other lock; "
        "an account unlocks at the average of its own locks, whatever the curve says by then"
    )


def _print(answer: Quote, preset: Preset, wanted: int | None, world: CurveWorld) -> None:
    out = console()
    if wanted is not None:
        out.print(f"to mint at least {format_amount(wanted)} DIEM, lock at least {format_amount(answer.svvv)} sVVV")
    out.print(f"preset {preset.name}, at a supply of {format_amount(answer.supply)} DIEM")
    out.print(f"locking   {format_amount(answer.svvv)} sVVV")
    out.print(f"mints     {format_amount(answer.diem)} DIEM", style="bold")
    if answer.average_rate is not None:
        out.print(f"average   {format_amount(answer.average_rate)} sVVV per DIEM")
    if answer.marginal_rate is not None:
        out.print(f"marginal  {format_amount(answer.marginal_rate)} sVVV per DIEM, for what is minted next")
    else:
        out.print(f"marginal  none: {end_of_table(world)}")
    out.print(_step_table(answer.steps))
    for line in (_fee_line(preset), _burn_line(answer), *_rounding(answer, wanted, world)):
        out.print(line, soft_wrap=not out.is_terminal)


def _step_table(steps: list[StepUse]) -> Table:
    table = Table("step", "supply from (DIEM)", "to (DIEM)", "rate (sVVV per DIEM)", "sVVV used", "DIEM got")
    for column in table.columns:
        column.justify = "right"
        column.overflow = "fold"
    for use in steps:
        table.add_row(
            str(use.step.number),
            format_amount(use.start),
            format_amount(use.start + use.diem),
            format_amount(use.step.rate),
            format_amount(use.svvv),
            format_amount(use.diem),
        )
    return table


def _rounding(answer: Quote, wanted: int | None, world: CurveWorld) -> list[str]:
    if wanted is None:
        return ["rounding: what a whole step costs is rounded up, the DIEM of the last step down"]
    less = format_amount(world.quote(answer.svvv - 1) or 0)
    return [
        f"rounding: DIEM is rounded down, so one base unit of sVVV less would mint {less} DIEM, and this "
        f"mints {format_amount(answer.diem - wanted)} DIEM more than asked for"
    ]


def _as_json(answer: Quote, preset: Preset, wanted: int | None, world: CurveWorld) -> dict[str, Any]:
    def optional(base_units: int | None) -> dict[str, str] | None:
        return None if base_units is None else amount_json(base_units)

    return {
        "preset": preset.name,
        "diem_supply": amount_json(answer.supply),
        "wanted_diem": optional(wanted),
        "svvv": amount_json(answer.svvv),
        "diem": amount_json(answer.diem),
        "diem_for_one_base_unit_less": optional(world.quote(answer.svvv - 1)),
        "average_rate": optional(answer.average_rate),
        "marginal_rate": optional(answer.marginal_rate),
        "steps": [
            {
                "step": use.step.number,
                "from": amount_json(use.start),
                "to": amount_json(use.start + use.diem),
                "rate": amount_json(use.step.rate),
                "svvv": amount_json(use.svvv),
                "diem": amount_json(use.diem),
            }
            for use in answer.steps
        ],
        "emission_fee": amount_json(preset.staking.venice_emissions_percentage_when_locked),
        "burning_all_returns": optional(answer.returned),
    }
