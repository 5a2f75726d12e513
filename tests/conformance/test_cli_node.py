"""`diem node` in one process: folders, keys, files, and what is said of bad input."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from conformance.cli import TERMINATED
from conformance.cli.app import BAD_INPUT, COMMANDS, FAILS, HOLDS, Group, app
from conformance.cli.node import common
from conformance.cli.node.common import progress_bar, writing
from conformance.cli.output import InputError
from ledger.keys import SequencerKey
from ledger.node.folder import DataFolder
from ledger.store import LevelStore, schema
from spec.quantities import format_address
from tests.ledger.node.conftest import filled, genesis, new_node

WORDS = "correct horse battery staple"


@pytest.fixture(autouse=True)
def passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIEM_KEY_PASSPHRASE", WORDS)


def diem(*args: object) -> Result:
    return CliRunner().invoke(app, ["node", *map(str, args)])


def answer(*args: object) -> Any:
    ran = diem(*args, "--json")
    assert (ran.exit_code, ran.stderr) == (HOLDS, "")
    return json.loads(ran.stdout)


def bad_input(*args: object) -> str:
    ran = diem(*args)
    assert (ran.exit_code, ran.stdout) == (BAD_INPUT, "")
    assert ran.stderr.count("\n") == 1
    return ran.stderr.strip()


def with_blocks(folder: Path, blocks: int = 4) -> Path:
    """Make a data folder of a development chain with blocks in it."""
    _, store = DataFolder(folder).begin(genesis())
    filled(new_node(store), blocks)
    store.close()
    return folder


def _leaves(group: Group, name: str) -> list[str]:
    found = []
    for word, entry in group.commands.items():
        found += _leaves(entry, f"{name} {word}") if isinstance(entry, Group) else [f"{name} {word}"]
    return found


NODE = COMMANDS["node"]
assert isinstance(NODE, Group)


@pytest.mark.parametrize("command", _leaves(NODE, "node"))
def test_every_command_has_help_with_an_example(command: str) -> None:
    ran = CliRunner().invoke(app, [*command.split(), "--help"])
    assert ran.exit_code == HOLDS
    assert "Example" in ran.stdout
    assert f"diem {command}" in " ".join(ran.stdout.replace("│", " ").split())


def test_groups_say_which_commands_there_are() -> None:
    assert "snapshot" in CliRunner().invoke(app, ["node", "--help"]).stdout
    names = "run, init, export, import, verify, snapshot, rebuild"
    assert bad_input() == f"diem node: expected a command, one of {names}; see diem node --help"
    assert bad_input("go") == f"diem node: expected a command, one of {names}; found 'go'"
    assert (
        bad_input("snapshot") == "diem node snapshot: expected a command, one of out, in; see diem node snapshot --help"
    )
    assert bad_input("snapshot", "up").startswith("diem node snapshot: expected a command, one of out, in")


# ---------------------------------------------------------------------------------------------------- init


def test_init_makes_key_and_chain(tmp_path: Path) -> None:
    data = tmp_path / "data"
    made = answer("init", "--data", data, "--preset", "minimal")
    key = SequencerKey.load(data / "sequencer.pem", WORDS.encode())
    assert made["sequencer"] == format_address(key.address)
    assert made["chain_id"] == "8453"
    chain, store = DataFolder(data).open()
    store.close()
    assert chain.genesis.sequencer == key.address
    assert made["genesis"] == f"0x{chain.head.hash.hex()}"
    verified = answer("verify", "--data", data)
    assert (verified["holds"], verified["blocks"]) == (True, "0")


def test_init_takes_a_key_that_is_there_and_a_passphrase_from_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DIEM_KEY_PASSPHRASE")
    word, pem = tmp_path / "word", tmp_path / "key.pem"
    word.write_text("another one\n", encoding="utf-8")
    key = SequencerKey.generate()
    key.save(pem, b"another one")
    options = ("--preset", "minimal", "--key", pem, "--passphrase-file", word)
    assert answer("init", "--data", tmp_path / "data", *options)["sequencer"] == format_address(key.address)
    assert not (tmp_path / "data" / "sequencer.pem").exists()


def test_init_begins_a_chain_that_is_there_without_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DIEM_KEY_PASSPHRASE")
    with_blocks(tmp_path / "a", 0)
    made = answer("init", "--data", tmp_path / "b", "--genesis", tmp_path / "a" / "genesis.json")
    assert made["genesis"] == f"0x{genesis().hash.hex()}"
    assert made["key"] is None
    shown = diem("init", "--data", tmp_path / "c", "--genesis", tmp_path / "a" / "genesis.json").stdout
    assert f"genesis       0x{genesis().hash.hex()}\n" in shown
    assert "key " not in shown


def test_init_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, there = tmp_path / "data", with_blocks(tmp_path / "there", 0)
    assert bad_input("init", "--data", data) == "diem node init: expected either --preset or --genesis"
    assert "has a chain already" in bad_input("init", "--data", there, "--preset", "minimal")
    assert bad_input("init", "--data", data, "--preset", "nowhere").startswith("diem node init: preset 'nowhere'")
    broken = tmp_path / "broken.json"
    broken.write_bytes(b"\xff")
    assert bad_input("init", "--data", data, "--genesis", broken).startswith(f"diem node init: {broken}: ")
    broken.write_text("{}", encoding="utf-8")
    assert bad_input("init", "--data", data, "--genesis", broken).startswith(f"diem node init: {broken}: ")
    missing = tmp_path / "missing.json"
    assert "cannot be read: No such file" in bad_input("init", "--data", data, "--genesis", missing)
    assert "cannot be made: Not a directory" in bad_input("init", "--data", broken / "x", "--preset", "minimal")
    monkeypatch.delenv("DIEM_KEY_PASSPHRASE")
    assert "no passphrase: expected --passphrase-file" in bad_input("init", "--data", data, "--preset", "minimal")
    assert not (data / "sequencer.pem").exists()
    assert not DataFolder(data).has_chain()


def test_passphrase_is_asked_for_on_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DIEM_KEY_PASSPHRASE")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    asked: list[tuple[str, bool]] = []

    def prompt(text: str, *, hide_input: bool, confirmation_prompt: bool, err: bool) -> str:
        assert hide_input
        assert err
        asked.append((text, confirmation_prompt))
        return WORDS

    monkeypatch.setattr("conformance.cli.node.common.typer.prompt", prompt)
    path = tmp_path / "key.pem"
    assert common.passphrase(path, None, "NO_SUCH_VARIABLE", new=True) == WORDS.encode()
    assert asked == [(f"Passphrase of {path}", True)]


# ---------------------------------------------------------------------------------------------------- files of blocks


def test_blocks_are_exported_and_imported(tmp_path: Path) -> None:
    source, file = with_blocks(tmp_path / "a"), tmp_path / "blocks.rlp"
    exported = answer("export", file, "--data", source)
    assert exported["blocks"] == "4"
    with_blocks(tmp_path / "b", 0)
    imported = answer("import", file, "--data", tmp_path / "b")
    assert (imported["blocks"], imported["new"]) == ("4", "4")
    assert imported["head"] == {"number": "4", "hash": exported["head"]}
    assert answer("verify", "--data", tmp_path / "b")["head"]["hash"] == exported["head"]
    assert diem("import", file, "--data", tmp_path / "b").stdout.startswith("4 blocks, 0 of them new; head 4 0x")
    assert "is there already" in bad_input("export", file, "--data", source)
    again = tmp_path / "again.rlp"
    assert diem("export", again, "--data", source).stdout.startswith("4 blocks up to 0x")
    assert again.read_bytes() == file.read_bytes()


@pytest.mark.parametrize(
    "change,reason",
    [
        (lambda content: content[:-3], "block 4: the file ends 3 bytes too early"),
        (lambda content: content[:2000] + bytes((content[2000] ^ 1,)) + content[2001:], "block "),
        (lambda content: b"text", "no file of blocks: "),
    ],
    ids=["truncated", "changed", "text"],
)
def test_bad_file_is_refused_and_nothing_of_it_adopted(
    tmp_path: Path, change: Callable[[bytes], bytes], reason: str
) -> None:
    source, target = with_blocks(tmp_path / "a"), with_blocks(tmp_path / "b", 0)
    file, bad = tmp_path / "blocks.rlp", tmp_path / "bad.rlp"
    diem("export", file, "--data", source)
    bad.write_bytes(change(file.read_bytes()))
    said = bad_input("import", bad, "--data", target)
    assert said.startswith(f"diem node import: {bad}: {reason}")
    assert said.endswith("; nothing of it is adopted")
    chain, store = DataFolder(target).open()
    store.close()
    assert chain.head.number == 0


def test_files_that_cannot_be_read_or_written_are_said(tmp_path: Path) -> None:
    data = with_blocks(tmp_path / "a", 0)
    assert "cannot be read: No such file" in bad_input("import", tmp_path / "none", "--data", data)
    assert "cannot be written: No such file" in bad_input("export", tmp_path / "none" / "x", "--data", data)
    (tmp_path / "x.partial").touch()
    assert "left from an attempt that was cut short" in bad_input("export", tmp_path / "x", "--data", data)
    assert "no data folder of a node" in bad_input("export", tmp_path / "y", "--data", tmp_path / "nowhere")
    assert not (tmp_path / "y.partial").exists()


def test_failed_export_leaves_no_file(tmp_path: Path) -> None:
    data = with_blocks(tmp_path / "a")
    store = LevelStore(data / "store")
    store.write({schema.canonical(2): None})
    store.close()
    assert "block 2 is not in the store" in bad_input("export", tmp_path / "x", "--data", data)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a"]


def test_full_disk_is_said(tmp_path: Path) -> None:
    def write() -> None:
        with writing(tmp_path / "x") as file:
            file.write(b"begun")
            raise OSError(28, "No space left on device")

    with pytest.raises(InputError, match="cannot be written: No space left on device"):
        write()
    assert list(tmp_path.iterdir()) == []


SENT_SIGTERM = """
import os, signal
from conformance.cli import main
from ledger import ahead
from ledger.node import block_file

