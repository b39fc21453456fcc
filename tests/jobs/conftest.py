"""
Ways to lint what a test has written into a folder of its own.
"""

from __future__ import annotations

from typing import Any

import pytest
from tests.jobs.dress import Found  # tests are files, not a package

from preroll.jobs import Linter, Options, Walk, lint
from preroll.registry import Registry


@pytest.fixture(scope="session")
def registry() -> Registry:
    return Registry.bundled()


@pytest.fixture
def linted(tmp_path, monkeypatch, registry):
    """Lints what a test has written into a folder of its own, and says what was found."""
    monkeypatch.chdir(tmp_path)

    def run(*names: str, processes: int = 1, walk: Walk | None = None, **options: Any) -> Found:
        linter = Linter(registry, Options(**{"advised": 0, **options}))
        walk = walk or Walk(fits=linter.options.settings.fits)
        return Found(list(lint(linter, walk.files(names or (".",)), processes)), walk)

    return run
