"""
The sieve: what is certainly clean, told by one call of the fast engine.

For every target there is a *mesh*: its schema, the conditions under which its prose rules have nothing to say
(`clear()` of each kind), and the condition that no object holds a name that nobody describes. What passes a
mesh is valid without warnings, and holds no secret; `preroll.judgement` would say the same, only later. What
does not pass may still be clean: it takes the slow road.

Files hold the same few shapes over and over. A mesh therefore looks at the names in an object (and the values of
the few that choose among combinations), and keeps for each shape that returns a schema in which everything that
follows from the shape has been worked out beforehand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final

from preroll import dialect, redaction
from preroll.envelope import Envelope
from preroll.formula import At, Either, Every, Formula, In, Items, Literal, Members, Ref, Single
from preroll.registry import Registry
from preroll.rules import Rule
from preroll.rules.clearance import absent, every
from preroll.rules.kind import Context
from preroll.target import Target

Test = Callable[[Any], bool]

OFTEN: Final = 24
"""How often a shape must have been seen before a schema is made for it: making one costs as much as some 100 calls."""

RARELY: Final = 8
"""A rule that the schema clears in all but one of so many values of a shape stays in the schema of the shape."""

MAX_SHAPES: Final = 2_000
"""More shapes than this are not counted: the file is too varied for shapes to help."""

MAX_CHOICES: Final = 200
"""Values by which a shape is told further apart."""

_FLAT: Final = ("null", "boolean", "number", "string")
_MAX_DEPTH: Final = 40


class Sieve:
    """
    The meshes of a registry, made when they are first needed and kept.

    Args:
        registry: the documents.
        context: what rules may look at (today).
        silent: rules that need not be heard: those that the user ignores, and information nobody wants to see.
        target: what every payload is said to be meant for, or None.
    """

    def __init__(
        self,
        registry: Registry,
        context: Context,
        *,
        silent: frozenset[str] = frozenset(),
        target: Target | None = None,
    ) -> None:
        self.registry, self.context, self.silent, self.target = registry, context, silent, target
        self._meshes: dict[str, Mesh] = {}
        self.table = self._routes()
        self.names = tuple(self.table)

    def _routes(self) -> dict[str, Routes]:
        """For each property whose constant names a target: the mesh by constant."""
        table: dict[str, Routes] = {}
        vendors = [(name, each.envelope) for name, each in self.registry.vendors.items() if each.envelope.array]
        for vendor, envelope in vendors[:1]:  # a second vendor of arrays must be told apart from the first
            if envelope.name_by and (self.target is None or self.target.vendor == vendor):
                known: dict[str, Target] = {}
                for each in self.registry.targets.values():
                    constant = each.told_by.get(envelope.name_by)
                    if each.vendor == vendor and isinstance(constant, str) and not each.companion:
                        known.setdefault(constant, each)
                table[envelope.name_by] = Routes(self, known)
        return table

    def mesh(self, target: Target) -> Mesh:
        """The test of one task (or body) of a target."""
        found = self._meshes.get(target.name)
        if found is None:
            found = self._meshes.setdefault(target.name, _mesh(self, target))
        return found

    def passes(self, payload: Any) -> bool:
        """Whether a whole payload is certainly clean."""
        try:
            if isinstance(payload, dict):
                return self._one(payload)
            return isinstance(payload, list) and self._several(payload)
        except (TypeError, ValueError):  # an unhashable or exotic value where a constant should be
            return False

    def _one(self, payload: dict[str, Any]) -> bool:
        for name in self.names:
            if payload.get(name) in self.table[name].targets:
                return self._bare(name) and self.table[name][payload[name]](payload)
        if self.target is not None:
            vendor = self.registry.vendor(self.target.vendor).envelope
            return not vendor.array and self.mesh(self.target)(payload)
        return self._body(payload)

    def _bare(self, name: str) -> bool:
        envelopes = (each.envelope for each in self.registry.vendors.values())
        return any(each.array and each.bare and each.name_by == name for each in envelopes)

    def _several(self, payload: list[Any]) -> bool:
        """A request of several tasks: each is clean, and so are the rules across them."""
        targets: dict[str, Target] = {}
        vendor = ""
        for task in payload:
            if not isinstance(task, dict):
                return False
            name = next((each for each in self.names if task.get(each) in self.table[each].targets), None)
            if name is None or not self.table[name][task[name]](task):
                return False
            target = self.table[name].targets[task[name]]
            vendor = vendor or target.vendor
            targets[target.name] = target
        if not payload or len(payload) < self.registry.vendor(vendor).envelope.at_least:
            return False
        if len(payload) == 1:
            return True
        rules = {rule.id: rule for each in targets.values() for rule in self.registry.rules(each) if rule.across}
        return not any(
            next(iter(rule.kind.check(payload, self.context)), None)
            for rule in rules.values()
            if rule.id not in self.silent
        )

    def _body(self, payload: dict[str, Any]) -> bool:
        """A body that carries the constant of an operation's branch; the first operation that takes it is meant."""
        for name, vendor in self.registry.vendors.items():
            told = (each for key in _told_by(vendor.envelope) for each in self.registry.told(key, payload.get(key)))
            if vendor.envelope.array and any(each.vendor == name for each in told):
                return False
        for each in self._told(payload):
            if self.mesh(each)(payload):
                return True
            if self.registry.engine(each).is_valid(payload):
                return False
        return False

    def _told(self, payload: dict[str, Any]) -> Iterator[Target]:
        seen: set[str] = set()
        names = sorted({name for each in self.registry.targets.values() for name in each.told_by})
        for name in names:
            for each in self.registry.told(name, payload[name]) if name in payload else ():
                fits = all(payload.get(key) == constant for key, constant in each.told_by.items())
                if fits and not each.companion and not each.branches and each.name not in seen:
                    seen.add(each.name)
                    yield each


