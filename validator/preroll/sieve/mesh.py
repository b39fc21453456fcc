"""
Meshes: the test of one target, which gets faster with the shapes that it meets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from preroll import dialect
from preroll.rules import Rule
from preroll.rules.kind import Context
from preroll.sieve.crowd import Crowd
from preroll.sieve.layout import places
from preroll.sieve.precedents import Common, Look, Precedents, Shape, Sighting, Variety, passes
from preroll.sieve.reading import Reading, read_by
from preroll.sieve.resolution import Resolution, apart, joined, resolvable
from preroll.sieve.sight import Sight, is_movable, sight

Test = Callable[[Any], bool]

OFTEN: Final = 12
"""How often a shape must have been seen before a schema is made for it: making one costs as much as some 100 calls."""

RARELY: Final = 8
"""A rule that the schema clears in all but one of so many values of a shape stays in the schema of the shape."""

SELDOM: Final = 2
"""The same of a rule that has no quick answer: to ask it is not much quicker than the longer way."""

MAX_SHAPES: Final = 2_000
"""More shapes than this are not counted: the file is too varied for shapes to help."""

MAX_ORDERS: Final = 4_000
"""Orders of names that are kept beside the shapes: some programs write members in a new order each time."""


class Weave:
    """
    What of a mesh follows from its target alone: it takes longest to make, and may be kept.

    Args:
        ground: the schema of a task whose rules are left aside.
        rules: those that must be silent.

    Attributes:
        core: the test by the ground; and `general`, by the rules' schemas, too.
        apart: members that nothing else depends on.
        usable: whether the schemas can be worked out for shapes.
    """

    def __init__(self, ground: Any, rules: Sequence[Rule]) -> None:
        self.rules, self._ground = rules, ground
        whole = joined(ground, [each.clear for each in rules])
        self.core = dialect.engine(ground).is_valid
        self.general = dialect.engine(whole).is_valid
        self.usable = resolvable(whole)
        self.apart = apart(whole) if self.usable else frozenset[str]()
        self._tests: dict[int, Test] = {}
        self._shapes: dict[tuple[frozenset[str], frozenset[int]], Made] = {}

    def clears(self, index: int, value: Any) -> bool:
        """Whether a rule's schema clears a value; it is made when something was refused, which may never happen."""
        found = self._tests.get(index)
        if found is None:
            found = self._tests[index] = dialect.engine(self.rules[index].clear).is_valid
        return found(value)

    def shape(self, names: frozenset[str], asked: frozenset[int]) -> Made:
        """What is left to test of values of a shape without some rules, what that looks at, and its definitions."""
        found = self._shapes.get((names, asked))
        if found is None:
            clear = [each.clear for index, each in enumerate(self.rules) if index not in asked]
            # Members that nothing else depends on may be there or not: what their schemas say is kept.
            left = Resolution(names | self.apart).of(joined(self._ground, clear))
            defs = {"$defs": self._ground["$defs"]} if "$defs" in self._ground else {}
            if isinstance(left, dict):
                left = {**left, **defs}
            together = dialect.engine({"items": left, **defs}).is_valid if is_movable(left) else None
            found = dialect.engine(left).is_valid, sight(left), defs, together
            if len(self._shapes) < MAX_SHAPES:
                self._shapes[names, asked] = found
        return found


Made = tuple[Test, Sight, dict[str, Any], Callable[[Sequence[Any]], bool] | None]

Way = tuple[Callable[[Any], None] | None, Look]
"""What takes a value that can be told together with others, and what looks at one by itself."""


