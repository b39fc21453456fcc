"""
The documents as the simulated services understand them.

`published` is what the vendors published, unchanged. `intended` mends by hand what a document contradicts itself in:
one function a defect, written from the vendors' prose and not from the corrections of the product, so that a slip in a
correction shows as a disagreement.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).resolve().parents[3] / "schemas"

INTENDED, PUBLISHED = "intended", "published"
VIEWS = (INTENDED, PUBLISHED)

KLING, RAY, OVI, WAN = "klingai:kling-video@o3-pro", "luma:ray@3.2", "runware:190@1", "alibaba:wan@2.7"
FILES = {
    KLING: "klingai-kling-video-o3-pro.openapi.json",
    RAY: "luma-ray-3.2.openapi.json",
    OVI: "ovi.openapi.json",
    WAN: "alibaba-wan-2.7.openapi.json",
}

Schema = dict[str, Any]


def sizes_only_where_given(task: Schema) -> None:
    """A size that is given is one of the list; without one, nothing is said of it (Kling, Wan)."""
    for place, condition in enumerate(task["allOf"]):
        if "oneOf" in condition and "width" in condition["oneOf"][0]["properties"]:
            either = {"anyOf": [{"required": ["width"]}, {"required": ["height"]}]}
            task["allOf"][place] = {"if": either, "then": {"oneOf": condition["oneOf"]}}


def video_brings_its_size(task: Schema) -> None:
    """A size is demanded of what has neither frames nor a video to take it from (Kling)."""
    for condition in task["allOf"]:
        if condition.get("else", {}).get("required") == ["width", "height"]:
            video = {"properties": {"inputs": {"required": ["video"]}}, "required": ["inputs"]}
            condition["else"] = {"anyOf": [video, {"required": ["width", "height"]}]}


def settings_that_say_nothing(task: Schema) -> None:
    """What `klingai` must hold is only held by settings that have a `klingai` at all (Kling)."""

    def visit(node: Any) -> None:
        if isinstance(node, dict):
            settings = node.get("properties", {})
            settings = settings.get("providerSettings") if isinstance(settings, dict) else None
            if isinstance(settings, dict) and "type" not in settings and "klingai" in settings["properties"]:
                settings["required"] = ["klingai"]
        for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            visit(each)

    visit(task["allOf"])


def layer_may_be_null(task: Schema) -> None:
    """The skip layer is set to null to disable it (Ovi)."""
    layer = task["properties"]["advancedFeatures"]["properties"]["slgLayer"]
    layer["type"] = ["integer", "null"]


def one_frame_a_second(task: Schema) -> None:
    """No video runs at 0 or fewer frames a second (Ovi)."""
    task["properties"]["fps"]["minimum"] = 1


def seed_of_64_bits(task: Schema) -> None:
    """The greatest seed is the greatest signed integer of 64 bits, which a float cannot write (Ovi)."""
    task["properties"]["seed"]["maximum"] = 2**63 - 1


def image_is_optional(task: Schema) -> None:
    """The model works from text alone, too (Ovi)."""
    task["required"] = [each for each in task["required"] if each != "inputs"]


Mend = Callable[[Schema], None]

MENDED: dict[str, tuple[Mend, ...]] = {
    KLING: (sizes_only_where_given, video_brings_its_size, settings_that_say_nothing),
    RAY: (),
    OVI: (layer_may_be_null, one_frame_a_second, seed_of_64_bits, image_is_optional),
    WAN: (sizes_only_where_given,),
}


@cache
def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@cache
def mended(model: str, chosen: tuple[Mend, ...]) -> Schema:
    """The schema of one task of a model, with some of its defects mended."""
    task: Schema = copy.deepcopy(
        _read(SCHEMAS / "runware" / FILES[model])["components"]["schemas"]["RequestBody"]["items"]
    )
    for mend in chosen:
        mend(task)
    return task


@cache
def runware(model: str, view: str) -> tuple[Schema, Schema]:
    """The schemas of one task of a model and of the authentication task."""
    authentication = _read(SCHEMAS / "runware" / FILES[model])["components"]["schemas"]["AuthenticationTask"]
    return mended(model, MENDED[model] if view == INTENDED else ()), authentication


@cache
def runwayml() -> dict[tuple[str, str], Schema | None]:
    """The body's schema, or None, by method and path."""
    document = _read(SCHEMAS / "runwayml" / "2024-11-06.openapi.json")
    return {
        (method.upper(), path): operation.get("requestBody", {})
        .get("content", {})
        .get("application/json", {})
        .get("schema")
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }


VERSION = "2024-11-06"
