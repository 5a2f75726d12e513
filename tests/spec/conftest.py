"""A small world, and calls on it as an outsider makes them.

Calldata, logs, revert data and storage slots are made and read here with ``eth_abi`` and ``eth_utils`` from what
docs/PROTOCOL.md says, not with the specification's own encoders, so that the two check one another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import pytest
from _pytest.mark import ParameterSet
from eth_abi.abi import decode, encode
from eth_utils.crypto import keccak

from spec import addresses
from spec.genesis import genesis
from spec.machine import apply
from spec.messages import ZERO_ADDRESS, Address, Call, Log, Receipt
from spec.parameters import Preset, load_preset
from spec.uint256 import U256
from spec.world import World

VVV = addresses.VVV
STAKING = addresses.STAKING
DIEM = addresses.DIEM
CREDITS = addresses.DAILY_CREDITS
IMPLEMENTATION = addresses.STAKING_IMPLEMENTATION
ZERO = ZERO_ADDRESS


def _account(digits: str) -> Address:
    return Address(bytes.fromhex(digits))


# Who is who in the preset `minimal`.
STAKER = _account("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266")
SMALL_STAKER = _account("70997970C51812dc3A010C7d01b50e0d17dc79C8")
MINTER = _account("3C44CdDdB6a900fa2b585dd299e03d12FA4293BC")
HOLDER = _account("9965507D1a55bcC2695C58ba16FB37d819B0A4dc")
NEWCOMER = _account("976EA74026E726554dB657fA54763abd0C3a0aa9")
TREASURY = _account("14dC79964da2C08b23698B3D3cc7Ca32193d9955")
OWNER = _account("23618e81E3f5cdF7f54C3d65f7FBc0aBf5B21E8f")
ADMIN = OWNER
GATEWAY = _account("a0Ee7A142d267C1f36714E4a8F75612F20a79720")
STRANGER = _account("5724a46e12000000000000000000000000000bad")

UNIT = 10**18
"""One VVV, sVVV, DIEM or credit; also 100 %."""
SCALE = 10**36
MAX = 2**256 - 1
NOW = 1_000_000
"""When the preset `minimal` starts (s)."""
MINTER_BURNER_ROLE = keccak(b"MINTER_BURNER_ROLE")
ADMIN_ROLE = bytes(32)


# ------------------------------------------------------------------------------------------------ calls


@cache
def selector(signature: str) -> bytes:
    return keccak(signature.encode())[:4]


def types_of(signature: str) -> list[str]:
    """Return the types in the parentheses of a canonical signature."""
    inside = signature[signature.index("(") + 1 : -1]
    return inside.split(",") if inside else []


def calldata(signature: str, *arguments: Any) -> bytes:
    return selector(signature) + encode(types_of(signature), arguments)


def call_of(
    to: Address, signature: str, *arguments: Any, sender: Address = STRANGER, at: int = NOW, value: int = 0
) -> Call:
    return Call(sender, to, calldata(signature, *arguments), at, value)


def run(
    world: World,
    to: Address,
    signature: str,
    *arguments: Any,
    sender: Address = STRANGER,
    at: int = NOW,
    value: int = 0,
) -> Receipt:
    """Call the external function with this canonical signature."""
    return apply(world, call_of(to, signature, *arguments, sender=sender, at=at, value=value))


def view(world: World, to: Address, signature: str, *arguments: Any, returns: str, at: int = NOW) -> Any:
    """Return the one result of a view, an address as 20 bytes; no word may change."""
    (result,) = views(world, to, signature, *arguments, returns=returns, at=at)
    return result


def views(world: World, to: Address, signature: str, *arguments: Any, returns: str, at: int = NOW) -> tuple[Any, ...]:
    """Return the results of a view, whose types are ``returns``, separated by commas."""
    before = words(world)
    receipt = run(world, to, signature, *arguments, at=at)
    assert receipt.status, f"{signature} was refused: {refused(receipt)}"
    assert receipt.logs == ()
    assert words(world) == before
    types = returns.split(",")
    results = decode(types, receipt.output)
    assert encode(types, results) == receipt.output, f"{signature} returns more than {returns}"
    typed = zip(types, results, strict=True)
    return tuple(bytes.fromhex(value[2:]) if type_ == "address" else value for type_, value in typed)


# ------------------------------------------------------------------------------------------------ refusals

CUSTOM_ERRORS = (
    "ERC20InsufficientBalance(address,uint256,uint256)",
    "ERC20InvalidSender(address)",
    "ERC20InvalidReceiver(address)",
    "ERC20InsufficientAllowance(address,uint256,uint256)",
    "ERC20InvalidApprover(address)",
    "ERC20InvalidSpender(address)",
    "OwnableUnauthorizedAccount(address)",
    "OwnableInvalidOwner(address)",
    "AccessControlUnauthorizedAccount(address,bytes32)",
    "AccessControlBadConfirmation()",
    "InvalidInitialization()",
    "UUPSUnauthorizedCallContext()",
    "ERC1967NonPayable()",
    "ERC1967InvalidImplementation(address)",
    "FailedCall()",
)
EMPTY = "empty"
OVERFLOW = "Panic(0x11)"
BY_ZERO = "Panic(0x12)"
TOO_LONG = "Panic(0x41)"


def refused(receipt: Receipt) -> str:
    """Return why a call was refused: a string, ``Panic(0x..)``, ``empty``, or a custom error with its arguments."""
    assert not receipt.status, f"the call was carried out: {receipt}"
    assert receipt.logs == ()
    data = receipt.output
    if not data:
        return EMPTY
    for signature in ("Error(string)", "Panic(uint256)", *CUSTOM_ERRORS):
        if data[:4] == selector(signature):
            arguments = decode(types_of(signature), data[4:])
            assert data[4:] == encode(types_of(signature), arguments)
            break
    else:
        raise AssertionError(f"unknown revert data: 0x{data.hex()}")
    if signature == "Error(string)":
        return str(arguments[0])
    if signature == "Panic(uint256)":
        return f"Panic(0x{arguments[0]:x})"
    return error(signature.partition("(")[0], *arguments)


def error(name: str, *arguments: int | str | bytes) -> str:
    """Return how ``refused`` writes a custom error; accounts are given as bytes."""
    shown = (f"0x{value.hex()}" if isinstance(value, bytes) else str(value) for value in arguments)
    return f"{name}({', '.join(shown)})"


def assert_refused(world: World, call: Call, reason: str) -> None:
    """Assert that the call is refused for ``reason`` and changes no word."""
    before = words(world)
    length = len(world.journal)
    assert refused(apply(world, call)) == reason
    assert words(world) == before
    assert len(world.journal) == length


# ------------------------------------------------------------------------------------------------ logs


def log(address: Address, event: str, *arguments: Any) -> Log:
    """Return the log of an event such as ``Staked(address indexed,uint256)``."""
    name, inside = re.fullmatch(r"(\w+)\((.*)\)", event).groups()  # type: ignore[union-attr]
    declared = inside.split(",")
    types = [parameter.removesuffix(" indexed") for parameter in declared]
    indexed = [parameter.endswith(" indexed") for parameter in declared]
    given = list(zip(types, indexed, arguments, strict=True))
    topics = [encode([type_], [value]) for type_, is_topic, value in given if is_topic]
    data = encode(
        [type_ for type_, is_topic, _ in given if not is_topic], [value for _, is_topic, value in given if not is_topic]
    )
    return Log(address, (keccak(f"{name}({','.join(types)})".encode()), *topics), data)


def transfer_log(token: Address, sender: Address, recipient: Address, amount: int) -> Log:
    return log(token, "Transfer(address indexed,address indexed,uint256)", sender, recipient, amount)


def approval_log(token: Address, owner: Address, spender: Address, amount: int) -> Log:
    return log(token, "Approval(address indexed,address indexed,uint256)", owner, spender, amount)


# ------------------------------------------------------------------------------------------------ storage


class Place(NamedTuple):
    """One word of the world."""

    contract: Address
    slot: int


def number(word: bytes) -> int:
    return int.from_bytes(word, "big")


def pad32(value: int | bytes) -> bytes:
    return value.to_bytes(32, "big") if isinstance(value, int) else value.rjust(32, b"\0")


def mapping_slot(base: int, *keys: int | bytes) -> int:
    """Return the slot of a mapping's value, of nested mappings for several keys."""
    for key in keys:
        base = number(keccak(pad32(key) + pad32(base)))
    return base


