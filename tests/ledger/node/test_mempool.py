"""The mempool: what is taken, in what order it leaves, what it replaces, and who makes room."""

from __future__ import annotations

import pytest

from ledger.node import Mempool, PoolLimits
from ledger.state import AccountState
from ledger.transactions import MAX_SIZE, Transaction, TransactionError, TransactionErrorCode, TransactionType
from spec.addresses import STAKING_IMPLEMENTATION
from spec.messages import Address
from tests.ledger.node.conftest import CHAIN_ID, ETHER, address, signed


class Head:
    """A state at the head that a test writes."""

    def __init__(self) -> None:
        self.accounts: dict[Address, AccountState] = {}

    def account(self, of: Address) -> AccountState:
        return self.accounts.get(of, AccountState(0, ETHER))

    def use_nonces(self, account: int, number: int) -> None:
        self.accounts[address(account)] = AccountState(number, ETHER)


@pytest.fixture
def head() -> Head:
    return Head()


def pool_of(head: Head, **limits: int) -> Mempool:
    return Mempool(CHAIN_ID, lambda: head, PoolLimits(**limits))


@pytest.fixture
def pool(head: Head) -> Mempool:
    return pool_of(head)


def order(pool: Mempool) -> list[tuple[Address, int]]:
    return [(transaction.sender, transaction.nonce) for transaction in pool.ready()]


def refusal(pool: Mempool, raw: bytes) -> TransactionError:
    before = [transaction.hash for transaction in pool], pool.size
    with pytest.raises(TransactionError) as caught:
        pool.add(raw)
    assert ([transaction.hash for transaction in pool], pool.size) == before
    return caught.value


def test_takes_and_finds_a_transaction(pool: Mempool) -> None:
    raw = signed(0, 0)
    transaction = pool.add(raw)
    assert transaction.raw == raw
    assert pool.get(transaction.hash) == transaction
    assert pool.get(bytes(32)) is None
    assert (len(pool), pool.size) == (1, len(raw))
    assert pool.is_ready(transaction)
    assert pool.next_nonce(address(0)) == 1


def test_says_what_the_bytes_are_refused_for(pool: Mempool) -> None:
    assert refusal(pool, signed(0, 0, chain_id=1)).code is TransactionErrorCode.WRONG_CHAIN
    assert refusal(pool, b"").code is TransactionErrorCode.MALFORMED
    assert refusal(pool, bytes(MAX_SIZE + 1)).code is TransactionErrorCode.OVERSIZED


def test_refuses_what_it_has(pool: Mempool) -> None:
    pool.add(signed(0, 0))
    error = refusal(pool, signed(0, 0))
    assert error.code is TransactionErrorCode.ALREADY_KNOWN
    assert str(error).startswith("already known: ")


def test_refuses_used_nonces_before_all_else(head: Head, pool: Mempool) -> None:
    head.use_nonces(0, 3)
    error = refusal(pool, signed(0, 2, STAKING_IMPLEMENTATION, value=2 * ETHER))
    assert str(error) == "nonce too low: nonce: found 2, expected at least the sender's next, 3"


def test_refuses_nonces_too_far_ahead(head: Head) -> None:
    pool = pool_of(head, nonces=4)
    head.use_nonces(0, 3)
    pool.add(signed(0, 6))
    error = refusal(pool, signed(0, 7, value=2 * ETHER))
    assert str(error) == "nonce too high: nonce: found 7, expected at most 6 until others came"


def test_refuses_what_the_balance_cannot_pay_with_all_that_waits(pool: Mempool) -> None:
    pool.add(signed(0, 0, value=ETHER - 10))
    pool.add(signed(0, 5, value=4))
    error = refusal(pool, signed(0, 1, STAKING_IMPLEMENTATION, value=7))
    assert error.code is TransactionErrorCode.INSUFFICIENT_FUNDS
    pool.add(signed(0, 1, value=6))


