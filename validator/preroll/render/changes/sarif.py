"""
`--format sarif`: SARIF 2.1.0, which code scanning services read.
"""

from __future__ import annotations

from typing import Any

from preroll import __version__
from preroll.compat.change import BREAKING, DANGEROUS, KINDS, Change
from preroll.compat.comparison import Comparison
from preroll.pointer import ABSENT
from preroll.render.changes.text import witness_text
from preroll.render.json_ import dumped, plain_value
from preroll.render.sarif import SCHEMA, uri
from preroll.render.text import shown

LEVELS = {BREAKING: "error", DANGEROUS: "warning"}


def render(comparison: Comparison, **_: Any) -> str:
    """The log: one run, with a rule for each id that occurs and a result for each change."""
    every = list(comparison.every)
    names = sorted({each.id for each in every})
    index = {name: number for number, name in enumerate(names)}
    driver = {
        "name": "preroll",
        "version": __version__,
        "semanticVersion": __version__,
        "shortDescription": {"text": "Document against document"},
        "rules": [{"id": name, "shortDescription": {"text": KINDS[name].title}} for name in names],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True}],
        "results": [_result(comparison, each, index) for each in every],
    }
    return dumped({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _result(comparison: Comparison, change: Change, index: dict[str, int]) -> dict[str, Any]:
    target = f"{change.target}: " if change.target else ""
    sentences = [f"{target}{change.message}"]
    sentences += [f"now: {change.told}"] if change.told else []
    sentences += [f"fix: {change.migrated}"] if change.migrated else []
    sentences += [f"for example {witness_text(change)}"] if change.witness is not ABSENT else []
    document = comparison.new if change.new_pointer or not change.old_pointer else comparison.old
    place = {
        "physicalLocation": {"artifactLocation": {"uri": uri(document)}},
        "logicalLocations": [{"fullyQualifiedName": shown(change.pointer) or "/", "kind": "element"}],
    }
    result: dict[str, Any] = {
        "ruleId": change.id,
        "ruleIndex": index[change.id],
        "level": LEVELS.get(change.level, "note"),
        # Without the syntax of embedded links (SARIF 2.1.0, section 3.11.6), which a document could hold.
        "message": {"text": "\n".join(map(shown, sentences)).replace("](", "] (")},
        "locations": [place],
        "partialFingerprints": {"preroll/v1": change.fingerprint},
        "properties": {"target": change.target, "level": change.level, "side": change.kind.side},
    }
    if change.witness is not ABSENT:
        result["properties"]["witness"] = plain_value(change.witness)
    if change.acknowledged:
        result["suppressions"] = [{"kind": "external", "justification": shown(change.acknowledged)}]
    return result
