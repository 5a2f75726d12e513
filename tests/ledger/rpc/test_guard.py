"""Web pages of strangers: by name, by origin, by content type."""

from __future__ import annotations

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.ledger.rpc.serving import Served, answer_of, request_of, run

BODY = b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}'
PAGE = "https://wallet.example"


@pytest.mark.parametrize(
    "host,status",
    [
        ("localhost", 200),
        ("localhost:8545", 200),
        ("LOCALHOST", 200),
        ("127.0.0.1:8545", 200),
        ("192.168.1.5", 200),
        ("[::1]:8545", 200),
        ("[::1]", 200),
        ("evil.example", 403),
        ("evil.example:8545", 403),
        ("localhost.evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("[localhost", 403),
        ("", 403),
        ("\xff", 403),
    ],
)
def test_the_name_of_the_machine(host: str, status: int) -> None:
    async def test(server: Served) -> None:
        request = request_of(BODY, connection="close").replace(b"host: localhost", b"host: " + host.encode("latin-1"))
        answer = answer_of(await server.exchange(request))
        assert answer.status == status
        if status == 403:
            assert answer.json["error"]["message"] == "invalid host specified"

    run(test)


def test_names_that_are_allowed() -> None:
    async def test(server: Served) -> None:
        assert (await server.http(BODY, host="Node.example:1")).status == 200
        assert (await server.http(BODY, host="localhost")).status == 403

    run(test, hosts=["node.example"])


def test_any_name() -> None:
    async def test(server: Served) -> None:
        assert (await server.http(BODY, host="evil.example")).status == 200

    run(test, hosts=["*"])


def test_no_name_at_all() -> None:
    async def test(server: Served) -> None:
        request = b"POST / HTTP/1.0\r\ncontent-length: %d\r\n\r\n%b" % (len(BODY), BODY)
        assert answer_of(await server.exchange(request)).status == 200

    run(test)


@pytest.mark.parametrize(
    "headers,status",
    [
        ({"content_type": "text/plain"}, 200),
        ({"content_type": "application/x-www-form-urlencoded"}, 200),
        ({"origin": PAGE}, 200),
        ({"origin": PAGE, "content_type": "application/json; charset=utf-8"}, 200),
        ({"origin": PAGE, "content_type": "text/plain"}, 415),
        ({"origin": PAGE, "content_type": "text/plain; application/json"}, 415),
        ({"origin": PAGE, "content_type": ""}, 415),
        ({"origin": "null", "content_type": "text/plain"}, 415),
    ],
)
def test_a_page_asks_before_it_sends(headers: dict[str, str], status: int) -> None:
    async def test(server: Served) -> None:
        answer = await server.http(BODY, **headers)
        assert answer.status == status
        assert not [name for name in answer.headers if name.startswith("access-control")]

    run(test)


def test_a_page_that_asks_is_not_allowed() -> None:
    async def test(server: Served) -> None:
        asked = {"origin": PAGE, "access_control_request_method": "POST"}
        answer = await server.http(b"", "OPTIONS", **asked)
        assert answer.status == 405
        assert "access-control-allow-origin" not in answer.headers

    run(test)


def test_a_page_that_is_allowed() -> None:
    async def test(server: Served) -> None:
        asked = {"access_control_request_method": "POST", "access_control_request_headers": "content-type"}
        answer = await server.http(b"", "OPTIONS", origin=PAGE, **asked)
        assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, PAGE)
        answer = await server.http(BODY, origin=PAGE, content_type="text/plain")
        assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, PAGE)
        answer = await server.http(BODY, origin="https://other.example")
        assert "access-control-allow-origin" not in answer.headers
        answer = await server.http(b"", "OPTIONS", origin="https://other.example", **asked)
        assert answer.status == 400

    run(test, origins=[PAGE])


@pytest.mark.parametrize(
    "origin,origins,is_let_in",
    [(None, [], True), (PAGE, [], False), (PAGE, [PAGE], True), (PAGE, ["*"], True), ("null", [PAGE], False)],
)
def test_a_websocket_from_a_page(origin: str | None, origins: list[str], is_let_in: bool) -> None:
    async def test(server: Served) -> None:
        headers = {} if origin is None else {"origin": origin}
        opening = connect(server.address.websocket_url, additional_headers=headers, proxy=None)
        if is_let_in:
            async with opening as websocket:
                await websocket.send(BODY.decode())
                assert "0x2105" in str(await websocket.recv())
        else:
            with pytest.raises(InvalidStatus) as caught:
                await opening
            assert caught.value.response.status_code == 403

    run(test, origins=origins)


def test_a_websocket_by_a_strange_name() -> None:
    async def test(server: Served) -> None:
        upgrade = {"connection": "Upgrade", "upgrade": "websocket", "sec_websocket_version": "13"}
        key = {"sec_websocket_key": "dGhlIHNhbXBsZSBub25jZQ=="}
        request = request_of(b"", "GET", host="evil.example", **upgrade, **key)
        assert answer_of(await server.exchange(request)).status == 403

    run(test)
