"""The compiled contracts in py-evm, one message at a time."""

from __future__ import annotations

from collections import ChainMap, defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

import rlp  # type: ignore[import-untyped]
from eth.abc import ComputationAPI, MessageAPI, OpcodeAPI, StateAPI, TransactionContextAPI
from eth.constants import BLANK_ROOT_HASH, CREATE_CONTRACT_ADDRESS, GAS_JUMPDEST, ZERO_HASH32
from eth.db.account import AccountDB
from eth.db.atomic import AtomicDB
from eth.exceptions import OutOfGas
from eth.vm.code_stream import CodeStream
from eth.vm.execution_context import ExecutionContext
from eth.vm.forks.cancun.transaction_context import CancunTransactionContext
from eth.vm.forks.prague.computation import PragueComputation
from eth.vm.forks.prague.state import PragueState
from eth.vm.message import Message
from eth.vm.opcode import as_opcode
from eth.vm.opcode_values import JUMPDEST
from eth.vm.transient_storage import TransientStorage
from eth_hash.auto import keccak
from eth_typing import Address as EthAddress
from eth_typing import BlockNumber
from trie.hexary import HexaryTrie

from conformance.artifact import Artifacts, load_artifacts
from conformance.deployment import Creation, deploy
from conformance.machines import ORIGIN
from spec.messages import ZERO_ADDRESS, Address, Call, Log, Receipt
from spec.parameters import Preset

GAS: Final = 120_000_000
"""Gas of every call: ten times what setting all 256 steps of the curve takes, and so little that revm comes to the end
of an endless loop in a tenth of a second. It is too little for memory beyond 8 MB."""

JUMPS: Final = 100_000
"""How often a call may come to a ``JUMPDEST`` before it is out of gas in py-evm, which takes 20 s to use up ``GAS`` in
an endless loop: fifty times as often as any call of ours does, compiled without solc's optimizer too."""


class Image(NamedTuple):
    """The state of a deployed EVM: whatever the contracts can see of it."""

    codes: Mapping[Address, bytes]
    words: Mapping[Address, Mapping[int, int]]
    """Contract |-> slot |-> word; no zeros."""


@lru_cache(maxsize=64)
def deployed(preset: Preset, artifacts: Artifacts) -> Image:
    """Return the state that the deployment of ``preset`` ends in; errors as ``conformance.deployment.deploy``."""
    host = PyEvmHost(preset.chain_id)
    deploy(host, preset, artifacts)
    return host.image()


class Answer(NamedTuple):
    """What a call that writes nothing was answered, and all that the answer depends on."""

    receipt: Receipt
    read: Mapping[tuple[Address, int], int]
    """(contract, slot) |-> word"""
    timestamp: int | None
    """s; None if the time was not looked at."""


class WordLog:
    """The words of the contracts, from which one can go back, and their storage tries."""

    def __init__(self, words: Mapping[Address, Mapping[int, int]]) -> None:
        self._words = defaultdict[Address, dict[int, int]](dict)
        self._dirty = defaultdict[Address, set[int]](set)
        self._first_tries: dict[Address, HexaryTrie] = {}
        """The tries of the words that were there at first, each built when it is first asked for."""
        self._tries: dict[Address, HexaryTrie] = {}
        """The tries as they were when they were last asked for, over the nodes of the first ones."""
        self._changes: list[tuple[Address, int, int]] = []
        """(contract, slot, the word before), oldest first."""
        for address, slots in words.items():
            self._words[address].update(slots)

    def __getitem__(self, address: Address) -> Mapping[int, int]:
        """Return slot |-> word, of every word of a contract that is not 0."""
        return self._words[address]

    def __len__(self) -> int:
        """Return the number of changes so far."""
        return len(self._changes)

    def record(self, words: Iterable[tuple[tuple[Address, int], int]]) -> None:
        """Take over ((contract, slot), word now); those that are as they were change nothing."""
        for (address, slot), word in words:
            before = self._words[address].get(slot, 0)
            if word != before:
                self._changes.append((address, slot, before))
                self._put(address, slot, word)

    def back(self, length: int) -> Mapping[tuple[Address, int], int]:
        """Undo all changes but the first ``length``, and return (contract, slot) |-> word now, where that matters."""
        before = {(address, slot): word for address, slot, word in reversed(self._changes[length:])}
        for (address, slot), word in before.items():
            self._put(address, slot, word)
        del self._changes[length:]
        if not length:
            self._tries.clear()
            self._dirty.clear()
        return before

    def storage_root(self, address: Address) -> bytes:
        """Return the root of a contract's storage trie; only words that changed since the last time cost anything.

        Back at the first words, the first trie is back too.
        """
        if address not in self._tries:
            self._tries[address] = self._over_first_trie(address)
        tree, words = self._tries[address], self._words[address]
        _store(tree, {slot: words.get(slot, 0) for slot in self._dirty[address]})
        self._dirty[address].clear()
        return bytes(tree.root_hash)

    def _over_first_trie(self, address: Address) -> HexaryTrie:
        """Return a trie that starts as the first one, and leaves its nodes alone."""
        first = self._first_tries.get(address)
        if first is None:
            first = self._first_tries[address] = HexaryTrie({})
            changed = {slot: before for at, slot, before in reversed(self._changes) if at == address}
            _store(first, {**self._words[address], **changed})
        return HexaryTrie(ChainMap({}, first.db), first.root_hash)

    def _put(self, address: Address, slot: int, word: int) -> None:
        self._dirty[address].add(slot)
        if word:
            self._words[address][slot] = word
        else:
            self._words[address].pop(slot, None)


