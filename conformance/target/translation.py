"""Between our words and the target's: calls on the way out, receipts on the way back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from conformance.target.refusals import ASKS, our_data
from conformance.target.target import Target
from spec.abi import SELECTOR
from spec.encoding import WORD
from spec.hashing import keccak256
from spec.machine import CONTRACTS
from spec.messages import Call, Log, Receipt
from spec.staking import STAKING

UPGRADE: Final = STAKING.by_name["upgradeToAndCall"].selector
"""The one function whose arguments hold calldata."""


class Translation:
    """Speaks with a target in our words."""

    def __init__(self, target: Target) -> None:
        self._by_address = {role.address: role.map for role in target.roles.values()}
        self._chains = {
            contract.address: [target.refusals(name) for name in (contract.name, *ASKS[contract.name])]
            for contract in CONTRACTS.values()
        }
        self.not_compared: Final[Counter[str]] = Counter()
        """What of the receipts was not looked at, because the target's file says so |-> how often."""

    def left_out(self, call: Call) -> str | None:
        """Return the function, if the call is of one that the target does not have, or that is its own."""
        role = self._by_address.get(call.to)
        if role is None:
            return None
        selector = call.data[:SELECTOR]
        if selector in role.missing:
            return f"{role.contract.name}.{role.contract.by_selector[selector].name}"
        own = role.own_functions.get(selector)
        if own is not None and selector not in role.contract.by_selector:
            return f"{role.contract.name}.{own.signature}, the target's own"
        return None

    def call(self, call: Call) -> Call:
        """Return the call as the target wants it."""
        role = self._by_address.get(call.to)
        if role is None:
            return call
        return call._replace(data=_outward(role.selectors, call.data))

    def receipt(self, call: Call, ours: Receipt, theirs: Receipt) -> Receipt:
        """Return the target's receipt in our words; ``ours`` is what the specification answers to the call."""
        if theirs.status:
            return theirs._replace(logs=tuple(self._logs(ours.logs, theirs.logs)))
        ours_refused = None if ours.status else ours.output
        return theirs._replace(output=our_data(self._chains.get(call.to, []), ours_refused, theirs.output))

    def _logs(self, ours: tuple[Log, ...], theirs: tuple[Log, ...]) -> Iterator[Log]:
        """Yield the target's logs in our words, and in their places those of ours that it does not have."""
        found = [self._log(log) for log in theirs if not self._is_own(log)]
        left = iter(found)
        for log in ours:
            if self._is_missing(log):
                yield log
            elif (one := next(left, None)) is not None:
                yield one
        yield from left

    def _log(self, log: Log) -> Log:
        role = self._by_address.get(log.address)
        if role is None or not log.topics:
            return log
        event = role.topics.get(log.topics[0])
        if event is not None:
            return event.our_log(log) or log
        if log.topics[0] in role.renamed_topics:
            return log._replace(topics=(keccak256(b"untranslated" + log.topics[0]), *log.topics[1:]))
        return log

    def _is_own(self, log: Log) -> bool:
        role = self._by_address.get(log.address)
        own = role is not None and bool(log.topics) and log.topics[0] in role.own_events
        if own and role is not None:
            self.not_compared[f"{role.contract.name}: events of the target's own"] += 1
        return own

    def _is_missing(self, log: Log) -> bool:
        role = self._by_address.get(log.address)
        if role is None:
            return False
        name = role.missing_events.get(log.topics[0])
        if name is not None:
            self.not_compared[f"{role.contract.name}: event {name}"] += 1
        return name is not None


def _outward(selectors: Mapping[bytes, bytes], data: bytes) -> bytes:
    """Return calldata with the target's selectors, also of the call that an upgrade makes."""
    selector = data[:SELECTOR]
    body = data[SELECTOR:]
    if selector == UPGRADE and len(body) >= 2 * WORD:
        start = int.from_bytes(body[WORD : 2 * WORD], "big") + WORD
        inner = body[start : start + SELECTOR]
        length = int.from_bytes(body[start - WORD : start], "big")
        if len(inner) == SELECTOR <= length:
            body = body[:start] + selectors.get(inner, inner) + body[start + SELECTOR :]
    return selectors.get(selector, selector) + body
