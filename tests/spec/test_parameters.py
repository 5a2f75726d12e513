"""Parameters of a genesis: what comes with the specification loads, and what is wrong is named in one line."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from spec.messages import Address
from spec.parameters import PRESETS, SEED_STAKE, ParameterError, Preset, load_preset, parse_preset
from tests.spec.conftest import CREDITS, DIEM, IMPLEMENTATION, STAKING, UNIT, VVV

MINIMAL = (resources.files("spec.presets") / "minimal.toml").read_text(encoding="utf-8")
LARGEST = "115792089237316195423570985008687907853269984665640564039457.584007913129639935"
TREASURY = 'treasury = "0x14dC79964da2C08b23698B3D3cc7Ca32193d9955"'
STAKER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
NOBODY = "0x" + "0" * 40
ACCOUNTS = MINIMAL.index("[[accounts]]")


def edited(*edits: tuple[str, str]) -> str:
    """Return the file of the preset `minimal` with each old text, which has to be there, replaced by the new."""
    text = MINIMAL
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def refusal(text: str) -> str:
    """Return what is wrong with a file; it has to be one line that begins with the file's name."""
    with pytest.raises(ParameterError) as refused:
        parse_preset(text, "world.toml")
    message = str(refused.value)
    assert "\n" not in message
    place, _, rest = message.partition(": ")
    assert place == "world.toml"
    return rest


def curve(target: int, step_width: int) -> str:
    """Return a file whose curve has one step."""
    return edited(
        ("target = 80", f"target = {target}"),
        ("steps = 8", "steps = 1"),
        ("step_width = 10", f"step_width = {step_width}"),
    )


