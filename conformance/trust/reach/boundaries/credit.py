"""Boundaries of daily credit: edges of epochs, what is available, the minimum stake."""

from __future__ import annotations

from typing import Final

from conformance.trust.reach.boundaries.moment import Boundary, Moment
from spec.daily_credits.credit import available_of, credit_of

RECORD: Final = ("credits.record",)
SPEND: Final = ("credits.spend",)
TOUCH: Final = RECORD + SPEND


def _into_epoch(moment: Moment) -> int:
    """Return for how long the epoch has lasted (s)."""
    return moment.now % int(moment.world.credits.epoch_duration)


def _last_second(moment: Moment) -> bool:
    return _into_epoch(moment) == int(moment.world.credits.epoch_duration) - 1


def _epochs_since(moment: Moment) -> int | None:
    """Return how many epochs ago an account was touched; None if it never was."""
    touched = int(moment.world.credits.accounts[moment.arguments[0]].epoch)
    return moment.now // int(moment.world.credits.epoch_duration) - touched if touched else None


def _allocated(moment: Moment) -> int:
    """Return what the epoch allows an account to spend."""
    return int(credit_of(moment.world, moment.call, moment.arguments[0]).allocation)


def _beyond_available(moment: Moment) -> int | None:
    """Return by how much more is spent than there is; None if there is nothing."""
    available = int(available_of(moment.world, moment.call, moment.arguments[0]))
    return moment.amount - available if available else None


def _beyond_minimum(moment: Moment) -> int:
    """Return by how much an allocation exceeds what can be spent from."""
    return _allocated(moment) - int(moment.world.credits.minimum_stake)


def _staked_before(moment: Moment) -> tuple[int, int]:
    """Return what an account has staked, and the allocation that it has."""
    account = moment.arguments[0]
    return int(moment.world.diem.staked_infos[account].amount_staked), _allocated(moment)


CREDIT: Final = (
    Boundary("epoch: touched in its first second", TOUCH, lambda at: _into_epoch(at) == 0),
    Boundary("epoch: touched a second later", TOUCH, lambda at: _into_epoch(at) == 1),
    Boundary("epoch: touched in its last second", TOUCH, _last_second),
    Boundary("epoch: touched for the first time ever", TOUCH, lambda at: _epochs_since(at) is None),
    Boundary("epoch: touched again", TOUCH, lambda at: _epochs_since(at) == 0),
    Boundary("epoch: touched in the next one", TOUCH, lambda at: _epochs_since(at) == 1),
    Boundary("epoch: touched after several", TOUCH, lambda at: (_epochs_since(at) or 0) > 1),
    Boundary("credit: one less than is available", SPEND, lambda at: _beyond_available(at) == -1),
    Boundary("credit: all that is available", SPEND, lambda at: _beyond_available(at) == 0),
    Boundary(
        "credit: one more than is available", SPEND, lambda at: _beyond_available(at) == 1, "INSUFFICIENT_BALANCE"
    ),
    Boundary("credit: an allocation of just the minimum", SPEND, lambda at: _beyond_minimum(at) == 0),
    Boundary(
        "credit: an allocation of one less than the minimum",
        SPEND,
        lambda at: _beyond_minimum(at) == -1,
        "INSUFFICIENT_BALANCE",
    ),
    Boundary(
        "credit: recorded after less was staked", RECORD, lambda at: _staked_before(at)[0] < _staked_before(at)[1]
    ),
    Boundary(
        "credit: recorded after more was staked", RECORD, lambda at: _staked_before(at)[0] > _staked_before(at)[1]
    ),
)
"""Source: PROTOCOL 6."""