def namespace(name: str) -> int:
    """Return the base slot of an ERC-7201 namespace."""
    return number(keccak(pad32(number(keccak(name.encode())) - 1))) & ~0xFF


SVVV = namespace("openzeppelin.storage.ERC20")

LAYOUT: dict[str, tuple[Address, int, int]] = {
    "vvv.name": (VVV, 0, 0),
    "vvv.symbol": (VVV, 1, 0),
    "vvv.totalSupply": (VVV, 2, 0),
    "vvv.balanceOf": (VVV, 3, 0),
    "vvv.allowance": (VVV, 4, 0),
    "vvv.nonces": (VVV, 5, 0),
    "vvv.owner": (VVV, 6, 0),
    "staking.venice": (STAKING, 0, 0),
    "staking.diem": (STAKING, 1, 0),
    "staking.treasury": (STAKING, 2, 0),
    "staking.emissionRatePerSecond": (STAKING, 3, 0),
    "staking.veniceEmissionsPercentage": (STAKING, 4, 0),
    "staking.veniceEmissionsPercentageWhenLocked": (STAKING, 5, 0),
    "staking.cooldownDuration": (STAKING, 6, 0),
    "staking.accRewardPerShare": (STAKING, 7, 0),
    "staking.accRewardPerShareLocked": (STAKING, 8, 0),
    "staking.lastRewardTimestamp": (STAKING, 9, 0),
    "staking.totalLockedStakedVVV": (STAKING, 10, 0),
    "staking.stakes.rewardDebt": (STAKING, 11, 0),
    "staking.stakes.cooldownEnd": (STAKING, 11, 1),
    "staking.stakes.cooldownAmount": (STAKING, 11, 2),
    "staking.lockedStakes.sVVVLockedAmount": (STAKING, 12, 0),
    "staking.lockedStakes.outstandingDiemAmount": (STAKING, 12, 1),
    "svvv.balanceOf": (STAKING, SVVV, 0),
    "svvv.allowance": (STAKING, SVVV + 1, 0),
    "svvv.totalSupply": (STAKING, SVVV + 2, 0),
    "svvv.name": (STAKING, SVVV + 3, 0),
    "svvv.symbol": (STAKING, SVVV + 4, 0),
    "staking.owner": (STAKING, namespace("openzeppelin.storage.Ownable"), 0),
    "staking.initializable": (STAKING, namespace("openzeppelin.storage.Initializable"), 0),
    "staking.implementation": (STAKING, number(keccak(b"eip1967.proxy.implementation")) - 1, 0),
    "diem.balanceOf": (DIEM, 0, 0),
    "diem.allowance": (DIEM, 1, 0),
    "diem.totalSupply": (DIEM, 2, 0),
    "diem.name": (DIEM, 3, 0),
    "diem.symbol": (DIEM, 4, 0),
    "diem.adminRole": (DIEM, 5, 1),
    "diem.stakedInfos.amountStaked": (DIEM, 6, 0),
    "diem.stakedInfos.coolDownEnd": (DIEM, 6, 1),
    "diem.stakedInfos.coolDownAmount": (DIEM, 6, 2),
    "diem.totalStaked": (DIEM, 7, 0),
    "diem.cooldownDuration": (DIEM, 8, 0),
    "credits.diem": (CREDITS, 0, 0),
    "credits.gateway": (CREDITS, 1, 0),
    "credits.epochDuration": (CREDITS, 2, 0),
    "credits.minimumStake": (CREDITS, 3, 0),
    "credits.accounts.epoch": (CREDITS, 4, 0),
    "credits.accounts.allocation": (CREDITS, 4, 1),
    "credits.accounts.staked": (CREDITS, 4, 2),
    "credits.accounts.spent": (CREDITS, 4, 3),
}
"""Variable |-> contract, slot, and member of the struct: PROTOCOL 9 as it stands there."""


