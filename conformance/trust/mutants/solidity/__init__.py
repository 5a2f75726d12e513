"""Mutants of the contracts' Solidity: changed in one place of the syntax tree, compiled as the contracts are."""
