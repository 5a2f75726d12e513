"""viem, in Node.js, against a running node: the tests are those of Node's own runner in ``viem``."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import TYPE_CHECKING, Final

from tests.clients.contracts import CREDITS, DIEM, STAKING, VVV
from tests.clients.node_js import HERE, node_js

if TYPE_CHECKING:
    from tests.clients.running_node import RunningNode

PRESET: Final = "snapshot-2026-09-19"
TESTS: Final = HERE / "viem" / "node.test.mjs"
SECONDS: Final = 120


def test_viem(node: RunningNode) -> None:
    known = {
        "http": node.http,
        "websocket": node.websocket,
        "contracts": {
            "VVV": VVV.address,
            "Staking": STAKING.address,
            "DIEM": DIEM.address,
            "DailyCredits": CREDITS.address,
        },
        "accounts": {name: node.account(name).secret for name in ("newcomer", "staker", "gateway")},
    }
    done = subprocess.run(
        [str(node_js(HERE)), "--test", "--test-reporter=tap", str(TESTS)],
        env={**os.environ, "DIEM_NODE": json.dumps(known)},
        check=False, capture_output=True, text=True, timeout=SECONDS,
    )  # fmt: skip
    counts = {name: int(count) for name, count in re.findall(r"^# (\w+) (\d+)$", done.stdout, re.MULTILINE)}
    assert done.returncode == 0, done.stdout + done.stderr
    assert counts["pass"] == counts["tests"] == TESTS.read_text(encoding="utf-8").count("\ntest(")
