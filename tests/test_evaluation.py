"""
One keyword has one truth, whichever way it is asked.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from preroll.evaluation import literal_holds, literal_test

VALUES = [
    None, True, False, 0, 1, 2, 5, -1, 1.0, 2.5, 0.5, -0.0, 2**64, Decimal("0.1"), Decimal(1), Decimal("1e400"),
    "", "a", "ab", "é" * 3, "2024-02-30", "0b3f7a52-3c55-4b8c-9d52-0b9d7c1d9a11",
    [], [1], [1, 1], [True, 1], {}, {"a": 1}, {"a": 1, "b": 2},
]  # fmt: skip

KEYWORDS = [
    ("type", ("string",)), ("type", ("integer",)), ("type", ("number", "null")), ("type", ("integer", "array")),
    ("type", ("boolean", "object")), ("enum", ("a", "ab")), ("enum", (1, "a", None)), ("enum", (True, 2.5)),
    ("enum", ([1], 5)), ("enum", (Decimal("0.1"), 0)), ("minimum", 1), ("maximum", 1.0), ("exclusiveMinimum", 0),
    ("exclusiveMaximum", Decimal("2.5")), ("multipleOf", 0.5), ("minLength", 1), ("maxLength", 2), ("minItems", 1),
    ("maxItems", 1), ("minProperties", 1), ("maxProperties", 1), ("uniqueItems", True), ("pattern", "^a"),
    ("format", "uuid"), ("format", "nobody's"), ("required", "a"), ("closed", (("a",), ())),
    ("closed", (("a",), ("^b",))), ("false", None),
]  # fmt: skip


@pytest.mark.parametrize(("test", "argument"), KEYWORDS, ids=str)
def test_what_is_asked_quickly_is_answered_alike(test, argument):
    quick = literal_test(test, argument)
    for value in VALUES:
        assert quick(value) is literal_holds(test, argument, value), value
