"""
Prose rules as constraints: what each kind of rule asserts, in the terms of the solver.

A kind whose arithmetic is linear is encoded exactly. What depends on the inside of one text is a predicate of
the text; where a rule looks at more than the model holds (the sum over a longer list than is modelled, the
product of two numbers of a payload), its truth there is left open, and an answer that rests on it is confirmed
by the rule itself or is unknown.
"""

from __future__ import annotations

import dataclasses
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import z3

from preroll.constraints import language
from preroll.constraints import text as texts
from preroll.constraints.encoding import Encoding
from preroll.constraints.language import Unsupported
from preroll.constraints.location import Location, Term, conj, disj, equals, exact, neg
from preroll.constraints.text import Predicate
from preroll.pointer import ABSENT, Path
from preroll.rules.agrees_with import AgreesWith
from preroll.rules.condition import Condition
from preroll.rules.contains import Contains
from preroll.rules.date_span import FIRST, LAST, DateSpan, Day, ordinal
from preroll.rules.expression import Combination, Constant, Expression, Operand
from preroll.rules.filename_type import FilenameType
from preroll.rules.forbids import Forbids
from preroll.rules.kind import Context
from preroll.rules.listed import Listed
from preroll.rules.matches import Matches
from preroll.rules.max_items import MaxItems
from preroll.rules.max_utf16 import MaxUtf16
from preroll.rules.media_input import MediaInput
from preroll.rules.ordered import Ordered
from preroll.rules.references_resolve import ReferencesResolve
from preroll.rules.remark import Remark
from preroll.rules.requires import Requires
from preroll.rules.sum_equals import SumEquals
from preroll.rules.unique import Unique
from preroll.rules.unique_by import UniqueBy

if TYPE_CHECKING:
    from preroll.rules import Rule

_LAST = 500_000
"""Rules are encoded when every place that a schema speaks about is known."""

Place = tuple[Term, Location]
"""A place that a rule finds, with whether it is there."""


def holds(rule: Rule, encoding: Encoding, root: Location, context: Context) -> Term:
    """The term that a rule finds nothing."""
    reader = _READERS.get(type(rule.kind))
    if reader is None:
        return encoding.open_truth(f"the rule {rule.id} is of a kind that is not encoded", True)
    for path in _paths(rule.kind):
        _touch(root, path)
    prose = Prose(rule, encoding, root, context)
    return encoding.space.later(_LAST, lambda: neg(reader(prose, rule.kind)))


def _paths(kind: Any) -> Iterable[Path]:
    """Every place that a kind's parameters name, those relative to a list's items made absolute."""
    prefix: Path = getattr(kind, "each", ())
    for each in dataclasses.fields(kind):
        yield from _named(getattr(kind, each.name), prefix if each.name != "each" else ())
    for holder, member in (("array", "member"), ("array", "by")):
        array, inner = getattr(kind, holder, None), getattr(kind, member, None)
        if isinstance(array, tuple) and isinstance(inner, tuple):
            yield (*array, "*", *inner)


def _named(value: Any, prefix: Path) -> Iterable[Path]:
    if isinstance(value, (Condition, Operand, Day)):
        yield (*prefix, *value.place)
    elif isinstance(value, Combination):
        for each in value.parts:
            yield from _named(each, prefix)
    elif isinstance(value, tuple):
        if value and all(isinstance(each, (str, int)) for each in value):
            yield (*prefix, *value)
        for each in value:
            yield from _named(each, prefix)


def _touch(at: Location, path: Path) -> None:
    """Make the place, so that it is there when the schema's own assertions are put together."""
    if not path or not all(isinstance(each, str) for each in path):
        return
    head, rest = path[0], path[1:]
    if head == "*":
        at.item(at.space.bounds.items - 1)
        for each in at.items:
            _touch(each, rest)
    else:
        assert isinstance(head, str)
        _touch(at.member(head), rest)


