"""
What was decided once is decided in the same way again, and only for what is alike.
"""

from __future__ import annotations

import copy
import json
import random
from decimal import Decimal
from typing import Any

import orjson
import pytest
from tests.jobs.dress import TASK
from tests.jobs.test_sieve import CONTEXT, NAMED, mixed

from preroll import check, dialect
from preroll.judgement import check_alone
from preroll.pointer import look_up
from preroll.registry import Registry
from preroll.sieve import UNREAD, Sieve, mesh, precedents
from preroll.sieve.crowd import Crowds
from preroll.sieve.exactness import Measure, inexact, is_exact, is_marked, is_shortest
from preroll.sieve.layout import Layout, places
from preroll.sieve.leaves import Groups
from preroll.sieve.precedents import Common, Precedents, Shape, Variety, passes
from preroll.sieve.reading import read_by
from preroll.sieve.sight import Assertion, Likeness, Sight, sight

# --- any schema ---

NAMES = ("a", "b", "c")
TEXTS = ["", "a", "ab", "abc", "x-1", "x-2", "0b3f7a52-3c55-4b8c-9d52-0b9d7c1d9a11", "\x00", "٣", "é" * 5, "3"]
NUMBERS = [0, 1, 2, 3, 7, -1, 0.5, 1.0, 2.5, -0.0, 2**53, 2**64, 1e300]
REFERENCES = ["#", "#/$defs/one"]
SCALARS = [*TEXTS, *NUMBERS, True, False, None]


def schema(rng: random.Random, depth: int = 3) -> Any:
    """A schema over a few names, whose parts contradict, repeat and refer to each other."""

    def inner() -> Any:
        return schema(rng, depth - 1) if rng.random() < 0.85 else rng.choice([True, False, {}, {"not": {}}])

    keywords = {
        "type": lambda: rng.choice(["string", "number", "integer", "object", "array", "boolean", ["string", "null"]]),
        "const": lambda: rng.choice(SCALARS),
        "enum": lambda: rng.sample(SCALARS, 4),
        "minLength": lambda: rng.randrange(3),
        "maxLength": lambda: rng.randrange(1, 6),
        "pattern": lambda: rng.choice(["^a", "b$", "^x-[0-9]$", "[^a]"]),
        "format": lambda: "uuid",
        "minimum": lambda: rng.randrange(3),
        "exclusiveMaximum": lambda: rng.randrange(1, 8),
        "multipleOf": lambda: rng.choice([0.5, 1, 2]),
        "required": lambda: rng.sample(["a", "b", "x", "y"], rng.randrange(3)),
        "dependentRequired": lambda: {"x": ["y"]},
        "minItems": lambda: rng.randrange(3),
        "maxItems": lambda: rng.randrange(3),
        "maxProperties": lambda: rng.randrange(4),
        "uniqueItems": lambda: rng.random() < 0.7,
    }
    nested = {
        "properties": lambda: {name: inner() for name in rng.sample(["a", "b", "c", "x", "y"], rng.randrange(1, 4))},
        "patternProperties": lambda: {"^[ax]": inner()},
        "additionalProperties": inner,
        "propertyNames": lambda: {"maxLength": rng.randrange(1, 3)},
        "dependentSchemas": lambda: {"x": inner()},
        "items": inner,
        "prefixItems": lambda: [inner()],
        "contains": inner,
        "maxContains": lambda: rng.randrange(1, 3),
        "allOf": lambda: [inner(), inner()],
        "anyOf": lambda: [inner(), inner()],
        "oneOf": lambda: [inner(), inner()],
        "not": inner,
        "if": inner,
        "then": inner,
        "else": inner,
        "$ref": lambda: rng.choice(["#/$defs/one", "#/$defs/two"]),
    }
    known = keywords | nested if depth else keywords
    return {keyword: known[keyword]() for keyword in rng.sample(sorted(known), rng.randrange(1, 4))}


def value(rng: random.Random, depth: int = 2) -> Any:
    if depth and rng.random() < 0.3:
        if rng.random() < 0.5:
            return {name: value(rng, depth - 1) for name in rng.sample(["x", "y", "a"], rng.randrange(3))}
        return [value(rng, depth - 1) for _ in range(rng.randrange(3))]
    return rng.choice(SCALARS)


def container(rng: random.Random) -> Any:
    if rng.random() < 0.3:
        return [value(rng, 1) for _ in range(rng.randrange(3))]
    return {name: value(rng, 1) for name in rng.sample(["x", "y", "a", "b"], rng.randrange(4))}


def precedents_of(schema: Any, accepts: Any = None, *, variety: Variety | None = None, left: int = 5_000) -> list[Any]:
    """What tells by a schema whether a value (of a line) is clean; a better one at the end whenever more is known."""
    tests: list[Any] = []

    def settled(look: Any) -> None:
        tests.append(lambda value, line=None: passes(look(value), value, line))

    defs = {"$defs": schema["$defs"]} if "$defs" in schema else {}
    shape = Shape(accepts or dialect.engine(schema).is_valid, sight(schema), defs, [])
    Precedents(shape, Common(left), variety or Variety(), settled)
    return tests


