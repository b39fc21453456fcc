"""
The held-out idea: a document that nobody has seen gets words of the same quality.

Every bundled document is turned into a strange one: each property, constant and title in other letters, `allOf` and
branches in another order, conditions spelt in other keywords, conjunctions split. What is said of a payload must be
the same, letter for letter once the names are turned back.
"""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable
from typing import Any

import pytest
from tests.payloads import KLING, OVI, RAY, SLIPS, WAN, Builder, good_payloads

import preroll
from preroll import outcome
from preroll import pointer as pointers
from preroll.document import OPENAPI, schema_roots, subschemas
from preroll.envelope import PLAIN
from preroll.registry import Registry, data_root
from preroll.render import text

# --- other letters ---

LATIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
STRANGE = "дбцчефгхижклмнопярстувшщызДБЦЧЕФГХИЖКЛМНОПЯРСТУВШЩЫЗ"
AWAY, BACK = str.maketrans(LATIN, STRANGE), str.maketrans(STRANGE, LATIN)

KEPT = re.compile(r"https?://|data:|runway:|[0-9a-fA-F]{8}-|\d{4}-\d\d-\d\d")
"""Texts whose letters mean something to a format or a pattern."""


def strange(name: str) -> str:
    """A name in other letters; what an unknown vendor's targets are told by stays."""
    return name if name in PLAIN.told_by else name.translate(AWAY)


def strange_value(value: Any) -> Any:
    """A payload, or a constant, in other letters."""
    if isinstance(value, str):
        return value if KEPT.match(value) else value.translate(AWAY)
    if isinstance(value, list):
        return [strange_value(each) for each in value]
    if isinstance(value, dict):
        return {strange(name): strange_value(each) for name, each in value.items()}
    return value


Schema = dict[str, Any]


def renamed(schema: Schema) -> Schema:
    """One schema (not those inside it) in other letters."""
    fresh = dict(schema)
    for keyword in ("properties", "dependentRequired", "dependentSchemas", "dependencies"):
        if isinstance(schema.get(keyword), dict):
            fresh[keyword] = {
                strange(name): list(map(strange, each)) if isinstance(each, list) else each
                for name, each in schema[keyword].items()
            }
    if isinstance(schema.get("required"), list):
        fresh["required"] = list(map(strange, schema["required"]))
    for keyword in ("const", "enum", "default"):
        if keyword in schema:
            fresh[keyword] = strange_value(schema[keyword])
    if isinstance(schema.get("title"), str):
        fresh["title"] = schema["title"].translate(AWAY)
    if isinstance(schema.get("discriminator"), dict):
        fresh["discriminator"] = {"propertyName": strange(schema["discriminator"]["propertyName"])}
    return fresh


# --- other spellings, each of one schema, those inside it being done ---


def shuffled(keyword: str) -> Callable[[Schema], Schema]:
    pick = random.Random(keyword)

    def spelling(schema: Schema) -> Schema:
        if not isinstance(schema.get(keyword), list):
            return schema
        return {**schema, keyword: pick.sample(schema[keyword], len(schema[keyword]))}

    return spelling


def more(schema: Schema, parts: list[Schema]) -> Schema:
    """A schema with more parts of its conjunction."""
    return {**schema, "allOf": [*schema.get("allOf", ()), *parts]} if parts else schema


def conditions_as_unions(schema: Schema) -> Schema:
    """`if A then B else C` is `(not A or B) and (A or C)`."""
    if "if" not in schema:
        return schema
    condition = schema["if"]
    parts = []
    if "then" in schema:
        parts.append({"anyOf": [{"not": condition}, schema["then"]]})
    if "else" in schema:
        parts.append({"anyOf": [schema["else"], condition]})
    return more({key: each for key, each in schema.items() if key not in ("if", "then", "else")}, parts)


def conditions_as_negations(schema: Schema) -> Schema:
    """`if A then B` is `not (A and not B)`."""
    if "if" not in schema:
        return schema
    condition = schema["if"]
    parts = []
    if "then" in schema:
        parts.append({"not": {"allOf": [condition, {"not": schema["then"]}]}})
    if "else" in schema:
        parts.append({"not": {"allOf": [{"not": condition}, {"not": schema["else"]}]}})
    return more({key: each for key, each in schema.items() if key not in ("if", "then", "else")}, parts)


def unions_as_conditions(schema: Schema) -> Schema:
    """`not (A or B)` is `not A and not B`; `dependentRequired` is `if a is given then b is`."""
    parts: list[Schema] = []
    fresh = dict(schema)
    inner = schema.get("not")
    if isinstance(inner, dict) and inner.keys() == {"anyOf"}:
        del fresh["not"]
        parts += [{"if": each, "then": False} for each in inner["anyOf"]]
    for name, needed in fresh.pop("dependentRequired", {}).items():
        parts.append({"if": {"required": [name]}, "then": {"required": needed}})
    return more(fresh, parts)


