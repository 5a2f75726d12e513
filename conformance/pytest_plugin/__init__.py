"""The pytest plugin: `pytest --diem-target TARGET.toml` gives a test suite the machines, the generator, the comparison.

Installed for every pytest of the environment, so it imports nothing before a test asks for one of its fixtures or one
of its options is given. docs/PYTEST.md describes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from conformance.lockstep import Lockstep
    from conformance.machines import Machine
    from conformance.machines.specification import SpecificationMachine
    from conformance.pytest_plugin.sides import AssertAlike, Sides
    from conformance.session import Session
    from spec.parameters import Preset

OPTIONS: Final = {
    "--diem-target": "a file *.toml that describes contracts of your own, to compare in place of the project's",
    "--diem-artifacts": "a folder of artifacts to use in place of the project's of their names",
    "--diem-preset": "the genesis: a preset's name, or a file *.toml (launch, unless given)",
    "--diem-machine": "the EVM: pyrevm or py-evm (pyrevm where it is installed, unless given)",
}
PATHS: Final = ("--diem-target", "--diem-artifacts")

_SIDES: Final = pytest.StashKey["Sides"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("diem", "the specification of VVV, sVVV and DIEM, beside contracts")
    for option, help_ in OPTIONS.items():
        group.addoption(option, help=help_, type=Path if option in PATHS else str, metavar=option.rpartition("-")[2])


def pytest_configure(config: pytest.Config) -> None:
    """Read what the options name, if any is given, so that what is wrong with it is said before any test."""
    if any(config.getoption(option) is not None for option in OPTIONS):
        _sides(config)


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say what is compared, if an option was given."""
    sides = config.stash.get(_SIDES, None)
    return f"diem: {sides.description}" if sides is not None else None


def _sides(config: pytest.Config) -> Sides:
    """Return what is compared in this run, read once.

    Raises
    ------
    pytest.UsageError : something named by an option cannot be used.
    """
    if _SIDES not in config.stash:
        from conformance.pytest_plugin.sides import Options, Unusable, read_sides

        target, artifacts, preset, machine = (config.getoption(option) for option in OPTIONS)
        try:
            config.stash[_SIDES] = read_sides(Options(target, artifacts, preset, machine))
        except Unusable as error:
            raise pytest.UsageError(str(error)) from None
    return config.stash[_SIDES]


@pytest.fixture(scope="session")
def diem_sides(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Sides:
    """The specification and the contracts, deployed once; what the other fixtures are made of."""
    from conformance.pytest_plugin.sides import Unusable

    try:
        sides = _sides(pytestconfig)
        sides.deploy(tmp_path_factory.mktemp("diem"))
    except (Unusable, pytest.UsageError) as error:
        pytest.fail(str(error), pytrace=False)
    return sides


@pytest.fixture(scope="session")
def diem_preset(diem_sides: Sides) -> Preset:
    """The parameters and the state that every test starts from."""
    return diem_sides.preset


@pytest.fixture(scope="session")
def diem_assert_alike(diem_sides: Sides) -> AssertAlike:
    """``diem_assert_alike(program)``: from genesis on, both sides answer each call alike, and end in the same state."""
    return diem_sides.assert_alike


@pytest.fixture
def diem_machine(diem_sides: Sides) -> Machine:
    """The contracts in the EVM, at genesis."""
    return diem_sides.alone()


@pytest.fixture
def diem_specification(diem_sides: Sides) -> SpecificationMachine:
    """The specification, at genesis."""
    return diem_sides.from_genesis().specification


@pytest.fixture
def diem_lockstep(diem_sides: Sides) -> Lockstep:
    """Both, side by side from genesis on: ``step(call)``, and ``checkpoint(call)`` after the last."""
    return diem_sides.from_genesis()


@pytest.fixture
def diem_session(diem_sides: Sides) -> Iterator[Session]:
    """Talk to both by names and decoded values; whatever they do not answer alike fails the test."""
    with diem_sides.session() as session:
        yield session
