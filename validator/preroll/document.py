"""
Vendor documents: recognised, brought to one dialect, with every reference turned into a JSON Pointer.

A document has two views of the same tree. *Published* is what the vendor wrote, read strictly: OpenAPI 3.0
and older JSON Schema drafts are translated into 2020-12, nothing else. *Intended* adds the dialect policy
(`dependencies`, `nullable` in 3.1, ...) and the corrections. Both keep the shape of the published tree, so a
JSON Pointer means the same place in all three wherever the place exists.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from preroll import pointer as pointers

OPENAPI, SCHEMA = "openapi", "schema"

MAX_DEPTH = 400

MAX_APPLICATIONS = 100_000
"""How often schemas may be applied to one value; references that fan out can ask for 2^40."""


class DocumentError(ValueError):
    """A document that cannot be used: what is wrong, where, and what to do about it."""

    def __init__(self, document: str, pointer: str, problem: str, advice: str = "") -> None:
        super().__init__(document, pointer, problem, advice)
        self.document, self.pointer, self.problem, self.advice = document, pointer, problem, advice

    def __str__(self) -> str:
        place = f"{self.document}#{self.pointer}" if self.pointer else self.document
        return f"{place}: {self.problem}" + (f"; {self.advice}" if self.advice else "")


class Note(NamedTuple):
    """Something about a document that does not stop its use but that an audit reports."""

    id: str
    pointer: str
    detail: str = ""


@dataclass(frozen=True)
class Document:
    """
    One vendor document.

    Attributes:
        name: how messages name it: the file's name.
        vendor: the first part of its targets' names.
        kind: `openapi` or `schema` (a bare JSON Schema).
        specification: the version of OpenAPI, or the `$schema` of a bare schema.
        title: the vendor's title.
        version: the vendor's version of the document (`info.version`), or "".
        raw: the tree as the vendor wrote it.
        corrected: the tree with the corrections applied; `raw` itself where there are none.
        aliases: for a tree that was made from another text, pairs that lead from its pointers to the text's.
        date: ISO date of publication where it is known, else "".
        changed: for each correction that was applied, the pointers that it touched.
        stale: for each correction that no longer fits, its id and the reason.
        origins: from a place of the corrected tree to its published address.
        sha256: of the bytes as read.
    """

    name: str
    vendor: str
    kind: str
    specification: str
    title: str
    version: str
    raw: Any = field(repr=False)
    corrected: Any = field(repr=False)
    aliases: tuple[tuple[str, str], ...] = ()
    date: str = ""
    changed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stale: tuple[tuple[str, str], ...] = ()
    origins: Callable[[str], str] | None = field(default=None, repr=False, compare=False)
    sha256: str = ""

    @functools.cached_property
    def published(self) -> Any:
        """The tree in the one dialect, as published."""
        return self._normalised(intended=False)[0]

    @functools.cached_property
    def intended(self) -> Any:
        """The tree in the one dialect, as meant: policy and corrections applied."""
        return self._normalised(intended=True)[0]

    @functools.cached_property
    def notes(self) -> tuple[Note, ...]:
        """What the reader noticed in the document as published."""
        return tuple(self._normalised(intended=False)[1])

    def _normalised(self, *, intended: bool) -> tuple[Any, list[Note]]:
        normaliser = _Normaliser(self.corrected if intended else self.raw, self, intended=intended)
        return normaliser.run(), normaliser.notes

    @property
    def label(self) -> str:
        """Title and version, as people name the document."""
        return f"{self.title} {self.version}".strip()

    def published_pointer(self, pointer: str) -> str:
        """The same place in the document as the vendor wrote it, or its nearest ancestor that is there."""
        if self.origins is not None:
            pointer = self.origins(pointer)
        found: list[str] = []
        node = self.raw
        for token in pointers.parse(pointer):
            here = pointers.step(node, token)
            if here is pointers.ABSENT and isinstance(node, dict):
                for new, old in _TRANSLATED:
                    if token == new and old in node:
                        token, here = old, node[old]  # noqa: PLW2901  # the vendor's spelling of the same place
                        break
            if here is pointers.ABSENT:
                break
            found.append(token)
            node = here
        pointer = pointers.text(found)
        for ours, theirs in self.aliases:
            if pointer == ours or pointer.startswith(ours + "/"):
                return theirs + pointer[len(ours) :]
        return pointer

    def correction_at(self, pointer: str) -> str | None:
        """The id of the correction that a place of the intended tree rests on, or None."""
        best, length = None, -1
        for correction, touched in self.changed.items():
            for each in touched:
                if (pointer == each or pointer.startswith(each + "/")) and len(each) > length:
                    best, length = correction, len(each)
        return best


_TRANSLATED = (
    ("dependentRequired", "dependencies"),
    ("dependentSchemas", "dependencies"),
    ("prefixItems", "items"),
    ("items", "additionalItems"),
    ("exclusiveMinimum", "minimum"),
    ("exclusiveMaximum", "maximum"),
)


def digest(raw: bytes) -> str:
    """The SHA-256 of a document's bytes, in hex."""
    import hashlib  # off the start-up path

    return hashlib.sha256(raw).hexdigest()


