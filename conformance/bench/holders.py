"""A genesis with many holders, and blocks of what they send: the load of the ledger's benchmarks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

from conformance.genesis_file import ledger_genesis
from conformance.programs.choices import Choices, SeededSource
from conformance.session import function_of
from ledger.genesis import Genesis, GenesisAccount
from ledger.keys import SequencerKey
from ledger.secret_keys import account_of
from ledger.transactions import sign_transaction
from spec import addresses
from spec.genesis import genesis as genesis_world
from spec.hashing import keccak256
from spec.messages import Address
from spec.parameters import Preset
from spec.uint256 import MAX_UINT256, U256, floor_div
from spec.world import World

SEQUENCER: Final = SequencerKey.from_secret(keccak256(b"benchmark sequencer"))
GATEWAY_SECRET: Final = keccak256(b"benchmark gateway")

TOKEN: Final = 10**18
ETHER: Final = 10**18
GAS: Final = 10**7
"""Of each transaction; more than any of them takes."""

KINDS: Final = ("stake", "mintDiem", "burnDiem", "claim", "stakeDiem", "transfer", "spend")
TRANSFERS: Final = ("transfer", "stake")


class Holders:
    """``count`` accounts with VVV and ether, the first ``senders`` of which also send transactions.

    A sender has a position in everything: VVV that staking may take, staked and locked sVVV, DIEM, staked DIEM, credit.
    """

    def __init__(self, preset: Preset, count: int, senders: int) -> None:
        credits = preset.credits.model_copy(update={"gateway": account_of(GATEWAY_SECRET)})
        self.preset: Final = preset.model_copy(update={"credits": credits})
        self.secrets: Final = [keccak256(b"benchmark sender %d" % number) for number in range(senders)]
        self.senders: Final = list(map(account_of, self.secrets))
        others = (Address(keccak256(b"benchmark holder %d" % number)[12:]) for number in range(senders, count))
        self.addresses: Final = [*self.senders, *others]

    @cached_property
    def genesis(self) -> Genesis:
        """The state before the first transaction."""
        base = ledger_genesis(self.preset, SEQUENCER.address)
        world = genesis_world(self.preset)
        for holder in self.addresses:
            _give_vvv(world, holder)
        for sender in self.senders:
            _give_position(world, self.preset, sender)
        contracts = {
            address: replace(base.accounts[address], words={slot: int(word) for slot, word in account.words.items()})
            for address, account in world.accounts.items()
        }
        others = dict.fromkeys(self.addresses, GenesisAccount(balance=ETHER))
        return replace(base, accounts={**base.accounts, **contracts, **others})

    def transactions(self, seed: str, kinds: tuple[str, ...] = KINDS) -> Iterator[bytes]:
        """Yield encoded transactions without end, the ``kinds`` in turn, each from a random sender."""
        choices = Choices(SeededSource(seed))
        nonces = Counter[bytes]()
        while True:
            for kind in kinds:
                secret, sender, other = self._drawn(choices, kind)
                name, arguments = _calls(sender, other)[kind]
                contract, function = function_of(name)
                yield sign_transaction(
                    secret,
                    chain_id=self.preset.chain_id,
                    nonce=nonces[secret],
                    to=contract.address,
                    data=function.calldata(*arguments),
                    gas_limit=GAS,
                )
                nonces[secret] += 1

    def _drawn(self, choices: Choices, kind: str) -> tuple[bytes, Address, Address]:
        at = choices.below(len(self.senders))
        if kind == "spend":
            return GATEWAY_SECRET, self.senders[at], self.senders[at]
        return self.secrets[at], self.senders[at], choices.one_of(self.addresses)


def _calls(sender: Address, other: Address) -> dict[str, tuple[str, tuple[Any, ...]]]:
    """Return kind |-> function and arguments."""
    return {
        "stake": ("staking.stake", (sender, TOKEN)),
        "mintDiem": ("staking.mintDiem", (100 * TOKEN, 0)),
        "burnDiem": ("staking.burnDiem", (TOKEN // 10,)),
        "claim": ("staking.claim", ()),
        "stakeDiem": ("diem.stake", (TOKEN // 10,)),
        "transfer": ("vvv.transfer", (other, TOKEN)),
        "spend": ("credits.spend", (sender, TOKEN // 10)),
    }


def _give_vvv(world: World, holder: Address) -> None:
    world.vvv.balance_of[holder] = U256(1000 * TOKEN)
    world.vvv.total_supply += 1000 * TOKEN


def _give_position(world: World, preset: Preset, sender: Address) -> None:
    staking, diem, credit = world.staking, world.diem, world.credits.accounts[sender]
    world.vvv.allowance[sender].of[addresses.STAKING] = U256(MAX_UINT256)
    staking.svvv.balance_of[sender] = U256(5000 * TOKEN)
    staking.svvv.total_supply += 5000 * TOKEN
    staking.locked_stakes[sender].svvv_locked_amount = U256(1000 * TOKEN)
    staking.locked_stakes[sender].outstanding_diem_amount = U256(20 * TOKEN)
    staking.total_locked_staked_vvv += 1000 * TOKEN
    diem.balance_of[sender] = U256(10 * TOKEN)
    diem.balance_of[addresses.DIEM] += 10 * TOKEN
    diem.total_supply += 20 * TOKEN
    diem.total_staked += 10 * TOKEN
    diem.staked_infos[sender].amount_staked = U256(10 * TOKEN)
    credit.epoch = floor_div(U256(preset.setup_timestamp), preset.credits.epoch_duration)
    credit.staked = U256(10 * TOKEN)
