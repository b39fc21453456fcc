"""
The caller's reading: what a document describes, and so what its callers can send and must understand.

Callers write payloads with the properties that their document describes, and ignore in an answer what it does
not. So a new optional property breaks nobody, though plain sets of payloads differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from preroll import dialect
from preroll import pointer as pointers
from preroll.assertions import Assertions
from preroll.formula import Formula, Literal, either, every
from preroll.pointer import Path

MAX_DEPTH = 12
"""Properties that are nested deeper are not told apart: references may recur."""

ITEM = "*"

ANNOTATIONS = ("default", "deprecated", "description", "example", "examples", "readOnly", "title", "writeOnly")

_SHARED = ("default", "deprecated")
"""Annotations that a branch gives to the whole place."""

_IN_PLACE = ("if", "then", "else", "not")
_LISTS = ("allOf", "anyOf", "oneOf")


class Place:
    """
    One place of payloads, as far as a document describes it.

    Attributes:
        names: the properties that it names there.
        patterns: the places of properties described by a pattern.
        rest: the place of every other property, where a schema is given for them.
        items: the place of an item.
        annotations: by keyword, the first value that a schema of this place carries, with its JSON Pointer.
        offered: what the branches of the place carry, by keyword: a default in each of two branches is two.
        listed: values that its schemas list, in the order of the document.
    """

    __slots__ = ("annotations", "items", "listed", "names", "offered", "patterns", "rest")

    def __init__(self) -> None:
        self.names: dict[str, Place] = {}
        self.patterns: list[tuple[str, Place]] = []
        self.rest: Place | None = None
        self.items: Place | None = None
        self.annotations: dict[str, tuple[Any, str]] = {}
        self.offered: dict[str, list[tuple[Any, str]]] = {}
        self.listed: list[Any] = []

    def annotation(self, keyword: str) -> tuple[Any, str] | None:
        """
        What the document says of the place by a keyword, and where.

        A default that stands in a branch counts where no other branch has another one (`anyOf` of a type and null);
        the words of a branch are the branch's own.
        """
        found = self.annotations.get(keyword)
        if found is None and keyword in _SHARED:
            offered = self.offered.get(keyword, [])
            if offered and all(dialect.equal(each, offered[0][0]) for each, _ in offered):
                found = offered[0]
        return found

    def step(self, key: str | int, *, loosely: bool) -> Place | None:
        """The place of a member or an item; `loosely` also where only a schema for all others describes it."""
        if isinstance(key, int) or (key == ITEM and self.items is not None and ITEM not in self.names):
            return self.items
        found = self.names.get(key)
        if found is None:
            found = next((place for pattern, place in self.patterns if dialect.matches(pattern, key)), None)
        return self.rest if found is None and loosely else found

    def places(self, path: Path = ()) -> Iterator[tuple[Path, Place]]:
        """Every place with its path, in the order of the document."""
        yield path, self
        for name, inner in self.names.items():
            yield from inner.places((*path, name))
        if self.rest is not None:
            yield from self.rest.places((*path, "(any name)"))
        if self.items is not None:
            yield from self.items.places((*path, ITEM))


class Described:
    """
    What the schema at a pointer describes.

    Attributes:
        root: the payload's place.
        closed: for each schema that takes no other properties, the names described at its places.
    """

    def __init__(self, tree: Any, pointer: str) -> None:
        self.tree = tree
        self.root = Place()
        self._closed: dict[str, list[Place]] = {}
        self._walk(pointer, self.root, 0, set(), "")

    @property
    def closed(self) -> Mapping[str, frozenset[str]]:
        """See the class."""
        return {at: frozenset(name for place in found for name in place.names) for at, found in self._closed.items()}

    def _walk(self, at: str, place: Place, depth: int, seen: set[str], inside: str) -> None:
        schema = pointers.look_up(self.tree, pointers.parse(at))
        if not isinstance(schema, dict) or at in seen or depth > MAX_DEPTH:
            return
        seen.add(at)
        _annotate(place, schema, at, inside)
        if schema.get("additionalProperties") is False or schema.get("unevaluatedProperties") is False:
            self._closed.setdefault(at, []).append(place)
        self._members(schema, at, place, depth)
        for keyword in _LISTS:
            for index in range(len(schema[keyword]) if isinstance(schema.get(keyword), list) else 0):
                self._walk(
                    f"{at}/{keyword}/{index}", place, depth, seen, inside or ("" if keyword == "allOf" else keyword)
                )
        for keyword in _IN_PLACE:
            if keyword in schema:
                self._walk(f"{at}/{keyword}", place, depth, seen, inside or keyword)
        for name in schema.get("dependentSchemas", ()):
            self._walk(f"{at}/dependentSchemas{pointers.text((name,))}", place, depth, seen, "dependentSchemas")
        reference = schema.get("$ref")
        if isinstance(reference, str):
            self._walk(reference.removeprefix("#"), place, depth, seen, inside)

    def _members(self, schema: Mapping[str, Any], at: str, place: Place, depth: int) -> None:
        def below(where: str, child: Place) -> None:
            self._walk(where, child, depth + 1, set(), "")

        for name in schema.get("properties", ()):
            below(f"{at}/properties{pointers.text((name,))}", place.names.setdefault(name, Place()))
        for pattern in schema.get("patternProperties", ()):
            child = Place()
            place.patterns.append((pattern, child))
            below(f"{at}/patternProperties{pointers.text((pattern,))}", child)
        for keyword in ("additionalProperties", "unevaluatedProperties"):
            if isinstance(schema.get(keyword), dict):
                place.rest = place.rest or Place()
                below(f"{at}/{keyword}", place.rest)
        for keyword in ("items", "contains", "unevaluatedItems"):
            if isinstance(schema.get(keyword), dict):
                place.items = place.items or Place()
                below(f"{at}/{keyword}", place.items)
        for index in range(len(schema.get("prefixItems", ()))):
            place.items = place.items or Place()
            below(f"{at}/prefixItems/{index}", place.items)

    def place(self, path: Path) -> Place | None:
        """The place at a path (`*` or an index for an item), or None where nothing is described."""
        place: Place | None = self.root
        for key in path:
            if place is None:
                return None
            place = place.step(key, loosely=True)
        return place

    def listed(self, path: Path) -> Sequence[Any]:
        """The values that are listed for a place, in the order of the document."""
        place = self.place(path)
        return () if place is None else place.listed

    def names(self, path: Path) -> bool:
        """Whether the last step of a path is a property that is described by its name or a pattern."""
        owner = self.place(path[:-1])
        return owner is not None and owner.step(path[-1], loosely=False) is not None

    def stripped(self, value: Any) -> Any:
        """A payload without the properties that nothing here describes."""
        return _stripped(value, self.root)


def _annotate(place: Place, schema: Mapping[str, Any], at: str, inside: str) -> None:
    """Note what a schema says of a place beside what it asserts; `inside` is the keyword of the branch it is in."""
    if inside != "not":
        values = schema.get("enum")
        place.listed += values if isinstance(values, list) else []
        place.listed += [schema["const"]] if "const" in schema else []
    if not inside:
        for keyword in ANNOTATIONS:
            if keyword in schema:
                place.annotations.setdefault(keyword, (schema[keyword], f"{at}/{keyword}"))
    elif inside != "not":  # 2020-12 validation, section 9: what stands under `not` describes nothing
        for keyword in _SHARED:
            if keyword in schema:
                place.offered.setdefault(keyword, []).append((schema[keyword], f"{at}/{keyword}"))


def _stripped(value: Any, place: Place | None) -> Any:
    if place is None:  # a value of which nothing is said is taken as it is
        return value
    if isinstance(value, dict):
        if not (place.names or place.patterns or place.rest):
            return value
        kept = {name: place.step(name, loosely=True) for name in value}
        return {name: _stripped(value[name], inner) for name, inner in kept.items() if inner is not None}
    if isinstance(value, list):
        return [_stripped(each, place.items) for each in value]
    return value


def foreign(mine: Described, other: Described, path: Path) -> bool:
    """Whether the last step of a path is a property that only the other document describes."""
    return other.names(path) and mine.place(path) is None


class Ignoring(Assertions):
    """
    The formulas of a document for a reader that ignores unknown properties.

    What takes no other properties here refuses only those that the document describes elsewhere for the place.
    """

    def __init__(self, document: Any, described: Described) -> None:
        super().__init__(document)
        self._names = described.closed

    def _rest(self, body: Any, names: tuple[str, ...], patterns: tuple[str, ...], where: str) -> Iterator[Formula]:
        if body is not False:
            yield from super()._rest(body, names, patterns, where)
            return
        known = self._names.get(where.rpartition("/")[0], frozenset()).difference(names)
        others = sorted(name for name in known if not any(dialect.matches(each, name) for each in patterns))
        yield every(
            *(
                either(Literal("type", ("object",), False, where), Literal("required", name, False, where))
                for name in others
            )
        )