def recognise(tree: Any, name: str) -> tuple[str, str]:
    """
    What a parsed document is: its kind and its specification version (`3.0.3`, or the `$schema`).

    Raises:
        DocumentError: it is neither an OpenAPI 3 document nor a JSON Schema.
    """
    advice = "give an OpenAPI 3.0, 3.1 or 3.2 document or a JSON Schema, as JSON or YAML"
    if isinstance(tree, bool):
        return SCHEMA, ""
    if isinstance(tree, dict):
        version = tree.get("openapi")
        if isinstance(version, (str, float)):
            if str(version).startswith(("3.0", "3.1", "3.2")):
                return OPENAPI, str(version)
            raise DocumentError(name, "/openapi", f"OpenAPI {version} is not read", advice)
        if "swagger" in tree:
            raise DocumentError(name, "/swagger", f"Swagger {tree['swagger']} is not read", advice)
        if "$schema" in tree or tree.keys() & _SCHEMA_KEYWORDS:
            declared = tree.get("$schema", "")
            return SCHEMA, declared if isinstance(declared, str) else ""
    raise DocumentError(name, "", "this is neither an OpenAPI document nor a JSON Schema", advice)


_SCHEMA_KEYWORDS = frozenset(
    (
        *(
            "$ref",
            "$dynamicRef",
            "$id",
            "$anchor",
            "$dynamicAnchor",
            "$defs",
            "definitions",
            "type",
            "const",
            "enum",
        ),
        *(
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "multipleOf",
            "minLength",
            "maxLength",
        ),
        *(
            "pattern",
            "format",
            "minItems",
            "maxItems",
            "uniqueItems",
            "minProperties",
            "maxProperties",
            "required",
        ),
        *("properties", "patternProperties", "additionalProperties", "propertyNames", "prefixItems", "items"),
        *("contains", "minContains", "maxContains", "dependentRequired", "dependentSchemas", "dependencies"),
        *(
            "allOf",
            "anyOf",
            "oneOf",
            "not",
            "if",
            "then",
            "else",
            "unevaluatedProperties",
            "unevaluatedItems",
        ),
        *("contentMediaType", "contentEncoding", "contentSchema", "default", "examples"),
    )
)

_ONE = ("not", "if", "then", "else", "contains", "propertyNames", "additionalProperties", "unevaluatedProperties",
        "unevaluatedItems", "items", "additionalItems", "contentSchema")  # fmt: skip
_IN_PLACE = frozenset(("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"))
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_MAPS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")


def schema_roots(tree: Any, kind: str) -> Iterator[pointers.Path]:
    """The places of a document where a schema begins; nested schemas are found from there."""
    if kind == SCHEMA:
        yield ()
        return
    stack: list[tuple[pointers.Path, Any]] = [((), tree)]
    while stack:
        path, node = stack.pop()
        if isinstance(node, list):
            stack.extend(((*path, index), item) for index, item in enumerate(node))
        elif isinstance(node, dict):
            for key, value in node.items():
                if not isinstance(key, str) or key in ("example", "examples") or key.startswith("x-"):
                    continue
                if key == "schema" and isinstance(value, (dict, bool)):
                    yield (*path, key)
                elif key == "schemas" and path == ("components",) and isinstance(value, dict):
                    yield from ((*path, key, name) for name in value)
                else:
                    stack.append(((*path, key), value))


