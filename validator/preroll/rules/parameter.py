"""
Parameters of kinds: which keys a rule of a kind takes, and how their plain values are read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from preroll.pointer import Path
from preroll.rules import place as places
from preroll.rules.kind import Kind

Test = Callable[[Any], bool]

REQUIRED = object()


@dataclass(frozen=True, slots=True)
class Parameter:
    """
    One key of a kind.

    Attributes:
        read: makes the kind's value from the plain one, or raises ValueError with a sentence about it.
        default: the kind's value where the key is absent; `REQUIRED` where it must be given.
        field: the kind's attribute; "" where it is the key with underscores.
    """

    read: Callable[[Any], Any]
    default: Any = REQUIRED
    field: str = ""


class Hasty:
    """What kinds share: by default a short look tells nothing."""

    __slots__ = ()

    def hasty(self) -> Test | None:
        """
        A short look at a payload that its schema accepts, which may show that the rule has nothing to say.

        False is no answer: then `check` is asked. For the road that millions of payloads take; None where
        `check` is as short.
        """
        return None


class RuleKind(Kind, Protocol):
    """A kind that rules can be written in."""

    parameters: ClassVar[Mapping[str, Parameter]]

    def touches(self) -> tuple[Path, ...]:
        """Places of which at least one must be present for the rule to fail; `()` is the whole instance."""
        ...

    def clear(self) -> dict[str, Any] | None:
        """
        A JSON Schema under which a payload that its own schema accepts certainly keeps the rule.

        None where there is no cheap one; then only payloads without the places of `touches` are clear.
        """
        ...

    def hasty(self) -> Test | None:
        """See `Hasty.hasty`."""
        ...

    def schema(self) -> dict[str, Any] | None:
        """A JSON Schema that a payload satisfies exactly where it keeps the rule; None where none can say that."""
        ...


def one_place(value: Any) -> Path:
    """A place; see `preroll.rules.place.read`."""
    return places.read(value)


def many_places(value: Any) -> tuple[Path, ...]:
    """One place, or a list of them."""
    listed = value if isinstance(value, list) else [value]
    if not listed:
        raise ValueError("the list of places is empty")
    return tuple(map(places.read, listed))


def text(value: Any) -> str:
    """A string."""
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a string")
    return value


def texts(value: Any) -> tuple[str, ...]:
    """A list of strings."""
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError("it is not a list of strings")
    return tuple(value)


def values(value: Any) -> tuple[Any, ...]:
    """A list of any values."""
    if not isinstance(value, list) or not value:
        raise ValueError("it is not a list of values")
    return tuple(value)


def anything(value: Any) -> Any:
    """Any value."""
    return value


def flag(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")
    return value


def count(value: Any) -> int:
    """A whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{value!r} is not a whole number")
    return value


def mapping(value: Any) -> Mapping[str, Any]:
    """An object."""
    if not isinstance(value, Mapping):
        raise ValueError(f"{value!r} is not an object")
    return dict(value)


def one_of(*words: str) -> Callable[[Any], str]:
    """A reader of one word of a closed list."""

    def read(value: Any) -> str:
        if value not in words:
            raise ValueError(f"{value!r} is none of {', '.join(words)}")
        return str(value)

    return read


def some_of(*words: str) -> Callable[[Any], tuple[str, ...]]:
    """A reader of a list of words of a closed list."""

    def read(value: Any) -> tuple[str, ...]:
        for each in (listed := texts(value)):
            if each not in words:
                raise ValueError(f"{each!r} is none of {', '.join(words)}")
        return listed

    return read