def place(variable: str, *keys: int | bytes) -> Place:
    """Return where a variable lies; an array is indexed by one integer key."""
    if variable == "staking.diemSupply":
        return Place(STAKING, 13 + number(pad32(keys[0])))
    if variable == "staking.diemMintRates":
        return Place(STAKING, 269 + number(pad32(keys[0])))
    if variable == "diem.hasRole":
        role, account = keys
        return Place(DIEM, mapping_slot(mapping_slot(5, role), account))
    contract, base, member = LAYOUT[variable]
    return Place(contract, mapping_slot(base, *keys) + member)


def word(world: World, variable: str, *keys: int | bytes) -> int:
    contract, slot = place(variable, *keys)
    return int(world.accounts[contract].words.get(slot, 0))


def put(world: World, variable: str, *keys_and_value: int | bytes) -> None:
    """Write one word past the specification, as genesis or an earlier history may have left it."""
    *keys, value = keys_and_value
    contract, slot = place(variable, *keys)
    world.accounts[contract].restore(slot, U256(value if isinstance(value, int) else number(value)))


def words(world: World) -> dict[Place, int]:
    return {
        Place(contract, slot): int(value)
        for contract, account in world.accounts.items()
        for slot, value in account.words.items()
    }


# One effect of a call: the variable, its keys, and the word that it holds afterwards.
Effect = tuple[Any, ...]


