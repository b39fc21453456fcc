"""
Examples: documented values, fragments and code samples that the document's own schema refuses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from preroll import phrases
from preroll import pointer as pointers
from preroll.audit import literals
from preroll.audit.finding import ERROR, NOTE, Kind, Place
from preroll.audit.subject import Node, Subject, remove
from preroll.pointer import ABSENT, Path
from preroll.target import Target

_LEVELS = {"type": "string", "enum": ["low", "high"]}
_CLOSED = {"type": "object", "additionalProperties": False}


def _with(schema: Any) -> Any:
    return {**_CLOSED, "properties": {"level": schema}}


def _sampled(source: str) -> Any:
    body = {"type": "object", "properties": {"level": _LEVELS}, "required": ["level"], "additionalProperties": False}
    operation = {
        "operationId": "make",
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {"204": {"description": "done"}},
        "x-codeSamples": [{"lang": "Python", "source": source}],
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "minimal", "version": "1"},
        "paths": {"/v1/make": {"post": operation}},
    }


DEFAULT = Kind(
    id="default-refused",
    level=ERROR,
    title="a default that its own schema refuses",
    why="Whoever writes the documented default into a request is refused.",
    instead="Correct the default or the schema.",
    example=_with({**_LEVELS, "default": "medium"}),
    mended=_with({**_LEVELS, "default": "low"}),
)

EXAMPLE = Kind(
    id="example-refused",
    level=ERROR,
    title="an example that its own schema refuses",
    why="Whoever copies the example is refused; or the schema refuses what the vendor takes.",
    instead="Correct the example or the schema.",
    example=_with({**_LEVELS, "examples": ["medium"]}),
    mended=_with({**_LEVELS, "examples": ["low"]}),
)

PROSE = Kind(
    id="example-in-prose-refused",
    level=ERROR,
    title="an example in a description that the schema refuses",
    why="Whoever copies the example is refused; or the schema refuses what the vendor takes.",
    instead="Correct the example or the schema.",
    example=_with({**_LEVELS, "description": 'For example:\n\n```json\n"level": "medium"\n```'}),
    mended=_with({**_LEVELS, "description": 'For example:\n\n```json\n"level": "low"\n```'}),
)

SAMPLE = Kind(
    id="code-sample-refused",
    level=ERROR,
    title="a code sample that sends what the schema refuses",
    why="Whoever begins with the sample is refused; or the schema refuses what the vendor takes.",
    instead="Correct the sample or the schema.",
    example=_sampled("client.make(level='medium')"),
    mended=_sampled("client.make(level='low')"),
)

UNREAD = Kind(
    id="example-not-readable",
    level=NOTE,
    title="an example in prose or code that could not be read, and so was not checked",
    why="Nothing is said of it: it may be right or wrong.",
    instead="Write it as plain JSON, or with literals only.",
    example=_with({**_LEVELS, "description": "For example:\n\n```json\n{'level': ...}\n```"}),
    mended=_with({**_LEVELS, "description": 'For example:\n\n```json\n"level": "low"\n```'}),
)

KINDS = (DEFAULT, EXAMPLE, PROSE, SAMPLE, UNREAD)


@dataclass
class Tally:
    """
    What was read of examples in prose and code.

    Attributes:
        read: how many were compared with a schema.
        unread: where those stand that could not be read, with the reason.
        unplaced: where those stand of which nothing says what they are examples of.
    """

    read: int = 0
    unread: dict[str, str] = field(default_factory=dict)
    unplaced: list[str] = field(default_factory=list)


def check(subject: Subject) -> Iterator[Place]:
    """Every documented value of the document."""
    for node in subject.nodes:
        if not node.negated:
            yield from _values(subject, node)
    yield from _beside_schemas(subject)
    tally = Tally()
    yield from _fragments(subject, tally)
    yield from _samples(subject, tally)
    if tally.unread:
        count = len(tally.unread)
        yield Place(
            UNREAD,
            next(iter(tally.unread)),
            f"{phrases.count(count, 'example')} in prose and code could not be read; {tally.read} were",
            {"places": list(tally.unread), "reasons": list(tally.unread.values())},
        )


def _values(subject: Subject, node: Node) -> Iterator[Place]:
    if "default" in node.schema:
        yield from _refused(
            subject, DEFAULT, "the default", f"{node.pointer}/default", node.schema["default"], node.pointer
        )
    if "example" in node.schema:
        yield from _refused(
            subject, EXAMPLE, "the example", f"{node.pointer}/example", node.schema["example"], node.pointer
        )
    listed = node.schema.get("examples")
    for index, each in enumerate(listed if isinstance(listed, list) else ()):
        at = f"{node.pointer}/examples/{index}"
        yield from _unwrapped(subject, at, each, node.pointer)


_WRAPPER = frozenset(("summary", "description", "value"))
"""The members of an Example Object (OpenAPI 3.1.1, section 4.8.19), which a media type has and a schema has not."""


def _unwrapped(subject: Subject, at: str, value: Any, schema: str) -> Iterator[Place]:
    """An item of a schema's `examples`, also where it was written as if it stood beside the schema."""
    refused = list(_refused(subject, EXAMPLE, "the example", at, value, schema))
    if refused and isinstance(value, dict) and "value" in value and len(value) > 1 and value.keys() <= _WRAPPER:
        others = phrases.listed(name for name in value if name != "value")
        reason = subject.refuses(schema, value["value"])
        more = "what it wraps would be accepted" if reason is None else f"what it wraps is refused, too: {reason}"
        told = f"it is wrapped in value, beside {others}, as a media type's examples are; {more}"
        yield replace(refused[0], fact=f"the example is refused: {told}")
        return
    yield from refused


