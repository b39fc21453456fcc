"""
`--format github`: workflow commands, which GitHub Actions shows as annotations.
"""

from __future__ import annotations

from typing import Any

from preroll.compat.change import BREAKING, DANGEROUS, NOTE, Change
from preroll.compat.comparison import Comparison
from preroll.pointer import ABSENT
from preroll.render.changes.text import grouped, key, witness_text
from preroll.render.text import shown

LEVELS = {BREAKING: "error", DANGEROUS: "warning"}


def render(comparison: Comparison, **_: Any) -> str:
    """A command for each change that is not a note, then the verdict as a plain line."""
    groups = grouped(comparison)
    lines = []
    told: set[str] = set()
    for change in comparison.every:
        if key(change) not in told and change.level != NOTE and not change.acknowledged and not change.branches:
            told.add(key(change))
            lines.append(_command(comparison, change, groups.get(key(change), [])))
    for each in comparison.jobs or ():
        place = f"file={_property(each.source)}" + (f",line={each.line}" if each.line else "")
        lines.append(f"::error title=stored job,{place}::{_data(f'now fails because {each.message}')}")
    lines += [f"::warning title=stale acknowledgement::{_data(each)}" for each in comparison.unused]
    lines.append(comparison.verdict)
    return "".join(f"{line}\n" for line in lines)


def _command(comparison: Comparison, change: Change, targets: list[str]) -> str:
    level = LEVELS.get(change.level, "notice")
    sentences = [
        f"{', '.join(targets[:4])}{' ...' if len(targets) > 4 else ''}: {change.message}" if targets else change.message
    ]  # one line
    sentences += [f"now: {change.told}"] if change.told else []
    sentences += [f"fix: {change.migrated}"] if change.migrated else []
    if change.witness is not ABSENT and change.level == BREAKING:
        sentences.append(f"for example {witness_text(change)}")
    name = comparison.new
    file = "" if name.startswith(("git:", "<")) or name == "-" else f",file={_property(name)}"
    return f"::{level} title={_property(change.id)}{file}::{_data(chr(10).join(sentences))}"


def _data(text: str) -> str:
    return "%0A".join(shown(line).replace("%", "%25") for line in text.split("\n"))


def _property(text: str) -> str:
    return shown(text).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
