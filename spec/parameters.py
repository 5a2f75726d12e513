"""The parameters of a genesis: a documented TOML file that a designer can copy and edit.

Three files come with the specification, in ``spec/presets``; each says in comments what its fields mean.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from importlib import resources
from pathlib import Path
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from spec import addresses
from spec.curve_table import CurveTable, curve_table
from spec.messages import ZERO_ADDRESS, Address
from spec.quantities import format_amount, parse_address, parse_amount
from spec.staking.storage import CURVE_STEPS
from spec.timeline import emission_rate_per_second
from spec.uint256 import U256

PRESETS: Final = ("launch", "snapshot-2026-09-19", "minimal")

FIRST_SUPPLY: Final = 100_000_000 * 10**18
"""What VVV's constructor mints (VVV base units)."""

SEED_STAKE: Final = 10**18
"""What the initializer mints to staking itself (sVVV base units), so that the total is never zero."""


class ParameterError(ValueError):
    """A genesis that cannot be: the message names the file, the field, what was found and what was expected."""


def _amount(value: object) -> int:
    if not isinstance(value, str):
        raise ValueError(f"expected an amount in quotation marks, such as '1000.5', found {value!r}")
    return int(parse_amount(value))


def _fraction(value: object) -> int:
    fraction = _amount(value)
    if fraction > 10**18:
        raise ValueError(f"expected a share between '0' and '1', found {value!r}")
    return fraction


def _address(value: object) -> Address:
    if not isinstance(value, str):
        raise ValueError(f"expected an address in quotation marks, found {value!r}")
    return parse_address(value)


def spelled(pattern: str, expected: str) -> AfterValidator:
    """Return a check that a text is spelled as ``pattern`` has it, all of it; ``expected`` says so to people."""

    def check(value: str) -> str:
        if re.fullmatch(pattern, value) is None:
            raise ValueError(f"expected {expected}, found {value!r}")
        return value

    return AfterValidator(check)


Amount = Annotated[int, BeforeValidator(_amount)]
"""Tokens in the file, base units in memory (10^18 = one token)."""

Holding = Annotated[Amount, Field(default=0)]
"""An amount that is zero unless given."""

Fraction = Annotated[int, BeforeValidator(_fraction)]
"""Between 0 and 1 in the file, scaled by 10^18 in memory."""

AccountAddress = Annotated[Address, BeforeValidator(_address)]

Seconds = Annotated[int, Field(ge=0, lt=2**64)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, arbitrary_types_allowed=True)


class VVVParameters(_Section):
    """The token at genesis."""

    total_supply: Amount
    """VVV base units; the first 100,000,000 VVV are the constructor's, the rest was emitted before genesis."""

    @field_validator("total_supply")
    @classmethod
    def _includes_the_first(cls, value: int) -> int:
        if value < FIRST_SUPPLY:
            raise ValueError(f"expected at least {format_amount(FIRST_SUPPLY)}, found {format_amount(value)}")
        return value


class StakingParameters(_Section):
    """What the initializer and the owner have set on staking."""

    treasury: AccountAddress
    owner: AccountAddress
    emission_per_year: Amount
    """VVV base units a year of 31,536,000 s"""
    venice_emissions_percentage: Fraction
    venice_emissions_percentage_when_locked: Fraction
    cooldown_duration: Seconds

    @property
    def emission_rate_per_second(self) -> U256:
        """VVV base units per second, rounded down."""
        return emission_rate_per_second(self.emission_per_year)


class CurveParameters(_Section):
    """The mint curve's formula and its steps."""

    base_mint_rate: Annotated[int, Field(gt=0, le=10**6)]
    """sVVV per DIEM at supply 0"""
    adjustment_power: Annotated[int, Field(ge=0, le=100)]
    target: Annotated[int, Field(gt=0, le=10**9)]
    """whole DIEM"""
    steps: Annotated[int, Field(ge=1, le=CURVE_STEPS)]
    step_width: Annotated[int, Field(gt=0, le=10**9)]
    """whole DIEM"""

    @property
    def table(self) -> CurveTable:
        """The arguments of ``setDiemMintCurve``."""
        return curve_table(self.base_mint_rate, self.adjustment_power, self.target, self.steps, self.step_width)

    @model_validator(mode="after")
    def _fits(self) -> CurveParameters:
        try:
            table = self.table
        except (OverflowError, ValueError):
            raise ValueError("expected rates below 2^256: the last step is too far above the target") from None
        last = self.steps - 1
        if int(table.rates[last]) * int(table.supply[last]) >= 2**256:
            raise ValueError("expected costs below 2^256: the last step is too far above the target")
        return self


class DiemParameters(_Section):
    """What the constructor and the admin have set on DIEM."""

    admin: AccountAddress
    cooldown_duration: Seconds


class CreditsParameters(_Section):
    """What the constructor has set on DailyCredits."""

    gateway: AccountAddress
    epoch_duration: Annotated[int, Field(gt=0, lt=2**64)]
    """s"""
    minimum_stake: Amount
    credit_at_once: bool


