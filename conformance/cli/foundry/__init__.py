"""``diem foundry``: for teams that build on DIEM and test with Foundry."""
