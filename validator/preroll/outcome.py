"""
Outcomes: what a run of preroll found, as values that every renderer reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from preroll.judgement import INVALID, UNREADABLE, UNRESOLVED, VALID, WARNING, Report
from preroll.violation import Violation

VERDICTS = (VALID, WARNING, INVALID, UNRESOLVED, UNREADABLE)


@dataclass(frozen=True, slots=True)
class Placed:
    """A violation with its place in the file: line and column from 1, or None where there is no file text."""

    violation: Violation
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One payload and what is to be said of it.

    Attributes:
        source: the file as the user named it; `-` for standard input.
        at: JSON Pointer of the payload inside the file; "" where the file is the payload.
        line: line on which the payload begins.
        target: name of the target, or None.
        verdict: one of `VERDICTS`.
        found: the violations, in reading order.
        effective: documented defaults that will apply (`Report.effective`).
        among: other targets that it could have been meant for.
        lines: text of the lines that a code frame shows, by number.
        problem: for an unreadable payload: line, column, what is wrong, what to do.
    """

    source: str
    verdict: str
    at: str = ""
    line: int | None = None
    target: str | None = None
    found: tuple[Placed, ...] = ()
    effective: Mapping[str, Any] = field(default_factory=dict)
    among: tuple[str, ...] = ()
    lines: Mapping[int, str] = field(default_factory=dict)
    problem: tuple[int | None, int | None, str, str] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    A whole run.

    Attributes:
        entries: the payloads that are told of; a lint of many leaves the clean ones out.
        counts: payloads by verdict, and `files`, `payloads`, `skipped`.
        skipped: what was passed over, with the reason, where the user asked to see it.
    """

    entries: tuple[Entry, ...]
    counts: Mapping[str, int]
    skipped: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, entries: Iterable[Entry], *, files: int = 1, skipped: int = 0) -> Outcome:
        """Count entries that are all told of."""
        every = tuple(entries)
        counts = {verdict: sum(each.verdict == verdict for each in every) for verdict in VERDICTS}
        return cls(every, {"files": files, "payloads": len(every), **counts, "skipped": skipped})


FRAME = 1
"""Lines of text that a code frame shows above and below the line at fault."""


def entry(report: Report, source: str, *, effective: bool = True, at: str = "", line: int | None = 1) -> Entry:
    """The entry of one report; places and lines are found here, and only where something is wrong."""
    placed = []
    shown: dict[int, str] = {}
    text: list[str] = []
    for violation in report.violations:
        place = report.place(violation)
        placed.append(Placed(violation, *(place or (None, None))))
        if place is not None:
            text = text or (report.raw or b"").decode("utf-8", "replace").splitlines()
            for number in range(max(1, place[0] - FRAME), min(len(text), place[0] + FRAME) + 1):
                shown[number] = text[number - 1]
    return Entry(
        source=source,
        verdict=report.verdict,
        at=at,
        line=line,
        target=report.target,
        found=tuple(placed),
        effective=report.effective if effective else {},
        among=report.among,
        lines=shown,
    )
