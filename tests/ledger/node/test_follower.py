"""A follower: takes what is right, follows reorganisations, and is not led astray by who lies."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import httpx
import pytest

from ledger.blocks import decode_block, seal
from ledger.chain import chain as chain_module
from ledger.node import Node, Syncing, follower
from ledger.node.follower import Follower, Pace, RefusedError, WrongChainError
from ledger.node.health import health
from ledger.node.upstream import Upstream, UpstreamError
from ledger.rpc import Service, application
from ledger.transactions import Transaction, decode_transaction
from tests.ledger.node.conftest import CHAIN_ID, KEY, MINTER, STAKER, address, filled, new_node, signed

QUICK: Final = Pace(poll=0.001, first_wait=0.001, longest_wait=0.004, blocks=3)


class Wire:
    """What lies between a follower and its upstream: the upstream's application, and a test that bends answers."""

    def __init__(self, node: Node) -> None:
        self._inner = httpx.ASGITransport(application(Service(node)))
        self.bend: Callable[[str, list[Any], Any], Any] = lambda method, params, answer: answer
        """(method, parameters, answer) |-> the answer that arrives."""
        self.whole: Callable[[httpx.Response], httpx.Response] = lambda response: response

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        asked = json.loads(request.content)
        answers = json.loads(await response.aread())
        by_id = {answer["id"]: answer for answer in answers}
        bent = [self.bend(item["method"], item["params"], by_id[item["id"]]) for item in asked]
        return self.whole(httpx.Response(response.status_code, json=bent))


class Pair:
    """A sequencer's node and a follower's."""

    def __init__(self, source: Node | None = None, pace: Pace = QUICK) -> None:
        self.source = source or new_node()
        self.wire = Wire(self.source)
        self.outbox: asyncio.Queue[Transaction] = asyncio.Queue()
        self.node = new_node(key=None, dev=False, forward=self.outbox.put_nowait)
        self.upstream = Upstream("http://user:secret@127.0.0.1:8545", transport=httpx.MockTransport(self.wire))
        self.follower = Follower(self.node, self.upstream, self.outbox, pace)

    def advance(self) -> int:
        """Go on until there is nothing new, and return how many times there was."""

        async def all_of_it() -> int:
            await self.follower.check_chain()
            rounds = 0
            while await self.follower.advance():
                rounds += 1
            return rounds

        return asyncio.run(all_of_it())

    def is_level(self) -> bool:
        return self.node.chain.head == self.source.chain.head


def answering(method: str, result: Any) -> Callable[[str, list[Any], Any], Any]:
    """Bend every answer to a method into this result, or into what it returns for (parameters, answer)."""

    def bend(asked: str, params: list[Any], answer: Any) -> Any:
        if asked != method:
            return answer
        return {"jsonrpc": "2.0", "id": answer["id"], "result": result(params, answer) if callable(result) else result}

    return bend


def test_catches_up_in_parts() -> None:
    pair = Pair(filled(new_node(), 7))
    assert pair.advance() == 3
    assert pair.is_level()
    assert pair.node.syncing is None
    assert pair.advance() == 0
    pair.source.mine()
    assert pair.advance() == 1
    assert pair.is_level()


def test_says_how_far_it_is() -> None:
    pair = Pair(filled(new_node(), 7))
    seen: list[Syncing | None] = []
    pair.node.chain.listen(lambda change: seen.append(pair.node.syncing))
    pair.advance()
    assert seen == [Syncing(0, 0, 7)] * 3 + [Syncing(0, 3, 7)] * 3 + [None]


def test_follows_a_reorganisation() -> None:
    pair = Pair(filled(new_node(), 4))
    pair.source.snapshot()
    filled(pair.source, 3)
    pair.advance()
    pair.source.revert(1)
    pair.source.increase_time(1000)
    filled(pair.source, 5)
    pair.advance()
    assert pair.is_level()
    assert pair.source.chain.head.number == 9


def test_follows_to_a_shorter_branch() -> None:
    pair = Pair(filled(new_node(), 2))
    pair.source.snapshot()
    filled(pair.source, 6)
    pair.advance()
    pair.source.revert(1)
    # Nothing has come in the place of what was undone, so the other node may just be behind.
    assert pair.advance() == 0
    assert pair.node.chain.head.number == 8
    pair.source.increase_time(1000)
    pair.source.mine()
    assert pair.advance() == 1
    assert pair.is_level()
    assert pair.node.chain.head.number == 3


def test_does_not_follow_too_deep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follower, "UNDO_DEPTH", 3)
    pair = Pair()
    pair.source.snapshot()
    filled(pair.source, 6)
    pair.advance()
    head = pair.node.chain.head
    pair.source.revert(1)
    pair.source.increase_time(1000)
    filled(pair.source, 6)
    with pytest.raises(RefusedError, match="more than 3 blocks deep"):
        pair.advance()
    assert pair.node.chain.head == head


