"""The keys: no two of one kind or of two are the same, in the order of what they are looked up by, and read back."""

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ledger.store import schema
from spec.messages import Address

addresses = st.binary(min_size=20, max_size=20).map(Address)
numbers = st.integers(0, 2**64 - 1)


def test_every_kind_has_keys_of_its_own() -> None:
    a_hash, address = bytes(32), Address(bytes(20))
    keys = [
        schema.meta("genesis"),
        schema.head(),
        schema.canonical(0),
        *(kind(a_hash) for kind in (schema.block, schema.receipts, schema.changes, schema.transaction)),
        *(schema.account(address), schema.word(address, 0), schema.node(a_hash)),
        schema.log(0, address, 0),
    ]
    assert len({key[:1] for key in keys}) == len(keys)
    assert [len(key) for key in keys] == [8, 1, 9, 33, 33, 33, 33, 21, 53, 33, 42]


@given(first=numbers, second=numbers)
def test_numbers_are_in_their_order(first: int, second: int) -> None:
    assert (schema.canonical(first) < schema.canonical(second)) == (first < second)
    assert (schema.log(1, bytes(32), first) < schema.log(1, bytes(32), second)) == (first < second)


@given(address=addresses, slot=st.integers(0, 2**256 - 1), number=numbers)
def test_a_key_says_what_it_is_the_key_of(address: Address, slot: int, number: int) -> None:
    assert schema.address_of(schema.account(address)) == address
    key = schema.word(address, slot)
    assert key.startswith(schema.WORD + address)
    assert (schema.address_of(key), schema.slot_of(key)) == (address, slot)
    assert schema.number_of(schema.canonical(number)) == number
    key = schema.log(schema.EMITTER, address, number)
    assert key.startswith(schema.logs(0, bytes(12) + address))
    assert schema.number_of(key) == number


def test_the_documents_have_the_same_table_of_keys() -> None:
    markdown = (Path(__file__).parents[3] / "docs" / "STORE.md").read_text(encoding="utf-8")
    documented = [
        [cell.strip().replace("`", "") for cell in line.strip("|").split("|")]
        for line in markdown.splitlines()
        if line.startswith("| `")
    ]
    assert documented == table_of(schema.__doc__ or "")
    assert [row[0].encode() for row in documented] == sorted_as_documented()


def table_of(text: str) -> list[list[str]]:
    """Return the rows of the table in a docstring; a row without a first cell goes on with the one before."""
    lines = text.splitlines()
    begin, head, end = (at for at, line in enumerate(lines) if line.startswith("==="))
    columns = [match.span() for match in re.finditer("=+", lines[begin])]
    rows: list[list[str]] = []
    for line in lines[head + 1 : end]:
        cells = [line[start:stop].strip().replace("`", "") for start, stop in columns]
        if cells[0]:
            rows.append(cells)
        else:
            rows[-1] = [" ".join(filter(None, both)) for both in zip(rows[-1], cells, strict=True)]
    return rows


def sorted_as_documented() -> list[bytes]:
    """Return the letters of all kinds in the order of their declaration."""
    return [value for value in vars(schema).values() if isinstance(value, bytes)]
