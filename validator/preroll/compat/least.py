"""
The least payload that still shows a difference: nothing in it can be left out, and no value be a plainer one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from preroll import dialect
from preroll import pointer as pointers
from preroll.constraints.witness import replaced, without
from preroll.pointer import ABSENT, Path

TRIES = 2_000
"""How often a payload may be tried; a payload that is still too large then stays so."""

SECONDS = 2.0
"""How long it may be tried: one text of megabytes takes long to check."""

ORDINARY = 40
"""Texts up to this length that must have a form (an address, an identifier) stay the ordinary example they are."""

FEW = 8
"""Of longer arrays only the first items are looked at one by one."""

Accepts = Callable[[Any], bool]

Listed = Callable[[Path], Sequence[Any]]
"""The values that a document lists for a place (items are `*`), in its order."""


class _Spent(Exception):
    """All tries are used up."""


def least(payload: Any, accepts: Accepts, listed: Listed) -> Any:
    """
    The payload without what it can do without, every value as plain as it can be.

    No single further step keeps the effect: without a member or an item, with an empty array or object, with a value
    that is listed before the given one, with false, with 0 or 1 or a smaller whole number, with no text, with a text of
    one letter only that is as long or shorter, or (of long texts) with one character less.

    Args:
        payload: for which `accepts` is true.
        accepts: whether a payload has the effect.
        listed: see `Listed`.
    """
    return _Shrinking(payload, accepts, listed).done()


class _Shrinking:
    def __init__(self, payload: Any, accepts: Accepts, listed: Listed) -> None:
        self.payload, self.accepts, self.listed = payload, accepts, listed
        self.tries, self.until = 0, time.monotonic() + SECONDS

    def done(self) -> Any:
        """See `least`."""
        changed = True
        try:
            while changed:
                changed = False
                # Owners first: what is left out with its owner need not be made plainer.
                for path in [each for each, _ in places(self.payload)]:
                    changed |= self._left_out(path)
                for path in reversed([each for each, _ in places(self.payload)]):
                    changed |= self._plainer(path)
        except _Spent:
            pass
        return self.payload

    def _takes(self, payload: Any) -> bool:
        self.tries += 1
        if self.tries > TRIES or time.monotonic() > self.until:
            raise _Spent
        if not self.accepts(payload):
            return False
        self.payload = payload
        return True

    def _left_out(self, path: Path) -> bool:
        found = pointers.look_up(self.payload, path)
        if not path or found is ABSENT:
            return False
        if self._takes(without(self.payload, path)):
            return True
        # A list that has to be long loses its tail at once.
        if isinstance(found, list) and len(found) > FEW:  # shorter ones lose their items one by one
            return self._bisected(path, 0, len(found), lambda length: found[:length])
        return False

    def _plainer(self, path: Path) -> bool:
        value = pointers.look_up(self.payload, path)
        if value is ABSENT:
            return False
        return any(
            self._takes(replaced(self.payload, path, other)) for other in self._others(path, value)
        ) or self._smaller(path, value)

    def _others(self, path: Path, value: Any) -> Iterator[Any]:
        for other in _PLAIN.get(type(value), ()):
            plain = other() if isinstance(other, type) else other
            if plain == value:
                return
            yield plain
        listed = self.listed(tuple("*" if isinstance(each, int) else each for each in path))
        if any(dialect.equal(each, value) for each in listed):
            for other in listed:
                if dialect.equal(other, value):
                    return
                yield other

    def _smaller(self, path: Path, value: Any) -> bool:
        if isinstance(value, bool):
            return False
        if isinstance(value, int) and abs(value) > 1:
            sign = 1 if value > 0 else -1
            return self._bisected(path, 1, abs(value), lambda size: sign * size)
        if isinstance(value, float) and int(value) != value and abs(value) > 1:
            return self._takes(replaced(self.payload, path, int(value)))
        if isinstance(value, str) and len(value) > 1:
            plain = "a" * len(value)
            if value == plain or self._takes(replaced(self.payload, path, plain)):
                return self._bisected(path, 1, len(value), lambda length: plain[:length]) or value != plain
            if len(value) > ORDINARY:
                return self._bisected(path, 1, len(value), lambda length: value[:length])
        return False

    def _bisected(self, path: Path, low: int, high: int, made: Callable[[int], Any]) -> bool:
        """Find the least size that will do, as if every larger one did; `high` is known to do."""
        first = high
        while low < high:
            middle = (low + high) // 2
            if self._takes(replaced(self.payload, path, made(middle))):
                high = middle
            else:
                low = middle + 1
        return high < first


_PLAIN: dict[type, tuple[Any, ...]] = {
    bool: (False,),
    int: (0, 1),
    float: (0, 1),
    str: ("", "a"),
    list: (list,),
    dict: (dict,),
}


def places(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every place of a value with what is there, owners first."""
    yield path, value
    if isinstance(value, dict):
        for name, each in value.items():
            yield from places(each, (*path, name))
    elif isinstance(value, list):
        for index, each in enumerate(value[:FEW]):
            yield from places(each, (*path, index))
