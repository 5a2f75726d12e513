"""Settings of every test run: Hypothesis' profiles and seed, and no test left out in CI."""

from __future__ import annotations

import logging
import os
import secrets
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

IN_CI = os.environ.get("CI", "").lower() not in {"", "0", "false"}

# Each profile starts from "default" by name: in CI, Hypothesis would otherwise start from a profile of its own that
# tries the same examples in every run.
_BASE = settings.get_profile("default")
settings.register_profile("dev", _BASE, derandomize=False, deadline=None, print_blob=True)
settings.register_profile("ci", _BASE, derandomize=False, deadline=None, print_blob=True)
settings.register_profile("explore", _BASE, derandomize=False, deadline=None, print_blob=True, max_examples=5_000)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if IN_CI else "dev")
settings.load_profile(PROFILE)

_MEASURED = ("tests/spec/", "tests/ledger/")
_LEFT_OUT = pytest.StashKey[dict[str, str]]()


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """Undo what a command, run within the tests' own process, has set of logging: it would tell on later tests."""
    names = (None, "diem.node")
    loggers = {logger: (logger.level, [*logger.handlers]) for logger in map(logging.getLogger, names)}
    yield
    for logger, (level, handlers) in loggers.items():
        logger.setLevel(level)
        logger.handlers[:] = handlers


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.stash[_LEFT_OUT] = {}
    # One seed for the whole run, the workers' too: then a line that names it repeats the run, whichever worker found
    # the failure.
    if hasattr(config, "workerinput"):
        config.option.hypothesis_seed = config.workerinput["hypothesis_seed"]
    elif config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = str(secrets.randbits(64))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["hypothesis_seed"] = node.config.option.hypothesis_seed


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Measure coverage by the tests of the specification and of the ledger alone: it doubles what the others take.

    pytest-cov's own marker stops one of two measurements that it begins in each worker.
    """
    if item.nodeid.startswith(_MEASURED):
        return (yield)
    tracer, of_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracer)
        threading.settrace(of_threads)


def _seed_line(config: pytest.Config) -> str:
    profile = config.option.hypothesis_profile or PROFILE
    return f"--hypothesis-profile={profile} --hypothesis-seed={config.option.hypothesis_seed}"


def pytest_report_header(config: pytest.Config) -> str:
    return f"hypothesis run: {_seed_line(config)}"


class _LeftOut:
    """Collects what was skipped or expected to fail; with xdist, in the process that hears from all workers."""

    def __init__(self, config: pytest.Config) -> None:
        self.found = config.stash[_LEFT_OUT]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self.found[report.nodeid] = _reason(report)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped or hasattr(report, "wasxfail"):
            self.found[report.nodeid] = _reason(report)


def _reason(report: pytest.CollectReport | pytest.TestReport) -> str:
    if hasattr(report, "wasxfail"):
        return f"expected to fail: {report.wasxfail or 'no reason given'}"
    return str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)


def pytest_sessionstart(session: pytest.Session) -> None:
    if IN_CI and not hasattr(session.config, "workerinput"):
        session.config.pluginmanager.register(_LeftOut(session.config), "left-out")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.stash[_LEFT_OUT] and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    left_out: Sequence[tuple[str, str]] = sorted(config.stash[_LEFT_OUT].items())
    if left_out:
        terminalreporter.section("left out, which fails the run in CI", red=True)
        for nodeid, reason in left_out:
            terminalreporter.line(f"{nodeid}: {reason}")
    if terminalreporter.stats.get("failed") or terminalreporter.stats.get("error"):
        terminalreporter.line(f"repeat with: pytest {_seed_line(config)}")
