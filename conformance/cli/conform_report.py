"""What `diem conform` prints."""

from __future__ import annotations

import shlex
from collections import Counter
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from conformance.cli.compared import Compared
from conformance.cli.conform_outcome import Outcome
from conformance.comparison import Difference
from conformance.conform import Failure
from conformance.facts import FACTS, Observation
from conformance.lockstep import Tally, function_name
from conformance.programs.as_scenario import describe
from conformance.report.subject import refusals_alike
from conformance.wording import plural
from spec.machine import CONTRACTS
from spec.parameters import Preset


def print_apart_at_genesis(out: Console, apart: Difference, compared: Compared) -> None:
    """Say that there is nothing to be run, for the contracts are not even deployed to the state of the preset."""
    out.print("DIVERGENCE at genesis, before any call")
    _print_difference(out, apart, compared.name)
    out.print("DOES NOT CONFORM")


def apart_as_json(apart: Difference, genesis: Preset, compared: Compared) -> dict[str, Any]:
    """Return the same for machines."""
    sides = {"specification": apart.left, compared.name: apart.right}
    divergence = {"found_after": 0, "where": apart.where, **sides}
    return {"conforms": False, "preset": genesis.name, "divergence": divergence}


def print_report(out: Console, compared: Compared, outcome: Outcome, replay: Path, seconds: float) -> None:
    """Print what a run has come to."""
    tally = outcome.tally
    out.print(_compared(tally, refusals_alike(compared.target)))
    if tally.left_out or outcome.unlooked:
        out.print(_left_out(tally, outcome.unlooked))
    out.print(_refusals(tally))
    out.print(_functions(tally))
    if outcome.facts:
        out.print(_facts(outcome.facts))
    if outcome.failure is not None:
        _print_failure(out, outcome.failure, replay, compared)
    _print_wrong_facts(out, outcome.wrong_facts, compared)
    if outcome.interrupted:
        looked = f"{len(outcome.facts)} of {len(FACTS)} published facts looked at"
        out.print(f"INTERRUPTED after {tally.calls} {plural('call', tally.calls)}, {looked} ({seconds:.0f} s)")
    if outcome.holds:
        out.print(f"CONFORMS: {outcome.summary} ({seconds:.0f} s)", soft_wrap=True)
    elif outcome.fails:
        out.print(f"DOES NOT CONFORM ({seconds:.0f} s)")


def _print_wrong_facts(out: Console, wrong: list[Observation], compared: Compared) -> None:
    for why, count in Counter(fact.undeployed for fact in wrong if fact.undeployed).items():
        out.print(f"{count} FACTS DO NOT HOLD: {compared.name} has no contracts to look at: {why}", soft_wrap=True)
    for observation in (fact for fact in wrong if not fact.undeployed):
        shown = ", ".join(f"{machine} shows {value}" for machine, value in observation.observed.items())
        published = f"{observation.fact.statement}: {observation.fact.published} published"
        out.print(f"FACT DOES NOT HOLD: {published}, {shown}", soft_wrap=True)


def _compared(tally: Tally, alike: str) -> Table:
    table = Table("compared", "count", title="What was compared", title_justify="left")
    table.columns[1].justify = "right"
    accepted, refused = sum(tally.accepted.values()), sum(tally.refused.values())
    for name, count in (
        ("calls answered alike", tally.calls),
        ("  accepted", accepted),
        (f"  refused, {alike}", refused),
        ("logs, in order", tally.logs),
        ("storage words written", tally.words),
        ("storage roots", tally.roots),
    ):
        table.add_row(name, f"{count:,}")
    if tally.views:
        table.add_row("views", f"{tally.views:,}")
    return table


def _left_out(tally: Tally, unlooked: Counter[str]) -> Table:
    table = Table("left out", "count", title="What was left out", title_justify="left")
    table.columns[1].justify = "right"
    for function, count in tally.left_out.most_common():
        table.add_row(f"calls of {function}", f"{count:,}")
    for what, count in unlooked.most_common():
        table.add_row(what, f"{count:,}")
    return table


