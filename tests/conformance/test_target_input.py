"""What is wrong with a target is said in one line: the file, the key or step, what was found and what was expected."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode
from typer.testing import CliRunner

import conformance
from conformance.artifact import load_artifacts
from conformance.cli.app import app
from conformance.target import TargetError, TargetMachine, load_target
from conformance.target.genesis import genesis_differences
from conformance.target.refusals import ANY, UNTRANSLATED, Refusals, our_data, parse_refusal
from spec.encoding import encode_string, encode_word
from spec.hashing import keccak256
from spec.parameters import load_preset
from spec.staking.locks import BURN_ZERO, INSUFFICIENT_BALANCE, LOCK_ZERO

FOLDER = Path(conformance.__file__).parent
PRESET = load_preset("minimal")
ARTIFACTS = load_artifacts()
REVERTS = "0x60006000fd"
LEAVES_NONE = "0x00"
LOOPS = "0x5b600056"

OURS = """
name = "ours"

[credits]
artifact = "DailyCredits.json"
storage = "same"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with all of our artifacts."""
    for path in (FOLDER / "artifacts").glob("*.json"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def written(folder: Path, text: str) -> Path:
    path = folder / "target.toml"
    path.write_text(text, encoding="utf-8")
    return path


def machine(path: Path) -> TargetMachine:
    return TargetMachine(PRESET, load_target(path))


def holds(path: Path) -> bool:
    return not list(genesis_differences(machine(path), PRESET))


def role(name: str, rest: str) -> str:
    return f'name = "mine"\n\n[{name}]\n{rest}\n'


def credits_with(rest: str) -> str:
    return role("credits", f'artifact = "DailyCredits.json"\nstorage = "same"\n{rest}')


def foundry(folder: Path, **other: object) -> None:
    artifact = json.loads((folder / "DailyCredits.json").read_text(encoding="utf-8"))
    document = {"abi": artifact["abi"], "bytecode": {"object": artifact["bytecode"]}, **other}
    (folder / "Mine.json").write_text(json.dumps(document), encoding="utf-8")


# ------------------------------------------------------------------------------------------------ what is taken


def test_a_role_that_has_no_table_stays_ours(folder: Path) -> None:
    assert holds(written(folder, OURS))


@pytest.mark.parametrize("shape", ["foundry", "hardhat", "solc", "gzip"])
def test_artifacts_of_other_tools_are_read(shape: str, folder: Path) -> None:
    artifact = json.loads((folder / "DailyCredits.json").read_text(encoding="utf-8"))
    code, abi, layout = artifact["bytecode"], artifact["abi"], artifact["storageLayout"]
    documents: dict[str, dict[str, Any]] = {
        "foundry": {"abi": abi, "bytecode": {"object": code}, "storageLayout": layout},
        "hardhat": {"_format": "hh-sol-artifact-1", "abi": abi, "bytecode": code, "storageLayout": layout},
        "solc": {"abi": abi, "evm": {"bytecode": {"object": code[2:]}}, "storageLayout": layout},
        "gzip": {"abi": abi, "bytecode": code, "storageLayout": layout},
    }
    content = json.dumps(documents[shape]).encode()
    name = "Mine.json.gz" if shape == "gzip" else "Mine.json"
    (folder / name).write_bytes(gzip.compress(content) if shape == "gzip" else content)
    assert holds(written(folder, role("credits", f'artifact = "{name}"\n[credits.storage]')))


def test_creation_code_without_an_abi_is_taken_to_have_our_functions(folder: Path) -> None:
    (folder / "code.hex").write_text(f"0x{ARTIFACTS.credits.bytecode.hex()}\n", encoding="utf-8")
    assert holds(written(folder, role("credits", 'bytecode = "code.hex"\nstorage = "same"')))


def test_runtime_code_finds_the_words_that_our_constructor_leaves(folder: Path) -> None:
    code = ARTIFACTS.credits.deployed_bytecode.hex()
    assert holds(written(folder, role("credits", f'runtime = "0x{code}"\nstorage = "same"')))


def test_a_layout_and_slots_can_be_given_apart(folder: Path) -> None:
    artifact = json.loads((folder / "DailyCredits.json").read_text(encoding="utf-8"))
    (folder / "layout.json").write_text(json.dumps(artifact["storageLayout"]), encoding="utf-8")
    foundry(folder)
    assert holds(written(folder, role("credits", 'artifact = "Mine.json"\nlayout = "layout.json"\n[credits.storage]')))
    slots = 'layout = "layout.json"\n[credits.storage]\nminimum_stake = "0x3"\n"accounts[].spent" = "accounts[].spent"'
    target = load_target(written(folder, role("credits", f'artifact = "Mine.json"\n{slots}')))
    assert target.problems == (
        "credits.storage: expected minimumStake of Mine.json to stand for one of ours, or in own_variables; "
        "found neither",
    )


# ------------------------------------------------------------------------------------------------ what is not


BAD: dict[str, tuple[str, str]] = {
    "not TOML": ("name = ", "expected TOML: "),
    "no name": ('[credits]\nartifact = "DailyCredits.json"', "name: expected this field, found none"),
    "no role": ('name = "mine"', "expected at least one of the tables vvv, staking, diem and credits, found none"),
    "unknown role": (role("token", 'artifact = "VVV.json"'), "token: expected no such field"),
    "unknown key": (credits_with("artefact = 1"), "credits.artefact: expected no such field"),
    "no code": (role("credits", 'storage = "same"'), "credits: expected one of artifact, bytecode and runtime"),
    "two codes": (credits_with('runtime = "0x00"'), "found artifact and runtime"),
    "runtime is not created": (
        role("credits", 'runtime = "0x00"\nconstructor = []'),
        "credits: expected no constructor beside runtime",
    ),
    "a name of another type": (
        credits_with("[credits.functions]\nspend = true"),
        "credits.functions.spend: expected its name at the target in quotation marks, or false if it has none; found",
    ),
    "a storage of another type": (
        role("credits", 'artifact = "DailyCredits.json"\nstorage = "other"'),
        "credits.storage: expected 'same' or a table of variables, found 'other'",
    ),
    "a list of roles": (
        'name = "mine"\n[[credits]]\nartifact = "DailyCredits.json"',
        "credits: expected keys with values, found [{'artifact': 'DailyCredits.json'}]",
    ),
    "a name that files cannot have": (
        role("credits", 'artifact = "DailyCredits.json"').replace("mine", "../mine"),
        "name: expected a letter or digit, then letters, digits, spaces, dots, underscores and dashes, found '../mine'",
    ),
    "a proxy of another type": (
        role("staking", 'artifact = "Staking.json"\nproxy = true'),
        "staking.proxy: expected an artifact's file in quotation marks, or false if there is none; found True",
    ),
    "a variable of another type": (
        role("credits", 'artifact = "DailyCredits.json"\n[credits.storage]\nminimum_stake = 3'),
        "credits.storage: expected a name in quotation marks for minimum_stake, or false; found 3",
    ),
    "no name of an artifact": (role("credits", 'artifact = ""'), "credits.artifact: expected a file, found ''"),
    "no name of a file of code": (
        role("credits", 'bytecode = ""'),
        "credits.bytecode: expected 0x and digits, or a file of them, found ''",
    ),
    "a name of a file that none can have": (role("credits", r'abi = "a\u0000b"'), "credits.abi: expected a file, "),
    "missing artifact": (
        role("credits", 'artifact = "No.json"'),
        "target.toml: credits.artifact: expected a file, found none at ",
    ),
    "missing layout": (
        role("credits", 'artifact = "DailyCredits.json"\nlayout = "No.json"'),
        "target.toml: credits.layout: expected a file, found none at ",
    ),
    "a folder as an artifact": (role("credits", 'artifact = "."'), "target.toml: credits.artifact: "),
    "an artifact of other bytes": (
        role("credits", 'artifact = "bytes.json.gz"'),
        "credits.artifact: bytes.json.gz: expected JSON in UTF-8",
    ),
    "a gzip that is damaged": (
        role("credits", 'artifact = "damaged.json.gz"'),
        "target.toml: credits.artifact: ",
    ),
    "not JSON": (role("credits", 'artifact = "target.toml"'), "credits.artifact: target.toml: expected JSON: "),
    "not hexadecimal": (
        role("credits", 'bytecode = "0xZZ"'),
        "credits.bytecode: expected an even number of hexadecimal digits, found '0xZZ'",
    ),
    "unlinked": (
        role("credits", 'bytecode = "0x73__$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa$__63"'),
        "credits.bytecode: expected linked code, found the place of a library: __$aaaa",
    ),
    "does not deploy": (
        role("credits", f'bytecode = "{REVERTS}"\nabi = "DailyCredits.json"'),
        "credits: creating bytecode: expected code that deploys, found it refused with empty revert data",
    ),
    "leaves no code": (
        role("credits", f'bytecode = "{LEAVES_NONE}"\nabi = "DailyCredits.json"'),
        "credits: creating bytecode: expected code that deploys, found that it leaves none",
    ),
    "never ends": (
        role("credits", f'bytecode = "{LOOPS}"\nabi = "DailyCredits.json"'),
        "credits: creating bytecode: expected code that deploys, found it out of gas",
    ),
    "a step that never ends": (
        role("vvv", f'runtime = "{LOOPS}"\nabi = "VVV.json"'),
        "preset minimal: deployer: VVV.mint: expected a call that is accepted, found it out of gas",
    ),
    "a function that is not there": (
        credits_with('[credits.functions]\nspend = "charge"'),
        "credits.functions.spend: expected charge(address,uint256) in the ABI of DailyCredits.json, another name, "
        "or false; found none",
    ),
    "a function that is not in the code": (
        role("credits", 'bytecode = "0x63dcb0e0ad"\n[credits.functions]\nrecord = "charge"'),
        "credits.functions.record: expected the selector 0x",
    ),
    "a function of another type": (
        credits_with('[credits.functions]\nspend = "record"'),
        "credits.functions.spend: expected record(address,uint256) in the ABI of DailyCredits.json, another name, "
        "or false; found record(address)",
    ),
    "a function of another result": (
        credits_with('[credits.functions]\naccounts = "spent"'),
        "credits.functions.accounts: expected spent(address) to return (uint256,uint256,uint256,uint256), or false; "
        "found (uint256)",
    ),
    "no function of ours": (
        credits_with('[credits.functions]\nspends = "spend"'),
        "credits.functions: expected a function of ours (spend?); found 'spends'",
    ),
    "an event that is not there": (
        credits_with('[credits.events]\nSpent = "Charged"'),
        "credits.events.Spent: expected Charged(address,uint256,uint256) in the ABI of DailyCredits.json",
    ),
    "a function for two of ours": (
        role("vvv", 'artifact = "VVV.json"\n[vvv.functions]\nname = "symbol"'),
        "vvv.functions.symbol: expected another than name has; found symbol()",
    ),
    "an own event that stands for ours": (
        credits_with('own_events = ["Spent"]'),
        "credits.own_events: expected an event that stands for none of ours; found 'Spent'",
    ),
    "half of a signature": (
        credits_with('[credits.errors]\nNOT_GATEWAY = "OnlyGateway(address"'),
        "credits.errors.NOT_GATEWAY: expected Name(types) with the types in full, or a revert string; "
        "found 'OnlyGateway(address'",
    ),
    "a signature of short types": (
        role("credits", f'bytecode = "0x{ARTIFACTS.credits.bytecode.hex()}"\n'
             '[credits.errors]\nNOT_GATEWAY = "OnlyGateway(uint)"'),
        "credits.errors.NOT_GATEWAY: expected Name(types) with the types in full",
    ),
    "no event of ours": (credits_with('[credits.events]\nPaid = "Spent"'), "credits.events: expected an event of ours"),
    "an own event that is not there": (
        credits_with('own_events = ["Paid"]'),
        "credits.own_events: expected an event in the ABI of DailyCredits.json; found 'Paid'",
    ),
    "no reason of ours": (
        credits_with('[credits.errors]\nNO_GATEWAY = "X"'),
        "credits.errors: expected a reason of ours (NOT_GATEWAY?); found 'NO_GATEWAY'",
    ),
    "an error that is not there": (
        credits_with('[credits.errors]\nNOT_GATEWAY = "OnlyGateway()"'),
        "credits.errors.NOT_GATEWAY: expected an error in the ABI of DailyCredits.json; found 'OnlyGateway()'",
    ),
    "a variable that is not there": (
        role("credits", 'artifact = "DailyCredits.json"\n[credits.storage]\nminimum_stake = "least"'),
        "credits.storage.minimum_stake: expected a variable in the storageLayout of DailyCredits.json, a slot 0x…, "
        "or false; found none",
    ),
    "a variable of another kind": (
        role("credits", 'artifact = "DailyCredits.json"\n[credits.storage]\nminimum_stake = "accounts[].spent"'),
        "credits.storage.minimum_stake: expected 0 keys and 1 words, as ours; found accounts[].spent with 1 and 1",
    ),
    "no variable of ours": (
        role("credits", 'artifact = "DailyCredits.json"\n[credits.storage]\nminimum = "minimumStake"'),
        "credits.storage: expected a variable of ours (minimum_stake?); found 'minimum'",
    ),
    "an own variable that is not there": (
        role("credits", 'artifact = "DailyCredits.json"\nown_variables = ["x"]\n[credits.storage]'),
        "credits.own_variables: expected a variable in the storageLayout of DailyCredits.json; found 'x'",
    ),
    "no layout": (
        role("credits", f'bytecode = "0x{ARTIFACTS.credits.bytecode.hex()}"\n[credits.storage]'),
        "credits.storage: expected bytecode to hold a storageLayout, or a layout beside it; found none",
    ),
    "too few arguments": (
        credits_with('constructor = ["$diem"]'),
        "credits.constructor: expected 5 arguments (address, address, uint256, uint256, bool), found 1",
    ),
    "an argument that does not fit": (
        credits_with('constructor = ["$diem", "$gateway", "one day", 1, false]'),
        "credits.constructor.2: expected a value of type uint256, found 'one day'",
    ),
    "an argument of a constructor without an ABI that does not fit": (
        role("credits", f'bytecode = "0x{ARTIFACTS.credits.bytecode.hex()}"\nconstructor = [-1]'),
        "credits.constructor.0: expected a value of type uint256, found -1",
    ),
    "an address that is too short": (
        credits_with('constructor = ["0x00", "$gateway", 1, 1, false]'),
        "credits.constructor.0: expected a value of type address, found 0x00",
    ),
    "a type that is none": (
        role("credits", 'artifact = "type.json"\nstorage = "same"'),
        "credits.constructor.0: expected a type of Solidity's in the ABI, found 'uint256['",
    ),
    "an unknown name": (
        credits_with('constructor = ["$diem", "$gatway", 1, 1, false]'),
        "credits.constructor.1: expected one of $vvv, $staking, ",
    ),
    "an odd number of digits": (
        credits_with('constructor = ["0x0", "$gateway", 1, 1, false]'),
        "credits.constructor.0: expected an even number of hexadecimal digits, found '0x0'",
    ),
    "a step without a sender": (
        OURS + '[[set_up]]\ncall = "credits.record"',
        "set_up.0.from: expected this field, found none",
    ),
    "a step of an unknown sender": (
        OURS + '[[set_up]]\nfrom = "nobody"\ncall = "credits.record"',
        "set_up.0.from: expected one of $vvv",
    ),
    "a step of an unknown contract": (
        OURS + '[[set_up]]\nfrom = "owner"\ncall = "token.mint"',
        "set_up.0.call: expected contract.function, of vvv, staking, diem, credits; found 'token.mint'",
    ),
    "a step of an unknown function": (
        OURS + '[[set_up]]\nfrom = "owner"\ncall = "credits.pause"',
        "set_up.0.call: expected a function of the target's credits, found 'credits.pause'",
    ),
    "a step that reverts": (
        OURS + '[[set_up]]\nfrom = "owner"\ncall = "credits.spend"\narguments = ["$owner", 1]',
        "set_up.0: credits.spend: expected a call that is accepted, found it refused with NOT_GATEWAY",
    ),
    "a step of ours that reverts": (
        OURS + '[[set_up]]\nfrom = "treasury"\ncall = "vvv.transfer"\narguments = ["$zero",99999999999999999999999999]',
        "preset minimal: treasury: VVV.transfer: expected a call that is accepted, found it refused with Panic(0x11)",
    ),
    "a step that is missing": (
        role("vvv", 'artifact = "VVV.json"\nstorage = "same"\n[vvv.functions]\napprove = false'),
        "VVV.approve: expected vvv.approve, which the way to this preset needs; found that it is missing",
    ),
    "what ours calls": (
        role("vvv", 'artifact = "VVV.json"\nstorage = "same"\n[vvv.functions]\nmint = false'),
        "vvv.functions.mint: expected mint(address,uint256), which staking, being ours, calls; found none",
    ),
    "no initializer": (
        role("staking", 'artifact = "Staking.json"\nstorage = "same"\n[staking.functions]\ninitialize = false'),
        "staking.initializer: expected a function and its arguments, since staking.functions has no initialize",
    ),
    "an unknown initializer": (
        role("staking", 'artifact = "Staking.json"\nstorage = "same"\ninitializer = { function = "start" }'),
        "staking.initializer.function: expected a function in the ABI of Staking.json, found 'start'",
    ),
    "an initializer that reverts": (
        role("staking", 'artifact = "Staking.json"\nstorage = "same"\n'
             'initializer = { function = "initialize", arguments = ["$vvv", "$diem", "$treasury", "$zero"] }'),
        "staking: creating our proxy with its initializer: expected code that deploys, found it refused with "
        "OwnableInvalidOwner",
    ),
    "no proxy, and no owner": (
        role("staking", 'artifact = "Staking.json"\nstorage = "same"\nproxy = false'),
        "found it refused with OwnableUnauthorizedAccount",
    ),
    "an artifact that is no object": (role("credits", 'artifact = "list.json"'), "list.json: expected a JSON object"),
    "an artifact without code": (role("credits", 'artifact = "empty.json"'), "empty.json: bytecode: expected code"),
    "an artifact without an ABI": (role("credits", 'artifact = "bare.json"'), "bare.json: abi: expected a list"),
    "an ABI that is none": (role("credits", 'artifact = "odd.json"'), "odd.json: abi: expected a list of objects"),
    "a layout that is none": (
        role("credits", 'artifact = "DailyCredits.json"\nlayout = "list.json"'),
        "credits.layout: list.json: storageLayout: expected solc's object with storage and types",
    ),
    "a hash that is another": (
        role("credits", 'artifact = "hash.json"'),
        ", the hash of bytecode, found 0x00; drop it if the code was changed on purpose",
    ),
    "a step from what is no account": (
        OURS + '[[set_up]]\nfrom = "minter_burner_role"\ncall = "credits.spend"\narguments = ["$owner", 1]',
        "set_up.0.from: expected an account, found '$minter_burner_role', which is none",
    ),
    "a number of thousands of digits": (
        credits_with(f"constructor = [1{'0' * 5000}]"), "expected TOML: a number has too many digits",
    ),
    "brackets without end": ("a = " + "[" * 200_000, "expected TOML: its brackets are nested too deeply"),
    "an event that stands for two": (
        credits_with('[credits.events]\nSpent = "Recorded"'),
        "credits.events.Spent: expected another than Recorded has; found Recorded(address,uint256,uint256)",
    ),
    "a variable that stands for two": (
        role("credits", 'artifact = "DailyCredits.json"\nown_variables = ["minimumStake"]\n[credits.storage]\n'
             'minimum_stake = "epochDuration"'),
        "credits.storage.minimum_stake: expected another than epoch_duration has; found epochDuration",
    ),
    "an own variable that stands for one of ours": (
        role("credits", 'artifact = "DailyCredits.json"\nown_variables = ["minimumStake"]\n[credits.storage]'),
        "credits.own_variables: expected a variable that stands for none of ours; found 'minimumStake'",
    ),
    "a gzip that is none": (role("credits", 'artifact = "no.json.gz"'), "no.json.gz cannot be read: "),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_clear_line(name: str, folder: Path) -> None:
    text, expected = BAD[name]
    files = {
        "list.json": "[]",
        "empty.json": '{"abi": [], "bytecode": "0x"}',
        "bare.json": '{"bytecode": "0x00"}',
        "odd.json": '{"bytecode": "0x00", "abi": [{"type": "function", "inputs": [1]}]}',
        "hash.json": '{"bytecode": "0x00", "abi": [], "bytecodeKeccak": "0x00"}',
        "no.json.gz": "no",
    }
    for file, content in files.items():
        (folder / file).write_text(content, encoding="utf-8")
    ours = (folder / "DailyCredits.json").read_text(encoding="utf-8")
    (folder / "type.json").write_text(
        re.sub(r'("name": "diem_",\s*"type": )"address"', r'\1"uint256["', ours), encoding="utf-8"
    )
    (folder / "bytes.json.gz").write_bytes(gzip.compress(b"\xff"))
    (folder / "damaged.json.gz").write_bytes(gzip.compress(b"{}")[:10] + bytes(20))
    path = written(folder, text)
    with pytest.raises(TargetError) as raised:
        machine(path)
    message = str(raised.value)
    assert message.startswith(f"{path}: ")
    assert expected in message
    assert message.count(f"{path}: ") == 1
    assert "\n" not in message


@pytest.mark.parametrize(
    "entry",
    [
        {"inputs": None},
        {"inputs": [], "outputs": 5},
        {"name": 5, "inputs": []},
        {"inputs": [{"type": "tuple"}]},
        {"inputs": [{"type": "tuple[]", "components": [None]}]},
    ],
)
def test_an_abi_of_another_shape_is_one_clear_line(entry: dict[str, object], folder: Path) -> None:
    (folder / "Odd.json").write_text(json.dumps({"abi": [{"type": "function", **entry}], "bytecode": "0x00"}), "utf-8")
    path = written(folder, role("credits", 'artifact = "Odd.json"'))
    with pytest.raises(TargetError) as raised:
        load_target(path)
    expected = "expected a list of objects with a type, and inputs with types; of a tuple, its components"
    assert str(raised.value) == f"{path}: credits.artifact: Odd.json: abi: {expected}"


LAYOUTS: dict[str, tuple[str, object, str]] = {
    "no object": ("storage.0", 5, "storage.0: expected an object with label, slot, offset and type"),
    "no label": ("storage.0.label", 5, "storage.0: expected an object with label, slot, offset and type"),
    "unknown type": ("storage.0.type", "t_x", "storage.0.type: expected one of types, found 't_x'"),
    "no slot": ("storage.0.slot", "-1", "storage.0.slot: expected the digits of a number below 2^256, found '-1'"),
    "slot too large": ("storage.0.slot", f"{2**256}", "storage.0.slot: expected the digits of a number below 2^256"),
    "no offset": ("storage.0.offset", 32, "storage.0.offset: expected a number from 0 to 31, found 32"),
    "types": ("types", [1], "types: expected an object"),
    "type": ("types.t_bool", {"encoding": "x"}, "types.t_bool: expected an object with encoding (bytes, "),
    "size": ("types.t_bool.numberOfBytes", "0", "types.t_bool.numberOfBytes: expected digits, at least 1, found '0'"),
    "size of a value": ("types.t_uint256.numberOfBytes", "33", "types.t_uint256.numberOfBytes: expected at most 32"),
    "members": ("types.t_uint256.members", 5, "types.t_uint256.members: expected a list"),
    "member": ("types.t_uint256.members", [5], "types.t_uint256.members.0: expected an object with label"),
    "base": ("types.t_uint256.base", "t_x", "types.t_uint256.base: expected one of types, found 't_x'"),
    "value": ("types.t_uint256.encoding", "mapping", "types.t_uint256.value: expected one of types, found None"),
}


@pytest.mark.parametrize("kind", LAYOUTS)
def test_a_layout_of_another_shape_is_one_clear_line(kind: str, folder: Path) -> None:
    key, value, expected = LAYOUTS[kind]
    layout = json.loads((folder / "DailyCredits.json").read_text(encoding="utf-8"))["storageLayout"]
    within, *steps = layout, *key.split(".")
    for step in steps[:-1]:
        within = within[int(step) if step.isdigit() else step]
    within[int(steps[-1]) if steps[-1].isdigit() else steps[-1]] = value
    foundry(folder, storageLayout=layout)
    path = written(folder, role("credits", 'artifact = "Mine.json"\n[credits.storage]'))
    with pytest.raises(TargetError) as raised:
        load_target(path)
    assert str(raised.value).startswith(f"{path}: credits.artifact: Mine.json: storageLayout: {expected}")


def test_an_own_array_that_would_take_for_ever_is_refused(folder: Path) -> None:
    layout = json.loads((folder / "DailyCredits.json").read_text(encoding="utf-8"))["storageLayout"]
    layout["types"]["t_long"] = {
        "encoding": "inplace",
        "label": "x",
        "numberOfBytes": f"{32 * 10**10}",
        "base": "t_uint256",
    }
    layout["storage"].append({"label": "long", "slot": "90", "offset": 0, "type": "t_long"})
    foundry(folder, storageLayout=layout)
    owned = 'artifact = "Mine.json"\nown_variables = ["long"]\n[credits.storage]'
    expected = "credits.storage: expected at most 65536 words of long, which are noted one by one; found 10000000000"
    assert load_target(written(folder, role("credits", owned))).problems == (expected,)


def test_a_struct_that_leads_to_itself_is_followed_once(folder: Path) -> None:
    layout = json.loads((folder / "DailyCredits.json").read_text(encoding="utf-8"))["storageLayout"]
    below = {"label": "below", "slot": "1", "offset": 0, "type": "t_below"}
    size = {"label": "size", "slot": "0", "offset": 0, "type": "t_uint256"}
    node = {"encoding": "inplace", "label": "struct Node", "numberOfBytes": "64", "members": [size, below]}
    mapping = {"encoding": "mapping", "label": "mapping", "numberOfBytes": "32", "key": "t_address", "value": "t_node"}
    layout["types"] |= {"t_node": node, "t_below": mapping}
    layout["storage"].append({"label": "root", "slot": "90", "offset": 0, "type": "t_node"})
    foundry(folder, storageLayout=layout)
    owned = 'artifact = "Mine.json"\nown_variables = ["root.size"]\n[credits.storage]'
    assert holds(written(folder, role("credits", owned)))


def test_the_commands_say_it_in_one_line(folder: Path) -> None:
    path = written(folder, BAD["unknown key"][0])
    for command in (["conform", "--target"], ["target", "check"]):
        ran = CliRunner().invoke(app, [*command, str(path)])
        assert (ran.exit_code, ran.stdout) == (2, "")
        name = " ".join(word for word in command if not word.startswith("--"))
        assert ran.stderr == f"diem {name}: {path}: credits.artefact: expected no such field\n"
    ran = CliRunner().invoke(app, ["target", "check", str(folder / "no.toml")])
    assert ran.exit_code == 2
    assert "cannot be read" in ran.stderr
    ran = CliRunner().invoke(app, ["run", "life-of-one-diem", "--target", str(path)])
    assert (ran.exit_code, ran.stderr) == (2, "diem run: --target: expected --machine target as well\n")


# ------------------------------------------------------------------------------------------------ refusals


def string(text: str) -> bytes:
    return keccak256(b"Error(string)")[:4] + encode_word(32) + encode_string(text)


def test_one_error_of_the_targets_may_stand_for_several_reasons_of_ours() -> None:
    staking = Refusals("staking", {"LOCK_ZERO": "Zero()", "BURN_ZERO": "Zero()"})
    zero = keccak256(b"Zero()")[:4]
    assert our_data([staking], BURN_ZERO.data, zero) == BURN_ZERO.data
    assert our_data([staking], LOCK_ZERO.data, zero) == LOCK_ZERO.data
    assert our_data([staking], INSUFFICIENT_BALANCE.data, zero) == LOCK_ZERO.data
    assert our_data([staking], None, zero) == LOCK_ZERO.data


def test_our_words_are_no_answer_where_the_file_has_others() -> None:
    staking = Refusals("staking", {"LOCK_ZERO": "Zero()"})
    assert our_data([staking], LOCK_ZERO.data, LOCK_ZERO.data) == UNTRANSLATED.selector + LOCK_ZERO.data
    assert our_data([staking], BURN_ZERO.data, BURN_ZERO.data) == BURN_ZERO.data


def test_any_refusal_and_revert_strings() -> None:
    staking = Refusals("staking", {"LOCK_ZERO": ANY, "BURN_ZERO": "nothing to burn"})
    assert our_data([staking], LOCK_ZERO.data, b"anything") == LOCK_ZERO.data
    assert our_data([staking], BURN_ZERO.data, string("nothing to burn")) == BURN_ZERO.data
    assert our_data([staking], BURN_ZERO.data, string("nothing")) == string("nothing")


def test_arguments_of_custom_errors_are_compared_where_ours_has_them_too() -> None:
    ours = keccak256(b"OwnableUnauthorizedAccount(address)")[:4] + encode_word(7)
    refusal = parse_refusal("NotOwner(address)")
    assert refusal.says(ours, refusal.data + encode_word(7))
    assert not refusal.says(ours, refusal.data + encode_word(8))
    assert parse_refusal("NotOwner()").says(ours, keccak256(b"NotOwner()")[:4])
    assert not parse_refusal("NotOwner()").says(ours, keccak256(b"NotOwner()")[:4] + b"\0")
    assert parse_refusal("Zero(uint256)").says(LOCK_ZERO.data, keccak256(b"Zero(uint256)")[:4] + encode_word(3))


def test_a_custom_error_may_have_arguments_of_any_type() -> None:
    for text, types, values in (
        ("Zero(string)", ["string"], ["nothing to lock"]),
        ("Zero(address,bytes)", ["address", "bytes"], [bytes(20), b"why"]),
        ("Zero(uint256[])", ["uint256[]"], [[1, 2]]),
        ("Zero(uint256[2],(uint8,uint8))", ["uint256[2]", "(uint8,uint8)"], [[1, 2], (3, 4)]),
    ):
        refusal = parse_refusal(text)
        said = keccak256(text.encode())[:4] + encode(types, values)
        assert refusal.says(LOCK_ZERO.data, said), text
        assert not refusal.says(LOCK_ZERO.data, said[:-32]), text
        assert not refusal.says(LOCK_ZERO.data, said + bytes(32)), text
    of_text = parse_refusal("Zero(string)")
    assert not of_text.says(LOCK_ZERO.data, of_text.data + encode(["bytes"], [b"\xff"]))
