"""Checked 256-bit arithmetic: at its edges, with the revert data of Solidity 0.8."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from spec.errors import Revert
from spec.uint256 import MAX_UINT256, U256, ZERO, ceil_div, floor_div

MAX = 2**256 - 1
OVERFLOW = bytes.fromhex("4e487b71") + encode(["uint256"], [0x11])
BY_ZERO = bytes.fromhex("4e487b71") + encode(["uint256"], [0x12])

uints = st.one_of(st.sampled_from([0, 1, 2**128, MAX - 1, MAX]), st.integers(0, MAX))


def test_largest_value_is_two_to_the_256_less_one() -> None:
    assert MAX_UINT256 == MAX
    assert U256(MAX) == MAX
    assert type(ZERO) is U256
    assert ZERO == 0


@pytest.mark.parametrize("value", [-1, 2**256, -(2**256)])
def test_value_outside_the_range_is_refused_on_construction(value: int) -> None:
    with pytest.raises(ValueError, match=f"^{value} is not a uint256$"):
        U256(value)


@pytest.mark.parametrize(
    "operation,left,right,result",
    [
        (operator.add, MAX - 1, 1, MAX),
        (operator.add, MAX, 0, MAX),
        (operator.add, 2**255, 2**255 - 1, MAX),
        (operator.sub, MAX, MAX, 0),
        (operator.sub, 1, 1, 0),
        (operator.sub, 5, 0, 5),
        (operator.mul, 2**128, 2**128 - 1, 2**256 - 2**128),
        (operator.mul, 2**255, 1, 2**255),
        (operator.mul, MAX, 0, 0),
        (operator.mul, 0, MAX, 0),
    ],
)
def test_result_within_the_range_is_a_uint256_whichever_side_is_a_plain_integer(
    operation: Callable[[Any, Any], Any], left: int, right: int, result: int
) -> None:
    for a, b in ((U256(left), U256(right)), (U256(left), right), (left, U256(right))):
        answer = operation(a, b)
        assert answer == result
        assert type(answer) is U256


@pytest.mark.parametrize(
    "operation,left,right",
    [
        (operator.add, MAX, 1),
        (operator.add, 1, MAX),
        (operator.add, 2**255, 2**255),
        (operator.sub, 0, 1),
        (operator.sub, MAX - 1, MAX),
        (operator.mul, 2**128, 2**128),
        (operator.mul, MAX, 2),
        (operator.mul, 2, 2**255),
    ],
)
def test_result_outside_the_range_reverts_with_panic_0x11_whichever_side_is_a_plain_integer(
    operation: Callable[[Any, Any], Any], left: int, right: int
) -> None:
    for a, b in ((U256(left), U256(right)), (U256(left), right), (left, U256(right))):
        with pytest.raises(Revert) as refusal:
            operation(a, b)
        assert refusal.value.data == OVERFLOW
        assert refusal.value.reason == "Panic(0x11)"


@pytest.mark.parametrize("operation", [operator.truediv, operator.floordiv, operator.mod, divmod])
@pytest.mark.parametrize("left,right", [(U256(7), U256(2)), (U256(7), 2), (7, U256(2))])
def test_division_that_names_no_rounding_is_not_defined(
    operation: Callable[[Any, Any], Any], left: int, right: int
) -> None:
    with pytest.raises(TypeError, match="floor_div or ceil_div"):
        operation(left, right)


@pytest.mark.parametrize(
    "numerator,denominator,down,up",
    [
        (0, 1, 0, 0),
        (0, MAX, 0, 0),
        (1, MAX, 0, 1),
        (6, 3, 2, 2),
        (7, 3, 2, 3),
        (8, 3, 2, 3),
        (9, 3, 3, 3),
        (MAX, 1, MAX, MAX),
        (MAX, MAX, 1, 1),
        (MAX - 1, MAX, 0, 1),
        (MAX, 2, 2**255 - 1, 2**255),
    ],
)
def test_quotient_is_rounded_as_its_name_says(numerator: int, denominator: int, down: int, up: int) -> None:
    for divisor in (denominator, U256(denominator)):
        assert floor_div(U256(numerator), divisor) == down
        assert ceil_div(U256(numerator), divisor) == up
        assert type(floor_div(U256(numerator), divisor)) is U256
        assert type(ceil_div(U256(numerator), divisor)) is U256


@pytest.mark.parametrize("divide", [floor_div, ceil_div])
@pytest.mark.parametrize("numerator", [0, 1, MAX])
def test_division_by_zero_reverts_with_panic_0x12(divide: Callable[[U256, int], U256], numerator: int) -> None:
    with pytest.raises(Revert) as refusal:
        divide(U256(numerator), 0)
    assert refusal.value.data == BY_ZERO
    assert refusal.value.reason == "Panic(0x12)"


@pytest.mark.parametrize(
    "left,right,total,difference",
    [(MAX, 1, 0, MAX - 1), (MAX, MAX, MAX - 1, 0), (0, 1, 1, MAX), (0, 0, 0, 0), (2, 5, 7, MAX - 2)],
)
def test_unchecked_arithmetic_wraps_around(left: int, right: int, total: int, difference: int) -> None:
    assert U256(left).wrapping_add(right) == total
    assert U256(left).wrapping_sub(right) == difference
    assert type(U256(left).wrapping_add(right)) is U256
    assert type(U256(left).wrapping_sub(right)) is U256


@given(uints, uints)
def test_arithmetic_is_that_of_integers_where_they_fit(left: int, right: int) -> None:
    for operation in (operator.add, operator.sub, operator.mul):
        exact = operation(left, right)
        if 0 <= exact <= MAX:
            assert operation(U256(left), U256(right)) == exact
        else:
            with pytest.raises(Revert):
                operation(U256(left), U256(right))


@given(uints, uints.filter(bool))
def test_ceil_is_floor_and_one_more_where_it_does_not_divide(numerator: int, denominator: int) -> None:
    quotient, rest = divmod(numerator, denominator)
    assert floor_div(U256(numerator), denominator) == quotient
    assert ceil_div(U256(numerator), denominator) == quotient + (rest > 0)
