"""
Rules: what stands only in a vendor's prose, as data that names a kind and the kind's parameters.

`KINDS` is the whole list of kinds. A vendor's rules are read by `load_rules` from plain data (YAML or
compiled JSON); a rule is bound to the sentence it rests on, and `stale` says when that sentence is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from preroll.pointer import Path, expand, parse, text
from preroll.rules.kind import Context, Finding
from preroll.violation import SEVERITIES

if TYPE_CHECKING:
    from preroll.rules.parameter import RuleKind

__all__ = [
    "KINDS",
    "Context",
    "Example",
    "Finding",
    "Note",
    "Rule",
    "RuleError",
    "RuleSet",
    "anchors",
    "load_rules",
    "stale",
    "to_data",
]

_CLASSES: Mapping[str, str] = MappingProxyType(
    {
        "agrees-with": "AgreesWith",
        "contains": "Contains",
        "date-span": "DateSpan",
        "filename-type": "FilenameType",
        "forbids": "Forbids",
        "listed": "Listed",
        "matches": "Matches",
        "max-items": "MaxItems",
        "max-utf16": "MaxUtf16",
        "media-input": "MediaInput",
        "ordered": "Ordered",
        "references-resolve": "ReferencesResolve",
        "remark": "Remark",
        "requires": "Requires",
        "sum-equals": "SumEquals",
        "unique": "Unique",
        "unique-across-request": "UniqueAcross",
        "unique-by": "UniqueBy",
    }
)


class _Kinds(Mapping[str, "type[RuleKind]"]):
    """The table above; a kind's module is imported when a rule of the kind is first asked."""

    def __getitem__(self, name: str) -> type[RuleKind]:
        class_name = _CLASSES[name]
        # Two scopes of one idea share a module, so that they read side by side.
        module = import_module("preroll.rules." + name.removesuffix("-across-request").replace("-", "_"))
        return cast("type[RuleKind]", getattr(module, class_name))

    def __iter__(self) -> Iterator[str]:
        return iter(_CLASSES)

    def __len__(self) -> int:
        return len(_CLASSES)


KINDS: Mapping[str, type[RuleKind]] = _Kinds()
"""Every kind a rule can be of, by name."""

MEANINGS = ("length", "size", "count", "price")
"""What a property can set that costs money."""

NEEDS = ("media", "runtime", "knowledge")
"""What a note's sentence needs beside the payload."""


class RuleError(ValueError):
    """
    A rule that cannot be read.

    Attributes:
        rule: its id, or where it stands in the list; "" for the rule set itself.
        key: the key at fault.
        problem: a sentence about it.
        nearest: the right key that was probably meant, or "".
    """

    def __init__(self, rule: str, key: str, problem: str, nearest: str = "") -> None:
        super().__init__(rule, key, problem, nearest)
        self.rule, self.key, self.problem, self.nearest = rule, key, problem, nearest

    def __str__(self) -> str:
        where = f"rule {self.rule}" if self.rule else "the rules"
        guess = f"; did you mean {self.nearest!r}?" if self.nearest else ""
        return f"{where}, {self.key!r}: {self.problem}{guess}"


class Example(NamedTuple):
    """Two fragments of a payload (of a request, for rules across one): one breaks the rule, one keeps it."""

    breaks: Any
    keeps: Any


