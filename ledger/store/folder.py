"""The folder of a store on disk: what may be in it, who has it, and what lies beside it while it is rebuilt."""

import fcntl
import os
import shutil
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from itertools import count
from pathlib import Path
from typing import Final

from ledger.store.interface import StoreDamaged, StoreError, StoreLocked

# What LevelDB leaves behind if it dies while it makes a store; nothing was written to it yet.
_STILLBORN: Final = frozenset({"LOCK", "LOG", "LOG.old", "MANIFEST-000001", "000001.dbtmp"})

_NEXT: Final = ".rebuilding"


def next_to(folder: Path) -> Path:
    """Where the store that is to take the place of a damaged one is made."""
    return folder.with_name(folder.name + _NEXT)


def dropped(folder: Path) -> Path:
    """Where the tables are that LevelDB does not know, until it is known that nothing is only there."""
    return folder / "dropped"


def prepare(folder: Path, *, create: bool) -> None:
    """Check that a folder is that of a store, or make one that is to become it; errors as of `LevelStore`."""
    try:
        if not folder.exists() and next_to(folder).exists():
            raise damaged(folder, "a rebuild of it was interrupted")
        if create and not folder.exists():
            folder.mkdir(parents=True)
            sync_names(folder.parent)
        names = {path.name for path in folder.iterdir()}
    except FileNotFoundError:
        raise StoreError(f"{folder}: no such folder, so no store") from None
    except OSError as error:
        raise StoreError(f"{folder}: cannot be opened as a store: {error.strerror}") from error
    if "CURRENT" in names:
        return
    if names <= _STILLBORN:
        if not create:
            raise StoreError(f"{folder}: is empty, expected a store")
    elif holds_store(names):
        # LevelDB would take the folder for new, and delete what is in it.
        raise damaged(folder, "its file CURRENT is missing")
    else:
        raise StoreError(f"{folder}: holds {min(names - _STILLBORN)}, expected a store or an empty folder")


def holds_store(names: Iterable[str]) -> bool:
    """Whether some of these files are what LevelDB keeps its data in."""
    return any(name == "CURRENT" or name.startswith("MANIFEST-") or name.endswith((".ldb", ".log")) for name in names)


def is_vacant(folder: Path) -> bool:
    """Whether nothing was ever written to a store's folder, and no rebuild has to bring it back; OSError as of Path."""
    if not folder.exists():
        return not next_to(folder).exists()
    return {path.name for path in folder.iterdir()} <= _STILLBORN


def locked(folder: Path) -> ExitStack:
    """Lock the folder until the result is closed; LevelDB's own lock is lost when the process opens it once more."""
    with ExitStack() as stack:
        descriptor = _opened(folder, stack)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreLocked(f"{folder}: the store is open already, here or in another process") from None
        return stack.pop_all()


def copy_list(folder: Path, copy: Path) -> None:
    """Copy LevelDB's list of tables, with an empty file for each table that there is."""
    copy.mkdir()
    for path in (folder / "CURRENT", *folder.glob("MANIFEST-*")):
        shutil.copyfile(path, copy / path.name)
    for path in folder.glob("*.ldb"):
        (copy / path.name).touch()


def drop(folder: Path, tables: Iterable[Path]) -> None:
    """Put tables where LevelDB neither deletes nor overwrites them."""
    free = count(1)
    for table in tables:
        dropped(folder).mkdir(exist_ok=True)
        paths = (dropped(folder) / f"{number:06d}.ldb" for number in free)
        table.rename(next(path for path in paths if not path.exists()))


def copy_store(folder: Path, copy: Path) -> None:
    """Copy a store, its dropped tables among the others; tables are linked, as LevelDB never changes one."""
    copy.mkdir()
    for path in folder.iterdir():
        if path.is_file() and path.name != "LOCK":
            _copy(path, copy / path.name)
    free = max((int(path.stem) for path in copy.glob("*.ldb") if path.stem.isdecimal()), default=0) + 1
    for number, path in enumerate(dropped(folder).glob("*.ldb"), free):
        _copy(path, copy / f"{number:06d}.ldb")


def sync_names(folder: Path) -> None:
    """Let the names in a folder survive a loss of power."""
    with ExitStack() as stack:
        os.fsync(_opened(folder, stack))


def _opened(folder: Path, stack: ExitStack) -> int:
    descriptor = os.open(folder, os.O_RDONLY)
    stack.callback(os.close, descriptor)
    return descriptor


def _copy(path: Path, copy: Path) -> None:
    if path.suffix == ".ldb":
        with suppress(OSError):
            copy.hardlink_to(path)
            return
    shutil.copyfile(path, copy)


def damaged(folder: Path, cause: str) -> StoreDamaged:
    """Return the error of a damaged store."""
    return StoreDamaged(f"{folder}: the store is damaged ({cause})")
