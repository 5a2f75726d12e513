"""The external functions there are, and how calldata reach them."""

from __future__ import annotations

from typing import Any

import pytest

from spec.contract import Contract, Function
from spec.errors import EMPTY as NO_DATA
from spec.machine import CONTRACTS
from spec.messages import Address, Call
from spec.world import World
from tests.spec.conftest import (
    CREDITS,
    DIEM,
    EMPTY,
    NOW,
    OWNER,
    STAKER,
    STAKING,
    STRANGER,
    VVV,
    assert_refused,
    calldata,
    selector,
)

ERC20 = """
transfer(address,uint256) -> bool
transferFrom(address,address,uint256) -> bool
approve(address,uint256) -> bool
name() -> string view
symbol() -> string view
decimals() -> uint8 view
totalSupply() -> uint256 view
balanceOf(address) -> uint256 view
allowance(address,address) -> uint256 view
"""

FUNCTIONS = {
    VVV: ERC20
    + """
mint(address,uint256) ->
transferOwnership(address) ->
permit(address,address,uint256,uint256,uint8,bytes32,bytes32) ->
owner() -> address view
nonces(address) -> uint256 view
DOMAIN_SEPARATOR() -> bytes32 view
""",
    STAKING: ERC20
    + """
stake(address,uint256) ->
initiateUnstake(uint256) ->
finalizeUnstake() ->
claim() ->
claimAndStake() ->
mintDiem(uint256,uint256) ->
burnDiem(uint256) ->
setEmissionRate(uint256) ->
setVeniceEmissionsPercentage(uint256) ->
setVeniceEmissionsPercentageWhenLocked(uint256) ->
setCooldownDuration(uint256) ->
setTreasury(address) ->
setDiemMintCurve(uint256[256],uint256[256]) ->
initialize(address,address,address,address) ->
upgradeToAndCall(address,bytes) -> payable
transferOwnership(address) ->
renounceOwnership() ->
owner() -> address view
venice() -> address view
diem() -> address view
treasury() -> address view
emissionRatePerSecond() -> uint256 view
veniceEmissionsPercentage() -> uint256 view
veniceEmissionsPercentageWhenLocked() -> uint256 view
cooldownDuration() -> uint256 view
accRewardPerShare() -> uint256 view
accRewardPerShareLocked() -> uint256 view
lastRewardTimestamp() -> uint256 view
totalLockedStakedVVV() -> uint256 view
stakes(address) -> uint256,uint256,uint256 view
lockedStakes(address) -> uint256,uint256 view
diemSupply(uint256) -> uint256 view
diemMintRates(uint256) -> uint256 view
ACC_REWARD_SCALE() -> uint256 view
balanceOfUnlocked(address) -> uint256 view
pendingRewards(address) -> uint256 view
getDiemAmountOut(uint256) -> uint256 view
proxiableUUID() -> bytes32 view
UPGRADE_INTERFACE_VERSION() -> string view
""",
    DIEM: ERC20
    + """
mint(address,uint256) ->
burn(address,uint256) ->
setCooldownDuration(uint256) ->
stake(uint256) ->
initiateUnstake(uint256) ->
unstake() ->
stakedInfos(address) -> uint256,uint256,uint256 view
totalStaked() -> uint256 view
cooldownDuration() -> uint256 view
MINTER_BURNER_ROLE() -> bytes32 view
DEFAULT_ADMIN_ROLE() -> bytes32 view
hasRole(bytes32,address) -> bool view
getRoleAdmin(bytes32) -> bytes32 view
grantRole(bytes32,address) ->
revokeRole(bytes32,address) ->
renounceRole(bytes32,address) ->
supportsInterface(bytes4) -> bool view
""",
    CREDITS: """
record(address) ->
spend(address,uint256) ->
epoch() -> uint256 view
allocation(address) -> uint256 view
spent(address) -> uint256 view
available(address) -> uint256 view
accounts(address) -> uint256,uint256,uint256,uint256 view
diem() -> address view
gateway() -> address view
epochDuration() -> uint256 view
minimumStake() -> uint256 view
creditAtOnce() -> bool view
""",
}
"""All that can be called, as Solidity has it: signature -> results, and whether it is a view or payable."""


def _described(function: Function) -> str:
    results = ",".join(result.type for result in function.results)
    kind = "view" if function.view else "payable" if function.payable else ""
    return " ".join(filter(None, (function.signature, "->", results, kind)))


