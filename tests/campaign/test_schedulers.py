"""Schedulers: all come to the same, also when a worker is killed in the middle."""

from __future__ import annotations

import os
import signal
import sys
from socket import create_server
from typing import TYPE_CHECKING, Any, Final

import pytest
from distributed import LocalCluster

from conformance.campaign.campaign import Extent, run_campaign
from conformance.campaign.journal import CampaignError, Journal
from conformance.campaign.schedulers import Scheduler, WorkersLost
from conformance.campaign.schedulers.dask import DaskScheduler
from conformance.campaign.schedulers.inline import InlineScheduler
from conformance.campaign.schedulers.processes import ProcessScheduler, cores
from conformance.campaign.setting import Setting
from conformance.campaign.units import Stretch, Unit
from tests.campaign.echo import PRESETS, SETTING, EchoSetting, scope
from tests.campaign.started import piped, small, wait_for_lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conformance.campaign.campaign import CampaignResult
    from conformance.campaign.totals import Totals
    from conformance.campaign.units import UnitResult

pytestmark = pytest.mark.usefixtures("_small")

CALLS = 400
UNIT = Unit(number=17, purpose="explore", preset="minimal", machine="pyrevm", stretches=(Stretch(seed="a", calls=5),))


class Killing(EchoSetting):
    """Kills its worker at one unit, whenever that comes."""

    def compared(self, evm: str) -> Any:
        os.kill(os.getpid(), signal.SIGKILL)
        return super().compared(evm)


def campaign(
    folder: Path, scheduler: Callable[[], Scheduler], progress: Callable[[Totals, Scheduler], None] = lambda *_: None
) -> CampaignResult:
    return run_campaign(
        folder, scope(), SETTING, Extent(CALLS, None), scheduler, lambda totals, of, _: progress(totals, of)
    )


def counts(result: CampaignResult) -> tuple[object, ...]:
    totals, tally = result.totals, result.totals.tally
    numbers = (totals.units, totals.repeated, totals.again, tally.calls, tally.logs, tally.words, tally.roots)
    return (*numbers, tally.accepted, tally.refused, totals.outcomes)


def inline(folder: Path) -> CampaignResult:
    return campaign(folder, lambda: InlineScheduler(SETTING))


def drained(scheduler: Scheduler) -> UnitResult:
    """Return the first result, however many workers it takes."""
    while (result := scheduler.result(20)) is None:
        pass
    return result


def written(folder: Path) -> int:
    """Return how many units are in the journal, each once."""
    lines = (folder / "journal.jsonl").read_bytes().splitlines()
    journal = Journal(folder, {})
    assert len(journal.entries) == len(lines) - 1
    journal.close()
    return len(journal.entries)


class KillsOnce:
    """Kills a process when the campaign is in the middle."""

    def __init__(self, pids: Callable[[Scheduler], list[int]]) -> None:
        self.killed: int | None = None
        self._pids = pids

    def __call__(self, totals: Totals, scheduler: Scheduler) -> None:
        if self.killed is None and totals.units >= 5:
            self.killed = self._pids(scheduler)[0]
            os.kill(self.killed, signal.SIGKILL)


def pids_of_pool(scheduler: Scheduler) -> list[int]:
    assert isinstance(scheduler, ProcessScheduler)
    return list(scheduler._pool._processes)


def test_processes_lose_nothing_and_count_nothing_twice_when_one_is_killed(
    tmp_path: Path,
) -> None:
    kills = KillsOnce(pids_of_pool)
    result = campaign(tmp_path / "killed", lambda: ProcessScheduler(SETTING, 2), kills)
    assert kills.killed is not None
    assert counts(result) == counts(inline(tmp_path / "inline"))
    assert written(tmp_path / "killed") >= result.totals.units == CALLS / 20
    assert result.scheduler == "2 processes"


def test_a_dask_cluster_loses_nothing_and_counts_nothing_twice_when_a_worker_is_killed(
    tmp_path: Path,
) -> None:
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster:  # type: ignore[no-untyped-call]
        kills = KillsOnce(lambda _: [nanny.pid for nanny in cluster.workers.values()])
        result = campaign(tmp_path / "killed", lambda: DaskScheduler(SETTING, cluster.scheduler_address), kills)
    assert kills.killed is not None
    assert counts(result) == counts(inline(tmp_path / "inline"))
    assert written(tmp_path / "killed") >= result.totals.units == CALLS / 20
    assert "tcp://127.0.0.1" in result.scheduler