class AccountParameters(_Section):
    """What one named account has at genesis; amounts in base units, zero unless given."""

    name: Annotated[str, spelled(r"[a-z][a-z0-9_]*", "a small letter, then small letters, digits and underscores")]
    address: AccountAddress
    vvv: Holding
    """VVV in hand"""
    staked: Holding
    """sVVV, locked and unlocked"""
    locked: Holding
    """sVVV of these that are locked"""
    cooling: Holding
    """VVV on its way out of staking"""
    outstanding_diem: Holding
    """DIEM minted and not burned"""
    diem: Holding
    """DIEM in hand"""
    diem_staked: Holding
    diem_cooling: Holding
    """DIEM on its way out of its stake"""

    @model_validator(mode="after")
    def _possible(self) -> AccountParameters:
        if self.locked > self.staked:
            staked, locked = format_amount(self.staked), format_amount(self.locked)
            raise ValueError(f"expected locked to be at most staked, {staked}, found {locked}")
        beyond_vvv = self.staked, self.cooling, self.diem, self.diem_staked, self.diem_cooling
        if self.address == ZERO_ADDRESS and any(beyond_vvv):
            raise ValueError("expected the zero address to have nothing but vvv")
        if self.outstanding_diem and self.locked <= self.outstanding_diem // 10**18:
            raise ValueError("expected an account with outstanding_diem to have locked sVVV for it")
        return self


class Preset(_Section):
    """The parameters of one genesis."""

    name: Annotated[
        str,
        spelled(r"[A-Za-z0-9][A-Za-z0-9._-]*", "a letter or digit, then letters, digits, dots, underscores and dashes"),
    ]
    """Also part of the names of files."""
    description: str
    chain_id: Annotated[int, Field(gt=0, lt=2**64)]
    timestamp: Seconds
    """When the genesis state holds (s)."""
    vvv: VVVParameters
    staking: StakingParameters
    curve: CurveParameters
    diem: DiemParameters
    credits: CreditsParameters
    accounts: Annotated[tuple[AccountParameters, ...], Field(strict=False)]

    @property
    def setup_timestamp(self) -> int:
        """When the accounts took their positions (s): one epoch before genesis, so that their stakes give credit."""
        return self.timestamp - self.credits.epoch_duration

    @property
    def vvv_of_staking(self) -> int:
        """The VVV that backs all stakes and cooldowns (base units); the seed stake has none behind it."""
        return sum(account.staked + account.cooling for account in self.accounts)

    @property
    def vvv_of_treasury(self) -> int:
        """The VVV that nobody else has (base units)."""
        return self.vvv.total_supply - sum(account.vvv for account in self.accounts) - self.vvv_of_staking

    @model_validator(mode="after")
    def _consistent(self) -> Preset:
        _check_accounts(self)
        if self.setup_timestamp < 0:
            raise ValueError("timestamp: expected at least one epoch_duration")
        held = sum(account.vvv for account in self.accounts) + self.vvv_of_staking
        if held > self.vvv.total_supply:
            raise ValueError(
                f"accounts: expected to hold at most vvv.total_supply, {format_amount(self.vvv.total_supply)}, "
                f"found {format_amount(held)}"
            )
        minted = sum(account.outstanding_diem for account in self.accounts)
        diem = sum(account.diem + account.diem_staked + account.diem_cooling for account in self.accounts)
        if minted != diem:
            raise ValueError(
                f"accounts: expected the DIEM held, staked and cooling to be the outstanding_diem, "
                f"{format_amount(minted)}, found {format_amount(diem)}"
            )
        return self


def _check_accounts(preset: Preset) -> None:
    contracts = {addresses.VVV, addresses.STAKING, addresses.STAKING_IMPLEMENTATION}
    contracts |= {addresses.DIEM, addresses.DAILY_CREDITS}
    for account in preset.accounts:
        if account.address in contracts | {preset.staking.treasury}:
            raise ValueError(f"accounts: {account.name} has the address of a contract or of the treasury")
    for field, count in (
        ("name", Counter(account.name for account in preset.accounts)),
        ("address", Counter(f"0x{account.address.hex()}" for account in preset.accounts)),
    ):
        value, times = count.most_common(1)[0] if count else ("", 1)
        if times > 1:
            raise ValueError(f"accounts: expected each {field} once, found {value} {times} times")


def load_preset(name_or_path: str) -> Preset:
    """Return one of ``PRESETS`` by its name, or the preset in a file with the ending ``.toml``.

    Raises
    ------
    ParameterError : no such preset or file; not TOML; a field that is missing, unknown, or wrong.
    """
    if name_or_path in PRESETS:
        text = (resources.files("spec.presets") / f"{name_or_path}.toml").read_text(encoding="utf-8")
        return parse_preset(text, f"{name_or_path}.toml")
    path = Path(name_or_path)
    if path.suffix != ".toml":
        raise ParameterError(f"preset {name_or_path!r}: expected one of {', '.join(PRESETS)}, or a file *.toml")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ParameterError(f"{path}: cannot be read: expected TOML in UTF-8") from None
    except (OSError, ValueError) as error:
        raise ParameterError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return parse_preset(text, str(path))


def parse_preset(text: str, place: str) -> Preset:
    """Return the preset that ``text`` (TOML) describes; ``place`` names the file in errors.

    Raises
    ------
    ParameterError : not TOML; a field that is missing, unknown, or wrong.
    """
    try:
        return Preset.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ParameterError(f"{place}: expected TOML: {error}") from None
    except ValidationError as error:
        raise ParameterError(f"{place}: {describe(error)}") from None


def describe(error: ValidationError) -> str:
    """Return the first thing that a validation found wrong, as one line: the field, then what was expected."""
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    match first["type"]:
        case "missing":
            message = "expected this field, found none"
        case "extra_forbidden":
            message = "expected no such field"
        case "value_error":
            message = first["msg"].removeprefix("Value error, ")
        case "model_type" | "dict_type":
            message = f"expected keys with values, found {first['input']!r}"
        case "tuple_type":
            message = f"expected a list, found {first['input']!r}"
        case _:
            expected = first["msg"].replace("Input should be ", "expected ").replace("should have", "expected")
            message = f"{expected}, found {first['input']!r}"
    return f"{field}: {message}" if field else message
