"""The first state, written down from its parameters: what the constructors, the initializer and the accounts left."""

from __future__ import annotations

from spec import addresses
from spec.access_control import DEFAULT_ADMIN_ROLE
from spec.diem.token import MINTER_BURNER_ROLE
from spec.parameters import SEED_STAKE, AccountParameters, Preset
from spec.uint256 import U256, floor_div
from spec.vvv.permit import DOMAIN_NAME
from spec.world import World


def genesis(preset: Preset) -> World:
    """Return the world at ``preset.timestamp``; its journal is empty.

    Source : PROTOCOL 2, 3, 4, 6, 8 and 9.
    """
    world = World(preset.chain_id)
    _vvv(world, preset)
    _staking(world, preset)
    _diem(world, preset)
    _credits(world, preset)
    for account in preset.accounts:
        _position(world, preset, account)
    world.journal.clear()
    return world


def _vvv(world: World, preset: Preset) -> None:
    vvv = world.vvv
    vvv.name = DOMAIN_NAME
    vvv.symbol = "VVV"
    vvv.owner = addresses.STAKING
    vvv.total_supply = U256(preset.vvv.total_supply)
    vvv.balance_of[addresses.STAKING] = U256(preset.vvv_of_staking)
    vvv.balance_of[preset.staking.treasury] += U256(preset.vvv_of_treasury)


def _staking(world: World, preset: Preset) -> None:
    parameters, state = preset.staking, world.staking
    state.venice = addresses.VVV
    state.diem = addresses.DIEM
    state.treasury = parameters.treasury
    state.emission_rate_per_second = parameters.emission_rate_per_second
    state.venice_emissions_percentage = U256(parameters.venice_emissions_percentage)
    state.venice_emissions_percentage_when_locked = U256(parameters.venice_emissions_percentage_when_locked)
    state.cooldown_duration = U256(parameters.cooldown_duration)
    state.last_reward_timestamp = U256(preset.timestamp)
    state.total_locked_staked_vvv = U256(sum(account.locked for account in preset.accounts))
    state.diem_supply.replace(preset.curve.table.supply)
    state.diem_mint_rates.replace(preset.curve.table.rates)
    state.svvv.name = "Staked Venice Token"
    state.svvv.symbol = "sVVV"
    state.svvv.total_supply = U256(SEED_STAKE + sum(account.staked for account in preset.accounts))
    state.svvv.balance_of[addresses.STAKING] = U256(SEED_STAKE)
    state.ownable.owner = parameters.owner
    state.initializable.initialized = 1
    state.erc1967.implementation = addresses.STAKING_IMPLEMENTATION


def _diem(world: World, preset: Preset) -> None:
    diem = world.diem
    staked = U256(sum(account.diem_staked + account.diem_cooling for account in preset.accounts))
    diem.name = "Diem"
    diem.symbol = "DIEM"
    diem.total_supply = U256(sum(account.outstanding_diem for account in preset.accounts))
    diem.balance_of[addresses.DIEM] = staked
    diem.total_staked = staked
    diem.cooldown_duration = U256(preset.diem.cooldown_duration)
    diem.roles[DEFAULT_ADMIN_ROLE].has_role[preset.diem.admin] = True
    diem.roles[MINTER_BURNER_ROLE].has_role[addresses.STAKING] = True


def _credits(world: World, preset: Preset) -> None:
    parameters, credits = preset.credits, world.credits
    credits.diem = addresses.DIEM
    credits.gateway = parameters.gateway
    credits.credit_at_once = parameters.credit_at_once
    credits.epoch_duration = U256(parameters.epoch_duration)
    credits.minimum_stake = U256(parameters.minimum_stake)


def _position(world: World, preset: Preset, account: AccountParameters) -> None:
    """Write what one account has. It took its position at ``preset.setup_timestamp``."""
    who = account.address
    world.vvv.balance_of[who] = U256(account.vvv)
    world.staking.svvv.balance_of[who] = U256(account.staked)
    world.staking.locked_stakes[who].svvv_locked_amount = U256(account.locked)
    world.staking.locked_stakes[who].outstanding_diem_amount = U256(account.outstanding_diem)
    world.diem.balance_of[who] = U256(account.diem)
    world.diem.staked_infos[who].amount_staked = U256(account.diem_staked)
    if account.cooling:
        world.staking.stakes[who].cooldown_amount = U256(account.cooling)
        world.staking.stakes[who].cooldown_end = U256(preset.setup_timestamp + preset.staking.cooldown_duration)
    if account.diem_cooling:
        world.diem.staked_infos[who].cool_down_amount = U256(account.diem_cooling)
        world.diem.staked_infos[who].cool_down_end = U256(preset.setup_timestamp + preset.diem.cooldown_duration)
    if account.diem_staked:
        _recorded_credit(world, preset, account)


def _recorded_credit(world: World, preset: Preset, account: AccountParameters) -> None:
    """Write what the recording of the stake, an epoch before genesis, has left."""
    credit = world.credits.accounts[account.address]
    credit.epoch = floor_div(U256(preset.setup_timestamp), preset.credits.epoch_duration)
    credit.staked = U256(account.diem_staked)
    if preset.credits.credit_at_once:
        credit.allocation = U256(account.diem_staked)
