"""
Watched: an object that notes what is read of it.

Another object in which that is the same is treated in the same way by whoever read it.
"""

from __future__ import annotations

from collections.abc import Collection, ItemsView, Iterator, KeysView, ValuesView
from typing import Any


class Watched(dict[str, Any]):
    """
    An object that notes which of its members are read.

    Attributes:
        plain: the object itself, for what need not be noted.
        false: the identities of the parts of a formula that are false of it, where these are known to who watches.
        sought: the names of which somebody asked whether they are there.
        read: those whose values were asked for, whether they are there or not.
        listed: for each time that somebody asked for all names, those that made no difference.
    """

    def __init__(
        self, plain: dict[str, Any], other: Watched | None = None, *, false: frozenset[int] | None = None
    ) -> None:
        super().__init__(plain)
        self.plain, self.false = plain, false
        self.sought: set[str] = set() if other is None else other.sought
        self.read: set[str] = set() if other is None else other.read
        self.listed: set[frozenset[str]] = set() if other is None else other.listed

    def __getitem__(self, name: str) -> Any:
        self.read.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.sought.add(str(name))
        return super().__contains__(name)

    def __iter__(self) -> Iterator[str]:
        self.listed.add(frozenset())
        return super().__iter__()

    def __len__(self) -> int:
        self.listed.add(frozenset())
        return super().__len__()

    def get(self, name: str, default: Any = None) -> Any:
        """One member."""
        self.read.add(name)
        return super().get(name, default)

    def keys(self) -> KeysView[str]:  # type: ignore[override]  # a view, as a dict gives it
        """All names."""
        self.listed.add(frozenset())
        return super().keys()

    def items(self) -> ItemsView[str, Any]:  # type: ignore[override]  # see above
        """All members."""
        self._all()
        return super().items()

    def values(self) -> ValuesView[Any]:  # type: ignore[override]  # see above
        """All values."""
        self._all()
        return super().values()

    def __eq__(self, other: object) -> bool:
        self._all()
        return self.plain == other

    __hash__ = None  # as of every dict

    def _all(self) -> None:
        self.listed.add(frozenset())
        self.read.update(self.plain)


def plain(value: Any) -> Any:
    """The object itself, where a watched one is given."""
    return value.plain if isinstance(value, Watched) else value


def strangers(value: dict[str, Any], known: Collection[str]) -> list[str]:
    """The names in an object but for some, of which nobody learns whether they are there."""
    if isinstance(value, Watched):
        value.listed.add(frozenset(known))
    return [name for name in plain(value) if name not in known]


def like(value: Any, model: Any) -> Any:
    """A changed copy of an object, watched as the object is."""
    return Watched(value, model) if isinstance(model, Watched) and isinstance(value, dict) else value
