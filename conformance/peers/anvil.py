"""anvil, Foundry's client, started from a genesis file and asked over JSON-RPC."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import rlp  # type: ignore[import-untyped]
from trie.hexary import HexaryTrie

from conformance.peers.client import BlockRefused, Outcome, PeerError
from conformance.peers.foundry import program
from conformance.peers.json_rpc import AnswerError, JsonRpc
from ledger.commitment import Account
from ledger.genesis import Genesis
from spec.encoding import encode_word
from spec.hashing import keccak256
from spec.messages import Address, Log, Receipt

HOST: Final = "127.0.0.1"
START_SECONDS: Final = 30

OPTIONS: Final = (
    *("--hardfork", "paris"),  # the last one of the genesis file
    *("--gas-price", "0", "--block-base-fee-per-gas", "0", "--disable-min-priority-fee"),
    *("--accounts", "0", "--disable-default-create2-deployer"),  # the accounts of the file and no others
    "--disable-pool-balance-checks",  # ether received in a block may be spent in it
    *("--order", "fifo", "--no-mining"),
    *("--disable-console-log", "--no-request-size-limit"),
)

_LISTENING: Final = re.compile(rf"Listening on {re.escape(HOST)}:(\d+)")


class Anvil:
    """A running anvil. Blocks are made when they are asked for, unless ``options`` say otherwise.

    Raises
    ------
    PeerError : it is not installed, or does not start.
    """

    def __init__(self, genesis: Genesis | Path, options: Sequence[str] = OPTIONS) -> None:
        """Start it from a genesis, or from a file as it stands."""
        self._folder = TemporaryDirectory(prefix="diem-anvil-")
        folder = Path(self._folder.name)
        command = [
            str(program("anvil")),
            *_state_options(genesis, folder / "genesis.json"),
            *("--host", HOST, "--port", "0", "--cache-path", str(folder)),
            *options,
        ]
        self._output = (folder / "output").open("w+", encoding="utf-8")
        self._process = subprocess.Popen(command, stdout=self._output, stderr=subprocess.STDOUT)  # noqa: S603
        try:
            self.port: Final = self._listening_port()
        except BaseException:  # nobody else knows of the process yet
            self.close()
            raise
        self.rpc: Final = JsonRpc(HOST, self.port)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{HOST}:{self.port}"

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    def close(self) -> None:
        """End the process and remove its files."""
        if hasattr(self, "rpc"):
            self.rpc.close()
        self._process.kill()
        self._process.wait()
        self._output.close()
        self._folder.cleanup()

    def __enter__(self) -> Anvil:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self.close()

    def _listening_port(self) -> int:
        """Return the port that it says it has chosen."""
        deadline = time.monotonic() + START_SECONDS
        path = Path(self._output.name)
        while time.monotonic() < deadline:
            ended = self._process.poll() is not None
            said = path.read_text(encoding="utf-8")
            if match := _LISTENING.search(said):
                return int(match[1])
            if ended:
                last = (said.strip().splitlines() or ["no message"])[-1]
                raise PeerError(f"anvil: ended with exit status {self._process.returncode}: {last}")
            time.sleep(0.01)
        raise PeerError(f"anvil: expected it to listen after {START_SECONDS} s")


def _state_options(genesis: Genesis | Path, file: Path) -> list[str]:
    if isinstance(genesis, Path):
        return ["--init", str(genesis)]
    file.write_text(genesis.to_json(), encoding="utf-8")
    return ["--init", str(file), "--gas-limit", str(genesis.gas_limit)]


class AnvilClient:
    """anvil as a client of the comparison.

    Up to 1.7.1 its state root is not Ethereum's: words of zero that were read or written, and empty accounts that were
    touched, stay in its tries. So all of its state is taken from it after each block, and what is empty left out. That
    its own root comes from the same state, with what is empty, is checked each time.
    """

    name = "anvil"

    def __init__(self, genesis: Genesis) -> None:
        self._anvil = Anvil(genesis)
        self._rpc = self._anvil.rpc
        self._state = StateTries(keep_empty=False)
        self._state_as_kept = StateTries(keep_empty=True)

    def add_block(self, transactions: Sequence[bytes], timestamp: int) -> Outcome:
        """Send the transactions in one batch, then have the block made."""
        try:
            hashes = self._rpc.batch([("eth_sendRawTransaction", [f"0x{raw.hex()}"]) for raw in transactions])
        except AnswerError as error:
            raise BlockRefused(str(error)) from None
        self._rpc.call("evm_setNextBlockTimestamp", timestamp)
        self._rpc.call("evm_mine")
        block, receipts, dump = self._rpc.batch(
            [("eth_getBlockByNumber", ["latest", False]), ("eth_getBlockReceipts", ["latest"]), ("anvil_dumpState", [])]
        )
        if block["transactions"] != hashes:
            raise BlockRefused(
                f"of {len(hashes)} transactions {len(block['transactions'])} are in it, or in other order"
            )
        return Outcome(self._root(_bytes(block["stateRoot"]), dump), tuple(map(_receipt, receipts)))

    def account(self, address: Address) -> Account:
        """Return the account in the last block's state."""
        return self._state.account(address)

    def word(self, address: Address, slot: int) -> int:
        """Return what ``eth_getStorageAt`` says of a slot."""
        return int(self._rpc.call("eth_getStorageAt", f"0x{address.hex()}", hex(slot), "latest"), 16)

    def close(self) -> None:
        """End anvil."""
        self._anvil.close()

    def _root(self, said: bytes, dump: str) -> bytes:
        """Return the root of anvil's state, without what is empty, if what anvil says comes from that very state."""
        accounts = json.loads(gzip.decompress(_bytes(dump)))["accounts"]
        root = self._state.update(accounts)
        if said not in (root, self._state_as_kept.update(accounts)):
            raise PeerError(f"anvil: expected its state root to be that of its state, found 0x{said.hex()}")
        return root


