"""forge, with tests in Solidity of somebody who builds on the protocol, on a fork of a running node's chain."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING, Final

from tests.clients.cast import Cast
from tests.clients.contracts import CREDITS, DIEM, STAKING, VVV
from tests.clients.node_js import CONTRACTS, HERE, node_js
from tests.conformance.foundry import needs

if TYPE_CHECKING:
    from pathlib import Path

    from tests.clients.running_node import RunningNode

PRESET: Final = "minimal"
PROJECT: Final = HERE / "forge"
SECONDS: Final = 120


def test_forge_forks_the_chain_of_a_node(node: RunningNode, tmp_path: Path) -> None:
    node_js(CONTRACTS)  # for the compiler
    newcomer, gateway = node.account("newcomer"), node.account("gateway")
    cast = Cast(node.http, tmp_path)
    cast.send(newcomer, VVV, "transfer(address,uint256)", gateway.address, "200ether")
    known = {
        "DIEM_URL": node.http,
        "VVV": VVV.address,
        "STAKING": STAKING.address,
        "DIEM": DIEM.address,
        "CREDITS": CREDITS.address,
        "NEWCOMER": newcomer.address,
        "GATEWAY": gateway.address,
    }
    folders = ("--out", tmp_path / "out", "--cache-path", tmp_path / "cache")
    done = subprocess.run(
        [needs("forge"), "test", "-vvv", "--fork-url", node.http, *folders],
        cwd=PROJECT, env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **known},
        check=False, capture_output=True, text=True, timeout=SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    written = len(re.findall(r"function test\w+\(", (PROJECT / "test" / "Fork.t.sol").read_text(encoding="utf-8")))
    assert f"{written} tests passed, 0 failed, 0 skipped" in done.stdout
    assert cast.run("block-number") == "1"  # what is done on the fork stays there
