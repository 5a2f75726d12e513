"""``diem trust scores``: how far a green run can be trusted, as it was last computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from conformance.cli.app import FAILS, HOLDS
from conformance.cli.output import console, print_json
from conformance.trust.mutants.scoring import NAMES
from conformance.trust.scores_file import committed

PARTS: Final = ("mutants", "reach", "saboteurs", "proofs")

Count = tuple[str, int, int, str]
"""What, how many hold, of how many, and a remark."""


def command(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> int:
    """Print the scores that come with the package; `make trust` computes all of them anew.

    A percentage is of the mutants that can be told apart at all: those that are listed as the same contracts in other
    words, each with its reason, are not in it. It fails where something is missed.

    Example: diem trust scores
    """
    scores = {part: committed(part) for part in PARTS}
    counts = list(_counts(scores))
    missing = [part for part, content in scores.items() if not content]
    missed = any(found != places for _, found, places, _ in counts) or _unexplained(scores["mutants"])
    holds = not missing and not missed
    if json:
        rows = [dict(zip(("what", "found", "of", "remark"), count, strict=True)) for count in counts]
        sides = list(scores["mutants"].get("sides", ()))
        print_json({"holds": holds, "mutants": sides, "others": rows, "not_computed": missing})
        return HOLDS if holds else FAILS
    out = console()
    out.print(_mutants(scores["mutants"]))
    out.print(_others(counts))
    for part in missing:
        out.print(f"{part}: not computed yet: diem trust {part} --write")
    out.print("ALL AS STATED" if holds else "NOT AS STATED")
    return HOLDS if holds else FAILS


def _mutants(scores: Mapping[str, Any]) -> Table:
    title = "Mutants killed, if only this and what stands to its left is compared"
    table = Table("mutants of", "told apart", *NAMES, "the same", title=title, title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    for row in scores.get("sides", ()):
        different = row["mutants"] - row["indistinguishable"]
        shares = (f"{_per_mille(killed, different) / 10:.1f} %" for killed in row["killed"].values())
        table.add_row(row["side"], f"{different:,}", *shares, f"{row['indistinguishable']:,}")
    return table


def _per_mille(part: int, whole: int) -> int:
    """Rounded down, so that only all of it is 100 %."""
    return 1000 * part // whole if whole else 0


def _unexplained(scores: Mapping[str, Any]) -> int:
    return sum(row["unexplained"] for row in scores.get("sides", ()))


def _counts(scores: Mapping[str, Mapping[str, Any]]) -> Iterator[Count]:
    for row in scores["reach"].get("summary", ()):
        unreachable = row["unreachable"]
        remark = f"{unreachable:,} more that nothing can reach, each with its reason" if unreachable else ""
        yield f"reached: {row['kind']}", row["reached"], row["places"] - unreachable, remark
    liars = scores["saboteurs"]
    yield "machines that lie, caught", liars.get("caught", 0), liars.get("machines_that_lie", 0), ""
    theorems = scores["proofs"].get("theorems", ())
    proved = sum(theorem["verdict"] == "proved" for theorem in theorems)
    yield "properties of curve and locks, proved", proved, len(theorems), str(scores["proofs"].get("solver", ""))


def _others(counts: list[Count]) -> Table:
    table = Table("besides", "", "of", "", title="Reach, lies, proofs", title_justify="left")
    for column in table.columns[1:3]:
        column.justify = "right"
    for what, found, places, remark in counts:
        table.add_row(what, f"{found:,}", f"{places:,}", remark)
    return table
