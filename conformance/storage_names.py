"""Names for storage slots: the variable, and the keys that lead to it, as the specification declares them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from spec.encoding import encode_word
from spec.messages import Address
from spec.quantities import format_address
from spec.storage import BoolMapping, Record, RecordMapping, Uint256Array, Uint256Mapping, Uint256Table
from spec.world import World


def name_of(world: World, address: Address, slot: int, keys: Iterable[Address] = ()) -> str:
    """Return ``staking.stakes[0x…].reward_debt`` and the like; the bare slot if no variable of this contract is there.

    A mapping's slots are known for the keys that the world has looked at, and for ``keys``.
    """
    for contract, record in _contracts(world).items():
        if record.account.address == address:
            return named_slots(world, address, keys).get(slot, f"{contract}.slot 0x{slot:064x}")
    return f"{format_address(address)}.slot 0x{slot:064x}"


def named_slots(world: World, address: Address, keys: Iterable[Address] = ()) -> dict[int, str]:
    """Return slot |-> name, as ``name_of`` gives it, of all variables of a contract; none of another account."""
    names: dict[int, list[str]] = {}
    for contract, record in _contracts(world).items():
        if record.account.address == address:
            for name, slot, _ in _variables(record, tuple(keys)):
                names.setdefault(slot, [f"{contract}."]).append(name)
    return {slot: contract + " and ".join(variables) for slot, (contract, *variables) in names.items()}


class Variable(NamedTuple):
    """One variable, or one entry of a mapping or an array."""

    name: str
    slot: int
    declared: object
    """The descriptor, mapping or array that reads it, of ``spec.storage``."""


def variables(world: World, keys: Iterable[Address] = ()) -> Iterator[tuple[Address, Variable]]:
    """Yield (contract, variable) of all contracts, the name with the contract's; for the keys see ``name_of``."""
    known = tuple(keys)
    for contract, record in _contracts(world).items():
        for variable in _variables(record, known):
            yield record.account.address, variable._replace(name=f"{contract}.{variable.name}")


def _contracts(world: World) -> dict[str, Record]:
    return {"vvv": world.vvv, "staking": world.staking, "diem": world.diem, "credits": world.credits}


def _variables(record: Record, keys: tuple[Address, ...]) -> Iterator[Variable]:
    """Yield every variable of a record, mappings followed."""
    for name, declared in chain.from_iterable(vars(type_).items() for type_ in type(record).__mro__):
        if hasattr(declared, "offset"):
            yield Variable(name, record.base + declared.offset, declared)
    for name, member in vars(record).items():
        for inner, slot, declared in _members(member, keys):
            yield Variable(name + inner, slot, declared)


def _members(member: object, keys: tuple[Address, ...]) -> Iterator[Variable]:
    if isinstance(member, Uint256Array):
        yield from (Variable(f"[{index}]", member.base + index, member) for index in range(member.length))
    elif isinstance(member, Uint256Mapping | BoolMapping):
        for key in dict.fromkeys((*member.slots, *keys)):
            yield Variable(f"[{_key(key)}]", member.slots[key], member)
    elif isinstance(member, RecordMapping):
        for key in dict.fromkeys((*member.slots, *keys)):
            for inner, slot, declared in _variables(member[key], keys):
                yield Variable(f"[{_key(key)}]{_joined(member.struct, inner)}", slot, declared)
    elif isinstance(member, Record):
        yield from (Variable(f".{inner}", slot, declared) for inner, slot, declared in _variables(member, keys))


def _joined(struct: type[Record], inner: str) -> str:
    """Return how a member of a mapping's value is written; a mapping in a mapping has no name of its own."""
    return inner.removeprefix("of") if struct is Uint256Table else f".{inner}"


def _key(key: bytes) -> str:
    return format_address(Address(key)) if len(key) == 20 else f"0x{key.hex()}"


def describe_word(word: int) -> str:
    """Return a storage word for a person: as a number, and in hexadecimal if it is large."""
    return str(word) if word < 2**32 else f"{word} (0x{encode_word(word).hex().lstrip('0')})"
