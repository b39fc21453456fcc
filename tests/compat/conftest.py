"""Two small documents, compared."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from preroll.compat.comparison import Comparison, compare
from preroll.registry import Registry

TODAY = date(2025, 6, 15)


def document(request: Any = None, response: Any = None, **operation: Any) -> dict[str, Any]:
    """An OpenAPI document of one operation with a request, a response, or both."""
    made: dict[str, Any] = {"responses": {"200": {"description": "done"}}, **operation}
    if request is not None:
        made["requestBody"] = {"content": {"application/json": {"schema": request}}}
    if response is not None:
        made["responses"]["200"]["content"] = {"application/json": {"schema": response}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Sketch", "version": "1"},
        "paths": {"/things": {"post": made}},
    }


def diff(old: Any, new: Any, **options: Any) -> Comparison:
    """The comparison of two documents; one that is compared often comes as a registry, and is read once."""
    before, after = (
        each if isinstance(each, Registry) else Registry.of(each, name)
        for each, name in ((old, "old.json"), (new, "new.json"))
    )
    return compare(before, after, today=TODAY, **options)


@pytest.fixture(scope="session")
def made():
    """`made(request, response)`: a document."""
    return document


@pytest.fixture(scope="session")
def compared():
    """`compared(old, new)`: the comparison of two documents."""
    return diff
