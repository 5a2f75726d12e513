"""The compiled contracts in revm: much faster than py-evm, but it tells less about what a call has written.

revm creates no contract at a chosen address, so the state to start from is that of a deployment in py-evm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal, NamedTuple, cast

from conformance.artifact import Artifacts, load_artifacts
from conformance.machines import ORIGIN
from conformance.machines.py_evm import GAS, Image, WordLog, deployed
from spec.messages import Address, Call, Log, Receipt
from spec.parameters import Preset

try:
    from pyrevm import EVM, AccountInfo, BlockEnv, CfgEnv, Env, ExecutionResult, JournalCheckpoint
    from pyrevm import Log as RevmLog
except ImportError as error:
    what = "Python 3.11 or 3.12, for which there are wheels, and pip install vvv-diem-ledger[fast]"
    raise ImportError(f"the machine pyrevm needs {what} ({error})") from error

FORK: Final = "CANCUN"

JOURNAL_LIMIT: Final = 20_000
"""How many frames revm's journal may hold, which grows until one goes back; beyond, the EVM is replaced by another."""

_REVERT: Final = re.compile(r"Revert \{ gas_used: \d+, output: 0x([0-9a-f]*) \}")


class _Mark(NamedTuple):
    """What one can go back to: a place in revm's journal or, where the EVM was replaced since, the words."""

    checkpoint: JournalCheckpoint | None
    words: Mapping[Address, Mapping[int, int]]


class PyrevmMachine:
    """An EVM with the contracts, started from a preset.

    What was changed since the start stands in revm's journal, which can be had only as a text for people. It is read
    when it is asked for, and not by ``call``: so this machine is slow to tell what one call wrote.
    """

    name = "pyrevm"
    slow_to_tell: Literal[True] = True

    def __init__(
        self, preset: Preset, artifacts: Artifacts | None = None, image: Image | None = None, gas: int = GAS
    ) -> None:
        """Start from ``image`` if it is given, and otherwise from the deployment of ``preset``; a call has ``gas``."""
        image = image or deployed(preset, artifacts or load_artifacts())
        self._chain_id = preset.chain_id
        self._gas = gas
        self._codes = image.codes
        self._log = WordLog(image.words)
        self._marks: list[_Mark] = []
        self._words: Mapping[Address, Mapping[int, int]] | None = None
        """All there are, since they were last read."""
        self._paid: set[str] = set()
        """Accounts that the journal may have given ether to."""
        self._time = -1
        """s; what revm takes for the time."""
        self._start(image.words)

    def call(self, call: Call) -> Receipt:
        """Carry out one call, the sender given the value to send just for it."""
        if self._evm.journal_len > JOURNAL_LIMIT:
            self._start_anew()
        self._before_call = self._evm.journal_len
        self._words = None
        if call.timestamp != self._time:
            self._time = call.timestamp
            self._evm.set_block_env(BlockEnv(number=1, timestamp=call.timestamp))
        if call.sender in self._codes:
            return self._call_from_contract(call)
        return self._call_from(call.sender, call.to, call)

    def written(self) -> Mapping[tuple[Address, int], int]:
        """Return the words that the last call changed; revm does not tell of one that was written as it was."""
        if self._evm.journal_len == self._before_call:
            return {}
        frames = _journal(self._evm).split("], [")[self._before_call :]
        return {key: self.word(*key) for key in _changed("".join(frames))}

    def word(self, address: Address, slot: int) -> int:
        """Return a storage word, as revm has it."""
        return self._evm.storage(f"0x{address.hex()}", slot)

    def words(self, address: Address) -> Mapping[int, int]:
        """Return slot |-> word, of every word of a contract that is not 0."""
        if self._words is None:
            self._words = self._present_words()
        return self._words.get(address, {})

    def storage_root(self, address: Address) -> bytes:
        """Return the root, from py-evm's trie library over the words."""
        before, now = self._log[address], self.words(address)
        self._log.record([((address, slot), now.get(slot, 0)) for slot in before.keys() | now.keys()])
        return self._log.storage_root(address)

    def snapshot(self) -> int:
        """Return how many snapshots there were before."""
        self._marks.append(_Mark(self._evm.snapshot(), {}))
        return len(self._marks) - 1

    def revert(self, snapshot: int) -> None:
        """Go back from one snapshot to the one before, as revm does."""
        while len(self._marks) > snapshot:
            mark = self._marks.pop()
            self._go_back(mark)
        self.snapshot()
        self._before_call = self._evm.journal_len
        self._words = None

    def _go_back(self, mark: _Mark) -> None:
        if mark.checkpoint is None:
            self._start(mark.words)
            return
        self._evm.revert(mark.checkpoint)
        for account in self._paid:  # revm gives back what it has seen paid
            self._evm.set_balance(account, 0)

    def _start(self, words: Mapping[Address, Mapping[int, int]]) -> None:
        self._evm = EVM(Env(cfg=CfgEnv(chain_id=self._chain_id)), spec_id=FORK)
        for address, code in self._codes.items():
            self._set_code(address, code)
            self._set_code(_behind(address), code)
        for address, slots in words.items():
            for slot, word in slots.items():
                self._evm.insert_account_storage(_hex(address), slot, word)
        self._first_words = words
        self._time = -1
        self._words = None
        self._before_call = self._evm.journal_len
        self._paid = set()

    def _start_anew(self) -> None:
        """Replace the EVM by one with the same words and no journal."""
        present, marks = self._present_words(), []
        while self._marks:
            mark = self._marks.pop()
            if mark.checkpoint is not None:
                self._evm.revert(mark.checkpoint)
                mark = _Mark(None, self._present_words())
            marks.append(mark)
        self._marks = marks[::-1]
        self._start(present)

    def _present_words(self) -> dict[Address, dict[int, int]]:
        words = {address: dict(slots) for address, slots in self._first_words.items()}
        for address, slot in _changed(_journal(self._evm)):
            if word := self.word(address, slot):
                words.setdefault(address, {})[slot] = word
            else:
                words.get(address, {}).pop(slot, None)
        return words

    def _call_from_contract(self, call: Call) -> Receipt:
        """Let the sender's code be, for this call, one that passes on what it gets from ``ORIGIN``.

        revm takes no call from an account with code (EIP-3607).
        """
        self._set_code(call.sender, _forwarder(call.to, _behind(call.sender)))
        receipt = self._call_from(ORIGIN, call.sender, call)
        self._set_code(call.sender, self._codes[call.sender])
        return receipt

    def _call_from(self, sender: Address, to: Address, call: Call) -> Receipt:
        if not call.value:
            return self._message(_hex(sender), _hex(to), call)
        self._evm.set_balance(_hex(sender), call.value)
        receipt = self._message(_hex(sender), _hex(to), call)
        for account in {_hex(sender), _hex(to), _hex(call.to)}:
            self._evm.set_balance(account, 0)
            self._paid.add(account)
        return receipt

    def _message(self, sender: str, to: str, call: Call) -> Receipt:
        evm = self._evm
        try:
            output = evm.message_call(sender, to, calldata=call.data, value=call.value, gas=self._gas)
        except RuntimeError as error:
            return Receipt(False, _revert_data(error), ())
        result = cast(ExecutionResult, evm.result)
        return Receipt(True, output, tuple(map(_log, result.logs)))

    def _set_code(self, address: Address, code: bytes) -> None:
        self._evm.insert_account_info(_hex(address), AccountInfo(code=code))


