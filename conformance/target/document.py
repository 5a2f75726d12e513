"""The file that describes a target: what stands in it, read strictly."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from spec.parameters import describe


class TargetError(ValueError):
    """A target that cannot be used: the message names the file, the key or step, what was found, what was expected."""


def _name_or_false(value: object) -> str | Literal[False]:
    if value is False or (isinstance(value, str) and value):
        return value
    raise ValueError(f"expected its name at the target in quotation marks, or false if it has none; found {value!r}")


def _storage(value: object) -> object:
    if value == SAME or isinstance(value, dict):
        return value
    raise ValueError(f"expected {SAME!r} or a table of variables, found {value!r}")


SAME: Final = "same"
"""Says of a storage that every variable lies where ours does."""

Names = dict[str, Annotated[str | Literal[False], BeforeValidator(_name_or_false)]]
"""Our name |-> the target's; False for what it does not have."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class RoleTable(_Table):
    """One contract of the target."""

    artifact: str | None = None
    """A JSON file of a compiler or a framework, beside the target's file; may be gzipped."""
    bytecode: str | None = None
    """Code that creates the contract: 0x and digits, or a file of them."""
    runtime: str | None = None
    """Code as it lies at an address, likewise; it finds the words that our constructor leaves."""
    abi: str | None = None
    """A JSON file; without any ABI the functions are taken to be ours."""
    layout: str | None = None
    """A JSON file with solc's storage layout, if the artifact has none."""
    constructor: list[Any] | None = None
    """Arguments; those that ours takes, unless given."""
    functions: Names = Field(default_factory=dict)
    events: Names = Field(default_factory=dict)
    own_events: list[str] = Field(default_factory=list)
    """Events of the target's own, which are not looked at."""
    errors: dict[str, str] = Field(default_factory=dict)
    """Our reason |-> a custom error's signature, a revert string, or ``*`` for any refusal."""
    storage: Annotated[Literal["same"] | Names | None, BeforeValidator(_storage)] = None
    """Where the variables lie; unless it is given, the contract is compared by its views."""
    own_variables: list[str] = Field(default_factory=list)
    """Variables of the target's own, which are not looked at."""

    @model_validator(mode="after")
    def _one_code(self) -> RoleTable:
        given = [name for name in ("artifact", "bytecode", "runtime") if getattr(self, name) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none"
            raise ValueError(f"expected one of artifact, bytecode and runtime, found {found}")
        if self.runtime is not None and self.constructor is not None:
            raise ValueError("expected no constructor beside runtime, which is not created")
        return self


class InitializerTable(_Table):
    """The call that the proxy makes of its implementation when it is created."""

    function: str
    arguments: list[Any] = Field(default_factory=list)


class StakingTable(RoleTable):
    """Staking: the implementation, and what stands before it."""

    proxy: Annotated[str | Literal[False] | None, Field(union_mode="left_to_right")] = None
    """An artifact with a constructor(address implementation, bytes data); ours unless given; false for none."""
    initializer: InitializerTable | None = None
    """Ours, under the name it has at the target, unless given."""


class SetUpStep(_Table):
    """A call that the target needs after its contracts are created."""

    sender: Annotated[str, Field(alias="from")]
    call: str
    """``contract.function``, the function as the target names it."""
    arguments: list[Any] = Field(default_factory=list)


class TargetDocument(_Table):
    """The whole file."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$")]
    description: str = ""
    vvv: RoleTable | None = None
    staking: StakingTable | None = None
    diem: RoleTable | None = None
    credits: RoleTable | None = None
    set_up: list[SetUpStep] = Field(default_factory=list)

    @property
    def roles(self) -> dict[str, RoleTable]:
        """Contract |-> its table, of those that are not ours."""
        tables = {"vvv": self.vvv, "staking": self.staking, "diem": self.diem, "credits": self.credits}
        return {name: table for name, table in tables.items() if table is not None}

    @model_validator(mode="after")
    def _something(self) -> TargetDocument:
        if not self.roles:
            raise ValueError("expected at least one of the tables vvv, staking, diem and credits, found none")
        return self


def read_document(path: Path) -> TargetDocument:
    """Return what a target's file says.

    Raises
    ------
    TargetError : the file cannot be read; is not TOML; has a key that is unknown, missing or wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TargetError(f"{path}: cannot be read: {error}") from None
    try:
        return TargetDocument.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise TargetError(f"{path}: expected TOML: {error}") from None
    except ValidationError as error:
        raise TargetError(f"{path}: {describe(error)}") from None
