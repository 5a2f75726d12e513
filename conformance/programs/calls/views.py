"""Any view of any contract, with arguments by type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from conformance.programs.scene import CONTRACTS, Draft, Scene
from spec.access_control import DEFAULT_ADMIN_ROLE, SUPPORTED_INTERFACES
from spec.diem.token import MINTER_BURNER_ROLE

VIEWS: Final = [
    (contract, function) for contract in CONTRACTS for function in contract.by_name.values() if function.view
]

_BY_TYPE: Final[dict[str, Callable[[Scene], Any]]] = {
    "address": lambda scene: scene.cast.anyone(scene.choices),
    "uint256": lambda scene: scene.amount(scene.choices.one_of((255, 255, 10**18, 10**24))),
    "bytes32": lambda scene: scene.choices.one_of((MINTER_BURNER_ROLE, DEFAULT_ADMIN_ROLE, b"\x01" * 32)),
    "bytes4": lambda scene: scene.choices.one_of((*sorted(SUPPORTED_INTERFACES), b"\xff" * 4)),
}


def view(scene: Scene) -> Draft:
    contract, function = scene.choices.one_of(VIEWS)
    arguments = tuple(_BY_TYPE[parameter.type](scene) for parameter in function.parameters)
    return Draft(scene.cast.caller(scene.choices), contract, function.name, arguments)
