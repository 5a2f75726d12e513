"""VVV, the token: read ``token``, then ``permit``."""

from spec.vvv import permit, token, views
from spec.vvv.contract import VVV

__all__ = ["VVV", "permit", "token", "views"]
