"""
What stands only in the vendors' sentences, written out by hand: one function a sentence, named after what it asks.

Only what the vendors would refuse; what is merely doubtful is taken, as they take it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeGuard

from tests.contract.simulator.documents import KLING, OVI, RAY, WAN
from tests.contract.simulator.schema import UUID, Path, Problem, is_uri

Rule = Callable[[Any], Iterator[Problem]]


def rule(path: Path, message: str, *others: Path) -> Problem:
    return Problem(path, "rule", {"message": message}, others)


def inside(value: Any, *path: str | int) -> Any:
    """The value at a place, or None."""
    for each in path:
        if isinstance(value, dict):
            value = value.get(each)
        elif isinstance(value, list) and isinstance(each, int) and each < len(value):
            value = value[each]
        else:
            return None
    return value


def items(value: Any, *path: str | int) -> list[tuple[Path, Any]]:
    """The members of an array with their places."""
    found = inside(value, *path)
    return [((*path, place), each) for place, each in enumerate(found)] if isinstance(found, list) else []


def number(value: Any) -> TypeGuard[int | Decimal]:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


# --- media ---


def is_link(value: str) -> bool:
    found = re.match(r"(?i)https?://([^/?#]*)", value)
    return found is not None and bool(found[1]) and is_uri(value)


def is_base64(value: str) -> bool:
    if not re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", value):
        return False
    # Whole bytes need 2, 3 or 4 letters; what is filled up with "=" is filled up to 4.
    return len(value) % 4 == 0 if value.endswith("=") else len(value) % 4 != 1


def image(path: Path, value: Any) -> Iterator[Problem]:
    """Image input (UUID, URL, Data URI, or Base64)."""
    if not isinstance(value, str) or UUID.fullmatch(value) or is_link(value) or is_base64(value):
        return
    if not re.match(r"(?i)data:image/[^,]+,.", value):
        yield rule(path, "An image is given as a UUID, a URL, a data URI of an image, or Base64.")


def recording(path: Path, value: Any) -> Iterator[Problem]:
    """A video or a sound (UUID or URL)."""
    if isinstance(value, str) and not UUID.fullmatch(value) and not is_link(value):
        yield rule(path, "It is given as a UUID or a URL.")


# --- Runware ---


def links(task: Any) -> Iterator[Problem]:
    """Answers are sent by POST, outputs by PUT: both over HTTP."""
    for name in ("webhookURL", "uploadEndpoint"):
        value = inside(task, name)
        if isinstance(value, str) and not is_link(value):
            yield rule((name,), "It must be an HTTP or HTTPS URL.")


def pictures(task: Any) -> Iterator[Problem]:
    for path, each in items(task, "inputs", "referenceImages"):
        yield from image(path, each)
    for path, each in items(task, "inputs", "frameImages"):
        if isinstance(each, dict):
            yield from image((*path, "image"), each.get("image"))
        else:
            yield from image(path, each)
    yield from image(("inputs", "image"), inside(task, "inputs", "image"))


def recordings(task: Any) -> Iterator[Problem]:
    for path, each in items(task, "inputs", "referenceVideos"):
        yield from recording(path, each)
    for name in ("video", "audio"):
        yield from recording(("inputs", name), inside(task, "inputs", name))


def shots_add_up(task: Any) -> Iterator[Problem]:
    """The sum of all segment durations must equal the root-level duration."""
    place = ("providerSettings", "klingai", "multiPrompt")
    given = isinstance(inside(task, *place), list)
    shots = [inside(each, "duration") for _, each in items(task, *place)]
    whole = task.get("duration", 5)
    if given and number(whole) and all(map(number, shots)) and sum(shots) != whole:
        yield rule(place, "The sum of all segment durations must equal the duration.", ("duration",))


def elements_have_names_of_their_own(task: Any) -> Iterator[Problem]:
    seen: list[str] = []
    for path, each in items(task, "inputs", "elements"):
        name = inside(each, "id")
        if isinstance(name, str) and name in seen:
            yield rule((*path, "id"), "Each element needs an identifier of its own.")
        seen.append(name)


def element_videos_stand_alone(task: Any) -> Iterator[Problem]:
    for path, each in items(task, "inputs", "elements"):
        if isinstance(each, dict) and "videos" in each:
            others = [(*path, name) for name in ("images", "voices") if name in each]
            if others:
                yield Problem((*path, "videos"), "together", {}, tuple(others))


def reframes_in_standard_range(task: Any) -> Iterator[Problem]:
    """Reframe is standard dynamic range only; a video that is given a size and no edit is reframed."""
    settings = inside(task, "settings")
    if not isinstance(settings, dict) or settings.get("hdr") is not True:
        return
    if "sourcePosition" in settings:
        yield Problem(("settings", "hdr"), "together", {}, (("settings", "sourcePosition"),))
    elif inside(task, "inputs", "video") is not None and "width" in task and "edit" not in settings:
        yield Problem(("settings", "hdr"), "together", {}, (("inputs", "video"), ("width",)))


def cache_ends_after_it_starts(task: Any) -> Iterator[Problem]:
    options = inside(task, "acceleratorOptions") or {}
    steps = task.get("steps", 30)
    if not isinstance(options, dict):
        return
    start, end = options.get("cacheStartStep"), options.get("cacheEndStep")
    if number(start) and number(end) and not end > start:
        place = ("acceleratorOptions", "cacheEndStep")
        yield rule(place, "It must be greater than cacheStartStep.", ("acceleratorOptions", "cacheStartStep"))
    if number(end) and number(steps) and not end <= steps:
        yield rule(("acceleratorOptions", "cacheEndStep"), "It must be less than or equal to steps.", ("steps",))
    start, end = options.get("cacheStartStepPercentage"), options.get("cacheEndStepPercentage")
    if number(start) and number(end) and not end > start:
        yield rule(
            ("acceleratorOptions", "cacheEndStepPercentage"),
            "It must be greater than cacheStartStepPercentage.",
            ("acceleratorOptions", "cacheStartStepPercentage"),
        )


RUNWARE: dict[str, tuple[Rule, ...]] = {
    KLING: (links, pictures, recordings, shots_add_up, elements_have_names_of_their_own, element_videos_stand_alone),
    RAY: (links, pictures, recordings, reframes_in_standard_range),
    OVI: (links, pictures, cache_ends_after_it_starts),
    WAN: (links, pictures, recordings),
}


def task_ids_are_unique(tasks: list[Any]) -> Iterator[Problem]:
    """UUID v4 identifier ... Must be unique per task."""
    seen: set[str] = set()
    for place, task in enumerate(tasks):
        name = inside(task, "taskUUID")
        if isinstance(name, str):
            if name.lower() in seen:
                yield rule((place, "taskUUID"), "It must be unique per task.")
            seen.add(name.lower())


# --- RunwayML ---


def prompt_of_1000_units(body: Any) -> Iterator[Problem]:
    """A non-empty string up to 1000 characters (measured in UTF-16 code units)."""
    text = inside(body, "promptText")
    if isinstance(text, str) and len(text.encode("utf-16-le", "surrogatepass")) // 2 > 1000:
        yield Problem(("promptText",), "length", {"max": 1000, "broken": "maxLength", "type": "string"})


def frames_at_their_own_places(body: Any) -> Iterator[Problem]:
    model, seen = inside(body, "model"), set()
    for path, each in items(body, "promptImage"):
        position = inside(each, "position")
        if model in ("veo3.1", "veo3.1_fast", "gen3a_turbo") and position in ("first", "last"):
            if position in seen:
                yield rule((*path, "position"), "No two provided images may have the same position.")
            seen.add(position)
    if model in ("veo3.1", "veo3.1_fast") and seen == {"last"}:
        yield rule(("promptImage",), "This model does not support generating with only a last frame.")


def one_reference(body: Any) -> Iterator[Problem]:
    references = inside(body, "references")
    if isinstance(references, list) and len(references) > 1:
        yield Problem(("references",), "count", {"max": 1, "broken": "maxItems", "type": "array"})


LINKS: dict[str, tuple[Path, ...]] = {
    "image_to_video": (("promptImage",), ("promptImage", "*", "uri")),
    "video_to_video": (("videoUri",), ("references", "*", "uri")),
    "text_to_image": (("referenceImages", "*", "uri"),),
    "character_performance": (("character", "uri"), ("reference", "uri")),
    "speech_to_speech": (("media", "uri"),),
    "voice_dubbing": (("audioUri",),),
    "voice_isolation": (("audioUri",),),
}


def https_links(body: Any, *places: Path) -> Iterator[Problem]:
    """A HTTPS URL, with a host and without blanks."""
    for place in places:
        found = [(place, inside(body, *place))]
        if "*" in place:
            found = [((*path, "uri"), inside(each, "uri")) for path, each in items(body, place[0])]
        for path, value in found:
            if (
                isinstance(value, str)
                and value.startswith("https:")
                and (re.search(r"\s", value) or not is_link(value))
            ):
                yield rule(path, "Invalid URL")


def usage_of_90_days(body: Any, today: date) -> Iterator[Problem]:
    """Up to 90 days of data can be queried at a time."""

    def day(name: str, default: date) -> date | None:
        text = inside(body, name)
        try:
            return default if text is None else date.fromisoformat(text)
        except (TypeError, ValueError):
            return None

    start = day("startDate", today - timedelta(days=30))
    end = day("beforeDate", (start or today) + timedelta(days=30))
    if start and end and (end - start).days > 90:
        yield rule(("beforeDate",), "Must be less than or equal to 90 days after the start date.", ("startDate",))


MEDIA = frozenset(
    (
        *("apng", "avif", "bmp", "gif", "heic", "heif", "jfif", "jpeg", "jpg", "png", "svg", "tif", "tiff", "webp"),
        *(
            "3g2",
            "3gp",
            "avi",
            "flv",
            "m2ts",
            "m4v",
            "mkv",
            "mov",
            "mp4",
            "mpeg",
            "mpg",
            "mts",
            "mxf",
            "ogv",
            "ts",
            "webm",
        ),
        *("wmv", "aac", "aif", "aiff", "amr", "flac", "m4a", "mka", "mp3", "mpga", "oga", "ogg", "opus", "wav", "wave"),
        *("weba", "wma"),
    )
)


def filename_of_a_medium(body: Any) -> Iterator[Problem]:
    """Must have a valid extension and be a supported media type (image, video, or audio)."""
    name = inside(body, "filename")
    if isinstance(name, str) and name.rpartition(".")[2].lower() not in (MEDIA if "." in name else ()):
        yield rule(("filename",), "Must have a valid extension and be a supported media type.")


LONG_PROMPTS = ("image_to_video", "text_to_video", "video_to_video", "text_to_image", "text_to_speech")


def runwayml(path: str, body: Any, today: date) -> Iterator[Problem]:
    """What the sentences of an operation refuse."""
    operation = path.removeprefix("/v1/")
    if operation in LONG_PROMPTS:
        yield from prompt_of_1000_units(body)
    if operation == "image_to_video":
        yield from frames_at_their_own_places(body)
    if operation == "video_to_video":
        yield from one_reference(body)
    if operation == "organization/usage":
        yield from usage_of_90_days(body, today)
    if operation == "uploads":
        yield from filename_of_a_medium(body)
    yield from https_links(body, *LINKS.get(operation, ()))
