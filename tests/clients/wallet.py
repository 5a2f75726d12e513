"""A wallet of web3.py: keys, and a node that it asks for all else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eth_account import Account as Signer
from web3 import Web3
from web3.middleware import SignAndSendRawMiddlewareBuilder

from tests.clients import contracts

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount
    from web3.contract import Contract
    from web3.types import TxReceipt

    from tests.clients.running_node import RunningNode


class Wallet:
    """web3.py with the keys of some accounts; it asks the node for nonces, gas and fees by itself."""

    def __init__(self, node: RunningNode) -> None:
        self.node: Final = node
        self.web3: Final = Web3(Web3.HTTPProvider(node.http))
        self.eth: Final[Any] = self.web3.eth  # the types of its methods do not say what they take
        self.vvv, self.staking, self.diem, self.credits = (
            self.web3.eth.contract(address=Web3.to_checksum_address(address), abi=abi)
            for address, abi in (contracts.VVV, contracts.STAKING, contracts.DIEM, contracts.CREDITS)
        )

    def signer(self, name: str) -> LocalAccount:
        """An account of the preset, whose transactions are signed from now on."""
        signer: LocalAccount = Signer.from_key(self.node.account(name).secret)
        self.web3.middleware_onion.inject(SignAndSendRawMiddlewareBuilder.build(signer), layer=0)
        return signer

    def send(self, signer: LocalAccount, contract: Contract, function: str, *arguments: object) -> TxReceipt:
        """Send a call, and wait for its receipt."""
        sent = contract.functions[function](*arguments).transact({"from": signer.address})
        receipt = self.web3.eth.wait_for_transaction_receipt(sent, timeout=30, poll_latency=0.01)
        assert receipt["status"] == 1
        return receipt

    def block_at(self, timestamp: int) -> None:
        """Let the next block have this time (s)."""
        self._request("evm_setNextBlockTimestamp", timestamp)

    def pass_time(self, seconds: int) -> None:
        """Let time go on, and make a block then."""
        self._request("evm_increaseTime", seconds)
        self._request("evm_mine")

    def _request(self, method: str, *parameters: object) -> None:
        answer = self.web3.provider.make_request(method, parameters)  # type: ignore[arg-type]
        assert "error" not in answer, answer


def stake(wallet: Wallet, signer: LocalAccount, amount: int) -> None:
    """Stake VVV (base units), in two transactions."""
    wallet.send(signer, wallet.vvv, "approve", wallet.staking.address, amount)
    wallet.send(signer, wallet.staking, "stake", signer.address, amount)


def transfer(signer: LocalAccount, nonce: int) -> bytes:
    """A signed transfer of nothing to itself."""
    fields: dict[str, Any] = {"to": signer.address, "nonce": nonce, "chainId": 8453, "gas": 21_000}
    return bytes(signer.sign_transaction({**fields, "maxFeePerGas": 0, "maxPriorityFeePerGas": 0}).raw_transaction)