class Routes(dict[Any, "Mesh"]):
    """
    The mesh by the constant that names a target; made when it is first looked up.

    Raises:
        KeyError: no target has that constant.
    """

    def __init__(self, sieve: Sieve, targets: Mapping[str, Target]) -> None:
        super().__init__()
        self._sieve, self.targets = sieve, targets

    def __missing__(self, constant: Any) -> Mesh:
        self[constant] = self._sieve.mesh(self.targets[constant])
        return self[constant]


def _told_by(envelope: Envelope) -> tuple[str, ...]:
    return (*envelope.told_by, *(name for each in envelope.companions for name in each.told_by))


def _mesh(sieve: Sieve, target: Target) -> Mesh:
    registry = sieve.registry
    envelope = registry.vendor(target.vendor).envelope
    if not target.schema or target.branches:
        return Mesh(False, (), sieve.context)
    secrets = frozenset((*redaction.SECRETS, *(each.lower() for each in envelope.secrets)))
    formula = registry.assertions(target).formula(target.schema)
    shape = Described(registry, target).of(formula)
    ground: list[Any] = [each for each in (shape.sealed(secrets, 0),) if each is not None]
    for companion in envelope.companions:
        told = [key for key, constant in companion.told_by.items() if target.told_by.get(key, constant) == constant]
        if len(told) == len(companion.told_by):  # else the target's own constants tell it apart
            ground.append({"not": {"properties": {k: {"const": companion.told_by[k]} for k in told}, "required": told}})
    rules = [rule for rule in registry.rules(target) if not rule.across and rule.id not in sieve.silent]
    return Mesh(_with(bare(registry.schema(target)), ground), rules, sieve.context)


def _nothing(_: Any) -> bool:
    return False


def _with(schema: Any, more: list[Any]) -> Any:
    """A schema and others that a value must satisfy besides."""
    if not more or not isinstance(schema, dict):
        return schema
    return {**schema, "allOf": [*schema.get("allOf", ()), *more]}


# --- what a schema describes, for certain ---


