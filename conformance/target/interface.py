"""What of our functions and events a contract of the target has, by its ABI and the names in the target's file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final, NamedTuple

from eth_utils.abi import collapse_if_tuple

from conformance.scenario.interfaces import EVENTS
from conformance.target.code import Code
from conformance.target.document import RoleTable
from conformance.target.refusals import REASONS, Refusals, begins_as_signature, is_signature
from spec.abi import Parameter
from spec.contract import Contract, Function
from spec.encoding import WORD
from spec.events import Event
from spec.hashing import keccak256
from spec.messages import Log

SELECTOR: Final = 4


class Entry(NamedTuple):
    """A function or an event of the target's ABI."""

    name: str
    types: tuple[str, ...]
    results: tuple[str, ...] = ()
    indexed: tuple[bool, ...] = ()

    @property
    def signature(self) -> str:
        """``stake(address,uint256)`` and the like."""
        return f"{self.name}({','.join(self.types)})"

    @property
    def hash(self) -> bytes:
        """The first topic of an event; begins with the selector of a function."""
        return keccak256(self.signature.encode())


def entries(abi: Iterable[Mapping[str, Any]], kind: str) -> list[Entry]:
    """Return the functions, events or errors of an ABI."""
    found = []
    for one in abi:
        if one["type"] == kind and not one.get("anonymous"):
            inputs = one.get("inputs", [])
            types = tuple(collapse_if_tuple(parameter) for parameter in inputs)
            results = tuple(collapse_if_tuple(parameter) for parameter in one.get("outputs", []))
            indexed = tuple(bool(parameter.get("indexed")) for parameter in inputs)
            found.append(Entry(one.get("name", ""), types, results, indexed))
    return found


def words_of(type_: str) -> int:
    """Return how many words a static value takes: 256 for ``uint256[256]``."""
    return int(type_.partition("[")[2].rstrip("]") or 1)


class EventMap(NamedTuple):
    """One of our events, and how the target emits it."""

    ours: Event
    theirs: Entry

    def our_log(self, log: Log) -> Log | None:
        """Return a log of the target in our words; None if it is not made as its ABI says."""
        topics = iter(log.topics[1:])
        at = 0
        values: list[bytes] = []
        for type_, indexed in zip(self.theirs.types, self.theirs.indexed, strict=True):
            size = WORD * words_of(type_)
            value = next(topics, b"") if indexed else log.data[at : at + size]
            at += 0 if indexed else size
            if len(value) != size:
                return None
            values.append(value)
        if at != len(log.data) or next(topics, None) is not None:
            return None
        pairs = list(zip(self.ours.parameters, values, strict=True))
        first = [value for parameter, value in pairs if parameter.indexed]
        rest = [value for parameter, value in pairs if not parameter.indexed]
        return Log(log.address, (self.ours.topic, *first), b"".join(rest))


