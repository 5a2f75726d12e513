"""Lines to and from a program, with a time for each: nothing that it does or leaves undone can keep us waiting."""

from __future__ import annotations

import contextlib
import os
import selectors
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from time import monotonic
from typing import Final

LONGEST_LINE: Final = 1 << 26
"""Bytes that a line may have."""

END_SECONDS: Final = 2.0
"""How long a program may take to end after its input has ended."""


class TimedOut(Exception):
    """No line within the time; ``half`` of one may be there."""

    def __init__(self, half: bytes) -> None:
        super().__init__("no line in time")
        self.half: Final = half


class Ended(Exception):
    """The program has closed its output; ``half`` a line may be there."""

    def __init__(self, half: bytes) -> None:
        super().__init__("the output has ended")
        self.half: Final = half


class LineTooLong(Exception):
    """A line has more than ``LONGEST_LINE`` bytes."""


class LineProcess:
    """A running program, in a process group of its own.

    Raises
    ------
    OSError : it cannot be started.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 -- closed with the process
        try:
            self._process = subprocess.Popen(  # noqa: S603 -- the user's own program
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,
            )
        except OSError:
            self._errors.close()
            raise
        pipes = self._process.stdin, self._process.stdout
        self._input, self._output = (pipe.fileno() for pipe in pipes if pipe is not None)
        os.set_blocking(self._input, False)
        os.set_blocking(self._output, False)
        self._read = bytearray()
        self._ended = False

    def send(self, line: bytes, deadline: float) -> None:
        """Write a line; a program that does not read it in time is like one that does not answer.

        Raises
        ------
        TimedOut : the line could not be written by ``deadline``.
        Ended : nobody reads any more.
        """
        left = memoryview(line + b"\n")
        while left:
            self._wait(deadline, write=True)
            try:
                left = left[os.write(self._input, left) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                raise Ended(b"") from None

    def receive(self, deadline: float) -> bytes:
        """Return the next line, without its end.

        Raises
        ------
        TimedOut : there is none by ``deadline``, on the clock of ``time.monotonic``.
        Ended : there will be none.
        LineTooLong : there is no end of it.
        """
        while b"\n" not in self._read:
            if self._ended:
                raise Ended(bytes(self._read))
            if len(self._read) > LONGEST_LINE:
                raise LineTooLong
            self._wait(deadline)
            self._take()
        line, _, rest = bytes(self._read).partition(b"\n")
        self._read = bytearray(rest)
        return line

    def close(self) -> int | None:
        """End the program, if it has not ended by itself, and all that it has started. Return its exit status."""
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        try:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(END_SECONDS)
        except BaseException:  # whoever does not want to wait has it ended all the same
            self.kill()
            raise
        return self.kill()

    def kill(self) -> int | None:
        """End the program at once, and all that it has started; return the exit status it had before, if any."""
        status = self._process.poll()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
        return status

    def last_words(self) -> str:
        """Return the last line of the program's standard error; nothing if it has said none."""
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - 4096))
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else ""

    def _wait(self, deadline: float, *, write: bool = False) -> None:
        """Wait until something can be read, or written; while writing, take what comes, so that neither side waits."""
        with selectors.DefaultSelector() as selector:
            if not self._ended:
                selector.register(self._output, selectors.EVENT_READ)
            if write:
                selector.register(self._input, selectors.EVENT_WRITE)
            left = deadline - monotonic()
            if left <= 0:
                raise TimedOut(bytes(self._read))
            ready = selector.select(left)
            if not ready:
                raise TimedOut(bytes(self._read))
            if write and any(key.fd == self._output for key, _ in ready):
                self._take()

    def _take(self) -> None:
        with contextlib.suppress(BlockingIOError):
            content = os.read(self._output, 1 << 16)
            self._read += content
            self._ended = not content


def split(command: str) -> list[str]:
    """Return the words of a command line; ValueError if its quotation marks do not match."""
    return shlex.split(command)