@dataclass(slots=True)
class Place:
    """
    What is certain of one place of a payload that its schema accepts.

    Attributes:
        names: properties that are known there, whichever branch is meant; `perhaps` those known in some branch.
        open: other names are described too; `closed`: other names are refused.
        solid: the value is no object; `single`: it is no array.
        inner, items: what is certain of the members and the items.
    """

    names: set[str] = field(default_factory=set)
    perhaps: set[str] = field(default_factory=set)
    open: bool = False
    closed: bool = False
    solid: bool = False
    single: bool = False
    inner: dict[str, Place] = field(default_factory=dict)
    items: Place | None = None

    def sealed(self, secrets: frozenset[str], depth: int) -> dict[str, Any] | None:
        """
        The schema of values without names that nobody describes, or None where that is certain already.

        Secrets count as undescribed: where one stands, somebody should look.
        """
        found: dict[str, Any] = {}
        if depth > _MAX_DEPTH:
            return {"type": list(_FLAT)}
        if not self.single:
            inner = self.items.sealed(secrets, depth + 1) if self.items is not None else {"type": list(_FLAT)}
            if inner is not None:
                found["items"] = inner
        if self.solid:
            return found or None
        if not (self.perhaps or self.open or self.closed):
            return {**found, "not": {"type": "object", "minProperties": 1}}
        members = {name: each.sealed(secrets, depth + 1) for name, each in self.inner.items() if name in self.names}
        strict: dict[str, Any] = {name: each for name, each in members.items() if each is not None}
        strict |= {name: False for name in self.names if name.lower() in secrets}
        if self.closed and self.names == self.perhaps:
            if strict:
                found["properties"] = strict
        else:
            found["properties"] = dict.fromkeys(sorted(self.names), True) | strict
            found["additionalProperties"] = {"type": list(_FLAT)} if self.open or self.closed else False
            if self.open:  # a name that is not described by itself may be a secret
                found["propertyNames"] = {"not": {"enum": sorted(secrets)}, "pattern": "^[^A-Z]*$"}
        return found or None


class Described:
    """Reads places out of a target's formula, under the same reading as `preroll.vocabulary`."""

    def __init__(self, registry: Registry, target: Target) -> None:
        self._assertions = registry.assertions(target)
        self._open: set[tuple[str, bool]] = set()

    def of(self, formula: Formula) -> Place:
        """What is certain of the place that a formula speaks about."""
        match formula:
            case Literal(test, argument, holds):
                return _literal(test, argument, holds=holds)
            case Every(parts):
                return _joined(map(self.of, parts))
            case Either(parts):
                return _one_of(list(map(self.of, parts)), all_known=True)
            case Single(parts, _, holds):
                found = _one_of(list(map(self.of, parts)), all_known=False)
                if not holds:
                    found.closed = found.solid = found.single = False
                return found
            case At(key, body) | In(key, body):
                inner = self.of(body)
                if isinstance(key, int):
                    return Place(items=Place())  # the items differ: nothing is certain of all of them
                return Place({key}, {key}, inner={key: inner})
            case Items(body, start, least):
                # What only some items satisfy is certain of none of them, but its names are known.
                inner = self.of(body)
                if least is not None:
                    _loosen(inner)
                return Place(items=inner if start == 0 else Place())
            case Members(of_names=of_names):
                return Place(open=not of_names)
            case Ref(pointer, holds):
                if (pointer, holds) in self._open:
                    return Place()
                self._open.add((pointer, holds))
                found = self.of(self._assertions.deref(formula))
                self._open.discard((pointer, holds))
                return found
        return Place()


def _literal(test: str, argument: Any, *, holds: bool) -> Place:
    if test == "required":
        return Place({argument}, {argument})
    if test == "closed":
        names, patterns = argument
        return Place(set(names), set(names), open=bool(patterns), closed=holds and not patterns)
    if holds and test == "type":
        return Place(solid="object" not in argument, single="array" not in argument)
    if holds and test == "enum":
        kinds = {type(each) for each in argument}
        return Place(solid=dict not in kinds, single=list not in kinds)
    never = holds and test == "false"
    return Place(solid=never, single=never)


def _joined(parts: Iterable[Place]) -> Place:
    found = Place()
    for each in parts:
        found.names |= each.names
        found.perhaps |= each.perhaps
        found.open |= each.open
        found.closed |= each.closed
        found.solid |= each.solid
        found.single |= each.single
        for name, inner in each.inner.items():
            found.inner[name] = _joined((found.inner[name], inner)) if name in found.inner else inner
        if each.items is not None:
            found.items = each.items if found.items is None else _joined((found.items, each.items))
    return found


def _one_of(parts: list[Place], *, all_known: bool) -> Place:
    """Of several places one is certain; `all_known`: the names of all of them count as known nevertheless."""
    if not parts:
        return Place()
    joined = _joined(map(_copied, parts))
    if not all_known:
        joined.names = set.intersection(*(each.names for each in parts))
        joined.open = all(each.open for each in parts)
    joined.closed = all(each.closed or each.solid for each in parts)
    joined.solid = all(each.solid for each in parts)
    joined.single = all(each.single for each in parts)
    for name in joined.inner:
        options = [each.inner.get(name, Place()) for each in parts if not each.solid]
        joined.inner[name] = _one_of(options, all_known=all_known)
    if joined.items is not None:
        joined.items = _one_of([each.items or Place() for each in parts if not each.single], all_known=all_known)
    return joined


