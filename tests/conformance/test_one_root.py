"""One root for all: it holds for every preset, and whatever is wrong on one side is found and named."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from conformance.artifact import load_artifacts
from conformance.genesis_file import ledger_genesis
from conformance.one_root.clients import PEERS, LedgerClient, Start, peer
from conformance.one_root.comparison import CHAIN_LENGTH, FUNDS, Failure, OneRoot
from conformance.one_root.differences import Difference
from conformance.one_root.keys import FUNDED, KEYS, OWNER, TREASURY, with_keys
from conformance.one_root.traffic import LARGEST_BLOCK, SignedBlock, Traffic
from conformance.peers.client import BlockRefused, Outcome, PeerError
from conformance.peers.py_evm import PyEvmClient
from ledger.execution import Execution
from ledger.genesis import Genesis, GenesisAccount
from ledger.node.published import DEV_SEQUENCER, TEST_ACCOUNTS
from ledger.state import AccountState
from ledger.transactions import TransactionType, decode_transaction
from spec.addresses import STAKING, VVV
from spec.machine import CONTRACTS
from spec.messages import ZERO_ADDRESS, Address
from spec.parameters import PRESETS, load_preset
from spec.quantities import format_address
from tests.conformance.foundry import needs

MINIMAL = load_preset("minimal")
SOMEBODY = TEST_ACCOUNTS[0].address


# ------------------------------------------------------------------------------------------------ it holds


@pytest.mark.parametrize("preset", PRESETS)
def test_the_ledger_anvil_and_py_evm_end_at_the_same_roots(preset: str) -> None:
    needs("anvil")
    seed = secrets.randbelow(2**32)
    result = OneRoot(load_preset(preset), [LedgerClient, *map(peer, PEERS)]).run(1000, seed)
    again = f"diem roots --preset {preset} --seed {seed}"
    assert result.failure is None, f"{again}: {'; '.join(map(str, result.failure.differences))}"
    tally = result.tally
    assert (tally.chains, tally.transactions) == (1000 // CHAIN_LENGTH, 1000)
    assert tally.blocks > tally.transactions // LARGEST_BLOCK
    assert tally.accepted.total() > 400, again
    assert tally.refused.total() > 150, again
    assert tally.accepted["transfer of ether"] > 50, again
    assert min(tally.types[kind.name] for kind in TransactionType) > 200, again
    assert tally.logs > 300, again


# ------------------------------------------------------------------------------------------------ the transactions


def traffic_of(preset: str, seed: str) -> Traffic:
    parameters = with_keys(load_preset(preset))
    genesis = ledger_genesis(parameters, DEV_SEQUENCER.address, dict.fromkeys(FUNDED, FUNDS))
    return Traffic(parameters, genesis, seed)


def blocks_of(traffic: Traffic, transactions: int) -> list[SignedBlock]:
    blocks: list[SignedBlock] = []
    while (left := transactions - sum(len(block.transactions) for block in blocks)) > 0:
        blocks.append(traffic.next_block(left))
    return blocks


def test_the_same_seed_makes_the_same_blocks() -> None:
    first, same, other = (blocks_of(traffic_of("minimal", seed), 100) for seed in ("1/0", "1/0", "1/1"))
    assert first == same
    assert first != other


def test_blocks_are_of_any_size_and_later_each_time() -> None:
    traffic = traffic_of("launch", "5")
    blocks = [traffic.empty_block(), *blocks_of(traffic, 1000)]
    sizes = {len(block.transactions) for block in blocks[1:]}
    assert 1 in sizes
    assert max(sizes) in range(LARGEST_BLOCK // 2, LARGEST_BLOCK + 1)
    times = [block.timestamp for block in blocks]
    assert all(before < after for before, after in pairwise(times))
    assert all(call.call.timestamp == block.timestamp for block in blocks for call in block.transactions)


def test_transactions_do_what_they_say_and_can_be_in_their_block() -> None:
    nonces: Counter[Address] = Counter()
    for block in blocks_of(traffic_of("minimal", "7"), 600):
        for transaction in block.transactions:
            call, decoded = transaction.call, decode_transaction(transaction.raw, MINIMAL.chain_id)
            assert (decoded.sender, decoded.to, decoded.data) == (call.sender, call.to, call.data)
            assert decoded.value == call.value
            assert decoded.type is transaction.kind
            assert decoded.nonce == nonces[call.sender]
            assert call.sender in KEYS
            nonces[call.sender] += 1


def test_every_function_is_called_and_carried_out_unless_it_refuses_everybody() -> None:
    transactions = [
        transaction
        for seed in range(40)
        for block in blocks_of(traffic_of("minimal", str(seed)), CHAIN_LENGTH)
        for transaction in block.transactions
    ]
    functions = {f"{contract.name}.{name}" for contract in CONTRACTS.values() for name in contract.by_name}
    assert functions - {transaction.title for transaction in transactions} == set()
    assert functions - {transaction.title for transaction in transactions if transaction.accepted} == {
        *("vvv.mint", "vvv.transferOwnership"),  # by VVV's owner, which is staking
        *("staking.initialize", "staking.proxiableUUID"),  # once, and not through the proxy
        *("staking.transfer", "staking.transferFrom"),  # never, for sVVV
    }


def test_ether_goes_to_anybody_in_any_amount() -> None:
    transactions = [
        transaction for block in blocks_of(traffic_of("minimal", "3"), 1000) for transaction in block.transactions
    ]
    transfers = [transaction.call for transaction in transactions if transaction.call.to not in CONTRACTS]
    to_oneself = [call for call in transfers if call.to == call.sender]
    to_strangers = [call for call in transfers if call.to not in KEYS]
    assert {min(call.value, 2) for call in to_oneself} == {0, 1, 2}
    assert {min(call.value, 2) for call in to_strangers} == {0, 1, 2}
    assert {call.to for call in to_strangers} > {DEV_SEQUENCER.address, ZERO_ADDRESS}
    assert any(transaction.call.value and not transaction.accepted for transaction in transactions)
    assert any(decode_transaction(transaction.raw, MINIMAL.chain_id).access_list for transaction in transactions)


@pytest.mark.parametrize("preset", PRESETS)
def test_whoever_has_no_key_is_replaced(preset: str) -> None:
    given = load_preset(preset)
    keyed = with_keys(given)
    assert {keyed.staking.treasury, keyed.staking.owner, keyed.diem.admin} <= KEYS.keys()
    if preset == "minimal":
        assert keyed == given
    else:
        assert (keyed.staking.treasury, keyed.staking.owner, keyed.diem.admin) == (TREASURY, OWNER, OWNER)
        assert keyed.accounts == given.accounts
        assert keyed.staking.model_copy(update={"treasury": given.staking.treasury, "owner": given.staking.owner}) == (
            given.staking
        )


# ------------------------------------------------------------------------------------------------ what is wrong


def failure_of(sabotaged: Start, seed: int = 1, transactions: int = CHAIN_LENGTH) -> Failure:
    """What is found when a ledger is compared with py-evm, which is right."""
    failure = OneRoot(MINIMAL, [sabotaged, PyEvmClient]).run(transactions, seed).failure
    assert failure is not None, "nothing was found"
    return failure


def found(failure: Failure) -> dict[str, dict[str, str]]:
    return {difference.where: dict(difference.values) for difference in failure.differences}


def starting_with(change: Callable[[GenesisAccount], GenesisAccount], at: Address) -> Start:
    """A ledger that starts with one account other than it should."""

    def start(genesis: Genesis) -> LedgerClient:
        return LedgerClient(replace(genesis, accounts={**genesis.accounts, at: change(genesis.accounts[at])}))

    return start


def test_one_wrong_word_is_named_in_the_first_block() -> None:
    world = traffic_of("minimal", "1").world
    slot = world.vvv.balance_of.slots[SOMEBODY]
    right = int(world.accounts[VVV].words[slot])
    wrong = starting_with(lambda account: replace(account, words={**account.words, slot: right + 1}), VVV)
    failure = failure_of(wrong)
    assert (failure.chain, failure.number, failure.block.transactions) == (0, 1, ())
    names = list(found(failure))
    assert names == ["storage root of vvv", f"vvv.balance_of[{format_address(SOMEBODY)}]", "state root"]
    ledger, py_evm = found(failure)[names[1]].values()
    assert (ledger.split()[0], py_evm.split()[0]) == (str(right + 1), str(right))


def test_a_wrong_word_where_no_variable_is_shows_in_the_storage_root() -> None:
    wrong = starting_with(lambda account: replace(account, words={**account.words, 10**6: 1}), STAKING)
    assert list(found(failure_of(wrong))) == ["storage root of staking", "state root"]


def test_a_wrong_balance_is_named() -> None:
    failure = failure_of(starting_with(lambda account: replace(account, balance=account.balance - 1), SOMEBODY))
    where = f"balance of {format_address(SOMEBODY)}"
    assert found(failure)[where] == {"ledger": f"{FUNDS - 1} wei", "py-evm": f"{FUNDS} wei"}


def test_wrong_code_is_named() -> None:
    failure = failure_of(starting_with(lambda account: replace(account, code=account.code + b"\0"), VVV))
    assert list(found(failure)) == ["code hash of vvv", "state root"]


def test_an_account_that_is_too_many_shows_in_the_state_root() -> None:
    def start(genesis: Genesis) -> LedgerClient:
        stranger = Address(b"nobody has heard of.")
        return LedgerClient(replace(genesis, accounts={**genesis.accounts, stranger: GenesisAccount(balance=1)}))

    assert list(found(failure_of(start))) == ["state root"]


def test_a_wrong_nonce_is_named() -> None:
    failure = failure_of(starting_with(lambda account: replace(account, nonce=1), SOMEBODY))
    assert found(failure)[f"nonce of {format_address(SOMEBODY)}"] == {"ledger": "1", "py-evm": "0"}


def test_a_dropped_nonce_is_found_by_the_sender_s_next_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Execution._set

    def forgetful(self: Execution, address: Address, account: AccountState) -> None:
        honest(self, address, account if address in FUNDED else account._replace(nonce=0))

    monkeypatch.setattr(Execution, "_set", forgetful)
    refused = "refused: nonce too high: nonce: found 1, expected 0"
    assert found(failure_of(LedgerClient)) == {"block": {"ledger": refused, "py-evm": "carried out"}}


def test_ether_that_goes_astray_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Execution._move
    monkeypatch.setattr(Execution, "_move", lambda self, sender, to, value: honest(self, sender, to, value - 1))
    failure = failure_of(LedgerClient)
    assert failure.number > 1
    assert next(iter(found(failure))).startswith("balance of 0x")


class _Changed(LedgerClient):
    """A ledger whose receipts go through a function."""

    change: Callable[[Outcome], Outcome]

    def add_block(self, transactions: Sequence[bytes], timestamp: int) -> Outcome:
        return type(self).change(super().add_block(transactions, timestamp))


def test_a_missing_log_is_named_with_its_transaction() -> None:
    class Silent(_Changed):
        @staticmethod
        def change(outcome: Outcome) -> Outcome:
            return outcome._replace(receipts=tuple(receipt._replace(logs=()) for receipt in outcome.receipts))

    failure = failure_of(Silent)
    (where, values), *_ = found(failure).items()
    place = int(where.split()[1].rstrip(","))
    assert where == f"transaction {place}, {failure.block.transactions[place].title}: log 0"
    assert values["ledger"] == "no log"
    assert values["py-evm"].split()[1] == "from"


def test_a_wrong_status_is_named_with_its_transaction() -> None:
    class Agreeable(_Changed):
        @staticmethod
        def change(outcome: Outcome) -> Outcome:
            return outcome._replace(receipts=tuple(receipt._replace(status=True) for receipt in outcome.receipts))

    failure = failure_of(Agreeable)
    (where, values), *_ = found(failure).items()
    assert where.endswith(": status")
    assert values == {"ledger": "accepted", "py-evm": "refused"}


def test_a_block_that_one_client_refuses_is_a_difference() -> None:
    class Refuser(LedgerClient):
        def add_block(self, transactions: Sequence[bytes], timestamp: int) -> Outcome:
            if transactions:
                raise BlockRefused("not in the mood")
            return super().add_block(transactions, timestamp)

    failure = failure_of(Refuser)
    assert failure.number == 2
    assert found(failure) == {"block": {"ledger": "refused: not in the mood", "py-evm": "carried out"}}
    assert str(failure.differences[0]) == "block: ledger: refused: not in the mood, py-evm: carried out"


def test_the_ledger_says_why_it_refuses_a_block() -> None:
    genesis = ledger_genesis(MINIMAL, DEV_SEQUENCER.address)
    client = LedgerClient(genesis)
    with pytest.raises(BlockRefused, match=r"^malformed: transaction: found no bytes"):
        client.add_block([b""], genesis.timestamp)
    with pytest.raises(BlockRefused, match="timestamp"):
        client.add_block([], genesis.timestamp - 1)


def test_a_peer_that_nobody_knows_is_refused() -> None:
    with pytest.raises(PeerError, match=r"^peer 'geth': expected one of anvil, py-evm$"):
        peer("geth")


def test_all_clients_are_closed_when_one_does_not_start() -> None:
    closed: list[str] = []

    class Closing(LedgerClient):
        def close(self) -> None:
            closed.append(self.name)

    def failing(_: Genesis) -> LedgerClient:
        raise PeerError("does not start")

    with pytest.raises(PeerError, match="does not start"):
        OneRoot(MINIMAL, [Closing, failing]).run(10, 1)
    assert closed == ["ledger"]


def test_contracts_with_a_fault_are_told_from_the_ledger() -> None:
    broken = load_artifacts(Path(__file__).resolve().parents[1] / "meta" / "broken" / "diem-unstake-silent")
    failure = OneRoot(MINIMAL, [LedgerClient, PyEvmClient], broken).run(1000, 1).failure
    assert failure is not None
    (first, *_) = failure.differences
    assert isinstance(first, Difference)
    assert "diem.unstake: log" in first.where
