"""
`--format github`: workflow commands, which GitHub Actions shows as annotations beside the changed lines.

The syntax is that of "Workflow commands for GitHub Actions"; percent signs and line ends are escaped in values,
colons and commas in properties too, so that nothing from a payload can write a command of its own.
"""

from __future__ import annotations

from typing import Any

from preroll import baseline, words
from preroll.outcome import Entry, Outcome, Placed
from preroll.render.text import shown, summary

LEVELS = {"error": "error", "warning": "warning", "info": "notice"}


def render(outcome: Outcome, **_: Any) -> str:
    """A command for each finding, then the summary as a plain line."""
    lines = []
    for entry in outcome.entries:
        if entry.problem is not None:
            line, column, problem, advice = entry.problem
            message = problem + (f"\n{advice}" if advice else "")
            lines.append(_command("error", entry, line, column, "unreadable", message))
        lines += [_finding(entry, placed) for placed in entry.found]
    return "".join(f"{line}\n" for line in (*lines, summary(outcome)))


def _finding(entry: Entry, placed: Placed) -> str:
    violation = placed.violation
    place = violation.parameter or f"{entry.at}{violation.pointer}" or "the whole request"
    sentences = [f"{place}: {words.message(violation)}"]
    reasons = [words.because(each) for each in violation.because]
    if reasons and violation.kind != "together":
        sentences.append("because " + ", and ".join(reasons))
    sentences += words.help_lines(violation)
    level = LEVELS[violation.severity]
    return _command(
        level, entry, placed.line or entry.line, placed.column, violation.rule, "\n".join(sentences), placed.end
    )


def _command(
    level: str,
    entry: Entry,
    line: int | None,
    column: int | None,
    title: str,
    message: str,
    end: tuple[int, int] | None = None,
) -> str:
    properties: dict[str, object] = {"title": title}
    if entry.source != "-":
        properties["file"] = baseline.file_name(entry.source)
        properties |= {"line": line} if line else {}
        properties |= {"col": column} if line and column else {}
        # GitHub takes columns only within one line.
        properties |= {"endColumn": end[1]} if end and column and end[0] == line else {}
    told = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{level} {told}::{_data(message)}"


def _data(text: str) -> str:
    lines = (shown(line) for line in text.split("\n"))
    return "%0A".join(line.replace("%", "%25") for line in lines)


def _property(text: str) -> str:
    return shown(text).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
