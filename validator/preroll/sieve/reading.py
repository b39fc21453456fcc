"""
Reading: which leaves of a value somebody looks at.

Another value of the same layout in which these leaves are the same looks the same to who looks at nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, KeysView, ValuesView
from typing import Any, NamedTuple, SupportsIndex

from preroll.pointer import Path


class Reading(NamedTuple):
    """
    What somebody looks at.

    Attributes:
        leaves: where the leaves are that were read.
        names: the members of the object itself that were asked for, whether they are there or not; None for all.
    """

    leaves: set[Path]
    names: set[str] | None


def read_by(look: Callable[[Any], object], value: Any) -> Reading:
    """What a function reads of an object; nothing is changed."""
    notes: set[Path] = set()
    names: set[str] = set()
    watched = _watched(value, (), notes)
    if isinstance(watched, _Object):
        watched.asked = names
    look(watched)
    return Reading(notes, None if not isinstance(watched, _Object) or watched.listed else names)


def _watched(value: Any, path: Path, notes: set[Path]) -> Any:
    if isinstance(value, dict):
        return _Object(value, path, notes)
    return _Array(value, path, notes) if isinstance(value, list) else value


class _Object(dict[str, Any]):
    """
    An object that notes which of its leaves are read; what is in it does the same.

    Attributes:
        asked: the names that were asked for.
        listed: whether all of its names were looked at.
    """

    def __init__(self, plain: dict[str, Any], path: Path, notes: set[Path]) -> None:
        super().__init__({name: _watched(each, (*path, name), notes) for name, each in plain.items()})
        self._path, self._notes = path, notes
        self.asked: set[str] = set()
        self.listed = False

    def _all(self) -> None:
        self.listed = True
        for name, each in super().items():
            _note(each, (*self._path, name), self._notes)

    def __getitem__(self, name: str) -> Any:
        self.asked.add(name)
        found = super().__getitem__(name)
        _note(found, (*self._path, name), self._notes)
        return found

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in self else default  # noqa: SIM401  # it is the one that is meant

    def __contains__(self, name: object) -> bool:
        self.asked.add(str(name))
        return super().__contains__(name)

    def __iter__(self) -> Iterator[str]:
        self.listed = True
        return super().__iter__()

    def __len__(self) -> int:
        self.listed = True
        return super().__len__()

    def keys(self) -> KeysView[str]:  # type: ignore[override]  # a view, as a dict gives it
        self.listed = True
        return super().keys()

    def items(self) -> ItemsView[str, Any]:  # type: ignore[override]  # as above
        self._all()
        return super().items()

    def values(self) -> ValuesView[Any]:  # type: ignore[override]  # as above
        self._all()
        return super().values()

    def __eq__(self, other: object) -> bool:
        self._all()
        return super().__eq__(other)

    def __repr__(self) -> str:
        self._all()
        return super().__repr__()

    __hash__ = None  # as of every dict


class _Array(list[Any]):
    """An array that does."""

    def __init__(self, plain: list[Any], path: Path, notes: set[Path]) -> None:
        super().__init__(_watched(each, (*path, index), notes) for index, each in enumerate(plain))
        self._path, self._notes = path, notes

    def _all(self) -> None:
        for index, each in enumerate(super().__iter__()):
            _note(each, (*self._path, index), self._notes)

    def __getitem__(self, at: SupportsIndex | slice) -> Any:
        self._all()
        return super().__getitem__(at)

    def __iter__(self) -> Iterator[Any]:
        self._all()
        return super().__iter__()

    def __reversed__(self) -> Iterator[Any]:
        self._all()
        return super().__reversed__()

    def __contains__(self, value: object) -> bool:
        self._all()
        return super().__contains__(value)

    def __eq__(self, other: object) -> bool:
        self._all()
        return super().__eq__(other)

    def __repr__(self) -> str:
        self._all()
        return super().__repr__()

    __hash__ = None  # as of every list


def _note(value: Any, path: Path, notes: set[Path]) -> None:
    """A leaf is noted; an object or array notes itself what is read of it."""
    if not isinstance(value, (dict, list)):
        notes.add(path)
