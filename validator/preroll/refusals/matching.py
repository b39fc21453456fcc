"""
Complaints of a service held against the violations of a check.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from preroll.pointer import parse
from preroll.refusals.answer import Complaint
from preroll.violation import Said, Violation

SAME: Final = "same"
SAME_PARAMETER: Final = "same-parameter"
OTHER_PARAMETER: Final = "other-parameter"
UNEXPLAINED: Final = "unexplained"
UNMENTIONED: Final = "unmentioned"


@dataclass(frozen=True, slots=True)
class Match:
    """
    A complaint and the violation that it is about.

    Attributes:
        complaint: what the service said, or None.
        violation: what the check says, or None.
        relation: `same`; `same-parameter`, another reason at the same place, or a complaint of the object around it;
            `other-parameter`, the service names another place than the check; `unexplained`, a complaint without a
            violation; `unmentioned`, a violation without a complaint.
    """

    complaint: Complaint | None
    violation: Violation | None
    relation: str


_SIZE = frozenset(("enum", "unlisted-combination", "minimum", "maximum", "multiple-of", "forbidden-when"))
_ABSENCE = frozenset(("required", "required-when", "min-properties"))
_PRESENCE = frozenset(
    (
        *("unexpected", "additional-properties", "unevaluated-properties", "unevaluated-items", "unknown-property"),
        *(
            "misspelt-property",
            "misplaced-property",
            "property-names",
            "forbidden-when",
            "not-together",
            "not",
            "false",
        ),
        *("one-of", "limited-when", "required-when"),
    )
)
_FORM = frozenset(("format", "pattern", "any-of", "min-length", "max-length", "media-input", "type", "one-of"))
_VALUE = frozenset(
    (
        *("enum", "unknown-model", "unlisted-combination", "forbidden-when", "limited-when", "any-of", "one-of"),
        *("minimum", "maximum", "multiple-of", "exclusive-minimum", "exclusive-maximum", "pattern", "unknown-target"),
    )
)
_NUMBER = frozenset(
    (
        *("minimum", "maximum", "exclusive-minimum", "exclusive-maximum", "multiple-of", "limited-when", "enum"),
        *("unlisted-combination", "forbidden-when", "type"),
    )
)
_ITEMS = frozenset(("min-items", "max-items", "unique-items", "contains", "limited-when", "forbidden-when"))

COMPATIBLE: Final = {
    "required": _ABSENCE,
    "unexpected": _PRESENCE,
    "not-together": _PRESENCE,
    "type": _FORM | frozenset(("any-of", "one-of", "enum")),
    "enum": _VALUE | frozenset(("type",)),  # the number 5 sent as a text is none of the listed numbers
    "unknown-model": _VALUE,
    "unlisted-combination": _SIZE | _VALUE,
    "minimum": _NUMBER,
    "maximum": _NUMBER,
    "exclusive-minimum": _NUMBER,
    "exclusive-maximum": _NUMBER,
    "multiple-of": _NUMBER,
    "min-items": _ITEMS,
    "max-items": _ITEMS,
    "unique-items": _ITEMS,
    "min-length": _FORM | frozenset(("prompt-empty", "max-utf16")),
    "max-length": _FORM | frozenset(("max-utf16",)),
    "format": _FORM,
    "pattern": _FORM | frozenset(("enum",)),
    "any-of": _FORM | _VALUE,
    "one-of": _FORM | _VALUE | _PRESENCE,
}
"""For each kind of complaint the rules that can be the reason for it; a kind that is not here goes with every rule."""


def matched(complaints: Iterable[Complaint], violations: Iterable[Violation], payload: Any) -> tuple[Match, ...]:
    """
    Each complaint with the violation that it is about, then the violations that no complaint is about.

    Args:
        complaints: what the service said; several may be about one violation.
        violations: what the check says of the same payload.
        payload: the payload as the user gave it.
    """
    said, found = list(complaints), list(violations)
    choices: list[tuple[int, str] | None] = [_choice(each, found, payload) for each in said]
    taken = {choice[0] for choice in choices if choice is not None}
    free = iter([index for index in range(len(found)) if index not in taken and found[index].severity == "error"])
    matches = []
    for complaint, choice in zip(said, choices, strict=True):
        if choice is not None:
            matches.append(Match(complaint, found[choice[0]], choice[1]))
            continue
        other = next(free, None) if complaint.pointers else None
        if other is None:
            matches.append(Match(complaint, None, UNEXPLAINED))
        else:
            taken.add(other)
            within = any(_encloses(each, place) for each in complaint.pointers for place in places(found[other]))
            matches.append(Match(complaint, found[other], SAME_PARAMETER if within else OTHER_PARAMETER))
    matches += [Match(None, each, UNMENTIONED) for index, each in enumerate(found) if index not in taken]
    return tuple(matches)


def _choice(complaint: Complaint, violations: list[Violation], payload: Any) -> tuple[int, str] | None:
    """The violation that a complaint is most likely about, with the relation; None where none is at its places."""
    del payload
    ranked = []
    for index, violation in enumerate(violations):
        nearness = _nearness(complaint, violation)
        if nearness is None:
            continue
        same = compatible(complaint, violation)
        elsewhere = violation.pointer not in complaint.pointers
        ranked.append((not same, nearness, violation.severity != "error", elsewhere, index))
    if not ranked:
        return None
    other, _, _, _, index = min(ranked)
    return index, SAME_PARAMETER if other else SAME


def _nearness(complaint: Complaint, violation: Violation) -> int | None:
    """How far apart the places are: 0 where they are the same, else the steps between them; None for others."""
    best = None
    for one in map(parse, complaint.pointers):
        for other in map(parse, places(violation)):
            shared = min(len(one), len(other))
            if one[:shared] != other[:shared] or (one != other and shared <= 1 and not _is_name(one, other)):
                continue
            steps = abs(len(one) - len(other))
            best = steps if best is None else min(best, steps)
    return best


def _encloses(outer: str, inner: str) -> bool:
    """Whether a place is the other one or holds it: a complaint of a whole task names no other parameter."""
    one, other = parse(outer), parse(inner)
    return other[: len(one)] == one


def _is_name(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether the shorter of two places is more than a whole request or one of its tasks."""
    shorter = min(one, other, key=len)
    return bool(shorter) and not shorter[-1].isdigit()


def places(violation: Violation) -> Iterator[str]:
    """Every place that a violation is about: where something is missing, the missing place."""
    if violation.kind == "required" and isinstance(violation.expected, tuple) and violation.expected:
        yield from dict.fromkeys(place for option in violation.expected for place, _ in option)
        return
    yield violation.pointer
    yield from violation.also
    if violation.kind == "together":
        yield from (each.pointer for each in violation.because)


def _reasons(violation: Violation) -> Iterator[str]:
    yield from (each.pointer for each in violation.because)


def compatible(complaint: Complaint, violation: Violation) -> bool:
    """Whether a violation can be the reason for a complaint, by what both say is wrong."""
    if complaint.kind == "not-together" and len(complaint.pointers) > 1:
        return violation.rule in _PRESENCE and set(complaint.pointers) <= {*places(violation), *_reasons(violation)}
    if not complaint.kind or complaint.kind not in COMPATIBLE:
        return True
    if isinstance(violation.expected, Said):
        return complaint.kind not in ("type", "unexpected")
    keyword = re.sub(r"[A-Z]", lambda each: f"-{each[0].lower()}", violation.kind)
    return violation.rule in COMPATIBLE[complaint.kind] or complaint.kind in (violation.rule, keyword)
