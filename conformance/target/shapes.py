"""Whether what a JSON file says of a contract has the shape that compilers give it: its ABI, its storage layout."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeGuard

from spec.encoding import WORD

KINDS: Final = frozenset({"inplace", "mapping", "dynamic_array", "bytes"})
"""How solc says that a type is encoded."""

_NUMBER: Final = re.compile(r"[0-9]{1,78}")
"""As many digits as 2^256 has."""


def is_abi_entry(entry: object) -> bool:
    """Whether it is a function, an event or another entry of an ABI."""
    if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
        return False
    named = isinstance(entry.get("name", ""), str)
    return named and all(_are_parameters(entry.get(key, [])) for key in ("inputs", "outputs"))


def _are_parameters(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_parameter, value))


def _is_parameter(value: object) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        return False
    return not value["type"].startswith("tuple") or _are_parameters(value.get("components"))


def layout_problem(layout: object) -> str | None:
    """Return what of a storage layout is not as solc writes it: the key, and what was expected; None if all is."""
    if not isinstance(layout, dict) or not isinstance(layout.get("storage"), list):
        return "expected solc's object with storage and types"
    types = layout.get("types") or {}
    if not isinstance(types, dict):
        return "types: expected an object"
    problems = (
        *(_type_problem(types, name) for name in types),
        *_variable_problems(types, "storage", layout["storage"]),
    )
    return next((problem for problem in problems if problem is not None), None)


def _type_problem(types: Mapping[str, Any], name: str) -> str | None:
    type_, place = types[name], f"types.{name}"
    if not isinstance(type_, dict) or type_.get("encoding") not in KINDS or not isinstance(type_.get("label"), str):
        return f"{place}: expected an object with encoding ({', '.join(sorted(KINDS))}), label and numberOfBytes"
    size = type_.get("numberOfBytes")
    if not _is_number(size) or int(size) == 0:
        return f"{place}.numberOfBytes: expected digits, at least 1, found {size!r}"
    for key in ("value", "base"):
        if (key in type_ or (key, type_["encoding"]) == ("value", "mapping")) and not _is_known(types, type_.get(key)):
            return f"{place}.{key}: expected one of types, found {type_.get(key)!r}"
    if "members" in type_:
        members = type_["members"]
        if not isinstance(members, list):
            return f"{place}.members: expected a list"
        return next(filter(None, _variable_problems(types, f"{place}.members", members)), None)
    if type_["encoding"] == "inplace" and "base" not in type_ and int(size) > WORD:
        return f"{place}.numberOfBytes: expected at most {WORD} for a value, found {size!r}"
    return None


def _variable_problems(types: Mapping[str, Any], place: str, variables: Iterable[object]) -> Iterable[str | None]:
    return (_variable_problem(types, f"{place}.{number}", one) for number, one in enumerate(variables))


def _variable_problem(types: Mapping[str, Any], place: str, variable: object) -> str | None:
    if not isinstance(variable, dict) or not isinstance(variable.get("label"), str):
        return f"{place}: expected an object with label, slot, offset and type"
    if not _is_known(types, variable.get("type")):
        return f"{place}.type: expected one of types, found {variable.get('type')!r}"
    slot, offset = variable.get("slot"), variable.get("offset")
    if not _is_number(slot) or int(slot) >= 2**256:
        return f"{place}.slot: expected the digits of a number below 2^256, found {slot!r}"
    if isinstance(offset, bool) or not isinstance(offset, int) or not 0 <= offset < WORD:
        return f"{place}.offset: expected a number from 0 to {WORD - 1}, found {offset!r}"
    return None


def _is_number(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and _NUMBER.fullmatch(value) is not None


def _is_known(types: Mapping[str, Any], name: object) -> bool:
    return isinstance(name, str) and name in types
