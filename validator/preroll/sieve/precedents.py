"""
Precedents: of values that differ only in what does not matter, one is judged for all.

Of the values of one layout, some leaves hold the same few texts and numbers again and again: sizes, switches, names of
models. Others hold a new one each time: identifiers, prompts, media; these are *free*. The former are the *case* of a
value. A case that was accepted once is accepted again if every free leaf satisfies what must hold there in any case,
and if what is asserted of it elsewhere is as true, or as false, as it was then (`preroll.sieve.sight`).

Rules that no schema clears are asked once for each case; again only where they read a free leaf.

Which leaves are free is learnt from the values that come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

import orjson

from preroll.pointer import Path
from preroll.sieve.crowd import Crowds
from preroll.sieve.exactness import UNKNOWN, Measure, is_exact
from preroll.sieve.layout import Layout, Leaves, place, places
from preroll.sieve.leaves import Group, Groups, Kind, Waiting
from preroll.sieve.reading import Reading
from preroll.sieve.sight import Likeness, Sight

Accepts = Callable[[Any], bool]
Cases = dict[bytes, "Case"]

SAMPLES: Final = 24
"""Values that are looked at before leaves are called free."""

MAX_CASES: Final = 300
"""Cases after which leaves that have made too many of them are called free, too."""

MAX_TIMES: Final = 8
"""So many times as many cases are remembered of a layout where that does not help."""

MAX_VARIANTS: Final = 8
"""Ways in which the texts and numbers in the free leaves of one case may be alike."""

MAX_LENGTH: Final = 2_000
"""Bytes of a case that is remembered."""

MAX_LAYOUTS: Final = 24
"""Layouts of one shape; they are tried one after another."""

_MANY: Final = 4
"""
A leaf is free that has had this many different values, and one for every so many samples; one whose values the schema
names, which therefore are unlike each other, or are no texts, only where but one in so many samples had a value again.
"""


MAX_PLACES: Final = 5_000
"""Places of leaves whose values are looked at: some objects have new names each time."""

_MANY_CASES: Final = 10
"""One layout may be kept for so many cases that may: it takes as much memory as they."""

_LONG: Final = 100
"""Characters of a text of which no copy is kept to tell whether it comes again."""


class Test(Protocol):
    """
    Says of a value of one shape whether it is clean.

    Where the value was read from a line, all that the line says must be in it, too.
    """

    def __call__(self, value: Any, line: bytes | None) -> bool: ...  # said by the class


Sighting = tuple["Case | None", Leaves, Test]
"""The precedents for a value, what is free in it, and what judges it where no precedent fits."""

Look = Callable[[Any], Sighting]
"""What looks at a value of one shape."""


class Question(Protocol):
    """A rule that no schema clears."""

    def objects(self, value: Any) -> bool:
        """Whether it has something to say of a value that its schema accepts."""
        ...

    def reads(self, value: Any) -> Reading:
        """What it reads to find nothing to say of a value."""
        ...


class Variant:
    """
    How the free leaves of an accepted value were.

    Attributes:
        group: the kinds of the free leaves.
        asked: rules that read some of them.
        measure: tells of a line with such a value whether the value is all that it says.
    """

    __slots__ = ("asked", "group", "measure")

    def __init__(self, group: Group, asked: tuple[Question, ...], measure: Measure) -> None:
        self.group, self.asked, self.measure = group, asked, measure

    def passes(self, value: Any, free: Leaves, line: bytes | None) -> bool:
        """Whether nothing else is wrong with a value whose free leaves are so."""
        if line is not None and not self.measure.is_exact(value, line, free):
            return False
        for each in self.asked:  # noqa: SIM110  # a generator costs more, a hundred thousand times
            if each.objects(value):
                return False
        return True


Told = tuple[int, bytes, tuple[Kind, ...]]
"""All that matters of a value but its members apart: `Shape.rest`, the case, and the kinds of the free leaves."""

Case = tuple[Callable[[Waiting], None] | None, int, int, tuple[Question, ...], tuple[Variant, ...]]
"""
The precedents of one case.