def found(at: Location, path: Path) -> list[Place]:
    """The places that a path names; the last item of a list stands for all further ones."""
    places: list[Place] = [(True, at)]
    for key in path:
        next_places: list[Place] = []
        for there, place in places:
            if key == "*":
                next_places += [(conj((there, item.exists)), item) for item in place.items]
            else:
                child = place.members.get(str(key))
                if child is not None:
                    next_places.append((conj((there, child.exists)), child))
        places = next_places
    return places


def condition(at: Location, one: Condition) -> Term:
    """Whether a condition holds."""
    places = found(at, one.place)
    given = disj(there for there, _ in places)
    if one.test == "given":
        return given if one.holds else neg(given)
    fits = disj(conj((there, _fits(place, one))) for there, place in places)
    if one.default is not ABSENT and one.fits(one.default):
        return disj((fits, neg(given)))
    return fits


def _fits(place: Location, one: Condition) -> Term:
    if one.test == "above":
        above = place.amount > place.space.number(exact(one.values[0]))
        return conj((place.kind("number"), above if one.holds else neg(above)))
    listed = disj(equals(place, each) for each in one.values)
    return listed if one.holds else neg(listed)


def every(at: Location, conditions: Sequence[Condition]) -> Term:
    """Whether all conditions hold."""
    return conj(condition(at, each) for each in conditions)


