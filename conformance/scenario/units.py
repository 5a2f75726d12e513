"""The unit of every number in the contracts' interface: what an integer of base units means to people."""

from __future__ import annotations

from typing import Final

VVV: Final = "VVV"
SVVV: Final = "sVVV"
DIEM: Final = "DIEM"
USD: Final = "USD"
"""Credit: 1 DIEM staked gives 1 USD a day."""
EMISSION: Final = "VVV/s"
RATE: Final = "sVVV/DIEM"
PERCENT: Final = "%"
DURATION: Final = "s"
TIME: Final = "time"
NUMBER: Final = "number"

CONTRACTS: Final = {"vvv": VVV, "staking": SVVV, "diem": DIEM, "credits": USD}
"""What a contract's ``amount``, ``value`` and nameless results are, if nothing below says otherwise."""

PARAMETERS: Final = {
    "sVVVAmount": SVVV,
    "sVVVAmountToLock": SVVV,
    "sVVVLockedAmount": SVVV,
    "minDiemAmountOut": DIEM,
    "diemAmount": DIEM,
    "outstandingDiemAmount": DIEM,
    "amountStaked": DIEM,
    "coolDownAmount": DIEM,
    "staked": DIEM,
    "rewardDebt": VVV,
    "cooldownAmount": VVV,
    "newEmissionRatePerSecond": EMISSION,
    "emissionRatePerSecond": EMISSION,
    "newPercentage": PERCENT,
    "percentage": PERCENT,
    "newCooldownDuration": DURATION,
    "cooldownDuration": DURATION,
    "newDiemSupply": DIEM,
    "diemSupply": DIEM,
    "newDiemMintRates": RATE,
    "diemMintRates": RATE,
    "cooldownEnd": TIME,
    "coolDownEnd": TIME,
    "deadline": TIME,
    "epoch": NUMBER,
    "index": NUMBER,
}
"""By the parameter's or result's name, in whichever contract."""

MEMBERS: Final = {
    "vvv.nonces": NUMBER,
    "staking.stake": VVV,
    "staking.Staked": VVV,
    "staking.UnstakeInitiated": VVV,
    "staking.UnstakeFinalized": VVV,
    "staking.Claimed": VVV,
    "staking.pendingRewards": VVV,
    "staking.getDiemAmountOut": DIEM,
    "staking.diemSupply": DIEM,
    "staking.diemMintRates": RATE,
    "staking.ACC_REWARD_SCALE": NUMBER,
    "staking.accRewardPerShare": NUMBER,
    "staking.accRewardPerShareLocked": NUMBER,
    "staking.emissionRatePerSecond": EMISSION,
    "staking.veniceEmissionsPercentage": PERCENT,
    "staking.veniceEmissionsPercentageWhenLocked": PERCENT,
    "staking.cooldownDuration": DURATION,
    "staking.lastRewardTimestamp": TIME,
    "diem.cooldownDuration": DURATION,
    "credits.epoch": NUMBER,
    "credits.epochDuration": DURATION,
    "credits.minimumStake": DIEM,
}
"""By the function or event, where its parameters' names do not tell."""


def unit_of(contract: str, member: str, type_: str, name: str) -> str:
    """Return the unit of a parameter or result of a function or an event."""
    if not type_.startswith("uint256"):
        return NUMBER
    return PARAMETERS.get(name) or MEMBERS.get(f"{contract}.{member}") or CONTRACTS[contract]


INTERCHANGEABLE: Final = {VVV: {VVV, SVVV}, SVVV: {VVV, SVVV}}
"""VVV is staked, and sVVV unstaked, one to one, so an amount of one is readily given in the other."""
