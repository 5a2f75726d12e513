"""``ledger.import``: signed transactions a second, from encoded blocks to a synced store."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import rlp  # type: ignore[import-untyped]
from eth.chains.base import MiningChain
from eth_typing import BlockNumber

from conformance.bench.holders import SEQUENCER, Holders
from conformance.bench.row import Finding, Rates, Work
from conformance.peers.py_evm import PyEvmClient, genesis_chain
from ledger.blocks import decode_block
from ledger.chain import Chain, CheckedBlock
from ledger.genesis import Genesis
from ledger.store import LevelStore, MemoryStore
from ledger.transactions import decode_transaction
from spec.parameters import load_preset

PRESET: Final = "snapshot-2026-09-19"
HOLDERS: Final = 1000
BLOCK_SIZE: Final = 50
"""Transactions in a block."""
BLOCK_TIME: Final = 2
"""s between two blocks."""
BLOCKS: Final = 120
PY_EVM_BLOCKS: Final = 6
"""The first of the blocks; all would take py-evm minutes."""
ROUNDS: Final = 3


class Load(NamedTuple):
    """What is imported."""

    genesis: Genesis
    blocks: Sequence[bytes]
    """RLP, each of ``BLOCK_SIZE`` transactions."""


def bench_import() -> Iterator[Finding]:
    """Yield the import of blocks into LevelDB against py-evm's own chain, in memory.

    Raises
    ------
    ValueError : the two do not come to the same state, or refuse a transaction.
    """
    load = make_load(Holders(load_preset(PRESET), HOLDERS, HOLDERS), BLOCKS)
    theirs = _blocks_of_py_evm(load, PY_EVM_BLOCKS)
    with TemporaryDirectory(prefix="diem-bench-") as folder:
        contestants = {
            "ledger": lambda: _imported(load, Path(folder) / "store"),
            "py-evm": lambda: _imported_by_py_evm(genesis_chain(load.genesis), theirs),
        }
        rates = Rates(contestants, ROUNDS)
    yield rates.row("ledger.import", "tx/s", "ledger", "py-evm", at_least=100)


def make_load(holders: Holders, blocks: int) -> Load:
    """Return blocks of random transactions of the holders; ValueError if one of them is refused."""
    genesis = holders.genesis
    chain = Chain(MemoryStore(), genesis)
    transactions = holders.transactions("import")
    encoded = []
    for number in range(1, blocks + 1):
        batch = [decode_transaction(raw, chain.chain_id) for raw in islice(transactions, BLOCK_SIZE)]
        block = chain.propose(batch, genesis.timestamp + number * BLOCK_TIME, SEQUENCER)
        chain.extend(CheckedBlock(block, tuple(batch)))
        if not all(receipt.status for receipt in chain.receipts(block.header.hash)):
            raise ValueError(f"a transaction of block {number} is refused")
        encoded.append(block.encode())
    return Load(genesis, encoded)


def _imported(load: Load, folder: Path) -> Work:
    """Import all blocks into a new store."""
    shutil.rmtree(folder, ignore_errors=True)
    store = LevelStore(folder, create=True)
    chain = Chain(store, load.genesis)
    for encoded in load.blocks:
        chain.extend(decode_block(encoded))
        yield BLOCK_SIZE
    store.close()


def _imported_by_py_evm(chain: MiningChain, blocks: Sequence[bytes]) -> Work:
    sedes = chain.get_vm_class(chain.get_canonical_head()).get_block_class()
    for encoded in blocks:
        chain.import_block(rlp.decode(encoded, sedes=sedes), perform_validation=True)
        yield BLOCK_SIZE


def _blocks_of_py_evm(load: Load, count: int) -> list[bytes]:
    """Return the first blocks with py-evm's own headers; ValueError if it comes to other states."""
    client = PyEvmClient(load.genesis)
    blocks = []
    for encoded in load.blocks[:count]:
        header, transactions = decode_block(encoded)
        outcome = client.add_block(transactions, header.timestamp)
        if outcome.state_root != header.state_root:
            raise ValueError(f"block {header.number}: the ledger and py-evm come to different states")
        blocks.append(rlp.encode(client.chain.get_canonical_block_by_number(BlockNumber(header.number))))
    return blocks
