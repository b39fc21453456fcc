"""
Outcomes: what a run of preroll found, as values that every renderer reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from preroll import pointer as pointers
from preroll import redaction
from preroll.judgement import INVALID, UNREADABLE, UNRESOLVED, VALID, WARNING, Report
from preroll.pointer import ABSENT
from preroll.violation import KEYED, Violation

VERDICTS = (VALID, WARNING, INVALID, UNRESOLVED, UNREADABLE)


@dataclass(frozen=True, slots=True)
class Replacement:
    """The text from one place (line and column, from 1) up to another becomes `text`."""

    start: tuple[int, int]
    end: tuple[int, int]
    text: str


@dataclass(frozen=True, slots=True)
class Placed:
    """
    A violation with its place in the file; lines and columns from 1, columns in code points.

    Attributes:
        violation: what is wrong.
        line, column: where it begins; None where there is no file text.
        end: line and column behind its last character, or None.
        reasons: the places of `violation.because`, in its order; None for one that is not given.
        also: the places of `violation.also`, in the same way.
        edits: what each of `violation.fixes` does to the text; empty where nobody asked, or it cannot be said.
    """

    violation: Violation
    line: int | None = None
    column: int | None = None
    end: tuple[int, int] | None = None
    reasons: tuple[tuple[int, int] | None, ...] = ()
    also: tuple[tuple[int, int] | None, ...] = ()
    edits: tuple[tuple[Replacement, ...], ...] = ()


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
        accepted: how many violations a baseline took away.
    """

    entries: tuple[Entry, ...]
    counts: Mapping[str, int]
    skipped: tuple[tuple[str, str], ...] = ()
    accepted: int = 0

    @classmethod
    def of(cls, entries: Iterable[Entry], *, files: int = 1, skipped: int = 0) -> Outcome:
        """Count entries that are all told of."""
        every = tuple(entries)
        counts = {verdict: sum(each.verdict == verdict for each in every) for verdict in VERDICTS}
        return cls(every, {"files": files, "payloads": len(every), **counts, "skipped": skipped})


FRAME = 1
"""Lines of text that a code frame shows above and below the line at fault."""

WHOLE = 200
"""Payloads of so many lines are shown whole by formats that show more than frames."""


def entry(  # what an entry may say beside its report
    report: Report,
    source: str,
    *,
    effective: bool = True,
    at: str = "",
    line: int | None = 1,
    edits: bool = False,
) -> Entry:
    """
    The entry of one report; places and lines are found here, and only where something is wrong.

    Args:
        report: what was found.
        source: the file as the user named it.
        effective: tell the defaults that will apply.
        at: JSON Pointer of the payload inside the file.
        line: the line on which it begins.
        edits: find what the fixes do to the text, too; only some formats say that.
    """
    placed = tuple(placed_violations(report, edits=edits))
    numbers = [each.line for each in placed if each.line is not None]
    return Entry(
        source=source,
        verdict=report.verdict,
        at=at,
        line=line,
        target=report.target,
        found=placed,
        effective=report.effective if effective else {},
        among=report.among,
        lines=frames(masked(report).split("\n"), numbers) if numbers else {},
    )


def frames(text: list[str], numbers: Iterable[int]) -> dict[int, str]:
    """The lines that are shown around others, by number: all of a short text, else those next to them."""
    if len(text) <= WHOLE:
        wanted = set(range(1, len(text) + (1 if text[-1] else 0)))
    else:
        wanted = {near for each in numbers for near in range(each - FRAME, each + FRAME + 1)}
    return {each: text[each - 1].removesuffix("\r") for each in sorted(wanted) if 1 <= each <= len(text)}


def placed_violations(report: Report, *, edits: bool = False) -> Iterator[Placed]:
    """The violations of a report with their places in its text."""
    for violation in report.violations:
        place = report.place(violation)
        if place is None:
            yield Placed(violation)
            continue
        positions = report.positions
        _, end = positions.span(violation.pointer, key=violation.kind in KEYED)
        yield Placed(
            violation,
            *place,
            end=positions.line_and_column(end),
            reasons=tuple(_existing(report, each.pointer) for each in violation.because),
            also=tuple(_existing(report, each) for each in violation.also),
            edits=tuple(_replacements(report, fix.patch) for fix in violation.fixes) if edits else (),
        )


def _existing(report: Report, pointer: str) -> tuple[int, int] | None:
    if pointers.look_up(report.payload, pointers.parse(pointer)) is ABSENT:
        return None
    return report.positions.of(pointer)


def _replacements(report: Report, patch: Any) -> tuple[Replacement, ...]:
    from preroll import rewriting  # upwards, and only for formats that carry fixes

    try:
        _, found = rewriting.edits(report.raw or b"", report.source, patch)
    except ValueError:  # the change cannot be said as a change of text
        return ()
    place = report.positions.line_and_column
    return tuple(Replacement(place(each.start), place(each.end), each.text) for each in found)


def masked(report: Report) -> str:
    """The text of a report's payload with an asterisk for each character of a secret."""
    text = (report.raw or b"").decode("utf-8", "replace")
    if not report.hidden:
        return text
    return redaction.covered(text, report.hidden, redaction.spans(report.payload, report.hidden, report.positions))
