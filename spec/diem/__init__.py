"""DIEM: read ``token``, then ``stakes``."""

from spec.diem import stakes, token, views
from spec.diem.contract import ACCESS, DIEM, TOKEN

__all__ = ["ACCESS", "DIEM", "TOKEN", "stakes", "token", "views"]
