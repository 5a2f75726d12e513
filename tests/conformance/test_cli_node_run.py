"""`diem node run` as a process: served, stopped, killed, restarted, followed."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from typer.testing import CliRunner

from conformance.cli.app import BAD_INPUT, HOLDS, app
from ledger.keys import SequencerKey
from ledger.node.published import DEV_SEQUENCER, TEST_ACCOUNTS
from spec.addresses import STAKING
from spec.quantities import format_address
from tests.ledger.node.conftest import BUYER, GATEWAY, MINTER, NOBODY, STAKER, UNIT, address, calling, signed

ROOT: Final = Path(__file__).resolve().parents[2]
DIEM: Final = [sys.executable, "-m", "conformance.cli", "node"]
PATIENCE: Final = 60
"""Seconds, on a machine that has much else to do."""


class Running:
    """A node in a process of its own."""

    def __init__(self, logs: Path, *args: object) -> None:
        self._logs = logs
        with logs.open("a") as stderr:
            self.process = subprocess.Popen(
                [*DIEM, "run", "--port", "0", "--json", "--log-format", "json", *map(str, args)],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )
        self.report = self._read_report()
        self.client = httpx.Client(base_url=self.report["http"], timeout=PATIENCE)

    def _read_report(self) -> dict[str, Any]:
        lines = []
        assert self.process.stdout is not None
        for line in self.process.stdout:
            lines.append(line)
            if line == "}\n":
                return dict(json.loads("".join(lines)))
        self.process.wait(PATIENCE)
        pytest.fail(f"the node ended with status {self.process.returncode}: {self._logs.read_text()}")

    def ask(self, method: str, *params: object) -> Any:
        answer = self.client.post("/", json={"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).json()
        assert "error" not in answer, answer
        return answer["result"]

    def send(self, raw: bytes) -> str:
        return str(self.ask("eth_sendRawTransaction", f"0x{raw.hex()}"))

    def receipt(self, transaction_hash: str) -> dict[str, Any]:
        return dict(eventually(lambda: self.ask("eth_getTransactionReceipt", transaction_hash)))

    def head(self) -> tuple[int, str]:
        block = self.ask("eth_getBlockByNumber", "latest", False)
        return int(block["number"], 16), block["hash"]

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        status = self.process.wait(PATIENCE)
        self.close()
        return status

    def close(self) -> None:
        self.client.close()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._logs.read_text(encoding="utf-8").splitlines()]


def eventually(look: Callable[[], Any]) -> Any:
    """Return what is looked for as soon as there is something."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    pytest.fail("nothing came of it")


