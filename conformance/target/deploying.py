"""From nothing to a preset's state, with the target's contracts in their roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from eth_abi.abi import encode
from eth_abi.exceptions import EncodingError, ParseError
from eth_utils.abi import collapse_if_tuple

from conformance.artifact import load_artifacts
from conformance.deployment import DEPLOYER, Creation, Step, deployment
from conformance.machines.py_evm import Image, PyEvmHost
from conformance.scenario.names import known_names
from conformance.target.code import Code
from conformance.target.document import SetUpStep, StakingTable, TargetError
from conformance.target.interface import Entry
from conformance.target.refusals import describe_refusal
from conformance.target.target import BY_NAME, Role, Target
from conformance.target.translation import Translation
from spec import addresses
from spec.diem.token import MINTER_BURNER_ROLE
from spec.messages import Address, Call, Receipt
from spec.parameters import Preset

ADDRESS: Final = 20
"""bytes"""

ROLE_AT: Final = {
    addresses.VVV: "vvv",
    addresses.STAKING_IMPLEMENTATION: "staking",
    addresses.DIEM: "diem",
    addresses.DAILY_CREDITS: "credits",
}
"""Where its code is created |-> contract."""


@lru_cache(maxsize=16)
def deploy_target(target: Target, preset: Preset) -> Image:
    """Return the state of ``preset`` with the target's contracts, reached by the same steps as with ours.

    Raises
    ------
    TargetError : code does not deploy; arguments do not fit; a step, or a call of ``set_up``, is refused or is of a
        function that the target does not have.
    """
    host = PyEvmHost(preset.chain_id)
    _Deployment(host, target, preset).run()
    return host.image()


class _Deployment:
    def __init__(self, host: PyEvmHost, target: Target, preset: Preset) -> None:
        self._host = host
        self._target = target
        self._preset = preset
        self._translation = Translation(target)
        self._values = _values(preset)

    def run(self) -> None:
        set_up = False
        for step in deployment(self._preset, load_artifacts()):
            if isinstance(step.action, Creation):
                self._create(step.action)
                continue
            if not set_up:
                set_up = True
                self._set_up()
            self._call(step, step.action)

    def _create(self, creation: Creation) -> None:
        """Create the target's contract in the place of ours, if it has one there."""
        role = self._target.roles.get(ROLE_AT.get(creation.address, ""))
        staking = self._target.roles.get("staking")
        if creation.address == addresses.STAKING and staking is not None:
            self._create_staking(creation, staking)
        elif role is None or (role.name == "staking" and _table(role).proxy is False):
            self._created(creation, f"create our {creation.address.hex()}")
        elif role.code.runtime is not None:
            self._created(creation, f"{role.name}.runtime: after our constructor")
            self._host.set_code(creation.address, role.code.runtime)
        else:
            code = self._creation_code(role)
            self._created(creation._replace(code=code), f"{role.name}: creating {role.code.name}")

    def _create_staking(self, creation: Creation, role: Role) -> None:
        """Create the proxy, with the target's initializer; or the contract itself, if there is no proxy."""
        table = _table(role)
        if table.proxy is False:
            code = self._creation_code(role)
            self._created(creation._replace(code=code), f"staking: creating {role.code.name}")
            return
        arguments = [addresses.STAKING_IMPLEMENTATION, self._initializer(role, table)]
        if self._target.proxy is not None:
            name, code = (
                self._target.proxy.name,
                _with_arguments(self._target.proxy, arguments, self._at("staking.proxy")),
            )
        else:
            name, code = "our proxy", load_artifacts().proxy.creation_code(*arguments)
        self._created(creation._replace(code=code), f"staking: creating {name} with its initializer")

    def _initializer(self, role: Role, table: StakingTable) -> bytes:
        place = self._at("staking.initializer")
        if table.initializer is not None:
            _, entry = self._target.function(f"staking.{table.initializer.function}")
            if entry is None:
                expected = f"a function in the ABI of {role.code.name}"
                raise TargetError(f"{place}.function: expected {expected}, found {table.initializer.function!r}")
            return _calldata(entry, self._resolved(table.initializer.arguments, place), place)
        entry = role.map.functions["initialize"]
        if entry is None:
            raise TargetError(
                f"{place}: expected a function and its arguments, since staking.functions has no initialize"
            )
        staking = self._preset.staking
        return _calldata(entry, [addresses.VVV, addresses.DIEM, staking.treasury, staking.owner], place)

    def _creation_code(self, role: Role) -> bytes:
        place = self._at(f"{role.name}.constructor")
        given = role.table.constructor
        arguments = _ours(self._preset)[role.name] if given is None else self._resolved(given, place)
        return _with_arguments(role.code, arguments, place)

    def _created(self, creation: Creation, what: str) -> None:
        receipt = self._host.create(creation)
        if not receipt.status:
            found = self._refused(receipt.output)
            raise TargetError(f"{self._at(what)}: expected code that deploys, found it {found}")
        if not receipt.output:
            raise TargetError(f"{self._at(what)}: expected code that deploys, found that it leaves none")

    def _set_up(self) -> None:
        for number, step in enumerate(self._target.document.set_up):
            place = f"{self._at('set_up')}.{number}"
            receipt = self._host.call(self._set_up_call(step, place))
            if not receipt.status:
                found = self._refused(receipt.output)
                raise TargetError(f"{place}: {step.call}: expected a call that is accepted, found it {found}")

    def _set_up_call(self, step: SetUpStep, place: str) -> Call:
        contract = step.call.partition(".")[0]
        if contract not in BY_NAME:
            raise TargetError(f"{place}.call: expected contract.function, of {', '.join(BY_NAME)}; found {step.call!r}")
        address, entry = self._target.function(step.call)
        if entry is None:
            raise TargetError(f"{place}.call: expected a function of the target's {contract}, found {step.call!r}")
        sender = self._account(f"${step.sender.removeprefix('$')}", f"{place}.from")
        data = _calldata(entry, self._resolved(step.arguments, f"{place}.arguments"), f"{place}.arguments")
        return Call(sender, address, data, self._preset.setup_timestamp)

    def _call(self, step: Step, call: Call) -> None:
        place = f"{self._target.path}: preset {self._preset.name}: {step.label}"
        missing = self._translation.left_out(call)
        if missing is not None:
            raise TargetError(
                f"{place}: expected {missing}, which the way to this preset needs; found that it is missing"
            )
        receipt = self._host.call(self._translation.call(call))
        if not receipt.status:
            refused = Receipt(True, b"", ())
            ours = self._translation.receipt(call, refused, receipt).output
            raise TargetError(f"{place}: expected a call that is accepted, found it {self._refused(ours)}")

    def _refused(self, data: bytes) -> str:
        """Return how the last creation or call was refused."""
        if self._host.out_of_gas:
            return "out of gas"
        return f"refused with {describe_refusal(data, self._target.errors)}"

    def _at(self, what: str) -> str:
        return f"{self._target.path}: {what}"

    def _resolved(self, given: Sequence[object], place: str) -> list[Any]:
        return [self._value(value, f"{place}.{number}") for number, value in enumerate(given)]

    def _account(self, name: str, place: str) -> Address:
        value = self._value(name, place)
        if not isinstance(value, bytes) or len(value) != ADDRESS:
            raise TargetError(f"{place}: expected an account, found {name!r}, which is none")
        return Address(value)

    def _value(self, value: object, place: str) -> Any:
        if isinstance(value, list):
            return self._resolved(value, place)
        if not isinstance(value, str):
            return value
        if value.startswith("$"):
            if value[1:] not in self._values:
                names = ", ".join(f"${name}" for name in self._values)
                raise TargetError(f"{place}: expected one of {names}; found {value!r}")
            return self._values[value[1:]]
        if value.startswith("0x"):
            try:
                return bytes.fromhex(value[2:])
            except ValueError:
                raise TargetError(f"{place}: expected an even number of hexadecimal digits, found {value!r}") from None
        return value


