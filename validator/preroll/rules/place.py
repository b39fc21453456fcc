"""
Places: where in a task a rule looks, and how values found there compare.

A place is written as a JSON Pointer in which `*` stands for every item of an array, and kept as a `Path`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from preroll.pointer import ABSENT, Path, expand, parse, step

if TYPE_CHECKING:
    from fractions import Fraction

    Number: TypeAlias = int | Fraction


def read(value: Any) -> Path:
    """
    Read a place from a rule's parameters: `""` is the task itself, `/a/*/b` the member `b` of every item of
    `a`.

    Raises:
        ValueError: the value is no JSON Pointer.
    """
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a JSON Pointer")
    return parse(value)


def get(instance: Any, path: Path) -> Any:
    """The value at a place without `*`, or `ABSENT`; the fast road of every check."""
    for key in path:
        instance = instance.get(key, ABSENT) if isinstance(instance, dict) else step(instance, key)
        if instance is ABSENT:
            return ABSENT
    return instance


def getter(path: Path) -> Callable[[Any], Any]:
    """`get` of one place as a function; members of members are found in one step."""
    if len(path) == 1 and isinstance(path[0], str):
        (name,) = path
        return lambda instance: instance.get(name, ABSENT) if isinstance(instance, dict) else ABSENT
    if len(path) == 2 and isinstance(path[0], str) and isinstance(path[1], str):
        outer, inner = path

        def of_member(instance: Any) -> Any:
            owner = instance.get(outer) if isinstance(instance, dict) else None
            return owner.get(inner, ABSENT) if isinstance(owner, dict) else get(instance, path)

        return of_member
    return lambda instance: get(instance, path)


def found(instance: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """The existing places that `path` names, with their values, in document order."""
    if "*" in path:
        cut = path.index("*")
        held = get(instance, path[:cut])
        if isinstance(held, list):
            yield from expand(held, path[cut:], path[:cut])
        return
    value = get(instance, path)
    if value is not ABSENT:
        yield path, value


def root(path: Path) -> Path:
    """The part of a place before its first `*`: if that is absent, nothing is found."""
    return path[: path.index("*")] if "*" in path else path


def name(path: Path) -> str:
    """What a reader calls the place: its last member name, dotted through a parent where an item has none."""
    names = [each for each in path if isinstance(each, str) and each != "*"]
    return names[-1] if names else "the payload"


def same(left: Any, right: Any) -> bool:
    """Equality of JSON values: `true` is not 1, 1 is 1.0 (JSON Schema 2020-12 core, section 4.2.2)."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


def exact(value: Any) -> Number | None:
    """A JSON number as it was written, exactly in decimal (0.1 is a tenth); None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, (str, list, dict)) or value is None or value is ABSENT:
        return None
    from decimal import Decimal
    from fractions import Fraction  # most payloads hold whole numbers only

    if isinstance(value, float):
        return Fraction(repr(value)) if value - value == 0 else None
    if isinstance(value, Decimal):
        return Fraction(value) if value.is_finite() else None
    return None


def plain(value: Number) -> int | float:
    """An exact number as JSON writes it."""
    if isinstance(value, int):
        return value
    return value.numerator if value.denominator == 1 else float(value)


def written(value: Any) -> str:
    """A value as a reader would write it: strings as they are, numbers short, the rest as JSON."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if value == "":
        return "empty"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)
