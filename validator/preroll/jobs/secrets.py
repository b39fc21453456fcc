"""
Literal secrets in stored files: a key that should come from the environment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from preroll.jobs.placeholders import Placeholders
from preroll.pointer import Path
from preroll.redaction import REDACTED, has_escapes, sounds_secret
from preroll.violation import Said, Violation

RULE = "literal-secret"

_SCHEME = re.compile(r"(?i)^\s*(?:bearer|basic|token|key)\s+")
# What people write where they leave a key out: a variable's name, stars, an example.
_STAND_IN = re.compile(
    r"(?ix) ^ \s* (?: \$\w+ | %\w+% | (?:env|secret|vault|op)[:.]\S+ | process\.env\.\w+ | <.*> | [x*.…•-]+ | redacted"
    r" | .*\b(?:insert|example|sample|dummy|change[_ -]?me|placeholder)\b.* ) \s* $"
)
_OWN = re.compile(r"(?i)(?<![a-z])(?:your|my)(?![a-z])")
# What nobody makes up: letters and digits through one another.
_RANDOM = re.compile(r"(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{8,}")
_KEY_LIKE = re.compile(r"(?=.*\d)(?=.*[A-Za-z])(?!.*://)[\w.~+/=:-]{8,}|\d{12,}", re.ASCII)

_NO, _LIKELY, _SURE = 0, 1, 2


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
    return has_escapes(raw) or any(map(raw.lower().__contains__, _encoded(names)))  # a name may be written in escapes


@lru_cache(maxsize=64)
def _encoded(names: frozenset[str]) -> tuple[bytes, ...]:
    """Those of the names that no other one is part of: whoever holds that, holds this one, too."""
    return tuple(name.encode() for name in names if not any(each in name for each in names if each != name))


class Held(NamedTuple):
    """
    What stands where a secret does: its path, and its text without `Bearer` and the like.

    Attributes:
        sure: the name is that of a secret; else it sounds like one, or stands beside it
            (`{"name": "Authorization", "value": ...}`).
        key_like: the text looks like a key.
    """

    path: Path
    text: str
    sure: bool
    key_like: bool

    def is_literal(self, *, alone: bool = False) -> bool:
        """Whether it is a secret; where no payload is near a "Password" may be translated, and only keys are told."""
        return self.key_like or (self.sure and not alone)


def held(value: Any, names: frozenset[str], placeholders: Placeholders) -> Iterator[Held]:
    """
    Every text and number that stands where a secret does, and is no placeholder.

    Args:
        value: what to look through.
        names: names of secrets, in small letters.
        placeholders: what counts as a placeholder.
    """
    for path, each, sure in _held(value, names, (), _NO):
        text = _SCHEME.sub("", str(each)).strip()
        if text and not placeholders.holds(text) and not _stands_in(text):
            yield Held(path, text, sure == _SURE, _KEY_LIKE.fullmatch(text) is not None)


def _held(value: Any, names: frozenset[str], path: Path, sure: int) -> Iterator[tuple[Path, Any, int]]:
    """What may be a secret by where it stands, and how sure that is."""
    if isinstance(value, dict):
        beside = value.get("name", value.get("key"))
        for name, each in value.items():
            own = _sureness(str(name), names)
            if name == "value" and isinstance(beside, str) and _sureness(beside, names):
                own = _LIKELY
            yield from _held(each, names, (*path, str(name)), max(own, min(sure, _LIKELY)))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _held(each, names, (*path, index), sure)
    elif sure and isinstance(value, (str, int, float, Decimal)) and not isinstance(value, bool):
        yield path, value, sure


def _sureness(name: str, names: frozenset[str]) -> int:
    if name.lower() in names:
        return _SURE
    return _LIKELY if sounds_secret(name) else _NO


def _stands_in(text: str) -> bool:
    """Whether a text stands where a key was left out."""
    return bool(_STAND_IN.match(text) or (_OWN.search(text) and not _RANDOM.search(text)))


def violation(pointer: str) -> Violation:
    """The violation of a secret at a JSON Pointer."""
    return Violation(RULE, pointer, kind=RULE, expected=Said(LiteralSecret(), None), actual=REDACTED)
