"""
Linting one file: its payloads found, judged, placed and counted; nothing is lost on the way.

What the sieve passes is counted and forgotten. The rest is judged by `preroll.judgement`, so that `lint` and
`check` cannot disagree, and only then does anybody ask on which line it stands.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, Final

from preroll import judgement, redaction, source
from preroll import pointer as pointers
from preroll.jobs import files, guessing, secrets, texts, vetting
from preroll.jobs.files import File
from preroll.jobs.finding import Finder, Found, Passed, Selection, Wrappers
from preroll.jobs.placeholders import Placeholders, unresolved
from preroll.jobs.texts import EVERYTHING, LINES, Line, Text
from preroll.judgement import INVALID, UNREADABLE, UNRESOLVED, VALID, WARNING, Report, check, check_alone
from preroll.outcome import Entry, Placed, Replacement
from preroll.pointer import ABSENT
from preroll.recognition import Unrecognised
from preroll.registry import Registry
from preroll.rules.kind import Context
from preroll.settings import NONE, PLACEHOLDERS, Settings
from preroll.sieve import UNREAD, Sieve
from preroll.target import Target
from preroll.unreadable import MAX_BYTES, Unreadable, megabytes
from preroll.violation import KEYED, Violation

MANY: Final = 1_000
"""Payloads to tell of that are gathered before they are handed on: a long file's are not all kept in memory."""

ADVISED: Final = 20
"""
Payloads of a file for which fixes are worked out: each proposal is tried on the payload, which takes far
longer than to say what is wrong, and who has a thousand faulty payloads mends what makes them.
"""

ASIDE: Final = 1_000
"""Lines that are put aside before they are looked at."""

MAX_ASIDE: Final = 1 << 20
"""Bytes of them."""

TURNS: Final = 32
"""Blocks of a file of lines after which a result is handed on: to show progress, and to be kept when interrupted."""

FAULTY: Final = frozenset((INVALID, WARNING, UNRESOLVED))
"""Verdicts of payloads for which fixes are looked for."""

_TOO_LONG: Final = object()

MAX_SKIPS: Final = 1_000
"""Reasons for skipping that are kept of one file; the rest is only counted."""


@dataclass(frozen=True)
class Options:
    """
    How to lint.

    Attributes:
        settings: what the user has settled.
        target: name of the target of every payload, or None.
        select: JSONPaths that pick the payloads; those of the settings where there are none.
        as_published: judge by the vendors' schemas alone.
        today: the date that counts as today.
        unknown: `warn` or `error`: what a model is that no document describes.
        information: whether somebody wants to see information about payloads that are valid.
        form: the format of standard input; found from its content where it is "".
        advised: for how many payloads of a file fixes are worked out.
        edits: whether to find what the fixes do to the text; only some formats say that.
    """

    settings: Settings = NONE
    target: str | None = None
    select: tuple[str, ...] = ()
    as_published: bool = False
    today: date | None = None
    unknown: str = "warn"
    information: bool = False
    form: str = ""
    advised: int = ADVISED
    edits: bool = False