@pytest.mark.parametrize("address", FUNCTIONS)
def test_contract_has_exactly_the_functions_of_the_protocol(address: Address) -> None:
    lines = [line for line in FUNCTIONS[address].splitlines() if line]
    contract = CONTRACTS[address]
    assert sorted(map(_described, contract.by_selector.values())) == sorted(lines)
    assert contract.by_selector.keys() == {selector(line.partition(" ")[0]) for line in lines}
    assert {function.name: function for function in contract.by_selector.values()} == contract.by_name


def test_no_other_address_has_functions() -> None:
    assert CONTRACTS.keys() == FUNCTIONS.keys()
    assert all(contract.address == address for address, contract in CONTRACTS.items())
    assert [contract.name for contract in CONTRACTS.values()] == ["vvv", "staking", "diem", "credits"]


@pytest.mark.parametrize(
    "name,known",
    [
        ("stake", "adc9772e"),
        ("initiateUnstake", "ae5ac921"),
        ("finalizeUnstake", "0ea94341"),
        ("claim", "4e71d92d"),
        ("claimAndStake", "cb1a4fc0"),
        ("mintDiem", "2006efcb"),
        ("burnDiem", "4d44f110"),
        ("getDiemAmountOut", "87716cbf"),
        ("setDiemMintCurve", "0caf48d3"),
        ("setEmissionRate", "a1bdb15e"),
        ("setCooldownDuration", "966be075"),
    ],
)
def test_selector_is_the_one_read_on_chain(name: str, known: str) -> None:
    assert CONTRACTS[STAKING].by_name[name].selector.hex() == known


@pytest.mark.parametrize("address", FUNCTIONS)
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"\x4e\x71",
        b"\x4e\x71\xd9",
        b"\x00" * 4,
        b"\xff" * 4,
        selector("stake(uint256,uint256)") + bytes(64),
    ],
    ids=bytes.hex,
)
def test_calldata_that_select_no_function_are_refused_with_empty_data(
    world: World, address: Address, data: bytes
) -> None:
    assert_refused(world, Call(STAKER, address, data, NOW), EMPTY)


@pytest.mark.parametrize("absent", ["stake(uint256)", "oracle()", "getVenicePercentage()", "pause()", "burn(uint256)"])
def test_staking_lacks_what_the_protocol_leaves_out(world: World, absent: str) -> None:
    assert_refused(world, Call(OWNER, STAKING, selector(absent) + bytes(32), NOW), EMPTY)


@pytest.mark.parametrize(
    "address,function",
    [
        pytest.param(address, function, id=f"{contract.name}-{function.name}")
        for address, contract in CONTRACTS.items()
        for function in contract.by_selector.values()
        if not function.payable
    ],
)
def test_value_sent_to_what_is_not_payable_is_refused_with_empty_data_whatever_the_arguments(
    world: World, address: Address, function: Function
) -> None:
    for data in (function.selector, function.selector + bytes(32 * 600)):
        assert_refused(world, Call(OWNER, address, data, NOW, value=1), EMPTY)


def test_arguments_are_decoded_before_the_caller_is_checked(world: World) -> None:
    for data in (selector("setEmissionRate(uint256)") + bytes(31), selector("setTreasury(address)") + b"\xff" * 32):
        assert_refused(world, Call(STRANGER, STAKING, data, NOW), EMPTY)


def test_bytes_behind_the_arguments_are_ignored(world: World) -> None:
    call = Call(STAKER, VVV, calldata("transfer(address,uint256)", STRANGER, 5) + b"\xff" * 5, NOW)
    assert CONTRACTS[VVV].run(world, call) == bytes(31) + b"\x01"
    assert world.vvv.balance_of[STRANGER] == 5


def _sample() -> Contract:
    contract = Contract("sample", STRANGER)

    @contract.external("pay(uint256 amount)", returns="uint256,address", payable=True)
    def pay(world: World, call: Call, amount: int) -> tuple[Any, ...]:
        return amount + call.value, call.sender

    @contract.external("refuse()")
    def refuse(world: World, call: Call) -> None:
        raise NO_DATA()

    return contract


def test_payable_function_takes_value(world: World) -> None:
    call = Call(STAKER, STRANGER, calldata("pay(uint256)", 5), NOW, value=3)
    assert _sample().run(world, call) == bytes(31) + b"\x08" + bytes(12) + STAKER


def test_calldata_of_a_function_are_those_that_call_it() -> None:
    assert _sample().by_name["pay"].calldata(5) == calldata("pay(uint256)", 5)


@pytest.mark.parametrize("declaration", ["pay(uint256 other)", "pay()"])
def test_function_cannot_be_declared_twice_under_one_name(declaration: str) -> None:
    def body(world: World, call: Call) -> None: ...

    with pytest.raises(ValueError, match=r"^sample has pay already$"):
        _sample().external(declaration)(body)