def _store(tree: HexaryTrie, words: Mapping[int, int]) -> None:
    """Set words one by one: ``squash_changes`` would drop the nodes in between, and takes twice the time for it."""
    for slot, word in words.items():
        tree[keccak(slot.to_bytes(32, "big"))] = rlp.encode(word) if word else b""


class PyEvmMachine:
    """An EVM with the contracts, started from a preset.

    A word is known to exist because it was written: the writes are noted as they happen, and every word is read from
    py-evm. To go back, the old words are written into py-evm.
    """

    name = "py-evm"

    def __init__(self, preset: Preset, artifacts: Artifacts | None = None, image: Image | None = None) -> None:
        """Start from ``image`` if it is given, and otherwise from the deployment of ``preset``."""
        image = image or deployed(preset, artifacts or load_artifacts())
        self._host = PyEvmHost(preset.chain_id, image)
        self._log = WordLog(image.words)
        self._written: dict[tuple[Address, int], int] = {}
        self._answers: dict[Call, Answer] = {}
        """Call at time 0 |-> what it was answered last, of calls that wrote nothing."""

    def execute_with(self, opcodes: Mapping[int, OpcodeAPI]) -> None:
        """Let these operations take the place of py-evm's own from now on: all others are py-evm's."""
        self._host.execute_with(opcodes)

    def ask(self, call: Call) -> Receipt:
        """Carry out a call; from memory, if it wrote nothing before and nothing that it read has changed."""
        known = self._answers.get(call._replace(timestamp=0))
        if known is not None and known.timestamp in {None, call.timestamp} and self._still_holds(known.read):
            self._written = {}
            return known.receipt
        receipt, read, told = self._host.traced(call)
        self._note_written()
        if not self._written:
            self._answers[call._replace(timestamp=0)] = Answer(receipt, read, call.timestamp if told else None)
        return receipt

    def _still_holds(self, read: Mapping[tuple[Address, int], int]) -> bool:
        return all(self.word(address, slot) == word for (address, slot), word in read.items())

    def call(self, call: Call) -> Receipt:
        """Carry out one call as a message of its own, the sender given the value to send just for it."""
        receipt = self._host.call(call)
        self._note_written()
        return receipt

    def _note_written(self) -> None:
        read = self._host.word
        self._written = {(address, slot): read(address, slot) for address, slot in self._host.take_stored()}
        self._log.record(self._written.items())

    def written(self) -> Mapping[tuple[Address, int], int]:
        """Return the words the last call wrote, also those it wrote in a frame that was then rolled back."""
        return self._written

    def word(self, address: Address, slot: int) -> int:
        """Return a storage word, as it was read from py-evm after the call that last wrote it."""
        return self._log[address].get(slot, 0)

    def words(self, address: Address) -> Mapping[int, int]:
        """Return slot |-> word, of every word of a contract that is not 0."""
        return self._log[address]

    def storage_root(self, address: Address) -> bytes:
        """Return the root, from py-evm's trie library over the words.

        py-evm's own ``make_state_root`` would leave later reads to go through its tries.
        """
        return self._log.storage_root(address)

    def snapshot(self) -> int:
        """Return the number of changes so far."""
        return len(self._log)

    def revert(self, snapshot: int) -> None:
        """Write back the words as they were."""
        self._host.restore(self._log.back(snapshot))
        self._written = {}


