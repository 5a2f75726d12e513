"""What workers are sent: contents that are enough wherever they are."""

from __future__ import annotations

import pickle
import shutil
from typing import TYPE_CHECKING, Final

import pytest

from conformance.campaign.setting import Setting, read_files
from conformance.cli.output import InputError
from spec.parameters import load_preset
from tests.campaign.test_cli_campaign import BROKEN, ROOT, VARIANT
from tests.conformance.evms import FASTEST

if TYPE_CHECKING:
    from pathlib import Path

PRESET: Final = load_preset("minimal")


def sent(artifacts: Path | None, target: Path | None) -> Setting:
    """Return the setting as another machine gets it."""
    setting: Setting = pickle.loads(  # noqa: S301 (its own)
        pickle.dumps(Setting({"minimal": PRESET}, read_files(artifacts, target), 60))
    )
    return setting


def test_artifacts_reach_workers_without_their_folder(tmp_path: Path) -> None:
    copy = tmp_path / "artifacts"
    shutil.copytree(BROKEN, copy)
    setting = sent(copy, None)
    shutil.rmtree(copy)
    compared = setting.compared("py-evm")
    assert compared.artifacts != Setting({}, None, 60).compared("py-evm").artifacts
    assert compared.machine(PRESET).name == "py-evm"


def test_a_target_reaches_workers_with_all_the_files_it_names(tmp_path: Path) -> None:
    copy = tmp_path / "a" / "variant"
    shutil.copytree(VARIANT.parent, copy)
    (tmp_path / "a" / "Coin.json").write_bytes((copy / "Coin.json").read_bytes())
    (copy / "Coin.json").unlink()
    text = (copy / "target.toml").read_text().replace('"Coin.json"', '"../Coin.json"')
    (copy / "target.toml").write_text(text)
    setting = sent(None, copy / "target.toml")
    assert setting.files is not None
    assert set(setting.files.contents) >= {"Coin.json", "variant/target.toml", "variant/Vault.json"}
    shutil.rmtree(tmp_path / "a")
    assert setting.compared(FASTEST).machine(PRESET).name == "target"


def test_an_absolute_path_in_a_target_is_refused(tmp_path: Path) -> None:
    artifact = ROOT / "conformance" / "artifacts" / "DIEM.json"
    (tmp_path / "target.toml").write_text(f'name = "a"\n[diem]\nartifact = "{artifact}"\n')
    with pytest.raises(InputError, match="expected paths relative to the file, for workers have others; found"):
        read_files(None, tmp_path / "target.toml")


def test_other_contents_have_another_hash() -> None:
    ours, broken = (read_files(folder, None) for folder in (ROOT / "conformance" / "artifacts", BROKEN))
    assert ours is not None
    assert broken is not None
    assert ours.hash != broken.hash
    assert read_files(None, None) is None
