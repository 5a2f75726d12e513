"""``diem t8n``: Ethereum's state transition tool, with the specification in the place of an EVM."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from conformance.transition.alloc import alloc_json, read_alloc
from conformance.transition.applying import carry_out
from conformance.transition.environment import read_environment
from conformance.transition.errors import ExitStatus, TransitionError
from conformance.transition.files import Inputs, Outputs
from conformance.transition.result import body, result_json
from conformance.transition.transactions import read_transactions
from ledger.transactions import MAX_UINT64

FORKS: Final = ("Paris", "Merge")
"""The names of the fork whose rules the ledger's blocks have."""

REWARDS: Final = (0, -1)
"""Wei; what blocks after the merge have, and geth's word for none."""


def command(
    alloc: Annotated[
        str, typer.Option("--input.alloc", help="The accounts before: a file, or stdin. A genesis file will do, too.")
    ] = "alloc.json",
    env: Annotated[str, typer.Option("--input.env", help="The block: a file, or stdin.")] = "env.json",
    txs: Annotated[
        str, typer.Option("--input.txs", help="The transactions, as JSON or as RLP in a JSON string: a file, or stdin.")
    ] = "txs.json",
    basedir: Annotated[
        str, typer.Option("--output.basedir", help="The folder of the output files; made if it is not there.")
    ] = "",
    output_alloc: Annotated[
        str, typer.Option("--output.alloc", help="The accounts after: a file, stdout, stderr, or '' for nowhere.")
    ] = "alloc.json",
    output_result: Annotated[
        str, typer.Option("--output.result", help="Roots, receipts, and what was rejected: likewise.")
    ] = "result.json",
    output_body: Annotated[
        str, typer.Option("--output.body", help="The transactions that were not rejected, as RLP: likewise.")
    ] = "",
    chain_id: Annotated[
        int, typer.Option("--state.chainid", min=1, max=MAX_UINT64, help="The chain id; the presets have 8453.")
    ] = 1,
    fork: Annotated[str, typer.Option("--state.fork", help=f"The rules of blocks: {' or '.join(FORKS)}.")] = FORKS[0],
    reward: Annotated[
        int, typer.Option("--state.reward", help="What a block earns: 0, or -1, which is the same here.")
    ] = 0,
) -> None:
    """Carry out transactions on a state: alloc, env and txs in; alloc, result and receipts out.

    Options and formats are those of go-ethereum's evm t8n; docs/T8N.md says where they differ. A transaction
    that cannot be in a block is named under rejected, and changes nothing.

    Exit status: 0 done; 2 a wrong option; as in geth 3 what this ledger does not do, 10 a wrong field or no JSON,
    11 a file that cannot be read or written, 12 no RLP.

    Example: diem t8n --input.alloc genesis.json --input.env env.json --input.txs txs.json --state.chainid 8453
    --output.alloc after.json --output.result stdout
    """
    _check_rules(fork, reward)
    outputs = Outputs(basedir, {"alloc": output_alloc, "result": output_result, "body": output_body})
    inputs = Inputs()
    before = read_alloc(*inputs.get("alloc", alloc), chain_id)
    environment = read_environment(*inputs.get("env", env))
    transactions = read_transactions(*inputs.get("txs", txs, "txsRlp"), chain_id)
    outcome = carry_out(before, environment, chain_id, transactions)
    outputs.write(
        {
            "alloc": alloc_json(outcome.alloc),
            "result": result_json(outcome, environment),
            "body": body(outcome.transactions),
        }
    )


def _check_rules(fork: str, reward: int) -> None:
    for option, found, known in (("--state.fork", fork, FORKS), ("--state.reward", reward, REWARDS)):
        if found not in known:
            expected = " or ".join(map(str, known))
            raise TransitionError(ExitStatus.CONFIGURATION, f"{option}: expected {expected}; found {found}")