def subschemas(schema: Any) -> Iterator[tuple[pointers.Path, Any]]:
    """The schemas directly inside a schema, with their place relative to it (2020-12 and older keywords)."""
    if not isinstance(schema, dict):
        return
    for keyword in _ONE:
        inner = schema.get(keyword)
        if isinstance(inner, (dict, bool)):
            yield (keyword,), inner
    for keyword in _LISTS if not isinstance(schema.get("items"), list) else (*_LISTS, "items"):
        inner = schema.get(keyword)
        if isinstance(inner, list):
            yield from (((keyword, index), each) for index, each in enumerate(inner))
    for keyword in _MAPS:
        inner = schema.get(keyword)
        if isinstance(inner, dict):
            yield from (((keyword, name), each) for name, each in inner.items())
    dependencies = schema.get("dependencies")
    if isinstance(dependencies, dict):
        yield from ((("dependencies", name), each) for name, each in dependencies.items() if isinstance(each, dict))


def load(
    tree: Any,
    *,
    name: str,
    vendor: str,
    corrected: Any = None,
    changed: Mapping[str, tuple[str, ...]] | None = None,
    stale: tuple[tuple[str, str], ...] = (),
    date: str = "",
    sha256: str = "",
    aliases: tuple[tuple[str, str], ...] = (),
    origins: Callable[[str], str] | None = None,
) -> Document:
    """
    A parsed document, recognised; its two views are made when they are asked for.

    Args:
        tree: the parsed document; it is not changed.
        name: how messages name it.
        vendor: the first part of its targets' names.
        corrected: the tree with corrections applied, where there are any (see `preroll.overlay`).
        changed, stale: what the corrections touched, and which did not fit.
        date: ISO date of publication, if known.
        sha256: of the bytes as read.
        origins: from a place of the corrected tree to its published address (see `preroll.overlay`).
        aliases: for a tree that was made from another text, pairs that lead from its pointers to the text's.

    Raises:
        DocumentError: it is no document. Asking for a view raises it where a `$ref` leads nowhere, in a circle
            or out of the document.
    """
    kind, version = recognise(tree, name)
    info = tree.get("info") if kind == OPENAPI else None
    info = info if isinstance(info, dict) else {}
    return Document(
        name=name,
        vendor=vendor,
        kind=kind,
        specification=version,
        title=str(
            info.get("title")
            or (isinstance(tree, dict) and tree.get("title"))
            or name.rpartition("/")[2].partition(".")[0]
        ),
        version=str(info.get("version", "")),
        raw=tree,
        aliases=aliases,
        corrected=tree if corrected is None else corrected,
        date=date,
        changed=changed or {},
        stale=stale,
        origins=origins,
        sha256=sha256,
    )


