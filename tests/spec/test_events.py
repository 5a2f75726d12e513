"""Events: their topics are the hashes of the protocol's signatures, their arguments in topics and data."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

import spec.machine  # noqa: F401 - declares every event
from spec.events import Event
from tests.spec.conftest import STAKER, STAKING, TREASURY, log

EVENTS = (
    "Transfer(address,address,uint256)",
    "Approval(address,address,uint256)",
    "OwnershipTransferred(address,address)",
    "Claimed(address,uint256)",
    "Staked(address,uint256)",
    "UnstakeInitiated(address,uint256)",
    "UnstakeFinalized(address,uint256)",
    "Unstaked(address,uint256)",
    "DiemMinted(address,uint256,uint256)",
    "DiemBurned(address,uint256,uint256)",
    "EmissionRateUpdated(uint256)",
    "VeniceEmissionsPercentageUpdated(uint256)",
    "VeniceEmissionsPercentageWhenLockedUpdated(uint256)",
    "CooldownDurationUpdated(uint256)",
    "TreasuryUpdated(address)",
    "DiemMintRatesUpdated(uint256[256],uint256[256])",
    "Upgraded(address)",
    "RoleGranted(bytes32,address,address)",
    "RoleRevoked(bytes32,address,address)",
    "Recorded(address,uint256,uint256)",
    "Spent(address,uint256,uint256)",
)


def test_events_are_exactly_those_of_the_protocol() -> None:
    assert {topic: event.name for topic, event in Event.known.items()} == {
        keccak(signature.encode()): signature.partition("(")[0] for signature in EVENTS
    }


def test_indexed_arguments_are_topics_and_the_others_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Event, "known", {})
    event = Event("Odd(address indexed first,uint256 indexed second,uint256 third,bytes32 fourth,uint256[256] fifth)")
    table = tuple(range(256))
    assert event.log(STAKING, STAKER, 2, 3, b"\x04" * 32, table) == log(
        STAKING,
        "Odd(address indexed,uint256 indexed,uint256,bytes32,uint256[256])",
        STAKER,
        2,
        3,
        b"\x04" * 32,
        table,
    )


def test_event_whose_indexed_parameters_do_not_come_first_cannot_be_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Event, "known", {})
    with pytest.raises(ValueError, match=r"^Odd: the indexed parameters have to come first"):
        Event("Odd(uint256 first,address indexed second)")


def test_event_takes_as_many_arguments_as_it_has_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Event, "known", {})
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        Event("Pair(uint256 first,uint256 second)").log(STAKING, 1)


def test_event_without_indexed_parameters_has_its_hash_as_only_topic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Event, "known", {})
    entry = Event("Plain(address who)").log(STAKING, TREASURY)
    assert entry == (STAKING, (keccak(b"Plain(address)"),), encode(["address"], [TREASURY]))
