"""
JSON Pointers (RFC 6901), as text at the borders and as tuples of keys inside.

A `Path` is the parsed form: strings name members of objects, integers name items of arrays.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

Path = tuple[str | int, ...]


class Absent:
    """The value of a place that does not exist; there is one instance, `ABSENT`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"

    def __bool__(self) -> bool:
        return False

    def __reduce__(self) -> str:
        return "ABSENT"  # another process has its own, and it stays the one instance there


ABSENT: Final = Absent()


def text(path: Iterable[str | int]) -> str:
    """Write a path as a JSON Pointer: `("a/b", 0)` becomes `/a~1b/0` (RFC 6901, section 3)."""
    tokens = tuple(path)
    joined = "/".join(map(str, tokens))
    if "~" in joined or joined.count("/") >= max(1, len(tokens)):
        joined = "/".join([str(each).replace("~", "~0").replace("/", "~1") for each in tokens])
    return f"/{joined}" if tokens else ""


def spoken(path: Iterable[str | int]) -> str:
    """A path as people write it, names with dots between and indices in brackets: `inputs.elements[1].id`."""
    words = ""
    for token in map(str, path):
        if token.isdigit():
            words += f"[{token}]"
        else:
            words += f".{token}" if words else token
    return words


def parse(pointer: str) -> tuple[str, ...]:
    """
    Read a JSON Pointer into its reference tokens; every token stays a string.

    Raises:
        ValueError: the pointer is neither empty nor begins with a slash.
    """
    return _parsed(pointer) if len(pointer) <= _SHORT else _parsed.__wrapped__(pointer)


_SHORT: Final = 500
"""Characters of a pointer that is kept; in whole payloads names may be of any length."""


@lru_cache(maxsize=4096)  # the same few are read for every faulty payload
def _parsed(pointer: str) -> tuple[str, ...]:
    if not pointer:
        return ()
    if not pointer.startswith("/"):
        raise ValueError(f"{pointer!r} is not a JSON Pointer: it must be empty or begin with '/'")
    return tuple(each.replace("~1", "/").replace("~0", "~") for each in pointer[1:].split("/"))


def step(instance: Any, key: str | int) -> Any:
    """The member or item of `instance` that one reference token names, or `ABSENT`."""
    if isinstance(instance, dict):
        return instance.get(str(key), ABSENT)
    if isinstance(instance, list):
        if isinstance(key, str):
            if not (key.isascii() and key.isdigit()) or (key[0] == "0" and key != "0"):
                return ABSENT
            key = int(key)
        if 0 <= key < len(instance):
            return instance[key]
    return ABSENT


def look_up(instance: Any, path: Iterable[str | int]) -> Any:
    """The value at `path` inside `instance`, or `ABSENT` where there is none."""
    for key in path:
        # What nearly every step is, in one step less.
        plain = type(instance) is dict and type(key) is str
        instance = instance.get(key, ABSENT) if plain else step(instance, key)
        if instance is ABSENT:
            return ABSENT
    return instance


def resolved(instance: Any, pointer: str) -> Path:
    """The pointer as a path whose tokens are integers wherever they index an array of `instance`."""
    path: list[str | int] = []
    for token in parse(pointer):
        path.append(int(token) if isinstance(instance, list) and token.isdigit() else token)
        instance = step(instance, token) if instance is not ABSENT else ABSENT
    return tuple(path)


def expand(instance: Any, pattern: Iterable[str | int], prefix: Path = ()) -> Iterable[tuple[Path, Any]]:
    """
    The existing places that a pattern names, with their values, in document order.

    A pattern is a path in which the token `*` stands for every item of an array.
    """
    tokens = tuple(pattern)
    if not tokens:
        yield prefix, instance
        return
    head, rest = tokens[0], tokens[1:]
    if head == "*" and isinstance(instance, list):
        for index, item in enumerate(instance):
            yield from expand(item, rest, (*prefix, index))
        return
    found = step(instance, head)
    if found is not ABSENT:
        key = int(head) if isinstance(instance, list) else head
        yield from expand(found, rest, (*prefix, key))
