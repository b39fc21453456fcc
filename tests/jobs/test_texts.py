"""
Where something stands in a line does not depend on how it is found.
"""

from __future__ import annotations

import random
from typing import Any

import orjson
import pytest
from tests.jobs.test_sieve import mixed

from preroll import pointer as pointers
from preroll import redaction
from preroll.jobs import secrets
from preroll.jobs.placeholders import Placeholders
from preroll.jobs.texts import LINES, Line, Text
from preroll.settings import PLACEHOLDERS

VALUES: list[Any] = [
    *(mixed(random.Random(seed)) for seed in range(40)),
    {"": {"/": [{}, [], "a~b"]}, "ä€😀": ["é", {'q"\\': 1}], "n": [None, True, 1.5, -0.0]},
    {"a": {"b": 1, "a": {"c": '"b":2', "b": []}}, 'b":': {"a": "\\"}, "b": '"a":1', "c": {"d": 1}},
    [],
    "text",
]


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[str]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    missing = [pointers.text((*path, each)) for each in ("none", 99, "-", "01")]
    return [pointers.text(path), *missing, *(each for key, held in inner for each in places(held, (*path, key)))]


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_counting_finds_what_scanning_finds(value):
    raw = orjson.dumps(value)
    for written in (raw, raw.replace(b",", b", "), raw + b"\r"):
        line, text = Line(written, 7, orjson.loads(written)), Text(written, LINES, line=7)
        for pointer in places(value):
            for key in (False, True):
                assert line.span(pointer, key=key) == text.span(pointer, key=key), (pointer, key)
                assert line.place(pointer, key=key) == text.place(pointer, key=key)
        assert line.frames([7]) == text.frames([7])
        assert line.frames([]) == text.frames([]) == {}


@pytest.mark.parametrize(
    ("raw", "secret", "placeholder"),
    [
        (rb'{"prompt": "a sign that says \"open\"\nand more"}', False, False),
        (rb'{"API_KEY": 1}', True, False),
        (rb'{"house_secret_": "{{ x }}"}', True, True),
        (rb'{"prompt": "${PROMPT}"}', False, True),
        (rb'{"\u0061piKey": "\u003cx>"}', True, True),
        (rb'{"prompt": "C:\\u0061"}', True, True),  # nearer is not looked at
        (b'"pass\\\nword": 1', True, True),
        (rb'"\x61piKey": 1', True, True),
    ],
)
def test_a_quick_look_misses_nothing_that_escapes_can_say(raw, secret, placeholder):
    assert secrets.may_hold(raw, frozenset(redaction.SECRETS)) is secret
    assert Placeholders(PLACEHOLDERS).may_be_in(raw) is placeholder