@dataclass(slots=True)
class Result:
    """
    What was found in one file, or in a part of it.

    Attributes:
        file: its name, as it is shown.
        counts: payloads by verdict, and `skipped`.
        entries: the payloads that are to be told of, in the order of the file.
        skips: what was passed over, with the reason.
        lines: how many lines were read, for files of lines.
        done: whether the file (or the part) ends here: of a long one there are several results.
        empty: why nothing was found in the whole file, or "".
        remarks: what is wrong with the file's comments, with the place.
        plain: in a part that is not a file's first, entries with fixes by their index, as they are without: how many
            payloads before them have some is not known yet.
    """

    file: str
    counts: dict[str, int] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    skips: list[tuple[str, str]] = field(default_factory=list)
    lines: int = 0
    done: bool = True
    empty: str = ""
    remarks: list[str] = field(default_factory=list)
    plain: dict[int, Entry] = field(default_factory=dict)

    @property
    def payloads(self) -> int:
        """How many payloads were found, unreadable ones among them."""
        return sum(number for verdict, number in self.counts.items() if verdict != "skipped")

    def count(self, verdict: str, number: int = 1) -> None:
        """Count payloads."""
        if number:
            self.counts[verdict] = self.counts.get(verdict, 0) + number

    def skip(self, where: str, reason: str) -> None:
        """Count something that was passed over."""
        self.count("skipped")
        if len(self.skips) < MAX_SKIPS:
            self.skips.append((where, reason))

    def tell(self, entry: Entry) -> None:
        """Count a payload and tell of it."""
        self.count(entry.verdict)
        self.entries.append(entry)

    def advised(self, before: int, most: int) -> int:
        """Keep fixes for the first payloads of a file only, `before` of which have come; how many have by now."""
        for index, each in enumerate(self.entries):
            if each.verdict in FAULTY:
                if before >= most:
                    self.entries[index] = self.plain.get(index, each)
                before += 1
        self.plain = {}
        return before

    def later(self, lines: int) -> None:
        """Move what was found that many lines down: the part of the file before it has them."""
        if lines:
            self.entries = [_moved(each, lines) for each in self.entries]
            self.skips = [(_later(where, lines), reason) for where, reason in self.skips]


def _moved(entry: Entry, lines: int) -> Entry:
    problem = entry.problem
    if problem is not None and problem[0] is not None:
        problem = (problem[0] + lines, *problem[1:])
    return replace(
        entry,
        line=None if entry.line is None else entry.line + lines,
        found=tuple(_placed_later(each, lines) for each in entry.found),
        lines={number + lines: text for number, text in entry.lines.items()},
        problem=problem,
    )


def _placed_later(placed: Placed, lines: int) -> Placed:
    def moved(place: tuple[int, int] | None) -> tuple[int, int] | None:
        return None if place is None else (place[0] + lines, place[1])

    return replace(
        placed,
        line=None if placed.line is None else placed.line + lines,
        end=moved(placed.end),
        reasons=tuple(map(moved, placed.reasons)),
        also=tuple(map(moved, placed.also)),
        edits=tuple(tuple(_edit_later(each, lines) for each in edits) for edits in placed.edits),
    )


def _edit_later(edit: Replacement, lines: int) -> Replacement:
    (start, column), (end, last) = edit.start, edit.end
    return Replacement((start + lines, column), (end + lines, last), edit.text)


def _later(where: str, lines: int) -> str:
    name, colon, line = where.rpartition(":")
    return f"{name}:{int(line) + lines}" if colon and line.isdigit() else where


