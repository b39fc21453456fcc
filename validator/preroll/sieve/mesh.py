"""
Meshes: the test of one target, which gets faster with the shapes that it meets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from preroll import dialect
from preroll.rules import Rule
from preroll.rules.kind import Context
from preroll.sieve.cases import arranged
from preroll.sieve.crowd import Crowd, Crowds, Every
from preroll.sieve.remainder import together
from preroll.sieve.resolution import Resolution, Shape, apart, joined, resolvable, shape_of, shaped

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
        self._tests_of: dict[tuple[frozenset[str], Shape, frozenset[int]], Every] = {}

    def clears(self, index: int, value: Any) -> bool:
        """Whether a rule's schema clears a value; it is made when something was refused, which may never happen."""
        found = self._tests.get(index)
        if found is None:
            found = self._tests[index] = dialect.engine(self.rules[index].clear).is_valid
        return found(value)

    def every(self, names: frozenset[str], like: Shape, asked: frozenset[int]) -> Every:
        """
        The test of several values with the same names, without some rules.

        Args:
            names: those of the members, but for those that nothing else depends on: these may be there or not.
            like: what most of the values are expected to look like inside; others are told, too.
            asked: the rules.
        """
        found = self._tests_of.get((names, like, asked))
        if found is None:
            clear = [each.clear for index, each in enumerate(self.rules) if index not in asked]
            whole = joined(self._ground, clear)
            ways = [Resolution(names, self.apart).of(whole)]
            inside = shaped(like)
            if inside is not True:
                ways.insert(0, together([inside, Resolution(names, self.apart, like).of(whole)]))
            ways = [arranged(together([{"type": "object"}, each])) for each in ways]
            defs = {"$defs": self._ground["$defs"]} if "$defs" in self._ground else {}
            found = dialect.engine({"items": ways[0] if len(ways) == 1 else {"anyOf": ways}, **defs}).is_valid
            if len(self._tests_of) < MAX_SHAPES:
                self._tests_of[names, like, asked] = found
        return found


class Mesh:
    """
    The test of one target.

    Args:
        weave: what follows from the target.
        context: what rules may look at.
        crowds: those of all meshes.

    Attributes:
        known: what takes a value of a shape that has been seen often, by the names in an object, to be told with others
            of its crowd. Who hands it over asks `longer` about what is refused.
    """

    __slots__ = (
        "_asked",
        "_counts",
        "_crowd",
        "_crowds",
        "_rules",
        "_weave",
        "known",
    )  # fmt: skip

    def __init__(self, weave: Weave, context: Context, crowds: Crowds) -> None:
        self._weave, self._crowds = weave, crowds
        self._rules = [Cleared(rule, context) for rule in weave.rules]
        self._crowd: dict[frozenset[str], Crowd] = {}
        self._counts: dict[frozenset[str], int] = {}
        self._asked: dict[tuple[frozenset[str], int], int] = {}
        self.known: dict[tuple[str, ...], Callable[[Any], None]] = {}

    def __call__(self, value: Any) -> bool:
        """Whether an object is certainly a clean task of the target."""
        names = frozenset(value) - self._weave.apart
        crowd = self._crowd.get(names)
        if crowd is None:
            return self._count(names, value)
        if len(self.known) < MAX_ORDERS:
            self.known[tuple(value)] = crowd.values.append
        return crowd.clears(value) or self.longer(value)

    def longer(self, value: Any) -> bool:
        """The same, found the longer way, for what a shape's test has refused."""
        return not self._objections(value)[0]

    def _objections(self, value: Any) -> tuple[bool, set[int]]:
        """Whether anything is wrong; and which rules a schema alone does not clear."""
        if not self._weave.core(value):
            return True, set()
        asked = {index for index in range(len(self._rules)) if not self._weave.clears(index, value)}
        return any(self._rules[index].objects(value) for index in asked), asked

    def _count(self, names: frozenset[str], value: dict[str, Any]) -> bool:
        """Judge a value whose shape was not seen often, and count it."""
        wrong, asked = (False, set[int]()) if self._weave.general(value) else self._objections(value)
        seen = self._counts.get(names, 0) + 1
        if self._weave.usable and not wrong and (seen > 1 or len(self._counts) < MAX_SHAPES):
            self._counts[names] = seen
            for index in asked:
                self._asked[names, index] = self._asked.get((names, index), 0) + 1
            if seen >= OFTEN:
                self._crowd[names] = self._made(names, value)
        return not wrong

    def _made(self, names: frozenset[str], value: dict[str, Any]) -> Crowd:
        """The crowd of values like one; rules that the schema often did not clear are asked outright."""
        asked = {
            index
            for index, each in enumerate(self._rules)
            if self._asked.get((names, index), 0) * (RARELY if each.hasty else SELDOM) > self._counts[names]
        }
        objects = [self._rules[index].objects for index in sorted(asked)]
        like = shape_of({name: each for name, each in value.items() if name in names})
        return self._crowds.made(self._weave.every(names, like, frozenset(asked)), objects)


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

    def _objects(self, value: Any) -> bool:
        return next(iter(self._kind.check(value, self._context)), None) is not None


def _nothing(_: Any) -> bool:
    return False