def assert_effects(before: dict[Place, int], world: World, *effects: Effect) -> None:
    """Assert that exactly these words changed since ``before``, and to what."""
    after = words(world)
    names = {place(*effect[:-1]): effect[:-1] for effect in effects}
    changed = {
        key: after.get(key, 0) for key in before.keys() | after.keys() if before.get(key, 0) != after.get(key, 0)
    }
    expected = {place(*effect[:-1]): number(pad32(effect[-1])) for effect in effects}
    assert {names.get(key, key): value for key, value in changed.items()} == {
        names[key]: value for key, value in expected.items()
    }


def assert_carried_out(
    world: World, call: Call, *, logs: tuple[Log, ...] = (), output: bytes = b"", effects: tuple[Effect, ...] = ()
) -> None:
    """Assert a call's exact receipt, and that it changed exactly these words."""
    before = words(world)
    receipt = apply(world, call)
    assert receipt.status, f"refused: {refused(receipt)}"
    assert receipt.logs == logs
    assert receipt.output == output
    assert_effects(before, world, *effects)


def assert_accepted(world: World, call: Call) -> None:
    receipt = apply(world, call)
    assert receipt.status, f"refused: {refused(receipt)}"


# ------------------------------------------------------------------------------------------------ precedence


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a call: arguments by position, words of the world, who calls, and when."""

    reason: str
    """As ``refused`` writes it; for a custom error its name is enough."""
    arguments: dict[int, Any] = field(default_factory=dict)
    words: tuple[Effect, ...] = ()
    sender: Address | None = None
    at: int | None = None
    value: int | None = None


@dataclass(frozen=True)
class Rule:
    """A call that is carried out, and all that can be wrong with it, in the order in which it is checked."""

    to: Address
    signature: str
    arguments: tuple[Any, ...] = ()
    sender: Address = STRANGER
    at: int = NOW
    words: tuple[Effect, ...] = ()
    faults: tuple[Fault, ...] = ()


def every_mixture_of_faults(*rules: Rule) -> list[ParameterSet]:
    """Return one row for each subset of each rule's faults, the empty one included."""
    return [
        pytest.param(rule, present, id=f"{rule.signature.partition('(')[0]}-{present:0{len(rule.faults)}b}")
        for rule in rules
        for present in range(2 ** len(rule.faults))
    ]