@dataclass(frozen=True)  # no slots: `kind` is made once, when it is first asked for
class Rule:
    """
    One thing a vendor asks in prose.

    Attributes:
        id: a kebab-case literal about the bad thing; never derived, never reused.
        targets: globs on target names; one without `#` also fits the branches of the target it names.
        quote: the vendor's words.
        at: JSON Pointers where the words may stand, `*` for every item of an array.
        severity: `error`, `warning` or `info`.
        kind_name: the key of `KINDS`.
        parameters: the kind's parameters as plain data.
        example: fragments that break and keep it.
        touches: places in one task of which at least one must be present for the rule to fail; the empty path
            stands for the whole task.
        why: a sentence of ours where the quote does not speak for itself; else "".
    """

    id: str
    targets: tuple[str, ...]
    quote: str
    at: tuple[str, ...]
    severity: str
    kind_name: str
    parameters: Mapping[str, Any]
    example: Example
    touches: tuple[Path, ...]
    why: str = ""

    @cached_property
    def across(self) -> bool:
        """Whether it looks at all tasks of a request; known without importing its kind."""
        return self.kind_name.endswith("-across-request")

    @cached_property
    def heads(self) -> frozenset[str] | None:
        """The members of a task of which one must be there for the rule to fail; None where none need be."""
        return frozenset(str(path[0]) for path in self.touches) if all(self.touches) else None

    @cached_property
    def shallow(self) -> bool:
        """Whether one of `heads` being there is all that it takes."""
        return all(len(path) == 1 for path in self.touches)

    @cached_property
    def names(self) -> frozenset[str]:
        """Every word of its parameters, and so the name of every member that it may look at."""
        return frozenset(_words(self.parameters))

    @cached_property
    def kind(self) -> RuleKind:
        """What checks it."""
        return _make(self.id, self.kind_name, self.parameters)

    @cached_property
    def clear(self) -> dict[str, Any]:
        """
        A JSON Schema under which the rule certainly has nothing to say; too narrow rather than too wide.

        What `RuleKind.clear` says of payloads that their own schema accepts holds for all: where a value has the wrong
        type, rules have nothing to say.
        """
        from preroll.rules import clearance  # only for who checks many payloads

        found = self.kind.clear()
        if found is not None:
            return found
        return clearance.every(map(clearance.absent, self.touches)) or clearance.NEVER

    def applies(self, target: str) -> bool:
        """Whether the rule is meant for the target."""
        return _fits(self.targets, target)


class Note(NamedTuple):
    """
    A rule of the vendor's that no payload can decide.

    Attributes:
        id, targets, quote, at: as for a rule.
        needs: what would decide it: `media`, `runtime` or `knowledge`.
        text: what to say.
    """

    id: str
    targets: tuple[str, ...]
    quote: str
    at: tuple[str, ...]
    needs: str
    text: str

    def applies(self, target: str) -> bool:
        """Whether the note is meant for the target."""
        return _fits(self.targets, target)


class RuleSet(NamedTuple):
    """
    What is known of one vendor beside its documents.

    Attributes:
        vendor: the first part of its targets' names.
        unknown_properties: severity of an unknown property where a request's schema is open.
        meanings: for each of `MEANINGS`, the property names that set it.
        links: documentation address by target glob, the first that fits counts.
        rules, notes: in the order of the file.
    """

    vendor: str
    unknown_properties: str = "info"
    meanings: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    links: Mapping[str, str] = MappingProxyType({})
    rules: tuple[Rule, ...] = ()
    notes: tuple[Note, ...] = ()

    def link(self, target: str) -> str:
        """The documentation address of a target, or ""."""
        return next((link for glob, link in self.links.items() if _fits((glob,), target)), "")

    def meaning(self, name: str) -> str:
        """What a property sets that costs money (one of `MEANINGS`), or ""."""
        return next((each for each, names in self.meanings.items() if name in names), "")


