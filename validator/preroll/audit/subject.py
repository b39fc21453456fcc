"""
The subject of an audit: one document in one view, with its schemas taken apart once for all checks.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from preroll import dialect, phrases
from preroll import pointer as pointers
from preroll.assertions import Assertions
from preroll.document import OPENAPI, Document, schema_roots, subschemas
from preroll.formula import Literal
from preroll.pointer import ABSENT, Path
from preroll.registry import Registry, self_contained
from preroll.target import Target

MAX_DEPTH = 60
MAX_STEPS = 10
"""Places of a payload deeper than this are not told apart."""

MAX_PLACES = 2000
"""Places of one payload that are told apart at most: schemas that refer to each other in circles have no end."""

IN_PLACE = frozenset(
    ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependencies", "$ref")
)
"""Keywords whose subschemas speak about the same value as the schema that holds them."""

NEGATING = frozenset(("not", "if"))
CHOOSING = frozenset(("anyOf", "oneOf", "then", "else", "dependentSchemas", "dependencies"))


@dataclass(frozen=True, slots=True)
class Node:
    """
    One schema of a document.

    Attributes:
        path: where it stands in the tree that is audited.
        schema: it, as written.
        steps: the keywords on the way from its root, each once per step.
        name: the property that it describes, or "".
    """

    path: Path
    schema: Mapping[str, Any]
    steps: tuple[str, ...]
    name: str = ""

    @property
    def pointer(self) -> str:
        """Its JSON Pointer."""
        return pointers.text(self.path)

    @property
    def conditional(self) -> bool:
        """Whether it stands inside an `if`, a `not` or what depends on one, so that it need not hold."""
        return any(step in NEGATING or step in CHOOSING for step in self.steps)

    @property
    def negated(self) -> bool:
        """Whether it stands inside an `if` or a `not`."""
        return any(step in NEGATING for step in self.steps)


@dataclass(frozen=True, slots=True)
class Speaker:
    """A schema that speaks about one place of a payload; `chosen` where it does so only sometimes."""

    pointer: str
    schema: Mapping[str, Any]
    chosen: bool
    negated: bool


@dataclass
class Subject:
    """
    One document in one view.

    Attributes:
        registry: where it is known.
        document: the document.
        intended: whether what the corrections leave is audited, instead of the document as published.
        seconds: how long proofs may take in all.
        only: names of targets, where not all are audited.
        brief: leave out the proofs that find no defects (what others imply, what excludes each other).
        payloads: valid payloads of each target, as far as proofs have found some.
    """

    registry: Registry
    document: Document
    intended: bool = False
    seconds: float = 60.0
    only: frozenset[str] = frozenset()
    brief: bool = False
    payloads: dict[str, list[Any]] = field(default_factory=dict, repr=False)
    _spoken: dict[str, Mapping[Path, tuple[Speaker, ...]]] = field(default_factory=dict, repr=False)
    _engines: dict[str, dialect.Engine | None] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.began = time.monotonic()

    @property
    def late(self) -> bool:
        """Whether the time for proofs is used up."""
        return time.monotonic() - self.began > self.seconds

    @property
    def tree(self) -> Any:
        """The document as written (and corrected, in the intended view), keywords untouched."""
        return self.document.corrected if self.intended else self.document.raw

    @property
    def view(self) -> Any:
        """The same in the one dialect; every pointer of `tree` means the same place, where it exists."""
        return self.document.intended if self.intended else self.document.published

    @property
    def is_openapi(self) -> bool:
        """Whether the document is OpenAPI, and no bare schema."""
        return self.document.kind == OPENAPI

    @property
    def is_modern(self) -> bool:
        """Whether its schemas are 2020-12: OpenAPI 3.1 or later, or a schema that does not declare an older draft."""
        if self.is_openapi:
            return not self.document.specification.startswith("3.0")
        declared = self.document.specification
        return not any(each in declared for each in ("draft-03", "draft-04", "draft-06", "draft-07", "2019-09"))

    @cached_property
    def targets(self) -> tuple[Target, ...]:
        """The targets of the document that payloads can be meant for, branches instead of their unions."""
        return tuple(
            each
            for each in self.registry.targets.values()
            if each.document == self.document.name
            and not each.branches
            and each.described
            and not each.companion
            and (not self.only or each.name in self.only or each.branch_of in self.only)
        )

    @cached_property
    def operations(self) -> tuple[Target, ...]:
        """The targets that are whole operations, unions as one."""
        return tuple(
            each
            for each in self.registry.targets.values()
            if each.document == self.document.name and not each.branch_of and not each.companion
        )

    @cached_property
    def roots(self) -> tuple[Path, ...]:
        """Where schemas begin."""
        return tuple(schema_roots(self.tree, self.document.kind))

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Every schema of the document, each once, in the order of the document."""
        found: dict[Path, Node] = {}
        for root in self.roots:
            for node in self._inside(Node(root, {}, ()), pointers.look_up(self.tree, root), 0):
                found.setdefault(node.path, node)
        return tuple(found.values())

    def _inside(self, node: Node, schema: Any, depth: int) -> Iterator[Node]:
        if not isinstance(schema, dict) or depth > MAX_DEPTH:
            return
        yield Node(node.path, schema, node.steps, node.name)
        for inner, each in subschemas(schema):
            keyword = str(inner[0])
            name = str(inner[1]) if keyword == "properties" else ""
            yield from self._inside(Node((*node.path, *inner), {}, (*node.steps, keyword), name), each, depth + 1)

    def parent(self, node: Node) -> Node | None:
        """The schema that directly holds another."""
        known = self.by_path
        for length in range(len(node.path) - 1, -1, -1):
            found = known.get(node.path[:length])
            if found is not None:
                return found
        return None

    @cached_property
    def by_path(self) -> dict[Path, Node]:
        """The schemas by where they stand."""
        return {each.path: each for each in self.nodes}

    @cached_property
    def assertions(self) -> Assertions:
        """The formulas of the view."""
        return Assertions(self.view)

    def engine(self, pointer: str) -> dialect.Engine | None:
        """The engine for the schema at one place of the view, or None where it cannot be compiled."""
        if pointer not in self._engines:
            try:
                self._engines[pointer] = dialect.engine(self_contained(self.view, pointer))
            except (ValueError, KeyError, RecursionError):
                self._engines[pointer] = None
        return self._engines[pointer]

    def refuses(self, pointer: str, value: Any) -> str | None:
        """Why the schema at a place refuses a value, in one sentence, or None where it takes it."""
        engine = self.engine(pointer)
        if engine is None:
            return None
        error = next(iter(engine.iter_errors(value)), None)
        if error is None:
            return None
        where = pointers.text(error.instance_path)
        return _reason(error) + (f" (at {where})" if where else "")

    def follow(self, pointer: str) -> tuple[str, Any]:
        """A place of the view and the schema there, `$ref`s that stand alone followed."""
        for _ in range(50):
            schema = pointers.look_up(self.view, pointers.parse(pointer))
            if not isinstance(schema, dict) or not isinstance(schema.get("$ref"), str):
                return pointer, schema
            pointer = schema["$ref"].removeprefix("#")
        return pointer, {}

    def speakers(self, pointer: str) -> Mapping[Path, tuple[Speaker, ...]]:
        """
        The schemas that speak about each place of what a schema describes, by path (`*` is any item or member).

        Conditions speak about the same places, so their schemas are among them; references are followed.
        """
        known = self._spoken.get(pointer)
        if known is None:
            found: dict[Path, list[Speaker]] = {}
            self._speak(pointer, (), chosen=False, negated=False, found=found, chain=(), depth=0)
            known = self._spoken[pointer] = {path: tuple(each) for path, each in found.items()}
        return known

    def _speak(
        self,
        pointer: str,
        place: Path,
        *,
        chosen: bool,
        negated: bool,
        found: dict[Path, list[Speaker]],
        chain: tuple[str, ...],
        depth: int,
    ) -> None:
        schema = pointers.look_up(self.view, pointers.parse(pointer))
        if not isinstance(schema, dict) or depth > MAX_DEPTH or len(place) > MAX_STEPS or chain.count(pointer) > 1:
            return
        if len(found) > MAX_PLACES:
            return
        found.setdefault(place, []).append(Speaker(pointer, schema, chosen, negated))
        chain = (*chain, pointer)

        def on(where: str, step: Path, keyword: str) -> None:
            self._speak(
                where,
                (*place, *step),
                chosen=chosen or keyword in CHOOSING,
                negated=negated or keyword in NEGATING,
                found=found,
                chain=chain,
                depth=depth + 1,
            )

        if isinstance(schema.get("$ref"), str):
            on(schema["$ref"].removeprefix("#"), (), "$ref")
        for inner, _ in subschemas(schema):
            keyword = str(inner[0])
            where = pointer + pointers.text(inner)
            if keyword == "properties":
                on(where, (str(inner[1]),), keyword)
            elif keyword in ("items", "contains", "prefixItems", "additionalProperties", "patternProperties"):
                on(where, ("*",), keyword)
            elif keyword in IN_PLACE:
                on(where, (), keyword)

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name that the document gives to something: properties, parameters, operations, components."""
        found: set[str] = set()
        for node in self.nodes:
            for keyword in ("properties", "patternProperties", "$defs", "definitions", "dependentRequired"):
                members = node.schema.get(keyword)
                if isinstance(members, dict):
                    found.update(map(str, members))
            required = node.schema.get("required")
            found.update(str(each) for each in (required if isinstance(required, list) else ()))
        stack: list[Any] = [self.tree]
        while stack:
            each = stack.pop()
            if isinstance(each, dict):
                for key in ("name", "operationId", "propertyName"):
                    if isinstance(each.get(key), str):
                        found.add(each[key])
                stack.extend(each.values())
            elif isinstance(each, list):
                stack.extend(each)
        return frozenset(found)


def _reason(error: Any) -> str:
    """An engine's error in words."""
    keyword = str(next((each for each in reversed(list(error.schema_path)) if isinstance(each, str)), ""))
    shown = phrases.value(error.instance)
    kind = error.kind
    for test, field_ in _ARGUMENTS.items():
        if test == keyword and hasattr(kind, field_):
            bound = getattr(kind, field_)
            literal = Literal(test, tuple(bound) if isinstance(bound, list) else bound)
            return _short(f"{shown} does not satisfy: {phrases.assertion(literal)}")
    nearest = _nearest(kind)
    if nearest is not None:
        where = pointers.text(nearest.instance_path)
        return f"it fits no alternative; of the nearest, {_reason(nearest)}" + (f" (at {where})" if where else "")
    return _short(error.message)


