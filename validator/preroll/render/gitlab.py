"""
`--format gitlab`: a Code Quality report, which GitLab shows in merge requests.

The format is the part of Code Climate's that "Import code quality results" in GitLab's documentation lists.
"""

from __future__ import annotations

from typing import Any

from preroll import baseline, words
from preroll.outcome import Entry, Outcome
from preroll.render.json_ import dumped
from preroll.render.text import shown

SEVERITIES = {"error": "major", "warning": "minor", "info": "info"}


def render(outcome: Outcome, **_: Any) -> str:
    """The report: a JSON array, empty where nothing was found."""
    issues = []
    for entry, marks in zip(outcome.entries, baseline.fingerprints(outcome.entries), strict=True):
        if entry.problem is not None:
            line, _column, problem, advice = entry.problem
            text = problem + (f"; {advice}" if advice else "")
            mark = baseline.digest(f"unreadable\n{baseline.file_name(entry.source)}\n{entry.at}")
            issues.append(_issue(entry, "unreadable", "blocker", text, line, mark))
        for placed, mark in zip(entry.found, marks, strict=True):
            violation = placed.violation
            place = violation.parameter or f"{entry.at}{violation.pointer}" or "the whole request"
            text = f"{place}: {words.message(violation)}"
            line = placed.line or entry.line
            issues.append(_issue(entry, violation.rule, SEVERITIES[violation.severity], text, line, mark))
    return dumped(issues)


def _issue(entry: Entry, rule: str, severity: str, text: str, line: int | None, mark: str) -> dict[str, Any]:
    return {
        "description": shown(text),
        "check_name": rule,
        "fingerprint": mark,
        "severity": severity,
        "location": {"path": shown(baseline.file_name(entry.source)), "lines": {"begin": line or 1}},
    }
