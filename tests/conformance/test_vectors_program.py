"""A program over lines: whatever it does or leaves undone is named and counted, the run goes on, and nothing hangs."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

import pytest

from conformance.vectors.consume import consume, counts
from conformance.vectors.judging import PARTS, Judge
from conformance.vectors.targets import program
from conformance.vectors.targets.lines import Ended, LineProcess, TimedOut
from conformance.vectors.targets.program import ProgramError, ProgramTarget
from conformance.vectors.targets.target import KINDS
from tests.conformance.vector_clients import client
from tests.conformance.vector_sets import QUOTE, REFUSED, core_entries, entry

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.vectors.consume import Outcome

SECONDS = 0.7
PATIENT = 20.0
"""For programs of which none is late: their start can take long on a busy machine."""


def outcomes(
    folder: Path, body: str, seconds: float = PATIENT, ids: tuple[str, ...] = (QUOTE, REFUSED)
) -> list[Outcome]:
    target = ProgramTarget(client(folder, body), PATIENT)
    target.seconds = seconds
    try:
        return consume(target, [entry(id_) for id_ in ids])
    finally:
        target.close()


def test_right_answers_pass(tmp_path: Path) -> None:
    assert [outcome.verdict for outcome in outcomes(tmp_path, "say(answer)")] == ["passed", "passed"]


@pytest.mark.parametrize(
    "body,kind,reason",
    [
        (
            'say("hello, world")',
            "garbage",
            "expected one JSON object with the id of the request, found b'hello, world'",
        ),
        ('say("[1, 2]")', "garbage", "found b'[1, 2]'"),
        ('say("[" * 100_000)', "garbage", "… (100000 bytes)"),
        ('say("x" * 500)', "garbage", "… (500 bytes)"),
        ('say({"answer": answer["answer"]})', "garbage", "expected one JSON object with the id"),
        ('say({"id": message["id"]})', "garbage", "expected a line with the field answer"),
        ('say({"id": message["id"], "answer": [1]})', "malformed", "expected an object, found [1]"),
        ('say({"id": message["id"], "answer": None})', "malformed", "expected an object, found null"),
        ('say({"id": message["id"], "error": "division by zero"})', "error", "the client says: division by zero"),
        ("os._exit(3)", "crash", "the client ended with status 3"),
        ('sys.stderr.write("no such thing\\n"); sys.exit(4)', "crash", "with status 4: no such thing"),
        ("os.kill(os.getpid(), 9)", "crash", "with status -9"),
        (
            'sys.stdout.write(\'{"id": "comp\'); sys.stdout.flush(); os._exit(0)',
            "half a line",
            "after 12 bytes of a line",
        ),
    ],
)
def test_what_is_no_answer_fails_one_vector_and_the_run_goes_on(
    body: str, kind: str, reason: str, tmp_path: Path
) -> None:
    bad = f'if "supply" in message["id"]:\n    say(answer)\nelse:\n    {body}'
    failed, passed = outcomes(tmp_path, bad)

    assert (failed.verdict, failed.kind) == ("failed", kind)
    assert kind in KINDS
    assert reason in failed.reason
    assert passed.verdict == "passed"


@pytest.mark.parametrize(
    "body,kind,reason",
    [
        ("time.sleep(0.9); say(answer)", "too late", "0.7 s are allowed"),
        ("time.sleep(60)", "no answer", "nothing came within 1.4 s"),
        (
            'sys.stdout.write("{"); sys.stdout.flush(); time.sleep(60)',
            "half a line",
            "1 bytes without an end after 0.7 s",
        ),
    ],
)
def test_what_does_not_come_in_time_fails_one_vector_and_the_run_goes_on(
    body: str, kind: str, reason: str, tmp_path: Path
) -> None:
    bad = f'if "supply" in message["id"]:\n    say(answer)\nelse:\n    {body}'
    target = ProgramTarget(client(tmp_path, bad), PATIENT)
    target.seconds = SECONDS
    failed = consume(target, [entry(QUOTE)])[0]
    target.seconds = PATIENT
    passed = consume(target, [entry(REFUSED)])[0]
    target.close()

    assert (failed.verdict, failed.kind) == ("failed", kind)
    assert reason in failed.reason
    assert passed.verdict == "passed"


def test_a_program_that_never_answers_is_not_waited_for_again_and_again(tmp_path: Path) -> None:
    quotes = tuple(each.id for each in core_entries() if each.id.startswith("component/quote"))
    started = time.monotonic()
    found = outcomes(tmp_path, "time.sleep(60)", 0.2, quotes)

    assert len(found) > program.MOST_SILENT
    assert counts(found) == {"passed": 0, "failed": len(quotes), "skipped": 0}
    assert {outcome.kind for outcome in found} <= {"no answer", "crash"}
    assert sum("not asked" in outcome.reason for outcome in found) >= len(quotes) - program.MOST_SILENT
    assert time.monotonic() - started < PATIENT


def test_a_stray_line_that_answers_an_earlier_request_is_passed_over(tmp_path: Path) -> None:
    body = """
if count == 1:
    say("a line for people")