@pytest.mark.parametrize(
    "text,message",
    [
        # Of the wrong kind.
        (edited(("chain_id = 8453", 'chain_id = "8453"')), "chain_id: expected a valid integer, found '8453'"),
        (edited(("chain_id = 8453", "chain_id = true")), "chain_id: expected a valid integer, found True"),
        (
            edited(("timestamp = 1000000", "timestamp = 1e6")),
            "timestamp: expected a valid integer, found 1000000.0",
        ),
        (
            edited(("credit_at_once = true", "credit_at_once = 1")),
            "credits.credit_at_once: expected a valid boolean, found 1",
        ),
        (
            edited(('vvv = "1000"', "vvv = 1000")),
            "accounts.0.vvv: expected an amount in quotation marks, such as '1000.5', found 1000",
        ),
        (
            edited(('"0.05"', "0.05")),
            "staking.venice_emissions_percentage: expected an amount in quotation marks, such as '1000.5', found 0.05",
        ),
        (edited((f'"{STAKER}"', "5")), "accounts.0.address: expected an address in quotation marks, found 5"),
        (edited(('name = "staker"', "name = 5")), "accounts.0.name: expected a valid string, found 5"),
        (MINIMAL[:ACCOUNTS] + "[accounts]", "accounts: expected a list, found {}"),
        (edited(("[vvv]", "[[vvv]]")), "vvv: expected keys with values, found [{'total_supply': '100000500'}]"),
        # Not written as it should be.
        (
            edited(('vvv = "1000"', 'vvv = "1e3"')),
            "accounts.0.vvv: expected a decimal number of tokens such as 1000.5, found '1e3'",
        ),
        (
            edited(('vvv = "1000"', 'vvv = "-1"')),
            "accounts.0.vvv: expected a decimal number of tokens such as 1000.5, found '-1'",
        ),
        (
            edited(('"0.000000000000000003"', '"0.0000000000000000003"')),
            "accounts.1.staked: expected at most 18 decimals, found '0.0000000000000000003'",
        ),
        (
            edited((STAKER, STAKER[2:])),
            f"accounts.0.address: expected an address of 0x and 40 hexadecimal digits, found '{STAKER[2:]}'",
        ),
        (
            edited((STAKER, STAKER.replace("f3", "F3"))),
            f"accounts.0.address: expected the checksum of ERC-55, {STAKER}, found '{STAKER.replace('f3', 'F3')}'",
        ),
        (
            edited(('name = "staker"', 'name = "Staker"')),
            "accounts.0.name: expected a small letter, then small letters, digits and underscores, found 'Staker'",
        ),
        *(
            (
                edited(('name = "minimal"', f'name = "{name}"')),
                f"name: expected a letter or digit, then letters, digits, dots, underscores and dashes, found '{name}'",
            )
            for name in ("../../x", "a/b", ".hidden", "", "two words")
        ),
        # Out of range.
        (edited(("chain_id = 8453", "chain_id = 0")), "chain_id: expected greater than 0, found 0"),
        (
            edited(("timestamp = 1000000", "timestamp = -1")),
            "timestamp: expected greater than or equal to 0, found -1",
        ),
        (
            edited(("timestamp = 1000000", f"timestamp = {2**64}")),
            f"timestamp: expected less than {2**64}, found {2**64}",
        ),
        (edited(("timestamp = 1000000", "timestamp = 99")), "timestamp: expected at least one epoch_duration"),
        (
            edited(("epoch_duration = 100", "epoch_duration = 0")),
            "credits.epoch_duration: expected greater than 0, found 0",
        ),
        (edited(("steps = 8", "steps = 0")), "curve.steps: expected greater than or equal to 1, found 0"),
        (edited(("steps = 8", "steps = 257")), "curve.steps: expected less than or equal to 256, found 257"),
        (edited(("step_width = 10", "step_width = 0")), "curve.step_width: expected greater than 0, found 0"),
        (edited(("target = 80", "target = 0")), "curve.target: expected greater than 0, found 0"),
        (
            edited(("base_mint_rate = 90", "base_mint_rate = 0")),
            "curve.base_mint_rate: expected greater than 0, found 0",
        ),
        (
            edited(("adjustment_power = 2", "adjustment_power = -1")),
            "curve.adjustment_power: expected greater than or equal to 0, found -1",
        ),
        (
            edited(('"31536000"', f'"1{LARGEST}"')),
            f"staking.emission_per_year: expected less than 2^256 base units, found '1{LARGEST}'",
        ),
        # Missing or unknown.
        (edited((TREASURY, "")), "staking.treasury: expected this field, found none"),
        (edited(('diem = "0.95"', 'dime = "0.95"')), "accounts.3.dime: expected no such field"),
        (MINIMAL + "\n[more]", "more: expected no such field"),
        (MINIMAL[:ACCOUNTS], "accounts: expected this field, found none"),
        ("", "name: expected this field, found none"),
        # Not TOML.
        (edited(("chain_id = 8453", "chain_id =")), "expected TOML: Invalid value (at line 8, column 11)"),
        # What the parts say of one another.
        (
            edited((STAKER, "0x14dC79964da2C08b23698B3D3cc7Ca32193d9955")),
            "accounts: staker has the address of a contract or of the treasury",
        ),
        (
            edited((STAKER, "0xe37A7920dbc11253ac6d031C29f592f71B348DCA")),
            "accounts: staker has the address of a contract or of the treasury",
        ),
        (edited(('name = "staker"', 'name = "minter"')), "accounts: expected each name once, found minter 2 times"),
        (
            edited((STAKER, "0x70997970C51812dc3A010C7d01b50e0d17dc79C8")),
            "accounts: expected each address once, found 0x70997970c51812dc3a010c7d01b50e0d17dc79c8 2 times",
        ),
        (
            edited(('locked = "1000"', 'locked = "4000.5"')),
            "accounts.2: expected locked to be at most staked, 4000, found 4000.5",
        ),
        (
            edited(('locked = "1000"\n', "")),
            "accounts.2: expected an account with outstanding_diem to have locked sVVV for it",
        ),
        (
            edited(('diem = "0.95"', 'diem = "0.96"')),
            "accounts: expected the DIEM held, staked and cooling to be the outstanding_diem, 11, found 11.01",
        ),
        (
            edited(('vvv = "1000"', 'vvv = "100000000"')),
            "accounts: expected to hold at most vvv.total_supply, 100000500, found 100009811.500000000000000003",
        ),
    ],
)
def test_wrong_file_is_refused_with_one_line_that_names_file_and_field(text: str, message: str) -> None:
    assert refusal(text) == message


