"""
Anchors: fitting corrections and rules to a document that has moved under them.

A correction is anchored by the hash of what it replaces, a rule by the words it quotes and where they stand.
When a new document moves these, most anchors can be found again; what cannot is told, for a person to decide.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from preroll import overlay
from preroll.registry import Registry, about
from preroll.rules import Note, Rule, RuleSet, stale
from preroll.target import Target


class Moved(NamedTuple):
    """
    One file with anchors that were looked at.

    Attributes:
        file: the overlay or rules file.
        told: a sentence for everything that moved or cannot be found.
        text: the file's text with the new anchors; comments and order kept.
    """

    file: Path
    told: tuple[str, ...]
    text: str


def anchored(registry: Registry, targets: list[Target], raw: Any, root: Path) -> Iterator[Moved]:
    """
    The files under `root` (laid out like `schemas/`) whose corrections or rules are about a document.

    Args:
        registry: what is known.
        targets: the document's targets.
        raw: the document as published.
        root: the folder of the vendors' files.
    """
    for vendor in sorted({each.vendor for each in targets}):
        for file in sorted((root / vendor / "corrections").glob("*.overlay.yaml")):
            data = _yaml().load(file.read_text(encoding="utf-8"))
            globs = overlay.read(data).targets
            if any(about(globs, each) for each in targets):
                yield _overlay(file, data, raw)
        rules = registry.vendor(vendor).rules
        file = root / vendor / "rules.yaml"
        if rules is not None and file.is_file():
            yield _rules(file, rules, targets, raw)


def _yaml() -> Any:
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt")
    yaml.width = 4096
    yaml.preserve_quotes = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    return yaml


def _text(data: Any) -> str:
    import io

    stream = io.StringIO()
    _yaml().dump(data, stream)
    return stream.getvalue()


def _overlay(file: Path, data: Any, raw: Any) -> Moved:
    fresh, told = overlay.reanchor(raw, overlay.read(data))
    for action, written in zip(fresh.actions, data["actions"], strict=True):
        if list(written.get("x-replaces", ())) != list(action.replaces):
            written["x-replaces"] = list(action.replaces)
        for evidence, entry in zip(action.evidence, written.get("x-evidence", ()), strict=False):
            if entry["at"] != evidence.at:
                entry["at"] = evidence.at
    return Moved(file, told, _text(data))


def _rules(file: Path, rules: RuleSet, targets: list[Target], raw: Any) -> Moved:
    """Only rules that name one of the document's targets outright: a glob is not about one document."""
    data = _yaml().load(file.read_text(encoding="utf-8"))
    entries = {each["id"]: each for each in (*data.get("rules", ()), *data.get("notes", ()))}
    told = []
    every: list[Rule | Note] = [*rules.rules, *rules.notes]
    for rule in every:
        outright = [each for each in rule.targets if not set(each) & set("*?[")]
        reason = stale(rule, raw) if any(about(outright, each) for each in targets) else None
        if reason is None:
            continue
        places = overlay.quote_places(raw, rule.quote)
        if not places:
            told.append(f"{rule.id}: the quote {rule.quote!r} is nowhere in the document")
            continue
        entry = entries[rule.id]
        entry["at"] = places[0] if len(places) == 1 else list(places)
        told.append(f"{rule.id}: the quote moved from {', '.join(rule.at)} to {', '.join(places)}")
    return Moved(file, tuple(told), _text(data))
