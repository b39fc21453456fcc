"""
Complaints put in their places: what a service names, found in the payload as the user gave it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from preroll import dialect, mending, spelling
from preroll import pointer as pointers
from preroll.pointer import ABSENT, Path
from preroll.refusals import grounds, wording
from preroll.refusals.answer import Complaint
from preroll.refusals.draft import Draft, Reading
from preroll.refusals.wording import Words

MOST_PLACES = 20
"""Places of one name that a complaint is put to."""

MAX_VISITED = 20_000
"""Values of a payload that are visited to find a name."""

Homes = Callable[[Path, str], tuple[Path, ...]]
"""The objects, relative to a task's base, in which the document knows a name."""


class Places:
    """Where the names of a service are in one payload."""

    def __init__(self, payload: Any, reading: Reading, homes: Homes | None = None) -> None:
        self.payload = payload
        self.reading = reading
        self.homes = homes
        self.tasks: tuple[Path, ...] = tuple(self._tasks()) if payload is not ABSENT else ((),)

    def _tasks(self) -> Iterator[Path]:
        """Where the tasks stand: the items of an array, also of one that an object holds, or the payload itself."""
        by = self.reading.task_by
        if isinstance(self.payload, list):
            yield from ((index,) for index in range(len(self.payload)))
            return
        if by and isinstance(self.payload, dict) and by not in self.payload:
            for key, inner in self.payload.items():
                if isinstance(inner, list) and any(isinstance(each, dict) and by in each for each in inner):
                    yield from ((str(key), index) for index in range(len(inner)))
                    return
        yield ()

    def bases(self, draft: Draft) -> tuple[Path, ...]:
        """The tasks that a complaint can be about: the one that it names, else those that are work."""
        if self.payload is ABSENT:
            return self.tasks
        by = self.reading.task_by
        if by and draft.task:
            named = [each for each in self.tasks if _same_id(self._member(each, by), draft.task)]
            if named:
                return tuple(named)
        working = [each for each in self.tasks if not self._aside(each)]
        return tuple(working) or self.tasks

    def _member(self, base: Path, name: str) -> Any:
        return pointers.look_up(self.payload, (*base, name))

    def _aside(self, base: Path) -> bool:
        aside = self.reading.aside
        return bool(aside) and all(self._member(base, name) == value for name, value in aside.items())

    def exact(self, path: Path) -> str:
        """A place from the root of the body as it was sent: a bare task was sent as the first of an array."""
        if self.payload is ABSENT:
            return pointers.text(path)
        first = str(path[0]) if path else ""
        if first == "0" and not isinstance(self.payload, list) and not self._holds(path[:1]):
            path = path[1:]
        elif isinstance(self.payload, list) and len(self.payload) == 1 and path and not first.isdigit():
            path = (0, *path)  # a body that the user wrapped
        return pointers.text(self._indexed(path, ()))

    def _holds(self, path: Path) -> bool:
        return pointers.look_up(self.payload, path) is not ABSENT

    def _indexed(self, path: Iterable[str | int], base: Path) -> Path:
        """A path whose tokens are numbers where they index arrays, in the payload or, beyond it, by their look."""
        found: list[str | int] = list(base)
        here = pointers.look_up(self.payload, base) if self.payload is not ABSENT else ABSENT
        for token in path:
            text = str(token)
            number = text.isascii() and text.isdigit() and len(text) < 7
            found.append(int(text) if number and not isinstance(here, dict) else text)
            here = pointers.step(here, found[-1]) if here is not ABSENT else ABSENT
        return tuple(found)

    def named(self, name: str, bases: Iterable[Path], *, missing: bool) -> tuple[str, ...]:
        """
        The places of a name: where it stands in the tasks, else where it would stand.

        Args:
            name: as the service writes it.
            bases: the tasks that can be meant.
            missing: whether the complaint is that nothing is there.
        """
        steps = _steps(name)
        if not steps:
            return ()
        if self.payload is ABSENT:
            return (pointers.text(self._indexed(steps, ())),)
        if steps[0].isdigit() and isinstance(self.payload, list):
            return (pointers.text(self._indexed(steps, ())),)
        given = tuple(bases)
        found = [each for base in given for each in self._standing(steps, base)]
        if not found or missing:
            lacking = [each for each in given if not self._standing(steps, each)]
            if missing and lacking:
                found = [self._would_stand(steps, each) for each in lacking[: None if len(given) == 1 else 1]]
                if len(lacking) > 1:
                    return ()
            elif not found and len(given) == 1:
                found = [self._would_stand(steps, given[0])]
        return tuple(pointers.text(each) for each in found[:MOST_PLACES])

    def knows(self, name: str, bases: Iterable[Path]) -> bool:
        """Whether a word that may be a name is one: it stands in a task, or the document knows it."""
        steps = _steps(name)
        if not steps or self.payload is ABSENT:
            return False
        return any(self._standing(steps, base) or (self.homes and self.homes(base, steps[0])) for base in bases)

    def _standing(self, steps: list[str], base: Path) -> list[Path]:
        here = self._follow(base, steps)
        if here is not None:
            return [here]
        return list(self._within(base, steps))

    def _follow(self, base: Path, steps: list[str]) -> Path | None:
        """The path that names lead along from an object; spelt otherwise only by case and separators."""
        path, value = base, pointers.look_up(self.payload, base)
        if isinstance(value, dict) and ".".join(steps) in value:
            return (*base, ".".join(steps))
        for token in steps:
            key = _key(value, token)
            inner = pointers.step(value, key)
            if inner is ABSENT:
                return None
            path = (*path, int(key) if isinstance(value, list) else key)
            value = inner
        return path

    def _within(self, base: Path, steps: list[str]) -> Iterator[Path]:
        """Every object deeper in a task from which the names lead on."""
        stack = [(base, pointers.look_up(self.payload, base))]
        visited = found = 0
        while stack and visited < MAX_VISITED and found < MOST_PLACES:
            path, value = stack.pop(0)
            visited += 1
            children: Iterable[tuple[Any, Any]] = ()
            if isinstance(value, dict):
                children = value.items()
                if path != base and steps[0] in value and pointers.look_up(value, steps) is not ABSENT:
                    found += 1
                    yield self._indexed(steps, path)
                    continue
            elif isinstance(value, list):
                children = enumerate(value[:MAX_VISITED])
            stack += [((*path, key), each) for key, each in children if isinstance(each, (dict, list))]

    def _would_stand(self, steps: list[str], base: Path) -> Path:
        """Where a name that is not given belongs: where the document knows it, at the top of the task otherwise."""
        homes = self.homes(base, steps[0]) if self.homes is not None else ()
        home: Path = () if () in homes or len(homes) != 1 else homes[0]
        return self._indexed((*home, *steps), base)

    def value(self, pointer: str) -> Any:
        """What stands at a place."""
        if self.payload is ABSENT:
            return ABSENT
        return pointers.look_up(self.payload, pointers.parse(pointer))


