"""What the owner may set: PROTOCOL 3.3. The caller is checked first, then the value; then emissions are settled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spec import addresses
from spec.errors import require, string_error
from spec.events import Event
from spec.messages import ZERO_ADDRESS, Address, Call
from spec.staking.contract import OWNABLE, STAKING
from spec.staking.rewards import ONE_HUNDRED_PERCENT, update_accumulators
from spec.uint256 import U256

if TYPE_CHECKING:
    from spec.world import World

INVALID_PERCENTAGE: Final = string_error("INVALID_PERCENTAGE")
INVALID_ADDRESS: Final = string_error("INVALID_ADDRESS")

EMISSION_RATE_UPDATED: Final = Event("EmissionRateUpdated(uint256 emissionRatePerSecond)")
PERCENTAGE_UPDATED: Final = Event("VeniceEmissionsPercentageUpdated(uint256 percentage)")
PERCENTAGE_WHEN_LOCKED_UPDATED: Final = Event("VeniceEmissionsPercentageWhenLockedUpdated(uint256 percentage)")
COOLDOWN_DURATION_UPDATED: Final = Event("CooldownDurationUpdated(uint256 cooldownDuration)")
TREASURY_UPDATED: Final = Event("TreasuryUpdated(address treasury)")
DIEM_MINT_RATES_UPDATED: Final = Event("DiemMintRatesUpdated(uint256[256] diemSupply,uint256[256] diemMintRates)")


@STAKING.external("setEmissionRate(uint256 newEmissionRatePerSecond)")
def set_emission_rate(world: World, call: Call, rate: U256) -> None:
    """Set how much VVV is emitted from now on.

    A rate so large that one second of it overflows stops every settlement, its own correction included.

    Reverts, in this order
    ----------------------
    OwnableUnauthorizedAccount : the caller is not the owner.

    Storage
    -------
    the accumulators         : brought up to now, at the old rate
    emission_rate_per_second : r |-> rate      (VVV base units per s)

    Emits : of the accumulators' update; EmissionRateUpdated(rate).
    Rounding : none.
    Source : PROTOCOL 3.3, grade A; event name grade B.
    """
    OWNABLE.check_owner(world, call)
    update_accumulators(world, call)
    world.staking.emission_rate_per_second = rate
    world.emit(EMISSION_RATE_UPDATED.log(addresses.STAKING, rate))


@STAKING.external("setVeniceEmissionsPercentage(uint256 newPercentage)")
def set_venice_emissions_percentage(world: World, call: Call, percentage: U256) -> None:
    """Set the treasury's share of all emissions from now on.

    Reverts, in this order
    ----------------------
    OwnableUnauthorizedAccount : the caller is not the owner.
    INVALID_PERCENTAGE : ``percentage`` is more than 10^18 (100 %).

    Storage
    -------
    the accumulators            : brought up to now, at the old share
    venice_emissions_percentage : p |-> percentage      (10^18 = 100 %)

    Emits : of the accumulators' update; VeniceEmissionsPercentageUpdated(percentage).
    Rounding : none.
    Source : PROTOCOL 3.3, grade A; event grade E.
    """
    OWNABLE.check_owner(world, call)
    require(percentage <= ONE_HUNDRED_PERCENT, INVALID_PERCENTAGE)
    update_accumulators(world, call)
    world.staking.venice_emissions_percentage = percentage
    world.emit(PERCENTAGE_UPDATED.log(addresses.STAKING, percentage))


@STAKING.external("setVeniceEmissionsPercentageWhenLocked(uint256 newPercentage)")
def set_venice_emissions_percentage_when_locked(world: World, call: Call, percentage: U256) -> None:
    """Set the emission fee, the treasury's share of what locked stake earns, from now on.

    Reverts, in this order
    ----------------------
    OwnableUnauthorizedAccount : the caller is not the owner.
    INVALID_PERCENTAGE : ``percentage`` is more than 10^18 (100 %).

    Storage
    -------
    the accumulators                        : brought up to now, at the old fee
    venice_emissions_percentage_when_locked : p |-> percentage      (10^18 = 100 %)

    Emits : of the accumulators' update; VeniceEmissionsPercentageWhenLockedUpdated(percentage).
    Rounding : none.
    Source : PROTOCOL 3.3, grade A; event grade E.
    """
    OWNABLE.check_owner(world, call)
    require(percentage <= ONE_HUNDRED_PERCENT, INVALID_PERCENTAGE)
    update_accumulators(world, call)
    world.staking.venice_emissions_percentage_when_locked = percentage
    world.emit(PERCENTAGE_WHEN_LOCKED_UPDATED.log(addresses.STAKING, percentage))


@STAKING.external("setCooldownDuration(uint256 newCooldownDuration)")
def set_cooldown_duration(world: World, call: Call, duration: U256) -> None:
    """Set how long VVV cools down, for cooldowns that start from now on.

    Reverts, in this order
    ----------------------
    OwnableUnauthorizedAccount : the caller is not the owner.

    Storage
    -------
    cooldown_duration : c |-> duration      (s)

    Emits : CooldownDurationUpdated(duration).
    Rounding : none.
    Source : PROTOCOL 3.3, grade A; event grade E.
    """
    OWNABLE.check_owner(world, call)
    world.staking.cooldown_duration = duration
    world.emit(COOLDOWN_DURATION_UPDATED.log(addresses.STAKING, duration))


@STAKING.external("setTreasury(address newTreasury)")
def set_treasury(world: World, call: Call, treasury: Address) -> None:
    """Set who receives the protocol's share of emissions, what is not yet settled included.

    Reverts, in this order
    ----------------------
    OwnableUnauthorizedAccount : the caller is not the owner.
    INVALID_ADDRESS : ``treasury`` is the zero address.

    Storage
    -------
    treasury : t |-> treasury

    Emits : TreasuryUpdated(treasury).
    Rounding : none.
    Source : PROTOCOL 3.3, grade C; event grade E.
    """
    OWNABLE.check_owner(world, call)
    require(treasury != ZERO_ADDRESS, INVALID_ADDRESS)
    world.staking.treasury = treasury
    world.emit(TREASURY_UPDATED.log(addresses.STAKING, treasury))


@STAKING.external("setDiemMintCurve(uint256[256] newDiemSupply,uint256[256] newDiemMintRates)")
def set_diem_mint_curve(world: World, call: Call, supply: tuple[U256, ...], rates: tuple[U256, ...]) -> None:
    """Replace the mint curve, unchecked. Positions stay as they are.

    Reverts, in this order
    ----------------------
    OwnableUnauthorizedAccount : the caller is not the owner.

    Storage
    -------
    diem_supply[i]     : s |-> supply[i]      (DIEM base units)
    diem_mint_rates[i] : r |-> rates[i]      (sVVV per DIEM, 10^18 = one for one)

    Emits : DiemMintRatesUpdated(supply, rates).
    Rounding : none.
    Source : PROTOCOL 3.3, grade A; event grade E.
    """
    OWNABLE.check_owner(world, call)
    world.staking.diem_supply.replace(supply)
    world.staking.diem_mint_rates.replace(rates)
    world.emit(DIEM_MINT_RATES_UPDATED.log(addresses.STAKING, supply, rates))
