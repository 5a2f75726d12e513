"""forge's invariant runner, as a peer: the same contracts, from the same state, with the same mix of calls."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import Any, Final, NamedTuple

from conformance.foundry.state import preset_state
from conformance.peers.client import PeerError
from conformance.peers.foundry import program
from conformance.programs.generator import FAMILIES
from spec import addresses
from spec.hashing import keccak256
from spec.messages import ZERO_ADDRESS, Address
from spec.parameters import Preset
from spec.quantities import format_address

DEPTH: Final = 250
"""Calls in a run, as in a program of ours."""

COMPILER: Final = Path(__file__).parents[1] / "contracts" / "node_modules" / "solc"
"""Where npm puts the compiler that the contracts are built with."""


class Ran(NamedTuple):
    """What an invocation of forge came to."""

    calls: int
    refused: int
    seconds: float
    """Processor time, all of it."""


class ForgeInvariants:
    """A project of forge in a folder of its own, compiled."""

    def __init__(self, folder: Path, preset: Preset) -> None:
        """Write and compile it.

        Raises
        ------
        PeerError : forge or the compiler is not installed, or does not do its work.
        """
        self._forge = program("forge")
        self._folder = folder
        self._environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **dict(_known(preset))}
        if not COMPILER.is_dir():
            raise PeerError(f"solc: expected it in {COMPILER}, found nothing there: install it with make contracts")
        for file in resources.files("conformance.bench").joinpath("forge").iterdir():
            if file.is_file():
                (folder / file.name).write_bytes(file.read_bytes())
        (folder / "allocs.json").write_text(preset_state(preset), encoding="utf-8")
        self._environment["FOUNDRY_SOLC"] = str(self._compiler())
        self._run("build")

    def run(self, runs: int, depth: int, seed: int) -> Ran:
        """Let forge make ``runs`` runs of ``depth`` calls on one core.

        Raises
        ------
        PeerError : forge fails, or finds that the invariant does not hold.
        """
        self._environment |= {"FOUNDRY_INVARIANT_RUNS": str(runs), "FOUNDRY_INVARIANT_DEPTH": str(depth)}
        before = _processor_time()
        output = self._run("test", "--json", "--threads", "1", "--fuzz-seed", str(seed))
        seconds = _processor_time() - before
        (suite,) = json.loads(output).values()
        (test,) = suite["test_results"].values()
        kind: dict[str, Any] = test["kind"]["Invariant"]
        return Ran(kind["calls"], kind["reverts"], seconds)

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(  # noqa: S603
            [self._forge, *arguments, "--root", self._folder],
            env=self._environment, cwd=self._folder, check=False, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            said = (done.stdout + done.stderr).strip() or "nothing"
            raise PeerError(f"forge {arguments[0]}: expected exit status 0, found {done.returncode}: {said}")
        return done.stdout

    def _compiler(self) -> Path:
        """Write the compiler as a program such as forge expects: it is JavaScript, and has no options of its own."""
        path = self._folder / "solc.mjs"
        path.write_text(_COMPILER.replace("SOLC", json.dumps(str(COMPILER))), encoding="utf-8")
        path.chmod(0o755)
        return path


def _processor_time() -> float:
    """Return what all children took that have ended (s)."""
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _known(preset: Preset) -> Iterator[tuple[str, str]]:
    """Yield what the contracts of the project read from the environment."""
    for name, address in (
        ("VVV", addresses.VVV),
        ("STAKING", addresses.STAKING),
        ("STAKING_IMPLEMENTATION", addresses.STAKING_IMPLEMENTATION),
        ("DIEM", addresses.DIEM),
        ("CREDITS", addresses.DAILY_CREDITS),
        ("OWNER", preset.staking.owner),
        ("ADMIN", preset.diem.admin),
        ("GATEWAY", preset.credits.gateway),
    ):
        yield name, format_address(address)
    yield "ACCOUNTS", ",".join(map(format_address, _accounts(preset)))
    yield "TIMESTAMP", str(preset.timestamp)
    yield "KINDS", f"0x{_kinds().hex()}"


def _accounts(preset: Preset) -> list[Address]:
    named = [account.address for account in preset.accounts if account.address != ZERO_ADDRESS]
    return list(dict.fromkeys([*named, preset.staking.treasury]))


def _kinds() -> bytes:
    """Return the selector of the handler's function for each kind of call of ours, as often as the kind weighs."""
    return b"".join(
        keccak256(f"{family}_{draft.__name__}(uint256)".encode())[:4] * weight
        for family, kinds in FAMILIES.items()
        for weight, draft in kinds
    )


_COMPILER: Final = """#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
const solc = createRequire(import.meta.url)(SOLC);
if (process.argv.includes("--version")) {
  process.stdout.write(`solc, the solidity compiler\\nVersion: ${solc.version()}\\n`);
} else {
  process.stdout.write(solc.compile(readFileSync(0, "utf8")));
}
"""
