"""What `diem campaign` was asked for."""

from __future__ import annotations

import re
import secrets
import shlex
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from conformance.campaign.campaign import FAILURES, Extent
from conformance.campaign.journal import read_header
from conformance.campaign.planning import Scope
from conformance.campaign.setting import Setting, read_files
from conformance.cli.compared import Compared
from conformance.cli.output import InputError
from conformance.comparison import Difference
from conformance.machines.by_name import UnknownMachine, evm_by_name
from conformance.scenario.times import parse_duration
from conformance.shrinking import SECONDS
from spec.parameters import PRESETS, load_preset

DEFAULT_CALLS: Final = 100_000

MOST_DIGITS: Final = 4300
"""That Python reads as an integer, unless told otherwise."""

_MINUTES: Final = re.compile(r"(?<=\d) *m(?![a-z])")
"""`parse_duration` wants more letters."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The options; what was not given is decided here."""

    calls: int | None
    time: str | None
    seed: int | None
    presets: tuple[str, ...]
    artifacts: Path | None
    target: Path | None
    machine: str | None
    folder: Path | None
    scheduler: str | None
    workers: int | None
    failures: int
    blind: bool

    @cached_property
    def extent(self) -> Extent:
        """How far to go; errors: InputError, not a duration."""
        if self.time is None:
            return Extent(self.calls or DEFAULT_CALLS, None, self.failures)
        try:
            seconds = parse_duration(_MINUTES.sub(" min", self.time))
        except ValueError as error:
            raise InputError(f"--time: {error}") from None
        if not seconds:
            raise InputError(f"--time: expected more than no time, found {self.time!r}")
        return Extent(self.calls, seconds, self.failures)

    @cached_property
    def chosen_seed(self) -> int:
        """The given seed, or the one of the campaign that is in the folder, or a new one."""
        if self.seed is not None:
            return self.seed
        header = read_header(self.folder) if self.folder is not None else None
        kept = str((header or {}).get("seed"))
        # No more digits than the interpreter reads: the journal says what is wrong with others.
        return int(kept) if kept.isdecimal() and len(kept) <= MOST_DIGITS else secrets.randbelow(2**32)

    @property
    def place(self) -> Path:
        """The folder of the campaign."""
        return self.folder or Path(f"campaign-{self.chosen_seed}")

    @cached_property
    def evm(self) -> str:
        """The machine, pyrevm if it is there; errors as ``evm_by_name``."""
        if self.machine is not None:
            evm_by_name(self.machine)
            return self.machine
        try:
            evm_by_name("pyrevm")
        except UnknownMachine:
            return "py-evm"
        return "pyrevm"

    @cached_property
    def scope(self) -> Scope:
        """What the plan is for."""
        return Scope(self.chosen_seed, self.presets, self.evm, guided=not self.blind)

    @cached_property
    def compared(self) -> Compared:
        """What the specification is compared with; errors as ``Compared``."""
        return Compared(self.artifacts, self.target, self.evm)

    def setting(self) -> Setting:
        """Return what workers need; errors as ``Compared``, ``load_preset`` and ``read_files``."""
        _ = self.extent, self.compared
        presets = {name: load_preset(name) for name in self.presets}
        return Setting(presets, read_files(self.artifacts, self.target), SECONDS)

    def genesis_difference(self, setting: Setting) -> tuple[str, Difference] | None:
        """Return the preset, and how the contracts' state after their deployment differs from it, if it does so."""
        for name, preset in setting.presets.items() if self.is_foreign else ():
            apart = self.compared.genesis_difference(preset, self.compared.machine(preset))
            if apart is not None:
                return name, apart
        return None

    @property
    def is_foreign(self) -> bool:
        """Whether the contracts are others than ours, which start as they should."""
        return self.target is not None or self.artifacts is not None

    @property
    def again(self) -> str:
        """The command that goes on with the campaign."""
        options = {
            "--calls": self.extent.calls,
            "--time": self.time,
            "--seed": self.chosen_seed,
            "--artifacts": self.artifacts,
            "--target": self.target,
            "--machine": self.machine,
            "--scheduler": self.scheduler,
            "--workers": self.workers,
            "--failures": self.failures if self.failures != FAILURES else None,
            "--folder": self.place,
        }
        presets = [word for name in self.presets if self.presets != PRESETS for word in ("--preset", name)]
        given = [str(word) for option, value in options.items() if value is not None for word in (option, value)]
        return shlex.join(["diem", "campaign", *given, *presets, *(["--blind"] if self.blind else [])])
