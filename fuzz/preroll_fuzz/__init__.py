"""
Hypothesis strategies for payloads: everything a target takes, and every way to be wrong, one at a time.

    from hypothesis import given
    from preroll_fuzz import valid_payloads, invalid_payloads

    @given(valid_payloads(TARGET))
    def test_my_client_takes_what_the_vendor_takes(payload): ...

    @given(invalid_payloads(TARGET))
    def test_my_client_refuses_what_the_vendor_refuses(broken): ...   # broken.payload, .fault, .pointer

Needs the group `fuzz`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from preroll_fuzz.faults import Broken, Fault
    from preroll_fuzz.negatives import invalid_payloads
    from preroll_fuzz.payloads import valid_payloads
    from preroll_fuzz.verdicts import assert_accepts

__all__ = ["Broken", "Fault", "assert_accepts", "invalid_payloads", "valid_payloads"]

_HOMES = {
    "Broken": "faults",
    "Fault": "faults",
    "assert_accepts": "verdicts",
    "invalid_payloads": "negatives",
    "valid_payloads": "payloads",
}


def __getattr__(name: str) -> Any:
    """Public names are imported when they are used: the pytest plugin is loaded by every test run."""
    import importlib

    if name not in _HOMES:
        raise AttributeError(f"module 'preroll_fuzz' has no attribute {name!r}")
    found = getattr(importlib.import_module(f"preroll_fuzz.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
