"""
Rules as JSON Schemas: what holds exactly where a rule does, or nothing.

A clearance may be too narrow; what stands here may be neither. It goes into schemas that are given away, for
editors and other languages, so it keeps to what every validator reads alike: `if` / `then` where that lets an
editor point at the place at fault, and patterns of ECMA-262 without lookbehind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from preroll.pointer import ABSENT, Path
from preroll.rules import clearance
from preroll.rules import place as places
from preroll.rules.condition import Condition

Schema = dict[str, Any]


def every(schemas: Iterable[Schema]) -> Schema:
    """All of some schemas, as plainly as that can be written."""
    listed = [each for each in schemas if each]
    return listed[0] if len(listed) == 1 else {"allOf": listed} if listed else {}


def when(conditions: Iterable[Condition], then: Schema | None) -> Schema | None:
    """Where all conditions hold, a schema does too; None where a condition cannot be said."""
    held = clearance.every(map(holding, conditions))
    if held is None or then is None:
        return None
    return {"if": every(held["allOf"]), "then": then} if held.get("allOf") else then


def holding(condition: Condition) -> Schema | None:
    """The payloads in which a condition holds, also for places inside lists."""
    if "*" not in condition.place:
        return clearance.holding(condition)
    here = exists(condition.place, {} if condition.test == "given" else fitting(condition))
    if condition.test == "given":
        return here if condition.holds else {"not": here}
    if condition.default is ABSENT or not condition.fits(condition.default):
        return here
    return {"anyOf": [here, {"not": exists(condition.place, {})}]}


def exists(path: Path, schema: Schema) -> Schema:
    """Something stands at a place (`*`: at that of some item) and satisfies a schema."""
    for key in reversed(path):
        if key == "*":
            schema = {"type": "array", "contains": schema}
        else:
            schema = {"type": "object", "required": [str(key)], "properties": {str(key): schema}}
    return schema


def fitting(condition: Condition) -> Schema:
    """The values that satisfy a condition on a value."""
    if condition.test == "above":
        bound = "exclusiveMinimum" if condition.holds else "maximum"
        return {"type": "number", bound: places.plain(places.exact(condition.values[0]) or 0)}
    listed = one_of(condition.values)
    return listed if condition.holds else {"not": listed}


def refused(condition: Condition) -> Schema:
    """Nothing stands at a place that a condition refuses."""
    if condition.test == "given":
        return clearance.at(condition.place, False) if condition.holds else {}  # a JSON Schema
    return clearance.at(condition.place, {"not": fitting(condition)})


def one_of(values: Iterable[Any]) -> Schema:
    """One of some values."""
    listed = list(values)
    return {"const": listed[0]} if len(listed) == 1 else {"enum": listed}


def texts(paths: Iterable[Path], look: Schema) -> Schema:
    """Every text at some places has a look; `look` uses keywords that only texts can fail."""
    return every(clearance.at(each, look) for each in paths)


def whole(pattern: str, *, fold: bool = False) -> str | None:
    """
    A Python pattern that must match a whole text, for every validator; None where they might read it otherwise.

    What is left out: anchors and the dot (which disagree about line ends), classes of blanks, and lookaround.
    """
    if re.search(r"(?<!\\)(?:\\\\)*(?:[.^$]|\\[sSwWD])", re.sub(r"\[\^", "[", re.sub(r"\[[^\]]*\]", _class, pattern))):
        return None
    found = clearance.shared(pattern, fold=fold)
    return None if found is None else f"^(?:{found})$"


def _class(found: re.Match[str]) -> str:
    """A class without its dots and dollars, which only stand for themselves there."""
    return re.sub(r"[.$]", "", found.group())


def folded(text: str) -> str:
    """A pattern for a text in any case, as Python's `lower` sees it."""
    written = []
    for each in text:
        alike = dict.fromkeys((each, each.upper(), *({"k": "\u212a"}.get(each, ""))))
        written.append(f"[{''.join(alike)}]" if len(alike) > 1 and all(len(a) == 1 for a in alike) else re.escape(each))
    return "".join(written)
