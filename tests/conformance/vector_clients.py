"""Programs that answer requests as they should not: Python, with only its own library."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FRAME = '''
import json, os, sys, time

def say(value):
    sys.stdout.write((value if isinstance(value, str) else json.dumps(value)) + "\\n")
    sys.stdout.flush()

def right(message):
    """The answer to two vectors of the component quote."""
    if message["request"]["input"]["diem_total_supply"] == "80" + 18 * "0":
        return {"status": False, "reason": "INSUFFICIENT_SUPPLY"}
    return {"status": True, "values": {"diem_amount": "29924974922433909223"}}

count = 0
for line in sys.stdin:
    message = json.loads(line)
    if "hello" in message:
        hello = {"protocol": "1", "name": "client", "implements": ["component/quote"]}
        say({"hello": {**hello, "answers": ["values", "reason"]}})
        continue
    count += 1
    answer = {"id": message["id"], "answer": right(message)}
    BODY
'''


def client(folder: Path, body: str, frame: str = FRAME) -> str:
    """Return the command line of a client that does ``body`` at each request; ``answer`` would be right."""
    path = folder / "client.py"
    path.write_text(frame.replace("BODY", body.strip().replace("\n", "\n    ")), encoding="utf-8")
    return shlex.join([sys.executable, "-S", str(path)])
