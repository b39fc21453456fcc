"""
The documents that strategies and assertions use where nobody names others.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from preroll.registry import Registry

_PATHS: list[tuple[str, ...]] = [()]


def use(*paths: str) -> None:
    """From now on look into these files and folders, too; the pytest plugin calls it for `--preroll-documents`."""
    _PATHS[0] = paths


def usual() -> Registry:
    """
    The bundled documents, with those that `use` named.

    Raises:
        DocumentError, Unreadable: see `Registry.load`.
    """
    return _loaded(_PATHS[0])


@functools.cache
def _loaded(paths: tuple[str, ...]) -> Registry:
    from preroll.registry import Registry  # the plugin is loaded by test runs that never ask

    return Registry.load(*paths) if paths else Registry.bundled()
