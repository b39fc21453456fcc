"""
Ways in which a service misbehaves, or the network before it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.contract.simulator import wording

if TYPE_CHECKING:
    from tests.contract.simulator.service import Request, Simulator


@dataclass(frozen=True)
class Reply:
    """
    What goes over the wire.

    Attributes:
        status, headers, body: of the answer.
        delay: seconds before it is sent.
        cut: how many bytes of the body are sent before the connection is dropped; None is all.
        repeat: how often the body is sent, one after the other.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    delay: float = 0.0
    cut: int | None = None
    repeat: int = 1

    @classmethod
    def of(cls, status: int, value: Any, **headers: str) -> Reply:
        """An answer in JSON; the headers' underscores are hyphens."""
        body = json.dumps(value, default=lambda each: float(each) if isinstance(each, Decimal) else str(each))
        given = {name.replace("_", "-"): text for name, text in headers.items()}
        return cls(status, {"content-type": "application/json", **given}, body.encode())

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Switch:
    """
    One way to misbehave.

    Attributes:
        name: what it is called on the command line.
        says: what it does, for people.
        answer: the answer to a request.
    """

    name: str
    says: str
    answer: Callable[[Simulator, Request], Reply]


def _problem(request: Request, status: int, code: str, message: str, **headers: str) -> Reply:
    """An error in the shape of the service that was asked."""
    if request.to_runware:
        return Reply.of(status, {"data": [], "errors": [{"code": code, "message": message}]}, **headers)
    return Reply.of(status, {"error": message, "docUrl": wording.DOCS}, **headers)


def accepts_everything(service: Simulator, request: Request) -> Reply:
    refusal = service.refusal(request)
    return service.take(request) if request.method == "POST" else refusal or service.take(request)


def rejects_everything(service: Simulator, request: Request) -> Reply:
    return _problem(request, 400, "invalidRequest", "The request was rejected.")


def other_wording(service: Simulator, request: Request) -> Reply:
    reply = service.honest(request)
    return Reply.of(reply.status, wording.otherwise(reply.json)) if reply.status == 400 else reply


def _first(service: Simulator, request: Request, reply: Reply) -> Reply:
    """The reply to the first `times` requests, or to all; afterwards the honest one."""
    times = service.options.get("times")
    earlier = len([each for each in service.requests if each is not request])
    return reply if times is None or earlier < times else service.honest(request)


def too_many(service: Simulator, request: Request) -> Reply:
    after = str(service.options.get("seconds", 1))
    reply = _problem(request, 429, "rateLimitExceeded", "Too many requests.", Retry_After=after)
    return _first(service, request, reply)


def internal_error(service: Simulator, request: Request) -> Reply:
    return _first(service, request, _problem(request, 500, "internalError", "Something went wrong on our side."))


def slow(service: Simulator, request: Request) -> Reply:
    return replace(service.honest(request), delay=float(service.options.get("seconds", 30)))


def drops(service: Simulator, request: Request) -> Reply:
    reply = service.honest(request)
    return replace(reply, cut=len(reply.body) // 2)


def wrong_content_type(service: Simulator, request: Request) -> Reply:
    page = b"<!doctype html><title>502 Bad Gateway</title><h1>Bad Gateway</h1>"
    return Reply(200, {"content-type": "text/html; charset=utf-8"}, page)


def huge_body(service: Simulator, request: Request) -> Reply:
    chunk = b" " * 2**16
    size = int(service.options.get("size", 2**28))
    return Reply(400, {"content-type": "application/json"}, chunk, repeat=max(1, size // len(chunk)))


def redirects(service: Simulator, request: Request) -> Reply:
    return Reply(307, {"location": f"https://collector.example.net{request.path}"}, b"")


def accepts_an_invalid_task(service: Simulator, request: Request) -> Reply:
    refusal = service.refusal(request)
    refused = len([each for each in service.requests if each.honest is False])
    if request.honest is False and refused == service.options.get("nth", 2):
        return service.take(request)
    return refusal or service.take(request)


def charges_a_dry_run(service: Simulator, request: Request) -> Reply:
    reply = service.honest(request)
    if not request.dry or reply.status != 200:
        return reply
    ran = service.run(request).json["data"]
    data = [{**task, **price} for task, price in zip(ran, reply.json["data"], strict=True)]
    return Reply.of(200, {"data": data})


def no_credits(service: Simulator, request: Request) -> Reply:
    status = 402 if request.to_runware else 400
    return _problem(request, status, "insufficientCredits", "You do not have enough credits to run this task.")


def forbidden(service: Simulator, request: Request) -> Reply:
    return _problem(request, 403, "forbidden", "This key may not use this model.")


def echoes_the_key(service: Simulator, request: Request) -> Reply:
    given = request.headers.get("authorization", "")
    return _problem(request, 400, "invalidHeader", f"The header 'authorization: {given}' is not understood.")


SWITCHES = {
    each.name: each
    for each in (
        Switch("accepts-everything", "takes whatever it is sent, and runs it", accepts_everything),
        Switch("rejects-everything", "refuses whatever it is sent, and names no parameter", rejects_everything),
        Switch("other-wording", "judges as it should, and says so in words and members of its own", other_wording),
        Switch("too-many-requests", "429 with Retry-After", too_many),
        Switch("internal-error", "500", internal_error),
        Switch("slow", "answers after half a minute", slow),
        Switch("drops", "closes the connection in the middle of its answer", drops),
        Switch("wrong-content-type", "a page for people, with status 200", wrong_content_type),
        Switch("huge-body", "an answer of 256 MB", huge_body),
        Switch("redirects", "sends the caller to another host", redirects),
        Switch("accepts-an-invalid-task", "takes one task that it should refuse", accepts_an_invalid_task),
        Switch("charges-a-dry-run", "runs what it was asked to price", charges_a_dry_run),
        Switch("echoes-the-key", "refuses the request, and says with which key it came", echoes_the_key),
        Switch("no-credits", "the account is empty", no_credits),
        Switch("forbidden", "the key may not do this", forbidden),
    )
}
