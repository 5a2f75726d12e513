"""Development chains: a preset, sealed with a published key, with published accounts that have ether."""

from __future__ import annotations

from typing import Final

from ledger.genesis import Genesis
from ledger.node.published import DEV_SEQUENCER, TEST_ACCOUNTS
from spec.messages import Address
from spec.parameters import load_preset
from spec.quantities import format_amount
from spec.world import World

DEFAULT_PRESET: Final = "minimal"
"""Its cooldowns take a minute at most, an epoch 100 s, and staked DIEM gives credit at once."""

ETHER: Final = 10_000 * 10**18
"""Wei of each published account."""


def dev_genesis(name: str) -> Genesis:
    """Return the genesis of a development chain; ParameterError for a preset that cannot be had."""
    from conformance.genesis_file import ledger_genesis  # brings an EVM, which nothing else here needs

    return ledger_genesis(
        load_preset(name), DEV_SEQUENCER.address, {account.address: ETHER for account in TEST_ACCOUNTS}
    )


def described(world: World, account: Address) -> str:
    """Return what an account is and has, in few words."""
    offices = {
        "owner": world.staking.ownable.owner,
        "treasury": world.staking.treasury,
        "gateway": world.credits.gateway,
    }
    amounts = {
        "VVV": world.vvv.balance_of[account],
        "sVVV": world.staking.svvv.balance_of[account],
        "DIEM": world.diem.balance_of[account],
        "DIEM staked": world.diem.staked_infos[account].amount_staked,
    }
    held = [f"{format_amount(amount)} {unit}" for unit, amount in amounts.items() if amount]
    return ", ".join([*(office for office, who in offices.items() if who == account), *held])
