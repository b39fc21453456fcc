"""
The catalogue of rules: every id that a violation can carry, with its page.

The list is closed. Keywords, idioms and the rules of requests are declared here, prose rules in
`schemas/<vendor>/rules.yaml`. Each page has an example that breaks the rule and one that does not; the tests
check both, so a page cannot say what is not so. `docs/rules/` is generated from here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from preroll import disagreement

if TYPE_CHECKING:
    from preroll.registry import Registry


@dataclass(frozen=True, slots=True)
class Page:
    """
    What is to be known of one rule.

    Attributes:
        id: the rule's id; never reused.
        title: the bad thing, in one line.
        why: what happens to a request that breaks it.
        instead: what to do.
        schema: for keywords and idioms, a schema of which the example is judged; else None.
        breaks, keeps: payloads.
        target: for rules of requests, the target that the example is judged by; else "".
        quote, at, targets, severity, how: for prose rules, what the vendor says, where, of what, how grave it
            is, and how it is checked.
        document, mended: for findings of an audit, a minimal document that has the defect, and one without it.
    """

    id: str
    title: str
    why: str
    instead: str
    schema: Any = None
    breaks: Any = None
    keeps: Any = None
    target: str = ""
    quote: str = ""
    at: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    severity: str = "error"
    how: str = ""
    document: Any = None
    mended: Any = None


_REFUSED = "The vendor refuses the whole request."
_IGNORED = "The vendor may ignore it in silence: the job runs, is paid for, and is not what was asked."


def _property(name: str, schema: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {name: schema}}


def _keyword(id_: str, title: str, instead: str, schema: Any, breaks: Any, keeps: Any) -> Page:
    return Page(id_, title, _REFUSED, instead, schema, breaks, keeps)


_SIZES = {
    "oneOf": [
        {"title": "wide", "properties": {"width": {"const": 1280}, "height": {"const": 720}}},
        {"title": "tall", "properties": {"width": {"const": 720}, "height": {"const": 1280}}},
    ]
}

_SWITCH = {"properties": {"fast": {"const": True}}, "required": ["fast"]}

KEYWORDS: tuple[Page, ...] = (
    _keyword("additional-properties", "a property that the object does not have",
             "Leave it out, or correct its name.",
             {"type": "object", "properties": {"seed": {"type": "integer"}}, "additionalProperties": False},
             {"seed": 7, "quality": "high"}, {"seed": 7}),
    _keyword("any-of", "a value that fits none of several forms", "Give it one of the listed forms.",
             _property("image", {"anyOf": [{"format": "uuid"}, {"format": "uri"}]}),
             {"image": "hello world"}, {"image": "https://example.com/a.png"}),
    _keyword("contains", "an array without an item that it must have", "Add such an item.",
             _property("frames", {"type": "array", "contains": {"properties": {"frame": {"const": "first"}},
                                                               "required": ["frame"]}}),
             {"frames": [{"frame": "last"}]}, {"frames": [{"frame": "first"}]}),
    _keyword("enum", "a value that is not one of those that are listed",
             "Use one of the listed values; capital letters and blanks count.",
             _property("format", {"enum": ["MP4", "WEBM"]}), {"format": "mp4"}, {"format": "MP4"}),
    _keyword("exclusive-maximum", "a number that is not below its limit", "Choose a smaller number.",
             _property("share", {"exclusiveMaximum": 1}), {"share": 1}, {"share": 0.9}),
    _keyword("exclusive-minimum", "a number that is not above its limit", "Choose a larger number.",
             _property("share", {"exclusiveMinimum": 0}), {"share": 0}, {"share": 0.1}),
    _keyword("format", "text that does not have its format", "Write it in the format.",
             _property("webhook", {"format": "uri"}), {"webhook": "not a uri"}, {"webhook": "https://example.com/x"}),
    _keyword("max-items", "an array with too many items", "Leave some out.",
             _property("images", {"type": "array", "maxItems": 1}), {"images": ["a", "b"]}, {"images": ["a"]}),
    _keyword("max-length", "text that is too long, counted in code points", "Shorten it.",
             _property("prompt", {"maxLength": 5}), {"prompt": "a fox runs"}, {"prompt": "a fox"}),
    _keyword("max-properties", "an object with too many members", "Leave some out.",
             {"type": "object", "maxProperties": 1}, {"a": 1, "b": 2}, {"a": 1}),
    _keyword("maximum", "a number above its limit", "Choose a smaller number.",
             _property("duration", {"maximum": 10}), {"duration": 12}, {"duration": 10}),
    _keyword("min-items", "an array with too few items", "Add items, or leave the array out.",
             _property("images", {"type": "array", "minItems": 1}), {"images": []}, {"images": ["a"]}),
    _keyword("min-length", "text that is too short, counted in code points", "Write more, or leave it out.",
             _property("prompt", {"minLength": 2}), {"prompt": "a"}, {"prompt": "a fox"}),
    _keyword("min-properties", "an object with too few members", "Add members.",
             {"type": "object", "minProperties": 1}, {}, {"a": 1}),
    _keyword("minimum", "a number below its limit", "Choose a larger number.",
             _property("duration", {"minimum": 3}), {"duration": 2}, {"duration": 3}),
    _keyword("multiple-of", "a number that is not in the allowed steps; steps are exact in decimal",
             "Choose a multiple of the step.",
             _property("distance", {"multipleOf": 0.01}), {"distance": 0.575}, {"distance": 0.57}),
    _keyword("not", "something that is not allowed here, whatever else is given", "Leave it out.",
             {"type": "object", "not": {"required": ["seed"]}}, {"seed": 1}, {}),
    _keyword("one-of", "a value that fits several alternatives at once where exactly one may fit",
             "Say more exactly which one is meant.",
             _property("level", {"oneOf": [{"minimum": 3}, {"maximum": 5}]}), {"level": 4}, {"level": 7}),
    _keyword("pattern", "text that does not match its pattern (ECMA-262)", "Write it as the pattern asks.",
             _property("image", {"pattern": "^https://.*"}),
             {"image": "http://example.com/a.png"}, {"image": "https://example.com/a.png"}),
    _keyword("property-names", "a member whose name is not allowed", "Correct the name.",
             {"type": "object", "propertyNames": {"maxLength": 3}}, {"toolong": 1}, {"ok": 1}),
    _keyword("required", "something that must be given is missing", "Add it.",
             {"type": "object", "required": ["prompt"]}, {}, {"prompt": "a fox"}),
    _keyword("type", "a value of the wrong type", "Write it as the type asks: numbers without quotes, no null.",
             _property("steps", {"type": "integer"}), {"steps": "30"}, {"steps": 30}),
    _keyword("unevaluated-items", "items that no part of the schema describes", "Leave them out.",
             {"type": "array", "anyOf": [{"prefixItems": [True]}], "unevaluatedItems": False}, [1, 2], [1]),
    _keyword("unevaluated-properties", "members that no part of the schema describes", "Leave them out.",
             {"type": "object", "anyOf": [{"properties": {"a": True}}], "unevaluatedProperties": False},
             {"b": 1}, {"a": 1}),
    _keyword("unique-items", "an array that holds the same item twice", "Leave the repetition out.",
             _property("tags", {"type": "array", "uniqueItems": True}), {"tags": ["a", "a"]}, {"tags": ["a", "b"]}),
)  # fmt: skip

IDIOMS: tuple[Page, ...] = (
    Page("forbidden-when", "something is given that another choice forbids", _REFUSED,
         "Change what is forbidden, or take the choice back that forbids it.",
         {"type": "object", **_SIZES, "if": _SWITCH,
          "then": {"not": {"properties": {"width": {"const": 1280}, "height": {"const": 720}},
                           "required": ["width", "height"]}}},
         {"width": 1280, "height": 720, "fast": True}, {"width": 720, "height": 1280, "fast": True}),
    Page("limited-when", "a value that would be legal, but not beside another choice", _REFUSED,
         "Keep to the limit, or take the choice back that sets it.",
         {"type": "object", "properties": {"duration": {"maximum": 15}},
          "if": _SWITCH, "then": {"properties": {"duration": {"maximum": 10}}}},
         {"duration": 12, "fast": True}, {"duration": 12}),
    Page("misplaced-property", "a property that belongs in another object", _REFUSED, "Move it there.",
         {"type": "object", "additionalProperties": False,
          "properties": {"inputs": {"type": "object", "properties": {"frames": {"type": "array"}}}}},
         {"frames": []}, {"inputs": {"frames": []}}),
    Page("misspelt-property", "a property whose name is almost that of a known one", _REFUSED,
         "Correct the name.",
         {"type": "object", "properties": {"prompt": {"type": "string"}}, "required": ["prompt"],
          "additionalProperties": False},
         {"promt": "a fox"}, {"prompt": "a fox"}),
    Page("not-together", "things that exclude each other", _REFUSED, "Keep one of them.",
         {"type": "object", "not": {"required": ["preset", "width"]}},
         {"preset": "720p", "width": 1280}, {"preset": "720p"}),
    Page("required-when", "something is missing that another choice demands", _REFUSED,
         "Add it, or take the choice back that demands it.",
         {"type": "object", "dependentRequired": {"width": ["height"]}}, {"width": 1280},
         {"width": 1280, "height": 720}),
    Page("unknown-model", "a model that this operation does not have", _REFUSED, "Use one of the models it has.",
         {"type": "object", "oneOf": [
             {"properties": {"model": {"const": "one"}}, "required": ["model"]},
             {"properties": {"model": {"const": "two"}}, "required": ["model"]}],
          "discriminator": {"propertyName": "model"}},
         {"model": "three"}, {"model": "two"}),
    Page("unlisted-combination", "values that are only legal in listed combinations", _REFUSED,
         "Use one of the listed combinations.", {"type": "object", **_SIZES},
         {"width": 1280, "height": 1280}, {"width": 1280, "height": 720}),
)  # fmt: skip

REQUESTS: tuple[Page, ...] = (
    Page("empty-request", "a request without any task", "Nothing is done.", "Add a task.", severity="warning"),
    Page("inconclusive-answer", "an answer of the service that says nothing of the payload",
         "The key, the credits, a header, a rate or the server: the payload was not judged, or not only.",
         "Change what the answer names, or send the same payload again later.", severity="warning"),
    Page("literal-secret", "a key or a password that is written out in a stored file",
         "Whoever can read the file can spend the money.",
         "Take it from the environment, and have the vendor replace it: it has been read."),
    Page("misplaced-task", "a task that may only stand at one place of a request, and once", _REFUSED,
         "Move it there, or leave it out."),
    Page("refused", "a value that the schema engine refuses, in the engine's words", _REFUSED,
         "Compare the value with the document; this page is for what no other rule can say."),
    Page("refused-by-service", "something that the service refused, in its own words", _REFUSED,
         "Do as the service says; this page is for what no other rule can say."),
    Page("too-many-faults", "so many faults that the rest of the request is only counted", _REFUSED,
         "Mend those that are told of, and check again."),
    Page("unexpected-body", "a body for an operation of which the document describes none",
         "It is ignored at best; more often it was meant for another operation.",
         "Send it to the operation that takes it, or leave it out.", severity="warning"),
    Page("unknown-parameter", "a parameter that the operation does not have", _IGNORED,
         "Correct its name, or leave it out.", severity="warning"),
    Page("unknown-property", "a property that no part of the document describes, in an object that takes others",
         _IGNORED, "Correct its name, or leave it out.", severity="warning"),
    Page("unknown-target", "a task for a model that is in no known document",
         "It cannot be checked. Vendors add models faster than documents reach here, so it may be right.",
         "Correct the name, or give the model's document with --documents.", severity="warning"),
    Page("unread-answer", "a part of a service's answer that is not understood",
         "It may say why the payload was refused.", "Read it as it was sent: it is shown whole.", severity="warning"),
    Page("wrapped-request", "tasks inside something that the vendor does not take", _REFUSED,
         "Send what is inside alone."),
    Page("wrong-operation", "a body that fits another operation of the vendor, and not this one", _REFUSED,
         "Send it to the other operation."),
)  # fmt: skip

BUILT_IN: tuple[Page, ...] = tuple(sorted((*KEYWORDS, *IDIOMS, *REQUESTS), key=lambda page: page.id))
"""Every page that does not come from a vendor's rules, by id."""


