"""Programs for what staking hardly ever does: odd calldata of an upgrade, what an initialization finds, odd words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from conformance.artifact import load_artifacts
from conformance.machines.py_evm import deployed
from conformance.machines.specification import SpecificationMachine
from conformance.storage_names import variables
from conformance.trust.mutants.directed.bytecode import answered, long_text
from conformance.trust.mutants.directed.words import HIGHEST, LOWEST, TOPMOST
from conformance.trust.mutants.program import Program, recorded
from spec import addresses
from spec.encoding import WORD
from spec.machine import CONTRACTS
from spec.messages import Address, Call
from spec.parameters import Preset, load_preset
from spec.quantities import format_address
from spec.staking.storage import ERC1967_IMPLEMENTATION_SLOT
from spec.uint256 import MAX_UINT256

STAKING: Final = CONTRACTS[addresses.STAKING]
IMPLEMENTATION: Final = addresses.STAKING_IMPLEMENTATION
SHA256: Final = Address(bytes(19) + b"\2")
"""A precompile: it answers anything, with a word, and has no code."""

UPGRADE: Final = STAKING.by_name["upgradeToAndCall"].selector

LONGEST: Final = 2**64 - 0xC0
"""Bytes; with more than these, the end of the memory that they would take is beyond 64 bits."""
MUCH: Final = 20_000
"""Bytes, in whole words, that memory can well hold, but no place 256 times as far up."""


def directed_at_staking() -> Iterator[Program]:
    """Yield all of them."""
    preset = load_preset("minimal")
    yield from treasuries(preset)
    yield from longer_curve(preset)
    yield from odd_balances(preset)
    yield upgrades(preset)
    yield from initializations_over(preset)


def treasuries(preset: Preset) -> Iterator[Program]:
    """Yield treasuries with all bits or one, and allowances of sVVV that are all but without limit."""
    owner = preset.staking.owner
    acts: list[tuple[Address, bytes]] = [
        (owner, _calldata("setTreasury", (treasury,))) for treasury in (LOWEST, TOPMOST, LOWEST)
    ]
    acts += [(owner, _calldata("treasury", ()))]
    acts += [(owner, _calldata("approve", (HIGHEST, MAX_UINT256 - 1)))]
    acts += [(HIGHEST, _calldata("transferFrom", (owner, LOWEST, MAX_UINT256)))]
    yield from recorded(preset.name, "treasuries", _calls(preset, acts), views=False)


def longer_curve(preset: Preset) -> Iterator[Program]:
    """Yield a curve with more behind it in the calldata, and something behind its tables in storage."""
    behind = max(slot for name, (_, slot) in _slots(preset).items() if name.startswith("staking.diem_mint_rates")) + 1
    data = _calldata("setDiemMintCurve", (range(256), range(256))) + b"\xff" * 9 * WORD
    calls = _calls(preset, [(preset.staking.owner, data)])
    yield from recorded(preset.name, "longer curve", calls, {(addresses.STAKING, behind): 7}, views=False)


def odd_balances(preset: Preset) -> Iterator[Program]:
    """Yield a cooldown that ended at the beginning of time, and emissions for the treasury alone that VVV refuses."""
    account = preset.accounts[1].address
    slots = _slots(preset, account)
    stake = f"staking.stakes[{format_address(account)}]."
    for name, act, start in (
        ("cooldown without end", ("initiateUnstake", (1,)), {f"{stake}cooldown_end": 0, f"{stake}cooldown_amount": 5}),
        ("all to the treasury", ("claim", ()), {_TREASURYS_SHARE: 10**18, "vvv.total_supply": MAX_UINT256}),
    ):
        acts = [(account, _calldata(*act))]
        words = {slots[variable]: word for variable, word in start.items()}
        yield from recorded(preset.name, name, _calls(preset, acts, later=10), words, views=False)


_TREASURYS_SHARE: Final = "staking.venice_emissions_percentage"


def upgrades(preset: Preset) -> Program:
    """Return upgrades in calldata of every form, and of an implementation that takes itself for its own proxy."""
    owner = preset.staking.owner
    acts = [(owner, data) for data in _upgrades()]
    acts.insert(0, (IMPLEMENTATION, _upgrade(IMPLEMENTATION, b"")))
    itself = Call(owner, IMPLEMENTATION, _upgrade(IMPLEMENTATION, b""), preset.timestamp)
    start = {(IMPLEMENTATION, ERC1967_IMPLEMENTATION_SLOT): int.from_bytes(IMPLEMENTATION, "big")}
    return answered(preset, "upgrades", [*_calls(preset, acts), itself], start)


def _upgrades() -> Iterator[bytes]:
    """Yield calldata, well formed or not."""
    approve, claim = _calldata("approve", (HIGHEST, 7)), _calldata("claim", ())
    implementation = bytes(12) + IMPLEMENTATION
    head = UPGRADE + implementation + _word(2 * WORD)
    yield _upgrade(SHA256, b"")
    yield _upgrade(IMPLEMENTATION, approve[:4])
    yield (int.from_bytes(UPGRADE, "big") + 1).to_bytes(4, "big") + _upgrade(IMPLEMENTATION, b"")[4:]
    yield from (UPGRADE + implementation + bytes(length) for length in (WORD - 1, WORD))  # data at the implementation
    yield from (head + _word(length) for length in (LONGEST, LONGEST + WORD))
    yield head + b"\xff" * (WORD - 1)
    yield (head + _word(WORD) + claim.ljust(WORD, b"\1"))[:-1]
    # Data within data end where these do, in the first byte of a word or the last: their memory may not be used again.
    for length in (6 * WORD + 1, MUCH):
        between = bytes(length - len(head + _word(0) + approve))
        inner = UPGRADE + implementation + _word(2 * WORD + len(between)) + between + _word(len(approve)) + approve
        yield _upgrade(IMPLEMENTATION, inner)


def initializations_over(preset: Preset) -> Iterator[Program]:
    """Yield initializations over words of which something has to stay, or that have to be cleared."""
    slots = _slots(preset)
    flags = slots["staking.initializable.initialized"]
    name, symbol = slots["staking.svvv.name"], slots["staking.svvv.symbol"]
    links = [slots[f"staking.{link}"] for link in ("venice", "diem", "treasury")]
    dirt = {**dict.fromkeys(links, MAX_UINT256), flags: 1 << 255 | 1 << 72}
    # Texts are given more words than they are long: those behind their ends have to stay.
    short = dict(long_text(name, 3 * WORD)) | {name: int.from_bytes(b"a" * 31 + bytes([62]), "big")}
    word_long, longer = ({**dict(long_text(text, 3 * WORD)), text: 2 * n + 1} for text, n in ((symbol, 32), (name, 33)))
    for title, words in (
        ("dirt", {**dirt, **short, **word_long}),
        ("a text", longer),
        ("its middle", {flags: 1 << 71}),
    ):
        start = _uninitialized(preset) | words
        given = (addresses.VVV, addresses.DIEM, preset.staking.treasury, preset.staking.owner)
        calls = _calls(preset, [(HIGHEST, _calldata("initialize", given))])
        yield answered(preset, f"initialization over {title}", calls, start)


def _uninitialized(preset: Preset) -> dict[tuple[Address, int], int]:
    """Return the words of a proxy of which only the implementation is set."""
    words = deployed(preset, load_artifacts()).words[addresses.STAKING]
    return {
        (addresses.STAKING, slot): word if slot == ERC1967_IMPLEMENTATION_SLOT else 0 for slot, word in words.items()
    }


def _slots(preset: Preset, *accounts: Address) -> dict[str, tuple[Address, int]]:
    """Return name |-> (contract, slot), of every variable."""
    found = variables(SpecificationMachine(preset).world, accounts)
    return {variable.name: (address, variable.slot) for address, variable in found}


def _calls(preset: Preset, acts: Iterable[tuple[Address, bytes]], later: int = 0) -> list[Call]:
    """Return calls of staking, in one second, from their senders and calldata."""
    return [Call(sender, addresses.STAKING, data, preset.timestamp + later) for sender, data in acts]


def _calldata(name: str, arguments: tuple[Any, ...]) -> bytes:
    return STAKING.by_name[name].calldata(*arguments)


def _upgrade(implementation: Address, data: bytes) -> bytes:
    return _calldata("upgradeToAndCall", (implementation, data))


def _word(value: int) -> bytes:
    return value.to_bytes(WORD, "big")
