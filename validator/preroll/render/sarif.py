"""
`--format sarif`: SARIF 2.1.0 (OASIS Standard), which code scanning services read.

Plain dictionaries: the part of the format that a linter needs is small, and the tests hold the output to the
official schema. Regions count columns in code points, as `columnKind` says.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from preroll import __version__, baseline, words
from preroll.outcome import Entry, Outcome, Placed
from preroll.render import rulebook
from preroll.render.json_ import dumped
from preroll.render.text import shown
from preroll.violation import Fix

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"

LEVELS = {"error": "error", "warning": "warning", "info": "note"}

UNREADABLE = "unreadable"
"""The rule id of an input that cannot be read."""


def render(outcome: Outcome, **_: Any) -> str:
    """The log: one run, with a rule for each id that occurs and a result for each finding."""
    ids = {placed.violation.rule: placed.violation for entry in outcome.entries for placed in entry.found}
    names = sorted(ids)
    if any(entry.problem is not None for entry in outcome.entries):
        names.append(UNREADABLE)
    index = {name: number for number, name in enumerate(names)}
    results = []
    for entry, marks in zip(outcome.entries, baseline.fingerprints(outcome.entries), strict=True):
        if entry.problem is not None:
            results.append(_unreadable(entry, index))
        results += [_result(entry, placed, mark, index) for placed, mark in zip(entry.found, marks, strict=True)]
    driver = {
        "name": "preroll",
        "version": __version__,
        "semanticVersion": __version__,
        "shortDescription": {"text": "Pre-flight checks for paid generative-video APIs"},
        "rules": [_rule(name, ids[name].link if name in ids else "") for name in names],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True}],
        "results": results,
        "properties": {"summary": dict(outcome.counts), "accepted": outcome.accepted},
    }
    return dumped({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(name: str, link: str) -> dict[str, Any]:
    if name == UNREADABLE:
        text = "the input cannot be read"
        return {"id": name, "shortDescription": {"text": text}, "defaultConfiguration": {"level": "error"}}
    about = rulebook.about(name)
    full = " ".join(each for each in (f"{about.title}.", about.why, about.instead) if each)
    rule: dict[str, Any] = {
        "id": name,
        "shortDescription": {"text": shown(about.title)},
        "fullDescription": {"text": shown(full)},
        "help": {"text": about.page, "markdown": about.page},
    }
    return rule | ({"helpUri": link} if link.startswith("https://") else {})


def _result(entry: Entry, placed: Placed, mark: str, index: dict[str, int]) -> dict[str, Any]:
    violation = placed.violation
    place = violation.parameter or f"{entry.at}{violation.pointer}"
    result: dict[str, Any] = {
        "ruleId": violation.rule,
        "ruleIndex": index[violation.rule],
        "level": LEVELS[violation.severity],
        "message": {"text": _plain("\n".join(map(shown, _sentences(placed))))},
        "locations": [_location(entry, place, placed.line or entry.line, placed.column, placed.end)],
        "partialFingerprints": {"preroll/v1": mark},
    }
    related = [
        (words.because(reason), reason.pointer, at)
        for reason, at in zip(violation.because, _padded(placed.reasons, violation.because), strict=True)
    ]
    related += [
        (f"{pointer} is part of it", pointer, at)
        for pointer, at in zip(violation.also, _padded(placed.also, violation.also), strict=True)
    ]
    if related:
        result["relatedLocations"] = [
            {
                "id": number,
                "message": {"text": _plain(shown(text))},
                **_location(entry, entry.at + pointer, *(at or (None, None))),
            }
            for number, (text, pointer, at) in enumerate(related, 1)
        ]
    fixes = [_fix(entry, fix, edits) for fix, edits in zip(violation.fixes, placed.edits, strict=False) if edits]
    if fixes:
        result["fixes"] = fixes
    known = {
        "target": violation.target,
        "document": violation.document,
        "documentPointer": violation.document_pointer,
        "correction": violation.correction,
    }
    result["properties"] = {name: value for name, value in known.items() if value}
    return result


def _plain(text: str) -> str:
    """Text without the syntax of embedded links (SARIF 2.1.0, section 3.11.6), which a payload could hold."""
    return text.replace("](", "] (")


def _padded(places: Sequence[tuple[int, int] | None], like: Sequence[Any]) -> Sequence[tuple[int, int] | None]:
    return places if len(places) == len(like) else [None] * len(like)


def _sentences(placed: Placed) -> list[str]:
    violation = placed.violation
    reasons = [words.because(each) for each in violation.because]
    because = ["because " + ", and ".join(reasons)] if reasons and violation.kind != "together" else []
    return [words.message(violation), *because, *words.help_lines(violation)]


def _location(
    entry: Entry, pointer: str, line: int | None, column: int | None, end: tuple[int, int] | None = None
) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri(entry.source)}}
    if line:
        region = {"startLine": line} | ({"startColumn": column} if column else {})
        if column and end is not None and end > (line, column):
            region |= {"endLine": end[0], "endColumn": end[1]}
        physical["region"] = region
    logical = {"fullyQualifiedName": shown(pointer) or "/", "kind": "element"}
    return {"physicalLocation": physical, "logicalLocations": [logical]}


def _fix(entry: Entry, fix: Fix, edits: Any) -> dict[str, Any]:
    replacements = [
        {
            "deletedRegion": {
                "startLine": each.start[0],
                "startColumn": each.start[1],
                "endLine": each.end[0],
                "endColumn": each.end[1],
            },
            "insertedContent": {"text": each.text},
        }
        for each in edits
    ]
    change = {"artifactLocation": {"uri": uri(entry.source)}, "replacements": replacements}
    return {"description": {"text": shown(fix.title)}, "artifactChanges": [change]}


def _unreadable(entry: Entry, index: dict[str, int]) -> dict[str, Any]:
    line, column, problem, advice = entry.problem or (None, None, "", "")
    return {
        "ruleId": UNREADABLE,
        "ruleIndex": index[UNREADABLE],
        "level": "error",
        "message": {"text": _plain(shown(problem + (f"; {advice}" if advice else "")))},
        "locations": [_location(entry, entry.at, line, column)],
        "partialFingerprints": {
            "preroll/v1": baseline.digest(f"unreadable\n{baseline.file_name(entry.source)}\n{entry.at}")
        },
    }


def uri(source: str) -> str:
    """A file's name as a URI reference; relative names stay relative (RFC 3986, section 4.2)."""
    if source == "-":
        return "stdin"
    if baseline.is_address(source):
        return quote(_bytes(source), safe=":/?@!$&'()*+,;=%")
    text = quote(_bytes(baseline.file_name(source)))
    if PurePath(source).is_absolute():
        return f"file:///{text.lstrip('/')}"
    # A colon in the first segment would make it a scheme.
    return f"./{text}" if ":" in text.partition("/")[0] else text


def _bytes(name: str) -> bytes:
    """A file's name as the system has it."""
    try:
        return name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return name.encode("utf-8", "surrogatepass")
