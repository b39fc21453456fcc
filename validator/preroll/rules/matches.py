"""A text has a certain look."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from preroll.pointer import Path
from preroll.rules import clearance, exactly
from preroll.rules import place as places
from preroll.rules.kind import Context, Finding
from preroll.rules.parameter import Hasty, Parameter, flag, many_places, text


def pattern(value: Any) -> str:
    """A regular expression; it must match from the beginning to the end."""
    try:
        re.compile(text(value))
    except re.error as problem:
        raise ValueError(f"{value!r} is not a regular expression: {problem}") from None
    return str(value)


@dataclass(frozen=True, slots=True)
class Matches(Hasty):
    """
    Texts at `places` match `pattern` as a whole, without regard to case; with `refuse` they do not.

    `among` is a pattern of the texts that are judged at all (the others are the schema's to report), and
    `means` says what the pattern stands for. `expected` is `{"means", "refuse"}`.
    """

    name: ClassVar[str] = "matches"
    scope: ClassVar[str] = "task"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "places": Parameter(many_places),
        "pattern": Parameter(pattern),
        "means": Parameter(text),
        "among": Parameter(pattern, ""),
        "refuse": Parameter(flag, False),
    }

    places: tuple[Path, ...]
    pattern: str
    means: str
    among: str = ""
    refuse: bool = False
    _fits: re.Pattern[str] = field(init=False, repr=False, compare=False)
    _judged: re.Pattern[str] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        flags = re.IGNORECASE | re.ASCII | re.DOTALL
        object.__setattr__(self, "_fits", re.compile(self.pattern, flags))
        object.__setattr__(self, "_judged", re.compile(self.among, flags) if self.among else None)

    def touches(self) -> tuple[Path, ...]:
        """The places, or the lists that hold them."""
        return tuple(map(places.root, self.places))

    def clear(self) -> dict[str, Any] | None:
        """Texts that match; for a refused look, texts that do not match even a wider pattern."""
        if self.refuse:
            wide = clearance.widened(self.pattern, fold=True)
            look: dict[str, Any] | None = {"not": {"pattern": f"^(?:{wide})$", "type": "string"}} if wide else None
        else:
            same = clearance.shared(self.pattern, fold=True)
            look = {"pattern": f"^(?:{same})$"} if same else None
        return look and {"allOf": [clearance.at(each, look) for each in self.places]}

    def schema(self) -> dict[str, Any] | None:
        """The patterns, where every validator reads them alike."""
        look, among = exactly.whole(self.pattern, fold=True), exactly.whole(self.among, fold=True) if self.among else ""
        if look is None or among is None:
            return None
        wanted = {"not": {"type": "string", "pattern": look}} if self.refuse else {"pattern": look}
        judged = {"if": {"type": "string", "pattern": among}, "then": wanted} if among else wanted
        return exactly.texts(self.places, judged)

    def check(self, instance: Any, context: Context) -> Iterator[Finding]:
        """Every text with the wrong look."""
        for place in self.places:
            for path, value in places.found(instance, place):
                if not isinstance(value, str) or (self._fits.fullmatch(value) is not None) is not self.refuse:
                    continue
                if self._judged is None or self._judged.fullmatch(value):
                    yield Finding(path, expected={"means": self.means, "refuse": self.refuse}, actual=value)

    def say(self, expected: Any, actual: Any) -> str:
        """E.g. "it is not a version 4 UUID"."""
        return f"it looks like {expected['means']}" if expected["refuse"] else f"it is not {expected['means']}"
