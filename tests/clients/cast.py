"""cast, Foundry's program for the command line."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Final

from tests.clients.contracts import Contract
from tests.clients.running_node import Account
from tests.conformance.foundry import needs

SECONDS: Final = 60


class CastError(Exception):
    """What cast says where it fails."""


class Cast:
    """cast, told where the node is and no more."""

    def __init__(self, url: str, home: Path) -> None:
        self._program: Final = needs("cast")
        self._environment: Final = {"ETH_RPC_URL": url, "HOME": str(home)}

    def run(self, *arguments: str) -> str:
        """Return what it prints; CastError if it fails."""
        done = subprocess.run(
            [str(self._program), *arguments],
            env=self._environment, check=False, capture_output=True, text=True, timeout=SECONDS,
        )  # fmt: skip
        if done.returncode:
            raise CastError(done.stderr.strip())
        return done.stdout.strip()

    def json(self, *arguments: str) -> Any:
        """Return what it prints as JSON."""
        return json.loads(self.run(*arguments, "--json"))

    def number(self, contract: Contract, signature: str, *arguments: str, block: str = "latest") -> int:
        """Return the first number that a view answers with."""
        said = self.run("call", contract.address, signature, *arguments, "--block", block)
        return int(said.split()[0])

    def send(self, account: Account, contract: Contract, signature: str, *arguments: str) -> Any:
        """Sign and send a call, and return its receipt: nonce, gas and fees are what cast finds out."""
        receipt = self.json("send", contract.address, signature, *arguments, "--private-key", account.secret)
        assert receipt["status"] == "0x1", receipt
        return receipt

    def pass_time(self, seconds: int) -> None:
        """Let a node's time go on, and make a block then."""
        self.run("rpc", "evm_increaseTime", str(seconds))
        self.run("rpc", "evm_mine")
