"""
What audits found, as text, JSON and Markdown; and as an outcome, which every other format can render.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from preroll.audit import LEVELS, Audit, Finding, kind
from preroll.json_text import written
from preroll.render.json_ import dumped, plain_value
from preroll.render.text import Paint, shown

if TYPE_CHECKING:
    from preroll.outcome import Outcome

SHOWN = {"error": 12, "warning": 4, "note": 2}
"""Places of one type that are shown of each document unless more is asked for."""

STYLE = {"error": "error", "warning": "warning", "note": "info"}

LONGEST_PAYLOAD = 300


def text(audits: Sequence[Audit], *, colour: bool = False, width: int = 80, verbose: int = 0) -> str:
    """
    Findings for a terminal, by document and type; where one type repeats, the first places and a count.

    Args:
        audits: what was found.
        colour: whether to write ANSI colours.
        width: columns to fill; addresses are not wrapped.
        verbose: 1 shows every place with its evidence.
    """
    paint = Paint(colour=colour)
    blocks = []
    for each in audits:
        blocks.append(f"{paint(shown(each.document), 'bold')}: {_counted(each.counts)}\n")
        blocks += [_block(name, group, paint, width, verbose) for name, group in _by_kind(each.findings)]
    if len(audits) > 1:
        total = {level: sum(each.counts[level] for each in audits) for level in LEVELS}
        blocks.append(f"{len(audits)} documents: {_counted(total)}\n")
    return "\n".join(blocks)


def _counted(counts: Mapping[str, int]) -> str:
    told = [f"{count} {level}{'' if count == 1 else 's'}" for level, count in counts.items() if count]
    return ", ".join(told) or "nothing found"


def _by_kind(findings: Iterable[Finding]) -> list[tuple[str, list[Finding]]]:
    groups: dict[str, list[Finding]] = {}
    for each in findings:
        groups.setdefault(each.id, []).append(each)
    return list(groups.items())


def _block(name: str, group: list[Finding], paint: Paint, width: int, verbose: int) -> str:
    level = group[0].level
    known = kind(name)
    times = f" ({len(group)} times)" if len(group) > 1 else ""
    heading = f"{level}[{name}] "
    title = f"{known.title if known else ''}{times}"
    lines = textwrap.wrap(
        heading + title, width, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )
    lines[0] = lines[0].replace(heading.strip(), paint(heading.strip(), STYLE[level]), 1)
    limit = len(group) if verbose else SHOWN[level]
    told = _by_message(group)
    for message, places in told[:limit]:
        lines += [f"  {shown(each.pointer) or '(the whole document)'}" for each in places[: None if verbose else 3]]
        if len(places) > 3 and not verbose:
            left = len(places) - 3
            lines.append(f"  ... and at {left} more place{'' if left == 1 else 's'}")
        lines += _wrapped(message, "    ", width)
        lines += _more(places[0], width, verbose)
    left = sum(len(places) for _, places in told[limit:])
    if left:
        lines.append(paint(f"  ... and {left} more; -v shows all, and `preroll explain {name}` the page", "dim"))
    return "".join(f"{line}\n" for line in lines)


def _by_message(group: list[Finding]) -> list[tuple[str, list[Finding]]]:
    told: dict[str, list[Finding]] = {}
    for each in group:
        told.setdefault(each.message, []).append(each)
    return list(told.items())


def _more(finding: Finding, width: int, verbose: int) -> Iterator[str]:
    quote = finding.evidence.get("quote")
    if quote and (verbose or len(quote) < 200):
        yield from _wrapped(f'the document says: "{" ".join(str(quote).split())}"', "    = ", width)
    if verbose:
        for one in finding.evidence.get("core", ()):
            yield from _wrapped(f"{one['says']} ({one['pointer']})", "    = ", width)
    for key in ("payload", "without"):
        if key in finding.evidence and (verbose or finding.level == "error"):
            written = _json(finding.evidence[key])
            if verbose or len(written) <= LONGEST_PAYLOAD:
                label = "for example" if key == "payload" else "accepted without it"
                yield from _wrapped(f"{label}: {written}", "    = ", width)
    if isinstance(finding.correction, str):
        yield from _wrapped(f"mended by the correction {finding.correction}", "    = ", width)
    elif finding.correction and verbose:
        for action in finding.correction:
            yield from _wrapped(f"would mend it: {_json(dict(action))}", "    = ", width)


def _json(value: Any) -> str:
    return written(plain_value(value, exact=True))


def _wrapped(sentence: str, indent: str, width: int) -> list[str]:
    return textwrap.wrap(
        shown(sentence),
        width,
        initial_indent=indent,
        subsequent_indent=" " * len(indent),
        break_long_words=False,
        break_on_hyphens=False,
    )


def json_(audits: Sequence[Audit]) -> str:
    """Every finding as one JSON object; its JSON Schema is `docs/json/audit.schema.json`."""
    return dumped({"findings": [each.to_data() for audit in audits for each in audit.findings]})


def markdown(audits: Sequence[Audit]) -> str:
    """Findings for a page or a pull request: a table for each document."""
    from preroll.render.markdown import code, escaped

    lines = []
    for each in audits:
        lines += [f"## {code(each.document)}", "", f"{_counted(each.counts)}.", ""]
        lines += findings(each, code=code, escaped=escaped)
    return "\n".join(lines).rstrip("\n") + "\n"


def findings(audit: Audit, *, code: Any, escaped: Any) -> Iterator[str]:
    """The findings of one document as lines of Markdown, by type; notes without their evidence."""
    for name, group in _by_kind(audit.findings):
        known = kind(name)
        times = f" ({len(group)} times)" if len(group) > 1 else ""
        yield f"### {group[0].level}: {code(name)}"
        yield ""
        yield f"{escaped(known.title if known else name)}{times}."
        yield ""
        for message, places in _by_message(group):
            yield f"- {escaped(message)}  "
            yield from (f"  {code(each.pointer or '(the whole document)')}  " for each in places)
            for key in ("payload", "without") if group[0].level == "error" else ():
                if key in places[0].evidence:
                    label = "for example" if key == "payload" else "accepted without it"
                    yield f"  {label}: {code(_json(places[0].evidence[key])[:LONGEST_PAYLOAD])}  "
            if isinstance(places[0].correction, str):
                yield f"  mended by the correction {code(places[0].correction)}  "
        yield ""


def outcome(audits: Sequence[Audit], texts: Mapping[str, bytes]) -> Outcome:
    """
    The findings as violations of the documents that they are about, for the formats of job files.

    Args:
        audits: what was found.
        texts: the bytes of each document by name, for lines and columns; those that are missing have none.
    """
    from preroll.outcome import Entry, Outcome

    entries = []
    for each in audits:
        serious = {finding.level for finding in each.findings}
        verdict = "invalid" if "error" in serious else "warning" if "warning" in serious else "valid"
        found = tuple(_placed(each, texts.get(each.document)))
        entries.append(Entry(each.document, verdict, line=1, found=found))
    return Outcome.of(entries, files=len(entries))


def _placed(audit: Audit, raw: bytes | None) -> Iterator[Any]:
    from preroll import source
    from preroll.outcome import Placed
    from preroll.violation import Violation

    positions = None
    if raw is not None:
        positions = source.positions(raw, audit.document)
    for each in audit.findings:
        violation = Violation(
            rule=each.id,
            kind="refused",  # the kind whose words are its own
            severity="info" if each.level == "note" else each.level,
            pointer=each.pointer,
            expected=each.message,
            target=each.targets[0] if each.targets else "",
            document=audit.document,
            document_pointer=each.pointer,
            correction=None,
        )
        place: tuple[int, int] | tuple[None, None] = (None, None)
        if positions is not None:
            try:
                place = positions.of(each.pointer)
            except (KeyError, ValueError, IndexError):
                place = (None, None)
        yield Placed(violation, *place)
