"""
A service's answer, read: whether it refuses the payload, why, and whether sending it again can help.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

ACCEPTED: Final = "accepted"
"""The service took the payload: the answer complains of nothing."""

REFUSED: Final = "refused"
"""The payload is at fault."""

INCONCLUSIVE: Final = "inconclusive"
"""The key, the credits, a header, a rate or the server: the answer says nothing of the payload."""

UNREAD: Final = "unread"
"""The answer is not understood; `Answer.unread` holds it whole."""

OUTCOMES: Final = (ACCEPTED, REFUSED, INCONCLUSIVE, UNREAD)

NEVER: Final = "useless"
"""The same payload will be refused again."""

LATER: Final = "later"
"""The same payload can be sent again after a while."""

AFTER_CHANGE: Final = "after-change"
"""The same payload can be sent again when the key, the credits or a header has changed."""

UNKNOWN: Final = "unknown"
"""Nothing is said of it."""

RETRIES: Final = (NEVER, LATER, AFTER_CHANGE, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Complaint:
    """
    One thing that the service said is wrong.

    Attributes:
        message: its sentence, as sent.
        code: its code, as sent, or "".
        pointers: the places that it names, as JSON Pointers into the payload as the user gave it; relative to
            what the service names where no payload is known; () where it names none.
        kind: what is wrong there, as our keyword in kebab case (`maximum`, `required`, `unexpected`,
            `not-together`, ...), or "" where it cannot be told.
        facts: what else was said, under our names: `allowed` (values), `names` (of the parameters that are taken),
            `sizes` (pairs), `minimum`, `maximum`, `exclusive_minimum`, `exclusive_maximum`, `multiple`, `min_items`,
            `max_items`, `min_length`, `max_length`, `expected` (types), `received`, `format`, `pattern`, `options`
            (groups of pointers, each of which would do), `task_id`, `documentation`.
        raw: the part of the answer that it was read from, without secrets.
    """

    message: str
    code: str = ""
    pointers: tuple[str, ...] = ()
    kind: str = ""
    facts: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    raw: Any = None


@dataclass(frozen=True, slots=True)
class Answer:
    """
    What an answer of a service comes to.

    Attributes:
        outcome: one of `OUTCOMES`.
        reason: why, for people: "no credits", "too many requests"; "" for a plain refusal.
        retry: one of `RETRIES`: whether the same payload, sent again unchanged, can be taken.
        complaints: what is wrong, in the order of the answer.
        unread: the parts that are not understood, whole, without secrets.
        after: seconds to wait before the next attempt, where the answer says so.
        status: the HTTP status, where it is known.
        reader: the name of the format that it was read as, or "".
        taken: the ids of those tasks of the request that were taken all the same: sent again, they are paid again.
    """

    outcome: str
    reason: str = ""
    retry: str = UNKNOWN
    complaints: tuple[Complaint, ...] = ()
    unread: tuple[Any, ...] = ()
    after: float | None = None
    status: int | None = None
    reader: str = ""
    taken: tuple[str, ...] = ()