def test_what_is_no_number_is_not_taken_for_null():
    tests = precedents_of({"properties": {"a": {"type": "null"}}})
    for _ in range(30):
        for each, valid in ((None, True), (float("nan"), False), (None, True), (float("inf"), False)):
            assert tests[-1]({"a": each, "b": 1, "c": 1}) is valid


@pytest.mark.parametrize("seed", range(40))
def test_a_precedent_says_of_any_value_what_the_schema_says(monkeypatch, seed):
    monkeypatch.setattr(precedents, "MAX_CASES", 12)  # that more leaves turn out to be free happens here, too
    monkeypatch.setattr(precedents, "SAMPLES", 12)
    rng = random.Random(seed)
    decided = 0
    for _ in range(12):
        whole = {
            **schema(rng),
            "$defs": {"one": schema(rng, 1), "two": {"anyOf": [schema(rng, 1), {"$ref": rng.choice(REFERENCES)}]}},
        }
        engine = dialect.engine(whole)
        few = [{name: value(rng) for name in NAMES} for _ in range(6)]
        values = [{**rng.choice(few), rng.choice(NAMES): value(rng)} for _ in range(120)]
        values += [{**each, "a": rng.choice(TEXTS), "b": rng.choice(SCALARS)} for each in values]
        held = [name for name in ("a", "c") if rng.random() < 0.5]
        values = [{**each, **{name: container(rng) for name in held}} for each in values]
        values += [refilled(rng.choice(values), rng) for _ in range(300)]
        variety = Variety(12)
        for each in values[:60]:
            variety.look(places(each))
        asked: list[Any] = []

        def accepts(each: Any, engine: Any = engine, asked: list[Any] = asked) -> bool:
            asked.append(each)
            return bool(engine.is_valid(each))

        tests = precedents_of(whole, accepts, variety=variety)
        for each in [*values, *values]:
            before = repr(each)
            assert tests[-1](each) is engine.is_valid(each), (whole, each)
            assert repr(each) == before
        decided += 2 * len(values) - len(asked)
    assert decided > 400  # by precedent


def refilled(payload: Any, rng: random.Random) -> Any:
    """A value of the same layout, or nearly."""
    if isinstance(payload, dict):
        return {name: refilled(each, rng) for name, each in payload.items()}
    if isinstance(payload, list):
        return [refilled(each, rng) for each in payload]
    return payload if rng.random() < 0.6 else rng.choice([*SCALARS, {}, [], ["a"], {"x": 1}])


@pytest.mark.parametrize("seed", range(10))
def test_what_a_layout_reads_is_there_and_is_all_there_is(seed):
    rng = random.Random(seed)
    for _ in range(150):
        one = {name: value(rng, 3) for name in rng.sample(["x", "y", "a", "b"], 3)}
        layout = Layout.of(one)
        assert layout is not None
        paths = list(layout.paths())
        bound = [path for path in paths if rng.random() < 0.5]
        free = [path for path in paths if path not in bound]
        elsewhere: list[Any] = []
        look = layout.looker(free)(lambda _: elsewhere, orjson.loads, "judge")  # noqa: B023  # called in this round
        leaves = (tuple(look_up(one, path) for path in bound), tuple(look_up(one, path) for path in free))
        assert layout.read(one, free) == leaves
        if 2**64 not in leaves[0]:  # orjson writes no such number
            case, *rest = look(one)
            assert case == [*leaves[0]]
            assert rest == [leaves[1], "judge"]
        for _ in range(10):
            other = refilled(one, rng)
            if rng.random() < 0.3:
                other["more" if rng.random() < 0.5 else "a"] = container(rng)
            try:
                found = layout.read(other, free)
            except (LookupError, TypeError):
                found = None
            looked = look(other)
            assert (looked is elsewhere) is (found is None or str(2**64) in repr(found[0]))
            if found is not None and looked is not elsewhere:
                assert looked[1] == found[1]
            if found is not None and not any(isinstance(each, (dict, list)) for part in found for each in part):
                alike = Layout.of({name: other[name] for name in one})
                assert alike is not None
                assert (set(alike.paths()), set(alike.containers)) == (set(paths), set(layout.containers))


def test_a_value_of_too_many_places_has_no_layout():
    assert Layout.of({str(each): each for each in range(10_000)}) is None


RULES = sorted(
    {rule.id: rule for each in Registry.bundled().vendors.values() if each.rules for rule in each.rules.rules}.items()
)


