"""The frame of `diem`: its commands, its exit statuses, and how it says what is wrong with an input.

A command is one line in ``COMMANDS``, or in a ``Group`` there. Its module has a function ``command`` with typer's
annotations, whose docstring is the help, and which returns the exit status: ``HOLDS`` or ``FAILS`` (None means
``HOLDS``). It raises one of ``INPUT_ERRORS`` for bad input and leaves the printing of it to this module.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from inspect import cleandoc
from io import TextIOWrapper
from typing import Any, Final, NamedTuple

import typer
from typer.core import TyperGroup
from typer.main import get_command

from conformance.cli import status_after


class Group(NamedTuple):
    """Commands with a common first word."""

    help: str
    commands: Mapping[str, str | Group]


COMMANDS: Final[Mapping[str, str | Group]] = {
    "conform": "conformance.cli.conform",
    "campaign": "conformance.cli.campaign",
    "quote": "conformance.cli.quote",
    "curve": "conformance.cli.curve",
    "run": "conformance.cli.run",
    "genesis": "conformance.cli.genesis",
    "roots": "conformance.cli.roots",
    "t8n": "conformance.cli.t8n",
    "target": Group(
        "Contracts of your own, described in a file, in place of ours.",
        {"check": "conformance.cli.target"},
    ),
    "findings": Group(
        "Divergences that were found, each with a scenario, a pytest file and a Foundry test.",
        {
            "list": "conformance.cli.findings.list",
            "verdict": "conformance.cli.findings.verdict",
            "state": "conformance.cli.findings.state",
        },
    ),
    "foundry": Group(
        "For teams that build on DIEM and test with Foundry.",
        {"init": "conformance.cli.foundry.init"},
    ),
    "trust": Group(
        "How far a green run can be trusted, computed anew.",
        {
            "mutants": "conformance.cli.trust.mutants",
            "proofs": "conformance.cli.trust.proofs",
            "reach": "conformance.cli.trust.reach",
            "saboteurs": "conformance.cli.trust.saboteurs",
            "scores": "conformance.cli.trust.scores",
        },
    ),
    "bench": "conformance.cli.bench",
    "vectors": Group(
        "Requests with the specification's answers, for programs in any language.",
        {
            "consume": "conformance.cli.vectors.consume",
            "fill": "conformance.cli.vectors.fill",
            "serve": "conformance.cli.vectors.serve",
        },
    ),
    "node": Group(
        "A node of the ledger: make blocks or follow another node, and serve Ethereum's JSON-RPC.",
        {
            "run": "conformance.cli.node.run",
            "init": "conformance.cli.node.init",
            "export": "conformance.cli.node.export_blocks",
            "import": "conformance.cli.node.import_blocks",
            "verify": "conformance.cli.node.verify",
            "snapshot": Group(
                "The state at the head in a file, with which another node can begin.",
                {
                    "out": "conformance.cli.node.snapshot_out",
                    "in": "conformance.cli.node.snapshot_in",
                },
            ),
            "rebuild": "conformance.cli.node.rebuild",
        },
    ),
}
"""Command |-> the module it lives in, which is imported only when the command or the list of commands is wanted."""

HOLDS: Final = 0
FAILS: Final = 1
"""What was checked does not hold."""
BAD_INPUT: Final = 2
BROKEN_PIPE: Final = 141
"""The exit status of a program whose reader went away, as a shell gives it."""

INPUT_ERRORS: Final = {
    "conformance.artifact": "ArtifactError",
    "conformance.campaign.journal": "CampaignError",
    "conformance.campaign.schedulers": "WorkersLost",
    "conformance.cli.output": "InputError",
    "conformance.deployment": "DeploymentError",
    "conformance.findings.register": "FindingsError",
    "conformance.foundry.kit": "KitError",
    "conformance.machines": "LeftOut",
    "conformance.machines.by_name": "UnknownMachine",
    "conformance.peers.client": "PeerError",
    "conformance.report.writing": "ReportError",
    "conformance.scenario.faults": "ScenarioError",
    "conformance.target.document": "TargetError",
    "conformance.transition.errors": "TransitionError",
    "conformance.vectors.library": "VectorsError",
    "conformance.vectors.reasons": "ReasonsError",
    "conformance.vectors.targets.program": "ProgramError",
    "ledger.chain": "ChainError",
    "ledger.genesis": "GenesisError",
    "ledger.keys": "KeyFileError",
    "ledger.node.block_file": "BlockFileError",
    "ledger.node.node": "KeyMismatchError",
    "ledger.node.service": "ServiceError",
    "ledger.node.snapshot": "SnapshotError",
    "ledger.store": "StoreError",
    "ledger.workers": "WorkerDied",
    "spec.parameters": "ParameterError",
}
"""Module |-> the class of its errors, whose message is one line about an input.