@dataclass(frozen=True)
class RoleMap:
    """One contract of the target in the terms of ours."""

    contract: Contract
    functions: Mapping[str, Entry | None]
    """Our function |-> the target's; None for one that it does not have."""
    events: Mapping[str, EventMap | None]
    """Our event |-> the target's; None for one that it does not emit."""
    refusals: Refusals
    own_functions: Mapping[bytes, Entry]
    """Selector |-> function of the target's ABI that stands for none of ours."""
    own_events: frozenset[bytes]
    """First topics of events of the target's own, which are not looked at."""
    problems: tuple[str, ...]
    """What does not map, and is not said to be missing: the key, what was expected, what was found."""
    selectors: Mapping[bytes, bytes] = field(init=False)
    """Our selector |-> the target's."""
    missing: frozenset[bytes] = field(init=False)
    """Our selectors of functions that the target does not have."""
    topics: Mapping[bytes, EventMap] = field(init=False)
    """The target's first topic |-> event."""
    missing_events: Mapping[bytes, str] = field(init=False)
    """Our first topic |-> name, of events that the target does not emit."""
    renamed_topics: frozenset[bytes] = field(init=False)
    """Our first topics that say nothing at the target."""

    def __post_init__(self) -> None:
        by_name = self.contract.by_name
        selectors = {by_name[name].selector: entry.hash[:SELECTOR] for name, entry in self.functions.items() if entry}
        missing = {by_name[name].selector for name, entry in self.functions.items() if not entry}
        topics = {found.theirs.hash: found for found in self.events.values() if found}
        ours = {event.topic: name for name, event in EVENTS[self.contract.name].items()}
        gone = {topic: name for topic, name in ours.items() if self.events[name] is None}
        object.__setattr__(self, "selectors", selectors)
        object.__setattr__(self, "missing", frozenset(missing))
        object.__setattr__(self, "topics", topics)
        object.__setattr__(self, "renamed_topics", frozenset(ours.keys() - topics.keys()))
        object.__setattr__(self, "missing_events", gone)

    def renamed(self) -> Iterator[tuple[str, str]]:
        """Yield (our signature, the target's) of functions that are called otherwise."""
        for name, entry in self.functions.items():
            signature = self.contract.by_name[name].signature
            if entry is not None and entry.signature != signature:
                yield signature, entry.signature


def map_role(contract: Contract, table: RoleTable, code: Code) -> RoleMap:
    """Return a role of the target in the terms of ours; what does not map is in its ``problems``."""
    mapper = _Mapper(contract, table, code)
    functions, events = mapper.functions(), mapper.events()
    mapper.errors()
    mapper.each_once("functions", functions)
    mapper.each_once("events", {name: event.theirs if event else None for name, event in events.items()})
    used = {entry.hash[:SELECTOR] for entry in functions.values() if entry}
    own = {entry.hash[:SELECTOR]: entry for entry in entries(code.abi or (), "function")}
    return RoleMap(
        contract,
        functions,
        events,
        Refusals(contract.name, {name: text for name, text in table.errors.items() if name in REASONS[contract.name]}),
        {selector: entry for selector, entry in own.items() if selector not in used},
        mapper.own_events({event.theirs.hash for event in events.values() if event}),
        tuple(mapper.problems),
    )