def _copied(place: Place) -> Place:
    inner = {name: _copied(each) for name, each in place.inner.items()}
    items = None if place.items is None else _copied(place.items)
    return Place(
        set(place.names), set(place.perhaps), place.open, place.closed, place.solid, place.single, inner, items
    )


def _loosen(place: Place) -> None:
    place.closed = place.solid = place.single = False
    for each in place.inner.values():
        _loosen(each)
    if place.items is not None:
        _loosen(place.items)


# --- shapes ---

_WHOLE: Final = frozenset(("unevaluatedProperties", "unevaluatedItems", "$dynamicRef", "$dynamicAnchor"))
_SILENT: Final = frozenset(
    (
        "$comment",
        "$schema",
        "title",
        "description",
        "default",
        "examples",
        "example",
        "deprecated",
        "readOnly",
        "writeOnly",
    )
)
# Keywords about other types than objects, which an object satisfies.
_ELSEWHERE: Final = frozenset(
    (
        "items", "prefixItems", "contains", "minContains", "maxContains", "minItems", "maxItems", "uniqueItems",
        "pattern", "format", "minLength", "maxLength",
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    )
)  # fmt: skip


class Mesh:
    """
    The test of one target; it gets faster with the shapes that it meets.

    Args:
        ground: the schema of a task whose rules are left aside.
        rules: those that must be silent.
        context: what they may look at.

    Attributes:
        known: the tests of the shapes that have been seen often, by the names in an object. Whoever calls a
            test outright asks `longer` where it refuses.
    """

    __slots__ = (
        "_apart", "_asked", "_choosers", "_context", "_core", "_counts", "_fitting", "_general", "_ground", "_rules",
        "_shapes", "_usable", "known",
    )  # fmt: skip

    def __init__(self, ground: Any, rules: Iterable[Rule], context: Context) -> None:
        self._ground, self._context = ground, context
        self._rules = [Cleared(rule) for rule in rules]
        whole = _with(ground, [each.schema for each in self._rules])
        self._core = dialect.engine(ground).is_valid
        self._general = dialect.engine(whole).is_valid
        self._usable = isinstance(whole, dict) and not _mentions(whole, _WHOLE)
        self._choosers = tuple(_choosers(whole)) if self._usable else ()
        self.known: dict[tuple[Any, ...], Test] = {}
        self._apart = _apart(whole) if self._usable else frozenset()
        self._shapes: dict[frozenset[str], Test] = {}
        self._counts: dict[frozenset[str], int] = {}
        self._asked: dict[tuple[frozenset[str], int], int] = {}
        self._fitting: dict[tuple[int, Any], bool] = {}

    def __call__(self, value: Any) -> bool:
        """Whether an object is certainly a clean task of the target."""
        test = self.known.get(tuple(value))
        if test is None:
            return self._learn(tuple(value), value)
        return test(value) or self.longer(value)

    def longer(self, value: Any) -> bool:
        """The same, found the longer way, for what a shape's test has refused."""
        return not self._objections(value)[0]

    def _objections(self, value: Any) -> tuple[bool, set[int]]:
        """Whether anything is wrong; and which rules a schema alone does not clear."""
        if not self._core(value):
            return True, set()
        asked = {index for index, each in enumerate(self._rules) if not each.test(value)}
        return any(self._rules[index].objects(value, self._context) for index in asked), asked

    def _learn(self, names: tuple[str, ...], value: dict[str, Any]) -> bool:
        shape = frozenset(names) - self._apart
        test = self._shapes.get(shape)
        if test is not None:
            self.known[names] = test
            return test(value) or self.longer(value)
        wrong, asked = (False, set[int]()) if self._general(value) else self._objections(value)
        seen = self._counts.get(shape, 0) + 1
        if self._usable and not wrong and (seen > 1 or len(self._counts) < MAX_SHAPES):
            self._counts[shape] = seen
            for index in asked:
                self._asked[shape, index] = self._asked.get((shape, index), 0) + 1
            if seen >= OFTEN:
                chosen = tuple(name for name in self._choosers if name in value)
                self._shapes[shape] = self._choice(shape, chosen) if chosen else self._made(shape, {})
        return not wrong

    def _choice(self, shape: frozenset[str], chosen: tuple[str, ...]) -> Test:
        """The test of a shape in which some values choose among combinations: it has one of its own for each."""
        pick = itemgetter(*chosen)
        tests: dict[Any, Test] = {}
        counts: dict[Any, int] = {}
        others = self._general

        def test(value: Any) -> bool:
            key = pick(value)
            found = tests.get(key)
            if found is not None:
                return found(value)
            seen = counts.get(key, 0) + 1
            if seen > 1 or len(counts) < MAX_CHOICES:
                counts[key] = seen
            if seen >= OFTEN // 2:
                given = dict(zip(chosen, key if len(chosen) > 1 else (key,), strict=True))
                # A key cannot tell 1 from true, nor 0 from false.
                plain = all(isinstance(each, (str, int)) and each not in (0, 1) for each in given.values())
                tests[key] = self._made(shape, given) if plain else others
            return others(value)

        return test

    def _made(self, shape: frozenset[str], chosen: Mapping[str, Any]) -> Test:
        """The test for values of one shape; rules that its schema often did not clear are asked outright."""
        least = self._counts[shape] / RARELY
        asked = {index for index in range(len(self._rules)) if self._asked.get((shape, index), 0) > least}
        schema = _with(self._ground, [each.schema for index, each in enumerate(self._rules) if index not in asked])
        # Members that nothing else depends on may be there or not: what their schemas say is kept.
        left = Resolution(shape | self._apart, chosen, self._fitting).of(schema)
        if isinstance(left, bool):
            return _everything if left and not asked else _nothing
        if "$defs" in schema:
            left = {**left, "$defs": schema["$defs"]}
        test = dialect.engine(left).is_valid
        if not asked:
            return test
        context = self._context
        questions = [(self._rules[index].quiet, self._rules[index].kind.check) for index in sorted(asked)]

        def asking(value: Any) -> bool:
            if not test(value):
                return False
            for quiet, check in questions:
                if not quiet(value):
                    for _ in check(value, context):
                        return False
            return True

        return asking