class Prose:
    """One rule at the root of a payload; its methods say when the rule finds something."""

    def __init__(self, rule: Rule, encoding: Encoding, root: Location, context: Context) -> None:
        self.rule, self.encoding, self.root, self.context = rule, encoding, root, context

    def text(self, kind: Any) -> Term:
        """A text at one of the places is at fault by itself."""
        predicate = _fault(kind, self.rule)
        return disj(
            conj((there, place.kind("string"), place.satisfies(predicate)))
            for path in kind.places
            for there, place in found(self.root, path)
        )

    def listed(self, kind: Listed) -> Term:
        return disj(
            conj((there, place.kind("string"), *(neg(place.is_text(each)) for each in kind.values)))
            for path in kind.places
            for there, place in found(self.root, path)
        )

    def max_utf16(self, kind: MaxUtf16) -> Term:
        terms = []
        for path in kind.places:
            for there, place in found(self.root, path):
                within = True if kind.max_length is None else neg(place.longer(kind.max_length + 1))
                terms.append(conj((there, place.kind("string"), place.wider(kind.most + 1), within)))
        return disj(terms)

    def max_items(self, kind: MaxItems) -> Term:
        when = every(self.root, kind.when)
        return disj(
            conj((there, place.kind("array"), place.length > kind.most, when))
            for there, place in found(self.root, kind.place)
        )

    def requires(self, kind: Requires) -> Term:
        terms = []
        for there, item in found(self.root, kind.each) if kind.each else [(True, self.root)]:
            met = [condition(item, each) for each in kind.need]
            enough = disj(met) if kind.any_of else conj(met)
            terms.append(conj((there, every(item, kind.when), neg(enough))))
        return disj(terms)

    def forbids(self, kind: Forbids) -> Term:
        terms = []
        for there, item in found(self.root, kind.each) if kind.each else [(True, self.root)]:
            refused = disj(_present(item, each) for each in kind.refuse)
            terms.append(conj((there, every(item, kind.when), refused)))
        return disj(terms)

    def remark(self, kind: Remark) -> Term:
        return every(self.root, kind.when)

    def contains(self, kind: Contains) -> Term:
        terms = []
        for there, array in found(self.root, kind.array):
            has = disj(
                conj((conj((item.exists, given)), equals(place, value)))
                for item in array.items
                for given, place in found(item, kind.member)
                for value in kind.values
            )
            some = conj((array.kind("array"), array.length >= 1))
            terms.append(conj((there, some, neg(has), every(self.root, kind.when))))
        return disj(terms)

    def agrees_with(self, kind: AgreesWith) -> Term:
        terms = []
        for there, place in found(self.root, kind.place):
            others = [found(self.root, each) for each in kind.others]
            if not all(others):
                continue
            (rows_of,) = (kind.table,)
            fits: dict[str, Term] = {}
            for key, rows in rows_of.items():
                fits[key] = disj(
                    conj(
                        conj((other[0][0], equals(other[0][1], value)))
                        for other, value in zip(others, row, strict=True)
                    )
                    for row in rows
                    if len(row) == len(others)
                )
            known = disj(place.is_text(key) for key in kind.table)
            right = disj(conj((place.is_text(key), fits[key])) for key in kind.table)
            terms.append(conj((there, place.kind("string"), known, disj(fits.values()), neg(right))))
        return disj(terms)

    def sum_equals(self, kind: SumEquals) -> Term:
        somewhere: list[Term] = []
        sound: list[Term] = []
        beyond: list[Term] = []
        total: list[Any] = []
        for path in kind.places:
            if "*" not in path:
                for there, place in found(self.root, path):
                    somewhere.append(there)
                    sound.append(disj((neg(there), place.kind("number"))))
                    total.append(z3.If(self.root.space.term(there), place.amount, 0))
                continue
            star = path.index("*")
            for there, array in found(self.root, path[:star]):
                somewhere.append(there)
                sound.append(disj((neg(there), array.kind("array"))))
                longer = conj((there, array.kind("array"), array.length > len(array.items)))
                beyond.append(conj((longer, array.length > len(array.items) + _COPIES)))
                for item in array.items:
                    inner = found(item, path[star + 1 :])
                    if "*" not in path[star + 1 :]:
                        sound.append(disj((neg(item.exists), *(given for given, _ in inner))))
                    for given, place in inner:
                        here = conj((item.exists, given))
                        sound.append(disj((neg(here), place.kind("number"))))
                        total.append(z3.If(self.root.space.term(here), place.amount, 0))
                        if item is array.items[-1]:
                            total.append(
                                z3.If(self.root.space.term(conj((here, longer))), self._copies(array, place), 0)
                            )
        known, wanted = self._value(kind.equals)
        if known is False or not total:
            return False
        differ = conj((disj(somewhere), *sound, known, z3.Sum(total) != wanted))
        return self._beyond(disj(beyond), differ, "a list is longer than the model adds up")

    def _copies(self, array: Location, place: Location) -> Any:
        """What the items beyond the last place add, which are all like it."""
        added = place.space.real(f"copies{place.number}")
        for count in range(1, _COPIES + 1):
            longer = array.length == len(array.items) + count
            self.encoding.space.axiom(z3.Implies(longer, added == count * place.amount))
        return added

    def _beyond(self, beyond: Term, term: Term, reason: str) -> Term:
        """The term, or an open truth where the model does not reach."""
        if beyond is False:
            return term
        free = self.encoding.open_truth(f"the rule {self.rule.id}: {reason}", beyond)
        return z3.If(self.root.space.term(beyond), free, self.root.space.term(term))

    def _value(self, expression: Expression) -> tuple[Term, Any]:
        """Whether an expression has a value, and which."""
        if isinstance(expression, Constant):
            return True, self.root.space.number(Fraction(expression.number))
        if isinstance(expression, Operand):
            default = None if expression.default is None else self.root.space.number(Fraction(expression.default))
            places = found(self.root, expression.place)
            if not places:
                return default is not None, default
            there, place = places[0]
            given = conj((there, place.kind("number")))
            if default is None:
                return given, place.amount
            return disj((neg(there), given)), z3.If(self.root.space.term(there), place.amount, default)
        parts = [self._value(each) for each in expression.parts]
        known = conj(each for each, _ in parts)
        if known is False:
            return False, None
        values = [each for _, each in parts]
        if expression.operator == "sum":
            return known, z3.Sum(values)
        result = values[0]
        for each in values[1:]:
            result = self._product(result, each, known)
        return known, result / 100 if expression.operator == "percent" else result

    def _product(self, one: Any, other: Any, known: Term) -> Any:
        """
        The product of two numbers.

        Two that both vary make the arithmetic non-linear, which solvers do not decide reliably; so it is exact
        where the second is one of some round numbers, and open elsewhere.
        """
        if isinstance(one, z3.RatNumRef) or isinstance(other, z3.RatNumRef):
            return one * other
        name = f"product{self.encoding.space.fresh('product')}"
        result = self.root.space.real(name)
        for number in _ROUND:
            self.encoding.space.axiom(z3.Implies(other == number, result == one * number))
        elsewhere = conj((known, *(other != number for number in _ROUND)))
        self.encoding.open_value(result, f"the rule {self.rule.id} multiplies two numbers", elsewhere)
        return result

    def ordered(self, kind: Ordered) -> Term:
        left_known, left = self._value(kind.left)
        right_known, right = self._value(kind.right)
        if left_known is False or right_known is False:
            return False
        operands = (*kind.left.operands(), *kind.right.operands())
        given = disj(there for each in operands for there, _ in found(self.root, each.place))
        in_order = _OPERATORS[kind.op](left, right)
        return conj((left_known, right_known, given, every(self.root, kind.when), neg(in_order)))

    def unique(self, kind: Unique) -> Term:
        places = [each for path in kind.places for each in found(self.root, path)]
        terms = [
            conj((here, there, self._same_scalar(one, other, fold=bool(kind.fold))))
            for index, (here, one) in enumerate(places)
            for there, other in places[index + 1 :]
        ]
        terms += [self._repeated(array, last) for path in kind.places for array, last in self._lists(path)]
        return disj(terms)

    def _lists(self, path: Path) -> Iterable[tuple[Location, Sequence[Place]]]:
        """The lists in which items beyond the last place would repeat it."""
        if "*" not in path:
            return
        star = len(path) - 1 - tuple(reversed(path)).index("*")
        for _, array in found(self.root, path[:star]):
            if array.items:
                yield array, found(array.items[-1], path[star + 1 :])

    def _repeated(self, array: Location, last: Sequence[Place]) -> Term:
        longer = conj((array.exists, array.kind("array"), array.length > len(array.items)))
        repeated = disj(
            conj((there, disj(place.kind(kind) for kind in ("string", "number", "boolean", "null"))))
            for there, place in last
        )
        return conj((longer, repeated, neg(array.items[-1].varied), array.space.few))

    def _same_scalar(self, one: Location, other: Location, *, fold: bool) -> Term:
        same_text = one.same_text(other)
        if fold:
            same_text = self.encoding.space.folded(one) == self.encoding.space.folded(other)
        return disj(
            (
                conj((one.kind("string"), other.kind("string"), same_text)),
                conj((one.kind("number"), other.kind("number"), one.amount == other.amount)),
                conj((one.kind("boolean"), other.kind("boolean"), one.truth == other.truth)),
                conj((one.kind("null"), other.kind("null"))),
            )
        )

    def unique_by(self, kind: UniqueBy) -> Term:
        terms = []
        for there, array in found(self.root, kind.array):
            marks = [(item, found(item, kind.by)) for item in array.items]
            pairs = [
                conj((other.exists, one.kind("object"), other.kind("object"), self._same_mark(kind, left, right)))
                for index, (one, left) in enumerate(marks)
                for other, right in marks[index + 1 :]
            ]
            if array.items:
                last, mark = marks[-1]
                pairs.append(conj((last.kind("object"), self._repeated(array, mark))))
                if kind.absent is not ABSENT:
                    longer = conj((last.exists, array.length > len(array.items), last.kind("object")))
                    pairs.append(conj((longer, *(neg(given) for given, _ in mark))))
            terms.append(conj((there, array.kind("array"), disj(pairs))))
        return conj((disj(terms), every(self.root, kind.when)))

    def _same_mark(self, kind: UniqueBy, left: Sequence[Place], right: Sequence[Place]) -> Term:
        """Whether two items mean the same by their member."""
        alike = dict(kind.alike or {})
        terms: list[Term] = []
        one_given, other_given = disj(each for each, _ in left), disj(each for each, _ in right)
        for here, one in left:
            for there, other in right:
                plain = [one.kind("string"), other.kind("string"), one.same_text(other)]
                plain += [neg(place.is_text(word)) for place in (one, other) for word in alike]
                same = [conj(plain)]
                for kind_name in ("number", "boolean", "null"):
                    both = [one.kind(kind_name), other.kind(kind_name)]
                    if kind_name == "number":
                        both.append(one.amount == other.amount)
                    elif kind_name == "boolean":
                        both.append(one.truth == other.truth)
                    same.append(conj(both))
                for word, meaning in alike.items():
                    for first, second in ((one, other), (other, one)):
                        same.append(conj((equals(first, word), _means(second, meaning, alike))))
                terms.append(conj((here, there, disj(same))))
        if kind.absent is not ABSENT:
            absent = alike.get(kind.absent, kind.absent) if isinstance(kind.absent, str) else kind.absent
            terms += [
                conj((given, _means(place, absent, alike), neg(missing)))
                for places, missing in ((left, other_given), (right, one_given))
                for given, place in places
            ]
            terms.append(conj((neg(one_given), neg(other_given))))
        return disj(terms)

    def references_resolve(self, kind: ReferencesResolve) -> Term:
        token = _tokens(kind, self.rule)
        arrays = found(self.root, kind.array)
        terms = []
        for path in kind.places:
            for there, place in found(self.root, path):
                has = conj((there, place.kind("string"), place.satisfies(token)))
                if kind.member is not None:
                    terms.append(conj((has, self._dangling_name(kind, place, arrays))))
                else:
                    terms.append(conj((has, self._dangling_position(kind, place, arrays))))
        return disj(terms)

    def _dangling_position(self, kind: ReferencesResolve, place: Location, arrays: list[Place]) -> Term:
        given, listed, length = False, True, self.root.space.count(0)
        if arrays:
            given, array = arrays[0]
            listed = disj((neg(given), array.kind("array")))
            length = z3.If(self.root.space.term(given), array.length, 0)
        count = self.encoding.space.bounds.items
        beyond = [conj((length == each, place.satisfies(_wild(kind, each, self.rule)))) for each in range(count + 1)]
        term = conj((listed, disj(beyond)))
        if kind.if_any:
            term = conj((term, length > 0))
        return self._beyond(length > count, term, "a list is longer than the model follows references into")

    def _dangling_name(self, kind: ReferencesResolve, place: Location, arrays: list[Place]) -> Term:
        """Which names a text mentions is not modelled: whether they exist is open wherever there is a token."""
        given = arrays[0][0] if arrays else False
        length = arrays[0][1].length if arrays else self.root.space.count(0)
        listed = disj((neg(given), arrays[0][1].kind("array"))) if arrays else True
        here = conj((place.exists, place.kind("string"), place.satisfies(_tokens(kind, self.rule))))
        free = self.encoding.open_truth(f"the rule {self.rule.id} follows names", here)
        if not kind.if_any:
            return conj((listed, free))
        assert kind.member is not None
        named = [
            conj((item.exists, there, member.kind("string")))
            for item in (arrays[0][1].items if arrays else ())
            for there, member in found(item, kind.member)
        ]
        return conj((given, listed, length > 0, disj(named), free))

    def date_span(self, kind: DateSpan) -> Term:
        start_given, start_known, start = self._day(kind.start)
        end_given, end_known, end = self._day(kind.end)
        today = self.root.space.count(self.context.today.toordinal())
        for _ in range(2):  # one default may rest on the other date
            if start is None and kind.start.days is not None:
                base = {"today": today, "start": None, "end": end}[kind.start.of]
                start = None if base is None else base + kind.start.days
            if end is None and kind.end.days is not None:
                base = {"today": today, "start": start, "end": None}[kind.end.of]
                end = None if base is None else base + kind.end.days
        bases = {"today": today, "start": start, "end": end}
        first = _or_default(start_given, start, kind.start, bases)
        last = _or_default(end_given, end, kind.end, bases)
        if first is None or last is None:
            return False
        days = last - first
        wrong = []
        if kind.most is not None:
            wrong.append(days > kind.most)
        if kind.least is not None:
            wrong.append(days < kind.least)
        sides = [disj((neg(start_given), start_known)), disj((neg(end_given), end_known))]
        if kind.start.days is None:
            sides.append(start_given)
        if kind.end.days is None:
            sides.append(end_given)
        return conj((disj((start_given, end_given)), *sides, disj(wrong)))

    def _day(self, day: Day) -> tuple[Term, Term, Any]:
        """Whether a date is given, whether it is one, and which day it is."""
        places = found(self.root, day.place)
        if not places:
            return False, False, None
        there, place = places[0]
        if place.dated is None:
            place.dated = ordinal
            self.encoding.space.axiom(z3.And(place.day >= FIRST, place.day <= LAST))
            for value in place.literals:
                place.tell_day(value)
        return there, conj((place.kind("string"), place.satisfies(_DATE))), place.day


