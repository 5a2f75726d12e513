"""The contracts in py-evm, put into one state after the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from conformance.artifact import load_artifacts
from conformance.machines.py_evm import PyEvmHost, deployed
from conformance.trust.reach.branches import Branch, recorder
from conformance.vectors.state import State
from spec.machine import CONTRACTS
from spec.messages import Address
from spec.parameters import load_preset

Words = Mapping[tuple[Address, int], int]


class Placed:
    """An EVM for each chain id; only the words that differ from one state to the next are written."""

    def __init__(self, branches: set[Branch]) -> None:
        """Note in ``branches`` which ways the calls go."""
        self._image: Final = deployed(load_preset("minimal"), load_artifacts())
        self._branches: Final = branches
        self._hosts: dict[int, PyEvmHost] = {}
        self._words: dict[int, Words] = {}

    def at(self, state: State) -> PyEvmHost:
        """Return an EVM in this state of the contracts; the one before it is gone."""
        chain = state.chain_id
        if chain not in self._hosts:
            self._start(chain)
        host = self._hosts[chain]
        stored = [at for at in host.take_stored() if at[0] in CONTRACTS]
        there = {**self._words[chain], **{at: host.word(*at) for at in stored}}
        wanted = {at: state.words.get(at, 0) for at in there.keys() | state.words.keys()}
        host.restore({at: word for at, word in wanted.items() if word != there.get(at, 0)})
        self._words[chain] = dict(state.words)
        return host

    def _start(self, chain: int) -> None:
        host = PyEvmHost(chain, self._image)
        host.execute_with(recorder(self._branches))
        self._hosts[chain] = host
        self._words[chain] = {
            (address, slot): word
            for address, words in self._image.words.items()
            if address in CONTRACTS
            for slot, word in words.items()
        }
