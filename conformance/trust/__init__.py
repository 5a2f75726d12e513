"""What shows how far a green run can be trusted: mutants, reach, machines that lie, proofs."""
