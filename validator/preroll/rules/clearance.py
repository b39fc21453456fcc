"""
Clearances: JSON Schemas under which a rule certainly has nothing to say.

A clearance may be too narrow, never too wide: what satisfies it is passed without asking the rule, what does
not is asked. It is read together with the target's own schema in one call of the fast engine.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from preroll.pointer import ABSENT, Path
from preroll.rules import place as places
from preroll.rules.condition import Condition

Schema = dict[str, Any]

NEVER: Schema = {"not": {}}


def at(path: Path, schema: Any) -> Schema:
    """Whatever stands at a place (`*`: at every item) satisfies a schema; so does a payload without it."""
    for key in reversed(path):
        schema = {"items": schema} if key == "*" else {"properties": {str(key): schema}}
    return dict(schema) if isinstance(schema, dict) else {"allOf": [schema]}


def given(path: Path, schema: Any = True) -> Schema | None:  # noqa: FBT002  # `true` is a JSON Schema
    """Something stands at a place and satisfies a schema; None where the place names items of arrays."""
    if "*" in path:
        return None
    for key in reversed(path):
        schema = {"type": "object", "required": [str(key)], "properties": {str(key): schema}}
    return dict(schema) if isinstance(schema, dict) else {}


def absent(path: Path) -> Schema:
    """Nothing stands at a place, or only empty lists on the way to it; the empty path is always there."""
    for index, key in enumerate(path):
        if key == "*":
            return at(path[:index], {"maxItems": 0})
    return at(path, False) if path else NEVER


def holding(condition: Condition) -> Schema | None:
    """Exactly the payloads in which a condition holds; None where that cannot be said."""
    if condition.test == "given":
        found = given(condition.place)
        return found if condition.holds or found is None else {"not": found}
    found = given(condition.place, _fitting(condition))
    if found is None or condition.default is ABSENT or not condition.fits(condition.default):
        return found
    there = given(condition.place)
    return None if there is None else {"anyOf": [found, {"not": there}]}


def standing(condition: Condition) -> Schema | None:
    """The payloads in which a place is given whose value satisfies a condition."""
    if condition.test == "given":
        return given(condition.place) if condition.holds else NEVER
    return given(condition.place, _fitting(condition))


def _fitting(condition: Condition) -> Schema:
    if condition.test == "above":
        bound = "exclusiveMinimum" if condition.holds else "maximum"
        return {"type": "number", bound: places.plain(places.exact(condition.values[0]) or 0)}
    listed: Schema = {"enum": list(condition.values)}
    return listed if condition.holds else {"not": listed}


def unless(conditions: Iterable[Condition], *otherwise: Schema | None) -> Schema:
    """Some condition does not hold, or one of the other schemas is satisfied; what cannot be said is left out."""
    known = [holding(each) for each in conditions]
    ways = [{"not": each} for each in known if each is not None]
    ways += [each for each in otherwise if each is not None]
    return {"anyOf": ways} if ways else NEVER


def every(schemas: Iterable[Schema | None]) -> Schema | None:
    """All of some schemas; None where one of them cannot be said."""
    listed = list(schemas)
    return None if any(each is None for each in listed) else {"allOf": listed} if listed else {}


def widened(pattern: str, *, fold: bool) -> str:
    """
    A pattern that the engines share and that finds at least what a Python one finds.

    Lookaround is left out, and with `fold` ASCII letters stand for both cases.
    """
    return _rewritten(pattern, fold=fold, look=True) or ""


def shared(pattern: str, *, fold: bool) -> str | None:
    """The same pattern for the engines, or None where they might read it differently."""
    return _rewritten(pattern, fold=fold, look=False)


# Not `\s` and `\S`: white space is all of Unicode's to ECMA-262, and ASCII's to the rules.
_ESCAPES = frozenset("dwDW.-/[](){}+*?^$|\\")


def _rewritten(pattern: str, *, fold: bool, look: bool) -> str | None:
    written: list[str] = []
    at_ = 0
    inside = False  # a class, `[...]`
    while at_ < len(pattern):
        each = pattern[at_]
        if each == "\\":
            if pattern[at_ + 1 : at_ + 2] not in _ESCAPES:
                return None
            written.append(pattern[at_ : at_ + 2])
            at_ += 2
            continue
        if inside:
            inside = each != "]"
            written.append(_folded_class(pattern, at_) if fold else each)
            if fold and each.isalpha() and pattern[at_ + 1 : at_ + 2] == "-" and pattern[at_ + 2 : at_ + 3] != "]":
                at_ += 2  # a range was written as one
        elif each == "[":
            inside = True
            written.append(each)
        elif pattern.startswith("(?", at_) and not pattern.startswith("(?:", at_):
            end = _group_end(pattern, at_)
            if not look or pattern[at_ + 2] not in "=!<" or end < 0:
                return None
            at_ = end
        elif fold and each.isalpha() and each.isascii():
            written.append(f"[{each.lower()}{each.upper()}]")
        else:
            written.append(each)
        at_ += 1
    return "".join(written)


def _folded_class(pattern: str, at_: int) -> str:
    """One character or range of letters inside `[...]`, in both cases."""
    each = pattern[at_]
    if not (each.isalpha() and each.isascii()):
        return each
    end = pattern[at_ + 2 : at_ + 3]
    if pattern[at_ + 1 : at_ + 2] == "-" and end != "]":
        return f"{each.lower()}-{end.lower()}{each.upper()}-{end.upper()}" if end.isalpha() else f"{each}-{end}"
    return each.lower() + each.upper()


def _group_end(pattern: str, at_: int) -> int:
    """Where the bracket that opens at an offset closes; -1 where it does not."""
    depth = 0
    inside = escaped = False
    for index in range(at_, len(pattern)):
        each = pattern[index]
        if escaped or each == "\\":
            escaped = not escaped
        elif inside or each == "[":
            inside = each != "]"
        elif each in "()":
            depth += 1 if each == "(" else -1
            if depth == 0:
                return index
    return -1
