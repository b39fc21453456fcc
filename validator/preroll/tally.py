"""
Tallies: how often each rule was broken in a run.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from preroll.outcome import Entry, Outcome
from preroll.violation import SEVERITIES


@dataclass(frozen=True, slots=True)
class Row:
    """
    One rule of a run.

    Attributes:
        rule: its id.
        severity: the gravest that it had.
        count: how often it was broken.
        payloads, files: in how many.
        fixable: how many of the violations have a fix, and `safely` how many one that changes no meaning.
    """

    rule: str
    severity: str
    count: int
    payloads: int
    files: int
    fixable: int
    safely: int


def by_rule(outcome: Outcome) -> tuple[Row, ...]:
    """A row for each rule that was broken, the most frequent and gravest first."""
    rows = []
    found: dict[str, list[tuple[int, Entry, int]]] = {}
    for number, entry in enumerate(outcome.entries):
        for index, placed in enumerate(entry.found):
            found.setdefault(placed.violation.rule, []).append((number, entry, index))
    for rule, places in found.items():
        violations = [entry.found[index].violation for _, entry, index in places]
        rows.append(
            Row(
                rule=rule,
                severity=min((each.severity for each in violations), key=SEVERITIES.index),
                count=len(violations),
                payloads=len({number for number, _, _ in places}),
                files=len({entry.source for _, entry, _ in places}),
                fixable=sum(bool(each.fixes) for each in violations),
                safely=sum(any(fix.safe for fix in each.fixes) for each in violations),
            )
        )
    return tuple(sorted(rows, key=lambda row: (-row.count, SEVERITIES.index(row.severity), row.rule)))


def by_severity(entries: Iterable[Entry]) -> dict[str, int]:
    """How many violations of each severity there are; all of `SEVERITIES`, also those with none."""
    counts = dict.fromkeys(SEVERITIES, 0)
    for entry in entries:
        for placed in entry.found:
            counts[placed.violation.severity] += 1
    return counts
