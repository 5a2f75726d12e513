"""Storage is solc's, word for word: PROTOCOL 9 as it stands there, with slots computed here."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from spec.messages import Address
from spec.storage import (
    Account,
    AddressVariable,
    BoolMapping,
    BoolVariable,
    Bytes32Variable,
    Record,
    RecordMapping,
    ShortStringVariable,
    Uint64Variable,
    Uint256Array,
    Uint256Mapping,
    Uint256Table,
    Uint256Variable,
    Words,
    erc7201,
)
from spec.uint256 import U256, ZERO
from spec.world import World
from tests.spec.conftest import (
    CREDITS,
    DIEM,
    IMPLEMENTATION,
    MAX,
    MINTER_BURNER_ROLE,
    STAKER,
    STAKING,
    STRANGER,
    VVV,
    mapping_slot,
    number,
    pad32,
    place,
    words,
)

ERC20_NAMESPACE = 0x52C63247E1F47DB19D5CE0460030C497F067CA4CEBF71BA98EEADABE20BACE00
OWNABLE_NAMESPACE = 0x9016D09D72D40FDAE2FD8CEAC6B6234C7706214FD39C1CD1E609A0528C199300
INITIALIZABLE_NAMESPACE = 0xF0C57E16840DF040F15088DC2F81FE391C3923BEC73E23A9662EFC9C229C6A00
IMPLEMENTATION_SLOT = 0x360894A13BA1A3210667C828492DB98DCA3E2076CC3735A920A3CA505D382BBC

N = U256(0x1234567890)
BIG = U256(MAX)


@pytest.mark.parametrize(
    "name,published",
    [
        ("openzeppelin.storage.ERC20", ERC20_NAMESPACE),
        ("openzeppelin.storage.Ownable", OWNABLE_NAMESPACE),
        ("openzeppelin.storage.Initializable", INITIALIZABLE_NAMESPACE),
    ],
)
def test_namespace_is_the_published_one(name: str, published: int) -> None:
    assert erc7201(name) == published


def _short(text: bytes) -> int:
    return number(text.ljust(31, b"\0") + bytes([2 * len(text)]))


def _set(path: str, value: object) -> Callable[[World], None]:
    """Return a function that assigns ``world.<path> = value``."""

    def write(world: World) -> None:
        *owners, name = path.split(".")
        record: object = world
        for owner in owners:
            record = getattr(record, owner)
        setattr(record, name, value)

    return write


def _vvv_balance(world: World) -> None:
    world.vvv.balance_of[STAKER] = N


def _vvv_allowance(world: World) -> None:
    world.vvv.allowance[STAKER].of[STRANGER] = N


def _vvv_nonce(world: World) -> None:
    world.vvv.nonces[STAKER] = N


def _reward_debt(world: World) -> None:
    world.staking.stakes[STAKER].reward_debt = N


def _cooldown_end(world: World) -> None:
    world.staking.stakes[STAKER].cooldown_end = N


def _cooldown_amount(world: World) -> None:
    world.staking.stakes[STAKER].cooldown_amount = N


def _locked(world: World) -> None:
    world.staking.locked_stakes[STAKER].svvv_locked_amount = N


def _outstanding(world: World) -> None:
    world.staking.locked_stakes[STAKER].outstanding_diem_amount = N


def _svvv_balance(world: World) -> None:
    world.staking.svvv.balance_of[STAKER] = N


def _svvv_allowance(world: World) -> None:
    world.staking.svvv.allowance[STAKER].of[STRANGER] = N


def _diem_balance(world: World) -> None:
    world.diem.balance_of[STAKER] = N


def _diem_allowance(world: World) -> None:
    world.diem.allowance[STAKER].of[STRANGER] = N


def _role(world: World) -> None:
    world.diem.roles[MINTER_BURNER_ROLE].has_role[STAKER] = True


def _role_admin(world: World) -> None:
    world.diem.roles[MINTER_BURNER_ROLE].admin_role = b"\x05" * 32


def _amount_staked(world: World) -> None:
    world.diem.staked_infos[STAKER].amount_staked = N


def _cool_down_end(world: World) -> None:
    world.diem.staked_infos[STAKER].cool_down_end = N


def _cool_down_amount(world: World) -> None:
    world.diem.staked_infos[STAKER].cool_down_amount = N


def _credit_epoch(world: World) -> None:
    world.credits.accounts[STAKER].epoch = N


def _credit_allocation(world: World) -> None:
    world.credits.accounts[STAKER].allocation = N


def _credit_staked(world: World) -> None:
    world.credits.accounts[STAKER].staked = N


def _credit_spent(world: World) -> None:
    world.credits.accounts[STAKER].spent = N


@pytest.mark.parametrize(
    "write,contract,slot,word",
    [
        (_set("vvv.name", "Venice Token"), VVV, 0, _short(b"Venice Token")),
        (_set("vvv.symbol", "VVV"), VVV, 1, _short(b"VVV")),
        (_set("vvv.total_supply", N), VVV, 2, N),
        (_vvv_balance, VVV, mapping_slot(3, STAKER), N),
        (_vvv_allowance, VVV, mapping_slot(4, STAKER, STRANGER), N),
        (_vvv_nonce, VVV, mapping_slot(5, STAKER), N),
        (_set("vvv.owner", STAKER), VVV, 6, number(STAKER)),
        (_set("staking.venice", VVV), STAKING, 0, number(VVV)),
        (_set("staking.diem", DIEM), STAKING, 1, number(DIEM)),
        (_set("staking.treasury", STAKER), STAKING, 2, number(STAKER)),
        (_set("staking.emission_rate_per_second", N), STAKING, 3, N),
        (_set("staking.venice_emissions_percentage", N), STAKING, 4, N),
        (_set("staking.venice_emissions_percentage_when_locked", N), STAKING, 5, N),
        (_set("staking.cooldown_duration", N), STAKING, 6, N),
        (_set("staking.acc_reward_per_share", BIG), STAKING, 7, MAX),
        (_set("staking.acc_reward_per_share_locked", N), STAKING, 8, N),
        (_set("staking.last_reward_timestamp", N), STAKING, 9, N),
        (_set("staking.total_locked_staked_vvv", N), STAKING, 10, N),
        (_reward_debt, STAKING, mapping_slot(11, STAKER), N),
        (_cooldown_end, STAKING, mapping_slot(11, STAKER) + 1, N),
        (_cooldown_amount, STAKING, mapping_slot(11, STAKER) + 2, N),
        (_locked, STAKING, mapping_slot(12, STAKER), N),
        (_outstanding, STAKING, mapping_slot(12, STAKER) + 1, N),
        (_svvv_balance, STAKING, mapping_slot(ERC20_NAMESPACE, STAKER), N),
        (_svvv_allowance, STAKING, mapping_slot(ERC20_NAMESPACE + 1, STAKER, STRANGER), N),
        (_set("staking.svvv.total_supply", N), STAKING, ERC20_NAMESPACE + 2, N),
        (
            _set("staking.svvv.name", "Staked Venice Token"),
            STAKING,
            ERC20_NAMESPACE + 3,
            _short(b"Staked Venice Token"),
        ),
        (_set("staking.svvv.symbol", "sVVV"), STAKING, ERC20_NAMESPACE + 4, _short(b"sVVV")),
        (_set("staking.ownable.owner", STAKER), STAKING, OWNABLE_NAMESPACE, number(STAKER)),
        (_set("staking.initializable.initialized", 2**64 - 1), STAKING, INITIALIZABLE_NAMESPACE, 2**64 - 1),
        (_set("staking.initializable.initializing", True), STAKING, INITIALIZABLE_NAMESPACE, 2**64),
        (_set("staking.erc1967.implementation", IMPLEMENTATION), STAKING, IMPLEMENTATION_SLOT, number(IMPLEMENTATION)),
        (_diem_balance, DIEM, mapping_slot(0, STAKER), N),
        (_diem_allowance, DIEM, mapping_slot(1, STAKER, STRANGER), N),
        (_set("diem.total_supply", N), DIEM, 2, N),
        (_set("diem.name", "Diem"), DIEM, 3, _short(b"Diem")),
        (_set("diem.symbol", "DIEM"), DIEM, 4, _short(b"DIEM")),
        (_role, DIEM, mapping_slot(mapping_slot(5, MINTER_BURNER_ROLE), STAKER), 1),
        (_role_admin, DIEM, mapping_slot(5, MINTER_BURNER_ROLE) + 1, number(b"\x05" * 32)),
        (_amount_staked, DIEM, mapping_slot(6, STAKER), N),
        (_cool_down_end, DIEM, mapping_slot(6, STAKER) + 1, N),
        (_cool_down_amount, DIEM, mapping_slot(6, STAKER) + 2, N),
        (_set("diem.total_staked", N), DIEM, 7, N),
        (_set("diem.cooldown_duration", N), DIEM, 8, N),
        (_set("credits.diem", DIEM), CREDITS, 0, number(DIEM)),
        (_set("credits.gateway", STAKER), CREDITS, 1, number(STAKER)),
        (_set("credits.credit_at_once", True), CREDITS, 1, 2**160),
        (_set("credits.epoch_duration", N), CREDITS, 2, N),
        (_set("credits.minimum_stake", N), CREDITS, 3, N),
        (_credit_epoch, CREDITS, mapping_slot(4, STAKER), N),
        (_credit_allocation, CREDITS, mapping_slot(4, STAKER) + 1, N),
        (_credit_staked, CREDITS, mapping_slot(4, STAKER) + 2, N),
        (_credit_spent, CREDITS, mapping_slot(4, STAKER) + 3, N),
    ],
)
def test_variable_lies_where_the_protocol_says(
    write: Callable[[World], None], contract: Address, slot: int, word: int
) -> None:
    world = World()
    write(world)
    assert words(world) == {(contract, slot): word}


@pytest.mark.parametrize("index", [0, 1, 255])
def test_mint_curve_lies_in_consecutive_slots(index: int) -> None:
    world = World()
    supply, rates = ([ZERO] * 256 for _ in range(2))
    supply[index], rates[index] = U256(7), U256(8)
    world.staking.diem_supply.replace(tuple(supply))
    world.staking.diem_mint_rates.replace(tuple(rates))
    assert words(world) == {(STAKING, 13 + index): 7, (STAKING, 269 + index): 8}
    assert place("staking.diemSupply", index) == (STAKING, 13 + index)
    assert world.staking.diem_supply[index] == 7
    assert list(world.staking.diem_mint_rates) == rates


# ------------------------------------------------------------------------------------------------ kinds of variables


class _Sample(Record):
    plain = Uint256Variable(1)
    low = AddressVariable(2)
    flag = BoolVariable(2, lowest_byte=20)
    counter = Uint64Variable(2, lowest_byte=21)
    hash_ = Bytes32Variable(3)
    text = ShortStringVariable(4)

    def __init__(self, account: Account, base: int = 0) -> None:
        super().__init__(account, base)
        self.flags: BoolMapping[Address] = BoolMapping(self, 5)
        self.amounts: Uint256Mapping[Address] = Uint256Mapping(self, 6)
        self.nested: RecordMapping[Address, Uint256Table] = RecordMapping(self, 7, Uint256Table)
        self.array = Uint256Array(self, 8, 3)


def _sample(base: int = 0) -> _Sample:
    return _Sample(Account(STRANGER, [], Words()), base)


def test_what_was_never_written_reads_as_zero() -> None:
    sample = _sample()
    assert sample.plain == 0
    assert sample.low == bytes(20)
    assert sample.flag is False
    assert sample.counter == 0
    assert sample.hash_ == bytes(32)
    assert sample.text == ""
    assert sample.flags[STAKER] is False
    assert sample.amounts[STAKER] == 0
    assert sample.nested[STAKER].of[STRANGER] == 0
    assert list(sample.array) == [0, 0, 0]
    assert sample.account.words == {}


def test_record_lies_at_its_base() -> None:
    sample = _sample(base=1000)
    sample.plain = N
    sample.array.replace((U256(1), U256(2), U256(3)))
    sample.flags[STAKER] = True
    assert sample.account.words == {1001: N, 1008: 1, 1009: 2, 1010: 3, mapping_slot(1005, STAKER): 1}
    assert sample.plain == N
    assert list(sample.array) == [1, 2, 3]
    assert sample.flags[STAKER] is True


def test_packed_variables_share_a_slot_and_leave_one_another_alone() -> None:
    sample = _sample()
    sample.low, sample.flag, sample.counter = STAKER, True, 2**64 - 1
    full = number(STAKER) | 1 << 160 | (2**64 - 1) << 168
    assert sample.account.words == {2: full}
    assert (sample.low, sample.flag, sample.counter) == (STAKER, True, 2**64 - 1)
    sample.flag = False
    assert sample.account.words == {2: full - (1 << 160)}
    sample.low = STRANGER
    assert (sample.low, sample.flag, sample.counter) == (STRANGER, False, 2**64 - 1)
    sample.counter = 5
    assert sample.account.words == {2: number(STRANGER) | 5 << 168}


def test_gateway_and_credit_at_once_share_a_slot() -> None:
    world = World()
    world.credits.gateway = STAKER
    world.credits.credit_at_once = True
    assert words(world) == {(CREDITS, 1): number(STAKER) | 1 << 160}
    world.credits.gateway = STRANGER
    assert words(world) == {(CREDITS, 1): number(STRANGER) | 1 << 160}
    world.credits.credit_at_once = False
    assert words(world) == {(CREDITS, 1): number(STRANGER)}


def test_initialized_and_initializing_share_a_slot() -> None:
    world = World()
    world.staking.initializable.initialized = 1
    world.staking.initializable.initializing = True
    assert words(world) == {(STAKING, INITIALIZABLE_NAMESPACE): 1 | 1 << 64}
    assert world.staking.initializable.initialized == 1
    world.staking.initializable.initialized = 2
    assert words(world) == {(STAKING, INITIALIZABLE_NAMESPACE): 2 | 1 << 64}
    world.staking.initializable.initialized = 1
    world.staking.initializable.initializing = False
    assert world.staking.initializable.initialized == 1
    assert world.staking.initializable.initializing is False


def test_bytes32_keeps_all_its_bytes() -> None:
    sample = _sample()
    sample.hash_ = bytes(range(32))
    assert sample.account.words == {3: number(bytes(range(32)))}
    assert sample.hash_ == bytes(range(32))


@given(st.text(max_size=31).filter(lambda text: len(text.encode(errors="ignore")) <= 31 and text.isprintable()))
def test_short_string_carries_twice_its_length_in_the_lowest_byte(text: str) -> None:
    sample = _sample()
    sample.text = text
    content = text.encode()
    assert sample.account.words.get(4, 0) == number(content.ljust(32, b"\0")) + 2 * len(content)
    assert sample.text == text


@pytest.mark.parametrize("text", ["x" * 32, "ä" * 16])
def test_string_of_more_than_31_bytes_is_refused(text: str) -> None:
    sample = _sample()
    with pytest.raises(ValueError, match="longer than the 31 bytes"):
        sample.text = text
    assert sample.account.words == {}


def test_string_of_31_bytes_fits() -> None:
    sample = _sample()
    sample.text = "x" * 31
    assert sample.account.words == {4: number(b"x" * 31 + b"\x3e")}


@pytest.mark.parametrize("index", [-1, 3, MAX])
def test_array_has_no_element_outside_its_length(index: int) -> None:
    with pytest.raises(IndexError, match=f"^index {index} is outside an array of 3$"):
        _sample().array[index]


def test_struct_of_a_key_is_one_object() -> None:
    sample = _sample()
    assert sample.nested[STAKER] is sample.nested[STAKER]
    assert sample.nested[STAKER] is not sample.nested[STRANGER]


def test_mapping_names_the_keys_that_were_looked_at_in_that_order() -> None:
    sample = _sample()
    sample.amounts[STRANGER] = N
    _ = sample.amounts[STAKER]
    _ = sample.amounts[STRANGER]
    _ = sample.nested[STAKER].of[STRANGER]
    assert list(sample.amounts) == [STRANGER, STAKER]
    assert list(sample.nested) == [STAKER]
    for key in sample.amounts:
        _ = sample.amounts[Address(bytes(20))]
        assert key in {STRANGER, STAKER}


@given(st.binary(min_size=20, max_size=20), st.binary(min_size=32, max_size=32), st.integers(0, MAX))
def test_mapping_hashes_padded_key_and_padded_slot(account: bytes, role: bytes, base: int) -> None:
    sample = _sample()
    sample.amounts[Address(account)] = N
    assert sample.account.words == {number(keccak(bytes(12) + account + pad32(6))): N}
    flags: BoolMapping[bytes] = BoolMapping(Record(Account(STRANGER, [], Words()), base), 0)
    flags[role] = True
    assert flags.account.words == {number(keccak(role + pad32(base))): 1}
    assert flags[role] is True


# ------------------------------------------------------------------------------------------------ words and journal


def test_word_that_becomes_zero_is_dropped() -> None:
    sample = _sample()
    sample.plain = N
    sample.plain = ZERO
    assert sample.account.words == {}
    sample.flags[STAKER] = True
    sample.flags[STAKER] = False
    assert sample.account.words == {}


def test_journal_holds_what_stood_before_each_write() -> None:
    sample = _sample()
    sample.plain = N
    sample.plain = BIG
    sample.plain = ZERO
    account = sample.account
    assert account.journal == [(account, 1, ZERO), (account, 1, N), (account, 1, BIG)]


def test_restored_word_is_not_journaled() -> None:
    account = Account(STRANGER, [], Words())
    account.restore(1, N)
    assert account.words == {1: N}
    account.restore(1, ZERO)
    account.restore(2, ZERO)
    assert account.words == {}
    assert account.journal == []