class Linter:
    """
    Lints files, one after another.

    Args:
        registry: what is known.
        options: how to lint.

    Raises:
        UnknownTarget: `options.target`, or a target in the settings, is not known.
        SelectError: a JSONPath cannot be used.
        ValueError: a placeholder's pattern cannot be used.
    """

    def __init__(self, registry: Registry, options: Options) -> None:
        self.registry, self.options = registry, options
        settings = options.settings
        self.context = Context(judgement.day(options.today))
        self.placeholders = Placeholders(settings.get("placeholders", PLACEHOLDERS))
        self.wrappers = Wrappers().extended(settings.get("wrappers", {}))
        self.severities: dict[str, str] = dict(settings.get("severity", {}))
        self.secrets = registry.secrets
        self._finders: dict[tuple[tuple[str, ...], str | None], Finder] = {}
        self._sieves: dict[tuple[str | None, frozenset[str]], Sieve | None] = {}
        self._targets: dict[str, Target] = {}
        for each in (options.target, *settings.get("targets", {}).values()):
            if each is not None:
                self._target(each)
        for paths in _selections(options, settings):
            Selection(paths)

    @cached_property
    def rules(self) -> tuple[str, ...]:
        """The ids of all rules, for those who name one."""
        return vetting.rules(self.registry)

    def _target(self, name: str) -> Target:
        found = self._targets.get(name)
        if found is None:
            found = self._targets[name] = self.registry.resolve(name)
        return found

    def lint(self, file: File, start: int = 0, end: int | None = None) -> Iterator[Result]:
        """
        What is to be said of a file; with `start` or `end`, of the lines that stand between these offsets.

        One result, or several where there is much to tell; the last one is `done`. Whatever is wrong with the
        file is an entry of a result; nothing is raised for it.
        """
        work = _Work(self, file, first=not start)
        try:
            with file.open() as stream:
                if start:
                    stream.seek(start)
                form = file.form or self.options.form
                if not form:
                    yield from work.guessed(files.whole(stream, file.shown))
                elif form == LINES:
                    yield from work.lines(stream, None if end is None else end - start)
                else:
                    work.document(files.whole(stream, file.shown), form)
        except Unreadable as fault:
            work.unreadable(fault)
        except (MemoryError, RecursionError):
            work.unreadable(Unreadable(file.shown, None, None, "it is too large or too deep to be handled", "split it"))
        yield work.result

    def nothing(self, file: File, *, skipped: int) -> str:
        """Why a file holds no payload, in words."""
        selection = self.finder(file.name).selection
        if selection is not None and not skipped:
            return f"nothing in it matches {' or '.join(selection.paths)}"
        return "no payload of a known target was found in it"

    def finder(self, name: str) -> Finder:
        """What finds the payloads of a file."""
        settings = self.options.settings
        select = self.options.select or settings.selected(name)
        target = self.options.target or settings.target(name)
        found = self._finders.get((select, target))
        if found is None:
            found = self._finders[select, target] = Finder(
                self.registry,
                self.wrappers,
                selection=Selection(select) if select else None,
                target=None if target is None else self._target(target),
            )
        return found

    def sieve(self, target: Target | None, ignored: frozenset[str]) -> Sieve | None:
        """What passes clean payloads quickly; None where a schema as published is all that counts."""
        if self.options.as_published:
            return None
        key = (None if target is None else target.name, ignored)
        if key not in self._sieves:
            self._sieves[key] = Sieve(self.registry, self.context, silent=self._silent(ignored), target=target)
        return self._sieves[key]

    def _silent(self, ignored: frozenset[str]) -> frozenset[str]:
        """The rules that nobody wants to hear: ignored ones, and information unless it is asked for."""
        quiet = set(ignored)
        for vendor in self.registry.vendors.values():
            for rule in vendor.rules.rules if vendor.rules is not None else ():
                level = self.severities.get(rule.id, rule.severity)
                if level == "off" or (level == "info" and not self.options.information):
                    quiet.add(rule.id)
        return frozenset(quiet)

    def told(self, violations: Iterable[Violation], ignored: frozenset[str]) -> Iterator[Violation]:
        """Violations as the user wants to hear them: without ignored rules, and with their own severities."""
        for each in violations:
            level = self.severities.get(each.rule, each.severity)
            if each.rule not in ignored and level != "off":
                yield each if level == each.severity else replace(each, severity=level)


def _selections(options: Options, settings: Settings) -> Iterator[tuple[str, ...]]:
    if options.select:
        yield options.select
    value = settings.get("select", ())
    for each in value.values() if isinstance(value, dict) else (value,):
        if each:
            yield (each,) if isinstance(each, str) else tuple(each)