def _or_default(given: Term, value: Any, day: Day, bases: Mapping[str, Any]) -> Any:
    if day.days is None:
        return value
    base = bases[day.of]
    if base is None:
        return value
    default = base + day.days
    if given is False or value is None:
        return default
    return value if given is True else z3.If(given, value, default)


def _present(at: Location, one: Condition) -> Term:
    """Whether an existing place satisfies a condition: defaults of absent places are not refused."""
    places = found(at, one.place)
    if one.test == "given":
        return disj(there for there, _ in places) if one.holds else False
    return disj(conj((there, _fits(place, one))) for there, place in places)


def _means(place: Location, meaning: Any, alike: Mapping[str, Any]) -> Term:
    words = [
        word
        for word, value in alike.items()
        if value == meaning and isinstance(value, bool) is isinstance(meaning, bool)
    ]
    plain = equals(place, meaning) if not (isinstance(meaning, str) and meaning in alike) else False
    return disj((plain, *(equals(place, word) for word in words)))


_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

_ROUND = (1, 2, 4, 5, 8, 10, 12, 15, 16, 20, 24, 25, 30, 32, 40, 50, 60, 64, 75, 80, 90, 99, 100)

_COPIES = 16
"""How many items beyond those that may differ are added up."""

_DATE = Predicate.of(
    "a date", lambda text: ordinal(text) is not None, texts.format_("date").within, ("2025-01-31", "2025-13-31")
)

