"""The file that describes a target: what stands in it, read strictly."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from spec.parameters import describe, spelled


class TargetError(ValueError):
    """A target that cannot be used: the message names the file, the key or step, what was found, what was expected."""


def _is_name_or_false(value: object) -> bool:
    return value is False or (isinstance(value, str) and bool(value))


def _name_or_false(value: object) -> object:
    if _is_name_or_false(value):
        return value
    raise ValueError(f"expected its name at the target in quotation marks, or false if it has none; found {value!r}")


def _storage(value: object) -> object:
    """See to it here that the names are, for a value of either type would be refused with the types' names."""
    if isinstance(value, dict):
        for name, theirs in value.items():
            if not _is_name_or_false(theirs):
                raise ValueError(f"expected a name in quotation marks for {name}, or false; found {theirs!r}")
    elif value != SAME:
        raise ValueError(f"expected {SAME!r} or a table of variables, found {value!r}")
    return value


def _proxy(value: object) -> object:
    if _is_name_or_false(value):
        return value
    raise ValueError(f"expected an artifact's file in quotation marks, or false if there is none; found {value!r}")


SAME: Final = "same"
"""Says of a storage that every variable lies where ours does."""

File = Annotated[str, spelled(r"[^\0]+", "a file")]
CodeOrFile = Annotated[str, spelled(r"[^\0]+", "0x and digits, or a file of them")]

Names = dict[str, Annotated[str | Literal[False], BeforeValidator(_name_or_false)]]
"""Our name |-> the target's; False for what it does not have."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class RoleTable(_Table):
    """One contract of the target."""

    artifact: File | None = None
    """A JSON file of a compiler or a framework, beside the target's file; may be gzipped."""
    bytecode: CodeOrFile | None = None
    """Code that creates the contract: 0x and digits, or a file of them."""
    runtime: CodeOrFile | None = None
    """Code as it lies at an address, likewise; it finds the words that our constructor leaves."""
    abi: File | None = None
    """A JSON file; without any ABI the functions are taken to be ours."""
    layout: File | None = None
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

    proxy: Annotated[str | Literal[False] | None, BeforeValidator(_proxy)] = None
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

    name: Annotated[
        str,
        spelled(
            r"[A-Za-z0-9][A-Za-z0-9 ._-]*",
            "a letter or digit, then letters, digits, spaces, dots, underscores and dashes",
        ),
    ]
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
    except UnicodeDecodeError:
        raise TargetError(f"{path}: cannot be read: expected TOML in UTF-8") from None
    except (OSError, ValueError) as error:
        raise TargetError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    try:
        return TargetDocument.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise TargetError(f"{path}: expected TOML: {error}") from None
    except ValidationError as error:
        raise TargetError(f"{path}: {describe(error)}") from None
    except RecursionError:
        raise TargetError(f"{path}: expected TOML: its brackets are nested too deeply") from None
    except ValueError:  # of Python's own, for a number of thousands of digits
        raise TargetError(f"{path}: expected TOML: a number has too many digits") from None
