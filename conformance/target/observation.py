"""Comparison by observation: if nobody knows where a contract keeps its variables, its views have to be the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from typing import Any, Final, NamedTuple

from conformance.comparison import Difference, compare_receipts
from conformance.lockstep import Tally
from conformance.machines.specification import SpecificationMachine
from conformance.programs.as_scenario import describe
from conformance.target.machine import TargetMachine
from spec.access_control import DEFAULT_ADMIN_ROLE, SUPPORTED_INTERFACES
from spec.contract import Contract, Function
from spec.diem.token import MINTER_BURNER_ROLE
from spec.encoding import WORD
from spec.machine import CONTRACTS
from spec.messages import ZERO_ADDRESS, Address, Call, Receipt
from spec.parameters import Preset


class Numbers(NamedTuple):
    """What views of a number are asked for."""

    indices: Sequence[int]
    """Of the curve's table."""
    amounts: Sequence[int]


AFTER_A_CALL: Final = Numbers((0, 1, 255), (10**18, 10**24))
AT_A_CHECKPOINT: Final = Numbers(range(257), (0, 1, *(10**power for power in range(6, 28, 3))))
"""One index is past the end."""

CONSTANTS: Final = frozenset({"string", "uint8", "bytes32"})
"""Types of results that no call changes, or that are looked at often enough at checkpoints."""

ROLES: Final = (DEFAULT_ADMIN_ROLE, MINTER_BURNER_ROLE)


class ByViews:
    """Asks the specification and a target the same views."""

    def __init__(self, specification: SpecificationMachine, target: TargetMachine, preset: Preset) -> None:
        self.contracts: Final = target.by_views
        self._specification = specification
        self._target = target
        self._fixed = (*CONTRACTS, preset.staking.treasury, preset.staking.owner, preset.diem.admin, ZERO_ADDRESS)
        self._accounts = dict.fromkeys((*self._fixed, *(account.address for account in preset.accounts)))
        self._pairs: dict[tuple[Address, Address], None] = {}
        """Who has been named together with whom: between others there is no allowance."""

    def after(self, call: Call, receipt: Receipt, tally: Tally) -> Difference | None:
        """Look at the contracts that either machine has written, for the accounts in the call."""
        accounts = accounts_of(call)
        self._accounts |= dict.fromkeys(accounts)
        pairs = dict.fromkeys(product(accounts, accounts))
        self._pairs |= pairs
        if not receipt.status:
            return None
        touched = self._target.touched() | {address for address, _ in self._specification.written()}
        contracts = [contract for address, contract in CONTRACTS.items() if address in touched & self.contracts]
        views = views_of(contracts, accounts, pairs, AFTER_A_CALL)
        changing = (view for view in views if not _is_constant(view[1]))
        return self._first(changing, call.timestamp, tally)

    def everything(self, timestamp: int, tally: Tally) -> Difference | None:
        """Look at every view, for every account there has been."""
        contracts = [CONTRACTS[address] for address in sorted(self.contracts)]
        pairs = {**self._pairs, **dict.fromkeys(product(self._accounts, CONTRACTS))}
        return self._first(views_of(contracts, self._accounts, pairs, AT_A_CHECKPOINT), timestamp, tally)

    def _first(
        self, views: Iterable[tuple[Contract, Function, tuple[Any, ...]]], timestamp: int, tally: Tally
    ) -> Difference | None:
        for contract, function, arguments in views:
            call = Call(ZERO_ADDRESS, contract.address, function.calldata(*arguments), timestamp)
            if self._target.left_out(call) is not None:
                continue
            ours = self._specification.call(call)
            difference = compare_receipts(ours, self._target.ask(call, ours))
            if difference is not None:
                asked = describe(call).partition(" calls ")[2]
                return difference._replace(where=f"view {asked}: {difference.where}")
            tally.views += 1
        return None


def _is_constant(function: Function) -> bool:
    return any(result.type in CONSTANTS for result in function.results)


def views_of(
    contracts: Iterable[Contract],
    accounts: Iterable[Address],
    pairs: Iterable[tuple[Address, Address]],
    numbers: Numbers,
) -> Iterator[tuple[Contract, Function, tuple[Any, ...]]]:
    """Yield every view with every choice of arguments."""
    by_type: dict[tuple[str, ...], Callable[[], Iterable[tuple[Any, ...]]]] = {
        (): lambda: [()],
        ("address",): lambda: [(account,) for account in accounts],
        ("address", "address"): lambda: pairs,
        ("bytes32",): lambda: [(role,) for role in ROLES],
        ("bytes32", "address"): lambda: product(ROLES, accounts),
        ("bytes4",): lambda: [(interface,) for interface in (*sorted(SUPPORTED_INTERFACES), b"\xff" * 4)],
    }
    for contract in contracts:
        for function in contract.by_name.values():
            if function.view:
                types = tuple(parameter.type for parameter in function.parameters)
                if types == ("uint256",):
                    of_index = function.parameters[0].name == "index"
                    choices: Iterable[tuple[Any, ...]] = zip(numbers.indices if of_index else numbers.amounts)
                else:
                    choices = by_type[types]()
                for arguments in choices:
                    yield contract, function, tuple(arguments)


def accounts_of(call: Call) -> list[Address]:
    """Return the sender, and the accounts that are named in the call's arguments."""
    function = CONTRACTS[call.to].by_selector.get(call.data[:4])
    named = []
    for number, parameter in enumerate(function.parameters if function else ()):
        word = call.data[4 + WORD * number : 4 + WORD * (number + 1)]
        if parameter.type == "address" and len(word) == WORD and not any(word[:12]):
            named.append(Address(word[12:]))
        if "[" in parameter.type:
            break
    return list(dict.fromkeys([call.sender, *named]))
