"""`diem node run`: a node at work."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from conformance.cli.app import HOLDS
from conformance.cli.node.common import GATEWAY_VARIABLE, Json, Key, PassphraseFile, load_key
from conformance.cli.node.development import DEFAULT_PRESET, described, dev_genesis
from conformance.cli.output import InputError, print_json
from ledger.chain import Chain
from ledger.keys import SequencerKey
from ledger.node import Clock, Gateway, Node
from ledger.node.folder import DataFolder, Opened
from ledger.node.follower import Follower
from ledger.node.logs import LOGGER, handler
from ledger.node.producer import Producer
from ledger.node.published import DEV_SEQUENCER, TEST_ACCOUNTS, PublishedAccount
from ledger.node.service import Listening, Work, run
from ledger.node.upstream import Upstream
from ledger.rpc.guard import web_origin
from ledger.rpc.server import Address
from ledger.store import MemoryStore
from ledger.transactions import Transaction
from spec.parameters import PRESETS
from spec.quantities import format_address

BLOCK_SECONDS: Final = 2.0
"""Between blocks, as on Base."""


class LogFormat(StrEnum):
    """How logs are written."""

    TEXT = "text"
    JSON = "json"


class LogLevel(StrEnum):
    """From which level on events are logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Time(StrEnum):
    """Where the time of blocks comes from."""

    WALL = "wall"
    CHAIN = "chain"


@dataclass(frozen=True)
class _Settings:
    data: Path | None
    dev: bool
    preset: str | None
    time: Time
    block_time: float | None
    """As given; see `seconds_between_blocks`."""
    empty_blocks: bool
    follow: str | None
    key: Path | None
    passphrase_file: Path | None
    gateway_key: Path | None
    gateway_passphrase_file: Path | None
    gateway: bool

    @property
    def seconds_between_blocks(self) -> float:
        """0: a block for each transaction."""
        if self.block_time is not None:
            return self.block_time
        return 0 if self.dev else BLOCK_SECONDS

    def given(self) -> set[str]:
        """The options, of those that not every node has a use for, that are given."""
        options = {
            "--preset": self.preset,
            "--block-time": self.block_time,
            "--key": self.key,
            "--passphrase-file": self.passphrase_file,
            "--gateway-key": self.gateway_key,
            "--gateway-passphrase-file": self.gateway_passphrase_file,
        }
        return {option for option, value in options.items() if value is not None}


OF_BLOCK_MAKERS: Final = ("--block-time", "--key", "--passphrase-file", "--gateway-key", "--gateway-passphrase-file")