class _Mapper:
    """Goes through a role's table and notes what does not fit."""

    def __init__(self, contract: Contract, table: RoleTable, code: Code) -> None:
        self._contract = contract
        self._table = table
        self._code = code
        self.problems: list[str] = []

    def functions(self) -> dict[str, Entry | None]:
        self._unknown("functions", self._table.functions, self._contract.by_name, "a function of ours")
        found = entries(self._code.abi, "function") if self._code.abi is not None else None
        return {
            function.name: self._function(function, self._table.functions.get(function.name), found)
            for function in self._contract.by_name.values()
        }

    def _function(self, function: Function, name: str | bool | None, abi: list[Entry] | None) -> Entry | None:
        if name is False:
            return None
        wanted = Entry(function.name, _types(function.parameters), _types(function.results))
        given = name if isinstance(name, str) else function.name
        bare = given.partition("(")[0]
        if abi is None:
            return self._in_code(function.name, wanted._replace(name=bare))
        same = [entry for entry in abi if entry.name == bare]
        for entry in same:
            if entry.types == wanted.types and ("(" not in given or entry.signature == given):
                if entry.results != wanted.results:
                    self._result_problem(function.name, entry, wanted)
                return entry
        expected = f"{bare}({','.join(wanted.types)}) in the ABI of {self._code.name}, another name, or false"
        self._problem("functions", function.name, expected, _shown(same, abi, bare))
        return None

    def _in_code(self, name: str, entry: Entry) -> Entry | None:
        """Return a function that no ABI tells of, if the code has its selector."""
        selector = entry.hash[:SELECTOR]
        code = (self._code.creation or b"") + (self._code.runtime or b"")
        if selector.lstrip(b"\0") in code:
            return entry
        expected = f"the selector 0x{selector.hex()} of {entry.signature} in the code, another name, or false"
        self._problem("functions", name, expected, "none")
        return None

    def _result_problem(self, name: str, entry: Entry, wanted: Entry) -> None:
        expected = f"{entry.signature} to return ({','.join(wanted.results)}), or false"
        self._problem("functions", name, expected, f"({','.join(entry.results)})")

    def events(self) -> dict[str, EventMap | None]:
        ours = EVENTS[self._contract.name]
        self._unknown("events", self._table.events, ours, "an event of ours")
        abi = entries(self._code.abi, "event") if self._code.abi is not None else None
        return {name: self._event(event, self._table.events.get(name), abi) for name, event in ours.items()}

    def _event(self, event: Event, name: str | bool | None, abi: list[Entry] | None) -> EventMap | None:
        if name is False:
            return None
        types = _types(event.parameters)
        bare = (name if isinstance(name, str) else event.name).partition("(")[0]
        if abi is None:
            return EventMap(event, Entry(bare, types, (), tuple(one.indexed for one in event.parameters)))
        same = [entry for entry in abi if entry.name == bare]
        for entry in same:
            if entry.types == types:
                return EventMap(event, entry)
        expected = f"{bare}({','.join(types)}) in the ABI of {self._code.name}, another name, or false"
        self._problem("events", event.name, expected, _shown(same, abi, bare))
        return None

    def each_once(self, table: str, entries_: Mapping[str, Entry | None]) -> None:
        """Note functions, or events, of the target that stand for more than one of ours."""
        stands_for: dict[bytes, str] = {}
        for name, entry in entries_.items():
            if entry is not None and (other := stands_for.setdefault(entry.hash, name)) != name:
                self._problem(table, name, f"another than {other} has", entry.signature)

    def own_events(self, used: set[bytes]) -> frozenset[bytes]:
        """Return the first topics of the target's own events; those ``used`` stand for ours."""
        abi = entries(self._code.abi or (), "event")
        own = [entry for entry in abi if entry.hash not in used]
        for name in self._table.own_events:
            if name not in {entry.name for entry in abi}:
                self._problem("own_events", "", f"an event in the ABI of {self._code.name}", repr(name))
            elif name not in {entry.name for entry in own}:
                self._problem("own_events", "", "an event that stands for none of ours", repr(name))
        return frozenset(entry.hash for entry in own if entry.name in self._table.own_events)

    def errors(self) -> None:
        reasons = REASONS[self._contract.name]
        self._unknown("errors", self._table.errors, reasons, "a reason of ours")
        known = {entry.signature for entry in entries(self._code.abi or (), "error")}
        for name, text in self._table.errors.items():
            if not begins_as_signature(text):
                continue
            if not is_signature(text):
                self._problem("errors", name, "Name(types) with the types in full, or a revert string", repr(text))
            elif self._code.abi is not None and text not in known:
                expected = f"an error in the ABI of {self._code.name}{_hint(text, known)}"
                self._problem("errors", name, expected, repr(text))

    def _unknown(self, table: str, given: Mapping[str, object], known: Mapping[str, object], what: str) -> None:
        for name in given:
            if name not in known:
                self._problem(table, "", f"{what}{_hint(name, known)}", repr(name))

    def _problem(self, table: str, key: str, expected: str, found: str) -> None:
        place = ".".join(filter(None, (self._contract.name, table, key)))
        self.problems.append(f"{place}: expected {expected}; found {found}")


def _types(parameters: Iterable[Parameter]) -> tuple[str, ...]:
    return tuple(parameter.type for parameter in parameters)


def _shown(same: list[Entry], abi: list[Entry], name: str) -> str:
    if same:
        return " and ".join(entry.signature for entry in same)
    return f"none{_hint(name, [entry.name for entry in abi])}"


def _hint(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), 1)
    return f" ({close[0]}?)" if close else ""