if __name__ == "__main__":
    os.cpu_count = lambda: 2
    ahead.WORTH_IT = 1
    take = block_file._take

    def taken(*block):
        take(*block)
        os.kill(os.getpid(), signal.SIGTERM)

    block_file._take = taken
    main()
"""


def test_import_ends_in_order_at_sigterm(tmp_path: Path) -> None:
    source, target, file = with_blocks(tmp_path / "a"), with_blocks(tmp_path / "b", 0), tmp_path / "blocks.rlp"
    diem("export", file, "--data", source)
    program = tmp_path / "program.py"
    program.write_text(SENT_SIGTERM, encoding="utf-8")
    command = [sys.executable, *map(str, (program, "node", "import", file, "--data", target))]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    ran = subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=60)
    # Python would tell here of what a process that ends otherwise leaves behind.
    assert (ran.returncode, ran.stdout, ran.stderr) == (TERMINATED, "", "")
    assert answer("import", file, "--data", target)["new"] == "4"


def test_sigterm_ends_an_export_without_a_file(tmp_path: Path) -> None:
    def write() -> None:
        with writing(tmp_path / "x") as file, progress_bar("blocks"):
            file.write(b"begun")
            os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as ended:
        write()
    assert ended.value.code == TERMINATED
    assert signal.getsignal(signal.SIGTERM) is before
    assert list(tmp_path.iterdir()) == []


def test_other_threads_than_the_main_one_take_no_signals() -> None:
    seen = []

    def work() -> None:
        with progress_bar("blocks"):
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGTERM)]


# ---------------------------------------------------------------------------------------------------- verify


def test_verify_says_what_holds(tmp_path: Path) -> None:
    ran = diem("verify", "--data", with_blocks(tmp_path / "a"))
    assert ran.exit_code == HOLDS
    assert ran.stdout.startswith("carried out 4 blocks from block 1 on, 12 transactions\n")
    assert ran.stdout.endswith(": HOLDS\n")


def test_verify_says_what_does_not_hold(tmp_path: Path) -> None:
    data = with_blocks(tmp_path / "a")
    store = LevelStore(data / "store")
    key, value = next(store.items(schema.WORD))
    store.write({key: value + b"\x01"})
    store.close()
    ran = diem("verify", "--data", data)
    assert (ran.exit_code, ran.stdout) == (FAILS, "")
    assert ran.stderr.startswith(f"diem node verify: {data}: word 0x{key[1:].hex()}: the store has 0x")
    shown = diem("verify", "--data", data, "--json")
    assert shown.exit_code == FAILS
    assert json.loads(shown.stdout)["holds"] is False


@pytest.mark.parametrize("pattern", ["*.ldb", "MANIFEST-*"])
def test_verify_names_the_command_that_mends_what_cannot_be_read(tmp_path: Path, pattern: str) -> None:
    data = with_blocks(tmp_path / "a")
    LevelStore(data / "store").close()  # which makes a table of the log
    file = max((data / "store").glob(pattern), key=lambda path: path.stat().st_size)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    ran = diem("verify", "--data", data)
    assert (ran.exit_code, ran.stdout) == (FAILS, "")
    assert ran.stderr.startswith(f"diem node verify: {data}: {data}/store: the store is damaged (Corruption: ")
    assert ran.stderr.endswith("; bring it back with: diem node rebuild\n")
    assert json.loads(diem("verify", "--data", data, "--json").stdout)["holds"] is False


# ---------------------------------------------------------------------------------------------------- snapshots


def test_snapshot_goes_out_and_in(tmp_path: Path) -> None:
    source, file, target = with_blocks(tmp_path / "a"), tmp_path / "head.snapshot", tmp_path / "b"
    out = answer("snapshot", "out", file, "--data", source)
    assert out["head"]["number"] == "4"
    taken = answer("snapshot", "in", file, "--data", target, "--genesis", source / "genesis.json")
    assert taken["head"] == out["head"]
    assert (taken["accounts"], taken["words"]) == (out["accounts"], out["words"])
    assert answer("verify", "--data", target, "--snapshot", file)["blocks"] == "0"
    assert "has a chain already" in bad_input(
        "snapshot", "in", file, "--data", target, "--genesis", source / "genesis.json"
    )
    shown = diem("snapshot", "in", file, "--data", tmp_path / "c", "--genesis", source / "genesis.json").stdout
    assert "HOLDS, of" in shown
    assert "at block 4 0x" in diem("snapshot", "out", tmp_path / "again", "--data", target).stdout


def test_node_that_began_with_a_snapshot_is_verified_with_it(tmp_path: Path) -> None:
    source, file, target = with_blocks(tmp_path / "a"), tmp_path / "head.snapshot", tmp_path / "b"
    diem("snapshot", "out", file, "--data", source)
    diem("snapshot", "in", file, "--data", target, "--genesis", source / "genesis.json")
    _, store = DataFolder(target).open()
    filled(new_node(store), 2)
    store.close()
    assert "whose file is needed (--snapshot)" in bad_input("verify", "--data", target)
    verified = answer("verify", "--data", target, "--snapshot", file)
    assert (verified["first"], verified["blocks"]) == ("5", "2")


def test_whole_export_can_be_imported_where_a_chain_began_with_a_snapshot(tmp_path: Path) -> None:
    source, file, target = with_blocks(tmp_path / "a"), tmp_path / "head.snapshot", tmp_path / "b"
    diem("snapshot", "out", file, "--data", source)
    diem("snapshot", "in", file, "--data", target, "--genesis", source / "genesis.json")
    _, store = DataFolder(source).open()
    filled(new_node(store), 2)
    store.close()
    diem("export", tmp_path / "blocks.rlp", "--data", source)
    ran = diem("import", tmp_path / "blocks.rlp", "--data", target)
    assert ran.stdout.startswith("6 blocks, 2 of them new, 3 from before the chain's snapshot; head 6 0x")
    imported = answer("import", tmp_path / "blocks.rlp", "--data", target)
    assert (imported["blocks"], imported["new"], imported["before"]) == ("6", "0", "3")
    answer("verify", "--data", target, "--snapshot", file)


def test_bad_snapshot_begins_nothing(tmp_path: Path) -> None:
    source, file, target = with_blocks(tmp_path / "a"), tmp_path / "head.snapshot", tmp_path / "b"
    diem("snapshot", "out", file, "--data", source)
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    said = bad_input("snapshot", "in", file, "--data", target, "--genesis", source / "genesis.json")
    assert said.startswith(f"diem node snapshot in: {file}: ")
    assert said.endswith("; nothing of it is adopted")
    assert not DataFolder(target).has_chain()


# ---------------------------------------------------------------------------------------------------- rebuild


def test_damaged_store_is_rebuilt(tmp_path: Path) -> None:
    data = with_blocks(tmp_path / "a")
    store = LevelStore(data / "store")
    key, value = next(store.items(schema.WORD))
    store.write({key: value + b"\x01"})
    store.close()
    assert diem("verify", "--data", data).exit_code == FAILS
    rebuilt = answer("rebuild", "--data", data)
    assert rebuilt["head"]["number"] == "4"
    assert Path(rebuilt["set_aside"]).exists()
    assert answer("verify", "--data", data)["blocks"] == "4"
    assert diem("rebuild", "--data", data).stdout.endswith("/store.damaged-2: the damaged store, to be deleted\n")


def test_lost_blocks_come_from_a_file(tmp_path: Path) -> None:
    data, file = with_blocks(tmp_path / "a"), tmp_path / "blocks.rlp"
    diem("export", file, "--data", data)
    store = LevelStore(data / "store")
    third = store.get(schema.canonical(3)) or b""
    store.write({schema.block(third): None})
    store.close()
    ran = diem("rebuild", "--data", data)
    assert ran.exit_code == FAILS
    assert "the chain ends at block 2" in ran.stderr
    rebuilt = answer("rebuild", "--data", data, "--blocks", file)
    assert rebuilt["head"]["number"] == "4"
    answer("verify", "--data", data)


def lose_tables(data: Path) -> None:
    LevelStore(data / "store").close()  # which makes one of the log
    for table in (data / "store").glob("*.ldb"):
        table.unlink()


def test_chain_whose_end_cannot_be_read_may_have_lost_blocks(tmp_path: Path) -> None:
    data, file = with_blocks(tmp_path / "a"), tmp_path / "blocks.rlp"
    diem("export", file, "--data", data)
    lose_tables(data)
    said = "where the damaged chain ended cannot be read; the new one ends at block"
    ran = diem("rebuild", "--data", data, "--blocks", file, "--json")
    assert (ran.exit_code, ran.stderr) == (FAILS, "")
    rebuilt = json.loads(ran.stdout)
    assert (rebuilt["holds"], rebuilt["damaged_head"]) == (False, None)
    assert rebuilt["reason"] == f"{said} 4"
    lose_tables(data)
    ran = diem("rebuild", "--data", data)
    assert ran.exit_code == FAILS
    assert ran.stdout.endswith("/store.damaged-2: the damaged store\n")
    assert ran.stderr == f"diem node rebuild: {data}: {said} 0\n"


def test_rebuild_refuses(tmp_path: Path) -> None:
    data, file = with_blocks(tmp_path / "a"), tmp_path / "head.snapshot"
    diem("snapshot", "out", file, "--data", data)
    (data / "genesis.json").unlink()
    assert "--snapshot: expected --genesis as well" in bad_input("rebuild", "--data", data, "--snapshot", file)
    assert bad_input("rebuild", "--data", tmp_path / "nowhere").startswith("diem node rebuild: ")


def test_rebuild_begins_with_a_snapshot(tmp_path: Path) -> None:
    source, file, target = with_blocks(tmp_path / "a"), tmp_path / "head.snapshot", tmp_path / "b"
    diem("snapshot", "out", file, "--data", source)
    diem("snapshot", "in", file, "--data", target, "--genesis", source / "genesis.json")
    _, store = DataFolder(target).open()
    filled(new_node(store), 2)
    store.close()
    assert answer("rebuild", "--data", target, "--snapshot", file)["head"]["number"] == "6"
    answer("verify", "--data", target, "--snapshot", file)
