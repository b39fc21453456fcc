"""Models of the bundled targets, made once, and of small schemas written down in a test."""

from __future__ import annotations

import functools
from datetime import date
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("z3", reason="the constraint model needs the group `solver`")

from preroll.constraints import Bounds, Model
from preroll.registry import Registry

TODAY = date(2025, 6, 15)


@functools.cache
def bundled_model(name: str, published: bool) -> Model:  # noqa: FBT001  # the key of a cache
    registry = Registry.bundled()
    return Model(registry, registry.targets[name], published=published, today=TODAY, strict=True)


def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """After the last of these tests the models go: together they take a gigabyte."""
    if nextitem is None or not nextitem.path.is_relative_to(Path(__file__).parent):
        bundled_model.cache_clear()


@pytest.fixture(scope="session")
def bundled():
    """`bundled(name, published)`: the model of a bundled target."""
    return bundled_model


@pytest.fixture(scope="session")
def model_of():
    """`model_of(schema)`: the model of a bare schema, as published."""

    def make(schema: Any, **bounds: int) -> Model:
        tree = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
        registry = Registry.of(tree, "schema.json")
        target = next(iter(registry.targets.values()))
        return Model(registry, target, published=True, bounds=Bounds(**bounds), today=TODAY, strict=True)

    return make


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`target`: every bundled target that stands for itself (no companion, nothing that has branches)."""
    if "target" in metafunc.fixturenames:
        registry = Registry.bundled()
        names = [
            name for name, each in registry.targets.items() if each.schema and not each.companion and not each.branches
        ]
        metafunc.parametrize("target", names)