def assert_first_fault_decides(rule: Rule, present: int) -> None:
    """Assert that of the faults in ``present`` (the first is the lowest bit) the first in order gives the reason."""
    world = new_world()
    for effect in rule.words:
        put(world, *effect)
    faults = [fault for i, fault in enumerate(rule.faults) if present >> i & 1]
    arguments, sender, at, value = list(rule.arguments), rule.sender, rule.at, 0
    # The last first, so that where two faults want the same word or argument the earlier one has it.
    for fault in reversed(faults):
        for effect in fault.words:
            put(world, *effect)
        for position, argument in fault.arguments.items():
            arguments[position] = argument
        sender = sender if fault.sender is None else fault.sender
        at = at if fault.at is None else fault.at
        value = value if fault.value is None else fault.value
    call = call_of(rule.to, rule.signature, *arguments, sender=sender, at=at, value=value)
    before = words(world)
    receipt = apply(world, call)
    if not faults:
        assert receipt.status, refused(receipt)
        return
    reason = refused(receipt)
    assert reason == faults[0].reason or reason.startswith(f"{faults[0].reason}(")
    assert words(world) == before


SETTLEMENT_OVERFLOWS = Fault("Panic(0x11)", words=(("staking.emissionRatePerSecond", MAX),), at=NOW + 1)
"""In a world whose last settlement was at ``NOW``."""


TRUE = pad32(1)


@cache
def minimal() -> Preset:
    return load_preset("minimal")


@cache
def _minimal_words() -> dict[Address, dict[int, U256]]:
    return {address: account.words for address, account in genesis(minimal()).accounts.items()}


def new_world() -> World:
    """Return the genesis of the preset `minimal`, as a world of its own."""
    world = World(minimal().chain_id)
    for address, genesis_words in _minimal_words().items():
        world.accounts[address].words.update(genesis_words)
    return world


@pytest.fixture
def world() -> World:
    return new_world()


def tiny_world(
    *, rate: int = 7, share: int = UNIT // 10, fee: int = UNIT // 5, staker: int = 6, minter: int = 3, seed: int = 1
) -> World:
    """Return a world in which a handful of base units are staked, so that every rounding shows.

    The staker's are unlocked, the minter's are all locked, the seed is staking's own.
    """
    world = new_world()
    for account, balance in ((STAKER, staker), (MINTER, minter), (STAKING, seed), (SMALL_STAKER, 0)):
        put(world, "svvv.balanceOf", account, balance)
    put(world, "svvv.totalSupply", staker + minter + seed)
    put(world, "staking.lockedStakes.sVVVLockedAmount", MINTER, minter)
    put(world, "staking.totalLockedStakedVVV", minter)
    put(world, "staking.emissionRatePerSecond", rate)
    put(world, "staking.veniceEmissionsPercentage", share)
    put(world, "staking.veniceEmissionsPercentageWhenLocked", fee)
    put(world, "vvv.balanceOf", STAKING, staker + minter)
    return world


VVV_SUPPLY = 100_000_500 * UNIT
"""Of the preset `minimal`."""
TREASURY_VVV = 100_000_500 * UNIT - 10_811_500_000_000_000_000_003
"""What is left to the treasury there: of accounts 1810 VVV, staked 9000 and three base units, cooling 1.5."""


def set_curve(world: World, *steps: tuple[int, int], supply: int = 0) -> None:
    """Write a mint curve of these (end, rate), zero behind them, and the supply of DIEM."""
    for index in range(256):
        end, rate = steps[index] if index < len(steps) else (0, 0)
        put(world, "staking.diemSupply", index, end)
        put(world, "staking.diemMintRates", index, rate)
    put(world, "diem.totalSupply", supply)
