"""
Renderers of a comparison: pure functions from what changed to text, one module each.

Every renderer is `render(comparison, **options) -> str`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from preroll.compat.comparison import Comparison

RENDERERS = {
    "text": "preroll.render.changes.text",
    "json": "preroll.render.changes.json_",
    "markdown": "preroll.render.changes.markdown",
    "html": "preroll.render.changes.html",
    "github": "preroll.render.changes.github",
    "sarif": "preroll.render.changes.sarif",
    "junit": "preroll.render.changes.junit",
}
"""The module of each format."""


def render(comparison: Comparison, form: str, **options: Any) -> str:
    """
    A comparison as text.

    Raises:
        KeyError: there is no such format.
    """
    return str(importlib.import_module(RENDERERS[form]).render(comparison, **options))
