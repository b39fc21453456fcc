"""
Layouts: what a value is made of, apart from the texts, numbers and literals in it.

A layout names every object of a value with its names, and every array with its length. What stands at the ends are the
*leaves*. That a value has a known layout is found by looking for what the layout has, and for nothing more.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

import orjson

from preroll.pointer import Path

MAX_PLACES: Final = 400
"""Leaves and containers of a layout; a larger value is looked at anew each time."""

Leaves = tuple[Any, ...]
Maker = Callable[[Callable[[Any], Any], Callable[[bytes], Any], Any], Callable[[Any], Any]]
Step = tuple[int, Any, Any, int]
_CONTAINERS: Final = (dict, list)


@dataclass(frozen=True, slots=True)
class Layout:
    """
    What a value is made of.

    Attributes:
        containers: the paths of its objects and arrays, itself first, each before those in it.
        steps: how to reach all but the first: the index of the container that holds it, its key there, its type and
            its length.
        leaves: for each container, the keys of the leaves in it.
        names: how many names its objects have together.
    """

    containers: tuple[Path, ...]
    steps: tuple[Step, ...]
    leaves: tuple[tuple[Any, ...], ...]
    names: int

    @staticmethod
    def of(value: Any) -> Layout | None:
        """The layout of an object or array; None where it is too large."""
        containers: list[Path] = [()]
        found, steps, leaves = [value], [], []
        names = places = 0
        for index, owner in enumerate(found):  # it grows on the way
            own = []
            names += len(owner) if isinstance(owner, dict) else 0
            # Members in another order are the same layout.
            members = sorted(owner.items(), key=_name) if isinstance(owner, dict) else enumerate(owner)
            for key, each in members:
                places += 1
                if places > MAX_PLACES:
                    return None
                if isinstance(each, _CONTAINERS):
                    steps.append((index, key, type(each), len(each)))
                    containers.append((*containers[index], key))
                    found.append(each)
                else:
                    own.append(key)
            leaves.append(tuple(own))
        return Layout(tuple(containers), tuple(steps), tuple(leaves), names)

    def without(self, names: AbstractSet[str]) -> Layout:
        """The layout of a value without some leaves of its own."""
        own = tuple(key for key in self.leaves[0] if key not in names)
        gone = len(self.leaves[0]) - len(own)
        return Layout(self.containers, self.steps, (own, *self.leaves[1:]), self.names - gone)

    def paths(self) -> Iterator[Path]:
        """Where its leaves are."""
        for at, keys in zip(self.containers, self.leaves, strict=True):
            for key in keys:
                yield (*at, key)

    def read(self, value: Any, free: Collection[Path]) -> tuple[Leaves, Leaves] | None:
        """
        The leaves of a value of this layout, the bound ones and the free ones; None for other values.

        It raises LookupError or TypeError for some others; and where a leaf is expected, it may read an object.
        """
        found: list[Any] = [value]
        for owner, key, kind, length in self.steps:
            inner: Any = found[owner][key]
            if inner.__class__ is not kind or len(inner) != length:
                return None
            found.append(inner)
        parts: tuple[list[Any], list[Any]] = ([], [])
        for each, at, keys in zip(found, self.containers, self.leaves, strict=True):
            for key in keys:
                parts[(*at, key) in free].append(each[key])
        return tuple(parts[0]), tuple(parts[1])

    def looker(self, free: Collection[Path]) -> Maker:
        """
        What makes a function that finds the case of a value of this layout.

        The function that is made returns what `found` returns for the case, the free leaves, and `judge`; for values of
        other layouts what `otherwise` returns. Where a leaf is expected, it may read an object.
        """
        keys: list[Any] = []

        def read(owner: int, key: Any) -> str:
            keys.append(key)
            return f"v{owner}[{_KEY + str(len(keys) - 1)!r}]"

        lines: list[str] = []
        for index, (owner, key, kind, length) in enumerate(self.steps, 1):
            # Only a list holds something by a number, and only an object by a name; but for texts.
            sure = kind is dict and length
            other = f"len(v{index}) != {length}"
            lines += [
                f"            v{index} = {read(owner, key)}",
                f"            if {other if sure else f'type(v{index}) is not {kind.__name__} or {other}'}:",
                "                return otherwise(v0)",
            ]
        parts: tuple[list[str], list[str]] = ([], [])
        for index, (at, leaves) in enumerate(zip(self.containers, self.leaves, strict=True)):
            for each in leaves:
                parts[(*at, each) in free].append(f"{read(index, each)}, ")
        lines.append(f"            return found(dumps(({''.join(parts[0])}))), ({''.join(parts[1])}), judge")
        make = _maker("\n".join(lines))
        return functools.partial(_made, make, {_KEY + str(number): key for number, key in enumerate(keys)})


_KEY: Final = "key "


@functools.lru_cache(maxsize=1_000)
def _maker(body: str) -> Callable[..., Any]:
    """
    A function that makes a function that looks at values.

    A loop over the containers would take three times as long. The text that is compiled holds numbers and names of
    ours alone; what documents or payloads say is put into the code in the end, as its constants.
    """
    text = (
        f"def make(otherwise, found, judge):\n    def look(v0):\n        try:\n{body}\n"
        "        except (TypeError, LookupError):\n            return otherwise(v0)\n    return look\n"
    )
    space: dict[str, Any] = {"dict": dict, "list": list, "len": len, "type": type, "dumps": orjson.dumps}
    space |= {"TypeError": TypeError, "LookupError": LookupError, "__builtins__": {}}
    exec(compile(text, "<layout>", "exec"), space)  # noqa: S102  # see above
    return space["make"]  # type: ignore[no-any-return]  # as the text says


def _made(make: Callable[..., Any], keys: Mapping[str, Any], *given: Any) -> Callable[[Any], Any]:
    """The function with the keys of its layout in place of their numbers."""
    look = make(*given)
    code = look.__code__
    constants = tuple(keys.get(each, each) if isinstance(each, str) else each for each in code.co_consts)
    look.__code__ = code.replace(co_consts=constants)
    return look  # type: ignore[no-any-return]  # as `_maker` says


def _name(member: tuple[Any, Any]) -> str:
    return str(member[0])


def places(value: Any) -> Iterator[tuple[Path, Any]]:
    """The leaves of a value by their places, with `*` for every item of an array."""
    stack: list[tuple[Path, Any]] = [((), value)]
    while stack:
        path, owner = stack.pop()
        if isinstance(owner, dict):
            stack += [((*path, key), each) for key, each in owner.items()]
        elif isinstance(owner, list):
            stack += [((*path, "*"), each) for each in owner]
        else:
            yield path, owner


def place(path: Path) -> Path:
    """The place of a path: `*` for the number of an item."""
    return tuple("*" if isinstance(key, int) else key for key in path)
