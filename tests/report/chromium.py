"""A headless Chromium: the one that `make peers` installs, or the system's."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FOLDER = Path(__file__).parent / "browser"
PACKED = FOLDER / "node_modules" / "@sparticuz" / "chromium" / "bin"
UNPACKED = FOLDER / "node_modules" / ".unpacked"
PROGRAM = "chromium"
ARCHIVES = ("al2023.tar", "fonts.tar")
"""Libraries and a font, which not every machine has."""

FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}/fonts</dir><cachedir>{folder}/cache</cachedir></fontconfig>
"""


@contextmanager
def headless_chromium() -> Iterator[Browser]:
    """Start the browser; the test is left out where there is none, which fails a run in CI."""
    from playwright.sync_api import sync_playwright

    folder = _unpacked()
    program = str(folder / PROGRAM) if folder else shutil.which("chromium")
    if program is None:
        pytest.skip("no Chromium: make peers installs one, or the system's package chromium")
    environment: dict[str, str | float | bool] = {**os.environ}
    if folder:
        environment["LD_LIBRARY_PATH"] = str(folder / "lib")
        environment["FONTCONFIG_FILE"] = str(folder / "own-fonts.conf")
    with sync_playwright() as driver:
        # Its own sandbox takes rights that containers often lack; it shows nothing but files of ours.
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"], env=environment)
        try:
            yield browser
        finally:
            browser.close()


def _unpacked() -> Path | None:
    """Return the folder with the browser that npm brings packed, unpacked once; None if it has not been installed."""
    node = shutil.which("node")
    if not PACKED.is_dir() or node is None:
        return None
    if not UNPACKED.is_dir():
        with tempfile.TemporaryDirectory(dir=UNPACKED.parent) as scratch:
            fresh = Path(scratch) / "fresh"
            fresh.mkdir()
            for name in (PROGRAM, *ARCHIVES):
                paths = (FOLDER / "unpack.mjs", PACKED / f"{name}.br", fresh / name)
                subprocess.run([node, *map(str, paths)], check=True, timeout=120)
            for name in ARCHIVES:
                with tarfile.open(fresh / name) as archive:
                    archive.extractall(fresh, filter="data")
            (fresh / "own-fonts.conf").write_text(FONTS.format(folder=UNPACKED), encoding="utf-8")
            try:
                fresh.rename(UNPACKED)
            except OSError:  # another process was first
                assert UNPACKED.is_dir()
    return UNPACKED