def _nearest(kind: Any) -> Any:
    """The error of the alternative that was meant most likely: what is wrong there stands deepest, and alone."""
    branches = [list(each) for each in getattr(kind, "context", None) or ()]
    scored = [
        (-max(len(each.instance_path) for each in branch), len(branch), index)
        for index, branch in enumerate(branches)
        if branch
    ]
    if not scored:
        return None
    return branches[min(scored)[2]][0]


_ARGUMENTS = {
    "minLength": "limit",
    "maxLength": "limit",
    "minItems": "limit",
    "maxItems": "limit",
    "minimum": "limit",
    "maximum": "limit",
    "exclusiveMinimum": "limit",
    "exclusiveMaximum": "limit",
    "multipleOf": "multiple_of",
    "pattern": "pattern",
    "format": "format",
    "enum": "options",
}
"""Where the engine's errors carry the keyword's value."""


def _short(text: str, limit: int = 160) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else f"{text[: limit - 20]} ... {text[-15:]}"


def jsonpath(pointer: str) -> str:
    """A JSON Pointer as a normalised JSONPath (RFC 9535, section 2.7)."""
    found = "$"
    for token in pointers.parse(pointer):
        quoted = token.replace("\\", "\\\\").replace("'", "\\'")
        found += f"[{token}]" if token.isdigit() else f"['{quoted}']"
    return found


def update(pointer: str, value: Any) -> Mapping[str, Any]:
    """An action of an overlay that merges a value into one place."""
    return {"target": jsonpath(pointer), "update": value}


def remove(pointer: str) -> Mapping[str, Any]:
    """An action of an overlay that removes one place."""
    return {"target": jsonpath(pointer), "remove": True}


def placed(value: Any) -> bool:
    """Whether there is something."""
    return value is not ABSENT
