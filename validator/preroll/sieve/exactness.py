"""
Exactness: whether a value is all that a line of JSON says.

orjson keeps the last of repeated keys and rounds numbers that are too long: its value counts only where nothing of
the line is lost in it. That is so where orjson writes the line again, but for blanks. Whole numbers within 64 bits are
never rounded, and no text is; so a value without floats is exact, too, if the line holds no key twice, and that shows
in the quotation marks, of which every key and every text has two.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import orjson

_AS_A_LINE: Final = orjson.OPT_APPEND_NEWLINE
_SPACES: Final = b" \t\r"
_BLANKS: Final = _SPACES + b"\n"


def is_exact(value: Any, line: bytes) -> bool:
    """
    Whether all that a line says is in its value.

    Args:
        value: what orjson read.
        line: the line, with its end.
    """
    try:
        echo = orjson.dumps(value, None, _AS_A_LINE)
    except TypeError:  # orjson reads what is deeper than it writes
        return False
    return echo == line or echo.translate(None, _BLANKS) == line.translate(None, _BLANKS)


def inexact(values: list[Any], lines: list[bytes]) -> Iterator[int]:
    """
    Which of some values may not be all that their lines say.

    Args:
        values: what orjson read.
        lines: the lines, with their ends; only the last may have none.
    """
    try:
        echo = orjson.dumps([*values, None])  # what follows a value is a comma, also behind the last one
    except TypeError:  # orjson reads what is deeper than it writes
        yield from (index for index, value in enumerate(values) if not is_exact(value, lines[index]))
        return
    # No line has another line feed than the one at its end.
    told = b"".join(lines).replace(b"\n", b",")
    if _holds(echo, told) or _holds(echo.translate(None, _SPACES), told.translate(None, _SPACES)):
        return
    for index, (value, line) in enumerate(zip(values, lines, strict=True)):
        if orjson.dumps(value, None, _AS_A_LINE) != line and not (is_marked(value, line) or is_exact(value, line)):
            yield index


def _holds(echo: bytes, told: bytes) -> bool:
    return echo.startswith(told, 1) and len(echo) == len(told) + len(b"[null]")


def is_marked(value: Any, line: bytes) -> bool:
    """Whether a line without floats has no more quotation marks than its value, however its texts are escaped."""
    marks, left = 0, [value]
    while left:
        each = left.pop()
        if isinstance(each, str):
            marks += 2
        elif isinstance(each, dict):
            marks += 2 * len(each)
            left += each.values()
        elif isinstance(each, list):
            left += each
        elif isinstance(each, float):
            return False
    return line.count(b'"') == marks
