"""Sentences, in many turns of phrase: what they are about, and what is wrong. None of them is known by heart."""

from typing import Any

import pytest

from preroll.refusals import read, wording

TASK = {
    "taskType": "videoInference", "taskUUID": "7f1a0c52-6f1b-4a30-9d0c-0f6a3c2e9b11", "model": "m:x@1", "width": 1001,
    "height": 720, "duration": 5, "positivePrompt": "x", "fps": 24, "outputFormat": "mp4",
    "inputs": {"frameImages": [{"image": "a"}]},
}  # fmt: skip
SIZE, FRAMES = ["/width", "/height"], "/inputs/frameImages"
SIZES = {"sizes": ((1280, 720), (720, 1280))}

SENTENCES: list[tuple[str, str, list[str], dict[str, Any]]] = [
    ("width and height must be multiples of 64", "multiple-of", SIZE, {"multiple": 64}),
    ("The model 'm:x@1' was not found", "enum", ["/model"], {}),
    ("Parameter 'fps' is only supported with 'inputs.video'.", "", ["/fps"], {}),
    ("'positivePrompt' must be between 2 and 99 characters.", "min-length", ["/positivePrompt"], {"max_length": 99}),
    ("Parameter 'seed' is required when 'fps' is provided.", "required", ["/seed"], {}),
    ("Missing required parameter: 'inputs.video'", "required", ["/inputs/video"], {}),
    ("Either inputs.video or seed must be provided", "required", ["/inputs/video", "/seed"], {}),
    ("Only one of 'duration' or 'fps' can be specified.", "not-together", ["/duration", "/fps"], {}),
    ("'duration' and 'fps' are mutually exclusive", "not-together", ["/duration", "/fps"], {}),
    ("You may give duration or fps, but not both", "not-together", ["/duration", "/fps"], {}),
    ("Invalid type for parameter 'fps': expected string, got integer", "type", ["/fps"], {"expected": ("string",)}),
    ("fps must be a string", "type", ["/fps"], {"expected": ("string",)}),
    ("Duration 5 is not supported. Supported: 4, 6, 8 seconds", "enum", ["/duration"], {"allowed": (4, 6, 8)}),
    ("Duration must be 4, 6, or 8 seconds", "enum", ["/duration"], {"allowed": (4, 6, 8)}),
    ("Invalid 'outputFormat'. Must be one of: MP4, WEBM.", "enum", ["/outputFormat"], {"allowed": ("MP4", "WEBM")}),
    ("'outputFormat' should be `MP4`. Accepted values: `MP4`", "enum", ["/outputFormat"], {"allowed": ("MP4",)}),
    ("width/height parameters: supported sizes are 1280x720 and 720x1280.", "unlisted-combination", SIZE, SIZES),
    ("Unsupported dimensions. Supported: 1280x720 (16:9), 720x1280 (9:16).", "unlisted-combination", SIZE, SIZES),
    ("frameImages requires exactly 2 images", "min-items", [FRAMES], {"min_items": 2, "max_items": 2}),
    ("'inputs.frameImages' must have at least 2 items", "min-items", [FRAMES], {"min_items": 2}),
    ("The value for 'fps' is too high (max: 16)", "maximum", ["/fps"], {"maximum": 16}),
    ("fps must not exceed 16", "maximum", ["/fps"], {"maximum": 16}),
    ("fps must be less than 16", "exclusive-maximum", ["/fps"], {"exclusive_maximum": 16}),
    ("fps must be less than or equal to 16", "maximum", ["/fps"], {"maximum": 16}),
    ("fps must be greater than 60", "exclusive-minimum", ["/fps"], {"exclusive_minimum": 60}),
    ("fps must be >= 60", "minimum", ["/fps"], {"minimum": 60}),
    ("fps should be in the range [30, 60]", "minimum", ["/fps"], {"minimum": 30, "maximum": 60}),
    ("The provided duration exceeds the maximum of 4 seconds", "maximum", ["/duration"], {"maximum": 4}),
    ("Unknown parameter 'fps'", "unexpected", ["/fps"], {}),
    ("'fps' is not a valid parameter for this model", "unexpected", ["/fps"], {}),
    ("Unsupported parameter(s): fps, duration", "unexpected", ["/fps", "/duration"], {}),
    ('Unrecognized keys: "fps", "duration"', "unexpected", ["/fps", "/duration"], {}),
    ("frameImages[0].image is not a valid URL", "format", [f"{FRAMES}/0/image"], {}),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "kind", "places", "facts"), SENTENCES, ids=[each[0][:40] for each in SENTENCES])
def test_a_sentence_alone_says_what_and_where(sentence, kind, places, facts):
    [complaint] = read({"errors": [{"code": "x", "message": sentence}]}, payload=TASK).complaints
    assert (complaint.kind, list(complaint.pointers)) == (kind, places)
    assert {each: complaint.facts.get(each) for each in facts} == facts


SILENT = [
    "Invalid input",
    "Validation of body failed",
    "Please contact support for the selected model.",
    "The image is not to our taste, and nobody is allowed to say why: it is so.",
    "",
    "must",
    "'",
    "allowed values are:",
]


@pytest.mark.parametrize("sentence", SILENT)
def test_what_a_sentence_does_not_say_is_not_guessed(sentence):
    said = wording.read(sentence)
    assert (said.kind, dict(said.facts), said.quoted) == ("", {}, frozenset())


LISTS = [
    # after "allowed values are"         the texts
    ("'a', 'b', 'c'.",                   ("a", "b", "c")),
    ("'a' or 'b' and more",              ("a", "b")),
    ('"a"|"b"',                      ("a", "b")),
    ("[1, 2.5, 3]",                      ("1", "2.5", "3")),
    ("(a|b)",                            ("a", "b")),
    ("5 and 10.",                        ("5", "10")),
    ("5, 10 seconds",                    ("5", "10")),
    ("16:9 (wide), 9:16 (tall)",         ("16:9", "9:16")),
    ("'it is', 'so'",                    ("it is", "so")),
    ("described in the documentation",   ()),
    ("",                                 ()),
]  # fmt: skip


@pytest.mark.parametrize(("written", "texts"), LISTS)
def test_a_list_is_taken_apart(written, texts):
    assert wording.items(written) == texts


SIZED = [
    ("1280x720", (1280, 720)), ("1280*720", (1280, 720)), ("1280 × 720", (1280, 720)), ("1280:720", (1280, 720)),
    ("1280", None), ("x", None), (1280, None), (None, None),
]  # fmt: skip


@pytest.mark.parametrize(("written", "size"), SIZED)
def test_a_size_is_two_numbers(written, size):
    assert wording.size(written) == size


NUMBERS = [
    (5, 5),
    ("5", 5),
    ("'5'", 5),
    ("1,024", 1024),
    ("2.50", 2.5),
    (True, None),
    ("five", None),
    ("nan", None),
    (None, None),
]


@pytest.mark.parametrize(("written", "number"), NUMBERS)
def test_a_number_may_be_a_text(written, number):
    assert wording.number(written) == number
