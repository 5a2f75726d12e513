"""Boundaries of time: the ends of cooldowns, deadlines of permits."""

from __future__ import annotations

from typing import Final

from conformance.trust.reach.boundaries.moment import Boundary, Moment
from spec.uint256 import MAX_UINT256


def _since_vvv(moment: Moment) -> int | None:
    """Return how long ago the caller's cooldown of VVV ended (s); None if there is none."""
    stake = moment.world.staking.stakes[moment.sender]
    return moment.now - int(stake.cooldown_end) if stake.cooldown_amount else None


def _since_diem(moment: Moment) -> int | None:
    """Return how long ago the caller's cooldown of DIEM ended (s); None if there is none."""
    info = moment.world.diem.staked_infos[moment.sender]
    return moment.now - int(info.cool_down_end) if info.cool_down_amount else None


def _cooling_diem(moment: Moment) -> bool:
    return moment.world.diem.staked_infos[moment.sender].cool_down_amount > 0


def _since_deadline(moment: Moment) -> int:
    return moment.now - int(moment.arguments[3])


NOT_OVER: Final = "COOLDOWN_NOT_OVER"
VVV_OUT: Final = ("staking.finalizeUnstake",)
VVV_DOWN: Final = ("staking.initiateUnstake",)
DIEM_OUT: Final = ("diem.unstake",)
DIEM_DOWN: Final = ("diem.initiateUnstake",)
PERMIT: Final = ("vvv.permit",)

COOLDOWNS: Final = (
    Boundary("VVV cooldown: a second before its end", VVV_OUT, lambda at: _since_vvv(at) == -1, NOT_OVER),
    Boundary("VVV cooldown: at its end", VVV_OUT, lambda at: _since_vvv(at) == 0),
    Boundary("VVV cooldown: a second after its end", VVV_OUT, lambda at: _since_vvv(at) == 1),
    Boundary("VVV cooldown: of no length", VVV_DOWN, lambda at: at.world.staking.cooldown_duration == 0),
    Boundary(
        "VVV cooldown: its end beyond 2^256",
        VVV_DOWN,
        lambda at: at.now + int(at.world.staking.cooldown_duration) > MAX_UINT256,
        "Panic(0x11)",
        least=1,
    ),
    Boundary("DIEM cooldown: a second before its end", DIEM_OUT, lambda at: _since_diem(at) == -1, NOT_OVER),
    Boundary("DIEM cooldown: at its end", DIEM_OUT, lambda at: _since_diem(at) == 0),
    Boundary("DIEM cooldown: a second after its end", DIEM_OUT, lambda at: _since_diem(at) == 1),
    Boundary("DIEM cooldown: of no length", DIEM_DOWN, lambda at: at.world.diem.cooldown_duration == 0),
    Boundary("DIEM cooldown: started again while one runs", DIEM_DOWN, _cooling_diem),
    Boundary(
        "DIEM cooldown: its end beyond 2^256",
        DIEM_DOWN,
        lambda at: at.now + int(at.world.diem.cooldown_duration) > MAX_UINT256,
        "Panic(0x11)",
        least=1,
    ),
    Boundary("permit: at its deadline", PERMIT, lambda at: _since_deadline(at) == 0),
    Boundary(
        "permit: a second after its deadline", PERMIT, lambda at: _since_deadline(at) == 1, "PERMIT_DEADLINE_EXPIRED"
    ),
)
"""Source: PROTOCOL 2, 3.2 and 4."""