TOGETHER = (
    ("properties", "patternProperties", "additionalProperties"),
    ("items", "prefixItems"),
    ("contains", "minContains", "maxContains"),
    ("if", "then", "else"),
    ("oneOf", "discriminator"),
)
ANNOTATIONS = (
    "title",
    "description",
    "default",
    "examples",
    "$id",
    "$ref",
    "definitions",
    "$defs",
    "nullable",
    "deprecated",
)


def conjunctions_split(schema: Schema) -> Schema:
    """Every keyword in a schema of its own, and every required name too."""
    fresh: Schema = {}
    parts: list[Schema] = []
    done: set[str] = set()
    for keyword, value in schema.items():
        if keyword in done:
            continue
        if keyword in ANNOTATIONS or keyword.startswith("x-") or keyword == "dependencies":
            fresh[keyword] = value
        elif keyword == "required":
            parts += [{"required": [name]} for name in value]
        elif keyword == "const":
            parts.append({"enum": [value]})
        elif keyword == "allOf":
            parts += value
        else:
            group = next((each for each in TOGETHER if keyword in each), (keyword,))
            done |= set(group)
            parts.append({each: schema[each] for each in group if each in schema})
    return {**fresh, "allOf": parts} if parts else fresh


def respelt(tree: Any, *spellings: Callable[[Schema], Schema]) -> Any:
    """A copy of a document with every schema respelt, the inner ones first."""
    tree = copy.deepcopy(tree)

    def deep(schema: Any) -> Any:
        if not isinstance(schema, dict):
            return schema
        for path, inner in list(subschemas(schema)):
            pointers.look_up(schema, path[:-1])[path[-1]] = deep(inner)
        for spelling in spellings:
            schema = spelling(schema)
        return schema

    for path in sorted(schema_roots(tree, OPENAPI), key=len, reverse=True):
        pointers.look_up(tree, path[:-1])[path[-1]] = deep(pointers.look_up(tree, path))
    return tree


SPELLINGS: dict[str, tuple[Callable[[Schema], Schema], ...]] = {
    "renamed": (renamed,),
    "allOf shuffled": (shuffled("allOf"),),
    "if as anyOf": (conditions_as_unions,),
    "if as not": (conditions_as_negations,),
    "not as if": (unions_as_conditions,),
    "conjunctions split": (conjunctions_split,),
    "renamed, if as anyOf, split, shuffled": (renamed, conditions_as_unions, conjunctions_split, shuffled("allOf")),
    "renamed, not as if, if as not": (renamed, unions_as_conditions, conditions_as_negations, shuffled("allOf")),
}

SHUFFLED_BRANCHES: dict[str, tuple[Callable[[Schema], Schema], ...]] = {
    "branches shuffled": (shuffled("anyOf"), shuffled("oneOf")),
    "everything": (
        renamed,
        unions_as_conditions,
        conditions_as_unions,
        conjunctions_split,
        shuffled("anyOf"),
        shuffled("oneOf"),
        shuffled("allOf"),
    ),
}


# --- the bundled documents as those of nobody ---


def document_of(slip) -> str:
    told = json.dumps(slip.payload)
    for model, file in {
        KLING: "runware/klingai-kling-video-o3-pro",
        RAY: "runware/luma-ray-3.2",
        OVI: "runware/ovi",
        WAN: "runware/alibaba-wan-2.7",
    }.items():
        if model in told:
            return file
    return "runwayml/2024-11-06"


def nobodys(file: str) -> Any:
    """A bundled document without what its vendor is recognised by."""
    tree = json.loads((data_root() / f"{file}.openapi.json").read_text(encoding="utf-8"))
    return {**tree, "servers": [{"url": "https://api.example.com/v1"}]}


_made: dict[tuple[str, str], Registry] = {}


def registry_of(file: str, name: str, spellings: tuple[Callable[[Schema], Schema], ...] = ()) -> Registry:
    key = (file, name)
    if key not in _made:
        _made[key] = Registry.of(respelt(nobodys(file), *spellings))
    return _made[key]


def target_of(slip, registry: Registry) -> str:
    """The operation that a payload is meant for."""
    meant = preroll.Registry.bundled()
    known = meant.resolve(slip.target) if slip.target else None
    if known is None:
        known = meant.targets[preroll.check(slip.payload, today="2026-10-01").target or ""]
    return next(
        each.name
        for each in registry.targets.values()
        if (each.path, each.method) == (known.path, known.method) and not each.branch_of
    )