def command(
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The data folder (default with --dev: nothing is kept).")
    ] = None,
    dev: Annotated[
        bool, typer.Option("--dev", help="A development chain: published keys, blocks at once, time control.")
    ] = False,
    preset: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help=f"With --dev, the state to begin with: {', '.join(PRESETS)}, or a file (default: {DEFAULT_PRESET}).",
        ),
    ] = None,
    host: Annotated[
        str, typer.Option(help="The address to listen on; only this machine's own by default.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 for any that is free.")] = 8545,
    allow_host: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A name by which clients may call this machine.")
    ] = None,
    allow_origin: Annotated[
        list[str] | None, typer.Option(metavar="ORIGIN", help="A web page that may use the node; * for any.")
    ] = None,
    block_time: Annotated[
        float | None,
        typer.Option(
            min=0,
            metavar="SECONDS",
            help=f"Between blocks; 0: one for each transaction (default: {BLOCK_SECONDS:g}, --dev: 0).",
        ),
    ] = None,
    empty_blocks: Annotated[bool, typer.Option(help="Make blocks at intervals also where nothing waits.")] = True,
    time: Annotated[
        Time | None,
        typer.Option(
            help="Blocks have the time on the wall, or go on from the last one's, so that time stands still while no "
            "node runs (default: wall, --dev: chain)."
        ),
    ] = None,
    follow: Annotated[
        str | None, typer.Option(metavar="URL", help="Make no blocks, but take and check those of the node there.")
    ] = None,
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    gateway_key: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The gateway's key: records staked DIEM in the block in which it changes."),
    ] = None,
    gateway_passphrase_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help=f"Where its passphrase stands, if not in the environment ({GATEWAY_VARIABLE})."
        ),
    ] = None,
    gateway: Annotated[
        bool, typer.Option(help="With --dev, let the preset's gateway record, if its key is published.")
    ] = True,
    log_format: Annotated[LogFormat, typer.Option(help="How logs are written, one event a line.")] = LogFormat.TEXT,
    log_level: Annotated[LogLevel, typer.Option(help="From which level on.")] = LogLevel.INFO,
    as_json: Json = False,
) -> int:
    """Run a node until it is interrupted: make blocks, or follow another node, and serve JSON-RPC.

    Logs go to standard error. GET /health and /metrics tell how the node is.

    Examples: diem node run --dev
              diem node run --data ledger --gateway-key gateway.pem --log-format json
              diem node run --data copy --follow http://127.0.0.1:8545 --port 8546
    """
    settings = _Settings(
        data=data,
        dev=dev,
        preset=preset,
        time=time or (Time.CHAIN if dev else Time.WALL),
        block_time=block_time,
        empty_blocks=empty_blocks,
        follow=follow,
        key=key,
        passphrase_file=passphrase_file,
        gateway_key=gateway_key,
        gateway_passphrase_file=gateway_passphrase_file,
        gateway=gateway,
    )
    _check(settings)
    if not host:
        raise InputError("--host: expected an address to listen on, such as 127.0.0.1, found ''")
    _log(log_format, log_level)
    listening = Listening(
        host, port, (*Listening().hosts, *(allow_host or ())), tuple(map(_origin, allow_origin or ()))
    )
    asyncio.run(_run(settings, listening, as_json=as_json))
    return HOLDS


def _check(settings: _Settings) -> None:
    if settings.data is None and not settings.dev:
        raise InputError("expected --data or --dev")
    given = settings.given()
    if "--preset" in given and not settings.dev:
        raise InputError("--preset: expected --dev as well; a data folder has the preset of its diem node init")
    if settings.follow is not None:
        _expect_none(given, "--follow", OF_BLOCK_MAKERS, "a node that follows makes no blocks")
    if settings.dev:
        _expect_none(given, "--dev", ("--key", "--passphrase-file"), "the key of a development chain is published")
    if "--gateway-passphrase-file" in given and settings.gateway_key is None:
        raise InputError("--gateway-passphrase-file: expected --gateway-key as well")
    if not isfinite(settings.seconds_between_blocks):
        raise InputError(f"--block-time: expected a number of seconds, found {settings.block_time}")


def _expect_none(given: Collection[str], option: str, useless: Iterable[str], why: str) -> None:
    for name in useless:
        if name in given:
            raise InputError(f"{option}: expected no {name}, as {why}")


def _origin(text: str) -> str:
    try:
        return web_origin(text)
    except ValueError as error:
        raise InputError(f"--allow-origin: {error}") from None


def _log(log_format: LogFormat, level: LogLevel) -> None:
    root = logging.getLogger()
    root.handlers = [handler(log_format, sys.stderr)]
    root.setLevel(logging.WARNING)
    logging.getLogger(LOGGER).setLevel(level.upper())


async def _run(settings: _Settings, listening: Listening, *, as_json: bool) -> None:
    upstream = None if settings.follow is None else _upstream(settings.follow)
    chain, store = _open(settings)
    try:
        node, work = _node(settings, chain, upstream)
    except BaseException:
        store.close()
        raise
    try:
        await run(node, store, listening, work, lambda address: _announce(settings, node, address, as_json=as_json))
    finally:
        if upstream is not None:
            await upstream.close()


def _open(settings: _Settings) -> Opened:
    if settings.data is None:
        store = MemoryStore()
        return Opened(Chain(store, dev_genesis(settings.preset or DEFAULT_PRESET)), store)
    folder = DataFolder(settings.data)
    if not settings.dev or (folder.has_chain() and settings.preset is None):
        opened = folder.open()
    else:
        opened = folder.begin(dev_genesis(settings.preset or DEFAULT_PRESET))
    sequencer = opened.chain.genesis.sequencer
    if settings.dev and sequencer != DEV_SEQUENCER.address:
        opened.store.close()
        raise InputError(f"--dev: {settings.data} has the chain of {format_address(sequencer)}, no development chain")
    return opened