def test_chain_that_undoes_no_deeper_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = Pair()
    pair.source.snapshot()
    filled(pair.source, 2)
    pair.advance()
    head = pair.node.chain.head
    pair.source.revert(1)
    pair.source.increase_time(1000)
    filled(pair.source, 3)

    def refuse(_: bytes) -> None:
        raise chain_module.ChainError("too deep")

    monkeypatch.setattr(pair.node.chain, "adopt", refuse)
    with pytest.raises(RefusedError, match="too deep"):
        pair.advance()
    assert pair.node.chain.head == head


# ---------------------------------------------------------------------------------------------------- who lies


def refused(pair: Pair, error: type[Exception], message: str) -> None:
    before = pair.node.chain.head
    with pytest.raises(error, match=message):
        pair.advance()
    assert pair.node.chain.head == before


def test_other_chains_are_refused() -> None:
    pair = Pair(filled(new_node(), 1))
    pair.wire.bend = answering("eth_chainId", "0x1")
    refused(pair, WrongChainError, "found chain id 1, expected 8453")
    pair.wire.bend = answering("eth_getBlockByNumber", {"number": "0x0", "hash": "0x" + "11" * 32})
    refused(pair, WrongChainError, "found genesis 0x1111")


@pytest.mark.parametrize("answer", [None, {}, [1], 8453, "8453", "0x", "0xfg", "0x" + "1" * 65, "0x2105\n"])
def test_chain_ids_that_are_none_are_no_other_chains(answer: Any) -> None:
    pair = Pair(filled(new_node(), 1))
    pair.wire.bend = answering("eth_chainId", answer)
    refused(pair, UpstreamError, "expected a chain id in hexadecimal, found ")


def test_node_without_its_first_block_is_no_other_chain() -> None:
    pair = Pair(filled(new_node(), 5))
    pair.wire.bend = answering("eth_getBlockByNumber", None)
    refused(pair, UpstreamError, "no first block")
    pair.wire.bend = lambda method, params, answer: answer
    pair.advance()

    async def lie() -> None:
        other = {"number": "0x3", "hash": "0x" + "22" * 32}
        pair.wire.bend = answering("eth_getBlockByNumber", lambda params, _: other if params[0] == "latest" else None)
        await pair.follower.advance()

    with pytest.raises(UpstreamError, match="no first block"):
        asyncio.run(lie())


def test_blocks_that_are_not_right_are_refused() -> None:
    pair = Pair(filled(new_node(), 3))
    pair.advance()
    filled(pair.source, 3)
    block = decode_block(bytes.fromhex(_raw(pair, 4)[2:]))

    def given(header: Any) -> None:
        encoded = f"0x{block._replace(header=header).encode().hex()}"
        pair.wire.bend = answering(
            "debug_getRawBlock", lambda params, answer: encoded if params == ["0x4"] else answer["result"]
        )

    given(seal(replace(block.header, state_root=bytes(32)), KEY))
    refused(pair, RefusedError, "^block 4: wrong state")
    given(replace(block.header, timestamp=block.header.timestamp + 1))
    refused(pair, RefusedError, "^block 4: bad seal")
    pair.wire.bend = answering("debug_getRawBlock", "0xc0")
    refused(pair, RefusedError, "^a block from 4 on: malformed")
    pair.wire.bend = answering("debug_getRawBlock", lambda *_: _raw(pair, 5))
    refused(pair, RefusedError, "^block 4: the other node gave block 5")
    pair.wire.bend = lambda method, params, answer: answer
    pair.advance()
    assert pair.is_level()


def _raw(pair: Pair, number: int) -> str:
    block = pair.source.chain.block(pair.source.chain.hash_at(number) or b"")
    assert block is not None
    return f"0x{block.encode().hex()}"


def test_branch_that_is_not_right_is_refused() -> None:
    pair = Pair(filled(new_node(), 2))
    pair.source.snapshot()
    filled(pair.source, 3)
    pair.advance()
    pair.source.revert(1)
    pair.source.increase_time(1000)
    filled(pair.source, 4)
    block = decode_block(bytes.fromhex(_raw(pair, 4)[2:]))
    wrong = block._replace(header=seal(replace(block.header, receipts_root=bytes(32)), KEY))
    pair.wire.bend = answering(
        "debug_getRawBlock",
        lambda params, answer: f"0x{wrong.encode().hex()}" if params == ["0x4"] else answer["result"],
    )
    refused(pair, RefusedError, "^block 4: wrong receipts")
    pair.wire.bend = answering("debug_getRawBlock", lambda *_: _raw(pair, 4))
    refused(pair, RefusedError, "^block 3: the other node gave block 4")


