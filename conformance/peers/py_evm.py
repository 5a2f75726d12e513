"""py-evm's own chain: blocks after the merge, with the headers, tries and transactions that py-evm has itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import rlp  # type: ignore[import-untyped]
from eth.abc import ReceiptAPI, SignedTransactionAPI
from eth.chains.base import MiningChain
from eth.constants import GENESIS_BLOCK_NUMBER
from eth.db.atomic import AtomicDB
from eth.db.backends.memory import MemoryDB
from eth.exceptions import PyEVMError
from eth.vm.forks.paris import ParisVM
from eth.vm.forks.paris.transactions import ParisTransactionBuilder
from eth_typing import Address as EthAddress
from eth_utils.exceptions import ValidationError
from trie.hexary import HexaryTrie

from conformance.peers.client import BlockRefused, Outcome
from ledger.commitment import Account
from ledger.genesis import Genesis
from spec.hashing import keccak256
from spec.messages import Address, Log, Receipt


def genesis_chain(genesis: Genesis, nodes: Mapping[bytes, bytes] | None = None) -> MiningChain:
    """Return py-evm's chain at a genesis, in memory. Since the merge no block has a seal that it could check.

    Given the nodes (hash |-> RLP) of the genesis's tries, py-evm need not make them itself: that takes it a minute
    where there are ten thousand accounts.
    """
    configured = MiningChain.configure(
        __name__="Chain", vm_configuration=((GENESIS_BLOCK_NUMBER, ParisVM),), chain_id=genesis.chain_id
    )
    header = genesis.header
    parameters: dict[str, Any] = {
        "coinbase": EthAddress(header.beneficiary),
        "gas_limit": header.gas_limit,
        "timestamp": header.timestamp,
        "base_fee_per_gas": 0,
        "difficulty": 0,
        "nonce": bytes(8),
        "mix_hash": header.mix_hash,
        "extra_data": header.extra_data,
    }
    if nodes is not None:
        codes = {keccak256(account.code): account.code for account in genesis.accounts.values()}
        first = ParisVM.create_genesis_header(**parameters, state_root=header.state_root)
        return cast(MiningChain, configured.from_genesis_header(AtomicDB(MemoryDB({**nodes, **codes})), first))
    accounts: dict[EthAddress, Any] = {
        EthAddress(address): {
            "nonce": account.nonce,
            "balance": account.balance,
            "code": account.code,
            "storage": dict(account.words),
        }
        for address, account in genesis.accounts.items()
    }
    return cast(MiningChain, configured.from_genesis(AtomicDB(MemoryDB()), parameters, accounts))


def decode(raw: bytes) -> SignedTransactionAPI:
    """Return a transaction as py-evm has it."""
    return ParisTransactionBuilder.decode(raw)


class PyEvmClient:
    """py-evm as a client of the comparison."""

    name = "py-evm"

    def __init__(self, genesis: Genesis, nodes: Mapping[bytes, bytes] | None = None) -> None:
        self.chain: Final = genesis_chain(genesis, nodes)
        self._gas_limit = genesis.gas_limit

    def add_block(self, transactions: Sequence[bytes], timestamp: int) -> Outcome:
        """Make the block on the head, and make it the head."""
        chain = self.chain
        coinbase = chain.get_canonical_head().coinbase
        chain.header = chain.header.copy(timestamp=timestamp, gas_limit=self._gas_limit, coinbase=coinbase)
        try:
            result, receipts, _ = chain.mine_all([decode(raw) for raw in transactions])
        except (PyEVMError, ValidationError, rlp.exceptions.DecodingError) as error:
            raise BlockRefused(str(error)) from None
        return Outcome(result.imported_block.header.state_root, tuple(map(_receipt, receipts)))

    def account(self, address: Address) -> Account:
        """Return the account in the state trie of the head."""
        leaf = HexaryTrie(self.chain.chaindb.db, self.chain.get_canonical_head().state_root)[keccak256(address)]
        return Account.decode(leaf) if leaf else Account()

    def word(self, address: Address, slot: int) -> int:
        """Return the word in the state of the head."""
        state = self.chain.get_vm(self.chain.get_canonical_head()).state
        return int(state.get_storage(EthAddress(address), slot))

    def close(self) -> None:
        """Do nothing: all is in memory."""


def _receipt(receipt: ReceiptAPI) -> Receipt:
    logs = (
        Log(Address(log.address), tuple(topic.to_bytes(32, "big") for topic in log.topics), log.data)
        for log in receipt.logs
    )
    return Receipt(receipt.state_root == b"\x01", b"", tuple(logs))
