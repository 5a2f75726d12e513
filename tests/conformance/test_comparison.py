"""What counts as the same answer: status, output, every log in its order, and every word that either machine wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.comparison import Difference, compare_receipts, differing_words
from spec import addresses
from spec.erc20 import INSUFFICIENT_BALANCE, TRANSFER
from spec.errors import ARITHMETIC, EMPTY, string_error
from spec.messages import ZERO_ADDRESS, Address, Log, Receipt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.machines import Machine
    from spec.messages import Call

ONE, TWO = Address(b"\1" * 20), Address(b"\2" * 20)
LOG = TRANSFER.log(addresses.VVV, ONE, TWO, 5)
OTHER = TRANSFER.log(addresses.VVV, ONE, TWO, 6)
STAKE_ZERO = string_error("STAKE_ZERO")


def accepted(output: bytes = b"", *logs: Log) -> Receipt:
    return Receipt(True, output, logs)


def refused(output: bytes) -> Receipt:
    return Receipt(False, output, ())


@pytest.mark.parametrize(
    "receipt", [accepted(), accepted(bytes(32)), accepted(b"", LOG, OTHER), refused(b""), refused(STAKE_ZERO.data)]
)
def test_a_receipt_is_the_same_as_itself(receipt: Receipt) -> None:
    assert compare_receipts(receipt, receipt._replace()) is None


@pytest.mark.parametrize(
    "left, right, difference",
    [
        (accepted(), refused(b""), Difference("status", "accepted", f"refused with {EMPTY.name}")),
        (refused(ARITHMETIC.data), accepted(), Difference("status", "refused with Panic(0x11)", "accepted")),
        (
            refused(STAKE_ZERO.data),
            refused(b""),
            Difference("status", "refused with STAKE_ZERO", "refused with empty revert data"),
        ),
        (refused(b"\1\2"), refused(b""), Difference("status", "refused with 0x0102", "refused with empty revert data")),
        (accepted(b"\1"), accepted(b"\2"), Difference("output", "0x01", "0x02")),
        (accepted(b"\1"), accepted(), Difference("output", "0x01", "0x")),
        (accepted(bytes(31)), accepted(bytes(32)), Difference("output", f"0x{'00' * 31}", f"0x{'00' * 32}")),
    ],
)
def test_the_first_difference_is_named_with_both_sides(left: Receipt, right: Receipt, difference: Difference) -> None:
    assert compare_receipts(left, right) == difference
    assert compare_receipts(right, left) == Difference(difference.where, difference.right, difference.left)


def test_the_same_reason_with_other_arguments_is_another_refusal() -> None:
    ours, theirs = (INSUFFICIENT_BALANCE(ONE, balance, 9).data for balance in (7, 8))

    difference = compare_receipts(refused(ours), refused(theirs))

    assert difference is not None
    assert difference.where == "status"
    assert difference.left == f"refused with ERC20InsufficientBalance, 0x{ours.hex()}"
    assert difference.right == f"refused with ERC20InsufficientBalance, 0x{theirs.hex()}"


@pytest.mark.parametrize(
    "changed",
    [
        OTHER,
        LOG._replace(address=addresses.DIEM),
        LOG._replace(topics=LOG.topics[:2]),
        LOG._replace(topics=(*LOG.topics[:2], LOG.topics[1])),
        LOG._replace(topics=()),
        LOG._replace(data=LOG.data + b"\0"),
        LOG._replace(topics=(bytes(32), *LOG.topics[1:])),
    ],
)
def test_every_part_of_a_log_counts(changed: Log) -> None:
    difference = compare_receipts(accepted(b"", OTHER, LOG), accepted(b"", OTHER, changed))

    assert difference is not None
    assert difference.where == "log 1"
    assert difference.left != difference.right


@pytest.mark.parametrize(
    "ours, theirs, where",
    [
        ((LOG, OTHER), (OTHER, LOG), "log 0"),
        ((LOG,), (), "log 0"),
        ((), (LOG,), "log 0"),
        ((LOG, OTHER), (LOG,), "log 1"),
        ((LOG,), (LOG, LOG), "log 1"),
        ((LOG, LOG, OTHER), (LOG, OTHER, LOG), "log 1"),
    ],
)
def test_number_and_order_of_logs_count(ours: tuple[Log, ...], theirs: tuple[Log, ...], where: str) -> None:
    difference = compare_receipts(accepted(b"", *ours), accepted(b"", *theirs))
    assert difference is not None
    assert difference.where == where


def test_a_log_is_described_by_its_event_and_its_parts() -> None:
    difference = compare_receipts(accepted(b"", LOG), accepted())

    assert difference is not None
    topics = ", ".join(f"0x{topic.hex()}" for topic in LOG.topics)
    address = addresses.VVV.hex()
    assert difference.left == f"Transfer from 0x{address} with topics [{topics}] and data 0x{5:064x}"
    assert difference.right == "no log"
    unknown = compare_receipts(accepted(b"", LOG), accepted(b"", LOG._replace(topics=(bytes(32),))))
    assert unknown is not None
    assert unknown.right.startswith("unknown event from")


def test_the_status_is_looked_at_before_the_output_and_the_output_before_the_logs() -> None:
    left = accepted(b"\1", LOG)
    for right, where in (
        (Receipt(False, b"\2", ()), "status"),
        (accepted(b"\2", OTHER), "output"),
        (accepted(b"\1", OTHER), "log 0"),
    ):
        difference = compare_receipts(left, right)
        assert difference is not None
        assert difference.where == where


def test_a_difference_reads_as_one_line() -> None:
    assert str(Difference("output", "0x01", "0x02")) == "output: 0x01 against 0x02"


# ------------------------------------------------------------------------------------------------ words


class Words:
    """A machine that is nothing but words, of which it reports some as written."""

    name = "words"

    def __init__(self, words: dict[tuple[Address, int], int], *written: tuple[Address, int]) -> None:
        self.words = words
        self.reported = written

    def call(self, call: Call) -> Receipt:
        raise NotImplementedError

    def written(self) -> Mapping[tuple[Address, int], int]:
        return {at: self.word(*at) for at in self.reported}

    def word(self, address: Address, slot: int) -> int:
        return self.words.get((address, slot), 0)

    def storage_root(self, address: Address) -> bytes:
        raise NotImplementedError

    def snapshot(self) -> int:
        raise NotImplementedError

    def revert(self, snapshot: int) -> None:
        raise NotImplementedError


A, B, C = (ONE, 1), (ONE, 2), (ZERO_ADDRESS, 9)


def differing(left: Machine, right: Machine) -> list[tuple[Address, int, int, int]]:
    return [tuple(word) for word in differing_words(left, right)]  # type: ignore[misc]


def test_words_that_both_wrote_alike_do_not_differ() -> None:
    assert differing(Words({A: 1, B: 2}, A, B), Words({A: 1, B: 2}, A, B)) == []


def test_a_word_written_by_one_machine_alone_has_to_be_what_the_other_has() -> None:
    assert differing(Words({A: 1}, A), Words({A: 1})) == []
    assert differing(Words({A: 1}, A), Words({})) == [(*A, 1, 0)]
    assert differing(Words({}), Words({A: 1}, A)) == [(*A, 0, 1)]
    assert differing(Words({A: 0}, A), Words({A: 7})) == [(*A, 0, 7)]


def test_differing_words_come_by_contract_and_slot() -> None:
    left, right = Words({A: 1, B: 2, C: 3}, B, C, A), Words({})
    assert differing(left, right) == [(*C, 3, 0), (*A, 1, 0), (*B, 2, 0)]
    assert [word.slot for word in differing_words(right, left)] == [9, 1, 2]


def test_a_word_that_nobody_wrote_is_not_looked_at() -> None:
    """That is what the storage roots are for."""
    assert differing(Words({A: 1, B: 5}, A), Words({A: 1, B: 6}, A)) == []
