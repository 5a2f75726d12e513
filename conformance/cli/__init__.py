"""The command `diem`."""

from __future__ import annotations

import sys

from conformance.termination import Stopped, raising_at_sigterm

INTERRUPTED = 130
"""The exit status after Ctrl-C, as a shell gives it."""
TERMINATED = 143
"""That after SIGTERM."""


def status_after(stop: BaseException) -> int:
    """Return the exit status of a command that somebody has stopped."""
    return TERMINATED if isinstance(stop, Stopped) else INTERRUPTED


def main() -> None:
    """Run the command and leave the interpreter with its exit status."""
    try:
        with raising_at_sigterm(Stopped()):
            # Imported here, so that Ctrl-C during the import is caught as well.
            from conformance.cli.app import app

            app()
    except KeyboardInterrupt as stop:
        sys.exit(status_after(stop))
