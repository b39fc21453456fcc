"""
Single cases of each family: what is a defect, and what looks like one and is none.
"""

from __future__ import annotations

import json
import random

import pytest

from preroll.audit import audit, literals, patterns
from preroll.audit.subject import jsonpath
from preroll.document import DocumentError
from preroll.registry import Registry


def ids(tree, name="minimal"):
    registry = Registry.of(tree, name)
    return {each.id for each in audit(registry, registry.document(name)).findings}


def closed(properties, **more):
    return {"type": "object", "properties": properties, "additionalProperties": False, **more}


def operation(body, **around):
    return {
        "openapi": "3.1.0",
        "info": {"title": "minimal", "version": "1"},
        "paths": {
            "/v1/make": {
                "post": {
                    "operationId": "make",
                    "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
                    "responses": {"204": {"description": "done"}},
                    **around,
                }
            }
        },
    }


FLAG, TEXT = {"type": "boolean"}, {"type": "string", "minLength": 1}
ON = {"properties": {"a": {"const": True}}}

SCHEMAS = [
    # what                                         schema                                                     found
    (
        "a condition on a member that is demanded",
        closed({"a": FLAG, "b": TEXT}, **{"if": {**ON, "required": ["a"]}, "then": {"required": ["b"]}}),
        set(),
    ),
    (
        "a condition on one that is always there",
        closed({"a": FLAG, "b": TEXT}, required=["a"], **{"if": ON, "then": {"required": ["b"]}}),
        set(),
    ),
    (
        "a condition on one that may be absent",
        closed({"a": FLAG, "b": TEXT}, **{"if": ON, "then": {"required": ["b"]}}),
        {"condition-holds-vacuously"},
    ),
    (
        "values that are listed where they are given",
        closed(
            {"a": {"type": "integer"}},
            **{
                "if": {"required": ["a"]},
                "then": {"oneOf": [{"properties": {"a": {"const": 1}}}, {"properties": {"a": {"const": 2}}}]},
            },
        ),
        set(),
    ),
    (
        "a limit on what may be absent",
        closed(
            {"a": FLAG, "b": {"type": "integer", "minimum": 1}},
            **{"if": {**ON, "required": ["a"]}, "then": {"properties": {"b": {"maximum": 9}}}},
        ),
        set(),
    ),
    ("a name that only a condition describes", closed({"a": TEXT}, anyOf=[{"required": ["a"]}]), set()),
    (
        "a name demanded by a condition, misspelt",
        closed({"a": TEXT, "prompt": TEXT}, **{"if": {"required": ["a"]}, "then": {"required": ["promt"]}}),
        {"required-name-undescribed", "property-impossible", "condition-never-holds"},
    ),
    ("a map of anything", {"type": "object", "additionalProperties": {"type": "string"}, "required": ["a"]}, set()),
    ("null that is denied", closed({"a": {**TEXT, "description": "Must not be set to null."}}), set()),
    ("null of something else", closed({"a": {**TEXT, "description": "Set `b` to null first."}}), set()),
    (
        "null in a response to be",
        closed({"a": {"type": ["string", "null"], "minLength": 1, "description": "Can be null."}}),
        set(),
    ),
    (
        "a count within the limit",
        closed({"images": {"type": "array", "maxItems": 3, "items": TEXT, "description": "Up to three images."}}),
        set(),
    ),
    (
        "a count of something else",
        closed({"images": {"type": "array", "maxItems": 3, "items": TEXT, "description": "Up to 90 days old."}}),
        set(),
    ),
    (
        "a limit of a word",
        closed({"images": {"type": "array", "items": TEXT, "description": "Currently up to one image is supported."}}),
        {"limit-only-in-prose"},
    ),
    ("back-quoted constants", closed({"a": {**TEXT, "description": "`JPG` or `PNG`."}}), set()),
    ("back-quoted names that are known", closed({"a": {**TEXT, "description": "Only with `b`."}, "b": TEXT}), set()),
    (
        "a nullable union with one format",
        closed({"a": {"anyOf": [{"type": "string", "format": "uri"}, {"type": "null"}]}}),
        set(),
    ),
    (
        "an integer format",
        closed({"a": {"type": "integer", "format": "int64", "minimum": 0}}),
        {"format-nobody-asserts"},
    ),
    ("a keyword of an extension", closed({"a": {**TEXT, "x-order": 1}}), set()),
    ("a property that is called like a keyword", closed({"id": TEXT, "nullable": FLAG, "definitions": TEXT}), set()),
    ("an unanchored beginning", closed({"a": {"type": "string", "pattern": "^https://"}}), set()),
    ("a large limit of text", closed({"a": {"type": "string", "maxLength": 6000, "minLength": 1}}), set()),
    (
        "the largest integer",
        closed({"a": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}}),
        {"number-beyond-doubles"},
    ),
    ("a step that doubles hold", closed({"a": {"type": "number", "minimum": 0, "multipleOf": 0.25}}), set()),
    ("a default that may be said", closed({"a": {**FLAG, "default": False}}), set()),
]

