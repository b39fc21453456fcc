"""
Stored payloads: which of a team's own job files newly fail, so that a diff is about them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from preroll.compat.comparison import Comparison, JobNote
from preroll.registry import Registry


def judged(
    comparison: Comparison,
    old: Registry,
    new: Registry,
    candidates: Iterable[tuple[str, str, int | None, Any, str]],
    *,
    published: bool = False,
    today: date | None = None,
) -> Comparison:
    """
    The comparison with the payloads that the old documents accept and the new ones do not.

    Args:
        comparison: of the two registries.
        old, new: the documents.
        candidates: payloads: the file, the JSON Pointer in it, the line, the value, and the name of its target or "".
        published: as published, without corrections and rules.
        today: the day that rules about dates count from.
    """
    from preroll import words
    from preroll.advice import advised
    from preroll.judgement import INVALID, UNRESOLVED, check

    notes: list[JobNote] = []
    count = 0
    used: set[str] = set()
    renamed = {each.before: each.target for each in comparison.targets if each.before}
    for source, at, line, payload, meant in candidates:
        count += 1
        asked: dict[str, Any] = {"as_published": published, "today": today}
        try:
            before = check(payload, meant or None, registry=old, **asked)
        except (LookupError, ValueError):  # it is for nothing that the old documents describe
            continue
        if before.target is None:
            continue
        try:
            after = check(payload, renamed.get(before.target, before.target), registry=new, **asked)
        except (LookupError, ValueError):
            if before.verdict not in (INVALID, UNRESOLVED):
                used.add(before.target)
                notes.append(JobNote(source, at, line, before.target, f"{before.target} is gone"))
            continue
        if before.target:
            used.add(before.target)
        if before.verdict in (INVALID, UNRESOLVED) or after.verdict not in (INVALID, UNRESOLVED):
            continue
        told, fix = f"{before.target} is no longer described", ""
        found = [each for each in advised(after).violations if each.severity == "error"]
        if found:
            told = f"{found[0].pointer or '/'}: {words.message(found[0])}"
            fix = found[0].fixes[0].title if found[0].fixes else ""
        notes.append(JobNote(source, at, line, after.target or before.target or "", told, fix))
    return replace(comparison, jobs=tuple(notes), counted=(count, len(used)))
