"""
Baselines: the violations that are known and accepted, so that a run fails only on what is new.

A violation is known again by its fingerprint: the file, the target, the rule, the place without its indices,
the value there and the conditions with theirs. Lines, indices and words are no part of it, so it survives
moved lines, inserted tasks and another release; a value that changes is another violation. Several equal ones
in a file are told apart by their order.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from preroll import __version__, phrases, words
from preroll import pointer as pointers
from preroll.judgement import INVALID, VALID, WARNING
from preroll.outcome import Entry, Outcome, Placed
from preroll.violation import Because, Violation

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")

FORMAT = 1
"""The version of the file's format."""

DEFAULT = "preroll-baseline.json"
"""The name that the documentation uses."""


class BaselineError(ValueError):
    """A baseline that cannot be read; `name` is the file, `problem` what is wrong with it."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(name, problem)
        self.name, self.problem = name, problem

    def __str__(self) -> str:
        return f"{self.name}: {self.problem}; `preroll baseline {self.name} PATH...` writes a new one"


@dataclass(frozen=True, slots=True)
class Known:
    """
    One accepted violation.

    Attributes:
        fingerprint: what it is known by.
        source, target, rule, pointer, message: what it was, for those who read the file.
        reason: why it is accepted; "" where nobody said.
        expires: the last day (ISO date) on which it is; "" for no end.
    """

    fingerprint: str
    source: str
    target: str
    rule: str
    pointer: str
    message: str
    reason: str = ""
    expires: str = ""


@dataclass(frozen=True, slots=True)
class Baseline:
    """
    The accepted violations of a repository.

    Attributes:
        known: in the order of the file.
        paths: what was linted when it was written, relative to the file's folder.
    """

    known: tuple[Known, ...] = ()
    paths: tuple[str, ...] = ()

    def in_force(self, today: date) -> dict[str, Known]:
        """Those that have not expired, by fingerprint."""
        return {each.fingerprint: each for each in self.known if not each.expires or each.expires >= today.isoformat()}

    def expired(self, today: date) -> tuple[Known, ...]:
        """Those whose last day is over."""
        return tuple(each for each in self.known if each.expires and each.expires < today.isoformat())


def fingerprints(entries: Iterable[Entry], root: str = "") -> list[tuple[str, ...]]:
    """
    The fingerprints of all violations, entry by entry.

    Args:
        entries: what a run found.
        root: the folder that files are named relative to; "" for the names as the user gave them.
    """
    seen: Counter[str] = Counter()
    found = []
    for entry in entries:
        mine = []
        for placed in entry.found:
            identity = _identity(file_name(entry.source, root), placed.violation)
            seen[identity] += 1
            mine.append(digest(f"{identity}\n{seen[identity]}"))
        found.append(tuple(mine))
    return found


def is_address(source: str) -> bool:
    """Whether a file's name is a URL (`s3://bucket/jobs.jsonl`)."""
    return _ADDRESS.match(source) is not None


def file_name(source: str, root: str = "") -> str:
    """A file's name with forward slashes, relative to a folder where it lies below or beside it."""
    if source == "-" or is_address(source):
        return source
    name = os.path.normpath(source)
    if root:
        try:
            name = os.path.relpath(os.path.abspath(name), root)  # noqa: PTH100  # pathlib knows no way up
        except ValueError:  # another drive
            name = os.path.abspath(name)  # noqa: PTH100
    return name.replace(os.sep, "/")


def _identity(source: str, violation: Violation) -> str:
    facts = [(each.pointer, each.actual) for each in (*_facts(violation.expected), *violation.because)]
    places = [violation.pointer, *violation.also]
    if not {pointer for pointer, _ in facts} & set(places):
        facts.append((violation.pointer, violation.actual))
    return "\n".join(
        (
            source,
            violation.target,
            violation.rule,
            violation.parameter or "",
            *sorted(set(map(_place, places))),
            *sorted({f"{_place(pointer)} {_value(value)}" for pointer, value in facts}),
        )
    )


def _facts(expected: Any) -> Iterator[Because]:
    """What a violation of several places says of each: which of them comes first depends on the order of keys."""
    if isinstance(expected, Because):
        yield expected
    elif isinstance(expected, tuple):
        for each in expected:
            yield from _facts(each)


def _place(pointer: str) -> str:
    """A place without its indices: what stands before it may come and go."""
    return pointers.text(tuple("*" if token.isdigit() else token for token in pointers.parse(pointer)))


