"""What a text refers to exists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from preroll.formula import Literal
from preroll.pointer import ABSENT, Path
from preroll.pointer import text as pointer_text
from preroll.rules import clearance
from preroll.rules import place as places
from preroll.rules.kind import Context, Finding
from preroll.rules.matches import pattern
from preroll.rules.parameter import Hasty, Parameter, Test, count, flag, many_places, one_place
from preroll.violation import Because


@dataclass(frozen=True, slots=True)
class ReferencesResolve(Hasty):
    """
    Every token that `pattern` finds in the texts at `places` names an item of the list `array`.

    The pattern's first group is the name: the item's position counted from `base`, or with `member` the value
    of that member. With `if_any` nothing is said while the list names nothing. Each token that leads nowhere
    is one finding per text; `expected` is `{"token", "known": [TOKEN, ...], "array"}`.
    """

    name: ClassVar[str] = "references-resolve"
    scope: ClassVar[str] = "task"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "places": Parameter(many_places),
        "pattern": Parameter(pattern),
        "array": Parameter(one_place),
        "member": Parameter(one_place, None),
        "base": Parameter(count, 1),
        "if-any": Parameter(flag, False),
    }

    places: tuple[Path, ...]
    pattern: str
    array: Path
    member: Path | None = None
    base: int = 1
    if_any: bool = False
    _token: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_token", re.compile(self.pattern, re.ASCII))

    def touches(self) -> tuple[Path, ...]:
        """The list where only its names make a reference; else the texts."""
        return (self.array,) if self.if_any else tuple(map(places.root, self.places))

    def clear(self) -> dict[str, Any] | None:
        """Texts without a token."""
        wide = clearance.widened(self.pattern, fold=False)
        if not wide:
            return None
        look = {"not": {"type": "string", "pattern": wide}}
        return {"allOf": [clearance.at(each, look) for each in self.places]}

    def schema(self) -> dict[str, Any] | None:
        """None: JSON Schema does not compare places."""
        return None

    def hasty(self) -> Test | None:
        """Texts in which every number is that of an item."""
        if self.member is not None:
            return None
        listed_of, base, find = places.getter(self.array), self.base, self._token.findall
        plain = [places.getter(each) for each in self.places if "*" not in each]
        others = [(places.getter(places.root(each)), each) for each in self.places if "*" in each]

        def quiet(instance: Any) -> bool:
            texts = [each(instance) for each in plain]
            for holder_of, place in others:
                if holder_of(instance) is not ABSENT:
                    texts += [value for _, value in places.found(instance, place)]
            count = -1
            for each in texts:
                for token in find(each) if type(each) is str else ():
                    if count < 0:
                        listed = listed_of(instance)
                        count = len(listed) if type(listed) is list else 0
                    if not token.isdigit() or token[0] == "0" or not 0 <= int(token) - base < count:
                        return False
            return True

        return quiet

    def check(self, instance: Any, context: Context) -> Iterator[Finding]:
        """Every text with a token that leads nowhere."""
        names: tuple[str, ...] | None = None
        for place in self.places:
            for path, value in places.found(instance, place):
                if not isinstance(value, str):
                    continue
                dangling = dict.fromkeys(match for match in self._token.finditer(value))
                if not dangling:
                    continue
                if names is None:
                    names = self._names(instance)
                if names is None or (self.if_any and not names):
                    return
                told: set[str] = set()
                for match in dangling:
                    wanted = match[1] if self.member is not None else (match[1].lstrip("0") or "0")
                    if wanted in names or match[0] in told:
                        continue
                    told.add(match[0])
                    yield self._finding(instance, path, value, match, names)

    def _finding(self, instance: Any, path: Path, value: str, match: re.Match[str], names: tuple[str, ...]) -> Finding:
        listed = places.get(instance, self.array)
        before, after = match[0].split(match[1], 1)
        # What a list that is there has is said by the fact itself.
        absent = Because(pointer_text(self.array), Literal("required", places.name(self.array), False))
        return Finding(
            path,
            because=(absent,) if listed is ABSENT else (),
            expected={
                "token": match[0],
                "known": [f"{before}{each}{after}" for each in names],
                "array": places.name(self.array),
            },
            actual=value,
        )

    def _names(self, instance: Any) -> tuple[str, ...] | None:
        """The names that exist; None where the list is none, which the schema reports."""
        listed = places.get(instance, self.array)
        if listed is ABSENT:
            return ()
        if not isinstance(listed, list):
            return None
        if self.member is None:
            return tuple(str(self.base + index) for index in range(len(listed)))
        members = (places.get(each, self.member) for each in listed)
        return tuple(each for each in members if isinstance(each, str))

    def say(self, expected: Any, actual: Any) -> str:
        """E.g. "<<part_2>> leads nowhere; parts has only <<part_1>>"."""
        known = expected["known"]
        has = f"has only {', '.join(known)}" if known else "has none"
        return f"{expected['token']} leads nowhere; {expected['array']} {has}"
