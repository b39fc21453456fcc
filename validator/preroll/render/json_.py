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


def render(outcome: Outcome, **_: Any) -> str:
    """The whole outcome as one JSON object, indented, with a final newline."""
    entries = [of_entry(each) for each in outcome.entries]
    return dumped({"preroll": __version__, "summary": dict(outcome.counts), "payloads": entries})


def dumped(data: Any) -> str:
    """Plain data as indented JSON with a final newline; exact numbers beyond the writer's reach become text."""
    import json  # noqa: PLC0415  # orjson writes no deeper than 254 levels, payloads may have more

    return json.dumps(plain_value(data), ensure_ascii=False, indent=2) + "\n"


def payload(report: Report) -> dict[str, Any]:
    """One report as its entry in `payloads`."""
    return of_entry(entry(report, report.source))


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
        "allowed": [plain_value(each) for each in violation.allowed],
        "help": list(words.help_lines(violation)),
        "target": violation.target,
        "document": violation.document,
        "document_pointer": violation.document_pointer,
        "correction": violation.correction,
        "parameter": violation.parameter,
        "fixes": [{"title": fix.title, "patch": [plain_value(op) for op in fix.patch]} for fix in violation.fixes],
    }


def plain_value(value: Any) -> Any:
    """A value that a JSON writer takes: exact numbers beyond its reach become their text."""
    if isinstance(value, dict):
        return {str(key): plain_value(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_value(each) for each in value]
    if value is ABSENT:
        return None
    if isinstance(value, Decimal) or (isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**63):
        return str(value)
    return value