def _refused(subject: Subject, kind: Kind, said: str, at: str, value: Any, schema: str, **more: Any) -> Iterator[Place]:
    reason = subject.refuses(schema, value)
    if reason is not None:
        proposal = (remove(at),) if kind in (DEFAULT, EXAMPLE) else ()
        shown = "" if isinstance(value, (dict, list)) and value else f" {phrases.value(value)}"
        told = f"{said}{shown} is refused" if kind in (DEFAULT, EXAMPLE) else f"{said} is refused"
        yield Place(kind, at, f"{told}: {reason}", {"payload": value, "schema": schema, **more}, proposal)


def _beside_schemas(subject: Subject) -> Iterator[Place]:
    """Examples of parameters, headers, bodies and responses."""
    if not subject.is_openapi:
        return
    inside = set(subject.roots)
    stack: list[tuple[Path, Any]] = [((), subject.tree)]
    while stack:
        path, node = stack.pop()
        if isinstance(node, list):
            stack.extend(((*path, index), each) for index, each in enumerate(node))
        if not isinstance(node, dict) or path in inside:
            continue
        if isinstance(node.get("schema"), dict):
            schema = pointers.text((*path, "schema"))
            if "example" in node:
                at = pointers.text((*path, "example"))
                yield from _refused(subject, EXAMPLE, "the example", at, node["example"], schema)
            listed = node.get("examples")
            for name, each in listed.items() if isinstance(listed, dict) else ():
                at = pointers.text((*path, "examples", name))
                if isinstance(each, dict) and isinstance(each.get("$ref"), str) and each["$ref"].startswith("#"):
                    at = each["$ref"][1:]
                    each = pointers.look_up(subject.tree, pointers.parse(at))  # noqa: PLW2901  # what it stands for
                if isinstance(each, dict) and "value" in each:
                    yield from _refused(subject, EXAMPLE, f"the example {name}", f"{at}/value", each["value"], schema)
        stack.extend(((*path, key), each) for key, each in node.items() if isinstance(key, str))


# --- fragments in descriptions ---

_FENCE = re.compile(r"^[ \t]*```[ \t]*(\w*)[^\n]*\n(.*?)^[ \t]*```", re.DOTALL | re.MULTILINE)


def _fragments(subject: Subject, tally: Tally) -> Iterator[Place]:
    for node in subject.nodes:
        description = node.schema.get("description")
        if not isinstance(description, str) or "```" not in description:
            continue
        at = f"{node.pointer}/description"
        for number, found in enumerate(_FENCE.finditer(description), 1):
            language, text = found.group(1).lower(), found.group(2).strip()
            if language not in ("json", "jsonc", "json5", "") or (not language and text[:1] not in '{["'):
                continue
            value, members = _parsed(text)
            if value is ABSENT:
                tally.unread[f"{at}#{number}"] = "no plain JSON"
                continue
            placed = list(_schemas_of(subject, node, value, members=members))
            if not placed:
                tally.unplaced.append(at)
                continue
            tally.read += 1
            for schema, part in placed:
                reason = subject.refuses(schema, part)
                if reason is not None:
                    yield Place(
                        PROSE,
                        at,
                        f"the {_ordinal(number)} example is refused: {reason}",
                        {"payload": part, "schema": schema, "quote": text},
                    )


