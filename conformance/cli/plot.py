"""The plot of the mint curve; matplotlib is imported here, and so only when something is drawn."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl

mpl.use("Agg")  # before pyplot, which would look for a display

from matplotlib import pyplot
from matplotlib.ticker import FuncFormatter, MaxNLocator

from conformance.cli.curve_world import CurveWorld
from conformance.cli.output import InputError
from spec.curve_table import mint_rate
from spec.parameters import Preset

FORMATS: Final = ("svg", "png")
UNIT: Final = 10**18
TABLE_COLOUR: Final = "#1f4e9c"
FORMULA_COLOUR: Final = "#d9822b"
SUPPLY_COLOUR: Final = "#b3262e"


def plot_format(path: str) -> str:
    """Return the format that a file's ending stands for.

    Raises
    ------
    InputError : another ending.
    """
    ending = Path(path).suffix.removeprefix(".").lower()
    if ending not in FORMATS:
        raise InputError(f"{path}: expected a file that ends in .{' or .'.join(FORMATS)}")
    return ending


def draw(preset: Preset, world: CurveWorld, format_: str) -> bytes:
    """Return the picture: the curve up to a little past its target, and the steps around the present supply."""
    steps = list(world.steps())
    supply = world.supply / UNIT
    end = steps[-1].end / UNIT
    whole = min(end, max(1.2 * preset.curve.target, 1.1 * supply))
    width = preset.curve.step_width
    low = max(0.0, min(supply, end) - 4 * width)
    near = (low, min(end, max(low + 8 * width, supply + 4 * width)))

    mpl.rcParams["svg.hashsalt"] = preset.name  # the same picture, byte for byte, every time
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(12, 5), layout="constrained", width_ratios=(3, 2))
    for axes, (start, stop) in ((left, (0.0, whole)), (right, near)):
        _curve(axes, preset, world, start, stop)
        if start <= supply <= stop:
            axes.axvline(
                supply, color=SUPPLY_COLOUR, linestyle="--", linewidth=1.2, label=f"present supply, {supply:,.2f} DIEM"
            )
    left.set_title(_title(preset))
    right.set_title("around the present supply" if near[0] > 0 else "the first steps")
    left.legend(loc="upper left")
    content = io.BytesIO()
    metadata = {"Date": None} if format_ == "svg" else {"Software": None}
    figure.savefig(content, format=format_, dpi=144, metadata=metadata)
    pyplot.close(figure)
    return content.getvalue()


def _title(preset: Preset) -> str:
    curve = preset.curve
    formula = f"{curve.base_mint_rate} · exp({curve.adjustment_power} · (S / {curve.target:,})³)"
    return f"DIEM mint curve, {preset.name}: {formula}"


def _curve(axes: Any, preset: Preset, world: CurveWorld, start: float, stop: float) -> None:
    steps = [step for step in world.steps() if step.end / UNIT > start and step.start / UNIT < stop]
    edges = [steps[0].start / UNIT, *(step.end / UNIT for step in steps)]
    axes.stairs(
        [step.rate / UNIT for step in steps],
        edges,
        baseline=None,
        color=TABLE_COLOUR,
        linewidth=1.6,
        label="table of steps",
    )
    axes.plot(*_smooth(preset, start, stop), color=FORMULA_COLOUR, linewidth=1.2, label="formula")
    axes.set_xlim(start, stop)
    shown = [step.rate / UNIT for step in steps]
    margin = 0.05 * (shown[-1] - shown[0]) or 1.0
    axes.set_ylim(max(0.0, shown[0] - margin), shown[-1] + margin)
    axes.set_xlabel("DIEM supply S (DIEM)")
    axes.set_ylabel("mint rate (sVVV per DIEM)")
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    axes.grid(alpha=0.25)


def _smooth(preset: Preset, start: float, stop: float) -> tuple[list[int], list[float]]:
    """Return the formula at whole DIEM, as the table is computed, at some hundreds of points."""
    curve = preset.curve
    stride = max(1, int(stop - start) // 400)
    supplies = [*range(int(start), int(stop), stride), int(stop)]
    rates = [
        mint_rate(curve.base_mint_rate, curve.adjustment_power, curve.target, supply) / UNIT for supply in supplies
    ]
    return supplies, rates
