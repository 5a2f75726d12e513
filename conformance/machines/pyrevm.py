"""The compiled contracts in revm: much faster than py-evm, but it tells less about what a call has written.

revm creates no contract at a chosen address, so the state to start from is that of a deployment in py-evm.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, cast

from conformance.artifact import Artifacts, load_artifacts
from conformance.machines.py_evm import GAS, Image, WordLog, deployed
from spec.messages import Address, Call, Log, Receipt
from spec.parameters import Preset

try:
    from pyrevm import EVM, AccountInfo, BlockEnv, CfgEnv, Env, ExecutionResult
    from pyrevm import Log as RevmLog
except ImportError as error:
    raise ImportError(f"the machine pyrevm needs: pip install vvv-diem-ledger[fast] ({error})") from error

FORK: Final = "CANCUN"

UNREAD_LIMIT: Final = 20_000
"""How many frames revm's journal may hold before it is read unasked; it never lets go of one."""

READ_LIMIT: Final = 1_000
"""How many it may hold after it was read; beyond, the EVM is replaced by a new one with the same words."""

ORIGIN: Final = Address(b"origin".rjust(20, b"\0"))
"""Calls on behalf of contracts, for revm takes no call from an account with code (EIP-3607)."""

_CHANGE: Final = re.compile(r"StorageChange \{ address: 0x([0-9a-f]{40}), key: (\d+), had_value: Some")
_REVERT: Final = re.compile(r"Revert \{ gas_used: \d+, output: 0x([0-9a-f]*) \}")


class PyrevmMachine:
    """An EVM with the contracts, started from a preset.

    What a call has changed stands in revm's journal, which can be had only as a text for people. It is read when it is
    asked for, and not by ``call``.
    """

    name = "pyrevm"

    def __init__(
        self, preset: Preset, artifacts: Artifacts | None = None, image: Image | None = None, gas: int = GAS
    ) -> None:
        """Start from ``image`` if it is given, and otherwise from the deployment of ``preset``; a call has ``gas``."""
        image = image or deployed(preset, artifacts or load_artifacts())
        self._chain_id = preset.chain_id
        self._gas = gas
        self._codes = image.codes
        self._log = WordLog(image.words)
        self._written: dict[tuple[Address, int], int] = {}
        self._start(image.words)

    def call(self, call: Call) -> Receipt:
        """Carry out one call, the sender given the value to send just for it."""
        if self._evm.journal_len > UNREAD_LIMIT:
            self._read_journal()
        self._before_call = self._evm.journal_len
        self._written = {}
        self._evm.set_block_env(BlockEnv(number=1, timestamp=call.timestamp))
        if call.sender in self._codes:
            return self._call_from_contract(call)
        return self._call_from(call.sender, call.to, call)

    def written(self) -> Mapping[tuple[Address, int], int]:
        """Return the words that the last call changed; revm does not tell of one that was written as it was."""
        self._read_journal()
        return self._written

    def word(self, address: Address, slot: int) -> int:
        """Return a storage word, as revm has it."""
        return self._evm.storage(_hex(address), slot)

    def words(self, address: Address) -> Mapping[int, int]:
        """Return slot |-> word, of every word of a contract that is not 0."""
        self._read_journal()
        return self._log[address]

    def storage_root(self, address: Address) -> bytes:
        """Return the root, from py-evm's trie library over the words."""
        self._read_journal()
        return self._log.storage_root(address)

    def snapshot(self) -> int:
        """Return the number of changes so far."""
        self._read_journal()
        return len(self._log)

    def revert(self, snapshot: int) -> None:
        """Write back the words as they were."""
        self._read_journal()
        for (address, slot), word in self._log.back(snapshot).items():
            self._evm.insert_account_storage(_hex(address), slot, word)
        self._written = {}

    def _start(self, words: Mapping[Address, Mapping[int, int]]) -> None:
        self._evm = EVM(Env(cfg=CfgEnv(chain_id=self._chain_id)), spec_id=FORK)
        for address, code in self._codes.items():
            self._set_code(address, code)
            self._set_code(_behind(address), code)
        for address, slots in words.items():
            for slot, word in slots.items():
                self._evm.insert_account_storage(_hex(address), slot, word)
        self._before_call = self._read = self._evm.journal_len

    def _read_journal(self) -> None:
        """Bring the words up to date with the calls since the last time."""
        if self._evm.journal_len == self._read:
            return
        frames = _changes(self._evm)
        changed = set[tuple[Address, int]]().union(*frames[self._read :])
        self._log.record((key, self.word(*key)) for key in changed)
        last = set[tuple[Address, int]]().union(*frames[self._before_call :])
        self._written = {key: self.word(*key) for key in last}
        self._read = self._evm.journal_len
        if self._read > READ_LIMIT:
            self._start({address: self._log[address] for address in self._codes})

    def _call_from_contract(self, call: Call) -> Receipt:
        """Let the sender's code be, for this call, one that passes on what it gets from ``ORIGIN``."""
        self._set_code(call.sender, _forwarder(call.to, _behind(call.sender)))
        receipt = self._call_from(ORIGIN, call.sender, call)
        self._set_code(call.sender, self._codes[call.sender])
        return receipt

    def _call_from(self, sender: Address, to: Address, call: Call) -> Receipt:
        if not call.value:
            return self._message(_hex(sender), _hex(to), call)
        self._evm.set_balance(_hex(sender), call.value)
        receipt = self._message(_hex(sender), _hex(to), call)
        for account in {sender, to, call.to}:
            self._evm.set_balance(_hex(account), 0)
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


def _changes(evm: EVM) -> list[set[tuple[Address, int]]]:
    """Return, for each frame in the journal, (contract, slot) of the words that it changed for good."""
    return [
        {(Address(bytes.fromhex(address)), int(slot)) for address, slot in _CHANGE.findall(frame)}
        for frame in evm.journal_str.rpartition(" journal: [")[2].split("], [")
    ]


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
