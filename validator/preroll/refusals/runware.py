"""
Answers of Runware: `errors`, one for each task that was refused, beside `data` of the tasks that were taken.

The shapes are those that the vendor's documentation and its clients publish. An error is an object with `code`,
`message`, `parameter` (a name, a path with dots and indexes, or a list of names), `type`, `min`, `max`,
`multiplier`, `allowedValues`, `documentation` and `taskUUID`; all but the message may be missing. A single `error`
stands for a list of one, and so does an error object alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from preroll.refusals import wording
from preroll.refusals.draft import Draft, Reading, first_text, text

NAME = "runware"

MAX_ERRORS = 1000

_MEMBERS: Final = frozenset(
    ("code", "message", "parameter", "taskUUID", "taskType", "errorMessage", "errorCode", "type")
)
_MESSAGE = ("message", "errorMessage", "error", "detail", "description")
_LIMITS = {"min": "minimum", "minValue": "minimum", "max": "maximum", "maxValue": "maximum", "multiplier": "multiple"}
_LISTS = ("allowedValues", "allowed", "supportedValues", "validValues", "values")


def recognises(body: Any) -> bool:
    """An object with `errors` or `data`, with an `error` that is an object, or a list of such things."""
    if isinstance(body, list):
        return bool(body) and all(
            isinstance(each, dict) and (_is_error(each) or recognises(each)) for each in body[:20]
        )
    if not isinstance(body, dict) or isinstance(body.get("issues"), list):
        return False
    if isinstance(body.get("errors"), (list, dict, str)) or isinstance(body.get("data"), list):
        return True
    return isinstance(body.get("error"), dict) or isinstance(body.get("errorMessage"), str) or _is_error(body)


def read(body: Any) -> Reading:
    """The errors, in the order of the answer; what is in their place and is none stays unread."""
    drafts: list[Draft] = []
    unread: list[Any] = []
    taken: dict[str, None] = {}
    results = False
    for part in body if isinstance(body, list) else [body]:
        for error in _errors(part):
            if isinstance(error, str) and error.strip():
                drafts.append(Draft(error, raw=error, loose="errors" not in part if isinstance(part, dict) else True))
            elif isinstance(error, dict) and _sentence(error):
                drafts.append(_draft(error))
            else:
                unread.append(error)
        for each in _results(part):
            results = True
            if text(each.get("taskUUID")):
                taken[each["taskUUID"]] = None
    return Reading(
        tuple(drafts[:MAX_ERRORS]),
        (*unread, *(each.raw for each in drafts[MAX_ERRORS:])),
        accepted=results and not drafts and not unread,
        task_by="taskUUID",
        aside={"taskType": "authentication"},
        pair=("width", "height"),
        taken=tuple(taken),
    )


def _is_error(value: dict[str, Any]) -> bool:
    return bool(_sentence(value)) and len(_MEMBERS & value.keys()) > 1


def _sentence(error: Mapping[str, Any]) -> str:
    found = first_text(error, *_MESSAGE)
    inner = error.get("error")
    return found or (first_text(inner, *_MESSAGE) if isinstance(inner, dict) else "") or text(error.get("code"))


def _errors(part: Any) -> Iterator[Any]:
    """What stands where errors do, in one part of an answer."""
    if not isinstance(part, dict):
        yield part
        return
    for name in ("errors", "error"):
        found = part.get(name)
        if isinstance(found, list):
            yield from found
        elif isinstance(found, dict):
            # `{"error": {"errors": [...]}}`, or errors by task or by parameter
            inner = found.get("errors")
            if isinstance(inner, list):
                yield from inner
            elif _sentence(found) or not found:
                yield from [found] if found else ()
            else:
                yield from (_named(key, each) for key, each in found.items())
        elif found not in (None, "", False, True):
            yield found
    if "errors" not in part and not isinstance(part.get("error"), (dict, list, str)) and _is_error(part):
        yield part
    yield from (each for each in _data(part) if _has_failed(each))


def _results(part: Any) -> Iterator[dict[str, Any]]:
    """What was done, in one part of an answer."""
    yield from (each for each in _data(part) if not _has_failed(each))


def _data(part: Any) -> list[dict[str, Any]]:
    found = part.get("data") if isinstance(part, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _has_failed(result: dict[str, Any]) -> bool:
    return result.get("status") in ("error", "failed") or isinstance(result.get("error"), (dict, str))


def _named(key: str, value: Any) -> Any:
    if isinstance(value, str):
        return {"message": value, "parameter": key}
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return {"message": " ".join(value), "parameter": key}
    return {"parameter": key, **value} if isinstance(value, dict) else {key: value}


def _draft(error: dict[str, Any]) -> Draft:
    inner = error.get("error")
    members = {**inner, **error} if isinstance(inner, dict) else error
    facts: dict[str, Any] = {}
    for name, fact in _LIMITS.items():
        limit = wording.number(members.get(name))
        if limit is not None:
            facts[fact] = limit
    for name in _LISTS:
        listed = members.get(name)
        if isinstance(listed, str):
            listed = list(wording.items(listed))
        if isinstance(listed, dict):
            listed = list(listed)
        if isinstance(listed, list) and listed:
            facts["listed"] = tuple(listed)
            break
    expected = wording.types(members.get("type"))
    if expected:
        facts["expected"] = expected
    if text(members.get("documentation")).startswith("http"):
        facts["documentation"] = members["documentation"]
    task = text(members.get("taskUUID"))
    if task:
        facts["task_id"] = task
    return Draft(
        _sentence(error),
        text(members.get("code")) or text(members.get("errorCode")),
        names=tuple(_names(members.get("parameter", members.get("parameters", members.get("field"))))),
        facts=facts,
        task=task,
        raw=error,
    )


def _names(parameter: Any) -> Iterator[str]:
    if isinstance(parameter, str) and parameter.strip():
        parts = parameter.split(",") if "," in parameter else [parameter]
        yield from (each.strip().strip("'\"") for each in parts if each.strip())
    elif isinstance(parameter, list):
        if parameter and all(isinstance(each, (str, int)) for each in parameter) and _is_path(parameter):
            yield ".".join(map(str, parameter))
            return
        for each in parameter:
            yield from _names(each)
    elif isinstance(parameter, dict):
        yield from (str(each) for each in parameter)


def _is_path(steps: list[Any]) -> bool:
    """Whether a list is one path, step by step: only then it holds numbers."""
    return isinstance(steps[0], str) and any(isinstance(each, int) for each in steps)
