"""
Surroundings: what has become of everything around the schemas.

Operations, parameters, responses, security, servers, defaults, examples, deprecations; and prose, which is told
in a channel of its own and never gates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from preroll import phrases
from preroll import pointer as pointers
from preroll.compat import wording
from preroll.compat.canon import value_key
from preroll.compat.change import ADDED, CHANGED, REMOVED, Change, kind
from preroll.compat.relation import Side
from preroll.pointer import ABSENT
from preroll.registry import Registry
from preroll.target import Target

QUOTED = 160
"""Of longer sentences only the beginning is told."""


def made(
    side: str,
    fact: str,
    action: str,
    target: str,
    message: str,
    *,
    old: str = "",
    new: str = "",
    place: str = "",
    status: str = "",
) -> Change:
    """A change that needs no witness: what happened can be read."""
    which = kind(side, fact, action)
    return Change(which, target, which.level, message, new or old, old, new, place, status, witness=ABSENT, proved=True)


def operation(registry: Registry, target: Target) -> tuple[str, Mapping[str, Any]]:
    """The pointer and the object of a target's operation as published; ("", {}) where it has none."""
    tree = registry.document(target).raw
    pointer = f"/paths{pointers.text((target.path,))}"
    item = pointers.look_up(tree, pointers.parse(pointer))
    if isinstance(item, dict) and isinstance(item.get("$ref"), str):
        pointer = item["$ref"].removeprefix("#")
        item = pointers.look_up(tree, pointers.parse(pointer))
    found = item.get(target.method.lower()) if isinstance(item, dict) else None
    return (f"{pointer}/{target.method.lower()}", found) if isinstance(found, dict) else ("", {})


def of_operation(old: Registry, new: Registry, before: Target, after: Target) -> Iterator[Change]:
    """What has become of an operation: its address, its parameters' presence, its statuses, its security."""
    name = after.name
    if not after.method and not before.method:
        return
    here, mine = operation(old, before)
    there, theirs = operation(new, after)
    addresses = f"{before.method} {before.path}", f"{after.method} {after.path}"
    if addresses[0] != addresses[1]:
        message = f"{addresses[0]} is now {addresses[1]}"
        yield made("target", "address", CHANGED, name, message, old=here, new=there)
    elif dict(before.told_by) != dict(after.told_by) and before.id != after.id:
        message = f"{before.name} is now {after.name}"
        yield made("target", "target", CHANGED, name, message, old=here, new=there)
    yield from _parameters(before, after)
    yield from _body(old, new, before, after, (here, mine), (there, theirs))
    yield from _responses(before, after)
    yield from _security(old, new, before, after, here, there)
    if bool(mine.get("deprecated")) != bool(theirs.get("deprecated")):
        come = bool(theirs.get("deprecated"))
        message = f"{addresses[1]} is {'now' if come else 'no longer'} deprecated"
        action = ADDED if come else REMOVED
        yield made(
            "target", "deprecated", action, name, message, old=here, new=f"{there}/deprecated" if come else there
        )
    for keyword in ("summary", "description"):
        one, other = mine.get(keyword), theirs.get(keyword)
        if one != other:
            message = f"the {keyword} of {addresses[1]}: {_rewritten(one, other)}"
            yield made("target", "words", CHANGED, name, message, old=f"{here}/{keyword}", new=f"{there}/{keyword}")


def _parameters(before: Target, after: Target) -> Iterator[Change]:
    olds = {_key(each.place, each.name): each for each in before.parameters}
    news = {_key(each.place, each.name): each for each in after.parameters}
    for key, parameter in news.items():
        told = {"old": olds[key].schema if key in olds else "", "new": parameter.schema, "place": parameter.key}
        if key not in olds:
            fact = "required" if parameter.required else "parameter"
            message = f"parameter {parameter.key} is new{' and required' if parameter.required else ''}"
            yield made("parameter", fact, ADDED, after.name, message, **told)
        elif parameter.required and not olds[key].required:
            message = f"parameter {parameter.key} must now be given"
            yield made("parameter", "needed", "narrowed", after.name, message, **told)
        elif olds[key].required and not parameter.required:
            message = f"parameter {parameter.key} need no longer be given"
            yield made("parameter", "needed", "widened", after.name, message, **told)
    for key, parameter in olds.items():
        if key not in news:
            fact = "required" if parameter.required else "parameter"
            message = f"parameter {parameter.key} is no longer described"
            yield made("parameter", fact, REMOVED, after.name, message, old=parameter.schema, place=parameter.key)


