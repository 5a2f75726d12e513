"""The contract DIEM: what it takes from OpenZeppelin."""

from typing import Final

from spec import addresses
from spec.access_control import AccessControl
from spec.contract import Contract
from spec.erc20 import ERC20

DIEM: Final = Contract("diem", addresses.DIEM)
TOKEN: Final = ERC20(DIEM, lambda world: world.diem)
ACCESS: Final = AccessControl(DIEM, lambda world: world.diem.roles)