_FAULTS: dict[tuple[Any, ...], Predicate] = {}


def _fault(kind: Any, rule: Rule) -> Predicate:
    """The predicate that a text alone breaks a rule, wherever it stands."""
    key = (type(kind).__name__, rule.id, repr(rule.parameters))
    known = _FAULTS.get(key)
    if known is None:
        single = dataclasses.replace(kind, places=((),))
        samples = (*_strings(rule.example.breaks), *_strings(rule.example.keeps), *_candidates(kind))
        exact_language = _LANGUAGES[type(kind)](kind) if type(kind) in _LANGUAGES else None
        known = _FAULTS[key] = Predicate.of(
            f"a fault by the rule {rule.id}",
            lambda text: next(iter(single.check(text, _NO_CONTEXT)), None) is not None,
            exact_language,
            tuple(dict.fromkeys(samples)),
        )
    return known


_NO_CONTEXT: Any = None  # the kinds that judge a text by itself do not look at it


def _matching(kind: Matches) -> language.Node | None:
    """The texts with which such a rule finds fault."""
    try:
        fits = language.pattern(kind.pattern, fold=True, dot_all=True, whole=True)
        judged = language.pattern(kind.among, fold=True, dot_all=True, whole=True) if kind.among else language.ANYTHING
    except Unsupported:
        return None
    return language.both(judged, fits if kind.refuse else language.complement(fits))


