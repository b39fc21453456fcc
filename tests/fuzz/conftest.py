"""Targets, plans and schemas for the tests of the generator."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("z3", reason="the generator needs the group `fuzz`")

from hypothesis import strategies as st

from preroll.registry import Registry

TODAY = "2025-06-15"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """
    `target`: every bundled target that describes a payload of its own.

    All that a module asks of one target comes together: a registry keeps only so many plans.
    """
    if "target" in metafunc.fixturenames:
        targets = Registry.bundled().targets
        names = [name for name, each in targets.items() if each.described and not each.companion and not each.branches]
        metafunc.parametrize("target", names, scope="module")


def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """After the last of these tests the plans go: together they take more than a gigabyte."""
    if nextitem is None or not nextitem.path.is_relative_to(Path(__file__).parent):
        vars(Registry.bundled()).pop("kept", None)


@pytest.fixture(params=[True, False], ids=["published", "intended"], scope="module")
def published(request):
    """Both views of a document."""
    return request.param


class Nobody:
    """A type that no strategy is looked up for."""


@pytest.fixture(autouse=True)
def forgotten():
    """
    After each test Hypothesis forgets its latest thousand strategies: they hold as many plans, with a solver each.

    That is what it does when it is told of another type.
    """
    yield
    st.register_type_strategy(Nobody, st.builds(Nobody))


@pytest.fixture(scope="session")
def registry_of():
    """`registry_of(schema)`: a registry of one bare schema, and its target."""

    def make(schema):
        registry = Registry.of({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, "schema.json")
        return registry, next(iter(registry.targets.values()))

    return make
