"""Two dates are so many days apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from preroll.formula import Literal
from preroll.pointer import ABSENT, Path, text
from preroll.rules import place as places
from preroll.rules.kind import Context, Finding
from preroll.rules.parameter import Hasty, Parameter, count
from preroll.violation import Because


@dataclass(frozen=True, slots=True)
class Day:
    """
    A date at a place, or the documented default where it is absent.

    Attributes:
        place: where the date stands.
        days: how many days the default lies after `of`; None where nothing is documented.
        of: `today`, `start` or `end`.
    """

    place: Path
    days: int | None = None
    of: str = "today"


def _day(value: Any) -> Day:
    if isinstance(value, str):
        return Day(places.read(value))
    default = value.get("default") if isinstance(value, Mapping) else None
    if not isinstance(value, Mapping) or set(value) - {"place", "default"} or "place" not in value:
        raise ValueError(f"{value!r} is not a place, nor {{place, default: {{days, of}}}}")
    if default is None:
        return Day(places.read(value["place"]))
    if not isinstance(default, Mapping) or set(default) != {"days", "of"}:
        raise ValueError("the default of a date is {days: NUMBER, of: today, start or end}")
    if default["of"] not in ("today", "start", "end"):
        raise ValueError(f"{default['of']!r} is none of today, start, end")
    return Day(places.read(value["place"]), count(default["days"]), default["of"])


_CYCLE = 400
"""Years after which the calendar repeats itself; Python's dates begin in the year 1, RFC 3339's in the year 0."""
_CYCLE_DAYS = 146_097
FIRST, LAST = date(_CYCLE, 1, 1).toordinal() - _CYCLE_DAYS, date.max.toordinal()
"""The days that can be written YYYY-MM-DD."""


def ordinal(value: Any) -> int | None:
    """
    The number of the day that is written YYYY-MM-DD (RFC 3339 full-date), as Python counts days; None for other texts.

    Other ISO forms are the schema's to report.
    """
    if not isinstance(value, str) or len(value) != 10 or not value.isascii():  # YYYY-MM-DD
        return None
    if value[4] != "-" or value[7] != "-":
        return None
    in_year_0 = value.startswith("0000")
    try:
        day = date.fromisoformat(f"{_CYCLE:04}{value[4:]}" if in_year_0 else value)
    except ValueError:
        return None
    return day.toordinal() - (_CYCLE_DAYS if in_year_0 else 0)


def written(day: int) -> str:
    """A day from `FIRST` to `LAST` as YYYY-MM-DD."""
    return (
        f"0000{date.fromordinal(day + _CYCLE_DAYS).isoformat()[4:]}" if day < 1 else date.fromordinal(day).isoformat()
    )


@dataclass(frozen=True, slots=True)
class DateSpan(Hasty):
    """
    `end` lies at least `least` and at most `most` days after `start`; one of the two must be given.

    The finding stands at the end, or at the start where the end is absent. `expected` is
    `{"days", "least", "most", "start", "end"}`.
    """

    name: ClassVar[str] = "date-span"
    scope: ClassVar[str] = "task"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "start": Parameter(_day),
        "end": Parameter(_day),
        "least": Parameter(count, None),
        "most": Parameter(count, None),
    }

    start: Day
    end: Day
    least: int | None = None
    most: int | None = None

    def touches(self) -> tuple[Path, ...]:
        """Both dates: either may break the span against the other's default."""
        return (self.start.place, self.end.place)

    def clear(self) -> dict[str, Any] | None:
        """Nothing short: sums and days are not for schemas."""
        return None

    def schema(self) -> dict[str, Any] | None:
        """None: JSON Schema knows no calendar."""
        return None

    def check(self, instance: Any, context: Context) -> Iterator[Finding]:
        """The date that lies too far or too near; silent where a date is none, which the schema reports."""
        given_start = places.get(instance, self.start.place)
        given_end = places.get(instance, self.end.place)
        if given_start is ABSENT and given_end is ABSENT:
            return
        start, end = ordinal(given_start), ordinal(given_end)
        if (start is None and given_start is not ABSENT) or (end is None and given_end is not ABSENT):
            return
        if start is None:
            start = _default(self.start, context, start, end)
        if end is None:
            end = _default(self.end, context, start, end)
        if start is None or end is None or min(start, end) < FIRST or max(start, end) > LAST:
            return
        days = end - start
        if (self.most is None or days <= self.most) and (self.least is None or days >= self.least):
            return
        main, other, known, given = self.end, self.start, start, given_start
        if given_end is ABSENT:
            main, other, known, given = self.start, self.end, end, given_end
        iso = written(known)
        default = iso if given is ABSENT else ABSENT
        latest = ""
        if main is self.end and self.most is not None and days > self.most:
            latest = written(start + self.most)
        yield Finding(
            main.place,
            also=() if given is ABSENT else (other.place,),
            because=(Because(text(other.place), Literal("enum", (iso,)), given, default),),
            expected={
                "days": days,
                "least": self.least,
                "most": self.most,
                "start": written(start),
                "end": written(end),
                "latest": latest,
            },
            actual=places.get(instance, main.place),
        )

    def say(self, expected: Any, actual: Any) -> str:
        """E.g. "2024-04-01 is 91 days after 2024-01-01; at most 90 are allowed"."""
        days, most, least = expected["days"], expected["most"], expected["least"]
        if days < 0 or (days == 0 and least is not None):
            fact = "the same day as" if days == 0 else "before"
            return f"{expected['end']} is {fact} {expected['start']}"
        limit = f"at most {most} are allowed" if most is not None and days > most else f"at least {least} are needed"
        return f"{expected['end']} is {days} days after {expected['start']}; {limit}"


def _default(day: Day, context: Context, start: int | None, end: int | None) -> int | None:
    if day.days is None:
        return None
    base = {"today": context.today.toordinal(), "start": start, "end": end}[day.of]
    return None if base is None else base + day.days
