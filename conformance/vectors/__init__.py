"""Vectors: requests with the answers that the specification gives, for programs in any language to be held against.

``fill`` makes them, ``consume`` puts them to a program and reports. The formats are described in ``docs/vectors``.
"""

from typing import Final

VERSION: Final = "2.0.0"
"""Of the formats, of what the answers are, and of the set of vectors: see ``docs/vectors/README.md``."""

SPECIFICATION: Final = "0.1.0"
"""The version of the specification that the answers come from, which is this project's."""
