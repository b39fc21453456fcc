"""
Prose against schema: what a description says in so many words, and the schema beside it does not.

Only patterns that leave nothing to guess: null promised, a count beyond a limit or without one, a length counted in
other units, a default of another name, a back-quoted name that stands nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from preroll import dialect, phrases
from preroll import pointer as pointers
from preroll.audit.finding import ERROR, NOTE, WARNING, Kind, Place
from preroll.audit.subject import Node, Subject, remove, update


def _with(**schema: Any) -> Any:
    return {"type": "object", "properties": {"images": schema}, "additionalProperties": False}


NULL = Kind(
    id="null-promised-and-refused",
    level=ERROR,
    title="a description that lets a value be null, and a schema that refuses null",
    why="Whoever does what the description says is refused.",
    instead="Add `null` to the types.",
    example=_with(type="integer", description="Set to null to disable."),
    mended=_with(type=["integer", "null"], description="Set to null to disable."),
)

COUNT = Kind(
    id="count-in-prose-beyond-limit",
    level=WARNING,
    title="a number of items or characters in a description that the schema refuses",
    why="Whoever counts on the description is refused.",
    instead="Correct the description or the limit.",
    example=_with(type="array", maxItems=2, items={"type": "string"}, description="Up to 3 images."),
    mended=_with(type="array", maxItems=3, items={"type": "string"}, description="Up to 3 images."),
)

UNLIMITED = Kind(
    id="limit-only-in-prose",
    level=WARNING,
    title="a limit that stands in a description and not in the schema",
    why="A payload beyond it passes every validator, and the vendor refuses it.",
    instead="Write the limit as `maxItems` or `maxLength`.",
    example=_with(type="array", items={"type": "string"}, description="Up to 3 images."),
    mended=_with(type="array", maxItems=3, items={"type": "string"}, description="Up to 3 images."),
)

UNITS = Kind(
    id="length-in-other-units",
    level=WARNING,
    title="a length that the description counts in UTF-16 code units, and the schema in characters",
    why="`maxLength` counts code points. A text of emoji passes the schema with twice the length that is allowed.",
    instead="Nothing in JSON Schema counts UTF-16 code units: say so, and check it apart.",
    example=_with(type="string", maxLength=9, description="Up to 9 characters (UTF-16 code units)."),
    mended=_with(type="string", maxLength=9, description="Up to 9 characters."),
)

DEFAULT = Kind(
    id="default-in-prose-differs",
    level=WARNING,
    title="a default in a description that is not the one of the schema",
    why="What an absent value means is said twice, and differently.",
    instead="Correct the description or the default.",
    example=_with(type="string", enum=["fast", "full"], default="full", description="Defaults to `fast`."),
    mended=_with(type="string", enum=["fast", "full"], default="fast", description="Defaults to `fast`."),
)

NAME = Kind(
    id="name-in-prose-unknown",
    level=NOTE,
    title="a name in a description that stands nowhere else in the document",
    why="It reads like a property or a value. Whoever uses it is refused, or ignored.",
    instead="Correct the name, or describe what it names.",
    example=_with(type="array", items={"type": "string"}, description="Either `images` or `timestamp`."),
    mended=_with(type="array", items={"type": "string"}, description="Only `images`."),
)

VALUES = Kind(
    id="values-only-in-prose",
    level=NOTE,
    title="values that a description lists, where the schema takes any text",
    why="Another spelling of a value, or no value at all, passes every validator.",
    instead="List them in `enum`.",
    example=_with(type="string", description="Accepts `first` or `last`."),
    mended=_with(type="string", enum=["first", "last"], description="Accepts `first` or `last`."),
)

KINDS = (NULL, COUNT, UNLIMITED, UNITS, DEFAULT, NAME, VALUES)

_NULL = re.compile(
    r"\b(?:set|pass|use|send|give|specify)(?: (?:it|this|the value|explicit(?:ly)?))*(?: to| as)? `?null\b"
    r"|\b(?:may|can) (?:also )?be `?null\b|\bor `?null`? (?:to|if|when|for)\b",
    re.IGNORECASE,
)
_DENIED = re.compile(r"\b(?:not|never|cannot|can't|don't|non-null|instead of)\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBERS = {word: number for number, word in enumerate(_WORDS)}
_AMOUNT = r"(?P<n>\d[\d,]*|" + "|".join(_NUMBERS) + r")"
_UP_TO = re.compile(
    rf"\b(?:up to|at most|maximum of|no more than) (?:a total of )?{_AMOUNT} (?P<noun>[a-z]+(?: [a-z]+)?)\b",
    re.IGNORECASE,
)
_OR_MORE = re.compile(rf"(?<![\w.]){_AMOUNT}(?:\+| or more) (?P<noun>[a-z]+(?: [a-z]+)?)\b", re.IGNORECASE)
_DEFAULTS = re.compile(r"\bdefaults? (?:to|is|value is|:) (?:the )?`(?P<value>[^`]+)`", re.IGNORECASE)
_QUOTED = re.compile(r"(?<![`\\])`([A-Za-z_][A-Za-z0-9_]*)`(?!`)")
_ITEMS = frozenset(("item", "element", "entry", "value"))
_CHARACTERS = frozenset(("character", "char"))


def check(subject: Subject) -> Iterator[Place]:
    """Every description of every schema."""
    values = _values(subject)
    counted: set[tuple[Any, ...]] = set()
    for node in subject.nodes:
        description = node.schema.get("description")
        if not isinstance(description, str) or node.negated:
            continue
        plain = re.sub(r"```.*?```", "", description, flags=re.DOTALL)
        for sentence in filter(None, _SENTENCE.split(plain)):
            yield from _null(subject, node, sentence)
            for found in _counts(subject, node, sentence):
                key = (found.kind.id, found.pointer, found.fact)
                if key not in counted:
                    counted.add(key)
                    yield found
            yield from _default(subject, node, sentence)
        yield from _names(subject, node, plain, values)


def _types(schema: Any) -> list[str]:
    declared = schema.get("type")
    return [declared] if isinstance(declared, str) else list(declared) if isinstance(declared, list) else []


def _null(subject: Subject, node: Node, sentence: str) -> Iterator[Place]:
    found = _NULL.search(sentence)
    if not found or _DENIED.search(sentence) or subject.refuses(node.pointer, None) is None:
        return
    named = _QUOTED.findall(sentence)
    if any(each not in (node.name, "null") for each in named):  # the sentence is about something else, too
        return
    declared = node.schema.get("type")
    proposal = (remove(f"{node.pointer}/type"), update(node.pointer, {"type": [declared, "null"]}))
    types = _types(node.schema)
    wanted = f"{phrases.types(types)} only" if types else "no null"
    yield Place(
        NULL,
        f"{node.pointer}/description",
        f"the description promises null, and the schema takes {wanted}",
        {"quote": sentence.strip(), "payload": None, "places": [f"{node.pointer}/type"]},
        proposal if isinstance(declared, str) else (),
    )


def _amount(text: str) -> int:
    return _NUMBERS[text.lower()] if text.lower() in _NUMBERS else int(text.replace(",", ""))


def _stem(word: str) -> str:
    return re.sub(r"(ies|s)$", lambda found: "y" if found.group() == "ies" else "", word.lower())


def _counts(subject: Subject, node: Node, sentence: str) -> Iterator[Place]:
    types = _types(node.schema)
    at = f"{node.pointer}/description"
    words = {_stem(each) for each in re.findall(r"[A-Z]?[a-z]+", f"{node.name} {node.schema.get('title', '')}")}
    if "string" in types and "UTF-16" in sentence and isinstance(node.schema.get("maxLength"), int):
        limit = node.schema["maxLength"]
        yield Place(
            UNITS,
            at,
            f"the description counts UTF-16 code units and `maxLength` characters: {limit // 2 + 1} emoji pass and are "
            "too long",
            {
                "quote": sentence.strip(),
                "payload": "\U0001f98a" * (limit // 2 + 1),
                "places": [f"{node.pointer}/maxLength"],
            },
        )
    for pattern, upper in ((_UP_TO, True), (_OR_MORE, False)):
        for found in pattern.finditer(sentence):
            nouns, amount = set(map(_stem, found["noun"].split())), _amount(found["n"])
            if "array" in types and nouns & (words | _ITEMS):
                keyword, said = "maxItems", "item"
            elif "string" in types and nouns & _CHARACTERS:
                keyword, said = "maxLength", "character"
            else:
                continue
            limit = node.schema.get(keyword)
            if isinstance(limit, int) and amount > limit:
                yield Place(
                    COUNT,
                    at,
                    f"the description speaks of {phrases.count(amount, said)}{'' if upper else ' and more'}, and the "
                    f"schema takes {limit} at most",
                    {"quote": sentence.strip(), "places": [f"{node.pointer}/{keyword}"]},
                )
            elif limit is None and upper and not _limited(subject, node, keyword):
                yield Place(
                    UNLIMITED,
                    at,
                    f"the description allows {phrases.count(amount, said)} at most, and the schema any number",
                    {"quote": sentence.strip()},
                    (update(node.pointer, {keyword: amount}),),
                )


def _limited(subject: Subject, node: Node, keyword: str) -> bool:
    return any(keyword in each.schema for each in subject.speakers(node.pointer).get((), ()))


def _default(subject: Subject, node: Node, sentence: str) -> Iterator[Place]:
    for found in _DEFAULTS.finditer(sentence):
        value = _literal(found["value"])
        for candidate in (value, found["value"]):
            if subject.refuses(node.pointer, candidate) is None:
                if "default" in node.schema and not dialect.equal(node.schema["default"], candidate):
                    yield Place(
                        DEFAULT,
                        f"{node.pointer}/description",
                        f"the description says that the default is {phrases.value(candidate)}, the schema "
                        f"{phrases.value(node.schema['default'])}",
                        {"quote": sentence.strip(), "places": [f"{node.pointer}/default"]},
                    )
                return
        yield from _of_a_sibling(subject, node, sentence, found["value"])


def _of_a_sibling(subject: Subject, node: Node, sentence: str, value: str) -> Iterator[Place]:
    """A default that no value of this property can be, and that is a value of one property beside it."""
    owner = subject.parent(node)
    members = owner.schema.get("properties") if owner is not None else None
    meant = []
    for name, schema in members.items() if isinstance(members, dict) else ():
        assert owner is not None  # it holds the members
        if name != node.name and isinstance(schema, dict) and value in _listed(schema):
            meant.append((name, schema, f"{owner.pointer}/properties{pointers.text((name,))}"))
    if len(meant) == 1:
        name, schema, at = meant[0]
        if "default" in schema and schema["default"] != value:
            yield Place(
                DEFAULT,
                f"{node.pointer}/description",
                f'the description says that {name} defaults to "{value}", and its default is '
                f"{phrases.value(schema['default'])}",
                {"quote": sentence.strip(), "places": [f"{at}/default"]},
            )


def _listed(schema: Any) -> list[Any]:
    found = [schema["const"]] if "const" in schema else []
    found += schema["enum"] if isinstance(schema.get("enum"), list) else []
    for keyword in ("oneOf", "anyOf"):
        for each in schema.get(keyword) or ():
            found += _listed(each) if isinstance(each, dict) else []
    return found


def _literal(text: str) -> Any:
    import json

    try:
        return json.loads(text)
    except ValueError:
        return text


def _values(subject: Subject) -> frozenset[str]:
    """Every text that the document lists as a value, and every word of its addresses."""
    found: set[str] = {"true", "false", "null", "undefined", *phrases.TYPES, *dialect.FORMATS}
    for node in subject.nodes:
        listed = [node.schema.get("const"), node.schema.get("default"), node.schema.get("example")]
        for keyword in ("enum", "examples"):
            listed += node.schema[keyword] if isinstance(node.schema.get(keyword), list) else []
        found.update(each for each in listed if isinstance(each, str))
    paths = subject.tree.get("paths") if isinstance(subject.tree, dict) else None
    for path in paths if isinstance(paths, dict) else ():
        found.update(re.split(r"[/{}]", path))
    return frozenset(found)


def _names(subject: Subject, node: Node, text: str, values: frozenset[str]) -> Iterator[Place]:
    names = {each.lower() for each in subject.names}
    known = names | {each.lower() for each in values}
    unknown = [each for each in dict.fromkeys(_QUOTED.findall(text)) if each.lower() not in known]
    # Capitals are constants and kinds of files; words that only this document's texts use are told of once.
    unknown = [each for each in unknown if not each.isupper() and len(each) > 1]
    listed = [name for name in _QUOTED.findall(text) if name in unknown or name.lower() not in names]
    listed = [name for name in dict.fromkeys(listed) if subject.refuses(node.pointer, name) is None]
    if unknown and len(listed) > 1 and _takes_any_text(subject, node):
        yield Place(
            VALUES,
            f"{node.pointer}/description",
            f"the description lists {phrases.listed(f'`{each}`' for each in listed)}, and the schema takes any text",
            {"payload": _ANY_TEXT, "values": listed},
        )
    for name in unknown:
        if name in listed:
            continue
        sentence = next((each for each in _SENTENCE.split(text) if f"`{name}`" in each), "")
        if not _beside_known(subject, sentence, name, values):
            continue
        yield Place(
            NAME,
            f"{node.pointer}/description",
            f"the description names `{name}`, which is no property and no value anywhere in the document",
            {"quote": sentence.strip(), "name": name},
        )


_ANY_TEXT = "any text at all"


def _takes_any_text(subject: Subject, node: Node) -> bool:
    return all(subject.refuses(node.pointer, each) is None for each in (_ANY_TEXT, "-"))


def _beside_known(subject: Subject, sentence: str, name: str, values: frozenset[str]) -> bool:
    """Whether the sentence speaks of a name as it speaks of properties or listed values."""
    others = [each for each in _QUOTED.findall(sentence) if each != name]
    if any(each in subject.names or each in values for each in others):
        return True
    word = re.escape(f"`{name}`")
    return re.search(rf"{word} (?:parameter|property|field|option|key|argument)s?\b", sentence) is not None
