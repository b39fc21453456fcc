"""
Changes: every id that a difference can carry, as one visible table over four axes.

An id is a sentence about what happened, in kebab case; it is never derived at run time and never reused. The axes
are the *side* (whose words changed), the *area* (what they are about), the *kind* (which fact) and the *action*.
`tests/compat/test_change.py` mirrors the axes; what has no mirror image is waived there with a reason.
"""

# ruff: noqa: E501  # tables: one row a line

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

BREAKING, DANGEROUS, COMPATIBLE, NOTE = "breaking", "dangerous", "compatible", "note"
LEVELS = (BREAKING, DANGEROUS, COMPATIBLE, NOTE)
"""The most serious first."""

NARROWED, WIDENED, ADDED, REMOVED, CHANGED = "narrowed", "widened", "added", "removed", "changed"


@dataclass(frozen=True, slots=True)
class Kind:
    """
    One type of change.

    Attributes:
        id: how reports and acknowledgements name it.
        side, area, kind, action: the axes; see the module.
        level: how grave it is, unless a proof says otherwise.
        title: the fact, in one line.
    """

    id: str
    side: str
    area: str
    kind: str
    action: str
    level: str
    title: str


@dataclass(frozen=True, slots=True)
class Change:
    """
    One difference between two documents that matters to somebody.

    Attributes:
        kind: what happened.
        target: name of the target.
        level: how grave it is.
        message: the fact, as a sentence without a full stop.
        pointer: its address in the new document, or in the old one where the new has no such place.
        old_pointer, new_pointer: the addresses in both documents, "" where there is none.
        place: the place in the payload as people write it, or "".
        status: for responses, the status; else "".
        witness: a payload that shows it, or `ABSENT`.
        told: what `check` says of the witness under the document that refuses it, or "".
        migration: a JSON Patch that repairs the witness under the new document.
        migrated: what the patch does, in words.
        proved: whether the level rests on a witness or a proof.
        acknowledged: the reason why it was accepted, or "".
        quoted: what stands at both addresses, as short texts; "" where nothing does.
        branches: targets that tell it in full, where an operation only sums up what its branches say.
    """

    kind: Kind
    target: str
    level: str
    message: str
    pointer: str = ""
    old_pointer: str = ""
    new_pointer: str = ""
    place: str = ""
    status: str = ""
    witness: Any = None
    told: str = ""
    migration: tuple[dict[str, Any], ...] = ()
    migrated: str = ""
    proved: bool = False
    acknowledged: str = ""
    quoted: tuple[str, str] = ("", "")
    branches: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The id of its kind."""
        return self.kind.id

    @property
    def fingerprint(self) -> str:
        """Stable while the same thing is said of the same place; witnesses and addresses do not count."""
        import hashlib

        facts = f"{self.kind.id}\n{self.target}\n{self.status}\n{self.place}\n{self.message}"
        return hashlib.sha256(facts.encode()).hexdigest()[:16]


# What each fact is called when less is accepted than before, and when more is.
_FACTS: tuple[tuple[str, str, str, str, str, str], ...] = (
    # area, kind, less, more, less in words, more in words
    ("value", "type", "type-became-narrower", "type-became-wider", "fewer types are allowed", "more types are allowed"),
    ("value", "enum", "listed-value-was-removed", "listed-value-was-added", "a value is no longer listed", "a value is newly listed"),
    ("value", "false", "value-became-forbidden", "value-became-allowed", "nothing is allowed any more", "something is allowed that was not"),
    ("number", "minimum", "minimum-was-raised", "minimum-was-lowered", "the least number is higher", "the least number is lower"),
    ("number", "maximum", "maximum-was-lowered", "maximum-was-raised", "the greatest number is lower", "the greatest number is higher"),
    ("number", "multipleOf", "steps-became-coarser", "steps-became-finer", "fewer steps are allowed", "more steps are allowed"),
    ("text", "minLength", "least-length-was-raised", "least-length-was-lowered", "text must be longer", "text may be shorter"),
    ("text", "maxLength", "greatest-length-was-lowered", "greatest-length-was-raised", "text must be shorter", "text may be longer"),
    ("text", "pattern", "pattern-became-stricter", "pattern-became-looser", "text must match more", "text must match less"),
    ("text", "format", "format-became-stricter", "format-became-looser", "text must have a format", "text need not have a format"),
    ("array", "minItems", "least-items-was-raised", "least-items-was-lowered", "more items are needed", "fewer items are needed"),
    ("array", "maxItems", "greatest-items-was-lowered", "greatest-items-was-raised", "fewer items are allowed", "more items are allowed"),
    ("array", "uniqueItems", "items-must-now-differ", "items-may-now-repeat", "items must all differ", "items may repeat"),
    ("object", "required", "property-became-required", "property-became-optional", "something must be given", "something may be left out"),
    ("object", "minProperties", "least-properties-was-raised", "least-properties-was-lowered", "more members are needed", "fewer members are needed"),
    ("object", "maxProperties", "greatest-properties-was-lowered", "greatest-properties-was-raised", "fewer members are allowed", "more members are allowed"),
    ("object", "closed", "object-was-closed", "object-was-opened", "properties that are not described are refused", "properties that are not described are taken"),
    ("object", "names", "unnamed-properties-became-stricter", "unnamed-properties-became-looser", "properties without a name of their own must satisfy more", "properties without a name of their own must satisfy less"),
    ("union", "alternative", "alternative-was-removed", "alternative-was-added", "one of several forms is gone", "there is a further form"),
    ("union", "condition", "condition-became-stricter", "condition-became-looser", "things that depend on each other are limited further", "things that depend on each other are limited less"),
    ("schema", "whole", "payloads-are-newly-refused", "payloads-are-newly-accepted", "some payloads are newly refused", "some payloads are newly accepted"),
)  # fmt: skip

SIDES = {"request": (BREAKING, COMPATIBLE), "response": (COMPATIBLE, BREAKING), "parameter": (BREAKING, COMPATIBLE)}
"""For each side, how grave it is that less is accepted, and that more is."""


def _rows() -> tuple[Kind, ...]:
    rows = []
    for side, (less, more) in SIDES.items():
        for area, kind, narrower, wider, told_less, told_more in _FACTS:
            rows.append(Kind(f"{side}-{narrower}", side, area, kind, NARROWED, less, f"{side}: {told_less}"))
            rows.append(Kind(f"{side}-{wider}", side, area, kind, WIDENED, more, f"{side}: {told_more}"))
    return tuple(rows)


_OTHERS: tuple[Kind, ...] = (
    Kind("request-property-was-added", "request", "object", "property", ADDED, COMPATIBLE, "request: a property is new"),
    Kind("request-property-was-removed", "request", "object", "property", REMOVED, DANGEROUS, "request: a property is gone; it may be refused, or ignored in silence"),
    Kind("request-property-was-narrowed", "request", "object", "property", CHANGED, BREAKING, "request: a property that could be anything is described"),
    Kind("response-property-was-added", "response", "object", "property", ADDED, COMPATIBLE, "response: a property is new"),
    Kind("response-property-was-removed", "response", "object", "property", REMOVED, DANGEROUS, "response: a property is gone; nothing is promised of it any more"),
    Kind("response-property-was-narrowed", "response", "object", "property", CHANGED, COMPATIBLE, "response: a property that could be anything is described"),
    Kind("request-is-undecided", "request", "schema", "undecided", CHANGED, BREAKING, "request: whether callers break could not be decided"),
    Kind("response-is-undecided", "response", "schema", "undecided", CHANGED, BREAKING, "response: whether callers break could not be decided"),
    Kind("parameter-is-undecided", "parameter", "schema", "undecided", CHANGED, BREAKING, "parameter: whether callers break could not be decided"),
    Kind("target-was-added", "target", "presence", "target", ADDED, COMPATIBLE, "a target is new"),
    Kind("target-was-removed", "target", "presence", "target", REMOVED, BREAKING, "a target is gone"),
    Kind("target-was-renamed", "target", "presence", "target", CHANGED, DANGEROUS, "a target has another name"),
    Kind("operation-was-moved", "target", "presence", "address", CHANGED, BREAKING, "an operation has another method or path"),
    Kind("request-body-was-added", "request", "presence", "body", ADDED, BREAKING, "a request body is newly described"),
    Kind("request-body-was-removed", "request", "presence", "body", REMOVED, DANGEROUS, "a request body is no longer described"),
    Kind("request-body-became-required", "request", "presence", "needed", NARROWED, BREAKING, "a request body must be given"),
    Kind("request-body-became-optional", "request", "presence", "needed", WIDENED, COMPATIBLE, "a request body may be left out"),
    Kind("response-status-was-added", "response", "presence", "status", ADDED, NOTE, "a status is newly described"),
    Kind("response-status-was-removed", "response", "presence", "status", REMOVED, NOTE, "a status is no longer described"),
    Kind("response-success-status-was-added", "response", "presence", "success", ADDED, DANGEROUS, "a further status means success"),
    Kind("response-success-status-was-removed", "response", "presence", "success", REMOVED, BREAKING, "a status that meant success is gone"),
    Kind("response-body-was-added", "response", "presence", "body", ADDED, COMPATIBLE, "a response body is newly described"),
    Kind("response-body-was-removed", "response", "presence", "body", REMOVED, BREAKING, "a response body is no longer described"),
    Kind("parameter-was-added", "parameter", "presence", "parameter", ADDED, COMPATIBLE, "a parameter is new"),
    Kind("parameter-was-removed", "parameter", "presence", "parameter", REMOVED, DANGEROUS, "a parameter is gone; it may be ignored in silence"),
    Kind("required-parameter-was-added", "parameter", "presence", "required", ADDED, BREAKING, "a parameter is new and required"),
    Kind("required-parameter-was-removed", "parameter", "presence", "required", REMOVED, DANGEROUS, "a parameter that was required is gone"),
    Kind("parameter-became-required", "parameter", "object", "needed", NARROWED, BREAKING, "a parameter must be given"),
    Kind("parameter-became-optional", "parameter", "object", "needed", WIDENED, COMPATIBLE, "a parameter may be left out"),
    Kind("security-was-added", "target", "security", "security", ADDED, BREAKING, "a way to authenticate is demanded"),
    Kind("security-was-removed", "target", "security", "security", REMOVED, BREAKING, "a way to authenticate is gone"),
    Kind("security-scheme-was-added", "target", "security", "scheme", ADDED, COMPATIBLE, "there is a further way to authenticate"),
    Kind("server-was-added", "document", "server", "server", ADDED, NOTE, "there is a further server"),
    Kind("server-was-removed", "document", "server", "server", REMOVED, BREAKING, "a server is gone"),
    Kind("request-default-was-added", "request", "annotation", "default", ADDED, DANGEROUS, "what is left out has a documented meaning"),
    Kind("request-default-was-removed", "request", "annotation", "default", REMOVED, DANGEROUS, "what is left out has no documented meaning any more"),
    Kind("request-default-was-changed", "request", "annotation", "default", CHANGED, DANGEROUS, "what is left out means something else"),
    Kind("response-default-was-added", "response", "annotation", "default", ADDED, NOTE, "a default is documented"),
    Kind("response-default-was-removed", "response", "annotation", "default", REMOVED, NOTE, "a default is no longer documented"),
    Kind("response-default-was-changed", "response", "annotation", "default", CHANGED, NOTE, "another default is documented"),
    Kind("request-deprecation-was-added", "request", "annotation", "deprecated", ADDED, DANGEROUS, "something is deprecated"),
    Kind("request-deprecation-was-removed", "request", "annotation", "deprecated", REMOVED, NOTE, "something is no longer deprecated"),
    Kind("response-deprecation-was-added", "response", "annotation", "deprecated", ADDED, DANGEROUS, "something is deprecated"),
    Kind("response-deprecation-was-removed", "response", "annotation", "deprecated", REMOVED, NOTE, "something is no longer deprecated"),
    Kind("operation-was-deprecated", "target", "annotation", "deprecated", ADDED, DANGEROUS, "an operation is deprecated"),
    Kind("operation-is-no-longer-deprecated", "target", "annotation", "deprecated", REMOVED, NOTE, "an operation is no longer deprecated"),
    Kind("request-example-was-changed", "request", "annotation", "example", CHANGED, NOTE, "an example is another one"),
    Kind("response-example-was-changed", "response", "annotation", "example", CHANGED, NOTE, "an example is another one"),
    Kind("request-words-were-changed", "request", "prose", "words", CHANGED, NOTE, "a description says something else"),
    Kind("response-words-were-changed", "response", "prose", "words", CHANGED, NOTE, "a description says something else"),
    Kind("operation-words-were-changed", "target", "prose", "words", CHANGED, NOTE, "the description of an operation says something else"),
    Kind("document-words-were-changed", "document", "prose", "words", CHANGED, NOTE, "the description of the document says something else"),
    Kind("rule-became-stale", "document", "prose", "rule", CHANGED, DANGEROUS, "a sentence that a rule quotes is gone"),
    Kind("correction-became-stale", "document", "prose", "correction", CHANGED, DANGEROUS, "what a correction mends has changed"),
)  # fmt: skip

KINDS: Mapping[str, Kind] = MappingProxyType({each.id: each for each in (*_rows(), *_OTHERS)})
"""Every type of change, by id."""

_BY_AXES = {(each.side, each.kind, each.action): each for each in KINDS.values()}


def kind(side: str, fact: str, action: str) -> Kind:
    """
    The type of a change by its axes.

    Raises:
        KeyError: there is none.
    """
    return _BY_AXES[side, fact, action]
