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

from preroll import mending, redaction, rewriting
from preroll import pointer as pointers
from preroll.jobs import files, secrets, texts
from preroll.jobs.files import STDIN, File
from preroll.jobs.finding import Found, Passed
from preroll.jobs.linting import Linter
from preroll.jobs.placeholders import unresolved
from preroll.jobs.texts import EVERYTHING, LINES, Text
from preroll.judgement import check
from preroll.pointer import Path
from preroll.recognition import Unrecognised
from preroll.rewriting import Change, Unsuitable
from preroll.unreadable import Unreadable
from preroll.violation import Violation

_NAMES: Final = {texts.JSON: "text.json", texts.JSONC: "text.jsonc", texts.YAML: "text.yaml", LINES: "text.jsonl"}


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
        name = _NAMES[file.form]
        tree = rewriting.value_of(raw, name)
    except Unreadable:  # linting says why
        return Fixed(file, b"", b"")
    changes: list[Change] = []
    several = file.form == LINES or _is_stream(raw, file)
    for index, (value, text) in enumerate(_values(raw, file, tree)):
        prefix: Path = (index,) if several else ()
        for path, payload, done in _payloads(linter, file, value, text, unsafe=unsafe):
            tree = mending.put(tree, (*prefix, *path), payload)
            changes += done
    if not changes:
        return Fixed(file, raw, raw)
    try:
        after = rewriting.rewritten(raw, name, tree)
    except Unsuitable as refused:
        return Fixed(file, raw, raw, left=f"it was not changed: {refused.why}")
    shown = (_covered(linter, raw, file), _covered(linter, after, file))
    return Fixed(file, raw, after, tuple(changes), shown=shown)


def _covered(linter: Linter, raw: bytes, file: File) -> str:
    """The text of a file with what is secret in it covered."""
    lines = raw.decode().split("\n")
    places: set[tuple[int, int]] = set()
    known: set[str] = set()
    for value, text in _values(raw, file, rewriting.value_of(raw, _NAMES[file.form])):
        held = list(secrets.held(value, linter.secrets, linter.placeholders))
        hidden = {each.text for each in held if each.is_literal()}
        # A fix may mend the name of a key.
        hidden.update(redaction.secret_texts(value, redaction.secret_names(value, linter.secrets, guess=True)))
        here = redaction.spans(value, hidden, text.positions)
        here |= {text.positions.span(pointers.text(each.path)) for each in held}
        if file.form == LINES:
            lines[text.line - 1] = redaction.covered(lines[text.line - 1], hidden, here)
        else:
            places |= here
            known |= hidden
    return redaction.covered("\n".join(lines), known, places)


def _unfit(file: File) -> str:
    if file.name == STDIN:
        return "standard input is not fixed"
    if file.remote or file.packed:
        return "remote and packed files are not fixed"
    return "" if file.form else "its name does not tell its format, so it is not fixed"


def _is_stream(raw: bytes, file: File) -> bool:
    if file.form != texts.YAML:
        return False
    from preroll import source

    return len(source.read_yaml_documents(raw, file.shown)) > 1


def _values(raw: bytes, file: File, tree: Any) -> Iterator[tuple[Any, Text]]:
    if file.form == LINES:
        for value, (_, number, line) in zip(tree, rewriting.records(raw), strict=True):
            yield value, Text(line, LINES, line=number)
    else:
        yield from texts.read(raw, file.form, file.shown)


def _payloads(
    linter: Linter, file: File, value: Any, text: Text, *, unsafe: bool
) -> Iterator[tuple[Path, Any, list[Change]]]:
    finder, ignored = linter.finder(file.name), linter.options.settings.ignored_in(file.name)
    sieve = linter.sieve(finder.target, ignored)
    if sieve is not None and finder.selection is None and sieve.passes(value):
        return
    for found in finder.find(value):
        if isinstance(found, Passed) or pointers.look_up(value, found.path) is not found.payload:
            continue
        done = _mended(linter, found, text, ignored, unsafe=unsafe)
        if done is not None and done.changes:
            at = pointers.text(found.path)
            yield found.path, done.payload, [_placed(each, at, text) for each in done.changes]


def _mended(
    linter: Linter, found: Found, text: Text, ignored: frozenset[str], *, unsafe: bool
) -> rewriting.Mended | None:
    at = pointers.text(found.path)
    places = linter.placeholders.within(found.payload)

    def wanted(violation: Violation) -> bool:
        if not list(linter.told([violation], ignored)) or unresolved(violation, places):
            return False
        suppressed = text.suppressed(text.place(at + violation.pointer)[0])
        return violation.rule not in suppressed and not suppressed >= EVERYTHING

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
    from preroll.violation import KEYED

    line, column = text.place(at + change.violation.pointer, key=change.violation.kind in KEYED)
    return Change(change.violation, change.fix, line, column)
