"""`diem target check`: what of a target maps to ours, and what does not."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from conformance.cli.app import FAILS, HOLDS
from conformance.cli.output import console, print_json
from conformance.comparison import Difference
from conformance.scenario.interfaces import EVENTS
from conformance.target import Target, TargetMachine, load_target
from conformance.target.genesis import genesis_differences
from conformance.target.refusals import ANY, REASONS, Refusal
from conformance.target.target import BY_NAME, Role
from spec.errors import CustomError, Reason
from spec.parameters import load_preset

SHOWN: Final = 10
"""Differences at genesis that are listed."""


def command(
    target: Annotated[Path, typer.Argument(help="A file *.toml that describes the target.")],
    preset: Annotated[
        str, typer.Option(help="The genesis to deploy it to: a preset's name, or a file *.toml.")
    ] = "launch",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> int:
    """Tell what of a target maps to ours and what does not, by contract: functions, events, errors, storage.

    If nothing is left open, the target is deployed to the preset, and its state compared with it.

    Example: diem target check conformance/targets/variant/target.toml
    """
    genesis = load_preset(preset)
    found = load_target(target)
    apart = list(genesis_differences(TargetMachine(genesis, found), genesis)) if not found.problems else []
    if json:
        print_json(_as_json(found, genesis.name, apart))
    else:
        _print(console(), found, genesis.name, apart)
    return FAILS if found.problems or apart else HOLDS


class _Mapped:
    """One role, counted."""

    def __init__(self, role: Role) -> None:
        by_name, events = role.map.contract.by_name, EVENTS[role.name]
        self.functions: Final = {name: entry.signature if entry else None for name, entry in role.map.functions.items()}
        self.renamed: Final = dict(role.map.renamed())
        self.missing: Final = [by_name[name].signature for name, entry in role.map.functions.items() if entry is None]
        self.own: Final = [entry.signature for entry in role.map.own_functions.values()]
        self.events: Final = {
            name: event.theirs.signature if event else None for name, event in role.map.events.items()
        }
        self.renamed_events: Final = {
            name: event.theirs.name for name, event in role.map.events.items() if event and event.theirs.name != name
        }
        self.missing_events: Final = [name for name in events if role.map.events[name] is None]
        self.errors: Final = {name: refusal.text for name, refusal in role.map.refusals.by_reason.items()}
        self.reasons: Final = len(REASONS[role.name])
        self.role: Final = role

    @property
    def storage(self) -> str:
        if self.role.same_storage:
            return "as ours: every word and the roots are compared"
        if self.role.places is None:
            return "not known: compared by what the views show"
        places = self.role.places
        moved = sum(ours.steps != theirs.steps or ours.lowest != theirs.lowest for ours, theirs in places.pairs)
        text = f"{len(places.pairs)} variables compared by word, {moved} of them elsewhere than ours"
        return text + (f", {len(places.missing)} missing" if places.missing else "")


def _print(out: Console, target: Target, preset: str, apart: list[Difference]) -> None:
    document = target.document
    out.print(f"target {target.name}{f': {document.description}' if document.description else ''}", soft_wrap=True)
    for name in BY_NAME:
        role = target.roles.get(name)
        if role is None:
            out.print(f"{name}: ours")
        else:
            out.print(_table(_Mapped(role)))
    for problem in target.problems:
        out.print(f"DOES NOT MAP: {problem}", soft_wrap=True)
    for difference in apart[:SHOWN]:
        out.print(
            f"DIFFERS at genesis: {difference.where}: expected {difference.left}, found {difference.right}",
            soft_wrap=True,
        )
    if len(apart) > SHOWN:
        out.print(f"and {len(apart) - SHOWN} more")
    if target.problems:
        out.print("NOT USABLE: name what has another name, and say false of what is missing")
    elif apart:
        out.print(f"deploys, but not to the state of preset {preset}")
    else:
        out.print(f"USABLE: deploys to the state of preset {preset}")


def _table(mapped: _Mapped) -> Table:
    role = mapped.role
    table = Table("", "ours", "at the target", title=f"{role.name}: {role.code.name}", title_justify="left")
    there = len(mapped.functions) - len(mapped.missing)
    table.add_row("functions", str(len(mapped.functions)), f"{there}, {len(mapped.renamed)} of them renamed")
    for ours, theirs in mapped.renamed.items():
        table.add_row("  renamed", ours, theirs)
    for ours in mapped.missing:
        table.add_row("  missing", ours, "calls of it are left out")
    for theirs in mapped.own:
        table.add_row("  its own", "-", f"{theirs}, never called")
    emitted = len(mapped.events) - len(mapped.missing_events)
    table.add_row("events", str(len(mapped.events)), f"{emitted}, {len(mapped.renamed_events)} of them renamed")
    for ours, theirs in mapped.renamed_events.items():
        table.add_row("  renamed", ours, theirs)
    for ours in mapped.missing_events:
        table.add_row("  missing", ours, "not looked at")
    for theirs in role.table.own_events:
        table.add_row("  its own", "-", f"{theirs}, not looked at")
    table.add_row("errors", str(mapped.reasons), f"{len(mapped.errors)} of them in other words")
    for ours, refusal in role.map.refusals.by_reason.items():
        table.add_row("  in other words", ours, _said(refusal, REASONS[role.name][ours]))
    table.add_row("storage", "", mapped.storage)
    if role.places is not None:
        for place, other in role.places.pairs:
            if place.steps != other.steps or place.lowest != other.lowest:
                table.add_row("  elsewhere", place.path, other.path)
        for place in role.places.missing:
            table.add_row("  missing", place.path, "not looked at")
        for place in role.places.own:
            table.add_row("  its own", "-", f"{place.path}, not looked at")
    return table


def _said(refusal: Refusal, ours: Reason | CustomError) -> str:
    if refusal.text == ANY:
        return "any refusal"
    uncompared = refusal.types and isinstance(ours, Reason)
    return f"{refusal.text}, arguments not compared" if uncompared else refusal.text


def _as_json(target: Target, preset: str, apart: list[Difference]) -> dict[str, Any]:
    return {
        "target": target.name,
        "usable": not target.problems and not apart,
        "problems": list(target.problems),
        "preset": preset,
        "differs_at_genesis": [difference._asdict() for difference in apart],
        "roles": {name: _role_json(_Mapped(role)) for name, role in target.roles.items()},
        "ours": [name for name in BY_NAME if name not in target.roles],
    }


def _role_json(mapped: _Mapped) -> dict[str, Any]:
    places = mapped.role.places
    return {
        "code": mapped.role.code.name,
        "functions": mapped.functions,
        "own_functions": mapped.own,
        "events": mapped.events,
        "own_events": list(mapped.role.table.own_events),
        "errors": mapped.errors,
        "storage": mapped.storage,
        "variables": None if places is None else {ours.path: theirs.path for ours, theirs in places.pairs},
    }
