"""
From facts about one task to violations: misspelt and misplaced keys first, then what is left.

A misspelt key makes its right name missing and everything that depends on it wrong. So a slip that has one
plain remedy is mended in a copy, the copy is explained, and what is still wrong is told of the original.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

from preroll import dialect, mending, spelling
from preroll import pointer as pointers
from preroll.document import Document
from preroll.evaluation import Truth
from preroll.explanation import Combination, Condition, Explanation, Fact, options_of, place_of
from preroll.formula import At, Every, Formula, In, Items, Literal, Members
from preroll.pointer import ABSENT, Path
from preroll.violation import Because, Fix, Violation, changed
from preroll.vocabulary import Vocabulary
from preroll.watched import like, plain, strangers

MAX_ROUNDS = 5
MAX_STRAY = 20
"""Of more strange keys than this, the rest is not looked at for slips: whoever wrote them did not misspell."""
NATURE = frozenset(("type", "enum", "selector", "alternatives"))
"""Kinds of fault that say that a value is not of the nature that its place asks for."""
HOLDERS = frozenset(("array", "object"))
"""The types of values that hold others."""
MAX_CANDIDATES = 400
"""More literal values than this for one place are not tried one by one."""


@dataclass(frozen=True, slots=True)
class Slip:
    """
    A key that stands in the wrong place or under the wrong name, and where it belongs.

    Attributes:
        wrong, right: the two places.
        fits: whether the value is one for the right place; where it is not, that is no second fault.
    """

    wrong: Path
    right: Path
    fits: bool = True

    @property
    def misspelt(self) -> bool:
        """True for a wrong name, False for a wrong place."""
        return self.wrong[:-1] == self.right[:-1]


class Diagnosis:
    """
    What is wrong with one task (or one body) under one formula.

    Args:
        truth: the interpreter of the document's formulas.
        formula: what the target asserts.
        task: the instance.
        base: where the task stands in the payload.
        document: the vendor's document.
        target: the target's name.
        told_by: the properties that name models and the like.
        guess: whether to look for slips (not in the strict view of a document as published).
    """

    def __init__(  # the facts of one judgement, all needed
        self,
        truth: Truth,
        formula: Formula,
        task: Any,
        *,
        base: Path,
        document: Document,
        target: str,
        told_by: tuple[str, ...] = (),
        guess: bool = True,
        published: bool = False,
    ) -> None:
        self.truth, self.formula, self.task = truth, formula, task
        self.base, self.document, self.target, self.told_by = base, document, target, told_by
        self.guess, self.published = guess, published
        self.slips: list[Slip] = []
        self.tried: list[Path] = []
        """Where the keys stand that were tried in another place, or under another name."""
        self.mended = task
        self.sound = False
        """Whether nothing is wrong any more where the slips are mended."""
        self._replaced: set[Path] = set()
        self._known: frozenset[tuple[str, Path]] = frozenset()

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """What the formula knows."""
        return Vocabulary(self.truth, self.formula)

    def violations(self) -> list[Violation]:
        """Every violation of the schema, in reading order; empty where the task satisfies it."""
        facts = self._without_moot(self._facts())
        found = [self._slip(each, self.slips[:index]) for index, each in enumerate(self.slips)]
        found += [self._violation(fact) for fact in facts]
        return sorted(found, key=self._reading_order)

    def _reading_order(self, violation: Violation) -> tuple[int, ...]:
        explanation = Explanation(self.truth, self.task)
        path = pointers.resolved(self.task, violation.pointer[len(pointers.text(self.base)) :])
        return explanation.position(path)

    def _facts(self) -> list[Fact]:
        facts = Explanation(self.truth, self.mended).facts(self.formula)
        for _ in range(MAX_ROUNDS if self.guess else 0):
            tried = self._next_slip(facts)
            if tried is None:
                break
            facts, slip = tried
            self.slips.append(slip)
            self.mended = like(mending.moved(plain(self.mended), slip.wrong, slip.right), self.mended)
            self.sound = not facts
        self._known = frozenset((fact.kind, fact.path) for fact in facts)
        strange = [each.right for each in self.slips if not each.fits]
        if strange:
            facts = [fact for fact in facts if not any(_inside(fact.path, each) for each in strange)]
        facts = [left for fact in facts if (left := self._without_replaced(fact)) is not None]
        known = [_excluded(fact) for fact in facts]
        unmet = [self._unmeetable(fact) for fact in facts]
        return [
            after
            for before, after in zip(facts, unmet, strict=True)
            if after is before or not any(_excluded(after) <= each for each in known)
        ]

    def _without_replaced(self, fact: Fact) -> Fact | None:
        """A fact without the missing names instead of which another key is given: that key is the fault."""
        if not self._replaced or fact.kind != "required":
            return fact
        if isinstance(fact.expected, Literal):
            return None if options_of(fact)[0][0] in self._replaced else fact
        left = tuple(tuple(need for need in option if place_of(need) not in self._replaced) for option in fact.expected)
        return replace(fact, expected=left) if all(left) else None

    def _unmeetable(self, fact: Fact) -> Fact:
        """
        What asks for something that may not be given, as what does not go together.

        "a size is needed because of A", where B forbids a size, reads "A cannot be used together with B".
        """
        if fact.kind != "required" or not fact.because or not all(each.literal.holds for each in fact.because):
            return fact
        reasons: list[Condition] = []
        for option in options_of(fact):
            against = next((each for each in self._facts_with(option) if not _excluded(each).isdisjoint(option)), None)
            if against is None:
                return fact
            others = (*against.expected, *against.because)
            reasons += [each for each in others if each.place not in option and each not in (*reasons, *fact.because)]
        first, *rest = fact.because
        if not reasons:
            return fact
        return Fact("together", first.place, (first,), (*reasons, *rest), source=fact.source)

    def _facts_with(self, places: tuple[Path, ...]) -> list[Fact]:
        """What would be wrong with values that the schema knows in empty places; nothing where it knows none."""
        listed = self.vocabulary.combinations(places, self.mended) if len(places) > 1 else ()
        values = dict(listed[0].values) if listed else {}
        trial = plain(self.mended)
        for place in places:
            known = (values[place],) if place in values else self.vocabulary.values(place, self.mended)
            if not known:
                return []
            trial = mending.put(trial, place, known[0])
        return Explanation(self.truth, like(trial, self.mended)).facts(self.formula)

    def _without_moot(self, facts: list[Fact]) -> list[Fact]:
        """Without what is wrong with a single value that may not be given at all beside something else."""
        excluded = [_excluded(fact) for fact in facts]
        moot = frozenset(place for places in excluded for place in places)

        def is_moot(fact: Fact) -> bool:
            places = (fact.path, *fact.also)
            held = (pointers.look_up(self.mended, each) for each in places)
            return fact.kind != "required" and moot.issuperset(places) and not any(map(_holds_others, held))

        return [fact for fact, own in zip(facts, excluded, strict=True) if own or not is_moot(fact)]

    def _next_slip(self, facts: list[Fact]) -> tuple[list[Fact], Slip] | None:
        """The slip that is to be mended next, and the facts that are left then."""
        missing: dict[Path, list[str]] = {}
        for fact in facts:
            if fact.kind == "required":
                for option in options_of(fact):
                    for place in option:
                        missing.setdefault(place[:-1], []).append(str(place[-1]))
        closed = [fact.path for fact in facts if fact.kind == "unexpected"]
        stray = [path for path in closed if path[:-1] in missing] + [
            path for path in closed if path[:-1] not in missing
        ]
        if not closed:
            stray = [(*owner, name) for owner in missing for name in self._unknown(owner)]
        for path in stray[:MAX_STRAY]:
            found = self._slip_at(path, missing.get(path[:-1], []), facts, alone=len(stray) == 1, closed=bool(closed))
            if found is not None:
                return found
        return None

    @property
    def _closed(self) -> bool:
        """Whether the formula refuses names that it does not know."""
        formula = self.truth.assertions.deref(self.formula)
        demands = formula.parts if isinstance(formula, Every) else (formula,)
        return any(isinstance(each, Literal) and each.test == "closed" and each.holds for each in demands)

    def _unknown(self, owner: Path) -> list[str]:
        value = pointers.look_up(self.mended, owner)
        if not isinstance(value, dict):
            return []
        if not owner and self._closed:
            return []  # a strange name would be a fact
        names = self.vocabulary.names(owner, self.mended)
        return [] if names.open else strangers(value, names.known)

    def _slip_at(
        self, path: Path, missing: list[str], facts: list[Fact], *, alone: bool, closed: bool
    ) -> tuple[list[Fact], Slip] | None:
        """What a strange key was probably meant to be: another spelling first, then the home where it does best."""
        owner, name = path[:-1], str(path[-1])
        spelt, alike = self._spelling(path, missing, alone=alone)
        if spelt is not None:
            tried = self._tried(spelt, facts, closed=closed)
            if tried is None or tried[1].fits or alike:
                return tried
            if closed:  # the strange key is refused itself
                self._replaced.add(spelt.right)
            return None
        best: tuple[list[Fact], Slip] | None = None
        for home in self.vocabulary.homes(name, self.mended):
            there = pointers.look_up(self.mended, home)
            nearest_there = home
            while there is ABSENT and nearest_there:
                nearest_there = nearest_there[:-1]
                there = pointers.look_up(self.mended, nearest_there)
            if home != owner and isinstance(there, dict) and pointers.look_up(self.mended, (*home, name)) is ABSENT:
                tried = self._tried(Slip(path, (*home, name)), facts, closed=closed)
                if tried is not None and (best is None or len(tried[0]) < len(best[0])):
                    best = tried
                if best is not None and not best[0]:
                    break
        return best

    def _spelling(self, path: Path, missing: list[str], *, alone: bool) -> tuple[Slip | None, bool]:
        """The known name that a strange one can be a misspelling of, and whether the names alone say so."""
        owner, name = path[:-1], str(path[-1])
        value = pointers.look_up(self.mended, owner)
        known = self.vocabulary.names(owner, self.mended).known
        near = [each for each in spelling.nearest(name, known) if each not in value]
        if near and (len(near) == 1 or spelling.likeness(name, near[0]) > spelling.likeness(name, near[1])):
            return Slip(path, (*owner, near[0])), True
        wanted = list(dict.fromkeys(each for each in missing if each in known and each not in value))
        loose = spelling.contained(name, wanted) or spelling.nearest(name, wanted, spelling.LOOSE)
        if loose and (len(loose) == 1 or alone):
            return Slip(path, (*owner, loose[0])), False
        return None, False

    def _tried(self, slip: Slip, facts: list[Fact], *, closed: bool) -> tuple[list[Fact], Slip] | None:
        """
        The facts that are left when a slip is mended, and the slip with what is known of its value.

        None where the guess makes more wrong than it mends: such a guess is not told.
        """
        self.tried.append(self._original(slip.wrong))
        mended = mending.moved(plain(self.mended), slip.wrong, slip.right)
        if self.truth.holds(self.formula, mended):
            return [], slip
        after = Explanation(self.truth, mended).facts(self.formula, false=True)
        here = [fact for fact in after if fact.path == slip.right]
        if slip.misspelt:
            slip = replace(slip, fits=not any(self._is_of_another_shape(slip, fact) for fact in here))
            if closed:
                return (after, slip) if len(after) <= len(facts) else None
        elif any(fact.kind in NATURE for fact in here):
            return None  # a namesake of another nature is not its home
        if closed and len(self.vocabulary.homes(str(slip.right[-1]), self.mended)) == 1:
            # In its one home it may be wrong in itself or clash with something, but it must not need company.
            known = {(fact.kind, fact.path) for fact in facts}
            fresh = [f for f in after if (f.kind, f.path) not in known and not _inside(f.path, slip.right)]
            clash = all(any(_inside(each.place, slip.right) for each in fact.because) for fact in fresh)
            return (after, slip) if clash and len(fresh) <= 1 else None
        left = [each for each in after if not _inside(each.path, slip.right)]
        return (after, slip) if len(left) < len(facts) else None

    def _is_of_another_shape(self, slip: Slip, fact: Fact) -> bool:
        """Whether a fact says that the value of a misspelt key was not written for the right one."""
        if fact.kind != "type":
            return False
        # A number as text is a slip of its own; a list where one text is wanted was meant to be something else.
        given = dialect.type_name(pointers.look_up(self.mended, slip.wrong))
        return given in HOLDERS or HOLDERS.issuperset(fact.expected.argument)

    def given(self, path: Path) -> Path:
        """The place in the task as given of a place in `mended`."""
        return self._original(path)

    def _original(self, path: Path, slips: list[Slip] | None = None) -> Path:
        """The place in the payload as given of a place in the mended copy."""
        for slip in reversed(self.slips if slips is None else slips):
            if path[: len(slip.right)] == slip.right:
                path = (*slip.wrong, *path[len(slip.right) :])
            elif not slip.misspelt and slip.right[: len(path)] == path:
                while path and pointers.look_up(self.task, path) is ABSENT:
                    path = path[:-1]
        return path

    def _pointer(self, path: Path) -> str:
        return pointers.text((*self.base, *self._original(path)))

    def _slip(self, slip: Slip, earlier: list[Slip]) -> Violation:
        wrong = self._original(slip.wrong, earlier)
        right = (*wrong[:-1], slip.right[-1]) if slip.misspelt else slip.right
        kind = "misspelt-property" if slip.misspelt else "misplaced-property"
        title = f"rename it to {right[-1]}" if slip.misspelt else f"move it to {_dotted(right)}"
        fix: Fix | None = Fix(title, tuple(mending.moving(self.task, self.base, wrong, right)), safe=slip.misspelt)
        if not slip.fits:
            fix = self._reshaped(slip, title, pointers.text((*self.base, *wrong)), pointers.text((*self.base, *right)))
        violation = Violation(
            rule=kind,
            kind=kind,
            pointer=pointers.text((*self.base, *wrong)),
            expected=pointers.text((*self.base, *right)),
            actual=str(wrong[-1]),
            allowed=(str(right[-1]),) if slip.misspelt else (),
            fixes=(fix,) if fix is not None else (),
        )
        return self._signed(violation, self._property_source(slip.right), slip.right)

    def _reshaped(self, slip: Slip, title: str, wrong: str, right: str) -> Fix | None:
        """The rename of a key whose value fits once it is taken out of its array, or put into one."""
        value = plain(pointers.look_up(self.mended, slip.right))
        patch: tuple[dict[str, Any], ...]
        if isinstance(value, list) and len(value) == 1:
            other, title = value[0], f"{title}, without the array around its item"
            patch = ({"op": "move", "from": f"{wrong}/0", "path": right}, {"op": "remove", "path": wrong})
        elif not isinstance(value, list):
            other, title = [value], f"{title}, in an array"
            patch = ({"op": "add", "path": right, "value": []}, {"op": "move", "from": wrong, "path": f"{right}/0"})
        else:
            return None
        trial = mending.put(plain(self.mended), slip.right, other)
        facts = Explanation(self.truth, trial).facts(self.formula)
        return None if any(_inside(fact.path, slip.right) for fact in facts) else Fix(title, patch)

    def _property_source(self, path: Path) -> str:
        """Address of the first description of a property."""
        for formula in self.vocabulary.at(path, self.mended):
            source = getattr(formula, "source", "")
            if source:
                return str(source)
        return ""

    def _violation(self, fact: Fact) -> Violation:
        because = tuple(self._because(each) for each in fact.because)
        rule, kind = self._rule(fact)
        value = pointers.look_up(self.mended, fact.path)
        places: tuple[Path, ...] = (fact.path, *fact.also)
        expected: Any = fact.expected
        allowed: tuple[Any, ...] = ()
        if fact.kind == "required":
            expected = tuple(
                tuple(
                    (self._pointer(place_of(need)), need[1] if place_of(need) is not need else None) for need in option
                )
                for option in self._options(fact)
            )
        elif fact.kind in ("forbidden", "together"):
            expected = (tuple(self._because(each) for each in fact.expected), self._title(places))
        elif fact.kind in ("combination", "enum", "selector"):
            expected = None
        if fact.kind == "combination":
            value = [pointers.look_up(self.mended, each) for each in places]
            listed = tuple(place for place, _ in fact.expected[0].values)
            if len(listed) > len(places):  # what is not given belongs to it, too
                expected, places = tuple(map(self._pointer, listed)), listed
        if fact.kind == "required":
            for option in options_of(fact):
                allowed = allowed or tuple(self._allowed(fact, option))
        elif fact.kind == "name":
            names = (
                fact.expected.argument if isinstance(fact.expected, Literal) and fact.expected.test == "enum" else ()
            )
            last = (str(fact.path[-1]),)
            allowed = tuple(sorted(names, key=lambda each: mending.distance(last, (each,))))
        elif fact.kind == "selector":
            literals = (each for each in fact.expected.argument if not dialect.equal(each, value))
            allowed = tuple(sorted(literals, key=lambda each: mending.distance((value,), (each,))))
        elif fact.kind in ("combination", "enum", "forbidden", "alternatives") or _is_literal(fact):
            allowed = tuple(self._allowed(fact, places))
        violation = Violation(
            rule=rule,
            kind=kind,
            pointer=self._pointer(fact.path),
            also=tuple(self._pointer(each) for each in fact.also),
            because=because,
            expected=expected,
            actual=value if fact.kind != "unexpected" else str(fact.path[-1]),
            allowed=allowed,
            causes=tuple(self._violation(replace(each, scope=None)) for each in fact.causes[:8]),
        )
        if fact.kind == "unexpected":
            homes = self.vocabulary.homes(str(fact.path[-1]), self.mended)
            elsewhere = tuple(
                pointers.text((*self.base, *home, fact.path[-1])) for home in homes if home != fact.path[:-1]
            )
            violation = changed(violation, expected=(self._known_names(fact.path[:-1]), elsewhere))
        about = fact.path
        if fact.kind == "required":
            about = next((place_of(need) for option in self._options(fact) for need in option), fact.path)
        return self._signed(violation, fact.source, about)

    def _title(self, places: tuple[Path, ...]) -> str:
        """The vendor's name for the values that several places have together, where it lists them."""
        if len(places) > 1:
            for each in self.vocabulary.combinations(places, self.mended):
                if all(dialect.equal(pointers.look_up(self.mended, place), value) for place, value in each.values):
                    return each.title
        return ""

    def _known_names(self, owner: Path) -> tuple[str, ...]:
        value = pointers.look_up(self.mended, owner)
        known = self.vocabulary.names(owner, self.mended).known
        return tuple(name for name in known if not (isinstance(value, dict) and name in value))

    def _options(self, fact: Fact) -> tuple[tuple[Any, ...], ...]:
        """The ways to give what is missing: the shortest first, then in the order of the schema's properties."""
        every = options_of(fact) if isinstance(fact.expected, Literal) else tuple(fact.expected)
        every = tuple(tuple(sorted(option, key=lambda need: self._turn(place_of(need)))) for option in every)
        if len(every) > 1:
            every = tuple(
                sorted(every, key=lambda option: (len(option), [self._turn(place_of(need)) for need in option]))
            )
        return every

    def _turn(self, place: Path) -> tuple[int, ...]:
        """Where a place stands in the order of the schema's properties."""
        turns = []
        for length in range(len(place)):
            names = list(self.vocabulary.names(place[:length], self.mended).known)
            step = place[length]
            turns.append(names.index(str(step)) if step in names else len(names))
        return tuple(turns)

    def _because(self, condition: Condition) -> Because:
        actual = pointers.look_up(self.mended, condition.place)
        others: tuple[Any, ...] = ()
        if condition.literal.test == "enum" and not isinstance(actual, bool):
            known = [each for each in self.vocabulary.values(condition.place, self.mended) if each != actual]
            others = tuple(sorted(known, key=lambda each: mending.distance((actual,), (each,)))[:3])
        return Because(self._pointer(condition.place), condition.literal, actual, others=others)

    def _rule(self, fact: Fact) -> tuple[str, str]:
        """The rule's id and the kind of words for a fact: an idiom where one is recognised, else the keyword."""
        given = bool(fact.because)
        match fact.kind:
            case "required":
                return ("required-when" if given else "required"), "required"
            case "forbidden":
                return ("forbidden-when" if given or len(fact.expected) > 1 else "not"), "forbidden"
            case "together":
                return "not-together", "together"
            case "combination":
                return "unlisted-combination", "combination"
            case "selector":
                model = fact.path[-1] in self.told_by and len(fact.path) == 1
                return ("unknown-model" if model else "enum"), "selector" if model else "enum"
            case "enum" if not given and len(fact.path) == 1 and fact.path[-1] in self.told_by:
                return "unknown-model", "selector"
            case "unexpected":
                unevaluated = fact.source.endswith("/unevaluatedProperties")
                return ("unevaluated-properties" if unevaluated else "additional-properties"), "unexpected"
            case "false" if fact.source.endswith("/unevaluatedItems"):
                return "unevaluated-items", "false"
            case "alternatives" | "union":
                return "any-of", fact.kind
            case "several":
                return "one-of", "several"
            case "contains":
                return ("limited-when" if given else "contains"), "contains"
            case "name":
                return "property-names", "name"
            case "opaque":
                keyword = getattr(fact.expected, "keyword", "") or "not"
                return _kebab(keyword.lstrip("$")), "opaque"
            case "false":
                return ("forbidden-when" if given else "not"), "false"
        return ("limited-when" if given else _kebab(fact.kind)), fact.kind

    def _signed(self, violation: Violation, source: str, path: Path) -> Violation:
        sentence, link = self._vendor_words(path)
        return changed(
            violation,
            target=self.target,
            document=self.document.label,
            document_pointer=self.document.published_pointer(source) if source else "",
            correction=None if self.published or not source else self.document.correction_at(source),
            sentence=sentence,
            link=link,
        )

    def _vendor_words(self, path: Path) -> tuple[str, str]:
        """The description of the property at fault: what the vendor says of it, and where to read on."""
        for formula in self.vocabulary.at(path, self.mended):
            words = self._words_at(formula)
            if words is not None:
                return words
        return "", ""

    def _words_at(self, formula: Formula) -> tuple[str, str] | None:
        """What the vendor says where a formula stands; found once."""
        if isinstance(formula, (At, In, Items, Members)):
            return None  # their address is that of what they hold
        tree = self.truth.assertions.document

        def made() -> tuple[str, str] | None:
            at = _schema_of(getattr(formula, "source", ""))
            found = pointers.look_up(tree, pointers.parse(at)) if at else None
            described = found.get("description") if isinstance(found, dict) else None
            return excerpt(described) if isinstance(described, str) else None

        return self.truth.assertions.once("words", formula, made)

    def _allowed(self, fact: Fact, places: tuple[Path, ...]) -> Iterator[Any]:
        """
        The literals that the schema knows for the places and that are legal in this payload, nearest first.

        Found by trying: each is put in place, and the formulas around the fault are evaluated again.
        """
        scope = fact.scope if fact.scope is not None else self.formula
        # Which parts of the whole are false is no news to who watches the payload.
        whole = scope is self.formula and not fact.scope_path
        before = self._false_parts(scope, fact.scope_path, plain(self.mended) if whole else self.mended)
        candidates: list[Any]
        if len(places) > 1:
            listed: list[Combination] = list(self.vocabulary.combinations(places, self.mended))
            if not listed and fact.kind == "combination":
                listed = list(fact.expected)
            candidates = [tuple(dict(each.values)[place] for place in places) for each in listed]
            titles = {repr(one): each.title for one, each in zip(candidates, listed, strict=True)}
        else:
            known = self.vocabulary.values(places[0], self.mended)
            if not known and isinstance(fact.expected, Literal) and fact.expected.test == "enum":
                known = fact.expected.argument
            candidates = [(each,) for each in known]
            titles = {}
        current = tuple(pointers.look_up(self.mended, place) for place in places)
        # Only what reads the places can change its truth.
        touched = self._touched(
            scope, {place[len(fact.scope_path)] for place in places if place[len(fact.scope_path) :]}
        )
        others = before - touched
        legal: list[tuple[Any, ...]] = []
        fewest = len(before)
        for each in candidates[:MAX_CANDIDATES]:
            if all(map(dialect.equal, each, current)):
                continue
            trial = plain(self.mended)
            for place, literal in zip(places, each, strict=True):
                trial = mending.put(trial, place, literal)
            trial = like(trial, self.mended)
            after = others | self._false_parts(scope, fact.scope_path, trial, touched)
            if after < before or not after:
                if len(after) < fewest:
                    legal, fewest = [], len(after)
                if len(after) == fewest:
                    legal.append(each)
        if not whole:
            legal = [each for each in legal if self._breaks_nothing(places, each)]
        legal.sort(key=lambda each: (*mending.distance(current, each), *(_rank(value) for value in each)))
        for each in legal:
            if len(places) == 1 and fact.kind != "required":
                yield each[0]
            else:
                values = {pointers.text((*self.base, *place)): value for place, value in zip(places, each, strict=True)}
                title = titles.get(repr(each), "")
                yield {**values, "title": title} if title else values

    def _breaks_nothing(self, places: tuple[Path, ...], values: tuple[Any, ...]) -> bool:
        """Whether literals that are legal for their places make nothing else wrong."""
        trial = plain(self.mended)
        for place, value in zip(places, values, strict=True):
            trial = mending.put(trial, place, value)
        trial = like(trial, self.mended)
        touched = self._touched(self.formula, {place[0] for place in places if place})
        before = self._false_parts(self.formula, (), plain(self.mended), touched)
        after = self._false_parts(self.formula, (), trial, touched)
        if after != before:
            return after < before
        return self._known.issuperset(
            (fact.kind, fact.path) for fact in Explanation(self.truth, trial).facts(self.formula)
        )

    def _false_parts(self, scope: Formula, at: Path, root: Any, only: frozenset[int] | None = None) -> frozenset[int]:
        value = pointers.look_up(root, at)
        parts = self._parts(scope)
        chosen = range(len(parts)) if only is None else only
        return frozenset(index for index in chosen if not self.truth.holds(parts[index], value))

    def _parts(self, scope: Formula) -> tuple[Formula, ...]:
        scope = self.truth.assertions.deref(scope)
        return scope.parts if isinstance(scope, Every) else (scope,)

    def _touched(self, scope: Formula, keys: set[str | int]) -> frozenset[int]:
        """The parts of a formula whose truth can change with some members of the value."""
        found = set()
        for index, part in enumerate(self._parts(scope)):
            read = self.truth.reads(part)
            if isinstance(part, Literal) and part.test == "closed":
                read = frozenset(keys.difference(part.argument[0]))  # one more name that is known changes nothing
            if read is None or not keys or read & keys:
                found.add(index)
        return frozenset(found)


