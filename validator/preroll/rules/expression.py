"""
Expressions: the small arithmetic in which the sides of an order are written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from preroll.pointer import ABSENT, Path
from preroll.rules import place as places

if TYPE_CHECKING:
    from preroll.rules.place import Number


@dataclass(frozen=True, slots=True)
class Constant:
    """A number."""

    number: Number

    def value(self, instance: Any) -> Number | None:
        """The number, whatever the instance."""
        return self.number

    def operands(self) -> Iterator[Operand]:
        """There are none."""
        return iter(())

    def words(self) -> str:
        """The number as a reader writes it."""
        return places.written(places.plain(self.number))


@dataclass(frozen=True, slots=True)
class Operand:
    """The number at a place, or the documented default where it is absent."""

    place: Path
    default: Number | None = None

    def value(self, instance: Any) -> Number | None:
        """The number there; None where nothing is known or the type is wrong."""
        found = places.get(instance, self.place)
        return self.default if found is ABSENT else places.exact(found)

    def operands(self) -> Iterator[Operand]:
        """The place itself."""
        yield self

    def words(self) -> str:
        """The name of the place."""
        return places.name(self.place)


@dataclass(frozen=True, slots=True)
class Combination:
    """The sum or the product of parts, or one part as a percentage of another."""

    operator: str
    parts: tuple[Expression, ...]

    def value(self, instance: Any) -> Number | None:
        """The result; None where a part has none."""
        total: Number = 0 if self.operator == "sum" else 1
        for part in self.parts:
            number = part.value(instance)
            if number is None:
                return None
            total = total + number if self.operator == "sum" else total * number
        if self.operator != "percent":
            return total
        from fractions import Fraction  # rare

        return Fraction(total) / 100

    def operands(self) -> Iterator[Operand]:
        """The places of all parts, from left to right."""
        for part in self.parts:
            yield from part.operands()

    def words(self) -> str:
        """The combination in the names of its places."""
        if self.operator == "percent":
            return f"{self.parts[0].words()} % of {self.parts[1].words()}"
        return (" + " if self.operator == "sum" else " × ").join(part.words() for part in self.parts)


Expression = Constant | Operand | Combination


def read(value: Any) -> Expression:
    """
    Read a number, a place (as text, or `{place, default}`), `{sum: [...]}`, `{product: [...]}` or
    `{percent: PERCENTAGE, of: WHOLE}`.

    Raises:
        ValueError: the value is none of them.
    """
    number = places.exact(value)
    if number is not None:
        return Constant(number)
    if isinstance(value, str):
        return Operand(places.read(value))
    if isinstance(value, Mapping):
        keys = set(value)
        if keys in ({"place"}, {"place", "default"}):
            default = places.exact(value.get("default"))
            if "default" in value and default is None:
                raise ValueError(f"the default {value['default']!r} is not a number")
            return Operand(places.read(value["place"]), default)
        if keys == {"percent", "of"}:
            return Combination("percent", (read(value["percent"]), read(value["of"])))
        if keys in ({"sum"}, {"product"}):
            (operator,) = keys
            if isinstance(value[operator], list) and value[operator]:
                return Combination(operator, tuple(map(read, value[operator])))
    raise ValueError(f"{value!r} is not a number, a place, a sum, a product or a percentage")
