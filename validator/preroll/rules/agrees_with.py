"""A value says the same as several others together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from preroll.formula import Literal
from preroll.pointer import ABSENT, Path, text
from preroll.rules import clearance, exactly
from preroll.rules import place as places
from preroll.rules.kind import Context, Finding
from preroll.rules.parameter import Hasty, Parameter, many_places, one_place
from preroll.violation import Because


def _table(value: Any) -> Mapping[str, tuple[tuple[Any, ...], ...]]:
    if not isinstance(value, Mapping) or not all(isinstance(rows, list) for rows in value.values()):
        raise ValueError("it is not a table: an object whose values are lists of rows")
    if not all(isinstance(row, list) for rows in value.values() for row in rows):
        raise ValueError("a row of the table is not a list")
    return {str(key): tuple(tuple(row) for row in rows) for key, rows in value.items()}


@dataclass(frozen=True, slots=True)
class AgreesWith(Hasty):
    """
    Where all of `others` are given and form a row of `table`, the value at `place` is that row's key.

    Values and rows that the table does not know are passed over. `expected` is `{"value", "others",
    "names"}`; `allowed` is the one value that agrees.
    """

    name: ClassVar[str] = "agrees-with"
    scope: ClassVar[str] = "task"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "place": Parameter(one_place),
        "others": Parameter(many_places),
        "table": Parameter(_table),
    }

    place: Path
    others: tuple[Path, ...]
    table: Mapping[str, tuple[tuple[Any, ...], ...]]

    def touches(self) -> tuple[Path, ...]:
        """The value."""
        return (self.place,)

    def clear(self) -> dict[str, Any] | None:
        """The value, or one of the others, is not given."""
        missing = [clearance.given(each) for each in self.others]
        ways = [{"not": each} for each in missing if each is not None]
        return {"anyOf": [clearance.absent(self.place), *ways]}

    def schema(self) -> dict[str, Any] | None:
        """For each row: where the others form it, the value is none of the keys of other rows."""
        if any("*" in each for each in (self.place, *self.others)):
            return None
        found = []
        for row in dict.fromkeys(row for rows in self.table.values() for row in rows):
            wrong = [key for key, rows in self.table.items() if row not in rows]
            others = [exactly.exists(path, {"const": each}) for path, each in zip(self.others, row, strict=False)]
            if wrong and len(others) == len(self.others):
                refused = clearance.at(self.place, {"not": exactly.one_of(wrong)})
                found.append({"if": exactly.every(others), "then": refused})
        return {"allOf": found}

    def check(self, instance: Any, context: Context) -> Iterator[Finding]:
        """The value, where the others say another."""
        value = places.get(instance, self.place)
        if not isinstance(value, str) or value not in self.table:
            return
        others = tuple(places.get(instance, each) for each in self.others)
        if ABSENT in others:
            return
        keys = tuple(key for key, rows in self.table.items() if others in rows)
        if keys and value not in keys:
            yield Finding(
                self.place,
                also=self.others,
                because=tuple(
                    Because(text(path), Literal("enum", (each,)), each)
                    for path, each in zip(self.others, others, strict=True)
                ),
                expected={
                    "values": list(keys),
                    "others": list(others),
                    "names": [places.name(p) for p in self.others],
                },
                actual=value,
                allowed=keys,
            )

    def say(self, expected: Any, actual: Any) -> str:
        """E.g. "1080p does not fit width 1280 and height 720, which are 720p"."""
        pairs = zip(expected["names"], expected["others"], strict=True)
        others = " and ".join(f"{short} {places.written(value)}" for short, value in pairs)
        return f"{actual} does not fit {others}, which are {' or '.join(expected['values'])}"
