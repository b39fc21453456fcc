"""
What a kind of prose rule is: a small frozen class that checks a payload and says itself in words.

Kinds know no vendor. A rule in `schemas/<vendor>/rules.yaml` names its kind and gives the kind's parameters;
places in parameters are JSON Pointers relative to one task (or one body), with `*` for every item of an array.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, ClassVar, NamedTuple, Protocol

from preroll.pointer import ABSENT, Path
from preroll.violation import Because


class Context(NamedTuple):
    """What a rule may look at besides the task: the date that counts as today (UTC)."""

    today: date


class Finding(NamedTuple):
    """
    One place where a rule is broken, in facts.

    Attributes:
        path: the main place, relative to the task; for rules across a request, relative to the request.
        also: further places of the same fault.
        because: the conditions or values that make it one (pointers relative to the same root as `path`).
        expected: facts for the kind's own words.
        actual: the value at `path`.
        allowed: legal values in this context where there is a short list, nearest first.
    """

    path: Path
    also: tuple[Path, ...] = ()
    because: tuple[Because, ...] = ()
    expected: Any = None
    actual: Any = ABSENT
    allowed: tuple[Any, ...] = ()


class Kind(Protocol):
    """A kind of prose rule; implementations are frozen dataclasses whose fields are the rule's parameters."""

    name: ClassVar[str]
    scope: ClassVar[str]  # "task": sees one task or body; "request": sees the list of all tasks of a request

    def check(self, instance: Any, context: Context) -> Iterator[Finding]:
        """The places where `instance` breaks the rule; wrong types are passed over, the schema reports them."""
        ...

    def say(self, expected: Any, actual: Any) -> str:
        """The fact as one short sentence without the place, e.g. "the segments last 7 s together, not 5 s"."""
        ...
