"""The contract DailyCredits: where its functions are declared."""

from typing import Final

from spec import addresses
from spec.contract import Contract

DAILY_CREDITS: Final = Contract("credits", addresses.DAILY_CREDITS)