def pages(registry: Registry) -> Iterator[Page]:
    """Every page: what is built in, what audits and contract checks find, then the vendors' prose rules."""
    from preroll import audit  # upwards, and only for pages

    yield from BUILT_IN
    for kind in audit.KINDS:
        yield Page(
            kind.id,
            kind.title,
            kind.why,
            kind.instead,
            severity=kind.level,
            document=kind.example,
            mended=kind.mended,
        )
    for name, each in disagreement.KINDS.items():
        yield Page(name, each.title, each.why, each.instead, severity=each.level)
    for _, vendor in sorted(registry.vendors.items()):
        for rule in vendor.rules.rules if vendor.rules is not None else ():
            yield Page(
                id=rule.id,
                title=rule.id.replace("-", " "),
                how=_sentence(rule.kind),
                why=rule.why or ("Probably a slip." if rule.severity == "warning" else _REFUSED),
                instead="Do as the vendor says.",
                breaks=rule.example.breaks,
                keeps=rule.example.keeps,
                quote=rule.quote,
                at=rule.at,
                targets=rule.targets,
                severity=rule.severity,
            )


def _sentence(kind: Any) -> str:
    """The first sentence of a kind's description: what such a rule asks."""
    text = " ".join((type(kind).__doc__ or "").strip().split("\n\n")[0].split())
    return text.rstrip(".")


