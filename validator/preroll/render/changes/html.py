"""
`--format html`: one page that needs nothing else: both documents side by side, each change with its witness.

Everything from outside is escaped, there is no script, and a content security policy lets none run.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from html import escape
from typing import Any

from preroll import __version__
from preroll.compat.change import BREAKING, DANGEROUS, LEVELS, Change
from preroll.compat.comparison import Comparison, TargetReport
from preroll.pointer import ABSENT
from preroll.render.changes.text import witness_text
from preroll.render.text import shown

CSS = """
:root { color-scheme: light dark; --ink: #1c2128; --soft: #5b6572; --line: #d9dee5; --paper: #fff; --code: #f3f5f8;
  --breaking: #b3261e; --dangerous: #8a5300; --compatible: #1a7f37; --note: #5b6572; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --soft: #9aa5b3; --line: #2c343e; --paper: #171c22;
  --code: #11161c; --breaking: #ff8a80; --dangerous: #f0b35a; --compatible: #5ec97b; --note: #9aa5b3; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem 1.25rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
h1 { font-size: 1.35rem; } h2 { font-size: 1rem; margin: 1.5rem 0 .5rem; overflow-wrap: anywhere; }
.soft { color: var(--soft); }
article { border-left: 3px solid var(--line); padding: .1rem 0 .1rem .8rem; margin: .8rem 0; overflow-wrap: anywhere; }
article p { margin: 0; } article p.fact { font-weight: 600; }
.breaking { border-color: var(--breaking); } .dangerous { border-color: var(--dangerous); }
.compatible { border-color: var(--compatible); }
.badge { font-size: .78rem; font-weight: 600; }
.breaking .badge { color: var(--breaking); } .dangerous .badge { color: var(--dangerous); }
.compatible .badge { color: var(--compatible); } .note .badge { color: var(--note); }
.sides { display: grid; grid-template-columns: 1fr 1fr; gap: .8rem; }
.sides > div { border: 1px solid var(--line); border-radius: .4rem; padding: .4rem .6rem; }
code, pre { font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .87em; }
pre { background: var(--code); border-radius: .4rem; padding: .5rem .7rem; overflow-x: auto; margin: .4rem 0 0; }
@media (max-width: 40rem) { .sides { grid-template-columns: 1fr; } }
"""


def render(comparison: Comparison, **_: Any) -> str:
    """The page."""
    digest = base64.b64encode(hashlib.sha256(CSS.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    verdict = "Callers break" if comparison.breaking else "No caller breaks"
    parts = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n',
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
        f"<title>preroll: {_text(comparison.old)} to {_text(comparison.new)}</title>\n",
        f"<style>{CSS}</style>\n</head>\n<body>\n",
        f"<h1>{verdict}</h1>\n<p><code>{_text(comparison.old)}</code> → <code>{_text(comparison.new)}</code></p>\n",
        *_counts(comparison),
        *_jobs(comparison),
        *(part for each in comparison.changes for part in _change(each)),
        *(part for each in comparison.targets if each.changes for part in _target(each)),
    ]
    same = sum(each.unchanged for each in comparison.targets)
    if same:
        parts.append(f'<p class="soft">{same} targets unchanged.</p>\n')
    words = [*comparison.prose, *(each for report in comparison.targets for each in report.prose)]
    if words:
        listed = "".join(f"<li>{_text(each)}</li>" for each in dict.fromkeys(each.message for each in words))
        parts.append(f"<details><summary>Words and examples</summary><ul>{listed}</ul></details>\n")
    parts.append(f'<p class="soft">preroll {_text(__version__)}</p>\n</body>\n</html>\n')
    return "".join(parts)


def _text(text: str) -> str:
    return escape(shown(text))


def _counts(comparison: Comparison) -> Iterator[str]:
    counts = {
        level: sum(each.level == level and not each.acknowledged for each in comparison.every) for level in LEVELS
    }
    yield "<p>" + ", ".join(f"{number} {level}" for level, number in counts.items() if number) + "</p>\n"


def _jobs(comparison: Comparison) -> Iterator[str]:
    if comparison.jobs is None:
        return
    yield "<h2>Stored jobs</h2>\n"
    for each in comparison.jobs:
        place = f"{each.source} line {each.line}" if each.line else each.source
        yield f'<article class="breaking"><p class="fact">{_text(place)} now fails because {_text(each.message)}</p>'
        yield f"<p>fix: {_text(each.fix)}</p></article>\n" if each.fix else "</article>\n"
    yield f'<p class="soft">{comparison.counted[0]} stored payloads, {len(comparison.jobs)} newly fail.</p>\n'


def _target(report: TargetReport) -> Iterator[str]:
    before = (
        f' <span class="soft">before: {_text(report.before)}</span>' if report.before not in ("", report.target) else ""
    )
    yield f"<section>\n<h2><code>{_text(report.target)}</code>{before}</h2>\n"
    for side, relation in (("request", report.request), ("response", report.response)):
        if relation is not None and relation.relation != "equivalent":
            yield f'<p class="soft">{side}: {relation.relation}{", proved" if relation.proved else ""}</p>\n'
    for each in sorted(report.changes, key=lambda change: LEVELS.index(change.level)):
        yield from _change(each)
    yield "</section>\n"


def _change(change: Change) -> Iterator[str]:
    level = "accepted" if change.acknowledged else change.level
    status = f"status {change.status}: " if change.status else ""
    yield f'<article class="{change.level}"><span class="badge">{level} · {_text(change.id)}</span>\n'
    yield f'<p class="fact">{_text(status + change.message)}</p>\n'
    for label, told in (("accepted", change.acknowledged), ("now", change.told), ("fix", change.migrated)):
        if told:
            yield f"<p>{label}: {_text(told)}</p>\n"
    if change.old_pointer or change.new_pointer:
        yield '<div class="sides">'
        for label, pointer in (("old", change.old_pointer), ("new", change.new_pointer)):
            said = f"<code>{_text(pointer)}</code>" if pointer else "not there"
            yield f'<div><span class="soft">{label}</span><br>{said}{_verdict(change, label)}</div>'
        yield "</div>\n"
    if change.witness is not ABSENT:
        yield f"<pre>{_text_lines(witness_text(change, 2))}</pre>\n"
    yield "</article>\n"


def _verdict(change: Change, side: str) -> str:
    """What a side makes of the witness."""
    if change.witness is ABSENT or change.level not in (BREAKING, DANGEROUS):
        return ""
    refusing = "old" if change.kind.side == "response" else "new"
    return f"<br>{'refuses' if side == refusing else 'accepts'} the payload below"


def _text_lines(text: str) -> str:
    return "\n".join(_text(line) for line in text.splitlines())
