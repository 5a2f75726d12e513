"""A scenario's file: YAML or JSON in, a checked structure out; what the values mean is the reader's business."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NoReturn

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from conformance.scenario.faults import Fault, ScenarioError, brief
from ledger.json_text import refuse_too_deep
from spec.uint256 import MAX_UINT256

ENDINGS: Final = (".yaml", ".yml", ".json")

LEVELS: Final = 20
"""How deep lists and mappings may lie in one another; a scenario needs 7."""


def _text(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError(f"expected text, found {brief(value)}")
    return value


def _mapping(value: object) -> object:
    if not isinstance(value, dict):
        raise ValueError(f"expected a mapping, found {brief(value)}")
    return value


Text = Annotated[str, BeforeValidator(_text)]
Mapping = Annotated[dict[Text, Any], BeforeValidator(_mapping)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Expectation(_Section):
    """What a call has to come to."""

    status: Literal["ok"] | None = None
    reverts: Text | None = None
    returns: Any = None
    emits: list[Any] | None = None
    """All events, in order, with all their arguments."""
    emits_at_least: list[Any] | None = None
    """Some of the events, in order, with some of their arguments."""


class StepDocument(_Section):
    """A call, what it has to come to, and what has to be true after it; or a check without a call."""

    at: Any = None
    sender: Annotated[Any, Field(alias="from")] = None
    call: Text | None = None
    args: Any = None
    to: Text | None = None
    raw: Any = None
    value: Any = 0
    note: Text = ""
    expect: Annotated[Expectation, BeforeValidator(_mapping)] = Expectation()
    state: Mapping = {}


class ScenarioDocument(_Section):
    """The whole file."""

    title: Text
    description: Text = ""
    preset: Text
    parameters: Mapping = {}
    accounts: Mapping = {}
    steps: Annotated[list[Annotated[StepDocument, BeforeValidator(_mapping)]], Field(min_length=1)]


def bundled() -> dict[str, Path]:
    """Return name |-> file of the scenarios that come with the package."""
    folder = Path(str(resources.files("conformance") / "scenarios"))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def find(name_or_path: str) -> Path:
    """Return the file of a scenario: a bundled one by its name, or any by its path.

    Raises
    ------
    ScenarioError : neither the name of a bundled scenario nor a file of ours.
    """
    known = bundled()
    if name_or_path in known:
        return known[name_or_path]
    path = Path(name_or_path)
    if path.suffix not in ENDINGS:
        raise ScenarioError(
            f"{name_or_path}: expected a file *{', *'.join(ENDINGS)}, or one of the scenarios {', '.join(known)}"
        )
    return path


def load(path: Path) -> ScenarioDocument:
    """Return the document in a file.

    Raises
    ------
    ScenarioError : not readable; not YAML or JSON; a key that is missing, unknown, or of the wrong kind.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ScenarioError(f"{path}: expected YAML or JSON in UTF-8") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ScenarioError(f"{path}: cannot be read: {reason}") from None
    try:
        content = parse_json(text) if path.suffix == ".json" else parse_yaml(text)
        return ScenarioDocument.model_validate(_mapping(content))
    except ValidationError as error:
        raise ScenarioError(f"{path}: {_describe(error)}") from None
    except ValueError as error:
        raise ScenarioError(f"{path}: {error}") from None


def _describe(error: ValidationError) -> str:
    """Return the first thing that is wrong: where, what was expected, what was found."""
    errors = error.errors()
    # A misspelt key is also a missing one; the spelling says more.
    first = next((found for found in errors if found["type"] == "extra_forbidden"), errors[0])
    path = first["loc"]
    match first["type"]:
        case "missing":
            message = "expected this key, found none"
        case "extra_forbidden":
            known = _keys(path)
            message = f"expected one of the keys {', '.join(known)}; found {brief(path[-1])}"
        case "list_type":
            message = f"expected a list, found {brief(first['input'])}"
        case "invalid_key":
            message = f"expected text as the key, found {brief(path[-1])}"
        case "too_short":
            message = "expected at least one step, found none"
        case "literal_error":
            message = f"expected {first['ctx']['expected']}, found {brief(first['input'])}"
        case _:
            message = first["msg"].removeprefix("Value error, ")
    return str(Fault(message, *[part for part in path if part != "[key]"]))


def _keys(path: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = ScenarioDocument
    if path[0] == "steps":
        model = Expectation if "expect" in path[:-1] else StepDocument
    return [field.alias or name for name, field in model.model_fields.items()]


class _Loader(yaml.SafeLoader):
    """Safe YAML whose plain values are only null, true, false, integers and decimals, all of them exact."""

    yaml_implicit_resolvers: Final = {}  # type: ignore[misc]
    level = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuse aliases, of which a small file can be without end when written out, and levels without end."""
        if self.check_event(yaml.AliasEvent):
            raise ValueError("expected YAML without aliases")
        if self.level > LEVELS:
            raise ValueError(f"expected at most {LEVELS} levels")
        self.level += 1
        node = super().compose_node(parent, index)
        self.level -= 1
        return node


def _mapping_once(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    mapping: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        line = key_node.start_mark.line + 1
        if isinstance(key, dict | list):
            raise ValueError(f"line {line}: expected text as the key, found {brief(key)}")
        if key in mapping:
            raise ValueError(f"line {line}: expected each key once, found {brief(key)} again")
        mapping[key] = loader.construct_object(value_node, deep=True)
    return mapping


def _integer(loader: _Loader, node: yaml.ScalarNode) -> int:
    text = loader.construct_scalar(node).replace("_", "")
    return _bounded(text, f"line {node.start_mark.line + 1}: ")


def _bounded(text: str, place: str = "") -> int:
    """Return an integer of a size that can be shown; whether it fits its type is said where it is used."""
    number = int(text, 0) if len(text) < 100 else None
    if number is None or abs(number) > 2 * MAX_UINT256:
        raise ValueError(f"{place}expected a number from 0 to 2^256 - 1, found {text[:20]}… ({len(text)} characters)")
    return number


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping_once)
_Loader.add_constructor("tag:yaml.org,2002:int", _integer)
for _tag, _pattern, _first in (
    ("null", r"~|null|", ["~", "n", ""]),
    ("bool", r"true|false", ["t", "f"]),
    ("int", r"-?(?:0|[1-9][0-9_]*)|0x[0-9a-fA-F]+", list("-0123456789")),
    ("float", r"-?[0-9][0-9_]*\.[0-9]*(?:[eE][-+]?[0-9]+)?", list("-0123456789")),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})\\Z"), _first)


def parse_yaml(text: str) -> object:
    """Return what a YAML text says.

    Raises
    ------
    ValueError : not YAML of the safe kind; a key twice; an alias.
    """
    try:
        return yaml.load(text, _Loader)  # noqa: S506 -- a safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise ValueError(f"{place}expected YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise ValueError(f"expected YAML: {error}") from None


def parse_json(text: str) -> object:
    """Return what a JSON text says; its integers are exact.

    Raises
    ------
    ValueError : nested too deep; not JSON; a key twice.
    """
    refuse_too_deep(text, LEVELS)
    try:
        return json.loads(text, parse_int=_bounded, parse_constant=_no_constant, object_pairs_hook=_object_once)
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno}, column {error.colno}: expected JSON: {error.msg}") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"expected JSON, found {name}")


def _object_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key, value in pairs:
        if key in mapping:
            raise ValueError(f"expected each key once, found {brief(key)} again")
        mapping[key] = value
    return mapping