def test_head_that_is_not_what_it_is_said_to_be_undoes_nothing() -> None:
    pair = Pair(filled(new_node(), 5))
    pair.advance()

    def lie(params: list[Any], answer: Any) -> Any:
        if params[0] != "latest":
            return answer["result"]
        return {"number": "0x3", "hash": "0x" + "22" * 32}

    pair.wire.bend = answering("eth_getBlockByNumber", lie)
    refused(pair, UpstreamError, "its head changed while it was asked")


def test_node_that_has_nothing_of_the_chain_is_refused() -> None:
    pair = Pair(filled(new_node(), 5))
    pair.advance()

    async def lie() -> None:
        pair.wire.bend = answering("eth_getBlockByNumber", {"number": "0x3", "hash": "0x" + "22" * 32})
        await pair.follower.advance()

    with pytest.raises(WrongChainError, match="not even the first block"):
        asyncio.run(lie())


@pytest.mark.parametrize(
    "answer",
    [
        "text",
        5,
        [],
        {"number": "0x3"},
        {"number": "three", "hash": "0x"},
        {"number": "0x3", "hash": "0x12"},
        {"number": 3, "hash": "0x12"},
        {"number": "-0x3", "hash": "0x" + "22" * 32},
        {"number": "0x3", "hash": 7},
    ],
)
def test_answers_that_are_none_are_said(answer: Any) -> None:
    pair = Pair()
    pair.wire.bend = answering("eth_getBlockByNumber", answer)
    refused(pair, UpstreamError, "a block with")


@pytest.mark.parametrize("answer", ["", 5, None, "0xzz", "f8"])
def test_raw_blocks_that_are_none_are_said(answer: Any) -> None:
    pair = Pair(filled(new_node(), 1))
    pair.wire.bend = answering("debug_getRawBlock", answer)
    refused(pair, UpstreamError, "expected a block in hexadecimal")


def test_no_latest_block_is_said() -> None:
    pair = Pair()
    pair.wire.bend = answering(
        "eth_getBlockByNumber", lambda params, answer: answer["result"] if params[0] == "0x0" else None
    )
    refused(pair, UpstreamError, "no latest block")


def test_node_that_gives_few_blocks_at_a_time_is_followed() -> None:
    pair = Pair(filled(new_node(), 4))

    def bend(method: str, params: list[Any], answer: Any) -> Any:
        if method == "debug_getRawBlock" and answer["id"] > 0:
            return {"jsonrpc": "2.0", "id": answer["id"], "error": {"code": -32003, "message": "response too large"}}
        return answer

    pair.wire.bend = bend
    assert pair.advance() == 4
    assert pair.is_level()


@pytest.mark.parametrize(
    "response,message",
    [
        (httpx.Response(500), "HTTP status 500"),
        (httpx.Response(200, text="<html>"), "no JSON: <html>"),
        (httpx.Response(200, json={"error": {"message": "a\nb" + "c" * 500}}), "^a bc{197}\\.\\.\\.$"),
        (httpx.Response(200, json={"id": None, "error": "no"}), "^no$"),
        (httpx.Response(200, json=[]), "no answer"),
        (httpx.Response(200, json=[{"id": 0}]), "an answer without a result"),
        (httpx.Response(200, json=[{"id": 7, "result": 1}]), "expected a chain id in hexadecimal, found 1"),
        (
            httpx.Response(200, json=[{"id": [], "result": "0x1"}, {"id": {}}, {"id": True, "result": "0x1"}]),
            "no answer",
        ),
    ],
)
def test_wrong_responses_are_said(response: httpx.Response, message: str) -> None:
    pair = Pair()
    pair.wire.whole = lambda _: response
    with pytest.raises((UpstreamError, WrongChainError), match=message):
        pair.advance()


def test_long_answers_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.node.upstream.LARGEST_ANSWER", 10)
    with pytest.raises(UpstreamError, match="an answer of more than 10 bytes"):
        Pair().advance()


