"""The peers: started from the file and nothing else, asked rightly, ended always, and not believed blindly."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from conformance.genesis_file import ledger_genesis
from conformance.one_root.clients import LedgerClient, Start
from conformance.peers import foundry
from conformance.peers.anvil import HOST, Anvil, AnvilClient, StateTries
from conformance.peers.client import BlockRefused, Client, PeerError
from conformance.peers.json_rpc import AnswerError, JsonRpc
from conformance.peers.py_evm import PyEvmClient
from ledger.commitment import Account, StateCommitment, StorageCommitment
from ledger.node.published import DEV_SEQUENCER, TEST_ACCOUNTS
from ledger.transactions import sign_transaction
from spec.addresses import VVV
from spec.hashing import keccak256
from spec.messages import Address
from spec.parameters import load_preset
from spec.vvv import VVV as VVV_CONTRACT
from tests.conformance.foundry import needs

FOLDER = Path(foundry.__file__).parent

ALICE, BOB = TEST_ACCOUNTS[0], TEST_ACCOUNTS[1]
GENESIS = ledger_genesis(load_preset("minimal"), DEV_SEQUENCER.address, {ALICE.address: 100})
NOW = GENESIS.timestamp + 1

STARTS: dict[str, Start] = {"ledger": LedgerClient, "anvil": AnvilClient, "py-evm": PyEvmClient}


@contextmanager
def started(name: str) -> Iterator[Client]:
    if name == "anvil":
        needs("anvil")
    client = STARTS[name](GENESIS)
    try:
        yield client
    finally:
        client.close()


def transfer(nonce: int = 0, value: int = 7, chain_id: int = GENESIS.chain_id) -> bytes:
    return sign_transaction(
        ALICE.secret, chain_id=chain_id, nonce=nonce, to=BOB.address, value=value, gas_limit=30_000_000
    )


# ------------------------------------------------------------------------------------------------ every client


@pytest.mark.parametrize("name", STARTS)
def test_an_empty_block_shows_the_state_of_the_genesis(name: str) -> None:
    with started(name) as client:
        assert client.name == name
        assert client.add_block([], NOW) == (GENESIS.header.state_root, ())
        for address, account in GENESIS.accounts.items():
            storage = StorageCommitment()
            storage.update(account.words)
            expected = Account(account.nonce, account.balance, storage.storage_root(), keccak256(account.code))
            assert client.account(address) == expected
        slot, word = next(iter(GENESIS.accounts[VVV].words.items()))
        assert (client.word(VVV, slot), client.word(VVV, 10**6)) == (word, 0)


@pytest.mark.parametrize("name", STARTS)
def test_blocks_are_carried_out_in_order_each_on_the_one_before(name: str) -> None:
    approve = sign_transaction(
        ALICE.secret,
        chain_id=GENESIS.chain_id,
        nonce=2,
        to=VVV,
        data=VVV_CONTRACT.by_name["approve"].calldata(BOB.address, 5),
        gas_limit=10**6,
    )
    with started(name) as client:
        first = client.add_block([transfer(0), transfer(1)], NOW)
        second = client.add_block([approve], NOW + 100)
        assert [receipt.status for receipt in first.receipts] == [True, True]
        (log,) = second.receipts[0].logs
        assert (log.address, len(log.topics), int.from_bytes(log.data, "big")) == (VVV, 3, 5)
        assert client.account(ALICE.address) == Account(nonce=3, balance=86)
        assert client.account(BOB.address) == Account(balance=14)
        assert client.account(Address(b"nobody has heard of.")) == Account()
        assert first.state_root != second.state_root


REFUSED = {
    "a nonce too high": transfer(nonce=1),
    "more than the balance": transfer(value=101),
    "no transaction": b"",
    "no type": b"\x05",
    "another chain": transfer(chain_id=1),
}


@pytest.mark.parametrize("raw", REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("name", STARTS)
def test_what_cannot_be_in_a_block_is_refused(name: str, raw: bytes) -> None:
    with started(name) as client:
        if (name, raw) == ("py-evm", REFUSED["another chain"]):
            # It does not look at the chain of typed transactions.
            assert client.add_block([raw], NOW).receipts[0].status
            return
        with pytest.raises(BlockRefused):
            client.add_block([raw], NOW)


# ------------------------------------------------------------------------------------------------ anvil


def test_anvil_has_the_accounts_of_the_file_and_no_others() -> None:
    needs("anvil")
    with Anvil(GENESIS) as anvil:
        for place, account in enumerate(TEST_ACCOUNTS):
            balance = int(anvil.rpc.call("eth_getBalance", f"0x{account.address.hex()}", "latest"), 16)
            assert balance == (100 if place == 0 else 0)
        assert anvil.rpc.call("eth_accounts") == []
        assert int(anvil.rpc.call("eth_chainId"), 16) == GENESIS.chain_id
        assert anvil.url == f"http://127.0.0.1:{anvil.port}"


def test_anvil_is_ended_with_all_its_files() -> None:
    needs("anvil")
    anvil = Anvil(GENESIS)
    folder = Path(anvil._folder.name)
    assert folder.is_dir()
    anvil.close()
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(anvil.pid, 0)
    with pytest.raises(PeerError, match="no answer by JSON-RPC"):
        anvil.rpc.call("eth_chainId")


def test_anvil_that_does_not_start_says_why() -> None:
    needs("anvil")
    with pytest.raises(PeerError, match=r"^anvil: ended with exit status \d+: "):
        Anvil(GENESIS, ["--no-such-option"])


def test_anvil_that_does_not_listen_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    needs("anvil")
    monkeypatch.setattr("conformance.peers.anvil.START_SECONDS", 0)
    with pytest.raises(PeerError, match="expected it to listen after 0 s"):
        Anvil(GENESIS)


def test_a_root_of_anvil_that_comes_from_another_state_is_not_believed() -> None:
    needs("anvil")
    client = AnvilClient(GENESIS)
    try:
        dump = client._rpc.call("anvil_dumpState")
        assert client._root(GENESIS.header.state_root, dump) == GENESIS.header.state_root
        with pytest.raises(PeerError, match="expected its state root to be that of its state, found 0x0000"):
            client._root(bytes(32), dump)
    finally:
        client.close()


def dumped(balance: int = 0, code: str = "0x", **words: str) -> dict[str, object]:
    return {"nonce": 0, "balance": hex(balance), "code": code, "storage": words}


def test_what_is_empty_is_left_out_of_a_state_or_kept_as_anvil_keeps_it() -> None:
    one, two = Address(b"1" * 20), Address(b"2" * 20)
    first = {f"0x{one.hex()}": dumped(5, **{"0x1": "0x7", "0x2": "0x0"}), f"0x{two.hex()}": dumped()}
    second = {**first, f"0x{one.hex()}": dumped(5, **{"0x1": "0x0", "0x2": "0x3"}), f"0x{two.hex()}": dumped(1)}
    right, kept = StateTries(keep_empty=False), StateTries(keep_empty=True)
    commitment = StateCommitment()
    commitment.set_account(one, 0, 5)
    commitment.set_storage(one, {1: 7})
    assert right.update(first) == commitment.state_root() != kept.update(first)
    assert right.account(two) == Account()
    commitment.set_storage(one, {1: 0, 2: 3})
    commitment.set_account(two, 0, 1)
    assert right.update(second) == commitment.state_root() != kept.update(second)
    assert right.account(two) == Account(balance=1)
    commitment.set_account(two, 0, 0)
    assert right.update({**second, f"0x{two.hex()}": dumped()}) == commitment.state_root()


# ------------------------------------------------------------------------------------------------ JSON-RPC


@contextmanager
def server(answer: Callable[[object], object]) -> Iterator[JsonRpc]:
    """A server that answers each body with what ``answer`` says, text as it is."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            content = (body if isinstance(body, str) else json.dumps(body)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with HTTPServer((HOST, 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        rpc = JsonRpc(HOST, http.server_port)
        try:
            yield rpc
        finally:
            rpc.close()
            http.shutdown()
            thread.join()