def test_units_that_kill_their_workers_end_a_campaign_and_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.campaign.schedulers.processes.DEATHS_AT_MOST", 1)
    scheduler = ProcessScheduler(Killing(PRESETS, None, 60), 1)
    scheduler.submit(UNIT)
    with pytest.raises(WorkersLost, match="died 2 times in a row, the last time at units explore 17"):
        drained(scheduler)
    scheduler.close()


def test_an_error_in_a_worker_is_an_error_of_the_campaign() -> None:
    scheduler = ProcessScheduler(Setting({}, None, 60), 1)
    scheduler.submit(UNIT)
    with pytest.raises(KeyError, match="minimal"):
        drained(scheduler)
    scheduler.close()


def test_an_address_without_a_scheduler_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.campaign.schedulers.dask.CONNECT_SECONDS", 1)
    with pytest.raises(CampaignError, match=r"--scheduler tcp://127\.0\.0\.1:9: expected a Dask scheduler, found none"):
        DaskScheduler(SETTING, "tcp://127.0.0.1:9")
    for address in (
        "no such",
        "http://127.0.0.1:9",
        "",
        "abc",
        "tcp://",
        "tcp://x",
        "tcp://x:y",
        "tcp://:9",
        "tcp://x:0",
        "inproc://x",
    ):
        with pytest.raises(CampaignError, match=f"--scheduler: expected the address of .*, found '{address}'$"):
            DaskScheduler(SETTING, address)


def test_whoever_is_silent_is_no_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.campaign.schedulers.dask.CONNECT_SECONDS", 1)
    with create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(CampaignError, match=f"--scheduler {address}: expected a Dask scheduler, found none that"):
            DaskScheduler(SETTING, address)


def test_a_scheduler_that_wants_keys_is_not_connected_to_without_them() -> None:
    with pytest.raises(CampaignError, match=r"--scheduler tls://127\.0\.0\.1:9: expected one to connect to: TLS "):
        DaskScheduler(SETTING, "tls://127.0.0.1:9")


CLUSTER: Final = """
from distributed import LocalCluster
cluster = LocalCluster(n_workers=1, threads_per_worker=1, processes=False, protocol="tcp", dashboard_address=None)
print(cluster.scheduler_address, flush=True)
input()
"""
"""A scheduler and its worker in one process."""

IMPATIENT: Final = """
from conformance.campaign.schedulers import dask
dask.CONNECT_SECONDS = 2
"""


def test_a_scheduler_that_is_killed_interrupts_a_campaign_and_is_told_of_in_one_line(tmp_path: Path) -> None:
    with piped([sys.executable, "-c", CLUSTER]) as cluster:
        assert cluster.stdout is not None
        address = cluster.stdout.readline().strip()
        options = ("--scheduler", address, "--calls", 100_000, "--seed", 3, "--folder", tmp_path)
        with piped(small(*options, before=IMPATIENT)) as running:
            wait_for_lines(running, tmp_path / "journal.jsonl", 5)
            cluster.kill()
            out, errors = running.communicate(timeout=120)
    assert running.returncode == 2
    assert errors.startswith(f"diem campaign: --scheduler {address}: expected it to go on, found it gone: ")
    assert errors.count("\n") == 1
    assert "What is done is kept; go on with: diem campaign --calls 100000 --seed 3 --scheduler" in out


FROZEN: Final = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from conformance.campaign.schedulers import dask
dask.SILENT_SECONDS, dask.LEAVE_SECONDS = SECONDS, 2
"""


@pytest.mark.parametrize("how,status", [(None, 2), (signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_scheduler_that_is_frozen_keeps_no_campaign_from_its_end(
    tmp_path: Path, how: signal.Signals | None, status: int
) -> None:
    with piped([sys.executable, "-c", CLUSTER]) as cluster:
        assert cluster.stdout is not None
        address = cluster.stdout.readline().strip()
        options = ("--scheduler", address, "--calls", 100_000, "--seed", 3, "--folder", tmp_path)
        before = FROZEN.replace("SECONDS, 2", f"{3 if how is None else 600}, 2")
        with piped(small(*options, before=before)) as running:
            wait_for_lines(running, tmp_path / "journal.jsonl", 5)
            cluster.send_signal(signal.SIGSTOP)
            if how is not None:
                running.send_signal(how)
            out, errors = running.communicate(timeout=60)
    assert running.returncode == status, errors
    assert errors.count("\n") == (how is None)
    assert "What is done is kept; go on with: diem campaign" in out


def test_there_is_a_core() -> None:
    assert cores() >= 1
