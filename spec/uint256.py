"""Checked 256-bit unsigned integers, with rounding named at every division.

Solidity 0.8 arithmetic: a result outside [0, 2^256) reverts the call with the same ``Panic`` data as the bytecode.
``/``, ``//``, ``%`` and ``divmod`` are not defined, so that no division can be written without saying how it rounds.
"""

from __future__ import annotations

from typing import Any, NoReturn

from spec.errors import ARITHMETIC, DIVISION_BY_ZERO, panic

MAX_UINT256 = 2**256 - 1

_new = int.__new__
_add = int.__add__
_sub = int.__sub__
_mul = int.__mul__
_floordiv = int.__floordiv__


def _undefined(self: U256, other: object) -> NoReturn:
    raise TypeError("division of a U256 has to name its rounding: floor_div or ceil_div")


class U256(int):
    """An integer in [0, 2^256). Its sums, differences and products are U256 too, or revert with ``Panic(0x11)``.

    Only another non-negative integer may stand on the other side.

    Raises
    ------
    ValueError : on construction, if the value is outside [0, 2^256).
    Revert : ``Panic(0x11)``, on overflow or underflow of ``+``, ``-`` and ``*``.
    """

    __slots__ = ()

    def __new__(cls, value: int) -> U256:
        """Return ``value`` as a U256; it is refused outside [0, 2^256)."""
        if not 0 <= value <= MAX_UINT256:
            raise ValueError(f"{value} is not a uint256")
        return _new(cls, value)

    def __add__(self, other: int) -> U256:
        total = _add(self, other)
        if total > MAX_UINT256:
            raise panic(ARITHMETIC)
        return _new(U256, total)

    def __sub__(self, other: int) -> U256:
        difference = _sub(self, other)
        if difference < 0:
            raise panic(ARITHMETIC)
        return _new(U256, difference)

    def __mul__(self, other: int) -> U256:
        product = _mul(self, other)
        if product > MAX_UINT256:
            raise panic(ARITHMETIC)
        return _new(U256, product)

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: int) -> U256:
        return U256(other) - self

    __truediv__: Any = _undefined
    __floordiv__: Any = _undefined
    __mod__: Any = _undefined
    __rtruediv__: Any = _undefined
    __rfloordiv__: Any = _undefined
    __rmod__: Any = _undefined
    __divmod__: Any = _undefined
    __rdivmod__: Any = _undefined

    def wrapping_add(self, other: int) -> U256:
        """Return the sum modulo 2^256, as Solidity's ``unchecked`` blocks give it."""
        return _new(U256, _add(self, other) & MAX_UINT256)

    def wrapping_sub(self, other: int) -> U256:
        """Return the difference modulo 2^256, as Solidity's ``unchecked`` blocks give it."""
        return _new(U256, _sub(self, other) & MAX_UINT256)


ZERO = U256(0)


def floor_div(numerator: U256, denominator: int) -> U256:
    """Return the quotient rounded down.

    Reverts
    -------
    Panic(0x12) : the denominator is zero.
    """
    if denominator == 0:
        raise panic(DIVISION_BY_ZERO)
    return _new(U256, _floordiv(numerator, denominator))


def ceil_div(numerator: U256, denominator: int) -> U256:
    """Return the quotient rounded up.

    Reverts
    -------
    Panic(0x12) : the denominator is zero.
    """
    if denominator == 0:
        raise panic(DIVISION_BY_ZERO)
    return _new(U256, -_floordiv(-int(numerator), denominator))
