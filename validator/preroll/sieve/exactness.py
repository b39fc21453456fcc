"""
Exactness: whether a value is all that a line of JSON says.

orjson keeps the last of repeated keys and rounds numbers that are too long: its value counts only where nothing of
the line is lost in it. Whole numbers within 64 bits are never rounded, and no text is; so a value without floats is
exact if the line holds no key twice. That shows in the quotation marks, of which every key and every text has two, and
in the length: no line that says the value is shorter than the one that orjson writes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import orjson

UNKNOWN: Final = -1
"""Instead of a number of quotation marks, or of a length: they prove nothing."""

_AS_A_LINE: Final = orjson.OPT_APPEND_NEWLINE
_BLANKS: Final = b" \t\r\n"


def is_exact(value: Any, line: bytes, marks: int = UNKNOWN) -> bool:
    """
    Whether all that a line says is in its value.

    Args:
        value: what orjson read.
        line: the line, with its end.
        marks: the value's `quotes` if no number in it is a float.
    """
    if marks != UNKNOWN and line.count(b'"') == marks:
        return True
    try:
        echo = orjson.dumps(value, None, _AS_A_LINE)
    except TypeError:  # orjson reads what is deeper than it writes
        return False
    return echo == line or echo.translate(None, _BLANKS) == line.translate(None, _BLANKS)


def quotes(names: int, leaves: Iterable[Any]) -> int:
    """
    The quotation marks in the shortest line that says a value with so many names and these leaves.

    A line with as many has no name twice.
    """
    return 2 * (names + sum(isinstance(each, str) for each in leaves))


def shortest(value: Any, free: Iterable[Any]) -> int:
    """
    The bytes of the shortest line that says a value, less those between the quotation marks of some texts in it.

    With other texts in their place it is as many bytes longer as these have characters, or more. A line that is no
    longer than that has nothing in it twice.
    """
    try:
        texts = sum(len(orjson.dumps(each)) - 2 for each in free if isinstance(each, str))
        return len(orjson.dumps(value, None, _AS_A_LINE)) - texts
    except TypeError:  # a number beyond 64 bits, half a surrogate pair: nothing that was read from a line
        return UNKNOWN