def page(registry: Registry, rule: str) -> Page | None:
    """The page of a rule, or None where no rule has that id."""
    return next((each for each in pages(registry) if each.id == rule), None)


def markdown(each: Page) -> str:
    """A page as Markdown; the terminal shows the same text."""
    lines = [
        f"# {each.id}",
        "",
        f"{each.severity}: {each.title}.",
        "",
        each.why,
        "",
        f"What to do: {each.instead}",
    ]
    if each.quote:
        lines += ["", f"> {each.quote}", ""]
        lines += [f"- for `{target}`" for target in each.targets]
        lines += [f"- at `{at}`" for at in each.at]
        lines += ["", f"Checked so: {each.how}."]
    if each.document is not None:
        lines += ["", "This document has it:", "", _block(each.document)]
        lines += ["", "and this one does not:", "", _block(each.mended)]
    if each.schema is not None:
        lines += ["", "Where a document says", "", _block(each.schema)]
    if each.breaks is not None:
        lines += ["", "this breaks it:", "", _block(each.breaks)]
        said = _said(each)
        if said:
            lines += ["", *(f"    {line}" for line in said)]
        lines += ["", "and this does not:", "", _block(each.keeps)]
    return "\n".join(lines) + "\n"


def _block(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    if len(text) > 76:  # a line of the page
        text = json.dumps(value, ensure_ascii=False, indent=2)
    return f"```json\n{text}\n```"


def _said(each: Page) -> list[str]:
    """What preroll says of the example."""
    from preroll import words  # only pages need sentences

    if each.schema is None:
        return []
    lines = []
    for violation in example_violations(each, each.breaks):
        lines.append(f"{violation.severity}[{violation.rule}] {violation.pointer or '(the whole payload)'}")
        lines.append(f"  {words.message(violation)}")
        lines += [f"  because {words.because(reason)}" for reason in violation.because if violation.kind != "together"]
        legal = words.allowed(violation)
        if legal:
            lines.append(f"  allowed: {legal}")
    return lines


def example_violations(each: Page, payload: Any) -> tuple[Any, ...]:
    """The violations of an example under its page's own schema."""
    from preroll.judgement import check
    from preroll.registry import Registry

    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "example", **each.schema}
    registry = Registry.of(schema, "example")
    return check(payload, "schema/example", registry=registry).violations


def write(folder: Path, registry: Registry) -> list[Path]:
    """Write every page and the index; pages that no rule has any more are removed."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = {"README.md": _index(registry)} | {f"{each.id}.md": markdown(each) for each in pages(registry)}
    for old in folder.glob("*.md"):
        if old.name not in fresh:
            old.unlink()
    for name, text in fresh.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in sorted(fresh)]


def _index(registry: Registry) -> str:
    lines = ["# Rules", "", "Generated by `make docs` from where each rule is declared.", ""]
    lines += ["| rule | severity | what is wrong |", "|---|---|---|"]
    lines += [f"| [{each.id}]({each.id}.md) | {each.severity} | {each.title} |" for each in pages(registry)]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Write the pages into the folder that is given: `python -m preroll.catalogue docs/rules`."""
    from preroll.registry import Registry

    write(Path(arguments[0]), Registry.bundled())
    return 0


if __name__ == "__main__":
    import sys

    raise SystemExit(main(sys.argv[1:]))
