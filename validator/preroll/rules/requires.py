"""Something needs something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from preroll.formula import Literal
from preroll.pointer import ABSENT, Path, text
from preroll.rules import place as places
from preroll.rules.condition import Condition, all_satisfied, needed, read_all
from preroll.rules.kind import Context, Finding
from preroll.rules.parameter import Parameter, flag, one_of, one_place
from preroll.violation import Because


@dataclass(frozen=True, slots=True)
class Requires:
    """
    When every condition of `when` holds, those of `need` hold too: all of them, or with `any` at least one.

    `effect` says what happens otherwise: `refused` (the vendor would not take it) or `ignored` (it has no
    effect). The finding stands at `place`, or at the first place of `when`. With `each` the places are relative
    to every item of a list. `expected` is `{"need": [WORDS, ...], "any", "effect"}`.
    """

    name: ClassVar[str] = "requires"
    scope: ClassVar[str] = "task"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "when": Parameter(read_all, ()),
        "need": Parameter(read_all),
        "any": Parameter(flag, False, "any_of"),
        "effect": Parameter(one_of("refused", "ignored"), "refused"),
        "place": Parameter(one_place, None),
        "each": Parameter(one_place, ()),
    }

    when: tuple[Condition, ...]
    need: tuple[Condition, ...]
    any_of: bool = False
    effect: str = "refused"
    place: Path | None = None
    each: Path = ()

    def touches(self) -> tuple[Path, ...]:
        """A place that the conditions need, below `each`; the whole task where they need none."""
        return (places.root(self.each) if self.each else needed(self.when) or (),)

    def check(self, instance: Any, context: Context) -> Iterator[Finding]:
        """The place whose need is not met."""
        for prefix, item in places.found(instance, self.each) if self.each else (((), instance),):
            if not all_satisfied(self.when, item):
                continue
            unmet = [each for each in self.need if not each.satisfied(item)]
            if not unmet or (self.any_of and len(unmet) < len(self.need)):
                continue
            main = self.place
            if main is None:
                main = next(self.when[0].places(item), self.when[0].place) if self.when else ()
            present = (path for each in unmet for path, _ in places.found(item, each.place))
            conditions = [each.because(item, prefix) for each in self.when if each.place != main]
            facts = [_fact(each, item, prefix) for each in unmet if each.test != "given"]
            yield Finding(
                (*prefix, *main),
                also=tuple((*prefix, *path) for path in present if path != main),
                because=(*facts, *conditions),
                expected={"need": [words(each) for each in unmet], "any": self.any_of, "effect": self.effect},
                actual=places.get(item, main),
            )

    def say(self, expected: Any, actual: Any) -> str:
        """E.g. "it needs frontalImage", "it has no effect unless teaCache is true"."""
        need = (" or " if expected["any"] else " and ").join(expected["need"])
        value = "it" if actual is ABSENT or isinstance(actual, (dict, list)) else places.written(actual)
        if len(value) > 40:  # a prompt or a URL says nothing here
            value = "it"
        return f"{value} has no effect unless {need}" if expected["effect"] == "ignored" else f"{value} needs {need}"


def _fact(condition: Condition, item: Any, prefix: Path) -> Because:
    """What stands where the condition asked for something else."""
    path, actual = next(places.found(item, condition.place), (condition.place, ABSENT))
    default = condition.default if actual is ABSENT else ABSENT
    value = default if actual is ABSENT else actual
    known = Literal("required", places.name(path), False) if value is ABSENT else Literal("enum", (value,))
    return Because(text((*prefix, *path)), known, actual, default)


def words(condition: Condition) -> str:
    """A needed condition in words: "frontalImage", "teaCache is true"."""
    short = places.name(condition.place)
    if condition.test == "given":
        return short if condition.holds else f"no {short}"
    joined = " or ".join(map(places.written, condition.values))
    if condition.test == "above":
        return f"{short} above {joined}"
    return f"{short} {'is' if condition.holds else 'is not'} {joined}"
