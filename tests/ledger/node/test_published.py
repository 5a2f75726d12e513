"""The published accounts are those of the mnemonic."""

from __future__ import annotations

import pytest

from ledger.keys import SequencerKey
from ledger.node.published import DEV_SEQUENCER, MNEMONIC, TEST_ACCOUNTS


def test_accounts_are_those_of_the_mnemonic() -> None:
    accounts = pytest.importorskip("eth_account").Account
    accounts.enable_unaudited_hdwallet_features()
    for at, published in enumerate(TEST_ACCOUNTS):
        derived = accounts.from_mnemonic(MNEMONIC, account_path=f"m/44'/60'/0'/0/{at}")
        assert (bytes.fromhex(derived.address[2:]), bytes(derived.key)) == published


def test_sequencer_is_nobody_else() -> None:
    assert SequencerKey.from_secret(DEV_SEQUENCER.secret).address == DEV_SEQUENCER.address
    assert DEV_SEQUENCER not in TEST_ACCOUNTS
