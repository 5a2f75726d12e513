"""A call in py-evm, and beside every word in it the term by which it was computed.

The way that a call goes is the one of its own data; of what it computes, all is kept as terms over calldata, storage,
caller, time and what other contracts answer. If a code and a mutant of it come to the same conditions, writes, logs,
calls and results, term by term, they do the same for every call that goes this way. Places and lengths in memory, what
is returned included, are those of the call at hand; and the contracts that storage names have code.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from eth.vm.forks.prague.computation import PragueComputation
from eth.vm.opcode import as_opcode

from conformance.trust.mutants.assembler import EFFECTS, MNEMONICS
from conformance.trust.mutants.frame import Frame, bytes_of, word_of
from conformance.trust.mutants.terms import Term, condition, learned, node, simplified
from spec.machine import CONTRACTS

Guards = Collection[tuple[Any, int]]
"""Conditional jumps, by address and place, that go one way only: it is known why."""

Effects = list[tuple[Any, ...]]
"""What a call does, in order."""

_SYMBOLS: Final = frozenset({"CALLER", "ORIGIN", "CALLVALUE", "CALLDATASIZE", "TIMESTAMP", "NUMBER", "GAS", "CHAINID"})
_CALLS: Final = {"CALL": 7, "CALLCODE": 7, "DELEGATECALL": 6, "STATICCALL": 6}
ADDRESS_BITS: Final = (1 << 160) - 1
"""What the EVM takes of a word for the address of a call."""
_FUNCTIONS: Final = {
    selector: function for contract in CONTRACTS.values() for selector, function in contract.by_selector.items()
}
ECRECOVER: Final = 1
"""The address of the precompile that answers with an address."""
ADDRESS_PADDING: Final = 12
"""Zeros before an address in a word (bytes)."""
_COPIES: Final = {"CALLDATACOPY": "calldata", "RETURNDATACOPY": "returned", "CODECOPY": "code"}


class Shadow:
    """Follows what a machine executes."""

    def __init__(self, guards: Guards = frozenset()) -> None:
        self.effects: Effects = []
        self._guards = guards
        self._frames: dict[int, tuple[Any, Frame]] = {}
        self._calldata: tuple[Term, ...] | None = None
        self._calls = 0
        self._writes = 0

    def begin(self, guards: Guards) -> None:
        """Forget all: a call begins."""
        self.__init__(guards)  # type: ignore[misc]

    def opcodes(self) -> Mapping[int, Any]:
        """Return py-evm's operations, each of which is followed."""
        return {number: self._followed(number, operation) for number, operation in PragueComputation.opcodes.items()}

    def _followed(self, number: int, operation: Any) -> Any:
        name = MNEMONICS.get(number, f"0x{number:02x}")
        logic = getattr(operation, "logic_fn", operation)
        follow = self._rule(number, name)

        def run(computation: Any) -> None:
            follow(self._frame(computation), computation, logic)

        return run if logic is operation else as_opcode(run, operation.mnemonic, operation.gas_cost)

    def _frame(self, computation: Any) -> Frame:
        """Return the frame of a computation; the computation is kept, so that no other can be taken for it."""
        if id(computation) not in self._frames:
            self._frames[id(computation)] = (computation, Frame(self._calldata))
            self._calldata = None
        return self._frames[id(computation)][1]

    def _rule(self, number: int, name: str) -> Callable[[Frame, Any, Any], None]:
        if 0x60 <= number <= 0x7F or name in {"PC", "MSIZE", "ADDRESS", "CODESIZE", "PUSH0"}:
            return self._constant
        if name.startswith("DUP"):
            return lambda frame, computation, logic: self._dup(frame, computation, logic, int(name[3:]))
        if name.startswith("SWAP"):
            return lambda frame, computation, logic: self._swap(frame, computation, logic, int(name[4:]))
        if name in _CALLS:
            return lambda frame, computation, logic: self._call(frame, computation, logic, name)
        if name in _COPIES:
            return lambda frame, computation, logic: self._copy(frame, computation, logic, name)
        if name.startswith("LOG"):
            return lambda frame, computation, logic: self._log(frame, computation, logic, int(name[3:]))
        special = getattr(self, f"_{name.lower()}", None)
        if special is not None:
            return special  # type: ignore[no-any-return]
        taken, given = EFFECTS.get(number, (0, 0))
        return lambda frame, computation, logic: self._plain(frame, computation, logic, (name, taken, given))

    def _constant(self, frame: Frame, computation: Any, logic: Any) -> None:
        logic(computation)
        frame.stack.append(_top(computation))

    def _dup(self, frame: Frame, computation: Any, logic: Any, depth: int) -> None:
        logic(computation)
        frame.stack.append(frame.stack[-depth])

    def _swap(self, frame: Frame, computation: Any, logic: Any, depth: int) -> None:
        logic(computation)
        stack = frame.stack
        stack[-1], stack[-1 - depth] = stack[-1 - depth], stack[-1]

    def _plain(self, frame: Frame, computation: Any, logic: Any, shape: tuple[str, int, int]) -> None:
        name, taken, given = shape
        parts = frame.pop(taken)
        logic(computation)
        if not given:
            return
        if name == "RETURNDATASIZE" or (name == "EXTCODESIZE" and _is_stored(parts[0])):
            frame.stack.append(_top(computation))
        elif name in _SYMBOLS or name == "SELFBALANCE":
            frame.stack.append(node(name))
        elif all(isinstance(part, int) for part in parts) and name not in {"EXTCODESIZE", "EXTCODEHASH", "BALANCE"}:
            frame.stack.append(_top(computation))
        else:
            frame.stack.append(simplified(name, parts, frame.facts))

    def _calldataload(self, frame: Frame, computation: Any, logic: Any) -> None:
        place = _top(computation)
        (at,) = frame.pop(1)
        logic(computation)
        if frame.calldata is not None:
            content = frame.calldata[place : place + 32]
            frame.stack.append(word_of(content + (0,) * (32 - len(content))))
        else:
            frame.stack.append(node("CALLDATALOAD", at))

    def _mload(self, frame: Frame, computation: Any, logic: Any) -> None:
        at = _top(computation)
        frame.pop(1)
        logic(computation)
        frame.stack.append(word_of(frame.read(at, 32)))

    def _mstore(self, frame: Frame, computation: Any, logic: Any) -> None:
        at = _top(computation)
        _, content = frame.pop(2)
        logic(computation)
        frame.write(at, bytes_of(content))

    def _mstore8(self, frame: Frame, computation: Any, logic: Any) -> None:
        at = _top(computation)
        _, content = frame.pop(2)
        logic(computation)
        frame.write(at, bytes_of(content)[-1:])

    def _sha3(self, frame: Frame, computation: Any, logic: Any) -> None:
        at, length = _tops(computation, 2)
        frame.pop(2)
        logic(computation)
        content = frame.read(at, length)
        known = all(isinstance(byte, int) for byte in content)
        frame.stack.append(_top(computation) if known else node("SHA3", content))

    def _sload(self, frame: Frame, computation: Any, logic: Any) -> None:
        (key,) = frame.pop(1)
        logic(computation)
        frame.stack.append(node("SLOAD", key, self._writes))

    def _sstore(self, frame: Frame, computation: Any, logic: Any) -> None:
        self.effects.append(("SSTORE", *frame.pop(2)))
        self._writes += 1
        logic(computation)

    _tload, _tstore = _sload, _sstore

    def _log(self, frame: Frame, computation: Any, logic: Any, topics: int) -> None:
        at, length = _tops(computation, 2)
        _, _, *rest = frame.pop(2 + topics)
        self.effects.append(("LOG", *rest, frame.read(at, length)))
        logic(computation)

    def _copy(self, frame: Frame, computation: Any, logic: Any, name: str) -> None:
        at, start, length = _tops(computation, 3)
        frame.pop(3)
        logic(computation)
        if name == "CODECOPY":
            content: tuple[Term, ...] = tuple(computation._memory.read_bytes(at, length))
        elif name == "CALLDATACOPY" and frame.calldata is not None:
            content = (frame.calldata[start : start + length] + (0,) * length)[:length]
        else:
            number = frame.returned if name == "RETURNDATACOPY" else 0
            content = tuple(node(_COPIES[name], number, start + place) for place in range(length))
        frame.write(at, content)

    def _call(self, frame: Frame, computation: Any, logic: Any, name: str) -> None:
        concrete = _tops(computation, _CALLS[name])
        terms = frame.pop(_CALLS[name])
        at, length, out, most = concrete[-4:]
        data = frame.read(at, length)
        self._calls += 1
        number = self._calls
        to = simplified("AND", (ADDRESS_BITS, terms[1]), frame.facts) if isinstance(terms[1], tuple) else terms[1]
        self.effects.append((name, to, *terms[2:-4], _heeded(data) if _is_stored(to) else data))
        self._calldata = data
        logic(computation)
        self._calldata = None
        frame.returned = number
        size = min(most, len(computation.return_data))
        zeros = ADDRESS_PADDING if terms[1] == ECRECOVER else 0
        frame.write(out, tuple(0 if place < zeros else node("returned", number, place) for place in range(size)))
        frame.stack.append(node("succeeded", number))

    def _jumpi(self, frame: Frame, computation: Any, logic: Any) -> None:
        _, wanted = _tops(computation, 2)
        _, term = frame.pop(2)
        guard = computation.msg.code_address, computation.code.program_counter - 1
        logic(computation)
        if not isinstance(term, int) and guard not in self._guards:
            term, holds = condition(term, holds=bool(wanted))
            learned(term, frame.facts, holds=holds)
            self.effects.append(("IF", term, holds))

    def _return(self, frame: Frame, computation: Any, logic: Any) -> None:
        self._end(frame, computation, logic, "RETURN")

    def _revert(self, frame: Frame, computation: Any, logic: Any) -> None:
        self._end(frame, computation, logic, "REVERT")

    def _end(self, frame: Frame, computation: Any, logic: Any, name: str) -> None:
        at, length = _tops(computation, 2)
        frame.pop(2)
        self.effects.append((name, frame.read(at, length)))
        logic(computation)

    def _stop(self, _: Frame, computation: Any, logic: Any) -> None:
        self.effects.append(("RETURN", ()))
        logic(computation)


def _heeded(data: tuple[Term, ...]) -> tuple[Term, ...]:
    """Return the calldata that our own contracts take notice of: what follows the arguments is none of theirs."""
    function = _FUNCTIONS.get(bytes(byte for byte in data[:4] if isinstance(byte, int)))
    return data if function is None else data[: 4 + 32 * len(function.parameters)]


def _is_stored(address: Term) -> bool:
    """Return whether an address comes out of storage, where the contracts' own stand."""
    while isinstance(address, tuple) and address[0] == "AND":
        address = address[2]
    return isinstance(address, tuple) and address[0] == "SLOAD"


def _top(computation: Any) -> int:
    return _tops(computation, 1)[0]


def _tops(computation: Any, count: int) -> tuple[int, ...]:
    """Return what is on top of the stack, the topmost first."""
    values = computation._stack.values[: -count - 1 : -1]
    return tuple(int.from_bytes(value, "big") if isinstance(value, bytes) else value for value in values)
