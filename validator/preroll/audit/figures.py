"""
Numbers that programs cannot hold exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from preroll import dialect
from preroll.audit.finding import NOTE, WARNING, Kind, Place
from preroll.audit.subject import Node, Subject

BEYOND_INT64 = Kind(
    id="number-beyond-int64",
    level=WARNING,
    title="a limit or a value beyond the integers of 64 bits",
    why="Programs that read it into such an integer overflow or refuse it; the limit lets numbers pass that they "
    "cannot hold.",
    instead="Write the largest number that is meant: 9223372036854775807 for signed integers of 64 bits.",
    example={"type": "object", "properties": {"a": {"type": "integer", "maximum": 9223372036854776000}}},
    mended={"type": "object", "properties": {"a": {"type": "integer", "maximum": 9007199254740991}}},
)

INEXACT = Kind(
    id="number-beyond-doubles",
    level=NOTE,
    title="a number that a double cannot hold exactly",
    why="JavaScript and many JSON readers round it, so that neighbours of the limit pass or are refused.",
    instead="Stay within 9007199254740991 (2^53 - 1), or say that the number is to be read exactly.",
    example={"type": "object", "properties": {"a": {"type": "integer", "maximum": 9007199254740993}}},
    mended={"type": "object", "properties": {"a": {"type": "integer", "maximum": 9007199254740991}}},
)

STEP = Kind(
    id="step-inexact-in-doubles",
    level=NOTE,
    title="a step whose multiples doubles get wrong",
    why="Validators that divide doubles refuse some multiples and take numbers that are none.",
    instead="Count in whole units (hundredths), or rely on validators that calculate in decimal.",
    example={"type": "object", "properties": {"a": {"type": "number", "multipleOf": 0.01}}},
    mended={"type": "object", "properties": {"a": {"type": "number", "multipleOf": 0.5}}},
)

KINDS = (BEYOND_INT64, INEXACT, STEP)

LARGEST, SMALLEST = 2**63 - 1, -(2**63)
TRIED = 1000


def check(subject: Subject) -> Iterator[Place]:
    """Every number that a schema names."""
    for node in subject.nodes:
        for at, value in _numbers(node):
            if isinstance(value, (float, Decimal)) and not dialect.is_integer(value):
                continue
            number = int(value)
            if number > LARGEST or number < SMALLEST:
                excess = number - LARGEST if number > 0 else SMALLEST - number
                yield Place(
                    BEYOND_INT64,
                    at,
                    f"{number} is {excess} beyond the {'largest' if number > 0 else 'smallest'} integer of 64 bits",
                    {"value": str(number)},
                )
            elif int(float(number)) != number:
                yield Place(INEXACT, at, f"as a double {number} becomes {int(float(number))}", {"value": str(number)})
        step = node.schema.get("multipleOf")
        if dialect.is_number(step) and not dialect.is_integer(step):
            wrong = _misjudged(node.schema, step)
            if wrong:
                yield Place(
                    STEP,
                    f"{node.pointer}/multipleOf",
                    f"in doubles {wrong[0]} is no multiple of {step}, though it is one"
                    + (f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""),
                    {"payloads": [float(each) for each in wrong[:5]]},
                )


def _numbers(node: Node) -> Iterator[tuple[str, Any]]:
    for keyword in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "const", "default"):
        value = node.schema.get(keyword)
        if dialect.is_number(value):
            yield f"{node.pointer}/{keyword}", value
    listed = node.schema.get("enum")
    for index, value in enumerate(listed if isinstance(listed, list) else ()):
        if dialect.is_number(value):
            yield f"{node.pointer}/enum/{index}", value


def _misjudged(schema: Any, step: Any) -> list[str]:
    """Multiples of a step within the limits that division in doubles does not call so."""
    exact = Fraction(str(step))
    low, high = schema.get("minimum"), schema.get("maximum")
    first = -(-Fraction(str(low)) // exact) if dialect.is_number(low) else 0
    last = Fraction(str(high)) // exact if dialect.is_number(high) else first + TRIED
    wrong = []
    for count in range(int(first), int(min(last, first + TRIED)) + 1):
        multiple = exact * count
        value = float(multiple)
        if value % float(step) != 0 and not (value / float(step)).is_integer():
            wrong.append(str(value))
    return wrong
