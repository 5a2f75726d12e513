"""Logs and metrics."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from ledger.node import Metrics
from ledger.node.logs import LOGGER, event, handler


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    logger = logging.getLogger(LOGGER)
    level, handlers, propagate = logger.level, logger.handlers, logger.propagate
    logger.setLevel(logging.INFO)
    logger.propagate = False
    yield logger
    logger.level, logger.handlers, logger.propagate = level, handlers, propagate


def test_json_has_an_event_a_line(logger: logging.Logger, stream: io.StringIO) -> None:
    logger.handlers = [handler("json", stream)]
    event(logging.INFO, "block", number=7, hash=b"\x01\xff", reason='two\nlines "quoted" é')
    event(logging.DEBUG, "left out")
    (line,) = stream.getvalue().splitlines()
    content = json.loads(line)
    assert content.pop("time").endswith("Z")
    assert content == {
        "level": "info",
        "logger": "diem.node",
        "event": "block",
        "number": 7,
        "hash": "0x01ff",
        "reason": 'two\nlines "quoted" é',
    }


def test_text_has_an_event_a_line(logger: logging.Logger, stream: io.StringIO) -> None:
    logger.handlers = [handler("text", stream)]
    event(logging.WARNING, "a\nb", plain="x", spaced="a b", empty="", broken="a\nb\x1b[31m")
    (line,) = stream.getvalue().splitlines()
    assert line.split(" ", 1)[1] == ('WARNING "a\\nb" plain=x spaced="a b" empty="" broken="a\\nb\\u001b[31m"')


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_tracebacks_are_fields(logger: logging.Logger, stream: io.StringIO, log_format: str) -> None:
    logger.handlers = [handler(log_format, stream)]
    try:
        int("wrong")
    except ValueError:
        logger.exception("failed")
    (line,) = stream.getvalue().splitlines()
    assert "ValueError: invalid literal" in line


def test_metrics_of_two_nodes_are_apart() -> None:
    one, two = Metrics(lambda: 5, lambda: 6, lambda: 7), Metrics()
    one.transaction("submitted", 3)
    one.blocks(undone=1, adopted=2)
    one.block_seconds(0.003)
    one.rpc("eth_call", "ok", 0.2)
    shown, other = one.exposition().decode(), two.exposition().decode()
    for line in (
        "diem_head_number 5.0",
        "diem_mempool_transactions 6.0",
        "diem_store_bytes 7.0",
        'diem_transactions_total{status="submitted"} 3.0',
        'diem_blocks_total{change="adopted"} 2.0',
        'diem_block_seconds_bucket{le="0.005"} 1.0',
        'diem_block_seconds_bucket{le="0.0025"} 0.0',
        'diem_rpc_seconds_count{method="eth_call",outcome="ok"} 1.0',
    ):
        assert line in shown.splitlines()
    assert 'diem_transactions_total{status="submitted"} 0.0' in other.splitlines()
    assert one.content_type.startswith("text/plain")
