"""Which EVMs there are: pyrevm is not built for every platform, nor for each Python."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

import pytest

HAS_PYREVM: Final = find_spec("pyrevm") is not None
FASTEST: Final = "pyrevm" if HAS_PYREVM else "py-evm"

WHY: Final = "pyrevm is not built for every platform"
needs_pyrevm: Final = pytest.mark.skipif(not HAS_PYREVM, reason=WHY)
