"""Blocks of random signed transactions: the generator's calls, and transfers of ether between anybody."""

from __future__ import annotations

from collections import Counter
from typing import Final, NamedTuple

from conformance.lockstep import function_name
from conformance.one_root.keys import KEYS
from conformance.programs.as_scenario import describe
from conformance.programs.choices import Choices, SeededSource
from conformance.programs.generator import Generator
from ledger.genesis import Genesis
from ledger.transactions import TransactionType, sign_transaction
from spec.genesis import genesis as genesis_world
from spec.hashing import keccak256
from spec.machine import CONTRACTS, apply
from spec.messages import ZERO_ADDRESS, Address, Call
from spec.parameters import Preset
from spec.quantities import format_address
from spec.world import World

GAS: Final = 30_000_000
"""Of each transaction: twice what the dearest call takes, which stores 512 words."""

LARGEST_BLOCK: Final = 40
TRANSFER_PERCENT: Final = 12


class SignedCall(NamedTuple):
    """A transaction, and what it is meant to do."""

    call: Call
    raw: bytes
    kind: TransactionType
    accepted: bool
    """Whether the specification carries it out."""

    @property
    def title(self) -> str:
        """The function that it calls."""
        return function_name(self.call) if self.call.to in CONTRACTS else "transfer of ether"

    def __str__(self) -> str:
        if self.call.to in CONTRACTS:
            return describe(self.call)
        sender, to = format_address(self.call.sender), format_address(self.call.to)
        return f"at {self.call.timestamp} {sender} sends {self.call.value} wei to {to}"


class SignedBlock(NamedTuple):
    """What a block is to be made of."""

    timestamp: int
    """s"""
    transactions: tuple[SignedCall, ...]

    @property
    def raw(self) -> list[bytes]:
        """The transactions encoded."""
        return [transaction.raw for transaction in self.transactions]


class Traffic:
    """Block after block of transactions, each such that it can be in the block, whether it is refused there or not.

    They are made up on a state of their own, which the specification alone has led to.
    """

    def __init__(self, preset: Preset, genesis: Genesis, seed: str) -> None:
        self.world: Final[World] = genesis_world(preset)
        """The specification's state after all transactions so far."""
        self._genesis = genesis
        self._choices = Choices(SeededSource(f"{seed}/transactions"))
        self._generator = Generator(self.world, preset, SeededSource(f"{seed}/calls"))
        self._now = genesis.timestamp
        self._nonces: Counter[Address] = Counter()
        self._balances = Counter({address: account.balance for address, account in genesis.accounts.items()})
        self.addresses: Final[dict[Address, None]] = dict.fromkeys((*genesis.accounts, *KEYS, ZERO_ADDRESS))
        """Every account that a transaction can have changed, first named first."""

    def empty_block(self) -> SignedBlock:
        """Return a block without transactions, a second after the last one."""
        self._now += 1
        return SignedBlock(self._now, ())

    def next_block(self, most: int) -> SignedBlock:
        """Return a block of at least one and at most ``most`` transactions, all carried out at its timestamp.

        It is later than the block before it by a second at least, for some clients want that.
        """
        size = min(most, 1 + self._choices.up_to(LARGEST_BLOCK - 1))
        self._now += 1
        transactions = tuple(self._sign(self._next_call(at_once=place > 0)) for place in range(size))
        return SignedBlock(self._now, transactions)

    def _next_call(self, *, at_once: bool) -> Call:
        """Return the next call whose sender has a key."""
        while True:
            if self._choices.chance(TRANSFER_PERCENT):
                return self._transfer()
            call = self._generator.next_call(earliest=self._now, at_once=at_once)
            self._now = call.timestamp
            if call.sender in KEYS:
                return call

    def _transfer(self) -> Call:
        """Return a transfer of ether, of all, some or none: to somebody, oneself, the sequencer, or nobody yet."""
        choices, senders = self._choices, tuple(KEYS)
        sender = choices.one_of(senders)
        to = choices.weighted(
            [
                (30, choices.one_of(senders)),
                (15, sender),
                (10, self._genesis.sequencer),
                (5, ZERO_ADDRESS),
                (30, Address(keccak256(b"nobody yet %d" % choices.below(10**6))[:20])),
            ]
        )
        balance = self._balances[sender]
        value = choices.weighted([(25, 0), (55, choices.up_to(balance)), (10, balance), (10, 1)])
        data = choices.weighted([(70, b""), (30, bytes(choices.below(256) for _ in range(choices.below(100))))])
        return Call(sender, to, data, self._now, value)

    def _sign(self, call: Call) -> SignedCall:
        """Return the transaction, of any type, that makes a call in this block with what its sender can pay."""
        value = min(call.value, self._balances[call.sender])
        call = call._replace(timestamp=self._now, value=value)
        kind = self._choices.one_of(tuple(TransactionType))
        raw = sign_transaction(
            KEYS[call.sender],
            kind,
            chain_id=self._genesis.chain_id,
            nonce=self._nonces[call.sender],
            to=call.to,
            data=call.data,
            value=value,
            gas_limit=GAS,
            access_list=() if kind is TransactionType.LEGACY else self._access_list(),
        )
        self._nonces[call.sender] += 1
        accepted = call.to not in CONTRACTS or apply(self.world, call).status
        if accepted:
            self._balances[call.sender] -= value
            self._balances[call.to] += value
        self.addresses[call.to] = None
        return SignedCall(call, raw, kind, accepted)

    def _access_list(self) -> list[tuple[bytes, list[bytes]]]:
        """Return an access list, mostly none, of slots that there are and slots that there are not."""
        choices = self._choices
        if not choices.chance(40):
            return []
        slots = [choices.up_to(300).to_bytes(32, "big") for _ in range(choices.below(4))]
        return [(choices.one_of(tuple(self.addresses)), slots) for _ in range(1 + choices.below(3))]