def _ordinal(number: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")


def _parsed(text: str) -> tuple[Any, bool]:
    """A fragment as a value, and whether it is members of an object without its braces."""
    for wrapped, members in ((text, False), (f"{{{text.rstrip().rstrip(',')}}}", True)):
        try:
            return json.loads(wrapped), members
        except ValueError:
            continue
    return ABSENT, False


def _schemas_of(subject: Subject, node: Node, value: Any, *, members: bool) -> Iterator[tuple[str, Any]]:
    """The schemas that parts of a fragment are examples of, with the parts."""
    if not members:
        own = _properties(subject, node.pointer)
        if isinstance(value, dict) and value and (value.keys() <= own.keys()):
            yield node.pointer, value
            return
        if isinstance(value, list):
            if subject.follow(node.pointer)[1].get("type") == "array":
                yield node.pointer, value
            return
    if not isinstance(value, dict):
        return
    around = _around(subject, node)
    for name, each in value.items():
        if name == node.name:
            yield node.pointer, each
        else:
            home = next((owner[name] for owner in around if name in owner), None)
            if home is not None:
                yield home, each


def _properties(subject: Subject, pointer: str) -> dict[str, str]:
    """The properties that a schema describes of its value, each with the place of its schema."""
    found: dict[str, str] = {}
    for each in subject.speakers(pointer).get((), ()):
        if each.negated or each.chosen:
            continue
        members = each.schema.get("properties")
        for name in members if isinstance(members, dict) else ():
            found.setdefault(str(name), f"{each.pointer}/properties{pointers.text((str(name),))}")
    return found


def _around(subject: Subject, node: Node) -> list[dict[str, str]]:
    """The properties of the objects around a schema, the nearest first."""
    found = []
    for length in range(len(node.path) - 1, -1, -1):
        holder = subject.by_path.get(node.path[:length])
        if holder is not None and isinstance(holder.schema.get("properties"), dict):
            found.append(_properties(subject, holder.pointer))
    return found


# --- code samples ---

_SAMPLES = ("x-codeSamples", "x-code-samples")


def _samples(subject: Subject, tally: Tally) -> Iterator[Place]:
    for target in subject.operations:
        where = f"/paths{pointers.text((target.path,))}/{target.method.lower()}"
        operation = pointers.look_up(subject.tree, pointers.parse(where)) if target.path else ABSENT
        if not isinstance(operation, dict) or not target.body:
            continue
        for key in _SAMPLES:
            listed = operation.get(key)
            for index, sample in enumerate(listed if isinstance(listed, list) else ()):
                if isinstance(sample, dict) and isinstance(sample.get("source"), str):
                    yield from _sample(subject, target, sample, f"{where}/{key}/{index}/source", tally)


def _sample(subject: Subject, target: Target, sample: Mapping[str, Any], at: str, tally: Tally) -> Iterator[Place]:
    language = str(sample.get("lang", "")).lower()
    reader = literals.READERS.get(language)
    if reader is None:
        tally.unread[at] = f"{sample.get('lang')} is not read"
        return
    found: list[Any] = []
    reason = ""
    try:
        found.extend(reader(sample["source"]))
    except literals.Unread as problem:
        reason = str(problem)
    body, schema = subject.follow(target.body)
    known = _body_names(subject, target)
    sent = []
    for value in found:
        task = value[0] if isinstance(value, list) and len(value) == 1 else value
        if not isinstance(task, dict):
            continue
        spelt = _spelt(task, subject.names)
        for parameter in target.parameters:  # clients take the parameters of a path beside the body
            if parameter.name not in known:
                spelt.pop(parameter.name, None)
        if sum(name in known for name in spelt) * 2 >= len(spelt) and spelt:
            sent.append(value if isinstance(value, list) else spelt)
    if not sent:
        if reason:
            tally.unread[at] = reason
        return
    is_array = isinstance(schema, dict) and schema.get("type") == "array"
    for value in sent:
        tally.read += 1
        where = target.schema if is_array and not isinstance(value, list) else body
        refusal = subject.refuses(where, value)
        if refusal is not None:
            told = _told(subject, target, value) or refusal
            yield Place(
                SAMPLE,
                at,
                f"what the {sample.get('lang')} sample sends is refused: {told}",
                {"payload": value, "schema": where},
                (),
                (target.name,),
            )


def _told(subject: Subject, target: Target, value: Any) -> str:
    """What is wrong with a payload, in words; "" where nothing is found."""
    from preroll import words
    from preroll.judgement import check as judge

    if isinstance(value, list):
        return ""
    report = judge(value, target, registry=subject.registry, as_published=not subject.intended)
    return "; ".join(words.message(each) for each in report.violations[:2])


def _body_names(subject: Subject, target: Target) -> frozenset[str]:
    found: set[str] = set()
    for each in subject.speakers(target.schema).get((), ()):
        members = each.schema.get("properties")
        found.update(map(str, members if isinstance(members, dict) else ()))
    return frozenset(found)


def _spelt(value: Any, known: frozenset[str]) -> Any:
    """A value whose names are the document's: clients in Python write `a_name` for `aName`."""
    if isinstance(value, list):
        return [_spelt(each, known) for each in value]
    if not isinstance(value, dict):
        return value
    return {_name(name, known): _spelt(each, known) for name, each in value.items()}


def _name(name: str, known: frozenset[str]) -> str:
    head, *rest = name.split("_")
    camel = head + "".join(each[:1].upper() + each[1:] for each in rest)
    return camel if name not in known and camel in known else name