def _body(
    old: Registry,
    new: Registry,
    before: Target,
    after: Target,
    mine: tuple[str, Mapping[str, Any]],
    theirs: tuple[str, Mapping[str, Any]],
) -> Iterator[Change]:
    """Whether the request may do without a body."""
    if not before.described or not after.described:
        return
    needed = [_demands(old.document(before).raw, mine[1]), _demands(new.document(after).raw, theirs[1])]
    places = {"old": f"{mine[0]}/requestBody", "new": f"{theirs[0]}/requestBody"}
    if needed == [False, True]:
        yield made("request", "needed", "narrowed", after.name, "the request must now have a body", **places)
    elif needed == [True, False]:
        yield made("request", "needed", "widened", after.name, "the request need no longer have a body", **places)


def _demands(tree: Any, found: Mapping[str, Any]) -> bool:
    body = found.get("requestBody")
    if isinstance(body, dict) and isinstance(body.get("$ref"), str):
        body = pointers.look_up(tree, pointers.parse(body["$ref"].removeprefix("#")))
    return isinstance(body, dict) and body.get("required") is True


def _key(place: str, name: str) -> tuple[str, str]:
    return place, name.lower() if place == "header" else name


def _responses(before: Target, after: Target) -> Iterator[Change]:
    for status, pointer in after.responses.items():
        if status not in before.responses:
            fact = "success" if status.startswith("2") else "status"
            message = f"status {status} is newly described"
            yield made("response", fact, ADDED, after.name, message, new=pointer, status=status)
        elif pointer and not before.responses[status]:
            message = f"a body is newly described for status {status}"
            yield made("response", "body", ADDED, after.name, message, new=pointer, status=status)
    for status, pointer in before.responses.items():
        if status not in after.responses:
            fact = "success" if status.startswith("2") else "status"
            message = f"status {status} is no longer described"
            yield made("response", fact, REMOVED, after.name, message, old=pointer, status=status)
        elif pointer and not after.responses[status]:
            message = f"no body is described any more for status {status}"
            yield made("response", "body", REMOVED, after.name, message, old=pointer, status=status)


def _ways(registry: Registry, target: Target) -> list[dict[Any, str]]:
    """The ways to authenticate: for each, what is needed, by what it is rather than by its name."""
    tree = registry.document(target).raw
    _, found = operation(registry, target)
    listed = found.get("security", tree.get("security") if isinstance(tree, dict) else None)
    schemes = pointers.look_up(tree, ("components", "securitySchemes"))
    ways = []
    for each in listed if isinstance(listed, list) else ():
        way: dict[Any, str] = {}
        for name, scopes in each.items() if isinstance(each, dict) else ():
            scheme = schemes.get(name) if isinstance(schemes, dict) else None
            facts = scheme if isinstance(scheme, dict) else {"type": name}
            place = tuple(str(facts.get(part, "")).lower() for part in ("type", "in", "name", "scheme"))
            form = " ".join(each for each in place if each)
            way[place, tuple(scopes) if isinstance(scopes, list) else ()] = f"{name} ({form})"
        ways.append(way)
    return ways or [{}]


def _security(old: Registry, new: Registry, before: Target, after: Target, here: str, there: str) -> Iterator[Change]:
    olds, news = _ways(old, before), _ways(new, after)

    def told(way: dict[Any, str]) -> str:
        return phrases.listed(way.values()) or "nothing"

    for way in olds:
        if not any(each.keys() <= way.keys() for each in news):
            if way:
                now = phrases.listed(map(told, news), "or")
                message = f"to authenticate with {told(way)} is no longer enough; now: {now}"
                yield made("target", "security", REMOVED, after.name, message, old=here, new=there)
            else:
                message = f"to authenticate is now demanded: {phrases.listed(map(told, news), 'or')}"
                yield made("target", "security", ADDED, after.name, message, old=here, new=there)
    for way in news:
        if not any(each.keys() <= way.keys() for each in olds) and any(
            any(one.keys() <= way_old.keys() for one in news) for way_old in olds
        ):
            message = f"to authenticate with {told(way)} is newly possible"
            if not way:
                message = "to authenticate is no longer demanded"
            yield made("target", "scheme", ADDED, after.name, message, old=here, new=there)


