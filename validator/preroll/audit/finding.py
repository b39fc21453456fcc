"""
Findings: what is wrong with a document, as values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ERROR, WARNING, NOTE = "error", "warning", "note"
LEVELS = (ERROR, WARNING, NOTE)
"""The most serious first."""


@dataclass(frozen=True, slots=True)
class Kind:
    """
    One type of finding.

    Attributes:
        id: a kebab-case literal that says the bad thing; never derived, never reused.
        level: `error` where the document contradicts itself, so that something described cannot be done or
            something shown is refused; `warning` where it says something else than it seems to; `note` else.
        title: the bad thing, in one line.
        why: what it does to those who read the document.
        instead: what to do about it.
        example: a minimal document that has it.
        mended: the same document without it.
        proved: whether finding it takes the solver.
    """

    id: str
    level: str
    title: str
    why: str
    instead: str
    example: Any
    mended: Any
    proved: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """
    What a check yields: one place that has a defect.

    Attributes:
        kind: the type.
        pointer: JSON Pointer in the tree that was audited.
        fact: a sentence without a full stop.
        evidence: what shows it, as plain data: a `payload` that is wrongly refused or accepted, a `core` of
            assertions that exclude something, a `quote`, other `places`.
        proposal: actions of an overlay that would mend it, or empty.
        targets: names of the targets that it is about, where it is not about the document as such.
        because: the rest of the sentence: what excludes it, or what a payload is refused for. There may be several
            such reasons; the one that is told may differ between versions of the solver, the fact does not.
    """

    kind: Kind
    pointer: str
    fact: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    proposal: tuple[Mapping[str, Any], ...] = ()
    targets: tuple[str, ...] = ()
    because: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """
    A defect of a document.

    Attributes:
        id, level: of its type; see `Kind`.
        document: how the user named the document.
        pointer: true address in the published document, or its nearest published ancestor.
        fact, because: see `Place`.
        evidence: see `Place`.
        correction: id of the bundled correction that mends it; else a proposal, the actions of an overlay; else None.
        targets: see `Place`.
    """

    id: str
    level: str
    document: str
    pointer: str
    fact: str
    because: str
    evidence: Mapping[str, Any]
    correction: str | tuple[Mapping[str, Any], ...] | None
    targets: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """The whole sentence, without a full stop."""
        return self.fact + self.because

    def to_data(self) -> dict[str, Any]:
        """The finding as plain data, for `--format json`."""
        correction: Any = self.correction
        if isinstance(correction, tuple):
            correction = {"actions": [dict(each) for each in correction]}
        return {
            "id": self.id,
            "level": self.level,
            "document": self.document,
            "pointer": self.pointer,
            "message": self.message,
            "evidence": {**self.evidence, **({"targets": list(self.targets)} if self.targets else {})},
            "correction": correction,
        }
