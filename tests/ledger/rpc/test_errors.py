"""What is said of a refused call."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode

from ledger.rpc.errors import revert_reason, reverted
from spec.errors import ARITHMETIC, DIVISION_BY_ZERO, EMPTY, MEMORY_ALLOCATION, CustomError, string_error

ERROR = bytes.fromhex("08c379a0")
PANIC = bytes.fromhex("4e487b71")


@pytest.mark.parametrize("text", ["", "COOLDOWN_NOT_OVER", "a" * 31, "a" * 32, "a" * 33, "grün \U0001f7e2"])
def test_the_text_of_a_string_error(text: str) -> None:
    assert revert_reason(ERROR + encode(["string"], [text])) == text
    assert revert_reason(string_error(text).data) == text


@pytest.mark.parametrize(
    "output,reason",
    [
        (ARITHMETIC.data, "arithmetic underflow or overflow"),
        (DIVISION_BY_ZERO.data, "division or modulo by zero"),
        (MEMORY_ALLOCATION.data, "out of memory"),
        (PANIC + encode(["uint256"], [0x99]), "unknown panic code: 0x99"),
        (PANIC, None),
        (PANIC + bytes(33), None),
        (EMPTY.data, None),
        (ERROR, None),
        (ERROR + bytes(32), None),
        (ERROR + encode(["uint256", "uint256"], [64, 0]), None),
        (ERROR + encode(["uint256", "uint256"], [32, 2**255]), ""),
        (ERROR + encode(["string"], ["abc"]).replace(b"abc", b"a\xffc"), "a�c"),
        (CustomError("OwnableUnauthorizedAccount(address)")(1).data, None),
    ],
)
def test_what_other_revert_data_say(output: bytes, reason: str | None) -> None:
    assert revert_reason(output) == reason


def test_the_answer_to_a_refused_call() -> None:
    error = reverted(string_error("NO").data)
    assert (error.code, error.message, error.data) == (
        3,
        "execution reverted: NO",
        f"0x{string_error('NO').data.hex()}",
    )
    assert (reverted(b"").message, reverted(b"").data) == ("execution reverted", "0x")
