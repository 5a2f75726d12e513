"""What has to be refuted: faults planted in the specification, and statements that do not hold as it stands.

Each is a claim about whole functions. The solver has to find inputs for which it does not hold, and those inputs, run
through the same functions with plain integers, have to show the same.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from conformance.trust.proofs import curve, locks, overflow, round_trips, splitting, whole
from conformance.trust.proofs.edition import Patch
from conformance.trust.proofs.reading import Lemma

_CURVE, _LOCKS = "spec.staking.mint_curve", "spec.staking.locks"
_LAST_STEP = "minted + floor_div(remaining * RATE_SCALE, rate)"
_COST = "ceil_div(rate * room, RATE_SCALE)"


class Fault(NamedTuple):
    """A change of the specification's source which a claim, and a lemma of a theorem, has to find."""

    key: str
    change: str
    patch: Patch
    claim: Lemma
    theorem: str
    lemma: Lemma


class Limit(NamedTuple):
    """A statement that does not hold of the specification as it stands: it says why a theorem claims no more."""

    key: str
    statement: str
    claim: Lemma


FAULTS: Final = (
    Fault(
        "quote-up",
        "the DIEM of the last step is rounded up",
        Patch(_CURVE, _LAST_STEP, _LAST_STEP.replace("floor", "ceil")),
        whole.costs_its_price,
        "curve",
        curve.ends,
    ),
    Fault(
        "quote-up-in-parts",
        "the DIEM of the last step is rounded up",
        Patch(_CURVE, _LAST_STEP, _LAST_STEP.replace("floor", "ceil")),
        whole.splitting_gains_nothing,
        "splitting",
        splitting.first_ends,
    ),
    Fault(
        "cost-down",
        "the cost of the rest of a step is rounded down",
        Patch(_CURVE, _COST, _COST.replace("ceil", "floor")),
        whole.costs_its_price,
        "curve",
        curve.goes_on,
    ),
    Fault(
        "rate-below",
        "the last step is quoted at its rate less one",
        Patch(_CURVE, _LAST_STEP, _LAST_STEP.replace("rate)", "rate - 1)")),
        whole.costs_its_price,
        "curve",
        curve.ends,
    ),
    Fault(
        "supply-stands",
        "a step that is used up does not raise the supply that the next one starts from",
        Patch(_CURVE, "        supply += room\n", ""),
        whole.costs_its_price,
        "curve",
        curve.goes_on,
    ),
    Fault(
        "product-wraps",
        "products are taken modulo 2^256 instead of refused",
        Patch(
            "spec.uint256",
            "product = _mul(self, other)\n        if product > MAX_UINT256:\n            raise panic(ARITHMETIC)",
            "product = _mul(self, other) & MAX_UINT256",
        ),
        whole.costs_its_price,
        "overflow",
        overflow.wraps_nowhere,
    ),
    Fault(
        "burn-up",
        "a burn unlocks its share rounded up",
        Patch(
            _LOCKS, "from spec.uint256 import U256, floor_div", "from spec.uint256 import U256, ceil_div as floor_div"
        ),
        round_trips.burn_keeps_average,
        "locks",
        locks.burns_settled,
    ),
    Fault(
        "burn-forgets",
        "a burn does not lower what the account has outstanding",
        Patch(_LOCKS, "    lock.outstanding_diem_amount -= diem_amount\n", ""),
        round_trips.round_trip,
        "locks",
        locks.burns_settled,
    ),
    Fault(
        "mint-replaces",
        "a mint replaces what is locked instead of adding to it",
        Patch(_LOCKS, "lock.svvv_locked_amount += svvv_amount", "lock.svvv_locked_amount = svvv_amount"),
        round_trips.mint_keeps_account,
        "locks",
        locks.mints_settled,
    ),
)

LIMITS: Final = (
    Limit(
        "loss-of-two",
        "Splitting loses at most 1 base unit of DIEM: the bound of 2 is reached.",
        whole.splitting_loses_less,
    ),
    Limit(
        "cheap-splitting",
        "Splitting gains nothing with rates below 1 sVVV per DIEM too.",
        whole.splitting_when_cheap,
    ),
    Limit(
        "cheap-monotone",
        "More sVVV mints no less with rates below 1 sVVV per DIEM too.",
        whole.more_when_cheap,
    ),
    Limit(
        "whole-refused",
        "Where two parts are minted, the curve has room for both at once: it may lack one base unit of sVVV.",
        whole.whole_is_answered,
    ),
    Limit(
        "part-refused",
        "Of any amount that is quoted a part is quoted too: near 2^256/10^18 its product may overflow instead.",
        whole.part_is_answered,
    ),
    Limit(
        "average",
        "Burning the DIEM of a mint unlocks no more than that mint locked: an older lock's average may be higher.",
        round_trips.unlocks_what_it_locked,
    ),
)
