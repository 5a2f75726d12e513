"""For teams that build on DIEM: our contracts and a preset's state for Foundry's anvil and forge."""