def _key(value: Any, token: str) -> str:
    """The member of an object that a name means: it itself, or the only one that is spelt like it."""
    if not isinstance(value, dict) or token in value:
        return token
    plain = spelling.plain(token)
    alike = [key for key in value if plain and isinstance(key, str) and spelling.plain(key) == plain]
    return alike[0] if len(alike) == 1 else token


def _same_id(one: Any, other: str) -> bool:
    return isinstance(one, str) and one.casefold() == other.casefold()


def _steps(name: str) -> list[str]:
    """The tokens of a name with dots and brackets, or of a JSON Pointer."""
    name = name.strip().strip("'\"`")
    if name.startswith("/"):
        return list(pointers.parse(name))
    steps = [each.strip("'\"") for each in re.split(r"[.\[\]]+", name.removeprefix("$")) if each.strip("'\"")]
    return steps if len(steps) <= 40 else []


def complaint(draft: Draft, places: Places) -> Complaint:
    """A draft with its places, its kind and its facts, by what its structure, its code and its sentence say."""
    words = wording.read(draft.message)
    bases = places.bases(draft)
    coded = _coded(draft.code)
    missing = "required" in (draft.kind, words.kind, coded)
    found = _pointers(draft, words, places, bases, missing=missing)
    facts = _facts(draft, words, places, found, bases)
    kind = _kind(draft, words, coded, facts, places, found)
    if kind == "unlisted-combination":
        found = _paired(found, draft, words, places, bases)
    if kind in ("required", "unexpected") and draft.kind == kind:
        facts.pop("listed", None)
    facts.pop("listed", None)
    return Complaint(
        message=draft.message,
        code=draft.code,
        pointers=tuple(dict.fromkeys(found)),
        kind=kind,
        facts=facts,
        raw=draft.raw,
    )


