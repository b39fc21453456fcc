"""
Literal secrets in stored files: a key that should come from the environment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from preroll.jobs.placeholders import Placeholders
from preroll.pointer import Path
from preroll.redaction import REDACTED
from preroll.violation import Said, Violation

RULE = "literal-secret"

_SCHEME = re.compile(r"(?i)^\s*(?:bearer|basic|token|key)\s+")
# What people write where they leave a key out: a variable's name, stars, an example.
_STAND_IN = re.compile(
    r"(?ix) ^ \s* (?: \$\w+ | %\w+% | (?:env|secret|vault|op)[:.]\S+ | process\.env\.\w+ | <.*> | [x*.…•-]+ | redacted"
    r" | .*\b(?:your|my|insert|example|sample|dummy|change[_ -]?me|placeholder)\b.* | .*(?:your|my)[_-].* ) \s* $"
)


class LiteralSecret:
    """Says what a stored secret is; the one kind of violation that is about the file and not about the job."""

    name = RULE
    scope = "task"

    def say(self, expected: Any, actual: Any) -> str:
        """E.g. "a literal secret is stored in this file"."""
        del expected, actual
        return "a secret is written out in this file; take it from the environment and replace it at the vendor"


def may_hold(raw: bytes, names: frozenset[str]) -> bool:
    """Whether a text can hold a member of one of the names: a quick look for those that have no secrets at all."""
    if b"\\" in raw:
        return True  # a name may be written in escapes
    lowered = raw.lower()
    return any(name in lowered for name in _encoded(names))


@lru_cache(maxsize=64)
def _encoded(names: frozenset[str]) -> tuple[bytes, ...]:
    return tuple(name.encode() for name in names)


def literals(
    value: Any, names: frozenset[str], placeholders: Placeholders, path: Path = ()
) -> Iterator[tuple[Path, str]]:
    """Every member of one of the names (case folded) whose text is a secret, with the text."""
    if isinstance(value, dict):
        for name, each in value.items():
            here = (*path, str(name))
            if isinstance(each, str) and str(name).lower() in names:
                text = _SCHEME.sub("", each)
                if text.strip() and not placeholders.holds(text) and not _STAND_IN.match(text):
                    yield here, each
            else:
                yield from literals(each, names, placeholders, here)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from literals(each, names, placeholders, (*path, index))


def violation(pointer: str) -> Violation:
    """The violation of a secret at a JSON Pointer."""
    return Violation(RULE, pointer, kind=RULE, expected=Said(LiteralSecret(), None), actual=REDACTED)


def masked(line: str, secrets: tuple[str, ...]) -> str:
    """A line of text with every secret covered; it stays as long as it was, so that columns still fit."""
    for each in secrets:
        for spelt in {each, each.replace("\\", "\\\\").replace('"', '\\"')}:
            line = line.replace(spelt, "*" * len(spelt))
    return line
