"""The way to a preset's state by constructors and calls alone, which depends on the contracts only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple, Protocol

from eth_abi.exceptions import EncodingError, ParseError

from conformance.artifact import Artifact, ArtifactError, Artifacts
from spec import addresses
from spec.errors import reason_of
from spec.messages import Address, Call, Receipt
from spec.parameters import AccountParameters, Preset

DEPLOYER: Final = Address(b"deployer".rjust(20, b"\0"))
"""Creates the contracts; keeps nothing, so that it leaves no trace in the state."""

INITIAL_VVV: Final = 100_000_000 * 10**18
"""VVV base units that the constructor mints: PROTOCOL 2."""
INITIAL_STAKING_COOLDOWN: Final = 7 * 86400
"""s; this and the next two are what initializer and constructors set: PROTOCOL 3 and 4."""
INITIAL_FEE_WHEN_LOCKED: Final = 2 * 10**17
INITIAL_DIEM_COOLDOWN: Final = 86400

RATE_UNIT: Final = 10**18
"""A mint rate of one sVVV per DIEM."""
CURVE_STEPS: Final = 256


class DeploymentError(Exception):
    """A step of the deployment was refused: the message names the preset, the step and the reason."""


class Creation(NamedTuple):
    """A contract creation at the top level, at an address of our choice."""

    sender: Address
    address: Address
    code: bytes
    """The code to run, arguments included."""
    timestamp: int


class Step(NamedTuple):
    """One thing to do."""

    label: str
    action: Creation | Call


class Host(Protocol):
    """An EVM that contracts can be created in."""

    out_of_gas: bool
    """Whether the last creation or call was refused because it ran out of gas, if the EVM tells."""

    def create(self, creation: Creation) -> Receipt:
        """Create a contract; the output is the deployed code, or the revert data if refused."""

    def call(self, call: Call) -> Receipt:
        """Carry out a call."""


def deploy(host: Host, preset: Preset, artifacts: Artifacts) -> None:
    """Bring an empty ``host`` to the state of ``preset``.

    Raises
    ------
    DeploymentError : a step was refused.
    ArtifactError : an artifact's ABI lacks a function, or gives it other parameters.
    """
    for step in deployment(preset, artifacts):
        action = step.action
        receipt = host.create(action) if isinstance(action, Creation) else host.call(action)
        if not receipt.status:
            reason = "out of gas" if host.out_of_gas else reason_of(receipt.output)
            raise DeploymentError(f"preset {preset.name}: {step.label}: {reason}")


def deployment(preset: Preset, artifacts: Artifacts) -> Iterator[Step]:
    """Generate the steps, in order; errors as ``deploy``.

    All happen at ``preset.setup_timestamp`` at an emission rate of 0, except the last, which sets the rate at
    ``preset.timestamp``: so nothing has been emitted, and that is the time of the last settlement.
    """
    plan = _Plan(preset, artifacts)
    yield from plan.creations()
    yield from plan.vvv()
    yield from plan.parameters()
    yield from plan.stakes()
    yield from plan.positions()
    yield from plan.diem_transfers()
    yield from plan.diem_stakes()
    yield from plan.cooldowns()
    yield from plan.emission()


class _Plan:
    """The steps, in groups that build on one another."""

    def __init__(self, preset: Preset, artifacts: Artifacts) -> None:
        self._preset = preset
        self._artifacts = artifacts
        self._contracts = {
            addresses.VVV: artifacts.vvv,
            addresses.STAKING: artifacts.staking,
            addresses.DIEM: artifacts.diem,
            addresses.DAILY_CREDITS: artifacts.credits,
        }

    def creations(self) -> Iterator[Step]:
        """Create the five; DIEM and VVV need not exist yet when staking's initializer takes their addresses."""
        artifacts, staking, diem, credits = (
            self._artifacts,
            self._preset.staking,
            self._preset.diem,
            self._preset.credits,
        )
        yield self._create(addresses.VVV, artifacts.vvv, staking.treasury)
        yield self._create(addresses.STAKING_IMPLEMENTATION, artifacts.staking)
        initialize = artifacts.staking.calldata(
            "initialize", addresses.VVV, addresses.DIEM, staking.treasury, staking.owner
        )
        yield self._create(addresses.STAKING, artifacts.proxy, addresses.STAKING_IMPLEMENTATION, initialize)
        yield self._create(addresses.DIEM, artifacts.diem, diem.admin, addresses.STAKING)
        yield self._create(
            addresses.DAILY_CREDITS,
            artifacts.credits,
            addresses.DIEM,
            credits.gateway,
            credits.epoch_duration,
            credits.minimum_stake,
            credits.credit_at_once,
        )

    def vvv(self) -> Iterator[Step]:
        """Mint what was emitted before genesis, hand VVV over to staking, and give each account what it will need."""
        treasury = self._preset.staking.treasury
        emitted = int(self._preset.vvv.total_supply) - INITIAL_VVV
        yield self._call("deployer", DEPLOYER, addresses.VVV, "mint", treasury, emitted)
        yield self._call("deployer", DEPLOYER, addresses.VVV, "transferOwnership", addresses.STAKING)
        for account in self._preset.accounts:
            if amount := account.vvv + account.staked + account.cooling:
                yield self._call("treasury", treasury, addresses.VVV, "transfer", account.address, amount)

    def parameters(self) -> Iterator[Step]:
        """Set what differs from the initializer's and the constructor's values."""
        staking, diem = self._preset.staking, self._preset.diem
        if staking.venice_emissions_percentage:
            yield self._owner("setVeniceEmissionsPercentage", staking.venice_emissions_percentage)
        if staking.venice_emissions_percentage_when_locked != INITIAL_FEE_WHEN_LOCKED:
            fee = staking.venice_emissions_percentage_when_locked
            yield self._owner("setVeniceEmissionsPercentageWhenLocked", fee)
        if staking.cooldown_duration != INITIAL_STAKING_COOLDOWN:
            yield self._owner("setCooldownDuration", staking.cooldown_duration)
        if diem.cooldown_duration != INITIAL_DIEM_COOLDOWN:
            yield self._call("admin", diem.admin, addresses.DIEM, "setCooldownDuration", diem.cooldown_duration)

    def stakes(self) -> Iterator[Step]:
        """Stake what each account stakes and what it will unstake, with an allowance of exactly that."""
        for account in self._preset.accounts:
            if amount := account.staked + account.cooling:
                yield self._account(account, addresses.VVV, "approve", addresses.STAKING, amount)
                yield self._account(account, addresses.STAKING, "stake", account.address, amount)

    def positions(self) -> Iterator[Step]:
        """Lock and mint, each account under a table made for its position; then set the table of the preset."""
        supply = 0
        for account in self._preset.accounts:
            if account.locked:
                yield from self._position(account, supply)
                supply += account.outstanding_diem
        table = self._preset.curve.table
        yield self._owner("setDiemMintCurve", table.supply, table.rates)

    def _position(self, account: AccountParameters, supply: int) -> Iterator[Step]:
        """Mint exactly ``outstanding_diem`` for exactly ``locked``, at a DIEM supply of ``supply`` (base units).

        The first step has room for ``outstanding_diem`` at the lowest rate there is. The second has one base unit of
        room, at a rate at which all that remains of ``locked`` buys nothing, and costs more than what remains.
        """
        locked, outstanding = int(account.locked), int(account.outstanding_diem)
        cost = -(-outstanding // RATE_UNIT)
        bounds = (supply + outstanding, supply + outstanding + 1)
        rates = (1, (locked - cost) * RATE_UNIT + 1)
        unused = (0,) * (CURVE_STEPS - len(bounds))
        yield self._owner("setDiemMintCurve", bounds + unused, rates + unused)
        yield self._account(account, addresses.STAKING, "mintDiem", locked, 0)
        if outstanding and cost == locked:
            # The first step has taken all of it and paid for it in full, less than one DIEM too much. As locked sVVV
            # are worth 10^18 as many DIEM here, burning that little unlocks nothing.
            yield self._account(account, addresses.STAKING, "burnDiem", locked * RATE_UNIT - outstanding)

    def diem_transfers(self) -> Iterator[Step]:
        """Move DIEM from those who minted more than they are to have to those who minted less."""
        # Plain integers: those of a preset are unsigned.
        surplus = {
            account.address: int(account.outstanding_diem)
            - int(account.diem + account.diem_staked + account.diem_cooling)
            for account in self._preset.accounts
        }
        givers = [account for account in self._preset.accounts if surplus[account.address] > 0]
        for taker in self._preset.accounts:
            while surplus[taker.address] < 0:
                giver = givers[-1]
                amount = min(surplus[giver.address], -surplus[taker.address])
                yield self._account(giver, addresses.DIEM, "transfer", taker.address, amount)
                surplus[taker.address] += amount
                surplus[giver.address] -= amount
                if not surplus[giver.address]:
                    givers.pop()

    def diem_stakes(self) -> Iterator[Step]:
        """Stake DIEM, take back what is to cool, and record what stays, once it is what it will be."""
        for account in self._preset.accounts:
            if amount := account.diem_staked + account.diem_cooling:
                yield self._account(account, addresses.DIEM, "stake", amount)
            if account.diem_cooling:
                yield self._account(account, addresses.DIEM, "initiateUnstake", account.diem_cooling)
            if account.diem_staked:
                yield self._account(account, addresses.DAILY_CREDITS, "record", account.address)

    def cooldowns(self) -> Iterator[Step]:
        """Unstake the VVV that is to cool."""
        for account in self._preset.accounts:
            if account.cooling:
                yield self._account(account, addresses.STAKING, "initiateUnstake", account.cooling)

    def emission(self) -> Iterator[Step]:
        """Set the emission rate, at genesis."""
        yield self._owner("setEmissionRate", self._preset.staking.emission_rate_per_second, at=self._preset.timestamp)

    def _create(self, address: Address, artifact: Artifact, *arguments: object) -> Step:
        label = f"create {artifact.name}"
        code = _encoded(label, artifact, None, arguments)
        return Step(label, Creation(DEPLOYER, address, code, self._preset.setup_timestamp))

    def _call(
        self, who: str, sender: Address, to: Address, function: str, *arguments: object, at: int | None = None
    ) -> Step:
        artifact = self._contracts[to]
        label = f"{who}: {artifact.name}.{function}"
        data = _encoded(label, artifact, function, arguments)
        return Step(label, Call(sender, to, data, self._preset.setup_timestamp if at is None else at))

    def _owner(self, function: str, *arguments: object, at: int | None = None) -> Step:
        return self._call("owner", self._preset.staking.owner, addresses.STAKING, function, *arguments, at=at)

    def _account(self, account: AccountParameters, to: Address, function: str, *arguments: object) -> Step:
        return self._call(account.name, account.address, to, function, *arguments)


def _encoded(label: str, artifact: Artifact, function: str | None, arguments: tuple[object, ...]) -> bytes:
    try:
        return artifact.creation_code(*arguments) if function is None else artifact.calldata(function, *arguments)
    except ArtifactError:
        raise
    except (EncodingError, ParseError, TypeError, ValueError):
        found = ", ".join(artifact.parameters(function))
        raise ArtifactError(
            f"{label}: abi: expected parameters that fit the step's arguments, found ({found})"
        ) from None
