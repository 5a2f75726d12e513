"""VVV's views: each returns the variable of its name. Source: PROTOCOL 2; ERC-20."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spec.erc20 import DECIMALS
from spec.messages import Address, Call
from spec.uint256 import U256
from spec.vvv.contract import VVV

if TYPE_CHECKING:
    from spec.world import World


@VVV.view("name()", returns="string")
def name(world: World, call: Call) -> str:
    return world.vvv.name


@VVV.view("symbol()", returns="string")
def symbol(world: World, call: Call) -> str:
    return world.vvv.symbol


@VVV.view("decimals()", returns="uint8")
def decimals(world: World, call: Call) -> int:
    return DECIMALS


@VVV.view("totalSupply()", returns="uint256")
def total_supply(world: World, call: Call) -> U256:
    return world.vvv.total_supply


@VVV.view("balanceOf(address owner)", returns="uint256")
def balance_of(world: World, call: Call, owner: Address) -> U256:
    return world.vvv.balance_of[owner]


@VVV.view("allowance(address owner,address spender)", returns="uint256")
def allowance(world: World, call: Call, owner: Address, spender: Address) -> U256:
    return world.vvv.allowance[owner].of[spender]


@VVV.view("nonces(address owner)", returns="uint256")
def nonces(world: World, call: Call, owner: Address) -> U256:
    return world.vvv.nonces[owner]


@VVV.view("owner()", returns="address")
def owner(world: World, call: Call) -> Address:
    return world.vvv.owner
