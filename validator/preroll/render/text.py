"""
`--format text`: for people, with code frames, in the style of current compilers and linters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from preroll.outcome import Entry, Outcome, Placed
from preroll.violation import Violation

WIDTH = 100
NARROW = 80

STYLES = {"error": "1;31", "warning": "1;33", "info": "1;36", "bold": "1", "dim": "2", "good": "32", "code": "36"}


class Paint:
    """Writes styles, or nothing where colour is off (https://no-color.org)."""

    def __init__(self, *, colour: bool) -> None:
        self.colour = colour

    def __call__(self, text: str, style: str) -> str:
        return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if self.colour and text else text


def render(
    outcome: Outcome,
    *,
    colour: bool = False,
    width: int = WIDTH,
    verbose: int = 0,
    statistics: bool = False,
    summary: bool = True,
    begun: str = "",
    unfinished: str = "",
    **_: Any,
) -> str:
    """
    The outcome for a terminal, findings of one file together.

    Args:
        outcome: what a run found.
        colour: whether to write ANSI colours.
        width: columns to fill; long lines are wrapped, addresses and code are not.
        verbose: 1 adds information, accepted payloads' defaults and what was skipped.
        statistics: a table of the rules that were broken in place of the findings.
        summary: whether to end with the counts; a long run writes its findings in portions.
        begun: a file of which an earlier portion has told.
        unfinished: a file of which a later portion may tell more.
    """
    paint = Paint(colour=colour)
    if statistics:
        return "\n".join([*_statistics(outcome, paint), _summary(outcome, paint)])
    blocks = []
    for source, entries in _by_file(outcome.entries):
        mine = [block for each in entries for block in _entry(each, paint, width, verbose)]
        if source == unfinished != begun:
            blocks.append(f"{paint(shown(source), 'bold')}:\n")  # how much there is, nobody knows yet
        elif len(mine) > 1 and source != begun:
            blocks.append(_heading(source, entries, paint, verbose))
        blocks += mine
    if verbose and outcome.skipped:
        blocks.append(
            "".join(f"{paint('skipped', 'dim')} {shown(name)}: {reason}\n" for name, reason in outcome.skipped)
        )
    return "\n".join([*blocks, _summary(outcome, paint)] if summary else [*blocks, ""])


def _by_file(entries: Iterable[Entry]) -> Iterable[tuple[str, list[Entry]]]:
    files: dict[str, list[Entry]] = {}
    for each in entries:
        files.setdefault(each.source, []).append(each)
    return files.items()


def _heading(source: str, entries: list[Entry], paint: Paint, verbose: int) -> str:
    from preroll import tally  # one finding needs no heading

    counts = tally.by_severity(entries)
    told = [_counted(counts[each], each) for each in counts if counts[each] and (verbose or each != "info")]
    unreadable = sum(each.problem is not None for each in entries)
    told += [f"{unreadable} unreadable"] if unreadable else []
    return f"{paint(shown(source), 'bold')}: {', '.join(told) or 'nothing wrong'}\n"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 or noun == "info" else f"{number} {noun}s"


def _statistics(outcome: Outcome, paint: Paint) -> Iterator[str]:
    from preroll import tally  # rarely asked for

    rows = tally.by_rule(outcome)
    if not rows:
        return
    wide = [
        max(len(str(cell)) for cell in column) for column in zip(*((row.count, row.rule) for row in rows), strict=True)
    ]
    text = ""
    for row in rows:
        fixable = f", {row.fixable} fixable ({row.safely or 'none'} safely)" if row.fixable else ""
        files = _counted(row.files, "file")
        heading = paint(f"{row.severity:<7}", row.severity)
        text += f"{row.count:>{wide[0]}}  {heading}  {row.rule:<{wide[1]}}  in {files}{fixable}\n"
    yield text


def _entry(each: Entry, paint: Paint, width: int, verbose: int) -> Iterator[str]:
    where = _file(each)
    if each.problem is not None:
        line, column, problem, advice = each.problem
        place = "".join(f":{number}" for number in (line, column) if number is not None)
        text = f"{paint('unreadable', 'error')} {shown(where)}{place}\n"
        yield text + _wrapped(problem, "  ", width) + (_wrapped(advice, "  = ", width) if advice else "")
        return
    told = [placed for placed in each.found if verbose or placed.violation.severity != "info"]
    target = f" as {each.target}" if each.target else ""
    if not told:
        yield f"{paint(each.verdict, 'good')} {shown(where)}{target}\n" + _more(each, paint, verbose)
        return
    for placed in told:
        yield _violation(placed, each, paint, width)
    if each.among and verbose:
        yield f"read{target}; it could also be meant for {', '.join(each.among)}\n"
    if each.effective and verbose:
        yield _more(each, paint, verbose)


def _file(each: Entry) -> str:
    return each.source + (f"#{each.at}" if each.at else "")


def shown(text: str) -> str:
    """Text from outside, safe for a terminal: control characters are escaped, nothing can move the cursor."""
    return "".join(
        each if each.isprintable() or each == " " else each.encode("unicode_escape", "backslashreplace").decode()
        for each in text
    )


def _more(each: Entry, paint: Paint, verbose: int) -> str:
    if not verbose or not each.effective:
        return ""
    from preroll import phrases  # an accepted payload needs no sentences

    lines = ["  documented defaults that will apply:"]
    ordered = sorted(each.effective.items(), key=lambda pair: not pair[1]["sets"])
    for pointer, default in ordered:
        mark = f"  <- sets the {' and '.join(default['sets'])}" if default["sets"] else ""
        lines.append(f"    {shown(pointer)} = {phrases.value(default['value'])}{paint(mark, 'bold')}")
    return "\n".join(lines) + "\n"


def _violation(placed: Placed, each: Entry, paint: Paint, width: int) -> str:
    from preroll import words  # an accepted payload needs no sentences

    violation = placed.violation
    place = "".join(f":{number}" for number in (placed.line, placed.column) if number is not None)
    also = f" (and {', '.join(violation.also)})" if violation.also else ""
    pointer = violation.parameter or violation.pointer or "(the whole request)"
    heading = paint(f"{violation.severity}[{violation.rule}]", violation.severity)
    text = f"{heading} {paint(shown(_file(each)) + place, 'bold')}  {shown(pointer + also)}\n"
    text += _wrapped(words.message(violation), "  ", width)
    for line in _reasons(violation):
        text += _wrapped(line, "  ", width)
    text += _frame(placed, each, paint)
    for line in words.help_lines(violation):
        label, colon, rest = line.partition(": ")
        known = colon and label in ("allowed", "fix", "the vendor says")
        text += _wrapped(line, "  ", width, paint(label, "code") + colon + rest if known else None)
    return text


def _reasons(violation: Violation) -> Iterator[str]:
    from preroll import words  # an accepted payload needs no sentences

    reasons = words.reasons(violation)
    if reasons:
        yield "because " + ", and ".join(reasons)


def _frame(placed: Placed, each: Entry, paint: Paint) -> str:
    """The line at fault with its neighbours, the lines that activate the rule, and marks under the columns."""
    if placed.line is None or placed.line not in each.lines:
        return ""
    marks = {placed.line: ((placed.column or 1) - 1, "^", "error")}
    for line, column in [place for place in placed.reasons if place is not None][:MARKED]:
        if line in each.lines and line not in marks:
            marks[line] = (column - 1, "-", "info")
    numbers = sorted(number for number in each.lines if number in marks or abs(number - placed.line) <= 1)
    gutter = len(str(numbers[-1]))
    lines = []
    for index, number in enumerate(numbers):
        if index and number > numbers[index - 1] + 1:
            lines.append(f"  {paint(' ' * gutter + ' :', 'dim')}")
        column, mark, style = marks.get(number, (0, "", ""))
        text, start = _window(each.lines[number], column)
        lines.append(f"  {paint(f'{number:>{gutter}} |', 'dim')} {text}".rstrip())
        if mark:
            length = _length(placed if mark == "^" else None, each.lines[number][column:])
            before = cells(text[: column - start])
            under = mark * max(1, min(cells(text[column - start : column - start + length]), cells(text) - before))
            lines.append(f"  {paint(' ' * gutter + ' |', 'dim')} {' ' * before}{paint(under, style)}")
    return "\n".join(lines) + "\n"


MARKED = 2
"""Conditions that are shown in a frame beside the fault."""


def cells(text: str) -> int:
    """Columns of a terminal that a text takes: two for wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width  # ASCII needs none

    return sum(0 if combining(each) else 2 if east_asian_width(each) in "WF" else 1 for each in text)


def _window(line: str, column: int) -> tuple[str, int]:
    """A long line cut to what surrounds a column, safe for a terminal, one character wide each."""
    limit = NARROW - 10
    start = max(0, column - 20) if len(line) > limit and column > limit - 30 else 0
    cut = line[start : start + limit]
    text = "".join(each if each.isprintable() else " " for each in cut)
    if start:
        text = "..." + text[3:]
    while cells(text) > limit:
        text = text[: len(text) - max(1, (cells(text) - limit) // 2)]
    if len(line) > start + len(text):
        text = text[:-3] + "..."
    return text, start


def _length(placed: Placed | None, rest: str) -> int:
    """How many characters of `rest`, which begins at the place, the mark stands under."""
    if placed is not None and placed.end is not None:
        # An object or an array that goes on has the mark under its bracket.
        return placed.end[1] - (placed.column or 1) if placed.end[0] == placed.line else 1
    found = re.match(r'"(?:[^"\\]|\\.)*"|[^\s,\]}#:]+|.', rest)
    return len(found.group()) if found else 1


def _wrapped(text: str, indent: str, width: int, painted: str | None = None) -> str:
    import textwrap  # short lines need none

    safe = shown(text)
    if text.startswith("see http") or len(indent) + len(safe) <= width:
        return f"{indent}{painted if painted is not None and safe == text else safe}\n"
    lines = textwrap.wrap(
        safe,
        max(40, width),
        initial_indent=indent,
        subsequent_indent=" " * len(indent) + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "".join(f"{line}\n" for line in lines)


def _summary(outcome: Outcome, paint: Paint) -> str:
    counts = outcome.counts
    bad = counts.get("invalid") or counts.get("unreadable")
    return paint(summary(outcome), "error" if bad else "good") + "\n"


def summary(outcome: Outcome) -> str:
    """What a run came to, in one line: `3 payloads in 2 files: 1 valid, 2 invalid`."""
    counts = outcome.counts
    parts = [
        f"{counts[verdict]} {word}"
        for verdict, word in (
            ("valid", "valid"),
            ("warning", "with warnings"),
            ("invalid", "invalid"),
            ("unresolved", "unresolved"),
            ("unreadable", "unreadable"),
            ("skipped", "skipped"),
        )
        if counts.get(verdict)
    ]
    noun = "payload" if counts["payloads"] == 1 else "payloads"
    files = f" in {counts['files']} files" if counts["files"] != 1 else ""
    known = f" ({outcome.accepted} known and accepted by the baseline)" if outcome.accepted else ""
    return f"{counts['payloads']} {noun}{files}: {', '.join(parts) or 'nothing to check'}{known}"
