"""For which reasons a function can refuse is read off its source, and holds all that its documentation names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from conformance.machines.specification import SpecificationMachine
from conformance.trust.reach.outcomes import (
    ACCEPTED,
    CUT_SHORT,
    INNER,
    NO_SELECTOR,
    OUTSIDE_TYPE,
    UNKNOWN_FUNCTION,
    VALUE_SENT,
    Outcome,
    outcome_of,
    possible_outcomes,
)
from conformance.trust.reach.refusals import reasons_of
from spec import addresses
from spec.encoding import encode_word
from spec.errors import CustomError, Reason
from spec.machine import CONTRACTS
from spec.messages import Call
from spec.parameters import load_preset
from spec.staking import STAKING
from spec.vvv import VVV

if TYPE_CHECKING:
    from spec.contract import Function

PRESET = load_preset("minimal")
STAKER, OWNER = PRESET.accounts[0].address, PRESET.staking.owner
FUNCTIONS = {f"{c.name}.{name}": one for c in CONTRACTS.values() for name, one in c.by_name.items()}
KNOWN = {*Reason.known.values(), *CustomError.known.values()}


def documented(function: Function) -> set[str]:
    """Return the reasons that the documentation of a function names, in the lines of its section of reverts."""
    _, _, section = function.documentation.partition("Reverts")
    lines = re.findall(r"^(\S[^:\n]*) : ", section.partition("\n\n")[0], re.MULTILINE)
    return {"empty revert data" if line == "empty data" else line for line in lines} & KNOWN


@pytest.mark.parametrize("name", FUNCTIONS)
def test_all_that_is_documented_is_found_in_the_source(name: str) -> None:
    assert documented(FUNCTIONS[name]) <= reasons_of(FUNCTIONS[name])


def test_the_documentation_names_many() -> None:
    assert sum(len(documented(function)) for function in FUNCTIONS.values()) > 50


@pytest.mark.parametrize(
    "name,reasons",
    [
        ("vvv.transfer", {"Panic(0x11)"}),
        ("vvv.approve", set()),
        ("vvv.permit", {"PERMIT_DEADLINE_EXPIRED", "INVALID_SIGNER"}),
        ("staking.approve", {"ERC20InvalidApprover", "ERC20InvalidSpender"}),
        ("staking.setTreasury", {"OwnableUnauthorizedAccount", "INVALID_ADDRESS"}),
        ("staking.balanceOfUnlocked", {"Panic(0x11)"}),
        ("staking.venice", set()),
        ("staking.finalizeUnstake", {"NO_COOLDOWN", "COOLDOWN_NOT_OVER", "Panic(0x11)"}),
        ("diem.renounceRole", {"AccessControlBadConfirmation"}),
        ("credits.record", {"Panic(0x12)"}),
    ],
)
def test_reasons_are_found_in_what_a_function_calls_and_no_others(name: str, reasons: set[str]) -> None:
    assert reasons_of(FUNCTIONS[name]) == reasons


def test_only_the_token_that_is_frozen_gives_the_reason_for_it() -> None:
    assert "NOT_TRANSFERRABLE" in reasons_of(FUNCTIONS["staking.transfer"])
    assert "NOT_TRANSFERRABLE" not in reasons_of(FUNCTIONS["diem.transfer"])


STAKE, CLAIM = STAKING.by_name["stake"], STAKING.by_name["claim"]
UPGRADE = STAKING.by_name["upgradeToAndCall"]
HEAD = UPGRADE.selector + encode_word(addresses.STAKING_IMPLEMENTATION)


@pytest.mark.parametrize(
    "function,what,data,value",
    [
        ("staking.claim", ACCEPTED, CLAIM.calldata(), 0),
        ("staking.claim", VALUE_SENT, CLAIM.calldata(), 1),
        ("staking.stake", "STAKE_ZERO", STAKE.calldata(STAKER, 0), 0),
        ("staking.stake", CUT_SHORT, STAKE.calldata(STAKER, 0)[:-1], 0),
        ("staking.stake", VALUE_SENT, STAKE.calldata(STAKER, 0)[:-1], 1),
        ("staking.stake", OUTSIDE_TYPE, STAKE.selector + encode_word(1 << 160) + encode_word(0), 0),
        ("staking.?", UNKNOWN_FUNCTION, b"\xde\xad\xbe\xef", 0),
        ("staking.?", NO_SELECTOR, b"\xde\xad\xbe", 0),
        ("staking.upgradeToAndCall", "Panic(0x41)", HEAD + encode_word(64) + encode_word(2**64), 0),
        ("staking.upgradeToAndCall", "ERC1967NonPayable", HEAD + encode_word(64) + encode_word(0), 1),
        ("staking.upgradeToAndCall", "empty revert data", UPGRADE.calldata(STAKER, b""), 0),
        (
            "staking.upgradeToAndCall",
            INNER,
            UPGRADE.calldata(addresses.STAKING_IMPLEMENTATION, STAKE.calldata(STAKER, 0)),
            0,
        ),
    ],
)
def test_what_becomes_of_a_call_is_told_apart_where_all_of_it_answers_with_empty_data(
    function: str, what: str, data: bytes, value: int
) -> None:
    call = Call(OWNER, STAKING.address, data, PRESET.timestamp + 1, value)

    outcome = outcome_of(call, SpecificationMachine(PRESET).call(call))

    assert outcome == Outcome(function, what)
    assert outcome in possible_outcomes()


def test_a_permit_with_a_v_of_nine_bits_is_outside_of_its_type() -> None:
    permit = VVV.by_name["permit"]
    words = [encode_word(word) for word in (0, 0, 0, 0, 256, 0, 0)]
    call = Call(STAKER, VVV.address, permit.selector + b"".join(words), PRESET.timestamp)

    assert outcome_of(call, SpecificationMachine(PRESET).call(call)) == Outcome("vvv.permit", OUTSIDE_TYPE)


def test_outcomes_are_listed_once_each() -> None:
    assert len(possible_outcomes()) == len(set(possible_outcomes()))
    views = [outcome for outcome in possible_outcomes() if outcome.function == "staking.venice"]
    assert views == [Outcome("staking.venice", what) for what in (ACCEPTED, VALUE_SENT)]
