"""SIGTERM as an orderly end, like Ctrl-C."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType


@contextmanager
def raising_at_sigterm(error: BaseException) -> Iterator[None]:
    """Raise ``error`` when SIGTERM comes; only the main thread is told of signals, so elsewhere nothing changes."""
    if current_thread() is not main_thread():
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 (the signature is the interpreter's)
        raise error

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
