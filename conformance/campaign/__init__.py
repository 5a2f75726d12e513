"""Campaigns: programs of calls by the million, on all cores or many machines, drawn towards what is new."""
