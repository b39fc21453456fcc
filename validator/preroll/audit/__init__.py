"""
The audit: defects of a document itself, each with its place, evidence and, where one is clear, a correction.

    audit(registry, document)          # every finding of one document, as published
    audit(registry, document, intended=True)   # what the corrections leave

`TABLE` lists every check with the types of finding that it yields. Checks read one `Subject` and yield places; the
runner signs them with the document, its published address and the correction that mends them. Proofs need the
group `solver`; without it the other checks run, and the audit says what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from preroll import pointer as pointers
from preroll.audit import (
    conditions,
    examples,
    figures,
    identity,
    keywords,
    objects,
    patterns,
    proofs,
    prose,
    reachability,
    requests,
    staleness,
)
from preroll.audit.finding import ERROR, LEVELS, NOTE, WARNING, Finding, Kind, Place
from preroll.audit.subject import Subject
from preroll.document import Document
from preroll.registry import Registry

Check = Callable[[Subject], Iterator[Place]]

TABLE: tuple[tuple[Check, tuple[Kind, ...]], ...] = (
    # Proofs come first: the payloads that they find show what other checks suspect.
    (proofs.check, proofs.KINDS),
    (conditions.check, conditions.KINDS),
    (examples.check, examples.KINDS),
    (prose.check, prose.KINDS),
    (objects.check, objects.KINDS),
    (requests.check, requests.KINDS),
    (keywords.check, tuple(each for each in keywords.KINDS if each is not keywords.UNUSABLE)),
    (keywords.check_usable, (keywords.UNUSABLE,)),
    (patterns.check, patterns.KINDS),
    (figures.check, figures.KINDS),
    (identity.check, identity.KINDS),
    (reachability.check, reachability.KINDS),
    (staleness.check, staleness.KINDS),
)
"""Every check, and the types of finding that it yields."""

KINDS: tuple[Kind, ...] = tuple(sorted((kind for _, kinds in TABLE for kind in kinds), key=lambda kind: kind.id))
"""Every type of finding, by id."""

SOLVER = "pip install 'preroll[solver]'"
"""What to run where proofs are missing."""

SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Audit:
    """
    What an audit found.

    Attributes:
        document: how the user named the document.
        findings: the most serious first, then by type and place.
        proved: whether the solver was there.
    """

    document: str
    findings: tuple[Finding, ...]
    proved: bool

    @property
    def counts(self) -> Mapping[str, int]:
        """Findings by level."""
        return {level: sum(each.level == level for each in self.findings) for level in LEVELS}


def audit(
    registry: Registry,
    document: Document,
    *,
    intended: bool = False,
    seconds: float = SECONDS,
    targets: frozenset[str] = frozenset(),
    name: str = "",
) -> Audit:
    """
    The defects of one document.

    Args:
        registry: where the document is known.
        document: the document.
        intended: audit what the corrections leave, instead of the document as published.
        seconds: how long proofs may take in all; what is not reached is told of in a note.
        targets: names of the targets that proofs are about; all if empty.
        name: how the user named the document; its name in the registry if empty.

    Raises:
        DocumentError: the document cannot be used.
    """
    from preroll.document import DocumentError

    proved = solver()
    subject = Subject(registry, document, intended, seconds, targets)
    _ = subject.view  # a document that cannot be used says so now
    found = list(_places(subject, proved=proved))
    left: frozenset[tuple[str, str]] | None = None
    if document.changed and not intended:
        try:
            after = Subject(registry, document, intended=True, seconds=seconds, only=targets, brief=True)
            places = list(_places(after, proved=proved))
            left = frozenset((each.kind.id, document.published_pointer(each.pointer)) for each in places)
        except DocumentError:
            left = None
    signed = [_signed(subject, each, left, name or document.name) for each in _merged(found)]
    findings = {(each.id, each.pointer, each.fact): each for each in signed}
    ordered = sorted(
        findings.values(), key=lambda each: (LEVELS.index(each.level), each.id, _order(each.pointer), each.message)
    )
    return Audit(name or document.name, tuple(ordered), proved)


def solver() -> bool:
    """Whether the group `solver` is installed."""
    from importlib.util import find_spec

    return find_spec("z3") is not None


def kind(identifier: str) -> Kind | None:
    """The type of finding with an id, or None."""
    return next((each for each in KINDS if each.id == identifier), None)


def _places(subject: Subject, *, proved: bool) -> Iterator[Place]:
    for check, _ in TABLE:
        if check is proofs.check and not proved:
            continue
        yield from check(subject)


def _merged(places: list[Place]) -> Iterator[Place]:
    """One place of each type and pointer; what several targets share is told once, with all of them."""
    groups: dict[tuple[str, str, str], list[Place]] = {}
    for each in places:
        groups.setdefault((each.kind.id, each.pointer, each.fact), []).append(each)
    for group in groups.values():
        first = group[0]
        targets = tuple(dict.fromkeys(name for each in group for name in each.targets))
        yield replace(first, targets=targets)


def _signed(subject: Subject, place: Place, left: frozenset[tuple[str, str]] | None, name: str) -> Finding:
    document = subject.document
    pointer = document.published_pointer(place.pointer)
    correction: str | tuple[Mapping[str, Any], ...] | None = place.proposal or None
    known = place.kind not in proofs.BRIEFLY_LEFT_OUT
    if known and left is not None and (place.kind.id, pointer) not in left:
        correction = _mending(document, place) or correction
    return Finding(
        place.kind.id,
        place.kind.level,
        name,
        pointer,
        place.fact,
        place.because,
        _readable(place.evidence),
        correction,
        place.targets,
    )


def _mending(document: Document, place: Place) -> str | None:
    """The correction that touches a finding's place, or what excludes it."""
    mine = [place.pointer, *(str(each["pointer"]) for each in place.evidence.get("core", ()))]
    mine += [str(each) for each in place.evidence.get("places", ())]
    for correction, touched in document.changed.items():
        for each in map(document.published_pointer, touched):
            if any(one == each or one.startswith(f"{each}/") or each.startswith(f"{one}/") for one in mine if one):
                return correction
    return None


def _readable(evidence: Mapping[str, Any]) -> dict[str, Any]:
    return {key: each for key, each in evidence.items() if each not in ("", [], ())}


def _order(pointer: str) -> tuple[tuple[int, int, str], ...]:
    return tuple((0, int(each), "") if each.isdigit() else (1, 0, each) for each in pointers.parse(pointer))


__all__ = [
    "ERROR",
    "KINDS",
    "LEVELS",
    "NOTE",
    "SECONDS",
    "SOLVER",
    "TABLE",
    "WARNING",
    "Audit",
    "Finding",
    "Kind",
    "Subject",
    "audit",
    "kind",
    "solver",
]
