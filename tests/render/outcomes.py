"""
The outcomes that every renderer is held to: a handful of violations, none, hostile ones, and many.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from preroll.formula import Literal
from preroll.outcome import Entry, Outcome, Placed, Replacement
from preroll.pointer import ABSENT
from preroll.violation import Because, Fix, Said, Violation

TARGET = "example/films"
DOCUMENT = "Example Films 1.0"
SIZES = [("1280x720", 1280, 720), ("720p 9:16", 720, 1280), ("1080p 16:9", 1920, 1080)]

LINES = (
    "[",
    "  {",
    '    "film": "grand@2",',
    '    "width": 640,',
    '    "height": 360,',
    '    "lights": true,',
    '    "promt": "A red fox runs",',
    '    "parts": [{"length": 3}, {"length": 4}]',
    "  }",
    "]",
)


@dataclass(frozen=True)
class Sum:
    """A kind of prose rule."""

    def say(self, expected: Any, actual: Any) -> str:
        del actual
        return f"the parts add up to {expected['sum']}, but length is {expected['equals']}"


def violation(rule: str, pointer: str, **more: Any) -> Violation:
    more = {"target": TARGET, "document": DOCUMENT, "document_pointer": "/components/schemas/Film", **more}
    return Violation(rule, pointer, **more)


FORBIDDEN = Placed(
    violation(
        "forbidden-when",
        "/0/width",
        kind="forbidden",
        also=("/0/height",),
        because=(Because("/0/lights", Literal("enum", (True,)), True),),
        expected=(
            (
                Because("/0/width", Literal("enum", (640,)), 640),
                Because("/0/height", Literal("enum", (360,)), 360),
            ),
            "360p 16:9",
        ),
        actual=640,
        allowed=tuple({"/0/width": w, "/0/height": h, "title": title} for title, w, h in SIZES),
        correction="sizes-of-grand",
        sentence="Width of the film in pixels.",
        link="https://docs.example.com/films#width",
        fixes=(
            Fix(
                "set width and height to 1280x720",
                (
                    {"op": "replace", "path": "/0/width", "value": 1280},
                    {"op": "replace", "path": "/0/height", "value": 720},
                ),
            ),
            Fix("set lights to false", ({"op": "replace", "path": "/0/lights", "value": False},)),
        ),
    ),
    4,
    14,
    end=(4, 17),
    reasons=((6, 15),),
    also=((5, 15),),
    edits=(
        (Replacement((4, 14), (4, 17), "1280"), Replacement((5, 15), (5, 18), "720")),
        (Replacement((6, 15), (6, 19), "false"),),
    ),
)

MISSPELT = Placed(
    violation(
        "misspelt-property",
        "/0/promt",
        kind="misspelt-property",
        actual="promt",
        expected="/0/prompt",
        allowed=("prompt",),
        fixes=(Fix("rename it to prompt", ({"op": "move", "from": "/0/promt", "path": "/0/prompt"},), True),),
    ),
    7,
    5,
    end=(7, 12),
    edits=((Replacement((7, 5), (7, 12), '"prompt"'),),),
)

SUM = Placed(
    violation(
        "parts-do-not-sum-to-length",
        "/0/parts",
        kind="sum-equals",
        severity="warning",
        because=(Because("/0/length", Literal("enum", (5,)), ABSENT, 5),),
        expected=Said(Sum(), {"sum": 7, "equals": 5}),
        actual=[{"length": 3}, {"length": 4}],
        sentence="The parts must add up to the length.",
    ),
    8,
    14,
    end=(8, 45),
    reasons=(None,),
)

REMARK = Placed(
    violation("film-is-old", "/film", kind="remark", severity="info", expected=Said(Sum(), {"sum": 1, "equals": 1})),
    2,
    1,
)

PARAMETER = Placed(
    violation(
        "unknown-parameter",
        "",
        kind="unknown-parameter",
        severity="warning",
        parameter="header.X-Versoin",
        actual="header.X-Versoin",
        expected=("header.X-Version",),
        allowed=("header.X-Version",),
    )
)

NONE = Outcome.of(())

CLEAN = Outcome.of(
    [
        Entry(
            "films/good.json",
            "valid",
            line=1,
            target=TARGET,
            effective={"/0/length": {"value": 5, "sets": ["length"]}, "/0/lights": {"value": False, "sets": []}},
        )
    ]
)

HANDFUL = Outcome(
    (
        Entry(
            "films/bad.json",
            "invalid",
            line=1,
            target=TARGET,
            found=(FORBIDDEN, MISSPELT, SUM),
            lines=dict(enumerate(LINES, 1)),
        ),
        Entry(
            "films/many.jsonl",
            "warning",
            at="/1",
            line=2,
            target=TARGET,
            found=(REMARK, PARAMETER),
            lines={2: '{"film": "old"}'},
        ),
        Entry(
            "films/broken.yaml",
            "unreadable",
            line=None,
            problem=(3, 7, "a tab stands where YAML wants spaces", "indent with spaces"),
        ),
    ),
    {"files": 4, "payloads": 6, "valid": 3, "warning": 1, "invalid": 1, "unresolved": 0, "unreadable": 1, "skipped": 1},
    skipped=(("films/notes.json", "nothing in it looks like a payload"),),
)

HOSTILE_TEXTS = (
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "]]> & &amp; <!--",
    "::error file=x::pwned\r\n::warning::pwned",
    "| a | b |\n|---|\n# heading\n- [x](javascript:alert(1)) @everyone #1 `code` ![i](https://evil.example/x.png)",
    "\x1b[31mred\x1b[0m \x07 \x00 \u202eevil\u2066 \ufeff \ud800",
    "javascript:alert(1)",
    "=cmd|' /C calc'!A0",
    "%0A::error::pwned %25 100%",
)


def hostile() -> Outcome:
    """A violation for each hostile text, with the text wherever a payload, a file name or a document can put one."""
    entries = []
    for text in HOSTILE_TEXTS:
        bad = violation(
            "forbidden-when",
            f"/{text.replace('/', '~1')}",
            kind="enum",
            also=(f"/0/{text.replace('/', '~1')}",),
            because=(Because(f"/{text.replace('/', '~1')}", Literal("enum", (text,)), text),),
            expected=(text,),
            actual=text,
            allowed=(text, "other"),
            sentence=text,
            link=text,
            correction=text,
            target=text,
            document=text,
            document_pointer=f"/{text}",
            fixes=(Fix(text, ({"op": "replace", "path": "", "value": text},)),),
        )
        line = text.replace("\n", " ").replace("\r", " ")
        placed = Placed(
            bad,
            1,
            3,
            end=(1, len(line)),
            reasons=((1, 1),),
            also=((1, 2),),
            edits=((Replacement((1, 1), (1, 2), text),),),
        )
        entries.append(
            Entry(f"{text}.json", "invalid", at=f"/{text}", line=1, target=text, found=(placed,), lines={1: line})
        )
        entries.append(Entry(text, "unreadable", at=text, line=1, problem=(1, 1, text, text)))
    return Outcome.of(entries, files=len(entries))


def many(number: int) -> Outcome:
    """So many findings, a few in each file."""
    kinds = (FORBIDDEN, MISSPELT, SUM)
    entries = []
    for index in range(0, number, 2):
        found = tuple(
            replace(each, violation=replace(each.violation, target=f"example/films-{index % 7}"))
            for each in (kinds[index % 3], kinds[(index + 1) % 3])
        )
        entries.append(
            Entry(
                f"jobs/2025/batch-{index // 50:03}.json",
                "invalid",
                at=f"/{index % 50}",
                line=1,
                target=f"example/films-{index % 7}",
                found=tuple(sorted(found, key=lambda each: each.line or 0))[: number - index],
                lines=dict(enumerate(LINES, 1)),
            )
        )
    counts = Outcome.of(entries, files=(number + 49) // 50).counts
    return Outcome(tuple(entries), {**counts, "payloads": counts["payloads"] + 95_000, "valid": 95_000})