def _node(settings: _Settings, chain: Chain, upstream: Upstream | None) -> tuple[Node, Sequence[Work]]:
    clock = Clock(start=chain.head.timestamp) if settings.time is Time.CHAIN else Clock()
    store_bytes = (lambda: 0) if settings.data is None else DataFolder(settings.data).size
    if upstream is not None:
        outbox: asyncio.Queue[Transaction] = asyncio.Queue()
        node = Node(chain, clock=clock, store_bytes=store_bytes, forward=outbox.put_nowait)
        follower = Follower(node, upstream, outbox)
        return node, (follower.follow, follower.send_on)
    node = Node(
        chain,
        key=_sequencer(settings),
        clock=clock,
        dev=settings.dev,
        instant=not settings.seconds_between_blocks,
        gateway=_gateway(settings, chain),
        store_bytes=store_bytes,
    )
    if node.instant:
        return node, ()
    return node, (Producer(node, settings.seconds_between_blocks, empty=settings.empty_blocks).produce,)


def _upstream(url: str) -> Upstream:
    try:
        return Upstream(url)
    except ValueError as error:
        raise InputError(f"--follow: {error}") from None


def _sequencer(settings: _Settings) -> SequencerKey:
    if settings.dev or settings.data is None:
        return SequencerKey.from_secret(DEV_SEQUENCER.secret)
    return load_key(settings.key or DataFolder(settings.data).key, settings.passphrase_file)


def _gateway(settings: _Settings, chain: Chain) -> Gateway | None:
    if settings.gateway_key is not None:
        key = load_key(settings.gateway_key, settings.gateway_passphrase_file, GATEWAY_VARIABLE)
        return Gateway(key, chain.chain_id)
    if not (settings.dev and settings.gateway):
        return None
    address = chain.execution(chain.head).world.credits.gateway
    published = next((account for account in TEST_ACCOUNTS if account.address == address), None)
    return None if published is None else Gateway(SequencerKey.from_secret(published.secret), chain.chain_id)


def _announce(settings: _Settings, node: Node, address: Address, *, as_json: bool) -> None:
    head, genesis = node.chain.head, node.chain.genesis
    report: dict[str, Any] = {
        "http": address.url,
        "websocket": address.websocket_url,
        "chain_id": str(node.chain.chain_id),
        "genesis": f"0x{genesis.hash.hex()}",
        "sequencer": format_address(genesis.sequencer),
        "head": {"number": str(head.number), "hash": f"0x{head.hash.hex()}", "timestamp": str(head.timestamp)},
        "accounts": [_account(account) for account in TEST_ACCOUNTS] if settings.dev else [],
    }
    if as_json:
        print_json(report)
    else:
        _print(settings, node.chain, report)
    sys.stdout.flush()


def _account(account: PublishedAccount) -> dict[str, str]:
    return {"address": format_address(account.address), "secret": f"0x{account.secret.hex()}"}


def _print(settings: _Settings, chain: Chain, report: dict[str, Any]) -> None:
    head = report["head"]
    print(f"JSON-RPC   {report['http']}  {report['websocket']}")
    print(f"watch      {report['http']}/health  {report['http']}/metrics")
    print(f"chain id   {report['chain_id']}")
    print(f"genesis    {report['genesis']}")
    print(f"head       {head['number']} {head['hash']}, at {head['timestamp']}")
    print(f"sequencer  {report['sequencer']}")
    if settings.follow is not None:
        print(f"follows    {_upstream(settings.follow).url}")
    if settings.dev:
        print("beware     chain id and addresses are Base's: what a key of yours signs here is valid there as well")
        print("accounts, each with 10000 ether and a published key, so never of use anywhere else:")
        world = chain.execution(chain.head).world
        for account, shown in zip(TEST_ACCOUNTS, report["accounts"], strict=True):
            print(f"  {shown['address']}  {shown['secret']}  {described(world, account.address)}".rstrip())
