"""A node at work: what it serves and what it does by itself, until it is told to stop."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
from collections.abc import Callable, Collection, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Final

from starlette.types import ASGIApp

from ledger.node.follower import WrongChainError
from ledger.node.health import health
from ledger.node.logs import event
from ledger.node.node import Node
from ledger.rpc import Limits, Page, Service, application, serving
from ledger.rpc.guard import DEFAULT_HOSTS
from ledger.rpc.server import Address
from ledger.store import Store, StoreError

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)

Work = Callable[[], Coroutine[None, None, None]]
"""What a node does by itself, for ever."""


class ServiceError(Exception):
    """The node cannot go on; the message says why."""


@dataclass(frozen=True)
class Listening:
    """Where a node is reached, and by whom."""

    host: str = "127.0.0.1"
    port: int = 8545
    """0 for any that is free."""

    hosts: Collection[str] = DEFAULT_HOSTS
    """Names by which clients may call the machine."""

    origins: Collection[str] = ()
    """Web pages that may read answers."""

    limits: Limits = field(default_factory=Limits)


async def run(
    node: Node, store: Store, listening: Listening, work: Sequence[Work], ready: Callable[[Address], None]
) -> None:
    """Serve and work until SIGTERM or SIGINT; then make a block of what waits, and close the store.

    Raises
    ------
    ServiceError : it cannot listen there; or the node could not go on, as the store takes nothing any more or the other
        node has another chain. The store is closed then too.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, stopped.set)
    node.on_failure(stopped.set)
    app = application(
        Service(node, listening.limits, node.metrics.rpc),
        hosts=listening.hosts,
        origins=listening.origins,
        pages={"/health": lambda: _health(node), "/metrics": lambda: _metrics(node)},
    )
    try:
        async with AsyncExitStack() as stack:
            address = await _listening(stack, app, listening)
            head = node.chain.head
            event(logging.INFO, "started", url=address.url, head=head.number, hash=head.hash)
            ready(address)
            await _work(work, stopped)
            event(logging.INFO, "stopping")
    except (StoreError, WrongChainError) as error:
        raise ServiceError(str(error)) from error
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
        _finish(node, store)
    if node.failure is not None:
        raise ServiceError(node.failure)


async def _listening(stack: AsyncExitStack, app: ASGIApp, listening: Listening) -> Address:
    """Serve until the stack is left, and return where; ServiceError if it cannot be listened there."""
    try:
        return await stack.enter_async_context(serving(app, listening.host, listening.port, listening.limits))
    except OSError as error:
        where = f"{listening.host}, port {listening.port}"
        # asyncio and the socket module say more than the reason, and repeat the address.
        said, _, _ = (error.strerror or str(error)).partition(" (while ")
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else said
        raise ServiceError(f"cannot listen on {where}: {reason}") from error


async def _work(work: Sequence[Work], stopped: asyncio.Event) -> None:
    """Work until the event comes, or work ends with an error, which is raised."""
    tasks = [asyncio.create_task(begin()) for begin in work]
    stopping = asyncio.create_task(stopped.wait())
    done, _ = await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
    for task in (stopping, *tasks):
        task.cancel()
    await asyncio.gather(stopping, *tasks, return_exceptions=True)
    for task in done:
        task.result()


def _health(node: Node) -> Page:
    ok, content = health(node)
    return Page(json.dumps(content).encode(), "application/json", 200 if ok else 503)


def _metrics(node: Node) -> Page:
    return Page(node.metrics.exposition(), node.metrics.content_type)


def _finish(node: Node, store: Store) -> None:
    """Make a last block of what waits, so that what clients were told is taken is not lost."""
    try:
        if node.makes_blocks and node.failure is None:
            node.mine_waiting()
    except StoreError as error:
        event(logging.ERROR, "last block not made", reason=str(error))
    finally:
        store.close()
        event(logging.INFO, "stopped", head=node.chain.head.number, waiting=len(node.mempool))