class PyEvmHost:
    """py-evm without blocks and transactions: each message is applied to the state as if it were a transaction.

    Storage lasts. Ether, nonces and whatever else an account has are put back after each call, so senders need none.
    """

    def __init__(self, chain_id: int, image: Image | None = None) -> None:
        self._clock = _Clock(
            coinbase=EthAddress(ZERO_ADDRESS),
            timestamp=0,
            block_number=BlockNumber(1),
            difficulty=0,
            mix_hash=ZERO_HASH32,
            gas_limit=GAS,
            prev_hashes=(),
            chain_id=chain_id,
            base_fee_per_gas=0,
            excess_blob_gas=0,
        )
        self.state: Final = _State(self._clock)
        self._codes: dict[Address, bytes] = {}
        self._computation: type[PragueComputation] = _Computation
        self.out_of_gas = False
        """Whether the last creation or call was refused because it, or a call that it made, ran out of gas."""
        if image is not None:
            self._load(image)

    def execute_with(self, opcodes: Mapping[int, OpcodeAPI]) -> None:
        """Let these operations take the place of py-evm's own from now on: all others are py-evm's."""
        changed = {"opcodes": {**_Computation.opcodes, **opcodes}}
        self._computation = type("_Changed", (_Computation,), changed) if opcodes else _Computation

    def create(self, creation: Creation) -> Receipt:
        """Create a contract; the output is the deployed code, or the revert data if refused."""
        sender, address = EthAddress(creation.sender), EthAddress(creation.address)
        message = Message(
            gas=GAS,
            to=CREATE_CONTRACT_ADDRESS,
            sender=sender,
            value=0,
            data=b"",
            code=creation.code,
            create_address=address,
        )
        self._clock.timestamp = creation.timestamp
        context = CancunTransactionContext(gas_price=0, origin=sender)
        self.state.jumps = 0
        computation = _Computation.apply_create_message(self.state, message, context)
        self._codes[creation.address] = self.state.get_code(address)
        self.state.keep_accounts()
        return self._ended(computation)

    def call(self, call: Call) -> Receipt:
        """Carry out a call."""
        sender = EthAddress(call.sender)
        if call.value:
            self.state.set_balance(sender, call.value)
        code = self._codes.get(call.to, b"")
        message = Message(gas=GAS, to=EthAddress(call.to), sender=sender, value=call.value, data=call.data, code=code)
        self._clock.timestamp = call.timestamp
        origin = EthAddress(ORIGIN) if call.sender in self._codes else sender
        context = CancunTransactionContext(gas_price=0, origin=origin)
        self.state.jumps = 0
        computation = self._computation.apply_message(self.state, message, context)
        return self._ended(computation)

    def _ended(self, computation: ComputationAPI) -> Receipt:
        self.state.end_call()
        self.out_of_gas = _is_out_of_gas(computation)
        return _receipt(computation)

    def traced(self, call: Call) -> tuple[Receipt, Mapping[tuple[Address, int], int], bool]:
        """Carry out a call; also return the words that it read, and whether it looked at the time."""
        self.state.read, self.state.told_time = {}, False
        receipt = self.call(call)
        read, self.state.read = self.state.read, None
        return receipt, read, self.state.told_time

    def set_code(self, address: Address, code: bytes) -> None:
        """Put other code where a contract was created; its words stay."""
        self._codes[address] = code
        self.state.set_code(EthAddress(address), code)
        self.state.keep_accounts()
        self.state.end_call()

    def word(self, address: Address, slot: int) -> int:
        """Return a storage word."""
        return self.state.get_storage(EthAddress(address), slot)

    def take_stored(self) -> set[tuple[Address, int]]:
        """Return (contract, slot) of every word stored since the last time, rolled back or not."""
        stored, self.state.stored = self.state.stored, set()
        return stored

    def restore(self, words: Mapping[tuple[Address, int], int]) -> None:
        """Write words from outside of any call; they do not count as stored."""
        for (address, slot), word in words.items():
            self.state.set_storage(EthAddress(address), slot, word)
        self.state.end_call()
        self.take_stored()

    def image(self) -> Image:
        """Return the present state, if ``take_stored`` has not been used."""
        words: dict[Address, dict[int, int]] = {address: {} for address in self._codes}
        for address, slot in sorted(self.state.stored):
            if word := self.word(address, slot):
                words[address][slot] = word
        return Image(dict(self._codes), words)

    def _load(self, image: Image) -> None:
        self._codes.update(image.codes)
        for address, code in image.codes.items():
            self.state.set_code(EthAddress(address), code)
        self.state.keep_accounts()
        self.restore({(address, slot): word for address, words in image.words.items() for slot, word in words.items()})