@pytest.mark.parametrize(
    "text,field",
    [
        (edited(('total_supply = "100000500"', 'total_supply = "99999999.999999999999999999"')), "vvv.total_supply"),
        (edited(('"0.05"', '"1.000000000000000001"')), "staking.venice_emissions_percentage"),
        (edited(('"0.2"', '"1.000000000000000001"')), "staking.venice_emissions_percentage_when_locked"),
    ],
)
def test_amount_out_of_its_range_is_refused(text: str, field: str) -> None:
    assert refusal(text).startswith(f"{field}: expected ")


@pytest.mark.parametrize("step_width", [407, 900, 10**9])
def test_curve_whose_rates_reach_2_to_the_256_is_refused(step_width: int) -> None:
    message = "curve: expected rates below 2^256: the last step is too far above the target"
    assert refusal(curve(100, step_width)) == message


@pytest.mark.parametrize("step_width", [348, 400, 403])
def test_curve_whose_costs_reach_2_to_the_256_is_refused(step_width: int) -> None:
    message = "curve: expected costs below 2^256: the last step is too far above the target"
    assert refusal(curve(100, step_width)) == message


def test_curve_whose_costs_just_fit_is_accepted() -> None:
    table = parse_preset(curve(100, 347), "world.toml").curve.table
    assert int(table.rates[0]) * int(table.supply[0]) < 2**256 < 2 * int(table.rates[0]) * int(table.supply[0])


@pytest.mark.parametrize(
    "text",
    [
        edited(('vvv = "1000"', f'vvv = "{LARGEST}"')),
        edited(('staked = "5000"', f'staked = "{LARGEST}"')),
        edited(('staked = "5000"', f'staked = "{LARGEST}"\ncooling = "1"')),
        edited(('diem = "0.95"', f'diem = "{LARGEST}"')),
    ],
)
def test_amounts_whose_sum_reaches_2_to_the_256_are_refused_like_other_wrong_amounts(text: str) -> None:
    assert refusal(text).startswith("accounts")


@pytest.mark.parametrize(
    "line",
    [
        'total_supply = "100000500"',
        'emission_per_year = "31536000"',
        'venice_emissions_percentage = "0.05"',
        'venice_emissions_percentage_when_locked = "0.2"',
        "steps = 8",
        "gateway",
        "epoch_duration = 100",
        'minimum_stake = "0.1"',
        "credit_at_once = true",
    ],
)
def test_nothing_but_what_an_account_has_may_be_left_out(line: str) -> None:
    lines = [each for each in MINIMAL.splitlines() if not each.startswith(line)]
    assert len(lines) == len(MINIMAL.splitlines()) - 1
    assert refusal("\n".join(lines)).endswith(f".{line.partition(' ')[0]}: expected this field, found none")


@pytest.mark.parametrize("account", ["staker", "diem_buyer"])
def test_zero_address_may_hold_vvv_and_neither_svvv_nor_diem(account: str) -> None:
    # A transfer of VVV reaches it; OpenZeppelin lets neither sVVV nor DIEM.
    address = {"staker": STAKER, "diem_buyer": "0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc"}[account]
    assert refusal(edited((address, NOBODY))).startswith("accounts")


@pytest.mark.parametrize("contract", [VVV, STAKING, IMPLEMENTATION, DIEM, CREDITS])
def test_account_is_no_contract(contract: Address) -> None:
    message = "accounts: staker has the address of a contract or of the treasury"
    assert refusal(edited((STAKER, f"0x{contract.hex()}"))) == message


def test_supply_of_the_constructor_alone_is_accepted() -> None:
    preset = parse_preset(edited(('total_supply = "100000500"', 'total_supply = "100000000"')), "world.toml")
    assert preset.vvv.total_supply == 100_000_000 * UNIT


def test_zero_address_may_hold_vvv() -> None:
    preset = parse_preset(edited((STAKER, NOBODY), ('staked = "5000"', "")), "world.toml")
    assert preset.accounts[0].address == bytes(20)


def test_accounts_may_be_none_at_all() -> None:
    preset = parse_preset("accounts = []\n" + MINIMAL[:ACCOUNTS], "world.toml")
    assert preset.accounts == ()
    assert preset.vvv_of_staking == 0
    assert preset.vvv_of_treasury == 100_000_500 * UNIT


