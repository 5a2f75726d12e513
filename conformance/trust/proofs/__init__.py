"""What is proved of the curve and the locks for all inputs, by an SMT solver: docs/PROOFS.md."""
