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


class Service(NamedTuple):
    """
    What is known of a vendor's live service beyond its documents, for `preroll contract`.

    Places are JSON Pointers into an answer, `*` for every item of an array.

    Attributes:
        key: the environment variable that usually holds the key.
        client_ids: members of a task whose value the client makes up, another one for each task.
        never: members that are never sent, because something outside would be called or written to.
        asking: members with the values that make an answer tell its cost.
        dry_run: the header, with its value, under which nothing runs and nothing is charged.
        marks: places where `true` says that an answer is that of a dry run.
        ids, costs: places of the tasks that were accepted, and of what they cost.
        results: places that only a task has that ran.
        cancel: the last part of the name of the target that cancels a task, or "".
    """

    key: str = ""
    client_ids: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    asking: Mapping[str, Any] = MappingProxyType({})
    dry_run: tuple[str, str] | None = None
    marks: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    costs: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    cancel: str = ""

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Service:
        """Read the part `service` of an envelope file."""
        dry_run, answer = data.get("dry-run", {}), data.get("answer", {})
        return cls(
            key=data.get("key", ""),
            client_ids=tuple(data.get("client-ids", ())),
            never=tuple(data.get("never", ())),
            asking=data.get("asking", {}),
            dry_run=(dry_run["header"], str(dry_run["value"])) if dry_run else None,
            marks=tuple(dry_run.get("marks", ())),
            ids=tuple(answer.get("ids", ())),
            costs=tuple(answer.get("costs", ())),
            results=tuple(answer.get("ran", ())),
            cancel=data.get("cancel", ""),
        )


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
        service: what is known of the live service.
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
    service: Service = Service()

    @property
    def tells(self) -> tuple[str, ...]:
        """The members by whose constants a task or a companion is told."""
        return (*self.told_by, *(name for each in self.companions for name in each.told_by))

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
            service=Service.of(data.get("service", {})),
        )


PLAIN = Envelope(vendor="", told_by=("model", "type"))
"""The envelope of a vendor that nothing is known about: the body is the payload."""
