"""Calls that no ABI encoder makes: calldata cut off, dirtied or made up, and value where none is taken."""

from __future__ import annotations

from conformance.programs.choices import Choices
from conformance.programs.scene import CONTRACTS, Scene
from spec import addresses
from spec.abi import SELECTOR
from spec.encoding import WORD
from spec.messages import Call
from spec.staking import STAKING


def malform(scene: Scene, call: Call) -> Call:
    """Return ``call`` with one thing wrong, or with something that does not matter."""
    choices = scene.choices
    fault = choices.weighted(
        [
            (20, _cut),
            (20, _dirty),
            (15, _extended),
            (10, _overwritten),
            (10, _hostile),
            (10, _unknown),
            (5, _empty),
            (15, _paid),
        ]
    )
    return fault(choices, call)


def _cut(choices: Choices, call: Call) -> Call:
    return call._replace(data=call.data[: choices.below(len(call.data))])


def _dirty(choices: Choices, call: Call) -> Call:
    """Set a bit in the first bytes of an argument, which is wrong for addresses and small integers."""
    words = (len(call.data) - SELECTOR) // WORD
    if words == 0:
        return call
    at = SELECTOR + WORD * choices.below(min(words, 8)) + choices.below(12)
    return call._replace(data=call.data[:at] + bytes([call.data[at] ^ (1 << choices.below(8))]) + call.data[at + 1 :])


def _overwritten(choices: Choices, call: Call) -> Call:
    """Replace an argument by all ones, or by a small number: as an offset or a length, both are hostile."""
    words = (len(call.data) - SELECTOR) // WORD
    if words == 0:
        return call
    at = SELECTOR + WORD * choices.below(min(words, 8))
    return _with_word(choices, call, at)


def _hostile(choices: Choices, call: Call) -> Call:
    """Call the one function with bytes of any length, with a false offset or length."""
    data = STAKING.by_name["upgradeToAndCall"].calldata(addresses.STAKING_IMPLEMENTATION, bytes(choices.below(40)))
    at = SELECTOR + WORD * (1 + choices.below(2))
    return _with_word(choices, call._replace(to=STAKING.address, data=data), at)


def _with_word(choices: Choices, call: Call, at: int) -> Call:
    word = choices.one_of((2**256 - 1, 2**64 - 1, 2**64, 2**63, 31, 32)).to_bytes(WORD, "big")
    return call._replace(data=call.data[:at] + word + call.data[at + WORD :])


def _extended(choices: Choices, call: Call) -> Call:
    return call._replace(data=call.data + bytes([255]) * (1 + choices.below(64)))


def _unknown(choices: Choices, call: Call) -> Call:
    """Call a function that another contract has, or nobody."""
    other = choices.one_of(CONTRACTS)
    selector = choices.one_of([b"\0\0\0\0", b"\xde\xad\xbe\xef", *other.by_selector])
    return call._replace(data=selector + call.data[SELECTOR:])


def _empty(choices: Choices, call: Call) -> Call:
    return call._replace(data=b"")


def _paid(choices: Choices, call: Call) -> Call:
    return call._replace(value=1 + choices.below(10**18))
