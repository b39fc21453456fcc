"""
Drafts: complaints as a reader takes them out of an answer, before the payload says where their places are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

from preroll.pointer import Path
from preroll.refusals.grounds import Ground


@dataclass(frozen=True, slots=True)
class Draft:
    """
    One complaint, with its places as the service writes them.

    Attributes:
        message, code: as sent.
        names: the parameters as the service names them, relative to a task: `user.names[0].first`.
        paths: places from the root of the request's body, token by token; they win over names.
        kind: what is wrong, where the structure of the answer tells; it wins over the sentence.
        facts: limits and lists that have members of their own in the answer, under our names.
        task: the id of the task of the request that it is about, or "".
        raw: the part of the answer that it was read from.
        ground: why, where the structure tells.
        loose: nothing but a sentence; unless that says something known, it is left unread.
    """

    message: str
    code: str = ""
    names: tuple[str, ...] = ()
    paths: tuple[Path, ...] = ()
    kind: str = ""
    facts: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    task: str = ""
    raw: Any = None
    ground: Ground | None = None
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """
    What a reader found in a body.

    Attributes:
        drafts: the complaints.
        unread: the parts that it does not understand.
        accepted: whether the body is what a service answers to a payload that it takes.
        status: an HTTP status that the body repeats.
        task_by: the member of a task that `Draft.task` repeats, or "".
        aside: members and values of a task that is not meant by complaints that name no task.
        pair: names that belong together as one size.
        taken: ids of tasks of the request that were taken.
    """

    drafts: tuple[Draft, ...] = ()
    unread: tuple[Any, ...] = ()
    accepted: bool = False
    status: int | None = None
    task_by: str = ""
    aside: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    pair: tuple[str, str] | tuple[()] = ()
    taken: tuple[str, ...] = ()


class Reader(Protocol):
    """A module that reads one format of answers."""

    NAME: str

    def recognises(self, body: Any) -> bool:
        """Whether a parsed body has the format, by its shape."""
        ...

    def read(self, body: Any) -> Reading:
        """The complaints in a body that it recognises."""
        ...


def text(value: Any) -> str:
    """A text, or "" for anything else."""
    return value if isinstance(value, str) else ""


def first_text(members: Mapping[str, Any], *names: str) -> str:
    """The first of several members that is a text with something in it, or ""."""
    return next((members[each] for each in names if isinstance(members.get(each), str) and members[each]), "")
