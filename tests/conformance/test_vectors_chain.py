"""Chain and crash vectors: the ledger passes, liars do not, an EVM comes to the same, and differences are named."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from conformance.peers.py_evm import PyEvmClient
from conformance.vectors.answering import answer
from conformance.vectors.chains import filling
from conformance.vectors.chains.alterations import ALTERATIONS
from conformance.vectors.chains.answering import read_genesis
from conformance.vectors.chains.bad_transactions import BAD_TRANSACTIONS
from conformance.vectors.chains.machine import LedgerMachine
from conformance.vectors.chains.steps import Cut, Kind, Step
from conformance.vectors.chains.story import Story
from conformance.vectors.consume import consume
from conformance.vectors.encoding import Malformed, octets
from conformance.vectors.executors import PyEvmExecutor, SpecificationExecutor
from conformance.vectors.judging import Differs, Judge, NotComparable
from conformance.vectors.library import CORE, Library
from conformance.vectors.reasons import known_reasons
from conformance.vectors.receipts import log_json
from conformance.vectors.serve import serve
from conformance.vectors.state import Names
from conformance.vectors.targets.machine import MachineTarget
from ledger.blocks import BlockErrorCode, decode_block
from ledger.store import StoreDamaged
from ledger.transactions import TransactionErrorCode
from tests.conformance.test_vectors_consume import published
from tests.conformance.vector_chain_saboteurs import CHAIN_SABOTEURS, ChainSaboteurExecutor
from tests.conformance.vector_sets import changed, core_entries, entry, files_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.vectors.library import Entry

CALLS_REFUSED = "chain/valid/calls-that-are-refused"
STATE_ROOT = "chain/refused-block/state-root"
AGAIN = "crash/cut/again-and-again"
BRANCHES = "crash/acknowledged/branches"
SMALL = "crash/cut/the-first-block-within"


def with_blocks() -> list[Entry]:
    return [each for each in core_entries() if each.format in filling.FORMATS]


# ------------------------------------------------------------------------------------------------------- what is there


def test_every_reason_for_which_a_block_can_be_refused_has_a_vector() -> None:
    found = {step["reason"] for each in with_blocks() for step in each.answer["steps"] if not step.get("status", True)}
    blocks = {str(code) for code in BlockErrorCode if code is not BlockErrorCode.BAD_TRANSACTION}
    not_in_blocks = {
        TransactionErrorCode.UNKNOWN_TYPE,  # the block itself is refused
        *(TransactionErrorCode.ALREADY_KNOWN, TransactionErrorCode.UNDERPRICED, TransactionErrorCode.POOL_FULL),
    }
    transactions = {f"bad transaction: {code}" for code in TransactionErrorCode if code not in not_in_blocks}
    assert found == blocks | transactions | {"unknown block"}
    assert found <= known_reasons()


def test_vectors_with_a_refusal_are_at_least_as_many_as_those_without() -> None:
    refusing = [any(step.get("status") is False for step in each.answer["steps"]) for each in with_blocks()]
    assert refusing.count(True) >= refusing.count(False) > 30


def test_a_refusal_changes_nothing() -> None:
    for each in with_blocks():
        before: Any = None
        for step in each.answer["steps"]:
            if step.get("status") is False and before is not None:
                assert (step["head"], step["state_root"]) == (before["head"], before["state_root"]), each.id
            before = step if "head" in step else None


def test_each_case_is_refused_for_the_reason_it_is_written_for() -> None:
    expected = {f"chain/refused-block/{name}": str(code) for name, (code, _) in ALTERATIONS.items()}
    transactions = {name: f"bad transaction: {code}" for name, (code, _) in BAD_TRANSACTIONS.items()}
    expected |= {f"chain/refused-transaction/{name}": reason for name, reason in transactions.items()}
    found = {each.id: each.answer["steps"] for each in with_blocks()}
    for id_, reason in expected.items():
        assert [step["reason"] for step in found[id_] if not step["status"]] == [reason]


def test_every_kind_of_step_is_cut_off_at_every_place() -> None:
    cuts = {
        (step["step"], step["cut"])
        for each in with_blocks()
        for step in each.request["steps"]
        if each.format == "crash" and "cut" in step
    }
    assert cuts == {(kind, str(cut)) for kind in ("import", "adopt") for cut in Cut}


def test_only_a_step_cut_off_while_it_is_written_has_two_ends() -> None:
    ends = Counter(
        (step.get("cut"), len(answered["one_of"]))
        for each in with_blocks()
        for step, answered in zip(each.request["steps"], each.answer["steps"], strict=True)
        if "one_of" in answered
    )
    # A block aside does not move the head, be it there or not.
    assert set(ends) == {(None, 1), ("before", 1), ("after", 1), ("within", 1), ("within", 2)}
    assert ends["within", 1] == 1


def test_the_content_of_a_block_says_what_its_bytes_say() -> None:
    for each in with_blocks():
        for step in each.request["steps"]:
            if content := step.get("content"):
                header = decode_block(octets(step["block"])).header
                assert (content["hash"], content["number"]) == (f"0x{header.hash.hex()}", str(header.number))
                assert content["state_root"] == f"0x{header.state_root.hex()}"


# ----------------------------------------------------------------------------------------------------- who answers them


@pytest.mark.parametrize("liar", CHAIN_SABOTEURS, ids=lambda liar: liar.__name__)
def test_every_ledger_that_lies_is_caught_by_the_vector_that_is_published(liar: type[LedgerMachine]) -> None:
    count, id_ = published()[liar.__name__]
    assert count > 0
    (outcome,) = consume(MachineTarget(ChainSaboteurExecutor(liar)), [entry(id_)])
    assert (outcome.verdict, outcome.kind) == ("failed", "difference")


def test_an_evm_without_seals_comes_to_the_same_states_and_receipts() -> None:
    judge = Judge(frozenset({"state_root", "receipts", "logs"}))
    valid = [each for each in with_blocks() if each.id.startswith(("chain/valid/", "chain/random/"))]
    assert len(valid) > 8
    for each in valid:
        judge.judge(each.format, each.request, each.answer, executed(each))


def executed(vector: Entry) -> Any:
    """Return what a client answers that carries out transactions, and knows nothing of this chain's headers."""
    client = PyEvmClient(read_genesis(vector.request["genesis"]))
    steps = []
    for step in vector.request["steps"]:
        block = decode_block(octets(step["block"]))
        outcome = client.add_block(block.transactions, block.header.timestamp)
        receipts = [{"status": one.status, "logs": [log_json(log) for log in one.logs]} for one in outcome.receipts]
        steps.append({"status": True, "state_root": f"0x{outcome.state_root.hex()}", "receipts": receipts})
    return {"steps": steps}


