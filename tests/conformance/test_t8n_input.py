"""`diem t8n`, given what it cannot use: one line names input and field, and the exit status is geth's.

Whatever the inputs hold, it does not end in a traceback.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from conformance.cli.app import app
from conformance.transition.errors import TransitionError
from conformance.transition.files import Inputs, Outputs
from ledger.json_text import MOST_NESTED
from ledger.transactions import sign_transaction
from spec.addresses import STAKING, STAKING_IMPLEMENTATION, VVV
from spec.quantities import format_address
from tests.conformance.transition_inputs import ALICE, BOB, CHAIN_ID, alloc, env, genesis, in_rlp, t8n, transfer

NOW: Final = genesis().timestamp
NAMES: Final = ("alloc", "env", "txs")
WHO: Final = f"0x{1:040x}"
SLOT_0: Final = f"0x{0:064x}"
NO_OUTPUT: Final = ("--output.alloc", "", "--output.result", "")
"""So that a test leaves nothing behind even if what it tests is wrong."""

CONFIGURATION, JSON, FILES, RLP = 3, 10, 11, 12


def inputs() -> dict[str, Any]:
    return {"alloc": alloc(), "env": env(NOW), "txs": [transfer()]}


def streamed(stdin: object, *options: str) -> Result:
    sources = [option for name in NAMES for option in (f"--input.{name}", "stdin")]
    return t8n(*sources, *NO_OUTPUT, "--state.chainid", str(CHAIN_ID), *options, stdin=stdin)


def refused(ran: Result, exit_status: int, message: str) -> None:
    """Check that it was refused with one line that begins with a message."""
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
    assert ran.stdout == ""
    assert ran.stderr.count("\n") == 1, ran.stderr
    assert ran.stderr.removeprefix("diem t8n: ").startswith(message), ran.stderr
    assert ran.exit_code == exit_status
    assert len(ran.stderr) < 1000


def changed_account(address: bytes, **fields: Any) -> dict[str, Any]:
    """Return the alloc with an account otherwise."""
    state, key = alloc(), f"0x{address.hex()}"
    state[key] = {**state.get(key, {}), **fields}
    return state


def without(content: dict[str, Any], name: str) -> dict[str, Any]:
    return {field: value for field, value in content.items() if field != name}


# ------------------------------------------------------------------------------------------------ JSON


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "expected JSON: Expecting value: line 1 column 1 (char 0)"),
        ('{"alloc": {', "expected JSON: Expecting property name"),
        ('{"alloc": NaN}', "expected JSON: NaN is no JSON"),
        ("[]", "expected an object, found []"),
        ("5", "expected an object, found 5"),
        ("{}", "alloc: expected this field, found none"),
        ('{"alloc": null}', "alloc: expected this field, found none"),
        ("[" * (MOST_NESTED + 1), f"expected JSON: expected at most {MOST_NESTED} levels"),
        ('{"alloc":' * 100_000, f"expected JSON: expected at most {MOST_NESTED} levels"),
        (f'{{"alloc": {"9" * 5000}}}', "expected JSON: Exceeds the limit"),
    ],
    ids=lambda text: text[:20],
)
def test_standard_input_that_is_no_object_is_refused(text: str, message: str) -> None:
    refused(streamed(text), JSON, f"stdin: {message}")


@pytest.mark.parametrize("missing", NAMES)
def test_an_input_that_is_not_in_standard_input_is_named(missing: str) -> None:
    refused(streamed(without(inputs(), missing)), JSON, f"stdin: {missing}: expected this field, found none")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "content, status, message",
    [
        (None, FILES, "cannot be read: No such file or directory"),
        (b"", JSON, "expected JSON: Expecting value"),
        (b"\xff", JSON, "expected JSON in UTF-8"),
        (b"[" * 100, JSON, f"expected JSON: expected at most {MOST_NESTED} levels"),
        (b"{} {}", JSON, "expected JSON: Extra data"),
        (b"-Infinity", JSON, "expected JSON: -Infinity is no JSON"),
        (b"1e400", JSON, "expected "),
        (b"true", JSON, "expected "),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    tmp_path: Path, name: str, content: bytes | None, status: int, message: str
) -> None:
    for other, good in inputs().items():
        (tmp_path / other).write_text(json.dumps(good), encoding="utf-8")
    (tmp_path / name).unlink()
    if content is not None:
        (tmp_path / name).write_bytes(content)
    sources = [option for one in NAMES for option in (f"--input.{one}", str(tmp_path / one))]
    ran = t8n(*sources, "--state.chainid", str(CHAIN_ID), "--output.basedir", str(tmp_path / "out"))
    refused(ran, status, f"{tmp_path / name}: {message}")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_and_a_name_that_none_can_have_are_no_files(tmp_path: Path) -> None:
    refused(t8n("--input.alloc", str(tmp_path), *NO_OUTPUT), FILES, f"{tmp_path}: cannot be read: Is a directory")
    refused(t8n("--input.alloc", "a\0b", *NO_OUTPUT), FILES, "a b: cannot be read: embedded null byte")


def test_standard_input_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(TransitionError, match=r"^stdin: cannot be read: it is closed$"):
        Inputs().get("env", "stdin")
    monkeypatch.setattr(sys, "stdin", _Folder(tmp_path))
    with pytest.raises(TransitionError, match=r"^stdin: cannot be read: Is a directory$"):
        Inputs().get("env", "stdin")


class _Folder:
    """What standard input is when the shell has opened a folder for it."""

    def __init__(self, path: Path) -> None:
        self.buffer = self
        self._path = path

    def read(self) -> bytes:
        return self._path.read_bytes()


# ------------------------------------------------------------------------------------------------ the alloc

BAD_ALLOCS: Final[list[tuple[object, int, str]]] = [
    ([], JSON, "expected an object, found []"),
    ("0x", JSON, 'expected an object, found "0x"'),
    ({WHO: 5}, JSON, f"{WHO}: expected an object, found 5"),
    ({"0x12": {}}, JSON, "0x12.[key]: expected an address of 40 hexadecimal digits, found"),
    ({format_address(VVV).swapcase().replace("X", "x"): {}}, JSON, "0xACFe"),
    ({WHO: {"balance": "-1"}}, JSON, f"{WHO}.balance: expected a number, in hexadecimal"),
    ({WHO: {"balance": -1}}, JSON, f"{WHO}.balance: expected 0 to 0xf"),
    ({WHO: {"balance": 10**4000}}, JSON, f"{WHO}.balance: expected 0 to 0xf"),
    ({WHO: {"balance": 1.0}}, JSON, f"{WHO}.balance: expected a number, in hexadecimal such as '0x2a' or in decimal"),
    ({WHO: {"balance": True}}, JSON, f"{WHO}.balance: expected a number"),
    ({WHO: {"balance": "1" * 79}}, JSON, f"{WHO}.balance: expected a number"),
    ({WHO: {"balance": "²"}}, JSON, f"{WHO}.balance: expected a number"),
    ({WHO: {"balance": str(2**256)}}, JSON, f"{WHO}.balance: expected 0 to 0xf"),
    ({WHO: {"nonce": hex(2**64)}}, JSON, f"{WHO}.nonce: expected 0 to 0xffffffffffffffff, found"),
    (
        {WHO: {"nonce": 2**64 - 1}},
        JSON,
        f"{WHO}: nonce: expected at most",
    ),
    ({WHO: {"code": "6080"}}, JSON, f"{WHO}.code: expected bytes in hexadecimal"),
    ({WHO: {"code": "0x608"}}, JSON, f"{WHO}.code: expected bytes in hexadecimal"),
    ({WHO: {"storage": [1]}}, JSON, f"{WHO}.storage: expected an object, found [1]"),
    (
        {WHO: {"storage": {"0x1": 5}}},
        JSON,
        f"{WHO}.storage.0x1: expected a word of up to 64 hexadecimal digits, found 5",
    ),
    ({WHO: {"storage": {"0x": "0x1"}}}, JSON, f"{WHO}.storage.0x.[key]: expected a word"),
    ({WHO: {"storage": {"0x1": "0x1", "0x01": "0x1"}}}, JSON, f"{WHO}.storage: expected each key once"),
    ({WHO: {"balance": 1}, WHO[2:]: {"balance": 2}}, JSON, "expected each key once, found one in two ways of writing"),
    ({WHO: {"balances": 1}}, JSON, f"{WHO}.balances: expected no such field"),
    ({WHO: {}}, JSON, f"{WHO}: expected a nonce, a balance or code, found an empty account"),
    ({WHO: {"balance": 0, "storage": {"0x1": "0x1"}}}, JSON, f"{WHO}: expected a nonce, a balance or code"),
    ({}, CONFIGURATION, f"{format_address(VVV)}: code: expected that of VVV, "),
    ({WHO: {"code": "0x00"}}, CONFIGURATION, f"{WHO}: code: expected none, for it is specified nowhere what it does"),
    (
        {WHO: {"balance": 2**256 - 1}, ALICE.address.hex(): {"balance": 1}},
        CONFIGURATION,
        f"expected less than 2^256 wei in all, found {2**256}",
    ),
    (
        without(alloc(), f"0x{STAKING_IMPLEMENTATION.hex()}"),
        CONFIGURATION,
        f"{format_address(STAKING_IMPLEMENTATION)}: code: expected that of the implementation of staking, ",
    ),
    (
        changed_account(STAKING, code="0x6000"),
        CONFIGURATION,
        f"{format_address(STAKING)}: code: expected that of the proxy of staking, ",
    ),
    (
        changed_account(STAKING, storage={}),
        CONFIGURATION,
        f"{format_address(STAKING)}: storage: {SLOT_0}: expected 0x{bytes(12).hex()}{VVV.hex()}, which the proxy of",
    ),
    (
        changed_account(VVV, storage={**alloc()[f"0x{VVV.hex()}"]["storage"], SLOT_0: "0x1"}),
        CONFIGURATION,
        f"{format_address(VVV)}: storage: {SLOT_0}: expected 0x",
    ),
]


@pytest.mark.parametrize("content, status, message", BAD_ALLOCS, ids=[message[-60:] for *_, message in BAD_ALLOCS])
def test_an_alloc_that_cannot_be_used_is_refused(content: object, status: int, message: str) -> None:
    refused(streamed({**inputs(), "alloc": content}), status, f"stdin: alloc: {message}")


def test_a_genesis_file_with_such_an_alloc_is_refused() -> None:
    message = "stdin: alloc: alloc: expected an object, found 5"
    refused(streamed({**inputs(), "alloc": {"config": {}, "alloc": 5}}), JSON, message)


# ------------------------------------------------------------------------------------------------ the environment

BAD_ENVIRONMENTS: Final[list[tuple[object, int, str]]] = [
    ([], JSON, "expected an object, found []"),
    *(
        (without(env(NOW), name), JSON, f"{name}: expected this field, found none")
        for name in ("currentCoinbase", "currentGasLimit", "currentNumber", "currentTimestamp")
    ),
    ({**env(NOW), "currentCoinbase": "0x1"}, JSON, "currentCoinbase: expected an address of 40 hexadecimal digits"),
    ({**env(NOW), "currentCoinbase": None}, JSON, "currentCoinbase: expected an address of 40 hexadecimal digits"),
    ({**env(NOW), "currentNumber": "-1"}, JSON, "currentNumber: expected a number"),
    ({**env(NOW), "currentTimestamp": -1}, JSON, "currentTimestamp: expected 0 to 0xffffffffffffffff, found"),
    ({**env(NOW), "currentTimestamp": 2**64}, JSON, "currentTimestamp: expected 0 to 0xffffffffffffffff, found"),
    ({**env(NOW), "currentGasLimit": {}}, JSON, "currentGasLimit: expected a number"),
    ({**env(NOW), "ommers": 5}, JSON, "ommers: expected a list, found 5"),
    ({**env(NOW), "ommers": [{}]}, CONFIGURATION, "ommers: expected none, as Paris has none; found [{}]"),
    ({**env(NOW), "withdrawals": [{}]}, CONFIGURATION, "withdrawals: expected none, as Paris has none; found [{}]"),
    ({**env(NOW), "currentBaseFee": "7"}, CONFIGURATION, "currentBaseFee: expected 0 or none, as no fee is charged;"),
    ({**env(NOW), "parentBaseFee": "0x7"}, CONFIGURATION, "parentBaseFee: expected 0 or none, as no fee is charged;"),
    ({**env(NOW), "currentDifficulty": 1}, CONFIGURATION, "currentDifficulty: expected 0 or none, as blocks are those"),
    (
        {**env(NOW), "parentTimestamp": NOW + 1},
        CONFIGURATION,
        f"currentTimestamp: expected at least parentTimestamp, {NOW + 1}; found {NOW}",
    ),
]


@pytest.mark.parametrize("content, status, message", BAD_ENVIRONMENTS, ids=[one[2] for one in BAD_ENVIRONMENTS])
def test_an_environment_that_cannot_be_used_is_refused(content: object, status: int, message: str) -> None:
    refused(streamed({**inputs(), "env": content}), status, f"stdin: env: {message}")


# ------------------------------------------------------------------------------------------------ the transactions

SIGNED: Final = {"secretKey": None, "v": "0x1", "r": "0x1", "s": "0x1"}

BAD_TRANSACTIONS: Final[list[tuple[object, int, str]]] = [
    ({}, JSON, "txs: expected a list, found {}"),
    ([[]], JSON, "txs: 0: expected an object, found []"),
    *(
        ([transfer(), transfer(**{name: None})], JSON, f"txs: 1.{name}: expected this field, found none")
        for name in ("nonce", "gas", "value", "input", "gasPrice")
    ),
    ([transfer(type="0x2", maxFeePerGas=1)], JSON, "txs: 0.maxPriorityFeePerGas: expected this field, found none"),
    ([transfer(type=2)], JSON, "txs: 0.maxFeePerGas: expected this field, found none"),
    ([transfer(type=-1)], JSON, "txs: 0.type: expected 0 to 0xffffffffffffffff, found"),
    ([transfer(nonce="x")], JSON, "txs: 0.nonce: expected a number"),
    ([transfer(value=-5)], JSON, "txs: 0.value: expected 0 to 0xf"),
    ([transfer(to="0x12")], JSON, "txs: 0.to: expected an address of 40 hexadecimal digits"),
    ([transfer(input="stake()")], JSON, "txs: 0.input: expected bytes in hexadecimal"),
    ([transfer(protected="no")], JSON, "txs: 0.protected: expected a valid boolean, found 'no'"),
    ([transfer(accessList=[5])], JSON, "txs: 0.accessList.0: expected an object, found 5"),
    ([transfer(accessList=[{"address": WHO}])], JSON, "txs: 0.accessList.0.storageKeys: expected this field"),
    (
        [transfer(accessList=[{"address": WHO, "storageKeys": ["0x1234"]}])],
        JSON,
        "txs: 0.accessList.0.storageKeys.0: expected 32 bytes, found 2",
    ),
    ([transfer(secretKey="0x45")], JSON, "txs: 0.secretKey: expected 32 bytes, found 1"),
    ([transfer(secretKey=SLOT_0)], JSON, "txs: 0.secretKey: expected a key of secp256k1, found"),
    ([transfer(secretKey=None)], JSON, "txs: 0.v: expected this field, or secretKey, found none"),
    ([transfer(**{**SIGNED, "s": None})], JSON, "txs: 0.s: expected this field, or secretKey, found none"),
    ([transfer(**SIGNED, type=1, yParity="0x0")], JSON, "txs: 0.yParity: expected the same as v, 1, found 0"),
    ("0x123", JSON, "txs: expected bytes in hexadecimal"),
    ("stdin", JSON, "txs: expected bytes in hexadecimal"),
    ("0x", RLP, "txs: expected a list in RLP, found not an RLP list"),
    ("0x80", RLP, "txs: expected a list in RLP, found not an RLP list"),
    ("0xc1", RLP, "txs: expected a list in RLP, found an RLP list of 2 bytes, of which there are 1"),
    ("0xc000", RLP, "txs: expected a list in RLP, found 1 bytes after an RLP list of 1"),
    ("0xc182", RLP, "txs: expected a list in RLP, found "),
]


@pytest.mark.parametrize("content, status, message", BAD_TRANSACTIONS, ids=[one[2] for one in BAD_TRANSACTIONS])
def test_transactions_that_cannot_be_used_are_refused(content: object, status: int, message: str) -> None:
    refused(streamed({**inputs(), "txs": content}), status, f"stdin: {message}")


# ------------------------------------------------------------------------------------------------ options and outputs


@pytest.mark.parametrize(
    "options, status, message",
    [
        (["--state.fork", "London"], CONFIGURATION, "--state.fork: expected Paris or Merge; found London"),
        (["--state.fork", "Merge+1153"], CONFIGURATION, "--state.fork: expected Paris or Merge; found Merge+1153"),
        (["--state.reward", "5"], CONFIGURATION, "--state.reward: expected 0 or -1; found 5"),
        (["--state.reward", "-2"], CONFIGURATION, "--state.reward: expected 0 or -1; found -2"),
        (["--state.chainid", "0"], 2, "Invalid value for '--state.chainid'"),
        (["--state.chainid", "mainnet"], 2, "Invalid value for '--state.chainid'"),
        (["--trace"], 2, "No such option: --trace"),
        (["--output.alloc", "x", "--output.body", "x"], CONFIGURATION, "x: expected another file for each output"),
    ],
)
def test_options_that_cannot_be_followed_are_refused(options: list[str], status: int, message: str) -> None:
    refused(streamed(inputs(), *options), status, message)


def test_outputs_that_cannot_be_written_are_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ran = streamed(inputs(), "--output.basedir", str(tmp_path / "file"))
    refused(ran, FILES, f"{tmp_path / 'file'}: cannot be made: File exists")
    ran = streamed(inputs(), "--output.basedir", str(tmp_path), "--output.body", "no/where")
    refused(ran, FILES, f"{tmp_path / 'no' / 'where'}: cannot be written: No such file or directory")
    ran = streamed(inputs(), "--output.basedir", "a\0b")
    refused(ran, FILES, "a b: cannot be made: ")
    assert "embedded null" in ran.stderr


def test_a_stream_that_is_closed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    with pytest.raises(TransitionError, match=r"^stderr: cannot be written: it is closed$"):
        Outputs("", {"body": "stderr"}).write({"body": "0xc0"})


# ------------------------------------------------------------------------------------------------ whatever it holds

SCALARS: Final = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**300),
    st.floats(allow_nan=False),
    st.text(max_size=5),
    st.sampled_from(["0x", "0x0", "0x1", WHO, SLOT_0, f"0x{2**256 - 1:x}", "stdin", "-1", "1e5", "\ud800"]),
    st.binary(max_size=40).map(lambda content: f"0x{content.hex()}"),
)
ANYTHING: Final = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)


def places(content: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each container within some JSON with each of its keys."""
    if isinstance(content, dict | list):
        keys = list(content) if isinstance(content, dict) else range(len(content))
        for key in keys:
            yield content, key
            yield from places(content[key])


