"""States in vectors: every storage word, by contract and slot, and beside it every variable by its name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from conformance.storage_names import Variable, variables
from conformance.vectors.encoding import Json, address, hexadecimal, integer, octets, plain, word
from spec import storage
from spec.encoding import WORD
from spec.genesis import genesis
from spec.messages import Address
from spec.parameters import Preset
from spec.storage import Account, BoolMapping, Record
from spec.uint256 import U256
from spec.world import World

Words: TypeAlias = Mapping[tuple[Address, int], int]
"""(contract, slot) |-> word."""


class State(NamedTuple):
    """All that a call can read, but for its own fields."""

    chain_id: int
    words: Words
    """Without zeros."""


class Names:
    """The variables of slots, as far as worlds have looked at them."""

    def __init__(self) -> None:
        self._known: dict[tuple[Address, int], dict[str, Variable]] = {}

    def learn(self, world: World, keys: Iterable[Address] = ()) -> None:
        """Take over the names of all variables that ``world`` has looked at, and of mappings' entries for ``keys``."""
        for contract, variable in variables(world, keys):
            self._known.setdefault((contract, variable.slot), {})[variable.name] = variable

    def variables(self, words: Words) -> Json:
        """Return name |-> value of the variables in some words.

        Raises
        ------
        LookupError : a word is in no variable that is known.
        """
        return {
            variable.name: _value(variable, contract, value)
            for (contract, slot), value in sorted(words.items())
            for variable in self._known[contract, slot].values()
        }


def _value(variable: Variable, contract: Address, value: int) -> Any:
    declared = variable.declared
    offset = getattr(declared, "offset", None)
    if offset is not None:
        account = Account(contract, [], storage.Words({variable.slot: U256(value)}))
        return plain(declared.__get__(Record(account, variable.slot - offset), None))  # type: ignore[attr-defined]
    return bool(value) if isinstance(declared, BoolMapping) else str(value)


def state_of(world: World) -> State:
    """Return the state of a world."""
    return State(
        world.chain_id,
        {
            (contract, slot): int(value)
            for contract, account in world.accounts.items()
            for slot, value in account.words.items()
        },
    )


def world_of(state: State) -> World:
    """Return a world in this state."""
    words = defaultdict[Address, storage.Words](storage.Words)
    for (contract, slot), value in state.words.items():
        words[contract][slot] = U256(value)
    return World(state.chain_id, words.__getitem__)


def words_json(words: Words) -> Json:
    """Return words as a vector has them: contract |-> slot |-> word."""
    shown: Json = {}
    for (contract, slot), value in sorted(words.items()):
        shown.setdefault(hexadecimal(contract), {})[word(slot)] = word(value)
    return shown


def read_words(value: object) -> dict[tuple[Address, int], int]:
    """Return words from what ``words_json`` has written; Malformed if it has not."""
    found: dict[tuple[Address, int], int] = {}
    for contract, slots in mapping(value).items():
        for slot, content in mapping(slots).items():
            found[address(contract), number(slot)] = number(content)
    return found


def number(value: object) -> int:
    """Return a word or a slot of 32 bytes as an integer."""
    return int.from_bytes(octets(value, WORD), "big")


def mapping(value: object) -> Json:
    """Return a JSON object as it is.

    Raises
    ------
    Malformed : it is none.
    """
    from conformance.vectors.encoding import Malformed, brief

    if isinstance(value, dict):
        return value
    raise Malformed(f"expected an object, found {brief(value)}")


def genesis_json(preset: Preset, names: Names) -> Json:
    """Return the state at the genesis of a preset, as the file that other vectors refer to by name."""
    world = genesis(preset)
    names.learn(world)
    state = state_of(world)
    return {
        "name": preset.name,
        "chain_id": str(preset.chain_id),
        "timestamp": str(preset.timestamp),
        "words": words_json(state.words),
        "variables": names.variables(state.words),
    }


def read_state(value: object) -> State:
    """Return the state that a request carries, spelt out; Malformed if it carries none."""
    fields = mapping(value)
    words = {at: content for at, content in read_words(fields.get("words")).items() if content}
    return State(integer(fields.get("chain_id")), words)


ZERO: Final = word(0)


def spelt_out(reference: Json, geneses: Mapping[str, Json]) -> Json:
    """Return the state that a vector refers to, ``{"genesis", "words", "variables"}``, with every word in it.

    Words that the reference gives are in place of those of the genesis; zero words and their variables are left out.
    """
    base = geneses[reference["genesis"]]
    words = {contract: dict(slots) for contract, slots in base["words"].items()}
    for contract, slots in reference["words"].items():
        words.setdefault(contract, {}).update(slots)
    kept = {contract: {at: to for at, to in slots.items() if to != ZERO} for contract, slots in words.items()}
    return {
        "chain_id": base["chain_id"],
        "words": {contract: slots for contract, slots in kept.items() if slots},
        "variables": {**base["variables"], **reference["variables"]},
    }