class Mesh:
    """
    The test of one target.

    Args:
        weave: what follows from the target.
        context: what rules may look at.
        common: what the meshes share.

    Attributes:
        known: the way of the values of shapes that have been seen often, by the names in an object. Whoever goes it
            outright asks `longer` where nothing passes.
    """

    __slots__ = (
        "_apart",
        "_asked",
        "_common",
        "_core",
        "_counts",
        "_crowds",
        "_general",
        "_looks",
        "_orders",
        "_rules",
        "_shapes",
        "_usable",
        "_variety",
        "_weave",
        "known",
    )  # fmt: skip

    def __init__(self, weave: Weave, context: Context, common: Common) -> None:
        self._weave, self._common = weave, common
        self._rules = [Cleared(rule, context) for rule in weave.rules]
        self._core, self._general = weave.core, weave.general
        self._apart, self._usable = weave.apart, weave.usable
        self._shapes: dict[frozenset[str], Shape] = {}
        self._counts: dict[frozenset[str], int] = {}
        self._crowds: dict[frozenset[str], Crowd] = {}
        self._asked: dict[tuple[frozenset[str], int], int] = {}
        self._variety = Variety()
        self._looks: dict[frozenset[str], Way] = {}
        self._orders: dict[frozenset[str], list[tuple[str, ...]]] = {}
        self.known: dict[tuple[str, ...], Way] = {}

    def __call__(self, value: Any) -> bool:
        """Whether an object is certainly a clean task of the target."""
        way = self.known.get(tuple(value))
        if way is None:
            return self._learn(tuple(value), value)
        return passes(way[1](value), value) or self.longer(value)

    def longer(self, value: Any) -> bool:
        """The same, found the longer way, for what a shape's test has refused."""
        return not self._objections(value)[0]

    def _objections(self, value: Any) -> tuple[bool, set[int]]:
        """Whether anything is wrong; and which rules a schema alone does not clear."""
        if not self._core(value):
            return True, set()
        asked = {index for index in range(len(self._rules)) if not self._weave.clears(index, value)}
        return any(self._rules[index].objects(value) for index in asked), asked

    def _learn(self, order: tuple[str, ...], value: dict[str, Any]) -> bool:
        names = frozenset(order)
        way = self._looks.get(names)
        if way is None:
            shape = self._shapes.get(names - self._apart)
            if shape is None:
                return self._count(names - self._apart, value)
            if len(self._looks) >= MAX_SHAPES:
                return shape.clears(value) or self.longer(value)
            self._set(names, shape)
            way = self._looks[names]
        if len(self.known) < MAX_ORDERS:
            self.known[order] = way
            self._orders.setdefault(names, []).append(order)
        return passes(way[1](value), value) or self.longer(value)

    def _count(self, shape: frozenset[str], value: dict[str, Any]) -> bool:
        """Judge a value whose shape was not seen often, and count it."""
        wrong, asked = (False, set[int]()) if self._general(value) else self._objections(value)
        seen = self._counts.get(shape, 0) + 1
        if self._usable and not wrong and (seen > 1 or len(self._counts) < MAX_SHAPES):
            self._counts[shape] = seen
            self._variety.look(places(value))
            for index in asked:
                self._asked[shape, index] = self._asked.get((shape, index), 0) + 1
            if seen >= OFTEN:
                self._shapes[shape] = self._made(shape)
        return not wrong

    def _made(self, shape: frozenset[str]) -> Shape:
        """What is left to test of values of one shape; rules that the schema often did not clear are asked outright."""
        asked = {
            index
            for index, each in enumerate(self._rules)
            if self._asked.get((shape, index), 0) * (RARELY if each.hasty else SELDOM) > self._counts[shape]
        }
        rules = [self._rules[index] for index in sorted(asked)]
        accepts, seen, defs, together = self._weave.shape(shape, frozenset(asked))
        made = Shape(accepts, seen, defs, rules, self._apart)
        if not rules and together is not None:
            self._crowds[shape] = self._common.crowds.made(together)
        return made

    def _set(self, names: frozenset[str], shape: Shape) -> None:
        """Tell the values of a known shape together, or by precedent where rules must be asked."""
        crowd = self._crowds.get(names - self._apart)
        if crowd is not None:
            alone: Sighting = (None, (), shape.judge)
            self._looks[names] = crowd.values.append, lambda _: alone
            return

        def settled(look: Look) -> None:
            self._looks[names] = None, look
            self.known.update(dict.fromkeys(self._orders.get(names, ()), self._looks[names]))

        Precedents(shape, self._common, self._variety, settled)


class Cleared:
    """
    A rule beside the schema that clears it.

    Attributes:
        hasty: whether the rule has a quick answer; False is none.
    """

    def __init__(self, rule: Rule, context: Context) -> None:
        self._kind, self._context = rule.kind, context
        quiet = rule.kind.hasty()
        self.hasty = quiet is not None
        self.quiet: Test = quiet or _nothing

    def objects(self, value: Any) -> bool:
        """Whether the rule has something to say."""
        return not self.quiet(value) and self._objects(value)

    def reads(self, value: Any) -> Reading:
        """What the rule reads to find nothing to say."""
        return read_by(self._objects, value)

    def _objects(self, value: Any) -> bool:
        return next(iter(self._kind.check(value, self._context)), None) is not None


def _nothing(_: Any) -> bool:
    return False
