"""The contracts live where PROTOCOL 1 says."""

from __future__ import annotations

import pytest
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from spec import addresses
from spec.messages import ZERO_ADDRESS, Address, address_from_int


@pytest.mark.parametrize(
    "address,written",
    [
        (addresses.VVV, "0xacfE6019Ed1A7Dc6f7B508C02d1b04ec88cC21bf"),
        (addresses.STAKING, "0x321b7ff75154472B18EDb199033fF4D116F340Ff"),
        (addresses.STAKING_IMPLEMENTATION, "0xe37A7920dbc11253ac6d031C29f592f71B348DCA"),
        (addresses.DIEM, "0xF4d97F2da56e8c3098f3a8D538DB630A2606a024"),
        (addresses.TREASURY, "0x2D8CB8DC596daD0e1E34E2042E7ae6Df93B11524"),
        (addresses.DAILY_CREDITS, "0x7ec09fd25C2D26898869c3DF71A58311eE23c714"),
    ],
)
def test_address_is_the_protocols(address: Address, written: str) -> None:
    assert to_checksum_address(address) == written


def test_address_of_daily_credits_is_the_end_of_the_hash_of_its_name() -> None:
    assert keccak(b"DailyCredits")[-20:] == addresses.DAILY_CREDITS


def test_chain_is_base() -> None:
    assert addresses.CHAIN_ID == 8453


def test_address_has_20_bytes() -> None:
    assert bytes(20) == ZERO_ADDRESS
    assert address_from_int(0xFF) == bytes(19) + b"\xff"
    assert address_from_int(2**160 - 1) == b"\xff" * 20