def test_node_that_is_not_there_is_said() -> None:
    def gone(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("All connection attempts failed")

    upstream = Upstream("http://127.0.0.1:1", transport=httpx.MockTransport(gone))
    with pytest.raises(UpstreamError, match=r"^http://127.0.0.1:1: All connection attempts failed$"):
        asyncio.run(upstream.call("eth_chainId"))


@pytest.mark.parametrize("url", ["", "127.0.0.1:8545", "ftp://host", "http://", "http://host:port", "ws://127.0.0.1"])
def test_url_has_to_be_one(url: str) -> None:
    with pytest.raises(ValueError, match="expected the URL of a node"):
        Upstream(url)


def test_secrets_in_the_url_are_not_shown() -> None:
    assert Pair().upstream.url == "http://127.0.0.1:8545"


# ---------------------------------------------------------------------------------------------------- for ever


def test_to_close_is_to_close_the_connections() -> None:
    closed = []

    class Transport(httpx.AsyncBaseTransport):
        async def aclose(self) -> None:
            closed.append(self)

    asyncio.run(Upstream("http://127.0.0.1:1", transport=Transport()).close())
    assert len(closed) == 1


def until(pair: Pair, is_so: Callable[[], bool], work: Callable[[], Any] | None = None) -> None:
    """Let the follower follow until something is so."""

    async def wait() -> None:
        task = asyncio.create_task((work or pair.follower.follow)())
        try:
            async with asyncio.timeout(20):
                while not is_so() and not task.done():
                    await asyncio.sleep(0.001)
        finally:
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if task.done() and not task.cancelled():
            task.result()

    asyncio.run(wait())
    assert is_so()


def test_follows_through_troubles(caplog: pytest.LogCaptureFixture) -> None:
    pair = Pair(filled(new_node(), 5))
    pair.wire.whole = lambda _: httpx.Response(503)
    with caplog.at_level(logging.WARNING, "diem.node"):
        until(pair, lambda: len(caplog.records) > 4)
        assert {record.getMessage() for record in caplog.records} == {"upstream not available"}
        assert health(pair.node).content["reason"].endswith("HTTP status 503")
        pair.wire.whole = lambda response: response
        pair.wire.bend = answering("debug_getRawBlock", "0xc0")
        caplog.clear()
        until(pair, lambda: len(caplog.records) > 1)
        assert {record.getMessage() for record in caplog.records} == {"upstream refused"}
    assert pair.node.chain.head.number == 0
    pair.wire.bend = lambda method, params, answer: answer
    until(pair, lambda: pair.is_level() and pair.node.trouble is None)


def test_ends_where_the_other_node_has_another_chain() -> None:
    pair = Pair()
    pair.wire.bend = answering("eth_chainId", "0x1")
    with pytest.raises(WrongChainError):
        until(pair, lambda: False)


def test_transactions_are_handed_on() -> None:
    pair = Pair()
    sent = pair.node.submit(signed(STAKER, 0))
    until(pair, lambda: pair.source.mempool.get(sent) is not None, pair.follower.send_on)
    pair.source.mine()
    pair.advance()
    assert len(pair.node.mempool) == 0


def test_transactions_wait_until_the_other_node_is_there(caplog: pytest.LogCaptureFixture) -> None:
    pair = Pair()
    sent = pair.node.submit(signed(STAKER, 0))
    pair.wire.whole = lambda _: httpx.Response(503)
    with caplog.at_level(logging.WARNING, "diem.node"):
        until(pair, lambda: len(caplog.records) > 3, pair.follower.send_on)
    assert caplog.records[0].getMessage() == "transaction not handed on"
    pair.wire.whole = lambda response: response
    pair.outbox.put_nowait(decode_transaction(signed(STAKER, 0), CHAIN_ID))
    until(pair, lambda: pair.source.mempool.get(sent) is not None, pair.follower.send_on)


def test_what_was_dropped_meanwhile_is_not_handed_on() -> None:
    pair = Pair()
    pair.outbox.put_nowait(decode_transaction(signed(STAKER, 0), CHAIN_ID))
    sent = pair.node.submit(signed(MINTER, 0))
    until(pair, lambda: pair.source.mempool.get(sent) is not None, pair.follower.send_on)
    assert len(pair.source.mempool) == 1


def test_what_waits_is_handed_on_again_when_the_other_node_comes_back() -> None:
    pair = Pair()
    sent = pair.node.submit(signed(STAKER, 0))

    async def is_so(look: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not look():
                await asyncio.sleep(0.001)

    async def come_back() -> None:
        tasks = [asyncio.create_task(work()) for work in (pair.follower.follow, pair.follower.send_on)]
        await is_so(lambda: len(pair.source.mempool) == 1)
        pair.wire.whole = lambda _: httpx.Response(503)
        await is_so(lambda: pair.node.trouble is not None)
        pair.source.mempool.clear()
        pair.wire.whole = lambda response: response
        await is_so(lambda: pair.source.mempool.get(sent) is not None)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(come_back())


def test_transaction_that_the_other_node_refuses_is_dropped() -> None:
    pair = Pair()
    pair.source.submit(signed(STAKER, 0, max_fee_per_gas=1))
    known = pair.source.submit(signed(STAKER, 1))
    pair.node.submit(signed(STAKER, 0))
    pair.node.submit(signed(STAKER, 1))
    until(pair, lambda: len(pair.node.mempool) == 1 and pair.outbox.empty(), pair.follower.send_on)
    assert pair.node.mempool.get(known) is not None
    assert pair.source.mempool.next_nonce(address(STAKER)) == 2
