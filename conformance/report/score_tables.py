"""Score files as tables: those of `diem trust` by what they are about, and whatever else stands in them as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

OPEN_AT_MOST: Final = 12
"""Rows of a part's first table if it is not folded away, as the others are."""

Row = Mapping[str, Any]


class Shown(NamedTuple):
    """A sentence, or a table."""

    title: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def is_short(self) -> bool:
        """Whether the table need not be folded away."""
        return len(self.rows) <= OPEN_AT_MOST


def shown(part: str, content: Row) -> list[Shown]:
    """Return what there is to be shown of a score file; what nothing is known about is shown as it is."""
    known = [(name, show) for name, show in _OF_PART.get(part, {}).items() if name in content]
    others = [name for name in content if name not in {*dict(known), *_SAID_ELSEWHERE}]
    return [
        *(table for name, show in known for table in show(content[name])),
        *(table for name in others for table in _anything(name, content[name])),
    ]


_SAID_ELSEWHERE: Final = ("hashes", "machines_that_lie", "calls_at_most", "calls")

LEVELS: Final = {
    "status": "status",
    "output": "and output",
    "logs": "and logs",
    "views": "and views",
    "storage": "and storage",
}
"""Kinds of comparison, each with those before it."""


def _mutants(title: str, *names: str) -> Callable[[Sequence[Row]], Iterator[Shown]]:
    def show(rows: Sequence[Row]) -> Iterator[Shown]:
        columns = (*names, "can be told apart", *LEVELS.values(), "the same", "unexplained")
        yield Shown(title, columns, tuple(_of_mutants(row, names) for row in rows))
        for row in rows:
            yield from (Shown(f"{row[names[0]]}: {n:,} {what}.") for what, n in row.get("left_out", {}).items())

    return show


def _of_mutants(row: Row, names: Sequence[str]) -> tuple[str, ...]:
    different = row["mutants"] - row["indistinguishable"]
    killed = (f"{percent(row['killed'][level], different)} ({row['killed'][level]:,})" for level in LEVELS)
    counts = (f"{different:,}", *killed, f"{row['indistinguishable']:,}", f"{row['unexplained']:,}")
    return (*(str(row[name]) for name in names), *counts)


def percent(part: int, whole: int) -> str:
    """Return a share, rounded down, so that only all of it is 100 %."""
    return f"{1000 * part // whole / 10:g} %" if whole else "-"


def _survivors(rows: Sequence[Row]) -> Iterator[Shown]:
    columns = ("side", "contract", "mutants", "category", "why")
    cells = tuple(
        (row["side"], row["contract"], f"{len(row['places']):,}", row["category"], row["why"]) for row in rows
    )
    yield Shown("Not killed, and why", columns, cells)


def _suite(suite: Row) -> Iterator[Shown]:
    yield Shown(f"Suite: {', '.join(f'{count:,} {name}' for name, count in suite.items())}.")


def _liars(rows: Sequence[Row]) -> Iterator[Shown]:
    columns = ("machine", "what it does", "verdict", "after calls", "by", "first difference")
    honest = "passes, as it has to"
    cells = tuple(
        (
            row["machine"],
            row["does"],
            "caught" if row["caught"] else honest if row["as_it_has_to_be"] else "NOT CAUGHT",
            f"{row['calls']:,}",
            row["level"],
            row["where"],
        )
        for row in rows
    )
    yield Shown("Verdicts", columns, cells)


def _caught(count: int) -> Iterator[Shown]:
    yield Shown(f"{count} machines that lie are caught.")


def _outcomes(outcomes: Mapping[str, Mapping[str, int]]) -> Iterator[Shown]:
    cells = tuple((name, ", ".join(f"{what} {n:,}" for what, n in counts.items())) for name, counts in outcomes.items())
    yield Shown("Outcomes of every function", ("function", "what became of its calls"), cells)


def _table(title: str, **columns: str) -> Callable[[Sequence[Row]], Iterator[Shown]]:
    """Return what shows some fields of rows, by the names of the columns; ``_`` in a name stands for a space."""

    def show(rows: Sequence[Row]) -> Iterator[Shown]:
        cells = tuple(tuple(_text(row.get(field)) for field in columns.values()) for row in rows)
        yield Shown(title, tuple(map(_words, columns)), cells)

    return show


def _groups(title: str) -> Callable[[Mapping[str, Row]], Iterator[Shown]]:
    def show(groups: Mapping[str, Row]) -> Iterator[Shown]:
        columns = tuple(dict.fromkeys(field for counts in groups.values() for field in counts))
        cells = tuple((name, *(_text(counts.get(field)) for field in columns)) for name, counts in groups.items())
        yield Shown(title, ("", *map(_words, columns)), cells)

    return show


_OF_PART: Final[Mapping[str, Mapping[str, Callable[[Any], Iterator[Shown]]]]] = {
    "mutants": {
        "suite": _suite,
        "sides": _mutants("Killed, by what is compared", "side"),
        "kinds": _mutants("By kind of fault", "side", "kind"),
        "by_contract": _mutants("By contract", "side", "contract"),
        "survivors": _survivors,
    },
    "saboteurs": {"caught": _caught, "verdicts": _liars},
    "reach": {
        "summary": _table(
            "Places",
            kind="kind",
            there_are="places",
            reached="reached",
            unreachable="unreachable",
            fewest_hits="fewest_hits",
        ),
        "boundaries": _table("Boundaries", boundary="name", calls_at_it="hits", at_least="least"),
        "outcomes": _outcomes,
        "specification": _groups("Ways through the specification"),
        "bytecode": _groups("Ways through the bytecode"),
        "unreachable": _table("What nothing can reach", place="place", because="because"),
    },
    "proofs": {
        "theorems": _table(
            "Theorems", statement="statement", bounds="bounds", verdict="verdict", card="card", seconds="seconds"
        ),
        "limits": _table(
            "What does not hold", statement="statement", verdict="verdict", counterexample="counterexample"
        ),
        "faults": _table("Planted faults", change="change", verdict="verdict", counterexample="counterexample"),
        "lemmas": _table("Lemmas", lemma="name", statement="statement", verdict="verdict", seconds="seconds"),
    },
}
"""Part |-> fields in the order in which they are shown, and how."""


def _anything(name: str, value: Any) -> Iterator[Shown]:
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        rows = [_flat(each) for each in value]
        columns = tuple(dict.fromkeys(column for row in rows for column in row))
        cells = tuple(tuple(row.get(column, "") for column in columns) for row in rows)
        yield Shown(_words(name), tuple(map(_words, columns)), cells)
    elif isinstance(value, dict) and value:
        yield Shown(_words(name), ("", ""), tuple((_words(key), text) for key, text in _flat(value).items()))
    else:
        yield Shown(f"{_words(name)}: {_text(value)}")


def _flat(value: Row, before: str = "") -> dict[str, str]:
    """Return an object with the objects in it spelt out: ``killed: logs`` for what is in ``killed``."""
    flat: dict[str, str] = {}
    for key, each in value.items():
        name = f"{before}{key}"
        if isinstance(each, dict) and each:
            flat |= _flat(each, f"{name}: ")
        else:
            flat[name] = _text(each)
    return flat


def _text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        return ", ".join(map(_text, value)) or "-"
    return str(value)


def _words(name: str) -> str:
    return name.replace("_", " ")
