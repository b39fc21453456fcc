"""
The pytest plugin: payloads as fixtures, property tests by a marker, and other documents by an option.

Every pytest run loads it, so it imports nothing of ours and of Hypothesis until a test asks.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from preroll_fuzz.faults import Broken

MARKER = "preroll"
DRAWN = ("payload", "broken")
"""The arguments that a marked test may have: a valid payload, or a broken one."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--preroll-documents PATH`, repeatable."""
    parser.getgroup("preroll").addoption(
        "--preroll-documents",
        action="append",
        default=[],
        metavar="PATH",
        help="more or other vendor documents than the bundled ones: files or folders; repeatable",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Tell of the marker, and remember the documents."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}(target, max_examples=None, **options): draw the argument `payload` (a valid request body of the "
        "target) or `broken` (one with a single fault); options are those of preroll_fuzz.valid_payloads and "
        "preroll_fuzz.invalid_payloads",
    )
    paths = config.getoption("--preroll-documents")
    if paths:
        from preroll_fuzz import documents

        documents.use(*paths)


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(obj: Any) -> None:
    """Take what is drawn out of a marked test's signature, so that pytest does not look for a fixture."""
    if _mark(obj) is not None and inspect.isfunction(obj):
        signature = inspect.signature(obj)
        kept = [each for name, each in signature.parameters.items() if name not in DRAWN]
        if len(kept) != len(signature.parameters):
            obj.__dict__["_preroll_drawn"] = tuple(name for name in signature.parameters if name in DRAWN)
            obj.__dict__["__signature__"] = signature.replace(parameters=kept)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a marked test as a property: for many payloads, with a small one where it fails."""
    drawn = getattr(pyfuncitem.obj, "_preroll_drawn", ())
    mark = pyfuncitem.get_closest_marker(MARKER)
    if mark is None or not drawn:
        return None
    from hypothesis import given, settings

    import preroll_fuzz

    options = dict(mark.kwargs)
    examples = options.pop("max_examples", None)
    made: dict[str, Callable[..., Any]] = {
        "payload": preroll_fuzz.valid_payloads,
        "broken": preroll_fuzz.invalid_payloads,
    }
    strategies = {name: made[name](*mark.args, **options) for name in drawn}
    named = pyfuncitem._fixtureinfo.argnames  # noqa: SLF001  # as pytest's own implementation of this hook
    fixtures = {name: pyfuncitem.funcargs[name] for name in named}
    test = pyfuncitem.obj

    def run(**values: Any) -> None:
        test(**fixtures, **values)

    run.__name__ = run.__qualname__ = test.__name__
    wanted = settings() if examples is None else settings(max_examples=examples)
    wanted(given(**strategies)(run))()
    return True


def _mark(obj: Any) -> pytest.Mark | None:
    marks = getattr(obj, "pytestmark", ())
    return next((each for each in marks if getattr(each, "name", "") == MARKER), None)


@pytest.fixture(scope="session")
def preroll_payload() -> Callable[..., Any]:
    """`preroll_payload(target, scenario=None)`: the simplest valid request body of a target, a new one each time."""

    def payload(target: str, *, scenario: str | None = None, **options: Any) -> Any:
        """The simplest payload of the target, or of one of its scenarios; options as for `valid_payloads`."""
        from preroll_fuzz.payloads import simplest

        return simplest(target, scenario=scenario, **options)

    return payload


@pytest.fixture(scope="session")
def preroll_broken() -> Callable[..., Broken]:
    """`preroll_broken(target, fault)`: the simplest request body that breaks one rule of a target."""

    def broken(target: str, fault: str, **options: Any) -> Broken:
        """The simplest payload with that fault (see `invalid_payloads`)."""
        from preroll_fuzz.negatives import simplest

        return simplest(target, fault, **options)

    return broken


@pytest.fixture(scope="session")
def assert_accepts() -> Callable[..., Any]:
    """`assert_accepts(payload, target)`: fails with the full explanation where the vendor would refuse a payload."""
    from preroll_fuzz.verdicts import assert_accepts

    return assert_accepts
