"""Every kind of storage slot has the name of its variable, with the keys that lead to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from eth_hash.auto import keccak

from conformance.machines.py_evm import PyEvmMachine
from conformance.programs.choices import SeededSource
from conformance.programs.generator import Generator
from conformance.storage_names import describe_word, name_of
from spec import addresses
from spec.genesis import genesis
from spec.machine import CONTRACTS, apply
from spec.messages import Address
from spec.parameters import PRESETS, load_preset
from spec.quantities import format_address
from spec.staking.storage import ERC1967_IMPLEMENTATION_SLOT

if TYPE_CHECKING:
    from spec.world import World

VVV, STAKING, DIEM, CREDITS = addresses.VVV, addresses.STAKING, addresses.DIEM, addresses.DAILY_CREDITS
STRANGER: Final = Address(b"\xee" * 20)
OTHER: Final = Address(b"\xdd" * 20)


def at(base: int, *keys: bytes) -> int:
    """Return the slot that solc gives a mapping's value."""
    for key in keys:
        base = int.from_bytes(keccak(key.rjust(32, b"\0") + base.to_bytes(32, "big")), "big")
    return base


def namespace(name: str) -> int:
    inner = int.from_bytes(keccak(name.encode()), "big") - 1
    return int.from_bytes(keccak(inner.to_bytes(32, "big")), "big") & ~0xFF


SVVV: Final = namespace("openzeppelin.storage.ERC20")
ADMIN_ROLE: Final = bytes(32)
STRANGERS_NAME: Final = format_address(STRANGER)
OTHERS_NAME: Final = format_address(OTHER)

# Name |-> contract and slot, as PROTOCOL.md says.
SLOTS: Final[dict[str, tuple[Address, int]]] = {
    "vvv.name": (VVV, 0),
    "vvv.total_supply": (VVV, 2),
    "vvv.owner": (VVV, 6),
    f"vvv.balance_of[{STRANGERS_NAME}]": (VVV, at(3, STRANGER)),
    f"vvv.allowance[{STRANGERS_NAME}][{OTHERS_NAME}]": (VVV, at(4, STRANGER, OTHER)),
    f"vvv.nonces[{STRANGERS_NAME}]": (VVV, at(5, STRANGER)),
    "staking.treasury": (STAKING, 2),
    "staking.total_locked_staked_vvv": (STAKING, 10),
    f"staking.stakes[{STRANGERS_NAME}].reward_debt": (STAKING, at(11, STRANGER)),
    f"staking.stakes[{STRANGERS_NAME}].cooldown_amount": (STAKING, at(11, STRANGER) + 2),
    f"staking.locked_stakes[{STRANGERS_NAME}].outstanding_diem_amount": (STAKING, at(12, STRANGER) + 1),
    "staking.diem_supply[0]": (STAKING, 13),
    "staking.diem_supply[255]": (STAKING, 268),
    "staking.diem_mint_rates[0]": (STAKING, 269),
    "staking.diem_mint_rates[255]": (STAKING, 524),
    f"staking.svvv.balance_of[{STRANGERS_NAME}]": (STAKING, at(SVVV, STRANGER)),
    f"staking.svvv.allowance[{STRANGERS_NAME}][{OTHERS_NAME}]": (STAKING, at(SVVV + 1, STRANGER, OTHER)),
    "staking.svvv.total_supply": (STAKING, SVVV + 2),
    "staking.svvv.symbol": (STAKING, SVVV + 4),
    "staking.ownable.owner": (STAKING, namespace("openzeppelin.storage.Ownable")),
    "staking.initializable.initialized and initializable.initializing": (
        STAKING,
        namespace("openzeppelin.storage.Initializable"),
    ),
    "staking.erc1967.implementation": (STAKING, ERC1967_IMPLEMENTATION_SLOT),
    f"diem.balance_of[{STRANGERS_NAME}]": (DIEM, at(0, STRANGER)),
    "diem.total_supply": (DIEM, 2),
    f"diem.roles[0x{ADMIN_ROLE.hex()}].has_role[{STRANGERS_NAME}]": (DIEM, at(at(5, ADMIN_ROLE), STRANGER)),
    f"diem.roles[0x{ADMIN_ROLE.hex()}].admin_role": (DIEM, at(5, ADMIN_ROLE) + 1),
    f"diem.staked_infos[{STRANGERS_NAME}].cool_down_end": (DIEM, at(6, STRANGER) + 1),
    "diem.cooldown_duration": (DIEM, 8),
    "credits.gateway and credit_at_once": (CREDITS, 1),
    f"credits.accounts[{STRANGERS_NAME}].spent": (CREDITS, at(4, STRANGER) + 3),
    f"staking.slot 0x{525:064x}": (STAKING, 525),
    f"credits.slot 0x{at(4, STRANGER) + 4:064x}": (CREDITS, at(4, STRANGER) + 4),
    f"{format_address(addresses.STAKING_IMPLEMENTATION)}.slot 0x{0:064x}": (addresses.STAKING_IMPLEMENTATION, 0),
}


@pytest.fixture
def world() -> World:
    return genesis(load_preset("minimal"))


@pytest.mark.parametrize("name", SLOTS)
def test_a_slot_has_the_name_of_its_variable(world: World, name: str) -> None:
    assert name_of(world, *SLOTS[name], (STRANGER, OTHER)) == name


def test_a_mapping_is_known_for_the_keys_that_were_looked_at(world: World) -> None:
    address, slot = SLOTS[f"vvv.balance_of[{STRANGERS_NAME}]"]
    assert name_of(world, address, slot) == f"vvv.slot 0x{slot:064x}"
    assert world.vvv.balance_of[STRANGER] == 0
    assert name_of(world, address, slot) == f"vvv.balance_of[{STRANGERS_NAME}]"


def test_naming_changes_no_word(world: World) -> None:
    before = {address: dict(account.words) for address, account in world.accounts.items()}
    for slot in SLOTS.values():
        name_of(world, *slot, (STRANGER, OTHER))
    assert {address: dict(account.words) for address, account in world.accounts.items()} == before
    assert world.journal == []


@pytest.mark.parametrize("name", PRESETS)
def test_every_word_of_a_genesis_has_a_name_of_its_own(name: str) -> None:
    preset = load_preset(name)
    world, machine = genesis(preset), PyEvmMachine(preset)
    for address in CONTRACTS:
        names = [name_of(world, address, slot) for slot in machine.words(address)]
        assert len(set(names)) == len(names)
        assert not [one for one in names if ".slot" in one]


def test_every_word_that_a_program_writes_has_a_name(world: World) -> None:
    generator = Generator(world, load_preset("minimal"), SeededSource(1))
    for _ in range(400):
        apply(world, generator.next_call())
    written = {(account.address, slot) for account, slot, _ in world.journal}
    assert len(written) > 100
    assert not [one for one in (name_of(world, *at) for at in written) if ".slot" in one]


@pytest.mark.parametrize(
    "word, described",
    [
        (0, "0"),
        (2**32 - 1, "4294967295"),
        (2**32, "4294967296 (0x100000000)"),
        (2**256 - 1, f"{2**256 - 1} (0x{'f' * 64})"),
    ],
)
def test_a_word_is_shown_as_a_number_and_a_large_one_in_hexadecimal_too(word: int, described: str) -> None:
    assert describe_word(word) == described