def _refusals(tally: Tally) -> Table:
    table = Table("reason", "calls", "reason", "calls", "reason", "calls", title="Refusals", title_justify="left")
    cells = [(reason, f"{count:,}") for reason, count in tally.refused_by_reason.most_common()]
    rows = -(-len(cells) // 3)
    cells += [("", "")] * (3 * rows - len(cells))
    for row in range(rows):
        table.add_row(*[text for column in range(3) for text in cells[row + column * rows]])
    return table


def _functions(tally: Tally) -> Table:
    table = Table(
        "contract", "functions accepted", "of", "not accepted in this run", title="Reach", title_justify="left"
    )
    for contract in CONTRACTS.values():
        missing = [name for name in contract.by_name if not tally.accepted[f"{contract.name}.{name}"]]
        accepted = len(contract.by_name) - len(missing)
        table.add_row(contract.name, str(accepted), str(len(contract.by_name)), ", ".join(missing) or "-")
    return table


def _facts(facts: list[Observation]) -> Table:
    machines = list(dict.fromkeys(name for fact in facts for name in (*fact.observed, *fact.left_out)))
    table = Table(
        "", "published fact", "value", "grade", "source", title="Published facts, on " + " and ".join(machines)
    )
    table.title_justify = "left"
    for observation in facts:
        fact = observation.fact
        sign = "--" if observation.left_out else "ok" if observation.holds else "NO"
        table.add_row(sign, fact.statement, fact.published, fact.grade, fact.source)
    return table


def _print_failure(out: Console, failure: Failure, replay: Path, compared: Compared) -> None:
    difference = failure.divergence.difference
    made, original = failure.found_after, len(failure.original)
    out.print(f"DIVERGENCE after {made} {plural('call', made)}, in {function_name(failure.divergence.call)}")
    out.print(f"The program of {original} {plural('call', original)} was shrunk to {len(failure.shrunk)}:")
    for number, call in enumerate(failure.shrunk):
        out.print(f"  {number}: {describe(call)}", soft_wrap=True)
    _print_difference(out, difference, compared.name)
    out.print(f"Replay with: {replay_command(replay, compared)}", soft_wrap=True)


def replay_command(replay: Path, compared: Compared) -> str:
    """Return the command that shows a failure again."""
    machines = ["--machine", "specification", "--machine", compared.name]
    return shlex.join(["diem", "run", str(replay), *machines, *compared.options])


def _print_difference(out: Console, difference: Difference, other: str) -> None:
    out.print(f"First difference: {difference.where}")
    out.print(f"  specification: {difference.left}", soft_wrap=True)
    out.print(f"  {f'{other}:':14} {difference.right}", soft_wrap=True)


def as_json(
    compared: Compared, genesis: Preset, seed: int, calls: int, outcome: Outcome, replay: Path
) -> dict[str, Any]:
    """Return the same for machines."""
    tally, failure, facts = outcome.tally, outcome.failure, outcome.facts
    return {
        "conforms": outcome.holds,
        "interrupted": outcome.interrupted,
        "preset": genesis.name,
        "seed": str(seed),
        "calls_asked": calls,
        "compared": {
            "calls": tally.calls,
            "accepted": sum(tally.accepted.values()),
            "refused": sum(tally.refused.values()),
            "logs": tally.logs,
            "words": tally.words,
            "roots": tally.roots,
            **({"views": tally.views} if compared.is_target else {}),
        },
        **(_left_out_json(tally, outcome.unlooked, facts) if compared.is_target else {}),
        "accepted_by_function": dict(sorted(tally.accepted.items())),
        "refused_by_reason": dict(tally.refused_by_reason.most_common()),
        "facts": [
            {
                "statement": observation.fact.statement,
                "published": observation.fact.published,
                "grade": observation.fact.grade,
                "source": observation.fact.source,
                "observed": dict(observation.observed),
                "holds": observation.holds,
            }
            for observation in facts
        ],
        "divergence": None
        if failure is None
        else {
            "found_after": failure.found_after,
            "original_length": len(failure.original),
            "program": [describe(call) for call in failure.shrunk],
            "where": failure.divergence.difference.where,
            "specification": failure.divergence.difference.left,
            compared.name: failure.divergence.difference.right,
            "replay": str(replay),
        },
    }


def _left_out_json(tally: Tally, unlooked: Counter[str], facts: list[Observation]) -> dict[str, Any]:
    return {
        "left_out": {
            "calls": dict(tally.left_out.most_common()),
            "of_receipts": dict(unlooked.most_common()),
            "facts": [observation.fact.statement for observation in facts if observation.left_out],
        }
    }
