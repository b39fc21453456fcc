"""
The gate: which changes fail a run, and which of them somebody has accepted.

An acknowledgement file is a JSON or YAML list of entries `{"fingerprint", "reason", "expires"?}`, which may carry
the `id`, `target` and `message` for those who read it. A fingerprint stands for one change of one place; it does
not move when the document is reordered or a witness is another one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from preroll.compat.change import BREAKING, COMPATIBLE, DANGEROUS, LEVELS, NOTE, Change
from preroll.compat.comparison import Comparison, TargetReport

FAIL_ON = {
    "breaking": (BREAKING,),
    "dangerous": (BREAKING, DANGEROUS),
    "any": (BREAKING, DANGEROUS, COMPATIBLE, NOTE),
}
"""For each value of `--fail-on`, the levels that fail a run."""


class AcknowledgementError(ValueError):
    """An acknowledgement file that cannot be used: where, and what is wrong."""

    def __init__(self, file: str, place: str, problem: str) -> None:
        super().__init__(file, place, problem)
        self.file, self.place, self.problem = file, place, problem

    def __str__(self) -> str:
        return f"{self.file}: {self.place}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """
    A change that somebody has accepted.

    Attributes:
        fingerprint: of the change (`Change.fingerprint`).
        reason: why.
        expires: the last day on which it counts, or None.
        id: the change's id, for readers.
    """

    fingerprint: str
    reason: str
    expires: date | None = None
    id: str = ""


def read(data: Any, file: str) -> tuple[Acknowledgement, ...]:
    """
    The entries of a parsed acknowledgement file.

    Raises:
        AcknowledgementError: it has another shape.
    """
    entries = data.get("acknowledged") if isinstance(data, dict) else data
    if not isinstance(entries, list):
        raise AcknowledgementError(file, "the file", "it must be a list of entries, or an object with `acknowledged`")
    found = []
    for index, each in enumerate(entries):
        place = f"entry {index + 1}"
        if not isinstance(each, dict) or not isinstance(each.get("fingerprint"), str):
            raise AcknowledgementError(file, place, "it needs a `fingerprint` (the report shows it)")
        reason = each.get("reason")
        if not isinstance(reason, str) or not reason.strip():
            raise AcknowledgementError(file, place, "it needs a `reason`")
        found.append(Acknowledgement(each["fingerprint"], reason, _day(each, file, place), str(each.get("id", ""))))
    return tuple(found)


def _day(entry: dict[str, Any], file: str, place: str) -> date | None:
    text = entry.get("expires")
    if text is None:
        return None
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise AcknowledgementError(file, place, f"`expires` is {text!r}, and no date such as 2025-01-31") from None


def acknowledged(comparison: Comparison, entries: Iterable[Acknowledgement], today: date) -> Comparison:
    """
    The comparison with accepted changes marked.

    Entries that have expired count no longer, and those whose change is not there are listed as stale.
    """
    listed = tuple(entries)
    valid = {each.fingerprint: each for each in listed if each.expires is None or each.expires >= today}
    met = {each.fingerprint for each in comparison.every}

    def marked(changes: tuple[Change, ...]) -> tuple[Change, ...]:
        return tuple(
            replace(each, acknowledged=valid[each.fingerprint].reason) if each.fingerprint in valid else each
            for each in changes
        )

    reports: tuple[TargetReport, ...] = tuple(
        replace(each, changes=marked(each.changes)) for each in comparison.targets
    )
    open_ = {each.target for each in reports for one in each.changes if one.level == BREAKING and not one.acknowledged}
    reports = tuple(replace(each, changes=_summed(each.changes, open_)) for each in reports)
    stale = []
    for each in listed:
        name = f"{each.fingerprint}{f' ({each.id})' if each.id else ''}"
        if each.fingerprint not in met:
            stale.append(f"{name}: nothing of that fingerprint changed; drop the entry")
        elif each.fingerprint not in valid:
            stale.append(f"{name}: it was accepted until {each.expires}")
    return replace(comparison, targets=reports, changes=marked(comparison.changes), unused=tuple(stale))


def _summed(changes: tuple[Change, ...], open_: set[str]) -> tuple[Change, ...]:
    """What only sums up branches is accepted where all that they say is."""
    return tuple(
        replace(each, acknowledged="as are the changes of its branches")
        if each.level == BREAKING and each.branches and not open_.intersection(each.branches)
        else each
        for each in changes
    )


def regraded(comparison: Comparison, undecided: str) -> Comparison:
    """The comparison with another level for what could not be decided."""
    assert undecided in LEVELS

    def graded(changes: tuple[Change, ...]) -> tuple[Change, ...]:
        return tuple(replace(each, level=undecided) if each.kind.kind == "undecided" else each for each in changes)

    return replace(
        comparison,
        targets=tuple(replace(each, changes=graded(each.changes)) for each in comparison.targets),
        changes=graded(comparison.changes),
    )


def fails(comparison: Comparison, fail_on: str) -> bool:
    """Whether a run fails: a change of one of the levels that nobody accepted, or a stored payload that fails."""
    levels = FAIL_ON[fail_on]
    return bool(comparison.jobs) or any(each.level in levels and not each.acknowledged for each in comparison.every)