class _Normaliser:
    """Rewrites one tree; shares every part that needs no change with the original."""

    def __init__(self, tree: Any, document: Document, *, intended: bool) -> None:
        self.tree, self.name, self.kind, self.intended = tree, document.name, document.kind, intended
        self.notes: list[Note] = []
        self.openapi30 = document.kind == OPENAPI and document.specification.startswith("3.0")
        self.draft = _draft(document.specification) if document.kind == SCHEMA else 2020
        self._index: _Identifiers | None = None
        self._leads_to: dict[str, list[str]] = {}
        self._references_at: set[str] = set()

    def run(self) -> Any:
        copy = self.tree
        for path in sorted(schema_roots(self.tree, self.kind), key=len):
            schema = pointers.look_up(self.tree, path)
            fresh = self._schema(schema, path, "", 0)
            if fresh is not schema:
                copy = replaced(copy, path, fresh)
        self._refuse_circles()
        return copy

    def _schema(self, schema: Any, path: pointers.Path, base: str, depth: int) -> Any:
        if not isinstance(schema, dict):
            if not isinstance(schema, bool):
                problem = f"a schema must be an object, true or false, not {_shown(schema)}"
                raise DocumentError(self.name, pointers.text(path), problem, "mend the document or leave the part out")
            return schema
        if depth > MAX_DEPTH:
            raise DocumentError(self.name, pointers.text(path), f"schemas are nested deeper than {MAX_DEPTH} levels")
        identifier = schema.get("$id" if self.draft > 4 else "id")
        if isinstance(identifier, str) and not identifier.startswith("#"):
            base = _joined(base, identifier)
        fresh: dict[str, Any] | None = None

        def put(key: str, value: Any) -> None:
            nonlocal fresh
            if fresh is None:
                fresh = dict(schema)
            if value is pointers.ABSENT:
                fresh.pop(key, None)
            else:
                fresh[key] = value

        for keyword in _ONE:
            if keyword in schema and not isinstance(
                schema[keyword], (dict, bool, list if keyword == "items" else dict)
            ):
                where = pointers.text((*path, keyword))
                problem = f"a schema must be an object, true or false, not {_shown(schema[keyword])}"
                raise DocumentError(self.name, where, problem, "mend the document or leave the part out")
        for inner_path, inner in subschemas(schema):
            if inner_path[0] in _IN_PLACE:
                self._leads_to.setdefault(pointers.text(path), []).append(pointers.text((*path, *inner_path)))
            changed = self._schema(inner, (*path, *inner_path), base, depth + 1)
            if changed is not inner:
                put(
                    str(inner_path[0]),
                    replaced((fresh or schema)[str(inner_path[0])], inner_path[1:], changed),
                )
        for key in ("$id", "$schema", "$anchor"):
            if key in schema and isinstance(schema[key], str):
                put(key, pointers.ABSENT)
        fresh = self._references(schema, fresh, path, base)
        self._translate(fresh or schema, put, path)
        return schema if fresh is None else fresh

    def _references(
        self, schema: dict[str, Any], fresh: dict[str, Any] | None, path: pointers.Path, base: str
    ) -> dict[str, Any] | None:
        """The schema with its references as JSON Pointers from the root; `fresh` itself where nothing changes."""
        reference, dynamic = schema.get("$ref"), schema.get("$dynamicRef")
        if reference is not None and not isinstance(reference, str):
            raise DocumentError(self.name, pointers.text((*path, "$ref")), "$ref must be a string")
        if isinstance(reference, str):
            target = self._resolve(reference, path, base)
            here = pointers.text(path)
            self._leads_to.setdefault(here, []).append(target)
            self._references_at.add(here)
            if "#" + target != reference:
                fresh = {**(fresh or schema), "$ref": "#" + target}
            if self.openapi30 or self.draft < 2019:  # before 2019-09 and OpenAPI 3.1, siblings had no force
                kept = {key: value for key, value in (fresh or schema).items() if key not in _SILENT_BESIDE_REF}
                if len(kept) != len(fresh or schema):
                    fresh = kept
        if isinstance(dynamic, str):
            if not self._dynamic_is_static(dynamic):
                problem = "where this $dynamicRef leads depends on how it is reached, which is not read"
                raise DocumentError(self.name, pointers.text((*path, "$dynamicRef")), problem, "use $ref")
            static = {"$ref": "#" + self._resolve(dynamic, path, base)}
            fresh = {key: value for key, value in (fresh or schema).items() if key != "$dynamicRef"}
            if reference is None:
                fresh |= static
            else:
                fresh["allOf"] = [*fresh.get("allOf", ()), static]
        return fresh

    def _translate(self, schema: dict[str, Any], put: Any, path: pointers.Path) -> None:
        """OpenAPI 3.0 and older drafts into 2020-12; in the intended view also what has no force but is meant."""
        old = self.openapi30 or self.draft <= 4
        for exclusive, plain in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            strict, bound = schema.get(exclusive), schema.get(plain)
            if isinstance(strict, bool):
                if not old:
                    self.notes.append(Note("openapi-3.0-habit", pointers.text((*path, exclusive))))
                meant = strict and bound is not None and (old or self.intended)
                put(exclusive, bound if meant else pointers.ABSENT)
                if meant:
                    put(plain, pointers.ABSENT)
        if schema.get("nullable") is True and "nullable" not in schema.get("properties", {}):
            if not self.openapi30:
                self.notes.append(Note("openapi-3.0-habit", pointers.text((*path, "nullable"))))
            if self.openapi30 or self.intended:
                self._nullable(schema, put)
        if isinstance(schema.get("items"), list):
            if self.draft < 2020:  # prefixItems came with 2020-12
                put("prefixItems", schema["items"])
                rest = schema.get("additionalItems", pointers.ABSENT)
                put("items", rest)
            else:
                put("items", pointers.ABSENT)
        dependencies = schema.get("dependencies")
        if isinstance(dependencies, dict):
            put("dependencies", pointers.ABSENT)  # one engine applies it under 2020-12, where it has no force
            if self.intended or self.draft < 2019:  # the draft that split it in two
                names = {key: value for key, value in dependencies.items() if isinstance(value, list)}
                inner = {key: value for key, value in dependencies.items() if not isinstance(value, list)}
                if names:
                    put("dependentRequired", _merged(names, schema.get("dependentRequired")))
                if inner:
                    put("dependentSchemas", {**inner, **schema.get("dependentSchemas", {})})

    def _nullable(self, schema: dict[str, Any], put: Any) -> None:
        declared = schema.get("type")
        if declared is not None:
            types = [declared] if isinstance(declared, str) else list(declared)
            if "null" not in types:
                put("type", [*types, "null"])
            if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
                put("enum", [*schema["enum"], None])
            if "const" in schema and schema["const"] is not None:
                put("const", pointers.ABSENT)
                put("enum", [schema["const"], None])
        for keyword in ("anyOf", "oneOf"):
            if declared is None and isinstance(schema.get(keyword), list):
                put(keyword, [*schema[keyword], {"type": "null"}])
                return
        if declared is None and isinstance(schema.get("allOf"), list):
            put("anyOf", [{"allOf": schema["allOf"]}, {"type": "null"}])
            put("allOf", pointers.ABSENT)

    def _resolve(self, reference: str, path: pointers.Path, base: str) -> str:
        """The JSON Pointer, from the root of this document, that a reference leads to."""
        where = pointers.text((*path, "$ref"))
        if not base and (reference == "#" or reference.startswith("#/")):
            target = _unquoted(reference[1:])
            try:
                found = pointers.look_up(self.tree, pointers.parse(target))
            except ValueError:
                found = pointers.ABSENT
            if found is pointers.ABSENT:
                raise DocumentError(self.name, where, f"the $ref {reference!r} leads nowhere in this document")
            return target
        if self._index is None:
            self._index = _Identifiers(self.tree, self.kind, self.draft, self.notes)
        # A fragment alone stays within its base; a URN is no base that other references can be joined to.
        address = base.partition("#")[0] + reference if reference.startswith("#") else _joined(base, reference)
        found_at = self._index.find(address)
        if found_at is None:
            address = reference.partition("#")[0]
            remote = bool(address) and "://" in address
            problem = f"the $ref {reference!r} " + (
                "leads outside this document, and nothing is fetched" if address else "leads nowhere in this document"
            )
            advice = "bundle the document first, so that every $ref is local" if remote or address else ""
            raise DocumentError(self.name, where, problem, advice)
        return found_at

    def _dynamic_is_static(self, reference: str) -> bool:
        _, _, fragment = reference.partition("#")
        if not fragment or fragment.startswith("/"):
            return True
        if self._index is None:
            self._index = _Identifiers(self.tree, self.kind, self.draft, self.notes)
        return self._index.dynamic.count(fragment) <= 1

    def _refuse_circles(self) -> None:
        """
        No schema may apply itself to the same value, or others without end.

        The first would never end (2020-12 core, section 9.4.1), the second not in anybody's lifetime.
        """
        cost: dict[str, int] = {}
        for start in self._leads_to:
            trail: list[str] = []
            stack: list[tuple[str, bool]] = [(start, False)]
            while stack:
                here, leaving = stack.pop()
                if leaving:
                    trail.pop()
                    cost[here] = 1 + sum(cost.get(each, 1) for each in self._leads_to.get(here, ()))
                    if cost[here] > MAX_APPLICATIONS:
                        problem = f"this schema applies schemas more than {MAX_APPLICATIONS} times to one value"
                        raise DocumentError(self.name, here, problem, "write what is applied again and again once")
                elif here in trail:
                    self._circle([*trail[trail.index(here) :], here])
                elif here not in cost:
                    trail.append(here)
                    stack.append((here, True))
                    stack.extend((each, False) for each in self._leads_to.get(here, ()))

    def _circle(self, trail: list[str]) -> None:
        chain = " -> ".join(f"#{each}" for each in trail)
        start = next((each for each in trail if each in self._references_at), trail[0])
        problem = f"the $ref leads back to itself: {chain}"
        raise DocumentError(self.name, f"{start}/$ref", problem, "one of them must be a real schema")