What takes a value to be told with others, with what is to be given to it of its line (`Measure.written` and `marks`);
the rules that must be asked besides; and the ways in which the free leaves were. Where there are several, and where
lines may have lost something that their length does not show, no value waits: it is None that takes it.
"""


class Common:
    """
    What the shapes of all targets have in common: the values that wait, and how much may be remembered.

    Args:
        left: how many cases may still be remembered; for the number of layouts, see `_MANY_CASES`.
    """

    __slots__ = ("crowds", "groups", "layouts", "left")

    def __init__(self, left: int) -> None:
        self.left, self.layouts = left, max(1, left // _MANY_CASES)
        self.groups, self.crowds = Groups(), Crowds()

    def case(self, variants: tuple[Variant, ...]) -> Case:
        """The case with these precedents."""
        first = variants[0]
        measure = first.measure
        waits = len(variants) == 1 and measure.written != UNKNOWN and self.groups.gathers(first.group)
        wait = first.group.waiting.append if waits else None
        return wait, measure.written, measure.marks, first.asked, variants


class Variety:
    """
    How many different values the leaves at each place have had.

    Args:
        most: how many values of a place are looked at.
    """

    __slots__ = ("_most", "_samples", "_seen")

    def __init__(self, most: int = SAMPLES) -> None:
        self._most = most
        self._samples: dict[Path, int] = {}
        self._seen: dict[Path, set[Any]] = {}

    def look(self, leaves: Iterable[tuple[Path, Any]]) -> None:
        """Look at leaves, by their places."""
        for at, each in leaves:
            samples = self._samples.get(at, 0)
            if samples < self._most and (samples or len(self._samples) < MAX_PLACES):
                self._samples[at] = samples + 1
                long = isinstance(each, str) and len(each) > _LONG
                self._seen.setdefault(at, set()).add(str(hash(each)) if long else each)

    def suffices(self, leaves: Iterable[Path]) -> bool:
        """Whether enough values were looked at of each of some places."""
        return all(self._samples.get(at, 0) >= self._most for at in leaves)

    def is_free(self, at: Path, seen: Sight) -> bool:
        """Whether the leaves at a place hold a new value each time."""
        samples = self._samples.get(at, 0)
        share = samples // _MANY
        values = self._seen.get(at, ())
        few = seen.names_values or not any(isinstance(each, str) for each in values)
        return len(values) >= max(_MANY, samples - share if few else share)


class Shape:
    """
    What is known of the values of one shape.

    Args:
        accepts: the test by the schema that is left for them.
        seen: what that looks at.
        defs: what its references lead to.
        asked: the rules that it does not clear.
        apart: members that nothing else in the schema depends on, whether they are there or not.

    Attributes:
        told: what was accepted; with the rules that must be asked.
    """

    __slots__ = ("_apart", "_defs", "_kinds", "_likeness", "_rests", "accepts", "asked", "sight", "told")

    def __init__(
        self,
        accepts: Accepts,
        seen: Sight,
        defs: Mapping[str, Any],
        asked: Sequence[Question],
        apart: frozenset[str] = frozenset(),
    ) -> None:
        self.accepts, self.sight, self.asked = accepts, seen, asked
        self._defs, self._apart = defs, apart
        self._likeness: dict[int, Likeness] = {}
        self._kinds: dict[int, Kind] = {}
        self._rests: dict[tuple[Layout, frozenset[Path]], int] = {}
        self.told: dict[Told, tuple[Question, ...]] = {}

    def clears(self, value: Any) -> bool:
        """Whether a value is clean."""
        return self.accepts(value) and not any(each.objects(value) for each in self.asked)

    def judge(self, value: Any, line: bytes | None) -> bool:
        """Whether a value is clean, and all that its line says."""
        return self.clears(value) and (line is None or is_exact(value, line))

    def is_apart(self, path: Path) -> bool:
        """Whether nothing but its own value decides what may stand at a leaf, and all that counts of it is known."""
        if len(path) > 1 or path[0] not in self._apart:
            return False
        seen = self.sight.at(path)
        return seen is not None and not seen.assertions

    def rest(self, layout: Layout, free: frozenset[Path]) -> int:
        """The number of a layout without the members apart, and of the leaves in it that are free."""
        apart = [path for path in layout.paths() if self.is_apart(path)]
        rest = layout.without({str(path[0]) for path in apart}), free.difference(apart)
        return self._rests.setdefault(rest, len(self._rests))

    def likeness(self, path: Path, groups: Groups) -> Likeness:
        """What tells the values that are like others at a place."""
        seen = self.sight.at(path)
        assert seen is not None, "a leaf that may be compared as a part of something is not free"
        found = self._likeness.get(id(seen))
        if found is None:
            found = self._likeness[id(seen)] = Likeness(seen, groups.test)
        return found

    def kind(self, schema: dict[str, Any], groups: Groups) -> Kind:
        """The kind of the leaves that satisfy a schema, one of those that a likeness gives."""
        found = self._kinds.get(id(schema))
        if found is None:
            found = self._kinds[id(schema)] = groups.kind(schema, self._defs)
        return found


class Precedents:
    """
    What is remembered of the values of one shape.

    Args:
        shape: what is known of it.
        common: what is shared with other shapes.
        variety: what values the leaves have had so far.
        settled: is given what looks at the values of the shape at once, and something better whenever more is known.
    """

    def __init__(self, shape: Shape, common: Common, variety: Variety, settled: Callable[[Look], None]) -> None:
        self.shape, self.common, self.variety = shape, common, variety
        self._settled = settled
        self._seen: dict[Layout, int] = {}
        self._known: list[Known] = []
        self.settle()

    def judge(self, value: Any, line: bytes | None) -> bool:
        """Whether a value of a layout that is not remembered is clean."""
        if not self.shape.clears(value) or not (line is None or is_exact(value, line)):
            return False
        layout = Layout.of(value) if len(self._known) < MAX_LAYOUTS else None
        if layout is None or any(each.layout == layout for each in self._known):
            return True
        seen = self._seen.get(layout, 0) + 1
        if seen == 1:
            if self.common.layouts <= 0:
                return True
            self.common.layouts -= 1
        self._seen[layout] = seen
        self.variety.look(places(value))
        if seen > 1 and self.variety.suffices(map(place, layout.paths())):
            self._known.append(Known(self, layout))
            self.settle()
        return True

    def settle(self) -> None:
        """Make anew what looks at a value: as one of each layout in turn."""
        unknown: Sighting = (None, (), self.judge)
        look: Look = lambda _: unknown  # noqa: E731  # the last of a chain of functions
        for each in reversed(self._known):
            look = each.look(look)
        self._settled(look)


class Known:
    """
    The cases of one layout.

    Args:
        owner: what is remembered of the shape.
        layout: the layout.
    """

    def __init__(self, owner: Precedents, layout: Layout) -> None:
        self.layout = layout
        self._owner = owner
        self._limit = MAX_CASES
        self._free: frozenset[Path] = frozenset()
        self._cases: Cases = {}
        self._set_free(self._varied(owner.variety))

    def _varied(self, variety: Variety) -> frozenset[Path]:
        """Further leaves that have had many values."""
        sight = self._owner.shape.sight
        bound = ((path, sight.at(path)) for path in self.layout.paths() if path not in self._free)
        return frozenset(path for path, seen in bound if seen is not None and variety.is_free(place(path), seen))

    def _set_free(self, more: frozenset[Path]) -> None:
        shape, groups = self._owner.shape, self._owner.common.groups
        paths = list(self.layout.paths())
        self._free |= more
        free = [path for path in paths if path in self._free]
        bound = [path for path in paths if path not in self._free]
        self._bound_places = tuple(map(place, bound))
        self._own = [index for index, path in enumerate(bound) if not shape.is_apart(path)]
        self._beside = [
            (index, shape.likeness(path, groups)) for index, path in enumerate(bound) if shape.is_apart(path)
        ]
        self._likeness = [shape.likeness(path, groups) for path in free]
        self._within = [index for index, path in enumerate(free) if not shape.is_apart(path)]
        self._rest = shape.rest(self.layout, self._free)
        self._make = self.layout.looker(self._free)
        make = self._make(_unwritten, bytes, None)
        self._key: Callable[[Any], tuple[bytes | None, Leaves]] = lambda value: make(value)[:2]
        # Rules that have read a free leaf: whether they would for each case is not worth finding out.
        self._asked: list[Question] = []
        self._owner.common.left += len(self._cases)
        self._cases = {}

    def look(self, otherwise: Look) -> Look:
        """What looks at a value as one of this layout; what it does for each of a million is as little as can be."""
        return self._make(otherwise, self._cases.get, self.judge)

    def judge(self, value: Any, line: bytes | None) -> bool:
        """Judge a value of the layout for which there is no precedent; it will be one."""
        case, free = self._key(value)
        bound = () if case is None else orjson.loads(case)
        if case is None or not {*map(type, bound), *map(type, free)}.isdisjoint((dict, list)):
            return self._owner.judge(value, line)  # only nearly of the layout, or with what no line holds
        shape, groups = self._owner.shape, self._owner.common.groups
        kinds = tuple([shape.kind(each.schema(leaf), groups) for each, leaf in zip(self._likeness, free, strict=True)])
        own = orjson.dumps([bound[index] for index in self._own])
        told = self._rest, own, tuple([kinds[index] for index in self._within])
        asked = shape.told.get(told)
        known = asked is not None and self._hold(kinds, bound, free)
        if known:
            self._asked += [each for each in asked or () if each not in self._asked]
        if any(each.objects(value) for each in self._asked) if known else not shape.clears(value):
            return False
        if line is not None and not is_exact(value, line):
            return False
        # What is no JSON number is written as null.
        if len(case) <= MAX_LENGTH and b"null" not in case:
            if not known:
                self._ask(value, told)
            measure = Measure(value, self.layout.names, bound, free)
            self._learn(case, Variant(groups.of(kinds), tuple(self._asked), measure))
        return True

    def _hold(self, kinds: tuple[Kind, ...], bound: Sequence[Any], free: Leaves) -> bool:
        """Whether the leaves are what they must be that are free, or members apart."""
        shape, groups = self._owner.shape, self._owner.common.groups
        for index, each in self._beside:
            if not shape.kind(each.schema(bound[index]), groups).holds(bound[index]):
                return False
        return all(kind.holds(leaf) for kind, leaf in zip(kinds, free, strict=True))

    def _ask(self, value: Any, told: Told) -> None:
        """Find out what the rules read that must be asked of a value that was accepted."""
        shape = self._owner.shape
        alone = True
        for each in shape.asked:
            leaves, names = each.reads(value)
            if each not in self._asked and not leaves.isdisjoint(self._free):
                self._asked.append(each)
            alone = alone and names is not None and not any(shape.is_apart((name,)) for name in names)
        if alone and self._owner.common.left > 0 and len(shape.told) < MAX_CASES * MAX_TIMES:
            shape.told[told] = tuple(self._asked)

    def _learn(self, case: bytes, variant: Variant) -> None:
        """Remember a case that was accepted."""
        found, common = self._cases.get(case), self._owner.common
        known = () if found is None else found[-1]
        if len(known) >= MAX_VARIANTS or common.left <= 0:
            return
        if not known and len(self._cases) >= MAX_CASES * MAX_TIMES:
            return
        self._cases[case] = common.case((*known, variant))
        if known:
            return
        common.left -= 1
        if len(self._cases) < self._limit:
            return
        variety = Variety(MAX_CASES * MAX_TIMES)
        for each in self._cases:
            variety.look(zip(self._bound_places, orjson.loads(each), strict=True))
        more = self._varied(variety)
        if more:
            self._set_free(more)
            self._owner.settle()
        else:
            self._limit *= 2  # nothing but the combinations are many


def _unwritten(_: Any) -> tuple[None, Leaves]:
    """Instead of the case of another layout, or with a number beyond 64 bits or half a surrogate pair."""
    return None, ()


def passes(sighting: Sighting, value: Any, line: bytes | None = None) -> bool:
    """Whether a value that was looked at is clean, and says all that its line does."""
    case, free, judge = sighting
    for each in () if case is None else case[-1]:
        if each.group.alike(free):
            return each.passes(value, free, line)
    return judge(value, line)


def waits(sighting: Sighting, value: Any, line: bytes, number: int) -> bool:
    """The same of a value that was read from a line; it may wait to be told by its free leaves, with its number."""
    case, free, judge = sighting
    if case is None:
        return judge(value, line)
    wait, written, marks, asked, _ = case
    if wait is None:
        return passes(sighting, value, line)
    for each in asked:
        if each.objects(value):
            return False
    wait((free, number, written, marks))
    return True
