"""
Changes to payloads: copies with one place set, removed, renamed or moved, and the JSON Patches that say so.

Nothing here changes what it is given.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from preroll import dialect, spelling
from preroll import pointer as pointers
from preroll.pointer import ABSENT, Path
from preroll.violation import Fix


def put(tree: Any, path: Path, value: Any) -> Any:
    """A copy with a value at a place; objects on the way are made, `ABSENT` takes the place away."""
    if not path:
        return value
    head, rest = path[0], path[1:]
    if isinstance(tree, list) and isinstance(head, int):
        items = list(tree)
        if value is ABSENT and not rest:
            del items[head]
        elif head < len(items):
            items[head] = put(items[head], rest, value)
        else:
            items.append(put(ABSENT, rest, value))
        return items
    members = dict(tree) if isinstance(tree, dict) else {}
    name = str(head)
    if value is ABSENT and not rest:
        members.pop(name, None)
    else:
        members[name] = put(members.get(name, ABSENT), rest, value)
    return members


def moved(tree: Any, wrong: Path, right: Path) -> Any:
    """A copy with a member under another name or in another object; a renamed member keeps its turn."""
    value = pointers.look_up(tree, wrong)
    if wrong[:-1] == right[:-1]:
        owner = pointers.look_up(tree, wrong[:-1])
        renamed = {(str(right[-1]) if name == wrong[-1] else name): each for name, each in owner.items()}
        return put(tree, wrong[:-1], renamed)
    return put(put(tree, wrong, ABSENT), right, value)


def moving(tree: Any, base: Path, wrong: Path, right: Path) -> Iterator[dict[str, Any]]:
    """The JSON Patch of `moved`; objects that are missing on the way are added first (RFC 6902, section 4.4)."""
    for length in range(1, len(right)):
        owner = right[:length]
        if pointers.look_up(tree, owner) is ABSENT:
            yield {"op": "add", "path": pointers.text((*base, *owner)), "value": {}}
    yield {"op": "move", "from": pointers.text((*base, *wrong)), "path": pointers.text((*base, *right))}


def setting(tree: Any, base: Path, path: Path, value: Any) -> Iterator[dict[str, Any]]:
    """The JSON Patch that puts a value at a place."""
    for length in range(1, len(path)):
        owner = path[:length]
        if pointers.look_up(tree, owner) is ABSENT:
            yield {"op": "add", "path": pointers.text((*base, *owner)), "value": {}}
    op = "add" if pointers.look_up(tree, path) is ABSENT else "replace"
    yield {"op": op, "path": pointers.text((*base, *path)), "value": value}


def apply(fix: Fix, payload: Any) -> Any:
    """
    A copy of a payload with a fix applied.

    Raises:
        LookupError: the fix was not made for this payload.
    """
    return applied(payload, fix.patch)


def applied(tree: Any, patch: Iterable[dict[str, Any]]) -> Any:
    """
    A copy with a JSON Patch applied (RFC 6902; `test` and `copy` included).

    Raises:
        LookupError: the patch does not fit the tree.
    """
    for operation in patch:
        path = pointers.resolved(tree, operation["path"])
        op = operation["op"]
        if op in ("move", "copy"):
            source = pointers.resolved(tree, operation["from"])
            value = pointers.look_up(tree, source)
            if value is ABSENT:
                raise LookupError(f"there is nothing at {operation['from']}")
            if op == "move":
                tree = (
                    moved(tree, source, path)
                    if path and source[:-1] == path[:-1] and isinstance(path[-1], str)
                    else put(put(tree, source, ABSENT), path, value)
                )
            else:
                tree = put(tree, path, value)
            continue
        found = pointers.look_up(tree, path)
        if op != "add" and found is ABSENT:
            raise LookupError(f"there is nothing at {operation['path']}")
        if op == "test":
            if not dialect.equal(found, operation["value"]):
                raise LookupError(f"{operation['path']} holds another value")
        elif op == "remove":
            tree = put(tree, path, ABSENT)
        elif op == "add" and path and isinstance(pointers.look_up(tree, path[:-1]), list):
            owner = list(pointers.look_up(tree, path[:-1]))
            owner.insert(len(owner) if path[-1] == "-" else int(path[-1]), operation["value"])
            tree = put(tree, path[:-1], owner)
        else:
            tree = put(tree, path, operation["value"])
    return tree


def distance(current: tuple[Any, ...], other: tuple[Any, ...]) -> tuple[float, ...]:
    """
    How far other values are from the current ones; a sort key.

    Two numbers are compared by their ratio first (a picture keeps its shape) and by their product then.
    """
    if len(current) == 2 and all(map(_positive, (*current, *other))):  # a pair of measures
        one, two, three, four = (math.log(_finite(each)) for each in (*current, *other))
        return (round(abs(one - two - three + four), 2), abs(one + two - three - four))
    return tuple(_apart(one, another) for one, another in zip(current, other, strict=True))


def _shape(text: str) -> float | None:
    """The logarithm of the ratio that a text like `16:9` or `1280x720` spells, or None."""
    wide, _, high = text.replace("x", ":").partition(":")
    digits = len(text) < 16 and wide.isascii() and high.isascii() and wide.isdigit() and high.isdigit()
    if digits and int(wide) and int(high):
        return math.log(int(wide) / int(high))
    return None


def _finite(value: Any) -> float:
    """A number as a float that can be reckoned with; exact numbers beyond its reach come as near as it goes."""
    if value == 0:
        return 0.0
    if abs(value) > 1e300:
        return 1e300 if value > 0 else -1e300
    return float(value) or (1e-300 if value > 0 else -1e-300)


def _positive(value: Any) -> bool:
    return dialect.is_number(value) and value > 0


def _apart(one: Any, other: Any) -> float:
    if dialect.is_number(one) and dialect.is_number(other):
        return abs(_finite(one) - _finite(other))
    if isinstance(one, str) and isinstance(other, str):
        shapes = _shape(one), _shape(other)
        if shapes[0] is not None and shapes[1] is not None:
            return round(abs(shapes[0] - shapes[1]), 2)
        return 1 - spelling.likeness(one, other)
    return 0.0 if dialect.type_name(one) == dialect.type_name(other) else 1.0


def as_number(text: str) -> int | float | None:
    """The number that a text spells, or None: people send `"30"` for 30."""
    try:
        return int(text)
    except ValueError:
        try:
            found = float(text)
        except ValueError:
            return None
        return found if math.isfinite(found) else None
