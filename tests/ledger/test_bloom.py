"""The bloom filter against eth-bloom."""

from eth_bloom.bloom import BloomFilter
from hypothesis import given
from hypothesis import strategies as st

from ledger.bloom import EMPTY_BLOOM, add, contains, logs_bloom
from spec.messages import Address, Log

addresses = st.binary(min_size=20, max_size=20).map(Address)
topics = st.binary(min_size=32, max_size=32)
some_logs = st.lists(
    st.builds(Log, addresses, st.lists(topics, max_size=4).map(tuple), st.binary(max_size=40)), max_size=5
)


def entries(logs: list[Log]) -> list[bytes]:
    return [entry for log in logs for entry in (log.address, *log.topics)]


@given(some_logs)
def test_a_bloom_is_that_of_eth_bloom_at_once_or_entry_by_entry(logs: list[Log]) -> None:
    expected = int(BloomFilter.from_iterable(entries(logs))).to_bytes(256, "big")
    assert logs_bloom(logs) == expected
    bloom = EMPTY_BLOOM
    for entry in entries(logs):
        bloom = add(bloom, entry)
    assert bloom == expected


@given(some_logs, st.lists(st.one_of(addresses, topics)))
def test_a_bloom_contains_what_eth_bloom_contains(logs: list[Log], others: list[bytes]) -> None:
    bloom = logs_bloom(logs)
    oracle = BloomFilter.from_iterable(entries(logs))
    assert all(contains(bloom, entry) for entry in entries(logs))
    assert [contains(bloom, entry) for entry in others] == [entry in oracle for entry in others]


def test_the_bits_of_an_entry_are_those_of_its_hash() -> None:
    # keccak256(b"") = c5d2 4601 86f7 …, of which the low 11 bits.
    bits = (1 << 0x5D2) | (1 << 0x601) | (1 << 0x6F7)
    assert add(EMPTY_BLOOM, b"") == bits.to_bytes(256, "big")
    assert contains(bits.to_bytes(256, "big"), b"")
    for missing in (0x5D2, 0x601, 0x6F7):
        assert not contains((bits ^ 1 << missing).to_bytes(256, "big"), b"")


def test_data_are_not_in_a_bloom() -> None:
    assert logs_bloom([]) == EMPTY_BLOOM
    data = b"\x07" * 32
    assert not contains(logs_bloom([Log(Address(bytes(20)), (), data)]), data)
