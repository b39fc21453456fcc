"""
`--format json`: for programs; its JSON Schema is published in `docs/json/diff.schema.json`.
"""

from __future__ import annotations

from typing import Any

from preroll import __version__
from preroll.compat.change import Change
from preroll.compat.comparison import Comparison, JobNote, TargetReport
from preroll.compat.relation import REQUEST, RESPONSE, Relation
from preroll.pointer import ABSENT
from preroll.render.json_ import dumped


def render(comparison: Comparison, **_: Any) -> str:
    """The whole comparison as one JSON object, indented, with a final newline."""
    return dumped(data(comparison))


def data(comparison: Comparison) -> dict[str, Any]:
    """The same as plain data."""
    found: dict[str, Any] = {
        "preroll": __version__,
        "old": comparison.old,
        "new": comparison.new,
        "breaking": comparison.breaking,
        "targets": [_target(each) for each in comparison.targets],
        "changes": [_change(each) for each in (*comparison.changes, *comparison.prose)],
        "stale": {"rules": list(comparison.stale_rules), "corrections": list(comparison.stale_corrections)},
    }
    if comparison.jobs is not None:
        found["jobs"] = {
            "payloads": comparison.counted[0],
            "targets": comparison.counted[1],
            "failing": [_job(each) for each in comparison.jobs],
        }
    if comparison.unused:
        found["unused_acknowledgements"] = list(comparison.unused)
    return found


def _target(report: TargetReport) -> dict[str, Any]:
    found: dict[str, Any] = {"target": report.target}
    if report.before and report.before != report.target:
        found["before"] = report.before
    found["request"] = _relation(report.request or Relation(REQUEST))
    found["response"] = _relation(report.response or Relation(RESPONSE))
    found["changes"] = [_change(each) for each in (*report.changes, *report.prose)]
    return found


def _relation(relation: Relation) -> dict[str, Any]:
    found: dict[str, Any] = {
        "relation": relation.relation,
        "relation_literal": relation.relation_literal,
        "proved": relation.proved,
        "bounds": None if relation.bounds is None else dict(relation.bounds),
    }
    return found | ({"reason": relation.reason} if relation.reason else {})


def _change(change: Change) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": change.id,
        "level": change.level,
        "side": change.kind.side,
        "pointer": change.pointer,
        "pointers": {"old": change.old_pointer or None, "new": change.new_pointer or None},
        "place": change.place,
        "message": change.message,
        "witness": None if change.witness is ABSENT else change.witness,
        "witnessed": change.witness is not ABSENT,
        "fingerprint": change.fingerprint,
    }
    if change.status:
        found |= {"status": change.status}
    if change.branches:
        found["branches"] = list(change.branches)
    if change.told:
        found["told"] = change.told
    if change.migration:
        found["migration"] = {"title": change.migrated, "patch": list(change.migration)}
    if change.acknowledged:
        found["acknowledged"] = change.acknowledged
    return found


def _job(note: JobNote) -> dict[str, Any]:
    return {
        "source": note.source,
        "at": note.at,
        "line": note.line,
        "target": note.target,
        "message": note.message,
        "fix": note.fix or None,
    }
