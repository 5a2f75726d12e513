"""Our node in a process of its own, as anybody would run it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

from conformance.peers.json_rpc import JsonRpc
from ledger.genesis import Genesis


class RunningNode:
    """``diem node run --dev`` over a preset, which keeps its chain in a folder; RuntimeError if it does not start."""

    def __init__(self, preset: str, folder: Path) -> None:
        command = [sys.executable, "-m", "conformance.cli", "node", "run", "--dev", "--preset", preset]
        self._process = subprocess.Popen(  # noqa: S603
            [*command, "--data", str(folder / "node"), "--port", "0", "--json", "--log-level", "error"],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            self.rpc: Final = JsonRpc("127.0.0.1", self._port())
            self.genesis: Final = Genesis.from_json((folder / "node" / "genesis.json").read_text(encoding="utf-8"))
        except BaseException:  # nobody else knows of the process yet
            self._end()
            raise

    def __enter__(self) -> RunningNode:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self.rpc.close()
        self._end()

    def _end(self) -> None:
        self._process.terminate()
        self._process.communicate()

    def _port(self) -> int:
        """Read what it says when it is ready."""
        said = ""
        for line in self._process.stdout or ():
            said += line
            if line == "}\n":
                return int(json.loads(said)["http"].rsplit(":", 1)[1])
        raise RuntimeError(f"diem node run: did not start: exit status {self._process.wait()}")
