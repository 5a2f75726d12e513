"""The index of logs: for each address and topic, the numbers of the blocks that have it in a log.

Only the blocks of the chain that is adopted are in it. Source: the filters of ``eth_getLogs`` in Ethereum's Execution
API.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ledger.store import Store, schema
from spec.messages import Address, Receipt


def index_keys(number: int, receipts: Iterable[Receipt]) -> set[bytes]:
    """The keys by which a block is found again."""
    found = {
        (position, value)
        for receipt in receipts
        for log in receipt.logs
        for position, value in enumerate((log.address, *log.topics))
    }
    return {schema.log(position, value, number) for position, value in found}


def blocks_with(
    store: Store, addresses: Sequence[Address], topics: Sequence[Sequence[bytes]], first: int, last: int
) -> Iterator[int]:
    """Yield the numbers, rising, of blocks that may have a log which a filter lets through; all others have none.

    The filter asks for one of the ``addresses``, and for each position for one of its ``topics``; an empty sequence
    lets anything through.
    """
    asked: list[tuple[int, Sequence[bytes]]] = [(schema.EMITTER, addresses), *enumerate(topics, schema.EMITTER + 1)]
    found = [_numbers(store, position, values, first, last) for position, values in asked if values]
    yield from sorted(set.intersection(*found)) if found else range(first, last + 1)


def _numbers(store: Store, position: int, values: Iterable[bytes], first: int, last: int) -> set[int]:
    numbers: set[int] = set()
    for value in values:
        for key, _ in store.items(schema.logs(position, value), start=schema.log(position, value, first)):
            number = schema.number_of(key)
            if number > last:
                break
            numbers.add(number)
    return numbers