def _receipt(computation: ComputationAPI) -> Receipt:
    logs = (
        Log(Address(address), tuple(topic.to_bytes(32, "big") for topic in topics), data)
        for address, topics, data in computation.get_log_entries()
    )
    return Receipt(computation.is_success, computation.output, tuple(logs))


def _is_out_of_gas(computation: ComputationAPI) -> bool:
    if not computation.is_error:
        return False
    return isinstance(computation.error, OutOfGas) or any(map(_is_out_of_gas, computation.children))


class _Clock(ExecutionContext):
    """The block's values, with a time that can be set for each call."""

    timestamp = 0


class _Accounts(AccountDB):
    """py-evm's accounts, kept from growing: its journals hold on to every frame of every call until a block ends."""

    def keep_accounts(self) -> None:
        """Make the present accounts those that ``end_call`` goes back to."""
        self._journaldb.persist()
        self._journaltrie.persist()

    def end_call(self) -> None:
        """End a transaction: storage is final, nothing is warm any more, accounts are as they were."""
        self.lock_changes()
        for _, storage in self._dirty_account_stores():
            storage._clear_count.reset()  # type: ignore[attr-defined]  # no account is ever deleted here
        self._journaldb.reset()
        self._journaltrie.reset()
        self._account_cache.clear()


def _jump_destination(computation: ComputationAPI) -> None:
    """Do nothing, but not for ever: there is no loop without a jump."""
    state: _State = computation.state  # type: ignore[assignment]  # all of ours run on it
    state.jumps += 1
    if state.jumps > JUMPS:
        raise OutOfGas(f"{JUMPS} jumps")


_OPCODES: Final = {**PragueComputation.opcodes, JUMPDEST: as_opcode(_jump_destination, "JUMPDEST", GAS_JUMPDEST)}


class _Computation(PragueComputation):
    """py-evm's execution, which remembers where the jump destinations of a code are, and comes to an end.

    It is a tenth faster for what it remembers: py-evm looks for them anew in every frame.
    """

    opcodes = _OPCODES
    code: CodeStream
    _destinations: Final[dict[bytes, tuple[set[int], set[int]]]] = {}

    def __init__(self, state: StateAPI, message: MessageAPI, transaction_context: TransactionContextAPI) -> None:
        super().__init__(state, message, transaction_context)
        known = self._destinations.setdefault(message.code, (set(), set()))
        self.code.valid_positions, self.code.invalid_positions = known


class _State(PragueState):
    """py-evm's state, which notes what is stored."""

    account_db_class = _Accounts
    computation_class = _Computation
    _account_db: _Accounts

    def __init__(self, clock: ExecutionContext) -> None:
        self.stored: set[tuple[Address, int]] = set()
        self.read: dict[tuple[Address, int], int] | None = None
        """The words that were read, if that is to be noted."""
        self.told_time = False
        self.jumps = 0
        """Jump destinations that the call has come to."""
        super().__init__(AtomicDB(), clock, BLANK_ROOT_HASH)

    @property
    def timestamp(self) -> int:
        """The time of the call, which somebody has asked for."""
        self.told_time = True
        return self.execution_context.timestamp

    def get_storage(self, address: EthAddress, slot: int, from_journal: bool = True) -> int:
        word = super().get_storage(address, slot, from_journal)
        if self.read is not None:
            self.read[Address(address), slot] = word
        return word

    def set_storage(self, address: EthAddress, slot: int, value: int) -> None:
        self.stored.add((Address(address), slot))
        super().set_storage(address, slot, value)

    def keep_accounts(self) -> None:
        self._account_db.keep_accounts()

    def end_call(self) -> None:
        self._account_db.end_call()
        # clear_transient_storage would keep the old entries in its journal.
        self._transient_storage = TransientStorage()
