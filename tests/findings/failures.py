"""Failures of every kind: short programs from preset minimal, on contracts that are wrong in one thing each."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import conformance
from conformance.comparison import Difference
from conformance.conform import Conformance, Failure
from conformance.findings import Subject, failure_at_genesis, subject_of
from conformance.machines.specification import SpecificationMachine
from conformance.programs.as_scenario import describe
from conformance.scenario.interfaces import find_function
from conformance.session import Session
from conformance.target import TargetMachine
from conformance.target.observation import ByViews
from spec import addresses
from spec.hashing import keccak256
from spec.messages import Address, Call
from spec.parameters import load_preset

PRESET: Final = load_preset("minimal")
NOW: Final = PRESET.timestamp
BROKEN: Final = Path(__file__).resolve().parents[1] / "meta" / "broken"
VARIANT: Final = Path(conformance.__file__).parent / "targets" / "variant"
ACCOUNTS: Final = Session(SpecificationMachine(PRESET), PRESET).accounts

STOP: Final = bytes.fromhex("00")
RETURN_ZERO: Final = bytes.fromhex("60206000f3")
COOLDOWN_SLOT: Final = 8  # of DIEM


def call(after: int, sender: str, function: str, *arguments: Any, value: int = 0) -> Call:
    """A call some seconds after genesis; accounts are given by name."""
    contract, called = find_function(function)
    given = [ACCOUNTS[one] if isinstance(one, str) else one for one in arguments]
    return Call(ACCOUNTS[sender], contract.address, called.calldata(*given), NOW + after, value)


def artifacts(name: str) -> Subject:
    return subject_of(PRESET, "minimal", 7, artifacts=BROKEN / name)


def patched(codes: dict[Address, bytes] | None = None, words: dict[tuple[Address, int], int] | None = None) -> Subject:
    """Our contracts, with other codes or words."""
    ours = subject_of(PRESET, "minimal", 7)
    changed = {address: dict(slots) for address, slots in ours.image.words.items()}
    for (address, slot), word in (words or {}).items():
        changed[address][slot] = word
    image = ours.image._replace(codes={**ours.image.codes, **(codes or {})}, words=changed)
    return Subject(PRESET, "minimal", 7, ours.machine, image)


def variant(folder: Path, *, wrong: bool, by_views: bool = False) -> Subject:
    """The worked example, perhaps with another scale of rewards, or without its storage layout."""
    copy = folder / f"{'wrong' if wrong else 'right'}{'-views' if by_views else ''}"
    shutil.copytree(VARIANT, copy)
    if wrong:
        _rescale(copy / "Vault.json")
    if by_views:
        text = (copy / "target.toml").read_text(encoding="utf-8")
        text = re.sub(r"\[(vvv|staking|diem|credits)\.storage\]\n(?:(?!\[|\n\n).*\n)*", "", text)
        text = text.replace('own_variables = ["deposits"]\n', "")
        (copy / "target.toml").write_text(text, encoding="utf-8")
    return subject_of(PRESET, "minimal", 7, target=copy / "target.toml")


def _rescale(path: Path) -> None:
    """Change the scale of the rewards, 10^36, of which solc may leave the twos to a shift."""
    artifact = json.loads(path.read_text(encoding="utf-8"))
    artifact["bytecode"] = artifact["bytecode"].replace(f"{5**36:x}", f"{5**36 + 2:x}")
    artifact["bytecodeKeccak"] = f"0x{keccak256(bytes.fromhex(artifact['bytecode'][2:])).hex()}"
    path.write_text(json.dumps(artifact), encoding="utf-8")


def failure_of(subject: Subject, *program: Call) -> Failure:
    """The failure that a run would end with."""
    machine = subject.bytecode()
    observer = None
    if isinstance(machine, TargetMachine) and machine.by_views:

        def observer(specification: SpecificationMachine) -> ByViews:
            return ByViews(specification, machine, PRESET)

    divergence = Conformance(PRESET, machine, observer=observer).divergence_of(program)
    assert divergence is not None, [describe(one) for one in program]
    return Failure(len(program), program, program[: divergence.index + 1], divergence)


RAW: Final = Call(ACCOUNTS["staker"], addresses.DAILY_CREDITS, bytes.fromhex("01020304ff"), NOW + 5)
CURVE: Final = call(1, "owner", "staking.setDiemMintCurve", PRESET.curve.table.supply, PRESET.curve.table.rates[::-1])


@cache
def ours() -> dict[str, tuple[Subject, Failure]]:
    """Where the difference is |-> subject and failure, on contracts that speak our words."""
    cooled = call(60, "staker", "staking.finalizeUnstake")
    found: dict[str, tuple[Subject, tuple[Call, ...]]] = {
        "status, accepted": (
            artifacts("staking-cooldown-boundary"),
            (call(0, "staker", "staking.initiateUnstake", 10**18), call(0, "staker", "diem.unstake"), cooled),
        ),
        "status, refused": (
            artifacts("credits-any-spender"),
            (call(0, "minter", "credits.spend", "minter", 1),),
        ),
        "status, another reason": (
            artifacts("staking-burn-checks"),
            (call(3, "newcomer", "staking.burnDiem", 1),),
        ),
        "log": (artifacts("staking-burn-silent"), (CURVE, call(3, "minter", "staking.burnDiem", 10**18))),
        "word": (
            artifacts("staking-debt-too-early"),
            (call(3, "staker", "vvv.approve", "staking", 5), call(9, "staker", "staking.initiateUnstake", 10**21)),
        ),
        "log of a curve": (patched(codes={addresses.STAKING: STOP}), (CURVE,)),
        "output": (
            patched(codes={addresses.DAILY_CREDITS: RETURN_ZERO}),
            (call(0, "staker", "credits.epoch"),),
        ),
        "root alone": (
            patched(words={(addresses.DIEM, COOLDOWN_SLOT): 31}),
            (call(0, "staker", "vvv.transfer", "newcomer", 1),),
        ),
        "malformed calldata": (patched(codes={addresses.DAILY_CREDITS: STOP}), (RAW,)),
        "value": (
            patched(codes={addresses.DAILY_CREDITS: STOP}),
            (call(0, "staker", "credits.record", "staker", value=7),),
        ),
    }
    failures = {kind: (subject, failure_of(subject, *program)) for kind, (subject, program) in found.items()}
    slow = patched(words={(addresses.DIEM, COOLDOWN_SLOT): 31})
    apart = Difference("diem.cooldown_duration", "30", "31")
    return {**failures, "genesis": (slow, failure_at_genesis(apart, PRESET))}


def theirs(folder: Path) -> dict[str, tuple[Subject, Failure]]:
    """The same on a target with words of its own: one compared by its words, one by its views."""
    right = variant(folder, wrong=False)
    found: dict[str, tuple[Subject, tuple[Call, ...]]] = {
        "word of a target": (slower(right), (call(1, "newcomer", "vvv.approve", "staking", 100),)),
        "view of a target": (
            slower(variant(folder, wrong=False, by_views=True)),
            (call(1, "minter", "diem.stake", 5),),
        ),
        "status of a target": (
            replace(right, image=right.image._replace(codes={**right.image.codes, addresses.DAILY_CREDITS: STOP})),
            (call(1, "gateway", "credits.spend", "minter", 0),),
        ),
    }
    silent = variant(folder / "silent", wrong=False, by_views=True)
    found["log of a target compared by its views"] = (
        replace(silent, image=silent.image._replace(codes={**silent.image.codes, addresses.DIEM: STOP})),
        (call(1, "minter", "diem.stake", 5),),
    )
    found["word of a target beside another"] = (
        slower(packed(folder), beside=7),
        (call(1, "minter", "diem.approve", "staking", 5),),
    )
    failures = {kind: (subject, failure_of(subject, *program)) for kind, (subject, program) in found.items()}
    return {"log of a target": wrong_scale(folder), **failures}


def wrong_scale(folder: Path) -> tuple[Subject, Failure]:
    subject = variant(folder, wrong=True)
    program = (
        call(1, "newcomer", "staking.initiateUnstake", 0),
        call(2, "newcomer", "vvv.approve", "staking", 100),
        call(3, "newcomer", "staking.stake", "newcomer", 100),
    )
    return subject, failure_of(subject, *program)


def packed(folder: Path) -> Subject:
    """The worked example, of which it is said that a cooldown takes half a word, and something of its own the rest."""
    subject = variant(folder / "packed", wrong=False)
    path = subject.target.path if subject.target is not None else folder
    artifact = json.loads((path.parent / "Gem.json").read_text(encoding="utf-8"))
    layout = artifact["storageLayout"]
    (cooldown,) = (one for one in layout["storage"] if one["label"] == "unbondingTime")
    layout["types"]["t_uint128"] = {"encoding": "inplace", "label": "uint128", "numberOfBytes": "16"}
    cooldown["type"] = "t_uint128"
    layout["storage"].append({**cooldown, "label": "beside", "offset": 16})
    (path.parent / "Gem.json").write_text(json.dumps(artifact), encoding="utf-8")
    text = path.read_text(encoding="utf-8").replace("[diem]\n", '[diem]\nown_variables = ["beside"]\n')
    path.write_text(text, encoding="utf-8")
    return subject_of(PRESET, "minimal", 7, target=path)


def slower(subject: Subject, beside: int = 0) -> Subject:
    """A target's DIEM, with another cooldown than the preset's, and perhaps something in the upper half of its word."""
    words = {address: dict(slots) for address, slots in subject.image.words.items()}
    (slot,) = (slot for slot, word in words[addresses.DIEM].items() if word == PRESET.diem.cooldown_duration)
    words[addresses.DIEM][slot] = PRESET.diem.cooldown_duration + 1 + (beside << 128)
    return replace(subject, image=subject.image._replace(words=words))
