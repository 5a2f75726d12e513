"""Where the contracts live on Base (chain id 8453). Source: PROTOCOL 1, grade A; DailyCredits grade E."""

from typing import Final

from spec.messages import Address

CHAIN_ID: Final = 8453

VVV: Final = Address(bytes.fromhex("acfE6019Ed1A7Dc6f7B508C02d1b04ec88cC21bf"))
STAKING: Final = Address(bytes.fromhex("321b7ff75154472B18EDb199033fF4D116F340Ff"))
"""The ERC-1967 proxy, which is also the sVVV token."""
STAKING_IMPLEMENTATION: Final = Address(bytes.fromhex("e37A7920dbc11253ac6d031C29f592f71B348DCA"))
"""The proxy's code. It is specified only as seen through the proxy; nobody has a reason to call it directly."""
DIEM: Final = Address(bytes.fromhex("F4d97F2da56e8c3098f3a8D538DB630A2606a024"))
DAILY_CREDITS: Final = Address(bytes.fromhex("7ec09fd25C2D26898869c3DF71A58311eE23c714"))
TREASURY: Final = Address(bytes.fromhex("2D8CB8DC596daD0e1E34E2042E7ae6Df93B11524"))
"""Venice's Safe: the treasury and the owner in every published state."""
