"""
Renderers: pure functions from an outcome to text, one module each.

Every renderer is `render(outcome, **options) -> str`; `RENDERERS` names the module of each format, imported
when the format is asked for.
"""

from __future__ import annotations

import importlib
from typing import Any

from preroll.outcome import Outcome

RENDERERS = {
    "text": "preroll.render.text",
    "json": "preroll.render.json_",
    "github": "preroll.render.github",
    "sarif": "preroll.render.sarif",
    "junit": "preroll.render.junit",
    "gitlab": "preroll.render.gitlab",
    "markdown": "preroll.render.markdown",
    "html": "preroll.render.html",
}
"""The module of each format."""


def render(outcome: Outcome, form: str, **options: Any) -> str:
    """
    An outcome as text.

    Args:
        outcome: what a run found.
        form: one of `RENDERERS`.
        **options: those of the format's own `render`.

    Raises:
        KeyError: there is no such format.
    """
    return str(importlib.import_module(RENDERERS[form]).render(outcome, **options))