def test_they_are_served_over_lines() -> None:
    class Answers(list[str]):
        def write(self, line: str) -> int:
            self.append(line)
            return len(line)

        def flush(self) -> None:
            pass

    answers: Any = Answers()
    asked = [entry(CALLS_REFUSED), entry(SMALL)]
    lines = [json.dumps({"id": each.id, "format": each.format, "request": each.request}) for each in asked]
    serve(SpecificationExecutor(), [*lines], answers)
    serve(PyEvmExecutor(), lines[:1], answers)
    for each, line in zip(asked, answers, strict=False):
        Judge(frozenset({"head", "reason"})).judge(each.format, each.request, each.answer, json.loads(line)["answer"])
    assert json.loads(answers[2])["skip"] == "it carries out calls, and has no blocks"


def test_a_store_that_does_not_hold_together_fails_a_vector_and_not_the_run() -> None:
    class Damaged(LedgerMachine):
        def crash(self, step: Step) -> None:
            raise StoreDamaged("the store has no block at its head")

    (outcome,) = consume(MachineTarget(ChainSaboteurExecutor(Damaged)), [entry(SMALL)])
    assert (outcome.verdict, outcome.kind) == ("failed", "error")
    assert "the store has no block at its head" in outcome.reason


# ------------------------------------------------------------------------------------------------------- the comparison


def given_by_a_client(id_: str) -> Any:
    """Return the right answer, each crash with the last of the heads that may be there."""
    given = json.loads(json.dumps(entry(id_).answer))
    given["steps"] = [step["one_of"][-1] if "one_of" in step else step for step in given["steps"]]
    return given


def judged(id_: str, change: Callable[[Any], Any], parts: frozenset[str] | None = None) -> str:
    one, given = entry(id_), given_by_a_client(id_)
    change(given)
    judge = Judge(parts) if parts is not None else Judge()
    try:
        judge.judge(one.format, one.request, one.answer, given)
    except (Differs, Malformed, NotComparable) as error:
        return f"{type(error).__name__}: {error}"
    return "passed"


def _set(value: Any, *path: Any) -> Callable[[Any], None]:
    def change(given: Any) -> None:
        for key in path[:-1]:
            given = given[key]
        given[path[-1]] = value

    return change


def _the_other_end(given: Any) -> None:
    given["steps"][0] = entry(AGAIN).answer["steps"][0]["one_of"][0]


