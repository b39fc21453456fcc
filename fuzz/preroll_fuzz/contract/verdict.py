"""
Verdicts: what an answer says about a request.

Only a clear answer is evidence. Keys, credits, rates, time-outs, redirects and faults of the server say nothing about
a payload; and where it cannot be excluded that a request was accepted, that is said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from preroll import pointer as pointers
from preroll import source
from preroll.judgement import check
from preroll.pointer import ABSENT
from preroll.unreadable import Unreadable
from preroll_fuzz.contract.messages import Lost, Received

if TYPE_CHECKING:
    from preroll.refusals import Answer, Match
    from preroll.violation import Violation
    from preroll_fuzz.contract.agenda import Agenda, Planned
    from preroll_fuzz.contract.service import Service

ACCEPTED, REFUSED, INCONCLUSIVE, UNCLEAR, NOT_SENT = "accepted", "refused", "inconclusive", "unclear", "not-sent"
"""What a request came to; `UNCLEAR` says that it may have been accepted."""

STOPPING = (401, 402, 403, 429)
"""Statuses after which every further request would come to the same."""

_SAYS = {
    401: "the key is not accepted",
    402: "there are no credits",
    403: "the key may not do this",
    404: "there is nothing at that address, or the answer does not say what is missing",
    405: "the address takes no such request",
    407: "a proxy wants to know who asks",
    408: "the service did not wait for the request",
    409: "it conflicts with another request",
    413: "the request is too large for the service",
    415: "the service does not take JSON there",
    425: "the service is not ready",
    429: "too many requests",
}

_DECIDED = (400, 422)
"""The statuses with which a payload is refused."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """
    What an answer comes to.

    Attributes:
        outcome: one of the constants above.
        reason: why, for people.
        status: the HTTP status, or None.
        body: what was answered, parsed; `ABSENT` where it is no JSON.
        ids, costs: of the tasks that it names.
        charged: whether a dry run started something.
        answer: how the refusal was read, where it is one.
        stop: whether every further request would come to the same.
    """

    outcome: str
    reason: str = ""
    status: int | None = None
    body: Any = ABSENT
    ids: tuple[str, ...] = ()
    costs: tuple[float, ...] = ()
    charged: bool = False
    answer: Answer | None = None
    stop: bool = False

    @property
    def is_evidence(self) -> bool:
        """Whether it says something about the payload."""
        return self.outcome in (ACCEPTED, REFUSED)


def judged(service: Service, planned: Planned, got: Received | Lost) -> Judgement:
    """What an answer says about a request."""
    if isinstance(got, Lost):
        if got.sent:
            return Judgement(UNCLEAR, got.reason)
        return Judgement(NOT_SENT, got.reason, stop=True)
    status = got.status
    if 300 <= status < 400:
        where = got.headers.get("location", "nowhere")
        return Judgement(INCONCLUSIVE, f"it redirects ({status}) to {where}, which is not followed", status, stop=True)
    body, problem = parsed(got)
    if 200 <= status < 300:
        return _taken(service, planned, got, body, problem)
    if status in (502, 504):
        return Judgement(UNCLEAR, f"{status}: a server in between got no answer in time" + got.waited, status, body)
    if status >= 500:
        return Judgement(INCONCLUSIVE, f"{status}: the service has a fault of its own" + got.waited, status, body)
    if status not in _DECIDED:
        says = _SAYS.get(status, "the status says nothing about the payload")
        return Judgement(INCONCLUSIVE, f"{status}: {says}{got.waited}", status, body, stop=status in STOPPING)
    if problem:
        return Judgement(INCONCLUSIVE, f"{status}, but {problem}", status)
    return _refused(planned, got, body)


def _taken(service: Service, planned: Planned, got: Received, body: Any, problem: str) -> Judgement:
    """What an answer of success says."""
    if not got.body and not got.too_large:
        return Judgement(ACCEPTED, status=got.status)
    if problem:
        return Judgement(UNCLEAR, f"{got.status}, but {problem}", got.status)
    ids, costs = tuple(service.ids(body)), tuple(service.costs(body))
    ran = service.has_result(body)
    if not ids and not ran:
        refusal = _refused(planned, got, body)
        if refusal.outcome == INCONCLUSIVE or (refusal.answer is not None and refusal.answer.complaints):
            return refusal
    charged = planned.dry and (ran or (bool(ids) and not service.is_dry(body)))
    return Judgement(ACCEPTED, "", got.status, body, ids, costs, charged)


def _refused(planned: Planned, got: Received, body: Any) -> Judgement:
    from preroll import refusals

    answer = refusals.read(
        got.body,
        vendor=planned.target.partition("/")[0],
        status=got.status,
        headers=got.headers,
        payload=planned.payload,
    )
    if answer.outcome == refusals.INCONCLUSIVE:
        stop = answer.retry == refusals.AFTER_CHANGE
        return Judgement(INCONCLUSIVE, f"{got.status}: {answer.reason}", got.status, body, answer=answer, stop=stop)
    return Judgement(REFUSED, answer.reason, got.status, body, answer=answer)


def parsed(got: Received) -> tuple[Any, str]:
    """The body as JSON; or `ABSENT`, and why it is none."""
    if got.too_large:
        return ABSENT, "the answer is larger than what is read"
    kind = got.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not (kind == "application/json" or kind.endswith("+json")):
        return ABSENT, f"the answer is {kind or 'of no type'}, not JSON"
    try:
        return source.read_json(got.body, "the answer"), ""
    except Unreadable:
        return ABSENT, "the answer is no JSON that can be read"


SAME, OTHER_REASON, OTHER_PARAMETER, UNREAD, MEDIUM = "same", "other-reason", "other-parameter", "unread", "medium"


def compared(agenda: Agenda, planned: Planned, judgement: Judgement) -> tuple[str, tuple[Match, ...]]:
    """How a refusal of an invalid payload agrees with what the document says of it, and what was compared."""
    from preroll import refusals

    answer = judgement.answer
    if answer is None or not answer.complaints:
        return UNREAD, ()
    found = violations(agenda, planned)
    matches = refusals.matched(answer.complaints, found, planned.payload)
    relations = {each.relation for each in matches if each.complaint is not None}
    if "same" in relations:
        return SAME, matches
    if "same-parameter" in relations:
        return OTHER_REASON, matches
    placed = [each for each in answer.complaints if each.pointers]
    if not placed:
        return UNREAD, matches
    if not agenda.mock and all(is_about_a_medium(each, planned.payload) for each in placed):
        return MEDIUM, matches
    return OTHER_PARAMETER, matches


def violations(agenda: Agenda, planned: Planned) -> tuple[Violation, ...]:
    """What `preroll check` says of a planned payload; errors only."""
    report = check(
        planned.payload, planned.target, registry=agenda.registry, as_published=agenda.published, today=agenda.today
    )
    return tuple(each for each in report.violations if each.severity == "error")


_MADE_UP = re.compile(r"(?i)^(?:https?://|data:|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$)")


def is_about_a_medium(complaint: Any, payload: Any) -> bool:
    """Whether a complaint names nothing but places where a made-up medium stands, and no reason that is ours."""
    if complaint.kind or not complaint.pointers:
        return False
    for each in complaint.pointers:
        value = pointers.look_up(payload, pointers.parse(each)) if each.startswith("/") else ABSENT
        if not isinstance(value, str) or not _MADE_UP.match(value):
            return False
    return True