@pytest.mark.parametrize("rule", [rule for _, rule in RULES], ids=[name for name, _ in RULES])
def test_what_a_rule_does_not_read_does_not_matter_to_it(rule):
    if rule.across:
        assert mesh.Cleared(rule, CONTEXT).reads({}).leaves == set()
        return
    rng = random.Random(rule.id)

    def findings(payload: Any) -> int:
        return len(list(rule.kind.check(payload, CONTEXT)))

    samples = [each for each in (rule.example.breaks, rule.example.keeps) if isinstance(each, dict)]
    for sample in [*samples, *(mixed(rng) for _ in range(60))]:
        read, names = read_by(findings, sample)
        layout = Layout.of(sample)
        assert layout is not None
        for path in layout.paths():
            if path not in read:
                other = copy.deepcopy(sample)
                owner = look_up(other, path[:-1])
                owner[path[-1]] = rng.choice(SCALARS)
                assert findings(other) == findings(sample), path
        if names is not None:
            more = {name: rng.choice(SCALARS) for name in (*NAMES, "webhook", "seed") if name not in names}
            kept = {name: each for name, each in sample.items() if name in names}
            assert findings({**more, **sample}) == findings(sample) == findings(kept), names


@pytest.mark.parametrize("rule", [rule for _, rule in RULES if not rule.across], ids=lambda each: each.id)
def test_a_rule_that_is_cleared_has_nothing_to_say_of_wrong_payloads_either(rule):
    rng = random.Random(rule.id)
    cleared = 0
    silent = dialect.engine(rule.clear)
    for _ in range(150):
        payload = mixed(rng)
        payload = odd(payload, rng) if payload else payload
        if "\\ud800" not in repr(payload) and silent.is_valid(payload):
            cleared += 1
            assert not list(rule.kind.check(payload, CONTEXT)), payload
    assert cleared > 20


@pytest.mark.parametrize("seed", range(3))
def test_a_task_that_is_known_to_be_one_is_judged_as_a_check_judges_it(seed):
    rng = random.Random(seed)
    registry = Registry.bundled()
    passing = Sieve(registry, CONTEXT)
    judged = 0
    for _ in range(400):
        payload = mixed(rng)
        payload = odd(payload, rng) if payload and rng.random() < 0.5 else payload
        target = passing.alone(payload)
        if target is None or "\\ud800" in repr(payload):
            continue
        judged += 1
        alone = check_alone(payload, target, registry=registry, today=CONTEXT.today, unknown="warn")
        whole = check(payload, today=CONTEXT.today)
        assert repr((alone.verdict, alone.target, alone.violations)) == repr(
            (whole.verdict, whole.target, whole.violations)
        )
        assert (alone.among, alone.tasks, alone.hidden) == (whole.among, whole.tasks, whole.hidden)
        assert alone.recheck is not None
        assert repr(alone.recheck(payload).violations) == repr(whole.violations)
    assert judged > 150


def test_what_is_read_of_a_value_is_noted():
    value = {"a": 1, "b": {"c": [1, {"d": 2}], "e": 3}, "f": [4, 5]}
    looks: list[tuple[Any, set[Any]]] = [
        (lambda it: it["a"], {("a",)}),
        (lambda it: it.get("a", 0) and it.get("z"), {("a",)}),
        (lambda it: len(it) and "a" in it and list(it), set()),
        (lambda it: [each for each in it["b"]["c"] if isinstance(each, dict)], {("b", "c", 0)}),
        (lambda it: it["b"]["c"][1]["d"], {("b", "c", 0), ("b", "c", 1, "d")}),
        (lambda it: list(it["b"].items()), {("b", "e")}),
        (lambda it: list(it.values()), {("a",)}),
        (lambda it: it["f"] == [4, 5], {("f", 0), ("f", 1)}),
        (lambda it: it["b"] == {}, {("b", "e")}),
        (lambda it: repr(it["f"]), {("f", 0), ("f", 1)}),
        (lambda it: 5 in it["f"], {("f", 0), ("f", 1)}),
        (lambda it: list(reversed(it["f"])), {("f", 0), ("f", 1)}),
        (lambda it: repr(it["b"]), {("b", "e"), ("b", "c", 0), ("b", "c", 1, "d")}),
    ]
    for look, expected in looks:
        assert read_by(look, value).leaves == expected


def test_what_is_asked_for_in_an_object_is_noted():
    looks: list[tuple[Any, set[str] | None]] = [
        (lambda it: it["a"], {"a"}),
        (lambda it: it.get("a", 0) and it.get("z"), {"a", "z"}),
        (lambda it: "z" in it or "a" in it, {"a", "z"}),
        (lambda it: list(it["b"].values()), {"b"}),
        (len, None),
        (list, None),
        (dict, None),
        (lambda it: {**it}, None),
        (lambda it: it.keys() & {"a"}, None),
        (lambda it: list(it.items()), None),
        (lambda it: list(it.values()), None),
        (lambda it: it == {}, None),
        (repr, None),
        (json.dumps, None),
    ]
    for look, expected in looks:
        assert read_by(look, {"a": 1, "b": {"c": 2}}).names == expected
    assert read_by(len, [1]).names is None