_ABSENT: Final = b""
"""What the trie library takes for a value to delete."""


class StateTries:
    """The tries over what ``anvil_dumpState`` shows, brought up to date from dump to dump."""

    def __init__(self, *, keep_empty: bool) -> None:
        self._keep_empty = keep_empty
        self._storages: dict[str, HexaryTrie] = {}
        self._words: dict[str, dict[str, str]] = {}
        self._leaves: dict[str, bytes] = {}
        self._state = HexaryTrie({})

    def update(self, accounts: Mapping[str, Mapping[str, Any]]) -> bytes:
        """Take over all accounts, and return the state root."""
        for address, content in accounts.items():
            root = self._storage_root(address, content["storage"])
            code_hash = keccak256(_bytes(content["code"]))
            account = Account(content["nonce"], int(content["balance"], 16), root, code_hash)
            leaf = account.encode() if not account.is_empty or self._keep_empty else _ABSENT
            if leaf != self._leaves.get(address, _ABSENT):
                self._leaves[address] = self._state[keccak256(_bytes(address))] = leaf
        return bytes(self._state.root_hash)

    def account(self, address: Address) -> Account:
        """Return an account as it was in the last dump."""
        leaf = self._state[keccak256(address)]
        return Account.decode(leaf) if leaf else Account()

    def _storage_root(self, address: str, words: dict[str, str]) -> bytes:
        tree = self._storages.setdefault(address, HexaryTrie({}))
        before = self._words.get(address, {})
        for slot, word in words.items() - before.items():
            is_kept = int(word, 16) or self._keep_empty
            tree[keccak256(encode_word(int(slot, 16)))] = rlp.encode(int(word, 16)) if is_kept else _ABSENT
        self._words[address] = words
        return bytes(tree.root_hash)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def _receipt(receipt: Mapping[str, Any]) -> Receipt:
    logs = (
        Log(Address(_bytes(log["address"])), tuple(map(_bytes, log["topics"])), _bytes(log["data"]))
        for log in receipt["logs"]
    )
    return Receipt(int(receipt["status"], 16) == 1, b"", tuple(logs))