def test_replacement_does_not_pay_for_what_it_replaces(pool: Mempool) -> None:
    pool.add(signed(0, 0, value=ETHER))
    assert refusal(pool, signed(0, 0, value=ETHER + 1)).code is TransactionErrorCode.INSUFFICIENT_FUNDS
    pool.add(signed(0, 0, value=ETHER, max_fee_per_gas=1))


def test_refuses_calls_of_unspecified_code(pool: Mempool) -> None:
    pool.add(signed(0, 0))
    error = refusal(pool, signed(0, 0, STAKING_IMPLEMENTATION))
    assert error.code is TransactionErrorCode.UNSPECIFIED_CODE


@pytest.mark.parametrize(
    "old,new,taken",
    [
        ((0, 0), (0, 0), False),
        ((0, 0), (1, 1), True),
        ((0, 0), (0, 1), False),
        ((0, 1), (1, 1), False),
        ((1, 1), (2, 2), True),
        ((9, 9), (10, 10), True),
        ((11, 11), (12, 12), False),
        ((11, 11), (13, 13), True),
        ((100, 200), (110, 220), True),
        ((100, 200), (109, 220), False),
        ((100, 200), (110, 219), False),
    ],
)
def test_replacement_pays_a_tenth_more_of_both_fees(
    pool: Mempool, old: tuple[int, int], new: tuple[int, int], taken: bool
) -> None:
    first = pool.add(signed(0, 0, max_priority_fee_per_gas=old[0], max_fee_per_gas=old[1]))
    other = signed(0, 0, data=b"other", max_priority_fee_per_gas=new[0], max_fee_per_gas=new[1])
    if taken:
        second = pool.add(other)
        assert pool.get(first.hash) is None
        assert list(pool) == [second]
        assert pool.size == len(other)
    else:
        assert refusal(pool, other).code is TransactionErrorCode.UNDERPRICED


def test_gas_price_counts_as_both_fees(pool: Mempool) -> None:
    pool.add(signed(0, 0, kind=TransactionType.LEGACY, max_fee_per_gas=100))
    assert (
        refusal(pool, signed(0, 0, max_priority_fee_per_gas=109, max_fee_per_gas=200)).field == "maxPriorityFeePerGas"
    )
    pool.add(signed(0, 0, kind=TransactionType.LEGACY, max_fee_per_gas=110))


def test_leaves_by_arrival_and_nonce(pool: Mempool) -> None:
    for account, nonce in ((0, 1), (1, 0), (2, 0), (0, 0), (1, 1), (2, 2)):
        pool.add(signed(account, nonce))
    a, b, c = (address(account) for account in (0, 1, 2))
    # Of the first account, nonce 1 came first of all, but has to wait for nonce 0, and follows it at once.
    assert order(pool) == [(b, 0), (c, 0), (a, 0), (a, 1), (b, 1)]
    assert next((transaction.sender, transaction.nonce) for transaction in pool) == (a, 1)


def test_replacement_arrives_anew(pool: Mempool) -> None:
    pool.add(signed(0, 0))
    pool.add(signed(1, 0))
    pool.add(signed(0, 0, max_fee_per_gas=1))
    assert order(pool) == [(address(1), 0), (address(0), 0)]


def test_gap_is_filled(pool: Mempool) -> None:
    late = pool.add(signed(0, 1))
    assert not pool.is_ready(late)
    assert (order(pool), pool.next_nonce(address(0))) == ([], 0)
    pool.add(signed(0, 0))
    assert pool.is_ready(late)
    assert pool.next_nonce(address(0)) == 2
    pool.remove(pool.add(signed(0, 2)).hash)
    pool.remove(bytes(32))
    assert pool.next_nonce(address(0)) == 2


def test_is_cleared(pool: Mempool) -> None:
    pool.add(signed(0, 0))
    pool.clear()
    assert (len(pool), pool.size, order(pool)) == (0, 0, [])
    pool.add(signed(0, 0))


