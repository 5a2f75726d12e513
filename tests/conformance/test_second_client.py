"""The second client, in TypeScript: it passes all that it implements of the core set; copies of it that err do not."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.vectors.consume import FAILED, PASSED, SKIPPED, consume
from conformance.vectors.targets.program import ProgramTarget
from spec.parameters import PRESETS, load_preset
from tests.conformance.vector_sets import core_entries

if TYPE_CHECKING:
    from conformance.vectors.consume import Outcome

CLIENT = Path(__file__).resolve().parents[2] / "conformance" / "clients" / "typescript"
PACKAGES = "node_modules"
IMPLEMENTED = ("component/", "call/credits/")
SECONDS = 20.0
"""For the greeting and each answer: no client here is late, but a busy machine starts programs slowly."""

SABOTEURS = {
    "component/quote/": ("curve", "mulDiv(remaining, ONE, rate)", "ceilDiv(mul(remaining, ONE), rate)"),
    "component/curve_table/": ("curve", "exp(Number(adjustment_power) *", "Math.exp(Number(adjustment_power) *"),
    "component/settlement/": ("rewards", "paid: mulDiv(rise, stake, ACC_REWARD_SCALE)", "paid: amount"),
    "component/pending_rewards/": ("uint256", "value < 0n || value > LARGEST", "false"),
    "component/unlock/": ("locks", "if (unlocked > lock.svvv_locked)", "if (false)"),
    "component/epoch_allocation/": ("credits", "allocation < minimumStake", "allocation <= minimumStake"),
    "call/credits/spend/": ("daily-credits", "this.call.sender !== this.gateway", "false"),
}
"""Beginning of the names of vectors of which one catches it |-> module, what stands in it, what is put there."""


def node() -> str:
    """Node's executable, if the client's packages are installed."""
    executable = shutil.which("node")
    missing = None
    if executable is None:
        missing = "Node is not installed"
    elif not (CLIENT / PACKAGES).is_dir():
        missing = "conformance/clients/typescript/node_modules is missing: run make peers"
    if missing is None:
        assert executable is not None
        return executable
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client, compiled from the sources as they are now, which checks its types as well."""
    folder = tmp_path_factory.mktemp("client")
    compiler = CLIENT / PACKAGES / "typescript" / "bin" / "tsc"
    command = [node(), str(compiler), "--project", str(CLIENT), "--outDir", str(folder / "dist")]
    done = subprocess.run(command, check=False, capture_output=True, text=True, encoding="utf-8", timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    shutil.copy(CLIENT / "package.json", folder)
    (folder / PACKAGES).symlink_to(CLIENT / PACKAGES, target_is_directory=True)
    return folder


def outcomes(folder: Path, beginning: str = "") -> list[Outcome]:
    target = ProgramTarget(shlex.join([node(), str(folder / "dist" / "main.js")]), SECONDS)
    try:
        return consume(target, [entry for entry in core_entries() if entry.id.startswith(beginning)])
    finally:
        target.close()


def replies(folder: Path, *messages: Any) -> list[Any]:
    """What the client writes when it is told all of this at once, and no more."""
    command = [node(), str(folder / "dist" / "main.js")]
    lines = "".join(json.dumps(message) + "\n" for message in messages)
    done = subprocess.run(
        command, input=lines, check=True, capture_output=True, text=True, encoding="utf-8", timeout=60
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_it_passes_every_component_and_every_call_to_daily_credits(compiled: Path) -> None:
    verdicts = {outcome.id: outcome.verdict for outcome in outcomes(compiled)}
    implemented = {entry.id for entry in core_entries() if entry.id.startswith(IMPLEMENTED)}
    assert len(implemented) >= 74
    assert verdicts == {entry.id: PASSED if entry.id in implemented else SKIPPED for entry in core_entries()}


@pytest.mark.parametrize("vectors", SABOTEURS)
def test_what_is_wrong_with_it_would_be_seen(vectors: str, compiled: Path, tmp_path: Path) -> None:
    module, right, instead = SABOTEURS[vectors]
    copy = shutil.copytree(compiled, tmp_path / "client", symlinks=True)
    path = copy / "dist" / f"{module}.js"
    source = path.read_text(encoding="utf-8")
    assert source.count(right) == 1
    path.write_text(source.replace(right, instead), encoding="utf-8")

    failed = [outcome for outcome in outcomes(copy, vectors) if outcome.verdict == FAILED]
    assert failed
    assert {outcome.kind for outcome in failed} <= {"difference", "error"}


@pytest.mark.parametrize("name", PRESETS)
def test_its_rates_are_the_presets_to_the_last_bit(name: str, compiled: Path) -> None:
    curve = load_preset(name).curve
    fields = ("base_mint_rate", "adjustment_power", "target", "steps", "step_width")
    request = {"component": "curve_table", "input": {field: str(getattr(curve, field)) for field in fields}}
    (reply,) = replies(compiled, {"id": name, "format": "component", "request": request})
    table = curve.table
    assert reply["answer"]["values"] == {
        "supply": [str(end) for end in table.supply[: curve.steps]],
        "rates": [str(rate) for rate in table.rates[: curve.steps]],
    }


def test_a_request_that_it_cannot_read_is_an_error_and_the_next_is_answered(compiled: Path) -> None:
    number = {"component": "emission_rate", "input": {"annual": 1}}
    text = {"component": "emission_rate", "input": {"annual": "31536000"}}
    unknown = {"component": "moon_phase", "input": {}}
    answered = replies(
        compiled,
        {"id": "number", "format": "component", "request": number},
        {"id": "unknown", "format": "component", "request": unknown},
        {"id": "text", "format": "component", "request": text},
    )
    assert answered == [
        {
            "id": "number",
            "error": "line.request.input.annual: expected an integer as a decimal string, found 1",
        },
        {"id": "unknown", "skip": "not implemented"},
        {"id": "text", "answer": {"status": True, "values": {"emission_rate_per_second": "1"}}},
    ]


def test_nothing_in_it_is_of_any_type() -> None:
    for path in sorted((CLIENT / "src").glob("*.ts")):
        code = re.sub(r"//.*|/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
        assert not re.search(r"\bany\b|@ts-", code), path.name
    options = json.loads((CLIENT / "tsconfig.json").read_text(encoding="utf-8"))["compilerOptions"]
    assert options["strict"] is True


def test_the_lock_holds_versions_and_hashes_and_no_addresses() -> None:
    text = (CLIENT / "package-lock.json").read_text(encoding="utf-8")
    lock, package = json.loads(text), json.loads((CLIENT / "package.json").read_text(encoding="utf-8"))
    for kind in ("dependencies", "devDependencies"):
        assert lock["packages"][""][kind] == package[kind]
        assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in package[kind].values())
    assert '"resolved"' not in text
    assert all("integrity" in entry for name, entry in lock["packages"].items() if name)
