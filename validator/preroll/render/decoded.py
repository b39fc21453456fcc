"""
What a service's answer says, as text and JSON; and as an outcome, which every other format can render.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from preroll import __version__
from preroll import json_text as exact
from preroll.judgement import UNRESOLVED, Report
from preroll.outcome import Entry, Outcome, Placed, entry
from preroll.pointer import ABSENT
from preroll.refusals import ACCEPTED, AFTER_CHANGE, INCONCLUSIVE, LATER, NEVER, REFUSED, Answer
from preroll.refusals.decoding import Decoded
from preroll.render import json_
from preroll.render import text as texts
from preroll.violation import Violation

LONGEST: Final = 2**16
"""Characters of a part that is not understood which text shows; JSON shows all."""

INCONCLUSIVE_RULE: Final = "inconclusive-answer"
UNREAD_RULE: Final = "unread-answer"

_RETRIES: Final = {
    NEVER: "sending it again unchanged will not help",
    LATER: "the same payload can be sent again later",
    AFTER_CHANGE: "the same payload can be sent again when that has changed",
}


def headline(decoded: Decoded) -> str:
    """What an answer means, in one line: `refused: 2 complaints; sending it again unchanged will not help`."""
    answer = decoded.answer
    status = f" (HTTP status {answer.status})" if answer.status is not None else ""
    if answer.outcome == ACCEPTED:
        return f"accepted: the answer complains of nothing{status}"
    if answer.outcome == REFUSED:
        many = len(answer.complaints)
        told = answer.reason or f"{many} complaint{'' if many == 1 else 's'}"
        if answer.reason and many > 1:
            told += f" ({many} complaints)"
        help_ = _RETRIES.get(answer.retry, "nothing says whether sending it again unchanged would help")
        return f"refused: {told}; {help_}{_taken(answer)}"
    if answer.outcome == INCONCLUSIVE:
        help_ = _RETRIES.get(answer.retry, "nothing says whether the same payload can be sent again")
        wait = f", after {answer.after:g} seconds" if answer.after is not None else ""
        return f"inconclusive: {answer.reason}{status}; {help_}{wait}{_taken(answer)}"
    return f"not understood: the answer{status} is shown as it is"


def _taken(answer: Answer) -> str:
    many = len(answer.taken)
    if not many:
        return ""
    return f"; {many} of its tasks {'was' if many == 1 else 'were'} taken, and would be paid for again"


def outcome(
    decoded: Decoded, source: str, *, solver: bool = False, edits: bool = False, notes: bool = False
) -> Outcome:
    """
    The payload with the complaints as its violations.

    Args:
        decoded: what was decoded.
        source: the payload's file, or the answer's where no payload is known.
        solver: whether the constraint model may look for fixes.
        edits: find what the fixes do to the text, too.
        notes: tell an inconclusive answer, and parts that are not understood, as warnings: for formats that
            show nothing but violations.
    """
    report = decoded.advised(solver=solver)
    if decoded.outcome not in (REFUSED, ACCEPTED):
        report = replace(report, verdict=UNRESOLVED)
    told = _without_text(report, source) if report.raw is None else entry(report, source, effective=False, edits=edits)
    if notes:
        told = replace(told, found=(*told.found, *map(Placed, _notes(decoded))))
    return Outcome.of([told])


def _without_text(report: Report, source: str) -> Entry:
    found = tuple(map(Placed, report.violations))
    return Entry(source, report.verdict, line=1, target=report.target, found=found)


def _notes(decoded: Decoded) -> Iterator[Violation]:
    if decoded.outcome == INCONCLUSIVE:
        said = [headline(decoded), *(f'the service says: "{each.message}"' for each in decoded.complaints)]
        yield Violation(INCONCLUSIVE_RULE, "", kind="refused", severity="warning", expected=". ".join(said))
    for each in decoded.unread:
        yield Violation(
            UNREAD_RULE, "", kind="refused", severity="warning", expected=f"not understood: {written(each)}"
        )


def written(part: Any, *, indent: int | None = None) -> str:
    """A part of an answer as JSON; text as it is."""
    if isinstance(part, str):
        return part
    return exact.written(json_.plain_value(part, exact=True), indent=indent)


def text(
    decoded: Decoded,
    source: str,
    *,
    colour: bool = False,
    width: int = 80,
    verbose: int = 0,
    solver: bool = False,
    **_: Any,
) -> str:
    """
    For a terminal: a line that says what the answer means, the violations in their frames, what is left over.

    Args:
        decoded: what was decoded.
        source: what the payload's file is called.
        colour: whether to write ANSI colours.
        width: columns to fill; what the service said is not shortened.
        verbose: 1 shows our own violations that the service does not speak of.
        solver: whether the constraint model may look for fixes.
    """
    paint = texts.Paint(colour=colour)
    style = {ACCEPTED: "good", REFUSED: "error"}.get(decoded.outcome, "warning")
    word, colon, rest = headline(decoded).partition(":")
    blocks = [f"{paint(word, style)}{colon}{texts.shown(rest)}\n"]
    if decoded.outcome == INCONCLUSIVE:
        blocks[0] += "".join(_said(f'the service says: "{each.message}"', width) for each in decoded.complaints)
    told = outcome(decoded, source, solver=solver)
    if any(each.found for each in told.entries):
        blocks.append(
            texts.render(told, colour=colour, width=width, verbose=verbose, summary=False).rstrip("\n") + "\n"
        )
    left = [each.violation for each in decoded.matches if each.complaint is None and each.violation is not None]
    errors = [each for each in left if each.severity == "error"]
    if errors:
        blocks.append("".join(_unmentioned(errors, width, verbose)))
    if decoded.unread:
        blocks.append("".join(_unread(each) for each in decoded.unread))
    return "\n".join(blocks)


def _said(sentence: str, width: int) -> str:
    lines = textwrap.wrap(
        texts.shown(sentence),
        max(40, width),
        initial_indent="  ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "".join(f"{line}\n" for line in lines)


def _unmentioned(errors: list[Violation], width: int, verbose: int) -> Iterator[str]:
    from preroll import words  # only what is left over needs sentences

    many = len(errors)
    yield f"{many} more that the service does not speak of, by preroll's own check:\n"
    for each in errors if verbose else errors[:3]:
        yield _said(f"{each.rule} {each.pointer or '(the whole payload)'}: {words.message(each)}", width)
    if many > 3 and not verbose:
        yield f"  ... and {many - 3} more; -v shows all\n"


def _unread(part: Any) -> str:
    whole = written(part, indent=2)
    lines = [f"  {texts.shown(line)}" for line in whole[:LONGEST].split("\n")]
    if len(whole) > LONGEST:
        lines.append(f"  ... and {len(whole) - LONGEST} more characters; --format json shows all")
    return "\n".join(["not understood, as it was sent:", *lines]) + "\n"


def json_text(decoded: Decoded, source: str, *, solver: bool = True) -> str:
    """One JSON object; its JSON Schema is `docs/json/decode.schema.json`."""
    return json_.dumped(data(decoded, source, solver=solver))


def data(decoded: Decoded, source: str = "<payload>", *, solver: bool = True) -> dict[str, Any]:
    """The same as plain data: what `check --format json` says of the violations, and the answer itself."""
    told = outcome(decoded, source, solver=solver)
    answer = decoded.answer
    relations = {id(each.complaint): each for each in decoded.matches if each.complaint is not None}
    complaints = []
    for each in answer.complaints:
        match = relations.get(id(each))
        complaints.append(
            {
                "message": each.message,
                "code": each.code,
                "pointers": list(each.pointers),
                "kind": each.kind,
                "facts": {
                    name: json_.plain_value(fact, exact=True) for name, fact in each.facts.items() if fact is not ABSENT
                },
                "relation": match.relation if match is not None else None,
                "rule": match.violation.rule if match is not None and match.violation is not None else None,
            }
        )
    return {
        "preroll": __version__,
        "summary": dict(told.counts),
        "answer": {
            "outcome": answer.outcome,
            "reason": answer.reason,
            "retry": answer.retry,
            "after": answer.after,
            "status": answer.status,
            "taken": list(answer.taken),
            "complaints": complaints,
            "unread": list(answer.unread),
        },
        "payloads": [json_.of_entry(each) for each in told.entries],
    }
