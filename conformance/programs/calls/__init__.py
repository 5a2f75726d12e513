"""What can be called, function by function: each draft looks at the scene so that it mostly makes sense."""

from conformance.programs.calls import credits, diem, malformed, owner, staking, views, vvv

__all__ = ["credits", "diem", "malformed", "owner", "staking", "views", "vvv"]
