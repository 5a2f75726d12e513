"""JSON-RPC over HTTP, by a real server."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from ledger.rpc import Limits, Page, application, serving
from ledger.rpc.server import Address
from tests.ledger.rpc.conftest import Rpc, new_node
from tests.ledger.rpc.serving import Served, answer_of, read_answer, request_of, run

BODY = b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}'
RESULT = {"jsonrpc": "2.0", "id": 1, "result": "0x2105"}


def test_a_request_is_answered() -> None:
    async def test(server: Served) -> None:
        answer = await server.http(BODY)
        assert (answer.status, answer.json) == (200, RESULT)
        assert answer.headers["content-type"] == "application/json"
        assert "server" not in answer.headers

    run(test)


def test_what_is_wrong_with_a_request_is_said_with_status_200() -> None:
    async def test(server: Served) -> None:
        for body, code in ((b"", -32700), (b"\xff", -32700), (b"[]", -32600), (b"1", -32600), (b"[" * 10_000, -32700)):
            answer = await server.http(body)
            assert (answer.status, answer.json["error"]["code"]) == (200, code)

    run(test)


def test_notifications_have_no_answer() -> None:
    async def test(server: Served) -> None:
        answer = await server.http(b'{"jsonrpc":"2.0","method":"evm_mine"}')
        assert (answer.status, answer.body) == (204, b"")
        assert await server.call("eth_blockNumber") == "0x1"

    run(test)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods_are_refused(method: str) -> None:
    async def test(server: Served) -> None:
        answer = await server.http(b"", method)
        assert (answer.status, answer.headers["allow"]) == (405, "POST")
        assert answer.json["error"]["code"] == -32600

    run(test)


def test_other_paths_are_refused() -> None:
    async def test(server: Served) -> None:
        assert (await server.http(BODY, path="/rpc")).status == 404
        assert (await server.http(b"", "GET", "/health")).status == 404
        assert (await server.http(BODY, path="/?a=b")).status == 200

    run(test)


def test_pages() -> None:
    async def test(server: Served) -> None:
        answer = await server.http(b"", "GET", "/health")
        assert (answer.status, answer.json) == (503, {"status": "failing"})
        answer = await server.http(b"", "GET", "/metrics")
        assert (answer.status, answer.body, answer.headers["content-type"]) == (
            200,
            b"a 1\n",
            "text/plain; charset=utf-8",
        )
        assert (await server.http(BODY, path="/metrics")).status == 405

    pages = {
        "/health": lambda: Page(b'{"status":"failing"}', "application/json", 503),
        "/metrics": lambda: Page(b"a 1\n", "text/plain; charset=utf-8"),
    }
    run(test, pages=pages)


def test_a_connection_serves_many_requests_in_order() -> None:
    async def test(server: Served) -> None:
        reader, writer = await server.connect()
        for number in range(20):
            writer.write(request_of(BODY.replace(b"1,", b"%d," % number, 1)))
        for number in range(20):
            assert (await read_answer(reader)).json["id"] == number
        writer.close()

    run(test)


def test_a_body_in_pieces() -> None:
    async def test(server: Served) -> None:
        reader, writer = await server.connect()
        request = request_of(BODY)
        for at in range(0, len(request), 7):
            writer.write(request[at : at + 7])
            await asyncio.sleep(0.001)
        assert (await read_answer(reader)).json == RESULT
        head = request_of(b"").replace(b"content-length: 0", b"transfer-encoding: chunked")
        writer.write(head + b"%x\r\n%b\r\n" % (9, BODY[:9]))
        await asyncio.sleep(0.01)
        writer.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY) - 9, BODY[9:]))
        assert (await read_answer(reader)).json == RESULT
        writer.close()

    run(test)


def test_a_body_that_is_too_large() -> None:
    limits = Limits(body=1000)

    async def test(server: Served) -> None:
        exact = BODY.ljust(1000)
        assert (await server.http(exact)).status == 200
        for request in (
            request_of(exact + b" ", connection="close"),
            request_of(exact + b" ", connection="upgrade, close", upgrade="h2c"),
            request_of(b"", content_length="1" * 18, connection="close") + b" " * 2000,
            request_of(b"", connection="close").replace(b"content-length: 0", b"transfer-encoding: chunked")
            + b"3e9\r\n%b\r\n0\r\n\r\n" % exact.ljust(1001),
        ):
            reader, writer = await server.connect()
            writer.write(request)
            answer = await read_answer(reader)
            assert answer.status == 413
            assert answer.json["error"]["message"] == "content length too large: more than 1000 bytes"
            writer.close()
        assert (await server.http(BODY)).json == RESULT

    run(test, limits)


def test_a_large_batch_is_answered_whole() -> None:
    async def test(server: Served) -> None:
        body = b"[" + b",".join([b'{"jsonrpc":"2.0","id":1,"method":"eth_getBlockByNumber","params":["latest"]}'] * 900)
        answers = (await server.http(body + b"]")).json
        assert len(answers) == 900
        assert {each["result"]["number"] for each in answers} == {"0x0"}

    run(test)


@pytest.mark.parametrize(
    "sent",
    [
        b"\0" * 100,
        b"GET\r\n\r\n",
        b"POST / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"POST /\xff HTTP/1.1\r\n\r\n",
        b"CONNECT a:1 HTTP/1.1\r\n\r\n",
        b"CONNECT a:1 HTTP/1.1\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n",
        b"POST /\xff HTTP/1.1\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused(sent: bytes) -> None:
    async def test(server: Served) -> None:
        assert answer_of(await server.exchange(sent)).status == 400
        assert (await server.http(BODY)).json == RESULT

    run(test)


def test_a_client_that_goes_away_in_the_midst_of_its_request() -> None:
    async def test(server: Served) -> None:
        for part in (20, 100, len(request_of(BODY)) - 1):
            _, writer = await server.connect()
            writer.write(request_of(BODY)[:part])
            await writer.drain()
            await asyncio.sleep(0.01)
            writer.close()
        assert (await server.http(BODY)).json == RESULT

    run(test)


def test_an_ordinary_client() -> None:
    async def test(server: Served) -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(server.address.url, json=json.loads(BODY))
        assert answer.json() == RESULT

    run(test)


def test_a_port_that_is_taken() -> None:
    async def test(server: Served) -> None:
        with pytest.raises(OSError, match="in use"):
            async with serving(application(Rpc(new_node()).service), port=server.address.port):
                pass

    run(test)


def test_where_a_server_is_reached() -> None:
    assert Address("127.0.0.1", 8545).url == "http://127.0.0.1:8545"
    assert Address("::1", 8545).url == "http://[::1]:8545"
    assert Address("::1", 8545).websocket_url == "ws://[::1]:8545"


H2C = {"connection": "Upgrade, HTTP2-Settings", "upgrade": "h2c", "http2_settings": "AAEAAEAAAAIAAAAB"}
"""What Java's client sends by default, and curl with --http2."""


