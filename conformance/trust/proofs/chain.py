"""A world in any state, in which the caller mints and burns."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from conformance.trust.proofs.reading import Reading, exact

CALLER: Final = b"whoever mints, burns"
OTHER: Final = b"somebody else's lock"
TREASURY: Final = b"protocol's treasury."


class Lock(NamedTuple):
    """A position, in base units."""

    locked: Any
    outstanding: Any
    balance: Any
    """sVVV, locked or not."""


class Chain:
    """A world in any state, as far as the caller's calls reach; its addresses are known, and differ.

    ``settled``: emissions are settled up to now, so that a settlement only pays out what is pending.
    """

    def __init__(self, reading: Reading, settled: bool = False) -> None:
        self.reading, self.settled = reading, settled
        module = reading.edition.module
        module("spec.storage").Account.write = _write
        self._locks = module("spec.staking.locks")
        self._call, self._staking = module("spec.messages").Call, module("spec.addresses").STAKING
        self.world = module("spec.world").World()
        self.asked: tuple[Any, Any] | None = None
        """The amount for which a mint asked for a quote, and DIEM's supply then."""

        self._fill()

    def _fill(self) -> None:
        world, number = self.world, self.reading.uint
        staking, diem, vvv = world.staking, world.diem, world.vvv
        staking.treasury = TREASURY
        for name in (
            "emission_rate_per_second",
            "venice_emissions_percentage",
            "venice_emissions_percentage_when_locked",
            "acc_reward_per_share",
            "acc_reward_per_share_locked",
            "last_reward_timestamp",
            "total_locked_staked_vvv",
        ):
            setattr(staking, name, number(name))
        staking.svvv.total_supply = number("svvv_supply")
        diem.total_supply, vvv.total_supply = number("diem_supply"), number("vvv_supply")
        for who, name in ((CALLER, "caller"), (OTHER, "other")):
            staking.svvv.balance_of[who] = number(f"{name}_svvv")
            staking.stakes[who].reward_debt = number(f"{name}_debt")
            staking.locked_stakes[who].svvv_locked_amount = number(f"{name}_locked")
            staking.locked_stakes[who].outstanding_diem_amount = number(f"{name}_outstanding")
            diem.balance_of[who] = number(f"{name}_diem")
            vvv.balance_of[who] = number(f"{name}_vvv")
        # INV-03; a burn of more than there is would wrap the supply.
        self.reading.assume(exact(diem.balance_of[CALLER]) <= exact(diem.total_supply))
        vvv.balance_of[self._staking], vvv.balance_of[TREASURY] = number("staking_vvv"), number("treasury_vvv")
        vvv.owner = self._staking
        role = self.reading.edition.module("spec.diem.token").MINTER_BURNER_ROLE
        diem.roles[role].has_role[self._staking] = True

    def lock(self, who: bytes = CALLER) -> Lock:
        """Return a position."""
        staking = self.world.staking
        lock = staking.locked_stakes[who]
        return Lock(lock.svvv_locked_amount, lock.outstanding_diem_amount, staking.svvv.balance_of[who])

    @property
    def total_locked(self) -> Any:
        """The sVVV that is locked by all."""
        return self.world.staking.total_locked_staked_vvv

    @property
    def supply(self) -> Any:
        """The supply of DIEM."""
        return self.world.diem.total_supply

    def mint(self, amount: Any, quoted: Any) -> None:
        """Let the caller lock ``amount`` and be minted ``quoted``."""

        def quote(world: Any, svvv_amount: Any) -> Any:
            self.asked = exact(svvv_amount), exact(world.diem.total_supply)
            return quoted

        self._locks.quote = quote
        self._locks.mint_diem(self.world, self._at(), amount, self.reading.uint("minimum_out"))

    def burn(self, amount: Any) -> None:
        """Let the caller burn ``amount`` of DIEM."""
        self._locks.burn_diem(self.world, self._at(), amount)

    def _at(self) -> Any:
        now = exact(self.reading.uint("timestamp"))
        if self.settled:
            self.reading.assume(now <= exact(self.world.staking.last_reward_timestamp))
        return self._call(CALLER, self._staking, b"", now)


def _write(account: Any, slot: int, word: Any) -> None:
    """Store a word; a zero that is kept is read like one that is dropped, and needs no distinction of cases."""
    account.words[slot] = word
