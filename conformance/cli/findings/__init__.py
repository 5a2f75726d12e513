"""``diem findings``: a folder of divergences, what is thought of them, and how they stand with other contracts."""
