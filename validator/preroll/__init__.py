"""
Pre-flight checks for paid generative-video APIs.

>>> import preroll
>>> preroll.check({"filename": "cat.mp4", "type": "ephemeral"}, "POST /v1/uploads").verdict
'valid'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from preroll import render
    from preroll.judgement import InvalidPayload, Report, check, check_bytes
    from preroll.mending import apply
    from preroll.recognition import Unrecognised
    from preroll.refusals.decoding import Decoded, decode
    from preroll.registry import Registry, UnknownTarget
    from preroll.unreadable import Unreadable
    from preroll.violation import Because, Fix, Violation

__version__ = "0.1.0"

__all__ = [
    "Because",
    "Decoded",
    "Fix",
    "InvalidPayload",
    "Registry",
    "Report",
    "UnknownTarget",
    "Unreadable",
    "Unrecognised",
    "Violation",
    "apply",
    "check",
    "check_bytes",
    "decode",
    "render",
]

_HOMES = {
    "Because": "preroll.violation",
    "Decoded": "preroll.refusals.decoding",
    "Fix": "preroll.violation",
    "InvalidPayload": "preroll.judgement",
    "Registry": "preroll.registry",
    "Report": "preroll.judgement",
    "UnknownTarget": "preroll.registry",
    "Unreadable": "preroll.unreadable",
    "Unrecognised": "preroll.recognition",
    "Violation": "preroll.violation",
    "apply": "preroll.mending",
    "check": "preroll.judgement",
    "check_bytes": "preroll.judgement",
    "decode": "preroll.refusals.decoding",
}


def __getattr__(name: str) -> Any:
    """Public names are imported when they are used: `preroll --help` needs no engine."""
    import importlib

    if name == "render":
        return importlib.import_module("preroll.render")
    if name not in _HOMES:
        raise AttributeError(f"module 'preroll' has no attribute {name!r}")
    found = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted((*__all__, "__version__"))