class Cleared:
    """A rule beside the schema that clears it."""

    __slots__ = ("kind", "quiet", "schema", "test")

    def __init__(self, rule: Rule) -> None:
        self.kind = rule.kind
        found = self.kind.clear()
        self.schema: Any = found if found is not None else every(map(absent, rule.touches)) or _NEVER
        self.test = dialect.engine(self.schema).is_valid
        self.quiet: Test = self.kind.hasty() or _nothing

    def objects(self, value: Any, context: Context) -> bool:
        """Whether the rule has something to say."""
        return not self.quiet(value) and next(iter(self.kind.check(value, context)), None) is not None


_NEVER: Final[dict[str, Any]] = {"not": {}}


def _everything(_: Any) -> bool:
    return True


def bare(schema: Any) -> Any:
    """A schema without what asserts nothing: it is compiled many times."""
    if not isinstance(schema, dict):
        return schema
    copy: dict[str, Any] = {}
    for keyword, argument in schema.items():
        if keyword in _SILENT or keyword == "definitions" or keyword.startswith("x-"):
            continue
        if keyword in _MAPS and isinstance(argument, dict):
            copy[keyword] = {name: bare(each) for name, each in argument.items()}
        elif keyword in _LISTS and isinstance(argument, list):
            copy[keyword] = [bare(each) for each in argument]
        elif keyword in _SINGLE:
            copy[keyword] = bare(argument)
        else:
            copy[keyword] = argument
    return copy


_MAPS: Final = frozenset(("properties", "patternProperties", "dependentSchemas", "$defs"))
_LISTS: Final = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
_SINGLE: Final = frozenset(
    (
        "not", "if", "then", "else", "items", "contains", "additionalProperties", "propertyNames",
        "unevaluatedProperties", "unevaluatedItems",
    )
)  # fmt: skip


def _mentions(schema: Any, keywords: frozenset[str]) -> bool:
    if isinstance(schema, dict):
        return bool(keywords & schema.keys()) or any(_mentions(each, keywords) for each in schema.values())
    return isinstance(schema, list) and any(_mentions(each, keywords) for each in schema)


