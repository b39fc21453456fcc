"""
Answers of RunwayML: an error with the issues of its validator, an error in one sentence, a task that failed.

The shapes are those that the vendor's documentation and its clients publish:

- 400: `{"error": "...", "issues": [...], "docUrl": "..."}`; the issues are those that `preroll.refusals.zod` reads.
- any error: `{"error": "..."}` alone.
- a task: `{"id", "status": "FAILED", "failure", "failureCode"}`. Codes with a part `SAFETY` mean moderated content
  and are not to be sent again, `ASSET` an input that cannot be used, `INTERNAL` and `THIRD_PARTY` the service itself.
"""

from __future__ import annotations

from typing import Any

from preroll.refusals import grounds, zod
from preroll.refusals.answer import UNKNOWN
from preroll.refusals.draft import Draft, Reading, first_text, text

NAME = "runwayml"

_FAILED = ("FAILED", "CANCELLED", "CANCELED")
_RUNNING = ("PENDING", "THROTTLED", "RUNNING", "SUCCEEDED")


def recognises(body: Any) -> bool:
    """An object with `issues`, with a failure, with an `error` of one sentence, or with a task's `id`."""
    if not isinstance(body, dict) or "errors" in body or "data" in body:
        return False
    if isinstance(body.get("issues"), list) or "failureCode" in body or "failure" in body:
        return True
    return isinstance(body.get("error"), str) or (isinstance(body.get("id"), str) and "error" not in body)


def read(body: dict[str, Any]) -> Reading:
    """The issues, the failure or the sentence."""
    link = {"documentation": body["docUrl"]} if text(body.get("docUrl")).startswith("http") else {}
    if body.get("status") in _FAILED or "failureCode" in body or "failure" in body:
        return Reading((_failure(body),))
    if "issues" in body:
        found = tuple(
            Draft(
                each.message,
                each.code,
                paths=each.paths,
                kind=each.kind,
                facts={**link, **each.facts},
                raw=each.raw,
            )
            for each in zod.drafts(body["issues"])
        )
        rest = zod.unread(body["issues"])
        if found or rest:
            return Reading(found, rest)
    if isinstance(body.get("error"), str):
        return Reading((Draft(body["error"], facts=link, raw=body, loose=True),))
    if text(body.get("id")) and body.get("status", "PENDING") in _RUNNING:
        return Reading(accepted=True)
    return Reading(unread=(body,))


def _failure(body: dict[str, Any]) -> Draft:
    code = text(body.get("failureCode"))
    parts = code.upper().split(".")
    ground = None
    if "SAFETY" in parts:
        ground = grounds.MODERATED
    elif "ASSET" in parts:
        ground = grounds.ASSET
    elif "INTERNAL" in parts or "THIRD_PARTY" in parts:
        ground = grounds.SERVER
    elif body.get("status") in ("CANCELLED", "CANCELED"):
        ground = grounds.Ground("the task was cancelled", UNKNOWN)
    message = first_text(body, "failure", "error") or code or "the task failed"
    task = text(body.get("id"))
    return Draft(message, code, facts={"task_id": task} if task else {}, raw=body, ground=ground, loose=not code)
