"""A set of vectors in a folder or an archive: an index, the states that vectors start from, and the vectors."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final, NamedTuple

from conformance.vectors import VERSION
from conformance.vectors.encoding import INFO, Json, brief, content_hash
from conformance.vectors.state import spelt_out
from ledger.json_text import decode

INDEX: Final = "index.json"
GENESIS: Final = "genesis"
"""The folder of states, and the format of the files in it."""

FORMATS: Final = {"component": "1", "call": "1", "sequence": "1", "chain": "1", "crash": "1"}
"""Format |-> the version of it that is read here."""

CHAINS: Final = "chain/"
"""How the names of states begin that are genesis files of geth: those that chains start from."""

NEWEST: Final = int(VERSION.partition(".")[0])
"""The first digit of the newest sets that are read here."""

CORE: Final = Path(__file__).parent / "core"
"""The set that comes with this."""

MOST_BYTES: Final = 1 << 28
"""What a set may have in all, unpacked."""


class VectorsError(ValueError):
    """A set of vectors that cannot be used at all: the message says what is wrong with it."""


class Fault(NamedTuple):
    """What is wrong with one vector."""

    message: str


class Entry(NamedTuple):
    """One vector of the index, or what is wrong with it."""

    id: str
    format: str
    request: Json
    """Its state spelt out."""
    answer: Json
    hash: str
    info: Json
    fault: Fault | None = None


def schema(name: str) -> Json:
    """Return the JSON Schema of a format, of a genesis or of the index."""
    file = resources.files("conformance.vectors.schemas") / f"{name}.schema.json"
    loaded: Json = json.loads(file.read_text(encoding="utf-8"))
    return loaded


class Library:
    """A set of vectors. Its files are not trusted: what is wrong with a vector is said of that vector."""

    def __init__(self, files: Mapping[str, bytes], place: str) -> None:
        """Take over the files, by their paths within the set.

        Raises
        ------
        VectorsError : there is no index, or it is not what an index should be; it is of a set that is too new.
        """
        self._files: Final = files
        self._place: Final = place
        if INDEX not in files:
            raise VectorsError(f"{place}: expected a set of vectors with an {INDEX}, found none")
        index = self._parsed(INDEX)
        message = index if isinstance(index, str) else _wrong("index", index)
        if message:
            raise VectorsError(f"{place}: {INDEX}: {message}")
        if int(index["version"].partition(".")[0]) > NEWEST:
            expected = f"expected a set of a version up to {NEWEST}.Y.Z"
            raise VectorsError(f"{place}: {INDEX}: version: {expected}, found {index['version']}")
        self.index: Final[Json] = index
        if self.root != index["root"]:
            raise VectorsError(f"{place}: {INDEX}: expected the root {self.root}, found {index['root']}")
        self._genesis_faults: dict[str, str] = {}
        self._geneses: Final = dict(self._read_geneses())

    @property
    def version(self) -> str:
        """The version of the set."""
        return str(self.index["version"])

    @property
    def root(self) -> str:
        """The hash over all hashes."""
        return root_hash(self.index["genesis"], {id_: entry["hash"] for id_, entry in self.index["vectors"].items()})

    def entries(self, only: tuple[str, ...] = ()) -> Iterator[Entry]:
        """Yield the vectors in the order of the index; those whose id begins with one of ``only``, if any is given."""
        for id_, entry in self.index["vectors"].items():
            if not only or id_.startswith(only):
                yield self._entry(id_, entry["file"], entry["hash"])

    def vectors(self) -> Iterator[tuple[str, Json]]:
        """Yield (name, vector) as they stand in the files.

        Raises
        ------
        VectorsError : one is not what the index says.
        """
        for id_, entry in self.index["vectors"].items():
            if fault := self._entry(id_, entry["file"], entry["hash"]).fault:
                raise VectorsError(f"{self._place}: {id_}: {fault.message}")
            yield id_, self._vector(id_, entry["file"])

    def _entry(self, id_: str, file: str, expected_hash: str) -> Entry:
        format_ = id_.partition("/")[0]
        vector = self._vector(id_, file)
        message = vector if isinstance(vector, str) else self._fault(format_, vector, expected_hash)
        if isinstance(vector, str) or message:
            return Entry(id_, format_, {}, {}, expected_hash, {}, Fault(message or ""))
        request = dict(vector["request"])
        if "state" in request:
            request["state"] = spelt_out(request["state"], self._geneses)
        if "genesis" in request:
            request["genesis"] = self._geneses[request["genesis"]]
        return Entry(id_, format_, request, vector["answer"], expected_hash, vector[INFO])

    def _vector(self, id_: str, file: str) -> Any:
        content = self._parsed(file)
        if isinstance(content, str):
            return f"{file}: {content}"
        vectors = content.get("vectors") if isinstance(content, dict) else None
        if not isinstance(vectors, dict) or id_ not in vectors:
            return f"{file}: expected the vector in it, found none of this name"
        return vectors[id_]

    def _fault(self, format_: str, vector: Any, expected_hash: str) -> str | None:
        """Return what is wrong with a vector, the most telling thing first."""
        if not isinstance(vector, dict):
            return f"expected an object, found {brief(vector)}"
        if format_ not in FORMATS or vector.get("format") != format_:
            return f"expected a format, one of {', '.join(FORMATS)}; found {brief(vector.get('format'))}"
        if vector.get("version") != FORMATS[format_]:
            return f"expected version {FORMATS[format_]} of the format {format_}, found {brief(vector.get('version'))}"
        if wrong := _wrong(format_, vector):
            return wrong
        if (found := content_hash(vector)) != expected_hash:
            return f"expected the hash {expected_hash}, found {found}"
        name = genesis_of(vector["request"])
        if name is not None and name not in self._geneses:
            return self._genesis_faults.get(name, f"expected the genesis {name!r} in the index, found none")
        return None

    def _read_geneses(self) -> Iterator[tuple[str, Json]]:
        for name, expected_hash in self.index["genesis"].items():
            file = f"{GENESIS}/{name}.json"
            state = self._parsed(file)
            kind = "geth_genesis" if name.startswith(CHAINS) else GENESIS
            message = state if isinstance(state, str) else _wrong(kind, state)
            if message is None and content_hash(state) != expected_hash:
                message = f"expected the hash {expected_hash}, found {content_hash(state)}"
            if message is None:
                yield name, state
            else:
                self._genesis_faults[name] = f"{file}: {message}"

    @cache  # noqa: B019 -- one library per run
    def _parsed(self, file: str) -> Any:
        """Return the content of a file; what is wrong with it, as a text, if it is not a JSON object."""
        if file not in self._files:
            return "expected this file, found none"
        try:
            content = decode(self._files[file])
        except ValueError as error:
            return f"expected JSON: {error}"
        return content if isinstance(content, dict) else f"expected an object, found {brief(content)}"


def genesis_of(request: Json) -> str | None:
    """Return the name of the state that a request starts from, if it starts from any."""
    name: str | None = request.get("state", request).get("genesis")
    return name


def root_hash(geneses: Mapping[str, str], vectors: Mapping[str, str]) -> str:
    """Return the SHA-256 over all names and hashes, one a line, sorted by name: equal sets have equal roots."""
    lines = [f"{GENESIS}/{name} {digest}" for name, digest in geneses.items()]
    lines += [f"{name} {digest}" for name, digest in vectors.items()]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


@cache
def _validator(name: str) -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(schema(name))


def _wrong(name: str, value: object) -> str | None:
    """Return the first thing that a schema finds wrong: the field, and what was expected there."""
    from jsonschema.exceptions import best_match

    error = best_match(_validator(name).iter_errors(value))
    if error is None:
        return None
    field = ".".join(map(str, error.absolute_path))
    expected = f"expected {_expected(error)}, found {brief(error.instance)}"
    return f"{field}: {expected}" if field else expected


def _expected(error: Any) -> str:
    match error.validator:
        case "type":
            return f"a value of type {error.validator_value}"
        case "required":
            missing = [name for name in error.validator_value if name not in error.instance]
            return f"the field {missing[0]}"
        case "pattern":
            return f"a string like {error.validator_value}"
        case "additionalProperties":
            return "no other fields"
        case _:
            return f"{error.validator} {brief(error.validator_value)}"


def open_library(path: Path) -> Library:
    """Return the set of vectors in a folder, or in an archive (``.tar.gz``).

    Raises
    ------
    VectorsError : it cannot be read, or is none.
    """
    try:
        files = read_folder(path) if path.is_dir() else _archive(path)
    except (OSError, tarfile.TarError, EOFError) as error:
        reason = getattr(error, "strerror", None) or error
        raise VectorsError(f"{path}: cannot be read as a folder or a .tar.gz of vectors: {reason}") from None
    return Library(files, str(path))


def read_folder(path: Path) -> dict[str, bytes]:
    """Return the files of a set in a folder, by their paths within it."""
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in sorted(path.rglob("*.json"))}


def _archive(path: Path) -> dict[str, bytes]:
    """Return the files of an archive, none of which is written anywhere."""
    files: dict[str, bytes] = {}
    left = MOST_BYTES
    with tarfile.open(path, "r:gz") as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content is None:
                continue
            left -= member.size
            if left < 0:
                raise VectorsError(f"{path}: expected at most {MOST_BYTES} bytes in all")
            files[member.name.partition("/")[2]] = content.read()
    return files


def differing_files(new: Mapping[str, bytes], old: Mapping[str, bytes]) -> list[str]:
    """Return the names of the files that are not the same in two sets, or only in one of them."""
    return sorted(name for name in new.keys() | old.keys() if new.get(name) != old.get(name))


def write_archive(path: Path, files: Mapping[str, bytes], folder: str) -> None:
    """Write files as a .tar.gz that is the same, byte for byte, for the same files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in sorted(files):
            member = tarfile.TarInfo(f"{folder}/{name}")
            member.size = len(files[name])
            member.mode = 0o644
            archive.addfile(member, io.BytesIO(files[name]))
    with path.open("wb") as file, gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as zipped:
        zipped.write(packed.getvalue())