say(answer)
"""
    assert [outcome.verdict for outcome in outcomes(tmp_path, body)] == ["failed", "passed"]


def test_a_client_may_decline_a_request(tmp_path: Path) -> None:
    found = outcomes(tmp_path, 'say({"id": message["id"], "skip": "not yet"})')
    assert [(outcome.verdict, outcome.reason) for outcome in found] == 2 * [("skipped", "the client says: not yet")]


def test_a_client_is_asked_for_what_it_implements_only(tmp_path: Path) -> None:
    (found,) = outcomes(tmp_path, "os._exit(1)", ids=("component/unlock/nothing",))
    assert (found.verdict, found.reason) == ("skipped", "the client does not implement it")


def test_reasons_of_the_client_are_translated(tmp_path: Path) -> None:
    body = 'answer["answer"]["reason"] = "curve exhausted"; say(answer)'
    command = client(tmp_path, body)
    for reasons, verdict in (({"curve exhausted": "INSUFFICIENT_SUPPLY"}, "passed"), ({}, "failed")):
        target = ProgramTarget(command, PATIENT, reasons)
        (found,) = consume(target, [entry(REFUSED)])
        target.close()
        assert found.verdict == verdict


def greets(**hello: Any) -> str:
    return f"print({json.dumps(json.dumps({'hello': hello}))})"


@pytest.mark.parametrize(
    "frame,message",
    [
        ("", "expected a greeting, found that it ended with status 0"),
        ("import sys; sys.exit('no license')", "it ended with status 1: no license"),
        ("print('hello')", "expected a greeting, {\"hello\": …}, found b'hello'"),
        ("print('{\"hello\": 1}')", "expected a greeting"),
        (greets(protocol="2"), "expected hello.protocol '1', found \"2\""),
        (greets(protocol="1", answers="all"), "expected hello.answers to be a list of texts"),
        (greets(protocol="1", answers=["gas"]), "expected hello.answers to be of values, output, reason, "),
        (greets(protocol="1", answers=[]), "expected hello.name to be a text, found null"),
        (greets(protocol="1", answers=[], name="x"), "expected hello.implements to be a list of texts, found null"),
    ],
)
def test_a_program_that_does_not_greet_is_bad_input(frame: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ProgramError) as caught:
        ProgramTarget(client(tmp_path, "", frame), PATIENT)
    assert message in str(caught.value)


def test_what_a_program_said_before_it_ended_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_late(*_: object) -> None:
        raise Ended(b"")

    monkeypatch.setattr(LineProcess, "send", too_late)
    with pytest.raises(ProgramError, match=r"expected a greeting, \{\"hello\": …\}, found b'no'"):
        ProgramTarget(client(tmp_path, "", "print('no')"), PATIENT)


def test_a_program_that_greets_too_late_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(ProgramError, match=r"expected a greeting within 0\.2 s"):
        ProgramTarget(client(tmp_path, "", "import time; time.sleep(60)"), 0.2)


@pytest.mark.parametrize(
    "command,message",
    [
        ("", "expected a command line, found none"),
        ("'", "expected a command line: No closing quotation"),
        ("/nowhere/client --fast", "/nowhere/client: cannot be started: No such file or directory"),
    ],
)
def test_a_command_that_cannot_be_run_is_bad_input(command: str, message: str) -> None:
    with pytest.raises(ProgramError) as caught:
        ProgramTarget(command, PATIENT)
    assert message in str(caught.value)


def test_a_program_that_reads_nothing_does_not_block_us(tmp_path: Path) -> None:
    process = LineProcess(client(tmp_path, "", "import time; time.sleep(60)").split())
    with pytest.raises(TimedOut):
        process.send(bytes(1 << 22), time.monotonic() + 0.3)
    process.kill()


def test_nothing_that_a_program_has_started_is_left(tmp_path: Path) -> None:
    body = """
import subprocess
child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
answer["answer"]["values"]["diem_amount"] = str(child.pid)
say(answer)
"""
    (found,) = outcomes(tmp_path, body, ids=(QUOTE,))
    assert found.difference is not None
    pid = int(found.difference.right.strip('"'))
    deadline = time.monotonic() + PATIENT
    while time.monotonic() < deadline and _runs(pid):
        time.sleep(0.02)
    assert not _runs(pid)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = open(f"/proc/{pid}/stat", encoding="ascii").read().rpartition(")")[2].split()[0]  # noqa: PTH123, SIM115
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"


def test_the_null_client_passes_nothing(tmp_path: Path) -> None:
    parts = json.dumps(PARTS)
    null = """
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    if "hello" in message:
        hello = {"protocol": "1", "name": "null", "implements": [""], "answers": PARTS}
        print(json.dumps({"hello": hello}), flush=True)
    else:
        print(json.dumps({"id": message["id"], "answer": {}}), flush=True)
"""
    for given in (parts, "[]"):
        target = ProgramTarget(client(tmp_path, "", null.replace("PARTS", given)), PATIENT)
        found = counts(consume(target, core_entries()))
        target.close()
        assert found["passed"] == 0
        assert found["failed" if given == parts else "skipped"] == len(core_entries())
    assert Judge().parts