The exit status is that of the error (``exit_status``) if it has one, and otherwise ``BAD_INPUT``.
By name, because an error can only come from a module that is imported already, and importing all of them costs time.
"""


class LazyGroup(TyperGroup):
    """A group of commands, each imported when it is needed."""

    table: Mapping[str, str | Group]

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Return the names of the commands, in the order of the help."""
        return list(self.table)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """Return a command or a group by its name."""
        entry = self.table.get(cmd_name)
        if entry is None:
            return None
        if isinstance(entry, Group):
            return _group(cmd_name, entry)
        command = import_module(entry).command
        alone = typer.Typer(add_completion=False, rich_markup_mode=None)
        alone.command(cmd_name, help=_help(command.__doc__))(command)
        return get_command(alone)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands with all of their first sentences, where typer cuts them off at the end of the line."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self._first_sentence(ctx, name)) for name in self.table])

    def _first_sentence(self, ctx: Any, name: str) -> str:
        sentence: str = self.get_command(ctx, name).get_short_help_str(limit=1000)
        return sentence

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return name, command and arguments, or say which commands there are."""
        if args[0] not in self.table:
            raise typer.TyperException(f"expected a command, one of {', '.join(self.table)}; found {args[0]!r}")
        return super().resolve_command(ctx, args)


def _group(name: str, entry: Group) -> LazyGroup:
    group = LazyGroup(name=name, help=entry.help, rich_markup_mode=None)
    group.table = entry.commands
    return group


def _help(docstring: str) -> str:
    """Return the help of a command, in which the lines of examples stay as they are, to be copied."""
    return cleandoc(docstring).replace("\n\nExample", "\n\n\b\nExample")


class Commands(LazyGroup):
    """The group of all commands."""

    table = COMMANDS

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, **_: Any) -> Any:  # type: ignore[override]  # noqa: ARG002
        """Run, and leave with the exit status; no error gets past this as a traceback."""
        given = list(sys.argv[1:] if args is None else args)
        sys.exit(self._status(given))

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what it wrote is out, or known not to be, when this returns."""
        try:
            status = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            _close_stdout()
            return BROKEN_PIPE
        except KeyboardInterrupt as stop:  # typer knows of Ctrl-C alone
            return status_after(stop)
        return status

    def _status(self, args: list[str]) -> int:
        name, missing = _named(args)
        if missing:
            return _bad_input(name, f"expected a command, one of {', '.join(missing)}; see {name} --help")
        if sys.stdout is None:  # mypy does not know of closed standard streams
            return _bad_input(name, "cannot write: standard output is closed")
        if isinstance(sys.stdout, TextIOWrapper):  # a sign that its encoding lacks is no reason to end
            sys.stdout.reconfigure(errors="backslashreplace")
        try:
            status = super().main(args, prog_name="diem", standalone_mode=False)
        except typer.Abort:
            return _bad_input(name, "aborted")
        except typer.TyperException as error:
            return _bad_input(name, error.format_message())
        except _input_errors() as error:
            return _bad_input(name, str(error), getattr(error, "exit_status", BAD_INPUT))
        except OSError as error:  # standard output is full, or closed
            _close_stdout()
            return _bad_input(name, f"cannot write: {error.strerror or error}")
        return status if isinstance(status, int) else HOLDS


def _named(args: list[str]) -> tuple[str, Mapping[str, str | Group]]:
    """Return the command that is meant, as it is called, and those of which one is missing behind a group's name."""
    name, table = "diem", COMMANDS
    for arg in args:
        entry = table.get(arg)
        if entry is None:
            return name, {}
        name = f"{name} {arg}"
        if not isinstance(entry, Group):
            return name, {}
        table = entry.commands
    return name, table


def _input_errors() -> tuple[type[Exception], ...]:
    return tuple(getattr(sys.modules[module], name) for module, name in INPUT_ERRORS.items() if module in sys.modules)


def _bad_input(name: str, message: str, status: int = BAD_INPUT) -> int:
    """Say what is wrong with an input, and return the exit status."""
    say(name, message)
    return status


def say(name: str, message: str) -> None:
    """Say on standard error in one line, whatever it holds, what is wrong for a command of this name."""
    line = "".join(character if character.isprintable() else " " for character in message)
    if sys.stderr is not None:
        print(f"{name}: {' '.join(line.split())}", file=sys.stderr)


def _close_stdout() -> None:
    """Let what is still buffered go nowhere, so that the interpreter does not fail on it at its end."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # not a real file, as in a test
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115


app = typer.Typer(
    name="diem",
    cls=Commands,
    add_completion=False,
    # Where a terminal is narrow, rich's tables cut off the names of options.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


@app.callback()
def diem() -> None:
    """Tools for the designers and implementers of VVV, sVVV and DIEM.

    Exit status: 0 what was checked holds, 1 it does not, 2 bad input.
    """
