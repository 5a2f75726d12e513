"""DailyCredits, the daily credit of staked DIEM: read ``credit``."""

from spec.daily_credits import credit, views
from spec.daily_credits.contract import DAILY_CREDITS

__all__ = ["DAILY_CREDITS", "credit", "views"]