def _other_file(kind: FilenameType) -> language.Node:
    """The file names that end in none of the extensions."""

    def either_case(letter: str) -> str:
        same = {each for each in (letter, letter.upper(), "\N{KELVIN SIGN}") if each.lower() == letter.lower()}
        return "[" + "".join(f"\\u{ord(each):04x}" for each in sorted(same)) + "]"

    endings = "|".join("".join(map(either_case, each)) for each in kind.extensions if "." not in each and each)
    return language.complement(language.pattern(rf"\.(?:{endings})$"))


_LANGUAGES: Mapping[type, Callable[[Any], language.Node | None]] = {
    Matches: _matching,
    FilenameType: _other_file,
}
"""The kinds whose faults are a regular language."""


def _candidates(kind: Any) -> Iterable[str]:
    """Texts on both sides of a kind's line."""
    if isinstance(kind, FilenameType):
        yield from (f"file.{each}" for each in kind.extensions[:2])
        yield from ("file.txt", "file")
    elif isinstance(kind, MediaInput):
        family = kind.media[0] if kind.media else "image"
        for scheme in (*kind.schemes, "ftp", "file"):
            yield from (f"{scheme}://example.com/media", f"{scheme}://", f"{scheme}:///")
        yield "https://exam ple.com/"
        for medium in (family, "image", "video", "audio", "text"):
            yield f"data:{medium}/x;base64,iVBORw0KGgo="
            yield f"data:{medium}/x,plain"
            yield f"data:{medium}/x;base64,iVBORw0KGgo=="
        yield from ("iVBORw0KGgo=", "iVBORw0KGgo==", "====", "mailto:someone@example.com", "urn:example:1")


