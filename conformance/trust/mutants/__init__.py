"""Planted faults: mutants of the bytecode, of the Solidity and of the specification, and which the suite catches."""
