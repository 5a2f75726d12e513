"""``ledger.import``: signed transactions a second, from a file of blocks to a synced store."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final, NamedTuple

import rlp  # type: ignore[import-untyped]
from eth_typing import BlockNumber

from conformance.bench.holders import SEQUENCER, Holders
from conformance.bench.import_floor import Floor
from conformance.bench.row import Finding, LeftOut, Note, Rates, Work
from conformance.peers.anvil import Anvil
from conformance.peers.client import PeerError
from conformance.peers.py_evm import PyEvmClient, genesis_chain
from ledger.blocks import decode_block
from ledger.chain import Chain, CheckedBlock
from ledger.genesis import Genesis
from ledger.node.block_file import export_blocks, import_blocks
from ledger.node.folder import DataFolder
from ledger.store import LevelStore, MemoryStore
from ledger.transactions import decode_transaction
from spec.parameters import load_preset

NAME: Final = "ledger.import"
PRESET: Final = "snapshot-2026-09-19"
HOLDERS: Final = 1000
BLOCK_SIZE: Final = 500
"""Transactions in a block: some 30 million gas, were it counted."""
BLOCK_TIME: Final = 2
"""s between two blocks."""
BLOCKS: Final = 20
PY_EVM_BLOCKS: Final = 1
"""The first of the blocks; all would take py-evm minutes."""
ROUNDS: Final = 3


class Load(NamedTuple):
    """What is imported."""

    genesis: Genesis
    blocks: Sequence[bytes]
    """RLP, each of ``BLOCK_SIZE`` transactions."""
    file: bytes
    """The same as ``diem node export`` writes them."""


def bench_import() -> Iterator[Finding]:
    """Yield the import of a file into LevelDB against py-evm's own chain, in memory, and against anvil by JSON-RPC.

    By the clock, because our import and anvil take more than one process.

    Raises
    ------
    ValueError : the ledger and py-evm do not come to the same state, or a transaction is refused.
    """
    load = make_load(Holders(load_preset(PRESET), HOLDERS, HOLDERS), BLOCKS)
    theirs = _blocks_of_py_evm(load, PY_EVM_BLOCKS)
    with TemporaryDirectory(prefix="diem-bench-") as folder:
        contestants: dict[str, Callable[[], Work]] = {
            "ledger": lambda: _imported(load, Path(folder) / "store"),
            "py-evm": lambda: _imported_by_py_evm(load.genesis, theirs),
        }
        missing = _missing_anvil(load.genesis)
        if missing is None:
            contestants["anvil"] = lambda: _taken_by_anvil(load)
        rates = Rates(contestants, ROUNDS, perf_counter)
        yield rates.row(NAME, "tx/s", "ledger", "py-evm", at_least=100)
        yield rates.row(NAME, "tx/s", "ledger", "anvil", at_least=1) if missing is None else LeftOut(NAME, missing)
        yield from _footprint(load, Path(folder))
        yield from _floor(load, Path(folder))


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
    file = io.BytesIO()
    export_blocks(chain, file)
    return Load(genesis, encoded, file.getvalue())


def _imported(load: Load, folder: Path) -> Work:
    """Prepare a new store, to import all blocks into it."""
    shutil.rmtree(folder, ignore_errors=True)
    store = LevelStore(folder, create=True)
    chain = Chain(store, load.genesis)

    def work() -> Work:
        import_blocks(chain, io.BytesIO(load.file))
        yield BLOCK_SIZE * len(load.blocks)
        store.close()

    return work()


def _imported_by_py_evm(genesis: Genesis, blocks: Sequence[bytes]) -> Work:
    chain = genesis_chain(genesis)
    sedes = chain.get_vm_class(chain.get_canonical_head()).get_block_class()

    def work() -> Work:
        for encoded in blocks:
            chain.import_block(rlp.decode(encoded, sedes=sedes), perform_validation=True)
            yield BLOCK_SIZE

    return work()


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


def _missing_anvil(genesis: Genesis) -> str | None:
    """Return why anvil cannot be measured, if it cannot."""
    try:
        Anvil(genesis).close()
    except PeerError as error:
        return str(error)
    return None


def _taken_by_anvil(load: Load) -> Work:
    """Start anvil, to send it the transactions of each block in one batch and have the block made."""
    anvil = Anvil(load.genesis)
    blocks = [decode_block(encoded) for encoded in load.blocks]
    sent = [[("eth_sendRawTransaction", [f"0x{raw.hex()}"]) for raw in block.transactions] for block in blocks]

    def work() -> Work:
        with anvil:
            for block, requests in zip(blocks, sent, strict=True):
                anvil.rpc.batch(requests)
                anvil.rpc.call("evm_setNextBlockTimestamp", block.header.timestamp)
                anvil.rpc.call("evm_mine")
                yield len(requests)
            _check_of_anvil(anvil)

    return work()


def _check_of_anvil(anvil: Anvil) -> None:
    """Check the last block, which has all its transactions only if each was carried out in its turn."""
    statuses = [receipt["status"] for receipt in anvil.rpc.call("eth_getBlockReceipts", "latest")]
    if statuses != ["0x1"] * BLOCK_SIZE:
        raise ValueError(f"anvil: expected {BLOCK_SIZE} transactions carried out in the last block")


def _footprint(load: Load, folder: Path) -> Iterator[Note]:
    """Yield what ``diem node import`` takes: memory at its peak, and disk for each transaction."""
    data, file = folder / "data", folder / "blocks.rlp"
    file.write_bytes(load.file)
    DataFolder(data).begin(load.genesis).store.close()
    before = _size(data)
    command = [sys.executable, "-m", "conformance.cli", "node", "import", "--data", str(data), str(file)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        process.kill()
        process.wait()
        raise
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise ValueError(f"diem node import: exit status {process.returncode}")
    transactions = BLOCK_SIZE * len(load.blocks)
    yield Note(NAME, "memory at the peak", usage.ru_maxrss / 1024, "MiB")
    yield Note(NAME, "disk for each transaction", (_size(data) - before) / transactions, "bytes")


def _floor(load: Load, folder: Path) -> Iterator[Note]:
    """Yield what the parts take that no import can do without, to be held against what is promised of all."""
    for part, microseconds in Floor(load.genesis, load.blocks, folder).parts():
        yield Note(NAME, f"alone, for each transaction: {part}", microseconds, "µs")


def _size(folder: Path) -> int:
    """Bytes of all files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
