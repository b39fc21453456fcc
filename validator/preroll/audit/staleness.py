"""
Staleness: corrections and rules that were made for another version of the document.
"""

from __future__ import annotations

from collections.abc import Iterator

from preroll.audit.finding import ERROR, Kind, Place
from preroll.audit.subject import Subject
from preroll.registry import about

CORRECTION = Kind(
    id="stale-correction",
    level=ERROR,
    title="a correction that no longer fits the document",
    why="What it mended may be mended by the vendor, or may be wrong in another way; it is not applied.",
    instead="Read the document again, and adapt or remove the correction.",
    example=None,
    mended=None,
)

RULE = Kind(
    id="stale-rule",
    level=ERROR,
    title="a prose rule whose words no longer stand in the document",
    why="The vendor may have withdrawn it; it is not checked any more.",
    instead="Read the document again, and adapt or remove the rule.",
    example=None,
    mended=None,
)

KINDS = (CORRECTION, RULE)


def check(subject: Subject) -> Iterator[Place]:
    """What the registry knows to be stale for this document."""
    for name, reason in subject.document.stale:
        yield Place(CORRECTION, "", f"the correction {name} no longer fits: {reason}", {"correction": name})
    vendor = subject.registry.vendor(subject.document.vendor)
    mine = [each for each in subject.registry.targets.values() if each.document == subject.document.name]
    for rule in vendor.rules.rules if vendor.rules is not None else ():
        if rule.id in subject.registry.stale_rules and any(about(rule.targets, each) for each in mine):
            reason = subject.registry.stale_rules[rule.id]
            yield Place(
                RULE, rule.at[0] if "*" not in rule.at[0] else "", f"the rule {rule.id}: {reason}", {"rule": rule.id}
            )
