"""
`--format html`: one page that needs nothing else, for people who did not run the command.

Everything from outside is escaped, and a content security policy lets nothing run but the page's own script,
by its hash. Without scripts the whole report is there; the script only hides what is filtered out.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from preroll import __version__, tally, words
from preroll.outcome import Entry, Outcome, Placed
from preroll.render.text import shown, summary
from preroll.violation import Violation

FEW = 50
"""Up to so many payloads are shown whole; of more, the lines around what is marked."""

CONTEXT = 2
LINE = 400
"""Longer lines are cut to what surrounds a mark."""

VERDICTS = (
    ("valid", "valid", "good"),
    ("warning", "with warnings", "fair"),
    ("invalid", "invalid", "bad"),
    ("unresolved", "unresolved", "fair"),
    ("unreadable", "unreadable", "bad"),
    ("skipped", "skipped", "soft"),
)

SEVERITIES = ("error", "warning", "info")


def render(outcome: Outcome, **_: Any) -> str:
    """The page."""
    css, js = _file("html.css"), _file("html.js")
    policy = (
        f"default-src 'none'; style-src '{_hash(css)}'; script-src '{_hash(js)}'; base-uri 'none'; form-action 'none'"
    )
    context = None if len(outcome.entries) <= FEW else CONTEXT
    parts = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n',
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
        f"<title>preroll: {_text(summary(outcome))}</title>\n<style>{css}</style>\n</head>\n<body>\n",
        *_header(outcome),
        _FILTERS,
        *_rules(outcome),
        "<main>\n",
        *(part for number, entry in enumerate(outcome.entries) for part in _entry(number, entry, context)),
        '<p class="none" id="nothing" hidden>Nothing fits the filters.</p>\n',
    ]
    if not any(entry.found or entry.problem is not None for entry in outcome.entries):
        parts.append('<p class="none">Nothing was found.</p>\n')
    parts += ["</main>\n", f"<footer>preroll {_text(__version__)}</footer>\n<script>{js}</script>\n</body>\n</html>\n"]
    return "".join(parts)


@cache
def _file(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _text(text: str) -> str:
    """Text from outside as text of the page; what cannot be seen is written as an escape."""
    return escape(shown(text))


def _code(text: str) -> str:
    """The same for a line of a file, whose tabs stay tabs."""
    return "\t".join(map(_text, text.split("\t")))


def _header(outcome: Outcome) -> Iterator[str]:
    counts = outcome.counts
    files = f" in {counts['files']:,} files" if counts["files"] != 1 else ""
    noun = "payload" if counts["payloads"] == 1 else "payloads"
    yield f"<header>\n<h1>{counts['payloads']:,} {noun}{files}</h1>\n"
    yield '<ul class="numbers">'
    for verdict, word, style in VERDICTS:
        if counts.get(verdict):
            yield f'<li class="{style}"><b>{counts[verdict]:,}</b>{word}</li>'
    for severity, number in tally.by_severity(outcome.entries).items():
        if number:
            yield f"<li><b>{number:,}</b>{severity}{'s' if number != 1 and severity != 'info' else ''}</li>"
    if outcome.accepted:
        yield f"<li><b>{outcome.accepted}</b>accepted by the baseline</li>"
    yield "</ul>\n</header>\n"


_FILTERS = """\
<form id="filters" hidden autocomplete="off"><div>
<label>text <input type="search" name="words" placeholder="any words"></label>
<label>file <input type="search" name="file" list="files" placeholder="part of a name"></label>
<datalist id="files"></datalist>
<label>rule <select name="rule" id="rule"><option value="">all</option></select></label>
<label>target <select name="target" id="target"><option value="">all</option></select></label>
<fieldset aria-label="severity">
<label><input type="checkbox" name="severity" value="error" checked>error</label>
<label><input type="checkbox" name="severity" value="warning" checked>warning</label>
<label><input type="checkbox" name="severity" value="info" checked>info</label>
</fieldset>
<button type="reset">show all</button>
<output id="count"></output>
</div></form>
"""


def _rules(outcome: Outcome) -> Iterator[str]:
    rows = tally.by_rule(outcome)
    if len(rows) < 2:  # one rule is told by its finding
        return
    yield f'<details class="rules"><summary>{len(rows)} rules</summary>\n<table>\n'
    heads = "".join(f"<th>{each}</th>" for each in ("rule", "severity", "findings", "payloads", "files", "fixable", ""))
    yield f"<thead><tr>{heads}</tr></thead>\n<tbody>\n"
    for row in rows:
        numbers = "".join(
            f'<td class="n">{f"{number:,}" if number else ""}</td>'
            for number in (row.count, row.payloads, row.files, row.fixable)
        )
        pick = f'<td><button type="button" data-pick="{_text(row.rule)}" hidden>show</button></td>'
        badge = f'<td><span class="badge {row.severity}">{row.severity}</span></td>'
        yield f"<tr><td><code>{_text(row.rule)}</code></td>{badge}{numbers}{pick}</tr>\n"
    yield "</tbody>\n</table></details>\n"


def _entry(number: int, entry: Entry, context: int | None) -> Iterator[str]:
    name = entry.source + (f"#{entry.at}" if entry.at else "")
    target = f'<span class="soft">as {_text(entry.target)}</span>' if entry.target else ""
    yield (
        f'<section class="entry" data-file="{_text(entry.source)}" data-target="{_text(entry.target or "")}">\n'
        f"<header><h2><code>{_text(name)}</code></h2>"
        f'<span class="badge {_text(entry.verdict)}">{_text(entry.verdict)}</span>{target}</header>\n'
    )
    if entry.problem is not None:
        line, column, problem, advice = entry.problem
        place = ":".join(str(each) for each in (line, column) if each is not None)
        yield f'<article class="error" data-rule="unreadable"><span class="badge">unreadable</span> {place}\n'
        yield (
            f'<p class="fact">{_text(problem)}</p>\n' + (f"<p>{_text(advice)}</p>\n" if advice else "") + "</article>\n"
        )
    for placed in entry.found:
        yield from _finding(number, entry, placed)
    if entry.lines:
        yield from _payload(number, entry, context)
    yield "</section>\n"


def _finding(number: int, entry: Entry, placed: Placed) -> Iterator[str]:
    violation = placed.violation
    place = violation.parameter or violation.pointer or "the whole request"
    also = "".join(f", <code>{_text(each)}</code>" for each in violation.also)
    position = ""
    if placed.line is not None:
        text = f"{placed.line}:{placed.column}"
        position = f'<a href="#p{number}l{placed.line}">{text}</a> ' if placed.line in entry.lines else f"{text} "
    severity = violation.severity if violation.severity in SEVERITIES else "info"
    yield (
        f'<article class="{severity}" data-rule="{_text(violation.rule)}">\n'
        f'<span class="badge">{severity} · {_text(violation.rule)}</span> {position}<code>{_text(place)}</code>{also}\n'
        f'<p class="fact">{_text(words.message(violation))}</p>\n'
    )
    rows = list(_rows(violation))
    if rows:
        yield "<dl>" + "".join(f"<dt>{label}</dt><dd>{told}</dd>" for label, told in rows) + "</dl>\n"
    yield "</article>\n"


def _rows(violation: Violation) -> Iterator[tuple[str, str]]:
    reasons = [words.because(each) for each in violation.because]
    if reasons and violation.kind != "together":
        yield "because", _listed(reasons)
    hints = []
    for line in words.help_lines(violation):
        label, colon, rest = line.partition(": ")
        if colon and label == "allowed":
            yield "allowed", _text(rest)
        elif colon and label == "fix":
            continue
        elif colon and label == "the vendor says":
            hints.append(("the vendor says", f"<blockquote>{_text(rest)}</blockquote>"))
        elif violation.link and line == f"see {violation.link}":
            hints.append(("see", _link(violation.link)))
        else:
            hints.append(("note", _text(line)))
    if violation.fixes:
        fixes = [f"{each.title}{' (lint --fix does it)' if each.safe else ''}" for each in violation.fixes]
        yield "fix", _listed(fixes, "or ")
    yield from hints
    if violation.document:
        at = f" <code>{_text(violation.document_pointer)}</code>" if violation.document_pointer else ""
        yield "document", f'<span class="soft">{_text(violation.document)}{at}</span>'


def _listed(lines: Sequence[str], joint: str = "") -> str:
    if len(lines) == 1:
        return _text(lines[0])
    return (
        "<ul>"
        + "".join(f"<li>{joint if index else ''}{_text(each)}</li>" for index, each in enumerate(lines))
        + "</ul>"
    )


def _link(address: str) -> str:
    """A link where the address is one of the web; anything else (`javascript:`) stays text."""
    if address.startswith(("https://", "http://")):
        return f'<a href="{_text(address)}" rel="noopener noreferrer nofollow">{_text(address)}</a>'
    return _text(address)


Mark = tuple[int, int, str, str]
"""Start and end in a line, from 0; the class; what the mark says."""


def _payload(number: int, entry: Entry, context: int | None) -> Iterator[str]:
    marks: dict[int, list[Mark]] = {}
    for placed in entry.found:
        said = words.message(placed.violation)
        for line, start, end in _spans(entry, placed):
            marks.setdefault(line, []).append((start, end, placed.violation.severity, said))
        for reason, place in zip(placed.violation.because, placed.reasons, strict=False):
            if place is not None and place[0] in entry.lines:
                start = place[1] - 1
                marks.setdefault(place[0], []).append((start, start + 1, "why", f"because {words.because(reason)}"))
    numbers = sorted(entry.lines)
    if context is not None:
        numbers = [each for each in numbers if any(abs(each - line) <= context for line in marks)]
    yield '<pre tabindex="0">'
    for index, line in enumerate(numbers):
        if index and line > numbers[index - 1] + 1:
            yield '<span class="gap"><i>⋮</i></span>'
        yield _line(number, line, entry.lines[line], sorted(marks.get(line, ())))
    yield "</pre>\n"


def _spans(entry: Entry, placed: Placed) -> Iterator[tuple[int, int, int]]:
    """The parts of lines that a violation is about: its own place, and those beside it."""
    if placed.line is not None and placed.line in entry.lines:
        start = (placed.column or 1) - 1
        same = placed.end is not None and placed.end[0] == placed.line
        yield placed.line, start, placed.end[1] - 1 if same and placed.end is not None else start + 1
    for place in placed.also:
        if place is not None and place[0] in entry.lines:
            yield place[0], place[1] - 1, place[1]


def _line(number: int, line: int, text: str, marks: list[Mark]) -> str:
    style = ""
    kinds = {kind for _, _, kind, _ in marks}
    for each in (*SEVERITIES, "why"):
        if each in kinds:
            style = f' class="{"why" if each == "why" else f"hit {each}"}" id="p{number}l{line}"'
            break
    return f"<span{style}><i>{line}</i>{''.join(_pieces(text, marks))}</span>"


def _pieces(text: str, marks: list[Mark]) -> Iterator[str]:
    """A line with its marks; a very long one is cut between them."""
    at = 0
    long = len(text) > LINE
    for start, given, kind, said in marks:
        end = max(start + 1, given)
        if kind == "why" or end == start + 1:
            end = max(end, start + _token(text[start:]))
        if start < at:
            continue
        yield _between(text[at:start], long=long, first=at == 0)
        yield f'<mark class="{kind}" title="{_text(said)}">{_cut(text[start:end], long=long)}</mark>'
        at = end
    rest = text[at:]
    yield _code(rest[:60] + " …" if long and len(rest) > 80 else rest)  # what fits beside a mark


def _token(rest: str) -> int:
    import re  # only for marks without an end

    found = re.match(r'"(?:[^"\\]|\\.)*"|[^\s,\]}#:]+|.', rest)
    return len(found.group()) if found else 1


def _between(text: str, *, long: bool, first: bool) -> str:
    if not long or len(text) <= 160:  # two parts of 80
        return _code(text)
    head = "" if first else text[:60]
    return _code(f"{head} … {text[-60:]}")


def _cut(text: str, *, long: bool) -> str:
    return _code(text if not long or len(text) <= 160 else f"{text[:80]} … {text[-40:]}")  # as above
