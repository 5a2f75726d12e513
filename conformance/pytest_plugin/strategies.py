"""Hypothesis' strategies for programs of calls, drawn as the project's own generator draws them."""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

try:
    from hypothesis import strategies as st
except ImportError as error:
    raise ImportError(f"the strategies of diem need: pip install hypothesis ({error})") from error

from conformance.machines.specification import SpecificationMachine
from conformance.programs.as_scenario import describe
from conformance.programs.choices import SeededSource, Source
from conformance.programs.drawn import DrawnSource
from conformance.programs.generator import FAMILIES, WEIGHTS, Drafts, Generator
from conformance.pytest_plugin.sides import chosen_preset
from spec.messages import Call
from spec.parameters import Preset, load_preset

MAX_CALLS: Final = 20


class Program(tuple[Call, ...]):
    """Calls from genesis on, which are not shown byte by byte when a test fails."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return what the last call is, at which mostly something is found."""
        return f"<{len(self)} calls, the last one: {describe(self[-1])}>" if self else "<no calls>"


class _Drawing(NamedTuple):
    """The function of a composite strategy, as something that draws."""

    draw: st.DrawFn


@st.composite
def programs(
    draw: st.DrawFn,
    preset: str | None = None,
    max_calls: int = MAX_CALLS,
    only: tuple[str, ...] = (),
    *,
    by_choice: bool = False,
) -> Program:
    """Return a strategy for programs of 1 to ``max_calls`` calls, a third of them refused, that begin at genesis.

    ``preset`` is a preset's name or a file, that of the run unless given; ``only`` names the families of calls to draw
    from (vvv, staking, owner, diem, credits, views). The generator chooses from a seed that Hypothesis draws, and the
    comparison shrinks what fails; ``by_choice`` lets Hypothesis choose and shrink everything, which takes minutes.

    Raises
    ------
    ValueError : there is no family of a name.
    ParameterError : the preset cannot be used.
    """
    drafts = _drafts(only)
    genesis = chosen_preset() if preset is None else load_preset(preset)
    specification = _at_genesis(genesis)
    calls = draw(st.integers(1, max_calls))
    source: Source = DrawnSource(_Drawing(draw)) if by_choice else SeededSource(draw(st.integers(0, 2**64 - 1)))
    generator = Generator(specification.world, genesis, source)
    program = []
    for _ in range(calls):
        program.append(generator.next_call(drafts))
        specification.call(program[-1])
    return Program(program)


def _drafts(only: tuple[str, ...]) -> Drafts:
    unknown = [name for name in only if name not in FAMILIES]
    if unknown:
        raise ValueError(f"only: expected some of {', '.join(FAMILIES)}, found {', '.join(unknown)}")
    return tuple(draft for name in only for draft in FAMILIES[name]) or WEIGHTS


def _at_genesis(preset: Preset) -> SpecificationMachine:
    specification = _made(preset)
    specification.revert(0)
    return specification


@cache
def _made(preset: Preset) -> SpecificationMachine:
    return SpecificationMachine(preset)