def few_words() -> dict[str, Any]:
    """Return inputs of which a change is mostly one of a field, and not of one of hundreds of words."""
    raw = sign_transaction(ALICE.secret, chain_id=CHAIN_ID, nonce=0, to=BOB.address, value=1)
    given = {
        **inputs(),
        "alloc": {WHO: {"balance": "0x1", "nonce": "0x1", "storage": {"0x1": "0x1"}}},
        "txsRlp": in_rlp(raw),
    }
    given["txs"] += [transfer(nonce=1, type=2, maxFeePerGas=0, maxPriorityFeePerGas=0), transfer(**SIGNED)]
    return given


@st.composite
def damaged(draw: st.DrawFn) -> dict[str, Any]:
    """Return inputs in which something is missing, or is something else."""
    content = few_words()
    for _ in range(draw(st.integers(1, 2))):
        container, key = draw(st.sampled_from(list(places(content))))
        if draw(st.booleans()) and isinstance(container, dict):
            name = draw(st.sampled_from(sorted(container)) | st.text(max_size=4))
            container[name] = draw(ANYTHING)
        else:
            container[key] = draw(ANYTHING)
    if draw(st.booleans()):
        content.pop("txsRlp", None)
    if isinstance(content["alloc"], dict):
        content["alloc"] = {**alloc(), **content["alloc"]}
    return content


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(damaged())
@example(few_words())
def test_whatever_is_wrong_with_the_inputs_it_is_one_line_or_an_answer(content: dict[str, Any]) -> None:
    answered(streamed(json.dumps(content)))


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=30) | ANYTHING.map(json.dumps))
def test_whatever_is_in_standard_input_it_is_one_line(text: str) -> None:
    ran = streamed(text.encode(errors="surrogatepass").decode(errors="replace"))
    assert ran.exit_code == JSON
    answered(ran)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_inputs_that_are_cut_off_are_no_json(data: st.DataObject) -> None:
    text = json.dumps({**few_words(), "alloc": {}})
    refused(streamed(text[: data.draw(st.integers(0, len(text) - 1))]), JSON, "stdin: expected JSON: ")


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_rlp_with_a_byte_changed_is_an_answer_or_one_line(data: st.DataObject) -> None:
    raw = sign_transaction(ALICE.secret, chain_id=CHAIN_ID, nonce=0, to=BOB.address, value=1)
    rlp = bytearray.fromhex(in_rlp(raw, raw)[2:])
    rlp[data.draw(st.integers(0, len(rlp) - 1))] = data.draw(st.integers(0, 255))
    answered(streamed({**inputs(), "txs": f"0x{rlp.hex()}"}))


def answered(ran: Result) -> None:
    """Check that it has carried out the transactions, or said in one line why not."""
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
    if ran.exit_code:
        assert ran.exit_code in (CONFIGURATION, JSON, RLP)
        assert ran.stderr.count("\n") == 1
        assert len(ran.stderr) < 1500
    else:
        assert ran.stderr == ""


def test_what_is_printed_of_an_input_has_no_control_characters() -> None:
    ran = streamed({**inputs(), "alloc": {"\x1b[31m\n": {}}})
    assert ran.exit_code == JSON
    assert ran.stderr.count("\n") == 1
    assert "\x1b" not in ran.stderr


def test_the_help_names_every_exit_status_and_has_an_example() -> None:
    shown = CliRunner().invoke(app, ["t8n", "--help"], env={"COLUMNS": "120"})
    assert shown.exit_code == 0
    text = " ".join(shown.stdout.split())
    assert "Example: diem t8n " in text
    assert all(f" {status} " in text for status in (0, 2, CONFIGURATION, JSON, FILES, RLP))
