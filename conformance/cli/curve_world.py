"""The mint curve of a preset at any DIEM supply, as the specification quotes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, NamedTuple

import typer

from conformance.cli.output import InputError
from spec import genesis
from spec.errors import Revert
from spec.parameters import Preset
from spec.quantities import format_amount, parse_amount
from spec.staking.mint_curve import quote
from spec.uint256 import U256
from spec.world import World

PresetOption = Annotated[
    str, typer.Option("--preset", metavar="NAME|FILE", help="launch, snapshot-2026-09-19, minimal, or a file *.toml.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, with all amounts as strings.")]

DEFAULT_PRESET = "snapshot-2026-09-19"


class Step(NamedTuple):
    """One step of the table; steps that are never used are left out."""

    number: int
    """Its index in the table."""
    start: int
    """DIEM base units"""
    end: int
    """DIEM base units"""
    rate: int
    """sVVV per DIEM (10^18 = one for one)"""


class StepUse(NamedTuple):
    """What a mint takes of one step."""

    step: Step
    start: int
    """The DIEM supply before (base units)."""
    svvv: int
    """sVVV base units"""
    diem: int
    """DIEM base units"""


class CurveWorld:
    """A preset's world, asked about any DIEM supply; the world itself stays as it is."""

    def __init__(self, preset: Preset) -> None:
        self.world: World = genesis.genesis(preset)
        self.supply = int(self.world.diem.total_supply)
        """The DIEM supply that is asked about (base units)."""

    def quote(self, svvv: int, supply: int | None = None) -> int | None:
        """Return what the specification quotes; None where it reverts because the table ends."""
        before = len(self.world.journal)
        self.world.diem.total_supply = U256(self.supply if supply is None else supply)
        try:
            return int(quote(self.world, U256(svvv)))
        except Revert:
            return None
        finally:
            self.world.undo(before)

    def steps(self) -> Iterator[Step]:
        """Yield the steps of the table."""
        start = 0
        staking = self.world.staking
        for i, (end, rate) in enumerate(zip(staking.diem_supply, staking.diem_mint_rates, strict=True)):
            if end > start and rate:
                yield Step(i, start, int(end), int(rate))
                start = int(end)

    def least(self, diem: int, supply: int | None = None) -> int | None:
        """Return the least sVVV whose quote is at least ``diem``; None if the table ends before (all base units).

        A search by halves: more sVVV never mints less while a rate is at least one sVVV per DIEM, as in every preset.
        """
        low, high = 0, 1
        while (found := self.quote(high, supply)) is not None and found < diem:
            low, high = high, 2 * high
            if high >= 2**255:
                return None
        while high - low > 1:
            middle = (low + high) // 2
            found = self.quote(middle, supply)
            low, high = (middle, high) if found is not None and found < diem else (low, middle)
        return high if self.quote(high, supply) is not None else None

    def cost(self, step: Step, supply: int) -> int:
        """Return the sVVV that the rest of a step costs, from ``supply`` on (base units)."""
        room = step.end - supply
        estimate = -(-step.rate * room // 10**18)
        # The quote decides; the estimate only saves the search.
        if self.quote(estimate, supply) == room and self.quote(estimate - 1, supply) != room:
            return estimate
        least = self.least(room, supply)
        assert least is not None  # noqa: S101 -- the table does not end inside one of its steps
        return least

    def walk(self, svvv: int) -> Iterator[StepUse]:
        """Yield what a mint takes of each step, from the present supply on; it has to fit on the table."""
        supply, remaining = self.supply, svvv
        for step in self.steps():
            if step.end <= supply or not remaining:
                continue
            cost = self.cost(step, supply)
            used = min(cost, remaining)
            got = self.quote(used, supply)
            assert got is not None  # noqa: S101 -- as in ``cost``
            yield StepUse(step, supply, used, got)
            supply, remaining = supply + got, remaining - used

    def capacity(self) -> int:
        """Return the sVVV that takes the supply to the end of the table (base units)."""
        total, supply = 0, self.supply
        for step in self.steps():
            if step.end > supply:
                total += self.cost(step, supply)
                supply = step.end
        return total


def amount(text: str, what: str) -> int:
    """Return an amount given on the command line, in base units.

    Raises
    ------
    InputError : not an amount.
    """
    try:
        return int(parse_amount(text))
    except ValueError as error:
        raise InputError(f"{what}: {error}") from None


def end_of_table(world: CurveWorld) -> str:
    """Say where minting ends."""
    last = max((step.end for step in world.steps()), default=0)
    return f"the curve ends at {format_amount(last)} DIEM"