IGNORED = {"assertion-implied", "pattern-differs-in-python", "exclusion-nowhere-said"}


@pytest.mark.parametrize(("tree", "wanted"), [each[1:] for each in SCHEMAS], ids=[each[0] for each in SCHEMAS])
def test_a_schema_has_the_findings_that_it_has_and_no_others(tree, wanted):
    pytest.importorskip("z3")
    assert ids(tree) - IGNORED == wanted


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("client.make(a=True)", set()),
        ("client.make(a='yes')", {"code-sample-refused"}),
        ("body = {'a': 'yes'}\nrequests.post(URL, json=body)", {"code-sample-refused"}),
        ("client.make(a=load())", {"example-not-readable"}),
        ("client = Client(key='secret')\nclient.make(a=True)", set()),
        ("client.make(a=", {"example-not-readable"}),
    ],
)
def test_python_samples_are_read_and_never_run(source, wanted):
    body = closed({"a": FLAG}, required=["a"])
    tree = operation(body, **{"x-codeSamples": [{"lang": "Python", "source": source}]})
    assert ids(tree) & {"code-sample-refused", "example-not-readable"} == wanted


@pytest.mark.parametrize(
    ("language", "source", "bodies"),
    [
        ("javascript", "client.make({ a: 'x', b: [1, 2.5, true, null,], })", [{"a": "x", "b": [1, 2.5, True, None]}]),
        ("typescript", "make({\n  // why\n  'a-b': \"it's\", /* and */ c: `d` })", [{"a-b": "it's", "c": "d"}]),
        ("curl", "curl https://x -H 'A: b' -d '{\"a\": 1}'", [{"a": 1}]),
        ("shell", "curl x \\\n  --data-raw '[{\"a\": 1}]'", [[{"a": 1}]]),
        ("python", "f(a=1, b='c')", [{"a": 1, "b": "c"}]),
        ("python", "f(1)", []),
    ],
)
def test_a_sample_holds_the_requests_that_stand_in_it(language, source, bodies):
    assert list(literals.READERS[language](source)) == bodies


@pytest.mark.parametrize(
    ("language", "source"),
    [
        ("javascript", "make({ a: b })"),
        ("javascript", "make({ a: `x${b}` })"),
        ("javascript", "make({ ...rest })"),
        ("javascript", "make({ a: "),
        ("python", "f(**more)"),
        ("python", "f(a=b)"),
        ("python", "f(a=__import__('os').getcwd())"),
        ("curl", "curl -d @file x"),
        ("curl", "curl -d '{"),
    ],
)
def test_what_is_computed_is_said_to_be_unread(language, source):
    with pytest.raises(literals.Unread):
        list(literals.READERS[language](source))