def _head_of_one_and_root_of_the_other(given: Any) -> None:
    without, with_it = entry(AGAIN).answer["steps"][0]["one_of"]
    given["steps"][0] = {**without, "state_root": with_it["state_root"]}


def _every_account(given: Any) -> None:
    for address, account in entry(CALLS_REFUSED).request["genesis"]["alloc"].items():
        known = {name.lower() for name in given["accounts"]}
        if address.lower() not in known:
            nonce, balance = (str(int(account[name], 16)) for name in ("nonce", "balance"))
            given["accounts"][address.upper().replace("0X", "0x")] = {"nonce": nonce, "balance": balance}


ANOTHER = "0x" + 32 * "11"


@pytest.mark.parametrize(
    "id_,change,said",
    [
        (CALLS_REFUSED, lambda _: None, "passed"),
        (STATE_ROOT, lambda _: None, "passed"),
        (AGAIN, lambda _: None, "passed"),
        (AGAIN, _the_other_end, "passed"),
        (CALLS_REFUSED, _every_account, "passed"),
        (AGAIN, _head_of_one_and_root_of_the_other, "Differs: steps[0].state_root: "),
        (AGAIN, _set({"hash": ANOTHER, "number": "1"}, "steps", 0, "head"), "Differs: steps[0].head.hash: "),
        (AGAIN, _set({}, "steps", 0), "Differs: steps[0].head.hash: "),
        (STATE_ROOT, _set(True, "steps", 1, "status"), "Differs: steps[1].status: refused with wrong state against"),
        (STATE_ROOT, _set("no", "steps", 1, "reason"), 'Differs: steps[1].reason: "wrong state" against "no"'),
        (STATE_ROOT, _set(False, "steps", 2, "status"), "Differs: steps[2].status: accepted against refused"),
        (STATE_ROOT, _set(1, "steps", 1, "head", "number"), "Malformed: steps[1].head.number: expected a string"),
        (STATE_ROOT, _set(ANOTHER, "steps", 0, "state_root"), "Differs: steps[0].state_root: "),
        (STATE_ROOT, _set(ANOTHER, "steps", 0, "receipts_root"), "Differs: steps[0].receipts_root: "),
        (STATE_ROOT, _set([], "steps", 0, "receipts"), "Differs: steps[0].receipts: 1 entries against 0 entries"),
        (STATE_ROOT, _set([], "steps", 0, "receipts", 0, "logs"), "Differs: steps[0].receipts[0].logs: "),
        (STATE_ROOT, _set(False, "steps", 0, "receipts", 0, "status"), "Differs: steps[0].receipts[0].status: "),
        (STATE_ROOT, lambda given: given["chain"].pop(), "Differs: chain: "),
        (STATE_ROOT, lambda given: given["steps"].pop(), "Differs: steps: 3 entries against 2 entries"),
        (STATE_ROOT, _set("all", "steps"), "Malformed: steps: expected a list"),
        (STATE_ROOT, _set([1, 2, 3], "steps"), "Malformed: expected an object, found 1"),
        (STATE_ROOT, _set({}, "accounts"), "Differs: accounts.0x"),
        (STATE_ROOT, _set([], "accounts"), "Malformed: expected an object, found []"),
        (STATE_ROOT, _set({"nonce": "7", "balance": "0"}, "accounts", "0x" + 20 * "11"), "Differs: accounts.0x1111"),
        (STATE_ROOT, _set({}, "words"), "Differs: words[0x"),
        (STATE_ROOT, _set({}, "variables"), "Differs: variables.vvv."),
    ],
)  # fmt: skip
def test_the_first_difference_is_named_by_its_field(id_: str, change: Callable[[Any], Any], said: str) -> None:
    assert said in judged(id_, change)


def test_of_two_ends_either_is_right_for_a_client_that_tells_roots_only() -> None:
    roots = frozenset({"state_root"})
    assert judged(AGAIN, _the_other_end, roots) == "passed"
    assert judged(AGAIN, _set(ANOTHER, "steps", 0, "state_root"), roots).startswith("Differs: steps[0].state_root")
    too_little = "NotComparable: the client answers none of head, state_root"
    assert judged(AGAIN, lambda _: None, frozenset({"receipts"})) == too_little


# ------------------------------------------------------------------------------------------------------------ bad input


def _pop(*path: Any) -> Callable[[Any], None]:
    def change(vector: Any) -> None:
        for key in path[:-1]:
            vector = vector[key]
        vector.pop(path[-1])

    return change


