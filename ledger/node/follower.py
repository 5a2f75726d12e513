"""A node that follows another: blocks are pulled, checked as if they came from anybody, and adopted."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from ledger.blocks import Block, BlockError
from ledger.chain import UNDO_DEPTH, ChainError
from ledger.node.logs import event
from ledger.node.node import Node, Syncing
from ledger.node.upstream import BlockId, Upstream, UpstreamError, UpstreamRefusal
from ledger.transactions import Transaction

ALREADY_KNOWN: Final = ("already known", "known transaction", "nonce too low")
"""What nodes answer to a transaction that they have, or have mined already."""


class WrongChainError(Exception):
    """The other node has another chain; the message says what differs."""


class RefusedError(Exception):
    """What the other node has is not the chain's; the message says what is wrong with which block."""


@dataclass(frozen=True)
class Pace:
    """When the other node is asked, in seconds."""

    poll: float = 1.0
    """After an answer that there is nothing new."""

    first_wait: float = 0.5
    """After a failure; twice as long after each further one."""

    longest_wait: float = 30.0

    blocks: int = 64
    """How many blocks (no seconds, these) are asked for at a time."""


class Follower:
    """Keeps a node's chain at the head of another node's, and hands on the node's transactions to it."""

    def __init__(
        self, node: Node, upstream: Upstream, outbox: asyncio.Queue[Transaction], pace: Pace | None = None
    ) -> None:
        """Follow ``upstream``, and send it what is put into ``outbox``."""
        self._node: Final = node
        self._upstream: Final = upstream
        self._outbox: Final = outbox
        self._pace: Final = pace or Pace()

    async def check_chain(self) -> None:
        """Check that the other node has the same chain.

        Raises
        ------
        WrongChainError : its chain id or its genesis is another.
        UpstreamError : it cannot be asked now.
        """
        chain_id = await self._upstream.chain_id()
        if chain_id != self._node.chain.chain_id:
            raise WrongChainError(
                f"{self._upstream.url}: found chain id {chain_id}, expected {self._node.chain.chain_id}"
            )
        first = await self._upstream.block_id("0x0")
        if first is None:
            raise UpstreamError(f"{self._upstream.url}: no first block")
        if first.hash != self._node.chain.genesis.hash:
            raise WrongChainError(
                f"{self._upstream.url}: found genesis 0x{first.hash.hex()}, "
                f"expected 0x{self._node.chain.genesis.hash.hex()}"
            )

    async def follow(self) -> None:
        """Follow for ever; whatever is wrong with the other node, the chain stays as far as it came.

        Raises
        ------
        WrongChainError : the other node has another chain.
        StoreError : a block could not be stored.
        """
        wait = self._pace.first_wait
        checked = False
        while True:
            try:
                if not checked:
                    await self.check_chain()
                    checked = True
                is_there = not await self.advance()
            except (UpstreamError, RefusedError) as error:
                self._in_trouble(error)
                # It may come back as another node.
                checked = False
                await asyncio.sleep(wait)
                wait = min(2 * wait, self._pace.longest_wait)
                continue
            if self._node.trouble is not None:
                self._recover()
            wait = self._pace.first_wait
            await asyncio.sleep(self._pace.poll if is_there else 0)

    async def advance(self) -> bool:
        """Take the next blocks that the other node has; False if it has none that the chain should follow.

        Raises
        ------
        RefusedError : they are not right, or part from the chain too deep to follow; what was right before is kept.
        UpstreamError : the other node cannot be asked now.
        """
        chain = self._node.chain
        target = await self._upstream.block_id("latest")
        if target is None:
            raise UpstreamError(f"{self._upstream.url}: no latest block")
        if chain.hash_at(target.number) == target.hash:  # where we are, or behind us
            self._node.syncing = None
            return False
        fork = await self._fork(target)
        self._note_progress(target.number)
        if fork == chain.head.number:
            last = min(target.number, fork + self._pace.blocks)
            await self._extend(await self._blocks(range(fork + 1, last + 1)))
        else:
            await self._reorganise(fork, min(target.number, chain.head.number))
        return True

    async def send_on(self) -> None:
        """Hand on for ever what is put into the outbox, each until the other node answered or it is in a block."""
        while True:
            transaction = await self._outbox.get()
            wait = self._pace.first_wait
            while self._node.mempool.get(transaction.hash) is not None:
                try:
                    await self._upstream.send(transaction.raw)
                except UpstreamRefusal as refusal:
                    if not any(known in str(refusal) for known in ALREADY_KNOWN):
                        self._node.drop(transaction, f"{self._upstream.url} refuses it: {refusal}")
                except UpstreamError as error:
                    event(logging.WARNING, "transaction not handed on", hash=transaction.hash, reason=str(error))
                    await asyncio.sleep(wait)
                    wait = min(2 * wait, self._pace.longest_wait)
                    continue
                break

    async def _fork(self, target: BlockId) -> int:
        """The number of the last block that both chains have."""
        chain = self._node.chain
        top = min(target.number, chain.head.number)
        while top >= 0:
            numbers = range(top, max(top - self._pace.blocks, -1), -1)
            for number, theirs in zip(numbers, await self._upstream.hashes(numbers), strict=True):
                if theirs is None and number == 0:
                    raise UpstreamError(f"{self._upstream.url}: no first block")
                if theirs is not None and theirs == chain.hash_at(number):
                    return number
                if chain.head.number - number > UNDO_DEPTH:
                    raise RefusedError(
                        f"block {number}: {self._upstream.url} has another than we, more than {UNDO_DEPTH} blocks deep"
                    )
            top = numbers[-1] - 1
        raise WrongChainError(f"{self._upstream.url}: has not even the first block of this chain")

    async def _blocks(self, numbers: range) -> list[Block]:
        try:
            return await self._upstream.blocks(numbers)
        except BlockError as error:
            raise RefusedError(f"a block from {numbers[0]} on: {error}") from error

    async def _extend(self, blocks: list[Block]) -> None:
        for block in blocks:
            number = self._node.chain.head.number + 1
            _check_link(block, number, self._node.chain.head.hash)
            try:
                self._node.extend(block)
            except BlockError as error:
                raise RefusedError(f"block {number}: {error}") from error
            # Whoever asks this node meanwhile gets an answer.
            await asyncio.sleep(0)

    async def _reorganise(self, fork: int, last: int) -> None:
        chain = self._node.chain
        if last == fork:
            raise UpstreamError(f"{self._upstream.url}: its head changed while it was asked")
        event(logging.WARNING, "reorganisation", fork=fork, head=chain.head.number, to=last)
        parent = chain.hash_at(fork)
        number = fork
        while number < last:
            numbers = range(number + 1, min(last, number + self._pace.blocks) + 1)
            for block in await self._blocks(numbers):
                number += 1
                _check_link(block, number, parent)
                try:
                    chain.validate(block)
                except BlockError as error:
                    raise RefusedError(f"block {number}: {error}") from error
                parent = block.header.hash
                await asyncio.sleep(0)
        try:
            chain.adopt(parent or b"")
        except ChainError as error:
            raise RefusedError(str(error)) from error

    def _note_progress(self, highest: int) -> None:
        current = self._node.chain.head.number
        start = self._node.syncing.start if self._node.syncing else current
        self._node.syncing = Syncing(start, current, highest) if highest > current + 1 else None

    def _recover(self) -> None:
        """Hand on all that waits once more: the other node may have been started anew, and have lost it."""
        self._node.trouble = None
        event(logging.INFO, "upstream available", head=self._node.chain.head.number)
        for transaction in self._node.mempool:
            self._outbox.put_nowait(transaction)

    def _in_trouble(self, error: Exception) -> None:
        name = "upstream refused" if isinstance(error, RefusedError) else "upstream not available"
        level = logging.ERROR if isinstance(error, RefusedError) else logging.WARNING
        event(level, name, reason=str(error), head=self._node.chain.head.number)
        self._node.trouble = f"{name}: {error}"


def _check_link(block: Block, number: int, parent: bytes | None) -> None:
    if block.header.number != number or block.header.parent_hash != parent:
        raise RefusedError(
            f"block {number}: the other node gave block {block.header.number} (0x{block.header.hash.hex()}) for it, "
            f"which does not follow the one before"
        )
