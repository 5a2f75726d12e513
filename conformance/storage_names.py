"""Names for storage slots: the variable, and the keys that lead to it, as the specification declares them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

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
            for name, slot in _variables(record, tuple(keys)):
                names.setdefault(slot, [f"{contract}."]).append(name)
    return {slot: contract + " and ".join(variables) for slot, (contract, *variables) in names.items()}


def _contracts(world: World) -> dict[str, Record]:
    return {"vvv": world.vvv, "staking": world.staking, "diem": world.diem, "credits": world.credits}


def _variables(record: Record, keys: tuple[Address, ...]) -> Iterator[tuple[str, int]]:
    """Yield (name, slot) of every variable of a record, mappings followed."""
    for name, variable in chain.from_iterable(vars(type_).items() for type_ in type(record).__mro__):
        if hasattr(variable, "offset"):
            yield name, record.base + variable.offset
    for name, member in vars(record).items():
        for inner, slot in _members(member, keys):
            yield name + inner, slot


def _members(member: object, keys: tuple[Address, ...]) -> Iterator[tuple[str, int]]:
    if isinstance(member, Uint256Array):
        yield from ((f"[{index}]", member.base + index) for index in range(member.length))
    elif isinstance(member, Uint256Mapping | BoolMapping):
        yield from ((f"[{_key(key)}]", member.slots[key]) for key in dict.fromkeys((*member.slots, *keys)))
    elif isinstance(member, RecordMapping):
        for key in dict.fromkeys((*member.slots, *keys)):
            for inner, slot in _variables(member[key], keys):
                yield f"[{_key(key)}]{_joined(member.struct, inner)}", slot
    elif isinstance(member, Record):
        yield from ((f".{inner}", slot) for inner, slot in _variables(member, keys))


def _joined(struct: type[Record], inner: str) -> str:
    """Return how a member of a mapping's value is written; a mapping in a mapping has no name of its own."""
    return inner.removeprefix("of") if struct is Uint256Table else f".{inner}"


def _key(key: bytes) -> str:
    return format_address(Address(key)) if len(key) == 20 else f"0x{key.hex()}"


def describe_word(word: int) -> str:
    """Return a storage word for a person: as a number, and in hexadecimal if it is large."""
    return str(word) if word < 2**32 else f"{word} (0x{encode_word(word).hex().lstrip('0')})"