_SILENT_BESIDE_REF = _SCHEMA_KEYWORDS - {"$ref", "$id", "$anchor", "$defs", "definitions", "default", "examples"}
"""Assertions that had no force beside a `$ref`; containers that references lead into stay."""


class _Identifiers:
    """Where `$id`s and anchors of a document lead; built only when a reference needs it."""

    def __init__(self, tree: Any, kind: str, draft: int, notes: list[Note]) -> None:
        import referencing  # off the start-up path
        from referencing.jsonschema import DRAFT202012

        self.tree = tree
        self.resources: dict[str, str] = {}
        self.anchors: dict[str, str] = {}
        self.dynamic: list[str] = []
        keyword = "$id" if draft > 4 else "id"  # draft 4 spells it without the dollar
        stack = [(path, pointers.look_up(tree, path), "") for path in schema_roots(tree, kind)]
        while stack:
            path, schema, base = stack.pop(0)  # in the order of the document: the first claim counts
            if not isinstance(schema, dict):
                continue
            identifier = schema.get(keyword)
            if isinstance(identifier, str):
                if identifier.startswith("#"):
                    self.anchors.setdefault(f"{base}{identifier}", pointers.text(path))
                else:
                    base = _joined(base, identifier).partition("#")[0]
                    self._claim(base, path, notes)
            for anchor in (schema.get("$anchor"), schema.get("$dynamicAnchor")):
                if isinstance(anchor, str):
                    self.anchors.setdefault(f"{base}#{anchor}", pointers.text(path))
            if isinstance(schema.get("$dynamicAnchor"), str):
                self.dynamic.append(schema["$dynamicAnchor"])
            stack.extend(((*path, *inner), each, base) for inner, each in subschemas(schema))
        self.registry: referencing.Registry[Any] = referencing.Registry().with_resources(
            (uri, DRAFT202012.create_resource(pointers.look_up(tree, pointers.parse(at))))
            for uri, at in self.resources.items()
        )

    def _claim(self, uri: str, path: pointers.Path, notes: list[Note]) -> None:
        at = pointers.text(path)
        known = self.resources.setdefault(uri, at)
        if known != at:
            here = pointers.look_up(self.tree, path)
            there = pointers.look_up(self.tree, pointers.parse(known))
            notes.append(Note("repeated-id" if here == there else "conflicting-id", f"{at}/$id", uri))

    def find(self, address: str) -> str | None:
        uri, _, fragment = address.partition("#")
        if not fragment or fragment.startswith("/"):
            at = self.resources.get(uri, "" if not uri else None)
            if at is None:
                return None
            target = at + _unquoted(fragment)
            found = pointers.look_up(self.tree, pointers.parse(target))
            return None if found is pointers.ABSENT else target
        return self.anchors.get(f"{uri}#{_unquoted(fragment)}")


