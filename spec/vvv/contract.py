"""The contract VVV: where its functions are declared."""

from typing import Final

from spec import addresses
from spec.contract import Contract

VVV: Final = Contract("vvv", addresses.VVV)
