"""Programs written for places that chance does not get to."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.trust.mutants.directed.bytecode import behind_the_proxy, initializations, long_texts
from conformance.trust.mutants.directed.callers import ill_formed, rare_callers
from conformance.trust.mutants.directed.source import directed_at_source
from conformance.trust.mutants.directed.staking import directed_at_staking
from conformance.trust.mutants.directed.states import credit_beyond_reason, limits, others_refuse
from conformance.trust.mutants.directed.tokens import directed_at_tokens
from conformance.trust.mutants.directed.words import highest_address, other_admins, short_texts
from conformance.trust.mutants.program import Program


def directed() -> Iterator[Program]:
    """Yield all of them."""
    yield from ill_formed()
    yield from rare_callers()
    yield from limits()
    yield from credit_beyond_reason()
    yield from others_refuse()
    yield from highest_address()
    yield from other_admins()
    yield from short_texts()
    yield from long_texts()
    yield from initializations()
    yield from behind_the_proxy()
    yield from directed_at_source()
    yield from directed_at_tokens()
    yield from directed_at_staking()
