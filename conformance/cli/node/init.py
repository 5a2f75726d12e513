"""`diem node init`: a data folder with the genesis of a chain."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.app import HOLDS
from conformance.cli.node.common import (
    KEY_VARIABLE,
    Data,
    Json,
    Key,
    PassphraseFile,
    load_key,
    passphrase,
    read_genesis,
)
from conformance.cli.output import InputError, print_json
from ledger.keys import SequencerKey
from ledger.node.folder import DataFolder
from spec.parameters import PRESETS, load_preset
from spec.quantities import format_address


def command(
    data: Data,
    preset: Annotated[
        str | None,
        typer.Option(metavar="NAME|FILE", help=f"The state to begin with: {', '.join(PRESETS)}, or a file like these."),
    ] = None,
    genesis: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The genesis of a chain that is there, such as genesis.json of its node."),
    ] = None,
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> int:
    """Make a data folder, with the genesis of a new chain or of one to be followed.

    With --preset the chain is a new one, and its sequencer has the key in --key, which is made if there is none.
    With --genesis no key is needed.

    Example: diem node init --data ledger --preset snapshot-2026-09-19
    """
    folder = DataFolder(data)
    if (preset is None) == (genesis is None):
        raise InputError("expected either --preset or --genesis")
    if folder.has_chain():
        raise InputError(f"{data}: has a chain already, expected a new folder")
    key_file = None
    if genesis is not None:
        first = read_genesis(genesis)
    else:
        from conformance.genesis_file import ledger_genesis  # brings an EVM, which nothing else here needs

        parameters = load_preset(preset or "")
        key_file = key or folder.key
        first = ledger_genesis(parameters, _key(folder, key_file, passphrase_file).address)
    folder.make(first)
    report = {
        "data": str(data),
        "key": None if key_file is None else str(key_file),
        "sequencer": format_address(first.sequencer),
        "chain_id": str(first.chain_id),
        "genesis": f"0x{first.hash.hex()}",
        "genesis_file": str(folder.genesis),
    }
    if as_json:
        print_json(report)
    else:
        for name, value in report.items():
            if value is not None:
                print(f"{name.replace('_', ' '):12}  {value}")
    return HOLDS


def _key(folder: DataFolder, path: Path, passphrase_file: Path | None) -> SequencerKey:
    """Load the key, or make a new one."""
    if path.exists():
        return load_key(path, passphrase_file)
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder.path}: cannot be made: {error.strerror}") from None
    made = SequencerKey.generate()
    made.save(path, passphrase(path, passphrase_file, KEY_VARIABLE, new=True))
    return made