class _Work:
    """The linting of one file."""

    def __init__(self, linter: Linter, file: File, *, first: bool = True) -> None:
        self.first = first
        self.linter, self.result = linter, Result(file.shown)
        self.finder = linter.finder(file.name)
        self.ignored = linter.options.settings.ignored_in(file.name)
        self.sieve = linter.sieve(self.finder.target, self.ignored)
        self.name = file.shown
        self.advised = 0

    # -- texts --

    def guessed(self, raw: bytes) -> Iterator[Result]:
        """A text whose format nothing tells."""
        import io

        form = guessing.form_of(raw)
        if form == LINES:
            yield from self.lines(io.BytesIO(raw))
        else:
            self.document(raw, form)

    def document(self, raw: bytes, form: str) -> None:
        """A text of one value, or for YAML of several."""
        for each in texts.parts(raw, form, self.name):
            if isinstance(each, Unreadable):
                self.unreadable(each)
            else:
                self.value(*each)
                self.remark(each[1])

    def remark(self, text: Text) -> None:
        """Tell of comments that name rules which do not exist."""
        for number, rule in text.named():
            known = self.linter.rules
            if rule not in known and rule not in EVERYTHING:
                near = vetting.nearest(rule, known)
                said = f"{self.name}:{number}: there is no rule {rule!r}" + (
                    f"; did you mean {near!r}?" if near else ""
                )
                if said not in self.result.remarks:  # the documents of one file share its comments
                    self.result.remarks.append(said)

    def lines(self, stream: Any, limit: int | None = None) -> Iterator[Result]:
        """A text of one JSON value a line."""
        sift = self.sieve.sift if self.sieve is not None and self.finder.selection is None else _unread
        number = clean = held = 0
        # What is not clean is put aside and looked at together: by turns the two roads would be slower.
        aside: list[tuple[int, bytes, Any]] = []
        try:
            for turn, (lines, cut) in enumerate(files.blocks(stream, self.name, limit), 1):
                clean += len(lines) + len(aside)
                for index, value in sift(lines):
                    aside.append((number + index + 1, lines[index].removesuffix(b"\n"), value))
                    held += len(lines[index])
                number += len(lines)
                if cut:  # its beginning may have read like a whole payload
                    if aside and aside[-1][0] == number:
                        aside.pop()
                    aside.append((number, b"", _TOO_LONG))
                clean -= len(aside)
                if len(aside) >= ASIDE or held >= MAX_ASIDE:
                    self.look(aside)
                    aside, held = [], 0
                if turn % TURNS == 0 or len(self.result.entries) >= MANY:
                    self.look(aside)
                    aside, held = [], 0
                    self.result.count(VALID, clean)
                    clean = 0
                    self.result.done = False
                    yield self.result
                    self.result = Result(self.name)
            self.look(aside)
        except Unreadable as fault:
            self.look(aside)
            advice = f"{fault.advice}; the {number:,} lines before that were read" if number else fault.advice
            self.unreadable(Unreadable(fault.source, fault.line, fault.column, fault.problem, advice))
        self.result.count(VALID, clean)
        self.result.lines = number

    def look(self, aside: list[tuple[int, bytes, Any]]) -> None:
        """Look at lines that are not certainly clean, with their values where these are exact."""
        for number, line, value in aside:
            if value is UNREAD:
                self.line(line, number)
            elif value is _TOO_LONG:
                self.too_long(number)
            else:
                self.value(value, Line(line, number, value), sifted=True)

    def line(self, raw: bytes, number: int) -> None:
        """One line that is not certainly clean."""
        if not raw or raw.isspace():
            return
        try:
            value = source.read_json(raw, self.name, one_line=True)
        except Unreadable as fault:
            self.unreadable(Unreadable(self.name, number, fault.column or 1, fault.problem, fault.advice), number)
        else:
            self.value(value, Text(raw, LINES, line=number))

    def too_long(self, number: int) -> None:
        """A line that does not fit into memory."""
        problem = f"the line has more than the {megabytes(MAX_BYTES)} that are read"
        self.unreadable(Unreadable(self.name, number, 1, problem, "split it"), number)

    def unreadable(self, fault: Unreadable, line: int | None = None) -> None:
        """Something that cannot be read counts as a payload that nobody could look at."""
        self.result.tell(
            Entry(
                source=self.name,
                verdict=UNREADABLE,
                line=line if line is not None else fault.line,
                problem=(fault.line, fault.column, fault.problem, fault.advice),
            )
        )

    # -- values --

    def value(self, value: Any, text: Text, *, sifted: bool = False) -> None:
        """A file, a document or a line; `sifted` if the sieve is known not to pass it."""
        if not sifted and self.sieve is not None and self.finder.selection is None and self.sieve.passes(value):
            self.result.count(VALID)
            return
        alone = self.sieve.alone(value) if sifted and self.sieve is not None and self.finder.target is None else None
        secret = secrets.may_hold(text.raw, self.linter.secrets)
        if alone is not None and not secret:
            same = self.finder.selection is None
            self.payload(Found((), value), text, [], frozenset(), sifted=same, alone=alone)
            return
        units: list[Found | Passed] = list(self.finder.find(value)) if alone is None else [Found((), value)]
        shares: dict[pointers.Path, list[pointers.Path]] = {}
        known: frozenset[str] = frozenset()
        if secret:
            held = list(secrets.held(value, self.linter.secrets, self.linter.placeholders))
            if held:
                bare = not any(isinstance(each, Found) for each in units)
                literal = [each for each in held if each.is_literal(alone=bare)]
                known = frozenset(each.text for each in literal)
                text.cover(value, [each.path for each in held], known)
                shares = _shared([each.path for each in literal], units)
        for each in units:
            own = shares.pop(each.path, [])
            if isinstance(each, Found):
                same = each.payload is value and each.target is None and self.finder.selection is None
                self.payload(each, text, own, known, sifted=same, alone=alone)
            elif own:
                self.tell(self.entry(pointers.text(each.path), text, None, _literal(each.path, own)))
            else:
                self.result.skip(self._where(text, each.path), each.reason)
        if shares:
            self.tell(self.entry("", text, None, _literal((), shares[()])))
        elif not units and text.form == LINES and self.finder.selection is None:
            self.result.skip(self._where(text, ()), "no payload of a known target")

    def _where(self, text: Text, path: pointers.Path) -> str:
        at = pointers.text(path)
        return f"{self.name}{f'#{at}' if at else ''}:{text.place(at)[0]}"

    def payload(
        self,
        found: Found,
        text: Text,
        own: list[pointers.Path],
        hidden: frozenset[str],
        *,
        sifted: bool,
        alone: Target | None = None,
    ) -> None:
        """One payload: passed by the sieve, unless that is known not to, or judged; `alone` is what it is a task of."""
        sieve = self.sieve if found.target is None else self.linter.sieve(found.target, self.ignored)
        if not own and not sifted and sieve is not None and sieve.passes(found.payload):
            self.result.count(VALID)
            return
        options = self.linter.options
        at = pointers.text(found.path)
        registry, today, unknown = self.linter.registry, self.linter.context.today, options.unknown
        try:
            if alone is not None:
                report = check_alone(found.payload, alone, registry=registry, today=today, unknown=unknown)
            else:
                report = check(
                    found.payload,
                    found.target,
                    registry=registry,
                    as_published=options.as_published,
                    today=today,
                    unknown=unknown,
                )
        except Unrecognised as problem:
            if not own and not self._is_open(found.payload):
                self.result.skip(self._where(text, found.path), str(problem.found))
                return
            report = Report(VALID, None, ())
        leaked = _literal(found.path, own)

        def told(violations: tuple[Violation, ...]) -> Entry:
            if hidden:
                violations = tuple(redaction.concealed(each, self.linter.secrets, hidden) for each in violations)
            return self.entry(
                at,
                text,
                report.target,
                [*violations, *leaked],
                payload=found.payload,
                among=report.among,
                hidden=report.hidden - hidden,
            )

        if self._advises(report):
            self.tell(told(report.advised().violations), None if self.first else told(report.violations))
        else:
            self.tell(told(report.violations))

    def _advises(self, report: Report) -> bool:
        """Whether to look for fixes: not for what is not told, and not for too many payloads of a file."""
        if report.verdict == VALID or self.advised >= self.linter.options.advised:
            return False
        return any(each.severity != "info" for each in self.linter.told(report.violations, self.ignored))

    def _is_open(self, payload: Any) -> bool:
        """Whether a placeholder stands where a payload would say what it is meant for."""
        vendors = self.linter.registry.vendors.values()
        names = {name for vendor in vendors for name in vendor.envelope.told_by}
        tasks = [each for each in (payload if isinstance(payload, list) else [payload]) if isinstance(each, dict)]
        return any(self.linter.placeholders.holds(each.get(name)) for each in tasks for name in names)

    def tell(self, entry: Entry, plain: Entry | None = None) -> None:
        """Count a payload, and tell of it where there is something to tell; `plain` as `Result.plain` has it."""
        if entry.verdict == VALID and not entry.found:
            self.result.count(VALID)
            return
        if plain is not None:
            self.result.plain[len(self.result.entries)] = plain
        self.advised += entry.verdict in FAULTY
        self.result.tell(entry)

    def entry(
        self,
        at: str,
        text: Text,
        target: str | None,
        violations: list[Violation],
        *,
        payload: Any = None,
        among: tuple[str, ...] = (),
        hidden: frozenset[str] = frozenset(),
    ) -> Entry:
        """
        What is to be told of a payload, without what is to be hidden; of a valid one nothing, unless somebody wants to
        see information.
        """
        kept = list(self.linter.told(violations, self.ignored))
        some = (kept or target is None) and self.linter.placeholders.may_be_in(text.raw)
        places = self.linter.placeholders.within(payload) if some else {}
        sure = [each for each in kept if not unresolved(each, places)] if places else kept
        open_ = len(sure) < len(kept) or (target is None and bool(places) and self._is_open(payload))
        placed = list(self._placed(at, text, payload, sure))
        severities = {each.violation.severity for each in placed}
        if "error" in severities:
            verdict = INVALID
        elif "warning" in severities:
            verdict = WARNING
        else:
            verdict = UNRESOLVED if open_ else VALID
        if verdict == VALID and not (placed and self.linter.options.information):
            return Entry(source=self.name, verdict=VALID)
        lines = text.frames([each.line for each in placed if each.line is not None])
        if hidden:
            lines = text.without(lines, at, payload, hidden)
        line = text.line if not at and text.form == LINES else text.place(at)[0] if at else text.start
        return Entry(
            source=self.name,
            verdict=verdict,
            at=at,
            line=line,
            target=target,
            found=tuple(placed),
            among=among,
            lines=lines,
        )

    def _placed(self, at: str, text: Text, payload: Any, violations: list[Violation]) -> Iterator[Placed]:
        for each in violations:
            if text.silences(each, at):
                continue
            (line, column), end = text.span(texts.told_at(each, at), key=each.kind in KEYED)
            yield Placed(
                each,
                line,
                column,
                end=end,
                reasons=tuple([self._existing(at, text, payload, reason.pointer) for reason in each.because]),
                also=tuple([self._existing(at, text, payload, also) for also in each.also]),
                edits=tuple(text.edits(at, fix) for fix in each.fixes) if self.linter.options.edits else (),
            )

    @staticmethod
    def _existing(at: str, text: Text, payload: Any, pointer: str) -> tuple[int, int] | None:
        if pointers.look_up(payload, pointers.parse(pointer)) is ABSENT:
            return None
        return text.place(at + pointer)