def echo(request: object) -> object:
    assert isinstance(request, dict)
    return {"id": request["id"], "result": [request["method"], request["params"]]}


def test_answers_are_given_by_their_ids() -> None:
    def turned(body: object) -> object:
        return [echo(request) for request in reversed(body)] if isinstance(body, list) else echo(body)

    with server(turned) as rpc:
        assert rpc.call("a", 1, "x") == ["a", [1, "x"]]
        assert rpc.batch([("a", [1]), ("b", [])]) == [["a", [1]], ["b", []]]
        assert rpc.batch([]) == []


@pytest.mark.parametrize(
    "body, error, message",
    [
        ({"error": {"code": -32000, "message": "no"}}, AnswerError, "a: {'code': -32000, 'message': 'no'}"),
        ([], AnswerError, r"a: \[\]"),
        ("garbage", PeerError, "no answer by JSON-RPC: JSONDecodeError"),
    ],
)
def test_an_error_is_told_from_no_answer(body: object, error: type[PeerError], message: str) -> None:
    with server(lambda _: body) as rpc, pytest.raises(error, match=message):
        rpc.call("a")


def test_a_batch_that_is_answered_in_part_is_an_error() -> None:
    first_only = server(lambda body: [echo(body[0])] if isinstance(body, list) else None)
    with first_only as rpc, pytest.raises(AnswerError, match="b: None"):
        rpc.batch([("a", []), ("b", [])])
    with server(lambda _: {"error": "too large"}) as rpc, pytest.raises(PeerError, match="expected a list of answers"):
        rpc.batch([("a", [])])


# ------------------------------------------------------------------------------------------------ installation


def test_what_is_not_installed_is_one_line_that_says_how(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(foundry, "PACKAGES", tmp_path)
    with pytest.raises(PeerError, match=r"^anvil: expected it in .*, found nothing there: install it with make peers$"):
        Anvil(GENESIS)


@pytest.mark.parametrize("name", ["anvil", "cast", "forge"])
def test_the_programs_are_there(name: str) -> None:
    assert os.access(needs(name), os.X_OK)


def test_the_lock_holds_versions_and_hashes_and_no_addresses() -> None:
    text = (FOLDER / "package-lock.json").read_text(encoding="utf-8")
    lock, package = json.loads(text), json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
    programs = package["optionalDependencies"]
    assert lock["packages"][""]["optionalDependencies"] == programs
    assert lock["packages"].keys() == {"", *(f"node_modules/{name}" for name in programs)}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in programs.values())
    assert "http" not in text
    assert all("integrity" in entry for name, entry in lock["packages"].items() if name)
