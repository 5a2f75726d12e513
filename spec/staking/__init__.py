"""Staking, which is also sVVV: read ``rewards``, then ``stakes``, ``mint_curve``, ``locks``, ``owner``."""

from spec.staking import locks, mint_curve, owner, proxy, rewards, stakes, views
from spec.staking.contract import OWNABLE, STAKING, SVVV

__all__ = ["OWNABLE", "STAKING", "SVVV", "locks", "mint_curve", "owner", "proxy", "rewards", "stakes", "views"]