def _pointers(draft: Draft, words: Words, places: Places, bases: tuple[Path, ...], *, missing: bool) -> list[str]:
    if draft.paths:
        return [places.exact(each) for each in draft.paths]
    names = list(draft.names)
    together = words.kind == "not-together" or words.options
    if not names or together:
        told = [each for each in words.names if _is_meant(each, draft, words, places, bases)]
        names += [each for each in told if each not in names]
    found = [each for name in names for each in places.named(name, bases, missing=missing)]
    if len(found) < (2 if words.kind == "not-together" else 1) and (words.kind or words.facts):
        spoken = _spoken(draft.message, places, bases, together=words.kind == "not-together")
        found += [each for each in spoken if each not in found]
    return found


_WORD = re.compile(r"(?<![\w'\"`./])[A-Za-z]\w{1,60}(?![\w'\"`/])")
_ASIDE = re.compile(
    r"\b(?:for|by|with|in|of|to|selected|your|another)\s+(?:(?:the|this|selected|your)\s+){0,2}$", re.IGNORECASE
)
"""Before a word that says where something holds, and not what it is about: "for the selected model"."""


def _spoken(sentence: str, places: Places, bases: tuple[Path, ...], *, together: bool) -> Iterator[str]:
    """The members of the tasks that a sentence calls by plain words, where it names nothing otherwise."""
    members = {spelling.plain(key) for base in bases for key in _keys(places, base)}
    for each in _WORD.finditer(sentence[:2000]):
        aside = not together and _ASIDE.search(sentence[max(0, each.start() - 30) : each.start()])
        if spelling.plain(each[0]) in members and not aside:
            yield from places.named(each[0], bases, missing=False)


def _keys(places: Places, base: Path) -> Iterable[str]:
    task = pointers.look_up(places.payload, base) if places.payload is not ABSENT else ABSENT
    return map(str, task) if isinstance(task, dict) else ()


def _is_meant(name: str, draft: Draft, words: Words, places: Places, bases: tuple[Path, ...]) -> bool:
    """Whether a word of a sentence is the name of a parameter: it is known, or quoted."""
    if places.knows(name, bases):
        return True
    quoted = any(f"{mark}{name}{close}" in draft.message for mark, close in zip("'\"`‘“", "'\"`’”", strict=True))
    return name in words.quoted and (quoted or places.payload is ABSENT or words.kind == "required")


def _coded(code: str) -> str:
    """What the words of a code say is wrong."""
    words = set(grounds.words_of(code))
    if words & {"missing", "required"}:
        return "required"
    if words & {"conflict", "conflicting", "exclusive", "incompatible"}:
        return "not-together"
    if words & {"duplicate", "duplicated"}:
        return "unique"
    if "value" in words and words & {"invalid", "unsupported"}:
        return ""
    if words & {"unsupported", "unknown", "unexpected", "unrecognized", "unrecognised", "additional"} and words & {
        *("parameter", "parameters", "field", "property", "key", "keys", "properties", "argument"),
    }:
        return "unexpected"
    return ""


