"""
Exit codes, the same for every verb.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class Exit(IntEnum):
    """What a run came to; of several, the order of seriousness is `FAULT`, `USAGE`, `VIOLATIONS`, `INCONCLUSIVE`."""

    CLEAN = 0
    VIOLATIONS = 1
    USAGE = 2
    FAULT = 3
    INCONCLUSIVE = 4
    INTERRUPTED = 130


_ORDER = (Exit.INTERRUPTED, Exit.FAULT, Exit.USAGE, Exit.VIOLATIONS, Exit.INCONCLUSIVE, Exit.CLEAN)


def worst(codes: Iterable[Exit]) -> Exit:
    """The code of a run in which several things happened."""
    return min(codes, key=_ORDER.index, default=Exit.CLEAN)
