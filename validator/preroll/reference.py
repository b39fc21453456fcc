"""
The reference engine: `jsonschema` for 2020-12, with the keywords on which the dialect policy has a say.

Reached through `preroll.dialect.reference`; nothing else imports jsonschema.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator, exceptions, validators

from preroll.dialect import conforms, equal, is_integer, is_multiple, is_number, matches


def pattern(_: Any, wanted: str, instance: Any, __: Any) -> Iterator[Any]:
    """ECMA-262 (see `preroll.dialect.matches`), where jsonschema uses Python's own expressions."""
    if isinstance(instance, str) and not matches(wanted, instance):
        yield exceptions.ValidationError(f"{instance!r} does not match {wanted!r}")


def format_(_: Any, wanted: str, instance: Any, __: Any) -> Iterator[Any]:
    """Asserted, for the list of the policy; no checker can be missing."""
    if isinstance(instance, str) and not conforms(wanted, instance):
        yield exceptions.ValidationError(f"{instance!r} is not a {wanted!r}")


def multiple_of(_: Any, wanted: Any, instance: Any, __: Any) -> Iterator[Any]:
    """Exact in decimal, where jsonschema divides floats."""
    if is_number(instance) and not is_multiple(instance, wanted):
        yield exceptions.ValidationError(f"{instance!r} is not a multiple of {wanted!r}")


def pattern_properties(validator: Any, wanted: Mapping[str, Any], instance: Any, _: Any) -> Iterator[Any]:
    """The names are matched as `pattern` does."""
    if isinstance(instance, dict):
        for each, subschema in wanted.items():
            for name, value in instance.items():
                if matches(each, name):
                    yield from validator.descend(value, subschema, path=name, schema_path=each)


def additional_properties(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:
    """The names beside it are matched as `pattern` does."""
    if isinstance(instance, dict):
        patterns = schema.get("patternProperties", {})
        for name, value in instance.items():
            if name not in schema.get("properties", {}) and not any(matches(each, name) for each in patterns):
                yield from validator.descend(value, wanted, path=name)


def enum(_: Any, wanted: list[Any], instance: Any, __: Any) -> Iterator[Any]:
    """JSON equality, exact for decimals too."""
    if not any(equal(each, instance) for each in wanted):
        yield exceptions.ValidationError(f"{instance!r} is not one of {wanted!r}")


def const(_: Any, wanted: Any, instance: Any, __: Any) -> Iterator[Any]:
    """As `enum` of one value."""
    if not equal(wanted, instance):
        yield exceptions.ValidationError(f"{wanted!r} was expected")


ReferenceEngine: Any = validators.extend(
    Draft202012Validator,
    {
        "additionalProperties": additional_properties,
        "const": const,
        "enum": enum,
        "format": format_,
        "multipleOf": multiple_of,
        "pattern": pattern,
        "patternProperties": pattern_properties,
    },
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many(
        {"number": lambda _, value: is_number(value), "integer": lambda _, value: is_integer(value)}
    ),
)