def _facts(draft: Draft, words: Words, places: Places, found: list[str], bases: tuple[Path, ...]) -> dict[str, Any]:
    facts = {**words.facts, **draft.facts}
    value = places.value(found[0]) if found else ABSENT
    listed = facts.pop("listed", None)
    if listed and "allowed" not in facts:
        facts |= _listed(tuple(listed), words, draft, places, value, bases)
    elif "allowed" in facts:
        facts["allowed"] = tuple(facts["allowed"])
    if isinstance(value, list):
        _renamed(facts, "items")
    elif (
        isinstance(value, str)
        and not _numeric(facts)
        and "multiple" not in facts
        and words.kind != "unexpected"
        and draft.kind not in ("minimum", "maximum")
    ):
        _renamed(facts, "length")
    if words.options and len(found) > 1:
        groups = [
            tuple(each for name in option for each in places.named(name, bases, missing=True))
            for option in words.options
        ]
        if all(groups):
            facts["options"] = tuple(groups)
    return facts


def _numeric(facts: Mapping[str, Any]) -> bool:
    return bool({"integer", "number"} & set(facts.get("expected", ())))


def _renamed(facts: dict[str, Any], unit: str) -> None:
    """Limits of a number become limits of a count where what stands there is counted."""
    for side in ("min", "max"):
        limit = facts.pop(f"{side}imum", None)
        if limit is not None:
            facts.setdefault(f"{side}_{unit}", limit)


def _listed(
    listed: tuple[Any, ...],
    words: Words,
    draft: Draft,
    places: Places,
    value: Any,
    bases: tuple[Path, ...],
) -> dict[str, Any]:
    """What a list after "allowed values are" holds: sizes, names of parameters, or values."""
    sizes = [wording.size(each) for each in listed]
    pair = len(draft.names) == 2 or len(words.names) == 2 or dialect.is_number(value)
    if not draft.names and not words.names and places.reading.pair:
        pair = any(_has_size(places, base) for base in bases)
    if all(sizes) and pair and not isinstance(value, str):
        return {"sizes": tuple(sizes)}
    about_names = words.kind == "unexpected" or _coded(draft.code) == "unexpected"
    names = about_names and all(isinstance(each, str) and wording.is_name(each) for each in listed)
    if names and _are_names(listed, places, bases):
        return {"names": tuple(listed)}
    numeric = _numeric({**words.facts, **draft.facts})
    numbers = tuple(typed(each, ABSENT, numeric=True) for each in listed)
    if isinstance(value, str) and value in listed and all(map(dialect.is_number, numbers)):
        return {"allowed": numbers}  # in quotes, like everything in the sentence: the text is refused, not the number
    return {"allowed": tuple(typed(each, value, numeric=numeric) for each in listed)}


def _has_size(places: Places, base: Path) -> bool:
    """Whether a task gives both of the numbers that its format calls a size."""
    if places.payload is ABSENT:
        return False
    return all(dialect.is_number(pointers.look_up(places.payload, (*base, name))) for name in places.reading.pair)


def _are_names(listed: tuple[str, ...], places: Places, bases: tuple[Path, ...]) -> bool:
    """Whether texts are names of parameters: a task has one of them; without a payload, one is spelt like one."""
    if places.payload is ABSENT:
        return any(re.search(r"[a-z][A-Z]|[a-z]_[a-z]", each) for each in listed)
    return any(places.knows(each, bases) for each in listed)


def typed(text: Any, value: Any, *, numeric: bool = False) -> Any:
    """A listed text as the type of what stands there: services write numbers in quotes."""
    if not isinstance(text, str):
        return text
    if dialect.is_number(value) or (numeric and not isinstance(value, str)):
        number = mending.as_number(text)
        return text if number is None else number
    if isinstance(value, bool) and text.lower() in ("true", "false"):
        return text.lower() == "true"
    return text


