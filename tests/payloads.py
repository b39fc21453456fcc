"""
Payloads that several tests share: the job files of `examples/`, the explained slips, and ways to break a payload.

`SLIPS` is the table of what people send wrong; its words are read in `tests/snapshots/explanations/`, and the law in
`test_renaming.py` asks the same words of documents that nobody has seen.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from preroll import pointer as pointers
from preroll.pointer import ABSENT

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
GOOD = sorted((EXAMPLES / "good").glob("*.json"))
BAD = sorted((EXAMPLES / "bad").glob("*.json"))

KLING, RAY, OVI, WAN = "klingai:kling-video@o3-pro", "luma:ray@3.2", "runware:190@1", "alibaba:wan@2.7"
UUID = "5f0bd2c1-2c86-4be0-9a6d-6f0e3d3e8a01"
IMAGE = "https://assets.example.com/fox/front.png"
VIDEO = "https://assets.example.com/fox/run.mp4"


def task(model: str, /, **members: Any) -> dict[str, Any]:
    """One task for a model; a member given as `ABSENT` is left out."""
    given = {"taskType": "videoInference", "taskUUID": UUID, "model": model, "positivePrompt": "A red fox runs"}
    return {name: value for name, value in {**given, **members}.items() if value is not ABSENT}


def kling(**members: Any) -> dict[str, Any]:
    """A task for Kling; with a size unless another is given."""
    return task(KLING, **{"width": 1920, "height": 1080, **members})


def ray(**members: Any) -> dict[str, Any]:
    """A task for Ray; with a size unless another is given."""
    return task(RAY, **{"width": 1280, "height": 720, **members})


def ovi(**members: Any) -> dict[str, Any]:
    """A task for Ovi; with an image unless other inputs are given."""
    return task(OVI, **{"inputs": {"image": IMAGE}, **members})


def wan(**members: Any) -> dict[str, Any]:
    """A task for Wan; with a size unless another is given."""
    return task(WAN, **{"width": 1920, "height": 1080, **members})


NO_SIZE = {"width": ABSENT, "height": ABSENT}


def elements(**element: Any) -> dict[str, Any]:
    """Inputs with one element."""
    return {"elements": [{"id": "fox", **element}]}


@dataclass(frozen=True)
class Slip:
    """A payload with one slip; `place` is where a good message points, `rule` what it is called."""

    id: str
    payload: Any
    rule: str
    place: str
    target: str | None = None
    options: dict[str, Any] = field(default_factory=dict)


def _shots(*durations: int) -> dict[str, Any]:
    return {"klingai": {"multiPrompt": [{"prompt": "Wide shot", "duration": each} for each in durations]}}


def _klingai(**members: Any) -> dict[str, Any]:
    return {"klingai": members}


SLIPS = [
    # id, payload, rule, place
    Slip("ray-hdr-at-640x360", [ray(width=640, height=360, settings={"hdr": True})], "forbidden-when", "/0/width"),
    Slip("ray-hdr-for-10s", [ray(duration=10, settings={"hdr": True})], "limited-when", "/0/duration"),
    Slip("ray-exr-without-hdr", [ray(settings={"exrExport": True})], "required-when", "/0/settings"),
    Slip("ray-loop-with-hdr", [ray(settings={"loop": True, "hdr": True})], "not-together", "/0/settings/hdr"),
    Slip(
        "ray-edit-with-width",
        [ray(inputs={"video": VIDEO}, settings={"edit": {"strength": "flex_2"}})],
        "not-together",
        "/0/width",
    ),
    Slip(
        "ray-resolution-with-width",
        [ray(resolution="720p", inputs={"video": VIDEO})],
        "not-together",
        "/0/width",
    ),
    Slip(
        "ray-source-position-without-size",
        [
            ray(
                **NO_SIZE,
                inputs={"video": VIDEO},
                settings={"sourcePosition": {"x": 0.25, "y": 0, "width": 0.5, "height": 1}},
            )
        ],
        "required-when",
        "/0",
    ),
    Slip(
        "ray-source-position-of-an-edit",
        [
            ray(
                **NO_SIZE,
                inputs={"video": VIDEO},
                settings={
                    "edit": {"strength": "flex_2"},
                    "sourcePosition": {"x": 0.25, "y": 0, "width": 0.5, "height": 1},
                },
            )
        ],
        "not-together",
        "/0/settings/sourcePosition",
    ),
    Slip(
        "ray-lone-last-frame",
        [ray(**NO_SIZE, inputs={"frameImages": [{"image": IMAGE, "frame": "last"}]})],
        "contains",
        "/0/inputs/frameImages",
    ),
    Slip(
        "kling-frames-with-size",
        [kling(inputs={"frameImages": [{"image": IMAGE, "frame": "first"}]})],
        "not-together",
        "/0/width",
    ),
    Slip("kling-1280x720", [kling(width=1280, height=720)], "unlisted-combination", "/0/width"),
    Slip("kling-width-without-height", [kling(height=ABSENT)], "required-when", "/0"),
    Slip("kling-width-1280-without-height", [kling(width=1280, height=ABSENT)], "unlisted-combination", "/0/width"),
    Slip("ray-height-without-width", [ray(width=ABSENT)], "required-when", "/0"),
    Slip(
        "kling-shots-of-7s-in-10s",
        [kling(duration=10, providerSettings=_shots(3, 4))],
        "segments-do-not-sum-to-duration",
        "/0/providerSettings/klingai/multiPrompt",
    ),
    Slip(
        "kling-shots-of-7s-in-the-default-5s",
        [kling(providerSettings=_shots(3, 4))],
        "segments-do-not-sum-to-duration",
        "/0/providerSettings/klingai/multiPrompt",
    ),
    Slip(
        "kling-orientation-image-without-images",
        [
            kling(
                inputs={"referenceVideos": [VIDEO]},
                providerSettings=_klingai(characterOrientation="image"),
            )
        ],
        "required-when",
        "/0/inputs",
    ),
    Slip(
        "kling-keep-sound-without-video",
        [kling(providerSettings=_klingai(keepOriginalSound=True))],
        "required-when",
        "/0",
    ),
    Slip(
        "kling-five-images-with-a-video",
        [kling(inputs={"video": VIDEO, "referenceImages": [f"{IMAGE}?{each}" for each in range(5)]})],
        "limited-when",
        "/0/inputs/referenceImages",
    ),
    Slip(
        "kling-element-images-without-frontal",
        [kling(inputs=elements(images=[IMAGE]))],
        "required-when",
        "/0/inputs/elements/0",
    ),
    Slip(
        "positvePrompt",
        [kling(positivePrompt=ABSENT, positvePrompt="A red fox runs")],
        "misspelt-property",
        "/0/positvePrompt",
    ),
    Slip("steps-as-text", [ovi(steps="30")], "type", "/0/steps"),
    Slip("mp4-with-a-blank", [kling(outputFormat="MP4 ")], "enum", "/0/outputFormat"),
    Slip("mp4-in-lower-case", [kling(outputFormat="mp4")], "enum", "/0/outputFormat"),
    Slip(
        "ovi-cache-end-31-of-30-steps",
        [ovi(acceleratorOptions={"teaCache": True, "cacheEndStep": 31})],
        "cache-ends-after-last-step",
        "/0/acceleratorOptions/cacheEndStep",
    ),
    Slip(
        "ovi-cache-start-in-two-units",
        [ovi(acceleratorOptions={"teaCache": True, "cacheStartStep": 3, "cacheStartStepPercentage": 10})],
        "not-together",
        "/0/acceleratorOptions/cacheStartStepPercentage",
    ),
    Slip(
        "ovi-distance-between-hundredths",
        [ovi(acceleratorOptions={"teaCache": True, "teaCacheDistance": 0.575})],
        "multiple-of",
        "/0/acceleratorOptions/teaCacheDistance",
    ),
    Slip(
        "wan-12s-with-references",
        [wan(duration=12, inputs={"referenceImages": [IMAGE]})],
        "limited-when",
        "/0/duration",
    ),
    Slip("wan-shot-type-without-references", [wan(settings={"shotType": "multi"})], "required-when", "/0"),
    Slip("kling-neither-prompt-nor-frames", [kling(positivePrompt=ABSENT)], "required", "/0"),
    Slip("ray-neither-prompt-nor-frames", [ray(positivePrompt=ABSENT)], "required", "/0"),
    Slip("wan-neither-prompt-nor-frames", [wan(positivePrompt=ABSENT)], "required", "/0"),
    Slip("two-tasks-with-one-uuid", [kling(), wan(taskUUID=UUID.upper())], "task-id-repeated", "/1/taskUUID"),
    Slip(
        "gen4-turbo-1280x768",
        {"model": "gen4_turbo", "promptImage": IMAGE, "promptText": "A fox", "ratio": "1280:768", "duration": 5},
        "enum",
        "/ratio",
    ),
    Slip(
        "unknown-model",
        {"model": "gen5_turbo", "promptImage": IMAGE, "promptText": "A fox", "ratio": "1280:720", "duration": 5},
        "unknown-model",
        "/model",
        target="runwayml/image_to_video",
    ),
    Slip(
        "gen4-turbo-with-a-last-frame",
        {
            "model": "gen4_turbo",
            "promptImage": [{"uri": IMAGE, "position": "last"}],
            "promptText": "A fox",
            "ratio": "1280:720",
            "duration": 5,
        },
        "enum",
        "/promptImage/0/position",
    ),
    Slip(
        "act-two-without-a-character",
        {"model": "act_two", "reference": {"type": "video", "uri": VIDEO}},
        "required",
        "",
        target="runwayml/character_performance",
    ),
    Slip(
        "veo31-only-a-last-frame",
        {
            "model": "veo3.1",
            "promptImage": [{"uri": IMAGE, "position": "last"}],
            "promptText": "A fox",
            "ratio": "1920:1080",
            "duration": 8,
        },
        "last-frame-alone",
        "/promptImage",
    ),
    Slip(
        "501-emoji",
        {
            "model": "gen4_turbo",
            "promptImage": IMAGE,
            "promptText": "\U0001f98a" * 501,
            "ratio": "1280:720",
            "duration": 5,
        },
        "prompt-too-long-in-utf16",
        "/promptText",
    ),
    Slip(
        "91-days-of-usage", {"startDate": "2026-07-01", "beforeDate": "2026-09-30"}, "usage-over-90-days", "/beforeDate"
    ),
    Slip("usage-from-a-day-that-never-was", {"startDate": "2023-02-29"}, "format", "/startDate"),
    Slip("webhook-is-no-uri", [kling(webhookURL="not a uri")], "format", "/0/webhookURL"),
    Slip(
        "frames-in-the-old-place",
        [kling(**NO_SIZE, frameImages=[{"inputImage": IMAGE}])],
        "misplaced-property",
        "/0/frameImages",
    ),
    Slip(
        "text-body-to-image-to-video",
        {"model": "veo3.1", "promptText": "A whale breaches at dawn", "ratio": "1280:720", "duration": 8},
        "wrong-operation",
        "",
        target="runwayml/image_to_video",
    ),
    Slip("null-for-an-optional-key", [kling(duration=None)], "type", "/0/duration"),
    Slip("tasks-wrapped-in-an-object", {"tasks": [kling()]}, "wrapped-request", ""),
]


# --- payloads by the thousand: built along a schema, then broken at random ---

TEXTS = (
    "",
    " ",
    "a",
    "A red fox runs",
    "hello world",
    "first",
    "last",
    "banana",
    "MP4",
    "mp4",
    "MP4 ",
    "true",
    "30",
    "0",
    "null",
    "x" * 300,
    "é",
    "e\u0301",
    "ﬁ",
    "\U0001f98a",
    "\U0001f98a" * 3,
    "日本語のテキスト",
    "\u202etxt",
    "\x7f",
    "tab\there",
    "line\n",
    "line\r\nline",
    "\u2028",
    "~1/~0",
    "a/b",
    "%41",
    # what formats and patterns are about
    UUID,
    UUID.upper(),
    UUID.replace("-", ""),
    "00000000-0000-0000-0000-000000000000",
    IMAGE,
    VIDEO,
    "http://example.com/a.png",
    "HTTPS://EXAMPLE.COM",
    "https://",
    "https:// ",
    "https://\nexample.com",
    "ftp://example.com/a",
    "urn:isbn:1",
    "mailto:a@example.com",
    "file:///etc/passwd",
    "not a uri",
    "//example.com/a",
    "https://example.com/ä",
    "https://exa mple.com",
    "https://[::1]/",
    "https://[::1",
    "https://a/%zz",
    "runway://abc",
    "data:image/png;base64,iVBORw0KGgo=",
    "data:video/mp4;base64,AAAA",
    "data:audio/mp3;base64,AAAA",
    "data:,",
    "data:image/svg+xml,<svg/>",
    "aGVsbG8=",
    "aGVsbG8=\n",
    "====",
    "iVBORw0KGgoAAAANSUhEUgAAAAUA",
    "2026-07-01",
    "2026-02-30",
    "2024-02-29",
    "2023-02-29",
    "0000-02-29",
    "2026-7-1",
    "２０２６-07-01",
    "2026-07-01\n",
    "2026-07-01T00:00:00Z",
    "2026-07-01t00:00:00.5z",
    "2026-07-01T24:00:00Z",
    "2026-06-30T23:59:60Z",
    "12:00:00Z",
    "P1D",
    "P1Y2W",
    "a@example.com",
    "@",
    "example.com",
    "-a.com",
    "127.0.0.1",
    "127.0.0.01",
    "::1",
    "::g",
    "/a~1b",
    "#/a",
    "1/a",
    "[a-",
    "{a}",
    "{a",
    "clip.mp4",
    "clip.MP4",
    "clip",
    "clip.txt",
    "16:9",
    "1280:720",
    "1280:768",
)

NUMBERS: tuple[Any, ...] = (
    0, 1, -1, 2, 5, 10, 30, 31, 50, 100, 1000, 1280, 720, 1920, 1080, 2**31, 2**32, 2**53, 2**53 + 1, 2**63 - 1, 2**63,
    2**64, -(2**63) - 1, 9223372036854776000, 9223372036854776001, 10**30,
    0.0, -0.0, 0.1, 0.5, 0.07, 0.29, 0.57, 0.575, 0.030000000000000002, 1.0, 5.0, 5.5, 1e16, 1e300, 5e-324, 1e22,
    Decimal("0.1000000000000000055"), Decimal("1e400"), Decimal("5.0000000000000000001"), Decimal("1e-400"),
)  # fmt: skip

KINDS: tuple[Callable[[], Any], ...] = (
    lambda: None, lambda: True, lambda: False, lambda: 0, lambda: 1, lambda: 1.5, lambda: "", lambda: "text",
    list, dict, lambda: [None], lambda: [[]], lambda: {"": None}, lambda: {"a/b": {"~": 1}},
)  # fmt: skip


class Builder:
    """
    Values that mostly satisfy the schemas of one document, and ways to break them; the same for the same seed.

    Args:
        tree: a document in which every `$ref` is a JSON Pointer.
        seed: of everything random here.
    """

    def __init__(self, tree: Any, seed: int | str) -> None:
        self.tree = tree
        self.random = random.Random(seed)
        self.properties: dict[str, list[Any]] = {}
        self.literals: list[Any] = []
        self.limits: list[Any] = []
        self._harvest(tree)

    def _harvest(self, node: Any) -> None:
        if isinstance(node, list):
            for each in node:
                self._harvest(each)
        if not isinstance(node, dict):
            return
        members = node.get("properties")
        if isinstance(members, dict):
            for name, schema in members.items():
                self.properties.setdefault(name, []).append(schema)
        if "const" in node:
            self.literals.append(node["const"])
        if isinstance(node.get("enum"), list):
            self.literals.extend(node["enum"])
        for keyword in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "default"):
            if isinstance(node.get(keyword), (int, float)) and not isinstance(node.get(keyword), bool):
                self.limits.append(node[keyword])
        for each in node.values():
            self._harvest(each)

    def value(self, schema: Any, depth: int = 0) -> Any:
        """A value that mostly satisfies a schema: keywords are heeded one by one, not together."""
        pick = self.random
        if not isinstance(schema, dict) or depth > 12:
            return pick.choice(KINDS)()
        if "$ref" in schema:
            return self.value(pointers.look_up(self.tree, pointers.parse(schema["$ref"][1:])), depth + 1)
        if "const" in schema:
            return copy.deepcopy(schema["const"])
        if "enum" in schema:
            return copy.deepcopy(pick.choice(schema["enum"]))
        found: Any = ABSENT
        for keyword in ("oneOf", "anyOf"):
            if schema.get(keyword):
                found = self._joined(found, self.value(pick.choice(schema[keyword]), depth + 1))
        for each in schema.get("allOf", ()):
            if isinstance(each, dict) and each.keys() & {"properties", "$ref", "oneOf", "anyOf", "allOf"}:
                found = self._joined(found, self.value(each, depth + 1))
        if "properties" in schema or schema.get("type") == "object":
            return self._joined(found, self._object(schema, depth))
        if found is not ABSENT:
            return found
        kind = schema.get("type", "object" if "required" in schema else "")
        if isinstance(kind, list):
            kind = pick.choice(kind)
        match kind:
            case "array":
                return self._array(schema, depth)
            case "integer" | "number":
                return self._number(schema, whole=kind == "integer")
            case "boolean":
                return pick.random() < 0.5
            case "null":
                return None
            case "string":
                return self._text(schema)
        return {} if kind == "object" else pick.choice(KINDS)()

    def _joined(self, one: Any, other: Any) -> Any:
        return {**one, **other} if isinstance(one, dict) and isinstance(other, dict) else other

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        chance = self.random.choice((0.15, 0.4, 0.8)) if depth < 4 else 0.1
        needed = schema.get("required", ())
        return {
            name: self.value(each, depth + 1)
            for name, each in schema.get("properties", {}).items()
            if name in needed or self.random.random() < chance
        }

    def _array(self, schema: dict[str, Any], depth: int) -> list[Any]:
        least = schema.get("minItems", 0)
        most = min(schema.get("maxItems", least + 3), least + 3)
        count = self.random.randint(least, max(least, most))
        return [self.value(schema.get("items", True), depth + 1) for _ in range(min(count, 12))]

    def _number(self, schema: dict[str, Any], *, whole: bool) -> Any:
        pick = self.random
        low = schema.get("minimum", schema.get("exclusiveMinimum", 0))
        high = schema.get("maximum", schema.get("exclusiveMaximum", low + 100))
        choice = pick.random()
        if choice < 0.2:
            return low
        if choice < 0.4:
            return high
        if whole:
            return pick.randint(int(low), max(int(low), int(high)))
        step = schema.get("multipleOf")
        if step:
            return float(Decimal(str(step)) * pick.randint(0, max(1, int(Decimal(str(high)) / Decimal(str(step))))))
        return round(pick.uniform(float(low), float(high)), pick.randint(0, 3))

    def _text(self, schema: dict[str, Any]) -> str:
        pattern = schema.get("pattern", "")
        by_format = {"uuid": UUID, "uri": IMAGE, "date": "2026-07-01", "date-time": "2026-07-01T00:00:00Z"}
        if self.random.random() < 0.3:
            return self.random.choice(TEXTS)
        if schema.get("format") in by_format:
            return by_format[schema["format"]]
        if pattern.startswith("^https"):
            return self.random.choice((IMAGE, VIDEO))
        if pattern.startswith("^data:"):
            return "data:image/png;base64,iVBORw0KGgo="
        if "runway:" in pattern:
            return "runway://abcdef"
        if r"\d{4}" in pattern:
            return "2026-07-01"
        return "A red fox runs"[: schema.get("maxLength", 20)]

    def broken(self, value: Any, times: int) -> Any:
        """A copy with so many random changes."""
        value = copy.deepcopy(value)
        for _ in range(times):
            value = self._change(value)
        return value

    def _change(self, value: Any) -> Any:
        pick = self.random
        places = list(everywhere(value))
        path = pick.choice(places)
        if not path:
            return value if pick.random() < 0.9 else pick.choice(KINDS)()
        owner, key = pointers.look_up(value, path[:-1]), path[-1]
        current = owner[key]
        match pick.randrange(12):
            case 0 | 1:
                del owner[key]
            case 2:
                if isinstance(owner, list):
                    owner.insert(int(key), copy.deepcopy(current))
                else:
                    owner[self._misspelt(str(key))] = owner.pop(key)
            case 3:
                owner[key] = pick.choice(KINDS)()
            case 4:
                owner[key] = pick.choice(TEXTS)
            case 5:
                owner[key] = pick.choice((*NUMBERS, *self.limits))
            case 6 if self.limits:
                limit = pick.choice(self.limits)
                owner[key] = pick.choice((limit + 1, limit - 1, limit + 0.5, limit * 2, float(limit), str(limit)))
            case 7 if self.literals:
                owner[key] = copy.deepcopy(pick.choice(self.literals))
            case 8:
                other = pick.choice(places)
                owner[key] = copy.deepcopy(pointers.look_up(value, other)) if len(other) > 1 else current
            case _:
                # A documented property where it may or may not belong: what conditions are about.
                objects = [each for each in places if isinstance(pointers.look_up(value, each), dict)]
                if objects and self.properties:
                    name = pick.choice(sorted(self.properties))
                    inner = self.value(pick.choice(self.properties[name]))
                    pointers.look_up(value, pick.choice(objects))[name] = inner
        return value

    def _misspelt(self, name: str) -> str:
        if len(name) < 2:
            return name + "x"
        at = self.random.randrange(len(name) - 1)
        return self.random.choice(
            (name[:at] + name[at + 1 :], name[:at] + name[at + 1] + name[at] + name[at + 2 :], name.upper(), name + "s")
        )


def everywhere(value: Any, path: pointers.Path = ()) -> Iterator[pointers.Path]:
    """Every place in a value, the root included."""
    yield path
    if isinstance(value, dict):
        for name, each in value.items():
            yield from everywhere(each, (*path, name))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from everywhere(each, (*path, index))


def good_payloads() -> dict[str, Any]:
    """The good job files by name."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in GOOD}
