"""``diem genesis``: the file that this ledger's node and Ethereum's clients start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from conformance.cli.output import InputError, check_writable, console, write_file
from conformance.foundry.state import block_number, preset_state
from conformance.genesis_file import ledger_genesis
from ledger.node.published import DEV_SEQUENCER
from spec.messages import Address
from spec.parameters import Preset, load_preset
from spec.quantities import format_address, parse_address
from spec.uint256 import MAX_UINT256

DEFAULT_PRESET: Final = "snapshot-2026-09-19"


def command(
    preset: Annotated[str, typer.Option(help="The genesis: a preset's name, or a file *.toml.")] = DEFAULT_PRESET,
    format_: Annotated[
        Literal["geth", "anvil"], typer.Option("--format", help="For any client, or for Foundry: see above.")
    ] = "geth",
    sequencer: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Who seals the blocks; else the published key of development chains."),
    ] = None,
    fund: Annotated[
        list[str] | None, typer.Option(metavar="ADDRESS=WEI", help="Ether of an account; may be repeated.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Where to write the file, instead of standard output.")] = None,
) -> None:
    """Write the first block and its state in geth's genesis format: this ledger, geth, anvil and others start from it.

    All forks up to the merge are active, and none after it. Whoever seals the blocks has 1 wei, for it receives fees of
    none, and clients differ in whether they keep an empty account.

    With --format anvil the block has the number of Base's at the preset's time, and the preset's accounts have ether: a
    test which forks Base runs against anvil --init FILE as it is.

    Example: diem genesis --preset minimal --fund 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266=1000000000000000000
    --output genesis.json

    Example: diem genesis --format anvil --output venice.json && anvil --init venice.json
    """
    parameters = load_preset(preset)
    sealed_by = DEV_SEQUENCER.address if sequencer is None else _address("--sequencer", sequencer)
    balances = _balances(fund or [])
    if output is not None:
        check_writable(output)
    if format_ == "anvil":
        _write_for_anvil(preset_state(parameters, sealed_by, balances), parameters, output)
        return
    genesis = ledger_genesis(parameters, sealed_by, balances)
    if output is None:
        print(genesis.to_json(), end="")
        return
    write_file(str(output), genesis.to_json().encode())
    out = console()
    out.print(f"{output}: preset {parameters.name}, {len(genesis.accounts)} accounts")
    out.print(f"sequencer   {format_address(sealed_by)}")
    out.print(f"state root  0x{genesis.header.state_root.hex()}")
    out.print(f"block hash  0x{genesis.hash.hex()}")


def _write_for_anvil(text: str, preset: Preset, output: Path | None) -> None:
    if output is None:
        print(text, end="")
        return
    write_file(str(output), text.encode())
    out = console()
    out.print(f"{output}: preset {preset.name} at block {block_number(preset)} of chain {preset.chain_id}")
    out.print(f"start with  anvil --init {output}")


def _address(option: str, text: str) -> Address:
    try:
        return parse_address(text)
    except ValueError as error:
        raise InputError(f"{option}: {error}") from None


def _balances(funds: list[str]) -> dict[Address, int]:
    balances: dict[Address, int] = {}
    for text in funds:
        who, _, amount = text.partition("=")
        address = _address("--fund", who)
        if not (amount.isascii() and amount.isdigit()) or len(amount) > 78 or int(amount) > MAX_UINT256:
            raise InputError(
                f"--fund: expected ADDRESS=WEI, with less than 2^256 wei as a whole number, found {text!r}"
            )
        if address in balances:
            raise InputError(f"--fund: expected each account once, found {format_address(address)} twice")
        balances[address] = int(amount)
    return balances