@pytest.mark.parametrize("keyword", ["minLength", "maxLength", "pattern", "format", "minimum", "multipleOf", "const"])
def test_what_is_alike_is_told_by_the_engine_that_is_asked_about_others(keyword):
    arguments = {"minLength": 2, "maxLength": 3, "pattern": "^.b$", "format": "uuid", "minimum": 2, "const": "abc"}
    seen = Assertion({keyword: arguments.get(keyword, 3)})
    engine, groups = dialect.engine(seen.schema), Groups()
    assert groups.test(seen.schema) is groups.test({**seen.schema})
    for each in (*TEXTS, *(number for number in NUMBERS if number != 2**64)):
        assert groups.test(seen.schema)(each) is engine.is_valid(each)


OPEN: list[dict[str, Any]] = [
    {"not": {"properties": {"a": {"const": 1}}, "additionalProperties": False}},
    {"if": {"properties": {"a": {"const": 1}}, "additionalProperties": False}, "then": False},
    {"oneOf": [{"properties": {"a": {"const": 1}}, "additionalProperties": False}, {"properties": {"a": True}}]},
]


@pytest.mark.parametrize("part", OPEN, ids=[next(iter(each)) for each in OPEN])
def test_a_mesh_says_what_the_engine_says_where_the_names_that_are_not_there_matter(hasty, part):
    whole = {"type": "object", "properties": {"a": True, "b": {"type": "string"}}, **part}
    tested, engine = mesh.Mesh(mesh.Weave(whole, ()), CONTEXT, Common(1_000)), dialect.engine(whole)
    values = [{"a": 2 + number} for number in range(60)] + [{"a": number, "b": "x"} for number in range(60)]
    for each in [*values, {"a": 1}, {"a": 1, "b": "x"}, {"a": 1, "c": 2}, {}]:
        assert tested(each) is engine.is_valid(each), each


@pytest.mark.parametrize("seed", range(20))
def test_a_mesh_says_of_any_object_what_the_engine_says(monkeypatch, hasty, seed):
    monkeypatch.setattr(precedents, "SAMPLES", 6)
    rng = random.Random(seed)
    for _ in range(8):
        whole = {
            "type": "object",
            **schema(rng),
            "$defs": {"one": schema(rng, 1), "two": {"anyOf": [schema(rng, 1), {"$ref": "#/$defs/one"}]}},
        }
        tested, engine = mesh.Mesh(mesh.Weave(whole, ()), CONTEXT, Common(1_000)), dialect.engine(whole)
        few = [{name: value(rng) for name in rng.sample(["a", "b", "c", "x"], rng.randrange(4))} for _ in range(4)]
        for _ in range(150):
            each = refilled(rng.choice(few), rng)
            assert tested(each) is engine.is_valid(each), (whole, each)


def test_the_shape_of_every_good_payload_is_worked_out_so_that_it_is_accepted(hasty):
    passing = Sieve(Registry.bundled(), CONTEXT, silent=silent())
    for each in NAMED:
        for _ in range(5):
            assert passing.passes(each)
    shapes = [shape for each in passing._meshes.values() for shape in each._shapes.values()]
    assert len(shapes) > 20
    for each in NAMED:
        accepting = [
            shape
            for tested in passing._meshes.values()
            for names, shape in tested._shapes.items()
            if frozenset(each) - tested._apart == names and tested.longer(each)
        ]
        assert all(shape.accepts(each) for shape in accepting), each


# --- lines ---

EXACT = [
    # a line                                                        whether its value says all of it
    ('{"a":1,"b":"x","c":{"d":"y"}}', True),
    ('{ "a": 1, "b": "x",\t"c": {"d": "y"} }', True),
    ('{"a":1,"b":"x","c":{"d":"y"}}\r', True),
    ('{"a":1,"a":1,"b":"x","c":{"d":"y"}}', False),
    ('{"a":1,"b":"x","b":"x","c":{"d":"y"}}', False),
    ('{"a":1,"b":"x","c":{"d":"y","d":"y"}}', False),
    ('{"a":2,"a":1,"b":"","c":{"d":""}}', False),
    ('{"a":18446744073709551616,"b":"x","c":{"d":"y"}}', False),
    ('{"a":1.00000000000000000001,"b":"x","c":{"d":"y"}}', False),
    ('{"a":0.5,"b":"x","c":{"d":"y"}}', True),
    ('{"a":0.5000000000000000000001,"b":"x","c":{"d":"y"}}', False),
    ('{"a":1,"b":"\\u0078\\"","c":{"d":"é"}}', None),
]


@pytest.mark.parametrize(("line", "exact"), EXACT)
def test_a_line_is_passed_only_if_its_value_says_all_of_it(line, exact):
    raw = line.encode() + b"\n"
    value = orjson.loads(raw)
    if exact is not None:
        assert is_exact(value, raw) is exact
    for blanks in ("", " "):
        tests = precedents_of({})
        for number in range(60):
            like = {**value, "b": f"{value['b']}{number}", "c": {"d": f"{number}"}}
            if number % 2 and isinstance(value["a"], int):
                like["a"] = number
            text = json.dumps(like, separators=(f",{blanks}", f":{blanks}"))
            assert tests[-1](like, text.encode() + b"\n")
        assert tests[-1](value, raw) is is_exact(value, raw)


