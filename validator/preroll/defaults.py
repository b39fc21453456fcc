"""
Documented defaults that will apply to a task: what the vendor assumes where the payload is silent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from preroll import mending
from preroll import pointer as pointers
from preroll.dialect import Engine
from preroll.pointer import ABSENT, Path
from preroll.rules import RuleSet

MAX_DEPTH = 6


def effective(tree: Any, schema: str, task: Any, base: Path, engine: Engine, rules: RuleSet | None) -> dict[str, Any]:
    """
    The documented defaults of an accepted task: by JSON Pointer, `{"value": ..., "sets": [...]}`.

    `sets` says what the property decides that costs money: `length`, `size`, `count`, `price`. A default that
    the schema would refuse if it were written out in this task does not apply to it and is left out.
    """
    found: dict[str, Any] = {}
    if not isinstance(task, dict):
        return found
    for path, default in _documented(tree, schema, task, (), 0):
        if not engine.is_valid(mending.put(task, path, default)):
            continue
        meaning = rules.meaning(str(path[-1])) if rules is not None else ""
        found[pointers.text((*base, *path))] = {"value": default, "sets": [meaning] if meaning else []}
    return found


def _documented(tree: Any, at: str, value: Any, path: Path, depth: int) -> Iterator[tuple[Path, Any]]:
    schema = pointers.look_up(tree, pointers.parse(at))
    for _ in range(20):
        if not isinstance(schema, dict) or "$ref" not in schema:
            break
        schema = pointers.look_up(tree, pointers.parse(schema["$ref"].removeprefix("#")))
    if not isinstance(schema, dict) or depth > MAX_DEPTH:
        return
    properties = schema.get("properties")
    for name, property_ in properties.items() if isinstance(properties, dict) else ():
        given = value.get(name, ABSENT) if isinstance(value, dict) else ABSENT
        where = f"{at}/properties{pointers.text((name,))}"
        if given is ABSENT and isinstance(property_, dict) and "default" in property_:
            yield (*path, name), property_["default"]
        elif given is ABSENT or isinstance(given, dict):
            yield from _documented(tree, where, given, (*path, name), depth + 1)
    parts = schema.get("allOf")
    for index in range(len(parts) if isinstance(parts, list) else 0):
        yield from _documented(tree, f"{at}/allOf/{index}", value, path, depth + 1)