def test_what_is_mined_leaves(head: Head, pool: Mempool) -> None:
    mined = [pool.add(signed(0, nonce)).raw for nonce in (0, 1)]
    pool.add(signed(0, 2))
    head.use_nonces(0, 2)
    assert pool.head_changed((), mined) == []
    assert order(pool) == [(address(0), 2)]


def test_what_another_has_used_the_nonce_of_leaves(head: Head, pool: Mempool) -> None:
    waiting = pool.add(signed(0, 0))
    head.use_nonces(0, 1)
    assert pool.head_changed((), [signed(0, 0, data=b"another")]) == [waiting]
    assert len(pool) == 0


def test_what_is_undone_comes_back_unless_it_cannot(head: Head, pool: Mempool) -> None:
    undone = [signed(0, 0), signed(0, 1), signed(1, 0)]
    head.use_nonces(1, 1)
    pool.add(signed(2, 0))
    assert pool.head_changed(undone, ()) == []
    assert order(pool) == [(address(2), 0), (address(0), 0), (address(0), 1)]


def test_tells_who_listens(pool: Mempool) -> None:
    told: list[Transaction] = []
    pool.listen(told.append)
    taken = pool.add(signed(0, 0))
    refusal(pool, signed(0, 0))
    assert told == [taken]


def test_full_pool_lets_go_of_what_is_furthest(head: Head) -> None:
    pool = pool_of(head, transactions=5)
    for account, nonce in ((0, 0), (0, 1), (0, 2), (1, 1), (2, 4)):
        pool.add(signed(account, nonce))
    left = []
    for account in (3, 4, 5, 6, 7):
        before = {(transaction.sender, transaction.nonce) for transaction in pool}
        pool.add(signed(account, 0))
        (gone,) = before - {(transaction.sender, transaction.nonce) for transaction in pool}
        left.append(gone)
        if account == 6:
            break
    # First what waits behind a gap, furthest first; then what is furthest ahead.
    assert left == [(address(2), 4), (address(1), 1), (address(0), 2), (address(0), 1)]
    error = refusal(pool, signed(7, 0))
    assert error.code is TransactionErrorCode.POOL_FULL
    assert len(pool) == 5


def test_newcomer_behind_a_gap_displaces_nothing_nearer(head: Head) -> None:
    pool = pool_of(head, transactions=2)
    pool.add(signed(0, 0))
    pool.add(signed(1, 3))
    assert refusal(pool, signed(2, 3)).code is TransactionErrorCode.POOL_FULL
    pool.add(signed(2, 2))
    assert [transaction.sender for transaction in pool] == [address(0), address(2)]


def test_of_equals_the_last_goes(head: Head) -> None:
    pool = pool_of(head, transactions=3)
    for account in (0, 1, 2):
        pool.add(signed(account, 1))
    pool.add(signed(3, 0))
    assert [transaction.sender for transaction in pool] == [address(0), address(1), address(3)]


def test_bytes_are_limited(head: Head) -> None:
    small, large = signed(0, 0), signed(1, 0, data=bytes(2 * 1000))
    pool = pool_of(head, size=len(small) + len(large) + 10)
    pool.add(small)
    pool.add(large)
    assert refusal(pool, signed(2, 0)).code is TransactionErrorCode.POOL_FULL
    pool.add(signed(1, 0, max_fee_per_gas=1))
    pool.add(signed(1, 1, data=bytes(1900)))
    # Two make room for one that needs the bytes of both.
    pool.add(signed(2, 0, data=bytes(1800)))
    assert [(transaction.sender, transaction.nonce) for transaction in pool] == [
        (address(0), 0),
        (address(1), 0),
        (address(2), 0),
    ]


def test_full_pool_takes_replacements(head: Head) -> None:
    pool = pool_of(head, transactions=1)
    pool.add(signed(0, 0))
    pool.add(signed(0, 0, max_fee_per_gas=1))
    assert len(pool) == 1
