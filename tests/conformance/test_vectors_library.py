"""Sets of vectors: their schemas, hashes and index, and what is said of one that is wrong."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from conformance.vectors import SPECIFICATION, VERSION
from conformance.vectors.encoding import INFO, canonical, content_hash
from conformance.vectors.library import (
    CORE,
    FORMATS,
    Library,
    VectorsError,
    open_library,
    read_folder,
    root_hash,
    schema,
    write_archive,
)
from spec.machine import CONTRACTS
from tests.conformance.vector_sets import QUOTE, changed, core, core_entries, core_vectors, files_of, packed, written

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = [*FORMATS, "genesis", "geth_genesis", "index"]


def fault_of(files: dict[str, bytes]) -> str:
    (entry,) = Library(files, "here").entries()
    assert entry.fault is not None
    return entry.fault.message


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))


def test_what_schemas_share_is_the_same_in_all() -> None:
    shared: dict[str, set[bytes]] = {}
    for name in SCHEMAS:
        for part, definition in schema(name)["$defs"].items():
            shared.setdefault(part, set()).add(canonical(definition))
    assert {part for part, definitions in shared.items() if len(definitions) > 1} == set()


def test_core_set_is_whole() -> None:
    assert [entry.id for entry in core_entries() if entry.fault is not None] == []
    assert core().version == VERSION
    named = {entry["file"] for entry in core().index["vectors"].values()}
    named |= {"index.json", *(f"genesis/{name}.json" for name in core().index["genesis"])}
    assert set(read_folder(CORE)) == named


def test_calls_that_can_change_something_are_refused_as_often_as_accepted() -> None:
    views = {
        f"{contract.name}/{name}" for contract in CONTRACTS.values() for name, f in contract.by_name.items() if f.view
    }
    counts = Counter(
        entry.answer["status"]
        for entry in core_entries()
        if entry.format == "call" and "/".join(entry.id.split("/")[1:3]) not in views
    )
    assert counts[False] >= counts[True] > 50


def test_no_integer_is_a_json_number() -> None:
    def numbers(value: Any) -> list[Any]:
        if isinstance(value, dict):
            return [found for each in value.values() for found in numbers(each)]
        if isinstance(value, list):
            return [found for each in value for found in numbers(each)]
        return [value] if isinstance(value, int | float) and not isinstance(value, bool) else []

    for name, content in read_folder(CORE).items():
        # A genesis file of a chain is as geth has it.
        assert numbers(json.loads(content)) == [] or name.startswith("genesis/chain/"), name


def test_every_vector_says_where_it_comes_from_and_what_it_alone_shows() -> None:
    for id_, vector in core_vectors().items():
        info = vector[INFO]
        assert info["specification"] == SPECIFICATION
        with_blocks = id_.startswith(("chain/", "crash/")) and (ROOT / info["source"]).is_file()
        assert with_blocks or info["source"].startswith("PROTOCOL")
        assert info["alone"], id_


def test_hash_is_of_what_a_vector_says_and_not_of_what_is_known_about_it() -> None:
    id_, vector = next(iter(core_vectors().items()))
    assert content_hash({**vector, INFO: {"anything": "else"}}) == content_hash(vector)
    assert content_hash({**vector, "answer": {}}) != content_hash(vector)
    assert core().index["vectors"][id_]["hash"] == content_hash(vector)


def test_root_depends_on_every_name_and_hash_and_not_on_their_order() -> None:
    root = root_hash({"g": "1"}, {"a": "2", "b": "3"})
    assert root == root_hash({"g": "1"}, {"b": "3", "a": "2"})
    others = [({"g": "4"}, {"a": "2", "b": "3"}), ({}, {"a": "2", "b": "3"}), ({"g": "1"}, {"a": "3", "b": "2"})]
    assert all(root_hash(*other) != root for other in others)


def _pop(*path: str) -> Callable[[Any], None]:
    def change(vector: Any) -> None:
        for key in path[:-1]:
            vector = vector[key]
        vector.pop(path[-1])

    return change


def _put(value: Any, *path: str) -> Callable[[Any], None]:
    def change(vector: Any) -> None:
        for key in path[:-1]:
            vector = vector[key]
        vector[path[-1]] = value

    return change


@pytest.mark.parametrize(
    "change,message",
    [
        (_put("2", "version"), "expected version 1 of the format component, found \"2\""),
        (_put("components", "format"), "expected a format, one of component, call, sequence"),
        (_pop("answer"), "expected the field answer"),
        (_pop("request", "input"), "request: expected the field input"),
        (_put(7, "request", "input", "svvv_amount"), "request.input.svvv_amount: expected a value of type"),
        (_put("0x7", "request", "input", "svvv_amount"), "request.input.svvv_amount: expected a string like"),
        (_put("x", "more"), "expected no other fields"),
        (_put("Z", INFO, "grade"), "_info.grade: expected a string like"),
        (lambda vector: [vector], "expected an object, found ["),
    ],
)  # fmt: skip
def test_a_vector_that_is_wrong_is_named_with_the_field(change: Callable[[Any], Any], message: str) -> None:
    assert message in fault_of(changed(QUOTE, change))


def test_a_vector_that_was_changed_has_another_hash() -> None:
    files = files_of(QUOTE)
    files["all.json"] = files["all.json"].replace(b"29924974922433909223", b"29924974922433909224")
    assert fault_of(files).startswith("expected the hash ")


@pytest.mark.parametrize(
    "content,message",
    [
        (None, "all.json: expected this file, found none"),
        (b"{", "all.json: expected JSON"),
        (b"\xff", "all.json: expected JSON"),
        (b"[" * 100_000, "all.json: expected JSON"),
        (b"[]", "all.json: expected an object, found []"),
        (b'{"vectors": []}', "all.json: expected the vector in it"),
        (b'{"vectors": {}}', "all.json: expected the vector in it"),
    ],
)
def test_a_file_that_is_wrong_is_said_of_each_of_its_vectors(content: bytes | None, message: str) -> None:
    files = files_of(QUOTE)
    if content is None:
        del files["all.json"]
    else:
        files["all.json"] = content
    assert fault_of(files).startswith(message)


def test_a_state_that_is_wrong_is_said_of_the_vectors_that_start_from_it() -> None:
    id_ = next(entry.id for entry in core_entries() if entry.id.startswith("call/credits"))
    files = files_of(id_)
    files["genesis/minimal.json"] = files["genesis/minimal.json"].replace(b'"8453"', b'"8454"')
    assert fault_of(files).startswith("genesis/minimal.json: expected the hash ")
    del files["genesis/minimal.json"]
    assert fault_of(files) == "genesis/minimal.json: expected this file, found none"
    unknown = changed(id_, _put("nowhere", "request", "state", "genesis"))
    assert fault_of(unknown) == "expected the genesis 'nowhere' in the index, found none"


@pytest.mark.parametrize(
    "files,message",
    [
        ({}, "expected a set of vectors with an index.json, found none"),
        ({"index.json": b"no"}, "index.json: expected JSON"),
        ({"index.json": b"{}"}, "index.json: expected the field version"),
        (packed({}, root="0" * 64), "index.json: expected the root "),
        (packed({}, version="3.0.0"), "index.json: version: expected a set of a version up to 2.Y.Z, found 3.0.0"),
    ],
)
def test_a_set_without_an_index_cannot_be_used(files: dict[str, bytes], message: str) -> None:
    with pytest.raises(VectorsError, match=r"^here: ") as caught:
        Library(files, "here")
    assert message in str(caught.value)


def test_an_archive_is_the_same_each_time_and_holds_the_set(tmp_path: Path) -> None:
    files = read_folder(CORE)
    for name in ("one.tar.gz", "two.tar.gz"):
        write_archive(tmp_path / name, files, "vectors")
    assert (tmp_path / "one.tar.gz").read_bytes() == (tmp_path / "two.tar.gz").read_bytes()
    assert (tmp_path / "one.tar.gz").stat().st_size < 10_000_000
    assert open_library(tmp_path / "one.tar.gz").root == core().root


def test_what_is_no_set_is_refused_in_one_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(gzip.compress(b"x" * 2000)[:-20])
    for path in (tmp_path / "none", broken):
        with pytest.raises(VectorsError, match=r"cannot be read as a folder or a \.tar\.gz of vectors"):
            open_library(path)


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.vectors.library.MOST_BYTES", 1000)
    path = tmp_path / "large.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo("vectors/index.json")
        member.size = 1001
        archive.addfile(member, io.BytesIO(bytes(1001)))
        archive.addfile(tarfile.TarInfo("vectors"))
    with pytest.raises(VectorsError, match="expected at most 1000 bytes in all"):
        open_library(path)


def test_a_wrong_vector_does_not_keep_the_others_from_being_read(tmp_path: Path) -> None:
    vectors = {id_: vector for id_, vector in core_vectors().items() if id_.startswith("component/quote")}
    wrong = next(iter(vectors))
    vectors[wrong] = {**vectors[wrong], "version": "9"}
    library = open_library(written(tmp_path, packed(vectors)))
    assert Counter(entry.fault is None for entry in library.entries()) == {True: len(vectors) - 1, False: 1}
    with pytest.raises(VectorsError, match=wrong):
        list(library.vectors())