def _kind(draft: Draft, words: Words, coded: str, facts: dict[str, Any], places: Places, found: list[str]) -> str:
    value = places.value(found[0]) if found else ABSENT
    known = places.payload is not ABSENT and bool(found)
    if draft.kind:
        if draft.kind in ("enum", "type", "any-of") and known and value is ABSENT:
            return "required"  # validators call a missing value an invalid one
        return draft.kind
    if words.kind in ("not-together", "unique") or coded in ("not-together", "unique"):
        return words.kind if words.kind in ("not-together", "unique") else coded
    if "sizes" in facts:
        return "unlisted-combination"
    if "required" in (words.kind, coded) and (not known or value is ABSENT or words.kind == "required"):
        return "required"
    if "names" in facts:
        return "unexpected"
    broken = _broken(facts, value)
    if broken:
        return broken
    if "allowed" in facts and (not known or value is ABSENT):
        return "enum"
    if words.kind in ("unexpected", "format"):
        return words.kind
    if coded and not (coded == "unexpected" and words.kind == "enum"):
        return coded
    if not known:
        return _only(facts, words)
    return "enum" if words.kind == "enum" and not _limited(facts) else ""


def _limited(facts: Mapping[str, Any]) -> bool:
    return any(each in facts for each in (*_BOUNDS, "multiple", "expected"))


_BOUNDS = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusive_minimum": "exclusive-minimum",
    "exclusive_maximum": "exclusive-maximum",
    "min_items": "min-items",
    "max_items": "max-items",
    "min_length": "min-length",
    "max_length": "max-length",
}


def _only(facts: Mapping[str, Any], words: Words) -> str:
    """The kind where nothing is known of the value: what the facts leave no choice about."""
    bounds = [kind for fact, kind in _BOUNDS.items() if fact in facts]
    if len(bounds) == 1 and "multiple" not in facts:
        return bounds[0]
    if "multiple" in facts and not bounds:
        return "multiple-of"
    if "expected" in facts and not bounds and words.kind != "enum":
        return "type"
    return "enum" if words.kind == "enum" and not bounds else ""


def _broken(facts: Mapping[str, Any], value: Any) -> str:
    """The first of the facts that a value does not keep to."""
    return next(iter(broken(facts, value)), "")


def broken(facts: Mapping[str, Any], value: Any) -> Iterator[str]:
    """What of the facts a value does not keep to, as kinds; nothing for a value that is not there."""
    if value is ABSENT:
        return
    expected = facts.get("expected", ())
    if expected and not any(dialect.has_type(value, each) for each in expected):
        yield "type"
    if "allowed" in facts and not any(dialect.equal(value, each) for each in facts["allowed"]):
        yield "enum"
    if dialect.is_number(value):
        yield from _number_broken(facts, value)
    count = len(value) if isinstance(value, (list, str)) else None
    unit = "items" if isinstance(value, list) else "length"
    if count is not None and facts.get(f"min_{unit}") is not None and count < facts[f"min_{unit}"]:
        yield f"min-{unit}"
    if count is not None and facts.get(f"max_{unit}") is not None and count > facts[f"max_{unit}"]:
        yield f"max-{unit}"


def _number_broken(facts: Mapping[str, Any], value: Any) -> Iterator[str]:
    if facts.get("minimum") is not None and value < facts["minimum"]:
        yield "minimum"
    if facts.get("maximum") is not None and value > facts["maximum"]:
        yield "maximum"
    if facts.get("exclusive_minimum") is not None and value <= facts["exclusive_minimum"]:
        yield "exclusive-minimum"
    if facts.get("exclusive_maximum") is not None and value >= facts["exclusive_maximum"]:
        yield "exclusive-maximum"
    if facts.get("multiple") and not dialect.is_multiple(value, facts["multiple"]):
        yield "multiple-of"


def _paired(found: list[str], draft: Draft, words: Words, places: Places, bases: tuple[Path, ...]) -> list[str]:
    """Both places of a size: those that are named, else the two that the format calls a size."""
    names = [*draft.names, *words.names]
    if len(found) < 2 and len(set(names)) > 1:
        found = [each for name in dict.fromkeys(names) for each in places.named(name, bases, missing=False)]
    pair = places.reading.pair
    if len(found) < 2 and pair:
        found = [each for name in pair for each in places.named(name, bases, missing=False)]
    return found[:2]