def _apart(schema: Mapping[str, Any]) -> frozenset[str]:
    """The properties of a schema that have a schema of their own and that no condition and no other one speaks of."""
    own: set[str] = set()
    spoken: set[str] = set()
    counting: set[str] = set()

    def conditional(node: Any) -> None:
        if not isinstance(node, dict):
            return
        counting.update(_COUNTING & node.keys())
        spoken.update(node.get("properties", ()), node.get("required", ()), node.get("dependentSchemas", ()))
        for name, needed in node.get("dependentRequired", {}).items():
            spoken.update((name, *needed))
        for keyword in ("allOf", "anyOf", "oneOf"):
            for each in node.get(keyword, ()):
                conditional(each)
        for keyword in ("not", "if", "then", "else"):
            conditional(node.get(keyword))

    def plain(node: Any) -> None:
        if isinstance(node, dict):
            own.update(node.get("properties", ()))
            conditional({keyword: each for keyword, each in node.items() if keyword not in ("properties", "allOf")})
            for each in node.get("allOf", ()):
                plain(each)

    plain(schema)
    return frozenset() if counting else frozenset(own - spoken)


# Keywords that look at all members of an object, or lead elsewhere.
_COUNTING: Final = frozenset(
    ("minProperties", "maxProperties", "patternProperties", "propertyNames", "dependentSchemas", "$ref")
)


def _choosers(schema: Any, limit: int = 4) -> Iterator[str]:
    """The properties whose values choose among three or more branches of a union."""
    found: dict[str, int] = {}

    def walk(node: Any) -> None:
        if not isinstance(node, dict):
            return
        for keyword in ("oneOf", "anyOf"):
            branches = node.get(keyword)
            for branch in branches if isinstance(branches, list) and len(branches) > 2 else ():
                for name, each in branch.get("properties", {}).items() if isinstance(branch, dict) else ():
                    if isinstance(each, dict) and ("const" in each or "enum" in each):
                        found[name] = found.get(name, 0) + 1
        for keyword in ("allOf", "oneOf", "anyOf"):
            for each in node.get(keyword, ()):
                walk(each)
        for keyword in ("if", "then", "else", "not"):
            walk(node.get(keyword))

    walk(schema)
    several = [name for name, times in found.items() if times > 2]  # see above
    yield from sorted(several, key=lambda name: -found[name])[:limit]


class Resolution:
    """
    A schema for the objects of one shape: what follows from the names in them is worked out.

    Args:
        names: the names of the object's members, all of them.
        known: the values of some of them.
        fitting: remembers which known values satisfy which schemas, as long as these live.
    """

    def __init__(
        self, names: frozenset[str], known: Mapping[str, Any], fitting: dict[tuple[int, Any], bool] | None = None
    ) -> None:
        self._names, self._known = names, known
        self._fitting = {} if fitting is None else fitting

    def of(self, schema: Any) -> Any:
        """What is left to check of a schema of the object: `True`, `False` or a schema."""
        if isinstance(schema, bool):
            return schema
        left: dict[str, Any] = {}
        parts: list[Any] = []
        for keyword, argument in schema.items():
            found = self._keyword(keyword, argument, schema)
            if found is False:
                return False
            if found is True:
                continue
            if isinstance(found, list):
                parts += found
            else:
                left[keyword] = argument
        merged = _merged(parts)
        if merged is False:
            return False
        if not left:
            return merged if merged is True else merged[0] if len(merged) == 1 else {"allOf": merged}
        return left if merged is True else {**left, "allOf": [*left.get("allOf", ()), *merged]}

    def _keyword(self, keyword: str, argument: Any, schema: Mapping[str, Any]) -> Any:
        """`True`, `False`, a list of schemas that are left, or None where the keyword stays as it is."""
        if keyword in _SILENT or keyword in _ELSEWHERE or keyword in ("then", "else", "$defs", "$id"):
            return True
        match keyword:
            case "type":
                return argument == "object" or (isinstance(argument, list) and "object" in argument)
            case "required":
                return self._names.issuperset(argument)
            case "dependentRequired":
                return all(self._names.issuperset(need) for name, need in argument.items() if name in self._names)
            case "properties":
                return self._properties(argument)
            case "additionalProperties":
                others = self._names - schema.get("properties", {}).keys()
                if "patternProperties" in schema:
                    return [{key: schema[key] for key in _MEMBERS if key in schema}]
                if argument is False or not others:
                    return not others
                return [{"properties": dict.fromkeys(sorted(others), argument)}]
            case "patternProperties":
                return True if "additionalProperties" in schema else None
            case "allOf":
                return [self.of(each) for each in argument]
            case "anyOf":
                ways = [each for each in map(self.of, argument) if each is not False]
                return True in ways or (ways if len(ways) == 1 else ways and [{"anyOf": ways}]) or False
            case "oneOf":
                return self._one_of(argument)
            case "not":
                inner = self.of(argument)
                return not inner if isinstance(inner, bool) else [{"not": inner}]
            case "if":
                return self._if(argument, schema)
        return None

    def _properties(self, properties: Mapping[str, Any]) -> Any:
        left = {}
        for name, schema in properties.items():
            if name not in self._names or schema is True:
                continue
            if name in self._known and not _mentions(schema, frozenset(("$ref",))):
                if not self._fits(schema, self._known[name]):
                    return False
                continue
            left[name] = schema
        return [{"properties": left}] if left else True

    def _fits(self, schema: Any, value: Any) -> bool:
        key = (id(schema), value)
        found = self._fitting.get(key)
        if found is None:
            found = self._fitting[key] = dialect.engine(schema).is_valid(value)
        return found

    def _one_of(self, branches: list[Any]) -> Any:
        ways = [each for each in map(self.of, branches) if each is not False]
        sure = sum(each is True for each in ways)
        others = [each for each in ways if each is not True]
        if sure > 1 or not ways:
            return False
        if sure:
            return [{"not": {"anyOf": others}}] if others else True
        return others if len(others) == 1 else [{"oneOf": others}]

    def _if(self, condition: Any, schema: Mapping[str, Any]) -> Any:
        holds = self.of(condition)
        then, otherwise = self.of(schema.get("then", True)), self.of(schema.get("else", True))
        if isinstance(holds, bool):
            chosen = then if holds else otherwise
            return chosen if isinstance(chosen, bool) else [chosen]
        if then is True and otherwise is True:
            return True
        return [{"if": holds, "then": then, "else": otherwise}]


