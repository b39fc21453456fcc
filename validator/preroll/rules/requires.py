"""Something needs something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from preroll.formula import Literal
from preroll.pointer import ABSENT, Path, text
from preroll.rules import clearance, exactly
from preroll.rules import place as places
from preroll.rules.condition import Condition, all_satisfied, needed, read_all
from preroll.rules.kind import Context, Finding
from preroll.rules.parameter import Hasty, Parameter, flag, one_of, one_place
from preroll.violation import Because


@dataclass(frozen=True, slots=True)
class Requires(Hasty):
    """
    When every condition of `when` holds, those of `need` hold too: all of them, or with `any` at least one.

    `effect` says what happens otherwise: `refused` (the vendor would not take it) or `ignored` (it has no
    effect). The finding stands at `place`, or at the first place of `when`. With `each` the places are
    relative to every item of a list. `expected` is `{"name", "told", "need": [{"name", "test", "values",
    "holds"}], "any", "effect"}`; `told` says whether the value at the place is what makes the need.
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

    def clear(self) -> dict[str, Any] | None:
        """Some condition does not hold, or what is needed does."""
        needs = [clearance.holding(each) for each in self.need]
        met = needs if self.any_of else [clearance.every(needs)]
        return clearance.at(self.each, clearance.unless(self.when, *met))

    def schema(self) -> dict[str, Any] | None:
        """Where the conditions hold, what is needed does too."""
        needs = [exactly.holding(each) for each in self.need]
        known = [each for each in needs if each is not None]
        if len(known) < len(needs):
            return None
        met = {"anyOf": known} if self.any_of and len(known) > 1 else exactly.every(known)
        found = exactly.when(self.when, met)
        return None if found is None else clearance.at(self.each, found)

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
            lacking = [each.place for each in unmet]
            others = (each for each in self.when if each.place != main and each.place not in lacking)
            conditions = [each.because(item, prefix) for each in others]
            facts = [_fact(each, item, prefix) for each in unmet if each.test != "given"]
            yield Finding(
                (*prefix, *main),
                also=tuple((*prefix, *path) for path in present if path != main),
                because=(*facts, *conditions),
                expected={
                    "name": places.name(main),
                    "told": any(each.place == main and each.test != "given" for each in self.when),
                    "need": [
                        {
                            "name": places.name(each.place),
                            "test": each.test,
                            "values": list(each.values),
                            "holds": each.holds,
                        }
                        for each in unmet
                    ],
                    "any": self.any_of,
                    "effect": self.effect,
                },
                actual=places.get(item, main),
            )

    def say(self, expected: Any, actual: Any) -> str:
        """E.g. "b needs a", "distance has no effect unless cache is true"."""
        subject = expected["name"] + (f" {places.written(actual)}" if expected["told"] else "")
        joined = (" or " if expected["any"] else " and ").join(map(_needed, expected["need"]))
        if expected["effect"] != "ignored":
            return f"{subject} needs {joined}"
        given = all(each["test"] == "given" for each in expected["need"])
        state = f"{joined} is given" if given else joined.replace(" to be ", " is ")
        return f"{subject} has no effect unless {state}"


def _needed(need: Mapping[str, Any]) -> str:
    if need["test"] == "given":
        return str(need["name"]) if need["holds"] else f"no {need['name']}"
    joined = " or ".join(map(places.written, need["values"]))
    verb = "to be" if need["test"] != "above" else "above"
    return f"{need['name']} {'' if need['holds'] else 'not '}{verb} {joined}"


def _fact(condition: Condition, item: Any, prefix: Path) -> Because:
    """What stands where the condition asked for something else."""
    path, actual = next(places.found(item, condition.place), (condition.place, ABSENT))
    default = condition.default if actual is ABSENT else ABSENT
    value = default if actual is ABSENT else actual
    known = Literal("required", places.name(path), False) if value is ABSENT else Literal("enum", (value,))
    return Because(text((*prefix, *path)), known, actual, default)
