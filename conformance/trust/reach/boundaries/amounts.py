"""Boundaries of amounts: all that there is, one more, an exact allowance, the largest number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Final

from conformance.trust.reach.boundaries.moment import Boundary, Moment
from spec import addresses
from spec.messages import ZERO_ADDRESS
from spec.staking.storage import CURVE_STEPS
from spec.uint256 import MAX_UINT256

Limit = Callable[[Moment], int]
"""How much of something there is."""

PANIC: Final = "Panic(0x11)"
TOO_LITTLE: Final = "INSUFFICIENT_BALANCE"
MOVES: Final = ("vvv.transfer", "diem.transfer")
PULLS: Final = ("vvv.transferFrom", "diem.transferFrom")
STAKE: Final = ("staking.stake",)
BURN: Final = ("staking.burnDiem",)
TABLE: Final = ("staking.diemSupply", "staking.diemMintRates")


def _limit(name: str, functions: tuple[str, ...], limit: Limit, refusal: str) -> Iterator[Boundary]:
    """Yield the boundaries of asking for all that there is, and for one unit more, which is refused."""
    yield Boundary(f"{name}: all", functions, lambda at: at.amount == limit(at) > 0)
    yield Boundary(f"{name}: one more", functions, lambda at: at.amount == limit(at) + 1 > 1, refusal)


def _allowance(name: str, function: str, limit: Limit, refusal: str) -> Iterator[Boundary]:
    """Yield the boundaries of an allowance: one that is exact, that is one unit short, and that is without limit."""
    yield from _limit(f"{name}'s allowance", (function,), limit, refusal)
    yield Boundary(f"{name}'s allowance: without limit", (function,), lambda at: limit(at) == MAX_UINT256)


def _outstanding(moment: Moment) -> int:
    return int(moment.world.staking.locked_stakes[moment.sender].outstanding_diem_amount)


def _unlocks_nothing(moment: Moment) -> bool:
    lock = moment.world.staking.locked_stakes[moment.sender]
    return moment.amount > 0 and moment.amount * int(lock.svvv_locked_amount) < int(lock.outstanding_diem_amount)


def _to_self(moment: Moment) -> bool:
    return bool(moment.arguments[0] == moment.sender) and moment.amount > 0


def _largest(function: str, outcome: str | None) -> Boundary:
    name = f"largest number: {function}"
    return Boundary(name, (function,), lambda at: at.amount == MAX_UINT256, outcome, least=1)


LARGEST: Final = {
    "vvv.transfer": PANIC,
    "vvv.transferFrom": PANIC,
    "vvv.approve": "accepted",
    "vvv.permit": "accepted",
    "staking.stake": PANIC,
    "staking.initiateUnstake": TOO_LITTLE,
    "staking.mintDiem": TOO_LITTLE,
    "staking.burnDiem": TOO_LITTLE,
    "staking.getDiemAmountOut": PANIC,
    "staking.setEmissionRate": "accepted",
    "staking.setCooldownDuration": "accepted",
    "diem.transfer": "ERC20InsufficientBalance",
    "diem.approve": "accepted",
    "diem.stake": TOO_LITTLE,
    "diem.initiateUnstake": "INSUFFICIENT_STAKED",
    "diem.mint": PANIC,
    "diem.burn": "ERC20InsufficientBalance",
    "diem.setCooldownDuration": "accepted",
    "credits.spend": TOO_LITTLE,
}
"""Function |-> what becomes of a call with 2^256-1 for its amount."""

AMOUNTS: Final = tuple(
    chain(
        _limit(
            "unlocked sVVV to be locked",
            ("staking.mintDiem",),
            lambda at: int(at.world.staking.unlocked(at.sender)),
            TOO_LITTLE,
        ),
        _limit(
            "unlocked sVVV to be unstaked",
            ("staking.initiateUnstake",),
            lambda at: int(at.world.staking.unlocked(at.sender)),
            TOO_LITTLE,
        ),
        _limit("outstanding DIEM", BURN, _outstanding, "INSUFFICIENT_LOCKED_BALANCE"),
        _limit("DIEM to be burned", BURN, lambda at: int(at.world.diem.balance_of[at.sender]), TOO_LITTLE),
        [Boundary("DIEM to be burned: unlocks nothing", BURN, _unlocks_nothing)],
        _limit("VVV to be staked", STAKE, lambda at: int(at.world.vvv.balance_of[at.sender]), PANIC),
        _allowance(
            "staking",
            "staking.stake",
            lambda at: int(at.world.vvv.allowance[at.sender].of[addresses.STAKING]),
            PANIC,
        ),
        _limit("VVV to be moved", MOVES[:1], lambda at: int(at.world.vvv.balance_of[at.sender]), PANIC),
        _limit("VVV of an owner", PULLS[:1], lambda at: int(at.world.vvv.balance_of[at.arguments[0]]), PANIC),
        _allowance(
            "a spender of VVV",
            "vvv.transferFrom",
            lambda at: int(at.world.vvv.allowance[at.arguments[0]].of[at.sender]),
            PANIC,
        ),
        _limit(
            "DIEM to be moved",
            MOVES[1:],
            lambda at: int(at.world.diem.balance_of[at.sender]),
            "ERC20InsufficientBalance",
        ),
        _limit(
            "DIEM of an owner",
            PULLS[1:],
            lambda at: int(at.world.diem.balance_of[at.arguments[0]]),
            "ERC20InsufficientBalance",
        ),
        _allowance(
            "a spender of DIEM",
            "diem.transferFrom",
            lambda at: int(at.world.diem.allowance[at.arguments[0]].of[at.sender]),
            "ERC20InsufficientAllowance",
        ),
        _limit("DIEM to be staked", ("diem.stake",), lambda at: int(at.world.diem.balance_of[at.sender]), TOO_LITTLE),
        _limit(
            "staked DIEM",
            ("diem.initiateUnstake",),
            lambda at: int(at.world.diem.staked_infos[at.sender].amount_staked),
            "INSUFFICIENT_STAKED",
        ),
        _limit(
            "DIEM of a holder, to be burned",
            ("diem.burn",),
            lambda at: int(at.world.diem.balance_of[at.arguments[0]]),
            "ERC20InsufficientBalance",
        ),
        [
            Boundary("move to oneself", MOVES, _to_self),
            Boundary("move of nothing", (*MOVES, *PULLS), lambda at: at.amount == 0),
            Boundary("VVV to the zero address", MOVES[:1], lambda at: at.arguments[0] == ZERO_ADDRESS),
            Boundary("stake for somebody else", STAKE, lambda at: at.arguments[0] != at.sender),
            Boundary("table of the curve: last entry", TABLE, lambda at: at.amount == CURVE_STEPS - 1),
            Boundary("table of the curve: beyond", TABLE, lambda at: at.amount == CURVE_STEPS, "empty revert data"),
        ],
        (_largest(function, outcome) for function, outcome in LARGEST.items()),
    )
)
"""Source: PROTOCOL 2, 3.2 and 4."""