def _words(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield from data.split("/")
    elif isinstance(data, Mapping):
        for each in data.values():
            yield from _words(each)
    elif isinstance(data, list):
        for each in data:
            yield from _words(each)


def _fits(globs: tuple[str, ...], target: str) -> bool:
    whole = target.partition("#")[0]
    for glob in globs:
        name = target if "#" in glob else whole
        stem = glob.removesuffix("*")
        if any(each in stem for each in "*?["):
            from fnmatch import fnmatchcase  # a regular expression for each glob: only for those that need it

            if fnmatchcase(name, glob):
                return True
        elif name.startswith(stem) if stem is not glob else name == glob:
            return True
    return False


def anchors(rule: Rule | Note, document: Any) -> tuple[str, ...]:
    """The JSON Pointers of a published document at which the rule's quote stands."""
    found: dict[str, None] = {}
    for at in rule.at:
        for path, value in expand(document, parse(at)):
            if isinstance(value, str) and rule.quote in value:
                found[text(path)] = None
    return tuple(found)


def stale(rule: Rule | Note, document: Any) -> str | None:
    """
    Why the rule's quote stands at none of its places in a published document, or None where it stands.

    A rule for a glob (`vendor/*`) is meant for those of the vendor's documents in which its quote stands; for
    them a reason only says that the rule is not about this document.
    """
    if anchors(rule, document):
        return None
    for at in rule.at:
        if any(True for _ in expand(document, parse(at))):
            return f"the text at {at} does not say {rule.quote!r}"
    return f"there is nothing at {' nor at '.join(rule.at)}"


_RULE_KEYS = ("id", "targets", "quote", "at", "severity", "kind", "why", "example", "touches")
_NOTE_KEYS = ("id", "targets", "quote", "at", "needs", "text")
_SET_KEYS = ("vendor", "unknown-properties", "meanings", "links", "rules", "notes")


def load_rules(data: Mapping[str, Any], *, compiled: bool = False) -> RuleSet:
    """
    Read a vendor's rules from plain data: the parsed `rules.yaml`, or what `to_data` made of it.

    Args:
        data: the keys are those of `schemas/<vendor>/rules.yaml`.
        compiled: the data is `to_data` of rules that were read before, so that the kinds' parameters need no
            second look; kinds are then made (and their modules imported) when they are first asked for.

    Raises:
        RuleError: a key is unknown, missing, of the wrong type, or an id is used twice.
    """
    reader = _Reader("", data)
    reader.only(_SET_KEYS)
    vendor = reader.text("vendor")
    seen: set[str] = set()
    read = _compiled if compiled else _rule
    rules = tuple(read(each, index, seen) for index, each in enumerate(reader.list("rules", [])))
    notes = tuple(_note(each, index, seen) for index, each in enumerate(reader.list("notes", [])))
    meanings = reader.mapping("meanings")
    for key, names in meanings.items():
        if key not in MEANINGS:
            raise RuleError("", f"meanings/{key}", "it is not known", _nearest(key, MEANINGS))
        if not isinstance(names, list) or not all(isinstance(each, str) for each in names):
            raise RuleError("", f"meanings/{key}", "it is not a list of property names")
    return RuleSet(
        vendor=vendor,
        unknown_properties=reader.word("unknown-properties", SEVERITIES, "info"),
        meanings=MappingProxyType({key: tuple(names) for key, names in meanings.items()}),
        links=MappingProxyType({str(key): str(link) for key, link in reader.mapping("links").items()}),
        rules=rules,
        notes=notes,
    )


def to_data(rules: RuleSet) -> dict[str, Any]:
    """The rules as plain JSON data, from which `load_rules` makes them again."""
    return {
        "vendor": rules.vendor,
        "unknown-properties": rules.unknown_properties,
        "meanings": {key: list(names) for key, names in rules.meanings.items()},
        "links": dict(rules.links),
        "rules": [
            {
                "id": each.id,
                "targets": list(each.targets),
                "quote": each.quote,
                "at": list(each.at),
                "severity": each.severity,
                "kind": each.kind_name,
                **each.parameters,
                "touches": list(map(text, each.touches)),
                **({"why": each.why} if each.why else {}),
                "example": {"breaks": each.example.breaks, "keeps": each.example.keeps},
            }
            for each in rules.rules
        ],
        "notes": [
            {
                "id": each.id,
                "targets": list(each.targets),
                "quote": each.quote,
                "at": list(each.at),
                "needs": each.needs,
                "text": each.text,
            }
            for each in rules.notes
        ],
    }


def _rule(data: Any, index: int, seen: set[str]) -> Rule:
    reader = _Reader(_name(data, index), data)
    name = reader.word("kind", tuple(KINDS))
    known = KINDS[name].parameters
    reader.only((*_RULE_KEYS, *known))
    example = _Reader(reader.rule, reader.get("example"), "example/")
    example.only(("breaks", "keeps"))
    parameters = MappingProxyType({key: reader.data[key] for key in known if key in reader.data})
    return Rule(
        id=reader.id(seen),
        targets=reader.texts("targets"),
        quote=reader.text("quote"),
        at=reader.pointers("at"),
        severity=reader.word("severity", SEVERITIES),
        kind_name=name,
        parameters=parameters,
        example=Example(example.get("breaks"), example.get("keeps")),
        touches=_make(reader.rule, name, parameters).touches(),
        why=reader.text("why", ""),
    )


def _make(rule: str, name: str, parameters: Mapping[str, Any]) -> RuleKind:
    from preroll.rules.parameter import REQUIRED

    kind = KINDS[name]
    values: dict[str, Any] = {}
    for key, parameter in kind.parameters.items():
        field_name = parameter.field or key.replace("-", "_")
        if key in parameters:
            try:
                values[field_name] = parameter.read(parameters[key])
            except ValueError as problem:
                raise RuleError(rule, key, str(problem)) from None
        elif parameter.default is REQUIRED:
            raise RuleError(rule, key, f"a rule of the kind {name} needs it")
        else:
            values[field_name] = parameter.default
    return cast("Callable[..., RuleKind]", kind)(**values)


def _compiled(data: Mapping[str, Any], index: int, seen: set[str]) -> Rule:  # the same arguments as `_rule`
    del index, seen
    return Rule(
        id=data["id"],
        targets=tuple(data["targets"]),
        quote=data["quote"],
        at=tuple(data["at"]),
        severity=data["severity"],
        kind_name=data["kind"],
        parameters={key: value for key, value in data.items() if key not in _RULE_KEYS},
        example=Example(**data["example"]),
        touches=tuple(map(parse, data["touches"])),
        why=data.get("why", ""),
    )


def _note(data: Any, index: int, seen: set[str]) -> Note:
    reader = _Reader(_name(data, index), data)
    reader.only(_NOTE_KEYS)
    return Note(
        id=reader.id(seen),
        targets=reader.texts("targets"),
        quote=reader.text("quote"),
        at=reader.pointers("at"),
        needs=reader.word("needs", NEEDS),
        text=reader.text("text"),
    )


def _name(data: Any, index: int) -> str:
    given = data.get("id") if isinstance(data, Mapping) else None
    return given if isinstance(given, str) and given else f"number {index + 1}"


def _nearest(word: str, words: tuple[str, ...]) -> str:
    from difflib import get_close_matches  # only a mistake pays for it

    return next(iter(get_close_matches(word, words, n=1, cutoff=0.5)), "")


class _Reader:
    """Takes keys from one object and complains with the rule's id."""

    def __init__(self, rule: str, data: Any, inside: str = "") -> None:
        if not isinstance(data, Mapping):
            raise RuleError(rule, inside.rstrip("/") or "rules", "it is not an object")
        self.rule, self.data, self.inside = rule, data, inside

    def _wrong(self, key: str, problem: str, nearest: str = "") -> RuleError:
        return RuleError(self.rule, self.inside + key, problem, nearest)

    def only(self, keys: tuple[str, ...]) -> None:
        for key in self.data:
            if key not in keys:
                raise self._wrong(str(key), "it is not known here", _nearest(str(key), keys))

    def get(self, key: str) -> Any:
        if key not in self.data:
            near = [each for each in self.data if _nearest(str(each), (key,))]
            raise self._wrong(key, f"it is missing{f', though {near[0]!r} is there' if near else ''}")
        return self.data[key]

    def text(self, key: str, default: str | None = None) -> str:
        value = self.get(key) if default is None else self.data.get(key, default)
        if not isinstance(value, str) or not (value or default is not None):
            raise self._wrong(key, f"{value!r} is not a text")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.get(key)
        listed = value if isinstance(value, list) else [value]
        if not listed or not all(isinstance(each, str) and each for each in listed):
            raise self._wrong(key, f"{value!r} is not a text or a list of texts")
        return tuple(listed)

    def pointers(self, key: str) -> tuple[str, ...]:
        listed = self.texts(key)
        for each in listed:
            try:
                parse(each)
            except ValueError as problem:
                raise self._wrong(key, str(problem)) from None
        return listed

    def word(self, key: str, words: tuple[str, ...], default: str | None = None) -> str:
        value = self.get(key) if default is None else self.data.get(key, default)
        if value not in words:
            near = _nearest(value, words) if isinstance(value, str) else ""
            raise self._wrong(key, f"{value!r} is none of {', '.join(words)}", near)
        return str(value)

    def mapping(self, key: str) -> Mapping[str, Any]:
        value = self.data.get(key, {})
        if not isinstance(value, Mapping):
            raise self._wrong(key, "it is not an object")
        return value

    def list(self, key: str, default: Any) -> Iterator[Any]:
        value = self.data.get(key, default)
        if not isinstance(value, list):
            raise self._wrong(key, "it is not a list")
        yield from value

    def id(self, seen: set[str]) -> str:
        value = self.text("id")
        if value in seen:
            raise self._wrong("id", "it is used twice")
        seen.add(value)
        return value
