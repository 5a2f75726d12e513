"""``diem roots``: the same blocks on the ledger and on other clients, compared by state root."""

from __future__ import annotations

import secrets
from pathlib import Path
from time import monotonic
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from conformance.artifact import load_artifacts
from conformance.cli.app import FAILS, HOLDS
from conformance.cli.output import console, print_json
from conformance.one_root.clients import PEERS, LedgerClient, peer
from conformance.one_root.comparison import Failure, OneRoot, Result, Tally
from spec.machine import CONTRACTS
from spec.parameters import Preset, load_preset

DEFAULT_TRANSACTIONS: Final = 1000
DEFAULT_PRESET: Final = "snapshot-2026-09-19"


def command(
    preset: Annotated[str, typer.Option(help="The genesis: a preset's name, or a file *.toml.")] = DEFAULT_PRESET,
    transactions: Annotated[
        int, typer.Option(min=1, max=10**9, help="How many transactions to send.")
    ] = DEFAULT_TRANSACTIONS,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Repeat the run of this seed; a new one is drawn otherwise.")
    ] = None,
    peers: Annotated[
        list[str] | None,
        typer.Option(
            "--peer", metavar="NAME", help=f"A client to compare with: {' or '.join(PEERS)}; all if none given."
        ),
    ] = None,
    artifacts: Annotated[
        Path | None, typer.Option(help="A folder of artifacts to use in place of those of their names.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> int:
    """Send the same signed transactions in blocks to the ledger and to other clients, and compare the state roots.

    After each block the state root, and the status and logs of each receipt, have to be the same. Where
    the preset's treasury, owner or admin has no key, an account with one takes the place, for its calls to be signed.

    Example: diem roots --preset launch --transactions 2000 --seed 7 --peer anvil
    """
    genesis = load_preset(preset)
    compiled = load_artifacts(artifacts)
    names = list(dict.fromkeys(peers or PEERS))
    one_root = OneRoot(genesis, [LedgerClient, *map(peer, names)], compiled)
    seed = secrets.randbelow(2**32) if seed is None else seed
    out, started = console(), monotonic()
    if not json:
        out.print(f"preset {genesis.name}: {genesis.description}")
        again = f"diem roots --transactions {transactions} --seed {seed} --preset {preset}"
        again += "".join(f" --peer {name}" for name in peers or []) + (f" --artifacts {artifacts}" if artifacts else "")
        out.print(f"seed {seed}; repeat with: {again}", soft_wrap=True)
    result = _run(out, one_root, transactions, seed, quiet=json)
    if json:
        print_json(_as_json(genesis, names, seed, transactions, result))
    else:
        _print_report(out, names, result, monotonic() - started)
    return HOLDS if result.failure is None else FAILS


def _run(out: Console, one_root: OneRoot, transactions: int, seed: int, *, quiet: bool) -> Result:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet or not out.is_terminal) as bar:
        task = bar.add_task("transactions compared", total=transactions)
        return one_root.run(transactions, seed, lambda done: bar.update(task, completed=done))


def _print_report(out: Console, names: list[str], result: Result, seconds: float) -> None:
    tally = result.tally
    out.print(_compared(tally))
    out.print(_reach(tally))
    clients = " and ".join((", ".join(["ledger", *names[:-1]]), names[-1]))
    if result.failure is None:
        out.print(
            f"ONE ROOT: {clients} have the same state root after each of {tally.blocks} blocks with "
            f"{tally.transactions} transactions ({seconds:.0f} s)"
        )
        return
    _print_failure(out, result.failure)
    out.print(f"NOT ONE ROOT: {clients} ({seconds:.0f} s)")


def _compared(tally: Tally) -> Table:
    table = Table("compared", "count", title="What was the same", title_justify="left")
    table.columns[1].justify = "right"
    for name, count in (
        ("chains, each from genesis", tally.chains),
        ("state roots, one after each block", tally.blocks),
        ("transactions", tally.transactions),
        *((f"  of type {kind.lower().replace('_', ' ')}", number) for kind, number in sorted(tally.types.items())),
        ("  accepted", tally.accepted.total()),
        ("  refused, in their block with status 0", tally.refused.total()),
        ("logs, in order", tally.logs),
    ):
        table.add_row(name, f"{count:,}")
    return table


def _reach(tally: Tally) -> Table:
    table = Table("contract", "accepted", "refused", "functions accepted", "of", title="Reach", title_justify="left")
    for column in range(1, 5):
        table.columns[column].justify = "right"
    for contract in CONTRACTS.values():
        mine = f"{contract.name}."
        accepted = sum(number for title, number in tally.accepted.items() if title.startswith(mine))
        refused = sum(number for title, number in tally.refused.items() if title.startswith(mine))
        reached = sum(f"{mine}{name}" in tally.accepted for name in contract.by_name)
        table.add_row(contract.name, f"{accepted:,}", f"{refused:,}", str(reached), str(len(contract.by_name)))
    table.add_row("transfers of ether", f"{tally.accepted['transfer of ether']:,}", "", "", "")
    return table


def _print_failure(out: Console, failure: Failure) -> None:
    block = failure.block
    out.print(f"DIFFERENCE in block {failure.number} of chain {failure.chain}, at {block.timestamp}, made of:")
    for place, transaction in enumerate(block.transactions):
        out.print(f"  {place}: {transaction}", soft_wrap=True)
    for difference in failure.differences:
        out.print(difference.where, soft_wrap=True)
        width = max(map(len, difference.values)) + 1
        for name, value in difference.values.items():
            out.print(f"  {name + ':':{width}} {value}", soft_wrap=True)


def _as_json(preset: Preset, names: list[str], seed: int, transactions: int, result: Result) -> dict[str, Any]:
    tally, failure = result.tally, result.failure
    return {
        "one_root": failure is None,
        "preset": preset.name,
        "peers": names,
        "seed": str(seed),
        "transactions_asked": transactions,
        "compared": {
            "chains": tally.chains,
            "blocks": tally.blocks,
            "transactions": tally.transactions,
            "accepted": tally.accepted.total(),
            "refused": tally.refused.total(),
            "logs": tally.logs,
        },
        "types": dict(sorted(tally.types.items())),
        "accepted_by_function": dict(sorted(tally.accepted.items())),
        "refused_by_function": dict(sorted(tally.refused.items())),
        "failure": None
        if failure is None
        else {
            "chain": failure.chain,
            "block": failure.number,
            "timestamp": failure.block.timestamp,
            "transactions": [str(transaction) for transaction in failure.block.transactions],
            "differences": [
                {"where": difference.where, "values": dict(difference.values)} for difference in failure.differences
            ],
        },
    }
