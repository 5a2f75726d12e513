"""What a report says, as data: `report.json` is this, and the page shows nothing else."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

VERSION: Final = "1"
"""Changes when a program that reads `report.json` would have to."""


class _Part(BaseModel):
    """A part of the report; its docstrings are the schema's descriptions."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Verdict(_Part):
    """What the run came to."""

    outcome: Literal["conforms", "does not conform", "interrupted"]
    """Interrupted: the two sides have agreed so far, but not all was done that was asked for."""
    sentence: str
    """In one line, what it rests on."""


class Role(_Part):
    """One contract that was compared."""

    name: str
    whose: Literal["ours", "artifacts", "target"]
    code: str
    """The artifact or the file."""
    compiler: str
    """Empty where it is not known."""
    creation_keccak: str | None
    """Keccak-256 of the code that creates it, without arguments; null if only the code at its address was given."""
    runtime_keccak: str | None
    """Keccak-256 of the code at its address, immutables zero; null where only the code that creates it was given."""
    compared_by: Literal["words and roots", "words by variable", "views"]


class Subject(_Part):
    """What the specification was compared with."""

    machine: str
    """What the differences call it."""
    evm: str
    """What carries the contracts out."""
    name: str
    description: str
    refusals: Literal["with the same revert data", "for the same reason"]
    """How refusals are alike: contracts that say reasons in words of their own are not asked for ours."""
    roles: tuple[Role, ...]
    given_up: tuple[str, ...] = ()
    """What was not compared because a target's file says that it is missing, or its own; in sentences."""


class Genesis(_Part):
    """A state that programs of calls started from."""

    preset: str
    description: str


class Compared(_Part):
    """How much was compared."""

    calls: int
    accepted: int
    refused: int
    logs: int
    words: int
    roots: int
    views: int
    published_facts: int
    """Those that both machines could be asked."""
    more: dict[str, int] = {}
    """What else was counted."""


class FunctionReach(_Part):
    """One function, and how calls of it ended."""

    contract: str
    function: str
    view: bool
    can_be_accepted: bool
    """False for what every state refuses, such as transfers of sVVV."""
    accepted: int
    refused: dict[str, int]
    """Reason |-> calls; reasons that it can give and did not are 0, and those that no call can reach are left out."""


class Measure(_Part):
    """Something that is counted against a minimum."""

    name: str
    count: int
    minimum: int


class Coverage(_Part):
    """How much of something there is was reached."""

    name: str
    reached: int
    all: int
    note: str = ""


class Point(_Part):
    """How many different things had been seen after so many calls."""

    calls: int
    outcomes: int
    """Functions accepted, and pairs of function and reason."""
    branches: int = 0
    """Ways of conditional jumps in bytecode; 0 throughout if they are not noted."""


class Fact(_Part):
    """A published fact, and what the machines showed."""

    statement: str
    published: str
    grade: str
    source: str
    observed: dict[str, str]
    """Machine |-> value"""
    left_out: dict[str, str]
    """Machine that was not asked |-> why"""
    holds: bool


class File(_Part):
    """A file that goes with the report."""

    what: str
    path: str
    """From the folder of the report."""


class Divergence(_Part):
    """A program of calls on which the two machines do not agree."""

    preset: str
    seed: str
    """Empty at genesis; in a campaign with the number of the program."""
    found_after: int | None
    """Calls; 0 at genesis, null in a campaign, whose programs are made side by side."""
    function: str
    """Empty at genesis."""
    where: str
    """The first difference."""
    specification: str
    other: str
    original_length: int
    program: tuple[str, ...]
    """What it was shrunk to, one call a line."""
    replay: str
    """The command; empty at genesis."""
    files: tuple[File, ...]


class Phase(_Part):
    """What took how long."""

    name: str
    seconds: float


class Score(_Part):
    """What `diem trust` has computed of the suite itself, before this run."""

    part: str
    computed: bool
    """Whether the installed package holds it."""
    same_contracts: bool | None
    """Whether it was computed with the very contracts compared here; null where it does not depend on contracts."""
    hashes: dict[str, str]
    """The contracts it was computed with |-> their hashes."""
    content: dict[str, Any]
    """As it lies in `conformance/trust/scores`."""


class Versions(_Part):
    """What the run was made with."""

    package: str
    commit: str | None
    """Of a checkout, with a + if files differ from it; null elsewhere."""
    python: str
    platform: str
    packages: dict[str, str]


class Report(_Part):
    """A report of `diem conform` or `diem campaign`."""

    version: Literal["1"] = VERSION
    made: str
    """When it was written, UTC."""
    command: str
    """Repeats the run."""
    seeds: tuple[str, ...]
    settings: dict[str, str] = {}
    """What else decides the run."""
    verdict: Verdict
    subject: Subject
    genesis: tuple[Genesis, ...]
    compared: Compared
    left_out: dict[str, int]
    """What was not compared because the contracts do not have it |-> how often."""
    reach: tuple[FunctionReach, ...]
    coverage: tuple[Coverage, ...] = ()
    boundaries: tuple[Measure, ...] = ()
    newly_seen: tuple[Point, ...] = ()
    facts: tuple[Fact, ...]
    divergences: tuple[Divergence, ...]
    phases: tuple[Phase, ...]
    scores: tuple[Score, ...]
    versions: Versions
    not_looked_at: tuple[str, ...] = Field(min_length=1)
    """What a green verdict does not say."""


def schema() -> dict[str, Any]:
    """Return the JSON Schema of `report.json`."""
    return Report.model_json_schema()