@pytest.mark.parametrize(
    "id_,change,message",
    [
        (STATE_ROOT, _set("2", "version"), 'expected version 1 of the format chain, found "2"'),
        (STATE_ROOT, _pop("request", "steps"), "request: expected the field steps"),
        (STATE_ROOT, _set("minimal", "request", "genesis"), "request.genesis: expected a string like ^chain/"),
        (STATE_ROOT, _set("chain/x", "request", "genesis"), "expected the genesis 'chain/x' in the index, found none"),
        (STATE_ROOT, _set(2, "answer", "steps", 1, "head", "number"), "expected a value of type string, found 2"),
        (STATE_ROOT, _pop("answer", "steps", 0, "head"), "expected the field head"),
        (STATE_ROOT, _set("later", "request", "steps", 0, "cut"), "expected no other fields"),
        (SMALL, _set("later", "request", "steps", 0, "cut"), "request.steps.0"),
        (SMALL, _set([], "answer", "steps", 0, "one_of"), "answer.steps.0"),
    ],
)  # fmt: skip
def test_a_vector_that_is_wrong_is_named_with_the_field(id_: str, change: Callable[[Any], Any], message: str) -> None:
    (found,) = Library(changed(id_, change), "here").entries()
    assert found.fault is not None
    assert message in found.fault.message


def test_a_genesis_file_that_is_wrong_is_said_of_the_vectors_that_start_from_it() -> None:
    files = files_of(STATE_ROOT)
    file = "genesis/chain/minimal.json"
    for old, new, message in (
        (b'"0xf4240"', b'"0xf4241"', f"{file}: expected the hash "),
        (b'"0xf4240"', b"1000000", f"{file}: timestamp: expected a value of type string, found 1000000"),
    ):
        assert old in files[file]
        (found,) = Library({**files, file: files[file].replace(old, new)}, "here").entries()
        assert found.fault is not None
        assert found.fault.message.startswith(message)


@cache
def _genesis() -> Any:
    return json.loads((CORE / "genesis" / "chain" / "minimal.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "format_,request_,message",
    [
        ("chain", {"steps": []}, "expected an object, found null"),
        ("chain", {"genesis": {}, "steps": []}, "expected a genesis file as geth has it: config"),
        ("chain", {"genesis": ..., "steps": {}}, "expected a list, found {}"),
        ("chain", {"genesis": ..., "steps": [1]}, "expected an object, found 1"),
        ("chain", {"genesis": ..., "steps": [{"step": "crash"}]}, 'one of import, adopt; found "crash"'),
        ("chain", {"genesis": ..., "steps": [{"step": "import"}]}, "expected bytes as 0x"),
        ("chain", {"genesis": ..., "steps": [{"step": "adopt", "hash": "0x00"}]}, "expected 32 bytes, found 1"),
        ("chain", {"genesis": ..., "steps": [{"step": "import", "block": "0x", "cut": "after"}]}, "expected a cut"),
        ("crash", {"genesis": ..., "steps": [{"step": "wait"}]}, 'one of import, adopt, crash; found "wait"'),
        ("crash", {"genesis": ..., "steps": [{"step": "crash", "cut": "after"}]}, "expected a cut, one of before"),
        ("crash", {"genesis": ..., "steps": [{"step": "import", "block": "0x", "cut": "now"}]}, 'found "now"'),
    ],
)  # fmt: skip
def test_a_request_that_is_none_is_refused(format_: str, request_: Any, message: str) -> None:
    given = {key: _genesis() if value is ... else value for key, value in request_.items()}
    with pytest.raises(Malformed) as caught:
        answer(format_, given, SpecificationExecutor())
    assert message in str(caught.value)


# -------------------------------------------------------------------------------------------------------------- filling


def test_a_vector_that_would_have_two_answers_is_not_filled() -> None:
    story = Story()
    story.offers(story.block().encode(), Cut.WITHIN)
    request = {**story.request, "genesis": _genesis()}
    with pytest.raises(ValueError, match="expected one end, whether or not"):
        filling.expected("crash", request, Names())
    story.asks_for(story.block().header.hash)
    with pytest.raises(ValueError, match="expected one answer, whether or not"):
        filling.expected("crash", request, Names())


def test_a_store_in_memory_does_not_outlive_a_crash() -> None:
    machine = LedgerMachine(Story().genesis, on_disk=False)
    with pytest.raises(TypeError, match="does not outlive a crash"):
        machine.crash(Step(Kind.CRASH))
    with pytest.raises(LookupError, match="no block 0x1111"):
        machine.receipts_root(bytes.fromhex(ANOTHER[2:]))
    machine.close()
