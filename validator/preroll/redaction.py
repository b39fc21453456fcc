"""
Redaction: nothing that preroll prints, writes or raises shows a secret.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from preroll import pointer as pointers
from preroll.pointer import Path
from preroll.positions import Positions
from preroll.violation import KEYED, Because, Fix, Said, Violation

SECRETS = ("authorization", "apikey", "api_key", "api-key", "x-api-key", "secret", "token", "password")
"""Names (case folded) whose text is never shown, whatever the vendor."""

REDACTED = "<redacted>"


_HOLDERS = (dict, list)

SHORTEST = 4
"""Texts shorter than this are hidden where they stand, but not wherever else they occur: they are no secrets."""


_INK = re.compile(r'[^\s"\']')

LIKE_SECRETS = "api[_-]?key|secret|token|password"
"""What every name that `sounds_secret` has in it, in small letters, as a pattern."""

_SEAM = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|-")
_SECRET_NAME = re.compile(
    r"(?:.*_)?(?:api_?key|api_?secret|client_secret|secret|secret_key|secret_access_key|password"
    r"|(?:access|api|auth|bearer|refresh|session)_?token)"
)
# A name in capitals is that of an environment variable, and a token there is none of text.
_EXPORTED_TOKEN = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_TOKEN")

LONGEST, MOST = 40, 500
"""Names longer than this are no misspelt names of secrets, and more names than that are nobody's request."""


_ESCAPE = re.compile(rb'\\[^"n]')


def has_escapes(raw: bytes) -> bool:
    """Whether a text can say something in escapes that stands nowhere in it: not with quotation marks and new lines."""
    return b"\\" in raw and _ESCAPE.search(raw) is not None


def sounds_secret(name: str) -> bool:
    """
    Whether a name is made like those of secrets: `HOUSE_API_KEY`, `access_token`, `clientSecret`.

    Each of them contains one of `SECRETS`, so that a text without these has none.
    """
    return len(name) <= LONGEST and _sounds_secret(name)


@lru_cache(maxsize=4096)  # payloads repeat the same few names
def _sounds_secret(name: str) -> bool:
    return bool(_SECRET_NAME.fullmatch(_SEAM.sub("_", name).lower()) or _EXPORTED_TOKEN.fullmatch(name))


def secret_texts(value: Any, names: frozenset[str]) -> Iterator[str]:
    """The texts of all members of a payload whose names (case folded) are those of secrets."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if str(name).lower() in names:
                yield from _texts(inner)
            else:
                yield from secret_texts(inner, names)
    elif isinstance(value, list):
        for each in value:
            yield from secret_texts(each, names)


def _texts(value: Any) -> Iterator[str]:
    """Every text inside a value; a secret may have been wrapped by mistake."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)


def secret_names(value: Any, names: frozenset[str], *, guess: bool) -> frozenset[str]:
    """
    The names of members, case folded, that are those of secrets; with `guess` also those that are almost, or made
    like them.

    A misspelt key hides a real one.
    """
    found: frozenset[str] = frozenset()
    stack = [value] if isinstance(value, _HOLDERS) else []
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            members = tuple(node)
            # Payloads repeat the same few names; but nobody keeps a dictionary, or a novel for a name.
            usual = len(members) <= MOST and len("".join(map(str, members))) <= MOST * LONGEST
            some = (_secret if usual else _secret.__wrapped__)(members, names, guess)
            if some:
                found |= some
        inner = node.values() if isinstance(node, dict) else node
        stack += [each for each in inner if isinstance(each, _HOLDERS)]
    return found


@lru_cache(maxsize=4096)
def _secret(members: tuple[Any, ...], names: frozenset[str], guess: bool) -> frozenset[str]:  # noqa: FBT001  # a cache
    folded = dict.fromkeys(str(each).lower() for each in members)
    found = names.intersection(folded)
    if guess:
        near = (each for each in folded if each not in names and len(each) < LONGEST)
        found |= {each for each in itertools.islice(near, MOST) if _is_like_one(each, names)}
        found |= {str(each).lower() for each in members if sounds_secret(str(each))}
    return found


@lru_cache(maxsize=4096)
def _is_like_one(name: str, names: frozenset[str]) -> bool:
    from preroll import spelling  # only what is told of is looked at so closely

    return name == "key" or bool(spelling.nearest(name, names))