_MEMBERS: Final = ("properties", "patternProperties", "additionalProperties")


def _merged(parts: list[Any]) -> Any:
    """Several schemas of one place as few; `True` or `False` where nothing, or no value, is left."""
    found: list[dict[str, Any]] = []
    for part in _flattened(parts):
        if part is False:
            return False
        if part is True:
            continue
        if not any(_absorbed(part, each) for each in found):
            found.append({key: each for key, each in part.items() if key not in _SILENT})
    return found or True


def _flattened(parts: list[Any]) -> Iterator[Any]:
    for part in parts:
        if isinstance(part, dict) and "allOf" in part and not _NEIGHBOURLY & part.keys():
            yield {key: each for key, each in part.items() if key != "allOf"} or True
            yield from _flattened(part["allOf"])
        else:
            yield part


def _absorbed(part: dict[str, Any], into: dict[str, Any]) -> bool:
    """Whether a schema could be written into another one that speaks about the same place."""
    keys = part.keys() - _SILENT
    if not keys <= {"properties", "items"}:
        if keys & into.keys() or _NEIGHBOURLY & (keys | into.keys()):
            return False
        into |= {key: part[key] for key in keys}
        return True
    if "items" in part and "prefixItems" in into:
        return False
    if "properties" in part:
        ours = dict(into.get("properties", {}))
        closed = into.get("additionalProperties") is False and "patternProperties" not in into
        for name, schema in part["properties"].items():
            if name in ours:
                ours[name] = _together([ours[name], schema])
            elif "additionalProperties" not in into:
                ours[name] = schema
            elif not closed:
                return False
        into["properties"] = ours
    if "items" in part:
        into["items"] = _together([into["items"], part["items"]]) if "items" in into else part["items"]
    return True


def _together(schemas: list[Any]) -> Any:
    """One schema for what several say about one place."""
    merged = _merged(schemas)
    return merged if isinstance(merged, bool) else merged[0] if len(merged) == 1 else {"allOf": merged}


# Keywords whose meaning depends on their neighbours.
_NEIGHBOURLY: Final = frozenset(
    (
        "additionalProperties", "patternProperties", "properties", "items", "prefixItems", "if", "then", "else",
        "contains", "minContains", "maxContains", "$ref", "$id", "$defs",
    )
)  # fmt: skip

__all__ = ["Described", "Mesh", "Place", "Resolution", "Sieve"]