Start = Callable[..., Running]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start nodes that end with the test, whatever happens."""
    with ExitStack() as stack:

        def begin(*args: object) -> Running:
            running = Running(tmp_path / f"{time.monotonic_ns()}.log", *args)
            stack.callback(running.close)
            return running

        yield begin


def diem(*args: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*DIEM, *map(str, args)], cwd=ROOT, text=True, capture_output=True, check=False)


def verified(data: Path) -> dict[str, Any]:
    ran = CliRunner().invoke(app, ["node", "verify", "--data", str(data), "--json"])
    assert ran.exit_code == HOLDS, ran.stderr
    return dict(json.loads(ran.stdout))


def bad_input(*args: object) -> str:
    ran = CliRunner().invoke(app, ["node", "run", *map(str, args)])
    assert (ran.exit_code, ran.stdout) == (BAD_INPUT, "")
    assert ran.stderr.count("\n") == 1
    return ran.stderr.strip().removeprefix("diem node run: ")


def test_development_node_from_start_to_end(start: Start) -> None:
    node = start("--dev")
    assert node.report["chain_id"] == "8453"
    assert node.report["sequencer"] == format_address(DEV_SEQUENCER.address)
    assert node.report["accounts"][1] == {
        "address": format_address(address(1)),
        "secret": f"0x{TEST_ACCOUNTS[1].secret.hex()}",
    }
    assert int(node.ask("eth_getBalance", format_address(address(3)), "latest"), 16) == 10_000 * 10**18
    # Stake and mint; then stake the DIEM, and the gateway records it in the same block.
    calls: list[tuple[str, list[Any]]] = [
        ("vvv.approve", [STAKING, 100 * UNIT]),
        ("staking.stake", [address(STAKER), 100 * UNIT]),
        ("staking.mintDiem", [1000 * UNIT, 0]),
        ("diem.stake", [5 * UNIT]),
    ]
    for nonce, (name, arguments) in enumerate(calls):
        receipt = node.receipt(node.send(calling(STAKER, nonce, name, *arguments)))
        assert (receipt["status"], int(receipt["blockNumber"], 16)) == ("0x1", nonce + 1)
    block = node.ask("eth_getBlockByNumber", "latest", True)
    assert [transaction["from"] for transaction in block["transactions"]] == [
        format_address(address(account)).lower() for account in (STAKER, GATEWAY)
    ]
    # Time is moved, and the head goes back.
    saved = node.ask("evm_snapshot")
    node.ask("evm_increaseTime", 3600)
    node.ask("evm_mine")
    assert int(node.ask("eth_getBlockByNumber", "latest", False)["timestamp"], 16) >= 1_000_000 + 3600
    assert node.ask("evm_revert", saved) is True
    assert node.head() == (4, block["hash"])
    health = node.client.get("/health")
    assert (health.status_code, health.json()["head"]["number"]) == (200, 4)
    assert "diem_head_number 4.0" in node.client.get("/metrics").text
    port = httpx.URL(node.report["http"]).port
    assert node.stop() == HOLDS
    events = [event["event"] for event in node.events()]
    assert (events[0], events[-2:]) == ("started", ["stopping", "stopped"])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port or 0), timeout=5)


def test_two_nodes_killed_and_started_again_agree(start: Start, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    source = start("--dev", "--data", one, "--block-time", "0.1", "--no-empty-blocks", "--no-gateway")
    locked = diem("run", "--dev", "--data", one, "--port", "0")
    assert (locked.returncode, locked.stderr.count("\n")) == (BAD_INPUT, 1)
    assert locked.stderr.startswith(f"diem node run: {one}")
    ran = CliRunner().invoke(app, ["node", "init", "--data", str(two), "--genesis", str(one / "genesis.json")])
    assert ran.exit_code == HOLDS
    follower = start("--data", two, "--follow", source.report["http"])

    for nonce in range(5):
        # Handed on by the follower, mined by the other, and found again at the follower.
        sent = follower.send(signed(STAKER, nonce, value=nonce + 1))
        assert follower.receipt(sent)["status"] == "0x1"
        acknowledged = follower.head()
    assert int(follower.ask("eth_getBalance", f"0x{NOBODY.hex()}", "latest"), 16) == 15
    eventually(lambda: follower.head() == source.head())

    for node in (source, follower):
        assert node.stop(signal.SIGKILL) == -signal.SIGKILL
    source = start("--dev", "--data", one)
    follower = start("--data", two, "--follow", source.report["http"])
    # What had a receipt is there still.
    assert source.head()[0] >= acknowledged[0]
    source.send(calling(MINTER, 0, "diem.stake", UNIT))
    source.send(calling(BUYER, 0, "vvv.transfer", NOBODY, 10**30))
    eventually(lambda: follower.head() == source.head())
    head = source.head()
    source.stop()
    # The follower goes on serving what it has, and says that it is alone.
    eventually(lambda: follower.client.get("/health").status_code == 503)
    assert follower.head() == head
    assert follower.stop() == HOLDS
    assert [verified(data)["head"]["hash"] for data in (one, two)] == [head[1]] * 2


def test_sequencer_with_keys_in_files(start: Start, tmp_path: Path) -> None:
    data, word, gateway = tmp_path / "data", tmp_path / "word", tmp_path / "gateway.pem"
    word.write_text("some words that nobody guesses\n", encoding="utf-8")
    secret = word.read_bytes().strip()
    SequencerKey.from_secret(TEST_ACCOUNTS[GATEWAY].secret).save(gateway, secret)
    options = ("--data", str(data), "--passphrase-file", str(word))
    ran = CliRunner().invoke(app, ["node", "init", "--preset", "minimal", *options])
    assert ran.exit_code == HOLDS
    node = start(
        *options, "--gateway-key", gateway, "--gateway-passphrase-file", word, "--block-time", "60", "--time", "chain"
    )
    sent = node.send(calling(MINTER, 0, "diem.stake", UNIT))
    assert node.ask("eth_getTransactionReceipt", sent) is None
    methods = node.client.post("/", json={"jsonrpc": "2.0", "id": 1, "method": "evm_mine", "params": []}).json()
    assert methods["error"]["code"] == -32601
    # What waits when it is interrupted is in a last block.
    assert node.stop(signal.SIGINT) == HOLDS
    assert (verified(data)["blocks"], verified(data)["transactions"]) == ("1", "2")


def test_node_of_another_chain_is_not_followed(start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIEM_KEY_PASSPHRASE", "words")
    source = start("--dev")
    data = tmp_path / "data"
    assert CliRunner().invoke(app, ["node", "init", "--data", str(data), "--preset", "launch"]).exit_code == HOLDS
    ran = diem("run", "--data", data, "--follow", source.report["http"], "--port", "0", "--log-level", "error")
    assert ran.returncode == BAD_INPUT
    assert ran.stderr.startswith(f"diem node run: {source.report['http']}: found genesis 0x")
    assert ran.stderr.count("\n") == 1


def test_taken_port_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = diem("run", "--dev", "--port", port, "--log-level", "error")
    assert said.returncode == BAD_INPUT
    line = f"diem node run: cannot listen on 127.0.0.1, port {port}: Address already in use\n"
    assert (said.stdout, said.stderr) == ("", line)


def test_text_for_people(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*DIEM, "run", "--dev", "--port", "0"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        lines = []
        for line in running.stdout:
            lines.append(line)
            if "0xa0Ee7A142d267C1f36714E4a8F75612F20a79720" in line:
                break
        running.send_signal(signal.SIGTERM)
        _, stderr = running.communicate(timeout=PATIENCE)
    assert running.returncode == HOLDS
    assert lines[0].startswith("JSON-RPC   http://127.0.0.1:")
    assert lines[-1].endswith("  gateway\n")
    assert any("1000 VVV, 5000 sVVV" in line for line in lines)
    assert "INFO    stopped head=0 waiting=0\n" in stderr


def test_options_that_do_not_fit_are_one_line(tmp_path: Path) -> None:
    assert bad_input() == "expected --data or --dev"
    assert bad_input("--data", tmp_path, "--preset", "minimal").startswith("--preset: expected --dev as well")
    for option in ("--key", "--passphrase-file", "--gateway-key", "--gateway-passphrase-file", "--block-time"):
        given = "3" if option == "--block-time" else "file"
        said = bad_input("--data", tmp_path, "--follow", "http://h", option, given)
        assert said == f"--follow: expected no {option}, as a node that follows makes no blocks"
    for option in ("--key", "--passphrase-file"):
        assert bad_input("--dev", option, "file").startswith(f"--dev: expected no {option}, as the key")
    assert bad_input("--dev", "--gateway-passphrase-file", "file").endswith("expected --gateway-key as well")
    assert bad_input("--dev", "--block-time", "inf") == "--block-time: expected a number of seconds, found inf"
    assert bad_input("--dev", "--allow-origin", "localhost:3000").startswith(
        "--allow-origin: expected an origin of scheme"
    )
    assert bad_input("--dev", "--host", "").startswith("--host: expected an address to listen on")
    assert bad_input("--dev", "--follow", "nowhere").startswith("--follow: expected the URL of a node")
    assert bad_input("--data", tmp_path / "none").endswith("make one with: diem node init")
    assert bad_input("--dev", "--preset", "none").startswith("preset 'none': ")
    assert "Invalid value for '--port'" in bad_input("--dev", "--port", "99999")
    assert bad_input("--dev", "--gateway-key", tmp_path / "none").startswith(f"{tmp_path}/none: no passphrase")


def test_development_chains_and_others_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIEM_KEY_PASSPHRASE", "words")
    data = tmp_path / "data"
    CliRunner().invoke(app, ["node", "init", "--data", str(data), "--preset", "minimal"])
    assert "no development chain" in bad_input("--dev", "--data", data)
    assert "expected" in bad_input("--dev", "--data", data, "--preset", "minimal")
    other = tmp_path / "other.pem"
    SequencerKey.generate().save(other, b"words")
    assert "expected that of the sequencer" in bad_input("--data", data, "--key", other)
    monkeypatch.setenv("DIEM_KEY_PASSPHRASE", "others")
    assert "the passphrase is wrong" in bad_input("--data", data)
