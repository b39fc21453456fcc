"""
Exactness: whether a value is all that a line of JSON says.

orjson keeps the last of repeated keys and rounds numbers that are too long: its value counts only where nothing of
the line is lost in it. Whole numbers within 64 bits are never rounded, and no text is; so a value without floats is
exact if the line holds no key twice. That shows in the quotation marks, of which every key and every text has two, and
in the length: no line that says the value is shorter than the one that orjson writes. The same holds of floats that
orjson writes as short as can be.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import orjson

from preroll.sieve.layout import Leaves

UNKNOWN: Final = -1
"""Instead of a number of quotation marks, or of a length: they prove nothing."""

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
        echo = orjson.dumps(values)
    except TypeError:  # orjson reads what is deeper than it writes
        yield from (index for index, value in enumerate(values) if not is_exact(value, lines[index]))
        return
    # No line has another line feed than the one at its end.
    if echo == (b"[" + b",".join(lines) + b"]").replace(b"\n", b""):
        return
    echoes = [orjson.dumps(value, None, _AS_A_LINE) for value in values]
    pairs: Iterable[tuple[bytes, bytes]] = zip(echoes, lines, strict=True)
    if echoes[0] != lines[0]:  # lines with blanks between their members are so from the first one on
        pairs = zip(*(b"".join(each).translate(None, _SPACES).split(b"\n") for each in (echoes, lines)), strict=False)
    for index, (one, other) in enumerate(pairs):
        if one != other and not (is_marked(values[index], lines[index]) or is_exact(values[index], lines[index])):
            yield index


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


class Measure:
    """
    What the shortest line that says a value measures, apart from some leaves in it.

    With other leaves in their place it is as much longer as these are. A line that is no longer than that, or has no
    more quotation marks, has nothing in it twice.

    Args:
        value: the value.
        names: how many names are in it.
        others: its leaves, but for these, as orjson reads them.
        leaves: these leaves.

    Attributes:
        types: the types of these leaves.
        written: how many bytes it has without these leaves, as an array that orjson writes; `UNKNOWN` where numbers may
            have been rounded, and are not so in longer lines only.
        marks: how many quotation marks it has; `UNKNOWN` where numbers may have been rounded.
    """

    __slots__ = ("marks", "types", "written")

    def __init__(self, value: Any, names: int, others: Sequence[Any], leaves: Leaves) -> None:
        self.types, self.written, self.marks = tuple(map(type, leaves)), UNKNOWN, UNKNOWN
        types = [*map(type, others), *self.types]
        floats = [each for each in others if type(each) is float] if float in types else []
        if float not in self.types and all(map(is_shortest, floats)):
            # A number beyond 64 bits, or half a surrogate pair, is in nothing that was read from a line.
            with contextlib.suppress(TypeError):
                self.written = len(orjson.dumps(value, None, _AS_A_LINE)) - len(orjson.dumps(leaves))
                if not floats:
                    self.marks = 2 * (names + types.count(str))

    def is_exact(self, value: Any, line: bytes, leaves: Leaves) -> bool:
        """
        Whether all that a line says is in its value, which differs from the one that was measured in these leaves.
        """
        if self.written != UNKNOWN and tuple(map(type, leaves)) == self.types:
            return is_told(line, leaves, self.written, self.marks) or is_exact(value, line)
        return is_exact(value, line)


_DIGITS: Final = 15
"""Decimals with as many digits, or fewer, are different floats where they are different; but for the very smallest."""

_SMALLEST: Final = Decimal("1e-290")


def is_shortest(number: float) -> bool:
    """Whether no text that means a float is shorter than orjson's, and each that is as short says it exactly."""
    return _is_shortest(orjson.dumps(number).decode())


@functools.lru_cache(maxsize=1_000)
def _is_shortest(text: str) -> bool:
    try:
        sign, digits, exponent = Decimal(text).normalize().as_tuple()
    except InvalidOperation:  # no number of JSON
        return False
    other = f"{'-' * (sign and any(digits))}{''.join(map(str, digits))}e{exponent}"
    # A float has a point or an exponent besides its digits.
    return len(text) <= min(len(other), _DIGITS + 1) and (abs(Decimal(text)) > _SMALLEST or not any(digits))


def is_told(line: bytes, leaves: Leaves, written: int, marks: int) -> bool:
    """
    Whether a line says nothing twice, as far as its length or its quotation marks can tell.

    Args:
        line: the line, with its end.
        leaves: texts and numbers in its value, of which none was rounded.
        written: how many bytes the shortest line has without these leaves; and how many quotation `marks` it has.
    """
    return (marks != UNKNOWN and line.count(b'"') == marks) or len(line) - len(orjson.dumps(leaves)) == written