def _unread(lines: list[bytes]) -> Iterator[tuple[int, Any]]:
    """Every line: where payloads are picked out of them, none passes as it stands."""
    return ((index, UNREAD) for index in range(len(lines)))


def _shared(hidden: Iterable[pointers.Path], units: list[Found | Passed]) -> dict[pointers.Path, list[pointers.Path]]:
    """
    The secrets of every payload, by its path: those inside it, and those that stand nearer to it than to others.

    Where there is no payload, what was passed over takes its part, and if nothing was, the value as a whole.
    """
    shares: dict[pointers.Path, list[pointers.Path]] = {}
    every = [each.path for each in units]
    payloads = [each.path for each in units if isinstance(each, Found)] or every
    for path in hidden:
        inside = next((each for each in every if path[: len(each)] == each), None)
        if inside is None:
            inside = max(payloads, key=lambda each: _together(each, path), default=())
        shares.setdefault(inside, []).append(path)
    return shares


def _together(one: pointers.Path, other: pointers.Path) -> int:
    """How far two paths go the same way."""
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _literal(base: pointers.Path, paths: Iterable[pointers.Path]) -> list[Violation]:
    """The violations of secrets at some paths of a file, told of the payload at `base`."""
    return [
        secrets.violation(pointers.text(path[len(base) :]))
        if path[: len(base)] == base
        else replace(secrets.violation(""), parameter=pointers.text(path))
        for path in paths
    ]
