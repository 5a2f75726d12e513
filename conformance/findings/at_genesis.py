"""A difference that is there before any call, put as a failure: its program looks at the state and changes nothing."""

from __future__ import annotations

from typing import Final

from conformance.comparison import Difference
from conformance.conform import Failure
from conformance.lockstep import Divergence
from spec.messages import ZERO_ADDRESS, Call
from spec.parameters import Preset
from spec.vvv import VVV

BEFORE_ANY_CALL: Final = -1
"""The index of such a divergence."""


def failure_at_genesis(difference: Difference, preset: Preset) -> Failure:
    """Return the failure of contracts that do not start in the state of ``preset``."""
    look = Call(ZERO_ADDRESS, VVV.address, VVV.by_name["totalSupply"].calldata(), preset.timestamp)
    return Failure(0, (look,), (look,), Divergence(BEFORE_ANY_CALL, look, difference))
