"""Lemmas: what minting and burning DIEM does to the caller's lock, in any state of the world.

``mintDiem`` and ``burnDiem`` run with all that they call: the settlement of rewards at any time with any accumulators,
the tokens, the roles. Only the quote is left open: a mint may be quoted any amount.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from conformance.trust.proofs.reading import Claim, Reading, exact

CALLER: Final = b"whoever mints, burns"
OTHER: Final = b"somebody else locking"
TREASURY: Final = b"the protocol treasury"[:20]


FIELDS: Final = {"svvv_locked_amount", "outstanding_diem_amount"}
"""An account's lock in the specification's storage."""


class Lock(NamedTuple):
    """A position, in base units."""

    locked: Any
    outstanding: Any
    balance: Any
    """sVVV, locked or not."""


class Chain:
    """A world in any state, as far as the caller's calls reach; its addresses are known, and differ.

    ``settled``: rewards are settled up to now, so that a settlement in it pays nothing.
    """

    def __init__(self, reading: Reading, settled: bool = False) -> None:
        self.reading, self.settled = reading, settled
        module = reading.edition.module
        module("spec.storage").Account.write = _write
        self._locks = module("spec.staking.locks")
        self._call, self._staking = module("spec.messages").Call, module("spec.addresses").STAKING
        self.world = module("spec.world").World()
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

    def mint(self, amount: Any, quoted: Any) -> None:
        """Let the caller lock ``amount`` and be minted ``quoted``."""
        self._locks.quote = lambda *_: quoted
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


def mints(reading: Reading) -> Iterable[Claim]:
    """A mint adds what it locks and what it mints to the caller's lock, moves no sVVV, and touches no other lock."""
    return _mints(reading, Chain(reading))


def mints_settled(reading: Reading) -> Iterable[Claim]:
    """The same where the settlement on the way has nothing to pay."""
    return _mints(reading, Chain(reading, settled=True))


def _mints(reading: Reading, chain: Chain) -> Iterable[Claim]:
    amount, quoted = reading.uint("amount"), reading.uint("quoted")
    before, other, total = chain.lock(), chain.lock(OTHER), chain.total_locked
    chain.mint(amount, quoted)
    after = chain.lock()
    return [
        exact(after.locked) == exact(before.locked) + exact(amount),
        exact(after.outstanding) == exact(before.outstanding) + exact(quoted),
        exact(after.locked) <= exact(after.balance),
        exact(chain.total_locked) == exact(total) + exact(amount),
        after.balance == before.balance,
        *_same(other, chain.lock(OTHER)),
    ]


def burns(reading: Reading) -> Iterable[Claim]:
    """A burn takes floor(burned · locked / outstanding) and what it burns from the caller's lock, and nothing else."""
    return _burns(reading, Chain(reading))


def burns_settled(reading: Reading) -> Iterable[Claim]:
    """The same where the settlement on the way has nothing to pay."""
    return _burns(reading, Chain(reading, settled=True))


def _burns(reading: Reading, chain: Chain) -> Iterable[Claim]:
    amount = reading.uint("amount")
    before, other, total = chain.lock(), chain.lock(OTHER), chain.total_locked
    chain.burn(amount)
    after = chain.lock()
    unlocked = exact(before.locked) - exact(after.locked)
    share = exact(amount) * exact(before.locked)
    return [
        unlocked >= 0,
        unlocked * exact(before.outstanding) <= share,
        share < (unlocked + 1) * exact(before.outstanding),
        exact(after.outstanding) == exact(before.outstanding) - exact(amount),
        exact(chain.total_locked) == exact(total) - unlocked,
        after.balance == before.balance,
        *_same(other, chain.lock(OTHER)),
    ]


def _same(before: Lock, after: Lock) -> list[Claim]:
    return [exact(one) == exact(two) for one, two in zip(before, after, strict=True)]


def only_locks_write(reading: Reading) -> Iterable[Claim]:
    """No other function of the contracts writes an account's lock."""
    writers = {
        f"{module}.{function.name}"
        for module in reading.edition.modules("spec.staking", "spec.diem", "spec.vvv", "spec.daily_credits")
        for function in ast.walk(ast.parse(reading.edition.source(module)))
        if isinstance(function, ast.FunctionDef) and _stores(function) & FIELDS
    }
    return [writers == {"spec.staking.locks.mint_diem", "spec.staking.locks.burn_diem"}]


def _stores(function: ast.FunctionDef) -> set[str]:
    """Return the attributes that a function assigns to."""
    return {
        node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    }
