"""`diem curve`: the mint curve as a table, as CSV, and as a plot."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable
from typing import Annotated, NamedTuple

import typer
from rich.table import Table

from conformance.cli.curve_world import DEFAULT_PRESET, CurveWorld, JsonOption, PresetOption, Step, end_of_table
from conformance.cli.output import InputError, amount_json, console, print_json, short, write_file
from spec.parameters import Preset, load_preset
from spec.quantities import format_amount

ROWS = 16
"""About so many rows of the table are shown, unless all are wanted."""

STANDARD_OUTPUT = "-"


class Row(NamedTuple):
    """One step, and what it costs; amounts in base units."""

    step: Step
    cost: int
    """sVVV, for the whole step"""
    cost_so_far: int
    """sVVV, for everything up to its end"""


def command(
    preset: PresetOption = DEFAULT_PRESET,
    csv_file: Annotated[str | None, typer.Option("--csv", metavar="FILE|-", help="Write all steps as CSV.")] = None,
    plot_file: Annotated[
        str | None, typer.Option("--plot", metavar="FILE", help="Draw the curve, as .svg or .png.")
    ] = None,
    every_step: Annotated[bool, typer.Option("--all", help="Show every step, not a selection.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the mint curve: how much sVVV a DIEM costs at which DIEM supply.

    Example: diem curve --preset launch --csv curve.csv --plot curve.svg
    """
    parameters = load_preset(preset)
    world = CurveWorld(parameters)
    rows = curve_rows(world)
    if plot_file is not None:
        from conformance.cli.plot import draw, plot_format

        write_file(plot_file, draw(parameters, world, plot_format(plot_file)))
    if csv_file not in {None, STANDARD_OUTPUT}:
        write_file(str(csv_file), as_csv(rows).encode())
    if as_json and csv_file == STANDARD_OUTPUT:
        raise InputError("expected either --json or --csv -, for both print to standard output")
    if csv_file == STANDARD_OUTPUT:
        sys.stdout.write(as_csv(rows))
    elif as_json:
        print_json(_as_json(parameters, world, rows))
    else:
        _print(parameters, world, rows, every_step)


def curve_rows(world: CurveWorld) -> list[Row]:
    """Return all steps with what they cost from their start, as if nothing were minted."""
    rows = []
    so_far = 0
    for step in world.steps():
        cost = world.cost(step, step.start)
        so_far += cost
        rows.append(Row(step, cost, so_far))
    return rows


def as_csv(rows: Iterable[Row]) -> str:
    """Return the steps as CSV: every number exact, once as an integer of base units and once in tokens."""
    numbers = ("from_supply", "to_supply", "svvv_per_diem", "svvv_for_step", "svvv_so_far")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["step", *(f"{name}{unit}" for name in numbers for unit in ("_base_units", "_tokens"))])
    for step, cost, so_far in rows:
        exact = (step.start, step.end, step.rate, cost, so_far)
        writer.writerow([step.number, *(cell for value in exact for cell in (value, format_amount(value)))])
    return text.getvalue()


def selection(rows: list[Row], preset: Preset, supply: int) -> list[Row]:
    """Return the steps that say most: some up to twice the target, the present one, and the last."""
    interesting = [row for row in rows if row.step.start < 2 * preset.curve.target * 10**18]
    stride = -(-len(interesting) // ROWS)
    chosen = {row.step.number for row in interesting[::stride]} | {rows[-1].step.number}
    return [row for row in rows if row.step.number in chosen or _is_present(row.step, supply)]


def _is_present(step: Step, supply: int) -> bool:
    return step.start <= supply < step.end


def _formula(preset: Preset) -> str:
    curve = preset.curve
    return (
        f"rate(S) = {curve.base_mint_rate} · exp({curve.adjustment_power} · (S / {curve.target})³) sVVV per DIEM, "
        f"as {curve.steps} steps of {curve.step_width} DIEM, each at the rate of its end"
    )


def _print(preset: Preset, world: CurveWorld, rows: list[Row], every_step: bool) -> None:
    shown = rows if every_step else selection(rows, preset, world.supply)
    out = console()
    out.print(f"preset {preset.name}: {_formula(preset)}")
    table = Table(
        "step", "supply from (DIEM)", "to (DIEM)", "rate (sVVV per DIEM)", "step (sVVV)", "up to its end (sVVV)", ""
    )
    for column in table.columns[:-1]:
        column.justify = "right"
    for step, cost, so_far in shown:
        table.add_row(
            str(step.number),
            format_amount(step.start),
            format_amount(step.end),
            short(step.rate),
            short(cost),
            short(so_far),
            "<- present supply" if _is_present(step, world.supply) else "",
        )
    out.print(table)
    out.print(f"present supply: {format_amount(world.supply)} DIEM; {end_of_table(world)}")
    left_out = len(rows) - len(shown)
    cut = "the last three columns are cut off, --csv has them exactly"
    out.print(f"{left_out} steps are left out, --all shows them; {cut}" if left_out else cut)


def _as_json(preset: Preset, world: CurveWorld, rows: list[Row]) -> dict[str, object]:
    curve = preset.curve
    return {
        "preset": preset.name,
        "formula": {name: getattr(curve, name) for name in type(curve).model_fields},
        "diem_supply": amount_json(world.supply),
        "steps": [
            {
                "step": step.number,
                "from": amount_json(step.start),
                "to": amount_json(step.end),
                "rate": amount_json(step.rate),
                "svvv": amount_json(cost),
                "svvv_so_far": amount_json(so_far),
            }
            for step, cost, so_far in rows
        ],
    }
