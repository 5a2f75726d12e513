"""Receipts, and the roots of transactions and receipts, against py-evm."""

from typing import Any

import pytest
from eth.db.trie import make_trie_root_and_nodes
from eth.rlp.logs import Log as OracleLog
from eth.rlp.receipts import Receipt as OracleReceipt
from eth.vm.forks.london.receipts import LondonReceiptBuilder, LondonTypedReceipt
from hypothesis import given
from hypothesis import strategies as st

from ledger.receipts import encode_receipt, ordered_trie, receipts_root, transactions_root
from ledger.recursive_length_prefix import encode_int
from ledger.transactions import TransactionType, sign_transaction
from ledger.trie import EMPTY_ROOT, verify_proof
from spec.messages import Address, Log, Receipt

logs = st.builds(
    Log,
    st.binary(min_size=20, max_size=20).map(Address),
    st.lists(st.binary(min_size=32, max_size=32), max_size=4).map(tuple),
    st.one_of(st.binary(max_size=3), st.just(bytes(64))),
)
receipts = st.builds(Receipt, st.booleans(), st.binary(max_size=40), st.lists(logs, max_size=4).map(tuple))
kinds = st.sampled_from(TransactionType)


def oracle_receipt(kind: TransactionType, receipt: Receipt) -> Any:
    body = OracleReceipt(
        state_root=b"\x01" if receipt.status else b"",
        gas_used=0,
        logs=[
            OracleLog(log.address, tuple(int.from_bytes(topic, "big") for topic in log.topics), log.data)
            for log in receipt.logs
        ],
    )
    return body if kind is TransactionType.LEGACY else LondonTypedReceipt(kind, body)


@given(kinds, receipts)
def test_a_receipt_is_that_of_py_evm(kind: TransactionType, receipt: Receipt) -> None:
    encoded = encode_receipt(kind, receipt)
    assert encoded == oracle_receipt(kind, receipt).encode()
    decoded: Any = LondonReceiptBuilder.decode(encoded)
    assert decoded == oracle_receipt(kind, receipt)


def test_a_receipt_without_logs_is_known() -> None:
    body = bytes.fromhex("f90106") + b"\x01\x80" + bytes.fromhex("b90100") + bytes(256) + b"\xc0"
    assert encode_receipt(TransactionType.LEGACY, Receipt(True, b"output", ())) == body
    refused = encode_receipt(TransactionType.DYNAMIC_FEE, Receipt(False, b"output", ()))
    assert refused == b"\x02" + body.replace(b"\x01\x80", b"\x80\x80")


@given(st.lists(st.tuples(kinds, receipts), max_size=6))
def test_the_root_of_receipts_is_that_of_py_evm(pairs: list[tuple[TransactionType, Receipt]]) -> None:
    expected, _ = make_trie_root_and_nodes([oracle_receipt(*pair) for pair in pairs])
    assert receipts_root(encode_receipt(*pair) for pair in pairs) == expected


class Encoded:
    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    def encode(self) -> bytes:
        return self.raw


@pytest.mark.parametrize("count", [0, 1, 2, 127, 128, 129, 256, 257, 300])
def test_the_root_of_transactions_is_that_of_py_evm(count: int) -> None:
    raws = [
        sign_transaction(b"\x46" * 32, TransactionType(nonce % 3), chain_id=1, nonce=nonce, to=bytes(20))
        for nonce in range(count)
    ]
    stand_ins: Any = [Encoded(raw) for raw in raws]
    expected, _ = make_trie_root_and_nodes(stand_ins)
    assert transactions_root(raws) == expected
    assert (transactions_root(raws) == EMPTY_ROOT) == (count == 0)
    if count > 1:
        assert transactions_root([raws[1], raws[0], *raws[2:]]) != expected


def test_single_receipts_are_proved() -> None:
    values = [encode_receipt(TransactionType.LEGACY, Receipt(place % 2 == 0, b"", ())) for place in range(20)]
    trie = ordered_trie(values)
    for place, value in enumerate(values):
        proof = trie.prove(encode_int(place))
        assert verify_proof(receipts_root(values), encode_int(place), proof) == value
