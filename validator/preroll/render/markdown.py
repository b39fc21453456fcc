"""
`--format markdown`: for a job summary or a comment on a pull request.

Text from outside stands in code spans or is escaped, so that it cannot become markup, a link or a mention.
"""

from __future__ import annotations

import re
from typing import Any

from preroll import baseline, tally, words
from preroll.outcome import Entry, Outcome, Placed
from preroll.render.text import shown, summary

LIMIT = 100
"""Findings that are shown in full: a job summary may have 1 MiB."""

ICONS = {"error": "❌", "warning": "⚠️", "info": "ℹ️"}


def render(outcome: Outcome, **_: Any) -> str:
    """A heading, a table of rules, and the findings file by file, folded where there are many."""
    rows = tally.by_rule(outcome)
    unreadable = [entry for entry in outcome.entries if entry.problem is not None]
    bad = unreadable or any(row.severity == "error" for row in rows)
    lines = [f"## {'❌' if bad else '✅'} preroll: {summary(outcome)}", ""]
    if rows:
        lines += ["| rule | severity | findings | payloads | fixable |", "|---|---|--:|--:|--:|"]
        for row in rows:
            cells = (
                code(row.rule),
                f"{ICONS[row.severity]} {row.severity}",
                row.count,
                row.payloads,
                row.fixable or "",
            )
            lines.append(f"| {' | '.join(map(str, cells))} |")
        lines.append("")
    files: dict[str, list[Entry]] = {}
    for entry in outcome.entries:
        if entry.found or entry.problem is not None:
            files.setdefault(entry.source, []).append(entry)
    left = LIMIT
    for source, entries in files.items():
        if left <= 0:
            break
        blocks = [block for entry in entries for block in _entry(entry)][:left]
        left -= len(blocks)
        total = sum(len(entry.found) + (entry.problem is not None) for entry in entries)
        name = f"{code(baseline.file_name(source))} · {total} {'finding' if total == 1 else 'findings'}"
        folded = len(files) > 1 and total > 3  # more is a screenful
        if folded:
            lines += ["<details>", f"<summary>{_html(baseline.file_name(source))} · {total} findings</summary>", ""]
        else:
            lines += [f"### {name}", ""]
        lines += blocks
        if folded:
            lines += ["</details>", ""]
    total = sum(row.count for row in rows) + len(unreadable)
    if total > LIMIT:
        lines += [f"… and {total - LIMIT} more findings, which other formats list in full.", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _entry(entry: Entry) -> list[str]:
    if entry.problem is not None:
        line, column, problem, advice = entry.problem
        place = ":".join(str(each) for each in (line, column) if each is not None)
        more = f"; {escaped(advice)}" if advice else ""
        return [f"- {ICONS['error']} **unreadable**{f' at {place}' if place else ''}: {escaped(problem)}{more}\n"]
    return [_finding(entry, placed) for placed in entry.found]


def _finding(entry: Entry, placed: Placed) -> str:
    violation = placed.violation
    place = ":".join(str(each) for each in (placed.line, placed.column) if each is not None)
    where = violation.parameter or f"{entry.at}{violation.pointer}" or "(the whole request)"
    head = f"- {ICONS[violation.severity]} {f'{place} ' if place else ''}{code(where)}"
    lines = [f"{head} **{escaped(words.message(violation))}** ({code(violation.rule)})"]
    if placed.line in entry.lines:
        lines += ["", *_frame(entry, placed), ""]
    reasons = [words.because(each) for each in violation.because]
    if reasons and violation.kind != "together":
        lines.append("  because " + escaped(", and ".join(reasons)) + "  ")
    lines += [f"  {escaped(each)}  " for each in words.help_lines(violation)]
    return "\n".join(lines).rstrip() + "\n"


def _frame(entry: Entry, placed: Placed) -> list[str]:
    text = shown(entry.lines[placed.line or 0].replace("\t", "  "))
    if len(text) > 200:  # a minified file
        start = max(0, (placed.column or 1) - 40)
        text = text[start : start + 200] + " …"
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return [f"  {fence}json", f"  {text.strip()}", f"  {fence}"]


def code(text: str) -> str:
    """A code span that nothing in the text can end."""
    text = shown(text).replace("|", "\\|")
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    blank = " " if text[:1] in ("`", "") or text[-1:] == "`" else ""
    return f"{fence}{blank}{text}{blank}{fence}"


_MARKUP = re.compile(r"([\\`*_{}\[\]|<>&~$])")
_LINKED = re.compile(r"(?i)(https?|ftp|www)(?=[:.])|[@#](?=\w)")


def escaped(text: str) -> str:
    """Text that is only text: markup is escaped, and addresses, mentions and issue numbers are no links."""
    return _LINKED.sub(r"\g<0>&#8203;", _MARKUP.sub(r"\\\1", shown(text)))


def _html(text: str) -> str:
    from html import escape  # one line of a folded block

    return escape(shown(text))
