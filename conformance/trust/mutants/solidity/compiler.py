"""The compiler behind the contracts' build, kept running: to load it takes as long as to compile."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self, cast

from conformance.trust.mutants.solidity.syntax import Json, Source

SCRIPT: Final = Path(__file__).with_name("compile.mjs")
PACKAGES: Final = Path(__file__).parents[3] / "contracts" / "node_modules"


class CompilerMissing(RuntimeError):
    """Node, or the compiler's package, is not installed: the message says which and what to do."""


class CompilationError(ValueError):
    """The sources do not compile: the message is the compiler's first line."""


def missing() -> str | None:
    """Return what is missing to compile, if anything is."""
    if shutil.which("node") is None:
        return "Node is not installed"
    if not PACKAGES.is_dir():
        return "the compiler is not installed: run npm ci --ignore-scripts in conformance/contracts"
    return None


class Compiler:
    """A running compiler; one for each process.

    Raises
    ------
    CompilerMissing : it cannot be started.
    """

    def __init__(self) -> None:
        if reason := missing():
            raise CompilerMissing(f"mutants of the Solidity: {reason}")
        self._process = subprocess.Popen(  # noqa: S603 -- the project's own script
            [shutil.which("node") or "node", str(SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.communicate()

    def sources(self, files: tuple[str, ...]) -> dict[str, Source]:
        """Return the sources (``src/….sol``) with their trees."""
        found = self._ask({"trees": files})
        return {file: Source(file, one["text"].encode(), one["tree"]) for file, one in found.items()}

    def code(self, contract: str, file: str | None = None, text: str = "") -> Json:
        """Return ``bytecode``, ``deployedBytecode`` and ``immutableReferences`` as in an artifact.

        Raises
        ------
        CompilationError : with ``text`` as the content of ``file``, it does not compile.
        """
        answer = self._ask({"contract": contract, "file": file, "text": text})
        if "error" in answer:
            raise CompilationError(answer["error"])
        return answer

    def _ask(self, request: Json) -> Json:
        asked, answered = cast("IO[str]", self._process.stdin), cast("IO[str]", self._process.stdout)
        asked.write(json.dumps(request) + "\n")
        asked.flush()
        line = answered.readline()
        if not line:
            raise CompilerMissing(f"mutants of the Solidity: {self._process.communicate()[1].strip()}")
        answer: Any = json.loads(line)
        return dict(answer)
