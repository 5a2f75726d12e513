"""Contracts of somebody else in place of ours: read from a file, spoken with in our words, compared as ours are."""

from conformance.target.document import TargetError
from conformance.target.machine import TargetMachine
from conformance.target.target import Target, load_target

__all__ = ["Target", "TargetError", "TargetMachine", "load_target"]
