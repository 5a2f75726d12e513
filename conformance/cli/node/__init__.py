"""The commands `diem node ...`."""
