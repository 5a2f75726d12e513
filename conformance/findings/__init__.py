"""A failure written as knowledge: a scenario, a pytest regression, a Foundry test, an entry in a register."""

from conformance.findings.at_genesis import failure_at_genesis
from conformance.findings.register import FindingsError, Register, Verdict
from conformance.findings.subject import Subject, subject_of
from conformance.findings.writing import Finding, write_finding

__all__ = [
    "Finding",
    "FindingsError",
    "Register",
    "Subject",
    "Verdict",
    "failure_at_genesis",
    "subject_of",
    "write_finding",
]
