"""
Targets: the things a payload can be meant for, found by reading a document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from preroll import pointer as pointers
from preroll.document import OPENAPI, DocumentError
from preroll.envelope import Envelope

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")


class Parameter(NamedTuple):
    """
    A parameter of an operation.

    Attributes:
        name: as the vendor spells it; `place` is `path`, `query`, `header` or `cookie`.
        required: whether the request needs it.
        schema: JSON Pointer of its schema, or "".
    """

    name: str
    place: str
    required: bool
    schema: str

    @property
    def key(self) -> str:
        """How `--param` and `parameters=` name it: `header.X-Name`."""
        return f"{self.place}.{self.name}"


class Target(NamedTuple):
    """
    One thing a payload can be meant for.

    Attributes:
        name: `vendor/id`, and `vendor/id#branch` for a branch of an operation.
        document: key of its document in the registry.
        described: whether the document describes a payload; the schema may be the document's root, "".
        schema: JSON Pointer of the schema of one payload (one task, where requests are arrays).
        body: JSON Pointer of the schema of the whole request body.
        told_by: the constants by which a payload of this target is recognised.
        branch_of: name of the operation's target, for a branch; else "".
        branches: names of the branches' targets.
        method, path, operation_id: of the operation, or "".
        companion: name of the companion task that it is, or "".
        parameters: what the request carries beside its body.
        responses: the schema's JSON Pointer by status (`200`, `default`), "" where no body is described.
        summary: the vendor's words for it.
    """

    name: str
    document: str
    described: bool = False
    schema: str = ""
    body: str = ""
    told_by: Mapping[str, Any] = MappingProxyType({})
    branch_of: str = ""
    branches: tuple[str, ...] = ()
    method: str = ""
    path: str = ""
    operation_id: str = ""
    companion: str = ""
    parameters: tuple[Parameter, ...] = ()
    responses: Mapping[str, str] = MappingProxyType({})
    summary: str = ""

    @property
    def vendor(self) -> str:
        """The first part of the name."""
        return self.name.partition("/")[0]

    @property
    def id(self) -> str:
        """The name without its vendor."""
        return self.name.partition("/")[2]

    def to_data(self) -> dict[str, Any]:
        """Plain data, for the compiled index."""
        data = self._asdict()
        data["parameters"] = [[each.name, each.place, each.required, each.schema] for each in self.parameters]
        return {name: value for name, value in data.items() if value}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Target:
        """The reverse of `to_data`."""
        fields = dict(data)
        fields["parameters"] = tuple(Parameter(*each) for each in data.get("parameters", ()))
        fields["branches"] = tuple(data.get("branches", ()))
        return cls(**fields)


def slug(text: str) -> str:
    """Lower case, words joined by hyphens: `Dream Machine API` becomes `dream-machine-api`."""
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-") or "document"


def targets(tree: Any, kind: str, *, document: str, vendor: str, title: str, envelope: Envelope) -> Iterator[Target]:
    """
    Every target of a document in the one dialect.

    Raises:
        DocumentError: a reference between parts of the document leads nowhere.
    """
    if kind != OPENAPI:
        yield from _task(tree, "", "", slug(title), document, vendor, envelope, {}, title)
        return
    operations = list(_operations(tree, document))
    shared = [path for path, _, _ in operations]
    taken: set[str] = set()
    for path, method, operation in operations:
        body = _body(tree, operation, document)
        responses = dict(_responses(tree, operation, document))
        parameters = tuple(_parameters(tree, path, operation, document))
        common: dict[str, Any] = {
            "method": method.upper(),
            "path": path,
            "operation_id": str(operation[1].get("operationId", "")),
            "parameters": parameters,
            "responses": responses,
        }
        summary = str(operation[1].get("summary") or operation[1].get("description") or "").partition("\n")[0]
        short = re.sub(r"^/v\d+[a-z0-9.]*(?=/|$)", "", path).strip("/")
        plain = short or slug(common["operation_id"] or title)
        name = plain if shared.count(path) == 1 else f"{method.upper()}:{plain}"
        if name in taken:  # two versions of one path: the full path tells them apart
            name = f"{method.upper()}:{path.strip('/')}"
        schema = body
        if envelope.array and body:
            schema = _items(tree, body)
        for each in _task(tree, schema, body, name, document, vendor, envelope, common, summary):
            taken.add(each.id)
            yield each
    for companion in envelope.companions:
        if pointers.look_up(tree, pointers.parse(companion.schema)) is not pointers.ABSENT:
            yield Target(
                name=f"{vendor}/{companion.name}",
                document=document,
                described=True,
                schema=companion.schema,
                told_by=dict(companion.told_by),
                companion=companion.name,
                summary=str(pointers.look_up(tree, pointers.parse(companion.schema)).get("title", "")),
            )


def _task(
    tree: Any,
    schema: str,
    body: str,
    name: str,
    document: str,
    vendor: str,
    envelope: Envelope,
    common: Mapping[str, Any],
    summary: str,
) -> Iterator[Target]:
    if not schema and common:
        yield Target(name=f"{vendor}/{name}", document=document, body=body, summary=summary, **common)
        return
    constants = dict(_constants(tree, schema, envelope.told_by))
    named = constants.get(envelope.name_by) if envelope.name_by else None
    if isinstance(named, str):
        name = named
    full = f"{vendor}/{name}"
    branches = list(_branches(tree, schema, full, envelope.told_by))
    yield Target(
        name=full,
        document=document,
        described=True,
        schema=schema,
        body=body or schema,
        told_by=constants,
        branches=tuple(each for each, _, _ in branches),
        summary=summary,
        **common,
    )
    for branch, where, told in branches:
        yield Target(
            name=branch,
            document=document,
            described=True,
            schema=where,
            body=where,
            told_by=told,
            branch_of=full,
            summary=str(_follow(tree, where)[1].get("title", "")),
            **common,
        )


def _follow(tree: Any, pointer: str) -> tuple[str, dict[str, Any]]:
    """The place and the object there, `$ref`s followed."""
    for _ in range(100):
        node = pointers.look_up(tree, pointers.parse(pointer))
        if not isinstance(node, dict):
            return pointer, {}
        reference = node.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#"):
            return pointer, node
        pointer = reference[1:]
    return pointer, {}


def _operations(tree: Any, document: str) -> Iterator[tuple[str, str, tuple[str, dict[str, Any]]]]:
    paths = tree.get("paths")
    for path, item in (paths if isinstance(paths, dict) else {}).items():
        where, found = _object(tree, f"/paths{pointers.text((path,))}", document)
        del item
        for method in METHODS:
            if isinstance(found.get(method), dict):
                yield path, method, (f"{where}/{method}", found[method])


def _object(tree: Any, pointer: str, document: str, seen: frozenset[str] = frozenset()) -> tuple[str, dict[str, Any]]:
    """Like `_follow`, for parts of OpenAPI that may be references; complains where one leads nowhere."""
    node = pointers.look_up(tree, pointers.parse(pointer))
    reference = node.get("$ref") if isinstance(node, dict) else None
    if isinstance(reference, str):
        if not reference.startswith("#"):
            problem = f"the $ref {reference!r} leads outside this document, and nothing is fetched"
            advice = "bundle the document first, so that every $ref is local"
            raise DocumentError(document, f"{pointer}/$ref", problem, advice)
        from urllib.parse import unquote  # only documents with references pay for it

        target = unquote(reference[1:])
        if pointers.look_up(tree, pointers.parse(target)) is pointers.ABSENT:
            problem = f"the $ref {reference!r} leads nowhere in this document"
            raise DocumentError(document, f"{pointer}/$ref", problem)
        if target == pointer or target in seen:
            raise DocumentError(document, f"{pointer}/$ref", "the $ref leads back to itself")
        return _object(tree, target, document, seen | {pointer})
    return pointer, node if isinstance(node, dict) else {}


def _content(tree: Any, pointer: str) -> str:
    """The JSON Pointer of the schema of a JSON body, or ""."""
    content = pointers.look_up(tree, (*pointers.parse(pointer), "content"))
    if not isinstance(content, dict):
        return ""
    json_first = sorted(content, key=lambda kind: (kind != "application/json", "json" not in kind))
    for kind in json_first:
        if ("json" in kind or kind == "*/*") and isinstance(content[kind], dict) and "schema" in content[kind]:
            return f"{pointer}/content{pointers.text((kind,))}/schema"
    return ""


def _body(tree: Any, operation: tuple[str, dict[str, Any]], document: str) -> str:
    where, found = operation
    if "requestBody" not in found:
        return ""
    pointer, _ = _object(tree, f"{where}/requestBody", document)
    schema = _content(tree, pointer)
    return _follow(tree, schema)[0] if schema else ""


def _responses(tree: Any, operation: tuple[str, dict[str, Any]], document: str) -> Iterator[tuple[str, str]]:
    where, found = operation
    responses = found.get("responses")
    for status in responses if isinstance(responses, dict) else ():
        pointer, _ = _object(tree, f"{where}/responses{pointers.text((str(status),))}", document)
        yield str(status), _content(tree, pointer)


def _parameters(tree: Any, path: str, operation: tuple[str, dict[str, Any]], document: str) -> Iterator[Parameter]:
    where, found = operation
    seen: set[tuple[str, str]] = set()
    item = f"/paths{pointers.text((path,))}"
    for owner, holder in ((where, found), (item, pointers.look_up(tree, ("paths", path)))):
        listed = holder.get("parameters") if isinstance(holder, dict) else None
        for index in range(len(listed) if isinstance(listed, list) else 0):
            pointer, parameter = _object(tree, f"{owner}/parameters/{index}", document)
            name, place = str(parameter.get("name", "")), str(parameter.get("in", ""))
            if (name, place) not in seen and name:
                seen.add((name, place))
                schema = f"{pointer}/schema" if "schema" in parameter else _content(tree, pointer)
                yield Parameter(name, place, bool(parameter.get("required")), schema)


def _items(tree: Any, body: str) -> str:
    where, found = _follow(tree, body)
    return _follow(tree, f"{where}/items")[0] if "items" in found else where


def _constants(tree: Any, schema: str, wanted: tuple[str, ...], depth: int = 0) -> Iterator[tuple[str, Any]]:
    """The constants that every payload of a schema carries, of the wanted properties."""
    where, found = _follow(tree, schema)
    properties = found.get("properties")
    for name in wanted:
        if isinstance(properties, dict) and name in properties:
            _, property_ = _follow(tree, f"{where}/properties{pointers.text((name,))}")
            if "const" in property_:
                yield name, property_["const"]
            elif isinstance(property_.get("enum"), list) and len(property_["enum"]) == 1:
                yield name, property_["enum"][0]
    parts = found.get("allOf")
    if isinstance(parts, list) and depth < 8:  # deeper nesting of allOf tells nothing more
        for index in range(len(parts)):
            yield from _constants(tree, f"{where}/allOf/{index}", wanted, depth + 1)


_BESIDE_UNION = (
    "properties",
    "required",
    "allOf",
    "if",
    "not",
    "additionalProperties",
    "dependentRequired",
    "$ref",
    "dependentSchemas",
    "patternProperties",
    "propertyNames",
    "unevaluatedProperties",
    "minProperties",
)


def _branches(
    tree: Any, schema: str, parent: str, told_by: tuple[str, ...]
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """
    The branches of a union that is all of a body's schema, and that a constant tells apart.

    Where more is asserted beside the union, a branch alone would accept too much, so it is no target.
    """
    where, found = _follow(tree, schema)
    if any(keyword in found for keyword in _BESIDE_UNION):
        return
    for keyword in ("oneOf", "anyOf"):
        union = found.get(keyword)
        if not isinstance(union, list):
            continue
        discriminator = found.get("discriminator")
        chosen = discriminator.get("propertyName") if isinstance(discriminator, dict) else None
        for name in [chosen] if isinstance(chosen, str) else told_by:
            told = [dict(_constants(tree, f"{where}/{keyword}/{index}", (name,))) for index in range(len(union))]
            values = [each.get(name) for each in told]
            if all(isinstance(each, str) for each in values) and len(set(values)) == len(values):
                for index, each in enumerate(told):
                    yield f"{parent}#{values[index]}", f"{where}/{keyword}/{index}", each
                return
