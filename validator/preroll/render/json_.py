"""
`--format json`: for programs; its JSON Schema is published in `docs/json/check.schema.json`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from preroll import __version__, words
from preroll.outcome import Entry, Outcome, Placed, entry
from preroll.pointer import ABSENT

if TYPE_CHECKING:
    from preroll.judgement import Report


def render(outcome: Outcome, *, statistics: bool = False, **_: Any) -> str:
    """
    The whole outcome as one JSON object, indented, with a final newline.

    With `statistics` it has a member of that name: a row for each rule that was broken.
    """
    summary = dict(outcome.counts) | ({"accepted": outcome.accepted} if outcome.accepted else {})
    entries = [of_entry(each) for each in outcome.entries]
    rows: dict[str, Any] = {}
    if statistics:
        from preroll import tally  # rarely asked for

        rows["statistics"] = [
            {name: getattr(row, name) for name in tally.Row.__slots__} for row in tally.by_rule(outcome)
        ]
    return dumped({"preroll": __version__, "summary": summary, **rows, "payloads": entries})


def dumped(data: Any) -> str:
    """Plain data as indented JSON with a final newline, every number exact."""
    from preroll.json_text import written

    text = written(plain_value(data, exact=True), indent=2) + "\n"
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, in a file's name for example
        import json

        return json.dumps(plain_value(data), indent=2) + "\n"
    return text


def payload(report: Report) -> dict[str, Any]:
    """One report as its entry in `payloads`."""
    plain: dict[str, Any] = plain_value(of_entry(entry(report, report.source)))
    return plain


def of_entry(each: Entry) -> dict[str, Any]:
    """One entry as plain data."""
    data: dict[str, Any] = {
        "source": each.source,
        "at": each.at,
        "line": each.line,
        "target": each.target,
        "verdict": each.verdict,
        "effective": dict(each.effective),
        "violations": [of_violation(placed) for placed in each.found],
    }
    if each.problem is not None:
        line, column, problem, advice = each.problem
        data["problem"] = {"line": line, "column": column, "message": problem, "help": advice}
    return data


def of_violation(placed: Placed) -> dict[str, Any]:
    """One violation as plain data."""
    violation = placed.violation
    return {
        "rule": violation.rule,
        "severity": violation.severity,
        "pointer": violation.pointer,
        "also": list(violation.also),
        "line": placed.line,
        "column": placed.column,
        "message": words.message(violation),
        "because": [{"pointer": each.pointer, "message": words.because_short(each)} for each in violation.because],
        "allowed": [plain_value(each, exact=True) for each in violation.allowed],
        "help": list(words.help_lines(violation)),
        "target": violation.target,
        "document": violation.document,
        "document_pointer": violation.document_pointer,
        "correction": violation.correction,
        "parameter": violation.parameter,
        "fixes": [
            {"title": fix.title, "safe": fix.safe, "patch": [plain_value(op, exact=True) for op in fix.patch]}
            for fix in violation.fixes
        ],
    }


def plain_value(value: Any, *, exact: bool = False) -> Any:
    """
    A value of dicts, lists, texts, booleans, None and numbers.

    Args:
        value: any value that a report holds.
        exact: leave `Decimal`s as they are, for `preroll.json_text.written`; otherwise they become their text,
            because no other JSON writer knows them.
    """
    if isinstance(value, dict):
        return {str(key): plain_value(each, exact=exact) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_value(each, exact=exact) for each in value]
    if value is ABSENT:
        return None
    return str(value) if isinstance(value, Decimal) and not exact else value
