"""Whether an answer is the expected one: the first difference, by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from conformance.comparison import Difference
from conformance.vectors.encoding import Json, Malformed, brief
from conformance.vectors.state import mapping, read_words
from spec.messages import Address
from spec.quantities import format_address

EFFECTS: Final = frozenset({"words", "variables", "logs", "events"})
"""Parts of which each shows what a call has done."""

PARTS: Final = (
    *("values", "output", "reason", "returns", "logs", "events", "words", "variables", "roots"),
    *("head", "receipts", "accounts", "state_root", "receipts_root", "chain"),
)
"""What an answer can have beside its status, each of which a client may leave out of all of its answers."""

Reasons: TypeAlias = Mapping[str, str]
"""What a client calls a reason |-> what the specification calls it."""


class Differs(Exception):
    """An answer is not the expected one."""

    def __init__(self, difference: Difference) -> None:
        super().__init__(str(difference))
        self.difference: Final = difference


class NotComparable(Exception):
    """Too little of an answer is given to tell right from wrong: the message says what is missing."""


class Judge:
    """Compares answers, in the parts that the client gives, with its names for reasons translated."""

    def __init__(self, parts: frozenset[str] = frozenset(PARTS), reasons: Reasons | None = None) -> None:
        self.parts: Final = parts
        self._reasons: Final = reasons or {}

    def judge(self, format_: str, request: Json, expected: Json, got: object) -> None:
        """Compare the answer to a request, its state spelt out, with the expected one.

        Raises
        ------
        NotComparable : whatever it is, too little of it is compared.
        Malformed : it is not written as answers are.
        Differs : it is not the expected one.
        """
        _FORMATS[format_](self, request, expected, got)

    def component(self, _: Json, expected: Json, got: object) -> None:
        """Compare the values of a component, or the refusal."""
        self._need({"values"} if expected["status"] else {"output", "reason"})
        answer = mapping(got)
        self._status("", expected, answer)
        if expected["status"]:
            _same("values", expected["values"], answer.get("values"))
        else:
            self._refusal("", expected, answer)

    def call(self, request: Json, expected: Json, got: object) -> None:
        """Compare the receipt of a call, and what it has changed."""
        if not expected["status"]:
            self._need({"output", "reason"})
        elif expected["words"] or expected["logs"]:
            self._need(EFFECTS)
        else:
            self._need({"output", "returns"})
        answer = mapping(got)
        self._receipt("", expected, answer)
        self._state("", request["state"], expected, answer)

    def sequence(self, request: Json, expected: Json, got: object) -> None:
        """Compare receipt after receipt, each checkpoint after the receipt it follows."""
        self._need({"output", "reason"})
        self._need(EFFECTS | {"roots"})
        answer = mapping(got)
        receipts = _items("receipts", answer.get("receipts"), len(expected["receipts"]))
        checkpoints = _items("checkpoints", answer.get("checkpoints"), len(expected["checkpoints"]))
        following = {int(each["after"]): number for number, each in enumerate(expected["checkpoints"])}
        for number, receipt in enumerate(expected["receipts"]):
            self._receipt(f"receipts[{number}].", receipt, mapping(receipts[number]))
            at = following.get(number + 1)
            if at is not None:
                where, wanted, given = f"checkpoints[{at}].", expected["checkpoints"][at], mapping(checkpoints[at])
                self._state(where, request["state"], wanted, given)
                if "roots" in self.parts:
                    _same(f"{where}roots", wanted["roots"], given.get("roots"))

    def chain(self, request: Json, expected: Json, got: object) -> None:
        """Compare what became of each step, then the state in the end, and at last the roots, which say least."""
        self._need({"head", "state_root"})
        answer = mapping(got)
        given = [mapping(step) for step in _items("steps", answer.get("steps"), len(expected["steps"]))]
        for number, step in enumerate(expected["steps"]):
            self._chain_step(f"steps[{number}].", step, given[number])
        if "accounts" in self.parts:
            _accounts(request["genesis"]["alloc"], expected["accounts"], mapping(answer.get("accounts")))
        alloc = request["genesis"]["alloc"].items()
        words = {address: account["storage"] for address, account in alloc if "storage" in account}
        self._state("", {"words": words, "variables": {}}, expected, answer)
        for number, step in enumerate(expected["steps"]):
            self._chain_roots(f"steps[{number}].", step, given[number])
        if "chain" in self.parts:
            _same("chain", expected["chain"], answer.get("chain"))

    def _chain_step(self, where: str, expected: Json, got: Json) -> None:
        if "one_of" in expected:
            self._chain_head(where, [each["head"] for each in expected["one_of"]], got)
            return
        self._status(where, expected, got)
        if not expected["status"] and "reason" in self.parts:
            self._reason(where, expected, got)
        if "receipts" in expected and "receipts" in self.parts:
            receipts = _items(f"{where}receipts", got.get("receipts"), len(expected["receipts"]))
            for number, receipt in enumerate(expected["receipts"]):
                self._chain_receipt(f"{where}receipts[{number}].", receipt, mapping(receipts[number]))
        self._chain_head(where, [expected["head"]], got)

    def _chain_receipt(self, where: str, expected: Json, got: Json) -> None:
        for part in ("status", "logs", "events"):
            if part == "status" or part in self.parts:
                _same(where + part, expected[part], got.get(part))

    def _chain_head(self, where: str, expected: list[Json], got: Json) -> None:
        if "head" in self.parts:
            _one_of(f"{where}head", expected, got.get("head"))

    def _chain_roots(self, where: str, expected: Json, got: Json) -> None:
        possible = expected.get("one_of", [expected])
        if "state_root" in self.parts:
            # Which of the heads it is has been compared.
            fitting = [each for each in possible if "head" not in self.parts or _is(each["head"], got.get("head"))]
            _one_of(f"{where}state_root", [each["state_root"] for each in fitting], got.get("state_root"))
        if "receipts_root" in expected and "receipts_root" in self.parts:
            _same(f"{where}receipts_root", expected["receipts_root"], got.get("receipts_root"))

    def _need(self, parts: set[str] | frozenset[str]) -> None:
        if not parts & self.parts:
            raise NotComparable(f"the client answers none of {', '.join(sorted(parts))}")

    def _receipt(self, where: str, expected: Json, got: Json) -> None:
        self._status(where, expected, got)
        if not expected["status"]:
            self._refusal(where, expected, got)
            return
        for part in ("output", "returns", "logs", "events"):
            if part in self.parts:
                _same(where + part, expected[part], got.get(part))

    def _status(self, where: str, expected: Json, got: Json) -> None:
        if expected["status"] is True and got.get("status") is False:
            reason = got.get("reason")
            refused = f"refused with {reason}" if isinstance(reason, str) else "refused"
            raise Differs(Difference(f"{where}status", "accepted", refused))
        if expected["status"] is False and got.get("status") is True:
            raise Differs(Difference(f"{where}status", f"refused with {expected['reason']}", "accepted"))
        _same(f"{where}status", expected["status"], got.get("status"))

    def _refusal(self, where: str, expected: Json, got: Json) -> None:
        """Compare the reason, which says more to people, before the revert data."""
        if "reason" in self.parts:
            self._reason(where, expected, got)
        if "output" in self.parts:
            _same(f"{where}output", expected["output"], got.get("output"))

    def _reason(self, where: str, expected: Json, got: Json) -> None:
        reason = got.get("reason")
        known = self._reasons.get(reason, reason) if isinstance(reason, str) else reason
        _same(f"{where}reason", expected["reason"], known)

    def _state(self, where: str, before: Json, expected: Json, got: Json) -> None:
        if "variables" in self.parts:
            _variables(f"{where}variables", before["variables"], expected["variables"], mapping(got.get("variables")))
        if "words" in self.parts:
            _words(f"{where}words", before["words"], expected, got)


def _words(where: str, before: Json, expected: Json, got: Json) -> None:
    """Compare the words after a call; an answer may name words that are as they were."""
    start, wanted, given = read_words(before), read_words(expected["words"]), read_words(got.get("words"))
    for contract, slot in sorted(wanted.keys() | given.keys()):
        unchanged = start.get((contract, slot), 0)
        right, found = wanted.get((contract, slot), unchanged), given.get((contract, slot), unchanged)
        if right != found:
            at = f"{where}[{format_address(Address(contract))}][0x{slot:x}]"
            raise Differs(Difference(at, hex(right), hex(found)))


ABSENT: Final = ("0", False, "", "0x" + 20 * "00", "0x" + 32 * "00")
"""What a variable holds that was never written."""


def _variables(where: str, before: Json, expected: Json, got: Json) -> None:
    """Compare the variables after a call; an answer may name variables that are as they were."""
    for name in sorted(expected.keys() | got.keys()):
        if name in expected:
            _same(f"{where}.{name}", expected[name], got.get(name, before.get(name)))
        elif name in before:
            _same(f"{where}.{name}", before[name], got[name])
        elif got[name] not in ABSENT:
            raise Differs(Difference(f"{where}.{name}", "no such variable, or one that is 0", brief(got[name])))


NOBODY: Final = {"nonce": "0", "balance": "0"}
"""An account that is not there."""


def _accounts(before: Json, expected: Json, got: Json) -> None:
    """Compare the accounts in the end; an answer may name accounts that are as they were at genesis."""
    first = {address.lower(): account for address, account in before.items()}
    wanted = {address.lower(): account for address, account in expected.items()}
    given = {address.lower(): mapping(account) for address, account in got.items()}
    for address in sorted(wanted.keys() | given.keys()):
        unchanged = {name: str(int(first.get(address, {}).get(name, "0x0"), 16)) for name in NOBODY}
        found = given.get(address, unchanged)
        _same(f"accounts.{address}", wanted.get(address, unchanged), found)


def _one_of(where: str, expected: list[Any], got: Any) -> None:
    """Compare with what it may be; if it is none of these, with the first."""
    if not any(_is(each, got) for each in expected[1:]):
        _same(where, expected[0], got)


def _is(expected: Any, got: Any) -> bool:
    try:
        _same("", expected, got)
    except (Differs, Malformed):
        return False
    return True


def _items(where: str, value: object, count: int) -> list[Any]:
    if not isinstance(value, list):
        raise Malformed(f"{where}: expected a list, found {brief(value)}")
    if len(value) != count:
        raise Differs(Difference(where, f"{count} entries", f"{len(value)} entries"))
    return value


def _same(where: str, expected: Any, got: Any) -> None:
    """Compare two values, hexadecimal in either case.

    Raises
    ------
    Malformed : a string is expected, and a number is found.
    Differs : they are not the same.
    """
    if isinstance(expected, dict):
        for key, value in expected.items():
            _same(f"{where}.{key}", value, mapping(got).get(key) if got is not None else None)
    elif isinstance(expected, list):
        if not isinstance(got, list) or len(got) != len(expected):
            raise Differs(Difference(where, brief(expected), brief(got)))
        for number, value in enumerate(expected):
            _same(f"{where}[{number}]", value, got[number])
    elif isinstance(expected, str) and isinstance(got, int | float) and not isinstance(got, bool):
        raise Malformed(f"{where}: expected a string, found the number {brief(got)}")
    elif not _equal(expected, got):
        raise Differs(Difference(where, brief(expected), "nothing" if got is None else brief(got)))


def _equal(expected: Any, got: Any) -> bool:
    if isinstance(expected, str) and isinstance(got, str) and expected.startswith("0x"):
        return expected.lower() == got.lower()
    return type(expected) is type(got) and bool(expected == got)


_FORMATS: Final[dict[str, Callable[[Judge, Json, Json, object], None]]] = {
    "component": Judge.component,
    "call": Judge.call,
    "sequence": Judge.sequence,
    "chain": Judge.chain,
    "crash": Judge.chain,
}
