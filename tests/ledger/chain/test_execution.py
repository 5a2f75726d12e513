"""Transactions on a state: what is checked before, what a refused call leaves, and what is put back."""

from __future__ import annotations

import pytest

from ledger.changes import Changes
from ledger.commitment import StateCommitment
from ledger.execution import PRECOMPILES, Execution
from ledger.state import NO_ACCOUNT, AccountState, TrieState
from ledger.transactions import Transaction, TransactionError, TransactionErrorCode
from spec import addresses
from spec.errors import reason_of
from spec.messages import Address, Call
from tests.ledger.chain.conftest import (
    CHAIN_ID,
    ETHER,
    MINTER,
    NOBODY,
    STAKER,
    STRANGER,
    UNIT,
    call,
    calldata,
    genesis,
    signed,
    transfer,
)

NOW = 1_000_001


@pytest.fixture
def commitment() -> StateCommitment:
    return genesis().commitment()


@pytest.fixture
def execution(commitment: StateCommitment) -> Execution:
    return Execution(TrieState(commitment), CHAIN_ID)


def balance_of(execution: Execution, account: Address) -> int:
    return int(execution.world.vvv.balance_of[account])


def test_an_accepted_call_changes_the_world_and_the_nonce(execution: Execution) -> None:
    before = balance_of(execution, STAKER)
    receipt = execution.transact(transfer(STAKER, 0, 5), NOW)
    assert receipt.status
    assert len(receipt.logs) == 1
    assert (balance_of(execution, STAKER), balance_of(execution, NOBODY)) == (before - 5, 5)
    assert execution.account(STAKER) == AccountState(1, 10 * ETHER)


def test_a_refused_call_leaves_the_nonce_only(execution: Execution) -> None:
    receipt = execution.transact(transfer(STAKER, 0, 10**30), NOW)
    assert not receipt.status
    assert not receipt.logs
    assert reason_of(receipt.output)
    assert execution.changes() == Changes({STAKER: (AccountState(0, 10 * ETHER), AccountState(1, 10 * ETHER))}, {})


def test_a_call_sees_the_block_s_time(execution: Execution) -> None:
    execution.transact(call(STAKER, 0, "staking.claim"), NOW + 7)
    assert execution.world.staking.last_reward_timestamp == NOW + 7


def test_ether_moves_between_accounts_and_new_ones_appear(execution: Execution) -> None:
    receipt = execution.transact(signed(STRANGER, 0, NOBODY, b"a note", value=ETHER), NOW)
    assert (receipt.status, receipt.output, receipt.logs) == (True, b"", ())
    assert (execution.account(STRANGER), execution.account(NOBODY)) == (AccountState(1, 0), AccountState(0, ETHER))


def test_ether_sent_to_oneself_stays(execution: Execution) -> None:
    execution.transact(signed(STRANGER, 0, STRANGER, value=ETHER), NOW)
    assert execution.account(STRANGER) == AccountState(1, ETHER)


def test_no_ether_sent_to_nobody_makes_no_account(execution: Execution) -> None:
    assert execution.transact(signed(STRANGER, 0, NOBODY), NOW).status
    assert NOBODY not in execution.changes().accounts
    assert execution.account(NOBODY) == NO_ACCOUNT


def test_contracts_take_no_ether(execution: Execution) -> None:
    to, data = calldata("vvv.transfer", NOBODY, 0)
    assert not execution.transact(signed(STAKER, 0, to, data, value=1), NOW).status
    assert not execution.transact(signed(STAKER, 1, to, value=1), NOW).status
    assert execution.account(STAKER) == AccountState(2, 10 * ETHER)


