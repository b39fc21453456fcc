"""
Placeholders: text in a template that stands for a value to come, and so for any value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from preroll import pointer as pointers
from preroll.pointer import Path
from preroll.redaction import has_escapes
from preroll.settings import PLACEHOLDERS
from preroll.violation import Violation

# What depends on the value as a whole, whatever stands inside it.
_OF_THE_WHOLE = frozenset(
    ("alternatives", "union", "several", "contains", "combination", "opaque", "false", "wrong-operation", "uniqueItems")
)

_MARKS = ("<", "{{", "${")
"""Each of the usual placeholders has one of these in it."""
_RAW_MARKS = tuple(each.encode() for each in _MARKS)


class Placeholders:
    """
    What counts as a placeholder.

    Args:
        patterns: regular expressions, searched in every text.

    Raises:
        ValueError: one of them is no regular expression; says which.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        listed = tuple(patterns)
        for each in listed:
            try:
                re.compile(each)
            except re.error as problem:
                raise ValueError(f"{each!r} is not a regular expression: {problem}") from None
        self._usual = listed == PLACEHOLDERS
        self._pattern = re.compile("|".join(f"(?:{each})" for each in listed), re.DOTALL) if listed else None

    def may_be_in(self, raw: bytes) -> bool:
        """Whether a text can hold a placeholder: a quick look, which knows the usual ones only."""
        return not self._usual or any(map(raw.__contains__, _RAW_MARKS)) or has_escapes(raw)

    def holds(self, text: Any) -> bool:
        """Whether a text is a placeholder, or has one in it."""
        if self._pattern is None or not isinstance(text, str):
            return False
        if self._usual and not any(map(text.__contains__, _MARKS)):
            return False
        return self._pattern.search(text) is not None

    def within(self, value: Any, path: Path = ()) -> dict[str, None]:
        """JSON Pointers of the values in a payload that are placeholders, and of members that are named by one."""
        found: dict[str, None] = {}
        if isinstance(value, str):
            if self.holds(value):
                found[pointers.text(path)] = None
        elif isinstance(value, dict):
            for name, each in value.items():
                if self.holds(name):
                    found[pointers.text((*path, name))] = None
                found |= self.within(each, (*path, name))
        elif isinstance(value, list):
            for index, each in enumerate(value):
                found |= self.within(each, (*path, index))
        return found


def unresolved(violation: Violation, places: Iterable[str]) -> bool:
    """Whether a violation depends on what will stand at one of some places."""
    listed = tuple(places)
    if not listed:
        return False
    told = (violation.pointer, *violation.also, *(each.pointer for each in violation.because))
    for place in listed:
        if any(each == place or each.startswith(place + "/") for each in told):
            return True
        if violation.kind in _OF_THE_WHOLE and place.startswith(violation.pointer + "/"):
            return True
    return any(unresolved(each, listed) for each in violation.causes)
