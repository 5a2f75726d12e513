"""SIGTERM as an orderly end, like Ctrl-C."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from time import monotonic
from types import FrameType
from typing import Any, Final

SAME_SECONDS: Final = 1.0
"""A signal that comes so soon after another is the same: `timeout` sends it to a process, and then to its group."""


class Stopped(KeyboardInterrupt):
    """SIGTERM has come: whoever ends in order at Ctrl-C does so."""


class _Raising:
    """A handler that raises an error."""

    def __init__(self, error: BaseException, before: Callable[[int, FrameType | None], Any] | int | None) -> None:
        self._error: Final = error
        self._before: Final = before
        self._came: float | None = None

    def __call__(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 (the interpreter's signature)
        """See the signal module."""
        came, self._came = self._came, monotonic()
        if isinstance(self._before, _Raising):  # which is the handler again as soon as the error is caught
            self._before.note(self._came)
        if came is None or self._came > came + SAME_SECONDS:
            raise self._error

    def note(self, came: float) -> None:
        """Take note of a signal that was handled elsewhere."""
        self._came = came
        if isinstance(self._before, _Raising):
            self._before.note(came)


@contextmanager
def raising_at_sigterm(error: BaseException) -> Iterator[None]:
    """Raise ``error`` when SIGTERM comes; only the main thread is told of signals, so elsewhere nothing changes."""
    if current_thread() is not main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    signal.signal(signal.SIGTERM, _Raising(error, before))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