@pytest.mark.parametrize(("line", "exact"), [each for each in EXACT if each[1] is not None])
@pytest.mark.parametrize("others", [[], ['{"a":1}\n', '{"b":"é"}\n'], ['{ "a": [1, "x"] }\n'], ['{"b":"\\u00e9"}\n']])
def test_lines_are_exact_together_as_each_by_itself(line, exact, others):
    lines = [each.encode() for each in (*others, line + "\n", *others, line)]
    wrong = [] if exact else [len(others), len(lines) - 1]
    assert list(inexact([orjson.loads(each) for each in lines], lines)) == wrong


MARKED = [
    # a line whose texts are escaped            whether it shows that nothing stands twice
    ('{"a":"\\u00e9","b":["\\u0041"]}', True),
    ('{"a":"\\u0022"}', True),
    ('{"a":"\\"","b":1}', False),
    ('{"a":"\\u00e9","a":1}', False),
    ('{"a":1,"a":"\\u00e9"}', False),
    ('{"a":"\\u00e9","b":0.5}', False),
]


@pytest.mark.parametrize(("line", "expected"), MARKED)
def test_lines_that_are_told_by_their_quotation_marks(line, expected):
    raw = line.encode() + b"\n"
    value = orjson.loads(raw)
    assert is_marked(value, raw) is expected
    assert list(inexact([value], [raw])) == ([] if expected or is_exact(value, raw) else [0])


def test_a_value_that_orjson_does_not_write_makes_no_other_inexact():
    lines = [b'{"a":1}\n', b'{"a":1,"a":1}\n']
    assert list(inexact([{"a": 1}, {"a": 2**70}], lines)) == [1]


def test_the_values_of_a_crowd_are_told_as_each_by_itself():
    crowds = Crowds()
    crowd = crowds.made(dialect.engine({"items": {"properties": {"a": {"type": "string"}}}}).is_valid)
    rounds: list[list[dict[str, Any]]] = [[{"a": "x"}, {}], [{"a": "x"}, {"a": 1}, {"a": "y"}, {"a": None}], []]
    for values in rounds:
        crowd.values.extend(values)
        assert crowds.refused() == [each for each in values if not isinstance(each.get("a", ""), str)]
        assert crowds.refused() == []
    crowd.values.append({"a": 1})
    crowds.forget()
    assert crowds.refused() == []


SHORTEST = [
    # a float               whether no text of it is shorter than orjson's, and each as short means it exactly
    (0.5, True),
    (1.0, True),
    (24.0, True),
    (0.05, True),
    (0.0, True),
    (-2.5, True),
    (0.1, True),
    (0.123456789012, True),
    (100.0, False),  # 1e2
    (720.0, False),  # 72e1
    (0.005, False),  # 5e-3
    (-0.0, False),  # 0e0
    (0.1 + 0.2, False),  # 17 digits: other decimals are rounded to it
    (5e-324, False),  # so is 4e-324
    (float("inf"), False),
    (float("nan"), False),
]


@pytest.mark.parametrize(("number", "expected"), SHORTEST)
def test_floats_that_the_length_of_a_line_tells(number, expected):
    assert is_shortest(number) is expected


@pytest.mark.parametrize("seed", range(5))
def test_a_text_as_short_as_the_shortest_of_a_float_means_it_exactly(seed):
    rng = random.Random(seed)
    compared = 0
    for _ in range(4_000):
        number = rng.choice([-1, 1]) * rng.randrange(10 ** rng.randrange(1, 17)) * 10.0 ** rng.randrange(-9, 4)
        text = orjson.dumps(number).decode()
        if not is_shortest(number):
            continue
        compared += 1
        digits, exponent = f"{rng.randrange(10**6)}", rng.randrange(-12, 12)
        for other in (f"{digits}e{exponent}", f"{digits[:-1] or 0}.{digits[-1]}", f"{text}0", text.replace(".", ".0")):
            read = json.loads(other)
            if read == number and isinstance(read, float) and len(other) <= len(text):
                assert Decimal(other) == Decimal(text)
        plain = Decimal(text)
        for scale in range(-20, 20):
            assert len(f"{plain.scaleb(scale).normalize():f}e{-scale}") >= len(text)
    assert compared > 500


def gathered(free: list[tuple[Any, ...]], *, schemas: list[dict[str, Any]], line: Any) -> list[int]:
    """Which lines are not told together, of values that hold some leaves in a list."""
    groups = Groups()
    group = groups.of(tuple(groups.kind(each, {}) for each in schemas))
    assert groups.gathers(group)
    assert groups.of(group.kinds) is group
    first = orjson.loads(line(free[0]))
    measure = Measure(first, 1, (), free[0])
    lines = []
    for number, each in enumerate(free):
        lines.append(line(each))
        group.waiting.append((each, number, measure.written, measure.marks))
    found = list(groups.unlike(lines))
    assert not group.waiting
    return sorted(found)