# ------------------------------------------------------------------------------------------------ what is accepted


def test_file_is_read_to_the_base_unit() -> None:
    preset = load_preset("minimal")
    assert preset.timestamp == 1_000_000
    assert preset.setup_timestamp == 999_900
    assert preset.staking.emission_rate_per_second == UNIT
    assert preset.staking.venice_emissions_percentage == 5 * 10**16
    assert preset.staking.venice_emissions_percentage_when_locked == 2 * 10**17
    assert preset.credits.minimum_stake == 10**17
    small = preset.accounts[1]
    assert (small.name, small.vvv, small.staked, small.cooling) == ("small_staker", 10 * UNIT, 3, 15 * UNIT // 10)
    assert (small.locked, small.diem, small.diem_staked, small.diem_cooling, small.outstanding_diem) == (0,) * 5


def test_what_the_accounts_and_staking_do_not_hold_the_treasury_holds() -> None:
    preset = load_preset("minimal")
    assert preset.vvv_of_staking == 9_001_500_000_000_000_000_003
    assert preset.vvv_of_treasury == 100_000_500 * UNIT - 1_810 * UNIT - 9_001_500_000_000_000_000_003


def test_seed_stake_is_one() -> None:
    assert SEED_STAKE == UNIT


def test_shares_of_nothing_and_of_all_are_accepted() -> None:
    preset = parse_preset(edited(('"0.05"', '"0"'), ('"0.2"', '"1"')), "world.toml")
    assert preset.staking.venice_emissions_percentage == 0
    assert preset.staking.venice_emissions_percentage_when_locked == UNIT


def test_treasury_may_be_the_owner_and_a_contract() -> None:
    text = edited((TREASURY, 'treasury = "0x23618e81E3f5cdF7f54C3d65f7FBc0aBf5B21E8f"'))
    assert parse_preset(text, "world.toml").staking.treasury == load_preset("minimal").staking.owner
    text = edited((TREASURY, f'treasury = "0x{STAKING.hex()}"'))
    assert parse_preset(text, "world.toml").staking.treasury == STAKING


def test_parameters_cannot_be_changed_afterwards() -> None:
    preset = load_preset("minimal")
    with pytest.raises(ValueError, match="frozen"):
        preset.timestamp = 5


@pytest.mark.parametrize("name", PRESETS)
def test_preset_has_the_name_of_its_file(name: str) -> None:
    assert load_preset(name).name == name


def test_presets_are_the_three_files_that_come_with_the_specification() -> None:
    folder = resources.files("spec.presets")
    assert {f"{name}.toml" for name in PRESETS} == {
        entry.name for entry in folder.iterdir() if entry.name.endswith(".toml")
    }


def test_file_of_ones_own_is_loaded_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(edited(('name = "minimal"', 'name = "mine"')), encoding="utf-8")
    preset = load_preset(str(path))
    assert preset.name == "mine"
    assert preset.model_copy(update={"name": "minimal"}) == load_preset("minimal")
    assert isinstance(preset, Preset)


def test_error_in_a_file_of_ones_own_names_its_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(edited(("steps = 8", "steps = 0")), encoding="utf-8")
    with pytest.raises(ParameterError) as refused:
        load_preset(str(path))
    assert str(refused.value) == f"{path}: curve.steps: expected greater than or equal to 1, found 0"


def test_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    for name, why in (
        ("absent.toml", "No such file or directory"),
        ("folder.toml", "Is a directory"),
        ("binary.toml", "expected TOML in UTF-8"),
        ("a\0b.toml", "embedded null byte"),
    ):
        with pytest.raises(ParameterError) as refused:
            load_preset(str(tmp_path / name))
        assert str(refused.value) == f"{tmp_path / name}: cannot be read: {why}"


@pytest.mark.parametrize("name", ["nosuch", "", "minimal.json", "Minimal"])
def test_unknown_preset_is_refused_with_the_names_there_are(name: str) -> None:
    with pytest.raises(ParameterError) as refused:
        load_preset(name)
    assert str(refused.value) == (
        f"preset {name!r}: expected one of launch, snapshot-2026-09-19, minimal, or a file *.toml"
    )