def _rank(value: Any) -> float:
    """Among equally near values the smaller number comes first, whatever the order of the schema."""
    return float(min(max(value, -1e300), 1e300)) if dialect.is_number(value) else 0.0


def _is_literal(fact: Fact) -> bool:
    return isinstance(fact.expected, Literal) and fact.kind not in ("required", "type")


def _excluded(fact: Fact) -> frozenset[Path]:
    """The places that a fact says may not be given together, or not at all; empty where values are what clashes."""
    conditions = (*fact.expected, *fact.because) if fact.kind in ("forbidden", "together") else ()
    if not all(each.literal.test == "required" and each.literal.holds for each in conditions):
        return frozenset()
    return frozenset(each.place for each in conditions)


def _holds_others(value: Any) -> bool:
    return dialect.type_name(value) in HOLDERS


def _inside(path: Path, owner: Path) -> bool:
    return path[: len(owner)] == owner


def _dotted(path: Path) -> str:
    return ".".join(map(str, path))


def _kebab(keyword: str) -> str:
    return "".join(f"-{each.lower()}" if each.isupper() else each for each in keyword)


def _schema_of(source: str) -> str:
    """The address of the schema that a keyword's address belongs to."""
    tokens = list(pointers.parse(source)) if source else []
    while tokens:
        if len(tokens) >= 2 and tokens[-2] in ("properties", "patternProperties", "$defs", "schemas"):
            return pointers.text(tokens)
        if tokens[-1] in ("items", "schema", "additionalProperties"):
            return pointers.text(tokens)
        tokens.pop()
    return ""


MAX_SENTENCE = 300


@lru_cache(maxsize=1024)  # a document says the same of many a payload
def excerpt(description: str) -> tuple[str, str]:
    """The first paragraph of a vendor's description, shortened, and the last documentation link in it."""
    import re  # only failing payloads pay for it

    links = re.findall(r"\[[^\]]*\]\((https?://[^)\s]+)\)", description)
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", description.split("\n\n", maxsplit=1)[0])
    plain = " ".join(plain.split())
    if len(plain) > MAX_SENTENCE:
        cut = plain[:MAX_SENTENCE].rpartition(". ")[0]
        plain = cut + "." if cut else plain[: MAX_SENTENCE - 3].rstrip() + "..."
    return plain, (links[-1] if links else "")


__all__ = ["Diagnosis", "Slip", "excerpt"]
