"""
The dialect policy: JSON Schema 2020-12, with what vendors evidently mean where validators disagree.

One place in the code decides what a format, a pattern and a multiple are, and both engines are built here:
`jsonschema-rs` (the fast path) and `jsonschema` (the reference). `docs/dialect.md` is the policy in prose.

Patterns follow ECMA-262 and run on an engine without backtracking; only a pattern with lookaround or a
back-reference takes the backtracking engine, under a limit, and counts as not matching when it is reached.
"""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import jsonschema_rs

if TYPE_CHECKING:
    from jsonschema.protocols import Validator as ReferenceValidator

FORMATS = (
    "date",
    "date-time",
    "duration",
    "email",
    "hostname",
    "idn-email",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "iri",
    "iri-reference",
    "json-pointer",
    "regex",
    "relative-json-pointer",
    "time",
    "uri",
    "uri-reference",
    "uri-template",
    "uuid",
)
"""The formats that are asserted; any other is an annotation (and the audit says so)."""

BACKTRACK_LIMIT = 100_000
PATTERN_SIZE_LIMIT = 10_000_000

_LINEAR = jsonschema_rs.RegexOptions(size_limit=PATTERN_SIZE_LIMIT)
_BACKTRACKING = jsonschema_rs.FancyRegexOptions(backtrack_limit=BACKTRACK_LIMIT, size_limit=PATTERN_SIZE_LIMIT)


class PatternError(ValueError):
    """A `pattern` that is no ECMA-262 regular expression, or too large to compile safely."""

    def __init__(self, pattern: str) -> None:
        super().__init__(pattern)
        self.pattern = pattern

    def __str__(self) -> str:
        shown = self.pattern if len(self.pattern) <= 80 else self.pattern[:77] + "..."
        return f"the pattern {shown!r} is no regular expression that can be checked safely"


Engine = jsonschema_rs.Draft202012Validator


def engine(schema: Any) -> Engine:
    """
    The fast engine for a self-contained schema, formats asserted.

    Raises:
        PatternError: a pattern cannot be compiled.
        ValueError: the engine refuses the schema for another reason, in its words.
    """
    problem: Exception | None = None
    for options in (_LINEAR, _BACKTRACKING):
        try:
            return jsonschema_rs.Draft202012Validator(
                schema, validate_formats=True, pattern_options=options, offline=True
            )
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
            problem = error
    for pattern in _patterns(schema):
        pattern_engine(pattern)
    raise ValueError(str(getattr(problem, "message", problem)))


def _patterns(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "pattern" and isinstance(value, str):
                yield value
            elif key == "patternProperties" and isinstance(value, dict):
                yield from value
            yield from _patterns(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from _patterns(item)


@functools.lru_cache(maxsize=4096)
def pattern_engine(pattern: str) -> Engine:
    """
    The engine for one pattern.

    Raises:
        PatternError: it cannot be compiled.
    """
    for options in (_LINEAR, _BACKTRACKING):
        try:
            return jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=options)
        except (jsonschema_rs.ValidationError, ValueError):
            continue
    raise PatternError(pattern)


def matches(pattern: str, text: str) -> bool:
    """Whether an ECMA-262 pattern is found in a text (unanchored, as JSON Schema has it)."""
    return pattern_engine(pattern).is_valid(text)


@functools.lru_cache(maxsize=256)
def format_engine(name: str) -> Engine:
    """The engine for one format."""
    return jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True)


def conforms(name: str, text: str) -> bool:
    """Whether a text has a format; a format that is not in `FORMATS` asserts nothing."""
    return name not in FORMATS or format_engine(name).is_valid(text)


def is_multiple(value: int | float | Decimal, step: int | float | Decimal) -> bool:
    """Exact in decimal: 0.07 is a multiple of 0.01, 0.030000000000000002 is not (2020-12, section 6.2.1)."""
    if isinstance(value, int) and isinstance(step, int):
        return value % step == 0
    return _exact(value) % _exact(step) == 0


def _exact(value: int | float | Decimal) -> Fraction:
    return Fraction(value) if isinstance(value, int) else Fraction(repr(value) if isinstance(value, float) else value)


def is_number(value: Any) -> bool:
    """JSON numbers; truth values are none."""
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def holds_decimals(value: Any) -> bool:
    """Whether a value is, or holds somewhere, a number that no float is: it is read as a `Decimal`."""
    if isinstance(value, dict):
        return any(map(holds_decimals, value.values()))
    if isinstance(value, list):
        return any(map(holds_decimals, value))
    return isinstance(value, Decimal)


def is_integer(value: Any) -> bool:
    """Numbers without a fractional part: 5.0 is an integer (2020-12 validation, section 6.1.1)."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return True
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, Decimal) and value == value.to_integral_value()


def type_name(value: Any) -> str:
    """The JSON Schema type of a value; `number` for numbers that are not whole."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if is_number(value):
        return "integer" if is_integer(value) else "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def has_type(value: Any, name: str) -> bool:
    """Whether a value has a JSON Schema type (`integer` is part of `number`)."""
    actual = type_name(value)
    return actual == name or (name == "number" and actual == "integer")


_PLAIN = frozenset((str, int, bool))


def key(value: Any) -> Hashable:
    """The same for scalars that are equal in JSON: as keys 1 and 1.0 are one, and so are 1 and true, which are not."""
    return type(value) is bool, value


def equal(one: Any, other: Any) -> bool:
    """JSON equality: 1 equals 1.0 and not true; members in any order (2020-12 core, section 4.2.2)."""
    if type(one) is type(other) and type(one) in _PLAIN:
        return bool(one == other)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if is_number(one) and is_number(other):
        if isinstance(one, Decimal) or isinstance(other, Decimal):
            return _exact(one) == _exact(other)
        return bool(one == other)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    return type(one) is type(other) and bool(one == other)


def unique(items: list[Any]) -> bool:
    """Whether no two items are equal in the sense of JSON."""
    if all(isinstance(each, str) for each in items):
        return len(set(items)) == len(items)
    return not any(equal(one, other) for index, one in enumerate(items) for other in items[index + 1 :])


def reference(schema: Any) -> ReferenceValidator:
    """The reference engine for a self-contained schema, under the same policy; slower, and independent."""
    from preroll.reference import ReferenceEngine  # off the start-up path

    made: ReferenceValidator = ReferenceEngine(schema)
    return made
