"""
`--format text`: for people, the gravest first, and everything that is unchanged in one line.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from preroll import phrases
from preroll.compat.change import BREAKING, COMPATIBLE, DANGEROUS, LEVELS, NOTE, Change
from preroll.compat.comparison import Comparison, TargetReport
from preroll.compat.relation import ADDED, EQUIVALENT, INSTALL, REMOVED, RESPONSE, UNKNOWN, Relation
from preroll.json_text import written
from preroll.pointer import ABSENT
from preroll.render.json_ import plain_value
from preroll.render.text import WIDTH, Paint, shown

STYLES = {BREAKING: "error", DANGEROUS: "warning", COMPATIBLE: "good", NOTE: "dim"}

_BESIDES = "compatible response change"

WITNESS = 400
"""A longer witness is shown on several lines."""

TEXT, ITEMS = 160, 20
"""Longer texts and arrays in a witness are shown in part; `--format json` has them whole."""


def render(comparison: Comparison, *, colour: bool = False, width: int = WIDTH, verbose: int = 0, **_: Any) -> str:
    """
    The comparison for a terminal.

    Args:
        comparison: what changed.
        colour: whether to write ANSI colours.
        width: columns to fill.
        verbose: 1 adds notes, words that changed and literal relations; 2 the targets that are unchanged.
    """
    paint = Paint(colour=colour)
    lines = [f"{shown(comparison.old)} -> {shown(comparison.new)}", ""]
    groups = grouped(comparison)
    for each in comparison.changes:
        lines += _change(each, paint, width, verbose, ())
    if comparison.changes:
        lines.append("")
    told: set[str] = set()
    come = [each for each in comparison.targets if only_new(each)]
    for report in sorted(comparison.targets, key=gravity):
        mine = any(key(each) not in told for each in report.changes)  # else everything is told with another target
        if _worth(report, verbose) and (verbose or (mine and not only_new(report))):
            lines += _target(report, groups, told, paint, width, verbose)
    if come and not verbose:
        lines += _come(come, paint, width)
    if verbose:
        lines += [f"{paint('words', 'dim')} {shown(each.message)}" for each in comparison.prose]
    lines += _rest(comparison, verbose)
    lines += _jobs(comparison, paint)
    lines += [f"{paint('stale acknowledgement', 'warning')} {shown(each)}" for each in comparison.unused]
    lines.append(_summary(comparison, paint))
    return "\n".join(lines) + "\n"


def key(change: Change) -> str:
    """What the same change of several targets shares."""
    facts = (change.level, change.place, change.message, change.status, change.acknowledged)
    return "\n".join([change.id, *facts])


def grouped(comparison: Comparison) -> dict[str, list[str]]:
    """For each change, the targets that have it."""
    groups: dict[str, list[str]] = {}
    for report in comparison.targets:
        for each in report.changes:
            names = groups.setdefault(key(each), [])
            if report.target not in names:
                names.append(report.target)
    return groups


def _worth(report: TargetReport, verbose: int) -> bool:
    literal = any(
        each is not None and each.relation_literal != EQUIVALENT for each in (report.request, report.response)
    )
    return bool(report.changes) or bool(verbose and (literal or report.prose)) or verbose > 1


def only_new(report: TargetReport) -> bool:
    """Whether a target is new, and nothing else is to be told of it."""
    return [each.id for each in report.changes] == ["target-was-added"]


def gravity(report: TargetReport) -> int:
    """A sort key: the gravest target first."""
    return min((LEVELS.index(each.level) for each in report.changes if not each.acknowledged), default=len(LEVELS))


def _come(reports: list[TargetReport], paint: Paint, width: int) -> list[str]:
    """New targets, in one paragraph."""
    kind = reports[0].changes[0].id
    head = f"{phrases.count(len(reports), 'target')} {'is' if len(reports) == 1 else 'are'} new: "
    names = textwrap.wrap(
        shown(f"{head}{', '.join(each.target for each in reports)}"), width, subsequent_indent="  ",
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    return [f"{paint(f'{COMPATIBLE}[{kind}]', STYLES[COMPATIBLE])} {names[0]}", *names[1:], ""]


def _target(
    report: TargetReport, groups: dict[str, list[str]], told: set[str], paint: Paint, width: int, verbose: int
) -> Iterator[str]:
    changes = [each for each in report.changes if key(each) not in told]
    before_ids = dict.fromkeys(each.id for each in report.changes if key(each) in told and each.level != NOTE)
    told |= {key(each) for each in report.changes if len(groups[key(each)]) > 1}
    before = f" (before: {report.before})" if report.before and report.before != report.target else ""
    yield paint(shown(f"{report.target}{before}"), "bold")
    for side, relation in (("request", report.request), ("response", report.response)):
        if relation is not None and (relation.relation != EQUIVALENT or verbose):
            yield f"  {side}: {relation_words(relation, verbose)}"
    hidden: dict[str, int] = {}
    for change in sorted(changes, key=lambda each: LEVELS.index(each.level)):
        # What a response has besides is news for few, and there is much of it.
        quiet = change.level == NOTE or (change.level == COMPATIBLE and change.kind.side == RESPONSE)
        if quiet and not verbose:
            word = "note" if change.level == NOTE else _BESIDES
            hidden[word] = hidden.get(word, 0) + 1
            continue
        others = tuple(each for each in groups[key(change)] if each != report.target)
        yield from _change(change, paint, width, verbose, others)
    if before_ids:
        yield paint(f"  as above: {', '.join(before_ids)}", "dim")
    if verbose:
        messages = dict.fromkeys(shown(each.message) for each in report.prose)
        yield from (f"  {paint('words', 'dim')} {each}" for each in messages)
    elif hidden or report.prose:
        more = [phrases.count(number, word) for word, number in hidden.items()]
        more += [phrases.count(len(report.prose), "change") + " of words or examples"] if report.prose else []
        yield paint(f"  and {phrases.listed(more)} (-v)", "dim")
    yield ""


def relation_words(relation: Relation, verbose: int = 0) -> str:
    """A relation as people say it."""
    told = {
        EQUIVALENT: "equivalent",
        "widened": "more is accepted" if relation.side == "request" else "more is possible",
        "narrowed": "less is accepted" if relation.side == "request" else "less is possible",
        "both": "some payloads are newly refused, others newly accepted",
        ADDED: "new",
        REMOVED: "gone",
        UNKNOWN: "unknown",
    }[relation.relation]
    if relation.side == "response" and relation.relation == "both":
        told = "some answers are newly possible, others are not possible any more"
    if relation.relation != relation.relation_literal and verbose:
        told += f" (as plain sets of payloads: {relation.relation_literal})"
    if relation.proved and not relation.presence:
        told += (
            ", proved" if relation.bounds is None else f", proved for up to {relation.bounds['items']} different items"
        )
    return told + (f" ({relation.reason})" if relation.reason else "")


def _change(change: Change, paint: Paint, width: int, verbose: int, others: tuple[str, ...]) -> list[str]:
    level = "accepted" if change.acknowledged else change.level
    status = f"status {change.status}: " if change.status else ""
    head = f"  {paint(f'{level}[{change.id}]', STYLES[change.level])} {shown(status + change.message)}"
    lines = [head]
    if others:
        names = ", ".join(shown(each.rpartition("/")[2] or each) for each in others[:6])
        tail = f" and {len(others) - 6} more" if len(others) > 6 else ""  # one line
        lines.append(f"      the same for {names}{tail}")
    if change.branches and not verbose:
        return lines
    if change.pointer and (verbose or change.level != COMPATIBLE):
        lines.append(paint(f"      at {shown(change.pointer)}", "dim"))
    if change.acknowledged:
        lines.append(f"      accepted: {shown(change.acknowledged)}")
        return lines
    if change.witness is not ABSENT and (change.level in (BREAKING, DANGEROUS) or verbose):
        lines += _witness(change)
    if change.told:
        lines += _filled(f"now: {change.told}", width)
    if change.migrated:
        lines += _filled(f"fix: {change.migrated}", width)
    if verbose:
        lines.append(paint(f"      fingerprint {change.fingerprint}", "dim"))
    return lines


def _filled(text: str, width: int) -> list[str]:
    return textwrap.wrap(
        shown(text), width, initial_indent="      ", subsequent_indent="        ", break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def witness_text(change: Change, indent: int | None = None) -> str:
    """A witness as JSON; of long texts and arrays only the beginning and the length."""
    return written(_clipped(plain_value(change.witness, exact=True)), indent=indent)


def _clipped(value: Any) -> Any:
    if isinstance(value, str) and len(value) > TEXT:
        return f"{value[: TEXT // 2]} ... ({len(value)} characters)"
    if isinstance(value, dict):
        return {name: _clipped(each) for name, each in value.items()}
    if isinstance(value, list):
        rest = [f"... ({len(value)} items)"] if len(value) > ITEMS else []
        return [*map(_clipped, value[:ITEMS]), *rest]
    return value


def _witness(change: Change) -> list[str]:
    text = witness_text(change)
    if len(text) <= WITNESS:
        return [f"      for example {shown(text)}"]
    return ["      for example", *(f"        {shown(line)}" for line in witness_text(change, 2).splitlines())]


def _rest(comparison: Comparison, verbose: int) -> list[str]:
    same = [each for each in comparison.targets if not _worth(each, verbose)]
    if not same:
        return []
    words = sum(bool(each.prose) for each in same)
    proof = "" if comparison.decided else ", by structure"
    text = f"{phrases.count(len(same), 'target')} unchanged: every payload means what it meant{proof}"
    return [text + (f"; words or examples changed in {words} of them (-v)" if words else "")]


def _jobs(comparison: Comparison, paint: Paint) -> list[str]:
    if comparison.jobs is None:
        return []
    lines = []
    for each in comparison.jobs:
        place = f"{each.source} line {each.line}" if each.line else each.source
        lines.append(f"{paint('breaks', 'error')} {shown(place)} now fails because {shown(each.message)}")
        if each.fix:
            lines.append(f"      fix: {shown(each.fix)}")
    payloads, targets = comparison.counted
    rest = payloads - len(comparison.jobs)
    lines.append(
        f"{phrases.count(payloads, 'stored payload')} for {phrases.count(targets, 'target')}: "
        f"{len(comparison.jobs)} newly fail, {rest} do not"
    )
    return lines


def _summary(comparison: Comparison, paint: Paint) -> str:
    counts = dict.fromkeys(LEVELS, 0)
    accepted = 0
    for each in comparison.every:
        if each.acknowledged:
            accepted += 1
        elif not each.branches:  # it is told, and counted, with the branches
            counts[each.level] += 1
    if not any(counts.values()) and not comparison.jobs:
        text = "nothing changed that matters to callers"
        return paint(text + (f" ({accepted} accepted)" if accepted else ""), "good")
    told = [f"{number} {level}" for level, number in counts.items() if number]
    told += [f"{accepted} accepted"] if accepted else []
    style = "error" if comparison.breaking else "good"
    verdict = comparison.verdict
    text = paint(f"{verdict}: {', '.join(told)}" if told else verdict, style)
    if not comparison.decided and any(each.kind.kind == "undecided" for each in comparison.every):
        text += f"\nto have what is unknown decided: {INSTALL}"
    return text
