"""The deployment of contracts in revm: in py-evm it takes a second, and there are hundreds of mutants."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from conformance.artifact import Artifacts
from conformance.deployment import Creation, deploy
from conformance.machines.py_evm import Image
from conformance.trust.mutants.scoring import GAS
from spec.messages import Address, Call, Receipt
from spec.parameters import Preset


class RevmHost:
    """An empty revm that contracts can be created in.

    revm creates no contract at an address of our choice, but it runs the code that stands there. So the code that
    creates is put at the address, called without data, and replaced by what it returns.
    """

    out_of_gas = False
    """It does not tell."""

    def __init__(self, preset: Preset) -> None:
        self._preset = preset
        self._codes: dict[Address, bytes] = {}
        self._restart(Image({}, {}))

    def create(self, creation: Creation) -> Receipt:
        """Create a contract; the output is the deployed code, or the revert data if refused."""
        self._restart(self._with(creation.address, creation.code))
        receipt = self._machine.call(Call(creation.sender, creation.address, b"", creation.timestamp))
        self._restart(self._with(creation.address, receipt.output if receipt.status else b""))
        return receipt

    def call(self, call: Call) -> Receipt:
        """Carry out a call."""
        return self._machine.call(call)

    def image(self) -> Image:
        """Return the present state."""
        return self._with_codes(self._codes)

    def _with(self, address: Address, code: bytes) -> Image:
        return self._with_codes({**self._codes, address: code})

    def _with_codes(self, codes: Mapping[Address, bytes]) -> Image:
        return Image(dict(codes), {address: dict(self._machine.words(address)) for address in codes})

    def _restart(self, image: Image) -> None:
        from conformance.machines.pyrevm import PyrevmMachine

        self._codes = dict(image.codes)
        self._machine = PyrevmMachine(self._preset, image=image, gas=GAS)


@lru_cache(maxsize=16)
def deployed_in_revm(preset: Preset, artifacts: Artifacts) -> Image:
    """Return the state that the deployment of ``preset`` ends in; errors as ``conformance.deployment.deploy``."""
    host = RevmHost(preset)
    deploy(host, preset, artifacts)
    return host.image()
