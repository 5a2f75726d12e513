"""Which logs somebody wants to see: the filter of ``eth_getLogs``, ``eth_newFilter`` and ``eth_subscribe``."""

from __future__ import annotations

from typing import Final, NamedTuple

from ledger.rpc.errors import INVALID_PARAMS, RpcError
from ledger.rpc.parameters import (
    LATEST,
    BlockRef,
    ParameterError,
    address,
    array,
    block_number,
    hash32,
    in_field,
    mapping,
    optional_field,
)
from spec.messages import Address, Log

MOST_TOPICS: Final = 4
"""A log has no more."""

MOST_VALUES: Final = 1000
"""Addresses, or values of one topic, of which a filter may name each."""


class LogFilter(NamedTuple):
    """What a log must have; an empty set lets anything through."""

    addresses: frozenset[Address] = frozenset()

    topics: tuple[frozenset[bytes], ...] = ()
    """By position; a log that has fewer is not let through, whatever the sets."""

    def matches(self, log: Log) -> bool:
        """Whether a log is let through."""
        if self.addresses and log.address not in self.addresses:
            return False
        if len(self.topics) > len(log.topics):
            return False
        return all(not wanted or topic in wanted for wanted, topic in zip(self.topics, log.topics, strict=False))


class LogQuery(NamedTuple):
    """A filter, and the blocks in which it is to look."""

    wanted: LogFilter
    first: BlockRef = LATEST
    last: BlockRef = LATEST

    block_hash: bytes | None = None
    """The only block, if it is given."""

    def covers(self, number: int) -> bool:
        """Whether a block that is new is among those asked for; names of blocks, such as latest, leave the end open."""
        return (self.first.number or 0) <= number and (self.last.number is None or number <= self.last.number)


def log_query(value: object) -> LogQuery:
    """Take the object of a filter."""
    fields = {name: content for name, content in mapping(value).items() if content is not None}
    wanted = LogFilter(
        optional_field(fields, "address", _addresses, frozenset()), optional_field(fields, "topics", _topics, ())
    )
    if "blockHash" in fields:
        if "fromBlock" in fields or "toBlock" in fields:
            raise ParameterError("either blockHash, or fromBlock and toBlock", value)
        return LogQuery(wanted, block_hash=in_field("blockHash", hash32, fields["blockHash"]))
    return LogQuery(
        wanted,
        optional_field(fields, "fromBlock", block_number, LATEST),
        optional_field(fields, "toBlock", block_number, LATEST),
    )


def check_open(query: LogQuery) -> None:
    """Refuse a query of one block by its hash where logs of blocks to come are asked for."""
    if query.block_hash is not None:
        raise RpcError(INVALID_PARAMS, "blockHash: expected fromBlock and toBlock, for logs of new blocks")


def _addresses(value: object) -> frozenset[Address]:
    if not isinstance(value, list):
        return frozenset((address(value),))
    return frozenset(address(one) for one in _values(value))


def _topics(value: object) -> tuple[frozenset[bytes], ...]:
    topics = array(value)
    if len(topics) > MOST_TOPICS:
        raise ParameterError(f"at most {MOST_TOPICS} topics", value)
    return tuple(in_field(f"[{at}]", _topic, topic) for at, topic in enumerate(topics))


def _topic(value: object) -> frozenset[bytes]:
    if value is None:
        return frozenset()
    if not isinstance(value, list):
        return frozenset((hash32(value),))
    # Among others that are wanted, null stands for all there are.
    return frozenset() if None in value else frozenset(hash32(one) for one in _values(value))


def _values(value: list[object]) -> list[object]:
    if len(value) > MOST_VALUES:
        raise ParameterError(f"at most {MOST_VALUES} values", value)
    return value
