"""Integers that stand for all their values at once: the ``int`` with which the specification is read again.

``Integer`` has of Python's ``int`` what the specification uses. It is none, so that a value which is not known cannot
pass for one that is: whatever needs the number itself (an index, a hash, a byte) raises ``TypeError``.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any, ClassVar

import z3

from conformance.trust.proofs.paths import current_path


class Condition:
    """A comparison whose answer depends on symbolic values: to ask for it is to take a way."""

    __slots__ = ("term",)

    def __init__(self, term: z3.BoolRef) -> None:
        self.term = term

    def __bool__(self) -> bool:
        return current_path().decide(self.term)


class _IntegerType(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return type.__instancecheck__(cls, instance) or (cls is Integer and isinstance(instance, builtins.int))


def value_of(number: Any) -> Any:
    """Return what stands behind a number: an ``int``, or z3's term."""
    return number.value if type.__instancecheck__(Integer, number) else number


def _is_number(other: object) -> bool:
    return isinstance(other, (builtins.int, z3.ArithRef)) or type.__instancecheck__(Integer, other)


def _arithmetic(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        return Integer(operation(value_of(self), value_of(other))) if _is_number(other) else NotImplemented

    return method


def _comparison(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        if not _is_number(other):
            return NotImplemented
        answer = operation(value_of(self), value_of(other))
        return answer if isinstance(answer, bool) else Condition(answer)

    return method


def _bits(operation: Callable[[int, int], int]) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        return Integer(operation(_known(self), _known(other)))

    return method


def _known(number: Any) -> builtins.int:
    value = value_of(number)
    if not isinstance(value, builtins.int):
        raise TypeError(f"{value} is not known")
    return value


def _floor(numerator: Any, denominator: Any) -> Any:
    """Return Python's ``//``, as the one q with q·d <= n < (q + 1)·d, for the positive divisors that there are here."""
    if isinstance(numerator, builtins.int) and isinstance(denominator, builtins.int):
        return numerator // denominator
    if Integer(denominator) == 0:
        raise ZeroDivisionError
    path = current_path()
    if Integer(denominator) < 0:
        raise NotImplementedError(f"division by {denominator}, which may be negative")
    quotient = path.fresh("quotient")
    path.know(quotient * denominator <= numerator)
    path.know(numerator < quotient * denominator + denominator)
    return quotient


def _and(number: Any, mask: Any) -> Any:
    if isinstance(number, builtins.int) and isinstance(mask, builtins.int):
        return number & mask
    if isinstance(mask, builtins.int) and mask & (mask + 1) == 0:
        return number % (mask + 1)
    raise NotImplementedError(f"{number} & {mask}")


class Integer(metaclass=_IntegerType):
    """A number that may be symbolic. What is known and is no subclass's instance is an ``int`` again."""

    __slots__ = ("value",)
    value: Any

    def __new__(cls, value: Any = 0) -> Any:
        """Return ``value`` as a number of this class."""
        raw = value_of(value)
        if cls is Integer and isinstance(raw, builtins.int):
            return builtins.int(raw)
        self = object.__new__(cls)
        self.value = raw
        return self

    __add__ = __radd__ = _arithmetic(lambda a, b: a + b)
    __sub__ = _arithmetic(lambda a, b: a - b)
    __rsub__ = _arithmetic(lambda a, b: b - a)
    __mul__ = __rmul__ = _arithmetic(lambda a, b: a * b)
    __floordiv__ = _arithmetic(_floor)
    __and__ = __rand__ = _arithmetic(_and)
    __or__ = __ror__ = _bits(lambda a, b: a | b)
    __xor__ = __rxor__ = _bits(lambda a, b: a ^ b)
    __lshift__ = _bits(lambda a, b: a << b)
    __rshift__ = _bits(lambda a, b: a >> b)
    __lt__ = _comparison(lambda a, b: a < b)
    __le__ = _comparison(lambda a, b: a <= b)
    __gt__ = _comparison(lambda a, b: a > b)
    __ge__ = _comparison(lambda a, b: a >= b)
    __eq__ = _comparison(lambda a, b: a == b)
    __ne__ = _comparison(lambda a, b: a != b)

    def __neg__(self) -> Any:
        return Integer(-self.value)

    def __bool__(self) -> bool:
        return bool(_comparison(lambda a, b: a != b)(self, 0))

    def __hash__(self) -> builtins.int:
        return hash(_known(self))

    def __index__(self) -> builtins.int:
        return _known(self)

    __int__ = __index__

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value})"

    def to_bytes(self, length: builtins.int = 1, byteorder: Any = "big") -> bytes:
        """Return the bytes of what is known, and a mark for what is not: logs and revert data are made of these."""
        value = value_of(self)
        if isinstance(value, builtins.int):
            return value.to_bytes(length, byteorder)
        return b"?" * length

    from_bytes: ClassVar[Any] = builtins.int.from_bytes
