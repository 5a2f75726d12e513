"""The command `diem`."""

from __future__ import annotations

import sys

INTERRUPTED = 130
"""The exit status after Ctrl-C, as a shell gives it."""
TERMINATED = 143
"""That after SIGTERM."""


def main() -> None:
    """Run the command and leave the interpreter with its exit status."""
    try:
        # Imported here, so that Ctrl-C during the import is caught as well.
        from conformance.cli.app import app

        app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
