"""
Fixing one file: its payloads mended, and its text changed where they stand and nowhere else.

A payload is fixed by what `advice` has verified, and checked again with every fix (`rewriting.mend`). The changed
text is read again; where it would not say exactly what was meant, the file is left alone.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from preroll import dialect, mending, redaction, rewriting, source
from preroll import pointer as pointers
from preroll.jobs import files, secrets, texts
from preroll.jobs.files import STDIN, File
from preroll.jobs.finding import Found, Passed
from preroll.jobs.linting import Linter
from preroll.jobs.placeholders import unresolved
from preroll.jobs.texts import LINES, Text
from preroll.judgement import check
from preroll.pointer import Path
from preroll.recognition import Unrecognised
from preroll.rewriting import Change, Unsuitable
from preroll.unreadable import Unreadable
from preroll.violation import KEYED, Violation

MANY: Final = 20
"""Lines that are named where they cannot be fixed; the others are counted."""

_NAMES: Final = {texts.JSON: "text.json", texts.JSONC: "text.jsonc", texts.YAML: "text.yaml"}


@dataclass(frozen=True, slots=True)
class Fixed:
    """
    What fixing does to a file.

    Attributes:
        file: the file.
        before, after: its bytes; equal where nothing is changed.
        changes: the fixes, in the order of the file.
        left: why the file, or a place in it, was left as it is; "" where nothing stood in the way.
        shown: the texts before and after, with what is secret in them covered.
    """

    file: File
    before: bytes
    after: bytes
    changes: tuple[Change, ...] = ()
    left: str = ""
    shown: tuple[str, str] = ("", "")

    def diff(self) -> str:
        """The change as a unified diff, without secrets."""
        old, new = (each.splitlines(keepends=True) for each in self.shown)
        lines = difflib.unified_diff(old, new, self.file.shown, self.file.shown)
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def fixed(linter: Linter, file: File, *, unsafe: bool = False) -> Fixed:
    """
    What fixing a file would do; nothing is written.

    Args:
        linter: how to lint it; violations that it does not tell are not mended.
        file: a file on a disk, not packed.
        unsafe: apply fixes that change what is meant, too.
    """
    reason = _unfit(file)
    if reason:
        return Fixed(file, b"", b"", left=reason)
    try:
        with file.open() as stream:
            raw = files.whole(stream, file.shown)
        return (_lines if file.form == LINES else _whole)(linter, file, raw, unsafe=unsafe)
    except Unreadable as fault:
        return Fixed(file, b"", b"", left=f"it was not fixed: {fault.problem}")


def _whole(linter: Linter, file: File, raw: bytes, *, unsafe: bool) -> Fixed:
    """A file of one value, or of several documents."""
    name = _NAMES[file.form]
    tree = rewriting.value_of(raw, name)
    changes: list[Change] = []
    several = _is_stream(raw, file)
    try:
        for index, (value, text) in enumerate(texts.read(raw, file.form, file.shown)):
            prefix: Path = (index,) if several else ()
            for path, payload, done in _payloads(linter, file, value, text, unsafe=unsafe):
                tree = mending.put(tree, (*prefix, *path), payload)
                changes += done
        after = rewriting.rewritten(raw, name, tree) if changes else raw
    except Unsuitable as refused:
        return Fixed(file, raw, raw, left=f"it was not changed: {refused.why}")
    return Fixed(file, raw, after, tuple(changes), shown=_shown(linter, file, raw, after))


def _lines(linter: Linter, file: File, raw: bytes, *, unsafe: bool) -> Fixed:
    """A file of lines: each for itself, so that one that stands in the way is left and the others are fixed."""
    parts: list[bytes] = []
    changes: list[Change] = []
    left: list[str] = []
    at = 0
    for start, number, line in rewriting.records(raw):
        try:
            value = tree = source.read_json(line, file.shown)
            text = Text(line, LINES, line=number)
            found: list[Change] = []
            for path, payload, done in _payloads(linter, file, value, text, unsafe=unsafe):
                tree = mending.put(tree, path, payload)
                found += done
            if found:
                parts += [raw[at:start], rewriting.rewritten(line, _NAMES[texts.JSON], tree)]
                at = start + len(line)
                changes += found
        except Unreadable:
            left.append(f"{number} (unreadable)")
        except Unsuitable as refused:
            left.append(f"{number} ({refused.why})")
    after = b"".join((*parts, raw[at:]))
    more = f" and {len(left) - MANY:,} more" if len(left) > MANY else ""
    said = f"lines that were not fixed: {', '.join(left[:MANY])}{more}" if left else ""
    return Fixed(file, raw, after, tuple(changes), said, _shown(linter, file, raw, after))


def _shown(linter: Linter, file: File, before: bytes, after: bytes) -> tuple[str, str]:
    """The text of a file before and after a change, with what is secret in it covered."""
    if before == after:
        return "", ""
    if file.form == LINES:
        return _covered_lines(linter, before), _covered_lines(linter, after)
    return _covered(linter, before, file), _covered(linter, after, file)


def _covered(linter: Linter, raw: bytes, file: File) -> str:
    places: set[tuple[int, int]] = set()
    known: set[str] = set()
    for value, text in texts.read(raw, file.form, file.shown):
        hidden, here = _secret(linter, value, text)
        known |= hidden
        places |= here
    return redaction.covered(raw.decode(), known, places)


def _covered_lines(linter: Linter, raw: bytes) -> str:
    lines = raw.decode("utf-8", "replace").split("\n")
    for _, number, line in rewriting.records(raw):
        try:
            found = _secret(linter, source.read_json(line), Text(line, LINES, line=number))
        except Unreadable:
            # It may hold a secret anywhere, and a diff shows the lines beside a change.
            if secrets.may_hold(line, linter.secrets):
                lines[number - 1] = "*" * len(lines[number - 1])
        else:
            lines[number - 1] = redaction.covered(lines[number - 1], *found)
    return "\n".join(lines)


def _secret(linter: Linter, value: Any, text: Text) -> tuple[set[str], set[tuple[int, int]]]:
    """The secrets in a value, and where they stand in its text."""
    held = list(secrets.held(value, linter.secrets, linter.placeholders))
    hidden = {each.text for each in held if each.is_literal()}
    # A fix may mend the name of a key.
    hidden.update(redaction.secret_texts(value, redaction.secret_names(value, linter.secrets, guess=True)))
    places = redaction.spans(value, hidden, text.positions)
    return hidden, places | {text.positions.span(pointers.text(each.path)) for each in held}


def _unfit(file: File) -> str:
    if file.name == STDIN:
        return "standard input is not fixed"
    if file.remote or file.packed:
        return "remote and packed files are not fixed"
    return "" if file.form else "its name does not tell its format, so it is not fixed"


def _is_stream(raw: bytes, file: File) -> bool:
    if file.form != texts.YAML:
        return False
    return len(source.read_yaml_documents(raw, file.shown)) > 1


def _payloads(
    linter: Linter, file: File, value: Any, text: Text, *, unsafe: bool
) -> Iterator[tuple[Path, Any, list[Change]]]:
    finder, ignored = linter.finder(file.name), linter.options.settings.ignored_in(file.name)
    sieve = linter.sieve(finder.target, ignored)
    if sieve is not None and finder.selection is None and sieve.passes(value):
        return
    for found in finder.find(value):
        if isinstance(found, Passed):
            continue
        done = _mended(linter, found, text, ignored, unsafe=unsafe)
        if done is not None and done.changes:
            at = pointers.text(found.path)
            payload = _replayed(pointers.look_up(value, found.path), found, done)
            yield found.path, payload, [_placed(each, at, text) for each in done.changes]


def _replayed(standing: Any, found: Found, done: rewriting.Mended) -> Any:
    """
    What stands in the file with the fixes made there: it may say beside a body what that is meant for.

    Raises:
        Unsuitable: the fixes would change that, too.
    """
    if standing is found.payload:
        return done.payload
    beside = standing.keys() - found.payload.keys()
    try:
        for each in done.changes:
            standing = mending.applied(standing, each.fix.patch)
    except (LookupError, TypeError, ValueError):
        standing = {}
    if not dialect.equal({name: each for name, each in standing.items() if name not in beside}, done.payload):
        raise Unsuitable("a fix would change what the payload is meant for")
    return standing


def _mended(
    linter: Linter, found: Found, text: Text, ignored: frozenset[str], *, unsafe: bool
) -> rewriting.Mended | None:
    at = pointers.text(found.path)
    places = linter.placeholders.within(found.payload)

    def wanted(violation: Violation) -> bool:
        told = any(linter.told([violation], ignored)) and not unresolved(violation, places)
        return told and not text.silences(violation, at)

    options = linter.options
    try:
        report = check(
            found.payload,
            found.target,
            registry=linter.registry,
            as_published=options.as_published,
            today=linter.context.today,
            unknown=options.unknown,
        )
    except Unrecognised:
        return None
    return rewriting.mend(report, unsafe=unsafe, wanted=wanted)


def _placed(change: Change, at: str, text: Text) -> Change:
    line, column = text.place(at + change.violation.pointer, key=change.violation.kind in KEYED)
    return Change(change.violation, change.fix, line, column)