def misnamed(payload: Any, violations: Iterable[Violation], names: frozenset[str]) -> Iterator[str]:
    """
    The texts of members that were meant to be secrets under a wrong name.

    That is what a misspelt or misplaced member's right name tells, and any unknown member of an object that
    lacks its secret.
    """
    every = list(violations)
    lacking = {
        pointer.rpartition("/")[0]
        for each in every
        if each.kind == "required" and isinstance(each.expected, tuple)
        for option in each.expected
        for pointer, _ in option
        if pointer.rpartition("/")[2].lower() in names
    }
    for each in every:
        right = ""
        if each.kind in ("misspelt-property", "misplaced-property", "unknown-property") and each.allowed:
            right = str(each.allowed[0])
        elif each.kind == "misplaced-property":
            right = str(each.expected).rpartition("/")[2]
        stray = each.kind in ("unexpected", "unknown-property") and each.pointer.rpartition("/")[0] in lacking
        if stray or (right and right.lower() in names):
            yield from _texts(pointers.look_up(payload, pointers.parse(each.pointer)))


def holding(value: Any, secrets: Iterable[str]) -> Iterator[tuple[Path, bool]]:
    """The paths of what holds one of some secrets, however the text spells it; true where the member's name does."""
    known = frozenset(secrets)
    long = tuple(each for each in known if len(each) >= SHORTEST)
    stack: list[tuple[Path, Any]] = [((), value)]
    while stack:
        path, node = stack.pop()
        if isinstance(node, dict):
            for name, each in node.items():
                if any(secret in str(name) for secret in long):
                    yield (*path, str(name)), True
                stack.append(((*path, str(name)), each))
        elif isinstance(node, list):
            stack.extend(((*path, index), each) for index, each in enumerate(node))
        elif node is not None and not isinstance(node, bool):
            text = str(node)
            if text in known or any(secret in text for secret in long):
                yield path, False


def spans(value: Any, secrets: Iterable[str], positions: Positions, at: str = "") -> set[tuple[int, int]]:
    """Where the text of the value at a JSON Pointer holds one of some secrets, however it spells it."""
    return {positions.span(at + pointers.text(path), key=key) for path, key in holding(value, secrets)}


def covered(text: str, secrets: Iterable[str], places: Iterable[tuple[int, int]] = ()) -> str:
    """
    A text in which every secret is covered; it stays as long as it was, so that columns still fit.

    Args:
        text: the text.
        secrets: what is covered wherever it is written out.
        places: spans of the text that are covered as well; see `spans`.
    """
    parts, at = [], 0
    for start, end in sorted(set(places)):
        parts += [text[at:start], _INK.sub("*", text[max(at, start) : end])]
        at = max(at, end)
    text = "".join((*parts, text[at:]))
    for each in sorted(secrets, key=len, reverse=True):
        escaped = json.dumps(each)[1:-1]
        for spelt in {each, escaped, json.dumps(each, ensure_ascii=False)[1:-1], escaped.replace("/", "\\/")}:
            if len(spelt) >= SHORTEST:
                text = text.replace(spelt, "*" * len(spelt))
    return text


def concealed(violation: Violation, names: frozenset[str], texts: frozenset[str]) -> Violation:
    """The violation without the text of any secret, wherever it stands."""
    if violation.kind not in KEYED and any(each.lower() in names for each in pointers.parse(violation.pointer)):
        violation = replace(violation, actual=REDACTED)
    return replace(
        violation,
        actual=redacted(violation.actual, names, texts),
        expected=redacted(violation.expected, names, texts),
        allowed=redacted(violation.allowed, names, texts),
        because=tuple(redacted(each, names, texts) for each in violation.because),
        causes=tuple(concealed(each, names, texts) for each in violation.causes),
        fixes=redacted(violation.fixes, names, texts),
    )


def redacted(value: Any, names: frozenset[str], texts: frozenset[str] = frozenset()) -> Any:
    """A copy of a value in which every secret is hidden; the value itself where there is none."""
    if isinstance(value, str):
        hidden = any(len(each) >= SHORTEST and each in value for each in texts) or value in texts
        return REDACTED if hidden else value
    if isinstance(value, dict):
        copy = {
            name: REDACTED if str(name).lower() in names and inner not in (None, "") else redacted(inner, names, texts)
            for name, inner in value.items()
        }
        return copy if any(copy[name] is not value[name] for name in value) else value
    if isinstance(value, (list, tuple)):
        items = [redacted(each, names, texts) for each in value]
        if all(one is other for one, other in zip(items, value, strict=True)):
            return value
        return tuple(items) if isinstance(value, tuple) else items
    if isinstance(value, Because):
        hidden = any(each.lower() in names for each in pointers.parse(value.pointer))
        return replace(value, actual=REDACTED if hidden else redacted(value.actual, names, texts))
    if isinstance(value, Said):
        return replace(value, facts=redacted(value.facts, names, texts))
    if isinstance(value, Fix):
        return replace(value, title=redacted(value.title, names, texts), patch=redacted(value.patch, names, texts))
    return value