def _value(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return phrases.value(value) if not isinstance(value, str) else json.dumps(value)


def digest(text: str) -> str:
    """A short name for a text: the same on every machine."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def accept(outcome: Outcome, baseline: Baseline, *, today: date, root: str = "") -> Outcome:
    """
    The outcome without what a baseline accepts; verdicts and counts follow.

    An entry that nothing is left of is counted and no longer told of, unless it is the only one; what could not
    be read is never accepted.
    """
    known = baseline.in_force(today)
    if not known:
        return outcome
    entries, counts, taken = [], dict(outcome.counts), 0
    for entry, marks in zip(outcome.entries, fingerprints(outcome.entries, root), strict=True):
        kept = tuple(each for each, mark in zip(entry.found, marks, strict=True) if mark not in known)
        gone = len(entry.found) - len(kept)
        if gone:
            taken += gone
            fresh = replace(entry, found=kept, verdict=_verdict(entry.verdict, kept))
            counts[entry.verdict] -= 1
            counts[fresh.verdict] = counts.get(fresh.verdict, 0) + 1
            if kept or len(outcome.entries) == 1:
                entries.append(fresh)
        else:
            entries.append(entry)
    return replace(outcome, entries=tuple(entries), counts=counts, accepted=outcome.accepted + taken)


def _verdict(before: str, kept: Sequence[Placed]) -> str:
    if before not in (VALID, WARNING, INVALID):
        return before if kept else VALID
    severities = {each.violation.severity for each in kept}
    return INVALID if "error" in severities else WARNING if "warning" in severities else VALID


def brought_up(
    baseline: Baseline,
    outcome: Outcome,
    *,
    root: str = "",
    paths: Sequence[str] = (),
    reason: str = "",
    expires: str = "",
    prune: bool = False,
) -> Baseline:
    """
    The baseline that accepts what a run found.

    What is still there keeps its reason and its end, what is gone is dropped, what is new is added, unless
    `prune` says that nothing new may be accepted. Information is no reason to fail and is left out.
    """
    old = {each.fingerprint: each for each in baseline.known}
    fresh = []
    for entry, marks in zip(outcome.entries, fingerprints(outcome.entries, root), strict=True):
        for placed, mark in zip(entry.found, marks, strict=True):
            violation = placed.violation
            if violation.severity == "info" or (prune and mark not in old):
                continue
            before = old.get(mark)
            fresh.append(
                Known(
                    fingerprint=mark,
                    source=file_name(entry.source, root),
                    target=violation.target,
                    rule=violation.rule,
                    pointer=entry.at + violation.pointer,
                    message=words.message(violation),
                    reason=before.reason if before and before.reason else reason,
                    expires=before.expires if before and before.expires else expires,
                )
            )
    return Baseline(tuple(fresh), tuple(paths) or baseline.paths)


def written(baseline: Baseline) -> str:
    """The file's text: JSON, one accepted violation after the other, in a stable order."""
    accepted = [
        {name: getattr(each, name) for name in Known.__slots__ if getattr(each, name)}
        for each in sorted(baseline.known, key=lambda each: (each.source, each.pointer, each.rule, each.fingerprint))
    ]
    data = {"preroll": __version__, "format": FORMAT, "paths": list(baseline.paths), "accepted": accepted}
    text = json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    return text.encode("utf-8", "backslashreplace").decode()


def read(raw: bytes, name: str) -> Baseline:
    """
    The baseline in a file.

    Raises:
        BaselineError: it is none, of a later format, or one of its dates is no date.
    """
    try:
        data = json.loads(raw)
    except ValueError:
        raise BaselineError(name, "it is no JSON") from None
    if not isinstance(data, dict) or not isinstance(data.get("accepted"), list):
        raise BaselineError(name, "it is no baseline")
    if data.get("format") != FORMAT:
        raise BaselineError(name, f"it has the format {data.get('format')!r}, and this version reads {FORMAT}")
    known = tuple(_known(each, name) for each in data["accepted"])
    paths = data.get("paths", [])
    return Baseline(known, tuple(map(str, paths)) if isinstance(paths, list) else ())


def _known(data: Any, name: str) -> Known:
    if not isinstance(data, Mapping) or not isinstance(data.get("fingerprint"), str):
        raise BaselineError(name, "an accepted violation has no fingerprint")
    values = {key: str(data.get(key, "")) for key in Known.__slots__}
    if values["expires"]:
        try:
            date.fromisoformat(values["expires"])
        except ValueError:
            raise BaselineError(name, f"{values['expires']!r} is no date (2025-12-31)") from None
    return Known(**values)
