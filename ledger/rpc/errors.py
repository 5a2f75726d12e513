"""JSON-RPC errors: the codes of its specification, of EIP-1474, and those which Ethereum's clients have made usual."""

from __future__ import annotations

from typing import Final

from spec.encoding import WORD
from spec.hashing import keccak256

PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMS: Final = -32602
INTERNAL_ERROR: Final = -32603
REFUSED: Final = -32000
"""What Ethereum's clients answer where nothing more exact is agreed upon: a transaction or a block is not to be had."""
TIMED_OUT: Final = -32002
RESPONSE_TOO_LARGE: Final = -32003
LIMIT_EXCEEDED: Final = -32005
REVERTED: Final = 3

_ERROR_STRING: Final = keccak256(b"Error(string)")[:4]
_PANIC: Final = keccak256(b"Panic(uint256)")[:4]
_PANICS: Final = {
    0x00: "generic panic",
    0x01: "assert(false)",
    0x11: "arithmetic underflow or overflow",
    0x12: "division or modulo by zero",
    0x21: "enum overflow",
    0x22: "invalid encoded storage byte array accessed",
    0x31: "out-of-bounds array access; popping on an empty array",
    0x32: "out-of-bounds access of an array or bytesN",
    0x41: "out of memory",
    0x51: "uninitialized function",
}
"""What geth says of each of Solidity's panics."""


class RpcError(Exception):
    """The request is answered with an error; ``data`` is JSON, None for none."""

    def __init__(self, code: int, message: str, data: object = None) -> None:
        super().__init__(message)
        self.code: Final = code
        self.message: Final = message
        self.data: Final = data


def header_not_found() -> RpcError:
    """Return the answer to a question about the state after an unknown block."""
    return RpcError(REFUSED, "header not found")


def reverted(output: bytes) -> RpcError:
    """Return the answer to a call that is refused with this revert data."""
    reason = revert_reason(output)
    message = f"execution reverted: {reason}" if reason else "execution reverted"
    return RpcError(REVERTED, message, f"0x{output.hex()}")


def revert_reason(output: bytes) -> str | None:
    """Return what revert data say to people: the text of ``Error(string)``, geth's for ``Panic``; None for others."""
    selector, content = output[:4], output[4:]
    if selector == _PANIC and len(content) == WORD:
        code = int.from_bytes(content, "big")
        return _PANICS.get(code, f"unknown panic code: {code:#x}")
    if selector == _ERROR_STRING and int.from_bytes(content[:WORD], "big") == WORD and len(content) >= 2 * WORD:
        text = content[2 * WORD :][: int.from_bytes(content[WORD : 2 * WORD], "big")]
        return text.decode(errors="replace")
    return None
