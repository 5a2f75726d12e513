"""Reports of two small runs, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.report.samples import BROKEN, conform


@pytest.fixture(scope="package")
def green(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the report of a run that holds."""
    folder = tmp_path_factory.mktemp("report") / "green"
    ran = conform(folder, "--calls", "120")
    assert ran.exit_code == 0, ran.output
    return folder


@pytest.fixture(scope="package")
def red(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the report of a broken copy."""
    folder = tmp_path_factory.mktemp("report") / "red"
    ran = conform(folder, "--calls", "120", "--artifacts", BROKEN)
    assert ran.exit_code == 1, ran.output
    return folder
