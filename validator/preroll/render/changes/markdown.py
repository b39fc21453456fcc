"""
`--format markdown`: a changelog that a person would post, for pull requests and release notes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from preroll import phrases
from preroll.compat.change import BREAKING, COMPATIBLE, DANGEROUS, LEVELS, NOTE, Change
from preroll.compat.comparison import Comparison
from preroll.pointer import ABSENT
from preroll.render.changes.text import grouped, key, witness_text
from preroll.render.markdown import code, escaped

HEADINGS = {
    BREAKING: "Breaking",
    DANGEROUS: "Look at these",
    COMPATIBLE: "New and compatible",
    NOTE: "Notes",
}

FEW = 3
"""More new targets than this are told in one line."""

MANY = 40
"""Of the words that changed only so many are listed."""


def render(comparison: Comparison, **_: Any) -> str:
    """The changelog, the gravest first."""
    groups = grouped(comparison)
    lines = [f"# {escaped(_name(comparison.old))} → {escaped(_name(comparison.new))}", "", _verdict(comparison), ""]
    found: dict[str, list[tuple[Change, list[str]]]] = {level: [] for level in LEVELS}
    accepted: list[Change] = []
    told: set[str] = set()
    for change in comparison.every:
        if key(change) in told or change.branches:  # what the branches say is told with them
            continue
        told.add(key(change))
        if change.acknowledged:
            accepted.append(change)
        else:
            found[change.level].append((change, groups.get(key(change), [])))
    lines += _jobs(comparison)
    for level, changes in found.items():
        if changes:
            lines += [f"## {HEADINGS[level]}", ""]
            come = [change for change, _ in changes if change.id == "target-was-added"]
            if len(come) > FEW:
                changes = [each for each in changes if each[0] not in come]  # noqa: PLW2901  # the rest of them
                lines.append(f"- {len(come)} targets are new: {', '.join(code(each.target) for each in come)}")
            for change, targets in changes:
                lines += _change(change, targets)
            lines.append("")
    if accepted:
        lines += ["## Accepted", ""]
        lines += [f"- {escaped(each.message)} ({code(each.id)}): {escaped(each.acknowledged)}" for each in accepted]
        lines.append("")
    lines += _words(comparison)
    lines += [f"> Stale acknowledgement: {escaped(each)}" for each in comparison.unused]
    return "\n".join(lines).rstrip() + "\n"


def _name(name: str) -> str:
    return name.rpartition("/")[2] or name


def _verdict(comparison: Comparison) -> str:
    same = sum(each.unchanged for each in comparison.targets)
    rest = f"{same} of {phrases.count(len(comparison.targets), 'target')} unchanged."
    if comparison.breaking:
        return f"**{comparison.verdict.capitalize()}.** {rest}"
    if not any(True for _ in comparison.every):
        return f"Nothing changed that matters to callers. {rest}"
    return f"No caller breaks. {rest}"


def _change(change: Change, targets: list[str]) -> Iterator[str]:
    where = phrases.listed([code(each) for each in targets[:6]])
    if len(targets) > 6:  # one line
        where = f"{', '.join(code(each) for each in targets[:6])} and {len(targets) - 6} more"
    status = f"status {change.status}: " if change.status else ""
    head = f"- {where}: " if targets else "- "
    yield f"{head}{status}**{escaped(change.message)}** ({code(change.id)})"
    if change.told:
        yield f"  - now: {escaped(change.told)}"
    if change.migrated:
        yield f"  - fix: {escaped(change.migrated)}"
    if change.witness is not ABSENT and change.level in (BREAKING, DANGEROUS):
        text = witness_text(change, 2)
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
        yield ""
        yield from (f"  {line}" for line in (f"{fence}json", *text.splitlines(), fence))
        yield ""


def _jobs(comparison: Comparison) -> Iterator[str]:
    if comparison.jobs is None:
        return
    payloads, targets = comparison.counted
    yield "## Stored jobs"
    yield ""
    for each in comparison.jobs:
        place = f"{each.source}:{each.line}" if each.line else each.source
        fix = f" (fix: {escaped(each.fix)})" if each.fix else ""
        yield f"- {code(place)} now fails because {escaped(each.message)}{fix}"
    counted = f"{phrases.count(payloads, 'stored payload')} for {phrases.count(targets, 'target')}"
    yield f"- {counted}: {len(comparison.jobs)} newly fail"
    yield ""


def _words(comparison: Comparison) -> Iterator[str]:
    every = [*comparison.prose, *(each for report in comparison.targets for each in report.prose)]
    messages = list(dict.fromkeys(each.message for each in every))
    if not messages:
        return
    yield f"<details><summary>{phrases.count(len(messages), 'change')} of words and examples</summary>"
    yield ""
    yield from (f"- {escaped(each)}" for each in messages[:MANY])
    if len(messages) > MANY:
        yield f"- and {len(messages) - MANY} more"
    yield ""
    yield "</details>"
