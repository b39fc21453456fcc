"""
Objects: names that are demanded and not described, and bodies in which a typo passes in silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from preroll import phrases
from preroll import pointer as pointers
from preroll.audit.finding import ERROR, NOTE, WARNING, Kind, Place
from preroll.audit.subject import Speaker, Subject, update
from preroll.pointer import Path

EXCLUDED = Kind(
    id="required-name-excluded",
    level=ERROR,
    title="a name that an object demands and refuses at the same time",
    why="`required` names it and `additionalProperties: false` excludes it: no value is ever accepted.",
    instead="Describe it under `properties`, or take it out of `required`.",
    example={"type": "object", "properties": {"a": True}, "required": ["b"], "additionalProperties": False},
    mended={"type": "object", "properties": {"a": True}, "required": ["a"], "additionalProperties": False},
)

UNDESCRIBED = Kind(
    id="required-name-undescribed",
    level=NOTE,
    title="a name that is demanded and described nowhere",
    why="Any value passes for it; often it is a slip, and the property that was meant may be left out.",
    instead="Describe it under `properties`.",
    example={"type": "object", "properties": {"prompt": {"type": "string"}}, "required": ["promt"]},
    mended={"type": "object", "properties": {"prompt": {"type": "string"}}, "required": ["prompt"]},
)

OPEN = Kind(
    id="request-takes-unknown-properties",
    level=WARNING,
    title="a request body in which a misspelt property passes in silence",
    why="Nothing says `additionalProperties: false`, so a typo is valid, the property is ignored, and the job runs "
    "without it.",
    instead="Close the object with `additionalProperties: false` (or `unevaluatedProperties: false`).",
    example={"type": "object", "properties": {"a": {"type": "string"}}},
    mended={"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False},
)

KINDS = (EXCLUDED, UNDESCRIBED, OPEN)


def check(subject: Subject) -> Iterator[Place]:
    """The objects of every schema that begins somewhere."""
    told: set[str] = set()
    places = [target.schema for target in subject.targets]
    places += [pointers.text(root) for root in subject.roots]
    seen: set[str] = set()
    for root in dict.fromkeys(places):
        if root in seen:  # told of where something leads to it
            continue
        for path, speakers in subject.speakers(root).items():
            del path
            known = _names(speakers)
            for each in speakers:
                seen.add(each.pointer)
                for found in _required(each, speakers, known):
                    if found.pointer not in told:
                        told.add(found.pointer)
                        yield found
    for target in subject.targets:
        if target.method == "GET":
            continue
        yield from _open(subject, target.name, target.schema)


def _names(speakers: tuple[Speaker, ...]) -> frozenset[str]:
    return frozenset(str(name) for each in speakers for name in _members(each.schema))


def _members(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    members = schema.get("properties")
    return members if isinstance(members, dict) else {}


def _described_otherwise(speakers: tuple[Speaker, ...]) -> bool:
    """Whether a schema or a pattern describes further names."""
    return any(
        isinstance(each.schema.get(keyword), dict) and each.schema[keyword]
        for each in speakers
        for keyword in ("patternProperties", "additionalProperties", "unevaluatedProperties")
    )


def _required(each: Speaker, speakers: tuple[Speaker, ...], known: frozenset[str]) -> Iterator[Place]:
    required = each.schema.get("required")
    if not isinstance(required, list) or not known or _described_otherwise(speakers):
        return
    closing = [
        one
        for one in speakers
        if one.schema.get("additionalProperties") is False and not one.chosen and not one.negated
    ]
    for index, name in enumerate(required):
        if not isinstance(name, str):
            continue  # told of as a schema that cannot be used
        at = f"{each.pointer}/required/{index}"
        excluding = next((one for one in closing if name not in _members(one.schema)), None)
        if excluding is not None and not each.chosen and not each.negated:
            yield Place(
                EXCLUDED,
                at,
                f"{name} is demanded here and excluded by `additionalProperties: false`, so nothing is accepted",
                {"places": [f"{excluding.pointer}/additionalProperties"]},
                (update(excluding.pointer, {"properties": {name: {}}}),),
            )
        elif name not in known:
            from preroll import spelling

            near = spelling.nearest(str(name), sorted(known))
            guess = f"; did they mean {near[0]}?" if near else ""
            yield Place(UNDESCRIBED, at, f"{name} is demanded and described nowhere{guess}", {"name": name})


def _open(subject: Subject, target: str, schema: str) -> Iterator[Place]:
    found: dict[str, Path] = {}
    for path, speakers in subject.speakers(schema).items():
        plain = [each for each in speakers if not each.negated]
        if not any(_members(each.schema) for each in plain if not each.negated):
            continue
        closed = any(
            each.schema.get(keyword) is False or _describes(each.schema.get(keyword))
            for each in plain
            for keyword in ("additionalProperties", "unevaluatedProperties")
        )
        if not closed:
            holder = next(each for each in plain if _members(each.schema))
            if not holder.chosen:
                found.setdefault(holder.pointer, path)
    if found:
        first = next(iter(found))
        names = [_spoken(path) for path in found.values()]
        told = phrases.listed(each or "the body itself" for each in names[:4]) + (
            " and others" if len(names) > 4 else ""
        )
        yield Place(
            OPEN,
            first,
            f"a property that nobody describes is accepted in {told}",
            {"places": list(found)},
            tuple(update(each, {"additionalProperties": False}) for each in found) if len(found) == 1 else (),
            (target,),
        )


def _describes(value: Any) -> bool:
    return isinstance(value, dict) and bool(value)


def _spoken(path: Path) -> str:
    return "".join("[]" if each == "*" else f".{each}" for each in path).removeprefix(".")