def _shown(value: Any) -> str:
    kinds = {list: "an array", str: "text", type(None): "null"}
    return kinds.get(type(value), "a number")


def _joined(base: str, reference: str) -> str:
    """A reference resolved against a base (RFC 3986, section 5)."""
    if not base:
        return reference
    from urllib.parse import urljoin  # only documents with identifiers pay for it

    return urljoin(base, reference)


def _unquoted(fragment: str) -> str:
    if "%" not in fragment:
        return fragment
    from urllib.parse import unquote  # only escaped references pay for it

    return unquote(fragment)


def _draft(declared: str) -> int:
    for fragment, draft in (
        ("draft-03", 4),
        ("draft-04", 4),
        ("draft-06", 6),
        ("draft-07", 7),
        ("2019-09", 2019),
    ):
        if fragment in declared:
            return draft
    return 2020


def _merged(names: dict[str, Any], existing: Any) -> dict[str, Any]:
    merged = {key: list(value) for key, value in (existing or {}).items()}
    for key, needed in names.items():
        merged[key] = [*merged.get(key, ()), *(each for each in needed if each not in merged.get(key, ()))]
    return merged


def replaced(tree: Any, path: pointers.Path, value: Any) -> Any:
    """A copy of `tree` with one place replaced; everything beside the way there is shared."""
    if not path:
        return value
    head, rest = path[0], path[1:]
    if isinstance(tree, list):
        copy = list(tree)
        copy[int(head)] = replaced(tree[int(head)], rest, value)
        return copy
    return {**tree, head: replaced(tree[str(head)], rest, value)}
