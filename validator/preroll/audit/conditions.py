"""
Conditions: those that hold where nothing is given, because they speak about a member and do not demand it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from preroll import mending, phrases
from preroll import pointer as pointers
from preroll.audit.finding import ERROR, WARNING, Kind, Place
from preroll.audit.subject import Speaker, Subject, update
from preroll.pointer import ABSENT, Path
from preroll.target import Target

_SETTINGS = {
    "type": "object",
    "properties": {"camera": {"type": "object", "properties": {"fast": {"type": "boolean"}}}},
}
_BASE: dict[str, Any] = {
    "type": "object",
    "properties": {"prompt": {"type": "string"}, "settings": _SETTINGS},
    "additionalProperties": False,
}


def _tested(camera: Any, **more: Any) -> Any:
    return {"properties": {"settings": {"properties": {"camera": camera}, **more}}, "required": ["settings"]}


VACUOUS = Kind(
    id="condition-holds-vacuously",
    level=WARNING,
    title="a condition that holds where the member that it speaks about is absent",
    why="`properties` says nothing of a member that is not there. Without `required` the condition is met by an empty "
    "object, and what depends on it is demanded or forbidden without need.",
    instead="Name the member in `required` beside `properties`.",
    example={**_BASE, "if": _tested({"required": ["fast"]}), "then": {"required": ["prompt"]}},
    mended={**_BASE, "if": _tested({"required": ["fast"]}, required=["camera"]), "then": {"required": ["prompt"]}},
)

REFUSED = Kind(
    id="empty-object-refused",
    level=ERROR,
    title="a request that is refused as soon as an empty object is added to it",
    why="The empty object sets nothing and is valid in itself, but a condition about what is inside takes it as if "
    "that were given.",
    instead="Name the inner member in `required` beside `properties` in the condition.",
    example={**_BASE, "if": _tested({"required": ["fast"]}), "then": {"required": ["prompt"]}},
    mended={**_BASE, "if": _tested({"required": ["fast"]}, required=["camera"]), "then": {"required": ["prompt"]}},
    proved=True,
)

MET = Kind(
    id="demand-met-by-absence",
    level=WARNING,
    title="a demand that is met by leaving out the object that it is about",
    why="`properties` says nothing of a member that is not there, so what stands below is demanded only of those who "
    "give that member.",
    instead="Name every object on the way in `required`.",
    example={**_BASE, "if": {"required": ["prompt"]}, "then": _tested({"required": ["fast"]})},
    mended={**_BASE, "if": {"required": ["prompt"]}, "then": _tested({"required": ["fast"]}, required=["camera"])},
)

ALL_AT_ONCE = Kind(
    id="alternatives-match-what-is-absent",
    level=ERROR,
    title="alternatives of which exactly one may hold, and which all hold where nothing is given",
    why="A `oneOf` of values without `required` matches several times where the members are absent, and so refuses "
    "every payload without them.",
    instead="Guard it: `if` one of the members is given, `then` the `oneOf`.",
    example={
        **_BASE,
        "oneOf": [{"properties": {"prompt": {"const": "a"}}}, {"properties": {"prompt": {"const": "b"}}}],
    },
    mended={
        **_BASE,
        "oneOf": [
            {"properties": {"prompt": {"const": "a"}}, "required": ["prompt"]},
            {"properties": {"prompt": {"const": "b"}}, "required": ["prompt"]},
        ],
    },
)

KINDS = (VACUOUS, REFUSED, MET, ALL_AT_ONCE)


def check(subject: Subject) -> Iterator[Place]:
    """The conditions of every target."""
    told: set[tuple[str, str]] = set()
    for target in subject.targets:
        speakers = subject.speakers(target.schema)
        holes: dict[Path, list[Hole]] = {}
        for place, group in speakers.items():
            present = _always(group)
            for each in group:
                for found in _at(subject, target, each, place, present, holes):
                    key = (found.kind.id, found.pointer)
                    if key not in told:
                        told.add(key)
                        yield found
        for where, group_ in holes.items():
            yield from _harm(subject, target, group_, where)


def _always(group: tuple[Speaker, ...]) -> frozenset[str]:
    """The names that every payload has at a place."""
    return frozenset(name for each in group if not each.chosen and not each.negated for name in _required(each.schema))


def _required(schema: Any) -> list[str]:
    required = schema.get("required") if isinstance(schema, dict) else None
    return [str(each) for each in required] if isinstance(required, list) else []


def _at(
    subject: Subject,
    target: Target,
    each: Speaker,
    place: Path,
    present: frozenset[str],
    holes: dict[Path, list[Hole]],
) -> Iterator[Place]:
    for keyword in ("if", "not"):
        inner = each.schema.get(keyword)
        if isinstance(inner, dict):
            assured = present | _assured(subject, each.pointer)
            # Inside a negation that stands in a condition, absence makes the condition false, not true.
            for hole in _holes(inner, f"{each.pointer}/{keyword}", (), assured):
                for found in _vacuous(subject, target, f"{each.pointer}/{keyword}", inner, hole, place, keyword):
                    yield found
                    where = (*place, *hole.inside)
                    if hole.inside and "*" not in where:
                        holes.setdefault(where, []).append(hole)
    for keyword in ("then", "else"):
        inner = each.schema.get(keyword)
        if isinstance(inner, dict) and not each.negated:
            condition = each.schema.get("if") if keyword == "then" else {}
            for hole in _holes(inner, f"{each.pointer}/{keyword}", (), present, demands=True):
                yield from _met(subject, f"{each.pointer}/{keyword}", inner, hole, place, condition)
    union = each.schema.get("oneOf")
    if isinstance(union, list) and len(union) > 1 and not each.negated:
        yield from _several(subject, target, each, union, present, place)


@dataclass(frozen=True, slots=True)
class Hole:
    """
    A member that a condition speaks about without demanding it.

    Attributes:
        at: JSON Pointer of the schema that names it.
        inside: the path from where the condition stands to the object that may lack it.
        name: the member.
        schema: what is said of it.
    """

    at: str
    inside: Path
    name: str
    schema: Any


def _holes(
    schema: Any, at: str, inside: Path, assured: frozenset[str], *, demands: bool = False, depth: int = 0
) -> Iterator[Hole]:
    """
    Members that are spoken about and not demanded.

    Args:
        schema, at: the schema and where it stands.
        inside: the path from the condition's root to what the schema is about.
        assured: names that are there anyway.
        demands: only those below which something is demanded by `required`, and which stand below something that
            is demanded itself.
        depth: how deep the schema is nested.
    """
    if not isinstance(schema, dict) or depth > 20:
        return
    assured = assured | frozenset(_required(schema))
    members = schema.get("properties")
    for name, inner in members.items() if isinstance(members, dict) else ():
        where = f"{at}/properties{pointers.text((name,))}"
        if name in assured:
            yield from _holes(inner, where, (*inside, name), frozenset(), demands=demands, depth=depth + 1)
        elif demands:
            if inside and _demanding(inner):
                yield Hole(at, inside, name, inner)
        elif _asserting(inner):
            yield Hole(at, inside, name, inner)
    for keyword in ("allOf", "anyOf", "oneOf"):
        parts = schema.get(keyword)
        for index, part in enumerate(parts if isinstance(parts, list) else ()):
            beside = assured
            if keyword == "allOf" and isinstance(parts, list):
                beside = beside.union(*(frozenset(_required(other)) for other in parts))
            yield from _holes(part, f"{at}/{keyword}/{index}", inside, beside, demands=demands, depth=depth + 1)


def _asserting(schema: Any) -> bool:
    return isinstance(schema, dict) and bool(set(schema) - {"title", "description", "default", "examples", "$comment"})


def _demanding(schema: Any) -> bool:
    """Whether a schema demands a member somewhere."""
    if not isinstance(schema, dict):
        return False
    members = schema.get("properties")
    return bool(_required(schema)) or any(map(_demanding, members.values() if isinstance(members, dict) else ()))


def _assured(subject: Subject, pointer: str) -> frozenset[str]:
    """The names that are there where a schema counts, because what stands around it demands them."""
    found: set[str] = set()
    tokens = list(pointers.parse(pointer))
    while tokens:
        last = tokens.pop()
        if last.isdigit() and tokens and tokens[-1] in ("allOf", "anyOf", "oneOf"):
            tokens.pop()
        elif last not in ("then", "else", "not"):
            break
        around = pointers.look_up(subject.view, tokens)
        if isinstance(around, dict):
            if last != "not":
                found.update(_required(around))
            if last == "then" and isinstance(around.get("if"), dict):
                found |= _needed(around["if"])
    return frozenset(found)


def _needed(condition: Any) -> set[str]:
    """The names that a condition demands of the value that it is about."""
    found = set(_required(condition))
    every = condition.get("allOf") if isinstance(condition, dict) else None
    for part in every if isinstance(every, list) else ():
        found |= _needed(part) if isinstance(part, dict) else set()
    for keyword in ("anyOf", "oneOf"):
        some = condition.get(keyword) if isinstance(condition, dict) else None
        parts = [_needed(each) for each in (some if isinstance(some, list) else ()) if isinstance(each, dict)]
        if parts:
            found |= set.intersection(*parts)
    return found


def _sample(schema: Any, depth: int = 0) -> Any:
    """A small value that may satisfy a condition; what is made of it is verified."""
    if not isinstance(schema, dict) or depth > 12:
        return {}
    if "const" in schema:
        return schema["const"]
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        return schema["enum"][0]
    declared = schema.get("type")
    if declared == "array" or "minItems" in schema or "contains" in schema:
        return [_sample(schema.get("contains", {}), depth + 1)] * max(1, int(schema.get("minItems", 1)))
    if declared in ("string", "number", "integer", "boolean", "null"):
        return {"string": "x", "number": 1, "integer": 1, "boolean": True, "null": None}[declared]
    value: dict[str, Any] = {}
    for part in (schema, *(each for each in schema.get("allOf") or () if isinstance(each, dict))):
        members = part.get("properties")
        members = members if isinstance(members, dict) else {}
        for name in _required(part):
            value[name] = _sample(members.get(name, {}), depth + 1)
    for keyword in ("anyOf", "oneOf"):
        parts = schema.get(keyword)
        if isinstance(parts, list) and parts and isinstance(parts[0], dict):
            more = _sample(parts[0], depth + 1)
            if isinstance(more, dict):
                value = {**more, **value}
    return value


def _bare(condition: Any, hole: Hole) -> Any:
    """A value for a condition in which the object of a hole is empty of it."""
    value = _sample(condition)
    if not isinstance(value, dict):
        value = {}
    found = pointers.look_up(value, hole.inside)
    if not isinstance(found, dict):
        value = mending.put(value, hole.inside, {}) if hole.inside else {}
    elif hole.name in found:
        value = mending.put(value, (*hole.inside, hole.name), ABSENT)
    return value


def _spoken(path: Path) -> str:
    return "".join("[]" if each == "*" else f".{each}" for each in path).removeprefix(".")


def _vacuous(
    subject: Subject, target: Target, at: str, condition: Any, hole: Hole, place: Path, keyword: str
) -> Iterator[Place]:
    value = _bare(condition, hole)
    if subject.engine(at) is None or subject.refuses(at, value) is not None:
        return
    owner = _spoken((*place, *hole.inside))
    member = f"{owner}.{hole.name}" if owner else hole.name
    effect = "what depends on it is demanded" if keyword == "if" else "what is given is refused"
    empty = f", for example where {owner} is {{}}" if hole.inside and "*" not in place else ""
    yield Place(
        VACUOUS,
        hole.at,
        f"the condition about {member} also holds where {member} is absent{empty}; then {effect}",
        {"payload": value, "condition": at},
        (update(hole.at, {"required": [hole.name]}),),
        (target.name,),
    )


def _harm(subject: Subject, target: Target, holes: list[Hole], where: Path) -> Iterator[Place]:
    """A valid payload that is refused as soon as the object is there and empty."""
    engine = subject.engine(target.schema)
    for payload in subject.payloads.get(target.name, ()):
        if engine is None or pointers.look_up(payload, where) is not ABSENT:
            continue
        if not isinstance(pointers.look_up(payload, where[:-1]), dict):
            continue
        changed = mending.put(payload, where, {})
        if engine.is_valid(changed) or _own_refusal(subject, target, where):
            continue
        told = phrases.listed(dict.fromkeys(_spoken((*where, each.name)) for each in holes))
        yield Place(
            REFUSED,
            holes[0].at,
            f"a valid request is refused when {_spoken(where)} is added as {{}}, because conditions about "
            f"{told} hold where that is absent",
            {"payload": changed, "without": payload, "places": [each.at for each in holes]},
            tuple(update(each.at, {"required": [each.name]}) for each in holes),
            (target.name,),
        )
        return


def _own_refusal(subject: Subject, target: Target, where: Path) -> bool:
    """Whether the object's own schema refuses an empty one."""
    group = subject.speakers(target.schema).get(where, ())
    return any(not each.chosen and not each.negated and subject.refuses(each.pointer, {}) is not None for each in group)


