"""``diem campaign``: the specification in lockstep with bytecode, for millions of calls, on all cores."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from conformance.campaign.campaign import FAILURES, CampaignResult, Extent, run_campaign
from conformance.campaign.journal import NotKept
from conformance.campaign.planning import CALLS_PER_UNIT
from conformance.campaign.running import NotCarriedOut
from conformance.campaign.schedulers import Scheduler, WorkersLost
from conformance.campaign.schedulers.inline import InlineScheduler
from conformance.campaign.schedulers.processes import ProcessScheduler, cores
from conformance.campaign.setting import Setting
from conformance.campaign.totals import Totals
from conformance.cli import status_after
from conformance.cli.app import BAD_INPUT, say
from conformance.cli.campaign_options import DEFAULT_CALLS, Asked
from conformance.cli.campaign_report import (
    as_json,
    print_beginning,
    print_report,
    write_found,
    write_found_at_genesis,
)
from conformance.cli.campaign_reported import write_apart, write_campaign
from conformance.cli.output import InputError, console, print_json
from conformance.cli.outputs import Outputs
from conformance.comparison import Difference
from conformance.report.writing import check_folder
from conformance.wording import plural
from spec.parameters import PRESETS


def command(
    calls: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=10**12,
            help=f"How many calls to make, in programs of {CALLS_PER_UNIT}; {DEFAULT_CALLS} unless --time is given.",
        ),
    ] = None,
    time: Annotated[str | None, typer.Option(help="How long to go on in all: 90s, 30m, 2h, '1 day'.")] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Repeat the campaign of this seed; a new one is drawn otherwise.")
    ] = None,
    preset: Annotated[
        list[str] | None,
        typer.Option(
            help="A genesis (repeatable): a preset's name, or a file *.toml; all published ones if none given."
        ),
    ] = None,
    artifacts: Annotated[
        Path | None, typer.Option(help="A folder of artifacts to use in place of those of their names.")
    ] = None,
    target: Annotated[
        Path | None,
        typer.Option(help="A file *.toml that describes contracts of your own, to compare in place of ours."),
    ] = None,
    machine: Annotated[
        str | None, typer.Option(help="The EVM, pyrevm or py-evm; pyrevm where it is installed, unless given.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=4096, help="How many processes; as many as there are cores, unless given.")
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(help="Where the campaign is kept, and goes on if it is there; campaign-SEED unless given."),
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="The address of a Dask scheduler, whose workers are used in place of processes.")
    ] = None,
    failures: Annotated[
        int, typer.Option(min=1, max=1000, help="After how many different failures to stop looking for more.")
    ] = FAILURES,
    report: Annotated[
        Path | None, typer.Option(help="A folder for a report: a page that needs no network, and the same as JSON.")
    ] = None,
    blind: Annotated[bool, typer.Option("--blind", help="Do not let what was seen decide what comes next.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> int:
    """Compare the specification with bytecode in programs of calls, guided by what has not been seen yet.

    What is done is kept in a folder: the same command with --folder goes on where it was, also after kill -9. The
    programs, and what they come to, depend on the seed alone, not on workers or interruptions.

    Example: diem campaign --time 30m --target target.toml --folder campaign
    """
    out = console()
    asked = Asked(
        calls=calls,
        time=time,
        seed=seed,
        presets=tuple(dict.fromkeys(preset or PRESETS)),
        artifacts=artifacts,
        target=target,
        machine=machine,
        folder=folder,
        scheduler=scheduler,
        workers=workers,
        failures=failures,
        blind=blind,
    )
    setting = asked.setting()
    if report is not None:
        check_folder(report)
    apart = asked.genesis_difference(setting)
    if not json:
        print_beginning(out, asked, setting)
    if apart is not None:
        return _apart(out, asked, setting, report, *apart, json=json)
    with _Bar(out, asked.extent, quiet=json) as bar:
        result = run_campaign(asked.place, asked.scope, setting, asked.extent, _scheduler(asked, setting), bar.show)
    return _told(out, asked, setting, report, result, json=json)


def _told(
    out: Console, asked: Asked, setting: Setting, report: Path | None, result: CampaignResult, *, json: bool
) -> int:
    """Tell what a campaign has come to, to people before anything is written of it, and return the exit status."""
    outputs = Outputs("diem campaign")
    if not json:
        print_report(out, result, asked)
    files = write_found(result, setting, asked, outputs)
    if json:
        print_json(as_json(result, files))
    if report is not None:
        with outputs.attempt():
            page = write_campaign(report, result, setting, asked, files)
            if not json:
                out.print(f"Report: {page}", soft_wrap=True)
    status = outputs.status(holds=result.holds)
    return status if result.ended.interrupted is None else _status_of(result.ended.interrupted)


def _apart(
    out: Console, asked: Asked, setting: Setting, report: Path | None, preset: str, apart: Difference, *, json: bool
) -> int:
    """Tell of contracts that are not even deployed to the state of a preset, and return the exit status."""
    outputs, name = Outputs("diem campaign"), asked.compared.name
    if not json:
        _print_apart(out, preset, apart, name)
    finding = write_found_at_genesis(preset, apart, setting, asked, outputs)
    if json:
        answers = {"where": apart.where, "specification": apart.left, name: apart.right}
        entered = {"finding": finding.as_json()} if finding is not None else {}
        print_json({"conforms": False, "apart_at_genesis": {"preset": preset, **answers}, **entered})
    elif finding is not None:
        out.print(finding.summary, soft_wrap=True)
    if report is not None:
        with outputs.attempt():
            write_apart(report, preset, apart, setting, asked, finding)
    return outputs.status(holds=False)


def _status_of(interrupted: BaseException) -> int:
    """Return the exit status of a campaign that did not come to its end, and say so where nobody has stopped it.

    The error of a unit is raised: errors as ``Worker.carry_out`` and ``Scheduler.result``.
    """
    if isinstance(interrupted, NotCarriedOut):
        raise interrupted.error
    if isinstance(interrupted, WorkersLost | NotKept):
        say("diem campaign", str(interrupted))
        return BAD_INPUT
    return status_after(interrupted)


def _print_apart(out: Console, preset: str, apart: Difference, name: str) -> None:
    """Say that there is nothing to be run, for the contracts are not even deployed to the state of the preset."""
    out.print(f"DIVERGENCE at genesis of {preset}, before any call, at {apart.where}")
    out.print(f"  specification: {apart.left}", soft_wrap=True)
    out.print(f"  {f'{name}:':14} {apart.right}", soft_wrap=True)
    out.print("DOES NOT CONFORM")


def _scheduler(asked: Asked, setting: Setting) -> Callable[[], Scheduler]:
    """Return what makes the scheduler; whatever it needs is imported only then."""
    if asked.scheduler is not None:
        address = asked.scheduler
        if asked.workers is not None:
            raise InputError("expected --workers or --scheduler, found both")
        from conformance.campaign.schedulers.dask import DaskScheduler

        return lambda: DaskScheduler(setting, address)
    workers = asked.workers or cores()
    return lambda: InlineScheduler(setting) if workers == 1 else ProcessScheduler(setting, workers)


class _Bar:
    """How far a campaign is, while it runs."""

    def __init__(self, out: Console, extent: Extent, *, quiet: bool) -> None:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[seen]}"),
            TimeElapsedColumn(),
        )
        self._bar = Progress(*columns, console=Console(stderr=True), disable=quiet or not out.is_terminal)
        self._extent = extent
        self._task = self._bar.add_task("campaign", total=1, seen="")
        self._began: tuple[float, int] | None = None

    def __enter__(self) -> _Bar:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, totals: Totals, scheduler: Scheduler, seconds: float) -> None:
        """Show it."""
        calls = totals.tally.calls
        self._began = self._began or (seconds, calls)
        since, before = self._began
        rate = (calls - before) / (seconds - since) if seconds > since else 0.0
        found = len(totals.found)
        seen = f"{len(totals.outcomes)} outcomes, {len(totals.ways)} ways of code, {found} {plural('failure', found)}"
        shown = f"{calls:,} calls, {rate:,.0f}/s on {scheduler.workers},\n{seen}"  # one line is too long for 80 columns
        self._bar.update(self._task, completed=self._share(calls, seconds), seen=shown)

    def _share(self, calls: int, seconds: float) -> float:
        of_calls = calls / self._extent.calls if self._extent.calls else 0.0
        of_time = seconds / self._extent.seconds if self._extent.seconds else 0.0
        return min(max(of_calls, of_time), 1.0)
