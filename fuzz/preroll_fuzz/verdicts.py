"""
Assertions about payloads, for anybody's tests.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from preroll_fuzz import documents

if TYPE_CHECKING:
    from preroll.judgement import Report
    from preroll.registry import Registry
    from preroll.target import Target


def assert_accepts(
    payload: Any,
    target: str | Target | None = None,
    *,
    registry: Registry | None = None,
    as_published: bool = False,
    strict: bool = False,
    today: date | str | None = None,
) -> Report:
    """
    Assert that the vendor would take a payload; the failure says everything that `preroll check` would say.

    Args:
        payload: the request body, as parsed.
        target: what it is meant for (see `Registry.resolve`); None to find out from the payload.
        registry: the documents; the bundled ones, and those of `--preroll-documents`, by default.
        as_published: judge by the vendor's schema alone.
        strict: warnings fail, too.
        today: the date that counts as today for rules about dates (default: today in UTC).

    Returns:
        The report, for those who want to look at what would apply.

    Raises:
        AssertionError: the payload would be refused (or, with `strict`, earns a warning).
        UnknownTarget, Unrecognised: see `preroll.check`.
    """
    __tracebackhide__ = True  # pytest: the failure is the caller's
    from preroll.judgement import check

    report = check(payload, target, registry=registry or documents.usual(), as_published=as_published, today=today)
    if report.verdict == "invalid" or (strict and report.verdict != "valid"):
        raise AssertionError(explained(report))
    return report


def explained(report: Report) -> str:
    """The report as `preroll check` prints it, with the payload below."""
    from preroll.json_text import written
    from preroll.outcome import Outcome, entry
    from preroll.redaction import covered
    from preroll.render import render
    from preroll.render.json_ import plain_value

    outcome = Outcome.of([entry(report.advised(), "payload", effective=False, line=None)])
    text = render(outcome, "text", colour=False, width=100, verbose=0)
    shown = written(plain_value(report.payload, exact=True), indent=2)
    return f"{report.target or 'nobody'} would refuse this payload\n{text}\n{covered(shown, report.hidden)}"