def _met(subject: Subject, at: str, demand: Any, hole: Hole, place: Path, condition: Any) -> Iterator[Place]:
    node: Any = condition
    for step in hole.inside:  # what the condition itself demands is there
        members = node.get("properties") if isinstance(node, dict) else None
        node = members.get(step) if isinstance(members, dict) else None
    if isinstance(node, dict) and hole.name in _needed(node):
        return
    value = _bare(demand, hole)
    if subject.engine(at) is None or subject.refuses(at, value) is not None:
        return
    owner = _spoken((*place, *hole.inside))
    needed = phrases.listed(_demanded(hole.schema, f"{owner}.{hole.name}"))
    yield Place(
        MET,
        hole.at,
        f"it demands {needed}, and is met where {owner}.{hole.name} is absent",
        {"payload": value},
        (update(hole.at, {"required": [hole.name]}),),
    )


def _demanded(schema: Any, prefix: str) -> Iterator[str]:
    for name in _required(schema):
        yield f"{prefix}.{name}"
    members = schema.get("properties")
    for name, inner in members.items() if isinstance(members, dict) else ():
        if isinstance(inner, dict):
            yield from _demanded(inner, f"{prefix}.{name}")


def _several(
    subject: Subject, target: Target, each: Speaker, union: list[Any], present: frozenset[str], place: Path
) -> Iterator[Place]:
    spoken: set[str] = set()
    for branch in union:
        if not isinstance(branch, Mapping) or "type" in branch or _required(branch):
            return
        members = branch.get("properties")
        if not isinstance(members, dict) or not members:
            return
        spoken |= members.keys()
    assured = present | _assured(subject, f"{each.pointer}/then") | frozenset(_required(each.schema))
    assured |= _assured(subject, each.pointer)
    if spoken & assured:
        return
    if each.chosen and _guarded(subject, each.pointer):
        return
    at = f"{each.pointer}/oneOf"
    holding = [index for index in range(len(union)) if subject.refuses(f"{at}/{index}", {}) is None]
    if len(holding) < 2:
        return
    names = sorted(spoken)
    guard = {"anyOf": [{"required": [name]} for name in names]}
    owner = f"{_spoken(place)}." if place else ""
    told = phrases.listed(f"{owner}{name}" for name in names)
    yield Place(
        ALL_AT_ONCE,
        at,
        f"where {told} {'is' if len(names) == 1 else 'are'} absent, {len(holding)} of the {len(union)} alternatives "
        "hold at once, so nothing is accepted without them",
        {"payload": {}},
        _moved(each, union, guard),
        (target.name,),
    )


def _guarded(subject: Subject, pointer: str) -> bool:
    """Whether what makes a schema count leaves an empty object alone."""
    tokens = list(pointers.parse(pointer))
    while tokens and (tokens[-1].isdigit() or tokens[-1] in ("then", "else", "allOf", "anyOf", "oneOf")):
        last = tokens.pop()
        if last in ("then", "else", "anyOf", "oneOf") and subject.refuses(pointers.text(tokens), {}) is None:
            return True
    return not tokens


def _moved(each: Speaker, union: list[Any], guard: Any) -> tuple[Mapping[str, Any], ...]:
    from preroll.audit.subject import remove

    return (remove(f"{each.pointer}/oneOf"), update(each.pointer, {"if": guard, "then": {"oneOf": union}}))