TEXT: dict[str, Any] = {"type": "string"}
GATHERED = [
    # leaves of the lines                                   what must hold of them      which are not told
    ([("a",), ("é",), ('"',), ("\n",), ("東京",)], [TEXT], []),
    ([("a",), (1,), ("b",)], [TEXT], [1]),
    ([("a",), ([],), ({},), (None,), ("b",)], [TEXT], [1, 2, 3]),
    ([("a", 1), ("b", 20), ("c", 2**63)], [TEXT, {"type": "number"}], []),
    ([("a", 1), ("b", 2.5), ("c", 100.0), ("d", True)], [TEXT, {"type": "number"}], [1, 2, 3]),
    ([("ab", "x"), ("b", "y"), ("cd", "z" * 9)], [{"type": "string", "minLength": 2}, TEXT], [1]),
    ([("a", True), ("b", True), ("c", False)], [TEXT, {"const": True}], [2]),
    ([()] * 3, [], []),
]


@pytest.mark.parametrize(("free", "schemas", "expected"), GATHERED)
def test_lines_are_told_together_by_their_leaves(free, schemas, expected):
    assert gathered(free, schemas=schemas, line=lambda each: orjson.dumps({"a": each}) + b"\n") == expected


@pytest.mark.parametrize("blanks", ["", " "])
@pytest.mark.parametrize("longer", ['"a":"",', '"b":1,"a":2,', '"a":[1],'])
def test_no_line_hides_what_it_says_twice_behind_others(blanks, longer):
    def line(each: tuple[Any, ...]) -> bytes:
        text = json.dumps({"a": each}, separators=(f",{blanks}", f":{blanks}"), ensure_ascii=False)
        return (text.replace("{", "{" + longer) if each == ("twice",) else text).encode() + b"\n"

    # orjson writes the number longer than it stands here.
    free: list[tuple[Any, ...]] = [("one",), ("é",), ("twice",), (1e15,), ("two",)]
    found = gathered(free, schemas=[{"type": ["string", "number"]}], line=line)
    assert {2, 3} <= set(found)
    assert 0 not in found


@pytest.mark.parametrize("seed", range(4))
def test_lines_side_by_side_are_told_as_each_by_itself(hasty, seed):
    rng = random.Random(seed)
    together, alone = (Sieve(Registry.bundled(), CONTEXT, silent=silent()) for _ in range(2))
    told = 0
    for _ in range(12):
        lines = []
        for _ in range(rng.randrange(100)):
            payload: Any = varied(rng.choice(TASKS), rng)
            payload = odd(payload, rng) if rng.random() < 0.2 else [payload] if rng.random() < 0.1 else payload
            try:
                lines.append(orjson.dumps(payload) + b"\n")
            except TypeError:
                continue
            lines += rng.choice([[], [], [], [], [b"\n"], [b"{\n"], [b'{"a":1,"a":1}\n'], [b"[1]\n"]])
        found = dict(together.sift(lines))
        for index, line in enumerate(lines):
            try:
                value = orjson.loads(line)
            except ValueError:
                value = UNREAD
            exact = value is not UNREAD and is_exact(value, line)
            if index in found:
                told += 1
                assert found[index] is UNREAD if not exact else found[index] == value
            assert (index not in found) is (exact and alone.passes(value)), line
    assert told > 30


@pytest.mark.parametrize("seed", range(10))
def test_a_name_that_stands_twice_never_passes(seed):
    rng = random.Random(seed)
    for _ in range(30):
        tests = precedents_of({})
        names = rng.sample(["a", "b", "cc", "", "é"], 3)
        for number in range(80):
            value = {name: rng.choice(["x" * rng.randrange(9), 1, 20, "é", 'a"b', 1.5]) for name in names}
            members = list(value.items())
            twice = number > 60 and rng.random() < 0.7
            if twice:
                name = rng.choice(names)
                members.insert(members.index((name, value[name])), (name, rng.choice(["", 1, "x", "xxxx", 1.5])))
            blanks = rng.choice(["", " "])
            text = "{" + f",{blanks}".join(
                f"{json.dumps(name, ensure_ascii=False)}:{rng.choice([blanks, ''])}{json.dumps(each)}"
                for name, each in members
            ) + "}\n"  # fmt: skip
            raw = text.encode()
            assert tests[-1](orjson.loads(raw), raw) in ((False,) if twice else (True, is_exact(value, raw)))


