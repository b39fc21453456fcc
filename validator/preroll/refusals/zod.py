"""
Issues of a validator that many services are built with (https://zod.dev/error-customization), versions 3 and 4.

An issue is an object with `code`, `path` and `message`, and members that depend on the code. The issues of a
union's branches are nested: version 4 has them in `errors`, with paths relative to the union; version 3 has
them in `unionErrors`, with paths from the root.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from preroll.pointer import Path
from preroll.refusals import wording
from preroll.refusals.draft import Draft, text

MAX_DEPTH = 12
MAX_ISSUES = 500
"""More issues than these are counted as one that is not understood."""


def is_issue(value: Any) -> bool:
    """Whether a value has the shape of an issue."""
    return isinstance(value, dict) and isinstance(value.get("path"), list) and ("code" in value or "message" in value)


def drafts(issues: Any, base: Path = (), depth: int = 0) -> Iterator[Draft]:
    """The complaints of a list of issues, whose paths begin at `base`."""
    for issue in issues[:MAX_ISSUES] if isinstance(issues, list) else ():
        if is_issue(issue):
            yield from _drafts(issue, base, depth)


def unread(issues: Any) -> tuple[Any, ...]:
    """The members of a list that are no issues."""
    if not isinstance(issues, list):
        return (issues,)
    return (*(each for each in issues[:MAX_ISSUES] if not is_issue(each)), *issues[MAX_ISSUES:])


def _drafts(issue: dict[str, Any], base: Path, depth: int) -> Iterator[Draft]:
    code, message = text(issue.get("code")), text(issue.get("message"))
    path = (*base, *_path(issue["path"]))
    kind = ""
    facts: dict[str, Any] = {}
    paths: tuple[Path, ...] = (path,)
    if code in ("invalid_union", "invalid_union_discriminator"):
        yield from _union(issue, message, path, base, depth)
        return
    if code == "invalid_type":
        kind, facts = _type(issue, message)
    elif code == "unrecognized_keys":
        kind = "unexpected"
        keys = issue.get("keys")
        if isinstance(keys, list) and keys:
            paths = tuple((*path, str(key)) for key in keys)
    elif code in ("invalid_value", "invalid_enum_value", "invalid_literal"):
        kind, facts = "enum", _values(issue)
    elif code in ("too_big", "too_small"):
        kind, facts = _bound(issue, big=code == "too_big")
    elif code in ("invalid_format", "invalid_string"):
        kind, facts = _format(issue)
    elif code == "not_multiple_of":
        step = wording.number(issue.get("divisor", issue.get("multipleOf")))
        kind, facts = "multiple-of", {} if step is None else {"multiple": step}
    elif code in ("invalid_element", "invalid_key") and isinstance(issue.get("issues"), list) and depth < MAX_DEPTH:
        inner = (*path, *_path([issue["key"]])) if isinstance(issue.get("key"), (str, int)) else path
        nested = list(drafts(issue["issues"], inner, depth + 1))
        if nested:
            yield from nested
            return
    yield Draft(message, code, paths=paths, kind=kind, facts=facts, raw=issue)


def _path(steps: list[Any]) -> Path:
    return tuple(each if isinstance(each, int) and not isinstance(each, bool) else str(each) for each in steps)


def _type(issue: dict[str, Any], message: str) -> tuple[str, dict[str, Any]]:
    received = text(issue.get("received")).lower()
    said = wording.read(message)
    facts: dict[str, Any] = {}
    expected = wording.types(issue.get("expected")) or said.facts.get("expected", ())
    if expected:
        facts["expected"] = expected
    if received == "undefined" or said.kind == "required":
        return "required", facts
    return "type", facts


def _values(issue: dict[str, Any]) -> dict[str, Any]:
    for name in ("values", "options"):
        if isinstance(issue.get(name), list):
            return {"allowed": tuple(issue[name])}
    return {"allowed": (issue["expected"],)} if "expected" in issue else {}


def _bound(issue: dict[str, Any], *, big: bool) -> tuple[str, dict[str, Any]]:
    limit = wording.number(issue.get("maximum" if big else "minimum"))
    origin = text(issue.get("origin")) or text(issue.get("type"))
    side = "max" if big else "min"
    unit = {"string": "length", "array": "items", "set": "items", "object": "properties"}.get(origin, "")
    if unit:
        facts = {f"{side}_{unit}": limit}
        if issue.get("exact") is True:
            facts = {f"min_{unit}": limit, f"max_{unit}": limit}
        kind = f"{side}-{unit}"
    elif issue.get("inclusive") is False:
        kind, facts = f"exclusive-{side}imum", {f"exclusive_{side}imum": limit}
    else:
        kind, facts = f"{side}imum", {f"{side}imum": limit}
    return kind, {} if limit is None else facts


def _format(issue: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    named = issue.get("format", issue.get("validation"))
    facts: dict[str, Any] = {}
    if isinstance(issue.get("pattern"), str):
        facts["pattern"] = issue["pattern"]
    if named == "regex" or isinstance(named, dict) or named in ("starts_with", "ends_with", "includes"):
        return "pattern", facts
    if isinstance(named, str):
        facts["format"] = named
    return "format", facts


def _union(issue: dict[str, Any], message: str, path: Path, base: Path, depth: int) -> Iterator[Draft]:
    """
    A union that no branch of takes the value.

    The branch that takes the value as such, and complains of something inside it, is the one that was meant,
    where there is exactly one; what all the branches say of the value itself is said once.
    """
    code = text(issue.get("code"))
    if isinstance(issue.get("options"), list):
        yield Draft(message, code, paths=(path,), kind="enum", facts={"allowed": tuple(issue["options"])}, raw=issue)
        return
    if "discriminator" in issue or "discriminator" in text(issue.get("note")).lower():
        named = text(issue.get("discriminator"))
        at = path if not named or path[-1:] == (named,) else (*path, named)
        yield Draft(message, code, paths=(at,), kind="enum", raw=issue)
        return
    branches = list(_branches(issue, path, base, depth)) if depth < MAX_DEPTH else []
    inside = [each for each in branches if each and all(len(one.paths[0]) > len(path) for one in each)]
    if len(inside) == 1:
        yield from inside[0]
        return
    here = [one for each in branches for one in each if one.paths[0] == path]
    kinds = {each.kind for each in here}
    facts: dict[str, Any] = {}
    kind = "any-of"
    if here and not inside and len(kinds) == 1:
        kind = kinds.pop()
        if kind == "enum":
            facts["allowed"] = tuple(value for each in here for value in each.facts.get("allowed", ()))
        elif kind == "type":
            facts["expected"] = tuple(dict.fromkeys(name for each in here for name in each.facts.get("expected", ())))
        elif kind != "required":
            kind = "any-of"
    yield Draft(message, code, paths=(path,), kind=kind, facts=facts, raw=issue)


def _branches(issue: dict[str, Any], path: Path, base: Path, depth: int) -> Iterator[list[Draft]]:
    for branch in issue["errors"] if isinstance(issue.get("errors"), list) else ():
        yield list(drafts(branch, path, depth + 1))
    for branch in issue["unionErrors"] if isinstance(issue.get("unionErrors"), list) else ():
        if isinstance(branch, dict):
            yield list(drafts(branch.get("issues"), base, depth + 1))
