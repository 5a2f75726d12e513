"""Another node, asked over JSON-RPC."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import httpx

from ledger.blocks import Block, decode_block
from ledger.json_text import decode

LARGEST_ANSWER: Final = 64 * 1024 * 1024
"""Bytes of an answer; of a longer one no more is read."""

LONGEST_QUOTE: Final = 200
"""Characters of the other node's words that are quoted."""

_CHAIN_ID: Final = re.compile("0x[0-9a-fA-F]{1,64}")


class UpstreamError(Exception):
    """The other node cannot be asked now, or answers what is no answer; the message is one line."""


class UpstreamRefusal(UpstreamError):
    """The other node answers with an error."""


class BlockId(NamedTuple):
    """Which block."""

    number: int
    hash: bytes


Request = tuple[str, tuple[object, ...]]
"""A method and its parameters."""


class Upstream:
    """A JSON-RPC client; what the answers say is not trusted here, only read."""

    def __init__(self, url: str, seconds: float = 10.0, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Ask the node at a URL, and wait for so many seconds; ValueError if it is no http or https URL."""
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise ValueError(
                f"expected the URL of a node such as http://127.0.0.1:8545, found {url!r}: {error}"
            ) from None
        if parsed.scheme not in ("http", "https") or not parsed.host:
            raise ValueError(f"expected the URL of a node such as http://127.0.0.1:8545, found {url!r}")
        self.url: Final = f"{parsed.scheme}://{parsed.netloc.decode()}"
        """For people to read: without what may be secret in the address."""
        self._url: Final = parsed
        self._client: Final = httpx.AsyncClient(timeout=seconds, transport=transport)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def chain_id(self) -> int:
        """The chain's id; errors as of `call`."""
        answer = await self.call("eth_chainId")
        if not isinstance(answer, str) or not _CHAIN_ID.fullmatch(answer):
            raise UpstreamError(f"expected a chain id in hexadecimal, found {_quoted(str(answer))}")
        return int(answer, 16)

    async def block_id(self, block: str) -> BlockId | None:
        """The block with a number (in hexadecimal) or tag, None if there is none; errors as of `call`."""
        answer = await self.call("eth_getBlockByNumber", block, False)
        return None if answer is None else _block_id(answer)

    async def hashes(self, numbers: Sequence[int]) -> list[bytes | None]:
        """The hashes of the blocks with these numbers; errors as of `call`."""
        answers = await self._batch([("eth_getBlockByNumber", (hex(number), False)) for number in numbers])
        return [None if (block := _result(answer)) is None else _block_id(block).hash for answer in answers]

    async def blocks(self, numbers: Sequence[int]) -> list[Block]:
        """The blocks with these numbers, or as many of the first of them as the node gave in one answer.

        Raises
        ------
        UpstreamError : as of `call`; there is not even the first.
        BlockError : one is no block.
        """
        answers = await self._batch([("debug_getRawBlock", (hex(number),)) for number in numbers])
        found = [decode_block(_bytes(_result(answers[0])))]
        for answer in answers[1:]:
            # A node that will not give so much at a time answers the rest with errors.
            if not isinstance(answer.get("result"), str):
                break
            found.append(decode_block(_bytes(answer["result"])))
        return found

    async def send(self, raw: bytes) -> None:
        """Hand on a transaction; errors as of `call`."""
        await self.call("eth_sendRawTransaction", f"0x{raw.hex()}")

    async def call(self, method: str, *params: object) -> Any:
        """The result of one request.

        Raises
        ------
        UpstreamRefusal : the node answers with an error.
        UpstreamError : there is no answer, or it is none to the request.
        """
        (answer,) = await self._batch([(method, params)])
        return _result(answer)

    async def _batch(self, requests: Sequence[Request]) -> list[dict[str, Any]]:
        content = [
            {"jsonrpc": "2.0", "id": place, "method": method, "params": params}
            for place, (method, params) in enumerate(requests)
        ]
        answer = _parsed(await self._post(content))
        answers = answer if isinstance(answer, list) else [answer]
        by_id = {item["id"]: item for item in answers if isinstance(item, dict) and type(item.get("id")) is int}
        if len(requests) == 1 and len(answers) == 1 and isinstance(answers[0], dict):
            return answers  # an error for the whole request has no id
        missing = {"error": {"message": "no answer"}}
        return [by_id.get(place, missing) for place in range(len(requests))]

    async def _post(self, content: list[dict[str, object]]) -> bytes:
        body = bytearray()
        try:
            async with self._client.stream("POST", self._url, json=content) as response:
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > LARGEST_ANSWER:
                        raise UpstreamError(f"{self.url}: an answer of more than {LARGEST_ANSWER} bytes")
        except httpx.HTTPError as error:
            raise UpstreamError(f"{self.url}: {_quoted(str(error) or type(error).__name__)}") from None
        if response.status_code != 200:
            raise UpstreamError(f"{self.url}: HTTP status {response.status_code}")
        return bytes(body)


def _parsed(body: bytes) -> Any:
    try:
        return decode(body)
    except ValueError:
        raise UpstreamError(
            f"an answer that is no JSON: {_quoted(body[:LONGEST_QUOTE].decode(errors='replace'))}"
        ) from None


def _result(answer: dict[str, Any]) -> Any:
    error = answer.get("error")
    if error is not None:
        message = error.get("message") if isinstance(error, dict) else error
        raise UpstreamRefusal(_quoted(str(message)))
    if "result" not in answer:
        raise UpstreamError("an answer without a result")
    return answer["result"]


def _block_id(answer: Any) -> BlockId:
    try:
        number, block_hash = int(answer["number"], 16), bytes.fromhex(answer["hash"].removeprefix("0x"))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UpstreamError(f"a block without number and hash: {_quoted(str(answer))}") from None
    if len(block_hash) != 32 or number < 0:
        raise UpstreamError(f"a block with an impossible number or hash: {_quoted(str(answer))}")
    return BlockId(number, block_hash)


def _bytes(result: Any) -> bytes:
    if not isinstance(result, str) or not result.startswith("0x"):
        raise UpstreamError(f"expected a block in hexadecimal, found {_quoted(str(result))}")
    try:
        return bytes.fromhex(result[2:])
    except ValueError:
        raise UpstreamError(f"expected a block in hexadecimal, found {_quoted(result)}") from None


def _quoted(text: str) -> str:
    line = "".join(character if character.isprintable() else " " for character in text)
    return line if len(line) <= LONGEST_QUOTE else f"{line[:LONGEST_QUOTE]}..."