def _strings(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


def _tokens(kind: ReferencesResolve, rule: Rule) -> Predicate:
    key = ("tokens", kind.pattern)
    known = _FAULTS.get(key)
    if known is None:
        token = re.compile(kind.pattern, re.ASCII)
        listed = _with_tokens(kind, rule)
        # A name that no item has makes the reference dangle, whatever else the payload holds.
        renamed = [text[: at.start(1)] + "nobody" + text[at.end(1) :] for text in listed for at in token.finditer(text)]
        samples = (*renamed, *listed)
        known = _FAULTS[key] = Predicate(
            f"a text with a reference as in the rule {rule.id}",
            lambda text: token.search(text) is not None,
            samples=tuple(samples),
        )
    return known


def _with_tokens(kind: ReferencesResolve, rule: Rule) -> tuple[str, ...]:
    """Texts that may hold a token: those of the rule's example, and what the pattern itself tells."""
    try:
        made = language.search(language.pattern(kind.pattern)).text
    except Unsupported:
        made = None
    return (*_strings(rule.example.breaks), *_strings(rule.example.keeps), *(() if made is None else (made,)))


def _wild(kind: ReferencesResolve, count: int, rule: Rule) -> Predicate:
    """Whether a text refers to an item beyond the first so many."""
    key = ("wild", kind.pattern, kind.base, count)
    known = _FAULTS.get(key)
    if known is None:
        token = re.compile(kind.pattern, re.ASCII)
        names = frozenset(str(kind.base + index) for index in range(count))
        samples = []
        for text in _with_tokens(kind, rule):
            for match in token.finditer(text):
                start, end = match.span(1)
                samples += [f"{text[:start]}{kind.base + each}{text[end:]}" for each in range(count + 2)]
        known = _FAULTS[key] = Predicate(
            f"a reference beyond item {count} as in the rule {rule.id}",
            lambda text: any((match[1].lstrip("0") or "0") not in names for match in token.finditer(text)),
            samples=tuple(dict.fromkeys(samples)),
        )
    return known


_READERS: Mapping[type, Callable[[Prose, Any], Term]] = {
    AgreesWith: Prose.agrees_with,
    Contains: Prose.contains,
    DateSpan: Prose.date_span,
    FilenameType: Prose.text,
    Forbids: Prose.forbids,
    Listed: Prose.listed,
    Matches: Prose.text,
    MaxItems: Prose.max_items,
    MaxUtf16: Prose.max_utf16,
    MediaInput: Prose.text,
    Ordered: Prose.ordered,
    ReferencesResolve: Prose.references_resolve,
    Remark: Prose.remark,
    Requires: Prose.requires,
    SumEquals: Prose.sum_equals,
    Unique: Prose.unique,
    UniqueBy: Prose.unique_by,
}
"""What each kind of a rule about one task finds fault with; rules across tasks are not about one payload."""
