"""
What is wrong with a payload, as frozen values of facts; `preroll.words` makes the sentences.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from preroll.pointer import ABSENT

if TYPE_CHECKING:
    from preroll.formula import Literal

SEVERITIES = ("error", "warning", "info")

KEYED = frozenset(("misspelt-property", "misplaced-property", "unexpected", "unknown-property", "name"))
"""Kinds whose fault is a key, not its value."""


@dataclass(frozen=True, slots=True)
class Because:
    """
    A condition that holds in the payload and activates the rule.

    Attributes:
        pointer: the place, relative to the payload as the user gave it.
        condition: what holds there; `Literal("required", name)` says that the place is given.
        actual: the value there, or `ABSENT` where the condition is that nothing is given.
        default: the documented default that stands in for an absent value, else `ABSENT`.
        others: other values that the schema knows for the place, nearest first.
    """

    pointer: str
    condition: Literal
    actual: Any = ABSENT
    default: Any = ABSENT
    others: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Fix:
    """
    A change that mends a violation: an RFC 6902 JSON Patch relative to the payload as the user gave it.

    Attributes:
        title: what it does, as an imperative ("set /0/width to 1280").
        patch: the operations.
        safe: True where the change cannot alter what the user meant (a misspelt key, the case of a value).
    """

    title: str
    patch: tuple[dict[str, Any], ...]
    safe: bool = False


class Speaker(Protocol):
    """What can say facts of its own kind: the kind of a prose rule."""

    def say(self, expected: Any, actual: Any) -> str:
        """The fact as one short sentence."""
        ...


@dataclass(frozen=True, slots=True)
class Said:
    """The facts of a prose rule's violation, with the kind that can say them."""

    kind: Speaker
    facts: Any


@dataclass(frozen=True)  # no slots: a copy is made of its dictionary
class Violation:
    """
    One fault of a payload, at one place. Facts only: no prose, no colour.

    Attributes:
        rule: an id of the closed list in `docs/rules/`: a keyword in kebab case, an idiom, or a prose rule.
        kind: what chooses the words: the keyword, the idiom, or the kind of prose rule.
        severity: `error`, `warning` or `info`.
        pointer: the main place, relative to the payload as the user gave it.
        also: further places of the same fault (width and height).
        because: the conditions that activate it, nearest first.
        expected: what should hold there; its shape belongs to `kind`, and is `Said` for prose rules.
        actual: the value that is there, or `ABSENT`.
        allowed: the legal values in this context, nearest first; empty where there is no short list.
        target: name of the target that the payload was judged by.
        document: title and version of the vendor's document.
        document_pointer: true address in the published document, or its nearest published ancestor.
        correction: id of the correction that the violation rests on, or None.
        sentence: the vendor's own words, and `link` their documentation address; empty where there are none.
        causes: violations of the branch that was evidently meant, for those who want the detail.
        fixes: verified changes, least first.
        parameter: `header.X`, `path.x` or `query.x` where a parameter of the request is at fault, the JSON Pointer
            in the file of what is at fault beside the payload there, else None.
    """

    rule: str
    pointer: str
    kind: str = ""
    severity: str = "error"
    also: tuple[str, ...] = ()
    because: tuple[Because, ...] = ()
    expected: Any = None
    actual: Any = ABSENT
    allowed: tuple[Any, ...] = ()
    target: str = ""
    document: str = ""
    document_pointer: str = ""
    correction: str | None = None
    sentence: str = ""
    link: str = ""
    causes: tuple[Violation, ...] = field(default=(), repr=False)
    fixes: tuple[Fix, ...] = ()
    parameter: str | None = None


def changed(violation: Violation, **changes: Any) -> Violation:
    """A copy of a violation with other values: `dataclasses.replace`, in a tenth of the time."""
    made: Violation = object.__new__(Violation)
    made.__dict__.update(violation.__dict__, **changes)
    return made
