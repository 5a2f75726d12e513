"""What every store promises, on disk and in memory: order, snapshots, atomic batches, and clear refusals."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.store import LevelStore, MemoryStore, Store, StoreError

Make = Callable[[], Store]


@pytest.fixture(params=["memory", "level"])
def make(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    made: list[Store] = []

    def one() -> Store:
        folder = tmp_path_factory.mktemp("store")
        store: Store = MemoryStore() if request.param == "memory" else LevelStore(folder, create=True)
        made.append(store)
        return store

    yield one
    for store in made:
        store.close()


@pytest.fixture
def store(make: Make) -> Store:
    return make()


def test_a_value_is_what_was_last_written(store: Store) -> None:
    assert store.get(b"k") is None
    store.write({b"k": b"1", b"l": b"2"})
    assert (store.get(b"k"), store.get(b"l")) == (b"1", b"2")
    store.write({b"k": b"", b"l": None, b"none": None})
    assert (store.get(b"k"), store.get(b"l"), store.get(b"none")) == (b"", None, None)


def test_no_changes_are_a_batch_too(store: Store) -> None:
    store.write({})
    assert list(store.items(b"")) == []


def test_items_have_the_prefix_and_are_in_order(store: Store) -> None:
    store.write({key: key * 2 for key in (b"b\xff", b"b", b"c", b"a", b"b\x00", b"b\xff\xff\x01")})
    inside = [b"b", b"b\x00", b"b\xff", b"b\xff\xff\x01"]
    assert [key for key, _ in store.items(b"b")] == inside
    assert [key for key, _ in store.items(b"b", reverse=True)] == inside[::-1]
    assert list(store.items(b"b\xff")) == [(b"b\xff", b"b\xff" * 2), (b"b\xff\xff\x01", b"b\xff\xff\x01" * 2)]
    assert list(store.items(b"d")) == list(store.items(b"d", reverse=True)) == []


@pytest.mark.parametrize("reverse", [False, True])
def test_items_are_those_of_the_moment(store: Store, reverse: bool) -> None:
    before = {bytes([at]): b"old" for at in range(100)}
    store.write(before)
    untouched, begun = store.items(b"", reverse=reverse), store.items(b"", reverse=reverse)
    first = next(begun)
    store.write(dict.fromkeys(before) | {b"\x01\x01": b"new"})
    expected = sorted(before.items(), reverse=reverse)
    assert list(untouched) == [first, *begun] == expected
    assert list(store.items(b"")) == [(b"\x01\x01", b"new")]


def test_a_walk_can_be_left_early(store: Store) -> None:
    store.write({bytes([at]): b"" for at in range(9)})
    walk = store.items(b"")
    next(walk)
    del walk
    store.close()


def test_a_closed_store_says_so(store: Store) -> None:
    store.write({b"k": b"1", b"l": b"2"})
    store.close()
    store.close()
    for use in (lambda: store.get(b"k"), lambda: store.write({b"k": b"2"}), lambda: list(store.items(b""))):
        with pytest.raises(StoreError, match="closed"):
            use()


small_keys = st.lists(st.sampled_from([0x00, 0x61, 0xFE, 0xFF]), max_size=3).map(bytes)


@given(
    batches=st.lists(st.dictionaries(small_keys.filter(bool), st.none() | st.binary(max_size=2)), max_size=4),
    prefix=small_keys,
    start=small_keys,
    reverse=st.booleans(),
)
@example(batches=[{b"\xff\xff": b"", b"\xff": b""}], prefix=b"\xff", start=b"\xff", reverse=True)
@example(batches=[{b"a": b""}], prefix=b"a", start=b"a", reverse=True)
@example(batches=[{b"a": b"", b"\xfe": b""}], prefix=b"", start=b"a\x00", reverse=True)
@example(batches=[{b"a": b"", b"\xfe": b""}], prefix=b"a", start=b"", reverse=True)
def test_items_are_a_sorted_filter(
    tmp_path_factory: pytest.TempPathFactory,
    batches: list[dict[bytes, bytes | None]],
    prefix: bytes,
    start: bytes,
    reverse: bool,
) -> None:
    model: dict[bytes, bytes] = {}
    level, memory = LevelStore(tmp_path_factory.mktemp("level"), create=True), MemoryStore()
    for batch in batches:
        model = {key: value for key, value in (model | batch).items() if value is not None}
        level.write(batch)
        memory.write(batch)
    chosen = (item for item in model.items() if item[0].startswith(prefix))
    if start:
        chosen = (item for item in chosen if (item[0] <= start if reverse else item[0] >= start))
    expected = sorted(chosen, reverse=reverse)
    assert list(level.items(prefix, start, reverse)) == expected
    assert list(memory.items(prefix, start, reverse)) == expected
    level.close()


def test_what_was_written_is_there_again(tmp_path: Path) -> None:
    store = LevelStore(tmp_path / "deep" / "store", create=True)
    store.write({b"k": b"1"})
    store.close()
    again = LevelStore(tmp_path / "deep" / "store")
    assert list(again.items(b"")) == [(b"k", b"1")]
    again.close()