def test_what_helps_and_what_hinders():
    seen = sight({
        "$id": "x",
        "properties": {"a": {"minLength": 1, "not": {"pattern": "x"}, "oneOf": [{"maxLength": 3}, {"format": "uuid"}]}},
        "if": {"properties": {"a": {"const": "y"}}},
    })  # fmt: skip
    found = {next(iter(each.schema)): (each.helps, each.hinders) for each in seen.inner["a"].assertions.values()}
    assert found == {
        "minLength": (True, False),
        "pattern": (False, True),
        "maxLength": (True, True),
        "format": (True, True),
        "const": (True, True),
    }


BLIND: list[dict[str, object]] = [
    {"$ref": "https://example.com/elsewhere"},
    {"$dynamicRef": "#a"},
    {"unknownKeyword": 1},
    {"unevaluatedProperties": False},
]


@pytest.mark.parametrize("schema", BLIND, ids=[next(iter(each)) for each in BLIND])
def test_what_is_not_understood_counts_as_a_whole(schema):
    assert sight(schema).tied or sight(schema).whole
    assert sight(schema).at(("a",)) is None


def test_a_schema_that_leads_back_into_itself_ends():
    node: dict[str, Any] = {"properties": {name: {"$ref": "#/$defs/node"} for name in "abcdef"}}
    assert sight({"$ref": "#/$defs/node", "$defs": {"node": node}}).inner["a"].whole


def test_references_that_multiply_are_not_followed_for_ever(monkeypatch):
    defs = {f"n{each}": {"properties": {"a": {"$ref": f"#/$defs/n{each + 1}"}, "b": {"$ref": f"#/$defs/n{each + 1}"}}}
            for each in range(40)}  # fmt: skip
    monkeypatch.setattr("preroll.sieve.sight.MAX_SCHEMAS", 2_000)
    found = sight({"$ref": "#/$defs/n0", "$defs": {**defs, "n40": {"type": "string"}}})
    place: Sight = found
    for _ in range(60):
        if place.whole:
            break
        place = place.inner["b"]
    assert place.whole


def test_what_must_hold_anywhere_is_kept_as_it_is():
    found = sight({
        "properties": {"a": {"type": "string", "anyOf": [{"format": "uuid"}, {"maxLength": 2}], "title": "A"}},
        "allOf": [{"properties": {"a": {"$ref": "#/$defs/b"}}}],
        "if": True,
        "then": {"properties": {"a": {"const": 1}}},
        "$defs": {"b": {"pattern": "x"}},
    })  # fmt: skip
    place = found.at(("a",))
    assert place is not None
    assert place.must == [{"type": "string", "anyOf": [{"format": "uuid"}, {"maxLength": 2}]}, {"pattern": "x"}]
    assert [each.schema for each in place.assertions.values()] == [{"const": 1}]


def test_what_is_compared_with_others_is_not_looked_at_alone():
    assert sight({"properties": {"a": {"uniqueItems": True}}}).at(("a", 0)) is None
    assert sight({"properties": {"a": {"enum": [{"b": 1}, "text"]}}}).at(("a", "b")) is None
    assert sight({"properties": {"a": {"enum": [{"b": 1}, "text"]}}}).at(("a",)) is not None


def test_texts_are_alike_by_what_is_asserted_of_them():
    seen = sight({"$id": "x", "anyOf": [{"pattern": "^a"}, {"not": {"maxLength": 2}}]})
    alike = Likeness(seen, Groups().test).schema("abc")
    engine = dialect.engine(alike)
    assert engine.is_valid("axyz")
    assert not engine.is_valid("bcd")  # the pattern held
    assert not engine.is_valid("a")  # the length did not
    assert not engine.is_valid(1)


def test_memory_is_bounded():
    looks: list[Any] = []
    common = Common(20)
    Precedents(Shape(dialect.engine({}).is_valid, sight({}), {}, []), common, Variety(), looks.append)
    for number in range(1_000):
        for value in ({"a": number % 7, "b": number % 5, "c": True}, {"a": [1] * (number % 300)}):
            assert passes(looks[-1](value), value)
    assert (common.left, common.layouts) == (0, 0)


def test_names_that_are_new_each_time_do_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(precedents, "MAX_PLACES", 50)
    variety = Variety()
    tests = precedents_of({}, variety=variety)
    for number in range(300):
        assert tests[-1]({"m": {f"{number} {each}": 1 for each in range(10)}})
    assert len(variety._samples) <= 50


# --- the documents ---

ODD: list[Any] = [
    True, False, None, 0, 1, 1.0, 5.0, -0.0, 2**63, 2**64, -1, 0.1, 720.0, "", "1", "true", "a" * 9000, "\x00", "٣",
    "\ud800", "first", "https://example.com/a.png", "http://[", "ftp://example.com/a", "data:image/png;base64,AAAA",
    "0b3f7a52-3c55-4b8c-9d52-0b9d7c1d9a11", "0b3f7a52-3c55-1b8c-9d52-0b9d7c1d9a11", "é" * 700, "<<<element_9>>>",
    [], [1], {}, {"a": 1}, ["https://example.com/a.png"] * 2, float("nan"), float("inf"),
]  # fmt: skip


