"""Web pages of strangers: by name, by origin, by content type."""

from __future__ import annotations

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from ledger.rpc import application
from ledger.rpc.guard import web_origin
from tests.ledger.rpc.conftest import Rpc, new_node
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


@pytest.mark.parametrize("allowed", ["http://localhost:3000", "HTTP://LocalHost:3000", "*"])
def test_a_page_may_be_allowed_in_any_spelling(allowed: str) -> None:
    async def test(server: Served) -> None:
        page = "http://localhost:3000"
        asked = {"access_control_request_method": "POST", "access_control_request_private_network": "true"}
        answer = await server.http(b"", "OPTIONS", origin=page, **asked)
        assert answer.status == 200
        assert answer.headers["access-control-allow-origin"] in {page, "*"}
        assert answer.headers["access-control-allow-private-network"] == "true"
        answer = await server.http(BODY, origin=page, content_type="text/plain")
        assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, "*" if allowed == "*" else page)

    run(test, origins=[allowed])


@pytest.mark.parametrize(
    "spelled,origin",
    [
        ("*", "*"),
        ("https://Wallet.Example", "https://wallet.example"),
        ("https://wallet.example:443", "https://wallet.example"),
        ("http://wallet.example:80", "http://wallet.example"),
        ("http://wallet.example:443", "http://wallet.example:443"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("chrome-extension://abcdefgh", "chrome-extension://abcdefgh"),
    ],
)
def test_an_origin_is_spelled_as_browsers_do(spelled: str, origin: str) -> None:
    assert web_origin(spelled) == origin


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "localhost:3000",
        "wallet.example",
        "//wallet.example",
        "http://localhost:3001/",
        "https://wallet.example/app",
        "https://*.example.org",
        "https://user@wallet.example",
        "https://wallet.example:",
        "https://wallet.example:123456",
        "https://wallet.example\n",
        "https://ex\u00e4mple.org",
        "https://a.example,https://b.example",
    ],
)
def test_what_is_no_origin_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^expected an origin of scheme, host and port such as .*, found '.*'$"):
        web_origin(text)


def test_an_application_takes_only_origins() -> None:
    with pytest.raises(ValueError, match="found 'localhost:3000'"):
        application(Rpc(new_node()).service, origins=[PAGE, "localhost:3000"])


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