def told(slip, registry: Registry, payload: Any) -> str:
    """All that is said, but for the place's line in the text."""
    report = preroll.check(payload, target_of(slip, registry), registry=registry)
    found = outcome.Outcome.of([outcome.entry(report.advised(), "job.json", effective=False)])
    return text.render(found, colour=False, width=10_000).translate(BACK)


def bag(said: str) -> list[str]:
    """The words without their order: what is listed in the order of a document's branches may come in another."""
    return sorted(re.findall(r"[\w./\"-]+", said))


SCHEMA_SLIPS = [slip for slip in SLIPS if slip.rule not in ("wrong-operation", "wrapped-request")]


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("slip", SCHEMA_SLIPS, ids=lambda slip: slip.id)
def test_a_strange_document_gets_the_same_words(slip, spelling):
    file = document_of(slip)
    plain = told(slip, registry_of(file, ""), slip.payload)
    payload = strange_value(slip.payload) if renamed in SPELLINGS[spelling] else slip.payload
    assert told(slip, registry_of(file, spelling, SPELLINGS[spelling]), payload) == plain


@pytest.mark.parametrize("spelling", SHUFFLED_BRANCHES)
@pytest.mark.parametrize("slip", SCHEMA_SLIPS, ids=lambda slip: slip.id)
def test_branches_in_another_order_only_reorder_what_is_listed(slip, spelling):
    file = document_of(slip)
    plain = told(slip, registry_of(file, ""), slip.payload)
    payload = strange_value(slip.payload) if renamed in SHUFFLED_BRANCHES[spelling] else slip.payload
    assert bag(told(slip, registry_of(file, spelling, SHUFFLED_BRANCHES[spelling]), payload)) == bag(plain)


@pytest.mark.parametrize("spelling", [*SPELLINGS, *SHUFFLED_BRANCHES])
@pytest.mark.parametrize("file", sorted({document_of(slip) for slip in SLIPS}))
def test_a_respelt_document_means_the_same(file, spelling):
    """The law's own law: the transformations change no verdict."""
    spellings = {**SPELLINGS, **SHUFFLED_BRANCHES}[spelling]
    plain, other = registry_of(file, ""), registry_of(file, spelling, spellings)
    for name, one in plain.targets.items():
        if not one.body or one.branch_of:
            continue
        builder = Builder(plain.document(one).intended, f"{name} {spelling}")
        schema = pointers.look_up(builder.tree, pointers.parse(one.body))
        for index in range(15):
            value = builder.broken(builder.value(schema), index % 4)
            if renamed not in spellings:
                assert plain.engine(one).is_valid(value) is other.engine(other.targets[name]).is_valid(value), value
            elif not KEPT.search(json.dumps(value, default=str)):
                changed = strange_value(value)
                assert plain.engine(one).is_valid(value) is other.engine(other.targets[name]).is_valid(changed), value


CONDITIONS = ("allOf shuffled", "if as anyOf", "if as not", "not as if")


@pytest.mark.parametrize("spelling", CONDITIONS)
@pytest.mark.parametrize("file", sorted({document_of(slip) for slip in SLIPS}))
def test_whatever_is_wrong_the_spelling_of_conditions_is_not_told(file, spelling):
    """The same law for good jobs broken at random, letter for letter."""
    plain, other = registry_of(file, ""), registry_of(file, spelling, SPELLINGS[spelling])
    for name, payload in broken_jobs(plain):
        one, two = (said(preroll.check(payload, name, registry=registry)) for registry in (plain, other))
        assert one == two, payload


def said(report: preroll.Report) -> str:
    found = outcome.Outcome.of([outcome.entry(report, "job.json", effective=False)])
    return text.render(found, colour=False, width=10_000)


def broken_jobs(registry: Registry, count: int = 60) -> list[tuple[str, Any]]:
    """Good jobs with one to three random changes, each with the name of its operation."""
    found = []
    bundled = preroll.Registry.bundled()
    operations = {
        (each.path, each.method): each for each in registry.targets.values() if each.body and not each.branch_of
    }
    for job, payload in good_payloads().items():
        known = bundled.targets[preroll.check(payload).target or ""]
        meant = operations.get((known.path, known.method))
        # Several documents have one operation `POST /`: the model tells whose it is.
        if meant is None or str(known.told_by.get("model", "")) not in json.dumps(registry.document(meant).raw):
            continue
        builder = Builder(registry.document(meant).intended, f"{meant.name} {job}")
        found += [(meant.name, builder.broken(payload, 1 + index % 3)) for index in range(count // 4)]
    return found
