"""Reasons to refuse a call, ours and the target's: revert strings, custom errors, or any."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from math import prod
from types import ModuleType
from typing import Final, NamedTuple

from eth_abi.abi import decode, encode, is_encodable_type
from eth_abi.exceptions import DecodingError
from eth_abi.grammar import ABIType, TupleType, parse

from spec import access_control, erc20, errors, ownable
from spec.daily_credits import credit
from spec.diem import stakes as diem_stakes
from spec.encoding import WORD, encode_string, encode_word
from spec.errors import CustomError, Reason, reason_of
from spec.hashing import keccak256
from spec.staking import contract, locks, mint_curve, owner, proxy, stakes
from spec.vvv import permit
from spec.vvv import token as vvv_token

SELECTOR: Final = 4
ERROR_STRING: Final = keccak256(b"Error(string)")[:SELECTOR]
ANY: Final = "*"

UNTRANSLATED: Final = CustomError("Untranslated(bytes)")
"""Stands before revert data that say our reason in our words, where the target's file gives it other words."""


def _reasons(*modules: ModuleType) -> dict[str, Reason | CustomError]:
    values = [value for module in (errors, *modules) for value in vars(module).values()]
    return {value.name: value for value in values if isinstance(value, Reason | CustomError)}


REASONS: Final[dict[str, dict[str, Reason | CustomError]]] = {
    "vvv": _reasons(vvv_token, permit),
    "staking": _reasons(erc20, ownable, contract, locks, mint_curve, owner, proxy, stakes),
    "diem": _reasons(erc20, access_control, diem_stakes),
    "credits": _reasons(credit),
}
"""Contract |-> name |-> every reason that it has."""

ASKS: Final[dict[str, tuple[str, ...]]] = {
    "vvv": (),
    "staking": ("vvv", "diem"),
    "diem": (),
    "credits": ("diem",),
}
"""Contract |-> those that it calls, whose refusals come back through it."""

_SIGNATURE: Final = re.compile(r"[A-Za-z_$][\w$]*\(([a-z0-9\[\],()]*)\)")
_BEGINNING: Final = re.compile(r"[A-Za-z_$][\w$]*\(")


class Refusal(NamedTuple):
    """How the target says one of our reasons."""

    text: str
    """As it stands in the file."""
    data: bytes
    """The revert data; of a custom error the selector alone."""
    types: tuple[str, ...] | None
    """Of the arguments that follow; None where the data are all there is."""

    @property
    def is_custom(self) -> bool:
        """Whether it is a custom error, whose arguments follow its selector."""
        return self.types is not None

    @property
    def words(self) -> int | None:
        """How many words its arguments take; None where that is not always the same, or there can be none."""
        return None if self.types is None else static_words(self.types)

    def says(self, ours: bytes, theirs: bytes) -> bool:
        """Whether the target's revert data say what ours do.

        Arguments are compared where both errors are custom ones with equally many words of them; otherwise it is only
        seen to that they are of their types.
        """
        if self.text == ANY:
            return True
        if self.types is None:
            return theirs == self.data
        if theirs[:SELECTOR] != self.data or not self._fits(theirs[SELECTOR:]):
            return False
        return not self.compares_arguments(ours) or theirs[SELECTOR:] == ours[SELECTOR:]

    def _fits(self, arguments: bytes) -> bool:
        """Whether the arguments are as long as their types make them: of a dynamic one, as the ABI encodes it."""
        if self.words is not None:
            return len(arguments) == WORD * self.words
        types = self.types or ()
        try:
            return encode(types, decode(types, arguments)) == arguments
        except (DecodingError, UnicodeDecodeError, OverflowError):
            return False

    def compares_arguments(self, ours: bytes) -> bool:
        """Whether our error has arguments that stand in the target's as well."""
        custom = ours[:SELECTOR] in CustomError.known
        return custom and self.words is not None and len(ours) == SELECTOR + WORD * self.words


def parse_refusal(text: str) -> Refusal:
    """Return what a value of an ``errors`` table means: ``Name(types)``, a revert string, or ``*``."""
    if not is_signature(text):
        return Refusal(text, ERROR_STRING + encode_word(WORD) + encode_string(text), None)
    return Refusal(text, keccak256(text.encode())[:SELECTOR], _types(text))


def _types(signature: str) -> tuple[str, ...]:
    """Return the types of a signature's arguments."""
    arguments = signature[signature.index("(") :]
    whole = parse(arguments) if arguments != "()" else None
    return tuple(one.to_type_str() for one in whole.components) if isinstance(whole, TupleType) else ()


def static_words(types: Iterable[str]) -> int | None:
    """Return how many words values of these types take; None if one of them is dynamic."""
    parsed = [parse(type_) for type_ in types]
    return None if any(type_.is_dynamic for type_ in parsed) else sum(map(_words, parsed))


def _words(type_: ABIType) -> int:
    """Return how many words a value of a static type takes."""
    each = sum(map(_words, type_.components)) if isinstance(type_, TupleType) else 1
    return each * prod(int(length) for (length,) in type_.arrlist or ())


def begins_as_signature(text: str) -> bool:
    """Whether a value of an ``errors`` table is meant to be the signature of a custom error."""
    return _BEGINNING.match(text) is not None


def is_signature(text: str) -> bool:
    """Whether it is one: of types that there are, in full, which eth_abi does not insist on."""
    match = _SIGNATURE.fullmatch(text)
    if match is None or re.search(r"\b(u?int|u?fixed)\b", match[1]):
        return False
    return not match[1] or is_encodable_type(f"({match[1]})")


class Refusals:
    """The reasons of one contract of the target."""

    def __init__(self, contract: str, table: dict[str, str]) -> None:
        self.contract: Final = contract
        self.by_reason: Final = {reason: parse_refusal(text) for reason, text in table.items()}

    def says(self, ours: bytes, theirs: bytes) -> bool | None:
        """Whether the target's data say what ours do; None if this contract has no such reason."""
        name = reason_of(ours)
        if name not in REASONS[self.contract]:
            return None
        refusal = self.by_reason.get(name)
        return theirs == ours if refusal is None else refusal.says(ours, theirs)

    def ours(self, theirs: bytes) -> bytes | None:
        """Return the data of the first of our reasons that the target's data say; None if they say none."""
        for name, refusal in self.by_reason.items():
            reason = REASONS[self.contract][name]
            if refusal.text != ANY and refusal.says(b"", theirs):
                return reason.data if isinstance(reason, Reason) else reason.selector + theirs[SELECTOR:]
        return None


def our_data(chain: list[Refusals], ours: bytes | None, theirs: bytes) -> bytes:
    """Return the target's revert data in our words.

    ``chain`` are the contracts that may have refused, the called one first; ``ours`` what the specification answers, if
    it refuses: where the target has one error for several of our reasons, that one is meant if it can be.
    """
    if ours is not None and any(refusals.says(ours, theirs) for refusals in chain):
        return ours
    for refusals in chain:
        if (data := refusals.ours(theirs)) is not None:
            return data
    name = reason_of(theirs)
    if any(name in refusals.by_reason for refusals in chain):
        return UNTRANSLATED.selector + theirs
    return theirs


def describe_refusal(data: bytes, errors: Mapping[bytes, str]) -> str:
    """Return what revert data say, for people; ``errors`` are the target's own, by selector."""
    name = reason_of(data)
    if not name.startswith("0x"):
        return name
    if data[:SELECTOR] == ERROR_STRING:
        try:
            return repr(decode(["string"], data[SELECTOR:])[0])
        except (DecodingError, UnicodeDecodeError, OverflowError):
            return name
    return errors.get(data[:SELECTOR], name)