@pytest.mark.parametrize(
    ("pattern", "kinds"),
    [
        ("^[a-z]+$", {"pattern-differs-in-python"}),
        (r"^\d{4}", {"pattern-differs-in-python", "pattern-without-end"}),
        ("^[a-z]{2,5}", {"pattern-without-end"}),
        ("^a?", set()),
        ("^https:", set()),
        ("^(a+)+b", {"pattern-can-backtrack"}),
        ("^(a|a)*b", {"pattern-can-backtrack"}),
        ("^(a|ab)*b", set()),
        ("^([a-z]+,)*end", set()),
        ("^(?:[a-z]+\\.)+[a-z]+!", set()),
        ("(x+x+)+y", {"pattern-can-backtrack"}),
    ],
)
def test_a_pattern_is_judged_by_what_it_does(pattern, kinds):
    assert {kind.id for kind, _, _ in patterns.judged(pattern)} == kinds


def test_a_pointer_is_a_normalised_path():
    assert jsonpath("/paths/~1v1~1it's/0/a~0b") == r"$['paths']['/v1/it\'s'][0]['a~b']"


def test_an_old_version_is_read_by_its_own_rules():
    tree = operation(closed({"a": {"type": "string", "nullable": True, "minLength": 1}}))
    assert "openapi-30-habit" in ids(tree)
    assert "openapi-30-habit" not in ids({**tree, "openapi": "3.0.3"})


def test_the_path_parameters_of_a_client_are_no_part_of_the_body():
    body = closed({"a": FLAG}, required=["a"])
    parameter = {"name": "id", "in": "path", "required": True, "schema": TEXT}
    samples = [{"lang": "Python", "source": "client.make(id='x', a=True)"}]
    tree = operation(body, parameters=[parameter], **{"x-codeSamples": samples})
    assert "code-sample-refused" not in ids(tree)


def test_schemas_without_end_are_left_undecided():
    pytest.importorskip("z3")
    wide = {
        f"N{index}": closed({f"p{each}": {"$ref": f"#/$defs/N{(index * 3 + each) % 9}"} for each in range(9)})
        for index in range(9)
    }
    tree = {"$defs": wide, "$ref": "#/$defs/N0"}
    assert "proof-undecided" in ids(tree)


ODD = [None, True, -1, 1.5, "", "x", [], {}, [1], {"a": 1}, [None], {"type": "object"}, {"$ref": "#/x"}, 2**70]


def places(node):
    for key in node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ():
        yield node, key
        yield from places(node[key])


@pytest.mark.parametrize("seed", range(30))
def test_a_malformed_document_is_audited_or_refused_and_never_a_fault(seed):
    chance = random.Random(seed)
    bundled = Registry.bundled()
    smallest = min((bundled.document(each) for each in bundled.targets.values()), key=lambda each: len(str(each.raw)))
    tree = json.loads(json.dumps(smallest.raw))
    for _ in range(3):
        node, key = chance.choice(list(places(tree)))
        node[key] = chance.choice(ODD)
    try:
        registry = Registry.of(tree, "odd")
        found = audit(registry, registry.document("odd"), seconds=0)
    except DocumentError:
        return
    assert all(each.message for each in found.findings)


@pytest.mark.parametrize(
    ("example", "told"),
    [
        ({"summary": "one", "value": {"a": True}}, "what it wraps would be accepted"),
        ({"summary": "one", "value": {"a": 1}}, 'what it wraps is refused, too: 1 is not of type "boolean" (at /a)'),
        ({"value": {"a": True}}, "the example is refused: Additional properties are not allowed"),
        ({"a": True}, ""),
    ],
)
def test_an_example_of_a_schema_is_not_wrapped(example, told):
    tree = {**closed({"a": FLAG}), "examples": [example]}
    registry = Registry.of(tree, "minimal")
    found = [each for each in audit(registry, registry.document("minimal")).findings if each.id == "example-refused"]
    assert [told in each.message for each in found] == ([True] if told else [])
