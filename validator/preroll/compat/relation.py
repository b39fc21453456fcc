"""
Relations: what one schema accepts and another refuses, decided by structure or by proof.

A side of a target has two relations. The one *under the caller's reading* (see `preroll.compat.reading`) gates;
the *literal* one compares plain sets of payloads. A yes carries a witness that both engines have confirmed, a no
says within which bounds it was proved, and what could not be decided stays unknown.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from preroll.compat.canon import Canon, TooLarge
from preroll.compat.reading import Described, Ignoring
from preroll.document import DocumentError
from preroll.formula import Formula, negation
from preroll.pointer import ABSENT
from preroll.registry import Registry
from preroll.target import Target

if TYPE_CHECKING:
    from preroll.compat.contest import Contest

EQUIVALENT, WIDENED, NARROWED, BOTH, UNKNOWN = "equivalent", "widened", "narrowed", "both", "unknown"
ADDED, REMOVED = "added", "removed"
RELATIONS = (EQUIVALENT, WIDENED, NARROWED, BOTH, UNKNOWN, ADDED, REMOVED)

REQUEST, RESPONSE = "request", "response"

INSTALL = "pip install 'preroll[solver]'"


@dataclass(frozen=True, slots=True)
class Answer:
    """
    Whether some payload is accepted by one schema and refused by another.

    Attributes:
        found: True with a `witness`, False with a proof, None where it is not known.
        witness: the payload, or `ABSENT`.
        bounds: within which payloads a proof holds, as plain data; None where it holds for all.
        reason: why it is not known.
        certain: whether a yes rests on its witness or on what the document says, not only on its structure.
    """

    found: bool | None
    witness: Any = ABSENT
    bounds: Mapping[str, Any] | None = None
    reason: str = ""
    certain: bool = True


NEVER = Answer(False)


@dataclass(frozen=True, slots=True)
class Relation:
    """
    What has become of the payloads of one side of a target.

    Attributes:
        side: `request` or `response`.
        refused: a payload that the old document accepts and the new one refuses, under the caller's reading.
        accepted: the reverse.
        literal: the relation of the plain sets.
        presence: `added` or `removed` where only one document has this side, else "".
    """

    side: str
    refused: Answer = NEVER
    accepted: Answer = NEVER
    literal: str = EQUIVALENT
    presence: str = ""

    @property
    def harm(self) -> Answer:
        """The direction that breaks callers: what is newly refused in requests, newly possible in responses."""
        return self.refused if self.side == REQUEST else self.accepted

    @property
    def relation(self) -> str:
        """One of `RELATIONS`."""
        return self.presence or name(self.refused.found, self.accepted.found, self.harm.found)

    @property
    def relation_literal(self) -> str:
        """The same for the plain sets."""
        return self.presence or self.literal

    @property
    def proved(self) -> bool:
        """Whether both directions are decided, by a witness or a proof."""
        return all(each.found is not None and each.certain for each in (self.refused, self.accepted))

    @property
    def bounds(self) -> Mapping[str, Any] | None:
        """Within which payloads the proofs hold; None where no proof needed any."""
        return self.harm.bounds or self.refused.bounds or self.accepted.bounds

    @property
    def reason(self) -> str:
        """Why a direction is not decided, or ""."""
        return self.harm.reason or self.refused.reason or self.accepted.reason


def name(refused: bool | None, accepted: bool | None, harm: bool | None) -> str:  # noqa: FBT001  # two truths, side by side
    """The word for two directions; `unknown` is never read as yes or no, and a proved harm is told in spite of it."""
    if refused and accepted:
        return BOTH
    if refused is None or accepted is None:
        if harm:
            return NARROWED if refused else WIDENED
        return UNKNOWN
    if refused:
        return NARROWED
    return WIDENED if accepted else EQUIVALENT


def joined(side: str, parts: list[Relation]) -> Relation:
    """The relation of several parts of one side: several responses, a body and its parameters."""
    if len(parts) == 1:
        return parts[0]
    return Relation(
        side,
        _worst([each.refused for each in parts]),
        _worst([each.accepted for each in parts]),
        name(
            _any([each.literal in (NARROWED, BOTH) or (None if each.literal == UNKNOWN else False) for each in parts]),
            _any([each.literal in (WIDENED, BOTH) or (None if each.literal == UNKNOWN else False) for each in parts]),
            None,
        ),
    )


def _any(found: list[bool | None]) -> bool | None:
    return True if True in found else (None if None in found else False)


def _worst(answers: list[Answer]) -> Answer:
    for wanted in (True, None):
        for each in answers:
            if each.found is wanted:
                return each
    return next((each for each in answers if each.bounds is not None), NEVER)


@dataclass
class Side:
    """
    One schema that is compared: a request body, a response or a parameter of one document.

    Attributes:
        registry: where the target is known.
        target: the target whose `schema` it is.
        published: read as published, without corrections and rules.
        rules: ids of the prose rules that count.
        reading: what it describes.
    """

    registry: Registry
    target: Target
    published: bool = False
    rules: frozenset[str] = frozenset()
    _described: Described | None = field(default=None, repr=False)
    _ignoring: Ignoring | None = field(default=None, repr=False)
    _reference: Any = field(default=None, repr=False)

    @property
    def tree(self) -> Any:
        """The document in the view that is compared."""
        read = self.registry.document(self.target)
        return read.published if self.published else read.intended

    @property
    def described(self) -> Described:
        """What the schema describes."""
        if self._described is None:
            self._described = Described(self.tree, self.target.schema)
        return self._described

    @property
    def ignoring(self) -> Ignoring:
        """Its formulas for a reader that ignores unknown properties."""
        if self._ignoring is None:
            self._ignoring = Ignoring(self.tree, self.described)
        return self._ignoring

    def normal(self, canon: Canon, *, ignoring: bool = False) -> Formula:
        """
        Its normal form; raises `TooLarge`.
        """
        plain = self.registry.assertions(self.target, published=self.published)
        return canon.normal(self.ignoring if ignoring else plain, self.target.schema)

    def pointer(self, source: str) -> str:
        """A place of the compared view as its address in the published document."""
        return self.registry.document(self.target).published_pointer(source)

    def accepts(self, payload: Any) -> bool:
        """Whether both engines accept a payload."""
        fast = self.registry.engine(self.target, published=self.published)
        return bool(fast.is_valid(payload)) and bool(self.reference.is_valid(payload))

    def refuses(self, payload: Any) -> bool:
        """Whether both engines refuse a payload."""
        fast = self.registry.engine(self.target, published=self.published)
        return not fast.is_valid(payload) and not self.reference.is_valid(payload)

    @property
    def reference(self) -> Any:
        """The reference engine."""
        from preroll import dialect

        if self._reference is None:
            self._reference = dialect.reference(self.registry.schema(self.target, published=self.published))
        return self._reference


@dataclass
class Encounter:
    """
    Two schemas face to face: the relation between them, and questions about parts of it.

    Attributes:
        side: `request` or `response`; it chooses the reading.
        old, new: the schemas.
        canon: normal forms, shared by everything that is compared.
        today: the day that rules about dates count from.
        seconds: the time box.
        stopped: why no further question is answered, or "".
    """

    side: str
    old: Side
    new: Side
    canon: Canon
    today: date | None = None
    seconds: float = 10.0
    stopped: str = ""
    _forms: dict[str, tuple[Formula, Formula] | None] = field(default_factory=dict, repr=False)
    _contest: Contest | None = field(default=None, repr=False)
    _until: float = 0.0

    @property
    def forms(self) -> tuple[Formula, Formula] | None:
        """The normal forms under the reading; None where they are too large to be unfolded."""
        return self._pair("reading", ignoring=self.side == RESPONSE)

    @property
    def literal_forms(self) -> tuple[Formula, Formula] | None:
        """The normal forms as they are."""
        return self._pair("literal", ignoring=False)

    def _pair(self, kind: str, *, ignoring: bool) -> tuple[Formula, Formula] | None:
        if kind not in self._forms:
            try:
                self._forms[kind] = (
                    self.old.normal(self.canon, ignoring=ignoring),
                    self.new.normal(self.canon, ignoring=ignoring),
                )
            except TooLarge:
                self._forms[kind] = None
        return self._forms[kind]

    def same(self, forms: tuple[Formula, Formula] | None) -> bool:
        """Whether two normal forms are one and hold nothing that only their own document can decide."""
        return forms is not None and self.canon.number(forms[0]) == self.canon.number(forms[1])

    @property
    def contest(self) -> Contest | None:
        """The solver's view of both, or None where the solver is not installed."""
        if self._contest is None:
            try:
                from preroll.compat.contest import Contest
            except ImportError:
                return None
            if not self._until:
                self._until = time.monotonic() + self.seconds
            self._contest = Contest(self.side, self.old, self.new, self.today, self._until)
        return self._contest

    def relation(self) -> Relation:
        """The relation of the two, with its witnesses."""
        if self.same(self.literal_forms):
            return Relation(self.side)
        if self.side == RESPONSE and self.same(self.forms):
            refused = accepted = NEVER
        else:
            refused, accepted = self.refused(), self.accepted()
        # A difference that the reading knows is one of the plain sets, too.
        less = True if refused.found else self.asked(refused=True, literal=True).found
        more = True if accepted.found else self.asked(refused=False, literal=True).found
        literal = UNKNOWN if less is None or more is None else name(less, more, None)
        return Relation(self.side, refused, accepted, literal)

    def refused(self, condition: Formula | None = None) -> Answer:
        """A payload that old accepts and new refuses because it breaks a part of new's normal form."""
        return self.asked(refused=True, broken=condition)

    def accepted(self, condition: Formula | None = None) -> Answer:
        """A payload that new accepts and old refuses because it breaks a part of old's normal form."""
        return self.asked(refused=False, broken=condition)

    def asked(self, *, refused: bool, broken: Formula | None = None, literal: bool = False) -> Answer:
        """One question; see `Contest.ask`."""
        if self.stopped:
            return Answer(None, reason=self.stopped)
        try:
            contest = self.contest
            if contest is None:
                self.stopped = f"a proof needs the solver: {INSTALL}"
            elif time.monotonic() > self._until:
                self.stopped = f"its time of {self.seconds:g} seconds was used up"
            else:
                condition = None if broken is None else negation(broken)
                return contest.ask(refused=refused, condition=condition, literal=literal)
        except DocumentError as error:  # one schema that cannot be used leaves the others their answers
            self.stopped = str(error)
        return Answer(None, reason=self.stopped)
