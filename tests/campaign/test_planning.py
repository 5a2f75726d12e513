"""The plan: the same units, whoever is faster and however often a campaign was interrupted."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from conformance.campaign.campaign import Extent
from conformance.campaign.journal import CampaignError, Entry, Journal
from conformance.campaign.planning import Limits, Planner
from conformance.campaign.running import Running
from conformance.campaign.schedulers import WorkersLost
from conformance.campaign.seen import RARE, Seen
from conformance.campaign.worker import Worker
from conformance.termination import Stopped
from tests.campaign.echo import LYING, SETTING, CountingScheduler, carried_out, scope

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.campaign.setting import Setting
    from conformance.campaign.totals import Totals
    from conformance.campaign.units import Unit, UnitResult

pytestmark = pytest.mark.usefixtures("_small")


def timeless(result: UnitResult) -> UnitResult:
    return result.model_copy(update={"seconds": 0.0})


def run(folder: Path, setting: Setting, calls: int, failures: int = 5) -> tuple[Totals, list[Unit]]:
    """Run a campaign in a folder, and return what it came to and what was carried out for it."""
    scheduler = CountingScheduler(setting)
    planner = Planner(scope(), Extent(calls, None, failures).limits)
    running = Running(planner, Journal(folder, {}), scheduler, None)
    running.run()
    return running.totals, scheduler.given


def counts(totals: Totals) -> tuple[object, ...]:
    tally = totals.tally
    numbers = (totals.units, totals.repeated, totals.again, tally.calls, tally.logs, tally.words, tally.roots)
    return (*numbers, tally.accepted, tally.refused, totals.outcomes, set(totals.found), totals.failing)


def test_the_plan_does_not_depend_on_the_order_of_results(tmp_path: Path) -> None:
    in_order = {result.unit for result in carried_out(SETTING, 16)}
    totals, given = run(tmp_path, SETTING, 320)
    assert len(given) == len(set(given)) == len(in_order)
    assert set(given) == in_order
    assert totals.units == 16
    assert totals.tally.calls == 320


def test_later_rounds_branch_off_from_earlier_programs_and_leave_kinds_out() -> None:
    units = [result.unit for result in carried_out(SETTING, 28) if result.unit.purpose == "explore"]
    assert all(not unit.repeated for unit in units[:8])  # nothing is known yet
    branched = [unit for unit in units[8:] if unit.repeated]
    assert 4 < len(branched) < 18
    earlier = {unit.stretches[-1].seed: unit.number for unit in units}
    assert all(earlier[unit.stretches[0].seed] < unit.number for unit in branched)
    assert any(unit.stretches[-1].without for unit in units)
    assert any(not unit.stretches[-1].without for unit in units)
    assert any(unit.stretches[-1].favoured for unit in units)


def test_a_blind_plan_asks_for_nothing_that_was_seen() -> None:
    units = [result.unit for result in carried_out(SETTING, 12, guided=False)]
    assert not any(unit.repeated or unit.stretches[-1].favoured for unit in units)


def test_what_is_new_is_carried_out_again_in_py_evm_and_little_else() -> None:
    again = [result.unit for result in carried_out(SETTING, 24) if result.unit.purpose == "again"]
    assert {unit.machine for unit in again} == {"py-evm"}
    assert again[0].number == 0
    assert 2 <= len(again) <= 9


def test_where_all_runs_in_py_evm_nothing_is_carried_out_again() -> None:
    planner = Planner(scope()._replace(machine="py-evm"), Limits(8, 5))
    units = [planner.next_unit() for _ in range(8)]
    assert {unit.purpose for unit in units if unit} == {"explore"}


def test_a_campaign_that_was_stopped_goes_on_without_loss_and_without_counting_twice(tmp_path: Path) -> None:
    whole, given = run(tmp_path / "whole", SETTING, 280)
    journal = tmp_path / "whole" / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    for kept in (1, 5, 11, len(lines)):
        folder = tmp_path / f"part{kept}"
        folder.mkdir()
        torn = lines[kept][:50] if kept < len(lines) else b""
        (folder / "journal.jsonl").write_bytes(b"".join(lines[:kept]) + torn)
        totals, more = run(folder, SETTING, 280)
        assert counts(totals) == counts(whole)
        assert len(more) == len(given) - (kept - 1)


def test_a_campaign_can_be_gone_on_with_to_more_calls(tmp_path: Path) -> None:
    first, some = run(tmp_path / "a", SETTING, 50)
    assert first.tally.calls == 60  # whole units
    totals, more = run(tmp_path / "a", SETTING, 220)
    at_once, given = run(tmp_path / "b", SETTING, 220)
    assert counts(totals) == counts(at_once)
    assert len(some) + len(more) == len(given)


def test_each_kind_of_failure_is_shrunk_once_and_then_looked_up(tmp_path: Path) -> None:
    totals, given = run(tmp_path, LYING, 240)
    shrinking = [unit for unit in given if unit.purpose == "shrink"]
    assert len(totals.failing) > len(totals.found) == len(shrinking) > 1
    assert all(found.shrunk for found in totals.found.values())
    assert len(totals.failing) <= totals.units
    again, more = run(tmp_path, LYING, 240)
    assert more == []
    assert counts(again) == counts(totals)


def test_enough_failures_end_a_campaign(tmp_path: Path) -> None:
    totals, _ = run(tmp_path, LYING, 10_000, failures=1)
    assert totals.units <= 12
    assert all(found.shrunk for found in totals.found.values())


def test_a_plan_that_is_ended_early_still_shrinks_what_has_failed() -> None:
    planner = Planner(scope(), Limits(None, 5))
    worker = Worker(LYING)
    units = [planner.next_unit() for _ in range(6)]
    for unit in units[:4]:
        assert unit is not None
        planner.take(worker.carry_out(unit))
    planner.end({unit.key for unit in units if unit is not None})
    assert planner.next_unit() is None  # two are still under way
    for unit in units[4:]:
        assert unit is not None
        planner.take(worker.carry_out(unit))
    last = planner.next_unit()
    assert last is not None
    assert last.purpose == "shrink"


def test_no_time_is_no_calls_but_what_was_done_counts(tmp_path: Path) -> None:
    whole, _ = run(tmp_path, SETTING, 100)
    scheduler = CountingScheduler(SETTING)
    running = Running(Planner(scope(), Limits(None, 5)), Journal(tmp_path, {}), scheduler, 0.0)
    running.run()
    assert scheduler.given == []
    assert counts(running.totals) == counts(whole)


@pytest.mark.parametrize("seconds", [None, 0.0])
@pytest.mark.parametrize("calls,failures,found", [(20, 5, "--calls 20 --failures 5"), (None, 1, "--failures 1")])
def test_no_failure_is_passed_over_where_less_is_asked_for(
    tmp_path: Path, calls: int | None, failures: int, found: str, seconds: float | None
) -> None:
    run(tmp_path, LYING, 240)
    planner = Planner(scope(), Extent(calls, seconds, failures).limits)
    running = Running(planner, Journal(tmp_path, {}), CountingScheduler(LYING), seconds)
    message = rf"which is --calls \d+, different failures: [2-9]; found {found}$"
    with pytest.raises(CampaignError, match=message) as raised:
        running.run()
    asked = int(str(raised.value).partition("--calls ")[2].partition(",")[0])
    run(tmp_path, LYING, asked)


def test_what_was_shrunk_of_a_program_that_is_not_the_first_any_more_does_not_hold_up(tmp_path: Path) -> None:
    totals, _ = run(tmp_path, LYING, 240)
    journal = Journal(tmp_path, {})
    firsts = {found.unit.number for found in totals.found.values()}
    failed = [entry.result for entry in journal.entries.values() if entry.result.failure is not None]
    later = next(result.unit for result in failed if result.unit.number not in firsts)
    shrunk = Worker(LYING).carry_out(later.model_copy(update={"purpose": "shrink"}))
    assert shrunk.failure is not None
    journal.append(Entry(at=1.0, result=shrunk))
    journal.close()
    again, more = run(tmp_path, LYING, 240)
    assert more == []
    assert counts(again) == counts(totals)


def test_guided_campaigns_see_more_than_blind_ones_for_the_same_calls() -> None:
    def seen(*, guided: bool) -> set[str]:
        return {item for result in carried_out(SETTING, 44, 2, guided=guided) for item in result.firsts}

    assert len(seen(guided=True)) > 1.05 * len(seen(guided=False))


def test_a_signal_stops_a_campaign_and_what_is_done_is_kept(tmp_path: Path) -> None:
    scheduler = CountingScheduler(SETTING)

    def terminate(totals: Totals, _: float) -> None:
        if totals.units == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    ended = Running(Planner(scope(), Limits(100, 5)), Journal(tmp_path, {}), scheduler, None, terminate).run()
    assert isinstance(ended.interrupted, Stopped)
    assert signal.getsignal(signal.SIGTERM) is before
    with pytest.raises(CampaignError, match=r"journal\.jsonl: expected to be asked for no less than was done before"):
        run(tmp_path, SETTING, 40)
    totals, given = run(tmp_path, SETTING, 100)
    assert totals.units == 5
    assert len(given) <= 2


def test_it_makes_no_difference_when_a_result_is_freed_of_what_is_not_rare() -> None:
    planner = Planner(scope(), Limits(1, 5))
    unit = planner.next_unit()
    assert unit is not None
    common, rare = "@diem:1:jumps", "@diem:2:jumps"
    result = Worker(SETTING).carry_out(unit).model_copy(update={"firsts": {common: 9, rare: 9, "vvv.mint": 9}})
    planner.seen.times[common] = RARE
    freed = planner.news(result)
    assert set(freed.firsts) == {rare, "vvv.mint"}
    other = Seen()
    other.times[common] = RARE
    assert planner.seen.take(freed) == other.take(result) == 1
    assert (planner.seen.times, planner.seen.shown) == (other.times, other.shown)


class Abandoned(CountingScheduler):
    """A scheduler whose workers are gone after two results."""

    def result(self, timeout: float) -> UnitResult | None:
        if len(self.given) > 2:
            raise WorkersLost("all workers are gone")
        return super().result(timeout)


def test_a_campaign_without_workers_is_interrupted_and_what_is_done_is_kept(tmp_path: Path) -> None:
    ended = Running(Planner(scope(), Limits(100, 5)), Journal(tmp_path, {}), Abandoned(SETTING), None).run()
    assert str(ended.interrupted) == "all workers are gone"
    done = len(Journal(tmp_path, {}).entries)
    totals, given = run(tmp_path, SETTING, 100)
    whole, all_of_it = run(tmp_path / "b", SETTING, 100)
    assert done > 0
    assert len(given) == len(all_of_it) - done
    assert counts(totals) == counts(whole)
