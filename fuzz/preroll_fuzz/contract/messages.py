"""
Messages: what is sent to a service and what comes back, as values that wire and recordings share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

from preroll import json_text
from preroll.pointer import ABSENT
from preroll.render.json_ import plain_value


@dataclass(frozen=True, slots=True)
class Request:
    """
    One request, without its key.

    Attributes:
        key: the name of the planned request that it belongs to.
        method, path: of the operation.
        headers: what it carries beside the key and the type of the body.
        body: the JSON body, which may be null; `ABSENT` for a request without one.
    """

    key: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: Any = ABSENT


@dataclass(frozen=True, slots=True)
class Received:
    """
    An answer.

    Attributes:
        status: its HTTP status.
        headers: those that matter, names in lower case.
        body: its bytes; the key is not in them, whatever the service wrote.
        too_large: whether the body went on, and was cut off.
        waited: what was done before this answer came, for people ("waited 2 s as asked, 1 time").
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    body: bytes = b""
    too_large: bool = False
    waited: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """
    An answer as it is shown and stored: redacted, with the samples of fresh ids.

    Attributes:
        status: its HTTP status.
        body: its JSON; `ABSENT` where there is none.
        headers: those that matter.
    """

    status: int
    body: Any = ABSENT
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def to_data(self) -> dict[str, Any]:
        """Plain data, from which keyword arguments make it again."""
        data: dict[str, Any] = {"status": self.status, "headers": dict(self.headers)}
        return data if self.body is ABSENT else {**data, "body": self.body}


@dataclass(frozen=True, slots=True)
class Lost:
    """
    No answer.

    Attributes:
        reason: what happened, for people; holds nothing of the request.
        sent: whether something may have reached the service.
        missing: whether there is no recording of it.
    """

    reason: str
    sent: bool = True
    missing: bool = False


def written(value: Any, **options: Any) -> str:
    """
    A value as JSON, every number as exact as it is: no float rounds it, and no text stands in for it.

    Args:
        value: what a JSON reader gives; `Decimal`s too.
        options: of `json.dumps`.
    """
    return json_text.written(plain_value(value, exact=True), **{"ensure_ascii": True, **options})


class Transport(Protocol):
    """What carries requests: the network, or recordings."""

    def send(self, request: Request) -> Received | Lost:
        """The answer to a request; never raises for what the other side does."""
        ...