def of_annotations(
    old: Side, new: Side, side: str, target: str, *, status: str = "", prefix: str = ""
) -> Iterator[Change]:
    """Defaults, deprecations, examples and words, place by place."""
    before = dict(old.described.root.places())
    for path, there in new.described.root.places():
        here = before.get(path)
        spot = wording.place(path)
        where = f"{prefix}.{spot}".strip(".") if prefix else spot
        shown = where or {"request": "the request", "response": "the answer"}[side]
        for keyword, fact in _FACTS.items():
            mine = here.annotation(keyword) if here is not None else None
            theirs = there.annotation(keyword)
            if here is None and keyword != "deprecated":  # a new place is told as such
                continue
            if (mine is None and theirs is None) or (
                mine is not None and theirs is not None and value_key(mine[0]) == value_key(theirs[0])
            ):
                continue
            one = ABSENT if mine is None else mine[0]
            other = ABSENT if theirs is None else theirs[0]
            if keyword == "deprecated" and bool(one) == bool(other):
                continue
            action = ADDED if one is ABSENT else (REMOVED if other is ABSENT else CHANGED)
            if fact == "deprecated":
                action = ADDED if other else REMOVED
            elif fact in ("example", "words"):
                action = CHANGED
            yield made(
                side,
                fact,
                action,
                target,
                _said(fact, shown, one, other),
                old=old.pointer(mine[1]) if mine else "",
                new=new.pointer(theirs[1]) if theirs else "",
                place=where,
                status=status,
            )


_FACTS = {"default": "default", "deprecated": "deprecated", "example": "example", "examples": "example",
          "description": "words", "title": "words"}  # fmt: skip


def _said(fact: str, place: str, old: Any, new: Any) -> str:
    if fact == "default":
        if old is ABSENT:
            return f"{place} is {phrases.value(new)} by default now; no default was documented"
        if new is ABSENT:
            return f"no default is documented for {place} any more; it was {phrases.value(old)}"
        return f"{place} is {phrases.value(new)} by default now, and was {phrases.value(old)}"
    if fact == "deprecated":
        return f"{place} is {'now' if new else 'no longer'} deprecated"
    if fact == "example":
        return f"the example of {place} is another one"
    return f"the words about {place}: {_rewritten(old, new)}"


def _rewritten(old: Any, new: Any) -> str:
    """What changed in a text: the part between what both begin and end with."""
    if not isinstance(old, str):
        return f"now {_quoted(str(new))}" if isinstance(new, str) else "changed"
    if not isinstance(new, str):
        return f"gone: {_quoted(old)}"
    before, after = old.split(), new.split()
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    gone, come = " ".join(before[start : len(before) - end]), " ".join(after[start : len(after) - end])
    if not gone and not come:
        return "only blanks changed"
    if not gone:
        return f"added {_quoted(come)}"
    if not come:
        return f"left out {_quoted(gone)}"
    return f"{_quoted(gone)} became {_quoted(come)}"


def _quoted(text: str) -> str:
    text = " ".join(text.split())
    return f'"{text}"' if len(text) <= QUOTED else f'"{text[: QUOTED - 4]} ..."'


def of_document(old: Any, new: Any) -> Iterator[Change]:
    """Servers and the words about the document; both trees as published."""

    def urls(tree: Any) -> dict[str, str]:
        listed = tree.get("servers") if isinstance(tree, dict) else None
        return {
            str(each.get("url", "")).rstrip("/"): f"/servers/{index}"
            for index, each in enumerate(listed if isinstance(listed, list) else ())
            if isinstance(each, dict)
        }

    here, there = urls(old), urls(new)
    for url, pointer in there.items():
        if url not in here:
            yield made("document", "server", ADDED, "", f"the server {url} is new", new=pointer, place=url)
    for url, pointer in here.items():
        if url not in there:
            yield made("document", "server", REMOVED, "", f"the server {url} is gone", old=pointer, place=url)
    one = pointers.look_up(old, ("info", "description"))
    other = pointers.look_up(new, ("info", "description"))
    if one != other and not (one is ABSENT and other is ABSENT):
        message = f"the description of the document: {_rewritten(one, other)}"
        yield made("document", "words", CHANGED, "", message, old="/info/description", new="/info/description")