def _hex(address: Address) -> str:
    return f"0x{address.hex()}"


def _log(log: RevmLog) -> Log:
    topics, data = log.data
    return Log(Address(bytes.fromhex(log.address[2:])), tuple(topics), data)


def _revert_data(error: RuntimeError) -> bytes:
    """Return the revert data that the text of revm's error holds.

    Raises
    ------
    RuntimeError : the call was not carried out at all.
    """
    text = str(error)
    if revert := _REVERT.fullmatch(text):
        return bytes.fromhex(revert[1])
    if text.startswith("Halt "):
        return b""
    raise error


def _journal(evm: EVM) -> str:
    """Return the text of the journal, frame by frame."""
    return evm.journal_str.rpartition(" journal: [")[2]


def _changed(journal: str) -> Iterator[tuple[Address, int]]:
    """Yield (contract, slot) of the words that were changed for good."""
    # An entry is StorageChange { address: 0x…, key: …, had_value: Some(…) }, with None if the word was only read. To
    # split is faster than to search for a pattern, which has to look at every digit.
    places = {before.rpartition("address: 0x")[2] for before in journal.split(", had_value: Some")[:-1]}
    for address, slot in (place.split(", key: ") for place in places):
        yield Address(bytes.fromhex(address)), int(slot)


def _behind(contract: Address) -> Address:
    """Return where else the code of a contract lies, for when it is a sender."""
    return Address(bytes(0xFF - byte for byte in contract))


def _forwarder(to: Address, own: Address) -> bytes:
    """Return code that calls ``to`` when ``ORIGIN`` calls, and is what lies at ``own`` for everybody else."""
    copy_data, copy_returned = "36 6000 6000 37", "3d 6000 6000 3e"  # to memory
    return bytes.fromhex(
        f"33 73 {ORIGIN.hex()} 14 60 41 57"
        f"{copy_data} 6000 6000 36 6000 73 {own.hex()} 5a f4 60 67 56"  # delegatecall own
        f"5b {copy_data} 6000 6000 36 6000 34 73 {to.hex()} 5a f1"  # 0x41: call to, with the value
        f"5b {copy_returned} 15 60 76 57 3d 6000 f3"  # 0x67: return what came back
        "5b 3d 6000 fd"  # 0x76: or revert with it
    )