def offering(body: bytes = BODY, **headers: str) -> bytes:
    return request_of(body, **H2C | {"x_empty": ""} | headers)


OFFERS = [
    offering(),
    offering(upgrade="foo"),
    offering(upgrade="websocket, h2c"),
    offering(connection="upgrade", upgrade="TLS/1.0, HTTP/1.1"),
    # The last of two decides for uvicorn, either one for httptools.
    offering().replace(b"x-empty", b"connection: keep-alive\r\nx-empty"),
    request_of(b"", **H2C).replace(b"content-length: 0", b"transfer-encoding: chunked")
    + b"%x\r\n%b\r\n0\r\nupgrade: foo\r\n\r\n" % (len(BODY), BODY),
]


@pytest.mark.parametrize("sent", OFFERS)
def test_a_protocol_that_is_not_spoken_is_declined(sent: bytes) -> None:
    async def test(server: Served) -> None:
        reader, writer = await server.connect()
        for _ in range(3):
            writer.write(sent)
            assert (await read_answer(reader)).json == RESULT
        writer.write(request_of(BODY, connection="close"))
        assert answer_of(await reader.read()).json == RESULT
        writer.close()

    run(test)


def test_an_offer_in_two_parts() -> None:
    async def test(server: Served) -> None:
        reader, writer = await server.connect()
        request = offering()
        for at in range(1, len(request)):
            for part in (request[:at], request[at:]):
                writer.write(part)
                await asyncio.sleep(0.0005)
            assert (await read_answer(reader)).json == RESULT
        writer.close()

    run(test)


def test_offers_in_one_packet() -> None:
    async def test(server: Served) -> None:
        reader, writer = await server.connect()
        writer.write(b"".join(offering(BODY.replace(b"1,", b"%d," % at, 1)) for at in range(2000)))
        for at in range(2000):
            assert (await read_answer(reader)).json["id"] == at
        writer.close()

    run(test)
