"""
`--format html`: one page that needs nothing else: both documents side by side, each change with its witness.

Everything from outside is escaped, there is no script, and a content security policy lets none run: levels are
chosen by plain checkboxes that the style sheet looks at.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from html import escape
from typing import Any

from preroll import __version__, phrases
from preroll.compat.change import BREAKING, DANGEROUS, LEVELS, Change
from preroll.compat.comparison import Comparison, TargetReport
from preroll.pointer import ABSENT
from preroll.render.changes.text import gravity, grouped, key, only_new, relation_words, witness_text
from preroll.render.text import shown

CSS = """
:root { color-scheme: light dark; --ink: #1c2128; --soft: #57606c; --line: #d4dae2; --paper: #fff; --code: #f3f5f8;
  --breaking: #b3261e; --dangerous: #855000; --compatible: #1a6f33; --note: #57606c; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --soft: #9aa5b3; --line: #323b46; --paper: #171c22;
  --code: #0f1419; --breaking: #ff8a80; --dangerous: #f0b35a; --compatible: #5ec97b; --note: #9aa5b3; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
h1 { font-size: 1.4rem; margin: 0 0 .3rem; }
h2 { font-size: 1.05rem; margin: 2rem 0 .3rem; padding-top: .7rem; border-top: 1px solid var(--line); }
h2, p, li { overflow-wrap: anywhere; }
a { color: inherit; }
.soft { color: var(--soft); margin: 0; }
.levels { position: sticky; top: 0; margin: .8rem 0; padding: .5rem 0; background: var(--paper);
  border-bottom: 1px solid var(--line); display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; }
.levels label { display: inline-flex; align-items: center; gap: .4rem; font-weight: 600; cursor: pointer; }
article { border-left: 4px solid var(--line); padding: .1rem 0 .1rem .9rem; margin: 1rem 0; }
article p { margin: 0; } article p.fact { font-weight: 600; }
article.breaking { border-color: var(--breaking); } article.dangerous { border-color: var(--dangerous); }
article.compatible { border-color: var(--compatible); }
.badge { font-size: .8rem; font-weight: 600; color: var(--note); }
label.breaking, .breaking > .badge { color: var(--breaking); }
label.dangerous, .dangerous > .badge { color: var(--dangerous); }
label.compatible, .compatible > .badge { color: var(--compatible); }
.sides { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: .6rem; margin: .5rem 0 0; }
.sides > div { border: 1px solid var(--line); border-radius: .4rem; padding: .4rem .6rem; min-width: 0; }
.sides code { overflow-wrap: anywhere; }
.address { color: var(--soft); font-size: .8em; }
code, pre { font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .87em; }
pre { background: var(--code); border: 1px solid var(--line); border-radius: .4rem; padding: .5rem .7rem;
  overflow: auto; max-height: 24rem; margin: .3rem 0 0; }
summary { cursor: pointer; }
.columns { columns: 2; padding-left: 1.2rem; }
@media (max-width: 44rem) { body { padding: 1rem .8rem 3rem; } .sides { grid-template-columns: minmax(0, 1fr); }
  .columns { columns: 1; } }
@media print { .levels { display: none; } pre { max-height: none; white-space: pre-wrap; } }
body:has(#breaking:not(:checked)) article.breaking, body:has(#dangerous:not(:checked)) article.dangerous,
body:has(#compatible:not(:checked)) article.compatible, body:has(#note:not(:checked)) article.note { display: none; }
"""


def render(comparison: Comparison, **_: Any) -> str:
    """The page."""
    digest = base64.b64encode(hashlib.sha256(CSS.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    verdict = comparison.verdict.capitalize()
    parts = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n',
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
        f"<title>preroll: {_text(comparison.old)} to {_text(comparison.new)}</title>\n",
        f"<style>{CSS}</style>\n</head>\n<body>\n",
        f"<h1>{verdict}</h1>\n<p><code>{_text(comparison.old)}</code> → <code>{_text(comparison.new)}</code></p>\n",
        *_levels(comparison),
        *_jobs(comparison),
        *(part for each in comparison.changes for part in _change(each, [])),
        *_targets(comparison),
    ]
    words = [*comparison.prose, *(each for report in comparison.targets for each in report.prose)]
    if words:
        messages = dict.fromkeys(each.message for each in words)
        listed = "".join(f"<li>{_text(each)}</li>" for each in messages)
        count = phrases.count(len(messages), "change")
        parts.append(f"<details><summary>{count} of words and examples</summary><ul>{listed}</ul></details>\n")
    parts += [f"<p>Stale acknowledgement: {_text(each)}</p>\n" for each in comparison.unused]
    parts.append(f'<p class="soft">preroll {_text(__version__)}</p>\n</body>\n</html>\n')
    return "".join(parts)


def _text(text: str) -> str:
    return escape(shown(text))


def _levels(comparison: Comparison) -> Iterator[str]:
    """How much there is of each level, as boxes that show and hide it."""
    counts = {
        level: sum(each.level == level and not each.acknowledged and not each.branches for each in comparison.every)
        for level in LEVELS
    }
    if not any(counts.values()):
        yield "<p>Nothing changed that matters to callers.</p>\n"
        return
    yield '<div class="levels">'
    for level, number in counts.items():
        if number:
            box = f'<input type="checkbox" id="{level}" checked>'
            yield f'<label class="{level}">{box} {number} {level}</label>'
    yield "</div>\n"


def _jobs(comparison: Comparison) -> Iterator[str]:
    if comparison.jobs is None:
        return
    yield "<h2>Stored jobs</h2>\n"
    for each in comparison.jobs:
        place = f"{each.source} line {each.line}" if each.line else each.source
        yield f'<article class="breaking"><p class="fact">{_text(place)} now fails because {_text(each.message)}</p>'
        yield f"<p>fix: {_text(each.fix)}</p></article>\n" if each.fix else "</article>\n"
    payloads = phrases.count(comparison.counted[0], "stored payload")
    yield f'<p class="soft">{payloads}, {len(comparison.jobs)} newly fail.</p>\n'


def _targets(comparison: Comparison) -> Iterator[str]:
    """The targets, the gravest first; what several share is told with the first of them."""
    groups = grouped(comparison)
    told: set[str] = set()
    for report in sorted(comparison.targets, key=gravity):
        mine = [each for each in report.changes if key(each) not in told]
        if mine and not only_new(report):
            yield from _target(report, mine, groups)
            told |= {key(each) for each in mine}
    come = [each for each in comparison.targets if only_new(each)]
    if come:
        listed = "".join(f"<li><code>{_text(each.target)}</code></li>" for each in come)
        many = "is" if len(come) == 1 else "are"
        yield f"<h2>{phrases.count(len(come), 'target')} {many} new</h2>\n"
        yield f'<article class="compatible"><ul class="columns">{listed}</ul></article>\n'
    same = sum(each.unchanged for each in comparison.targets)
    if same:
        yield f'<p class="soft">{phrases.count(same, "target")} unchanged.</p>\n'


def _target(report: TargetReport, changes: list[Change], groups: dict[str, list[str]]) -> Iterator[str]:
    before = (
        f' <span class="soft">before: {_text(report.before)}</span>' if report.before not in ("", report.target) else ""
    )
    yield f"<section>\n<h2><code>{_text(report.target)}</code>{before}</h2>\n"
    for side, relation in (("request", report.request), ("response", report.response)):
        if relation is not None and relation.relation != "equivalent":
            yield f'<p class="soft">{side}: {_text(relation_words(relation))}</p>\n'
    for each in sorted(changes, key=lambda change: LEVELS.index(change.level)):
        yield from _change(each, [name for name in groups.get(key(each), []) if name != report.target])
    yield "</section>\n"


def _change(change: Change, others: list[str]) -> Iterator[str]:
    level = "accepted" if change.acknowledged else change.level
    status = f"status {change.status}: " if change.status else ""
    yield f'<article class="{change.level}"><span class="badge">{level} · {_text(change.id)}</span>\n'
    yield f'<p class="fact">{_text(status + change.message)}</p>\n'
    if others:
        yield f'<p class="soft">the same for {_text(", ".join(others))}</p>\n'
    for label, told in (("accepted", change.acknowledged), ("now", change.told), ("fix", change.migrated)):
        if told:
            yield f"<p>{label}: {_text(told)}</p>\n"
    if not change.branches:
        yield from _sides(change)
        if change.witness is not ABSENT:
            yield f"<pre>{_text_lines(witness_text(change, 2))}</pre>\n"
    yield "</article>\n"


def _sides(change: Change) -> Iterator[str]:
    if not change.old_pointer and not change.new_pointer:
        return
    yield '<div class="sides">'
    told = (("old", change.old_pointer, change.quoted[0]), ("new", change.new_pointer, change.quoted[1]))
    for label, pointer, quoted in told:
        yield f'<div><span class="soft">{label}{_verdict(change, label)}</span><br>'
        yield f"<code>{_text(quoted)}</code><br>" if quoted else ""
        yield f'<code class="address">{_text(pointer)}</code></div>' if pointer else "not there</div>"
    yield "</div>\n"


def _verdict(change: Change, side: str) -> str:
    """What a side makes of the witness."""
    if change.witness is ABSENT or change.level not in (BREAKING, DANGEROUS):
        return ""
    refusing = "old" if change.kind.side == "response" else "new"
    return f": {'refuses' if side == refusing else 'accepts'} the payload below"


def _text_lines(text: str) -> str:
    return "\n".join(_text(line) for line in text.splitlines())
