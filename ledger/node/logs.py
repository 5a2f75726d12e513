"""Logs: one event a line, as JSON for machines or as text for people.

An event has a short name, which does not change, and fields; both go through the standard library's logging.
"""

from __future__ import annotations

import json
import logging
import time
from typing import IO, Any, Final

LOGGER: Final = "diem.node"
"""The logger of all events of a node, and the parent of none."""

FORMATS: Final = ("text", "json")

_log: Final = logging.getLogger(LOGGER)


def event(level: int, name: str, **fields: object) -> None:
    """Log an event; bytes are shown in hexadecimal."""
    if _log.isEnabledFor(level):
        shown = {key: f"0x{value.hex()}" if isinstance(value, bytes) else value for key, value in fields.items()}
        _log.log(level, name, extra={"fields": shown})


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, event, and the event's fields."""

    def format(self, record: logging.LogRecord) -> str:
        """See the standard library."""
        content = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **_fields(record),
        }
        return json.dumps(content, default=str, ensure_ascii=True)


class TextFormatter(logging.Formatter):
    """Time (UTC), level, event, and the fields as name=value, in one line whatever they hold."""

    def format(self, record: logging.LogRecord) -> str:
        """See the standard library."""
        fields = "".join(f" {name}={_value(value)}" for name, value in _fields(record).items())
        return f"{_time(record)} {record.levelname:7} {_printable(record.getMessage())}{fields}"


def handler(log_format: str, stream: IO[str]) -> logging.Handler:
    """A handler that writes events to a stream, in one of ``FORMATS``."""
    written = logging.StreamHandler(stream)
    written.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    return written


def _time(record: logging.LogRecord) -> str:
    seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    return f"{seconds}.{int(record.msecs):03d}Z"


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    fields: dict[str, Any] = dict(getattr(record, "fields", {}))
    if record.exc_info:
        fields["traceback"] = logging.Formatter().formatException(record.exc_info)
    return fields


def _value(value: object) -> str:
    text = str(value)
    return text if text.isprintable() and text and not set(text) & set(' "=') else json.dumps(text)


def _printable(text: str) -> str:
    return text if text.isprintable() else json.dumps(text)
