"""A development node in a process of its own, as anybody would run it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer
from typing import Any, Final

from spec.parameters import load_preset

ROOT: Final = Path(__file__).resolve().parents[2]
START_SECONDS: Final = 60
STOP_SECONDS: Final = 30


class Account:
    """An account of the node with a published key."""

    def __init__(self, shown: dict[str, str]) -> None:
        self.address: Final = shown["address"]
        """With EIP-55's checksum."""
        self.secret: Final = shown["secret"]


class RunningNode:
    """`diem node run --dev` on a free port, over one of the presets, with an empty data folder in memory."""

    def __init__(self, preset: str) -> None:
        """Start it, and wait until it says where it listens."""
        self.preset: Final = load_preset(preset)
        self._folder: Final = TemporaryDirectory(prefix="diem-client-")
        self._log: Final = (Path(self._folder.name) / "log").open("w+", encoding="utf-8")
        command = [sys.executable, "-m", "conformance.cli", "node", "run", "--dev", "--preset", preset]
        self._process: Final = subprocess.Popen(
            [*command, "--port", "0", "--json"], cwd=ROOT, stdout=subprocess.PIPE, stderr=self._log, text=True
        )
        said = self._announcement()
        self.http: Final[str] = said["http"]
        self.websocket: Final[str] = said["websocket"]
        self.chain_id: Final = int(said["chain_id"])
        self._accounts: Final = [Account(shown) for shown in said["accounts"]]

    def account(self, name: str) -> Account:
        """The account of the preset with this name, or its gateway, treasury or owner."""
        roles = {
            "gateway": self.preset.credits.gateway,
            "treasury": self.preset.staking.treasury,
            "owner": self.preset.staking.owner,
            **{account.name: account.address for account in self.preset.accounts},
        }
        address = f"0x{roles[name].hex()}"
        return next(account for account in self._accounts if account.address.lower() == address)

    def stop(self) -> tuple[int, str]:
        """End it as a service manager would; return its exit status and what it has logged."""
        self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(STOP_SECONDS)
        finally:
            self._process.kill()
            self._process.wait()
            self._log.seek(0)
            logged = self._log.read()
            self._close()
        return status, logged

    def _announcement(self) -> dict[str, Any]:
        """Read the JSON with which it says that it is ready."""
        assert self._process.stdout is not None
        timer = Timer(START_SECONDS, self._process.kill)
        timer.start()
        read = ""
        try:
            for line in self._process.stdout:
                read += line
                if line == "}\n":
                    announced: dict[str, Any] = json.loads(read)
                    return announced
        finally:
            timer.cancel()
        status = self._process.wait()
        self._log.seek(0)
        logged = self._log.read()
        self._close()
        raise RuntimeError(f"the node did not start: exit status {status}: {read}{logged}")

    def _close(self) -> None:
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._log.close()
        self._folder.cleanup()
