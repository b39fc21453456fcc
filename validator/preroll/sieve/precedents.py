"""
Precedents: of values that differ only in what does not matter, one is judged for all.

What is left to check of a shape falls into schemas about single members and a *rest* that looks at several. Some
members hold the same few values again and again: sizes, switches, names of models. Others hold a new one each time:
identifiers, prompts, media; these are *free*. The former, with what the rest looks at in the latter, are the *case* of
a value. A case that was accepted once is accepted again if every free member satisfies its own schemas, and if what
the rest asserts about the texts and numbers among them is as true, or as false, as it was then (`preroll.sieve.sight`).

Which members are free is learnt from the values that come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import itemgetter
from typing import Any, Final

import orjson

from preroll import dialect
from preroll.sieve.resolution import together
from preroll.sieve.sight import Likeness, Look, Sight, sight

Test = Callable[[Any], bool]
Cases = dict[bytes, tuple[Test, ...]]

SAMPLES: Final = 24
"""Values that are looked at before members are called free."""

MAX_CASES: Final = 300
"""Cases after which members that have made too many of them are called free, too."""

MAX_TIMES: Final = 8
"""So many times as many cases are remembered of a shape where that does not help."""

MAX_VARIANTS: Final = 4
"""Ways in which the texts and numbers in the free members of one case may be alike."""

MAX_LENGTH: Final = 2_000
"""Bytes of a case that is remembered."""

_MANY: Final = 4
"""
A member is free that has had this many different values, and one for every so many samples; one whose values the rest
names, which therefore are unlike each other, only where but one in so many samples had a value again.
"""


class Common:
    """
    What the shapes of all targets have in common: the tests of free members, and how much may be remembered.

    Args:
        left: how many cases may still be remembered.
    """

    __slots__ = ("_tests", "left")

    def __init__(self, left: int) -> None:
        self.left = left
        self._tests: dict[str, Test] = {}

    def test(self, schema: dict[str, Any]) -> Test:
        """
        The test by a schema; the same one for the same schema.

        Many engines would be in each other's way: what one has at hand drives out what another needs.
        """
        key = repr(schema)
        found = self._tests.get(key)
        if found is None:
            found = self._tests[key] = dialect.engine(schema).is_valid
        return found


class Parts:
    """
    A schema for the objects of one shape, taken apart.

    Attributes:
        single: the schemas about one member each, by its name.
        rest: what a schema of all others looks at.
        defs: what references in them lead to.
    """

    __slots__ = ("defs", "rest", "single")

    def __init__(self, schema: Any) -> None:
        self.single: dict[str, list[Any]] = {}
        self.defs = {"$defs": schema["$defs"]} if isinstance(schema, dict) and "$defs" in schema else {}
        if _is_movable(schema):
            self.rest = sight({"allOf": list(self._rest(schema)), **self.defs})
        else:
            self.rest = sight(schema)

    def _rest(self, schema: Any) -> Iterator[Any]:
        if not isinstance(schema, dict) or _WIDER & schema.keys():
            yield schema
            return
        for each in schema.get("allOf", ()):
            yield from self._rest(each)
        for name, each in schema.get("properties", {}).items():
            self.single.setdefault(name, []).append(each)
        others = {keyword: each for keyword, each in schema.items() if keyword not in ("allOf", "properties", "$defs")}
        if others:
            yield others


# Beside these, `properties` says more than what its members must be.
_WIDER: Final = frozenset(("additionalProperties", "patternProperties", "unevaluatedProperties"))


def _is_movable(schema: Any) -> bool:
    """Whether the parts of a schema mean the same beside its `$defs`, wherever they stand."""
    if isinstance(schema, dict):
        if not _TIED.isdisjoint(schema) or not str(schema.get("$ref", _DEFS)).startswith(_DEFS):
            return False
        return all(map(_is_movable, schema.values()))
    return not isinstance(schema, list) or all(map(_is_movable, schema))


_DEFS: Final = "#/$defs/"
_TIED: Final = frozenset(("$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveRef", "$recursiveAnchor"))


class Variety:
    """
    How many different values the members of objects have had.

    Args:
        most: how many values of a member are looked at.
    """

    __slots__ = ("_most", "_samples", "_seen")

    def __init__(self, most: int = SAMPLES) -> None:
        self._most = most
        self._samples: dict[str, int] = {}
        self._seen: dict[str, set[Any]] = {}

    def look(self, value: Mapping[str, Any]) -> None:
        """Look at the members of an object."""
        for name, each in value.items():
            samples = self._samples.get(name, 0)
            if samples < self._most:
                self._samples[name] = samples + 1
                self._seen.setdefault(name, set()).add(repr(each) if isinstance(each, (dict, list)) else each)

    def suffices(self, names: Iterable[str]) -> bool:
        """Whether enough values were looked at of each of some members."""
        return all(self._samples.get(name, 0) >= self._most for name in names)

    def free(self, names: Iterable[str], rest: Sight) -> set[str]:
        """Those of some members that hold a new value each time."""
        found = set()
        for name in names:
            samples = self._samples.get(name, 0)
            share = samples // _MANY
            wanted = samples - share if rest.member(name).names_values else share
            if len(self._seen.get(name, ())) >= max(_MANY, wanted):
                found.add(name)
        return found


class Precedents:
    """
    The cases of one shape.

    Args:
        names: the names of the object's members, all of them.
        parts: the schema of the shape.
        accepts: whether that accepts a value of the shape.
        common: what is shared with other shapes.
        variety: what values the members have had so far.
        settled: is given a test that says of a value of the shape what `accepts` says, at once, and a better one
            whenever further members turn out to be free.
    """

    def __init__(
        self,
        names: Iterable[str],
        parts: Parts,
        accepts: Test,
        common: Common,
        variety: Variety,
        settled: Callable[[Test], None],
    ) -> None:
        self._names, self._parts, self._accepts = sorted(names), parts, accepts
        self._common, self._settled = common, settled
        self._limit = MAX_CASES
        self._likeness: dict[str, Likeness] = {}
        self._single = {name: together(each) for name, each in parts.single.items()}
        self._free: set[str] = set()
        self._cases: Cases = {}
        self._settle(variety)

    def _settle(self, variety: Variety) -> None:
        """Call members free that have had many values, and make the test anew."""
        self._variety = Variety(MAX_CASES * MAX_TIMES)
        self._free |= variety.free(self._names, self._parts.rest)
        self._common.left += len(self._cases)
        self._cases = {}
        self._settled(self._made(self._cases))

    def _made(self, cases: Cases) -> Test:
        """The test; what it does for each of a million values is as little as can be."""
        free = sorted(self._free)
        free_of, case_of = _getter(free), _getter([name for name in self._names if name not in self._free])
        places = ((name, self._parts.rest.member(name)) for name in free)
        looks = [(name, look) for name, place in places if (look := place.look()) is not None]
        if looks:
            return self._looking(cases, case_of, free_of, looks)
        accepts, learn, dumps = self._accepts, self._learn, orjson.dumps

        def test(value: Any) -> bool:
            try:
                case = dumps(case_of(value))
            except TypeError:  # a number beyond 64 bits, half a surrogate pair
                return accepts(value)
            for alike in cases.get(case, ()):
                if alike(free_of(value)):
                    return True
            if not accepts(value):
                return False
            learn(cases, case, value)
            return True

        return test

    def _looking(self, cases: Cases, case_of: Look, free_of: Look, looks: list[tuple[str, Look]]) -> Test:
        """The same where the rest looks into free members; written out again, for one call less."""
        accepts, learn, dumps = self._accepts, self._learn, orjson.dumps
        (looked, look), *others = looks

        def test(value: Any) -> bool:
            try:
                case = dumps((case_of(value), look(value[looked]), *[each(value[name]) for name, each in others]))
            except (TypeError, RecursionError):
                return accepts(value)
            for alike in cases.get(case, ()):
                if alike(free_of(value)):
                    return True
            if not accepts(value):
                return False
            learn(cases, case, value)
            return True

        if others:
            return test

        def test_one(value: Any) -> bool:
            try:
                case = dumps((case_of(value), look(value[looked])))
            except (TypeError, RecursionError):
                return accepts(value)
            for alike in cases.get(case, ()):
                if alike(free_of(value)):
                    return True
            if not accepts(value):
                return False
            learn(cases, case, value)
            return True

        return test_one

    def _learn(self, cases: Cases, case: bytes, value: Mapping[str, Any]) -> None:
        """Remember a case that was accepted, with what the rest says of its free members."""
        known = cases.get(case, ())
        # What is no JSON number is written as null.
        if len(known) >= MAX_VARIANTS or self._common.left <= 0 or len(case) > MAX_LENGTH or b"null" in case:
            return
        if not known and len(cases) >= MAX_CASES * MAX_TIMES:
            return
        schemas = [self._like(name, value[name]) for name in sorted(self._free)]
        cases[case] = (*known, self._common.test({"prefixItems": schemas, **self._parts.defs} if schemas else {}))
        if known or cases is not self._cases:
            return
        self._common.left -= 1
        self._variety.look(value)
        if len(cases) < self._limit:
            return
        if self._variety.free(self._names, self._parts.rest) <= self._free:
            self._limit *= 2  # nothing but the combinations are many
        else:
            self._settle(self._variety)

    def _like(self, name: str, value: Any) -> Any:
        """The schema of the values of a free member that are like one."""
        found = self._likeness.get(name)
        if found is None:
            found = self._likeness[name] = Likeness(self._parts.rest.member(name))
        like, single = found.schema(value), self._single.get(name, True)
        return single if not like else like if single is True else {"allOf": [single, like]}


def _getter(names: Iterable[str]) -> Callable[[Any], tuple[Any, ...]]:
    """What reads some members as a tuple."""
    listed = tuple(names)
    if len(listed) > 1:
        return itemgetter(*listed)
    if not listed:
        return lambda _: ()
    only = listed[0]
    return lambda value: (value[only],)