@pytest.mark.parametrize(
    "transaction, code, field",
    [
        (transfer(STAKER, 2, 1), TransactionErrorCode.NONCE_TOO_LOW, "nonce"),
        (transfer(STAKER, 4, 1), TransactionErrorCode.NONCE_TOO_HIGH, "nonce"),
        (signed(STAKER, 3, NOBODY, value=10 * ETHER + 1), TransactionErrorCode.INSUFFICIENT_FUNDS, "value"),
        (signed(STAKER, 3, addresses.STAKING_IMPLEMENTATION), TransactionErrorCode.UNSPECIFIED_CODE, "to"),
        *((signed(STAKER, 3, to), TransactionErrorCode.UNSPECIFIED_CODE, "to") for to in sorted(PRECOMPILES)),
        # Wrong in two ways.
        (signed(STAKER, 2, NOBODY, value=10**30), TransactionErrorCode.NONCE_TOO_LOW, "nonce"),
        (
            signed(STAKER, 3, addresses.STAKING_IMPLEMENTATION, value=10**30),
            TransactionErrorCode.INSUFFICIENT_FUNDS,
            "value",
        ),
    ],
)
def test_what_cannot_be_carried_out_changes_nothing(
    execution: Execution, transaction: Transaction, code: TransactionErrorCode, field: str
) -> None:
    for nonce in range(3):
        execution.transact(transfer(STAKER, nonce, 1), NOW)
    before = execution.changes()
    with pytest.raises(TransactionError) as caught:
        execution.transact(transaction, NOW)
    assert (caught.value.code, caught.value.field) == (code, field)
    assert execution.changes() == before


def test_the_whole_balance_may_be_sent(execution: Execution) -> None:
    assert execution.transact(signed(STAKER, 0, NOBODY, value=10 * ETHER), NOW).status


def test_a_call_for_its_answer_changes_nothing(execution: Execution) -> None:
    to, data = calldata("vvv.transfer", NOBODY, 5)
    assert execution.call(Call(STAKER, to, data, NOW)).status
    assert not execution.call(Call(STRANGER, to, data, NOW)).status
    assert execution.call(Call(STAKER, NOBODY, b"", NOW, value=10**30)).output == b""
    assert execution.changes() == Changes({}, {})
    assert balance_of(execution, NOBODY) == 0
    with pytest.raises(TransactionError, match="unspecified code: to: found 0xe37a"):
        execution.call(Call(STAKER, addresses.STAKING_IMPLEMENTATION, b"", NOW))


def test_rolling_back_goes_to_the_last_settlement(execution: Execution) -> None:
    execution.transact(transfer(STAKER, 0, 5), NOW)
    execution.transact(signed(STRANGER, 0, NOBODY, value=3), NOW)
    execution.settle()
    settled = (execution.account(STAKER), execution.account(NOBODY), balance_of(execution, STAKER))
    assert execution.changes() == Changes({}, {})
    execution.transact(transfer(STAKER, 1, 7), NOW)
    execution.transact(signed(STRANGER, 1, NOBODY, value=4), NOW)
    execution.transact(call(STAKER, 2, "staking.stake", STAKER, UNIT), NOW)
    execution.roll_back()
    assert (execution.account(STAKER), execution.account(NOBODY), balance_of(execution, STAKER)) == settled
    assert execution.account(STRANGER) == AccountState(1, ETHER - 3)
    assert execution.changes() == Changes({}, {})


def test_changes_count_from_the_first_value_and_leave_out_what_is_as_it_was(execution: Execution) -> None:
    execution.transact(transfer(STAKER, 0, 5, STRANGER), NOW)
    execution.transact(transfer(STRANGER, 0, 5, STAKER), NOW)
    changes = execution.changes()
    assert changes.words == {}
    assert changes.accounts == {
        STAKER: (AccountState(0, 10 * ETHER), AccountState(1, 10 * ETHER)),
        STRANGER: (AccountState(0, ETHER), AccountState(1, ETHER)),
    }


def test_changes_are_stored_and_read_alike(execution: Execution) -> None:
    execution.transact(call(STAKER, 0, "vvv.approve", addresses.STAKING, 10 * UNIT), NOW)
    execution.transact(call(STAKER, 1, "staking.stake", STAKER, UNIT), NOW)
    execution.transact(call(MINTER, 0, "staking.burnDiem", UNIT), NOW)
    execution.transact(signed(STRANGER, 0, NOBODY, value=4), NOW)
    changes = execution.changes()
    assert len(changes.words) > 10
    assert Changes.decode(changes.encode()) == changes


def test_size_counts_accounts_and_words_in_memory(execution: Execution) -> None:
    assert execution.size() == 0
    execution.transact(transfer(STAKER, 0, 5), NOW)
    words = sum(len(account.words) for account in execution.world.accounts.values())
    assert execution.size() == 1 + words > 1
