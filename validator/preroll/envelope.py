"""
Envelopes: what a vendor says around single tasks, read from `schemas/<vendor>/envelope.yaml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple


class Companion(NamedTuple):
    """
    A task that may accompany a vendor's other tasks in one request.

    Attributes:
        name: the last part of its target's name.
        schema: JSON Pointer of its schema in each document of the vendor.
        told_by: the constants that recognise it.
        only_at: the one index where it may stand, or None.
        beside_a_task: whether it needs another task in the request.
        quote, at: the vendor's sentence and where it stands.
    """

    name: str
    schema: str
    told_by: Mapping[str, Any]
    only_at: int | None = None
    beside_a_task: bool = False
    quote: str = ""
    at: str = ""


class Envelope(NamedTuple):
    """
    How a vendor's requests are put together.

    Attributes:
        vendor: the first part of target names; `name` is for people.
        hosts: server hosts by which the vendor's documents are recognised.
        array: requests are arrays of tasks; `bare`: a task object alone is read as an array of one.
        at_least: the least number of tasks in a request.
        name_by: the property whose constant names a target; "" where the path does.
        told_by: the properties whose constants tell targets apart.
        companions: tasks that may accompany others.
        secrets: members whose text is never shown.
        answer: keys of the vendor's schema service, or empty.
    """

    vendor: str
    name: str = ""
    hosts: tuple[str, ...] = ()
    documentation: str = ""
    array: bool = False
    bare: bool = False
    at_least: int = 0
    name_by: str = ""
    told_by: tuple[str, ...] = ()
    companions: tuple[Companion, ...] = ()
    secrets: tuple[str, ...] = ()
    answer: Mapping[str, str] = MappingProxyType({})

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Envelope:
        """Read the data of an envelope file; see `schemas/*/envelope.yaml` for the keys."""
        request = data.get("request", {})
        return cls(
            vendor=data["vendor"],
            name=data.get("name", data["vendor"]),
            hosts=tuple(data.get("hosts", ())),
            documentation=data.get("documentation", ""),
            array=bool(request.get("array", False)),
            bare=bool(request.get("bare", False)),
            at_least=int(request.get("at-least", 0)),
            name_by=request.get("name-by", ""),
            told_by=tuple(request.get("told-by", ())),
            companions=tuple(
                Companion(
                    name=each["name"],
                    schema=each["schema"],
                    told_by=each["told-by"],
                    only_at=each.get("only-at"),
                    beside_a_task=bool(each.get("beside-a-task", False)),
                    quote=each.get("quote", ""),
                    at=each.get("at", ""),
                )
                for each in data.get("companions", ())
            ),
            secrets=tuple(data.get("secrets", ())),
            answer=data.get("answer", {}),
        )


PLAIN = Envelope(vendor="", told_by=("model", "type"))
"""The envelope of a vendor that nothing is known about: the body is the payload."""