def _table(role: Role) -> StakingTable:
    if not isinstance(role.table, StakingTable):
        raise TypeError(role.name)
    return role.table


def _values(preset: Preset) -> dict[str, Any]:
    """Return what ``$name`` stands for in the arguments of a target's file."""
    credits = preset.credits
    return {
        **known_names(preset),
        "implementation": addresses.STAKING_IMPLEMENTATION,
        "deployer": DEPLOYER,
        "minter_burner_role": MINTER_BURNER_ROLE,
        "epoch_duration": credits.epoch_duration,
        "minimum_stake": credits.minimum_stake,
        "credit_at_once": credits.credit_at_once,
    }


def _ours(preset: Preset) -> Mapping[str, list[Any]]:
    """Return contract |-> the arguments that our constructor takes."""
    credits = preset.credits
    return {
        "vvv": [preset.staking.treasury],
        "staking": [],
        "diem": [preset.diem.admin, addresses.STAKING],
        "credits": [
            addresses.DIEM,
            credits.gateway,
            credits.epoch_duration,
            credits.minimum_stake,
            credits.credit_at_once,
        ],
    }


def _with_arguments(code: Code, arguments: Sequence[Any], place: str) -> bytes:
    creation = code.creation or b""
    if code.abi is None:
        return creation + _encoded([_guessed(value) for value in arguments], arguments, place)
    constructors = [entry for entry in code.abi if entry["type"] == "constructor"]
    types = [collapse_if_tuple(parameter) for entry in constructors for parameter in entry.get("inputs", [])]
    return creation + _encoded(types, arguments, place)


def _guessed(value: object) -> str:
    """Return the type of an argument of a constructor without ABI."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, bytes):
        return {20: "address", 32: "bytes32"}.get(len(value), "bytes")
    return "string" if isinstance(value, str) else "uint256"


def _calldata(entry: Entry, arguments: Sequence[Any], place: str) -> bytes:
    return entry.hash[:4] + _encoded(list(entry.types), arguments, place)


def _encoded(types: list[str], arguments: Sequence[Any], place: str) -> bytes:
    if len(types) != len(arguments):
        raise TargetError(f"{place}: expected {len(types)} arguments ({', '.join(types)}), found {len(arguments)}")
    for number, (type_, value) in enumerate(zip(types, arguments, strict=True)):
        try:
            encode([type_], [value])
        except ParseError:
            raise TargetError(f"{place}.{number}: expected a type of Solidity's in the ABI, found {type_!r}") from None
        except (EncodingError, TypeError, ValueError, OverflowError):
            shown = f"0x{value.hex()}" if isinstance(value, bytes) else repr(value)
            raise TargetError(f"{place}.{number}: expected a value of type {type_}, found {shown}") from None
    return encode(types, arguments)