def varied(payload: Any, rng: random.Random) -> Any:
    """A payload with other texts, links and numbers, as another job of the same program has."""
    if isinstance(payload, dict):
        return {name: varied(each, rng) for name, each in payload.items()}
    if isinstance(payload, list):
        return [varied(each, rng) for each in payload]
    if isinstance(payload, str):
        if payload.startswith("https://"):
            return f"https://assets.example.com/{rng.getrandbits(60):x}.png"
        if len(payload) == 36 and payload.count("-") == 4:
            return f"{rng.getrandbits(32):08x}-{rng.getrandbits(16):04x}-4{rng.getrandbits(12):03x}-9abc-0123456789ab"
        if " " in payload:
            return f"{payload} {rng.choice(['fog', 'rain', 'snow'])} {rng.randrange(10**6)}"
    return payload


def odd(payload: Any, rng: random.Random) -> Any:
    """A payload with something odd somewhere."""
    payload = copy.deepcopy(payload)
    owner = payload
    while True:
        key = rng.choice([*owner]) if isinstance(owner, dict) else rng.randrange(len(owner))
        if isinstance(owner[key], (dict, list)) and owner[key] and rng.random() < 0.8:
            owner = owner[key]
            continue
        owner[key] = copy.deepcopy(rng.choice(ODD))
        return payload


@pytest.fixture
def hasty(monkeypatch):
    """Shapes are worked out, and verdicts remembered, as soon as anything is known of them."""
    monkeypatch.setattr(mesh, "OFTEN", 3)
    monkeypatch.setattr(precedents, "MAX_CASES", 40)


def silent() -> frozenset[str]:
    vendors = Registry.bundled().vendors.values()
    return frozenset(rule.id for each in vendors if each.rules for rule in each.rules.rules if rule.severity == "info")


TASKS = [each for each in NAMED if "taskUUID" in each]


@pytest.mark.parametrize("seed", range(3))
def test_what_is_remembered_is_what_would_be_found(monkeypatch, hasty, seed):
    rng = random.Random(seed)
    remembering, plain = (Sieve(Registry.bundled(), CONTEXT, silent=silent()) for _ in range(2))
    monkeypatch.setattr(plain, "mesh", without_memory(plain))
    for template in TASKS:
        for _ in range(60):
            assert remembering.passes(varied(template, rng))
    assert remembering.common.left < 20_000  # something is remembered
    passed = 0
    for _ in range(2_500):
        payload = varied(rng.choice(TASKS), rng)
        payload = odd(payload, rng) if rng.random() < 0.8 else payload
        before = repr(payload)
        passes = remembering.passes(payload)
        assert repr(payload) == before
        # Half a surrogate pair is in no file that can be read; whoever hands one over is sent the long way.
        assert passes is plain.passes(payload) or "\\ud800" in before, payload
        if passes:
            passed += 1
            assert [each for each in check(payload, today=CONTEXT.today).violations if each.severity != "info"] == []
    assert passed > 500


def without_memory(passing: Sieve) -> Any:
    """The meshes of a sieve that learn nothing."""
    made = passing.mesh

    def mesh_of(target: Any) -> Any:
        return made(target).longer

    return mesh_of


def counting(method: Any, calls: list[Any]) -> Any:
    def counted(*arguments: Any) -> Any:
        calls.append(1)
        return method(*arguments)

    return counted


def test_nearly_everything_clean_is_told_by_precedent(monkeypatch, hasty):
    rng = random.Random(7)
    passing = Sieve(Registry.bundled(), CONTEXT, silent=silent())
    lines = [varied(rng.choice(TASKS), rng) for _ in range(4_000)]
    for each in lines[:3_000]:
        assert passing.passes(each)
    asked: list[int] = []
    for owner, name in ((precedents.Known, "judge"), (precedents.Precedents, "judge")):
        monkeypatch.setattr(owner, name, counting(getattr(owner, name), asked))
    for each in lines[3_000:]:
        assert passing.passes(each)
    assert len(asked) < 20


def test_members_in_a_new_order_each_time_do_not_fill_the_memory(monkeypatch, hasty):
    monkeypatch.setattr(mesh, "MAX_ORDERS", 5)
    rng = random.Random(1)
    passing = Sieve(Registry.bundled(), CONTEXT, silent=silent())
    for _ in range(200):
        names = rng.sample([*TASK], len(TASK))
        assert passing.passes({name: varied(TASK[name], rng) for name in names})
    [known] = [each.known for each in passing._meshes.values()]
    assert len(known) == 5


def test_mixed_payloads_are_told_as_a_check_tells_them(hasty):
    rng = random.Random(11)
    passing = Sieve(Registry.bundled(), CONTEXT, silent=silent())
    for _ in range(400):
        payload = mixed(rng)
        for each in [varied(payload, rng) for _ in range(3)]:
            if passing.passes(each):
                told = [found for found in check(each, today=CONTEXT.today).violations if found.severity != "info"]
                assert told == [], orjson.dumps(each).decode()
