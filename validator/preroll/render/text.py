"""
`--format text`: for people, with code frames, in the style of current compilers and linters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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


def render(outcome: Outcome, *, colour: bool = False, width: int = WIDTH, verbose: int = 0, **_: Any) -> str:
    """
    The outcome for a terminal.

    Args:
        outcome: what a run found.
        colour: whether to write ANSI colours.
        width: columns to fill; long lines are wrapped, addresses and code are not.
        verbose: 1 adds information, accepted payloads' defaults and what was skipped.
    """
    paint = Paint(colour=colour)
    blocks = [block for each in outcome.entries for block in _entry(each, paint, width, verbose)]
    if verbose:
        blocks += [f"{paint('skipped', 'dim')} {name}: {reason}\n" for name, reason in outcome.skipped]
    return "\n".join([*blocks, _summary(outcome, paint)])


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
    from preroll import words  # noqa: PLC0415  # an accepted payload needs no sentences

    lines = ["  documented defaults that will apply:"]
    ordered = sorted(each.effective.items(), key=lambda pair: not pair[1]["sets"])
    for pointer, default in ordered:
        mark = f"  <- sets the {' and '.join(default['sets'])}" if default["sets"] else ""
        lines.append(f"    {shown(pointer)} = {words.value(default['value'])}{paint(mark, 'bold')}")
    return "\n".join(lines) + "\n"


def _violation(placed: Placed, each: Entry, paint: Paint, width: int) -> str:
    from preroll import words  # noqa: PLC0415  # an accepted payload needs no sentences

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
    from preroll import words  # noqa: PLC0415  # an accepted payload needs no sentences

    if violation.kind == "together":
        return
    reasons = [words.because(each) for each in violation.because]
    if reasons:
        yield "because " + ", and ".join(reasons)


def _frame(placed: Placed, each: Entry, paint: Paint) -> str:
    """The line at fault with its neighbours, and a mark under the column."""
    if placed.line is None or placed.line not in each.lines:
        return ""
    numbers = [number for number in sorted(each.lines) if abs(number - placed.line) <= 1]
    gutter = len(str(numbers[-1]))
    column = (placed.column or 1) - 1
    lines = []
    for number in numbers:
        text, start = _window(each.lines[number], column if number == placed.line else 0)
        lines.append(f"  {paint(f'{number:>{gutter}} |', 'dim')} {text}")
        if number == placed.line:
            mark = "^" * max(1, min(_length(each.lines[number][column:]), NARROW - 20))
            lines.append(f"  {paint(' ' * gutter + ' |', 'dim')} {' ' * (column - start)}{paint(mark, 'error')}")
    return "\n".join(lines) + "\n"


def _window(line: str, column: int) -> tuple[str, int]:
    """A long line cut to what surrounds a column, safe for a terminal, one character wide each."""
    limit = NARROW - 10
    start = max(0, column - 20) if len(line) > limit and column > limit - 30 else 0
    cut = line[start : start + limit]
    text = "".join(each if each.isprintable() else " " for each in cut)
    if start:
        text = "..." + text[3:]
    if len(line) > start + limit:
        text = text[:-3] + "..."
    return text, start


def _length(rest: str) -> int:
    """How many characters the value or key at the beginning of `rest` has on this line."""
    found = re.match(r'"(?:[^"\\]|\\.)*"|[^\s,\]}#:]+|.', rest)
    return len(found.group()) if found else 1


def _wrapped(text: str, indent: str, width: int, painted: str | None = None) -> str:
    import textwrap  # noqa: PLC0415  # short lines need none

    safe = shown(text)
    if len(indent) + len(safe) <= width:
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
    bad = counts.get("invalid") or counts.get("unreadable")
    style = "error" if bad else "good"
    return paint(f"{counts['payloads']} {noun}{files}: {', '.join(parts) or 'nothing to check'}", style) + "\n"
