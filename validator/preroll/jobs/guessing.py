"""
Guessing: the format of a text that no name tells, such as standard input, by what it looks like.
"""

from __future__ import annotations

import re
from typing import Final

import orjson

from preroll import source
from preroll.jobs.texts import JSON, JSONC, LINES, YAML
from preroll.unreadable import Unreadable

SAMPLE: Final = 100
"""Lines that are looked at."""

_COMMENT: Final = re.compile(rb"(?:^|[\s,{\[])(?://|/\*)", re.MULTILINE)


def form_of(raw: bytes) -> str:
    """The format that a text most likely has; one that is broken has a format, too."""
    head = raw.lstrip()
    first, _, rest = head.partition(b"\n")
    if rest.strip() and _is_json(first):
        return LINES
    if head.startswith((b"{", b"[", b"//", b"/*")) or not head or _is_json(head):
        if _COMMENT.search(head) and not _is_json(head) and _is_jsonc(head):
            return JSONC
        return LINES if _goes_on_in_lines(first, rest) and not _is_json(head) else JSON
    return LINES if _goes_on_in_lines(first, rest) else YAML


def _goes_on_in_lines(first: bytes, rest: bytes) -> bool:
    """Whether most lines behind a first one that is no JSON are objects or arrays: that one is broken, then."""
    if first.startswith((b"---", b"#", b"%")):  # YAML may hold documents of one line
        return False
    lines = [each.strip() for each in rest.split(b"\n", SAMPLE)[:SAMPLE] if each.strip()]
    whole = sum(each[:1] in (b"{", b"[") and _is_json(each) for each in lines)
    # The end of an array with an item a line looks like a line, once.
    return whole * 2 > len(lines) and (whole > 1 or not first.startswith(b"["))


def _is_json(raw: bytes) -> bool:
    try:
        orjson.loads(raw)
    except ValueError:
        return False
    return True


def _is_jsonc(raw: bytes) -> bool:
    try:
        source.read_jsonc(raw, "")
    except Unreadable:
        return False
    return True
