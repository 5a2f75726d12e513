"""What `diem conform` notes while it runs for the report that `--report` asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Final

from conformance.cli.compared import Compared
from conformance.cli.conform_outcome import Outcome, Verdict
from conformance.comparison import Difference
from conformance.conform import Failure
from conformance.facts import Observation
from conformance.findings import Finding
from conformance.lockstep import Tally, function_name
from conformance.report.building import Run, divergence_at_genesis, divergence_of, files_of, report_of
from conformance.report.document import Divergence
from conformance.report.reach import NewlySeen
from conformance.report.subject import subject_of
from conformance.report.writing import check_folder, write_report
from conformance.wording import plural
from spec.parameters import Preset

NAMED_AT_MOST: Final = 3
"""Facts that do not hold: how many the verdict names."""


class Reporting:
    """A run of one preset and seed on its way to a report; does nothing if no ``folder`` is given."""

    def __init__(self, folder: Path | None, command: str, compared: Compared, preset: Preset, seed: int) -> None:
        """Make the folder.

        Raises
        ------
        ReportError : it cannot be made, or cannot be written to.
        """
        if folder is not None:
            check_folder(folder)
        self.tally: Final = Tally()
        self._folder = folder
        self._command = command
        self._compared = compared
        self._preset = preset
        self._seed = seed
        self._phases: dict[str, float] = {}
        self._newly_seen = NewlySeen()

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measure what is done within."""
        started = monotonic()
        try:
            yield
        finally:
            self._phases[name] = self._phases.get(name, 0.0) + monotonic() - started

    def progress(self, calls: int) -> None:
        """Note how many different outcomes ``calls`` calls have had."""
        self._newly_seen.note(calls, len(self.tally.accepted) + len(self.tally.refused))

    def failed_at_genesis(self, difference: Difference, finding: Finding | None) -> None:
        """Write the report of contracts that are not even deployed to the state of the preset.

        Raises
        ------
        ReportError : it cannot be written.
        """
        sentence = f"at genesis, before any call: {difference.where} differs"
        files = files_of(self._folder or Path(), None, finding.scenario if finding is not None else None)
        divergences = [divergence_at_genesis(difference, self._preset.name, files)]
        self._write(divergences, (), sentence, {}, "does not conform")

    def finished(self, outcome: Outcome, replay: tuple[str, Path], finding: Finding | None) -> None:
        """Write the report of a run that was made; ``replay`` is the command that shows a failure again,
        and the scenario that it reads.


        Raises
        ------
        ReportError : it cannot be written.
        """
        failure = outcome.failure
        divergences = [] if failure is None else [self._divergence(failure, replay, finding)]
        self._write(divergences, outcome.facts, _sentence(outcome), outcome.unlooked, outcome.verdict)

    def _divergence(self, failure: Failure, replay: tuple[str, Path], finding: Finding | None) -> Divergence:
        command, scenario = replay
        folder = self._folder or Path()
        files = files_of(folder, scenario, finding.scenario if finding is not None else None)
        return divergence_of(failure, self._preset.name, self._seed, command, files)

    def _write(
        self,
        divergences: Sequence[Divergence],
        facts: Sequence[Observation],
        sentence: str,
        unlooked: Mapping[str, int],
        verdict: Verdict,
    ) -> None:
        if self._folder is None:
            return
        compared = self._compared
        run = Run(
            command=self._command,
            seeds=[self._seed],
            presets=[self._preset],
            subject=subject_of(compared.name, compared.evm, compared.artifacts, compared.target),
            outcome=verdict,
            sentence=sentence,
            tally=self.tally,
            unlooked=unlooked,
            facts=facts,
            divergences=divergences,
            phases=self._phases,
            newly_seen=self._newly_seen.points,
        )
        write_report(self._folder, report_of(run))


def _sentence(outcome: Outcome) -> str:
    """Return what the verdict rests on, in one line."""
    parts = []
    if outcome.failure is not None:
        divergence, after = outcome.failure.divergence, outcome.failure.found_after
        place = f"{function_name(divergence.call)}: {divergence.difference.where} differs"
        parts.append(f"after {after:,} {plural('call', after)}, in {place}")
    if wrong := [fact.fact.statement for fact in outcome.wrong_facts]:
        named = wrong if len(wrong) <= NAMED_AT_MOST else [*wrong[:NAMED_AT_MOST], "and others"]
        does = "published facts do" if len(wrong) > 1 else "published fact does"
        parts.append(f"{len(wrong)} {does} not hold: {', '.join(named)}")
    sentence = "; ".join(parts) or outcome.summary
    return f"{sentence}, before it was stopped" if outcome.interrupted else sentence
