"""
Redaction: nothing that preroll prints, writes or raises shows a secret.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from preroll import pointer as pointers
from preroll.violation import KEYED, Because, Violation

SECRETS = ("authorization", "apikey", "api_key", "api-key", "x-api-key", "secret", "token", "password")
"""Names (case folded) whose text is never shown, whatever the vendor."""

REDACTED = "<redacted>"


def concealed(violation: Violation, secrets: frozenset[str]) -> Violation:
    """The violation without the text of any secret."""
    hidden = any(token.lower() in secrets for token in pointers.parse(violation.pointer))
    expected = violation.expected
    if isinstance(expected, tuple) and expected and isinstance(expected[0], tuple):
        reasons = expected[0]
        if reasons and all(isinstance(each, Because) for each in reasons):
            expected = (tuple(_reason(each, secrets) for each in reasons), *expected[1:])
    return replace(
        violation,
        expected=expected,
        actual=REDACTED if hidden and violation.kind not in KEYED else redacted(violation.actual, secrets),
        because=tuple(_reason(each, secrets) for each in violation.because),
        causes=tuple(concealed(each, secrets) for each in violation.causes),
    )


def _reason(reason: Because, secrets: frozenset[str]) -> Because:
    hidden = any(token.lower() in secrets for token in pointers.parse(reason.pointer))
    return replace(reason, actual=REDACTED if hidden else redacted(reason.actual, secrets))


def redacted(value: Any, secrets: frozenset[str]) -> Any:
    """A copy of a value in which the text of every secret member is hidden; the value itself where there is none."""
    if isinstance(value, dict):
        copy = {
            name: REDACTED if str(name).lower() in secrets and inner not in (None, "") else redacted(inner, secrets)
            for name, inner in value.items()
        }
        return copy if any(copy[name] is not value[name] for name in value) else value
    if isinstance(value, list):
        items = [redacted(each, secrets) for each in value]
        return items if any(one is not other for one, other in zip(items, value, strict=True)) else value
    return value
